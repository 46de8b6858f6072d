//! Where metapool differs from a pinned reference: the proof that it is right.

mod support;

use metapool::math::{bivariate, dist};
use support::{close, json, number, reference};

fn q_at(y: &[f64], v: &[f64], tau2: f64) -> f64 {
    let w: Vec<f64> = v.iter().map(|v| 1.0 / (v + tau2)).collect();
    let total: f64 = w.iter().sum();
    let mean = w.iter().zip(y).map(|(w, y)| w * y).sum::<f64>() / total;
    w.iter().zip(y).map(|(w, y)| w * (y - mean).powi(2)).sum()
}

/// The Q-profile interval does not depend on the estimator of τ²: its upper limit solves Q(τ²) = χ²(0.025; k−1).
/// The references that differ are the ends of a search (ten times τ², or 100), where Q is still above that value;
/// the same software gives our limit when its search goes further (the REML case of the same data).
#[test]
fn q_profile_upper_limit_solves_its_equation() {
    let cases = [
        ("normand1999", "MD", "mean1=m1i,sd1=sd1i,n1=n1i,mean2=m2i,sd2=sd2i,n2=n2i", "DL", 2054.09375467911),
        ("morris2008", "MC", "correlation=r", "ML", 561.679184019975),
        ("morris2008", "MC", "correlation=r", "DL", 100.0),
    ];
    for (data, measure, columns, tau2, theirs) in cases {
        let file = reference(&format!("data/{data}.csv"));
        let result = json(&[
            "pool",
            file.to_str().unwrap(),
            "--measure",
            measure,
            "--columns",
            columns,
            "--tau2",
            tau2,
            "--ci",
            "wald",
        ]);
        let list = |key: &str| -> Vec<f64> {
            result["studies"].as_array().unwrap().iter().map(|s| s[key].as_f64().unwrap()).collect()
        };
        let (y, v) = (list("estimate"), list("variance"));
        let target = dist::chi2_quantile(0.025, y.len() as f64 - 1.0);
        let ours = number(&result, "heterogeneity.tau2_ci_upper");
        close(data, q_at(&y, &v, ours), target, 1e-9);
        assert!(q_at(&y, &v, theirs) > 1.05 * target, "{data}: the reference is not a solution");
    }
}

/// Newcombe's interval with continuity correction has the lower limit 0 for no events and the upper limit 1 for
/// events only (Statistics in Medicine 1998;17:857-872, method 4); R's own `prop.test(0, 10)` gives 0 to 0.3445.
/// The reference gives 0.0092 as lower limit for 0 of 10: an interval that excludes the proportion observed.
#[test]
fn corrected_score_interval_contains_what_was_observed() {
    use metapool::Member;
    use metapool::effect::StudyInterval;
    let limits = StudyInterval::parse("WSCC").unwrap().spec().limits;
    // R 4.2.2: prop.test(x, n)$conf.int
    for (x, n, lower, upper) in
        [(0.0, 10.0, 0.0, 0.344537211), (20.0, 20.0, 0.799546655, 1.0), (2.0, 10.0, 0.035426947, 0.557818576)]
    {
        let (l, u) = limits(x, n, 0.95);
        assert!((l - lower).abs() < 2e-8 && (u - upper).abs() < 2e-8, "{x}/{n}: {l} to {u}");
        assert!(l <= x / n && x / n <= u);
    }
    for n in 1..40 {
        for x in 0..=n {
            let (l, u) = limits(f64::from(x), f64::from(n), 0.95);
            let p = f64::from(x) / f64::from(n);
            assert!((0.0..=p).contains(&l) && (p..=1.0).contains(&u), "{x} of {n}: {l} to {u}");
        }
    }
}

/// The tetrachoric correlation of the first BCG trial, from mpmath 1.3 at 30 digits (root of the bivariate normal
/// integral): −0.26312303718839188924474628993. The reference, −0.26314321, is a numerical optimum.
#[test]
fn tetrachoric_correlation_to_full_precision() {
    let (r, _) = bivariate::tetrachoric(4.0, 119.0, 11.0, 128.0).unwrap();
    close("tetrachoric", r, -0.263_123_037_188_391_9, 1e-12);
}

/// With an empty cell the likelihood of the tetrachoric correlation is largest at ±1, where it has no finite
/// curvature: there is no variance, and 70 368 744 (2⁴⁶/10⁶) is none.
#[test]
fn tetrachoric_variance_does_not_exist_for_an_empty_cell() {
    let file = reference("data/nielweise2007.csv");
    let result = json(&["effects", file.to_str().unwrap(), "--measure", "RTET"]);
    let study = &result["studies"][3];
    assert_eq!(study["estimate"], -1.0);
    assert!(study["variance"].is_null());
    assert_eq!(study["status"], "not-estimable");
}
