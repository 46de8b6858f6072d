//! A refit is the fresh fit of those rows, for every model and estimator; and everything built on refits takes any of them.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

use metapool::dataset::{Events, StudyData, StudyRow, TwoByTwo, Values};
use metapool::effect::{EffectOptions, EffectTable, Measure};
use metapool::model::interval::Interval;
use metapool::model::refit::{PooledFit, Refit, bootstrap};
use metapool::model::regression::CoefficientFit;
use metapool::model::tau2::Tau2;
use metapool::model::{GlmmModel, Model, ModelOptions, Pooling, pool};
use metapool::prelude::Member;
use metapool::result::sensitivity::PartialFit;
use metapool::sensitivity::{baujat, cumulative, deleted, gosh, influence, leave_one_out, outliers};

fn row(i: usize, data: StudyData) -> StudyRow {
    StudyRow { study: format!("S{}", i + 1), line: i + 2, data: Ok(data), n: None, bounds: None }
}

/// Counts in two groups, one with an empty cell and one without events.
fn two_groups() -> Vec<StudyRow> {
    let tables = [
        [4.0, 119.0, 11.0, 128.0],
        [6.0, 300.0, 29.0, 274.0],
        [0.0, 40.0, 3.0, 38.0],
        [62.0, 13536.0, 248.0, 12619.0],
        [0.0, 25.0, 0.0, 27.0],
        [33.0, 5036.0, 47.0, 5761.0],
        [10.0, 90.0, 8.0, 70.0],
    ];
    let table = |(i, [a, b, c, d]): (usize, [f64; 4])| row(i, StudyData::TwoByTwo(TwoByTwo { a, b, c, d }));
    tables.into_iter().enumerate().map(table).collect()
}

fn one_group() -> Vec<StudyRow> {
    let counts = [(3.0, 40.0), (0.0, 25.0), (9.0, 61.0), (14.0, 70.0), (2.0, 33.0)];
    counts.into_iter().enumerate().map(|(i, (x, n))| row(i, StudyData::Events(Events { x, n }))).collect()
}

fn close(what: &str, got: Option<f64>, want: Option<f64>) {
    let near = match (got, want) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-10 * (1.0 + a.abs().max(b.abs())) || a == b,
        (a, b) => a.is_none() && b.is_none(),
    };
    assert!(near, "{what}: {got:?}, fresh {want:?}");
}

fn same(what: &str, got: &PartialFit, want: &PartialFit) {
    assert_eq!(got.k, want.k, "{what}");
    close(what, Some(got.estimate), Some(want.estimate));
    let parts = |f: &PartialFit| {
        [
            f.se,
            f.statistic,
            f.df,
            f.p_value,
            f.lower,
            f.upper,
            f.q,
            f.q_p_value,
            f.tau2,
            f.i2,
            f.inconsistency,
        ]
    };
    parts(got).into_iter().zip(parts(want)).for_each(|(a, b)| close(what, a, b));
}

/// Without each row, and of a few: as if nothing else had ever been there.
fn check(what: &str, rows: &[StudyRow], measure: Measure, options: ModelOptions) {
    let effects = EffectOptions::new(measure);
    let table = EffectTable::compute(rows, effects).unwrap();
    let whole = pool(table, options).unwrap_or_else(|e| panic!("{what}: {e}"));
    let fit = PooledFit::new(&whole, &options);
    let mut parts: Vec<Vec<usize>> =
        fit.rows().iter().map(|out| fit.rows().iter().copied().filter(|r| r != out).collect()).collect();
    parts.push(fit.rows()[..2].to_vec());
    parts.push(fit.rows()[..1].to_vec());
    for part in parts {
        let some: Vec<StudyRow> = part.iter().map(|&i| rows[i].clone()).collect();
        let fresh = pool(EffectTable::compute(&some, effects).unwrap(), options);
        let what = format!("{what}, rows {part:?}");
        match (fit.with_rows(&part), fresh) {
            (Ok(again), Ok(fresh)) => {
                let fresh = PooledFit::new(&fresh, &options).whole().unwrap();
                same(&what, &again, &fresh);
            }
            (Err(again), Err(fresh)) => assert_eq!(again.to_string(), fresh.to_string(), "{what}"),
            (again, fresh) => panic!("{what}: {again:?}, fresh {fresh:?}"),
        }
    }
}

fn of(model: Model) -> ModelOptions {
    ModelOptions { model: Some(model.into()), ..ModelOptions::default() }
}

#[test]
fn every_estimator_of_tau2() {
    for tau2 in Tau2::ALL {
        for ci in [Interval::HartungKnapp, Interval::HartungKnappAdHoc, Interval::Wald, Interval::T] {
            let options = ModelOptions { tau2: Some(*tau2), ci: Some(ci), ..of(Model::InverseVariance) };
            check(&format!("{}, {}", tau2.id(), ci.id()), &two_groups(), Measure::RiskRatio, options);
        }
    }
    let profile = ModelOptions {
        tau2: Some(Tau2::MaximumLikelihood),
        ci: Some(Interval::Profile),
        ..of(Model::InverseVariance)
    };
    check("profile", &two_groups(), Measure::RiskRatio, profile);
    let given = ModelOptions { tau2_given: Some(0.1), ..of(Model::InverseVariance) };
    check("given", &two_groups(), Measure::RiskDifference, given);
}

#[test]
fn every_model_of_counts() {
    for measure in [Measure::OddsRatio, Measure::RiskRatio, Measure::RiskDifference] {
        check(measure.id(), &two_groups(), measure, of(Model::MantelHaenszel));
    }
    check("Peto", &two_groups(), Measure::Peto, of(Model::Peto));
    check(
        "exact",
        &two_groups()[2..3].iter().chain(&two_groups()[4..]).cloned().collect::<Vec<_>>(),
        Measure::OddsRatio,
        of(Model::Exact),
    );
    for glmm in GlmmModel::ALL {
        let options = ModelOptions { model: Some(Pooling::glmm(*glmm)), ..ModelOptions::default() };
        check(glmm.id(), &two_groups(), Measure::OddsRatio, options);
    }
    check("beta-binomial", &two_groups(), Measure::OddsRatio, of(Model::BetaBinomial));
    for model in [Model::Glmm, Model::BetaBinomial, Model::Exact, Model::InverseVariance] {
        check(model.id(), &one_group(), Measure::LogitProportion, of(model));
    }
}

/// Effects that rise with a moderator.
fn dosed() -> EffectTable {
    let y = [0.1, 0.35, 0.3, 0.62, 0.5, 0.93, 0.8, 1.1];
    let v = [0.02, 0.03, 0.01, 0.04, 0.02, 0.05, 0.03, 0.02];
    let labels: Vec<String> = (1..=8).map(|i| format!("S{i}")).collect();
    let dose = Values::Number((1..=8).map(|i| Some(f64::from(i))).collect());
    EffectTable::from_effects(Measure::Generic, &labels, &y, &v).unwrap().with_column("dose", dose).unwrap()
}

#[test]
fn coefficients_of_a_regression() {
    let table = dosed();
    for tau2 in [Tau2::Reml, Tau2::DerSimonianLaird, Tau2::PauleMandel, Tau2::EqualEffects] {
        let options = ModelOptions { tau2: Some(tau2), ..ModelOptions::default() };
        let fit = CoefficientFit::new(&table, "dose", "dose", &options).unwrap();
        for out in 0..8 {
            let keep: Vec<usize> = (0..8).filter(|i| *i != out).collect();
            let part = table.part(&keep).unwrap();
            let fresh = CoefficientFit::new(&part, "dose", "dose", &options).unwrap();
            same(tau2.id(), &fit.without(&[out]).unwrap(), &fresh.whole().unwrap());
        }
    }
    // what is made for pooling serves a slope as well
    let options = ModelOptions::default();
    let fit = CoefficientFit::new(&table, "dose", "dose", &options).unwrap();
    let whole = fit.conclusion(&fit.whole().unwrap());
    let groups = fit.rows().iter().map(|&row| (fit.label(row), vec![row])).collect();
    assert_eq!(leave_one_out(&fit, &groups, whole).iter().filter(|s| s.fit.is_some()).count(), 8);
    let order: Vec<_> = fit.rows().iter().map(|&row| (row, None)).collect();
    let steps = cumulative(&fit, &order);
    // a slope takes three studies
    assert_eq!(steps.iter().map(|s| s.fit.is_some()).collect::<Vec<_>>()[..3], [false, false, true]);
    assert!(steps[0].reason.is_some());
    let without = deleted(&fit);
    let rows = influence(&fit, &without);
    assert!(rows.iter().all(|d| d.cook_distance.is_some() && d.hat.is_none()));
    assert_eq!(baujat(&fit, &without).len(), 8);
    let subsets = gosh(&fit, Some(200), 1, &|_| {}).unwrap();
    assert!(!subsets.exhaustive && subsets.subsets + subsets.failed == 200 && subsets.subsets > 100);
    assert!(outliers(&fit, 50.0, whole).is_ok());
    // one value of the moderator leaves nothing to learn of it
    let error = fit.with_rows(&[0]).unwrap_err();
    assert!(!error.to_string().is_empty());
    assert!(CoefficientFit::new(&table, "dose", "year", &options).unwrap_err().hint().is_some());
}

#[test]
fn a_bootstrap_of_any_fit() {
    let table = dosed();
    let options = ModelOptions::default();
    let slope = CoefficientFit::new(&table, "dose", "dose", &options).unwrap();
    let result = pool(table.clone(), options).unwrap();
    let fits: [&dyn Refit; 2] = [&slope, &PooledFit::new(&result, &options)];
    for fit in fits {
        let b = bootstrap(fit, 200, 1, &|_| {});
        let (lower, upper) = b.estimate.unwrap();
        let whole = fit.whole().unwrap();
        assert!(lower < whole.estimate && whole.estimate < upper && b.draws == 200 && b.tau2.is_some());
        assert_eq!(b, bootstrap(fit, 200, 1, &|_| {}));
    }
}

#[test]
fn hostile_sizes_and_rows() {
    let options = ModelOptions::default();
    let effects = |y: &[f64], v: &[f64]| {
        let labels: Vec<String> = (0..y.len()).map(|i| i.to_string()).collect();
        EffectTable::from_effects(Measure::Generic, &labels, y, v).unwrap()
    };
    assert!(pool(effects(&[], &[]), options).is_err());
    assert!(pool(effects(&[1.0], &[0.0]), options).is_err());
    let one = pool(effects(&[1.0], &[0.5]), options).unwrap();
    let fit = PooledFit::new(&one, &options);
    assert_eq!((fit.k(), fit.whole().unwrap().k), (1, 1));
    assert!(fit.without(&[0]).is_err());
    assert!(gosh(&fit, None, 1, &|_| {}).is_err());
    assert!(outliers(&fit, 50.0, None).is_err());
    assert_eq!(deleted(&fit), [None]);
    let two = pool(effects(&[1.0, f64::NAN, 2.0], &[0.5, 0.1, 0.4]), options).unwrap();
    let fit = PooledFit::new(&two, &options);
    assert_eq!(fit.rows(), [0, 2]);
    assert_eq!(fit.without(&[0]).unwrap().estimate, 2.0);
    // a row without an effect, and rows that are not there
    for rows in [vec![1], vec![0, 1], vec![0, 7], vec![usize::MAX]] {
        assert!(fit.with_rows(&rows).unwrap_err().hint().is_some(), "{rows:?}");
    }
    assert!(fit.with_rows(&[]).is_err());
    assert_eq!(fit.label(7), "");
    let subsets = gosh(&fit, None, 1, &|_| {}).unwrap();
    assert_eq!((subsets.subsets, subsets.exhaustive), (3, true));
}

#[test]
fn short_ways_to_subsets_agree_with_the_model() {
    let rows = two_groups();
    let table = EffectTable::compute(&rows, EffectOptions::new(Measure::RiskRatio)).unwrap();
    for tau2 in [Tau2::EqualEffects, Tau2::Reml, Tau2::DerSimonianLaird] {
        let options = ModelOptions { tau2: Some(tau2), ..of(Model::InverseVariance) };
        let result = pool(table.clone(), options).unwrap();
        let fit = PooledFit::new(&result, &options);
        let cloud = gosh(&fit, None, 1, &|_| {}).unwrap();
        let k = fit.k();
        let each = (1..1usize << k).map(|mask| {
            let part: Vec<usize> = (0..k).filter(|i| mask >> i & 1 == 1).map(|i| fit.rows()[i]).collect();
            fit.with_rows(&part).unwrap()
        });
        let each: Vec<PartialFit> = each.collect();
        let mean = each.iter().map(|f| f.estimate).sum::<f64>() / each.len() as f64;
        let i2 = each.iter().filter_map(|f| f.inconsistency).sum::<f64>() / each.len() as f64;
        close(tau2.id(), Some(cloud.estimate_mean), Some(mean));
        close(tau2.id(), Some(cloud.i2_mean), Some(i2));
        assert_eq!(cloud.subsets as usize, each.len());
    }
}
