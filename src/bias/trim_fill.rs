//! Trim and fill: how many studies a lopsided funnel lacks, and the estimate with their mirror images.
//!
//! ```text
//! R₀ = γ − 1,   L₀ = (4T − k(k+1))/(2k − 1),   Q₀ = k − ½ − √(2k² − 4T + ¼)
//! ```
//! T is the sum of the ranks of |yᵢ − μ̂| on the crowded side, γ the run of the largest ranks there; μ̂ is pooled without
//! the k₀ most extreme studies until k₀ stays. The side comes from the slope of Egger's line. It supposes that the most
//! extreme results are missing and nothing else differs between small and large studies. Reference: \[duval2000\].

use super::{BiasTest, Data, Estimator, Side, not_estimable, outcome};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::model::regression::line;
use crate::model::{InverseVariance, Model, Sample};
use crate::registry::Member;
use crate::result::bias::{BiasOutcome, Filled, Finding, TrimFill};
use crate::result::format::studies;

/// Half to even, as R rounds; the rule of the field's software decides ties in the number of studies.
fn rounded(x: f64) -> usize {
    x.max(0.0).round_ties_even() as usize
}

/// k₀, rounded, and its standard error from signed ranks; `None` where the equation of Q₀ has no root.
fn missing(estimator: Estimator, signed: &[f64]) -> Option<(usize, Option<f64>)> {
    let k = signed.len() as f64;
    let t: f64 = signed.iter().filter(|r| **r > 0.0).sum();
    let variance = |k0: f64| {
        (k * (k + 1.0) * (2.0 * k + 1.0) + 10.0 * k0.powi(3) + 27.0 * k0 * k0 + 17.0 * k0
            - 18.0 * k * k0 * k0
            - 18.0 * k * k0
            + 6.0 * k * k * k0)
            / 24.0
    };
    let (k0, se) = match estimator {
        Estimator::R0 => {
            let largest = signed.iter().filter(|r| **r < 0.0).fold(0.0f64, |m, r| m.max(-r));
            let k0 = k - largest - 1.0;
            (k0, (2.0 * k0.max(0.0) + 2.0).sqrt())
        }
        Estimator::L0 => {
            let k0 = (4.0 * t - k * (k + 1.0)) / (2.0 * k - 1.0);
            (k0, 4.0 * variance(k0).sqrt() / (2.0 * k - 1.0))
        }
        Estimator::Q0 => {
            let square = 2.0 * k * k - 4.0 * t + 0.25;
            if square < 0.0 {
                return None;
            }
            let k0 = k - 0.5 - square.sqrt();
            let scale = ((k - 0.5).powi(2) - k0 * (2.0 * k - k0 - 1.0)).sqrt();
            (k0, 2.0 * variance(k0).sqrt() / scale)
        }
    };
    Some((rounded(k0), Some(se).filter(|se| se.is_finite())))
}

/// Ranks of distances from `mean`, with their signs; equal distances by their order.
fn signed_ranks(y: &[f64], mean: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by(|&a, &b| (y[a] - mean).abs().total_cmp(&(y[b] - mean).abs()));
    let mut out = vec![0.0; y.len()];
    for (rank, &i) in order.iter().enumerate() {
        let d = y[i] - mean;
        let sign = if d > 0.0 {
            1.0
        } else if d < 0.0 {
            -1.0
        } else {
            0.0
        };
        out[i] = sign * (rank as f64 + 1.0);
    }
    out
}

/// Trims until the number of missing studies stays: that number, the mean without the trimmed studies, the standard
/// error of the number, and how many rounds it took.
///
/// # Errors
/// The number has no value, never stays, or leaves one study.
fn trim(
    estimator: Estimator,
    y: &[f64],
    v: &[f64],
    centre: impl Fn(Sample<'_>) -> f64,
) -> Result<(usize, f64, Option<f64>, usize), Error> {
    let k = y.len();
    let others =
        "compare the other estimators (⟦estimator=L0⟧, `R0`, `Q0`), and say which of them have an answer";
    let (mut k0, mut seen) = (0, vec![]);
    loop {
        let mean = centre(Sample::new(&y[..k - k0], &v[..k - k0]));
        let (next, se) = missing(estimator, &signed_ranks(y, mean)).ok_or_else(|| {
            not_estimable(format!(
                "the equation of {} has no root: nearly all ranks are on one side",
                estimator.id()
            ))
            .with_hint(others)
        })?;
        if next + 1 >= k {
            return Err(
                not_estimable(format!("{} trims all studies but one", estimator.id())).with_hint(others)
            );
        }
        seen.push(k0);
        if next == k0 {
            return Ok((k0, mean, se, seen.len()));
        }
        // a number that comes back would go round for ever
        if seen.contains(&next) {
            return Err(not_estimable(format!(
                "the number of missing studies goes round between {} and {}",
                next.min(k0),
                next.max(k0)
            ))
            .with_hint(others));
        }
        k0 = next;
    }
}

pub(super) fn trim_fill(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let k = data.k();
    if k < 3 {
        return Err(Error::model(format!("{}: trim and fill needs three", studies(k)))
            .with_hint("report the studies one by one"));
    }
    if data.model.model_for(data.table) != Model::InverseVariance {
        return Err(Error::usage(
            "trim and fill mirrors effects and variances, which only inverse variance pools",
        )
        .with_hint("add ⟦model=inverse-variance⟧"));
    }
    let estimator = data.options.estimator.unwrap_or(Estimator::L0);
    let left = match data.options.side {
        Some(side) => side == Side::Left,
        None => {
            let (dispersion, _) = super::small_study::dispersion(data);
            let l = line(&data.y, &data.v, &data.se(), dispersion).ok_or_else(|| {
                Error::model("all studies have the same precision: no side can be crowded")
                    .with_hint("small-study effects show only where studies differ in size")
            })?;
            l.slope >= 0.0
        }
    };
    let flip = if left { 1.0 } else { -1.0 };
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&a, &b| (flip * data.y[a]).total_cmp(&(flip * data.y[b])));
    let y: Vec<f64> = order.iter().map(|&i| flip * data.y[i]).collect();
    let v: Vec<f64> = order.iter().map(|&i| data.v[i]).collect();
    let tau2_of = |s: Sample<'_>| match data.model.tau2_given {
        Some(t) => t,
        None => data.model.estimator().estimate(s).tau2,
    };
    let centre = |kept: Sample<'_>| if kept.k() == 1 { y[0] } else { kept.mean(tau2_of(kept)) };
    let (k0, mean, se, iterations) = trim(estimator, &y, &v, centre)?;
    let filled: Vec<Filled> = (k - k0..k)
        .map(|i| {
            let at = order[i];
            Filled {
                row: data.rows[at],
                study: data.study(at).study.clone(),
                estimate: flip * (2.0 * mean - y[i]),
                variance: v[i],
            }
        })
        .collect();
    let labels = |i: usize| data.study(i).study.clone();
    let names: Vec<String> =
        (0..k).map(labels).chain(filled.iter().map(|f| format!("filled {}", f.study))).collect();
    let all_y: Vec<f64> = data.y.iter().copied().chain(filled.iter().map(|f| f.estimate)).collect();
    let all_v: Vec<f64> = data.v.iter().copied().chain(filled.iter().map(|f| f.variance)).collect();
    let table = EffectTable::from_effects(data.measure(), &names, &all_y, &all_v)?;
    let pooled = InverseVariance::new(*data.model).pool(table)?;
    let mut out = outcome(BiasTest::TrimFill, k);
    let tau2 = pooled.heterogeneity.and_then(|h| h.tau2);
    if let Some(main) = pooled.main() {
        out.adjusted =
            Some(data.adjusted_with(main.estimate, main.se, (main.lower, main.upper), main.p_value, tau2));
    }
    // P(γ ≥ k₀ + 1) if no study is missing: a run of the largest ranks on one side
    let p = (estimator == Estimator::R0).then(|| 0.5f64.powi(k0 as i32 + 1));
    out.p_value = p;
    out.one_sided = p.is_some();
    out.variant = format!("{}, {}", estimator.id(), pooled.method_line());
    out.finding = Finding::TrimFill(TrimFill {
        estimator,
        missing: k0,
        missing_se: se,
        missing_p_value: p,
        side: if left { Side::Left } else { Side::Right },
        filled,
        iterations,
    });
    Ok(out)
}
