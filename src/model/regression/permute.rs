//! Tests by permutation, and percentile intervals by bootstrap.
//!
//! The rows of the moderators are put in other orders, the model is fitted again, and each test statistic is compared
//! with those that the orders give. Where there are no more distinct orders than were asked for, all of them are
//! taken. The bootstrap draws studies with replacement. References: \[higgins2004\], \[follmann1999\].

use super::basis::Basis;
use super::kernel::Problem;
use super::{Regression, factor, quadratic};
use crate::error::Error;
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{below, generator, shuffle};
use crate::model::tau2::Tau2;
use crate::result::Note;
use crate::result::regression::{Candidate, PermutationRun, Permuted, RegressionResult, Selection};

/// How many orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    /// So many, or all if there are no more.
    Some(usize),
    /// All of them.
    All,
}

/// A permutation test.
#[derive(Clone, Copy, Debug)]
pub struct Permutation {
    /// How many orders.
    pub orders: Orders,
    /// Of the random numbers.
    pub seed: u64,
    /// Whether confidence limits are found, too.
    pub limits: bool,
}

/// Most orders that are enumerated.
const MOST_ORDERS: f64 = 2e7;

/// Orders that one worker takes at a time; each portion has its own random numbers, so that the number of workers
/// changes nothing.
const PORTION: usize = 500;

/// Statistics at least this share of the observed one count as no less extreme: rounding must not decide.
const TIE: f64 = 1.0 - 1e-9;

/// |z| or |t| of every coefficient, and the statistic of all moderators together.
#[derive(Clone, Debug)]
struct Statistics {
    coefficients: Vec<f64>,
    omnibus: f64,
}

impl Orders {
    /// Parses a number or `exact`.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.eq_ignore_ascii_case("exact") {
            return Ok(Self::All);
        }
        match text.replace('_', "").parse::<usize>() {
            Ok(n) if (10..=100_000_000).contains(&n) => Ok(Self::Some(n)),
            _ => Err(Error::usage(format!("⟦permute={text}⟧"))
                .with_hint("give a number of permutations from 10 to 100000000, or `exact`")),
        }
    }
}

/// How many orders gave statistics as extreme as the observed.
struct Counts {
    coefficients: Vec<usize>,
    omnibus: usize,
    total: usize,
}

/// Rows of the design that are equal share a class: orders within it are one.
fn classes(rows: &[Vec<f64>]) -> Vec<u32> {
    let mut first: Vec<usize> = vec![];
    rows.iter()
        .enumerate()
        .map(|(i, row)| match first.iter().find(|&&j| rows[j] == *row) {
            Some(&j) => j as u32,
            None => {
                first.push(i);
                i as u32
            }
        })
        .collect()
}

/// k! / Π n_c!.
fn distinct(classes: &[u32]) -> f64 {
    let mut sorted = classes.to_vec();
    sorted.sort_unstable();
    let (mut count, mut run) = (1.0, 0.0);
    for (i, c) in sorted.iter().enumerate() {
        run = if i > 0 && sorted[i - 1] == *c { run + 1.0 } else { 1.0 };
        count *= (i + 1) as f64 / run;
    }
    count
}

/// The next order of a multiset, false after the last.
fn advance(order: &mut [u32]) -> bool {
    let Some(i) = order.windows(2).rposition(|w| w[0] < w[1]) else { return false };
    let j = order.iter().rposition(|x| *x > order[i]).unwrap_or(i);
    order.swap(i, j);
    order[i + 1..].reverse();
    true
}

impl Regression<'_> {
    fn statistics(&self, problem: &Problem<'_>) -> Statistics {
        let tau2 = self.between(problem, self.options.tau2).tau2;
        let c = problem.coefficients(tau2);
        let factor = factor(self.options.ci, c.q / problem.df());
        let p = self.basis.p;
        let beta = self.basis.coefficients(&c.gamma);
        let coefficients = (0..p)
            .map(|i| {
                // the variance of a row of R⁻¹γ
                let row = &self.basis.inverse[i * p..(i + 1) * p];
                beta[i].abs() / (factor * quadratic(&c.covariance, row)).sqrt()
            })
            .collect();
        let first = usize::from(self.design.terms.first() == Some(&None));
        Statistics { coefficients, omnibus: wald(&c.gamma, &c.covariance, first) / factor }
    }

    fn count(&self, y: &[f64], order: &[u32], observed: &Statistics, counts: &mut Counts) {
        let problem = Problem { y, v: &self.v, basis: &self.basis, order: Some(order) };
        let s = self.statistics(&problem);
        counts.total += 1;
        for (n, (x, o)) in
            counts.coefficients.iter_mut().zip(s.coefficients.iter().zip(&observed.coefficients))
        {
            *n += usize::from(*x >= o * TIE);
        }
        counts.omnibus += usize::from(s.omnibus >= observed.omnibus * TIE);
    }

    fn empty(&self) -> Counts {
        Counts { coefficients: vec![0; self.basis.p], omnibus: 0, total: 0 }
    }

    /// How often orders of the moderators give statistics as extreme as the observed.
    fn counts(
        &self,
        y: &[f64],
        observed: &Statistics,
        (exact, orders): (bool, usize),
        seed: u64,
        progress: Progress<'_>,
    ) -> Counts {
        let start = classes(&self.design.rows);
        let mut all = self.empty();
        let mut add = |c: Counts| {
            all.coefficients.iter_mut().zip(c.coefficients).for_each(|(a, b)| *a += b);
            all.omnibus += c.omnibus;
            all.total += c.total;
        };
        if exact {
            // portions by the class of the first row
            let mut firsts = start.clone();
            firsts.sort_unstable();
            firsts.dedup();
            let work = |i: usize| {
                let mut rest = start.clone();
                rest.sort_unstable();
                let at = rest.iter().position(|c| *c == firsts[i]).unwrap_or(0);
                rest.remove(at);
                let mut order = vec![firsts[i]];
                order.extend(&rest);
                let mut counts = self.empty();
                loop {
                    self.count(y, &order, observed, &mut counts);
                    if !advance(&mut order[1..]) {
                        return counts;
                    }
                }
            };
            in_portions(firsts.len(), work, progress).into_iter().for_each(&mut add);
            return all;
        }
        // the observed order is one of them
        let random = orders - 1;
        let work = |portion: usize| {
            let mut generator = generator(seed, portion);
            let mut order: Vec<u32> = (0..self.design.rows.len() as u32).collect();
            let mut counts = self.empty();
            for _ in 0..PORTION.min(random - portion * PORTION) {
                shuffle(&mut order, &mut generator);
                self.count(y, &order, observed, &mut counts);
            }
            counts
        };
        in_portions(random.div_ceil(PORTION), work, progress).into_iter().for_each(&mut add);
        all.coefficients.iter_mut().for_each(|c| *c += 1);
        all.omnibus += 1;
        all.total += 1;
        all
    }

    /// Adds permutation tests to a result.
    ///
    /// # Errors
    /// The formula has no moderator, or all orders were asked for and there are too many.
    pub fn permute(
        &self,
        result: &mut RegressionResult,
        wanted: &Permutation,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        if !self.frame.has_terms() {
            return Err(Error::usage("a permutation test needs a moderator").with_hint("name one in ⟦mods⟧"));
        }
        let there = distinct(&classes(&self.design.rows));
        let (exact, orders) = match wanted.orders {
            Orders::All if there > MOST_ORDERS => {
                return Err(Error::usage(format!("there are {there:.0} orders of the moderators"))
                    .with_hint("take a sample of them, such as ⟦permute=10000⟧"));
            }
            Orders::All => (true, there as usize),
            Orders::Some(n) if there <= n as f64 => (true, there as usize),
            Orders::Some(n) => (false, n),
        };
        let observed = self.statistics(&self.problem());
        let counts = self.counts(&self.y, &observed, (exact, orders), wanted.seed, progress);
        let share = |n: usize| n as f64 / counts.total as f64;
        for (j, c) in result.coefficients.iter_mut().enumerate() {
            // orders of the moderators say nothing about the intercept
            if self.design.terms[j].is_none() {
                continue;
            }
            let limits = if wanted.limits {
                self.permuted_limits(j, c.estimate, c.se, (exact, orders), wanted.seed)
            } else {
                (None, None)
            };
            c.permuted = Some(Permuted { p_value: share(counts.coefficients[j]), limits });
        }
        if let Some(m) = &mut result.moderators {
            m.permuted = Some(share(counts.omnibus));
        }
        result.permutation =
            Some(PermutationRun { permutations: counts.total, exact, seed: (!exact).then_some(wanted.seed) });
        Ok(())
    }

    /// Values of a coefficient that the test does not reject: where the p-value crosses 1 − level, by bisection.
    fn permuted_limits(
        &self,
        j: usize,
        estimate: f64,
        se: f64,
        orders: (bool, usize),
        seed: u64,
    ) -> (Option<f64>, Option<f64>) {
        let alpha = 1.0 - self.options.level / 100.0;
        let p_at = |value: f64| {
            let y: Vec<f64> =
                self.y.iter().zip(&self.design.rows).map(|(y, row)| y - value * row[j]).collect();
            let problem = Problem { y: &y, ..self.problem() };
            let observed = self.statistics(&problem);
            let counts = self.counts(&y, &observed, orders, seed, &|_| ());
            counts.coefficients[j] as f64 / counts.total as f64
        };
        let side = |sign: f64| {
            let (mut inside, mut step) = (estimate, 2.0 * se);
            let mut outside = estimate + sign * step;
            let mut tries = 0;
            while p_at(outside) > alpha {
                inside = outside;
                step *= 2.0;
                outside += sign * step;
                tries += 1;
                if tries > 12 {
                    return None;
                }
            }
            for _ in 0..30 {
                let middle = 0.5 * (inside + outside);
                if p_at(middle) > alpha {
                    inside = middle;
                } else {
                    outside = middle;
                }
                if (outside - inside).abs() < 1e-4 * se {
                    break;
                }
            }
            Some(0.5 * (inside + outside))
        };
        (side(-1.0), side(1.0))
    }

    /// Adds percentile intervals of the coefficients and of τ² by drawing studies with replacement.
    pub fn bootstrap(&self, result: &mut RegressionResult, draws: usize, seed: u64, progress: Progress<'_>) {
        let k = self.y.len();
        let work = |portion: usize| {
            let mut generator = generator(seed ^ 0x00B0_0757_0A90, portion);
            let mut out = vec![];
            for _ in 0..PORTION.min(draws - portion * PORTION) {
                // a draw may lack a level or have too few studies: then another one
                for _ in 0..1000 {
                    let rows: Vec<usize> = (0..k).map(|_| below(&mut generator, k as u64) as usize).collect();
                    let design: Vec<Vec<f64>> = rows.iter().map(|&i| self.design.rows[i].clone()).collect();
                    let (basis, aliased) = Basis::new(&design);
                    if !aliased.is_empty() {
                        continue;
                    }
                    let y: Vec<f64> = rows.iter().map(|&i| self.y[i]).collect();
                    let v: Vec<f64> = rows.iter().map(|&i| self.v[i]).collect();
                    let problem = Problem { y: &y, v: &v, basis: &basis, order: None };
                    let tau2 = self.between(&problem, self.options.tau2).tau2;
                    let beta = basis.coefficients(&problem.coefficients(tau2).gamma);
                    out.push((beta, tau2));
                    break;
                }
            }
            out
        };
        let all: Vec<(Vec<f64>, f64)> =
            in_portions(draws.div_ceil(PORTION), work, progress).into_iter().flatten().collect();
        let tail = 0.5 - self.options.level / 200.0;
        let limits = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            (percentile(&values, tail), percentile(&values, 1.0 - tail))
        };
        for (j, c) in result.coefficients.iter_mut().enumerate() {
            c.bootstrap = Some(limits(all.iter().map(|d| d.0[j]).collect()));
        }
        result.heterogeneity.tau2_bootstrap = Some(limits(all.iter().map(|d| d.1).collect()));
    }
}

/// Most terms of which all subsets are fitted.
const MOST_TERMS: usize = 16;

/// Models that are listed.
const LISTED: usize = 10;

impl Regression<'_> {
    /// Adds the models with every subset of up to `largest` terms, and the weight of each term over all of them.
    ///
    /// # Errors
    /// There are no terms to choose from, or too many.
    pub fn select(&self, result: &mut RegressionResult, largest: usize) -> Result<(), Error> {
        let names = &self.design.term_names;
        if names.is_empty() || names.len() > MOST_TERMS {
            return Err(Error::usage(format!("{} terms to select from", names.len()))
                .with_hint(format!("name 1 to {MOST_TERMS} terms in ⟦mods⟧")));
        }
        let all = subsets(self, largest);
        let best = all.first().map_or(0.0, |m| m.1);
        let total: f64 = all.iter().map(|m| (-0.5 * (m.1 - best)).exp()).sum();
        let weight = |aicc: f64| (-0.5 * (aicc - best)).exp() / total;
        let formula = |terms: &[usize]| {
            let parts: Vec<&str> = terms.iter().map(|&t| names[t].as_str()).collect();
            if parts.is_empty() { "1".to_string() } else { parts.join(" + ") }
        };
        let listed = all.iter().take(LISTED).map(|(terms, aicc, tau2)| Candidate {
            formula: formula(terms),
            aicc: *aicc,
            weight: weight(*aicc),
            tau2: *tau2,
        });
        let importance = |t: usize| all.iter().filter(|m| m.0.contains(&t)).map(|m| weight(m.1)).sum();
        result.selection = Some(Selection {
            models: all.len(),
            best: listed.collect(),
            importance: names.iter().enumerate().map(|(t, n)| (n.clone(), importance(t))).collect(),
        });
        result.notes.push(Note::ModelsSelected { models: all.len() });
        Ok(())
    }
}

/// γᵀV⁻¹γ of the coordinates from `first` on.
fn wald(gamma: &[f64], covariance: &[f64], first: usize) -> f64 {
    let p = gamma.len();
    let m = p - first;
    if m == 0 {
        return 0.0;
    }
    if m == 1 {
        return gamma[first].powi(2) / covariance[first * p + first];
    }
    let mut v = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..m {
            v[i * m + j] = covariance[(first + i) * p + first + j];
        }
    }
    let b = &gamma[first..];
    super::basis::solve_symmetric(&v, b, m).map_or(0.0, |x| x.iter().zip(b).map(|(a, b)| a * b).sum())
}

/// Linear between order statistics.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (at - at.floor()) * (sorted[high] - sorted[low])
}

/// All subsets of the terms, by ML and AICc, an interaction only with the terms it consists of: (terms, AICc, τ²).
fn subsets(r: &Regression<'_>, largest: usize) -> Vec<(Vec<usize>, f64, f64)> {
    let terms = r.design.term_names.len();
    let whole = |m: &u32| (0..terms).all(|t| m >> t & 1 == 0 || r.frame.margins(t) & !m == 0);
    let masks: Vec<u32> =
        (0..1u32 << terms).filter(|m| m.count_ones() as usize <= largest && whole(m)).collect();
    let work = |portion: usize| {
        let part = &masks[portion * 32..((portion + 1) * 32).min(masks.len())];
        part.iter()
            .filter_map(|mask| {
                let chosen: Vec<usize> = (0..terms).filter(|t| mask >> t & 1 == 1).collect();
                let columns: Vec<usize> = (0..r.design.names.len())
                    .filter(|&c| r.design.terms[c].is_none_or(|t| chosen.contains(&t)))
                    .collect();
                let rows: Vec<Vec<f64>> =
                    r.design.rows.iter().map(|x| columns.iter().map(|&c| x[c]).collect()).collect();
                let (basis, _) = Basis::new(&rows);
                if basis.p + 1 >= r.y.len() {
                    return None;
                }
                let problem = Problem { basis: &basis, ..r.problem() };
                let between = r.between(&problem, Tau2::MaximumLikelihood);
                let fit = r.fit_statistics(&problem, &between, Tau2::MaximumLikelihood);
                Some((chosen, fit.aicc, between.tau2))
            })
            .collect::<Vec<_>>()
    };
    let mut all: Vec<(Vec<usize>, f64, f64)> =
        in_portions(masks.len().div_ceil(32), work, &|_| ()).into_iter().flatten().collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all
}
