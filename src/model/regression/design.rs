//! The design matrix: a formula applied to the columns of a table of studies.
//!
//! Text columns are factors whose first level in sorted order is the reference. A factor in a term is coded by contrasts
//! with the reference where the rest of the term is in the model, else by an indicator of every level, as in R.

use super::formula::Formula;
use super::moderators::{Column, Moderator, Variable, base_name, number, variable};
use crate::dataset::Dataset;
use crate::error::Error;

/// The columns of a model before any row is left out.
#[derive(Clone, Debug)]
pub struct Frame {
    formula: Formula,
    /// What the formula is made of, one for each of its factors.
    variables: Vec<Variable>,
    /// The columns of data inside these.
    moderators: Vec<Moderator>,
    /// The text of the formula.
    pub text: String,
}

/// A design matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// Names of the columns: `intercept`, `ablat`, `alloc[random]`, `ablat:year`.
    pub names: Vec<String>,
    /// Which term a column belongs to; `None` for the intercept.
    pub terms: Vec<Option<usize>>,
    /// Names of the terms.
    pub term_names: Vec<String>,
    /// Rows of the matrix.
    pub rows: Vec<Vec<f64>>,
}

/// How a factor enters a term.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Coding {
    Contrasts,
    Indicators,
}

impl Frame {
    /// Evaluates the variables of a formula.
    ///
    /// # Errors
    /// The formula cannot be read, names a column that is not there, or a function of a value is not a number.
    pub fn new(text: &str, data: &Dataset) -> Result<Self, Error> {
        let formula = Formula::parse(text)?;
        let mut moderators = vec![];
        let variables = formula
            .factors
            .iter()
            .map(|e| variable(text, e, data, &mut moderators))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { formula, variables, moderators, text: text.trim().to_string() })
    }

    /// Rows in which every variable is known.
    pub fn complete(&self, row: usize) -> bool {
        self.variables.iter().all(|v| match v {
            Variable::Numbers(x) => x.get(row).is_some_and(Option::is_some),
            Variable::Factor(m) => self.level(*m, row).is_some(),
        })
    }

    /// Whether the formula has a term beside the intercept.
    pub fn has_terms(&self) -> bool {
        !self.formula.terms.is_empty()
    }

    /// Which other terms a term consists of, as bits.
    pub(super) fn margins(&self, term: usize) -> u32 {
        let own = &self.formula.terms[term];
        let inside = |t: &Vec<usize>| t.len() < own.len() && t.iter().all(|f| own.contains(f));
        let terms = self.formula.terms.iter().enumerate();
        terms.filter(|(_, t)| inside(t)).fold(0, |bits, (i, _)| bits | 1 << i)
    }

    /// Names of the columns that the formula is made of, with their levels; empty for numbers. Of `log(dose)` and
    /// `I(dose^2)` the column is `dose`.
    pub fn moderators(&self) -> Vec<(String, Vec<String>)> {
        let levels = |m: &Moderator| match &m.column {
            Column::Numbers(_) => vec![],
            Column::Factor { levels, .. } => levels.clone(),
        };
        self.moderators.iter().map(|m| (m.name.clone(), levels(m))).collect()
    }

    /// The moderator of this name, or the only one inside a function written so.
    pub fn moderator(&self, name: &str) -> Option<usize> {
        let called = |name: &str| self.moderators.iter().position(|m| m.name == name);
        let inside = || {
            let e = self.formula.factors.iter().find(|e| e.text() == name)?;
            match e.names()[..] {
                [one] => called(one),
                _ => None,
            }
        };
        called(name).or_else(inside)
    }

    /// Whether a moderator enters through a function, so that effects along it need not lie on a line.
    pub fn is_transformed(&self, moderator: usize) -> bool {
        let Some(Moderator { name, .. }) = self.moderators.get(moderator) else { return false };
        let numbers = self.formula.factors.iter().zip(&self.variables);
        numbers
            .filter(|(_, v)| matches!(v, Variable::Numbers(_)))
            .any(|(e, _)| e.text() != *name && e.names().contains(&name.as_str()))
    }

    /// The value of a numeric moderator in a row.
    pub fn number(&self, moderator: usize, row: usize) -> Option<f64> {
        match &self.moderators.get(moderator)?.column {
            Column::Numbers(x) => *x.get(row)?,
            Column::Factor { .. } => None,
        }
    }

    /// The level of a factor in a row.
    pub fn level(&self, moderator: usize, row: usize) -> Option<usize> {
        match &self.moderators.get(moderator)?.column {
            Column::Numbers(_) => None,
            Column::Factor { values, .. } => *values.get(row)?,
        }
    }

    /// Levels that occur in the given rows: a level that lost all its rows has no column.
    fn levels_in(&self, rows: &[usize]) -> Vec<Vec<usize>> {
        let present = |v: &Variable| match v {
            Variable::Numbers(_) => vec![],
            Variable::Factor(m) => {
                let levels = self.moderators[*m].levels().len();
                (0..levels).filter(|l| rows.iter().any(|&r| self.level(*m, r) == Some(*l))).collect()
            }
        };
        self.variables.iter().map(present).collect()
    }

    /// The matrix of the given rows, in which every variable must be known.
    pub fn design(&self, rows: &[usize]) -> Design {
        let value = |v: usize, i: usize| match &self.variables[v] {
            Variable::Numbers(x) => (x[rows[i]].unwrap_or(f64::NAN), 0),
            Variable::Factor(m) => (0.0, self.level(*m, rows[i]).unwrap_or(0)),
        };
        self.matrix(rows.len(), &self.levels_in(rows), value)
    }

    /// One row of the matrix at given values of the moderators: numbers, or the index of a level; `rows` are those of
    /// the fit, whose levels count. Functions of a moderator follow it.
    ///
    /// # Errors
    /// A function has no finite value there: says which, and what it is.
    pub fn row_at(&self, rows: &[usize], numbers: &[f64], levels: &[usize]) -> Result<Vec<f64>, String> {
        let look = |name: &str| {
            let is = |m: &Moderator| m.name == name && matches!(m.column, Column::Numbers(_));
            self.moderators.iter().position(is).map(|m| numbers[m])
        };
        let mut values = vec![];
        for (e, v) in self.formula.factors.iter().zip(&self.variables) {
            values.push(match v {
                Variable::Factor(m) => (0.0, levels[*m]),
                Variable::Numbers(_) => {
                    let x = number(&self.text, e, &look).ok().flatten().unwrap_or(f64::NAN);
                    if !x.is_finite() {
                        let shown = if x.is_nan() { "not defined".into() } else { x.to_string() };
                        return Err(format!("{} is {shown} there", e.text()));
                    }
                    (x, 0)
                }
            });
        }
        let design = self.matrix(1, &self.levels_in(rows), |v, _| values[v]);
        Ok(design.rows.into_iter().next().unwrap_or_default())
    }

    fn matrix(
        &self,
        n: usize,
        present: &[Vec<usize>],
        value: impl Fn(usize, usize) -> (f64, usize),
    ) -> Design {
        let mut design = Design { names: vec![], terms: vec![], term_names: vec![], rows: vec![vec![]; n] };
        if self.formula.intercept {
            design.push("intercept".into(), None, (0..n).map(|_| 1.0));
        }
        for (t, term) in self.formula.terms.iter().enumerate() {
            let name: Vec<String> = term.iter().map(|&f| base_name(&self.formula.factors[f])).collect();
            design.term_names.push(name.join(":"));
            // columns of the product: (name, values)
            let mut columns: Vec<(String, Vec<f64>)> = vec![(String::new(), vec![1.0; n])];
            for &f in term {
                let own = self.columns_of(f, self.coding(term, f), &present[f], n, &value);
                let mut next = vec![];
                // the first factor varies fastest, as in R
                for (name, x) in &own {
                    for (so_far, y) in &columns {
                        let joined =
                            if so_far.is_empty() { name.clone() } else { format!("{so_far}:{name}") };
                        next.push((joined, x.iter().zip(y).map(|(a, b)| a * b).collect()));
                    }
                }
                columns = next;
            }
            for (name, x) in columns {
                design.push(name, Some(t), x.into_iter());
            }
        }
        design
    }

    fn columns_of(
        &self,
        f: usize,
        coding: Coding,
        present: &[usize],
        n: usize,
        value: &impl Fn(usize, usize) -> (f64, usize),
    ) -> Vec<(String, Vec<f64>)> {
        let e = &self.formula.factors[f];
        match &self.variables[f] {
            Variable::Numbers(_) => vec![(e.text(), (0..n).map(|i| value(f, i).0).collect())],
            Variable::Factor(m) => {
                let levels = self.moderators[*m].levels();
                let skip = usize::from(coding == Coding::Contrasts);
                let indicator = |&l: &usize| {
                    let is = |i| f64::from(u8::from(value(f, i).1 == l));
                    (format!("{}[{}]", base_name(e), levels[l]), (0..n).map(is).collect())
                };
                present.iter().skip(skip).map(indicator).collect()
            }
        }
    }

    fn coding(&self, term: &[usize], f: usize) -> Coding {
        let rest: Vec<usize> = term.iter().copied().filter(|g| *g != f).collect();
        let marginal =
            if rest.is_empty() { self.formula.intercept } else { self.formula.terms.contains(&rest) };
        // without an intercept the first factor stands for it
        if marginal || (rest.is_empty() && !self.is_first_factor(f)) {
            Coding::Contrasts
        } else {
            Coding::Indicators
        }
    }

    fn is_first_factor(&self, f: usize) -> bool {
        let main = self.formula.terms.iter().filter(|t| t.len() == 1).map(|t| t[0]);
        main.into_iter().find(|&g| matches!(self.variables[g], Variable::Factor(_))) == Some(f)
    }
}

impl Design {
    fn push(&mut self, name: String, term: Option<usize>, values: impl Iterator<Item = f64>) {
        self.names.push(name);
        self.terms.push(term);
        self.rows.iter_mut().zip(values).for_each(|(row, x)| row.push(x));
    }

    /// Without some columns.
    pub(super) fn without(&mut self, columns: &[usize]) {
        let keep = |i: &usize| !columns.contains(i);
        let kept: Vec<usize> = (0..self.names.len()).filter(keep).collect();
        self.names = kept.iter().map(|&i| self.names[i].clone()).collect();
        self.terms = kept.iter().map(|&i| self.terms[i]).collect();
        self.rows.iter_mut().for_each(|r| *r = kept.iter().map(|&i| r[i]).collect());
    }
}
