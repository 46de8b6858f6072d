//! What a pooled effect means for patients whose risk without treatment is known.
//!
//! ```text
//! RR   r₁ = r₀ RR                     HR   r₁ = 1 − (1 − r₀)^HR
//! OR   r₁ = r₀ OR / (1 − r₀ + r₀ OR)  RD   r₁ = r₀ + RD
//! IRR  λ₁ = λ₀ IRR                    IRD  λ₁ = λ₀ + IRD
//! per thousand: 1000 (r₁ − r₀)
//! ```
//! Limits are those of the effect, carried over: the baseline is taken as known. Reference: \[schunemann2019\].

use crate::effect::{Measure, Natural};
use crate::error::Error;
use crate::registry::Member;
use crate::result::{AbsoluteEffect, PoolResult, Pooled};

/// Risk in the first group from the effect and the baseline.
type Treated = fn(f64, f64) -> f64;

/// How risk (or rate) in the first group follows from the effect on the analysis scale and the baseline; `None` for measures that
/// say nothing about it, and whether it is a rate.
fn treated(measure: Measure) -> Option<(Treated, bool)> {
    Some(match measure {
        // a ratio of risks is no longer one where it takes a risk beyond 1: nothing is said there
        Measure::RiskRatio | Measure::PairsRiskRatio => (|e, r| r * e.exp(), false),
        Measure::OddsRatio | Measure::Peto | Measure::PairsOddsRatio | Measure::PairsPeto => {
            (|e, r| r / (r + (1.0 - r) * (-e).exp()), false)
        }
        Measure::HazardRatio => (|e, r| -(e.exp() * (-r).ln_1p()).exp_m1(), false),
        Measure::RiskDifference | Measure::PairsDifference => (|e, r| (r + e).clamp(0.0, 1.0), false),
        Measure::RateRatio => (|e, r| r * e.exp(), true),
        Measure::RateDifference => (|e, r| (r + e).max(0.0), true),
        _ => return None,
    })
}

/// The absolute effects of a result at baseline risks (or rates, of rate measures).
///
/// # Errors
/// The measure compares no risks, or a baseline is none.
pub fn absolute(result: &PoolResult, baselines: &[f64]) -> Result<Vec<AbsoluteEffect>, Error> {
    if baselines.is_empty() {
        return Ok(vec![]);
    }
    let measure = result.table.measure();
    let Some((treated, rate)) = treated(measure) else {
        return Err(Error::usage(format!("a baseline risk says nothing about {}", measure.id()))
            .with_hint("⟦baseline-risk⟧ goes with RR, OR, PETO, RD, HR, and with rates for IRR and IRD"));
    };
    for &b in baselines {
        if !(b > 0.0 && b.is_finite() && (rate || b < 1.0)) {
            let hint = if rate {
                "give events per unit of person-time, above 0"
            } else {
                "give a proportion between 0 and 1, such as 0.05"
            };
            return Err(Error::usage(format!("a baseline risk of {b}")).with_hint(hint));
        }
    }
    let Some(main) = result.main() else { return Ok(vec![]) };
    Ok(baselines.iter().map(|&b| at(main, b, rate, treated)).collect())
}

/// Baselines that the effect takes beyond a risk of 1.
pub fn beyond_one(absolute: &[AbsoluteEffect]) -> Vec<f64> {
    absolute.iter().filter(|a| !a.rate && a.risk.estimate.is_none()).map(|a| a.baseline).collect()
}

fn at(p: &Pooled, baseline: f64, rate: bool, treated: Treated) -> AbsoluteEffect {
    let risk = |e: f64| Some(treated(e, baseline)).filter(|r| r.is_finite());
    // no risk is above 1: a limit ends there, an estimate does not exist
    let capped = |r: f64| if rate { r } else { r.min(1.0) };
    // an unbounded limit reaches the end of the scale
    let lower = risk(p.lower.unwrap_or(f64::NEG_INFINITY)).map(capped);
    let upper = treated(p.upper.unwrap_or(f64::INFINITY), baseline);
    let upper = Some(capped(upper)).filter(|r| r.is_finite());
    let risk = Natural { estimate: risk(p.estimate).filter(|r| rate || *r <= 1.0), lower, upper };
    let difference = |r: Option<f64>| r.map(|r| 1000.0 * (r - baseline));
    AbsoluteEffect {
        baseline,
        risk,
        per_thousand: Natural {
            estimate: difference(risk.estimate),
            lower: difference(risk.lower),
            upper: difference(risk.upper),
        },
        prediction: p.prediction.map(|q| {
            let at = |e: f64| 1000.0 * (capped(treated(e, baseline)) - baseline);
            (at(q.lower), at(q.upper))
        }),
        rate,
    }
}
