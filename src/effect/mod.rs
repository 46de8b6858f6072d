//! Per-study effects: one estimate and one sampling variance per study.
//!
//! A measure is one `SPEC`: code, scale, input shape and formula in one place. The notation of the formulas is
//! that of the field: groups 1 and 2, events a and c, non-events b and d.

mod association;
mod biserial;
mod change;
mod continuity;
mod correlation;
mod level;
mod mean;
mod mean_difference;
mod pairs;
mod proportion;
mod rate;
mod ratio_of_means;
mod ready;
mod reliability;
mod scale;
mod study_interval;
mod table;
mod two_by_two;
mod two_rates;
mod uses;

use crate::dataset::{
    Correlation, Events, Mean, Pairs, Partial, PrePost, Rate, Reliability, Shape, StudyData, TwoByTwo,
    TwoMeans, TwoRates, plain_name,
};
pub use crate::dataset::{Noticed, SharedControl};
pub use continuity::{Continuity, CorrectWhere, DoubleZero, has_empty_cell, is_double_zero};
pub(crate) use level::check_level;
pub use ready::{ReadyRequest, ReadyScale, ScaleEvidence, Values, is_asymmetric, read_scale};
pub use scale::Scale;
use serde::{Deserialize, Serialize};
pub use study_interval::{StudyInterval, rate_limits};
pub use table::{EffectOptions, EffectTable, Limits, Natural, Status, StudyEffect};
pub use uses::check_used;

/// One study's effect on the analysis scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The point estimate, yᵢ.
    pub y: f64,
    /// Its sampling variance, vᵢ.
    pub v: f64,
}

/// Which formula for the sampling variance, where a measure has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the codes are explained by `title`")]
pub enum Variance {
    LS,
    UB,
    LS2,
    AV,
    HO,
    AVHO,
    ST,
    CS,
}

impl Variance {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::LS, Self::UB, Self::LS2, Self::AV, Self::HO, Self::AVHO, Self::ST, Self::CS];

    /// The code on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::LS => "LS",
            Self::UB => "UB",
            Self::LS2 => "LS2",
            Self::AV => "AV",
            Self::HO => "HO",
            Self::AVHO => "AVHO",
            Self::ST => "ST",
            Self::CS => "CS",
        }
    }

    /// One line for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::LS => "large-sample variance",
            Self::UB => "unbiased variance",
            Self::LS2 => "large-sample variance, alternative form",
            Self::AV => "variance at the average effect of all studies",
            Self::HO => "equal variances in both groups",
            Self::AVHO => "average effect and equal variances",
            Self::ST => "stratified sampling",
            Self::CS => "cross-sectional sampling",
        }
    }
}

/// What a formula may know beyond its own row.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The variance asked for.
    pub variance: Variance,
    /// Weighted means over all studies, for [`Variance::AV`].
    pub mean: [f64; 2],
    /// Whether small-sample corrections are made, where the measure has one.
    pub correct: bool,
}

/// What the correction of a measure is, for [`MeasureSpec::correction`].
const HEDGES: Option<&str> = Some("Hedges' small-sample correction");
const SMALL_SAMPLE: Option<&str> = Some("the small-sample correction of the logarithms");
const SECOND_ORDER: Option<&str> = Some("the second-order correction of the log ratios");

/// A definition with a correction that may be left out.
const fn corrected(correction: Option<&'static str>, spec: MeasureSpec) -> MeasureSpec {
    MeasureSpec { correction, ..spec }
}

/// The input shape and the formula in one: a measure cannot be fed the wrong rows.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each variant is documented at its shape")]
pub enum Compute {
    TwoByTwo(fn(&TwoByTwo, &Context) -> Effect),
    TwoRates(fn(&TwoRates, &Context) -> Effect),
    TwoMeans(fn(&TwoMeans, &Context) -> Effect),
    Pairs(fn(&Pairs, &Context) -> Effect),
    Events(fn(&Events, &Context) -> Effect),
    Rate(fn(&Rate, &Context) -> Effect),
    Mean(fn(&Mean, &Context) -> Effect),
    PrePost(fn(&PrePost, &Context) -> Result<Effect, &'static str>),
    Correlation(fn(&Correlation, &Context) -> Effect),
    Partial(fn(&Partial, &Context) -> Result<Effect, &'static str>),
    Reliability(fn(&Reliability, &Context) -> Effect),
    Ready,
}

impl Compute {
    /// The shape it reads.
    pub fn shape(self) -> Shape {
        match self {
            Self::TwoByTwo(_) => Shape::TwoByTwo,
            Self::TwoRates(_) => Shape::TwoRates,
            Self::TwoMeans(_) => Shape::TwoMeans,
            Self::Pairs(_) => Shape::Pairs,
            Self::Events(_) => Shape::Events,
            Self::Rate(_) => Shape::Rate,
            Self::Mean(_) => Shape::Mean,
            Self::PrePost(_) => Shape::PrePost,
            Self::Correlation(_) => Shape::Correlation,
            Self::Partial(_) => Shape::Partial,
            Self::Reliability(_) => Shape::Reliability,
            Self::Ready => Shape::Ready,
        }
    }

    /// Applies the formula; `Err` says in words why the row has no effect.
    fn apply(self, data: &StudyData, context: &Context) -> Result<Effect, &'static str> {
        match (self, data) {
            (Self::TwoByTwo(f), StudyData::TwoByTwo(d)) => Ok(f(d, context)),
            (Self::TwoRates(f), StudyData::TwoRates(d)) => Ok(f(d, context)),
            (Self::TwoMeans(f), StudyData::TwoMeans(d)) => Ok(f(d, context)),
            (Self::Pairs(f), StudyData::Pairs(d)) => Ok(f(d, context)),
            (Self::Events(f), StudyData::Events(d)) => Ok(f(d, context)),
            (Self::Rate(f), StudyData::Rate(d)) => Ok(f(d, context)),
            (Self::Mean(f), StudyData::Mean(d)) => Ok(f(d, context)),
            (Self::PrePost(f), StudyData::PrePost(d)) => f(d, context),
            (Self::Correlation(f), StudyData::Correlation(d)) => Ok(f(d, context)),
            (Self::Partial(f), StudyData::Partial(d)) => f(d, context),
            (Self::Reliability(f), StudyData::Reliability(d)) => Ok(f(d, context)),
            _ => Err("the row is of another kind"),
        }
    }
}

/// What one study contributes to the averages of [`Variance::AV`]: (value, weight), twice.
pub type Contribution = fn(&StudyData, &Context) -> [(f64, f64); 2];

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

/// The parts of a definition that most measures share.
#[allow(clippy::too_many_arguments, reason = "a definition reads as one row of a table")]
const fn plain(
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
        let of_means = matches!(self.spec().compute, Compute::TwoMeans(_) | Compute::PrePost(_));
        of_means && matches!(self.spec().label, "SMD" | "Standardised change")
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
