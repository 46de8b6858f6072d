//! Selection models by maximum likelihood, and p-uniform*.
//!
//! ```text
//! f(yᵢ) = w(pᵢ) N(yᵢ; μ, vᵢ + τ²) / ∫ w(p(y)) N(y; μ, vᵢ + τ²) dy
//! ```
//! The step function of one step is the three-parameter selection model. Likelihood, gradient and curvature are exact (closed
//! forms for steps, Gauss–Legendre for smooth weights), and the highest of several climbs is taken. References:
//! \[vevea1995\], \[citkowicz2017\], \[preston2004\], \[vanaert2018\].

mod climb;
mod edge;
mod p_uniform;
mod terms;
mod weight;

use super::{Alternative, BiasTest, Data, outcome};
use crate::choice::bias::SelectionModel;
use crate::error::Error;
use crate::math::dist;
use crate::model::Sample;
use crate::model::interval::critical;
use crate::model::tau2::{Tau2, log_likelihood};
use crate::registry::Member;
use crate::result::Note;
use crate::result::bias::{BiasOutcome, Finding, Selection, SelectionPoint, Statistic};
use crate::result::format::studies;
use climb::{Summit, climb};
pub(super) use p_uniform::p_uniform;
use terms::{MOST, Observed, Slopes, add};
use weight::{Pieces, Tabulated, p_of};

/// How many times as far as any effect a mean is looked for.
const FARTHEST: f64 = 10.0;

/// Effects as distances from no effect, small p on the upper side, in units of a typical standard error.
struct Scaled {
    y: Vec<f64>,
    v: Vec<f64>,
    unit: f64,
    flip: f64,
    two_sided: bool,
    /// p-values of the studies with their logarithms.
    p: Vec<(f64, f64, f64)>,
}

impl Scaled {
    fn new(data: &Data<'_>, alternative: Alternative) -> Self {
        let flip = if alternative == Alternative::Less { -1.0 } else { 1.0 };
        let two_sided = alternative == Alternative::TwoSided;
        let unit = (data.v.iter().sum::<f64>() / data.k() as f64).sqrt();
        let y: Vec<f64> = data.y.iter().map(|y| flip * (y - data.null()) / unit).collect();
        let v: Vec<f64> = data.v.iter().map(|v| v / (unit * unit)).collect();
        let p = y.iter().zip(&v).map(|(y, v)| p_of(y / v.sqrt(), two_sided)).collect();
        Self { y, v, unit, flip, two_sided, p }
    }

    fn sample(&self) -> Sample<'_> {
        Sample::new(&self.y, &self.v)
    }

    /// The largest distance of an effect from no effect, and a standard error.
    fn far(&self) -> f64 {
        self.y.iter().fold(0.0f64, |m, y| m.max(y.abs())) + 1.0
    }

    /// Constant of a log-likelihood: density of the unscaled effects.
    fn constant(&self) -> f64 {
        -(self.y.len() as f64) * (0.5 * (2.0 * std::f64::consts::PI).ln() + self.unit.ln())
    }
}

/// Sums over studies at (μ, t, δ), with the integrals and the own weight of each.
fn sum(
    s: &Scaled,
    x: &[f64],
    of: impl Fn(usize, f64, f64, f64) -> (Observed, terms::Integrals),
) -> Option<Slopes> {
    let (mu, t, d) = (x[0], x[1], x.len() - 2);
    let mut total = Slopes::zero();
    for i in 0..s.y.len() {
        let s2 = s.v[i] + t;
        let (own, integrals) = of(i, mu, s2.sqrt(), s.v[i].sqrt());
        if integrals.s[0].is_nan() || integrals.s[0] <= 0.0 {
            return None;
        }
        add(&mut total, s.y[i] - mu, s2, d, &own, &integrals);
    }
    total.value.is_finite().then_some(total)
}

/// The highest of the climbs from several starts.
fn highest(
    f: &dyn Fn(&[f64]) -> Option<Slopes>,
    starts: &[Vec<f64>],
    bounds: &[(f64, f64)],
) -> Result<Summit, Error> {
    let climbs = starts.iter().filter_map(|s| climb(f, s, bounds));
    climbs.max_by(|a, b| a.here.value.total_cmp(&b.here.value)).ok_or_else(|| {
        Error::model("the likelihood of the selection model is not finite")
            .with_hint("an effect is far beyond its standard error: check the data for typing errors")
    })
}

/// Whether τ² is free: it is not under equal effects.
fn bounds(data: &Data<'_>, s: &Scaled, d: usize, range: (f64, f64)) -> Vec<(f64, f64)> {
    let far = s.far();
    let tau2 = match (data.model.tau2_given, data.model.estimator()) {
        (Some(t), _) => (t / (s.unit * s.unit), t / (s.unit * s.unit)),
        (None, Tau2::EqualEffects) => (0.0, 0.0),
        _ => (0.0, 100.0 * far * far),
    };
    // beyond, selection explains all of the effects and nothing holds μ
    let mut out = vec![(-FARTHEST * far, FARTHEST * far), tau2];
    out.extend(std::iter::repeat_n(range, d));
    out
}

/// μ and τ² without selection, by maximum likelihood.
fn unselected(data: &Data<'_>, s: &Scaled) -> (f64, f64) {
    let tau2 = match (data.model.tau2_given, data.model.estimator()) {
        (Some(t), _) => t / (s.unit * s.unit),
        (None, Tau2::EqualEffects) => 0.0,
        _ => Tau2::MaximumLikelihood.estimate(s.sample()).tau2,
    };
    (s.sample().mean(tau2), tau2)
}

fn steps_of(data: &Data<'_>, two_sided: bool) -> Result<Vec<f64>, Error> {
    let mut steps = data.options.steps.clone();
    if steps.is_empty() {
        steps = vec![if two_sided { 0.05 } else { 0.025 }];
    }
    steps.sort_by(f64::total_cmp);
    steps.retain(|p| *p < 1.0);
    let bad = steps.iter().any(|p| p.is_nan() || *p <= 0.0) || steps.windows(2).any(|w| w[0] == w[1]);
    if bad || steps.is_empty() || steps.len() > MOST {
        return Err(Error::usage("steps of the p-value must lie between 0 and 1, each once, eight at most")
            .with_hint("⟦steps=0.025⟧ or ⟦steps=0.025,0.5⟧"));
    }
    Ok(steps)
}

fn enough(data: &Data<'_>) -> Result<(), Error> {
    if data.k() < 3 {
        return Err(Error::model(format!("{}: a selection model needs three", studies(data.k())))
            .with_hint("report the studies one by one"));
    }
    Ok(())
}

/// Where the likelihood is highest, within which limits, and the intervals of p of a step function.
struct Fitted {
    summit: Summit,
    limits: Vec<(f64, f64)>,
    pieces: Option<Pieces>,
}

/// A step function of p.
fn of_steps(data: &Data<'_>, s: &Scaled, (mu, tau2): (f64, f64)) -> Result<Fitted, Error> {
    let p = Pieces::new(&steps_of(data, s.two_sided)?, s.two_sided);
    edge::filled(&p, s)?;
    let d = p.steps.len() - 1;
    let f = |x: &[f64]| {
        sum(s, x, |i, mu, sd, sigma| {
            (p.observed(p.interval(s.p[i].0), &x[2..]), p.integrals(&x[2..], mu, sd, sigma))
        })
    };
    let start = |delta: f64, t: f64| [vec![mu, t], vec![delta; d]].concat();
    let starts = [start(1.0, tau2), start(0.3, tau2), start(0.1, 0.1 * tau2), start(4.0, tau2)];
    let limits = bounds(data, s, d, SelectionModel::StepFunction.spec().range);
    let summit = highest(&f, &starts, &limits)?;
    Ok(Fitted { summit, limits, pieces: Some(p) })
}

/// A smooth function of p.
fn of_weight(
    data: &Data<'_>,
    s: &Scaled,
    kind: SelectionModel,
    (mu, tau2): (f64, f64),
) -> Result<Fitted, Error> {
    let f = |x: &[f64]| {
        let table = Tabulated::new(kind, &x[2..], s.two_sided);
        sum(s, x, |i, mu, sd, sigma| (kind.observed(s.p[i], &x[2..]), table.integrals(mu, sd, sigma)))
    };
    let starts: Vec<Vec<f64>> = if kind == SelectionModel::Beta {
        let spread = (0.2 * s.sample().plain_variance()).max(tau2);
        // a small first parameter goes with a low mean and a wide spread: another hill
        let low = mu - 2.0 * spread.sqrt().max(0.5);
        let starts = [(mu, tau2, 1.0, 1.0), (mu, tau2, 0.4, 1.5), (low, spread, 0.01, 2.5)];
        starts.map(|(m, t, a, b)| vec![m, t, a, b]).to_vec()
    } else {
        [0.05, 2.0].map(|d| vec![mu, tau2, d]).to_vec()
    };
    let limits = bounds(data, s, kind.spec().neutral.len(), kind.spec().range);
    Ok(Fitted { summit: highest(&f, &starts, &limits)?, limits, pieces: None })
}

/// How it was done, in words.
fn variant(kind: SelectionModel, alternative: Alternative, pieces: Option<&Pieces>) -> String {
    let side = match alternative {
        Alternative::TwoSided => "two-sided p",
        Alternative::Greater => "small p for large effects",
        Alternative::Less => "small p for low effects",
    };
    match pieces {
        Some(p) => {
            let inner: Vec<String> = p.steps[..p.steps.len() - 1].iter().map(|p| p.to_string()).collect();
            format!("{} at {}, {side}, maximum likelihood", kind.title(), inner.join(", "))
        }
        None => format!("{} weights, {side}, maximum likelihood", kind.title()),
    }
}

pub(super) fn selection(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    enough(data)?;
    let kind = data.options.selection.unwrap_or(SelectionModel::StepFunction);
    let alternative = data.options.alternative.unwrap_or_else(|| data.direction());
    let s = Scaled::new(data, alternative);
    let (mu, tau2) = unselected(data, &s);
    let plain = log_likelihood(&s.sample(), tau2, false) - s.y.len() as f64 * s.unit.ln();
    let Fitted { summit, limits, pieces } = match kind {
        SelectionModel::StepFunction => of_steps(data, &s, (mu, tau2))?,
        _ => of_weight(data, &s, kind, (mu, tau2))?,
    };
    let d = summit.at.len() - 2;
    edge::inside(&summit, &limits)?;
    let log_likelihood = summit.here.value + s.constant();
    // what counts as no selection is within the model: never above it, but for rounding
    let lrt = (2.0 * (log_likelihood - plain)).max(0.0);
    let covariance = climb::covariance(&summit);
    let se = |i: usize| covariance.as_ref().map(|c| c[i][i].sqrt()).filter(|se| se.is_finite() && *se > 0.0);
    let mut out = outcome(BiasTest::Selection, data.k());
    let estimate = data.null() + s.flip * summit.at[0] * s.unit;
    let between = summit.at[1] * s.unit * s.unit;
    let adjusted = match se(0) {
        Some(se) => data.adjusted(estimate, se * s.unit, f64::INFINITY, Some(between)),
        None => data.adjusted_with(estimate, None, (None, None), None, Some(between)),
    };
    let delta_hat = &summit.at[2..];
    let stepped = pieces.is_some();
    let (delta, delta_se): (Vec<f64>, Vec<Option<f64>>) =
        (0..d).map(|m| (delta_hat[m], if summit.held[m + 2] { None } else { se(m + 2) })).unzip();
    let first = if stepped { vec![1.0] } else { vec![] };
    let none = if stepped { vec![None] } else { vec![] };
    let p_values: Vec<f64> = s.p.iter().map(|p| p.0).collect();
    let mut counts = vec![];
    if let Some(p) = &pieces {
        counts = vec![0; p.steps.len()];
        p_values.iter().for_each(|x| counts[p.interval(*x)] += 1);
    }
    let level = data.model.level;
    let curve = match &pieces {
        Some(p) => step_curve(p, &delta, &delta_se, level),
        None => smooth_curve(kind, &delta, covariance.as_deref(), level),
    };
    let at_boundary = summit.held[2..].iter().any(|h| *h);
    if at_boundary {
        out.notes.push(Note::SelectionAtBound);
    }
    if kind == SelectionModel::Beta && delta[0] < 1.0 {
        out.notes.push(Note::BetaEdge);
    }
    out.statistic = Some(lrt);
    out.statistic_kind = Statistic::ChiSquared;
    out.df = Some(d as f64);
    let lrt_p_value = dist::chi2_sf(lrt, d as f64);
    out.p_value = Some(lrt_p_value);
    out.variant = variant(kind, alternative, pieces.as_ref());
    out.adjusted = Some(adjusted);
    let tau2_se = se(1).filter(|_| !summit.held[1]).map(|x| x * s.unit * s.unit);
    out.finding = Finding::Selection(Selection {
        kind,
        alternative,
        steps: pieces.map_or(vec![], |p| p.steps),
        delta: [first, delta].concat(),
        delta_se: [none, delta_se].concat(),
        counts,
        log_likelihood,
        lrt,
        lrt_df: d,
        lrt_p_value,
        tau2_se,
        curve,
        p_values,
        iterations: summit.iterations,
        stop: summit.stop,
        at_boundary,
    });
    Ok(out)
}

/// Two points per step.
fn step_curve(p: &Pieces, delta: &[f64], se: &[Option<f64>], level: f64) -> Vec<SelectionPoint> {
    let half = critical(level, f64::INFINITY);
    let mut from = 0.0;
    let mut out = vec![];
    for (j, &to) in p.steps.iter().enumerate() {
        let (weight, error) = if j == 0 { (1.0, None) } else { (delta[j - 1], se[j - 1]) };
        // limits on the log scale, where weights are more nearly normal
        let limits = error.filter(|_| weight > 0.0).map(|e| half * e / weight);
        for x in [from, to] {
            out.push(SelectionPoint {
                p: x,
                weight,
                lower: limits.map(|l| weight * (-l).exp()),
                upper: limits.map(|l| weight * l.exp()),
            });
        }
        from = to;
    }
    debug_assert!(p.is_two_sided() || !out.is_empty());
    out
}

/// The weight relative to that of p = 0 (beta: to its largest), with limits by the delta method on the log scale.
fn smooth_curve(
    kind: SelectionModel,
    delta: &[f64],
    covariance: Option<&[Vec<f64>]>,
    level: f64,
) -> Vec<SelectionPoint> {
    let half = critical(level, f64::INFINITY);
    let at = |p: f64| kind.weight((p, p.max(1e-300).ln(), (-p).ln_1p().max(-700.0)), delta);
    let places: Vec<f64> = (0..=200).map(|i| (f64::from(i) / 200.0).powi(2)).collect();
    let top = match kind {
        SelectionModel::Beta => places.iter().map(|p| at(*p).log).fold(f64::NEG_INFINITY, f64::max),
        _ => 0.0,
    };
    let reference = places.iter().copied().max_by(|a, b| at(*a).log.total_cmp(&at(*b).log)).unwrap_or(0.0);
    let base = at(reference).first;
    places
        .iter()
        .map(|&p| {
            let w = at(p);
            let g: Vec<f64> = (0..delta.len()).map(|m| w.first[m] - base[m]).collect();
            let variance = covariance.map(|c| {
                (0..g.len())
                    .map(|m| (0..g.len()).map(|n| g[m] * g[n] * c[m + 2][n + 2]).sum::<f64>())
                    .sum::<f64>()
            });
            let spread = variance.filter(|v| v.is_finite() && *v >= 0.0).map(|v| half * v.sqrt());
            let value = w.log - top;
            SelectionPoint {
                p,
                weight: value.exp(),
                lower: spread.map(|s| (value - s).exp()),
                upper: spread.map(|s| (value + s).exp()),
            }
        })
        .collect()
}
