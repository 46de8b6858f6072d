//! Weight functions: the relative probability that a result with this p-value is published.
//!
//! ```text
//! stepfun   δⱼ in the j-th interval, δ₁ = 1          beta      p^(δ₁−1) (1 − p)^(δ₂−1)
//! halfnorm  exp(−δ p²)                               negexp    exp(−δ p)
//! logistic  2 exp(−δp)/(1 + exp(−δp))                power     (1 − p)^δ
//! ```
//! In beta and power p is kept within 10⁻⁵ of its ends, so that no study has an infinite weight. References:
//! \[vevea1995\], \[citkowicz2017\], \[preston2004\].

use super::terms::{Integrals, MOST, Observed};
use crate::choice::bias::SelectionModel;
use crate::math::dist;
use crate::math::quadrature::gauss_legendre;
use std::sync::OnceLock;

/// How far from 0 and 1 p is kept where the weight has no limit there.
const EDGE: f64 = 1e-5;

/// What the parameters of a weight function may be.
#[derive(Debug)]
pub struct SelectionSpec {
    /// Without selection.
    pub neutral: &'static [f64],
    /// Least and greatest value of a parameter.
    pub range: (f64, f64),
    /// How far from 0 and 1 p is kept.
    edge: f64,
}

impl SelectionModel {
    /// What its parameters may be.
    pub fn spec(self) -> &'static SelectionSpec {
        match self {
            Self::StepFunction => &SelectionSpec { neutral: &[], range: (0.0, 100.0), edge: 0.0 },
            Self::Beta => &SelectionSpec { neutral: &[1.0, 1.0], range: (EDGE, 100.0), edge: EDGE },
            Self::HalfNormal | Self::NegativeExponential | Self::Logistic => {
                &SelectionSpec { neutral: &[0.0], range: (0.0, 100.0), edge: 0.0 }
            }
            Self::Power => &SelectionSpec { neutral: &[0.0], range: (0.0, 100.0), edge: EDGE },
        }
    }
}

/// A weight function of the smooth kinds at one p.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    /// ln w.
    pub log: f64,
    /// ∂ ln w/∂δ.
    pub first: [f64; 2],
    /// ∂² ln w/∂δ²; the kinds with two parameters have none.
    pub second: f64,
}

impl SelectionModel {
    /// p, ln p and ln (1 − p) kept off the ends.
    fn kept(self, (p, log_p, log_q): (f64, f64, f64)) -> (f64, f64, f64) {
        let edge = self.spec().edge;
        if edge == 0.0 {
            return (p, log_p, log_q);
        }
        if p < edge {
            (edge, edge.ln(), (-edge).ln_1p())
        } else if p > 1.0 - edge {
            (1.0 - edge, (-edge).ln_1p(), edge.ln())
        } else {
            (p, log_p, log_q)
        }
    }

    /// The weight at p, given with its logarithm and that of 1 − p.
    pub(super) fn weight(self, p: (f64, f64, f64), delta: &[f64]) -> Weight {
        let (p, log_p, log_q) = self.kept(p);
        match self {
            Self::Beta => Weight {
                log: (delta[0] - 1.0) * log_p + (delta[1] - 1.0) * log_q,
                first: [log_p, log_q],
                second: 0.0,
            },
            Self::HalfNormal => Weight { log: -delta[0] * p * p, first: [-p * p, 0.0], second: 0.0 },
            Self::NegativeExponential => Weight { log: -delta[0] * p, first: [-p, 0.0], second: 0.0 },
            Self::Power => Weight { log: delta[0] * log_q, first: [log_q, 0.0], second: 0.0 },
            Self::Logistic => {
                let e = (-delta[0] * p).exp();
                Weight {
                    log: std::f64::consts::LN_2 - delta[0] * p - e.ln_1p(),
                    first: [-p / (1.0 + e), 0.0],
                    second: -p * p * e / ((1.0 + e) * (1.0 + e)),
                }
            }
            // steps are integrated in closed form
            Self::StepFunction => Weight { log: 0.0, first: [0.0; 2], second: 0.0 },
        }
    }

    /// ln w and its derivatives at a study's own p.
    pub(super) fn observed(self, p: (f64, f64, f64), delta: &[f64]) -> Observed {
        let w = self.weight(p, delta);
        let mut out = Observed::none();
        out.log = w.log;
        out.first[..2].copy_from_slice(&w.first);
        out.second[0][0] = w.second;
        out
    }
}

/// p, ln p and ln(1 − p) of z = y/σ.
pub(super) fn p_of(x: f64, two_sided: bool) -> (f64, f64, f64) {
    if two_sided {
        let half = dist::normal_sf(x.abs());
        let p = 2.0 * half;
        (p, p.max(f64::MIN_POSITIVE).ln(), (dist::normal_cdf(x.abs()) - half).max(f64::MIN_POSITIVE).ln())
    } else {
        let (p, q) = (dist::normal_sf(x), dist::normal_cdf(x));
        (p, p.max(f64::MIN_POSITIVE).ln(), q.max(f64::MIN_POSITIVE).ln())
    }
}

/// Nodes in z = y/σ, which all studies share: Gauss–Legendre panels of one unit or less, with ends at 0 and where p is cut.
#[derive(Debug)]
struct Grid {
    x: Vec<f64>,
    weight: Vec<f64>,
    p: Vec<(f64, f64, f64)>,
}

/// Beyond so many standard errors p is 0 or 1 in double precision.
const REACH: f64 = 38.0;
/// Nodes per panel.
const NODES: usize = 12;

fn grid(two_sided: bool) -> &'static Grid {
    static GRIDS: [OnceLock<Grid>; 2] = [OnceLock::new(), OnceLock::new()];
    GRIDS[usize::from(two_sided)].get_or_init(|| {
        // where p = 10⁻⁵, or 1 − 10⁻⁵, one-sided or two-sided
        let cuts = [dist::normal_quantile(1.0 - EDGE), dist::normal_quantile(1.0 - 0.5 * EDGE)];
        let near = dist::normal_quantile(0.5 + 0.5 * EDGE);
        let mut ends: Vec<f64> = (-38..=38).map(f64::from).collect();
        ends.extend(cuts.iter().flat_map(|c| [-c, *c]));
        if two_sided {
            // 1 − p grows as |z| from there, so that its powers change with the logarithm of z: panels that widen fourfold
            let widening = (0..9).map(|i| near * 4f64.powi(i)).filter(|z| *z < 1.0);
            ends.extend(widening.flat_map(|z| [-z, z]));
        }
        ends.sort_by(f64::total_cmp);
        let rule = gauss_legendre(NODES);
        let mut out = Grid { x: vec![], weight: vec![], p: vec![] };
        for pair in ends.windows(2) {
            let (mid, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
            for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
                let x = mid + half * node;
                out.x.push(x);
                out.weight.push(half * weight);
                out.p.push(p_of(x, two_sided));
            }
        }
        out
    })
}

/// Weights at all nodes for one δ; the integrals of each study come from them.
///
/// ```text
/// A = Σ exp(ln qᵢ + ln wᵢ − zᵢ²/2),   from the largest term down
/// ```
/// Weights may grow and fall by hundreds of orders of magnitude, faster than the density: which nodes count is seen from
/// the terms themselves, and nothing is taken out of the logarithm before the largest of them is known.
pub(super) struct Tabulated {
    grid: &'static Grid,
    /// ln of w times the quadrature weight, and the derivatives of ln w.
    w: Vec<(f64, [f64; 2], f64)>,
    parameters: usize,
    /// w below and above the grid.
    ends: [Weight; 2],
}

/// Terms that are smaller than the largest by this power of e do not change a digit.
const NEGLIGIBLE: f64 = 60.0;

impl Tabulated {
    pub fn new(model: SelectionModel, delta: &[f64], two_sided: bool) -> Self {
        let grid = grid(two_sided);
        let weigh = |(p, q): (&(f64, f64, f64), &f64)| {
            let w = model.weight(*p, delta);
            (q.ln() + w.log, w.first, w.second)
        };
        let w = grid.p.iter().zip(&grid.weight).map(weigh).collect();
        let ends =
            [model.weight(p_of(-REACH, two_sided), delta), model.weight(p_of(REACH, two_sided), delta)];
        Self { grid, w, parameters: model.spec().neutral.len(), ends }
    }

    /// Integrals of a study with standard error σ, at μ and s.
    pub fn integrals(&self, mu: f64, s: f64, sigma: f64) -> Integrals {
        let scale = sigma / s;
        let shift = mu / s;
        let height = (scale / (2.0 * std::f64::consts::PI).sqrt()).ln();
        let place = |x: f64| x * scale - shift;
        // beyond the grid w does not change: closed forms of the tails
        let below = moments(f64::NEG_INFINITY, place(-REACH));
        let above = moments(place(REACH), f64::INFINITY);
        let tails = [
            (below.0 + self.ends[0].log, below.1, &self.ends[0]),
            (above.0 + self.ends[1].log, above.1, &self.ends[1]),
        ];
        // a density narrower than a panel does not occur: s ≥ σ
        let term = |i: usize| {
            let z = place(self.grid.x[i]);
            self.w[i].0 + height - 0.5 * z * z
        };
        let nodes = (0..self.w.len()).map(term).fold(f64::NEG_INFINITY, f64::max);
        let largest = tails.iter().map(|t| t.0 + t.1[0].ln()).fold(nodes, f64::max);
        let mut out = Integrals { log: largest, ..Integrals::zero() };
        for i in 0..self.w.len() {
            let log = term(i) - largest;
            if log > -NEGLIGIBLE {
                let (_, g, h) = self.w[i];
                self.plus(&mut out, place(self.grid.x[i]), log.exp(), g, h);
            }
        }
        for (log, t, end) in tails {
            let w = (log - largest).exp();
            out.s.iter_mut().zip(t).for_each(|(sum, t)| *sum += w * t);
            for m in 0..self.parameters {
                out.g[m].iter_mut().zip(t).for_each(|(sum, t)| *sum += w * end.first[m] * t);
                for n in m..self.parameters {
                    let own = if m == n { end.second } else { 0.0 };
                    out.h[m][n] += w * (end.first[m] * end.first[n] + own) * t[0];
                }
            }
        }
        out
    }

    #[inline(always)]
    fn plus(&self, out: &mut Integrals, z: f64, e: f64, g: [f64; 2], h: f64) {
        let (e1, e2) = (e * z, e * z * z);
        out.s[0] += e;
        out.s[1] += e1;
        out.s[2] += e2;
        out.s[3] += e2 * z;
        out.s[4] += e2 * z * z;
        out.g[0][0] += e * g[0];
        out.g[0][1] += e1 * g[0];
        out.g[0][2] += e2 * g[0];
        out.h[0][0] += e * (g[0] * g[0] + h);
        if self.parameters > 1 {
            out.g[1][0] += e * g[1];
            out.g[1][1] += e1 * g[1];
            out.g[1][2] += e2 * g[1];
            out.h[0][1] += e * g[0] * g[1];
            out.h[1][1] += e * g[1] * g[1];
        }
    }
}

/// ∫ zⁿ φ(z) dz between two ends, n from 0 to 4, in units of e^L with L the first value.
///
/// ```text
/// Mₙ = (n − 1) Mₙ₋₂ + aⁿ⁻¹φ(a) − bⁿ⁻¹φ(b),   L = −a²/2 where 0 < a < b: φ(a) is the largest density
/// ```
pub(super) fn moments(a: f64, b: f64) -> (f64, [f64; 5]) {
    if b < 0.0 {
        let (log, [m0, m1, m2, m3, m4]) = moments(-b, -a);
        return (log, [m0, -m1, m2, -m3, m4]);
    }
    let log = if a > 0.0 { -0.5 * a * a } else { 0.0 };
    // φ in units of e^L
    let density = |z: f64| {
        if z.is_finite() { (-0.5 * z * z - log).exp() / (2.0 * std::f64::consts::PI).sqrt() } else { 0.0 }
    };
    let tail = |z: f64| if z.is_finite() { dist::mills_ratio(z) * density(z) } else { 0.0 };
    // by whichever tails are small
    let whole = if a > 0.0 { tail(a) - tail(b) } else { dist::normal_cdf(b) - dist::normal_cdf(a) };
    let power = |z: f64, n: i32| if z.is_finite() { z.powi(n) * density(z) } else { 0.0 };
    let drop = |n: i32| power(a, n) - power(b, n);
    let first = drop(0);
    let second = whole + drop(1);
    (log, [whole, first, second, 2.0 * first + drop(2), 3.0 * second + drop(3)])
}

/// Steps of p as pieces of z = y/σ, from small p to large.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    /// For each interval of p, one or two intervals of z.
    pub of: Vec<Vec<(f64, f64)>>,
    /// Upper ends of the intervals of p.
    pub steps: Vec<f64>,
    two_sided: bool,
}

impl Pieces {
    /// From the inner ends of the intervals, increasing, all below 1.
    pub fn new(inner: &[f64], two_sided: bool) -> Self {
        let steps: Vec<f64> = inner.iter().copied().chain([1.0]).collect();
        // the z at which p is that; −∞ (0 where two-sided) for p = 1
        let z = |p: f64| match (two_sided, p >= 1.0) {
            (true, true) => 0.0,
            (false, true) => f64::NEG_INFINITY,
            (true, false) => -dist::normal_quantile(0.5 * p),
            (false, false) => -dist::normal_quantile(p),
        };
        let mut top = f64::INFINITY;
        let mut of = vec![];
        for &p in &steps {
            let low = z(p);
            of.push(if two_sided { vec![(low, top), (-top, -low)] } else { vec![(low, top)] });
            top = low;
        }
        Self { of, steps, two_sided }
    }

    /// The interval of a p-value.
    pub fn interval(&self, p: f64) -> usize {
        self.steps.iter().position(|s| p <= *s).unwrap_or(self.steps.len() - 1)
    }

    pub fn is_two_sided(&self) -> bool {
        self.two_sided
    }

    /// Moments of one interval for a study, in units of e to the first value.
    fn moments(&self, j: usize, mu: f64, s: f64, sigma: f64) -> (f64, [f64; 5]) {
        let parts: Vec<(f64, [f64; 5])> =
            self.of[j].iter().map(|&(a, b)| moments((a * sigma - mu) / s, (b * sigma - mu) / s)).collect();
        let log = parts.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
        let mut out = [0.0; 5];
        for (l, t) in parts {
            out.iter_mut().zip(t).for_each(|(o, t)| *o += (l - log).exp() * t);
        }
        (log, out)
    }

    /// Integrals with weight 1 in the first interval and δ in the others.
    pub fn integrals(&self, delta: &[f64], mu: f64, s: f64, sigma: f64) -> Integrals {
        let weight = |j: usize| if j == 0 { 1.0 } else { delta[j - 1] };
        let parts: Vec<(f64, [f64; 5])> = (0..self.of.len()).map(|j| self.moments(j, mu, s, sigma)).collect();
        let size = |(j, (log, t)): (usize, &(f64, [f64; 5]))| log + (weight(j) * t[0]).ln();
        let log = parts.iter().enumerate().map(size).fold(f64::NEG_INFINITY, f64::max);
        let mut out = Integrals { log, ..Integrals::zero() };
        for (j, (l, t)) in parts.into_iter().enumerate() {
            // an interval without weight may hold nearly all of the density
            let unit = (l - log).min(600.0).exp();
            out.s.iter_mut().zip(t).for_each(|(sum, t)| *sum += weight(j) * unit * t);
            if j > 0 {
                out.g[j - 1].iter_mut().zip(t).for_each(|(g, t)| *g = unit * t);
            }
        }
        out
    }

    /// Integrals over one interval alone.
    pub fn within(&self, j: usize, mu: f64, s: f64, sigma: f64) -> Integrals {
        let (log, s) = self.moments(j, mu, s, sigma);
        Integrals { log, s, ..Integrals::zero() }
    }

    /// ln of the weight of an interval.
    pub fn observed(&self, j: usize, delta: &[f64]) -> Observed {
        let mut out = Observed::none();
        if j > 0 {
            let d = delta[j - 1].max(1e-300);
            out.log = d.ln();
            out.first[j - 1] = 1.0 / d;
            out.second[j - 1][j - 1] = -1.0 / (d * d);
        }
        debug_assert!(self.of.len() <= MOST + 1);
        out
    }
}
