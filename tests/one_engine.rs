//! A random-effects mean is a meta-regression without moderators: whatever both report is the same number, by every
//! estimator of τ².

mod support;

use metapool::choice::Interval;
use metapool::model::regression::{Regression, Requests};
use metapool::model::{ModelOptions, pool};
use metapool::prelude::*;
use metapool::result::{FitStatistics, Heterogeneity, PoolResult, regression::RegressionResult};
use support::{json, number, pluck};

/// Effects and variances of small tables, each with its name.
fn tables() -> Vec<(&'static str, Vec<(f64, f64)>)> {
    let spread = vec![
        (-0.889, 0.326),
        (-1.585, 0.195),
        (-1.348, 0.415),
        (-1.442, 0.020),
        (-0.218, 0.051),
        (-0.786, 0.0069),
        (-1.621, 0.223),
        (0.012, 0.0040),
    ];
    let in_units = |unit: f64| spread.iter().map(|(y, v)| (y * unit, v * unit * unit)).collect();
    vec![
        ("agreement", vec![(0.31, 0.04), (0.36, 0.09), (0.28, 0.02), (0.33, 0.05), (0.30, 0.06)]),
        ("two studies", vec![(0.1, 0.02), (0.9, 0.05)]),
        ("two that agree", vec![(0.4, 0.02), (0.5, 0.05)]),
        ("far from zero", spread.iter().map(|(y, v)| (y + 1000.0, *v)).collect()),
        ("tiny units", in_units(1e-60)),
        ("huge units", in_units(1e60)),
        ("spread", spread),
    ]
}

/// Numbers agree to 1e-10, zero with zero and nothing with nothing.
#[track_caller]
fn same(what: &str, pooled: Option<f64>, regressed: Option<f64>) {
    match (pooled, regressed) {
        (Some(a), Some(b)) => {
            assert!((a - b).abs() <= 1e-10 * a.abs().max(b.abs()), "{what}: {a} by pool, {b} by regress")
        }
        (a, b) => assert_eq!(a, b, "{what}"),
    }
}

fn same_heterogeneity(what: &str, h: &Heterogeneity, r: &RegressionResult) {
    let own = &r.heterogeneity;
    same(&format!("{what}: τ²"), h.tau2, Some(own.tau2));
    same(&format!("{what}: SE of τ²"), h.tau2_se, own.tau2_se);
    same(&format!("{what}: I²"), h.i2, Some(own.i2));
    same(&format!("{what}: H²"), h.h2, Some(own.h2));
    same(&format!("{what}: Q"), Some(h.q), Some(own.qe));
    same(&format!("{what}: p of Q"), Some(h.q_p_value), Some(own.qe_p_value));
    assert_eq!(h.q_df, own.qe_df, "{what}");
}

fn same_fit(what: &str, p: &FitStatistics, r: &FitStatistics) {
    same(&format!("{what}: log-likelihood"), Some(p.log_likelihood), Some(r.log_likelihood));
    same(&format!("{what}: AIC"), Some(p.aic), Some(r.aic));
    same(&format!("{what}: BIC"), Some(p.bic), Some(r.bic));
    assert_eq!(p.aicc.is_finite(), r.aicc.is_finite(), "{what}");
    assert_eq!((p.iterations, p.stop), (r.iterations, r.stop), "{what}");
}

fn same_result(what: &str, p: &PoolResult, r: &RegressionResult) {
    let (mean, own) = (p.random.as_ref().unwrap(), &r.coefficients[0]);
    same(&format!("{what}: estimate"), Some(mean.estimate), Some(own.estimate));
    same(&format!("{what}: SE"), mean.se, Some(own.se));
    same(&format!("{what}: statistic"), mean.statistic, Some(own.statistic));
    same(&format!("{what}: p-value"), mean.p_value, Some(own.p_value));
    same(&format!("{what}: lower limit"), mean.lower, Some(own.lower));
    same(&format!("{what}: upper limit"), mean.upper, Some(own.upper));
    assert_eq!(mean.df, own.df, "{what}");
    same_heterogeneity(what, p.heterogeneity.as_ref().unwrap(), r);
    same_fit(what, p.fit.as_ref().unwrap(), &r.fit);
}

fn written(rows: &[(f64, f64)]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    let rows = rows.iter().enumerate().map(|(i, (y, v))| format!("study {i},{y:e},{v:e}\n"));
    std::fs::write(&path, format!("study,yi,vi\n{}", rows.collect::<String>())).unwrap();
    let name = path.to_str().unwrap().to_string();
    (folder, name)
}

#[test]
fn pooling_is_regression_on_the_intercept() {
    for (table, rows) in tables() {
        let (_folder, file) = written(&rows);
        let loaded = Request::new(&file).load(|o| o).unwrap();
        for tau2 in Tau2::ALL {
            for ci in [Interval::HartungKnapp, Interval::HartungKnappAdHoc, Interval::Wald, Interval::T] {
                let options = ModelOptions { tau2: Some(*tau2), ci: Some(ci), ..ModelOptions::default() };
                let pooled = pool(loaded.table.clone(), options).unwrap();
                let model = Regression::new(&loaded.table, &loaded.dataset, "1", &options).unwrap();
                let regressed = model.fit(&Requests::default()).unwrap();
                same_result(&format!("{table}, {}, {}", tau2.id(), ci.id()), &pooled, &regressed);
            }
        }
    }
}

#[test]
fn the_program_says_the_same_of_both() {
    let (_folder, file) = written(&tables()[0].1);
    let (_other, spread) = written(&tables().pop().unwrap().1);
    for (file, tau2) in
        [(&file, "REML"), (&spread, "REML"), (&spread, "SJ"), (&spread, "DLIT"), (&spread, "HSk")]
    {
        let pooled = json(&["pool", file, "--tau2", tau2]);
        let regressed = json(&["regress", file, "--mods", "1", "--tau2", tau2]);
        let both = |path: &str| {
            let path: Vec<&str> = path.split('.').collect();
            (pluck(&pooled, &path), pluck(&regressed, &path))
        };
        for path in ["heterogeneity.tau2", "heterogeneity.tau2_se", "heterogeneity.i2", "heterogeneity.h2"] {
            let (a, b) = both(path);
            same(&format!("{tau2}: {path}"), a.as_f64(), b.as_f64());
            assert!(a.is_number(), "{path}");
        }
        for path in ["fit.iterations", "fit.stop"] {
            let (a, b) = both(path);
            assert!(!a.is_null() && a == b, "{tau2}: {path}: {a} by pool, {b} by regress");
        }
        same(
            tau2,
            Some(number(&pooled, "random.estimate")),
            pluck(&regressed["coefficients"][0], &["estimate"]).as_f64(),
        );
    }
}
