//! p-uniform*: significant results (one-sided at α/2, in the direction of the common effect) and the others, each by the
//! likelihood conditional on being so. Reference: \[vanaert2018\].

use super::terms::Observed;
use super::weight::Pieces;
use super::{Scaled, bounds, climb, edge, enough, highest, sum, unselected};
use crate::bias::{Alternative, BiasTest, Data, outcome};
use crate::error::Error;
use crate::math::dist;
use crate::result::bias::{BiasOutcome, Finding, Statistic};

/// The estimate, its limits and the test of no effect.
pub(in crate::bias) fn p_uniform(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    enough(data)?;
    let alternative = data.options.alternative.unwrap_or_else(|| data.direction());
    if alternative == Alternative::TwoSided {
        return Err(Error::usage("p-uniform* takes significance in one direction")
            .with_hint("⟦alternative=greater⟧ or `less`"));
    }
    let alpha = 0.5 * data.options.alpha.unwrap_or(0.05);
    let s = Scaled::new(data, alternative);
    let (mu, tau2) = unselected(data, &s);
    let p = Pieces::new(&[alpha], false);
    let significant = s.p.iter().filter(|x| p.interval(x.0) == 0).count();
    if significant == 0 {
        return Err(Error::model("no study is significant in that direction")
            .with_hint("without one the method has nothing to go by; see ⟦test=selection⟧"));
    }
    let f = |x: &[f64]| {
        sum(&s, x, |i, mu, sd, sigma| (Observed::none(), p.within(p.interval(s.p[i].0), mu, sd, sigma)))
    };
    let starts = [vec![mu, tau2], vec![0.0, tau2], vec![mu, 0.1 * tau2]];
    let limits = bounds(data, &s, 0, (0.0, 0.0));
    let top = highest(&f, &starts, &limits)?;
    edge::inside(&top, &limits)?;
    // limits by the profile likelihood: τ² maximised at each μ
    let cut = top.here.value - 0.5 * dist::chi2_quantile(data.model.level / 100.0, 1.0);
    let profile = |mu: f64| {
        let held = [(mu, mu), limits[1]];
        [top.at[1], tau2, 0.0]
            .iter()
            .filter_map(|t| climb(&f, &[mu, *t], &held))
            .map(|s| s.here.value)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    // an interval without an end within the search has none
    for (at, side) in [(limits[0].0, "below"), (limits[0].1, "above")] {
        edge::fallen(profile(at) < cut, side)?;
    }
    let above = |mu: f64| (profile(mu) - cut).max(-1e6);
    let unit = climb::covariance(&top).map_or(1.0, |c| c[0][0].sqrt());
    let unit = if unit.is_finite() && unit > 0.0 { unit } else { 1.0 };
    let side = |sign: f64| {
        let far = crate::math::root::expand_until_negative(|w| above(top.at[0] + sign * w), 0.0, unit)?;
        crate::math::root::brent(|w| above(top.at[0] + sign * w), 0.0, far).map(|w| top.at[0] + sign * w)
    };
    let read = |x: f64| data.null() + s.flip * x * s.unit;
    let (a, b) = (side(-1.0).map(read), side(1.0).map(read));
    let (lower, upper) = if s.flip > 0.0 { (a, b) } else { (b, a) };
    let ratio = (2.0 * (top.here.value - profile(0.0))).max(0.0);
    let mut out = outcome(BiasTest::PUniform, data.k());
    let between = top.at[1] * s.unit * s.unit;
    let p_value = dist::chi2_sf(ratio, 1.0);
    out.adjusted =
        Some(data.adjusted_with(read(top.at[0]), None, (lower, upper), Some(p_value), Some(between)));
    out.statistic = Some(ratio);
    out.statistic_kind = Statistic::ChiSquared;
    out.df = Some(1.0);
    out.p_value = Some(p_value);
    out.variant = format!("{significant} of {} studies significant; profile likelihood", data.k());
    let log_likelihood = top.here.value + s.constant();
    out.finding = Finding::PUniform { significant, log_likelihood, iterations: top.iterations };
    Ok(out)
}
