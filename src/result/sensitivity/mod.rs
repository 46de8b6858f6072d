//! What sensitivity analyses return.

mod diagnostics;
mod path;
mod stability;
mod subsets;

use super::{Note, PoolResult};
pub use crate::choice::Analysis;
pub use diagnostics::{Baujat, Blup, Flag, Influence, ProfileCurve, Quantiles};
pub use path::{Conclusion, Outliers, PartialFit, Removal, Step};
use serde::{Deserialize, Serialize};
pub use stability::{Choice, Specification, Stability};
pub use subsets::{Cloud, Gosh, Split};

/// A pooled result with the analyses that were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SensitivityResult {
    /// All studies pooled.
    pub pool: PoolResult,
    /// What was asked for.
    pub analyses: Vec<Analysis>,
    /// Every study left out in turn.
    pub leave_one_out: Option<Vec<Step>>,
    /// What is left out: studies, or clusters by the values of a column.
    pub cluster: Option<String>,
    /// Studies added one by one.
    pub cumulative: Option<Vec<Step>>,
    /// In which order.
    pub order: Option<String>,
    /// From the largest value down.
    pub descending: bool,
    /// The value on the analysis scale that conclusions are about.
    pub null: Option<f64>,
    /// The same as it is read, where it was asked for; else it is that of no effect.
    pub against: Option<f64>,
    /// Statistic and p-value of all studies about that value; `None` where it is no effect.
    pub whole_test: Option<(Option<f64>, Option<f64>)>,
    /// Influence diagnostics.
    pub influence: Option<Vec<Influence>>,
    /// Baujat coordinates.
    pub baujat: Option<Vec<Baujat>>,
    /// Predictions of study effects.
    pub blup: Option<Vec<Blup>>,
    /// Subsets.
    pub gosh: Option<Gosh>,
    /// Studies left out until heterogeneity is low.
    pub outliers: Option<Outliers>,
    /// The conclusion under every defensible choice.
    pub stability: Option<Stability>,
    /// The likelihood of τ².
    pub profile: Option<ProfileCurve>,
    /// Quantiles of residuals.
    pub quantiles: Option<Quantiles>,
}

impl SensitivityResult {
    /// A pooled result, nothing analysed yet.
    pub fn new(pool: PoolResult) -> Self {
        Self {
            pool,
            analyses: vec![],
            leave_one_out: None,
            cluster: None,
            cumulative: None,
            order: None,
            descending: false,
            null: None,
            against: None,
            whole_test: None,
            influence: None,
            baujat: None,
            blup: None,
            gosh: None,
            outliers: None,
            stability: None,
            profile: None,
            quantiles: None,
        }
    }
}

impl SensitivityResult {
    /// The estimate of all studies.
    pub fn whole(&self) -> Option<PartialFit> {
        let (m, h) = (self.pool.main()?, self.pool.heterogeneity);
        let (statistic, p_value) = self.whole_test.unwrap_or((m.statistic, m.p_value));
        Some(PartialFit {
            k: self.pool.k,
            estimate: m.estimate,
            se: m.se,
            statistic,
            df: m.df,
            p_value,
            lower: m.lower,
            upper: m.upper,
            q: h.map(|h| h.q),
            q_p_value: h.map(|h| h.q_p_value),
            tau2: h.and_then(|h| h.tau2),
            i2: h.and_then(|h| h.i2.or(h.i2_q)),
            h2: h.and_then(|h| h.h2),
            inconsistency: h.and_then(|h| h.i2.or(h.i2_q)),
        })
    }

    /// What [`PartialFit::inconsistency`] is called.
    pub fn inconsistency_word(&self) -> &'static str {
        match self.whole() {
            Some(f) if f.i2.is_none() => "The excess of the likelihood ratio over its degrees of freedom",
            _ => "I²",
        }
    }

    /// "the conclusion", or "the conclusion about 0.1".
    pub fn conclusion_word(&self) -> String {
        self.against.map_or("the conclusion".into(), |x| format!("the conclusion about {x}"))
    }

    /// What all studies conclude.
    pub fn conclusion(&self) -> Option<Conclusion> {
        self.pool.main().and_then(|m| Conclusion::of(m.lower, m.upper, self.null))
    }

    /// Caveats of the pooled result and of the analyses.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.pool.notes.clone();
        let turning = |s: &&Step| s.turns;
        let studies: Vec<String> =
            self.leave_one_out.iter().flatten().filter(turning).map(|s| s.label.clone()).collect();
        if !studies.is_empty() {
            notes.push(Note::ConclusionTurns { studies, against: self.against });
        }
        notes
    }
}
