//! Tests of bias at their edges: Egger's test as it was published, likelihoods beyond the range of numbers, and what has
//! no estimate.

mod support;

use metapool::math::dist;
use serde_json::Value;
use support::{close, json, number, run, stderr, stdout};

fn ready(rows: &[(f64, f64)]) -> tempfile::NamedTempFile {
    let mut text = String::from("study,estimate,se\n");
    rows.iter().enumerate().for_each(|(i, (y, se))| text += &format!("S{i},{y},{se}\n"));
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn bias(args: &[&str]) -> Value {
    json(&[&["bias"][..], args].concat())["result"].clone()
}

fn of(rows: &[(f64, f64)], args: &[&str]) -> Value {
    let file = ready(rows);
    bias(&[&[file.path().to_str().unwrap(), "--force"][..], args].concat())
}

/// A run that must fail: its exit code and what it says.
fn refused(rows: &[(f64, f64)], args: &[&str]) -> (Option<i32>, String) {
    let file = ready(rows);
    let output = run(&[&["bias", file.path().to_str().unwrap(), "--force", "-q"][..], args].concat());
    assert!(stdout(&output).is_empty(), "{args:?}: {}", stdout(&output));
    (output.status.code(), stderr(&output))
}

/// Weighted least squares written out: slope, its t and the intercept.
fn least_squares(rows: &[(f64, f64)]) -> (f64, f64, f64) {
    let sum = |f: &dyn Fn(f64, f64) -> f64| rows.iter().map(|(y, s)| f(*y, *s) / (s * s)).sum::<f64>();
    let (w, sx, sy) = (sum(&|_, _| 1.0), sum(&|_, s| s), sum(&|y, _| y));
    let (sxx, sxy) = (sum(&|_, s| s * s), sum(&|y, s| s * y));
    let det = w * sxx - sx * sx;
    let slope = (w * sxy - sx * sy) / det;
    let intercept = (sxx * sy - sx * sxy) / det;
    let rest = sum(&|y, s| (y - intercept - slope * s).powi(2)) / (rows.len() as f64 - 2.0);
    (slope, slope / (rest * w / det).sqrt(), intercept)
}

#[test]
fn eggers_test_is_that_of_1997_unless_asked_otherwise() {
    let rows: Vec<(f64, f64)> = (0..12)
        .map(|i| (0.2 + 0.1 * f64::from((i * 7) % 5) + 0.03 * f64::from(i), 0.1 + 0.04 * f64::from(i)))
        .collect();
    let (slope, t, intercept) = least_squares(&rows);
    for profile in ["metapool", "meta", "revman"] {
        let r = of(&rows, &["--test", "egger", "--profile", profile]);
        close("slope", number(&r, "slope"), slope, 1e-10);
        close("t", number(&r, "statistic"), t, 1e-10);
        close("p", number(&r, "p_value"), dist::t_two_sided(t, 10.0), 1e-10);
        close("limit", number(&r, "limit_estimate"), intercept, 1e-10);
        assert_eq!(r["statistic_kind"], "t");
    }
    // metafor's regtest takes a meta-regression
    let metafor = of(&rows, &["--test", "egger", "--profile", "metafor"]);
    let rma = of(&rows, &["--test", "egger", "--regression", "rma", "--tau2", "REML"]);
    assert_eq!(metafor["statistic"], rma["statistic"]);
    assert_eq!(metafor["statistic_kind"], "z");
    assert_eq!(
        of(&rows, &["--test", "egger", "--profile", "metafor", "--regression", "lm"])["statistic_kind"],
        "t"
    );
    // the panel does the same test, and says which
    let file = ready(&rows);
    let panel = json(&["bias", file.path().to_str().unwrap()]);
    let egger = panel["results"].as_array().unwrap().iter().find(|x| x["test"] == "egger").unwrap().clone();
    close("panel", number(&egger, "statistic"), t, 1e-10);
    assert!(egger["variant"].as_str().unwrap().starts_with("weighted least squares"));
}

#[test]
fn the_side_of_trim_and_fill_is_that_of_the_same_line() {
    let rows: Vec<(f64, f64)> = (0..11)
        .map(|i| (0.5 - 0.05 * f64::from(i) + 0.2 * f64::from(i % 3), 0.05 + 0.05 * f64::from(i)))
        .collect();
    let (slope, ..) = least_squares(&rows);
    for by in [1.0, -1.0] {
        let turned: Vec<(f64, f64)> = rows.iter().map(|r| (by * r.0, r.1)).collect();
        let r = of(&turned, &["--test", "trimfill"]);
        assert_eq!(r["side"], if by * slope >= 0.0 { "left" } else { "right" });
    }
}

#[test]
fn effects_without_spread_have_no_regression() {
    // equal effects, and effects that a line goes through
    let equal: Vec<(f64, f64)> = (0..12).map(|i| (0.3, 0.1 + 0.01 * f64::from(i))).collect();
    let exact: Vec<(f64, f64)> =
        (0..12).map(|i| 0.1 + 0.01 * f64::from(i)).map(|se| (0.2 + 1.5 * se, se)).collect();
    for rows in [&equal, &exact] {
        for test in ["egger", "pet"] {
            let (code, says) = refused(rows, &["--test", test]);
            assert_eq!(code, Some(1), "{test}: {says}");
            assert!(says.contains("not estimable") && says.contains("hint"), "{test}: {says}");
        }
    }
    // with known variances there is a test: that there is no slope, whatever the effects
    let r = of(&equal, &["--test", "egger", "--regression", "rma"]);
    assert!(number(&r, "p_value") > 0.999);
}

/// ln of the likelihood of a selection model, integrated in logarithms over a fine grid of z = y/σ.
fn log_likelihood(rows: &[(f64, f64)], mu: f64, tau2: f64, log_weight: &dyn Fn(f64) -> f64) -> f64 {
    let step = 1e-3;
    let grid: Vec<(f64, f64)> =
        (-40_000..=40_000).map(|i| f64::from(i) * step).map(|z| (z, log_weight(z))).collect();
    let of = |&(y, se): &(f64, f64)| {
        let s = (se * se + tau2).sqrt();
        let term = |&(z, w): &(f64, f64)| w - 0.5 * ((z * se - mu) / s).powi(2);
        let top = grid.iter().map(term).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = grid.iter().map(|g| (term(g) - top).exp()).sum();
        let whole = top + (sum * step * se / s).ln();
        log_weight(y / se) - 0.5 * ((y - mu) / s).powi(2) - s.ln() - whole
    };
    rows.iter().map(of).sum::<f64>()
}

/// ln P(Z > z), also where that is below the least number.
fn log_tail(z: f64) -> f64 {
    if z < 30.0 {
        dist::normal_sf(z).ln()
    } else {
        -0.5 * z * z - (z + 1.0 / z).ln() - 0.918_938_533_204_672_7
    }
}

fn kept(log: f64, other: f64) -> (f64, f64) {
    let edge: f64 = 1e-5;
    if log < edge.ln() {
        (edge.ln(), (-edge).ln_1p())
    } else if other < edge.ln() {
        ((-edge).ln_1p(), edge.ln())
    } else {
        (log, other)
    }
}

#[test]
fn likelihoods_beyond_the_range_of_numbers_are_those_of_brute_force() {
    // mpmath 1.3, 30 digits: quad() of exp(ln w + ln density − largest) piecewise over z, at the parameters that are
    // returned. Without logarithms these were 172.4, 395 and larger than 0: integrals that had underflowed.
    let a = [(0.1899084, 0.0925128), (0.0006646, 0.000134), (0.0773623, 0.0731271)];
    let b = [(0.4094006, 0.1752699), (2.39e-05, 0.0001798), (0.8996241, 0.2519513)];
    let c = [
        (0.3366689, 0.0047958),
        (0.1596565, 0.0012491),
        (-117.2634139, 0.4456421),
        (0.0006221, 0.0002492),
        (0.0394728, 0.0053164),
    ];
    // of two sides, where the weight vanishes at p = 1
    let d = [
        (0.6067569, 1.0663186),
        (0.6478579, 0.9150309),
        (0.698455, 0.1109075),
        (-1.5640679, 1.5529762),
        (3.6024881, 2.6545146),
        (-4.8066872, 2.1525046),
        (-4.9334997, 1.5753895),
        (-0.4631488, 1.2400054),
        (-0.2014338, 0.2398654),
        (-1.4326984, 0.7047495),
    ];
    for (rows, kind, side, want) in [
        (&a[..], "beta", "greater", 11.539_460_733_397_517),
        (&b, "power", "greater", 8.775_803_861_091_08),
        (&c, "beta", "less", -0.122_930_478_893_85),
        (&c, "power", "greater", -0.163_855_961_546_925),
        (&d, "beta", "two.sided", -19.425_516_647_423_757),
    ] {
        let r = of(rows, &["--test", "selection", "--type", kind, "--alternative", side]);
        close(&format!("{kind}, {side}"), number(&r, "log_likelihood"), want, 1e-8);
        assert_eq!(r["stop"], "converged");
    }
}

#[test]
fn every_smooth_weight_is_integrated_over_all_of_its_mass() {
    // small and large standard errors side by side, effects many of them away
    let rows: Vec<(f64, f64)> =
        (0..6).map(|i| (0.02 + 0.15 * f64::from(i), 0.002 * 4f64.powi(i % 4))).collect();
    for kind in ["beta", "halfnorm", "negexp", "logistic", "power"] {
        let file = ready(&rows);
        let call = [
            "bias",
            file.path().to_str().unwrap(),
            "-q",
            "--force",
            "--format",
            "json",
            "--test",
            "selection",
        ];
        let output = run(&[&call[..], &["--type", kind, "--alternative", "greater"]].concat());
        if output.status.code() == Some(1) {
            assert!(stderr(&output).contains("not estimable"), "{kind}: {}", stderr(&output));
            continue;
        }
        let r = serde_json::from_slice::<Value>(&output.stdout).unwrap()["result"].clone();
        let delta: Vec<f64> = r["delta"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect();
        let weight = |z: f64| {
            let (p, q) = (log_tail(z), log_tail(-z));
            let plain = p.exp();
            match kind {
                "beta" => {
                    let (p, q) = kept(p, q);
                    (delta[0] - 1.0) * p + (delta[1] - 1.0) * q
                }
                "power" => delta[0] * kept(p, q).1,
                "halfnorm" => -delta[0] * plain * plain,
                "negexp" => -delta[0] * plain,
                _ => std::f64::consts::LN_2 - delta[0] * plain - (-delta[0] * plain).exp().ln_1p(),
            }
        };
        let (mu, tau2) = (number(&r, "estimate"), number(&r, "tau2"));

        let want = log_likelihood(&rows, mu, tau2, &weight);
        close(kind, number(&r, "log_likelihood"), want, 1e-5);
    }
}

#[test]
fn models_at_the_edge_of_their_parameters_have_no_estimate() {
    // results that are all but barely significant: any effect, however low, explains them
    let barely: Vec<(f64, f64)> = (0..12).map(|i| (1.97 + 0.002 * f64::from(i), 1.0)).collect();
    let huge: Vec<(f64, f64)> = (0..12).map(|i| (20.0 + 9.0 * f64::from((i * 5) % 12), 1.0)).collect();
    for (rows, args) in [
        (&barely, &["--test", "p-uniform"][..]),
        (&barely, &["--test", "selection"]),
        (&barely, &["--test", "selection", "--type", "negexp"]),
        (&barely, &["--test", "selection", "--type", "beta"]),
        (&huge, &["--test", "selection", "--type", "negexp"]),
        (&huge, &["--test", "selection", "--steps", "0.025,0.5"]),
    ] {
        let (code, says) = refused(rows, args);
        assert_eq!(code, Some(1), "{args:?}: {says}");
        assert!(says.contains("not estimable: ") && says.contains("hint"), "{args:?}: {says}");
    }
    // an interval of p without a study is named
    let (_, says) = refused(&huge, &["--test", "selection", "--steps", "0.025,0.5"]);
    assert!(says.contains("between 0.025 and 0.5"), "{says}");
    // among many tests the reason stands where the result would
    let file = ready(&barely);
    let panel = json(&["bias", file.path().to_str().unwrap(), "--force"]);
    let reasons: Vec<&str> =
        panel["refused"].as_array().unwrap().iter().filter_map(|r| r["reason"].as_str()).collect();
    assert!(reasons.iter().any(|r| r.starts_with("not estimable")), "{reasons:?}");
}

#[test]
fn no_selection_at_all_is_an_estimate() {
    // significant or not, large or small: weights that do not fall with p leave the estimate of maximum likelihood
    let rows: Vec<(f64, f64)> = (0..12).map(|i| (-0.5 + 0.1 * f64::from(i), 0.2)).collect();
    let r = of(&rows, &["--test", "selection", "--type", "halfnorm", "--alternative", "less"]);
    let pooled = of(&rows, &["--test", "trimfill", "--tau2", "ML", "--side", "right"]);
    assert!(r["delta"][0].as_f64().unwrap() < 1.0 && r["estimate"].is_number() && pooled["tau2"].is_number());
}

#[test]
fn trim_and_fill_without_a_root_has_no_number() {
    // one study of great precision below the others holds the centre down, and nearly all ranks are on one side
    let mut seen = (0, 0);
    for far in 1..40 {
        let mut rows: Vec<(f64, f64)> =
            (0..9).map(|i| (1.0 + 0.001 * f64::from(i), 0.3 + 0.01 * f64::from(i))).collect();
        rows.push((1.0 - 0.5 * f64::from(far), 0.02));
        for estimator in ["L0", "R0", "Q0"] {
            let file = ready(&rows);
            let output = run(&[
                "bias",
                file.path().to_str().unwrap(),
                "-q",
                "--force",
                "--format",
                "json",
                "--test",
                "trimfill",
                "--estimator",
                estimator,
                "--side",
                "left",
                "--tau2",
                "EE",
            ]);
            match output.status.code() {
                Some(0) => {
                    let r = serde_json::from_slice::<Value>(&output.stdout).unwrap()["result"].clone();
                    assert!(number(&r, "missing_studies") < 9.0, "{estimator}: {r}");
                    seen.0 += 1;
                }
                code => {
                    assert_eq!(code, Some(1));
                    assert!(stderr(&output).contains("not estimable"), "{}", stderr(&output));
                    seen.1 += 1;
                }
            }
        }
    }
    assert!(seen.0 > 0 && seen.1 > 0, "{seen:?}");
}

#[test]
fn one_sided_p_values_say_so() {
    let output = run(&["bias", "@hackshaw1998", "-q", "--test", "excess-significance"]);
    assert!(stdout(&output).contains("one-sided p"), "{}", stdout(&output));
    assert_eq!(bias(&["@hackshaw1998", "--test", "excess-significance"])["one_sided"], true);
    assert_eq!(bias(&["@hackshaw1998", "--test", "failsafe"])["one_sided"], true);
    assert_eq!(bias(&["@hackshaw1998", "--test", "failsafe", "--type", "Rosenberg"])["one_sided"], false);
    assert_eq!(bias(&["@hackshaw1998", "--test", "egger"])["one_sided"], false);
    // fewer significant results than expected: a p above a half
    let none: Vec<(f64, f64)> = (0..12).map(|i| (1.5 + 0.01 * f64::from(i), 1.0)).collect();
    let r = of(&none, &["--test", "excess-significance"]);
    assert!(number(&r, "p_value") > 0.5 && number(&r, "expected") > 2.0 && r["observed"] == 0, "{r}");
}

#[test]
fn excess_of_certain_results_and_targets_beyond_no_effect_have_no_number() {
    let certain: Vec<(f64, f64)> = (0..12).map(|i| (50.0 + f64::from(i), 1.0)).collect();
    let (code, says) = refused(&certain, &["--test", "excess-significance"]);
    assert!(code == Some(1) && says.contains("not estimable"), "{says}");
    let rows: Vec<(f64, f64)> = (0..12).map(|i| (0.3 + 0.01 * f64::from(i), 0.1)).collect();
    let (code, says) = refused(&rows, &["--test", "failsafe", "--type", "Orwin", "--target", "-0.1"]);
    assert!(code == Some(1) && says.contains("not estimable"), "{says}");
    // a target that the mean does not reach yet needs no study
    let r = of(&rows, &["--test", "failsafe", "--type", "Orwin", "--target", "0.9"]);
    assert_eq!(number(&r, "failsafe_n"), 0.0);
    let none: Vec<(f64, f64)> = [-0.5, -0.25, 0.25, 0.5].iter().map(|y| (*y, 0.1)).collect();
    let (code, says) = refused(&none, &["--test", "failsafe", "--type", "Orwin"]);
    assert!(code == Some(1) && says.contains("not estimable"), "{says}");
}

#[test]
fn p_curves_of_overwhelming_results_keep_their_digits() {
    // Φ⁻¹(2 Φ(−30)/0.05) by mpmath 1.3: findroot(lambda x: log(ncdf(x)) - log(2*ncdf(-30)/mpf('0.05')), -29.9)
    let rows = [(30.0, 1.0)];
    let r = of(&rows, &["--test", "p-curve"]);
    close("right skew", number(&r, "right_skew.z"), -29.876_921_611_005_45, 1e-12);
    assert!(number(&r, "flat.z") > 20.0, "{r}");
    let (code, says) = refused(&rows, &["--test", "p-curve", "--alpha", "0.4"]);
    assert!(code == Some(2) && says.contains("33%"), "{says}");
}

#[test]
fn plain_funnels_are_drawn_of_any_data_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    for k in 1..=9 {
        let rows: Vec<(f64, f64)> = (0..k).map(|i| (0.1 * f64::from(i), 0.1 + 0.02 * f64::from(i))).collect();
        let file = ready(&rows);
        let out = at(&format!("{k}.svg"));
        let output = run(&["plot", "funnel", file.path().to_str().unwrap(), "-o", &out]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("fewer than 10"), "{}", stderr(&output));
        let svg = std::fs::read_to_string(&out).unwrap();
        assert!(svg.contains("fewer than 10"), "the picture says so too");
        // a study alone has nothing drawn about it
        assert_eq!(svg.contains("limits of chance"), k > 1);
        assert_eq!(svg.contains("nothing is pooled"), k == 1);
        let drawn =
            run(&["plot", "funnel", file.path().to_str().unwrap(), "--with", "egger", "-o", &at("x.svg")]);
        assert_eq!(drawn.status.code(), Some(1), "a test keeps its refusal");
        assert!(stderr(&drawn).contains("--with"));
    }
    let output = run(&["plot", "funnel", "@msc_response", "-o", &at("p.svg")]);
    assert!(output.status.success() && stderr(&output).contains("depend on the proportion"));
    // many studies of two groups: no such note
    let output = run(&["plot", "funnel", "@hackshaw1998", "-o", &at("h.svg")]);
    assert!(output.status.success() && !stderr(&output).contains("fewer than 10"));
}

#[test]
fn forced_tests_carry_the_reason_as_a_note() {
    let r = json(&["bias", "@normand1999", "--test", "egger", "--force"]);
    let notes = r["notes"].as_array().unwrap();
    assert!(notes.iter().any(|n| n["code"] == "asymmetry-unclear"), "{notes:?}");
    let suited = json(&["bias", "@hackshaw1998", "--test", "egger", "--force"]);
    assert!(!suited["notes"].as_array().unwrap().iter().any(|n| n["code"] == "asymmetry-unclear"));
}
