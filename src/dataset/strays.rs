//! Rows that are no studies of their own: totals, sums of others, double rows.

use super::{Noticed, StudyData, StudyRow};
use crate::error::Error;
use std::collections::HashMap;

/// The plainest words for a total.
const PLAINEST: [&str; 8] =
    ["total", "totals", "subtotal", "subtotals", "sub total", "grand total", "overall", "pooled"];

/// All words for a total.
const WORDS: [&str; 46] = [
    "total",
    "totals",
    "subtotal",
    "subtotals",
    "sub total",
    "sub totals",
    "grand total",
    "total all",
    "total events",
    "total patients",
    "overall",
    "overall effect",
    "overall estimate",
    "overall total",
    "total overall",
    "pooled",
    "pooled effect",
    "pooled estimate",
    "pooled total",
    "total pooled",
    "summary",
    "summary effect",
    "summary estimate",
    "sum",
    "combined",
    "combined effect",
    "combined estimate",
    "all studies",
    "all trials",
    "meta analysis",
    "weighted mean",
    "weighted average",
    "random effects model",
    "random effects",
    "random effect",
    "fixed effect model",
    "fixed effects model",
    "fixed effect",
    "fixed effects",
    "common effect model",
    "common effect",
    "re model",
    "fe model",
    "gesamt",
    "insgesamt",
    "heterogeneity",
];

/// Whether a label is that of a total rather than of a study: one of the words below, whatever stands behind it in
/// parentheses, after a comma, a colon or a number (`Overall (I² = 55%)`, `Total, n = 1200`).
///
/// From a column that need not hold labels, such as one of treatments, only the plainest words count.
pub(crate) fn is_total(label: &str, plainest: bool) -> bool {
    let head: String = label.split(['(', '[', ',', ':', ';', '=']).next().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = head.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let begins = label.trim_start().chars().next().is_some_and(char::is_alphabetic);
    let words = words.join(" ");
    let known = if plainest { PLAINEST.contains(&words.as_str()) } else { WORDS.contains(&words.as_str()) };
    begins && known || label.trim() == "Σ"
}

/// The whole numbers of a row that a total would add up.
fn counts(data: &StudyData) -> Vec<f64> {
    match data {
        StudyData::TwoByTwo(t) => vec![t.a, t.b, t.c, t.d],
        StudyData::TwoRates(r) => vec![r.x1, r.t1, r.x2, r.t2],
        StudyData::Pairs(p) => vec![p.both, p.first, p.second, p.neither],
        StudyData::Events(e) => vec![e.x, e.n],
        StudyData::Rate(r) => vec![r.x, r.t],
        StudyData::TwoMeans(m) => vec![m.n1, m.n2],
        StudyData::Mean(m) => vec![m.n],
        StudyData::PrePost(p) => vec![p.n],
        StudyData::Correlation(c) => vec![c.n],
        StudyData::Partial(p) => vec![p.n],
        StudyData::Reliability(a) => vec![a.n],
        StudyData::Ready(_) => vec![],
    }
}

/// A row with numbers: its place and its counts.
struct Counted<'a> {
    row: &'a StudyRow,
    counts: Vec<f64>,
}

/// Looks for a row that sums others. The last row that equals the sum of all above it, three or more, is an error
/// unless such rows are kept; other sums are only noticed, as small counts add up by chance.
///
/// # Errors
/// The last row seems to be the total.
pub(crate) fn sums(rows: &[StudyRow], keep: bool) -> Result<Option<Noticed>, Error> {
    let counted: Vec<Counted<'_>> = rows
        .iter()
        .filter_map(|row| Some(Counted { row, counts: counts(row.data.as_ref().ok()?) }))
        .filter(|c| !c.counts.is_empty())
        .collect();
    let Some((last, above)) = counted.split_last().filter(|(_, above)| above.len() > 2) else {
        return Ok(None);
    };
    let width = last.counts.len();
    if above.iter().any(|c| c.counts.len() != width) {
        return Ok(None);
    }
    let total = near(&last.counts, &sum(above.iter(), width)) && last.counts.iter().any(|x| *x > 0.0);
    if total && !keep {
        return Err(is_it_the_total(last, above.len(), "rows above it"));
    }
    // one number alone is too often the sum of two others
    if width == 1 || total {
        return Ok(None);
    }
    let found = subtotals(&counted, width);
    // a grand total below subtotals
    let is_part = |i: &usize| !found.iter().any(|(at, _)| at == i);
    let parts: Vec<usize> = (0..above.len()).filter(is_part).collect();
    let of_parts = sum(parts.iter().map(|&i| &above[i]), width);
    if !found.is_empty() && !keep && parts.len() > 2 && near(&last.counts, &of_parts) {
        return Err(is_it_the_total(last, parts.len(), "rows above it that are no subtotals"));
    }
    let rows: Vec<_> = found
        .into_iter()
        .map(|(i, from)| {
            let own = counted[i].row;
            let of = counted[from..i].iter().map(|c| c.row.study.clone()).collect();
            ((own.study.clone(), own.line), of)
        })
        .collect();
    Ok((!rows.is_empty()).then_some(Noticed::SumRows { rows }))
}

/// Whether counts agree but for rounding.
fn near(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(x, y)| (x - y).abs() <= 1e-9 * x.abs().max(y.abs()))
}

fn sum<'a>(rows: impl Iterator<Item = &'a Counted<'a>>, width: usize) -> Vec<f64> {
    rows.fold(vec![0.0; width], |sum, c| sum.iter().zip(&c.counts).map(|(s, x)| s + x).collect())
}

/// Rows that equal the sum of at least two rows right above them, with the first of these.
fn subtotals(counted: &[Counted<'_>], width: usize) -> Vec<(usize, usize)> {
    let key = |v: &[f64]| v.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    let mut before = vec![0.0; width];
    let mut at: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut found = vec![];
    for (i, c) in counted.iter().enumerate() {
        let start: Vec<f64> = before.iter().zip(&c.counts).map(|(s, x)| s - x).collect();
        // sums that do not vanish
        if c.counts.iter().any(|x| *x > 0.0)
            && let Some(&from) = at.get(&key(&start))
            && i >= from + 2
        {
            found.push((i, from));
        }
        at.insert(key(&before), i);
        before.iter_mut().zip(&c.counts).for_each(|(s, x)| *s += x);
    }
    found
}

fn is_it_the_total(last: &Counted<'_>, rows: usize, which: &str) -> Error {
    let numbers: Vec<String> = last.counts.iter().map(f64::to_string).collect();
    Error::data(format!(
        "the last row equals the sum of the {rows} {which} in every count ({}): is it their total?",
        numbers.join(", ")
    ))
    .at_line(last.row.line)
    .of_study(&last.row.study)
    .with_hint("a total is no study: leave the row out; if it is a study, say ⟦keep-total⟧")
}

/// Rows that hold the same numbers: with the same label, or with four numbers or more that agree.
pub(crate) fn doubles(rows: &[StudyRow]) -> Option<Noticed> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut pairs = vec![];
    for (i, row) in rows.iter().enumerate() {
        let Ok(data) = &row.data else { continue };
        let many = counts(data).len() >= 4 || matches!(data, StudyData::TwoMeans(_));
        let label = row.study.trim().to_lowercase();
        // the label tells where few numbers agree by chance
        let key = if many { format!("{data:?}") } else { format!("{label}\u{1f}{data:?}") };
        match first.get(&key) {
            Some(&j) => pairs.push([(rows[j].study.clone(), rows[j].line), (row.study.clone(), row.line)]),
            None => {
                first.insert(key, i);
            }
        }
    }
    (!pairs.is_empty()).then_some(Noticed::DoubleRows { pairs })
}
