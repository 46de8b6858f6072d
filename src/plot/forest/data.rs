//! The data columns of a forest plot: what was reported, with totals.

use super::rows::{DataColumn, Sum};
use crate::dataset::StudyData;
use crate::effect::{Status, StudyEffect};
use crate::plot::options::Labels;
use crate::plot::typeset;
use crate::result::PoolResult;
use crate::result::format::{fixed, grouped, significant};

/// Longer outcomes do not head a column.
const LONGEST_OUTCOME: usize = 14;

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
    typeset::number(&if immense { significant(x, 3) } else { grouped(&fixed(x, decimals)) })
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

/// The columns of a kind of data, and the headings that span them.
fn columns_of(data: Option<StudyData>, labels: &Labels) -> (Vec<String>, Vec<DataColumn>) {
    let plain = DataColumn::plain;
    let total = DataColumn::summed("Total", Sum::Patients);
    let events = DataColumn::summed("Events", Sum::Events);
    let two = |first: DataColumn, second: DataColumn| {
        let group = |g| [first.clone().under(g), second.clone().under(g)];
        (labels.groups().to_vec(), [group(0), group(1)].concat())
    };
    match data {
        Some(StudyData::TwoByTwo(_)) => two(events, total),
        Some(StudyData::TwoRates(_)) => two(events, plain("Time")),
        Some(StudyData::TwoMeans(_)) => two(plain("Mean (SD)"), total),
        Some(StudyData::Pairs(_)) => {
            let columns = [plain("First"), plain("Second"), total];
            (vec!["Pairs".into()], columns.map(|c| c.under(0)).to_vec())
        }
        Some(StudyData::Events(_)) => {
            let outcome = labels.outcome.as_deref().filter(|o| o.chars().count() <= LONGEST_OUTCOME);
            (vec![], vec![plain(outcome.unwrap_or("Events")), total])
        }
        Some(StudyData::Rate(_)) => (vec![], vec![events, plain("Time")]),
        Some(StudyData::Mean(_)) => (vec![], vec![plain("Mean (SD)"), total]),
        Some(StudyData::PrePost(_)) => (vec![], vec![total, plain("Before"), plain("After")]),
        Some(StudyData::Correlation(_) | StudyData::Partial(_)) => (vec![], vec![total]),
        Some(StudyData::Reliability(_)) => (vec![], vec![plain("Items"), total]),
        Some(StudyData::Ready(_)) | None => (vec![], vec![]),
    }
}

/// Columns of the data, chosen by what was reported, with a cell per study.
pub(super) fn data_columns(result: &PoolResult, labels: &Labels) -> (Vec<String>, Vec<DataColumn>, Cells) {
    let studies = &result.table.studies;
    let (spans, columns) = columns_of(studies.iter().find_map(|s| s.data), labels);
    let values: Vec<Vec<Value>> = studies.iter().map(|s| study_values(s, columns.len())).collect();
    // a column that no study fills is left out
    let filled = |c: &usize| values.iter().any(|row| !matches!(row[*c], Value::Missing));
    let kept: Vec<usize> = (0..columns.len()).filter(filled).collect();
    let decimals: Vec<usize> =
        kept.iter().map(|&c| decimals_of_column(values.iter().map(|row| row[c]))).collect();
    let write = |row: &Vec<Value>| kept.iter().zip(&decimals).map(|(&c, &d)| row[c].write(d)).collect();
    let cells = values.iter().map(write).collect();
    let columns = kept.iter().map(|&c| DataColumn { value: c, ..columns[c].clone() }).collect();
    (spans, columns, cells)
}

/// What a study reported, in the columns of its kind of data.
fn study_values(s: &StudyEffect, width: usize) -> Vec<Value> {
    use Value::{MeanSd, Missing, Number};
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
        None => known_values(s, width),
    }
}

/// What is known of a study without data: its patients, in the column of totals of one group.
fn known_values(s: &StudyEffect, width: usize) -> Vec<Value> {
    let mut values = vec![Value::Missing; width];
    let column = if width == 3 { Some(0) } else { width.checked_sub(1).filter(|_| width <= 2) };
    if let (Some(n), Some(c)) = (s.size, column) {
        values[c] = Value::Number(n);
        if let (Some((lo, hi)), Some(events)) = (s.bounds, c.checked_sub(1)) {
            values[events] = Value::Bounds(lo, hi);
        }
    }
    values
}

/// Totals of the pooled studies that are kept, in the columns whose total counts this.
pub(super) fn totals(
    result: &PoolResult,
    columns: &[DataColumn],
    sum: Sum,
    keep: impl Fn(usize) -> bool,
) -> Vec<String> {
    let rows = result.studies().enumerate();
    let pooled = rows.filter(|(i, s)| keep(*i) && s.status == Status::Estimable && s.data.is_some());
    let values: Vec<Vec<Value>> = pooled.map(|(_, s)| study_values(&s, columns.len())).collect();
    let total = |c: &DataColumn| {
        let count = |row: &Vec<Value>| if let Value::Number(n) = row[c.value] { n } else { 0.0 };
        let n: f64 = values.iter().map(count).sum();
        number(n, decimals_of(n))
    };
    columns.iter().map(|c| if c.sum == Some(sum) { total(c) } else { String::new() }).collect()
}
