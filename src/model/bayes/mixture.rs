//! Mixtures of normal distributions, and the summary of one.

use crate::math::{dist, root};
use crate::result::Marginal;

choices! {
    /// Which interval summarises a posterior.
    #[derive(Default)]
    Credible = "kind of credible interval" {
        /// The shortest interval.
        #[default]
        Shortest = "shortest", "the shortest interval", "";
        /// Equal tails.
        Central = "central", "equal tails", "";
    }
}

/// A mixture of normal distributions.
pub(in crate::model) struct Mixture(pub Vec<(f64, f64, f64)>); // weight, mean, sd

impl Mixture {
    pub fn cdf(&self, x: f64) -> f64 {
        self.0
            .iter()
            .map(
                |(w, m, s)| {
                    if *s > 0.0 {
                        w * dist::normal_cdf((x - m) / s)
                    } else {
                        w * f64::from(u8::from(x >= *m))
                    }
                },
            )
            .sum()
    }

    /// Where a component is a point the density is not defined; it is then given a width of 1e-6.
    pub fn density(&self, x: f64) -> f64 {
        let at = |(w, m, s): &(f64, f64, f64)| {
            let s = s.max(1e-6);
            w * (-0.5 * ((x - m) / s).powi(2)).exp() / s
        };
        self.0.iter().map(at).sum()
    }

    /// Mean and standard deviation.
    pub fn moments(&self) -> (f64, f64) {
        // from one of the means: equal ones lose no digits
        let start = self.middle().0;
        let mean: f64 = start + self.0.iter().map(|(w, m, _)| w * (m - start)).sum::<f64>();
        let variance: f64 = self.0.iter().map(|(w, m, s)| w * (s * s + (m - mean).powi(2))).sum();
        (mean, variance.sqrt())
    }

    /// Mean and SD of the component in the middle of the weights, in their order: near the middle of the mixture, also
    /// where its moments do not exist.
    fn middle(&self) -> (f64, f64) {
        let half = 0.5 * self.0.iter().map(|p| p.0).sum::<f64>();
        let mut sum = 0.0;
        let found = self.0.iter().find(|p| {
            sum += p.0;
            sum >= half
        });
        found.map_or((0.0, 1.0), |p| (p.1, p.2))
    }

    fn quantile(&self, q: f64, (centre, width): (f64, f64)) -> f64 {
        let mut reach = 4.0 * width.max(1e-300);
        for _ in 0..1000 {
            if self.cdf(centre - reach) < q && self.cdf(centre + reach) > q {
                break;
            }
            reach *= 2.0;
        }
        root::brent(|x| self.cdf(x) - q, centre - reach, centre + reach).unwrap_or(f64::NAN)
    }

    /// Its summary, with moments up to the highest that exists.
    pub fn marginal(&self, level: f64, credible: Credible, highest: i32) -> Marginal {
        let (mean, sd) = self.moments();
        let middle = self.middle();
        let q = |p: f64| self.quantile(p, middle);
        let mass = level / 100.0;
        let (lower, upper) = match credible {
            Credible::Central => (q(0.5 - 0.5 * mass), q(0.5 + 0.5 * mass)),
            Credible::Shortest => shortest(q, mass),
        };
        Marginal {
            mean: (highest > 0).then_some(mean),
            median: q(0.5),
            sd: (highest > 1).then_some(sd),
            lower,
            upper,
        }
    }
}

/// The shortest interval that holds `mass`, by golden section on the probability below it.
pub(in crate::model) fn shortest(quantile: impl Fn(f64) -> f64, mass: f64) -> (f64, f64) {
    let length = |p: f64| quantile(p + mass) - quantile(p);
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (1e-7, 1.0 - mass - 1e-7);
    let (mut c, mut d) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
    let (mut fc, mut fd) = (length(c), length(d));
    for _ in 0..40 {
        if fc < fd {
            (b, d, fd) = (d, c, fc);
            c = b - GOLDEN * (b - a);
            fc = length(c);
        } else {
            (a, c, fc) = (c, d, fd);
            d = a + GOLDEN * (b - a);
            fd = length(d);
        }
        if b - a < 1e-7 {
            break;
        }
    }
    let p = 0.5 * (a + b);
    (quantile(p), quantile(p + mass))
}
