//! Small-study effects and selective publication: tests, and estimates that allow for them.

choices! {
    /// A test of small-study effects, or an estimate that allows for them.
    BiasTest = "test of bias" {
        /// Egger's regression.
        Egger = "egger", "Egger's regression of effects on standard errors", "egger1997";
        /// Begg and Mazumdar's rank correlation.
        Begg = "begg", "Begg and Mazumdar's rank correlation of effects and variances", "begg1994";
        /// Thompson and Sharp's regression.
        Thompson = "thompson", "Thompson and Sharp's regression with between-study variance", "thompson1999";
        /// Harbord's regression of scores.
        Harbord = "harbord", "Harbord's regression of efficient scores", "harbord2006";
        /// Peters's regression.
        Peters = "peters", "Peters's regression on the inverse of the sample size", "peters2006";
        /// Macaskill's regression.
        Macaskill = "macaskill", "Macaskill's regression on the sample size", "macaskill2001";
        /// Schwarzer's rank correlation.
        Schwarzer = "schwarzer", "Schwarzer's rank correlation of counts", "schwarzer2007";
        /// Deeks's regression.
        Deeks = "deeks", "Deeks's regression on the effective sample size", "deeks2005";
        /// Rücker's regression.
        Ruecker = "ruecker", "Rücker's regression of arcsine differences", "rucker2008";
        /// Pustejovsky and Rodgers's regression.
        Pustejovsky = "pustejovsky", "Pustejovsky and Rodgers's regression of standardised differences", "pustejovsky2019";
        /// Trim and fill.
        TrimFill = "trimfill", "Trim and fill", "duval2000";
        /// Fail-safe number.
        FailSafe = "failsafe", "Fail-safe number", "rosenthal1979";
        /// Precision-effect test.
        Pet = "pet", "PET: the line of effects on standard errors at zero", "stanley2014";
        /// Precision-effect estimate with standard error.
        Peese = "peese", "PEESE: the line of effects on variances at zero", "stanley2014";
        /// One of both.
        PetPeese = "pet-peese", "PET-PEESE: PEESE where PET finds an effect, else PET", "stanley2014";
        /// Henmi and Copas.
        HenmiCopas = "henmi-copas", "Henmi and Copas's interval, which small studies move little", "henmi2010";
        /// Excess significance.
        ExcessSignificance = "excess-significance", "Test of excess significance", "ioannidis2007";
        /// Selection model.
        Selection = "selection", "Selection model: publication by p-value", "vevea1995";
        /// Limit meta-analysis.
        Limit = "limit", "Limit meta-analysis: an infinitely precise study", "rucker2011";
        /// p-curve.
        PCurve = "p-curve", "p-curve of significant results", "simonsohn2014";
        /// p-uniform*.
        PUniform = "p-uniform", "p-uniform*: significant and other results, each by its likelihood", "vanaert2018";
    }
}

impl BiasTest {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Egger => "Egger",
            Self::Begg => "Begg and Mazumdar",
            Self::Thompson => "Thompson and Sharp",
            Self::Harbord => "Harbord",
            Self::Peters => "Peters",
            Self::Macaskill => "Macaskill",
            Self::Schwarzer => "Schwarzer",
            Self::Deeks => "Deeks",
            Self::Ruecker => "Rücker",
            Self::Pustejovsky => "Pustejovsky and Rodgers",
            Self::TrimFill => "Trim and fill",
            Self::FailSafe => "Fail-safe number",
            Self::Pet => "PET",
            Self::Peese => "PEESE",
            Self::PetPeese => "PET-PEESE",
            Self::HenmiCopas => "Henmi and Copas",
            Self::ExcessSignificance => "Excess significance",
            Self::Selection => "Selection model",
            Self::Limit => "Limit meta-analysis",
            Self::PCurve => "p-curve",
            Self::PUniform => "p-uniform*",
        }
    }

    /// Whether it looks for asymmetry, which needs ten studies to show; else any number will do.
    pub fn is_of_asymmetry(self) -> bool {
        !matches!(
            self,
            Self::FailSafe | Self::HenmiCopas | Self::ExcessSignificance | Self::PCurve | Self::PUniform
        )
    }
}

choices! {
    /// What Egger's line runs along.
    Predictor = "predictor" {
        /// Standard error.
        StandardError = "sei", "standard error", "sterne2005";
        /// Sampling variance.
        Variance = "vi", "sampling variance", "sterne2005";
        /// Sample size.
        Size = "ni", "sample size", "sterne2005";
        /// Its inverse.
        InverseSize = "ninv", "inverse of the sample size", "sterne2005";
        /// Its root.
        RootSize = "sqrtni", "root of the sample size", "sterne2005";
        /// The inverse of its root.
        InverseRootSize = "sqrtninv", "inverse of the root of the sample size", "sterne2005";
    }
}

choices! {
    /// A fail-safe number.
    FailSafe = "fail-safe number" {
        /// Rosenthal's.
        Rosenthal = "Rosenthal", "until the sum of z is no longer significant", "rosenthal1979";
        /// Orwin's.
        Orwin = "Orwin", "until the mean effect is down to a target", "orwin1983";
        /// Rosenberg's.
        Rosenberg = "Rosenberg", "until the common effect is no longer significant", "rosenberg2005";
    }
}

choices! {
    /// The distribution of the number of significant studies.
    Excess = "test of excess significance" {
        /// χ².
        ChiSquared = "chi2", "χ² with one degree of freedom", "ioannidis2007";
        /// Binomial.
        Binomial = "binomial", "binomial with the average power", "ioannidis2007";
        /// Exact.
        Exact = "exact", "exact, each study with its own power", "ioannidis2007";
    }
}

choices! {
    /// How the number of missing studies is estimated.
    Estimator = "estimator of missing studies" {
        /// L₀.
        L0 = "L0", "linear, from the sum of ranks", "duval2000";
        /// R₀.
        R0 = "R0", "from the run of the largest ranks", "duval2000";
        /// Q₀.
        Q0 = "Q0", "quadratic, from the sum of ranks", "duval2000";
    }
}

choices! {
    /// How the probability of publication depends on the p-value.
    SelectionModel = "selection model" {
        /// Steps.
        StepFunction = "stepfun", "step function of p", "vevea1995";
        /// Beta.
        Beta = "beta", "beta", "citkowicz2017";
        /// Half-normal.
        HalfNormal = "halfnorm", "half-normal", "preston2004";
        /// Negative exponential.
        NegativeExponential = "negexp", "negative exponential", "preston2004";
        /// Logistic.
        Logistic = "logistic", "logistic", "preston2004";
        /// Power.
        Power = "power", "power", "preston2004";
    }
}

choices! {
    /// How effects spread about Egger's line.
    RegressionModel = "model of Egger's line" {
        /// Weighted least squares with a multiplicative variance: the test of 1997.
        Lm = "lm", "weighted least squares with a multiplicative variance", "egger1997";
        /// Meta-regression with τ².
        Rma = "rma", "meta-regression with τ²", "thompson1999";
    }
}

choices! {
    /// Side of the p-values.
    Alternative = "side of the p-values" {
        /// Small p for large effects.
        Greater = "greater", "small p for large effects", "";
        /// Small p for low effects.
        Less = "less", "small p for low effects", "";
        /// Both.
        TwoSided = "two.sided" ["two-sided"], "small p for effects on either side", "";
    }
}

choices! {
    /// Where trim and fill misses studies.
    Side = "side" {
        /// Studies with low effects are missing.
        Left = "left", "studies with low effects are missing", "";
        /// Studies with large effects are missing.
        Right = "right", "studies with large effects are missing", "";
    }
}
