//! Intervals of the effect: of its mean, of a new study, robust to dependence.

use crate::registry::Member;

choices! {
    /// The confidence interval of the pooled effect.
    Interval = "confidence interval" {
        /// Hartung–Knapp–Sidik–Jonkman.
        HartungKnapp = "hksj" ["knha", "hk", "hartung-knapp"], "Hartung-Knapp-Sidik-Jonkman", "hartung2001";
        /// Hartung–Knapp, never narrower than Wald's standard error.
        HartungKnappAdHoc = "hksj-adhoc" ["adhoc"], "Hartung-Knapp-Sidik-Jonkman, never narrower than Wald", "rover2015";
        /// Normal quantile.
        Wald = "wald" ["z", "normal", "classic"], "Wald (normal)", "dersimonian1986";
        /// t quantile with k − 1 degrees of freedom.
        T = "t", "t with k − 1 degrees of freedom", "follmann1999";
        /// Kenward–Roger.
        KenwardRoger = "kr" ["kenward-roger"], "Kenward-Roger", "partlett2017";
        /// Profile likelihood.
        Profile = "profile" ["pl"], "profile likelihood", "hardy1996";
        /// From the exact distribution of counts.
        Exact = "exact", "exact", "mehta1985";
        /// The same, counting half of the observed table.
        MidP = "mid-p" ["midp"], "mid-p", "mehta1985";
    }
}

impl Interval {
    /// Its title where p coefficients are estimated instead of one mean.
    pub fn title_in_regression(self) -> &'static str {
        match self {
            Self::T => "t with k − p degrees of freedom",
            other => other.title(),
        }
    }
}

choices! {
    /// The prediction interval.
    PredictionInterval = "prediction interval" {
        /// t with k − 1 degrees of freedom, Hartung–Knapp SE.
        HartungKnapp = "hksj", "t (k − 1), Hartung-Knapp SE", "inthout2016";
        /// The same, SE never below Wald's.
        HartungKnappAdHoc = "hksj-adhoc", "t (k − 1), Hartung-Knapp SE never below Wald's", "rover2015";
        /// t with k − 1 degrees of freedom, Wald SE.
        T = "t", "t (k − 1)", "higgins2009";
        /// t with k − 2 degrees of freedom, Wald SE.
        Higgins = "hts", "Higgins-Thompson-Spiegelhalter, t (k − 2)", "higgins2009";
        /// Normal, Wald SE.
        Normal = "normal", "normal", "riley2011";
        /// t with k − 2 degrees of freedom, Hartung–Knapp SE.
        HartungKnappPartlett = "hksj-pr", "t (k − 2), Hartung-Knapp SE", "partlett2017";
        /// Kenward–Roger.
        KenwardRoger = "kr", "Kenward-Roger", "partlett2017";
        /// Kenward–Roger, one degree of freedom fewer.
        KenwardRogerPartlett = "kr-pr", "Kenward-Roger, one degree of freedom fewer", "partlett2017";
    }
}

impl PredictionInterval {
    /// The interval that goes with a confidence interval.
    pub fn partner(ci: Interval) -> Self {
        match ci {
            Interval::HartungKnapp => Self::HartungKnapp,
            Interval::HartungKnappAdHoc => Self::HartungKnappAdHoc,
            Interval::Wald | Interval::T | Interval::Profile | Interval::Exact | Interval::MidP => Self::T,
            Interval::KenwardRoger => Self::KenwardRoger,
        }
    }
}

choices! {
    /// A cluster-robust variance.
    Robust = "cluster-robust variance" {
        /// Adjusted so that it is unbiased under the working model.
        Cr2 = "CR2", "cluster-robust CR2, Satterthwaite degrees of freedom", "pustejovsky2018";
        /// Times m/(m − 1).
        Cr1 = "CR1", "cluster-robust CR1, degrees of freedom: clusters less coefficients", "pustejovsky2018";
        /// As it is.
        Cr0 = "CR0", "cluster-robust CR0, degrees of freedom: clusters less coefficients", "pustejovsky2018";
    }
}
