//! Distribution functions against values computed with mpmath at 50 digits (`reference/pin_distributions.py`).

mod support;

use metapool::math::dist;
use support::reference;

/// Relative tolerance of a function.
fn tolerance(function: &str) -> f64 {
    match function {
        // erfc of libm, and statrs' quantile, are good to a few units of the last place; far out the argument is
        // rounded before it is squared
        "normal_sf" | "normal_quantile" => 4e-14,
        // worst seen 2e-13: the prefactor of the continued fraction for a million degrees of freedom
        "t_sf" | "chi2_sf" | "chi2_cdf" | "f_sf" | "beta_cdf" => 5e-13,
        // quantiles inherit that, damped by the slope of the tail
        "t_upper_quantile" | "chi2_quantile" | "chi2_upper_quantile" | "beta_quantile" => 5e-13,
        "binomial_pmf" | "poisson_pmf" => 5e-13,
        other => panic!("no tolerance for `{other}`: add it here, with the reason"),
    }
}

fn value(function: &str, a: &[f64]) -> f64 {
    match function {
        "normal_sf" => dist::normal_sf(a[0]),
        "normal_quantile" => dist::normal_quantile(a[0]),
        "t_sf" => dist::t_sf(a[0], a[1]),
        "t_upper_quantile" => dist::t_upper_quantile(a[0], a[1]),
        "chi2_sf" => dist::chi2_sf(a[0], a[1]),
        "chi2_cdf" => dist::chi2_cdf(a[0], a[1]),
        "chi2_quantile" => dist::chi2_quantile(a[0], a[1]),
        "chi2_upper_quantile" => dist::chi2_upper_quantile(a[0], a[1]),
        "beta_cdf" => dist::beta_cdf(a[0], a[1], a[2]),
        "beta_quantile" => dist::beta_quantile(a[0], a[1], a[2]),
        "f_sf" => dist::f_sf(a[0], a[1], a[2]),
        "binomial_pmf" => dist::binomial_pmf(a[0], a[1], a[2]),
        "poisson_pmf" => dist::poisson_pmf(a[0], a[1]),
        other => panic!("unknown function `{other}`"),
    }
}

#[test]
fn every_pinned_value_is_met() {
    let text = std::fs::read_to_string(reference("distributions.tsv")).unwrap();
    let mut failures = vec![];
    let mut count = 0;
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let [function, arguments, want] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("malformed: {line}")
        };
        let arguments: Vec<f64> = arguments.split(',').map(|a| a.parse().unwrap()).collect();
        let want: f64 = want.parse().unwrap();
        let got = value(function, &arguments);
        let error = if want == 0.0 { got.abs() } else { ((got - want) / want).abs() };
        count += 1;
        // values below the smallest normal number have fewer digits
        let denormal = want.abs() < 1e-290;
        if !denormal && (error.is_nan() || error > tolerance(function)) {
            failures.push(format!(
                "{function}({arguments:?}) = {got:e}, want {want:e}, relative error {error:.1e}"
            ));
        }
    }
    assert!(count > 400, "{count} values");
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn quantiles_always_return_and_invert() {
    for df in [0.3, 1.0, 2.5, 7.0, 40.0, 1e4, 1e7] {
        for q in [1e-300, 1e-100, 1e-12, 0.01, 0.2, 0.4999] {
            let t = dist::t_upper_quantile(q, df);
            assert!(t >= 0.0 && !t.is_nan(), "t({q}, {df}) = {t}");
            if t.is_finite() && t < 1e150 && q > 1e-290 {
                let back = dist::t_sf(t, df);
                assert!(
                    (back.ln() - q.ln()).abs() < 1e-9 * (1.0 + q.ln().abs()),
                    "t({q}, {df}) = {t}, back {back}"
                );
            }
            let x = dist::chi2_upper_quantile(q, df);
            assert!(x.is_finite() && x >= 0.0, "chi2({q}, {df}) = {x}");
            let b = dist::beta_quantile(q, df, 3.0);
            assert!((0.0..=1.0).contains(&b), "beta({q}, {df}, 3) = {b}");
        }
    }
}

#[test]
fn probabilities_far_out_are_zero_and_not_missing() {
    for df in [1.0, 7.0, 350.0, 701.0, 5000.0, 1e6] {
        for ratio in [3.0, 60.0, 1e4, 1e12] {
            let p = metapool::math::dist::chi2_sf(df * ratio, df);
            assert!((0.0..1e-1).contains(&p), "df {df}, x {}: {p}", df * ratio);
        }
    }
}
