//! From the text of a formula to its expression.

use super::{Expr, wrong};
use crate::error::Error;

/// Parses `body`, the formula without its tilde; messages quote the whole text.
///
/// # Errors
/// It cannot be read, or something is left over.
pub(super) fn expression(text: &str, body: &str) -> Result<Expr, Error> {
    let mut parser = Parser { text, tokens: tokens(text, body)?, at: 0, depth: 0 };
    let expr = parser.sum()?;
    match parser.tokens.get(parser.at) {
        Some(rest) => Err(wrong(text, format!("`{}` is not expected there", rest.shown()))),
        None => Ok(expr),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Symbol(char),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Number(x) => x.to_string(),
            Self::Text(t) | Self::Name(t) => t.clone(),
            Self::Symbol(c) => c.to_string(),
        }
    }
}

fn tokens(text: &str, body: &str) -> Result<Vec<Token>, Error> {
    let chars: Vec<char> = body.chars().collect();
    let mut out = vec![];
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c.is_whitespace() {
            i += 1;
        } else if "`\"'".contains(c) {
            let end = (i + 1..chars.len())
                .find(|&j| chars[j] == c)
                .ok_or_else(|| wrong(text, format!("a {c} is not closed")))?;
            let inside: String = chars[i + 1..end].iter().collect();
            out.push(if c == '`' { Token::Name(inside) } else { Token::Text(inside) });
            i = end + 1;
        } else if c.is_ascii_digit() || (c == '.' && chars.get(i + 1).is_some_and(char::is_ascii_digit)) {
            let mut end = i;
            while end < chars.len()
                && (chars[end].is_ascii_digit()
                    || chars[end] == '.'
                    || "eE".contains(chars[end])
                    || ("+-".contains(chars[end]) && end > i && "eE".contains(chars[end - 1])))
            {
                end += 1;
            }
            let number: String = chars[i..end].iter().collect();
            out.push(Token::Number(
                number.parse().map_err(|_| wrong(text, format!("`{number}` is no number")))?,
            ));
            i = end;
        } else if c.is_alphabetic() || c == '_' || c == '.' {
            let mut end = i;
            while end < chars.len()
                && (chars[end].is_alphanumeric() || chars[end] == '_' || chars[end] == '.')
            {
                end += 1;
            }
            out.push(Token::Name(chars[i..end].iter().collect()));
            i = end;
        } else if "+-*/:^(),=".contains(c) {
            out.push(Token::Symbol(c));
            i += 1;
        } else {
            return Err(wrong(text, format!("`{c}` has no meaning")));
        }
    }
    Ok(out)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn symbol(&mut self, among: &str) -> Option<char> {
        match self.tokens.get(self.at) {
            Some(Token::Symbol(c)) if among.contains(*c) => {
                self.at += 1;
                Some(*c)
            }
            _ => None,
        }
    }

    fn sum(&mut self) -> Result<Expr, Error> {
        self.depth += 1;
        if self.depth > 50 {
            return Err(wrong(self.text, "it is nested too deep"));
        }
        let mut left = match self.symbol("+-") {
            Some('-') => Expr::Negative(Box::new(self.product()?)),
            _ => self.product()?,
        };
        while let Some(op) = self.symbol("+-") {
            left = Expr::Binary(op, Box::new(left), Box::new(self.product()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, Error> {
        let mut left = self.interaction()?;
        while let Some(op) = self.symbol("*/") {
            left = Expr::Binary(op, Box::new(left), Box::new(self.interaction()?));
        }
        Ok(left)
    }

    fn interaction(&mut self) -> Result<Expr, Error> {
        let mut left = self.power()?;
        while let Some(op) = self.symbol(":") {
            left = Expr::Binary(op, Box::new(left), Box::new(self.power()?));
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<Expr, Error> {
        let base = self.primary()?;
        if self.symbol("^").is_none() {
            return Ok(base);
        }
        let exponent = match self.symbol("-") {
            Some(_) => Expr::Negative(Box::new(self.primary()?)),
            None => self.primary()?,
        };
        Ok(Expr::Binary('^', Box::new(base), Box::new(exponent)))
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Number(x)) => Ok(Expr::Number(x)),
            Some(Token::Text(t)) => Ok(Expr::Text(t)),
            Some(Token::Name(name)) => {
                if self.symbol("(").is_none() {
                    return Ok(Expr::Name(name));
                }
                let mut arguments = vec![];
                loop {
                    // a name before `=`, as in `ref = "random"`, says nothing new
                    if let (Some(Token::Name(_)), Some(Token::Symbol('='))) =
                        (self.tokens.get(self.at), self.tokens.get(self.at + 1))
                    {
                        self.at += 2;
                    }
                    arguments.push(self.sum()?);
                    if self.symbol(")").is_some() {
                        return Ok(Expr::Call(name, arguments));
                    }
                    if self.symbol(",").is_none() {
                        return Err(wrong(self.text, format!("the bracket of `{name}(` is not closed")));
                    }
                }
            }
            Some(Token::Symbol('(')) => {
                let inside = self.sum()?;
                if self.symbol(")").is_none() {
                    return Err(wrong(self.text, "a bracket is not closed"));
                }
                Ok(inside)
            }
            Some(Token::Symbol(c)) => Err(wrong(self.text, format!("`{c}` is not expected there"))),
            None => Err(wrong(self.text, "it ends too early")),
        }
    }
}
