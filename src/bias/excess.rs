//! The test of excess significance: more significant studies than their power lets expect?
//!
//! ```text
//! E = Σ P(study i is significant | θ),   χ² = (O − E)²/E + (O − E)²/(k − E), one-sided for O > E
//! ```
//! θ is the common-effect estimate. The exact form takes the distribution of the sum of studies with their own power, the
//! binomial form one power for all. Reference: \[ioannidis2007\].

use super::{Alternative, BiasTest, Data, Excess, not_estimable, outcome};
use crate::error::Error;
use crate::math::dist;
use crate::registry::Member;
use crate::result::bias::{BiasOutcome, Finding, Statistic};

pub(super) fn excess(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let k = data.k();
    if k == 0 {
        return Err(Error::model("no study has an effect"));
    }
    let alpha = data.options.alpha.unwrap_or(0.05);
    let alternative = data.options.alternative.unwrap_or(Alternative::TwoSided);
    let w: f64 = data.v.iter().map(|v| 1.0 / v).sum();
    let theta = data.y.iter().zip(&data.v).map(|(y, v)| (y - data.null()) / v).sum::<f64>() / w;
    let cut = match alternative {
        Alternative::TwoSided => dist::normal_quantile(1.0 - 0.5 * alpha),
        _ => dist::normal_quantile(1.0 - alpha),
    };
    let significant = |z: f64| match alternative {
        Alternative::TwoSided => z.abs() >= cut,
        Alternative::Greater => z >= cut,
        Alternative::Less => z <= -cut,
    };
    let power = |v: &f64| {
        let m = theta / v.sqrt();
        match alternative {
            Alternative::TwoSided => dist::normal_sf(cut - m) + dist::normal_sf(cut + m),
            Alternative::Greater => dist::normal_sf(cut - m),
            Alternative::Less => dist::normal_sf(cut + m),
        }
    };
    let powers: Vec<f64> = data.v.iter().map(power).collect();
    let expected: f64 = powers.iter().sum();
    let z = |(y, v): (&f64, &f64)| (y - data.null()) / v.sqrt();
    let observed = data.y.iter().zip(&data.v).filter(|p| significant(z(*p))).count();
    let o = observed as f64;
    let mut out = outcome(BiasTest::ExcessSignificance, k);
    let kind = data.options.excess.unwrap_or(Excess::ChiSquared);
    let statistic = (o - expected).powi(2) / expected + (o - expected).powi(2) / (k as f64 - expected);
    match kind {
        Excess::ChiSquared => {
            // of probabilities 0 or 1 alone there is no distribution
            if !statistic.is_finite() {
                return Err(not_estimable(format!(
                    "the power of every study is {}, so that no number of significant ones would surprise",
                    if expected > 0.0 { "1" } else { "0" }
                ))
                .with_hint("the common effect is too large for its studies to be selected by significance"));
            }
            out.statistic = Some(statistic);
            out.statistic_kind = Statistic::ChiSquared;
            out.df = Some(1.0);
            out.p_value = out.statistic.map(|s| dist::normal_sf(s.sqrt() * (o - expected).signum()));
        }
        Excess::Binomial => {
            let p = expected / k as f64;
            out.p_value =
                Some((observed..=k).map(|x| dist::binomial_pmf(x as f64, k as f64, p)).sum::<f64>().min(1.0));
        }
        Excess::Exact => out.p_value = Some(at_least(&powers, observed)),
    }
    let side = match alternative {
        Alternative::TwoSided => format!("two-sided p < {alpha}"),
        other => format!("one-sided p < {alpha}, {}", other.id()),
    };
    out.variant = format!("{}; significant: {side}", kind.title());
    out.one_sided = true;
    out.finding = Finding::Excess { observed, expected };
    Ok(out)
}

/// P(at least `n` successes) in independent trials with these probabilities.
fn at_least(powers: &[f64], n: usize) -> f64 {
    let mut shares = vec![0.0; powers.len() + 1];
    shares[0] = 1.0;
    for (m, p) in powers.iter().enumerate() {
        for j in (0..=m + 1).rev() {
            let stay = if j <= m { shares[j] * (1.0 - p) } else { 0.0 };
            shares[j] = stay + if j > 0 { shares[j - 1] * p } else { 0.0 };
        }
    }
    shares[n..].iter().sum::<f64>().min(1.0)
}
