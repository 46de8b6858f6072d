//! The effect measures: what a definition holds, and the registry of all of them.

use super::{
    Compute, Contribution, Scale, Variance, association, biserial, change, correlation, mean,
    mean_difference, pairs, proportion, rate, ratio_of_means, ready, reliability, two_by_two, two_rates,
};
use crate::dataset::{Shape, plain_name};

/// The definition of a [`Measure`].
#[derive(Debug)]
pub struct MeasureSpec {
    /// The field's code.
    pub id: &'static str,
    /// Other codes for the same.
    pub aliases: &'static [&'static str],
    /// Name in reports.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// The formula in one line.
    pub formula: &'static str,
    /// The word above a column of estimates.
    pub label: &'static str,
    /// The scale it is analysed on.
    pub scale: Scale,
    /// No effect, on the analysis scale; `None` where there is no such value.
    pub null: Option<f64>,
    /// Variance formulas; the first is the default.
    pub variances: &'static [Variance],
    /// What the averages are made of, for measures with [`Variance::AV`].
    pub average: Option<Contribution>,
    /// The correction for small samples that the estimate holds unless it is left out, in words.
    pub correction: Option<&'static str>,
    /// Input and formula.
    pub compute: Compute,
}

/// What the correction of a measure is, for [`MeasureSpec::correction`].
pub(super) const HEDGES: Option<&str> = Some("Hedges' small-sample correction");
pub(super) const SMALL_SAMPLE: Option<&str> = Some("the small-sample correction of the logarithms");
pub(super) const SECOND_ORDER: Option<&str> = Some("the second-order correction of the log ratios");

/// A definition with a correction that may be left out.
pub(super) const fn corrected(correction: Option<&'static str>, spec: MeasureSpec) -> MeasureSpec {
    MeasureSpec { correction, ..spec }
}

/// The parts of a definition that most measures share.
#[allow(clippy::too_many_arguments, reason = "a definition reads as one row of a table")]
pub(super) const fn plain(
    id: &'static str,
    title: &'static str,
    label: &'static str,
    scale: Scale,
    null: Option<f64>,
    formula: &'static str,
    reference: &'static str,
    compute: Compute,
) -> MeasureSpec {
    const LS: &[Variance] = &[Variance::LS];
    MeasureSpec {
        id,
        aliases: &[],
        title,
        reference,
        formula,
        label,
        scale,
        null,
        variances: LS,
        average: None,
        correction: None,
        compute,
    }
}

registry! {
    /// How the data of a study become one number.
    Measure(MeasureSpec) = "effect measure" {
        /// Ratio of risks.
        RiskRatio => two_by_two::RR,
        /// Ratio of odds.
        OddsRatio => two_by_two::OR,
        /// Difference of risks.
        RiskDifference => two_by_two::RD,
        /// Difference of arcsine-transformed risks.
        ArcsineDifference => two_by_two::AS,
        /// Peto's odds ratio.
        Peto => two_by_two::PETO,
        /// Phi coefficient.
        Phi => association::PHI,
        /// Fisher's z of the phi coefficient.
        PhiZ => association::ZPHI,
        /// Yule's Q.
        YuleQ => association::YUQ,
        /// Yule's Y.
        YuleY => association::YUY,
        /// Tetrachoric correlation.
        Tetrachoric => association::RTET,
        /// Fisher's z of the tetrachoric correlation.
        TetrachoricZ => association::ZTET,
        /// Difference of probits.
        ProbitDifference => association::PBIT,
        /// Odds ratio as a standardised mean difference, normal.
        OddsToDNormal => association::OR2DN,
        /// Odds ratio as a standardised mean difference, logistic.
        OddsToDLogistic => association::OR2DL,
        /// Matched pairs: risk difference.
        PairsDifference => pairs::MPRD,
        /// Matched pairs: risk ratio.
        PairsRiskRatio => pairs::MPRR,
        /// Matched pairs: odds ratio.
        PairsOddsRatio => pairs::MPOR,
        /// Matched pairs: Peto's odds ratio.
        PairsPeto => pairs::MPPETO,
        /// Ratio of incidence rates.
        RateRatio => two_rates::IRR,
        /// Difference of incidence rates.
        RateDifference => two_rates::IRD,
        /// Difference of square roots of incidence rates.
        RateRootDifference => two_rates::IRSD,
        /// Difference of means.
        MeanDifference => mean_difference::MD,
        /// Hedges' g.
        StandardisedDifference => mean_difference::SMD,
        /// Standardised difference with unequal variances.
        StandardisedHetero => mean_difference::SMDH,
        /// Standardised by the second group.
        StandardisedSecond => mean_difference::SMD1,
        /// Standardised by the second group, unequal variances.
        StandardisedSecondHetero => mean_difference::SMD1H,
        /// Ratio of means.
        RatioOfMeans => ratio_of_means::ROM,
        /// Ratio of standard deviations.
        VariabilityRatio => ratio_of_means::VR,
        /// Ratio of coefficients of variation.
        VariationRatio => ratio_of_means::CVR,
        /// Point-biserial correlation.
        PointBiserial => biserial::RPB,
        /// Fisher's z of the point-biserial correlation.
        PointBiserialZ => biserial::ZPB,
        /// Biserial correlation.
        Biserial => biserial::RBIS,
        /// Fisher's z of the biserial correlation.
        BiserialZ => biserial::ZBIS,
        /// Standardised difference as an odds ratio, normal.
        DToOddsNormal => biserial::D2ORN,
        /// Standardised difference as an odds ratio, logistic.
        DToOddsLogistic => biserial::D2ORL,
        /// Probability of superiority.
        CommonLanguage => biserial::CLES,
        /// Correlation.
        Correlation => correlation::COR,
        /// Correlation corrected for bias.
        UnbiasedCorrelation => correlation::UCOR,
        /// Fisher's z.
        FisherZ => correlation::ZCOR,
        /// Partial correlation.
        PartialCorrelation => correlation::PCOR,
        /// Fisher's z of the partial correlation.
        PartialZ => correlation::ZPCOR,
        /// Semi-partial correlation.
        SemiPartial => correlation::SPCOR,
        /// Fisher's z of the semi-partial correlation.
        SemiPartialZ => correlation::ZSPCOR,
        /// Logit of a proportion.
        LogitProportion => proportion::PLO,
        /// Proportion.
        Proportion => proportion::PR,
        /// Logarithm of a proportion.
        LogProportion => proportion::PLN,
        /// Probit of a proportion.
        ProbitProportion => proportion::PRZ,
        /// Arcsine square root of a proportion.
        ArcsineProportion => proportion::PAS,
        /// Freeman–Tukey double arcsine of a proportion.
        FreemanTukey => proportion::PFT,
        /// Logarithm of a rate.
        LogRate => rate::IRLN,
        /// Rate.
        Rate => rate::IR,
        /// Square root of a rate.
        RootRate => rate::IRS,
        /// Freeman–Tukey transformed rate.
        FreemanTukeyRate => rate::IRFT,
        /// Mean.
        Mean => mean::MN,
        /// Logarithm of a mean.
        LogMean => mean::MNLN,
        /// Standardised mean.
        StandardisedMean => mean::SMN,
        /// Logarithm of a standard deviation.
        LogSd => mean::SDLN,
        /// Logarithm of a coefficient of variation.
        LogVariation => mean::CVLN,
        /// Mean change.
        MeanChange => change::MC,
        /// Standardised by the SD of the change.
        ChangeByChange => change::SMCC,
        /// Standardised by the SD before.
        ChangeByPre => change::SMCR,
        /// Standardised by the SD before, unequal variances.
        ChangeByPreHetero => change::SMCRH,
        /// Standardised by the pooled SD.
        ChangeByPooled => change::SMCRP,
        /// Standardised by the pooled SD, unequal variances.
        ChangeByPooledHetero => change::SMCRPH,
        /// Ratio of means after and before.
        ChangeRatio => change::ROMC,
        /// Ratio of SDs after and before.
        ChangeVariability => change::VRC,
        /// Ratio of coefficients of variation after and before.
        ChangeVariation => change::CVRC,
        /// Reliability.
        Alpha => reliability::ARAW,
        /// Reliability, cube-root transformed.
        AlphaHakstian => reliability::AHW,
        /// Reliability, log transformed.
        AlphaBonett => reliability::ABT,
        /// Ratio of hazards, given ready.
        HazardRatio => ready::HR,
        /// Any effects given.
        Generic => ready::GEN,
    }
}

impl Measure {
    /// The measure used for a shape when none is asked for.
    pub fn default_for(shape: Shape) -> Self {
        match shape {
            Shape::TwoByTwo => Self::RiskRatio,
            Shape::TwoMeans => Self::MeanDifference,
            Shape::TwoRates => Self::RateRatio,
            Shape::Pairs => Self::PairsOddsRatio,
            Shape::PrePost => Self::MeanChange,
            Shape::Events => Self::LogitProportion,
            Shape::Rate => Self::LogRate,
            Shape::Mean => Self::Mean,
            Shape::Correlation => Self::FisherZ,
            Shape::Partial => Self::PartialZ,
            Shape::Reliability => Self::AlphaBonett,
            Shape::Ready => Self::Generic,
        }
    }

    /// What a continuity correction adds unless told otherwise: nothing where the measure is defined for empty cells.
    pub fn default_add(self) -> f64 {
        let defined = matches!(
            self,
            Self::ArcsineDifference
                | Self::Phi
                | Self::PhiZ
                | Self::Tetrachoric
                | Self::TetrachoricZ
                | Self::RateRootDifference
                | Self::ArcsineProportion
                | Self::FreemanTukey
                | Self::RootRate
                | Self::FreemanTukeyRate
        );
        if defined { 0.0 } else { 0.5 }
    }

    /// The measure whose ready values a column of this name holds, if the name says so: `HR`, `log OR`, `lnRR` ...
    pub fn of_column(name: &str) -> Option<Self> {
        const NAMED: [Measure; 8] = [
            Measure::HazardRatio,
            Measure::OddsRatio,
            Measure::RiskRatio,
            Measure::RateRatio,
            Measure::RiskDifference,
            Measure::MeanDifference,
            Measure::StandardisedDifference,
            Measure::RatioOfMeans,
        ];
        NAMED.into_iter().find(|m| m.is_named(name))
    }

    /// Whether a column of this name may hold ready values of the measure: its code, also after `log` or `ln`.
    pub fn is_named(self, name: &str) -> bool {
        let name = plain_name(name);
        let spec = self.spec();
        let codes = std::iter::once(&spec.id).chain(spec.aliases).map(|c| plain_name(c));
        let prefixes: &[&str] = if spec.scale == Scale::Log { &["", "log", "ln"] } else { &[""] };
        codes.into_iter().any(|code| prefixes.iter().any(|p| name.strip_prefix(p) == Some(&code)))
    }

    /// The values that are possible for people who read the measure, where they are narrower than its scale's.
    pub fn natural_range(self) -> (f64, f64) {
        match self {
            Self::Correlation
            | Self::UnbiasedCorrelation
            | Self::PartialCorrelation
            | Self::SemiPartial
            | Self::Phi
            | Self::YuleQ
            | Self::YuleY
            | Self::Tetrachoric
            | Self::PointBiserial
            | Self::RiskDifference
            | Self::PairsDifference => (-1.0, 1.0),
            Self::Proportion | Self::LogProportion | Self::CommonLanguage => (0.0, 1.0),
            Self::Rate => (0.0, f64::INFINITY),
            Self::Alpha => (f64::NEG_INFINITY, 1.0),
            _ => self.spec().scale.range(),
        }
    }

    /// Whether a study without events in both groups, or with events only, says nothing about the measure.
    pub fn needs_events(self) -> bool {
        matches!(
            self,
            Self::RiskRatio
                | Self::OddsRatio
                | Self::RateRatio
                | Self::PairsRiskRatio
                | Self::PairsOddsRatio
                | Self::PairsPeto
                | Self::YuleQ
                | Self::YuleY
                | Self::OddsToDNormal
                | Self::OddsToDLogistic
                | Self::ProbitDifference
        )
    }

    /// Whether the measure is a difference of means, or a change, in units of a standard deviation.
    pub fn is_standardised_difference(self) -> bool {
        let of_groups = matches!(
            self,
            Self::StandardisedDifference
                | Self::StandardisedHetero
                | Self::StandardisedSecond
                | Self::StandardisedSecondHetero
        );
        of_groups || self.is_standardised_change()
    }

    /// Whether the measure is a change in units of a standard deviation.
    pub fn is_standardised_change(self) -> bool {
        matches!(
            self,
            Self::ChangeByChange
                | Self::ChangeByPre
                | Self::ChangeByPreHetero
                | Self::ChangeByPooled
                | Self::ChangeByPooledHetero
        )
    }

    /// Whether the measure is a proportion of one group, on any scale.
    pub fn is_proportion(self) -> bool {
        matches!(self.spec().compute, Compute::Events(_))
    }

    /// Whether the measure is an incidence rate of one group, on any scale.
    pub fn is_rate(self) -> bool {
        matches!(self.spec().compute, Compute::Rate(_))
    }

    /// Whether values may be read per so many patients or units of person-time: proportions, rates and their differences.
    pub fn counts_per(self) -> bool {
        self.is_proportion()
            || self.is_rate()
            || matches!(self, Self::RiskDifference | Self::PairsDifference | Self::RateDifference)
    }
}
