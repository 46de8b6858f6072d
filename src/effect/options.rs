//! Options that decide how effects are computed.

use super::{Continuity, Measure, ReadyScale, StudyInterval, Variance, check_level};
use crate::error::Error;
use crate::registry::Member;
use serde::{Deserialize, Serialize};

/// Options that decide how effects are computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectOptions {
    /// What to compute.
    pub measure: Measure,
    /// Continuity correction of counts.
    pub continuity: Continuity,
    /// Variance formula; `None` takes the measure's default.
    pub variance: Option<Variance>,
    /// Interval of each study's proportion.
    pub study_interval: StudyInterval,
    /// Confidence level in percent.
    pub level: f64,
    /// Standardise SMCR and SMCRH by the SD before instead of the SD after.
    pub standardise_by_pre: bool,
    /// How ready values are read.
    pub ready: ReadyScale,
    /// Correct for small samples, where the measure has a correction.
    pub small_sample_correction: bool,
    /// Rates, proportions and their differences are read per so many; estimates stay as they are.
    pub per: Option<f64>,
}

impl EffectOptions {
    /// The defaults: +½ only where a cell is empty (nothing for measures defined there), Clopper–Pearson for proportions, 95%.
    pub fn new(measure: Measure) -> Self {
        Self {
            measure,
            continuity: Continuity { add: measure.default_add(), ..Continuity::default() },
            variance: None,
            study_interval: StudyInterval::ClopperPearson,
            level: 95.0,
            standardise_by_pre: false,
            ready: ReadyScale::default(),
            small_sample_correction: true,
            per: None,
        }
    }

    /// With another continuity correction.
    #[must_use]
    pub fn continuity(self, continuity: Continuity) -> Self {
        Self { continuity, ..self }
    }

    /// With another confidence level, in percent.
    #[must_use]
    pub fn level(self, level: f64) -> Self {
        Self { level, ..self }
    }

    /// Whether the options suit the measure.
    ///
    /// # Errors
    /// The measure has no such variance or correction, or a number is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let options = self;
        let spec = options.measure.spec();
        if let Some(variance) = options.variance
            && !spec.variances.contains(&variance)
        {
            let all: Vec<&str> = spec.variances.iter().map(|v| v.id()).collect();
            return Err(Error::usage(format!("`{}` has no variance `{}`", spec.id, variance.id()))
                .with_hint(format!("for {} choose ⟦vtype⟧ from {}", spec.id, all.join(", "))));
        }
        check_level("level", options.level)?;
        let add = options.continuity.add;
        if !(0.0..=10.0).contains(&add) {
            return Err(Error::usage(format!("a continuity correction of {add}"))
                .with_hint("⟦add⟧ takes a number from 0 to 10; 0.5 is usual"));
        }
        if options.standardise_by_pre
            && !matches!(options.measure, Measure::ChangeByPre | Measure::ChangeByPreHetero)
        {
            return Err(Error::usage(format!("`{}` is not standardised by one SD", options.measure.id()))
                .with_hint("⟦standardizer=pre⟧ goes with SMCR and SMCRH"));
        }
        if !options.small_sample_correction && spec.correction.is_none() {
            let with = Measure::ALL.iter().filter(|m| m.spec().correction.is_some());
            let all: Vec<&str> = with.map(|m| m.id()).collect();
            return Err(Error::usage(format!("`{}` has no small-sample correction to leave out", spec.id))
                .with_hint(format!("leave out ⟦no-correction⟧, which goes with {}", all.join(", "))));
        }
        self.check_per()
    }

    fn check_per(&self) -> Result<(), Error> {
        let Some(per) = self.per else { return Ok(()) };
        if !self.measure.counts_per() {
            return Err(Error::usage(format!("`{}` is not read per {per}", self.measure.id()))
                .with_hint("⟦per⟧ goes with rates and proportions of one group, and with RD, MPRD and IRD"));
        }
        if !(per > 0.0 && per.is_finite()) {
            return Err(Error::usage(format!("rates and proportions per {per}"))
                .with_hint("give a number above 0, such as ⟦per=1000⟧ or ⟦per=100000⟧"));
        }
        Ok(())
    }

    /// The variance formula in force.
    pub fn variance_in_force(&self) -> Variance {
        self.variance.unwrap_or(self.measure.spec().variances[0])
    }
}
