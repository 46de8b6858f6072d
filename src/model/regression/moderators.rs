//! Columns of data inside a formula: numbers with the functions of them, and factors.

use super::formula::Expr;
use crate::dataset::Dataset;
use crate::error::Error;

/// A column, by row; `None` is missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Column {
    Numbers(Vec<Option<f64>>),
    Factor { levels: Vec<String>, values: Vec<Option<usize>> },
}

/// A column that the formula names, alone or inside a function.
#[derive(Clone, Debug)]
pub(super) struct Moderator {
    pub name: String,
    pub column: Column,
}

impl Moderator {
    /// Levels of a factor; empty for numbers.
    pub fn levels(&self) -> &[String] {
        match &self.column {
            Column::Numbers(_) => &[],
            Column::Factor { levels, .. } => levels,
        }
    }
}

/// What a factor of the formula is, by row: numbers, or the levels of a moderator.
#[derive(Clone, Debug)]
pub(super) enum Variable {
    Numbers(Vec<Option<f64>>),
    Factor(usize),
}

fn unusable(text: &str, what: impl std::fmt::Display) -> Error {
    Error::usage(format!("the formula `{text}`: {what}"))
}

/// The name of a factor's column: `alloc` for `factor(alloc)` and `relevel(alloc, ...)`.
pub(super) fn base_name(e: &Expr) -> String {
    match e {
        Expr::Call(f, a) if matches!(f.as_str(), "factor" | "relevel") => {
            a.first().map_or_else(String::new, Expr::text)
        }
        _ => e.text(),
    }
}

/// A factor of the formula, by row; columns that it needs are added to `moderators`.
///
/// # Errors
/// A column is not there, a level is not in it, or a function of a value is not a number.
pub(super) fn variable(
    text: &str,
    e: &Expr,
    data: &Dataset,
    moderators: &mut Vec<Moderator>,
) -> Result<Variable, Error> {
    match e {
        Expr::Name(name) if !data.is_numeric(data.require(name)?) => {
            let column = factor(data, data.require(name)?, None);
            Ok(Variable::Factor(add(moderators, name, column)))
        }
        Expr::Call(f, arguments) if matches!(f.as_str(), "factor" | "relevel") => {
            let Some(Expr::Name(name)) = arguments.first() else {
                return Err(unusable(text, format!("`{f}` needs the name of a column"))
                    .with_hint("write `factor(grade)` or `relevel(alloc, \"random\")`"));
            };
            let column = releveled(text, name, arguments, data)?;
            Ok(Variable::Factor(add(moderators, name, column)))
        }
        _ => numbers(text, e, data, moderators).map(Variable::Numbers),
    }
}

/// Adds a column unless it is there; gives its place.
fn add(moderators: &mut Vec<Moderator>, name: &str, column: Column) -> usize {
    let same = |m: &Moderator| m.name == name && m.column == column;
    moderators.iter().position(same).unwrap_or_else(|| {
        moderators.push(Moderator { name: name.to_string(), column });
        moderators.len() - 1
    })
}

fn releveled(text: &str, name: &str, arguments: &[Expr], data: &Dataset) -> Result<Column, Error> {
    let c = data.require(name)?;
    let reference = match arguments.get(1) {
        None => None,
        Some(Expr::Text(t) | Expr::Name(t)) => Some(t.clone()),
        Some(Expr::Number(x)) => Some(x.to_string()),
        Some(other) => return Err(unusable(text, format!("`{}` names no level", other.text()))),
    };
    let found = factor(data, c, reference.as_deref());
    if let (Column::Factor { levels, .. }, Some(r)) = (&found, &reference)
        && levels.first() != Some(r)
    {
        return Err(unusable(text, format!("`{name}` has no level `{r}`"))
            .with_hint(format!("its levels are: {}", levels.join(", "))));
    }
    Ok(found)
}

/// The values of an arithmetic expression in every row.
fn numbers(
    text: &str,
    e: &Expr,
    data: &Dataset,
    moderators: &mut Vec<Moderator>,
) -> Result<Vec<Option<f64>>, Error> {
    let mut columns: Vec<(&str, usize)> = vec![];
    for name in e.names() {
        let c = data.require(name)?;
        let values = (0..data.rows()).map(|r| data.number(c, r)).collect::<Result<_, _>>()?;
        columns.push((name, add(moderators, name, Column::Numbers(values))));
    }
    let mut values = vec![];
    for row in 0..data.rows() {
        let look = |name: &str| {
            let at = columns.iter().find(|c| c.0 == name).map(|c| &moderators[c.1].column);
            match at {
                Some(Column::Numbers(x)) => x[row],
                _ => None,
            }
        };
        let value = number(text, e, &look)?;
        if let Some(x) = value.filter(|x| !x.is_finite()) {
            return Err(Error::data(format!("{} is {x}", e.text()))
                .in_file(&data.source)
                .at_line(data.lines[row])
                .with_hint("leave the row out with ⟦where⟧, or transform in another way"));
        }
        values.push(value);
    }
    Ok(values)
}

fn factor(data: &Dataset, column: usize, reference: Option<&str>) -> Column {
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
    Column::Factor { levels, values }
}

/// Gives the value of a column by its name.
type Look<'a> = dyn Fn(&str) -> Option<f64> + 'a;

/// The value of an arithmetic expression; `None` where a column is missing.
pub(super) fn number(text: &str, e: &Expr, look: &Look<'_>) -> Result<Option<f64>, Error> {
    let at = |e: &Expr| number(text, e, look);
    Ok(match e {
        Expr::Number(x) => Some(*x),
        Expr::Text(t) => return Err(unusable(text, format!("\"{t}\" is no number"))),
        Expr::Name(name) => look(name),
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
