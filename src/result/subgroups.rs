//! Studies by the levels of a column.

use super::{Heterogeneity, Pooled};
use serde::{Deserialize, Serialize};

/// The studies that share a level of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subgroup {
    /// The level.
    pub level: String,
    /// Rows of the table, pooled or not.
    pub rows: Vec<usize>,
    /// Studies pooled.
    pub k: usize,
    /// The common-effect estimate.
    pub common: Option<Pooled>,
    /// The random-effects estimate; of a single study its own.
    pub random: Option<Pooled>,
    /// Absent for a single study.
    pub heterogeneity: Option<Heterogeneity>,
    /// Why there is no estimate, where there is none.
    pub reason: Option<String>,
}

impl Subgroup {
    /// The estimate to quote.
    pub fn main(&self) -> Option<&Pooled> {
        self.random.as_ref().or(self.common.as_ref())
    }
}

/// A test of differences between subgroups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubgroupTest {
    /// χ² (Q between groups), or F where there are denominator degrees of freedom.
    pub statistic: f64,
    /// Groups less one.
    pub df: usize,
    /// Denominator degrees of freedom: studies less groups; `None` for χ².
    pub df2: Option<usize>,
    /// p-value.
    pub p_value: f64,
    /// The τ² that the test takes all groups to share; `None` where they do not.
    pub tau2: Option<f64>,
    /// How it was made, in words.
    pub method: String,
}

impl SubgroupTest {
    /// Q between groups; `None` for an F test.
    pub fn q(&self) -> Option<f64> {
        self.df2.is_none().then_some(self.statistic)
    }
}

/// All studies by the levels of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subgroups {
    /// The column.
    pub column: String,
    /// One per level, sorted.
    pub groups: Vec<Subgroup>,
    /// Rows without a value of the column: in no group and in no test.
    pub without_level: Vec<usize>,
    /// τ² that all groups share; `None` if each has its own.
    pub common_tau2: Option<f64>,
    /// Test of the common-effect estimates.
    pub common: Option<SubgroupTest>,
    /// Test of the random-effects estimates.
    pub random: Option<SubgroupTest>,
    /// Why the test of the estimates that are quoted is missing, if it is.
    pub no_test: Option<String>,
}

impl Subgroups {
    /// τ² of a group: its own, or the one that all share, which a single study has as well.
    pub fn tau2(&self, group: &Subgroup) -> Option<f64> {
        let own = group.heterogeneity.as_ref().and_then(|h| h.tau2);
        own.or(self.common_tau2.filter(|_| group.k == 1))
    }
}
