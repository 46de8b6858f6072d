//! The design matrix: a formula applied to the columns of a table of studies.
//!
//! Text columns are factors whose first level in sorted order is the reference. A factor in a term is coded by contrasts
//! with the reference where the rest of the term is in the model, else by an indicator of every level, as in R.

use super::formula::{Expr, Formula};
use crate::dataset::Dataset;
use crate::error::Error;

/// A variable of the formula, by row; `None` is missing.
#[derive(Clone, Debug)]
enum Variable {
    Numbers(Vec<Option<f64>>),
    Factor { levels: Vec<String>, values: Vec<Option<usize>> },
}

/// The columns of a model before any row is left out.
#[derive(Clone, Debug)]
pub struct Frame {
    formula: Formula,
    variables: Vec<Variable>,
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

fn unusable(text: &str, what: impl std::fmt::Display) -> Error {
    Error::usage(format!("the formula `{text}`: {what}"))
}

impl Frame {
    /// Evaluates the variables of a formula.
    ///
    /// # Errors
    /// The formula cannot be read, names a column that is not there, or a function of a value is not a number.
    pub fn new(text: &str, data: &Dataset) -> Result<Self, Error> {
        let formula = Formula::parse(text)?;
        let variables =
            formula.factors.iter().map(|e| variable(text, e, data)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { formula, variables, text: text.trim().to_string() })
    }

    /// Rows in which every variable is known.
    pub fn complete(&self, row: usize) -> bool {
        self.variables.iter().all(|v| match v {
            Variable::Numbers(x) => x[row].is_some(),
            Variable::Factor { values, .. } => values[row].is_some(),
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

    /// Names of the variables with their levels; empty for numbers.
    pub fn variables(&self) -> Vec<(String, Vec<String>)> {
        self.formula
            .factors
            .iter()
            .zip(&self.variables)
            .map(|(e, v)| match v {
                Variable::Numbers(_) => (e.text(), vec![]),
                Variable::Factor { levels, .. } => (base_name(e), levels.clone()),
            })
            .collect()
    }

    /// The value of a numeric variable in a row.
    pub fn number(&self, variable: usize, row: usize) -> Option<f64> {
        match &self.variables[variable] {
            Variable::Numbers(x) => x[row],
            Variable::Factor { .. } => None,
        }
    }

    /// The level of a factor in a row.
    pub fn level(&self, variable: usize, row: usize) -> Option<usize> {
        match &self.variables[variable] {
            Variable::Numbers(_) => None,
            Variable::Factor { values, .. } => values[row],
        }
    }

    /// Levels that occur in the given rows: a level that lost all its rows has no column.
    fn levels_in(&self, rows: &[usize]) -> Vec<Vec<usize>> {
        let present = |v: &Variable| match v {
            Variable::Numbers(_) => vec![],
            Variable::Factor { levels, values } => {
                (0..levels.len()).filter(|l| rows.iter().any(|&r| values[r] == Some(*l))).collect()
            }
        };
        self.variables.iter().map(present).collect()
    }

    /// The matrix of the given rows, in which every variable must be known.
    pub fn design(&self, rows: &[usize]) -> Design {
        let value = |v: usize, i: usize| match &self.variables[v] {
            Variable::Numbers(x) => (x[rows[i]].unwrap_or(f64::NAN), 0),
            Variable::Factor { values, .. } => (0.0, values[rows[i]].unwrap_or(0)),
        };
        self.matrix(rows.len(), &self.levels_in(rows), value)
    }

    /// One row of the matrix at given values: numbers, or the index of a level, by variable; `rows` are those of the
    /// fit, whose levels count.
    pub fn row_at(&self, rows: &[usize], numbers: &[f64], levels: &[usize]) -> Vec<f64> {
        let design = self.matrix(1, &self.levels_in(rows), |v, _| (numbers[v], levels[v]));
        design.rows.into_iter().next().unwrap_or_default()
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
            Variable::Factor { levels, .. } => {
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
        main.into_iter().find(|&g| matches!(self.variables[g], Variable::Factor { .. })) == Some(f)
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

/// The name of a factor's column: `alloc` for `factor(alloc)` and `relevel(alloc, ...)`.
fn base_name(e: &Expr) -> String {
    match e {
        Expr::Call(f, a) if matches!(f.as_str(), "factor" | "relevel") => {
            a.first().map_or_else(String::new, Expr::text)
        }
        _ => e.text(),
    }
}

fn variable(text: &str, e: &Expr, data: &Dataset) -> Result<Variable, Error> {
    match e {
        Expr::Name(name) => {
            let c = data.require(name)?;
            if data.is_numeric(c) {
                return (0..data.rows())
                    .map(|r| data.number(c, r))
                    .collect::<Result<_, _>>()
                    .map(Variable::Numbers);
            }
            Ok(factor(data, c, None))
        }
        Expr::Call(f, arguments) if matches!(f.as_str(), "factor" | "relevel") => {
            let Some(Expr::Name(name)) = arguments.first() else {
                return Err(unusable(text, format!("`{f}` needs the name of a column"))
                    .with_hint("write `factor(grade)` or `relevel(alloc, \"random\")`"));
            };
            let c = data.require(name)?;
            let reference = match arguments.get(1) {
                None => None,
                Some(Expr::Text(t) | Expr::Name(t)) => Some(t.clone()),
                Some(Expr::Number(x)) => Some(x.to_string()),
                Some(other) => return Err(unusable(text, format!("`{}` names no level", other.text()))),
            };
            let found = factor(data, c, reference.as_deref());
            if let (Variable::Factor { levels, .. }, Some(r)) = (&found, &reference)
                && levels.first() != Some(r)
            {
                return Err(unusable(text, format!("`{name}` has no level `{r}`"))
                    .with_hint(format!("its levels are: {}", levels.join(", "))));
            }
            Ok(found)
        }
        _ => {
            let mut values = vec![];
            for row in 0..data.rows() {
                let value = number(text, e, data, row)?;
                if let Some(x) = value.filter(|x| !x.is_finite()) {
                    return Err(Error::data(format!("{} is {x}", e.text()))
                        .in_file(&data.source)
                        .at_line(data.lines[row])
                        .with_hint("leave the row out with `--where`, or transform in another way"));
                }
                values.push(value);
            }
            Ok(Variable::Numbers(values))
        }
    }
}

fn factor(data: &Dataset, column: usize, reference: Option<&str>) -> Variable {
    let texts: Vec<Option<String>> = (0..data.rows()).map(|r| data.text(column, r)).collect();
    let mut levels: Vec<String> = texts.iter().flatten().cloned().collect();
    // numbers in their own order, words in that of the alphabet
    let as_number = |t: &String| t.parse::<f64>().ok();
    if levels.iter().all(|l| as_number(l).is_some()) {
        levels.sort_by(|a, b| as_number(a).unwrap_or(0.0).total_cmp(&as_number(b).unwrap_or(0.0)));
    } else {
        levels.sort();
    }
    levels.dedup();
    if let Some(at) = reference.and_then(|r| levels.iter().position(|l| l == r)) {
        let first = levels.remove(at);
        levels.insert(0, first);
    }
    let values = texts.iter().map(|t| t.as_ref().and_then(|t| levels.iter().position(|l| l == t))).collect();
    Variable::Factor { levels, values }
}

/// The value of an arithmetic expression in a row; `None` where a column is missing.
fn number(text: &str, e: &Expr, data: &Dataset, row: usize) -> Result<Option<f64>, Error> {
    let at = |e: &Expr| number(text, e, data, row);
    Ok(match e {
        Expr::Number(x) => Some(*x),
        Expr::Text(t) => return Err(unusable(text, format!("\"{t}\" is no number"))),
        Expr::Name(name) => data.number(data.require(name)?, row)?,
        Expr::Negative(a) => at(a)?.map(|x| -x),
        Expr::Binary(op, a, b) => {
            let (Some(a), Some(b)) = (at(a)?, at(b)?) else { return Ok(None) };
            Some(match op {
                '+' => a + b,
                '-' => a - b,
                '*' => a * b,
                '/' => a / b,
                '^' => a.powf(b),
                _ => return Err(unusable(text, format!("`{op}` is no arithmetic"))),
            })
        }
        Expr::Call(f, arguments) => {
            let [argument] = &arguments[..] else {
                return Err(unusable(text, format!("`{f}` takes one argument")));
            };
            let function: fn(f64) -> f64 = match f.as_str() {
                "I" => |x| x,
                "log" => f64::ln,
                "log2" => f64::log2,
                "log10" => f64::log10,
                "log1p" => f64::ln_1p,
                "exp" => f64::exp,
                "sqrt" => f64::sqrt,
                "abs" => f64::abs,
                _ => {
                    return Err(unusable(text, format!("there is no function `{f}`")).with_hint(
                        "choose from log, log2, log10, log1p, exp, sqrt, abs, I, factor, relevel",
                    ));
                }
            };
            at(argument)?.map(function)
        }
    })
}
