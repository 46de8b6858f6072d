//! Henmi and Copas: the common-effect estimate, whose weights small studies move least, with an interval that allows for
//! heterogeneity.
//!
//! ```text
//! W₁ = Σw,  W_j = Σwʲ/W₁,   τ² by DerSimonian and Laird,   V_R = 1 + τ² W₂
//! SE² = V_R/W₁,   limits μ̂ ± t₀ √V_R SE
//! ∫ from t₀ P(Q ≤ f⁻¹(r/t₀) | R = √V_R r) φ(r) dr = α/2,   f⁻¹(f) = (W₁/W₂ − 1)(f² − 1) + k − 1
//! ```
//! Q given R is taken as a gamma variable with the moments of the paper. Reference: \[henmi2010\].

use super::{BiasTest, Data, outcome};
use crate::error::Error;
use crate::math::quadrature::gauss_legendre;
use crate::math::{dist, root, special};
use crate::result::bias::BiasOutcome;

/// What the distribution of Q given R needs.
struct Moments {
    k: f64,
    tau2: f64,
    w: [f64; 4],
    vr: f64,
}

impl Moments {
    /// Mean and variance of Q given R = r.
    fn given(&self, r: f64) -> (f64, f64) {
        let Self { k, tau2: t, w: [w1, w2, w3, w4], vr } = *self;
        let square = r * r / (vr * vr);
        let shift = square - 1.0 / vr;
        let spread = w3 - w2 * w2;
        let mean = (k - 1.0) + t * (w1 - w2) + t * t * shift * spread;
        let variance = 2.0 * (k - 1.0)
            + 4.0 * t * (w1 - w2)
            + 2.0 * t * t * (w1 * w2 - 2.0 * w3 + w2 * w2)
            + 4.0 * t * t * shift * spread
            + 4.0 * t.powi(3) * shift * (w4 - 2.0 * w2 * w3 + w2.powi(3))
            + 2.0 * t.powi(4) * (1.0 / (vr * vr) - 2.0 * square / vr) * spread * spread;
        (mean, variance)
    }

    /// P(Q ≤ q | R = r).
    fn below(&self, q: f64, r: f64) -> f64 {
        let (mean, variance) = self.given(r);
        if q <= 0.0 || mean <= 0.0 || variance <= 0.0 {
            return f64::from(u8::from(q >= mean && mean > 0.0));
        }
        special::gamma_pq(mean * mean / variance, q * mean / variance).0
    }
}

pub(super) fn henmi_copas(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let k = data.k();
    if k < 2 {
        return Err(Error::model("one study: there is no heterogeneity to allow for")
            .with_hint("report the study's own interval"));
    }
    // free of units: variances in units of their mean
    let unit = data.v.iter().sum::<f64>() / k as f64;
    let w: Vec<f64> = data.v.iter().map(|v| unit / v).collect();
    let power = |j: i32| w.iter().map(|w| w.powi(j)).sum::<f64>();
    let w1 = power(1);
    let sums = [w1, power(2) / w1, power(3) / w1, power(4) / w1];
    let mean = w.iter().zip(&data.y).map(|(w, y)| w * y).sum::<f64>() / w1;
    let q: f64 = w.iter().zip(&data.y).map(|(w, y)| w * (y - mean).powi(2) / unit).sum();
    let tau2 = ((q - (k as f64 - 1.0)) / (w1 - sums[1])).max(0.0);
    let vr = 1.0 + tau2 * sums[1];
    let moments = Moments { k: k as f64, tau2, w: sums, vr };
    let alpha = 1.0 - data.model.level / 100.0;
    let rule = gauss_legendre(64);
    // P(|U| > t): tail of the normal from t on, in panels that follow its fall
    let excess = |t: f64| {
        let inverse = |f: f64| (sums[0] / sums[1] - 1.0) * (f * f - 1.0) + (k as f64 - 1.0);
        let mut total = 0.0;
        for panel in 0..4 {
            let (a, b) = (t + 3.0 * f64::from(panel), t + 3.0 * f64::from(panel + 1));
            for (x, w) in rule.nodes.iter().zip(&rule.weights) {
                let r = 0.5 * (a + b) + 0.5 * (b - a) * x;
                total +=
                    0.5 * (b - a) * w * moments.below(inverse(r / t), vr.sqrt() * r) * dist::normal_pdf(r);
            }
        }
        total - 0.5 * alpha
    };
    // at 0 the tail is half, far out it is nothing
    let far = root::expand_until_negative(excess, 0.0, 1.0);
    let t0 = far.and_then(|far| root::brent(excess, 1e-8, far)).ok_or_else(|| {
        Error::model(format!("no Henmi-Copas interval at a level of {}%", data.model.level))
            .with_hint("choose a usual level: ⟦level=95⟧")
    })?;
    let se = (vr / w1 * unit).sqrt();
    let half = t0 * vr.sqrt() * se;
    let mut out = outcome(BiasTest::HenmiCopas, k);
    out.variant = "common-effect weights, τ² by DerSimonian and Laird".into();
    let limits = (Some(mean - half), Some(mean + half));
    out.adjusted = Some(data.adjusted_with(mean, Some(se), limits, None, Some(tau2 * unit)));
    Ok(out)
}
