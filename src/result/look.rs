//! How the values of a column are shown to people: their unit, their decimals, groups of thousands, and powers of ten for
//! what nobody writes out. Tables, Markdown, sentences and pictures ask here; files hold full precision instead.

use super::format::{decimals_for, fixed, grouped, power, significant};
use super::{PoolResult, Pooled};
use crate::effect::{EffectTable, Natural, Scale};

/// In what values are counted when they are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// As they are.
    Plain,
    /// Of a hundred: proportions.
    PerCent,
    /// Of so many patients, or units of person-time.
    Per(f64),
}

impl Unit {
    /// The unit in which the effects of a table are read.
    pub fn of(table: &EffectTable) -> Self {
        match table.options.per {
            Some(n) => Self::Per(n),
            None if table.measure().is_proportion() => Self::PerCent,
            None => Self::Plain,
        }
    }

    /// What values are multiplied by.
    pub fn factor(self) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::PerCent => 100.0,
            Self::Per(n) => n,
        }
    }

    /// `per cent`, `per 100 000`; nothing for values as they are.
    pub fn words(self) -> Option<String> {
        match self {
            Self::Plain => None,
            Self::PerCent => Some("per cent".into()),
            Self::Per(n) => Some(format!("per {}", grouped(&super::format::exact(n)))),
        }
    }

    /// `per cent of patients`, `per 1000 patients`; nothing for values as they are.
    pub fn of_patients(self) -> Option<String> {
        let of = if self == Self::PerCent { "of patients" } else { "patients" };
        self.words().map(|w| format!("{w} {of}"))
    }

    /// What follows a value in a sentence: `%`, ` per 1000`.
    pub fn suffix(self) -> String {
        match self {
            Self::Plain => String::new(),
            Self::PerCent => "%".into(),
            Self::Per(_) => self.words().map_or_else(String::new, |w| format!(" {w}")),
        }
    }
}

/// How digits are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Notation {
    /// So many decimals.
    Decimals(usize),
    /// So many decimals, of ratios: as many significant digits below 0.01, two decimals fewer from 1000.
    Ratio(usize),
    /// Powers of ten with so many significant digits.
    Powers(usize),
    /// So many decimals whatever the value, because they were asked for or tell large values apart.
    Exactly(usize),
}

/// How the values of a column are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Look {
    /// In what they are counted.
    pub unit: Unit,
    notation: Notation,
    /// Differences between values that are no more than what binary fractions leave.
    grain: f64,
}

/// Differences, rates and levels from here are written as powers of ten.
const IMMENSE: f64 = 1e12;
/// So are ratios.
const IMMENSE_RATIO: f64 = 1e6;
/// The least width of a pooled interval, in widths of studies, that asks for decimals of its own.
const FINEST: f64 = 1e-3;
/// Differences of less than this times a typical width are rounding.
const GRAIN: f64 = 1e-12;
/// Immense values that differ in later digits are written out.
const MOST_FIGURES: i32 = 7;
/// Values that need more decimals are powers of ten where they are small throughout.
const MOST_DECIMALS: usize = 8;

/// Whether effects are read as ratios.
pub fn is_ratio(table: &EffectTable) -> bool {
    let spec = table.measure().spec();
    spec.scale == Scale::Log && !table.measure().is_proportion() && spec.null.is_some()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|x| x.is_finite() && *x > 0.0);
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Place of the first digit: 0 for 1 to 9.99, −1 for 0.1 to 0.999.
fn magnitude(x: f64) -> i32 {
    x.abs().log10().floor() as i32
}

impl Look {
    /// For the effects of a table as they are read; `asked` are decimals that the user wants.
    pub fn of(table: &EffectTable, asked: Option<usize>) -> Self {
        let studies: Vec<Natural> = table.studies.iter().map(|s| s.natural).collect();
        Self::with(table, &studies, &[], asked)
    }

    /// The same where pooled estimates stand beside them.
    pub fn pooled(result: &PoolResult, asked: Option<usize>) -> Self {
        let pooled: Vec<&Pooled> = result.main().into_iter().collect();
        let studies: Vec<Natural> = result.studies().map(|s| s.natural).collect();
        Self::with(&result.table, &studies, &pooled, asked)
    }

    fn with(table: &EffectTable, studies: &[Natural], pooled: &[&Pooled], asked: Option<usize>) -> Self {
        let unit = Unit::of(table);
        if let Some(n) = asked {
            return Self { unit, notation: Notation::Exactly(n), grain: 0.0 };
        }
        let naturals = || studies.iter().copied().chain(pooled.iter().map(|p| p.natural));
        let limits = |n: &Natural| n.lower.zip(n.upper);
        let of_studies: Vec<(f64, f64)> = studies.iter().filter_map(limits).collect();
        let of_pooled: Vec<(f64, f64)> = pooled.iter().filter_map(|p| limits(&p.natural)).collect();
        if is_ratio(table) {
            // the width of an interval of ratios is that of its logarithms
            let width = |v: &[(f64, f64)]| median(v.iter().map(|(l, u)| (u / l).ln()).collect());
            let (of_studies, of_pooled) = (width(&of_studies), width(&of_pooled));
            let narrow = of_studies.or(of_pooled).map_or(2, decimals_for);
            let finest = of_studies.map_or(0.0, |w| FINEST * w);
            let steps = of_pooled.map_or(0, |w| steps(w.max(finest)));
            let notation = Notation::Ratio(narrow.max(steps).clamp(2, 12));
            return Self { unit, notation, grain: of_studies.or(of_pooled).map_or(0.0, |w| GRAIN * w) };
        }
        let factor = unit.factor();
        let values: Vec<f64> = naturals().filter_map(|n| n.estimate).map(|x| factor * x).collect();
        let width = |v: &[(f64, f64)]| v.iter().map(|(l, u)| factor * (u - l)).collect::<Vec<f64>>();
        let (notation, width) = notation(&values, width(&of_studies), median(width(&of_pooled)), unit);
        Self { unit, notation, grain: GRAIN * width }
    }

    /// For plain numbers whose uncertainty is known: values, and widths of their intervals.
    pub fn plain(values: &[f64], widths: Vec<f64>, asked: Option<usize>) -> Self {
        let (notation, width) = match asked {
            Some(n) => (Notation::Exactly(n), 0.0),
            None => notation(values, widths, None, Unit::Plain),
        };
        Self { unit: Unit::Plain, notation, grain: GRAIN * width }
    }

    /// A value, in its unit but without it.
    pub fn number(&self, x: f64) -> String {
        let x = self.unit.factor() * x;
        match self.notation {
            Notation::Powers(digits) => power(x, digits),
            Notation::Exactly(decimals) => grouped(&fixed(x, decimals)),
            Notation::Decimals(_) if x.abs() >= IMMENSE => power(x, 3),
            Notation::Decimals(decimals) => grouped(&fixed(x, decimals)),
            Notation::Ratio(_) if x >= IMMENSE_RATIO => power(x, 2),
            Notation::Ratio(digits) if x > 0.0 && x < 0.01 => significant(x, digits),
            Notation::Ratio(decimals) if x >= 1000.0 => grouped(&fixed(x, decimals - 2)),
            Notation::Ratio(decimals) => fixed(x, decimals),
        }
    }

    /// An estimate with its limits. Where the limits would look alike although they differ, all are written with the significant
    /// digits that tell them apart.
    pub fn interval(&self, n: &Natural) -> [Option<String>; 3] {
        let all = [n.estimate, n.lower, n.upper];
        let factor = self.unit.factor();
        let asked = matches!(self.notation, Notation::Exactly(_));
        let alike = |l: f64, u: f64| factor * (u - l) > self.grain && self.number(l) == self.number(u);
        match n.lower.zip(n.upper) {
            Some((l, u)) if !asked && alike(l, u) => {
                let same = |d: &usize| significant(factor * l, *d) == significant(factor * u, *d);
                let digits = (2..15).find(|d| !same(d)).map_or(15, |d| d + 1);
                all.map(|x| x.map(|x| significant(factor * x, digits)))
            }
            _ => all.map(|x| x.map(|x| self.number(x))),
        }
    }

    /// A value with its unit: `35.4%`, `0.8 per 100 000`.
    pub fn with_unit(&self, x: f64) -> String {
        self.number(x) + &self.unit.suffix()
    }

    /// A limit beside an estimate that has its unit: `20.1%`, but `0.5` per so many.
    pub fn limit(&self, x: f64) -> String {
        let sign = if self.unit == Unit::PerCent { "%" } else { "" };
        self.number(x) + sign
    }
}

/// Decimals at which an interval of this width still has one step at least.
fn steps(width: f64) -> usize {
    usize::try_from(-magnitude(width)).unwrap_or(0)
}

/// How values are written, and the width of a typical interval: decimals from the median width of the intervals of studies; enough that the limits of the pooled estimate differ and that
/// the estimates are not zeros throughout; powers of ten for what nobody writes out.
fn notation(values: &[f64], widths: Vec<f64>, pooled: Option<f64>, unit: Unit) -> (Notation, f64) {
    let sizes = || values.iter().map(|x| x.abs()).filter(|x| x.is_finite());
    let Some(width) = median(widths).or(pooled).or_else(|| median(sizes().collect())) else {
        return (Notation::Decimals(if unit == Unit::PerCent { 1 } else { 2 }), 0.0);
    };
    let mut decimals = match unit {
        Unit::PerCent if width >= 1.0 => 1,
        _ => decimals_for(width),
    };
    decimals = decimals.max(pooled.map_or(0, |p| steps(p.max(FINEST * width))));
    // what binary fractions leave of a zero is none
    let largest = sizes().filter(|x| *x > 1e-6 * width).fold(0.0, f64::max);
    if largest > 0.0 && largest < 0.5 * 10f64.powi(-(decimals as i32)) {
        decimals = usize::try_from(1 - magnitude(largest)).unwrap_or(decimals);
    }
    let all = sizes().fold(width, f64::max);
    let immense = median(sizes().collect()).is_some_and(|m| m >= IMMENSE);
    if immense || decimals > MOST_DECIMALS && all < 1e-4 {
        let digits = magnitude(all) - magnitude(width) + 2;
        if immense && digits > MOST_FIGURES && all < 1e15 {
            return (Notation::Exactly(decimals), width);
        }
        return (Notation::Powers(usize::try_from(digits).unwrap_or(3).clamp(3, 15)), width);
    }
    (Notation::Decimals(decimals.min(15)), width)
}
