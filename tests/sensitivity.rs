//! Sensitivity analyses: against the field's software, against pooling again, and at their limits.

mod support;

use serde_json::Value;
use support::{close, json, number, pluck, run, stderr, stdout};

fn list(value: &Value, path: &str) -> Vec<f64> {
    let found = pluck(value, &path.split('.').collect::<Vec<_>>());
    found.as_array().unwrap().iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

#[track_caller]
fn all_close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        close(&format!("{what}[{i}]"), *g, *w, tolerance);
    }
}

/// A file of ready effects.
fn ready(rows: &[(&str, f64, f64)]) -> tempfile::NamedTempFile {
    let mut text = String::from("study,estimate,se\n");
    rows.iter().for_each(|(s, y, se)| text += &format!("{s},{y},{se}\n"));
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

// metafor 3.8-1 on R 4.2.2, dat.bcg: rma(yi, vi, test="knha", control=list(threshold=1e-13, maxiter=10000))
const RSTUDENT: [f64; 13] = [
    -0.213597850,
    -1.286829637,
    -0.742764119,
    -1.408779853,
    0.847010552,
    -0.118299218,
    -1.301362125,
    1.430850966,
    0.407103657,
    -1.113110069,
    0.670169631,
    1.312864744,
    1.187872855,
];
const DFFITS: [f64; 13] = [
    -0.0398594736,
    -0.3422683133,
    -0.1578211896,
    -0.5048491039,
    0.2705216412,
    -0.0190546258,
    -0.3355477208,
    0.4711283967,
    0.1413715392,
    -0.3441715308,
    0.2318818150,
    0.2571291825,
    0.3548519262,
];
const DFBETA: [f64; 13] = [
    -0.0394270164,
    -0.3445341788,
    -0.1571261497,
    -0.4987938374,
    0.2708604052,
    -0.0192775227,
    -0.3380894701,
    0.4651229813,
    0.1417148257,
    -0.3441370353,
    0.2333816596,
    0.2580473929,
    0.3548068574,
];
const RSTANDARD: [f64; 13] = [
    -0.224425114,
    -1.262902669,
    -0.759240850,
    -1.325291947,
    0.862358630,
    -0.133427468,
    -1.276775427,
    1.361108833,
    0.422012270,
    -1.104008649,
    0.692709128,
    1.286664617,
    1.174616687,
];
// blup() of the same
const BLUP_SE: [f64; 13] = [
    0.4100458385,
    0.3533029947,
    0.4349676796,
    0.1375731888,
    0.2113287749,
    0.08229138248,
    0.3686774099,
    0.0625875483,
    0.2204105261,
    0.2457387026,
    0.1094833824,
    0.4584579916,
    0.243466078,
];

#[test]
fn influence_under_hartung_knapp_is_metafors() {
    let r = json(&["sensitivity", "@bcg", "--ci", "hksj", "--analysis", "influence,blup"]);
    all_close("rstudent", &list(&r, "influence.rstudent"), &RSTUDENT, 2e-7);
    all_close("dffits", &list(&r, "influence.dffits"), &DFFITS, 2e-7);
    all_close("dfbeta", &list(&r, "influence.dfbeta"), &DFBETA, 2e-7);
    all_close("rstandard", &list(&r, "influence.standardized_residual"), &RSTANDARD, 2e-7);
    all_close("covratio", &list(&r, "influence.covratio")[..2], &[1.151485654, 1.006650679], 1e-8);
    all_close("cook", &list(&r, "influence.cook_distance")[..2], &[0.001697411561, 0.111987604254], 1e-8);
    all_close("blup", &list(&r, "blup.se"), &BLUP_SE, 1e-8);
    all_close("blup", &list(&r, "blup.estimate")[..2], &[-0.800233562, -1.251705980], 1e-8);
}

#[test]
fn leaving_out_works_with_sums_of_counts() {
    // metafor 3.8-1: leave1out(rma.mh(measure="OR", ...)), leave1out(rma.peto(...)), baujat(rma.mh(...))
    let r = json(&[
        "sensitivity",
        "@bcg",
        "--measure",
        "OR",
        "--model",
        "mantel-haenszel",
        "--analysis",
        "leave-one-out,baujat",
    ]);
    let want = [-0.4709553016, -0.4601716431, -0.4690139782, -0.3554702145, -0.4819700092];
    all_close("MH", &list(&r, "leave_one_out.estimate")[..5], &want, 1e-9);
    let want = [0.04111156904, 0.04124003682, 0.04110556235, 0.04342933531, 0.04168667254];
    all_close("MH", &list(&r, "leave_one_out.se")[..5], &want, 1e-9);
    let want = [163.2308677, 156.4999786, 161.8285759, 107.1386828, 163.0110736];
    all_close("MH Q", &list(&r, "leave_one_out.q")[..5], &want, 1e-9);
    let want = [0.606197944, 6.83566592, 1.92277551, 47.5698223];
    all_close("MH baujat x", &list(&r, "baujat.q_contribution")[..4], &want, 1e-8);
    let want = [0.00356794235, 0.103061137, 0.0114423111, 7.37499248];
    all_close("MH baujat y", &list(&r, "baujat.influence")[..4], &want, 1e-8);
    let r = json(&["sensitivity", "@bcg", "--measure", "PETO", "--analysis", "leave-one-out"]);
    let want = [-0.4721772692, -0.4615959645, -0.4701918144, -0.3590549375];
    all_close("Peto", &list(&r, "leave_one_out.estimate")[..4], &want, 1e-9);
}

#[test]
fn cumulative_standard_errors_are_those_of_the_interval() {
    // metafor 3.8-1: cumul(rma(yi, vi, test="knha", method="DL"), order=year)
    let r = json(&[
        "sensitivity",
        "@bcg",
        "--tau2",
        "DL",
        "--ci",
        "hksj",
        "--analysis",
        "cumulative",
        "--order",
        "year",
    ]);
    let want = [0.5706003549, 0.3368201052, 0.2232375283, 0.1719256397, 0.1608674376, 0.1709767085];
    all_close("cumulative", &list(&r, "cumulative.se")[..6], &want, 1e-9);
    let turns: Vec<usize> = r["cumulative"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .filter(|(_, s)| s["conclusion_changes"] == true)
        .map(|(i, _)| i)
        .collect();
    assert!(!turns.is_empty() && turns.iter().all(|i| *i > 0));
    // from the last to the first
    let down = json(&["sensitivity", "@bcg", "--analysis", "cumulative", "--order", "year", "--descending"]);
    assert_eq!(down["cumulative"][0]["order"], "1980");
    close("all", list(&down, "cumulative.estimate")[12], number(&down, "random.estimate"), 1e-13);
}

#[test]
fn every_model_pools_again_what_it_pools_of_the_rest() {
    for (data, measure, model) in [
        ("@bcg", "OR", "mantel-haenszel"),
        ("@bcg", "PETO", "peto"),
        ("@bcg", "OR", "glmm"),
        ("@bcg", "OR", "beta-binomial"),
        ("@bcg", "OR", "exact"),
        ("@bcg", "RR", "inverse-variance"),
        ("@msc_response", "PLO", "glmm"),
        ("@msc_response", "PLO", "beta-binomial"),
        ("@msc_response", "PR", "inverse-variance"),
        ("@pritz1997", "PFT", "inverse-variance"),
        ("@normand1999", "SMD", "inverse-variance"),
    ] {
        let base = ["--measure", measure, "--model", model];
        let r = json(&[&["sensitivity", data, "--analysis", "leave-one-out"][..], &base].concat());
        let rows = r["leave_one_out"].as_array().unwrap();
        for row in rows.iter().take(3) {
            let name = row["study"].as_str().unwrap().replace('\'', "''");
            let keep = format!("study <> '{name}'");
            let rest = json(&[&["pool", data, "--where", &keep, "--no-agreement"][..], &base].concat());
            let main = if rest["random"].is_null() { "common" } else { "random" };
            for key in ["estimate", "ci_lower", "ci_upper"] {
                let want = rest[main][key].as_f64().unwrap();
                close(&format!("{model} {name} {key}"), row[key].as_f64().unwrap(), want, 1e-7);
            }
        }
    }
}

#[test]
fn all_subsets_are_those_of_metafor() {
    // metafor 3.8-1: gosh(rma(yi, vi, method="EE")), gosh(rma(yi, vi, method="DL")); its REML fails on some subsets
    for (tau2, mean, sd) in [("EE", -0.514893705798, 0.293251976486), ("DL", -0.711343521825, 0.207937848048)]
    {
        let r = json(&["sensitivity", "@bcg", "--tau2", tau2, "--ci", "wald", "--analysis", "gosh"]);
        assert_eq!(r["subsets"], 8191);
        assert_eq!(r["exhaustive"], true);
        close("mean", number(&r, "summary.estimate_mean"), mean, 1e-11);
        close("sd", number(&r, "summary.estimate_sd"), sd, 1e-10);
        if tau2 == "EE" {
            close("I²", number(&r, "summary.i2_mean"), 83.2697777329, 1e-11);
        }
        assert_eq!(r["widest_split"], "TPT Madras 1980");
    }
}

#[test]
fn subsets_survive_weights_of_any_size() {
    // a study that outweighs the others ten thousand million times leaves no rounding in subsets without it
    let rows = [
        ("A", 0.1, 1e-5),
        ("B", 0.5, 1.0),
        ("C", -0.2, 0.9),
        ("D", 0.9, 1.1),
        ("E", 0.3, 0.8),
        ("F", 5.0, 1e8),
    ];
    let file = ready(&rows);
    let r = json(&[
        "sensitivity",
        file.path().to_str().unwrap(),
        "--tau2",
        "EE",
        "--ci",
        "wald",
        "--analysis",
        "gosh",
    ]);
    assert_eq!(r["subsets"], 63);
    let (mut sum, mut i2_sum) = (0.0, 0.0);
    for mask in 1u32..64 {
        let kept: Vec<_> = (0..6).filter(|i| mask >> i & 1 == 1).map(|i| rows[i]).collect();
        let w: Vec<f64> = kept.iter().map(|r| 1.0 / (r.2 * r.2)).collect();
        let total: f64 = w.iter().sum();
        let mean = w.iter().zip(&kept).map(|(w, r)| w * r.1).sum::<f64>() / total;
        let q: f64 = w.iter().zip(&kept).map(|(w, r)| w * (r.1 - mean).powi(2)).sum();
        sum += mean;
        i2_sum += if q > 0.0 && kept.len() > 1 {
            (100.0 * (q - (kept.len() as f64 - 1.0)) / q).max(0.0)
        } else {
            0.0
        };
    }
    close("mean", number(&r, "summary.estimate_mean"), sum / 63.0, 1e-9);
    close("I²", number(&r, "summary.i2_mean"), i2_sum / 63.0, 1e-6);
}

#[test]
fn samples_of_subsets_are_the_same_everywhere_and_near_the_whole() {
    let call = |seed: &str| {
        json(&[
            "sensitivity",
            "@hackshaw1998",
            "--tau2",
            "DL",
            "--analysis",
            "gosh",
            "--subsets",
            "20000",
            "--seed",
            seed,
        ])
    };
    let (a, b, c) = (call("7"), call("7"), call("8"));
    assert_eq!(a, b);
    assert_ne!(a["summary"], c["summary"]);
    assert_eq!(a["exhaustive"], false);
    let gap = number(&a, "summary.estimate_mean") - number(&c, "summary.estimate_mean");
    assert!(gap.abs() < 5.0 * number(&a, "summary.estimate_sd") * (2.0f64 / 20000.0).sqrt());
}

#[test]
fn clusters_are_left_out_together() {
    let r = json(&[
        "sensitivity",
        "@konstantopoulos2011",
        "--analysis",
        "leave-one-out",
        "--cluster",
        "district",
    ]);
    let rows = r["leave_one_out"].as_array().unwrap();
    assert_eq!(rows.len(), 11);
    let first = &rows[0];
    let keep = format!("district <> {}", first["study"].as_str().unwrap());
    let rest = json(&["pool", "@konstantopoulos2011", "--where", &keep]);
    close("cluster", first["estimate"].as_f64().unwrap(), number(&rest, "random.estimate"), 1e-12);
    assert_eq!(first["k"], rest["k"]);
}

#[test]
fn one_study_two_and_three() {
    let one = ready(&[("A", 0.1, 0.2)]);
    let path = one.path().to_str().unwrap();
    for analysis in ["leave-one-out", "influence", "baujat", "blup", "gosh", "outliers", "profile"] {
        let output = run(&["sensitivity", path, "--analysis", analysis]);
        assert_eq!(output.status.code(), Some(1), "{analysis}");
        assert!(stderr(&output).contains("hint: "), "{analysis}: {}", stderr(&output));
    }
    let r = json(&["sensitivity", path, "--analysis", "cumulative"]);
    close("alone", number(&r["cumulative"][0], "estimate"), 0.1, 1e-14);
    let two = ready(&[("A", 0.1, 0.2), ("B", 0.4, 0.3)]);
    let r = json(&[
        "sensitivity",
        two.path().to_str().unwrap(),
        "--analysis",
        "leave-one-out,influence,gosh,baujat,blup",
    ]);
    close("without A", number(&r["leave_one_out"][0], "estimate"), 0.4, 1e-14);
    assert_eq!(r["subsets"], 3);
    let three = ready(&[("A", 0.1, 0.2), ("B", 0.4, 0.3), ("C", -0.2, 0.25)]);
    let r =
        json(&["sensitivity", three.path().to_str().unwrap(), "--analysis", "outliers,stability,profile"]);
    assert_eq!(r["outliers"]["reached"], true);
    assert!(r["stability"]["analyses"].as_u64().unwrap() > 20);
}

#[test]
fn studies_that_agree_completely() {
    let rows: Vec<(String, f64, f64)> = (0..12).map(|i| (format!("S{i}"), 0.5, 0.2)).collect();
    let rows: Vec<(&str, f64, f64)> = rows.iter().map(|r| (r.0.as_str(), r.1, r.2)).collect();
    let file = ready(&rows);
    let r = json(&[
        "sensitivity",
        file.path().to_str().unwrap(),
        "--ci",
        "hksj",
        "--analysis",
        "leave-one-out,influence,gosh,baujat,blup,outliers,profile",
    ]);
    for row in r["leave_one_out"].as_array().unwrap() {
        close("estimate", row["estimate"].as_f64().unwrap(), 0.5, 1e-14);
        assert_eq!(row["tau2"], 0.0);
        assert!(row["p_value"].is_null(), "an interval without width has no p-value");
    }
    close("subsets", number(&r, "summary.estimate_mean"), 0.5, 1e-14);
    assert_eq!(number(&r, "summary.i2_mean"), 0.0);
    assert_eq!(number(&r, "summary.estimate_sd"), 0.0);
}

#[test]
fn units_do_not_matter() {
    let rows: Vec<(String, f64, f64)> = (0..11)
        .map(|i| (format!("S{i}"), 0.3 * ((i * 7) % 11) as f64 - 1.0, 0.1 + 0.05 * ((i * 5) % 7) as f64))
        .collect();
    let scaled = |by: f64| {
        let r: Vec<(&str, f64, f64)> = rows.iter().map(|r| (r.0.as_str(), r.1 * by, r.2 * by)).collect();
        let file = ready(&r);
        json(&[
            "sensitivity",
            file.path().to_str().unwrap(),
            "--analysis",
            "leave-one-out,influence,gosh,outliers,blup",
        ])
    };
    let (plain, tiny, huge) = (scaled(1.0), scaled(1e-6), scaled(1e6));
    for (other, by) in [(&tiny, 1e-6), (&huge, 1e6)] {
        for path in ["influence.rstudent", "influence.cook_distance", "leave_one_out.i2"] {
            all_close(path, &list(other, path), &list(&plain, path), 1e-6);
        }
        for (a, b) in list(other, "leave_one_out.estimate").iter().zip(list(&plain, "leave_one_out.estimate"))
        {
            close("estimate", *a, b * by, 1e-7);
        }
        close("gosh", number(other, "summary.i2_mean"), number(&plain, "summary.i2_mean"), 1e-6);
    }
}

#[test]
fn outliers_are_left_out_until_heterogeneity_is_low() {
    let r = json(&["sensitivity", "@bcg", "--analysis", "outliers", "--i2-target", "25"]);
    let path = r["outliers"]["path"].as_array().unwrap();
    assert!(path[0]["left_out"].is_null());
    assert!(path.last().unwrap()["i2"].as_f64().unwrap() <= 25.0);
    assert!(path[path.len() - 2]["i2"].as_f64().unwrap() > 25.0);
    // each step leaves out the study without which I² is least
    let without = json(&["sensitivity", "@bcg", "--analysis", "leave-one-out"]);
    let least = list(&without, "leave_one_out.i2").into_iter().fold(f64::INFINITY, f64::min);
    close("first step", path[1]["i2"].as_f64().unwrap(), least, 1e-12);
}

#[test]
fn conclusions_are_counted_over_all_choices() {
    let r = json(&["sensitivity", "@bcg", "--analysis", "stability"]);
    let s = &r["stability"];
    let specifications = s["specifications"].as_array().unwrap();
    assert_eq!(specifications.iter().filter(|x| x["primary"] == true).count(), 1);
    assert_eq!(s["conclusion"], "below no effect");
    // every specification is what pooling so gives
    for x in specifications {
        let c = &x["choices"];
        let (model, measure) = (c["model"].as_str().unwrap(), c["measure"].as_str().unwrap());
        let ci = c["interval"].as_str().unwrap();
        let how: Vec<&str> = match model {
            "Mantel-Haenszel" => vec!["--model", "mantel-haenszel"],
            "GLMM UM.FS" => vec!["--model", "glmm", "--glmm-model", "UM.FS"],
            "GLMM CM.EL" => vec!["--model", "glmm", "--glmm-model", "CM.EL"],
            "equal effects" => vec!["--tau2", "EE", "--ci", "wald"],
            tau2 => vec!["--tau2", tau2, "--ci", ci],
        };
        let pooled = json(&[&["pool", "@bcg", "--measure", measure, "--no-agreement"][..], &how].concat());
        let main = if pooled["random"].is_null() { "common" } else { "random" };
        for key in ["estimate", "ci_lower", "ci_upper"] {
            let want = number(&pooled, &format!("{main}.natural.{key}"));
            close(&format!("{measure} {model} {key}"), number(x, &format!("natural.{key}")), want, 1e-9);
        }
        let (l, u) = (number(x, "natural.ci_lower"), number(x, "natural.ci_upper"));
        let null = if measure == "RD" { 0.0 } else { 1.0 };
        let says = if u < null {
            "below no effect"
        } else if l > null {
            "above no effect"
        } else {
            "no effect not excluded"
        };
        assert_eq!(x["conclusion"], says);
    }
    let keep = specifications.iter().filter(|x| x["conclusion"] == s["conclusion"]).count() as u64;
    let left: u64 = specifications.iter().filter_map(|x| x["left_out_holds"].as_u64()).sum();
    assert_eq!(s["holds"].as_u64().unwrap(), keep + left);
    // a proportion has no value of no effect, but may be held against another
    let r = json(&["sensitivity", "@msc_response", "--analysis", "stability"]);
    assert!(r["stability"]["holds"].is_null());
    let r = json(&["sensitivity", "@msc_response", "--analysis", "stability", "--against", "0.3"]);
    assert_eq!(r["stability"]["conclusion"], "above 0.3");
}

#[test]
fn the_likelihood_of_tau2_is_that_of_pooling() {
    // metafor 3.8-1: profile(r, xlim=c(0, 1), steps=5)$ll
    let r = json(&["sensitivity", "@bcg", "--analysis", "profile", "--tau2-ci", "PL"]);
    let points = r["profile"]["points"].as_array().unwrap();
    close("at zero", points[0]["log_likelihood"].as_f64().unwrap(), -71.2286408198, 1e-11);
    let pool = json(&["pool", "@bcg", "--tau2-ci", "PL"]);
    close("maximum", number(&r, "profile.log_likelihood"), number(&pool, "fit.log_likelihood"), 1e-12);
    close("lower", number(&r, "profile.ci_lower"), number(&pool, "heterogeneity.tau2_ci_lower"), 1e-9);
    close("upper", number(&r, "profile.ci_upper"), number(&pool, "heterogeneity.tau2_ci_upper"), 1e-9);
}

#[test]
fn options_that_have_no_use_are_refused() {
    for args in [
        &["--analysis", "influence", "--order", "year"][..],
        &["--analysis", "gosh", "--against", "1.2"],
        &["--analysis", "leave-one-out", "--subsets", "10"],
        &["--analysis", "gosh", "--subsets", "0"],
        &["--analysis", "outliers", "--i2-target", "-3"],
        &["--analysis", "cumulative", "--order", "nowhere"],
        &["--analysis", "leave-one-out", "--cluster", "nowhere"],
        &["--analysis", "stability", "--against", "-1"],
        &["--analysis", "nonsense"],
    ] {
        let output = run(&[&["sensitivity", "@bcg", "-q"][..], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains("hint") || stderr(&output).contains("choose"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn tables_files_and_markdown_hold_the_same() {
    for analysis in [
        "leave-one-out",
        "cumulative",
        "influence",
        "baujat",
        "blup",
        "gosh",
        "outliers",
        "stability",
        "profile",
    ] {
        let csv = run(&["sensitivity", "@bcg", "-a", analysis, "-q", "--format", "csv"]);
        assert!(csv.status.success(), "{analysis}: {}", stderr(&csv));
        let lines = stdout(&csv).lines().count();
        assert!(lines > 5, "{analysis}: {lines} lines");
        for format in ["table", "markdown"] {
            let output = run(&["sensitivity", "@bcg", "-a", analysis, "-q", "--format", format]);
            assert!(stdout(&output).contains("Random effects 0.49"), "{analysis} {format}");
        }
    }
}
