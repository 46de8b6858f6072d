//! What a fitted regression says elsewhere: predictions, marginal means, lines along a moderator.

use super::Regression;
use super::estimates::Estimates;
use crate::effect::Natural;
use crate::error::Error;
use crate::math::linalg::{dot, quadratic};
use crate::model::interval::critical;
use crate::model::prediction::{PredictionInterval, covering};
use crate::model::sums::NormalModel;
use crate::result::Prediction;
use crate::result::format::significant;
use crate::result::regression::{Along, Line, Predicted};

/// Values of the moderators: a number, or a level unless it is averaged over.
#[derive(Clone, Debug)]
struct Point {
    numbers: Vec<f64>,
    levels: Vec<Option<usize>>,
}

impl Regression<'_> {
    /// The prediction for a row of the design matrix.
    fn at(&self, name: String, x: &[f64], model: &Estimates) -> Predicted {
        let z = self.basis.coordinates(x);
        let estimate = dot(x, &model.beta);
        let se = quadratic(&model.scaled, &z).sqrt();
        let half = critical(self.options.level, model.df(&z)) * se;
        let (lower, upper) = (estimate - half, estimate + half);
        let back = |x: f64| self.table.back(x);
        let prediction = self.options.prediction.filter(|_| model.robust.is_none()).and_then(|kind| {
            let k_p = self.linear().df();
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
            let named = !self.options.model.prediction.is_auto();
            let (lower, upper) = if named { limits } else { covering(limits, (Some(lower), Some(upper)))? };
            let natural = Natural { estimate: None, lower: back(lower), upper: back(upper) };
            (df > 0.0).then_some(Prediction { lower, upper, natural })
        });
        let natural = Natural { estimate: back(estimate), lower: back(lower), upper: back(upper) };
        Predicted { at: name, estimate, se, lower, upper, natural, prediction }
    }

    /// Mean of a numeric moderator over the rows used.
    fn mean(&self, moderator: usize) -> f64 {
        let sum: f64 = self.rows.iter().filter_map(|&r| self.frame.number(moderator, r)).sum();
        sum / self.rows.len() as f64
    }

    /// Levels of a factor that occur in the rows used.
    fn levels(&self, moderator: usize) -> Vec<usize> {
        let mut levels: Vec<usize> =
            self.rows.iter().filter_map(|&r| self.frame.level(moderator, r)).collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// Where nothing is fixed: numbers at their mean, no factor at a level.
    ///
    /// What is averaged are the columns of data: the function of a mean, not the mean of a function, so that a point is
    /// one that a study could have. References: \[searle1980\], \[lenth2016\].
    fn middle(&self) -> Point {
        let moderators = self.frame.moderators();
        let number = |i: usize| if moderators[i].1.is_empty() { self.mean(i) } else { 0.0 };
        Point { numbers: (0..moderators.len()).map(number).collect(), levels: vec![None; moderators.len()] }
    }

    /// Rows of the design averaged over the levels of all factors but those that are fixed.
    fn averaged(&self, point: &Point) -> Result<Vec<f64>, String> {
        let moderators = self.frame.moderators();
        let mut combinations: Vec<Vec<usize>> = vec![vec![]];
        for (i, (_, levels)) in moderators.iter().enumerate() {
            let own = match (levels.is_empty(), point.levels[i]) {
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
            let row = self.row_at(&point.numbers, &levels)?;
            if mean.is_empty() {
                mean = vec![0.0; row.len()];
            }
            mean.iter_mut().zip(row).for_each(|(m, x)| *m += x / n);
        }
        Ok(mean)
    }

    /// A row of the design without the columns that were left out.
    fn row_at(&self, numbers: &[f64], levels: &[usize]) -> Result<Vec<f64>, String> {
        let whole = self.frame.row_at(&self.rows, numbers, levels)?;
        Ok(self.kept.iter().map(|&i| whole[i]).collect())
    }

    /// The mean effect at every level of every factor; none where a function of a mean is not defined.
    pub(super) fn marginal_means(&self, model: &Estimates) -> Vec<Predicted> {
        let middle = self.middle();
        let mut out = vec![];
        for (i, (name, levels)) in self.frame.moderators().iter().enumerate().filter(|(_, m)| !m.1.is_empty())
        {
            for l in self.levels(i) {
                let mut point = middle.clone();
                point.levels[i] = Some(l);
                if let Ok(x) = self.averaged(&point) {
                    out.push(self.at(format!("{name} = {}", levels[l]), &x, model));
                }
            }
        }
        out
    }

    /// Predictions at values such as `ablat=10,40; alloc=random`: every combination; numbers that are not named are at
    /// their mean, and over factors that are not named the prediction is averaged. Functions follow what they are of.
    pub(super) fn predicted(&self, text: &str, model: &Estimates) -> Result<Vec<Predicted>, Error> {
        let moderators = self.frame.moderators();
        let wrong = |what: String| {
            Error::usage(format!("⟦at=\"{text}\"⟧: {what}")).with_hint(format!(
                "write it as `ablat=10,40; alloc=random`; the moderators are: {}",
                names(&moderators).join(", ")
            ))
        };
        let mut points = vec![(self.middle(), String::new())];
        for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, values) = part.split_once('=').ok_or_else(|| wrong(format!("`{part}` has no `=`")))?;
            let name = name.trim();
            // a column may be there both as numbers and as a factor
            let own: Vec<usize> = (0..moderators.len()).filter(|&i| moderators[i].0 == name).collect();
            if own.is_empty() {
                return Err(wrong(match self.frame.moderator(name) {
                    Some(i) => format!("`{name}` follows `{}`: give a value of that", moderators[i].0),
                    None => format!("`{name}` is no moderator of `{}`", self.frame.text),
                }));
            }
            let mut next = vec![];
            for value in values.split(',').map(str::trim) {
                for (point, shown) in &points {
                    let mut point = point.clone();
                    for &i in &own {
                        self.set(&mut point, (i, name), value).map_err(&wrong)?;
                    }
                    let joint = if shown.is_empty() { "" } else { ", " };
                    next.push((point, format!("{shown}{joint}{name} = {value}")));
                }
            }
            points = next;
            if points.len() > 10_000 {
                return Err(wrong("more than 10 000 combinations".into()));
            }
        }
        let predict = |(point, shown): (Point, String)| {
            let x = self.averaged(&point).map_err(|what| {
                wrong(if shown.is_empty() {
                    format!("at the means {what}")
                } else {
                    format!("{what} ({shown})")
                })
            })?;
            Ok(self.at(shown, &x, model))
        };
        points.into_iter().map(predict).collect()
    }

    /// Puts a moderator at a value as written.
    fn set(&self, point: &mut Point, (i, name): (usize, &str), value: &str) -> Result<(), String> {
        let levels = &self.frame.moderators()[i].1;
        if levels.is_empty() {
            let number = value.parse::<f64>().ok().filter(|x| x.is_finite());
            point.numbers[i] = number.ok_or_else(|| format!("`{value}` is no number"))?;
        } else {
            let level = levels.iter().position(|l| l == value).filter(|l| self.levels(i).contains(l));
            let absent = || format!("`{name}` has no level `{value}` among the studies used");
            point.levels[i] = Some(level.ok_or_else(absent)?);
        }
        Ok(())
    }

    /// The moderator that a picture is along: the one named, or that inside the function named; by default the first
    /// number, else the first factor.
    fn chosen(&self, moderator: Option<&str>) -> Result<usize, Error> {
        let moderators = self.frame.moderators();
        match moderator {
            Some(name) => self.frame.moderator(name).ok_or_else(|| {
                Error::usage(format!("`{name}` is no moderator of `{}`", self.frame.text))
                    .with_hint(format!("the moderators are: {}", names(&moderators).join(", ")))
            }),
            None => (0..moderators.len())
                .find(|&i| moderators[i].1.is_empty())
                .or((!moderators.is_empty()).then_some(0))
                .ok_or_else(|| Error::usage("there is no moderator to draw").with_hint("name one in ⟦mods⟧")),
        }
    }

    /// Where the line along a moderator is drawn: at the levels of a factor, else over the range of the studies.
    fn positions(&self, chosen: usize) -> Vec<f64> {
        if !self.frame.moderators()[chosen].1.is_empty() {
            return self.levels(chosen).into_iter().map(|l| l as f64).collect();
        }
        let values: Vec<f64> = self.rows.iter().filter_map(|&r| self.frame.number(chosen, r)).collect();
        let (lo, hi) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |h, x| (h.0.min(*x), h.1.max(*x)));
        let share = |i: i32| f64::from(i) / 60.0;
        let mut out: Vec<f64> = (0..=60).map(|i| lo + (hi - lo) * share(i)).collect();
        // a logarithm bends most near zero
        if lo > 0.0 && hi > 10.0 * lo && self.frame.is_transformed(chosen) {
            out.extend((1..60).map(|i| lo * (hi / lo).powf(share(i))));
            out.sort_by(f64::total_cmp);
        }
        out
    }

    /// What a bubble plot shows: effects against a moderator (by default the first number, else the first factor), with
    /// a line for every level of another factor; other numbers are at their mean, and functions of the moderator follow
    /// it.
    ///
    /// # Errors
    /// The formula has no moderator, or not this one.
    pub fn along(&self, moderator: Option<&str>) -> Result<Along, Error> {
        let moderators = self.frame.moderators();
        let is_number = |i: usize| moderators[i].1.is_empty();
        let chosen = self.chosen(moderator)?;
        let model = self.estimates(&self.linear(), self.options.tau2);
        let split = (0..moderators.len()).find(|&i| i != chosen && !is_number(i));
        let middle = self.middle();
        let groups: Vec<Option<usize>> = match split {
            Some(s) => self.levels(s).into_iter().map(Some).collect(),
            None => vec![None],
        };
        let positions = self.positions(chosen);
        let line = |group: &Option<usize>| {
            let mut start = middle.clone();
            if let (Some(s), Some(l)) = (split, group) {
                start.levels[s] = Some(*l);
            }
            // a function that has no value somewhere between the studies leaves a gap there
            let point = |&x: &f64| {
                let mut point = start.clone();
                if is_number(chosen) {
                    point.numbers[chosen] = x
                } else {
                    point.levels[chosen] = Some(x as usize)
                }
                let row = self.averaged(&point).ok()?;
                Some((x, self.at(String::new(), &row, &model)))
            };
            let label = match (split, group) {
                (Some(s), Some(l)) => moderators[s].1[*l].clone(),
                _ => String::new(),
            };
            Line { label, points: positions.iter().filter_map(point).collect() }
        };
        let lines: Vec<Line> = groups.iter().map(line).collect();
        if lines.iter().all(|l| l.points.is_empty()) {
            let what = self.averaged(&middle).err().unwrap_or_default();
            return Err(Error::model(format!(
                "nothing can be predicted at the means of the moderators: {what}"
            ))
            .with_hint("transform in another way: what is not drawn along is held at its mean"));
        }
        let studies = self.rows.iter().map(|&r| {
            let x = match self.frame.level(chosen, r) {
                Some(l) => l as f64,
                None => self.frame.number(chosen, r).unwrap_or(f64::NAN),
            };
            let own = split.and_then(|s| self.frame.level(s, r));
            (r, x, groups.iter().position(|g| *g == own).unwrap_or(0))
        });
        let held = (0..moderators.len()).filter(|&i| i != chosen && Some(i) != split).map(|i| {
            let name = &moderators[i].0;
            if is_number(i) {
                format!("{name} = {} (mean)", significant(middle.numbers[i], 4))
            } else {
                format!("{name} averaged over its levels")
            }
        });
        Ok(Along {
            moderator: moderators[chosen].0.clone(),
            levels: moderators[chosen].1.clone(),
            studies: studies.collect(),
            lines,
            held: held.collect(),
        })
    }
}

fn names(moderators: &[(String, Vec<String>)]) -> Vec<&str> {
    moderators.iter().map(|m| m.0.as_str()).collect()
}
