//! The p-curve: is the distribution of significant p-values that of a true effect?
//!
//! ```text
//! right skew   pp = p/α for p < α (p/(α/2) for the half curve),     z = Σ Φ⁻¹(pp)/√n, small if skewed
//! 33% power    pp = P(z′ ≤ z | significant, 33% power),              z = Σ Φ⁻¹(pp)/√n, small if flatter than that
//! power        the one whose pp average to no skew at all
//! ```
//! Two-sided p-values of z; only results in the direction of the common effect count. Tests by Stouffer's sum. Reference:
//! \[simonsohn2014\], \[simonsohn2015\].

use super::{Alternative, BiasTest, Data, outcome};
use crate::error::Error;
use crate::math::{dist, root};
use crate::result::bias::{BiasOutcome, Finding, PCurve, Power, Statistic};

/// The power that results are flatter than, where they hold no evidence.
const FLAT: f64 = 1.0 / 3.0;

/// Non-centrality at which a two-sided test at `alpha` has this power, the far tail included.
fn centre_for(power: f64, cut: f64) -> f64 {
    let excess = |m: f64| dist::normal_sf(cut - m) + dist::normal_sf(cut + m) - power;
    root::brent(excess, 0.0, cut + 40.0).unwrap_or(0.0)
}

/// Stouffer's sum of probabilities, each given with what it lacks to 1: quantiles come from the smaller of the two, which
/// has all its digits.
fn stouffer(probabilities: &[(f64, f64)]) -> (f64, f64) {
    let quantile = |(p, q): &(f64, f64)| {
        let at = dist::normal_quantile(p.min(*q).max(f64::MIN_POSITIVE));
        if p <= q { at } else { -at }
    };
    let z = probabilities.iter().map(quantile).sum::<f64>() / (probabilities.len() as f64).sqrt();
    (z, dist::normal_cdf(z))
}

/// P(z′ ≤ z | z′ beyond the cut) at a centre, and what it lacks to 1: 0 for a result that barely is significant.
fn given_significant(z: f64, cut: f64, centre: f64) -> (f64, f64) {
    let beyond = |x: f64| dist::normal_sf(x - centre) + dist::normal_sf(x + centre);
    let more = (beyond(z) / beyond(cut)).min(1.0);
    (1.0 - more, more)
}

pub(super) fn p_curve(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let alpha = data.options.alpha.unwrap_or(0.05);
    if alpha >= FLAT {
        return Err(Error::usage(format!("a p-curve of results significant at {alpha}")).with_hint(
            "its test of flatness is against a power of 33%, which a level must lie below: ⟦alpha=0.05⟧",
        ));
    }
    let cut = dist::normal_quantile(1.0 - 0.5 * alpha);
    let sign = if data.direction() == Alternative::Greater { 1.0 } else { -1.0 };
    let z: Vec<f64> = data
        .y
        .iter()
        .zip(&data.v)
        .map(|(y, v)| sign * (y - data.null()) / v.sqrt())
        .filter(|z| *z > cut)
        .collect();
    if z.is_empty() {
        return Err(Error::model("no study is significant in the direction of the common effect")
            .with_hint("a p-curve is of significant results; there is none to look at"));
    }
    let p: Vec<f64> = z.iter().map(|z| dist::normal_two_sided(*z)).collect();
    let half: Vec<usize> = (0..p.len()).filter(|&i| p[i] < 0.5 * alpha).collect();
    let half_cut = dist::normal_quantile(1.0 - 0.25 * alpha);
    let right = stouffer(&p.iter().map(|p| (p / alpha, 1.0 - p / alpha)).collect::<Vec<_>>());
    let of_half = |i: usize| (p[i] / (0.5 * alpha), 1.0 - p[i] / (0.5 * alpha));
    let right_half =
        (!half.is_empty()).then(|| stouffer(&half.iter().map(|&i| of_half(i)).collect::<Vec<_>>()));
    // flat: results are less beyond the cut than 33% power would make them
    let third = centre_for(FLAT, cut);
    let flat = stouffer(&z.iter().map(|z| given_significant(*z, cut, third)).collect::<Vec<_>>());
    let flat_half = (!half.is_empty()).then(|| {
        stouffer(&half.iter().map(|&i| given_significant(z[i], half_cut, third)).collect::<Vec<_>>())
    });
    let skew = |power: f64| {
        let centre = centre_for(power, cut);
        stouffer(&z.iter().map(|z| given_significant(*z, cut, centre)).collect::<Vec<_>>()).0
    };
    // between no power beyond α and nearly all: what lies beyond is known by its side alone
    let (low, high) = (alpha + 1e-6, 0.99);
    let solve = |target: f64| {
        let f = |power: f64| skew(power) - target;
        if f(low) <= 0.0 {
            Power::Below(100.0 * alpha)
        } else if f(high) >= 0.0 {
            Power::Above(100.0 * high)
        } else {
            Power::At(100.0 * root::brent(f, low, high).unwrap_or(low))
        }
    };
    let tail = dist::normal_quantile(0.95);
    let share = |i: usize| {
        let (a, b) = (alpha * i as f64 / 5.0, alpha * (i + 1) as f64 / 5.0);
        100.0 * p.iter().filter(|p| **p > a && **p <= b || i == 0 && **p <= a).count() as f64 / p.len() as f64
    };
    let mut out = outcome(BiasTest::PCurve, data.k());
    out.statistic = Some(right.0);
    out.statistic_kind = Statistic::Z;
    out.one_sided = true;
    out.p_value = Some(right.1);
    out.variant = format!("{} of {} studies significant at {alpha}", p.len(), data.k());
    out.finding = Finding::PCurve(PCurve {
        significant: p.len(),
        half: half.len(),
        right_skew: right,
        right_skew_half: right_half,
        flat,
        flat_half,
        power: solve(0.0),
        power_limits: (solve(tail), solve(-tail)),
        shares: std::array::from_fn(share),
    });
    Ok(out)
}
