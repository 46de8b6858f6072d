//! Rows of a portion as effects, with the names of their groups.

use super::fit::note;
use super::job::Job;
use super::plan::{EffectColumns, Plan, columns_of};
use super::record::{JOINT, Record, order};
use crate::dataset::portion::{Cells, Portion, Texts};
use crate::dataset::{Dataset, Shape, ShapeOptions};
use crate::effect::{EffectTable, ReadyRequest, ReadyScale, Scale, StudyEffect, read_scale};
use crate::error::Error;
use std::sync::atomic::Ordering;

/// Longest name of a group, in bytes: a record holds its length in two.
const LONGEST_KEY: usize = u16::MAX as usize;
/// Alleles of a row must be shorter, in bytes: a record holds their length, with a slash, in one.
const LONGEST_ALLELES: usize = u8::MAX as usize;

/// Effects of some rows of a file, with the names of their groups.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub keys: Texts,
    pub y: Vec<f64>,
    pub v: Vec<f64>,
    /// Empty unless sizes are asked for.
    pub n: Vec<f64>,
    /// Why a row cannot be pooled, as bits of notes.
    pub unusable: Vec<u8>,
    /// Empty unless alleles are asked for.
    pub alleles: Texts,
    /// Line of the first row; the others are taken to follow at once, which keeps their order.
    pub first: u64,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// A row with the name of its group.
    #[inline]
    pub fn record<'a>(&'a self, file: usize, row: usize, key: &'a [u8]) -> Record<'a> {
        Record {
            order: order(file, self.first + row as u64),
            y: self.y[row],
            v: self.v[row],
            n: self.n.get(row).copied().unwrap_or(f64::NAN),
            unusable: u16::from(self.unusable[row]),
            key,
            alleles: self.alleles.get(row),
        }
    }

    /// Keeps only some rows, whose names are there already.
    fn keep(&mut self, kept: &[usize]) {
        let of = |values: &[f64]| kept.iter().filter_map(|i| values.get(*i).copied()).collect();
        (self.y, self.v, self.n) = (of(&self.y), of(&self.v), of(&self.n));
        self.unusable = kept.iter().map(|i| self.unusable[*i]).collect();
        if !self.alleles.is_empty() {
            let mut alleles = Texts::default();
            kept.iter().for_each(|i| alleles.push(self.alleles.get(*i)));
            self.alleles = alleles;
        }
    }

    /// What they take in memory without their names.
    pub fn bytes(&self) -> usize {
        let each = 4 + 16 + 1 + if self.n.is_empty() { 0 } else { 8 };
        self.len() * each + self.alleles.size() + 4 * self.alleles.len()
    }

    /// Takes the alleles of all rows as `effect/other`.
    fn take_alleles(&mut self, (effect, other): (usize, usize), portion: &Portion) {
        let mut both = vec![];
        for i in 0..portion.rows() {
            let (a, b) = (portion.columns[effect].text(i), portion.columns[other].text(i));
            both.clear();
            if a.is_empty() || b.is_empty() {
                self.unusable[i] |= note::MISSING as u8;
            } else if a.len() + b.len() >= LONGEST_ALLELES {
                self.unusable[i] |= note::ALLELES as u8;
            } else {
                both.extend_from_slice(a);
                both.push(b'/');
                both.extend_from_slice(b);
                both.make_ascii_uppercase();
            }
            self.alleles.push(&both);
        }
    }
}

/// Which rows cannot be pooled, as bits of notes; without branches, as millions pass here.
fn judged(y: &[f64], v: &[f64]) -> Vec<u8> {
    let judge = |(y, v): (&f64, &f64)| {
        let missing = y.is_nan() | v.is_nan();
        let fine = y.is_finite() & v.is_finite() & (*v > 0.0);
        u8::from(missing) * note::MISSING as u8 + u8::from(!missing & !fine) * note::IMPOSSIBLE as u8
    };
    y.iter().zip(v).map(judge).collect()
}

impl Job<'_> {
    /// The rows of a portion that have a group, as effects.
    ///
    /// # Errors
    /// A value is impossible, or the name of a group cannot be kept.
    pub fn evaluate(&self, plan: &Plan, mut portion: Portion) -> Result<Rows, Error> {
        let mut out = Rows { first: portion.lines.first().copied().unwrap_or(0), ..Rows::default() };
        (out.y, out.v) = match &plan.effect {
            EffectColumns::Ready { estimate, precision, is_variance } => {
                let mut v = plan.numbers(&mut portion, *precision);
                for x in &mut v {
                    // a negative standard error must not become a variance
                    let own = if *is_variance { *x } else { *x * x.abs() };
                    *x = own * plan.widen * plan.widen;
                }
                (plan.numbers(&mut portion, *estimate), v)
            }
            EffectColumns::Computed { names, shape } => self.computed(plan, &portion, names, *shape)?,
        };
        out.unusable = judged(&out.y, &out.v);
        if let Some(columns) = plan.alleles {
            out.take_alleles(columns, &portion);
        }
        if let Some(size) = plan.size {
            out.n = plan.numbers(&mut portion, size);
        }
        self.name(plan, portion, &mut out)?;
        Ok(out)
    }

    /// Effects and variances by the measure, NaN where there are none.
    fn computed(
        &self,
        plan: &Plan,
        portion: &Portion,
        names: &[String],
        shape: Shape,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        if portion.rows() == 0 {
            return Ok((vec![], vec![]));
        }
        let source = plan.source();
        let data: Dataset = portion.dataset(&source, names)?;
        let fields = columns_of(&data, self.effects.measure, shape, &self.options.columns)?;
        let labels = data.lines.iter().map(|line| format!("row {line}")).collect();
        let rows = shape.rows(&fields, labels, &ShapeOptions::default())?;
        if shape == Shape::Ready {
            let column = fields.column_name("estimate");
            read_scale(&rows, self.effects.measure, &self.said_of_ready_values(&column))
                .map_err(|e| e.in_file(&source).in_column(&column))?;
        }
        let table = EffectTable::compute(&rows, self.effects)?;
        let one = |s: &StudyEffect| s.effect().map_or((f64::NAN, f64::NAN), |e| (e.y, e.v));
        Ok(table.studies.iter().map(one).unzip())
    }

    /// What is said of ready values; those that are read as they stand are checked as `pool` checks them.
    fn said_of_ready_values<'c>(&self, column: &'c str) -> ReadyRequest<'c> {
        let ReadyScale { values, se, .. } = self.effects.ready;
        let as_is = self.effects.measure.spec().scale == Scale::Identity;
        let (values, se) =
            if as_is { (self.options.values, self.options.se_scale) } else { (Some(values), Some(se)) };
        ReadyRequest { values, se, column }
    }

    /// Names the groups of rows, and leaves out those without one.
    fn name(&self, plan: &Plan, mut portion: Portion, rows: &mut Rows) -> Result<(), Error> {
        if let [only] = plan.keys[..] {
            let names = portion.take_texts(only);
            let plain = !names.contain(JOINT)
                && (0..names.len()).all(|i| (1..=LONGEST_KEY).contains(&names.get(i).len()));
            if plain {
                rows.keys = names;
                return Ok(());
            }
            portion.columns[only] = Cells::Text(names);
        }
        let mut key = vec![];
        let mut kept = Vec::with_capacity(portion.rows());
        for i in 0..portion.rows() {
            let named = joined(&plan.keys, &portion, i, &mut key);
            if named.map_err(|e| e.in_file(&plan.source()))?.is_some() {
                rows.keys.push(&key);
                kept.push(i);
            }
        }
        if kept.len() < portion.rows() {
            self.without_group.fetch_add((portion.rows() - kept.len()) as u64, Ordering::Relaxed);
            rows.keep(&kept);
        }
        Ok(())
    }
}

/// The key of a row; `None` where a part is missing.
///
/// # Errors
/// A part holds the character that joins parts, or the key is too long.
fn joined(keys: &[usize], portion: &Portion, row: usize, to: &mut Vec<u8>) -> Result<Option<()>, Error> {
    to.clear();
    for (i, &k) in keys.iter().enumerate() {
        if i > 0 {
            to.push(JOINT);
        }
        let part = portion.columns[k].text(row);
        if part.is_empty() {
            return Ok(None);
        }
        if part.contains(&JOINT) || to.len() + part.len() > LONGEST_KEY {
            return Err(Error::data("the name of the group is too long or holds a control character")
                .at_line(portion.lines[row] as usize)
                .with_hint("at most 65 535 bytes, without U+001F; is the file what its ending says?"));
        }
        to.extend_from_slice(part);
    }
    Ok(Some(()))
}
