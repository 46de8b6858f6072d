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

/// Finite sums for whole degrees of freedom, on both sides of where they are left for the tails: `betainc` and `gammainc`
/// of mpmath at 40 digits.
#[test]
fn finite_sums_are_the_tails() {
    let t = [
        (0.1, 1.0, 0.936_548_965_138_892_9),
        (0.5, 2.0, 0.666_666_666_666_666_7),
        (1.5, 3.0, 0.230_583_865_244_823_05),
        (2.1, 7.0, 0.073_871_196_212_922_68),
        (1.2, 9.0, 0.260_773_197_390_461_7),
        (2.6, 10.0, 0.026_491_497_514_095_11),
        (0.01, 9.0, 0.992_239_445_536_325_3),
        (2.2, 63.0, 0.031_482_542_964_947_72),
        (1.9, 64.0, 0.061_940_182_588_332_68),
        (2.35, 33.0, 0.024_905_043_994_086_644),
        (3.1, 9.0, 0.012_722_455_978_201_955),
        (40.0, 9.0, 1.898_299_844_933_982_6e-11),
    ];
    for (x, df, want) in t {
        for x in [x, -x] {
            let got = dist::t_two_sided(x, df);
            // what p lacks to one is exact to a few units of the last place: a digit of p may be lost
            assert!((got / want - 1.0).abs() < 1e-14, "t_two_sided({x}, {df}) = {got:e}, want {want:e}");
        }
    }
    let chi2 = [
        (0.3, 1.0, 0.583_882_420_770_365_2),
        (4.0, 2.0, 0.135_335_283_236_612_7),
        (9.1, 9.0, 0.428_095_030_783_925_7),
        (0.001, 9.0, 1.0),
        (60.0, 9.0, 1.340_678_048_395_961_3e-9),
        (700.0, 9.0, 6.916_357_838_795_498e-145),
        (1300.0, 64.0, 1.035_301_255_507_260_7e-229),
        (55.0, 63.0, 0.753_400_074_198_783_7),
        (1399.0, 3.0, 4.854_772_993_277_69e-303),
        (20.0, 10.0, 0.029_252_688_076_961_072),
        (2000.0, 9.0, 0.0),
    ];
    for (x, df, want) in chi2 {
        let got = dist::chi2_sf(x, df);
        let error = if want == 0.0 { got } else { (got / want - 1.0).abs() };
        assert!(error < 5e-14, "chi2_sf({x}, {df}) = {got:e}, want {want:e}");
    }
    for df in 1..70 {
        for x in [1e-300, 1e-8, 0.5, 3.0, 40.0, 900.0] {
            let (upper, lower) = (dist::chi2_sf(x, f64::from(df)), dist::chi2_cdf(x, f64::from(df)));
            assert!((upper + lower - 1.0).abs() < 4e-15, "df {df}, x {x}: {upper} + {lower}");
            let (two, one) = (dist::t_two_sided(x, f64::from(df)), dist::t_sf(x, f64::from(df)));
            assert!((two - 2.0 * one).abs() <= 2e-14 * two, "df {df}, t {x}: {two} against {one}");
        }
    }
    assert!(dist::t_two_sided(f64::NAN, 5.0).is_nan());
    assert_eq!(dist::t_two_sided(f64::INFINITY, 5.0), 0.0);
}
