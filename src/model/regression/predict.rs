//! What a fitted regression says elsewhere: predictions, contrasts, marginal means, lines along a moderator.

use super::{Model, Regression, coefficient, quadratic};
use crate::effect::Natural;
use crate::error::Error;
use crate::model::interval::critical;
use crate::model::prediction::{PredictionInterval, covering};
use crate::result::Prediction;
use crate::result::format::significant;
use crate::result::regression::{Along, Coefficient, Line, Predicted};

impl Regression<'_> {
    /// The prediction for a row of the design matrix.
    fn at(&self, name: String, x: &[f64], model: &Model) -> Predicted {
        let z = self.basis.coordinates(x);
        let estimate: f64 = x.iter().zip(&model.beta).map(|(a, b)| a * b).sum();
        let se = quadratic(&model.scaled, &z).sqrt();
        let half = critical(self.options.level, model.df(&z)) * se;
        let (lower, upper) = (estimate - half, estimate + half);
        let back = |x: f64| self.table.back(x);
        let prediction = self.options.prediction.filter(|_| model.robust.is_none()).and_then(|kind| {
            let k_p = self.problem().df();
            // what the variance of the mean is multiplied by, and the degrees of freedom
            let (factor, df) = match kind {
                PredictionInterval::HartungKnapp => (model.s2, k_p),
                PredictionInterval::HartungKnappAdHoc => (model.s2.max(1.0), k_p),
                PredictionInterval::HartungKnappPartlett => (model.s2, k_p - 1.0),
                PredictionInterval::Higgins => (1.0, k_p - 1.0),
                PredictionInterval::Normal => (1.0, f64::INFINITY),
                _ => (1.0, k_p),
            };
            let variance = factor * quadratic(&model.plain, &z) + model.between.tau2;
            let half = critical(self.options.level, df) * variance.sqrt();
            let limits = (estimate - half, estimate + half);
            let named = self.options.model.prediction.is_some();
            let (lower, upper) = if named { limits } else { covering(limits, (Some(lower), Some(upper)))? };
            let natural = Natural { estimate: None, lower: back(lower), upper: back(upper) };
            (df > 0.0).then_some(Prediction { lower, upper, natural })
        });
        let natural = Natural { estimate: back(estimate), lower: back(lower), upper: back(upper) };
        Predicted { at: name, estimate, se, lower, upper, natural, prediction }
    }

    /// Mean of a numeric variable over the rows used.
    fn mean(&self, variable: usize) -> f64 {
        let sum: f64 = self.rows.iter().filter_map(|&r| self.frame.number(variable, r)).sum();
        sum / self.rows.len() as f64
    }

    /// Levels of a factor that occur in the rows used.
    fn levels(&self, variable: usize) -> Vec<usize> {
        let mut levels: Vec<usize> =
            self.rows.iter().filter_map(|&r| self.frame.level(variable, r)).collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// Rows of the design averaged over the levels of all factors but those that are fixed, numbers as given.
    fn averaged(&self, numbers: &[f64], fixed: &[Option<usize>]) -> Vec<f64> {
        let variables = self.frame.variables();
        let mut combinations: Vec<Vec<usize>> = vec![vec![]];
        for (i, (_, levels)) in variables.iter().enumerate() {
            let own = match (levels.is_empty(), fixed[i]) {
                (true, _) => vec![0],
                (_, Some(l)) => vec![l],
                _ => self.levels(i),
            };
            combinations = combinations
                .iter()
                .flat_map(|c| own.iter().map(|l| [c.as_slice(), &[*l]].concat()))
                .collect();
        }
        let n = combinations.len() as f64;
        let mut mean: Vec<f64> = vec![];
        for levels in combinations {
            let row = self.row_at(numbers, &levels);
            if mean.is_empty() {
                mean = vec![0.0; row.len()];
            }
            mean.iter_mut().zip(row).for_each(|(m, x)| *m += x / n);
        }
        mean
    }

    /// A row of the design without the columns that were left out.
    fn row_at(&self, numbers: &[f64], levels: &[usize]) -> Vec<f64> {
        let whole = self.frame.row_at(&self.rows, numbers, levels);
        self.kept.iter().map(|&i| whole[i]).collect()
    }

    pub(super) fn marginal_means(&self, model: &Model) -> Vec<Predicted> {
        let variables = self.frame.variables();
        let numbers: Vec<f64> = (0..variables.len())
            .map(|i| if variables[i].1.is_empty() { self.mean(i) } else { 0.0 })
            .collect();
        let mut out = vec![];
        for (i, (name, levels)) in variables.iter().enumerate().filter(|(_, v)| !v.1.is_empty()) {
            for l in self.levels(i) {
                let mut fixed = vec![None; variables.len()];
                fixed[i] = Some(l);
                let x = self.averaged(&numbers, &fixed);
                out.push(self.at(format!("{name} = {}", levels[l]), &x, model));
            }
        }
        out
    }

    /// Predictions at values such as `ablat=10,40; alloc=random`: every combination; numbers that are not named are at
    /// their mean, and over factors that are not named the prediction is averaged.
    pub(super) fn predicted(&self, text: &str, model: &Model) -> Result<Vec<Predicted>, Error> {
        let variables = self.frame.variables();
        let wrong = |what: String| {
            let names: Vec<&str> = variables.iter().map(|v| v.0.as_str()).collect();
            Error::usage(format!("`--at \"{text}\"`: {what}")).with_hint(format!(
                "write it as `ablat=10,40; alloc=random`; the moderators are: {}",
                names.join(", ")
            ))
        };
        let numbers: Vec<f64> = (0..variables.len())
            .map(|i| if variables[i].1.is_empty() { self.mean(i) } else { 0.0 })
            .collect();
        let mut points = vec![(numbers, vec![None; variables.len()], String::new())];
        for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, values) = part.split_once('=').ok_or_else(|| wrong(format!("`{part}` has no `=`")))?;
            let name = name.trim();
            let i = variables
                .iter()
                .position(|v| v.0 == name)
                .ok_or_else(|| wrong(format!("`{name}` is no moderator of `{}`", self.frame.text)))?;
            let mut next = vec![];
            for value in values.split(',').map(str::trim) {
                for (numbers, levels, shown) in &points {
                    let (mut numbers, mut levels) = (numbers.clone(), levels.clone());
                    if variables[i].1.is_empty() {
                        numbers[i] = value
                            .parse::<f64>()
                            .ok()
                            .filter(|x| x.is_finite())
                            .ok_or_else(|| wrong(format!("`{value}` is no number")))?;
                    } else {
                        let level = variables[i].1.iter().position(|l| l == value);
                        let present = level.filter(|l| self.levels(i).contains(l));
                        levels[i] = Some(present.ok_or_else(|| {
                            wrong(format!("`{name}` has no level `{value}` among the studies used"))
                        })?);
                    }
                    let joint = if shown.is_empty() { "" } else { ", " };
                    next.push((numbers, levels, format!("{shown}{joint}{name} = {value}")));
                }
            }
            points = next;
            if points.len() > 10_000 {
                return Err(wrong("more than 10 000 combinations".into()));
            }
        }
        Ok(points
            .into_iter()
            .map(|(numbers, levels, shown)| self.at(shown, &self.averaged(&numbers, &levels), model))
            .collect())
    }

    /// What a bubble plot shows: effects against a moderator (by default the first number, else the first factor), with
    /// a line for every level of another factor; other numbers are at their mean.
    ///
    /// # Errors
    /// The formula has no moderator, or not this one.
    pub fn along(&self, moderator: Option<&str>) -> Result<Along, Error> {
        let variables = self.frame.variables();
        let is_number = |i: usize| variables[i].1.is_empty();
        let names: Vec<&str> = variables.iter().map(|v| v.0.as_str()).collect();
        let chosen = match moderator {
            Some(name) => names.iter().position(|n| *n == name).ok_or_else(|| {
                Error::usage(format!("`{name}` is no moderator of `{}`", self.frame.text))
                    .with_hint(format!("the moderators are: {}", names.join(", ")))
            })?,
            None => (0..variables.len())
                .find(|&i| is_number(i))
                .or((!variables.is_empty()).then_some(0))
                .ok_or_else(|| {
                    Error::usage("there is no moderator to draw").with_hint("name one in `--mods`")
                })?,
        };
        let model = self.model(&self.problem(), self.options.tau2);
        let split = (0..variables.len()).find(|&i| i != chosen && !is_number(i));
        let numbers: Vec<f64> =
            (0..variables.len()).map(|i| if is_number(i) { self.mean(i) } else { 0.0 }).collect();
        let groups: Vec<Option<usize>> = match split {
            Some(s) => self.levels(s).into_iter().map(Some).collect(),
            None => vec![None],
        };
        let positions: Vec<f64> = if is_number(chosen) {
            let values: Vec<f64> = self.rows.iter().filter_map(|&r| self.frame.number(chosen, r)).collect();
            let (lo, hi) =
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |h, x| (h.0.min(*x), h.1.max(*x)));
            (0..=60).map(|i| lo + (hi - lo) * f64::from(i) / 60.0).collect()
        } else {
            self.levels(chosen).into_iter().map(|l| l as f64).collect()
        };
        let line = |group: &Option<usize>| {
            let mut fixed = vec![None; variables.len()];
            if let (Some(s), Some(l)) = (split, group) {
                fixed[s] = Some(*l);
            }
            let point = |&x: &f64| {
                let (mut numbers, mut fixed) = (numbers.clone(), fixed.clone());
                if is_number(chosen) {
                    numbers[chosen] = x
                } else {
                    fixed[chosen] = Some(x as usize)
                }
                (x, self.at(String::new(), &self.averaged(&numbers, &fixed), &model))
            };
            let label = match (split, group) {
                (Some(s), Some(l)) => variables[s].1[*l].clone(),
                _ => String::new(),
            };
            Line { label, points: positions.iter().map(point).collect() }
        };
        let studies = self.rows.iter().map(|&r| {
            let x = match self.frame.level(chosen, r) {
                Some(l) => l as f64,
                None => self.frame.number(chosen, r).unwrap_or(f64::NAN),
            };
            let own = split.and_then(|s| self.frame.level(s, r));
            (r, x, groups.iter().position(|g| *g == own).unwrap_or(0))
        });
        let held = (0..variables.len()).filter(|&i| i != chosen && is_number(i));
        Ok(Along {
            moderator: names[chosen].to_string(),
            levels: variables[chosen].1.clone(),
            studies: studies.collect(),
            lines: groups.iter().map(line).collect(),
            held: held.map(|i| format!("{} = {} (mean)", names[i], significant(numbers[i], 4))).collect(),
        })
    }

    /// A combination such as `alloc[random] - 0.5*ablat`.
    pub(super) fn contrast(&self, text: &str, model: &Model) -> Result<Coefficient, Error> {
        let weights = combination(text, &self.design.names)?;
        let z = self.basis.coordinates(&weights);
        let estimate: f64 = weights.iter().zip(&model.beta).map(|(a, b)| a * b).sum();
        let se = quadratic(&model.scaled, &z).sqrt();
        Ok(coefficient(text.trim(), estimate, se, model.df(&z), self.options.level))
    }
}

/// Weights of the coefficients in a sum such as `intercept + 33*ablat - alloc[random]`.
fn combination(text: &str, names: &[String]) -> Result<Vec<f64>, Error> {
    let wrong = |what: String| {
        Error::usage(format!("the contrast `{text}`: {what}")).with_hint(format!(
            "write a sum such as `alloc[random] - alloc[systematic]` or `intercept + 33*ablat`; the coefficients are: {}",
            names.join(", ")
        ))
    };
    let mut weights = vec![0.0; names.len()];
    let mut rest = text.trim();
    let mut sign = 1.0;
    let mut first = true;
    if rest.is_empty() {
        return Err(wrong("it is empty".into()));
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('-') {
            sign = -sign;
            rest = after.trim_start();
        } else if let Some(after) = rest.strip_prefix('+') {
            rest = after.trim_start();
        } else if !first {
            return Err(wrong(format!("`{rest}` is not expected there")));
        }
        first = false;
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let mut factor = 1.0;
        if end > 0 {
            let after = rest[end..].trim_start();
            if let Some(after) = after.strip_prefix('*') {
                factor =
                    rest[..end].parse().map_err(|_| wrong(format!("`{}` is no number", &rest[..end])))?;
                rest = after.trim_start();
            }
        }
        // the longest name that begins here
        let at = names
            .iter()
            .enumerate()
            .filter(|(_, n)| rest.starts_with(n.as_str()))
            .max_by_key(|(_, n)| n.len())
            .map(|(i, _)| i)
            .ok_or_else(|| wrong(format!("no coefficient is called `{rest}`")))?;
        weights[at] += sign * factor;
        rest = rest[names[at].len()..].trim_start();
        sign = 1.0;
    }
    Ok(weights)
}
