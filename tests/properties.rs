//! What must hold for every member of every registry, whatever the numbers.

use metapool::choice::Chosen;
use metapool::effect::{EffectOptions, EffectTable, Measure};
use metapool::model::interval::Interval;
use metapool::model::prediction::PredictionInterval;
use metapool::model::tau2::Tau2;
use metapool::model::tau2_interval::Tau2Interval;
use metapool::model::{InverseVariance, ModelOptions, Sample};
use metapool::prelude::*;
use metapool::result::PoolResult;
use proptest::prelude::*;

fn table(y: &[f64], v: &[f64]) -> EffectTable {
    let labels: Vec<String> = (0..y.len()).map(|i| format!("S{i}")).collect();
    EffectTable::from_effects(Measure::Generic, &labels, y, v).unwrap()
}

fn options(tau2: Tau2, ci: Interval) -> ModelOptions {
    ModelOptions { tau2: Some(tau2), ci: Some(ci), ..ModelOptions::default() }
}

/// Every estimator with an interval that goes with it.
fn combinations() -> Vec<(Tau2, Interval)> {
    let suits = |t: &Tau2, c: &Interval| match c {
        Interval::Profile => *t == Tau2::MaximumLikelihood,
        Interval::KenwardRoger => *t == Tau2::Reml,
        // of models of counts
        Interval::Exact | Interval::MidP => false,
        _ => true,
    };
    Tau2::ALL
        .iter()
        .flat_map(|t| Interval::ALL.iter().filter(move |c| suits(t, c)).map(move |c| (*t, *c)))
        .collect()
}

fn pool(y: &[f64], v: &[f64], tau2: Tau2, ci: Interval) -> PoolResult {
    InverseVariance::new(options(tau2, ci)).pool(table(y, v)).unwrap()
}

/// (estimate, lower, upper, τ, √upper limit of τ²): all in the unit of the effect.
fn lengths(r: &PoolResult) -> Vec<f64> {
    let p = r.random.as_ref().unwrap();
    let h = r.heterogeneity.as_ref().unwrap();
    let unbounded = f64::MAX;
    vec![
        p.estimate,
        p.lower.unwrap_or(-unbounded),
        p.upper.unwrap_or(unbounded),
        h.tau2.unwrap().sqrt(),
        h.tau2_upper.unwrap_or(0.0).sqrt(),
        p.prediction.map_or(0.0, |q| q.lower),
        p.prediction.map_or(0.0, |q| q.upper),
    ]
}

fn near(a: f64, b: f64, scale: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * scale.max(a.abs()).max(b.abs())
}

/// Studies with anything from agreement to strong heterogeneity.
fn studies() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (2usize..12).prop_flat_map(|k| {
        (proptest::collection::vec(-3.0..3.0f64, k), proptest::collection::vec(-6.0..2.0f64, k), 0.0..1.5f64)
            .prop_map(|(y, ln_v, spread)| {
                (y.iter().map(|y| y * spread).collect(), ln_v.iter().map(|l| l.exp()).collect())
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn units_do_not_matter((y, v) in studies(), power in prop::sample::select(vec![-8i32, -3, 3, 8])) {
        let unit = 10f64.powi(power);
        for (tau2, ci) in combinations() {
            let base = lengths(&pool(&y, &v, tau2, ci));
            let scaled_y: Vec<f64> = y.iter().map(|y| y * unit).collect();
            let scaled_v: Vec<f64> = v.iter().map(|v| v * unit * unit).collect();
            let scaled = lengths(&pool(&scaled_y, &scaled_v, tau2, ci));
            for (i, (b, s)) in base.iter().zip(&scaled).enumerate() {
                let unbounded = b.abs() == f64::MAX && s.abs() == f64::MAX;
                prop_assert!(unbounded || near(b * unit, *s, unit * 0.02, 3e-6), "{tau2:?} {ci:?} [{i}]: {b} and {s}");
            }
        }
    }

    #[test]
    fn order_and_sign_do_not_matter((y, v) in studies()) {
        for (tau2, ci) in combinations() {
            let base = lengths(&pool(&y, &v, tau2, ci));
            let (ry, rv): (Vec<f64>, Vec<f64>) = y.iter().zip(&v).rev().unzip();
            for (b, r) in base.iter().zip(lengths(&pool(&ry, &rv, tau2, ci))) {
                prop_assert!(near(*b, r, 0.02, 1e-6), "{tau2:?} {ci:?} reversed: {b} and {r}");
            }
            let flipped: Vec<f64> = y.iter().map(|y| -y).collect();
            let f = lengths(&pool(&flipped, &v, tau2, ci));
            for (b, f) in base.iter().zip([-f[0], -f[2], -f[1], f[3], f[4], -f[6], -f[5]]) {
                prop_assert!(near(*b, f, 0.02, 1e-6), "{tau2:?} {ci:?} flipped: {b} and {f}");
            }
        }
    }

    #[test]
    fn intervals_hold_the_estimate_and_weights_sum_to_100((y, v) in studies()) {
        for (tau2, ci) in combinations() {
            let r = pool(&y, &v, tau2, ci);
            let p = r.random.as_ref().unwrap();
            prop_assert!(p.lower.unwrap_or(f64::MIN) <= p.estimate && p.estimate <= p.upper.unwrap_or(f64::MAX));
            prop_assert!((r.weights_random.iter().flatten().sum::<f64>() - 100.0).abs() < 1e-9);
            let h = r.heterogeneity.as_ref().unwrap();
            prop_assert!(h.tau2.is_some_and(|t| t >= 0.0 && t.is_finite()));
            prop_assert!((0.0..=100.0).contains(&h.i2.unwrap()));
            if let Some(q) = &p.prediction {
                prop_assert!(q.lower <= p.estimate && p.estimate <= q.upper);
            }
        }
    }

    #[test]
    fn reml_and_ml_are_maxima((y, v) in studies()) {
        let sample = Sample::new(&y, &v);
        let k = y.len() as f64;
        let value = |tau2: f64, restricted: bool| {
            let w: Vec<f64> = v.iter().map(|v| 1.0 / (v + tau2)).collect();
            let total: f64 = w.iter().sum();
            let mean = w.iter().zip(&y).map(|(w, y)| w * y).sum::<f64>() / total;
            let rss: f64 = w.iter().zip(&y).map(|(w, y)| w * (y - mean).powi(2)).sum();
            let ln: f64 = v.iter().map(|v| (v + tau2).ln()).sum();
            -0.5 * (ln + rss + if restricted { total.ln() } else { 0.0 })
        };
        let spread = y.iter().map(|y| y * y).sum::<f64>() / k + 1e-6;
        for (tau2, restricted) in [(Tau2::Reml, true), (Tau2::MaximumLikelihood, false)] {
            let best = tau2.estimate(sample).tau2;
            let top = value(best, restricted);
            for i in 0..400 {
                let other = spread * 4.0 * f64::from(i) / 400.0;
                prop_assert!(value(other, restricted) <= top + 1e-9, "{tau2:?}: {best} gives {top}, {other} more");
            }
        }
    }

    #[test]
    fn paule_mandel_solves_its_equation((y, v) in studies()) {
        let sample = Sample::new(&y, &v);
        let tau2 = Tau2::PauleMandel.estimate(sample).tau2;
        let df = y.len() as f64 - 1.0;
        if tau2 > 0.0 {
            prop_assert!((sample.q(tau2) - df).abs() < 1e-9 * df);
        } else {
            prop_assert!(sample.q(0.0) <= df * (1.0 + 1e-9));
        }
    }
}

#[test]
fn identical_studies_have_no_heterogeneity() {
    for (tau2, ci) in combinations() {
        let r = pool(&[0.4; 5], &[0.1; 5], tau2, ci);
        let h = r.heterogeneity.unwrap();
        assert!(h.tau2.unwrap().abs() < 1e-12 && h.q.abs() < 1e-12, "{tau2:?}: {h:?}");
        assert!((r.random.unwrap().estimate - 0.4).abs() < 1e-12);
    }
}

#[test]
fn doubling_every_study_keeps_the_estimate() {
    let (y, v) = ([0.1, 0.7, -0.2, 0.4], [0.1, 0.2, 0.05, 0.3]);
    let (y2, v2) = ([y, y].concat(), [v, v].concat());
    for &tau2 in &[Tau2::EqualEffects, Tau2::Hedges, Tau2::SidikJonkman] {
        let (a, b) = (pool(&y, &v, tau2, Interval::Wald), pool(&y2, &v2, tau2, Interval::Wald));
        let (a, b) = (a.common.unwrap(), b.common.unwrap());
        assert!((a.estimate - b.estimate).abs() < 1e-12);
        assert!((a.se.unwrap() / b.se.unwrap() - 2f64.sqrt()).abs() < 1e-12);
    }
}

#[test]
fn one_study_is_reported_and_not_pooled() {
    let r = InverseVariance::default().pool(table(&[0.3], &[0.04])).unwrap();
    assert!(r.random.is_none() && r.heterogeneity.is_none());
    let common = r.common.unwrap();
    assert!((common.estimate - 0.3).abs() < 1e-15 && (common.se.unwrap() - 0.2).abs() < 1e-15);
    assert_eq!(r.notes[0].code(), "one-study");
}

#[test]
fn two_studies_have_an_interval_and_no_prediction() {
    for (tau2, ci) in combinations() {
        let r = pool(&[0.1, 0.9], &[0.04, 0.09], tau2, ci);
        assert!(r.random.unwrap().prediction.is_none());
        assert!(r.notes.iter().any(|n| n.code() == "few-studies"), "{tau2:?}");
    }
}

#[test]
fn one_enormous_variance_changes_nothing_but_k() {
    for (tau2, ci) in combinations().into_iter().filter(|c| !matches!(c.0, Tau2::Hedges | Tau2::SidikJonkman))
    {
        let base = pool(&[0.1, 0.9, 0.4, 0.2], &[0.04, 0.09, 0.01, 0.02], tau2, ci);
        let more = pool(&[0.1, 0.9, 0.4, 0.2, 50.0], &[0.04, 0.09, 0.01, 0.02, 1e12], tau2, ci);
        let (a, b) = (base.random.unwrap().estimate, more.random.unwrap().estimate);
        assert!((a - b).abs() < 0.1, "{tau2:?} {ci:?}: {a} and {b}");
    }
}

#[test]
fn every_prediction_and_tau2_interval_returns_for_bcg() {
    let bcg = || Request::new("@bcg").measure(Measure::RiskRatio).load(|o| o).unwrap().table;
    // log RR, REML: the seven intervals of the literature
    let pinned = [
        ("normal", -1.867, 0.438),
        ("t", -1.995, 0.566),
        ("hts", -2.008, 0.579),
        ("hksj", -1.996, 0.567),
        ("hksj-pr", -2.009, 0.580),
        ("kr", -2.017, 0.588),
        ("kr-pr", -2.035, 0.606),
    ];
    for (id, lower, upper) in pinned {
        let prediction = PredictionInterval::parse(id).unwrap();
        let o = ModelOptions { prediction: Chosen::Of(prediction), ..ModelOptions::default() };
        let p = InverseVariance::new(o).pool(bcg()).unwrap().random.unwrap().prediction.unwrap();
        assert!(
            (p.lower - lower).abs() < 6e-4 && (p.upper - upper).abs() < 6e-4,
            "{id}: {} to {}",
            p.lower,
            p.upper
        );
    }
    for &interval in Tau2Interval::ALL {
        let o = ModelOptions { tau2_ci: Chosen::Of(interval), ..ModelOptions::default() };
        let h = InverseVariance::new(o).pool(bcg()).unwrap().heterogeneity.unwrap();
        let tau2 = h.tau2.unwrap();
        assert!(h.tau2_lower.unwrap() < tau2 && tau2 < h.tau2_upper.unwrap(), "{interval:?}");
    }
}

#[test]
fn every_measure_describes_itself_and_parses() {
    let bibliography = std::fs::read_to_string("references.bib").unwrap();
    fn walk<T: Member>(bibliography: &str) {
        for &m in T::ALL {
            assert!(!m.id().is_empty() && !m.title().is_empty());
            assert_eq!(T::parse(&m.id().to_lowercase()).unwrap().id(), m.id());
            for alias in m.aliases() {
                assert_eq!(T::parse(alias).unwrap().id(), m.id(), "alias {alias}");
            }
            let reference = m.reference();
            assert!(
                reference.is_empty() || bibliography.contains(&format!("{{{reference},")),
                "{reference} is not in references.bib"
            );
        }
    }
    walk::<Measure>(&bibliography);
    walk::<Tau2>(&bibliography);
    walk::<Interval>(&bibliography);
    walk::<PredictionInterval>(&bibliography);
    walk::<Tau2Interval>(&bibliography);
    walk::<metapool::dataset::Shape>(&bibliography);
    walk::<metapool::effect::StudyInterval>(&bibliography);
    walk::<metapool::model::Model>(&bibliography);
    walk::<metapool::model::Profile>(&bibliography);
    walk::<metapool::plot::Plot>(&bibliography);
    walk::<metapool::plot::theme::Theme>(&bibliography);
    walk::<metapool::plot::Picture>(&bibliography);
    walk::<metapool::choice::Robust>(&bibliography);
    walk::<metapool::choice::GlmmModel>(&bibliography);
    walk::<metapool::choice::Analysis>(&bibliography);
    walk::<metapool::choice::Format>(&bibliography);
    walk::<metapool::choice::Naming>(&bibliography);
    walk::<metapool::choice::Axes>(&bibliography);
    walk::<metapool::choice::CorrectWhere>(&bibliography);
    walk::<metapool::choice::DoubleZero>(&bibliography);
    walk::<metapool::choice::Values>(&bibliography);
    walk::<metapool::choice::Variance>(&bibliography);
    walk::<metapool::choice::SharedControl>(&bibliography);
    walk::<metapool::choice::Denominator>(&bibliography);
    walk::<metapool::choice::Standardizer>(&bibliography);
    walk::<metapool::choice::bias::BiasTest>(&bibliography);
    walk::<metapool::choice::bias::Predictor>(&bibliography);
    walk::<metapool::choice::bias::Estimator>(&bibliography);
    walk::<metapool::choice::bias::FailSafe>(&bibliography);
    walk::<metapool::choice::bias::Excess>(&bibliography);
    walk::<metapool::choice::bias::SelectionModel>(&bibliography);
    walk::<metapool::choice::bias::RegressionModel>(&bibliography);
    walk::<metapool::choice::bias::Alternative>(&bibliography);
    walk::<metapool::choice::bias::Side>(&bibliography);
}

#[test]
fn back_and_forward_are_inverse_on_every_scale() {
    for &measure in Measure::ALL {
        let scale = measure.spec().scale;
        let (lo, hi) = scale.range();
        let values: Vec<f64> = [0.07, 0.31, 0.5, 0.93].into_iter().filter(|v| *v > lo && *v < hi).collect();
        for value in values {
            let there = scale.forward(value, Some(400.0)).unwrap();
            let back = scale.back(there, Some(400.0)).unwrap();
            // the Freeman–Tukey scale is exact at whole counts only
            let tolerance = if scale.needs_size() { 2e-3 } else { 1e-12 };
            assert!((back - value).abs() < tolerance, "{}: {value} → {there} → {back}", measure.id());
        }
    }
}

#[test]
fn effects_of_every_count_measure_change_sign_with_the_groups() {
    use metapool::dataset::{RoleMap, ShapeOptions};
    let text = |swap: bool| {
        let row = |a: u32, n1: u32, c: u32, n2: u32| {
            if swap { format!("{c},{n2},{a},{n1}\n") } else { format!("{a},{n1},{c},{n2}\n") }
        };
        format!("events1,n1,events2,n2\n{}{}{}", row(4, 20, 9, 22), row(0, 15, 3, 14), row(7, 9, 2, 30))
    };
    for &measure in Measure::ALL {
        if measure.spec().compute.shape() != metapool::dataset::Shape::TwoByTwo {
            continue;
        }
        let effects = |swap: bool| {
            let data = Dataset::from_csv("test", &text(swap)).unwrap();
            let shape = measure.spec().compute.shape();
            let fields = metapool::dataset::Fields::resolve(&data, shape, &RoleMap::default()).unwrap();
            let rows = shape
                .rows(&fields, data.labels(data.label_source(None).unwrap()), &ShapeOptions::default())
                .unwrap();
            EffectTable::compute(&rows, EffectOptions::new(measure)).unwrap()
        };
        for (a, b) in effects(false).studies.iter().zip(&effects(true).studies) {
            if let (Some(a), Some(b)) = (a.effect(), b.effect()) {
                assert!(
                    (a.y + b.y).abs() < 1e-9 && (a.v - b.v).abs() < 1e-9 * a.v,
                    "{}: {a:?} {b:?}",
                    measure.id()
                );
            }
        }
    }
}
