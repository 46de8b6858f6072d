//! Location-scale models: moderators of the between-study variance.
//!
//! ```text
//! yᵢ ~ N(xᵢᵀβ, vᵢ + τᵢ²),   ln τᵢ² = zᵢᵀα
//! ∂ℓ/∂τᵢ² = ½ ((Py)ᵢ² − Pᵢᵢ) by REML, ½ ((Py)ᵢ² − wᵢ) by ML;   ∂τᵢ²/∂α = τᵢ² zᵢ
//! ```
//! Newton's method with the expected information, halved where ℓ does not rise; standard errors from the observed
//! information, the derivative of the gradient. Reference: \[viechtbauer2022\].

use super::summary::residual_heterogeneity;
use super::wald::wald_test;
use super::{Design, Frame, Options, Regression, Requests, coefficient};
use crate::error::Error;
use crate::math::linalg::{Basis, dot, inverse, times};
use crate::math::optimise::{self, Climb, Retreat, Summit};
use crate::math::root::Stop;
use crate::model::interval::Interval;
use crate::model::sums::{LinearModel, NormalModel};
use crate::model::tau2::{Tau2, log_likelihood};
use crate::registry::Member;
use crate::result::regression::{Coefficient, RegressionResult, ScaleModel};
use crate::result::{FitStatistics, Note, Tau2Source};

/// A fitted variance.
struct Fit {
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
    linear: &'a LinearModel<'a>,
    scale: &'a Basis,
    restricted: bool,
}

/// ℓ about a value of α.
struct Expansion {
    log: f64,
    gradient: Vec<f64>,
    information: Vec<f64>,
}

impl optimise::Expansion for Expansion {
    fn value(&self) -> f64 {
        self.log
    }

    fn gradient(&self, i: usize) -> f64 {
        self.gradient[i]
    }

    /// The expected information.
    fn curvature(&self, i: usize, j: usize) -> f64 {
        self.information[i * self.gradient.len() + j]
    }
}

/// ln τ² below this is no variance at all for every purpose, above it nothing else.
const FAR: f64 = 60.0;

impl Likelihood<'_> {
    fn tau2(&self, alpha: &[f64]) -> Vec<f64> {
        let log = |i: usize| dot(self.scale.row(i), alpha);
        (0..self.linear.k()).map(|i| log(i).clamp(-FAR, FAR).exp()).collect()
    }

    /// ℓ, its gradient and the expected information.
    fn at(&self, alpha: &[f64]) -> Expansion {
        let (k, q) = (self.linear.k(), self.scale.p);
        let tau2 = self.tau2(alpha);
        let v: Vec<f64> = self.linear.v.iter().zip(&tau2).map(|(v, t)| v + t).collect();
        let fitted = LinearModel { v: &v, ..*self.linear };
        let c = fitted.coefficients(0.0);
        // P = W − W X A⁻¹ Xᵀ W
        let ax: Vec<Vec<f64>> = (0..k).map(|i| times(&c.covariance, fitted.row(i))).collect();
        let projection = |i: usize, j: usize| {
            let own = if i == j { 1.0 / v[i] } else { 0.0 };
            own - if self.restricted { dot(&ax[i], fitted.row(j)) / (v[i] * v[j]) } else { 0.0 }
        };
        let mut gradient = vec![0.0; q];
        let mut information = vec![0.0; q * q];
        for i in 0..k {
            let r = fitted.y[i] - dot(fitted.row(i), &c.gamma);
            let slope = 0.5 * ((r / v[i]).powi(2) - projection(i, i)) * tau2[i];
            gradient.iter_mut().zip(self.scale.row(i)).for_each(|(g, z)| *g += slope * z);
            // without the part of the means P is diagonal
            for j in (0..k).filter(|j| self.restricted || *j == i) {
                let weight = 0.5 * projection(i, j).powi(2) * tau2[i] * tau2[j];
                for (row, z) in information.chunks_exact_mut(q.max(1)).zip(self.scale.row(i)) {
                    row.iter_mut().zip(self.scale.row(j)).for_each(|(o, x)| *o += weight * z * x);
                }
            }
        }
        Expansion { log: log_likelihood(&fitted, 0.0, self.restricted), gradient, information }
    }

    /// Uphill from a start.
    fn climb(&self, start: Vec<f64>) -> Summit<Vec<f64>, Expansion> {
        let rules = Climb {
            patience: 300,
            longest: 3.0,
            bounds: &[],
            retreat: Retreat::Halve(40),
            slack: 1e-13,
            noise: None,
        };
        let here = self.at(&start);
        rules.from(
            start,
            here,
            |alpha: &Vec<f64>| Some(self.at(alpha)),
            |s| s.step.iter().all(|x| x.abs() < 1e-9),
        )
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
                self.at(&a).gradient
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
fn fit(linear: &LinearModel<'_>, scale: &Basis, start: f64, restricted: bool) -> Result<Fit, Error> {
    let q = scale.p;
    let likelihood = Likelihood { linear, scale, restricted };
    let typical = linear.v.iter().sum::<f64>() / linear.k() as f64;
    let level = start.max(0.05 * typical).ln();
    // a constant ln τ², or what of it the columns can say
    let along = |s: usize| (0..linear.k()).map(|i| scale.row(i)[s] * level).sum();
    let Summit { at: mut alpha, here, last, iterations, stop, .. } =
        likelihood.climb((0..q).map(along).collect());
    alpha.iter_mut().zip(last.iter().flatten()).for_each(|(a, step)| *a += step);
    let tau2 = likelihood.tau2(&alpha);
    let vanishes = tau2.iter().all(|t| *t < 1e-8 * typical);
    if vanishes || inverse(&here.information, q).is_none() {
        return Err(nothing_to_explain());
    }
    let variance = inverse(&likelihood.observed(&alpha), q).ok_or_else(nothing_to_explain)?;
    Ok(Fit {
        alpha: scale.coefficients(&alpha),
        covariance: scale.covariance(&variance),
        tau2,
        log_likelihood: here.log,
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
        self.check_scale(requests)?;
        let (frame, design, basis, left_out) = self.scale_design(formula)?;
        let linear = self.linear();
        let found = fit(&linear, &basis, estimator.estimate_in(&linear).tau2, restricted)?;
        let mut result =
            self.with_variances(&found.tau2).fit_location(&Requests { scale: None, ..requests.clone() })?;
        let (k, p, q) = (linear.k() as f64, linear.p() as f64, basis.p);
        let n = if restricted { k - p } else { k };
        let parameters = p + q as f64;
        result.fit = FitStatistics::new(found.log_likelihood, parameters, n, found.iterations, found.stop);
        result.heterogeneity = residual_heterogeneity(&linear, found.tau2.iter().sum::<f64>() / k, false);
        result.settings.tau2 = Tau2Source::Modelled { estimator, formula: frame.text.clone() };
        if !left_out.is_empty() {
            result.notes.push(Note::Aliased { terms: left_out });
        }
        result.scale = Some(self.scale_model(frame.text, &design, found));
        Ok(result)
    }

    /// Refuses what goes with no location-scale model.
    fn check_scale(&self, requests: &Requests) -> Result<(), Error> {
        let o = &self.options;
        if o.given.is_some() || !matches!(o.tau2, Tau2::Reml | Tau2::MaximumLikelihood) {
            return Err(Error::usage(format!(
                "moderators of τ² need maximum likelihood, not {}",
                o.tau2.id()
            ))
            .with_hint("leave ⟦tau2⟧ at REML, or choose ML"));
        }
        if o.model.ci.is_some_and(|c| !matches!(c, Interval::Wald | Interval::T)) {
            return Err(Error::usage("a location-scale model has Wald and t intervals")
                .with_hint("choose ⟦ci=wald⟧ or `t`"));
        }
        if requests.compare.is_some() || o.model.prediction.named().is_some() {
            return Err(Error::usage("a location-scale model has no comparison and no prediction interval")
                .with_hint("leave ⟦compare⟧ and ⟦prediction⟧ out"));
        }
        Ok(())
    }

    /// The columns of the scale's formula, with a basis and the names of those that were left out.
    fn scale_design(&self, formula: &str) -> Result<(Frame, Design, Basis, Vec<String>), Error> {
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
        Ok((frame, design, basis, left_out))
    }

    /// The interval of a location-scale model.
    fn scale_interval(&self) -> Interval {
        self.options.model.ci.unwrap_or(Interval::T)
    }

    /// The location with the variances that the scale gives each study.
    fn with_variances(&self, tau2: &[f64]) -> Self {
        let ci = self.scale_interval();
        Self {
            v: self.v.iter().zip(tau2).map(|(v, t)| v + t).collect(),
            options: Options { given: Some(0.0), prediction: None, ci, ..self.options },
            ..self.shallow()
        }
    }

    fn scale_model(&self, formula: String, design: &Design, found: Fit) -> ScaleModel {
        let q = found.alpha.len();
        let free = self.rows.len() as f64 - q as f64;
        let df = if self.scale_interval() == Interval::Wald { f64::INFINITY } else { free };
        let one = |i: usize| {
            let se = found.covariance[i * q + i].sqrt();
            coefficient(&design.names[i], found.alpha[i], se, df, self.options.level)
        };
        let coefficients: Vec<Coefficient> = (0..q).map(one).collect();
        let tested: Vec<usize> = (0..q).filter(|&i| design.terms[i].is_some()).collect();
        let omnibus = wald_test("scale".into(), &tested, &found.alpha, &found.covariance, df);
        ScaleModel { formula, coefficients, omnibus, tau2: found.tau2 }
    }
}
