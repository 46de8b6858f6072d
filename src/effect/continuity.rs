//! Continuity corrections: what is added to cells of counts, and where.

use crate::choice::{CorrectWhere, DoubleZero};
use crate::dataset::StudyData;
use serde::{Deserialize, Serialize};

/// A continuity correction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Continuity {
    /// What is added to each cell.
    pub add: f64,
    /// Where.
    pub to: CorrectWhere,
    /// What becomes of studies without events, or with events only, in both groups.
    pub double_zero: DoubleZero,
}

impl Default for Continuity {
    fn default() -> Self {
        Self { add: 0.5, to: CorrectWhere::Only0, double_zero: DoubleZero::Auto }
    }
}

impl Continuity {
    /// In words, for method lines.
    pub fn title(&self) -> String {
        match self.to {
            CorrectWhere::Only0 => format!("+{} in studies with an empty cell", self.add),
            CorrectWhere::All => format!("+{} in all studies", self.add),
            CorrectWhere::If0All => format!("+{} in all studies if any has an empty cell", self.add),
            CorrectWhere::Tacc => {
                format!("{} shared by the size of the groups in studies with an empty cell", 2.0 * self.add)
            }
            CorrectWhere::None => "none".into(),
        }
    }

    /// Whether the study must be corrected, given whether any study has an empty cell.
    pub fn applies(&self, data: &StudyData, any_empty: bool) -> bool {
        match self.to {
            CorrectWhere::Only0 | CorrectWhere::Tacc => has_empty_cell(data),
            CorrectWhere::All => true,
            CorrectWhere::If0All => any_empty,
            CorrectWhere::None => false,
        }
    }

    /// The counts with the correction added to every cell; other data unchanged.
    pub fn corrected(&self, data: &StudyData) -> StudyData {
        let add = self.add;
        let mut data = *data;
        // reference: [sweeting2004]
        let shares = |first: f64, second: f64| match self.to {
            CorrectWhere::Tacc => {
                [2.0 * add * first / (first + second), 2.0 * add * second / (first + second)]
            }
            _ => [add, add],
        };
        match &mut data {
            StudyData::TwoByTwo(t) => {
                let [first, second] = shares(t.n1(), t.n2());
                [&mut t.a, &mut t.b].into_iter().for_each(|x| *x += first);
                [&mut t.c, &mut t.d].into_iter().for_each(|x| *x += second);
            }
            StudyData::Pairs(p) => {
                [&mut p.both, &mut p.first, &mut p.second, &mut p.neither]
                    .into_iter()
                    .for_each(|x| *x += add);
            }
            StudyData::TwoRates(r) => {
                let [first, second] = shares(r.t1, r.t2);
                r.x1 += first;
                r.x2 += second;
            }
            StudyData::Events(e) => {
                e.x += add;
                e.n += 2.0 * add;
            }
            StudyData::Rate(r) => r.x += add,
            _ => {}
        }
        data
    }
}

/// Whether a cell of counts is zero.
pub fn has_empty_cell(data: &StudyData) -> bool {
    match data {
        StudyData::TwoByTwo(t) => t.a == 0.0 || t.b == 0.0 || t.c == 0.0 || t.d == 0.0,
        StudyData::Pairs(p) => p.both == 0.0 || p.first == 0.0 || p.second == 0.0 || p.neither == 0.0,
        StudyData::TwoRates(r) => r.x1 == 0.0 || r.x2 == 0.0,
        StudyData::Events(e) => e.x == 0.0 || e.x == e.n,
        StudyData::Rate(r) => r.x == 0.0,
        _ => false,
    }
}

/// Whether both groups have no events, or nothing but events.
pub fn is_double_zero(data: &StudyData) -> bool {
    match data {
        StudyData::TwoByTwo(t) => (t.a == 0.0 && t.c == 0.0) || (t.b == 0.0 && t.d == 0.0),
        StudyData::TwoRates(r) => r.x1 == 0.0 && r.x2 == 0.0,
        StudyData::Pairs(p) => p.first == 0.0 && p.second == 0.0 && (p.both == 0.0 || p.neither == 0.0),
        _ => false,
    }
}
