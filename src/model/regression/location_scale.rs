//! Location-scale models: moderators of the between-study variance.
//!
//! ```text
//! yᵢ ~ N(xᵢᵀβ, vᵢ + τᵢ²),   ln τᵢ² = zᵢᵀα
//! ∂ℓ/∂τᵢ² = ½ ((Py)ᵢ² − Pᵢᵢ) by REML, ½ ((Py)ᵢ² − wᵢ) by ML;   ∂τᵢ²/∂α = τᵢ² zᵢ
//! ```
//! Newton's method with the expected information, halved where ℓ does not rise; standard errors from the observed
//! information, the derivative of the gradient. Reference: \[viechtbauer2022\].

use super::basis::{Basis, invert_symmetric, solve_symmetric};
use super::kernel::Problem;
use super::{Frame, Options, Regression, Requests, coefficient, wald_test};
use crate::error::Error;
use crate::math::dist;
use crate::math::root::Stop;
use crate::model::interval::Interval;
use crate::model::tau2::Tau2;
use crate::registry::Member;
use crate::result::regression::{Coefficient, Omnibus, RegressionResult, ResidualHeterogeneity, ScaleModel};
use crate::result::{FitStatistics, Note, Tau2Source};

/// A fitted variance.
pub(super) struct Fit {
    /// In the columns of the scale's design.
    pub alpha: Vec<f64>,
    /// Their covariance matrix.
    pub covariance: Vec<f64>,
    /// τᵢ².
    pub tau2: Vec<f64>,
    /// Log-likelihood with its constants.
    pub log_likelihood: f64,
    pub iterations: usize,
    pub stop: Stop,
}

/// The likelihood of α in the coordinates of the basis of the scale.
struct Likelihood<'a> {
    problem: &'a Problem<'a>,
    scale: &'a Basis,
    restricted: bool,
}

/// ln τ² below this is no variance at all for every purpose, above it nothing else.
const FAR: f64 = 60.0;

impl Likelihood<'_> {
    fn row(&self, i: usize) -> &[f64] {
        &self.scale.z[i * self.scale.p..(i + 1) * self.scale.p]
    }

    fn tau2(&self, alpha: &[f64]) -> Vec<f64> {
        let log = |i: usize| self.row(i).iter().zip(alpha).map(|(z, a)| z * a).sum::<f64>();
        (0..self.problem.k()).map(|i| log(i).clamp(-FAR, FAR).exp()).collect()
    }

    /// ℓ, its gradient and the expected information.
    fn at(&self, alpha: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
        let (k, q) = (self.problem.k(), self.scale.p);
        let tau2 = self.tau2(alpha);
        let v: Vec<f64> = self.problem.v.iter().zip(&tau2).map(|(v, t)| v + t).collect();
        let fitted = Problem { v: &v, ..*self.problem };
        let c = fitted.coefficients(0.0);
        let p = fitted.p();
        let x = |i: usize| &fitted.basis.z[i * p..(i + 1) * p];
        let mut log = fitted.log_likelihood(0.0, self.restricted);
        let n = if self.restricted { k - p } else { k } as f64;
        log -= 0.5 * n * (2.0 * std::f64::consts::PI).ln();
        // P = W − W X A⁻¹ Xᵀ W
        let ax: Vec<Vec<f64>> = (0..k)
            .map(|i| (0..p).map(|s| (0..p).map(|t| c.covariance[s * p + t] * x(i)[t]).sum()).collect())
            .collect();
        let projection = |i: usize, j: usize| {
            let cross: f64 = ax[i].iter().zip(x(j)).map(|(a, b)| a * b).sum();
            let own = if i == j { 1.0 / v[i] } else { 0.0 };
            own - if self.restricted { cross / (v[i] * v[j]) } else { 0.0 }
        };
        let mut gradient = vec![0.0; q];
        let mut information = vec![0.0; q * q];
        for i in 0..k {
            let r: f64 = fitted.y[i] - x(i).iter().zip(&c.gamma).map(|(a, b)| a * b).sum::<f64>();
            let slope = 0.5 * ((r / v[i]).powi(2) - projection(i, i)) * tau2[i];
            gradient.iter_mut().zip(self.row(i)).for_each(|(g, z)| *g += slope * z);
            for j in 0..k {
                let weight = 0.5 * projection(i, j).powi(2) * tau2[i] * tau2[j];
                if weight == 0.0 {
                    continue;
                }
                for s in 0..q {
                    for t in 0..q {
                        information[s * q + t] += weight * self.row(i)[s] * self.row(j)[t];
                    }
                }
            }
        }
        (log, gradient, information)
    }

    /// −∂²ℓ/∂α² by differences of the gradient.
    fn observed(&self, alpha: &[f64]) -> Vec<f64> {
        let q = alpha.len();
        let mut out = vec![0.0; q * q];
        for t in 0..q {
            let h = 1e-4 * alpha[t].abs().max(1.0);
            let side = |sign: f64| {
                let mut a = alpha.to_vec();
                a[t] += sign * h;
                self.at(&a).1
            };
            let (up, down) = (side(1.0), side(-1.0));
            for s in 0..q {
                out[s * q + t] = -(up[s] - down[s]) / (2.0 * h);
            }
        }
        for s in 0..q {
            for t in 0..s {
                let mean = 0.5 * (out[s * q + t] + out[t * q + s]);
                out[s * q + t] = mean;
                out[t * q + s] = mean;
            }
        }
        out
    }
}

/// Fits ln τ² in a basis of its moderators, from a τ² that all studies share.
///
/// # Errors
/// τ² runs to zero, so that its logarithm cannot be explained.
pub(super) fn fit(problem: &Problem<'_>, scale: &Basis, start: f64, restricted: bool) -> Result<Fit, Error> {
    let q = scale.p;
    let likelihood = Likelihood { problem, scale, restricted };
    let typical = problem.v.iter().sum::<f64>() / problem.k() as f64;
    let level = start.max(0.05 * typical).ln();
    // a constant ln τ², or what of it the columns can say
    let mut alpha: Vec<f64> =
        (0..q).map(|s| (0..problem.k()).map(|i| scale.z[i * q + s] * level).sum()).collect();
    let (mut log, mut gradient, mut information) = likelihood.at(&alpha);
    let (mut iterations, mut stop) = (0, Stop::Patience);
    while iterations < 300 {
        iterations += 1;
        let step = solve_symmetric(&information, &gradient, q).ok_or_else(nothing_to_explain)?;
        let longest = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
        let mut share = (3.0 / longest).min(1.0);
        let mut moved = 0.0;
        for _ in 0..40 {
            let next: Vec<f64> = alpha.iter().zip(&step).map(|(a, s)| a + share * s).collect();
            let there = likelihood.at(&next);
            if there.0 >= log - 1e-13 * log.abs() {
                moved = share * longest;
                alpha = next;
                (log, gradient, information) = there;
                break;
            }
            share *= 0.5;
        }
        if moved < 1e-9 {
            stop = Stop::Converged;
            break;
        }
    }
    let tau2 = likelihood.tau2(&alpha);
    if tau2.iter().all(|t| *t < 1e-8 * typical) {
        return Err(nothing_to_explain());
    }
    let observed = likelihood.observed(&alpha);
    let variance = invert_symmetric(&observed, q).ok_or_else(nothing_to_explain)?;
    Ok(Fit {
        alpha: scale.coefficients(&alpha),
        covariance: scale.covariance(&variance),
        tau2,
        log_likelihood: log,
        iterations,
        stop,
    })
}

fn nothing_to_explain() -> Error {
    Error::model("τ² runs to zero or infinity in some studies: its logarithm has no finite estimate")
        .with_hint("leave terms out of ⟦scale⟧, or leave it out")
}

impl Regression<'_> {
    /// A location-scale model: the variances of the scale, and with these the coefficients of the location.
    pub(super) fn fit_scale(&self, formula: &str, requests: &Requests) -> Result<RegressionResult, Error> {
        let estimator = self.options.tau2;
        let restricted = estimator == Tau2::Reml;
        if self.options.given.is_some() || !(restricted || estimator == Tau2::MaximumLikelihood) {
            return Err(Error::usage(format!(
                "moderators of τ² need maximum likelihood, not {}",
                estimator.id()
            ))
            .with_hint("leave ⟦tau2⟧ at REML, or choose ML"));
        }
        if self.options.model.ci.is_some_and(|c| !matches!(c, Interval::Wald | Interval::T)) {
            return Err(Error::usage("a location-scale model has Wald and t intervals")
                .with_hint("choose ⟦ci=wald⟧ or `t`"));
        }
        if requests.compare.is_some() || self.options.model.prediction.flatten().is_some() {
            return Err(Error::usage("a location-scale model has no comparison and no prediction interval")
                .with_hint("leave ⟦compare⟧ and ⟦prediction⟧ out"));
        }
        let frame = Frame::new(formula, self.data)?;
        if let Some(&row) = self.rows.iter().find(|&&r| !frame.complete(r)) {
            return Err(Error::data("a moderator of τ² is missing there")
                .of_study(&self.table.studies[row].study)
                .with_hint("leave the study out with ⟦where⟧"));
        }
        let mut design = frame.design(&self.rows);
        let (basis, aliased) = Basis::new(&design.rows);
        let left_out: Vec<String> = aliased.iter().map(|&i| design.names[i].clone()).collect();
        design.without(&aliased);
        if basis.p + self.basis.p >= self.rows.len() {
            return Err(Error::model(format!(
                "{} studies cannot support {} coefficients and {} of τ²",
                self.rows.len(),
                self.basis.p,
                basis.p
            ))
            .with_hint("leave terms out"));
        }
        let problem = self.problem();
        let start = problem.between(estimator).tau2;
        let found = fit(&problem, &basis, start, restricted)?;
        let ci = self.options.model.ci.unwrap_or(Interval::T);
        let inner = Self {
            v: self.v.iter().zip(&found.tau2).map(|(v, t)| v + t).collect(),
            options: Options { given: Some(0.0), prediction: None, ci, ..self.options },
            ..self.shallow()
        };
        let mut result = inner.fit_location(&Requests { scale: None, ..requests.clone() })?;
        let (k, p, q) = (self.rows.len() as f64, self.basis.p as f64, basis.p);
        let df = if ci == Interval::Wald { f64::INFINITY } else { k - q as f64 };
        let coefficients: Vec<Coefficient> = (0..q)
            .map(|i| {
                let se = found.covariance[i * q + i].sqrt();
                coefficient(&design.names[i], found.alpha[i], se, df, self.options.level)
            })
            .collect();
        let tested: Vec<usize> = (0..q).filter(|&i| design.terms[i].is_some()).collect();
        let omnibus =
            wald_test(&tested, &found.alpha, &found.covariance, df).map(|(statistic, p_value)| Omnibus {
                term: "scale".into(),
                statistic,
                df: tested.len(),
                df_denominator: Some(df).filter(|d| d.is_finite()),
                p_value,
                permuted: None,
            });
        let common = problem.at(0.0);
        let n = if restricted { k - p } else { k };
        let parameters = p + q as f64;
        result.fit =
            FitStatistics::new(found.log_likelihood, parameters, n, found.iterations, found.stop.id());
        let tau2 = found.tau2.iter().sum::<f64>() / k;
        let typical = problem.df() / common.trace_p;
        result.heterogeneity = ResidualHeterogeneity {
            tau2,
            i2: 100.0 * tau2 / (tau2 + typical),
            h2: tau2 / typical + 1.0,
            qe: common.q,
            qe_df: problem.df() as usize,
            qe_p_value: dist::chi2_sf(common.q, problem.df()),
            ..ResidualHeterogeneity::default()
        };
        result.settings.tau2 = Tau2Source::Modelled { estimator, formula: frame.text.clone() };
        if !left_out.is_empty() {
            result.notes.push(Note::Aliased { terms: left_out });
        }
        result.scale =
            Some(ScaleModel { formula: frame.text.clone(), coefficients, omnibus, tau2: found.tau2 });
        Ok(result)
    }
}
