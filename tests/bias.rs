//! Tests of bias and adjusted estimates: against the field's software, against brute force, and at their limits.

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

/// Effects and standard errors of a bundled data set.
fn effects(data: &str) -> Vec<(f64, f64)> {
    let r = json(&["effects", data]);
    let rows = r["studies"].as_array().unwrap();
    rows.iter().map(|s| (s["estimate"].as_f64().unwrap(), s["se"].as_f64().unwrap())).collect()
}

#[test]
fn lines_along_any_predictor_are_metafors() {
    // metafor 3.8-1: regtest(yi, vi, ni=ni, predictor=..., model="lm"); regtest(rma(yi, vi, ni=ni), predictor=...),
    // log risk ratios of dat.bcg
    for (predictor, lm, lm_p, rma, rma_p) in [
        ("sei", -1.401282002, 0.1887069951, -0.8033291931, 0.4217844889),
        ("vi", -0.856813965, 0.4098258121, -0.4267811265, 0.6695387545),
        ("ni", 4.411221661, 0.001043589684, 2.048754556, 0.04048612152),
        ("ninv", -1.448469561, 0.1753843654, -1.256562825, 0.208911983),
        ("sqrtni", 4.278716525, 0.001301517188, 2.357244959, 0.01841109739),
        ("sqrtninv", -2.625976082, 0.02357590745, -1.836062404, 0.06634842778),
    ] {
        let r = bias(&["@bcg", "--test", "egger", "--regression", "lm", "--predictor", predictor]);
        close(predictor, number(&r, "statistic"), lm, 1e-9);
        close(predictor, number(&r, "p_value"), lm_p, 1e-8);
        let r = bias(&["@bcg", "--test", "egger", "--regression", "rma", "--predictor", predictor]);
        close(predictor, number(&r, "statistic"), rma, 1e-8);
        close(predictor, number(&r, "p_value"), rma_p, 1e-8);
        // a study of infinite size has an effect only where the predictor falls to zero
        assert_eq!(r["limit_estimate"].is_null(), ["ni", "sqrtni"].contains(&predictor));
    }
}

#[test]
fn ranks_without_ties_have_their_exact_distribution() {
    // metafor 3.8-1: ranktest(rma(yi, vi))
    let r = bias(&["@bcg", "--test", "begg"]);
    close("tau", number(&r, "tau"), 0.025641025641, 1e-11);
    close("p", number(&r, "p_value"), 0.952361907961, 1e-11);
    assert_eq!(r["exact"], true);
    // by enumeration of all orders of six: the p-value of any τ
    let y = [0.3, 0.1, 0.9, 0.2, 0.6, 0.4];
    let rows: Vec<(f64, f64)> = y.iter().enumerate().map(|(i, y)| (*y, 0.1 + 0.05 * i as f64)).collect();
    let file = ready(&rows);
    let r = bias(&[file.path().to_str().unwrap(), "--test", "begg", "--force"]);
    let observed = (number(&r, "tau") * 15.0).round() as i32;
    let mut order: Vec<usize> = (0..6).collect();
    let (mut low, mut high, mut all) = (0, 0, 0);
    permute(&mut order, 0, &mut |o| {
        let mut s = 0;
        for i in 0..6 {
            for j in 0..i {
                s += if o[i] > o[j] { 1 } else { -1 };
            }
        }
        all += 1;
        low += i32::from(s <= observed);
        high += i32::from(s >= observed);
    });
    let p = (2.0 * f64::from(low.min(high)) / f64::from(all)).min(1.0);
    close("enumerated", number(&r, "p_value"), p, 1e-12);
}

fn permute(order: &mut Vec<usize>, from: usize, visit: &mut dyn FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for i in from..order.len() {
        order.swap(from, i);
        permute(order, from + 1, visit);
        order.swap(from, i);
    }
}

#[test]
fn excess_significance_by_three_distributions() {
    // metafor 3.8-1: tes(yi, vi, test=..., alternative=...)
    for (kind, side, observed, expected, p) in [
        ("chi2", "two.sided", 8, 6.09265909, 0.1445527291),
        ("binomial", "two.sided", 8, 6.09265909, 0.2170630857),
        ("exact", "two.sided", 8, 6.09265909, 0.1344085854),
        ("chi2", "less", 8, 7.017457095, 0.2922745509),
        ("binomial", "less", 8, 7.017457095, 0.3975812005),
        ("exact", "less", 8, 7.017457095, 0.3533539211),
    ] {
        let r = bias(&["@bcg", "--test", "excess-significance", "--type", kind, "--alternative", side]);
        assert_eq!(r["observed"], observed);
        close(kind, number(&r, "expected"), expected, 1e-9);
        close(kind, number(&r, "p_value"), p, 1e-8);
    }
}

#[test]
fn fail_safe_numbers_and_henmi_copas() {
    // metafor 3.8-1: fsn(yi, vi, type=...), hc(rma(yi, vi))
    for (args, n) in [
        (&["--type", "Rosenthal"][..], 598.0),
        (&["--type", "Orwin"], 13.0),
        (&["--type", "Orwin", "--target", "-0.2"], 36.0),
        (&["--type", "Rosenberg"], 370.0),
    ] {
        let r = bias(&[&["@bcg", "--test", "failsafe"][..], args].concat());
        assert_eq!(number(&r, "failsafe_n"), n, "{args:?}");
    }
    let r = bias(&["@bcg", "--test", "henmi-copas"]);
    close("hc", number(&r, "estimate"), -0.43028516, 1e-7);
    close("hc", number(&r, "se"), 0.28354435, 1e-7);
    // hc() finds its quantile to 1e-4
    close("hc", number(&r, "ci_lower"), -1.1555119, 1e-4);
    close("hc", number(&r, "ci_upper"), 0.29494154, 2e-4);
}

#[test]
fn trim_and_fill_is_mirrored_with_the_effects() {
    let rows = effects("@hackshaw1998");
    let mirrored: Vec<(f64, f64)> = rows.iter().map(|r| (-r.0, r.1)).collect();
    let (a, b) = (ready(&rows), ready(&mirrored));
    for estimator in ["L0", "R0", "Q0"] {
        let call = |f: &tempfile::NamedTempFile| {
            bias(&[
                f.path().to_str().unwrap(),
                "--test",
                "trimfill",
                "--estimator",
                estimator,
                "--tau2",
                "DL",
            ])
        };
        let (a, b) = (call(&a), call(&b));
        assert_eq!(a["missing_studies"], b["missing_studies"]);
        assert_eq!((a["side"].as_str(), b["side"].as_str()), (Some("left"), Some("right")));
        close(estimator, number(&a, "estimate"), -number(&b, "estimate"), 1e-12);
        // filled studies are mirror images of those that are there
        for f in a["filled"].as_array().unwrap() {
            let mirror = f["mirror_of"].as_str().unwrap().trim_start_matches('S').parse::<usize>().unwrap();
            close("variance", number(f, "variance"), rows[mirror].1.powi(2), 1e-12);
        }
    }
}

/// ln of the likelihood of a selection model by a plain trapezium rule over a fine grid, and by Φ for steps.
fn likelihood(rows: &[(f64, f64)], mu: f64, tau2: f64, weight: &dyn Fn(f64) -> f64, steps: &[f64]) -> f64 {
    let mut total = 0.0;
    for (y, se) in rows {
        let s = (se * se + tau2).sqrt();
        let p = |y: f64| dist::normal_sf(y / se);
        let normal = if steps.is_empty() {
            let n = 40_000;
            let h = 24.0 / f64::from(n);
            (0..=n)
                .map(|i| -12.0 + h * f64::from(i))
                .map(|z| weight(p(mu + s * z)) * dist::normal_pdf(z))
                .sum::<f64>()
                * h
        } else {
            let mut above = 0.0;
            let mut sum = 0.0;
            for step in steps {
                let cut = if *step >= 1.0 { f64::NEG_INFINITY } else { -dist::normal_quantile(*step) * se };
                let tail = if cut.is_finite() { dist::normal_sf((cut - mu) / s) } else { 1.0 };
                sum += weight(step - 1e-9) * (tail - above);
                above = tail;
            }
            sum
        };
        total += weight(p(*y)).ln() + dist::normal_pdf((y - mu) / s).ln() - s.ln() - normal.ln();
    }
    total
}

#[test]
fn selection_models_are_at_their_maximum() {
    let rows = effects("@hackshaw1998");
    for kind in ["stepfun", "halfnorm", "negexp", "logistic", "power", "beta"] {
        let r = bias(&["@hackshaw1998", "--test", "selection", "--type", kind, "--alternative", "greater"]);
        let delta: Vec<f64> = r["delta"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect();
        let steps: Vec<f64> = r["steps"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect();
        let at = |mu: f64, tau2: f64, delta: &[f64]| {
            let kept = |p: f64| p.clamp(1e-5, 1.0 - 1e-5);
            let weight: Box<dyn Fn(f64) -> f64> = match kind {
                "stepfun" => {
                    let (a, b) = (delta[0], delta[1]);
                    Box::new(move |p| if p <= 0.025 { a } else { b })
                }
                "halfnorm" => {
                    let d = delta[0];
                    Box::new(move |p| (-d * p * p).exp())
                }
                "negexp" => {
                    let d = delta[0];
                    Box::new(move |p| (-d * p).exp())
                }
                "logistic" => {
                    let d = delta[0];
                    Box::new(move |p| 2.0 * (-d * p).exp() / (1.0 + (-d * p).exp()))
                }
                "power" => {
                    let d = delta[0];
                    Box::new(move |p| (1.0 - kept(p)).powf(d))
                }
                _ => {
                    let (a, b) = (delta[0], delta[1]);
                    Box::new(move |p| kept(p).powf(a - 1.0) * (1.0 - kept(p)).powf(b - 1.0))
                }
            };
            likelihood(&rows, mu, tau2, &weight, &steps)
        };
        let (mu, tau2) = (number(&r, "estimate"), number(&r, "tau2"));
        let top = at(mu, tau2, &delta);
        close(&format!("{kind}: likelihood"), number(&r, "log_likelihood"), top, 1e-6);
        for (dm, dt, dd) in [
            (0.01, 0.0, 0.0),
            (-0.01, 0.0, 0.0),
            (0.0, 0.003, 0.0),
            (0.0, -0.003, 0.0),
            (0.0, 0.0, 0.05),
            (0.0, 0.0, -0.05),
        ] {
            let mut d = delta.clone();
            *d.last_mut().unwrap() += dd;
            assert!(at(mu + dm, tau2 + dt, &d) < top + 1e-9, "{kind}: higher at ({dm}, {dt}, {dd})");
        }
    }
}

#[test]
fn two_sided_and_less_are_metafors() {
    // metafor 3.8-1: selmodel(rma(yi, vi, method="ML"), ...) on log risk ratios of dat.bcg; its search ends at 1e-4 or so
    for (args, want) in [
        (
            &["--type", "stepfun", "--steps", "0.05", "--alternative", "two.sided"][..],
            [-0.68803555, 0.27744675, -12.649214],
        ),
        (&["--type", "stepfun", "--alternative", "less"], [-0.62056362, 0.29123945, -12.543827]),
        (&["--type", "negexp", "--alternative", "two.sided"], [-0.71118216, 0.28001761, -12.665491]),
    ] {
        let r = bias(&[&["@bcg", "--test", "selection"][..], args].concat());
        close("estimate", number(&r, "estimate"), want[0], 3e-3);
        close("tau2", number(&r, "tau2"), want[1], 3e-3);
        close("log-likelihood", number(&r, "log_likelihood"), want[2], 1e-4);
        assert!(number(&r, "log_likelihood") > want[2] - 1e-6, "the reference is higher");
    }
}

#[test]
fn p_uniform_is_the_maximum_of_its_likelihood() {
    let rows = effects("@hackshaw1998");
    let r = bias(&["@hackshaw1998", "--test", "p-uniform"]);
    let at = |mu: f64, tau2: f64| -> f64 {
        let cut = -dist::normal_quantile(0.025);
        rows.iter()
            .map(|(y, se)| {
                let s = (se * se + tau2).sqrt();
                let at = (cut * se - mu) / s;
                let share = if y / se > cut { dist::normal_sf(at) } else { dist::normal_cdf(at) };
                dist::normal_pdf((y - mu) / s).ln() - s.ln() - share.ln()
            })
            .sum()
    };
    let (mu, tau2) = (number(&r, "estimate"), number(&r, "tau2"));
    let top = at(mu, tau2);
    close("likelihood", number(&r, "log_likelihood"), top, 1e-9);
    for i in -20..=20 {
        for j in 0..40 {
            assert!(at(mu + 0.05 * f64::from(i), 0.01 * f64::from(j)) <= top + 1e-9);
        }
    }
    // limits by the likelihood profiled over a fine grid of τ²
    let cut = top - 0.5 * dist::chi2_quantile(0.95, 1.0);
    for limit in [number(&r, "ci_lower"), number(&r, "ci_upper")] {
        let best = (0..4000).map(|j| at(limit, 2.5e-4 * f64::from(j))).fold(f64::NEG_INFINITY, f64::max);
        close("profile", best, cut, 1e-5);
    }
}

#[test]
fn limits_of_precision_are_those_of_the_model() {
    // ordinary least squares on the radial scale, written out
    let rows = effects("@hackshaw1998");
    let r = bias(&["@hackshaw1998", "--test", "limit"]);
    let tau2 = number(&r, "tau2");
    let (x, y): (Vec<f64>, Vec<f64>) = rows
        .iter()
        .map(|(_, se)| (se * se + tau2).sqrt())
        .zip(&rows)
        .map(|(s, r)| (1.0 / s, r.0 / s))
        .unzip();
    let n = x.len() as f64;
    let (sx, sy) = (x.iter().sum::<f64>(), y.iter().sum::<f64>());
    let sxx: f64 = x.iter().map(|x| x * x).sum();
    let sxy: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    let det = n * sxx - sx * sx;
    let (alpha, beta) = ((sxx * sy - sx * sxy) / det, (n * sxy - sx * sy) / det);
    close("alpha", number(&r, "alpha"), alpha, 1e-9);
    close("limit", number(&r, "estimate"), beta + tau2.sqrt() * alpha, 1e-9);
    let variance = (n + tau2 * sxx - 2.0 * tau2.sqrt() * sx) / det;
    close("se", number(&r, "se"), variance.sqrt(), 1e-9);
}

#[test]
fn p_curves_of_strong_and_of_no_effects() {
    // z of 2.0, 2.1 ... 2.4: just significant, as without any effect; z of 4 to 5: as with a strong one
    let weak: Vec<(f64, f64)> = (0..10).map(|i| (1.97 + 0.02 * f64::from(i), 1.0)).collect();
    let strong: Vec<(f64, f64)> = (0..10).map(|i| (4.0 + 0.1 * f64::from(i), 1.0)).collect();
    let call = |rows: &[(f64, f64)]| {
        let file = ready(rows);
        bias(&[file.path().to_str().unwrap(), "--test", "p-curve"])
    };
    let (weak, strong) = (call(&weak), call(&strong));
    assert!(number(&weak, "right_skew.p_value") > 0.9 && number(&weak, "flat.p_value") < 0.01);
    assert!(number(&strong, "right_skew.p_value") < 1e-6);
    // beyond the ends of the scale a power has a side, but no number
    for (r, side) in [(&weak, "below 5%"), (&strong, "above 99%")] {
        assert!(r["power"].is_null() && r["power_says"].as_str().unwrap().starts_with(side), "{r}");
    }
    // right skew, written out: Stouffer's sum of Φ⁻¹(p/.05)
    let z: f64 = (0..10)
        .map(|i| dist::normal_quantile(dist::normal_two_sided(4.0 + 0.1 * f64::from(i)) / 0.05))
        .sum::<f64>()
        / 10f64.sqrt();
    close("z", number(&strong, "right_skew.z"), z, 1e-9);
}

#[test]
fn what_does_not_suit_is_refused_with_its_reason() {
    for (args, code, says) in [
        (&["@normand1999", "--test", "egger"][..], 1, "fewer than 10"),
        (&["@msc_response", "--test", "trimfill"], 1, "proportion"),
        (&["@msc_response"], 1, "proportion"),
        (&["@bcg", "--test", "harbord"], 2, "odds ratios"),
        (&["@bcg", "--test", "ruecker"], 2, "arcsine"),
        (&["@hackshaw1998", "--test", "peters"], 2, "counts in two groups"),
        (&["@hackshaw1998", "--test", "egger", "--type", "beta"], 2, "--type"),
        (&["@hackshaw1998", "--test", "begg", "--estimator", "L0"], 2, "--estimator"),
        (&["@hackshaw1998", "--test", "selection", "--steps", "0.5,0.5"], 2, "steps"),
        (&["@hackshaw1998", "--test", "selection", "--steps", "-1"], 2, "steps"),
        (&["@hackshaw1998", "--test", "selection", "--type", "beta", "--steps", "0.1"], 2, "no `--steps`"),
        (&["@hackshaw1998", "--test", "failsafe", "--alpha", "2"], 2, "significance"),
        (&["@hackshaw1998", "--test", "nonsense"], 2, "nonsense"),
        (&["@hackshaw1998", "--predictor", "ni"], 2, "one test"),
        (&["@bcg", "--test", "trimfill", "--measure", "OR", "--model", "glmm"], 2, "inverse"),
        (&["@hackshaw1998", "--test", "egger", "--predictor", "ni"], 1, "number of patients"),
    ] {
        let output = run(&[&["bias", "-q"][..], args].concat());
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
        assert!(text.contains("hint"), "{args:?}: {text}");
    }
    // forced, they are done
    let r = bias(&["@normand1999", "--test", "egger", "--force"]);
    assert!(r["p_value"].is_number());
}

#[test]
fn panels_hold_what_suits_the_data() {
    let ids = |args: &[&str]| -> Vec<String> {
        let r = json(&[&["bias"][..], args].concat());
        r["results"].as_array().unwrap().iter().map(|x| x["test"].as_str().unwrap().to_string()).collect()
    };
    let odds = ids(&["@bcg", "--measure", "OR"]);
    assert!(
        odds.contains(&"harbord".into())
            && odds.contains(&"peters".into())
            && !odds.contains(&"egger".into())
    );
    assert!(ids(&["@hackshaw1998"]).contains(&"egger".into()));
    assert!(ids(&["@normand1999", "--measure", "SMD", "--force"]).contains(&"pustejovsky".into()));
    for format in ["table", "markdown", "csv"] {
        let output = run(&["bias", "@hackshaw1998", "-q", "--format", format]);
        assert!(output.status.success());
        assert!(stdout(&output).to_lowercase().contains("egger"), "{format}");
    }
}

#[test]
fn units_do_not_matter() {
    let rows = effects("@hackshaw1998");
    let scaled = |by: f64| ready(&rows.iter().map(|r| (r.0 * by, r.1 * by)).collect::<Vec<_>>());
    let (plain, tiny, huge) = (scaled(1.0), scaled(1e-6), scaled(1e6));
    for test in [
        "egger",
        "begg",
        "trimfill",
        "pet-peese",
        "henmi-copas",
        "selection",
        "limit",
        "p-uniform",
        "p-curve",
    ] {
        let call = |f: &tempfile::NamedTempFile| {
            bias(&[f.path().to_str().unwrap(), "--test", test, "--measure", "GEN"])
        };
        let (a, b, c) = (call(&plain), call(&tiny), call(&huge));
        for (other, by) in [(&b, 1e-6), (&c, 1e6)] {
            if let (Some(x), Some(y)) = (other["p_value"].as_f64(), a["p_value"].as_f64()) {
                close(&format!("{test}: p"), x, y, 1e-5);
            }
            if let (Some(x), Some(y)) = (other["estimate"].as_f64(), a["estimate"].as_f64()) {
                close(&format!("{test}: estimate"), x, y * by, 1e-5);
            }
        }
    }
}

#[test]
fn a_study_of_enormous_variance_changes_nothing() {
    let mut rows = effects("@hackshaw1998");
    let before = ready(&rows);
    rows.push((5.0, 1e8));
    let after = ready(&rows);
    for test in ["egger", "pet", "limit", "selection"] {
        let call = |f: &tempfile::NamedTempFile| bias(&[f.path().to_str().unwrap(), "--test", test]);
        let (a, b) = (call(&before), call(&after));
        let key = if test == "egger" { "limit_estimate" } else { "estimate" };
        assert!(b[key].is_number(), "{test}: no estimate");
        // a study without information moves a line by little
        assert!((number(&a, key) - number(&b, key)).abs() < 0.2, "{test}: {a} {b}");
    }
}
