//! Before and after in one group, counts within bounds, denominators, priors: what is known, what is derived, what
//! is assumed.

mod support;

use metapool::dataset::MeasuringScale;
use metapool::effect::scale_bounds;
use support::{close, json, number, run, stderr};

fn study<'a>(value: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    value["studies"].as_array().unwrap().iter().find(|s| s["study"] == name).unwrap()
}

#[test]
fn bonab_over_the_grid_of_correlations() {
    // SDs .6 and .4: √(.36 + .16 − .48 r)
    for (r, sd) in [("0.3", 0.613), ("0.5", 0.529), ("0.7", 0.429), ("0.9", 0.297)] {
        let value = json(&["effects", "@msc_edss_change", "--correlation", r]);
        let bonab = study(&value, "Bonab 2012");
        assert_eq!(bonab["status"], "imputed");
        let got = bonab["se"].as_f64().unwrap() * 22f64.sqrt();
        assert!((got - sd).abs() < 6e-4, "r = {r}: {got}");
    }
}

#[test]
fn petrou_from_p_and_the_correlation_it_implies() {
    let value = json(&["effects", "@msc_edss_change"]);
    let petrou = study(&value, "Petrou 2021");
    let sd = petrou["se"].as_f64().unwrap() * 24f64.sqrt();
    assert!((sd - 0.689).abs() < 5e-4, "{sd}");
    let r = (0.68f64.powi(2) + 0.84f64.powi(2) - sd * sd) / (2.0 * 0.68 * 0.84);
    assert!((r - 0.607).abs() < 1e-3, "{r}");
    assert_eq!(petrou["status"], "estimable");
}

#[test]
fn imputed_rows_stay_out_of_the_primary_analysis_and_stand_beside_it() {
    let plain = json(&["pool", "@msc_edss_change"]);
    let assumed = json(&["pool", "@msc_edss_change", "--correlation", "0.7"]);
    assert_eq!(number(&plain, "random.estimate"), number(&assumed, "random.estimate"));
    assert!(study(&assumed, "Bonab 2012")["weight_random"].is_null());
    assert!(assumed["notes"].as_array().unwrap().iter().any(|n| n["code"] == "imputed"));

    // the published answer without Lu at r = .7: −0.43 (−1.00 to 0.13)
    let grid = json(&["pool", "@msc_edss_change", "--correlation-grid", ".3,.5,.7,.9", "--ci", "hksj"]);
    let rows = grid["imputation"]["results"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    let at = &rows[2];
    assert_eq!(at["k"], 5);
    for (key, want) in [("estimate", -0.43), ("ci_lower", -1.00), ("ci_upper", 0.13)] {
        assert!((at[key].as_f64().unwrap() - want).abs() < 5.1e-3, "{key}: {at}");
    }
}

#[test]
fn the_tipping_point_is_where_the_interval_touches_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tip.csv");
    std::fs::write(&path, "study,n,mean_pre,sd_pre,mean_post,sd_post,mean_change,sd_change\nA,20,6,1,5.3,1,-0.7,1\nB,25,6,1,5.4,1,-0.6,1\nC,30,6,1.5,5.65,1.5,,\n").unwrap();
    let file = path.to_str().unwrap();
    let args = |r: &str| {
        json(&["pool", file, "--impute", "grid", "--correlation-grid", r, "--ci", "wald", "--tau2", "EE"])
    };
    let value = args("0.1,0.9");
    let Some(tip) = value["imputation"]["tipping_point"].as_f64() else {
        let spread: Vec<f64> = value["imputation"]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["ci_upper"].as_f64().unwrap())
            .collect();
        assert!(spread.iter().all(|u| *u < 0.0) || spread.iter().all(|u| *u > 0.0));
        return;
    };
    let at = args(&format!("{tip}"));
    assert!(at["imputation"]["results"][0]["ci_upper"].as_f64().unwrap().abs() < 1e-6);
}

#[test]
fn a_borrowed_sd_names_its_lender() {
    let value = json(&["pool", "@msc_edss_change", "--impute", "borrow:Petrou 2021"]);
    let row = &value["imputation"]["results"][0];
    assert!(row["assumption"].as_str().unwrap().contains("Petrou 2021"));
    assert_eq!(value["imputation"]["studies"], 3);
    let output = run(&["pool", "@msc_edss_change", "--impute", "borrow:Petrou 2020"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `Petrou 2021`"), "{}", stderr(&output));
}

#[test]
fn the_scale_bounds_an_sd() {
    let edss = MeasuringScale::parse("0:10:0.5").unwrap();
    // a mean change of −0.25 in half points: at least half the patients moved by one step
    let (least, greatest) = scale_bounds(-0.25, &edss);
    close("least", least, 0.25, 1e-12);
    close("greatest", greatest, (10.25f64 * 9.75).sqrt(), 1e-12);
    assert!(scale_bounds(-0.5, &edss).0.abs() < 1e-9);
    let value = json(&["pool", "@msc_edss_change", "--impute", "bounds", "--scale", "0:10:0.5"]);
    assert_eq!(value["imputation"]["results"].as_array().unwrap().len(), 2);
}

#[test]
fn counts_within_bounds_give_a_range_of_estimates() {
    let value = json(&["pool", "@seed_response", "--where", "disease = 'MS'"]);
    let range = &value["range"];
    assert_eq!(range["k"], 3);
    let folder = tempfile::tempdir().unwrap();
    let at = |x: u32| {
        let path = folder.path().join("s.csv");
        std::fs::write(&path, format!("study,events,n\nDahbour,2,10\nHarris,4,6\nSadiq,{x},20\n")).unwrap();
        number(&json(&["pool", path.to_str().unwrap()]), "random.natural.estimate")
    };
    // exact extremes: every count from 11 to 20
    let all: Vec<f64> = (11..=20).map(at).collect();
    let (low, high) = (all.iter().copied().fold(1.0, f64::min), all.iter().copied().fold(0.0, f64::max));
    close("low", number(range, "low.estimate"), low, 1e-9);
    close("high", number(range, "high.estimate"), high, 1e-9);
    assert!(json(&["pool", "@msc_response"])["range"].is_null());
}

#[test]
fn enrolled_patients_are_an_answer_of_their_own() {
    let evaluated = json(&["pool", "@msc_response", "--where", "disease = 'MS'"]);
    let enrolled = json(&["pool", "@msc_response", "--where", "disease = 'MS'", "--denominator", "enrolled"]);
    // Yamout 2010: 5 of 7 evaluated, 5 of 10 enrolled
    close(
        "evaluated",
        study(&evaluated, "Yamout 2010")["natural"]["estimate"].as_f64().unwrap(),
        5.0 / 7.0,
        1e-12,
    );
    close("enrolled", study(&enrolled, "Yamout 2010")["natural"]["estimate"].as_f64().unwrap(), 0.5, 1e-12);
    assert!(number(&enrolled, "random.estimate") < number(&evaluated, "random.estimate"));
}

#[test]
fn contradictions_and_impossible_requests_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| {
        let path = folder.path().join("bad.csv");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let outside = file("study,n,mean_pre,mean_post,sd_change\nA,10,6,-1,1\n");
    let output = run(&["pool", &outside, "--scale", "0:10:0.5"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("column `mean_post`") && stderr(&output).contains("outside the scale"),
        "{}",
        stderr(&output)
    );
    let enrolled = file("study,events,n,n_enrolled\nA,1,10,8\n");
    let output = run(&["pool", &enrolled]);
    assert!(stderr(&output).contains("8 patients enrolled, 10 evaluated"), "{}", stderr(&output));
    let negative = file("study,n,mean_change,p_change\nA,10,-1,1.2\n");
    assert!(stderr(&run(&["pool", &negative])).contains("p is 1.2"));
    for (args, says) in [
        (vec!["pool", "@msc_edss_change", "--correlation", "1.5"], "correlation of 1.5"),
        (vec!["pool", "@msc_edss_change", "--correlation-grid", "0.5,2"], "correlation of 2"),
        (vec!["pool", "@msc_edss_change", "--impute", "guess"], "--impute guess"),
        (vec!["pool", "@msc_edss_change", "--impute", "bounds"], "scale of measurement"),
        (vec!["pool", "@msc_edss_change", "--impute", "bounds", "--scale", "10:0:1"], "no scale"),
        (vec!["pool", "@bcg", "--correlation", "0.5"], "before and after"),
        (vec!["bayes", "@bcg", "--tau-prior", "half-normal(-1)"], "no prior"),
        (vec!["bayes", "@bcg", "--tau-prior", "lognormal(1)"], "no prior"),
        (vec!["bayes", "@bcg", "--mu-prior", "normal(0)"], "no prior"),
        (vec!["bayes", "@normand1999"], "no default"),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn bayes_answers_for_one_and_two_studies_with_a_proper_prior() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("few.csv");
    for text in ["study,estimate,se\nA,0.4,0.2\n", "study,estimate,se\nA,0.4,0.2\nB,-0.1,0.3\n"] {
        std::fs::write(&path, text).unwrap();
        let value = json(&["bayes", path.to_str().unwrap(), "--tau-prior", "half-normal(0.5)"]);
        assert!(
            number(&value, "mu.ci_lower") < number(&value, "mu.median")
                && number(&value, "mu.median") < number(&value, "mu.ci_upper")
        );
        assert!(number(&value, "tau.ci_lower") >= 0.0);
        let output = run(&["bayes", path.to_str().unwrap(), "--tau-prior", "uniform"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("needs three studies"), "{}", stderr(&output));
    }
    // without heterogeneity and with a flat prior on μ, one study is its own answer
    std::fs::write(&path, "study,estimate,se\nA,0.4,0.2\n").unwrap();
    let value = json(&[
        "bayes",
        path.to_str().unwrap(),
        "--tau-prior",
        "half-normal(0.000001)",
        "--interval",
        "central",
    ]);
    close("median", number(&value, "mu.median"), 0.4, 1e-6);
    close("limit", number(&value, "mu.ci_upper"), 0.4 + 1.959_963_985 * 0.2, 1e-6);
}

#[test]
fn bayes_on_counts_is_the_beta_posterior_without_heterogeneity() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.csv");
    for (x, n) in [(3.0, 10.0), (0.0, 8.0), (12.0, 12.0)] {
        std::fs::write(&path, format!("study,events,n\nA,{x},{n}\n")).unwrap();
        let value = json(&[
            "bayes",
            path.to_str().unwrap(),
            "--tau-prior",
            "half-normal(0.000001)",
            "--interval",
            "central",
        ]);
        // uniform prior: Beta(x + 1, n − x + 1)
        for (key, p) in [("mu.ci_lower", 0.025), ("mu.median", 0.5), ("mu.ci_upper", 0.975)] {
            let logit = number(&value, key);
            let got = 1.0 / (1.0 + (-logit).exp());
            let want = metapool::math::dist::beta_quantile(p, x + 1.0, n - x + 1.0);
            assert!((got - want).abs() < 3e-4, "{x}/{n} {key}: {got} and {want}");
        }
    }
}

#[test]
fn bayes_on_counts_agrees_with_the_panel() {
    let filter = ["--where", "disease = 'MS'"];
    let panel = json(&[&["pool", "@msc_response"][..], &filter].concat());
    for (row, prior) in [(2, "half-normal(0.5)"), (3, "half-normal(1)")] {
        let value = json(
            &[&["bayes", "@msc_response", "--tau-prior", prior, "--interval", "central"][..], &filter]
                .concat(),
        );
        for (key, column) in
            [("mu.ci_lower", "ci_lower"), ("mu.median", "estimate"), ("mu.ci_upper", "ci_upper")]
        {
            let got = 1.0 / (1.0 + (-number(&value, key)).exp());
            let want = panel["agreement"][row][column].as_f64().unwrap();
            assert!((got - want).abs() < 3e-3, "{prior} {key}: {got} and {want}");
        }
        assert_eq!(value["studies"].as_array().unwrap().len(), 10);
        assert!(number(&value, "tau.median") > 0.0);
    }
}

#[test]
fn extremes_within_bounds_need_not_lie_at_the_ends() {
    // at 300 of 1000 one rate for all is 0.29 (or 0.15 with spread); at both ends the estimate is lower than between
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.csv");
    let rows = "A,,150,900,1000\nB,1,,,10\nC,1,,,10\nD,0,,,10\nE,2,,,12\n";
    std::fs::write(&path, format!("study,events,events_min,events_max,n\n{rows}")).unwrap();
    let value = json(&["pool", path.to_str().unwrap()]);
    let range = &value["range"];
    assert_eq!(range["exhaustive"], true);
    assert!(number(range, "high.estimate") > 0.2, "{range}");
}
