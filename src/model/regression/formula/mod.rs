//! Formulas as in R: which terms a model has.
//!
//! ```text
//! ablat + factor(alloc)      a * b = a + b + a:b      a:b      a / b = a + a:b      (a + b + c)^2
//! log(dose), I(year^2)       0 + group, group - 1     relevel(alloc, "random")      `name with blanks`
//! ```

mod parse;

use crate::error::Error;

/// A part of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    Name(String),
    Call(String, Vec<Expr>),
    Binary(char, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
}

impl Expr {
    /// The columns it names, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut out = vec![];
        match self {
            Self::Number(_) | Self::Text(_) => {}
            Self::Name(n) => out.push(n.as_str()),
            Self::Call(_, a) => out.extend(a.iter().flat_map(Self::names)),
            Self::Binary(_, a, b) => out.extend(a.names().into_iter().chain(b.names())),
            Self::Negative(a) => out.extend(a.names()),
        }
        let mut seen = std::collections::HashSet::new();
        out.retain(|n| seen.insert(*n));
        out
    }

    /// As the user would write it.
    pub fn text(&self) -> String {
        match self {
            Self::Number(x) => x.to_string(),
            Self::Text(t) => format!("\"{t}\""),
            Self::Name(n) => n.clone(),
            Self::Call(f, a) => format!("{f}({})", a.iter().map(Self::text).collect::<Vec<_>>().join(", ")),
            Self::Binary(op, a, b) => {
                let inner = |e: &Self| match e {
                    Self::Binary(..) => format!("({})", e.text()),
                    _ => e.text(),
                };
                match op {
                    '^' | ':' => format!("{}{op}{}", inner(a), inner(b)),
                    _ => format!("{} {op} {}", inner(a), inner(b)),
                }
            }
            Self::Negative(a) => format!("-{}", a.text()),
        }
    }
}

/// A term: the factors whose product it is, as indices into [`Formula::factors`].
pub(super) type Term = Vec<usize>;

/// The terms of a model.
#[derive(Clone, Debug, Default)]
pub(super) struct Formula {
    pub intercept: bool,
    /// What terms are made of, in order of appearance.
    pub factors: Vec<Expr>,
    /// In the order of the model: fewer factors first.
    pub terms: Vec<Term>,
}

/// A set of terms with what it says of the intercept.
#[derive(Clone, Debug, Default)]
struct Terms {
    intercept: Option<bool>,
    terms: Vec<Term>,
}

fn wrong(text: &str, what: impl std::fmt::Display) -> Error {
    Error::usage(format!("the formula `{text}` cannot be read: {what}")).with_hint(
        "write it as in R: `ablat + year`, `a * b`, `a:b`, `log(dose)`, `I(year^2)`, `factor(grade)`, `0 + group`; names with blanks in backticks",
    )
}

impl Formula {
    /// Parses a formula; a leading `~` is allowed.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let body = text.trim().trim_start_matches('~');
        let expr = parse::expression(text, body)?;
        let mut formula = Self::default();
        let set = formula.interpret(text, &expr)?;
        formula.intercept = set.intercept.unwrap_or(true);
        formula.terms = set.terms;
        formula.terms.sort_by_key(Vec::len);
        Ok(formula)
    }

    fn factor(&mut self, e: &Expr) -> Terms {
        let index = self.factors.iter().position(|f| f == e).unwrap_or_else(|| {
            self.factors.push(e.clone());
            self.factors.len() - 1
        });
        Terms { intercept: None, terms: vec![vec![index]] }
    }

    fn interpret(&mut self, text: &str, e: &Expr) -> Result<Terms, Error> {
        /// More terms than any table of studies could bear.
        const MOST_TERMS: usize = 500;
        let set = match e {
            Expr::Number(x) if *x == 1.0 => Terms { intercept: Some(true), terms: vec![] },
            Expr::Number(x) if *x == 0.0 => Terms { intercept: Some(false), terms: vec![] },
            Expr::Number(x) => {
                return Err(wrong(text, format!("{x} is no term; put arithmetic into I(...)")));
            }
            Expr::Text(t) => return Err(wrong(text, format!("\"{t}\" is no term"))),
            Expr::Name(_) | Expr::Call(..) => self.factor(e),
            Expr::Negative(a) => {
                let set = self.interpret(text, a)?;
                if !set.terms.is_empty() {
                    return Err(wrong(text, "a formula cannot begin by taking a term away"));
                }
                Terms { intercept: set.intercept.map(|i| !i), terms: vec![] }
            }
            Expr::Binary('+', a, b) => {
                let (a, b) = (self.interpret(text, a)?, self.interpret(text, b)?);
                Terms { intercept: b.intercept.or(a.intercept), terms: union(a.terms, b.terms) }
            }
            Expr::Binary('-', a, b) => {
                let (a, b) = (self.interpret(text, a)?, self.interpret(text, b)?);
                let terms = a.terms.into_iter().filter(|t| !b.terms.contains(t)).collect();
                Terms { intercept: b.intercept.map(|i| !i).or(a.intercept), terms }
            }
            Expr::Binary(':', a, b) => {
                let (a, b) = (self.interpret(text, a)?, self.interpret(text, b)?);
                Terms { intercept: None, terms: products(&a.terms, &b.terms) }
            }
            Expr::Binary('*', a, b) => {
                let (a, b) = (self.interpret(text, a)?, self.interpret(text, b)?);
                let both = products(&a.terms, &b.terms);
                Terms { intercept: a.intercept.or(b.intercept), terms: union(union(a.terms, b.terms), both) }
            }
            Expr::Binary('/', a, b) => {
                let (a, b) = (self.interpret(text, a)?, self.interpret(text, b)?);
                let nested = products(&a.terms, &b.terms);
                Terms { intercept: a.intercept, terms: union(a.terms, nested) }
            }
            Expr::Binary('^', a, b) => {
                let Expr::Number(n) = **b else { return Err(wrong(text, "`^` needs a whole number")) };
                if n.fract() != 0.0 || !(1.0..=8.0).contains(&n) {
                    return Err(wrong(
                        text,
                        "`^` needs a whole number from 1 to 8; powers of numbers go into I(...)",
                    ));
                }
                let a = self.interpret(text, a)?;
                let mut terms = a.terms.clone();
                for _ in 1..n as usize {
                    terms = union(terms.clone(), products(&terms, &a.terms));
                }
                Terms { intercept: a.intercept, terms }
            }
            Expr::Binary(op, ..) => return Err(wrong(text, format!("`{op}` has no meaning here"))),
        };
        if set.terms.len() > MOST_TERMS {
            return Err(wrong(text, format!("it has more than {MOST_TERMS} terms")));
        }
        Ok(set)
    }
}

fn union(mut a: Vec<Term>, b: Vec<Term>) -> Vec<Term> {
    for t in b {
        if !a.contains(&t) {
            a.push(t);
        }
    }
    a
}

fn products(a: &[Term], b: &[Term]) -> Vec<Term> {
    let mut out = vec![];
    for s in a {
        for t in b {
            let mut product: Term = s.iter().chain(t).copied().collect();
            product.sort_unstable();
            product.dedup();
            out = union(out, vec![product]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> (bool, Vec<String>) {
        let f = Formula::parse(text).expect(text);
        let name = |t: &Term| t.iter().map(|&i| f.factors[i].text()).collect::<Vec<_>>().join(":");
        (f.intercept, f.terms.iter().map(name).collect())
    }

    #[test]
    fn terms_are_those_of_r() {
        for (text, intercept, want) in [
            ("ablat + year", true, vec!["ablat", "year"]),
            ("~ a * b", true, vec!["a", "b", "a:b"]),
            ("a:b + a", true, vec!["a", "a:b"]),
            ("0 + group", false, vec!["group"]),
            ("group - 1", false, vec!["group"]),
            ("(a + b + c)^2", true, vec!["a", "b", "c", "a:b", "a:c", "b:c"]),
            ("a * b * c - a:b:c", true, vec!["a", "b", "c", "a:b", "a:c", "b:c"]),
            ("a / b", true, vec!["a", "a:b"]),
            ("log(dose) + I(year^2)", true, vec!["log(dose)", "I(year^2)"]),
            ("`mean age` + größe", true, vec!["mean age", "größe"]),
            ("relevel(alloc, ref = \"random\")", true, vec!["relevel(alloc, \"random\")"]),
            ("1", true, vec![]),
        ] {
            assert_eq!(terms(text), (intercept, want.into_iter().map(String::from).collect()), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a +", "a + (b", "log(x", "a ^ 0.5", "2 * a", "a ? b", "a b", "`a", "a^99"] {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
        let deep = "(".repeat(10_000) + "a";
        assert!(Formula::parse(&deep).is_err());
    }
}
