//! Axes: the range they span and the round numbers that label them.

use super::typeset;
use crate::result::format;

/// How values are spaced along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Equal differences take equal room.
    Linear,
    /// Equal ratios take equal room.
    Log,
}

impl Spacing {
    /// Where a value lies before scaling; infinite for a ratio of 0.
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.ln(),
        }
    }

    fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => place.exp(),
        }
    }
}

/// An axis: range, ticks and labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// How its values are spaced.
    pub spacing: Spacing,
    /// Ends, in values.
    pub range: (f64, f64),
    /// Labelled ticks: value and label.
    pub ticks: Vec<(f64, String)>,
    /// Ticks without labels.
    pub minor: Vec<f64>,
}

/// What the ticks must respect.
pub struct Wanted<'a> {
    /// Values that must lie within the axis, smallest and largest.
    pub hull: (f64, f64),
    /// Values beyond which no tick may lie, such as 0 and 1 for a proportion.
    pub bounds: (f64, f64),
    /// Factor applied to labels, 100 for percentages.
    pub factor: f64,
    /// Length of the axis in points.
    pub length: f64,
    /// Width of a label in points.
    pub label_width: &'a dyn Fn(&str) -> f64,
    /// Least room between labels in points.
    pub gap: f64,
}

impl Wanted<'_> {
    /// With a range that has ends: what overflows ends where numbers do.
    fn drawable(&self, spacing: Spacing) -> Self {
        let end = |x: f64, other: f64| match spacing {
            _ if x.is_nan() => other,
            Spacing::Linear => x.clamp(-1e306, 1e306),
            Spacing::Log => x.clamp(1e-300, 1e300),
        };
        let (lo, hi) = (end(self.hull.0, 0.0), end(self.hull.1, 1.0));
        let hull = if lo < hi { (lo, hi) } else { (lo, lo + lo.abs().max(1e-300)) };
        Self { hull, ..*self }
    }
}

impl Axis {
    /// Position of a value along the axis, 0 at its start and 1 at its end; not clipped.
    pub fn fraction(&self, value: f64) -> f64 {
        let (a, b) = (self.spacing.place(self.range.0), self.spacing.place(self.range.1));
        (self.spacing.place(value) - a) / (b - a)
    }

    /// The value at a fraction of the axis.
    pub fn value_at(&self, fraction: f64) -> f64 {
        let (a, b) = (self.spacing.place(self.range.0), self.spacing.place(self.range.1));
        self.spacing.value(a + fraction * (b - a))
    }

    /// The axis with the most labels, up to eight, that fit without touching.
    pub fn fit(spacing: Spacing, wanted: &Wanted<'_>) -> Self {
        let wanted = &wanted.drawable(spacing);
        let candidates = match spacing {
            Spacing::Linear => linear_candidates(wanted),
            Spacing::Log => log_candidates(wanted),
        };
        let mut best: Option<(f64, Self)> = None;
        for (ticks, minor) in candidates {
            let axis = Self::from_ticks(spacing, wanted, ticks, minor);
            let score = axis.score(wanted);
            if best.as_ref().is_none_or(|(s, _)| score > *s) {
                best = Some((score, axis));
            }
        }
        best.map(|(_, axis)| axis).unwrap_or_else(|| Self::from_ticks(spacing, wanted, vec![], vec![]))
    }

    fn from_ticks(spacing: Spacing, wanted: &Wanted<'_>, ticks: Vec<f64>, minor: Vec<f64>) -> Self {
        let lo = ticks.first().map_or(wanted.hull.0, |t| t.min(wanted.hull.0));
        let hi = ticks.last().map_or(wanted.hull.1, |t| t.max(wanted.hull.1));
        let labels = tick_labels(&ticks, wanted.factor, spacing);
        let minor = minor.into_iter().filter(|m| *m >= lo && *m <= hi && !ticks.contains(m)).collect();
        Self { spacing, range: (lo, hi), ticks: ticks.into_iter().zip(labels).collect(), minor }
    }

    /// Higher is better: labels that fit, a number of them near six, little room wasted beyond the data.
    fn score(&self, wanted: &Wanted<'_>) -> f64 {
        let n = self.ticks.len();
        let at = |v: f64| self.fraction(v) * wanted.length;
        let touching = self.ticks.windows(2).any(|pair| {
            let half = |t: &(f64, String)| 0.5 * (wanted.label_width)(&t.1);
            at(pair[0].0) + half(&pair[0]) + wanted.gap > at(pair[1].0) - half(&pair[1])
        });
        let used = self.fraction(wanted.hull.1) - self.fraction(wanted.hull.0);
        let count = match n {
            4..=7 => 1.0,
            8 => 0.9,
            3 => 0.6,
            2 => 0.2,
            _ => -1.0,
        };
        count + 1.6 * used + 0.02 * n as f64 - if touching { 10.0 } else { 0.0 }
    }
}

/// Multiples of 1, 2, 2.5 and 5 times a power of ten that cover the hull.
fn linear_candidates(wanted: &Wanted<'_>) -> Vec<(Vec<f64>, Vec<f64>)> {
    let (lo, hi) = wanted.hull;
    let width = (hi - lo).max(1e-300);
    let power = width.log10().floor() as i32;
    let mut out = vec![];
    for exponent in [power - 1, power] {
        for mantissa in [1.0, 2.0, 2.5, 5.0] {
            let step = mantissa * 10f64.powi(exponent);
            let (first, last) = ((lo / step + 1e-9).floor(), (hi / step - 1e-9).ceil());
            if last - first > 12.0 {
                continue;
            }
            let tick = |i: f64| rounded(i * step, exponent - 1);
            let slack = 1e-9 * step;
            let inside = |t: &f64| *t >= wanted.bounds.0 - slack && *t <= wanted.bounds.1 + slack;
            let count = (last - first) as i32;
            out.push(((0..=count).map(|i| tick(first + f64::from(i))).filter(inside).collect(), vec![]));
        }
    }
    out
}

/// Removes what binary fractions leave behind: 0.30000000000000004 becomes 0.3.
fn rounded(x: f64, exponent: i32) -> f64 {
    if exponent >= 0 {
        let unit = 10f64.powi(exponent);
        (x / unit).round() * unit
    } else {
        let unit = 10f64.powi(-exponent);
        // the smallest numbers of all have no room for this
        if unit.is_finite() { (x * unit).round() / unit } else { x }
    }
}

/// Ladders of round ratios, with the whole range or only the ticks inside it.
fn log_candidates(wanted: &Wanted<'_>) -> Vec<(Vec<f64>, Vec<f64>)> {
    let (lo, hi) = wanted.hull;
    if hi / lo < 2.2 {
        // over a short range a linear choice of ratios reads best
        return linear_candidates(wanted).into_iter().filter(|(t, _)| t.iter().all(|&t| t > 0.0)).collect();
    }
    let decades = (lo.log10().floor() as i32 - 1)..=(hi.log10().ceil() as i32 + 1);
    let mut ladders: Vec<Vec<f64>> = vec![];
    for mantissas in [&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0][..], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0, 5.0], &[1.0]]
    {
        ladders
            .push(decades.clone().flat_map(|d| mantissas.iter().map(move |m| power_of_ten(*m, d))).collect());
    }
    for every in [2, 3, 4, 6, 10, 20, 50] {
        ladders.push(decades.clone().filter(|d| d % every == 0).map(|d| power_of_ten(1.0, d)).collect());
    }
    if hi / lo < 20.0 {
        // powers of two: 0.25 0.5 1 2 4
        ladders.push((-8..=8).map(|i| 2f64.powi(i)).collect());
    }
    let mut out = vec![];
    for mut ladder in ladders {
        ladder.retain(|t| *t > 0.0 && t.is_finite());
        if ladder.is_empty() {
            continue;
        }
        let first = ladder.iter().rposition(|&t| t <= lo * 1.000_001).unwrap_or(0);
        let last = ladder.iter().position(|&t| t >= hi * 0.999_999).unwrap_or(ladder.len() - 1);
        let minor = decades.clone().flat_map(|d| (1..10).map(move |m| power_of_ten(f64::from(m), d)));
        let minor: Vec<f64> = if hi / lo < 2000.0 { minor.collect() } else { vec![] };
        out.push((ladder[first..=last].to_vec(), minor.clone()));
        let inside: Vec<f64> = ladder.iter().copied().filter(|&t| t >= lo && t <= hi).collect();
        out.push((inside, minor));
    }
    out
}

fn power_of_ten(mantissa: f64, exponent: i32) -> f64 {
    if exponent >= 0 { mantissa * 10f64.powi(exponent) } else { mantissa / 10f64.powi(-exponent) }
}

/// Labels that nobody writes out are powers of ten: from here on log axes, and far later on linear ones, whose labels share
/// their digits.
const IMMENSE: f64 = 1e6;
const IMMENSE_LINEAR: f64 = 1e9;
const TINY: f64 = 1e-4;
/// Most decimals of labels that are small throughout.
const MOST_DECIMALS: usize = 6;

/// Shortest exact decimals; on linear axes the same number of decimals for all.
fn tick_labels(ticks: &[f64], factor: f64, spacing: Spacing) -> Vec<String> {
    let values: Vec<f64> = ticks.iter().map(|t| t * factor).collect();
    let largest = values.iter().map(|x| x.abs()).fold(0.0, f64::max);
    match spacing {
        Spacing::Log => values.iter().map(|&x| log_label(x)).collect(),
        Spacing::Linear => {
            let most = values.iter().map(|&x| decimals(x, largest)).max().unwrap_or(0);
            if largest >= IMMENSE_LINEAR || largest < TINY && most > MOST_DECIMALS {
                return powers(&values, largest);
            }
            values.iter().map(|&x| typeset::number(&format::grouped(&format::fixed(x, most)))).collect()
        }
    }
}

/// `x` without what binary fractions leave behind.
fn tidy(x: f64) -> f64 {
    format!("{x:.9e}").parse().unwrap_or(x)
}

fn log_label(x: f64) -> String {
    let x = tidy(x);
    if x == 0.0 || (TINY..IMMENSE).contains(&x.abs()) {
        return typeset::number(&format::grouped(&x.to_string()));
    }
    typeset::number(&format!("{x:e}"))
}

/// Decimals of a tick on an axis with values up to `largest`.
fn decimals(x: f64, largest: f64) -> usize {
    // a zero among them may be a remainder
    if x.abs() < 1e-9 * largest {
        return 0;
    }
    tidy(x).to_string().split_once('.').map_or(0, |(_, d)| d.len())
}

/// Labels with one power of ten and the same decimals: 0, 0.5×10⁻⁹, 1.0×10⁻⁹.
fn powers(values: &[f64], largest: f64) -> Vec<String> {
    let exponent =
        format!("{largest:e}").split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    let mantissa = |x: f64| format!("{x}e{}", -exponent).parse().unwrap_or(x);
    let mantissas: Vec<f64> = values.iter().map(|&x| tidy(mantissa(x))).collect();
    let most = mantissas.iter().map(|&m| decimals(m, 10.0)).max().unwrap_or(0);
    let label = |m: &f64| match format::fixed(*m, most) {
        zero if zero.chars().all(|c| c == '0' || c == '.') => "0".to_string(),
        text => typeset::number(&format!("{text}e{exponent}")),
    };
    mantissas.iter().map(label).collect()
}
