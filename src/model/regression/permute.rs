//! Tests by permutation.
//!
//! The rows of the moderators are put in other orders, the model is fitted again, and each test statistic is compared
//! with those that the orders give. Where there are no more distinct orders than were asked for, all of them are
//! taken. References: \[higgins2004\], \[follmann1999\].

use super::Regression;
use super::estimates::factor;
use super::wald::chi_squared;
use crate::error::Error;
use crate::math::linalg::{block, quadratic};
use crate::math::parallel::{Progress, in_portions};
use crate::math::random::{Generator, generator, shuffle};
use crate::model::sums::{LinearModel, NormalModel};
use crate::result::regression::{PermutationRun, Permuted, RegressionResult};

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
pub(super) const PORTION: usize = 500;

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

impl Counts {
    fn add(&mut self, other: &Self) {
        self.coefficients.iter_mut().zip(&other.coefficients).for_each(|(a, b)| *a += b);
        self.omnibus += other.omnibus;
        self.total += other.total;
    }
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
    fn statistics(&self, linear: &LinearModel<'_>) -> Statistics {
        let tau2 = self.between(linear, self.options.tau2).tau2;
        let c = linear.coefficients(tau2);
        let factor = factor(self.options.ci, c.q / linear.df());
        let p = self.basis.p;
        let beta = self.basis.coefficients(&c.gamma);
        let coefficients = (0..p)
            .map(|i| {
                // the variance of a row of R⁻¹γ
                let variance = quadratic(&c.covariance, self.basis.coefficient(i));
                beta[i].abs() / (factor * variance).sqrt()
            })
            .collect();
        let first = usize::from(self.design.terms.first() == Some(&None));
        Statistics { coefficients, omnibus: wald(&c.gamma, &c.covariance, first) / factor }
    }

    fn count(&self, y: &[f64], order: &[u32], observed: &Statistics, counts: &mut Counts) {
        let linear = LinearModel { order: Some(order), ..LinearModel::new(y, &self.v, &self.basis) };
        let s = self.statistics(&linear);
        counts.total += 1;
        for (n, (x, o)) in
            counts.coefficients.iter_mut().zip(s.coefficients.iter().zip(&observed.coefficients))
        {
            *n += usize::from(*x >= o * TIE);
        }
        counts.omnibus += usize::from(s.omnibus >= observed.omnibus * TIE);
    }

    fn no_counts(&self) -> Counts {
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
        let mut all = self.no_counts();
        if exact {
            // portions by the class of the first row
            let mut firsts = start.clone();
            firsts.sort_unstable();
            firsts.dedup();
            let work = |i: usize| self.all_orders(y, observed, &start, firsts[i]);
            in_portions(firsts.len(), work, progress).into_iter().for_each(|c| all.add(&c));
        } else {
            // the observed order is one of them
            let random = orders - 1;
            let work = |portion: usize| {
                self.random_orders(
                    y,
                    observed,
                    PORTION.min(random - portion * PORTION),
                    generator(seed, portion),
                )
            };
            in_portions(random.div_ceil(PORTION), work, progress).into_iter().for_each(|c| all.add(&c));
            all.add(&Counts { coefficients: vec![1; self.basis.p], omnibus: 1, total: 1 });
        }
        all
    }

    /// All distinct orders that begin with a class.
    fn all_orders(&self, y: &[f64], observed: &Statistics, start: &[u32], first: u32) -> Counts {
        let mut rest = start.to_vec();
        rest.sort_unstable();
        let at = rest.iter().position(|c| *c == first).unwrap_or(0);
        rest.remove(at);
        let mut order = vec![first];
        order.extend(&rest);
        let mut counts = self.no_counts();
        loop {
            self.count(y, &order, observed, &mut counts);
            if !advance(&mut order[1..]) {
                return counts;
            }
        }
    }

    /// So many random orders.
    fn random_orders(
        &self,
        y: &[f64],
        observed: &Statistics,
        draws: usize,
        mut generator: Generator,
    ) -> Counts {
        let mut order: Vec<u32> = (0..self.design.rows.len() as u32).collect();
        let mut counts = self.no_counts();
        for _ in 0..draws {
            shuffle(&mut order, &mut generator);
            self.count(y, &order, observed, &mut counts);
        }
        counts
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
        let observed = self.statistics(&self.linear());
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
            let linear = LinearModel { y: &y, ..self.linear() };
            let observed = self.statistics(&linear);
            let counts = self.counts(&y, &observed, orders, seed, &|_| ());
            counts.coefficients[j] as f64 / counts.total as f64
        };
        let rejects = |value: f64| p_at(value) <= alpha;
        let limit = |sign: f64| permuted_limit(rejects, estimate, sign * 2.0 * se, 1e-4 * se);
        (limit(-1.0), limit(1.0))
    }
}

/// Where a test begins to reject, from a value that it does not in doubling steps, then by bisection to `precision`;
/// `None` where it rejects nothing far away.
fn permuted_limit(rejects: impl Fn(f64) -> bool, from: f64, mut step: f64, precision: f64) -> Option<f64> {
    let (mut inside, mut outside) = (from, from + step);
    let mut tries = 0;
    while !rejects(outside) {
        inside = outside;
        step *= 2.0;
        outside += step;
        tries += 1;
        if tries > 12 {
            return None;
        }
    }
    for _ in 0..30 {
        let middle = 0.5 * (inside + outside);
        if rejects(middle) {
            outside = middle;
        } else {
            inside = middle;
        }
        if (outside - inside).abs() < precision {
            break;
        }
    }
    Some(0.5 * (inside + outside))
}

/// γᵀV⁻¹γ of the coordinates from `first` on.
fn wald(gamma: &[f64], covariance: &[f64], first: usize) -> f64 {
    let p = gamma.len();
    match p - first {
        0 => 0.0,
        1 => gamma[first].powi(2) / covariance[first * p + first],
        _ => {
            let own: Vec<usize> = (first..p).collect();
            chi_squared(&gamma[first..], &block(covariance, p, &own)).unwrap_or(0.0)
        }
    }
}
