//! Regressions of effects on their precision.
//!
//! ```text
//! Egger        y on s (or another measure of precision), weights 1/s² as in 1997, or 1/(s² + τ²) where that is asked for
//! Thompson     y on s with τ², t with k − 2 degrees of freedom
//! Harbord      Z/V on 1/√V with weights V,   Z = a − n₁m/N,  V = n₁n₂ m(N−m)/(N²(N−1))
//! Peters       y on 1/N with weights 1/(1/m + 1/(N−m))
//! Macaskill    y on N with weights 1/s²
//! Deeks        ln OR on 1/√ESS with weights ESS = 4n₁n₂/N
//! Rücker       arcsine difference as Thompson
//! Pustejovsky  g on √(1/n₁ + 1/n₂) with weights of that variance
//! PET, PEESE   y on s, y on s²; the value at 0
//! ```
//! References: \[egger1997\], \[thompson1999\], \[harbord2006\], \[peters2006\], \[macaskill2001\], \[deeks2005\], \[rucker2008\],
//! \[pustejovsky2019\], \[stanley2014\].

use super::{BiasTest, Data, Predictor, RegressionModel, not_estimable, outcome, regression_model_of};
use crate::dataset::StudyData;
use crate::effect::Measure;
use crate::error::Error;
use crate::model::interval::Interval;
use crate::model::regression::{Dispersion, Line, line};
use crate::model::tau2::Tau2;
use crate::registry::Member;
use crate::result::bias::{BiasOutcome, Conditional, Finding, Fitted, Statistic};
use crate::result::format::studies;

impl Predictor {
    /// Its value for a study of this sampling variance and number of patients.
    fn value(self, v: f64, n: f64) -> f64 {
        match self {
            Self::StandardError => v.sqrt(),
            Self::Variance => v,
            Self::Size => n,
            Self::InverseSize => 1.0 / n,
            Self::RootSize => n.sqrt(),
            Self::InverseRootSize => 1.0 / n.sqrt(),
        }
    }

    /// Whether it falls to zero in an infinite study.
    fn vanishes(self) -> bool {
        !matches!(self, Self::Size | Self::RootSize)
    }
}

fn cannot(k: usize) -> Error {
    if k < 3 {
        Error::model(format!("{}: a line needs three", studies(k))).with_hint("report the studies one by one")
    } else {
        Error::model("all studies have the same precision: no line can be drawn along it")
            .with_hint("small-study effects show only where studies differ in size")
    }
}

/// The line, where there is one and effects spread about it.
fn fitted(y: &[f64], v: &[f64], x: &[f64], dispersion: Dispersion) -> Result<Line, Error> {
    let l = line(y, v, x, dispersion).ok_or_else(|| cannot(y.len()))?;
    // a standard error that comes from the spread alone is rounding where there is none
    let from_spread = match dispersion {
        Dispersion::Multiplicative => true,
        Dispersion::Additive { ci, .. } => ci == Interval::HartungKnapp,
    };
    let of = |f: &dyn Fn(usize) -> f64| (0..y.len()).map(|i| f(i).powi(2) / v[i]).sum::<f64>();
    let (rest, all) = (of(&|i| y[i] - l.intercept - l.slope * x[i]), of(&|i| y[i]));
    if from_spread && rest <= 1e-22 * all {
        return Err(not_estimable("all effects lie on one line, about which nothing varies")
            .with_hint("are the effects copies of each other? equal or computed effects have no asymmetry"));
    }
    Ok(l)
}

/// The test of the slope.
fn slope(test: BiasTest, k: usize, l: &Line, predictor: &str, of_table: bool) -> BiasOutcome {
    let mut out = outcome(test, k);
    let statistic = l.slope / l.slope_se;
    out.statistic = Some(statistic).filter(|s| s.is_finite());
    out.statistic_kind = if l.df.is_finite() { Statistic::T } else { Statistic::Z };
    out.df = Some(l.df).filter(|d| d.is_finite());
    out.p_value = out.statistic.map(|s| l.p_value(s));
    out.finding = Finding::Line(Fitted {
        predictor: predictor.to_string(),
        of_table,
        intercept: l.intercept,
        slope: l.slope,
        slope_se: l.slope_se,
    });
    out
}

/// How effects spread about Egger's line, and that in words: as in 1997 unless the options or the profile say otherwise.
pub(super) fn dispersion(data: &Data<'_>) -> (Dispersion, String) {
    let usual = regression_model_of(data.model.profile);
    match data.options.regression.unwrap_or(usual) {
        RegressionModel::Lm => (Dispersion::Multiplicative, "weighted least squares".to_string()),
        RegressionModel::Rma => {
            let (estimator, given) = (data.model.estimator(), data.model.tau2_given);
            let ci = data.model.ci.unwrap_or(Interval::Wald);
            let tau2 = given.map_or_else(|| format!("τ² by {}", estimator.title()), |t| format!("τ² = {t}"));
            (Dispersion::Additive { tau2: estimator, given, ci }, format!("meta-regression, {tau2}"))
        }
    }
}

pub(super) fn egger(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let predictor = data.options.predictor.unwrap_or(Predictor::StandardError);
    let needs_size = !matches!(predictor, Predictor::StandardError | Predictor::Variance);
    let sizes = if needs_size { data.sizes()? } else { vec![0.0; data.k()] };
    let x: Vec<f64> = data.v.iter().zip(&sizes).map(|(&v, &n)| predictor.value(v, n)).collect();
    let (dispersion, words) = dispersion(data);
    let l = fitted(&data.y, &data.v, &x, dispersion)?;
    let mut out = slope(BiasTest::Egger, data.k(), &l, predictor.id(), true);
    out.variant = format!("{words}, on the {}", predictor.title());
    if predictor.vanishes() {
        out.limit = Some(data.adjusted(l.intercept, l.intercept_se, l.df, l.tau2));
    }
    Ok(out)
}

pub(super) fn thompson(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    with_between(data, BiasTest::Thompson)
}

pub(super) fn ruecker(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    if data.measure() != Measure::ArcsineDifference {
        return Err(Error::usage("Rücker's test is of arcsine differences").with_hint("add ⟦measure=AS⟧"));
    }
    with_between(data, BiasTest::Ruecker)
}

fn with_between(data: &Data<'_>, test: BiasTest) -> Result<BiasOutcome, Error> {
    // Thompson and Sharp took the estimate by moments
    let usual = if test == BiasTest::Thompson { Tau2::DerSimonianLaird } else { Tau2::Reml };
    let tau2 = data.model.tau2.unwrap_or(usual);
    let dispersion = Dispersion::Additive { tau2, given: data.model.tau2_given, ci: Interval::T };
    let l = fitted(&data.y, &data.v, &data.se(), dispersion)?;
    let mut out = slope(test, data.k(), &l, "sei", true);
    out.variant = format!("meta-regression, τ² by {}", tau2.title());
    out.limit = Some(data.adjusted(l.intercept, l.intercept_se, l.df, l.tau2));
    Ok(out)
}

/// Weighted least squares along `x` with weights 1/`v`.
fn least_squares(
    test: BiasTest,
    (y, v, x): (&[f64], &[f64], &[f64]),
    predictor: &str,
    of_table: bool,
) -> Result<BiasOutcome, Error> {
    let l = fitted(y, v, x, Dispersion::Multiplicative)?;
    let mut out = slope(test, y.len(), &l, predictor, of_table);
    out.variant = "weighted least squares".into();
    Ok(out)
}

/// Studies with finite values in all three.
fn usable(y: Vec<f64>, v: Vec<f64>, x: Vec<f64>) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let good: Vec<usize> = (0..y.len())
        .filter(|&i| y[i].is_finite() && v[i].is_finite() && v[i] > 0.0 && x[i].is_finite())
        .collect();
    let of = |a: &[f64]| good.iter().map(|&i| a[i]).collect();
    (of(&y), of(&v), of(&x))
}

pub(super) fn harbord(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    if !matches!(data.measure(), Measure::OddsRatio | Measure::Peto) {
        return Err(Error::usage("Harbord's test is of odds ratios").with_hint("add ⟦measure=OR⟧"));
    }
    let score = |t: &crate::dataset::TwoByTwo| {
        let (n1, n2) = (t.n1(), t.n2());
        let (n, m) = (n1 + n2, t.a + t.c);
        let z = t.a - m * n1 / n;
        let v = (n1 / n) * (n2 / n) * m * ((n - m) / (n - 1.0));
        (z / v, 1.0 / v)
    };
    let scores: Vec<(f64, f64)> = data.two_by_two()?.iter().map(score).collect();
    let v: Vec<f64> = scores.iter().map(|s| s.1).collect();
    let x = v.iter().map(|v| v.sqrt()).collect();
    let (y, v, x) = usable(scores.iter().map(|s| s.0).collect(), v, x);
    let mut out = least_squares(BiasTest::Harbord, (&y, &v, &x), "1/√V", false)?;
    out.variant = "efficient scores of the counts".into();
    Ok(out)
}

pub(super) fn peters(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let tables = data.two_by_two()?;
    let n: Vec<f64> = tables.iter().map(|t| t.n1() + t.n2()).collect();
    let v = tables.iter().zip(&n).map(|(t, n)| 1.0 / (t.a + t.c) + 1.0 / (n - t.a - t.c)).collect();
    let x = n.iter().map(|n| 1.0 / n).collect();
    let (y, v, x) = usable(data.y.clone(), v, x);
    least_squares(BiasTest::Peters, (&y, &v, &x), "ninv", true)
}

pub(super) fn macaskill(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    least_squares(BiasTest::Macaskill, (&data.y, &data.v, &data.sizes()?), "ni", true)
}

pub(super) fn deeks(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    if data.measure() != Measure::OddsRatio {
        return Err(Error::usage("Deeks's test is of (diagnostic) odds ratios").with_hint("add ⟦measure=OR⟧"));
    }
    let v: Vec<f64> =
        data.two_by_two()?.iter().map(|t| (t.n1() + t.n2()) / (4.0 * t.n1() * t.n2())).collect();
    let x: Vec<f64> = v.iter().map(|v| v.sqrt()).collect();
    least_squares(BiasTest::Deeks, (&data.y, &v, &x), "1/√ESS", false)
}

pub(super) fn pustejovsky(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let variance = |i: usize| match data.study(i).data {
        Some(StudyData::TwoMeans(m)) => Ok(1.0 / m.n1 + 1.0 / m.n2),
        _ => Err(Error::usage("this test is for means in two groups")
            .with_hint("use ⟦test=egger⟧, or give means, SDs and sizes of both groups")),
    };
    let v = (0..data.k()).map(variance).collect::<Result<Vec<f64>, Error>>()?;
    let x: Vec<f64> = v.iter().map(|v| v.sqrt()).collect();
    least_squares(BiasTest::Pustejovsky, (&data.y, &v, &x), "√(1/n₁ + 1/n₂)", false)
}

/// The line along s or s², with its value at zero.
fn at_zero(data: &Data<'_>, test: BiasTest) -> Result<(BiasOutcome, Line), Error> {
    let (x, predictor) = if test == BiasTest::Pet { (data.se(), "sei") } else { (data.v.clone(), "vi") };
    let l = fitted(&data.y, &data.v, &x, Dispersion::Multiplicative)?;
    let mut out = slope(test, data.k(), &l, predictor, true);
    let adjusted = data.adjusted(l.intercept, l.intercept_se, l.df, None);
    out.variant = "weighted least squares".into();
    // the question is the effect at zero; the slope is in the finding
    out.statistic = Some((l.intercept - data.null()) / l.intercept_se).filter(|s| s.is_finite());
    out.p_value = adjusted.p_value;
    out.adjusted = Some(adjusted);
    Ok((out, l))
}

pub(super) fn pet(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    at_zero(data, BiasTest::Pet).map(|p| p.0)
}

pub(super) fn peese(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    at_zero(data, BiasTest::Peese).map(|p| p.0)
}

/// PEESE if the effect of PET is beyond no effect in the direction of the common effect at 5% one-sided, else PET.
pub(super) fn pet_peese(data: &Data<'_>) -> Result<BiasOutcome, Error> {
    let (pet, _) = at_zero(data, BiasTest::Pet)?;
    let statistic = pet.statistic.unwrap_or(0.0);
    let toward = if data.direction() == super::Alternative::Greater { statistic } else { -statistic };
    let p = crate::math::dist::t_sf(toward, pet.df.unwrap_or(f64::INFINITY));
    let (taken, mut out) = if p < 0.05 {
        (Conditional::Peese, at_zero(data, BiasTest::Peese)?.0)
    } else {
        (Conditional::Pet, pet)
    };
    out.test = outcome(BiasTest::PetPeese, 0).test;
    out.variant = format!("{} taken", taken.id().to_uppercase());
    out.finding = Finding::Conditional { taken, pet_p_value: p };
    Ok(out)
}
