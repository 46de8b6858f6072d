//! How studies are pooled, and whose defaults are in force.

choices! {
    /// How studies are pooled.
    Model = "pooling model" {
        /// Weights from the sampling variances.
        InverseVariance = "inverse-variance" ["iv"], "inverse-variance random-effects", "dersimonian1986";
        /// Binomial-normal or Poisson-normal mixed model.
        Glmm = "glmm", "generalised linear mixed", "stijnen2010";
        /// Risks with a beta distribution.
        BetaBinomial = "beta-binomial", "beta-binomial", "kuss2015";
        /// One effect for all studies, by the exact distribution of counts.
        Exact = "exact", "exact common-effect", "clopper1934";
        /// Weighted sums of counts in two groups.
        MantelHaenszel = "mantel-haenszel" ["mh"], "Mantel-Haenszel common-effect", "mantel1959";
        /// Observed minus expected events.
        Peto = "peto", "Peto common-effect", "yusuf1985";
    }
}

choices! {
    /// The mixed model of two groups.
    GlmmModel = "mixed model of two groups" {
        /// A free baseline risk in every study.
        FixedStudies = "UM.FS", "unconditional, fixed study effects", "jackson2018";
        /// Normally distributed baseline risks.
        RandomStudies = "UM.RS", "unconditional, random study effects", "jackson2018";
        /// All margins held: non-central hypergeometric.
        ConditionalExact = "CM.EL", "conditional, exact likelihood", "jackson2018";
        /// Events of both groups held: binomial.
        ConditionalApproximate = "CM.AL", "conditional, approximate likelihood", "jackson2018";
    }
}

choices! {
    /// The software whose defaults are in force.
    Profile = "profile" {
        /// Our own.
        Metapool = "metapool", "metapool: REML, Hartung-Knapp never narrower than Wald, prediction interval", "";
        /// R package metafor.
        Metafor = "metafor", "metafor: REML, Wald, normal prediction interval", "viechtbauer2010";
        /// R package meta.
        Meta = "meta", "meta: REML, Wald, no prediction interval", "balduzzi2019";
        /// Cochrane's RevMan.
        RevMan = "revman", "RevMan: REML, Hartung-Knapp, no prediction interval", "";
    }
}

#[allow(clippy::derivable_impls, reason = "the macro makes the enum")]
impl Default for Profile {
    fn default() -> Self {
        Self::Metapool
    }
}
