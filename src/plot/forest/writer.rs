//! How the values of a measure are written in the table.

use super::rows::{Estimate, Mark, Row};
use crate::effect::Natural;
use crate::plot::typeset;
use crate::result::PoolResult;
use crate::result::format::fixed;
use crate::result::look::{Look, Unit, is_ratio};

/// Writes values of the measure of a result.
pub(super) struct Writer {
    look: Look,
    ratio: bool,
    /// Range that values cannot leave.
    pub bounds: (f64, f64),
}

impl Writer {
    pub fn of(result: &PoolResult, bounds: (f64, f64)) -> Self {
        Self { look: Look::pooled(result, None), ratio: is_ratio(&result.table), bounds }
    }

    /// What follows a value in a sentence.
    pub fn unit(&self) -> String {
        typeset::number(&self.look.unit.suffix())
    }

    fn number(&self, x: f64) -> String {
        self.exact_end(x).unwrap_or_else(|| typeset::number(&self.look.number(x)))
    }

    /// Proportions of exactly 0 and 1, and ratios of 0, are no roundings.
    fn exact_end(&self, x: f64) -> Option<String> {
        let end = self.look.unit == Unit::PerCent && (x == 0.0 || x == 1.0);
        (end || self.ratio && x == 0.0).then(|| fixed(self.look.unit.factor() * x, 0))
    }

    /// An estimate with limits; sides without a limit end where values do.
    pub fn triple(&self, n: &Natural) -> Estimate {
        let (lower, upper) = super::rows::limits(n, self.bounds);
        let ends = Natural { lower: Some(lower), upper: Some(upper), ..*n };
        let plain = [n.estimate, ends.lower, ends.upper];
        let mut written = self.look.interval(&ends).into_iter();
        Estimate::Triple(plain.map(|x| match (x, written.next().flatten()) {
            (Some(x), Some(text)) => self.exact_end(x).unwrap_or_else(|| typeset::number(&text)),
            _ => String::new(),
        }))
    }

    /// A row whose interval has no estimate: limits in words and a bar.
    pub fn interval(&self, row: Row, (lower, upper): (f64, f64)) -> Row {
        let written = Estimate::Limits([self.number(lower), self.number(upper)]);
        row.estimate(written, Mark::Bar { limits: (lower, upper) })
    }

    /// A row with the estimate of a pooled result and its diamond.
    pub fn pooled(&self, row: Row, n: &Natural) -> Row {
        row.estimate(self.triple(n), Mark::diamond(n, self.bounds))
    }
}
