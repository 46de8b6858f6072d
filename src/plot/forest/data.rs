//! The data columns of a forest plot: what was reported, with totals.

use super::content::Column;
use crate::dataset::StudyData;
use crate::effect::{Status, StudyEffect};
use crate::plot::Labels;
use crate::plot::scale::typeset;
use crate::result::PoolResult;
use crate::result::format::{fixed, grouped, significant};

/// Whether the data are counts in two groups.
pub(super) fn has_two_groups(result: &PoolResult) -> bool {
    let first = result.table.studies.iter().find_map(|s| s.data);
    matches!(first, Some(StudyData::TwoByTwo(_) | StudyData::TwoRates(_)))
}

/// Cells by study.
pub(super) type Cells = Vec<Vec<String>>;

/// A value of a data column, before the decimals of its column are known.
#[derive(Clone, Copy, Debug)]
enum Value {
    Number(f64),
    MeanSd(f64, Option<f64>),
    Bounds(f64, f64),
    Missing,
}

/// Decimals of a number as reported, two at most.
fn decimals_of(x: f64) -> usize {
    let rounded = (x * 100.0).round() / 100.0;
    if rounded == rounded.round() {
        0
    } else if (rounded * 10.0 - (rounded * 10.0).round()).abs() < 1e-9 {
        1
    } else {
        2
    }
}

/// A number of a data column, or a power of ten where nobody would write it out.
fn number(x: f64, decimals: usize) -> String {
    let immense = x.abs() >= 1e12 || x != 0.0 && x.abs() < 1e-8;
    typeset(&if immense { significant(x, 3) } else { grouped(&fixed(x, decimals)) })
}

/// Decimals of a column: those of its numbers as reported, or two significant digits of the largest where all are small.
fn decimals_of_column(values: impl Iterator<Item = Value>) -> usize {
    let numbers: Vec<f64> = values.flat_map(Value::numbers).flatten().collect();
    let largest = numbers.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
    if largest > 0.0 && largest < 0.1 {
        return ((1.0 - largest.log10().floor()) as usize).min(12);
    }
    numbers.into_iter().map(decimals_of).max().unwrap_or(0)
}

impl Value {
    fn numbers(self) -> [Option<f64>; 2] {
        match self {
            Self::Number(x) => [Some(x), None],
            Self::MeanSd(m, sd) => [Some(m), sd],
            Self::Bounds(..) | Self::Missing => [None, None],
        }
    }

    fn write(self, decimals: usize) -> String {
        let number = |x: f64| number(x, decimals);
        match self {
            Self::Number(x) => number(x),
            Self::MeanSd(m, Some(sd)) => format!("{} ({})", number(m), number(sd)),
            Self::MeanSd(m, None) => number(m),
            Self::Bounds(lo, hi) => format!("{}–{}", number(lo), number(hi)),
            Self::Missing => "–".into(),
        }
    }
}

/// Columns of the data, chosen by what was reported, with a cell per study.
pub(super) fn data_columns(result: &PoolResult, labels: &Labels) -> (Vec<String>, Vec<Column>, Cells) {
    let studies = &result.table.studies;
    let first = studies.iter().find_map(|s| s.data);
    let groups = || {
        let name = |label: &Option<String>, or: &str| label.clone().unwrap_or_else(|| or.to_string());
        vec![name(&labels.group1, "Group 1"), name(&labels.group2, "Group 2")]
    };
    let right = |header: &str, span: Option<usize>| Column { header: header.into(), span };
    let events =
        labels.outcome.clone().filter(|o| o.chars().count() <= 14).unwrap_or_else(|| "Events".into());
    let (spans, columns) = match first {
        Some(StudyData::TwoByTwo(_)) => {
            let pair = |g| [right("Events", Some(g)), right("Total", Some(g))];
            (groups(), [pair(0), pair(1)].concat())
        }
        Some(StudyData::TwoRates(_)) => {
            let pair = |g| [right("Events", Some(g)), right("Time", Some(g))];
            (groups(), [pair(0), pair(1)].concat())
        }
        Some(StudyData::TwoMeans(_)) => {
            let pair = |g| [right("Mean (SD)", Some(g)), right("Total", Some(g))];
            (groups(), [pair(0), pair(1)].concat())
        }
        Some(StudyData::Pairs(_)) => (
            vec!["Pairs".to_string()],
            vec![right("First", Some(0)), right("Second", Some(0)), right("Total", Some(0))],
        ),
        Some(StudyData::Events(_)) => (vec![], vec![right(&events, None), right("Total", None)]),
        Some(StudyData::Rate(_)) => (vec![], vec![right("Events", None), right("Time", None)]),
        Some(StudyData::Mean(_)) => (vec![], vec![right("Mean (SD)", None), right("Total", None)]),
        Some(StudyData::PrePost(_)) => {
            (vec![], vec![right("Total", None), right("Before", None), right("After", None)])
        }
        Some(StudyData::Correlation(_) | StudyData::Partial(_)) => (vec![], vec![right("Total", None)]),
        Some(StudyData::Reliability(_)) => (vec![], vec![right("Items", None), right("Total", None)]),
        Some(StudyData::Ready(_)) | None => (vec![], vec![]),
    };
    let values: Vec<Vec<Value>> = studies.iter().map(|s| study_values(s, columns.len())).collect();
    // a column that no study fills is left out
    let filled = |c: &usize| values.iter().any(|row| !matches!(row[*c], Value::Missing));
    let kept: Vec<usize> = (0..columns.len()).filter(filled).collect();
    let decimals: Vec<usize> =
        kept.iter().map(|&c| decimals_of_column(values.iter().map(|row| row[c]))).collect();
    let cells = values
        .iter()
        .map(|row| kept.iter().zip(&decimals).map(|(&c, &d)| row[c].write(d)).collect())
        .collect();
    (spans, kept.into_iter().map(|c| columns[c].clone()).collect(), cells)
}

fn study_values(s: &StudyEffect, width: usize) -> Vec<Value> {
    use Value::{Bounds, MeanSd, Missing, Number};
    let value = |(m, sd): (Option<f64>, Option<f64>)| m.map_or(Missing, |m| MeanSd(m, sd));
    match s.data {
        Some(StudyData::TwoByTwo(t)) => [t.a, t.a + t.b, t.c, t.c + t.d].map(Number).to_vec(),
        Some(StudyData::TwoRates(r)) => [r.x1, r.t1, r.x2, r.t2].map(Number).to_vec(),
        Some(StudyData::TwoMeans(t)) => {
            vec![MeanSd(t.m1, Some(t.sd1)), Number(t.n1), MeanSd(t.m2, Some(t.sd2)), Number(t.n2)]
        }
        Some(StudyData::Pairs(p)) => {
            [p.both + p.first, p.both + p.second, p.both + p.first + p.second + p.neither]
                .map(Number)
                .to_vec()
        }
        Some(StudyData::Events(e)) => [e.x, e.n].map(Number).to_vec(),
        Some(StudyData::Rate(r)) => [r.x, r.t].map(Number).to_vec(),
        Some(StudyData::Mean(m)) => vec![MeanSd(m.m, Some(m.sd)), Number(m.n)],
        Some(StudyData::PrePost(p)) => vec![Number(p.n), value(p.pre), value(p.post)],
        Some(StudyData::Correlation(c)) => vec![Number(c.n)],
        Some(StudyData::Partial(p)) => vec![Number(p.n)],
        Some(StudyData::Reliability(a)) => vec![Number(a.items), Number(a.n)],
        Some(StudyData::Ready(_)) => vec![],
        None => {
            // what is known of a study without data: its patients, in the column of totals of one group
            let mut values = vec![Missing; width];
            let column = if width == 3 { Some(0) } else { width.checked_sub(1).filter(|_| width <= 2) };
            if let (Some(n), Some(c)) = (s.size, column) {
                values[c] = Number(n);
                if let (Some((lo, hi)), Some(events)) = (s.bounds, c.checked_sub(1)) {
                    values[events] = Bounds(lo, hi);
                }
            }
            values
        }
    }
}

/// Totals of the pooled studies that are kept, in the columns with a header, `Total` or `Events`.
pub(super) fn totals(
    result: &PoolResult,
    columns: &[Column],
    header: &str,
    keep: impl Fn(usize) -> bool,
) -> Vec<String> {
    let summed: Vec<bool> = columns.iter().map(|c| c.header == header).collect();
    let slots: Vec<usize> = (0..columns.len()).filter(|&c| summed[c]).collect();
    let mut sums = vec![0.0; columns.len()];
    let rows = result.table.studies.iter().enumerate();
    for (_, s) in rows.filter(|(i, s)| keep(*i) && s.status == Status::Estimable) {
        let n: Vec<f64> = match (s.data, header) {
            (Some(StudyData::TwoByTwo(t)), "Events") => vec![t.a, t.c],
            (Some(StudyData::TwoRates(r)), "Events") => vec![r.x1, r.x2],
            (Some(StudyData::TwoByTwo(t)), _) => vec![t.a + t.b, t.c + t.d],
            (Some(StudyData::TwoMeans(t)), _) => vec![t.n1, t.n2],
            (Some(StudyData::Pairs(p)), _) => vec![p.both + p.first + p.second + p.neither],
            (Some(StudyData::Events(e)), _) => vec![e.n],
            (Some(StudyData::Mean(m)), _) => vec![m.n],
            (Some(StudyData::PrePost(p)), _) => vec![p.n],
            (Some(StudyData::Correlation(c)), _) => vec![c.n],
            (Some(StudyData::Partial(p)), _) => vec![p.n],
            (Some(StudyData::Reliability(a)), _) => vec![a.n],
            _ => vec![],
        };
        for (&slot, n) in slots.iter().zip(n) {
            sums[slot] += n;
        }
    }
    let shown = |(n, is): (&f64, &bool)| if *is { number(*n, decimals_of(*n)) } else { String::new() };
    sums.iter().zip(&summed).map(shown).collect()
}
