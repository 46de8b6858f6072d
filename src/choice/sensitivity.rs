//! What may be asked of a result: how much it owes to single studies and to choices.

choices! {
    /// A sensitivity analysis.
    Analysis = "sensitivity analysis" {
        /// Every study left out in turn.
        LeaveOneOut = "leave-one-out" ["loo", "leave1out"], "every study (or cluster) left out in turn", "viechtbauer2010";
        /// Studies added one by one.
        Cumulative = "cumulative" ["cumul"], "studies added one by one, in the order of a column", "lau1992";
        /// Influence diagnostics.
        Influence = "influence", "residuals, leverage and what each study does to the fit", "viechtbauer2010b";
        /// Coordinates of the Baujat plot.
        Baujat = "baujat", "contribution to heterogeneity against influence on the estimate", "baujat2002";
        /// Best linear unbiased predictions.
        Blup = "blup" ["shrinkage"], "study effects drawn towards the mean", "raudenbush1985";
        /// All subsets.
        Gosh = "gosh", "all subsets of the studies, or a sample of them", "olkin2012";
        /// Outliers by heterogeneity.
        Outliers = "outliers", "studies left out until heterogeneity is low", "patsopoulos2008";
        /// The conclusion under every defensible choice.
        Stability = "stability" ["multiverse"], "the conclusion under every defensible choice", "steegen2016";
        /// Profile likelihood of τ².
        Profile = "profile", "the likelihood of τ²", "viechtbauer2007";
    }
}
