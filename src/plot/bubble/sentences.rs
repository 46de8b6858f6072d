//! What is said below a bubble plot.

use super::Bubble;
use crate::effect::Scale;
use crate::plot::typeset;
use crate::result::format::{fixed, p_value, percent, significant, upper_first};

/// Longer equations are not written out.
const MOST_TERMS: usize = 6;

impl Bubble<'_> {
    pub(super) fn sentences(&self) -> Vec<String> {
        let result = self.result;
        let mut out: Vec<String> = self.equation().into_iter().collect();
        out.push(self.fit());
        if !self.along.held.is_empty() {
            out.push(format!("Held: {}", self.along.held.join(", ")));
        }
        out.push(format!(
            "{} studies; area of circles proportional to weight. {}",
            result.k,
            upper_first(&result.method_line())
        ));
        out.iter().map(|line| line.replace(" = ", "\u{A0}=\u{A0}")).collect()
    }

    /// The fitted line as a formula, if it is short.
    fn equation(&self) -> Option<String> {
        let result = self.result;
        if result.coefficients.len() > MOST_TERMS {
            return None;
        }
        let spec = result.table.measure().spec();
        let label = spec.label.to_lowercase();
        let effect = match spec.scale {
            Scale::Identity => label,
            scale => format!("{label} ({} scale)", scale.title()),
        };
        let mut equation = String::new();
        for (i, c) in result.coefficients.iter().enumerate() {
            let value = typeset::number(&significant(c.estimate.abs(), 3));
            let sign = match (i, c.estimate < 0.0) {
                (0, true) => "−",
                (0, false) => "",
                (_, true) => " − ",
                (_, false) => " + ",
            };
            let term = if c.term == "intercept" { String::new() } else { format!(" × {}", c.term) };
            equation += &format!("{sign}{value}{term}");
        }
        Some(format!("Model: {effect} = {equation}"))
    }

    /// The test of the moderators and what heterogeneity they leave.
    fn fit(&self) -> String {
        let mut parts = vec![];
        if let Some(m) = &self.result.moderators {
            let test = match m.df_denominator {
                Some(d) => format!("F({}, {}) = {}", m.df, fixed(d, 0), fixed(m.statistic, 2)),
                None => format!("χ² = {}, df = {}", fixed(m.statistic, 2), m.df),
            };
            parts.push(format!("Moderators: {test}, {}", p_value(m.p_value)));
        }
        let h = &self.result.heterogeneity;
        let tau2 = if h.tau2 == 0.0 { "0".into() } else { significant(h.tau2, 3) };
        parts.push(format!("residual τ² = {tau2}"));
        parts.push(format!("residual I² = {}", percent(h.i2)));
        parts.extend(h.r2.map(|r| format!("R² = {}", percent(r))));
        parts.join("; ")
    }
}
