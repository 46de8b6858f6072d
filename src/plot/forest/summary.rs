//! The rows below the studies: pooled estimates, the range of bounded counts, the prediction interval.

use super::data::{has_two_groups, totals};
use super::rows::{DataColumn, Role, Row, Sum, limits};
use super::writer::Writer;
use crate::plot::options::PlotOptions;
use crate::plot::theme::Theme;
use crate::result::{PoolResult, sentence};

pub(super) fn summary_rows(
    result: &PoolResult,
    options: &PlotOptions,
    writer: &Writer,
    columns: &[DataColumn],
) -> Vec<Row> {
    let k = result.k;
    if k < 2 {
        return vec![];
    }
    let row = |label: String, role| Row::labelled(label, role, columns.len());
    let sums = |sum| totals(result, columns, sum, |_| true);
    let mut rows = vec![];
    if let Some(main) = result.random.as_ref().or(result.common.as_ref()) {
        let weighted = result.main_weights().iter().any(Option::is_some);
        let label = format!("{} (k\u{A0}=\u{A0}{k})", sentence::model_word(result));
        let total =
            row(label, Role::Total).cells(sums(Sum::Patients)).weight(if weighted { "100.0%" } else { "" });
        rows.push(writer.pooled(total, &main.natural));
    }
    if let Some(common) = result.common.as_ref().filter(|_| result.random.is_some() && options.common) {
        let label = format!("Common effect (k\u{A0}=\u{A0}{k})");
        rows.push(writer.pooled(row(label, Role::Total), &common.natural));
    }
    if options.theme == Theme::Cochrane && has_two_groups(result) {
        rows.push(row("Total events".into(), Role::Plain).cells(sums(Sum::Events)));
    }
    if let Some(r) = &result.range {
        let label = format!("Estimate with bounded counts (k\u{A0}=\u{A0}{})", r.k);
        rows.push(writer.interval(row(label, Role::Plain), (r.low.estimate, r.high.estimate)));
    }
    if let Some(p) = result.random.as_ref().and_then(|r| r.prediction.as_ref()) {
        let label = format!("{}% prediction interval", result.settings.level);
        rows.push(writer.interval(row(label, Role::Plain), limits(&p.natural, writer.bounds)));
    }
    rows
}
