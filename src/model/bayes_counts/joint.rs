//! The joint density of μ and τ, and where it has mass.

use super::{FINE_LOCATIONS, FINE_SPREADS, MOST_LOCATIONS, NOTHING};
use crate::math::root::concave_maximum;
use crate::model::bayes::{MuPrior, TauPrior};
use crate::model::likelihood::{Likelihood, NormalMixture};

/// ln p(μ) with its first and second derivative, up to a constant.
pub(super) fn log_mu(prior: MuPrior, proportion: bool, m: f64) -> (f64, f64, f64) {
    match prior {
        // π(1 − π) is the uniform prior of π on the logit scale
        MuPrior::Flat if proportion => {
            let e = (-m.abs()).exp();
            (-m.abs() - 2.0 * e.ln_1p(), -m.signum() * (1.0 - e) / (1.0 + e), -2.0 * e / (1.0 + e).powi(2))
        }
        MuPrior::Flat => (0.0, 0.0, 0.0),
        MuPrior::Normal(mean, sd) => {
            let z = (m - mean) / sd;
            (-0.5 * z * z, -z / sd, -1.0 / (sd * sd))
        }
    }
}

/// The joint density of μ and τ.
pub(super) struct Joint<'a> {
    pub model: &'a NormalMixture,
    pub tau_prior: TauPrior,
    pub mu_prior: MuPrior,
    pub proportion: bool,
}

/// The peak over μ at a τ.
pub(super) struct Ridge {
    pub tau: f64,
    pub peak: f64,
    pub sd: f64,
    /// Height of the peak, and of the area under it.
    pub log: f64,
    pub area: f64,
}

/// Where the posterior has mass: values of μ and of τ, with dμ and dτ by index.
pub(super) struct Place {
    pub locations: Vec<f64>,
    pub stretch: Vec<f64>,
    pub spreads: Vec<f64>,
    pub jacobian: Vec<f64>,
}

impl Joint<'_> {
    pub fn log(&self, m: f64, s: f64) -> f64 {
        self.model.at(m, s).log
            + self.tau_prior.log_plain(s).unwrap_or(0.0)
            + log_mu(self.mu_prior, self.proportion, m).0
    }

    pub fn ridge(&self, tau: f64, start: f64) -> Ridge {
        let slopes = |m: f64| {
            let (v, prior) = (self.model.at(m, tau), log_mu(self.mu_prior, self.proportion, m));
            (v.m + prior.1, (v.mm + prior.2).min(-1e-12))
        };
        let peak = concave_maximum(slopes, start, 3.0, 1e-9);
        let sd = (-1.0 / slopes(peak).1).sqrt();
        let log = self.log(peak, tau);
        Ridge { tau, peak, sd, log, area: log + sd.ln() }
    }

    /// How far from a peak the density still counts.
    pub fn reach(&self, r: &Ridge, sign: f64, top: f64) -> f64 {
        let mut step = 2.0 * r.sd;
        let mut m = r.peak;
        for _ in 0..60 {
            m += sign * step;
            if self.log(m, r.tau) < top - NOTHING {
                break;
            }
            step *= 1.3;
        }
        m
    }

    pub fn place(&self) -> Option<Place> {
        /// Values of τ that are tried, in steps of this factor.
        const FACTOR: f64 = 1.3;
        let limit = self.model.spread_limit();
        let least = 1e-3 * self.tau_prior.scale().unwrap_or(1.0).min(1.0);
        let mut start = match self.mu_prior {
            MuPrior::Normal(m, s) if s < 1.0 => m,
            _ => self.model.starts()[1],
        };
        let mut ridges = vec![];
        let mut tau = least;
        while tau < limit * FACTOR {
            let r = self.ridge(tau.min(limit), start);
            start = r.peak;
            ridges.push(r);
            tau *= FACTOR;
        }
        // areas in ln τ: a step is everywhere of the same width
        let height = |r: &Ridge| r.area + r.tau.ln();
        let most = |f: &dyn Fn(&Ridge) -> f64| ridges.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
        let (top, peak) = (most(&height), most(&|r| r.log));
        if !top.is_finite() {
            return None;
        }
        let kept: Vec<usize> = (0..ridges.len()).filter(|&i| height(&ridges[i]) > top - NOTHING).collect();
        let (first, last) = (kept[0].saturating_sub(1), (kept[kept.len() - 1] + 1).min(ridges.len() - 1));
        let used = &ridges[first..=last];
        let lo = used.iter().map(|r| self.reach(r, -1.0, peak)).fold(f64::INFINITY, f64::min);
        let hi = used.iter().map(|r| self.reach(r, 1.0, peak)).fold(f64::NEG_INFINITY, f64::max);
        let weighty = used.iter().filter(|r| height(r) > top - 12.0);
        let (locations, stretch) = spaced(lo, hi, weighty.min_by(|a, b| a.sd.total_cmp(&b.sd))?);
        let n = (FINE_SPREADS - 1) as f64;
        let index = 0..FINE_SPREADS;
        let (spreads, jacobian) = if first == 0 {
            // τ = c sinh u: even where the density rises to its peak, by equal factors beyond, where the tail may be long
            let highest =
                |f: &dyn Fn(&Ridge) -> f64| used.iter().max_by(|a, b| f(a).total_cmp(&f(b))).map(|r| r.tau);
            let c = highest(&|r| r.area)?.max(0.05 * highest(&height)?);
            let end = (used[used.len() - 1].tau / c).asinh();
            let u = |i: usize| end * i as f64 / n;
            index.map(|i| (c * u(i).sinh(), u(i).cosh())).unzip()
        } else {
            let (a, b) = (used[0].tau.ln(), used[used.len() - 1].tau.ln());
            index.map(|i| (a + (b - a) * i as f64 / n).exp()).map(|t| (t, t)).unzip()
        };
        Some(Place { locations, stretch, spreads, jacobian })
    }
}

/// Values of μ from `lo` to `hi`, with dμ by index: evenly spaced where that is fine enough for the narrowest of the
/// ridges that count; else crowded about its peak, μ = c + w sinh u. Large studies give ridges of any width: at a τ of
/// next to nothing that of all patients as one, at a large τ that of a few studies.
pub(super) fn spaced(lo: f64, hi: f64, narrowest: &Ridge) -> (Vec<f64>, Vec<f64>) {
    let (c, w) = (narrowest.peak, narrowest.sd);
    let wanted = 3.0 * (hi - lo) / w;
    if wanted <= MOST_LOCATIONS as f64 {
        let points = wanted.max(FINE_LOCATIONS as f64) as usize | 1;
        let step = (hi - lo) / (points - 1) as f64;
        return (0..points).map(|j| (lo + j as f64 * step, 1.0)).unzip();
    }
    let (from, to) = (((lo - c) / w).asinh(), ((hi - c) / w).asinh());
    let step = (to - from) / (MOST_LOCATIONS - 1) as f64;
    let at = |j: usize| from + j as f64 * step;
    (0..MOST_LOCATIONS).map(|j| (c + w * at(j).sinh(), at(j).cosh())).unzip()
}
