//! The between-study variance: its estimators and its intervals.

choices! {
    /// An estimator of τ².
    Tau2 = "τ² estimator" {
        /// Restricted maximum likelihood.
        Reml = "REML" ["restricted-maximum-likelihood"], "REML", "viechtbauer2005";
        /// Method of moments with inverse-variance weights.
        DerSimonianLaird = "DL" ["DerSimonian-Laird"], "DerSimonian-Laird", "dersimonian1986";
        /// Q(τ²) = k − 1.
        PauleMandel = "PM" ["Paule-Mandel", "MP"], "Paule-Mandel", "paule1982";
        /// Maximum likelihood.
        MaximumLikelihood = "ML" ["maximum-likelihood"], "maximum likelihood", "hardy1996";
        /// Empirical Bayes.
        EmpiricalBayes = "EB" ["empirical-bayes"], "empirical Bayes", "morris1983";
        /// Sidik and Jonkman.
        SidikJonkman = "SJ" ["Sidik-Jonkman"], "Sidik-Jonkman", "sidik2005";
        /// Hedges.
        Hedges = "HE" ["CA", "VC"], "Hedges", "hedges1985";
        /// Hunter and Schmidt.
        HunterSchmidt = "HS" ["Hunter-Schmidt"], "Hunter-Schmidt", "hunter2004";
        /// Hunter and Schmidt with small-sample correction.
        HunterSchmidtCorrected = "HSk", "Hunter-Schmidt, corrected for few studies", "brannick2019";
        /// Median-unbiased Paule–Mandel.
        PauleMandelMedian = "PMM", "Paule-Mandel, median-unbiased", "viechtbauer2021";
        /// Iterated DerSimonian–Laird.
        DerSimonianLairdIterated = "DLIT", "DerSimonian-Laird, iterated", "dersimonian2007";
        /// Iterated Sidik–Jonkman.
        SidikJonkmanIterated = "SJIT", "Sidik-Jonkman, iterated", "sidik2005";
        /// No between-study variance.
        EqualEffects = "EE" ["FE", "CE"], "none (equal effects)", "hedges1985";
    }
}

choices! {
    /// The confidence interval of τ².
    Tau2Interval = "interval for τ²" {
        /// Q-profile.
        QProfile = "QP" ["q-profile"], "Q-profile", "viechtbauer2007";
        /// Profile likelihood.
        ProfileLikelihood = "PL" ["profile-likelihood"], "profile likelihood", "hardy1996";
    }
}

impl Tau2Interval {
    /// Whether it is defined for an estimator.
    pub fn suits(self, estimator: Tau2) -> bool {
        self == Self::QProfile || matches!(estimator, Tau2::Reml | Tau2::MaximumLikelihood)
    }
}
