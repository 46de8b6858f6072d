//! The default interval, levels, prediction intervals that cover, subgroups and the test of their differences: against
//! metafor, identities, limits and bad input.

mod support;

use serde_json::Value;
use support::{close, json, number, run, stderr, stdout};

fn written(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_string();
    (folder, name)
}

fn codes(result: &Value) -> Vec<String> {
    result["notes"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap().to_string()).collect()
}

fn message(result: &Value, code: &str) -> String {
    let notes = result["notes"].as_array().unwrap();
    notes.iter().find(|n| n["code"] == code).map_or(String::new(), |n| n["message"].as_str().unwrap().into())
}

const EQUAL: &str =
    "study,yi,vi,x,g\nA,0.3,0.04,1,a\nB,0.3,0.05,2,a\nC,0.3,0.03,4,a\nD,0.3,0.06,3,b\nE,0.3,0.04,7,b\n";

const ALIKE: &str = "study,yi,vi,region\nA,0.30,0.04,Asia\nB,0.34,0.05,Asia\nC,0.26,0.04,Asia\n\
    D,0.55,0.05,Europe\nE,0.61,0.06,Europe\nF,0.58,0.05,Europe\n";

/// metafor 3.8: `rma(c(.3,.3,.3), c(.04,.05,.03), test="adhoc")`, and `rma(yi, vi, data=dat.bcg, test="adhoc")` of log RR.
#[test]
fn the_default_interval_is_metafors_adhoc() {
    let (_folder, path) = written("study,yi,vi\nA,0.3,0.04\nB,0.3,0.05\nC,0.3,0.03\n");
    for extra in [&[][..], &["--ci", "auto"], &["--ci", "AUTO"], &["--ci", "hksj-adhoc"], &["--ci", "adhoc"]]
    {
        let r = json(&[&["pool", &path][..], extra].concat());
        close("se", number(&r, "random.se"), 0.11298653657321, 1e-12);
        close("lower", number(&r, "random.ci_lower"), -0.18614183001164, 1e-12);
        close("upper", number(&r, "random.ci_upper"), 0.78614183001164, 1e-12);
        assert_eq!(r["settings"]["ci"], "hksj-adhoc");
        assert!(r["settings"]["method"].as_str().unwrap().contains("never narrower than Wald"));
    }
    let r = json(&["pool", "@bcg"]);
    close("bcg", number(&r, "random.se"), 0.18079174551910, 1e-6);
    close("bcg", number(&r, "random.ci_lower"), -1.10844372300005, 1e-6);
    let plain = json(&["pool", &path, "--ci", "hksj"]);
    assert_eq!(number(&plain, "random.se"), 0.0);
    assert!(codes(&plain).contains(&"hksj-vanishes".into()));
}

/// `auto` is what the model or the profile takes by itself.
#[test]
fn auto_is_the_default_of_each_model_and_profile() {
    let ci = |args: &[&str]| {
        json(&[&["pool", "@bcg", "--ci", "auto", "--no-agreement"][..], args].concat())["settings"]["ci"]
            .clone()
    };
    assert_eq!(ci(&[]), "hksj-adhoc");
    assert_eq!(ci(&["--measure", "OR", "--model", "glmm"]), "profile");
    assert_eq!(ci(&["--measure", "OR", "--model", "beta-binomial"]), "profile");
    assert_eq!(ci(&["--model", "mantel-haenszel"]), "wald");
    assert_eq!(ci(&["--profile", "revman"]), "hksj");
    assert_eq!(ci(&["--profile", "metafor"]), "wald");
    assert_eq!(ci(&["--profile", "meta"]), "wald");
    let explicit = json(&["pool", "@bcg", "--profile", "metafor", "--ci", "hksj-adhoc"]);
    assert_eq!(explicit["settings"]["ci"], "hksj-adhoc");
    for what in [&["list", "ci"][..], &["completions", "bash"], &["pool", "--help"], &["mass", "--help"]] {
        assert!(stdout(&run(what)).contains("auto"), "{what:?}");
    }
}

/// Effects that agree by chance are no perfect knowledge, wherever studies are pooled.
#[test]
fn equal_effects_have_an_interval_everywhere() {
    let (_folder, path) = written(EQUAL);
    let wide = |what: &str, v: &Value| {
        let width = number(v, "ci_upper") - number(v, "ci_lower");
        assert!(width > 0.3, "{what}: {width}");
        assert!(number(v, "p_value") > 1e-6, "{what}");
    };
    let pooled = json(&["pool", &path, "--subgroup", "g"]);
    wide("pool", &pooled["random"]);
    for g in pooled["subgroups"].as_array().unwrap() {
        wide("subgroup", &g["random"]);
    }
    close("p", number(&pooled, "subgroup_test.random.p_value"), 1.0, 1e-12);
    let common = json(&["pool", &path, "--subgroup", "g", "--common-tau2"]);
    common["subgroups"].as_array().unwrap().iter().for_each(|g| wide("common τ²", &g["random"]));
    let line = json(&["regress", &path, "--mods", "x", "--at", "x=3"]);
    let slope = &line["coefficients"][1];
    assert!(number(slope, "se") > 0.01 && number(slope, "p_value") > 0.9, "{slope}");
    assert!(number(&line["predicted"][0], "ci_upper") - number(&line["predicted"][0], "ci_lower") > 0.3);
    let r = json(&["sensitivity", &path, "--analysis", "leave-one-out,cumulative"]);
    r["leave_one_out"].as_array().unwrap().iter().for_each(|row| wide("leave-one-out", row));
    r["cumulative"].as_array().unwrap()[1..].iter().for_each(|row| wide("cumulative", row));
    let mass = stdout(&run(&["mass", &path, "--by", "g", "-q", "--select", "ci_lower,ci_upper,notes"]));
    let width = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        cells[2].parse::<f64>().unwrap() - cells[1].parse::<f64>().unwrap()
    };
    mass.lines().skip(1).for_each(|line| assert!(width(line) > 0.3, "{line}"));
}

/// Never narrower than Wald's, and the same as the plain form where that is wider.
#[test]
fn the_factor_is_at_least_one() {
    for (text, wider) in [
        ("study,yi,vi\nA,0.1,0.04\nB,0.12,0.05\nC,0.09,0.01\n", false),
        ("study,yi,vi\nA,0.1,0.04\nB,1.9,0.9\nC,-0.9,0.01\nD,0.2,2.0\n", true),
        ("study,yi,vi\nA,1e-9,4e-20\nB,2e-9,5e-20\nC,0,1e-20\n", true),
        ("study,yi,vi\nA,1e9,4e16\nB,1.1e9,5e16\nC,1e9,1e16\n", false),
    ] {
        let (_folder, path) = written(text);
        let se = |ci: &str| {
            let given = ["pool", &path, "--tau2", "EE", "--ci", ci];
            number(&json(&given), "random.se")
        };
        let (auto, plain, wald) = (se("auto"), se("hksj"), se("wald"));
        close("max", auto, plain.max(wald), 1e-12 * auto);
        assert_eq!(plain > wald, wider, "{text}");
    }
}

#[test]
fn two_studies_are_said_to_say_little() {
    let (_folder, path) = written("study,yi,vi\nA,0.1,0.04\nB,0.5,0.05\n");
    let r = json(&["pool", &path]);
    assert!(message(&r, "few-studies").contains("hardly informative"), "{r}");
    assert_eq!(number(&r, "random.df"), 1.0);
    let (_folder, path) = written("study,yi,vi\nA,0.1,0.04\n");
    let one = json(&["pool", &path]);
    assert!(one["random"].is_null() && codes(&one).contains(&"one-study".into()));
}

/// A level is a percentage from 50 up: fractions and error rates are named as what they mean.
#[test]
fn levels_that_are_no_percentages_are_refused() {
    let (folder, path) = written(EQUAL);
    let out = folder.path().join("never.svg");
    let out = out.to_str().unwrap();
    for (args, meant) in [
        (vec!["pool", &path, "--level", "0.95"], "95"),
        (vec!["pool", &path, "--level", "0.9"], "90"),
        (vec!["pool", &path, "--level", "5"], "95"),
        (vec!["pool", &path, "--level", "49.9"], "95"),
        (vec!["effects", &path, "--level", "0.99"], "99"),
        (vec!["regress", &path, "--mods", "x", "--level", "0.95"], "95"),
        (vec!["bias", &path, "--level", "0.95"], "95"),
        (vec!["sensitivity", &path, "--level", "0.95"], "95"),
        (vec!["bayes", &path, "--tau-prior", "half-normal(1)", "--level", "0.95"], "95"),
        (vec!["mass", &path, "--by", "g", "--level", "0.95"], "95"),
        (vec!["plot", "forest", &path, "--level", "0.95", "-o", out], "95"),
        (vec!["pool", &path, "--ci-level", "0.95"], "95"),
    ] {
        let output = run(&args);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(&format!("did you mean {meant}?")), "{args:?}: {said}");
        assert!(stdout(&output).is_empty(), "{args:?}");
    }
    assert!(!std::path::Path::new(out).exists());
    let manifest = folder.path().join("m.toml");
    let text =
        format!("title = \"M\"\n[[analysis]]\nid = \"a\"\ntitle = \"A\"\ndata = \"{path}\"\nlevel = 0.95\n");
    std::fs::write(&manifest, text).unwrap();
    let report =
        run(&["report", manifest.to_str().unwrap(), "-o", folder.path().join("out").to_str().unwrap()]);
    assert!(!report.status.success() && stderr(&report).contains("did you mean 95?"), "{}", stderr(&report));
    for fine in ["50", "80", "99.9"] {
        assert!(run(&["pool", &path, "--level", fine]).status.success());
    }
}

#[test]
fn manifests_take_auto() {
    let (folder, path) = written(EQUAL);
    let manifest = folder.path().join("m.toml");
    let text =
        format!("title = \"M\"\n[[analysis]]\nid = \"a\"\ntitle = \"A\"\ndata = \"{path}\"\nci = \"auto\"\n");
    std::fs::write(&manifest, text).unwrap();
    let out = folder.path().join("out");
    let report = run(&["report", manifest.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert!(report.status.success(), "{}", stderr(&report));
    let result = std::fs::read_to_string(out.join("a/result.json")).unwrap();
    assert!(result.contains("\"hksj-adhoc\""));
}

/// What is said of a new study is never narrower than what is said of the mean, unless another form is asked for.
#[test]
fn default_prediction_intervals_hold_the_confidence_interval() {
    let holds = |what: &str, r: &Value| {
        if r["prediction_lower"].is_null() {
            return;
        }
        assert!(number(r, "prediction_lower") <= number(r, "ci_lower"), "{what}: {r}");
        assert!(number(r, "prediction_upper") >= number(r, "ci_upper"), "{what}: {r}");
    };
    let (_folder, equal) = written(EQUAL);
    let (_other, arms) = written("study,events,n\nA,1,10\nB,3,12\nC,2,9\nD,6,11\n");
    for ci in ["auto", "hksj", "wald", "t", "kr"] {
        for data in [equal.as_str(), "@bcg"] {
            let r = json(&["pool", data, "--ci", ci]);
            holds(ci, &r["random"]);
            assert!(!codes(&r).contains(&"prediction-narrower".into()));
        }
    }
    holds("profile", &json(&["pool", &equal, "--ci", "profile", "--tau2", "ML"])["random"]);
    for model in ["glmm", "beta-binomial"] {
        for ci in ["profile", "wald", "t"] {
            let r =
                json(&["pool", &arms, "--measure", "PLO", "--model", model, "--ci", ci, "--no-agreement"]);
            assert!(model == "glmm" || !r["random"]["prediction_lower"].is_null(), "{r}");
            holds(model, &r["random"]);
        }
    }
    let r = json(&["pool", "@bcg", "--measure", "OR", "--model", "glmm", "--no-agreement"]);
    holds("glmm of two groups", &r["random"]);
    let r = json(&["regress", &equal, "--mods", "x", "--at", "x=1,9"]);
    r["predicted"].as_array().unwrap().iter().for_each(|p| holds("regress", p));
    // asked for by name it is the named form, with a note
    let named = json(&["pool", &equal, "--prediction", "normal"]);
    assert!(number(&named, "random.prediction_upper") < number(&named, "random.ci_upper"));
    assert!(message(&named, "prediction-narrower").contains("`normal`"));
    let named = json(&["regress", &equal, "--mods", "x", "--at", "x=1", "--prediction", "normal"]);
    assert!(codes(&named).contains(&"prediction-narrower".into()));
    let mass = run(&["mass", &equal, "--by", "g", "--prediction", "normal", "-q"]);
    let lines = stdout(&mass);
    assert!(lines.lines().nth(1).unwrap().contains("prediction-narrower"), "{lines}");
}

/// metafor 3.8: `rma(yi, vi, mods = ~ alloc, data = dat.bcg, test = "z" | "t" | "knha" | "adhoc")`: QM, QMdf, QMp; the last
/// with method DL, PM, ML as well. `--ci wald` of metafor is χ² with common τ².
#[test]
fn the_test_of_differences_is_metafors() {
    let at = |extra: &[&str]| json(&[&["pool", "@bcg", "--subgroup", "allocation"][..], extra].concat());
    for (extra, f, p) in [
        (vec![], 0.88375652088650, 0.44317633181040),
        (vec!["--common-tau2"], 0.88375652088650, 0.44317633181040),
        (vec!["--ci", "hksj"], 0.96621998559262, 0.41338404338750),
        (vec!["--ci", "t"], 0.88375652088650, 0.44317633181040),
        (vec!["--ci", "kr"], 0.88375652088650, 0.44317633181040),
        (vec!["--tau2", "DL"], 0.71745622596118, 0.51148839014801),
        (vec!["--tau2", "PM"], 0.92352881023322, 0.42849671449778),
        (vec!["--tau2", "ML", "--ci", "profile"], 0.83461182018461, 0.46215769039380),
    ] {
        let r = at(&extra);
        let t = &r["subgroup_test"]["random"];
        // metafor's τ² is iterated to 1e-5
        close("F", number(t, "statistic"), f, 2e-4);
        close("p", number(t, "p_value"), p, 1e-4);
        assert_eq!((number(t, "df"), number(t, "df2")), (2.0, 10.0), "{extra:?}");
        assert!(t["q"].is_null() && t["method"].as_str().unwrap().starts_with("meta-regression"), "{t}");
        let c = &r["subgroup_test"]["common"];
        assert_eq!(number(c, "q"), number(c, "statistic"));
        assert!(c["df2"].is_null());
    }
    let wald = at(&["--ci", "wald", "--common-tau2"]);
    close("χ²", number(&wald, "subgroup_test.random.q"), 1.76751304177300, 1e-5);
    assert!(wald["subgroup_test"]["random"]["df2"].is_null());
}

/// metafor 3.8: six studies, `rma(yi, vi, mods = ~ region, test = "adhoc" | "knha")`: F = 2.47435316231756, 94.937296893693.
#[test]
fn six_alike_studies_do_not_differ() {
    let (_folder, path) = written(ALIKE);
    let r = json(&["pool", &path, "--subgroup", "region"]);
    close("F", number(&r, "subgroup_test.random.statistic"), 2.47435316231756, 1e-11);
    close("p", number(&r, "subgroup_test.random.p_value"), 0.19082431582086, 1e-11);
    assert!(codes(&r).contains(&"subgroup-test-cautious".into()));
    let plain = json(&["pool", &path, "--subgroup", "region", "--ci", "hksj"]);
    close("F", number(&plain, "subgroup_test.random.statistic"), 94.937296893693, 1e-9);
    assert!(!codes(&plain).contains(&"subgroup-test-cautious".into()));
    let line = stdout(&run(&["pool", &path, "--subgroup", "region", "-q"]));
    assert!(line.contains("F = 2.47, df = 1 and 4, p = 0.19 (meta-regression on the groups"), "{line}");
    let markdown = stdout(&run(&["pool", &path, "--subgroup", "region", "-q", "--format", "markdown"]));
    assert!(markdown.contains("F = 2.47, df = 1 and 4"), "{markdown}");
    let svg = std::path::Path::new(&path).with_extension("svg");
    let picture = run(&["plot", "forest", &path, "--subgroup", "region", "-q", "-o", svg.to_str().unwrap()]);
    assert!(picture.status.success(), "{}", stderr(&picture));
}

/// `pool --subgroup` and `regress --mods "factor(...)"` are one model where both can be fitted.
#[test]
fn subgroups_and_regression_agree() {
    let (_folder, path) = written(ALIKE);
    let (_shifted, far) = written(
        "study,yi,vi,region\nA,100000000.30,0.04,1\nB,100000000.94,0.05,1\nC,100000000.26,0.4,2\nD,100000001.55,0.05,2\nE,100000000.61,0.06,3\n",
    );
    for (data, column) in [("@bcg", "allocation"), (path.as_str(), "region"), (far.as_str(), "region")] {
        for tau2 in ["REML", "DL", "PM", "EE", "0.2"] {
            for ci in ["auto", "hksj", "t"] {
                let options = ["--tau2", tau2, "--ci", ci];
                let pooled = json(&[&["pool", data, "--subgroup", column][..], &options].concat());
                let mods = format!("factor({column})");
                let regression = json(&[&["regress", data, "--mods", &mods][..], &options].concat());
                let (t, m) = (&pooled["subgroup_test"]["random"], &regression["moderators"]);
                let name = format!("{data} {tau2} {ci}");
                let f = number(m, "statistic");
                close(&name, number(t, "statistic"), f, 1e-6 * f);
                close(&name, number(t, "p_value"), number(m, "p_value"), 1e-6);
                assert_eq!(number(t, "df"), number(m, "df"), "{name}");
                assert_eq!(number(t, "df2"), number(m, "df_denominator"), "{name}");
                let residual = number(&regression, "heterogeneity.tau2");
                close(&name, number(t, "tau2") + 1.0, residual + 1.0, 1e-6);
            }
        }
    }
}

#[test]
fn other_models_have_the_chi_squared_test_by_name() {
    for (args, at, word) in [
        (vec!["--measure", "PETO"], "common", "Peto"),
        (vec!["--model", "mantel-haenszel"], "common", "Mantel-Haenszel"),
        (vec!["--measure", "OR", "--model", "glmm"], "random", "GLMM"),
        (vec!["--measure", "OR", "--model", "beta-binomial"], "random", "beta-binomial"),
        (vec!["--measure", "OR", "--model", "exact"], "common", "exact"),
        (vec!["--ci", "wald"], "random", "random-effects"),
    ] {
        let r = json(&[&["pool", "@bcg", "--subgroup", "allocation", "--no-agreement"][..], &args].concat());
        let k: Vec<f64> = r["subgroups"].as_array().unwrap().iter().map(|g| number(g, "k")).collect();
        assert_eq!(k, [2.0, 7.0, 4.0], "{args:?}");
        let t = &r["subgroup_test"][at];
        assert_eq!(number(t, "df"), 2.0, "{args:?}");
        assert_eq!(number(t, "q"), number(t, "statistic"), "{args:?}");
        assert!(t["df2"].is_null() && t["method"].as_str().unwrap().contains(word), "{args:?}: {t}");
        assert!(r["subgroup_test"]["reason"].is_null());
    }
    // of Peto's method it is the χ² of Σ(O − E)²/V over the groups less that of all studies
    let r = json(&["pool", "@bcg", "--measure", "PETO", "--subgroup", "allocation"]);
    let within: f64 = r["subgroups"].as_array().unwrap().iter().map(|g| number(g, "heterogeneity.q")).sum();
    let q = number(&r, "subgroup_test.common.q");
    close("Q total = Q within + Q between", within + q, number(&r, "heterogeneity.q"), 1e-9);
}

#[test]
fn a_blank_is_no_level() {
    let text = format!("{ALIKE}G,0.5,0.05,\nH,0.4,0.05,NA\n");
    let (_folder, path) = written(&text);
    let r = json(&["pool", &path, "--subgroup", "region"]);
    assert_eq!(number(&r, "k"), 8.0);
    assert_eq!(r["subgroup"]["without_level"], serde_json::json!(["G", "H"]));
    assert_eq!(r["subgroups"].as_array().unwrap().len(), 2);
    assert_eq!(message(&r, "subgroup-missing"), "2 studies have no value of `region`: G, H");
    // the test is of the studies that have a level
    close("F", number(&r, "subgroup_test.random.statistic"), 2.47435316231756, 1e-11);
    let svg = std::path::Path::new(&path).with_extension("svg");
    assert!(
        run(&["plot", "forest", &path, "--subgroup", "region", "-q", "-o", svg.to_str().unwrap()])
            .status
            .success()
    );
    let (_folder, none) = written("study,yi,vi,g\nA,0.1,0.04,\nB,0.2,0.04,\n");
    let output = run(&["pool", &none, "--subgroup", "g"]);
    assert!(!output.status.success() && stderr(&output).contains("no study has a value of `g`"));
    let (_folder, one) = written("study,yi,vi,g\nA,0.1,0.04,x\nB,0.2,0.04,\n");
    let output = run(&["pool", &one, "--subgroup", "g"]);
    assert!(
        !output.status.success() && stderr(&output).contains("have the same value"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn levels_that_differ_in_case_are_remarked_and_kept() {
    let (_folder, path) = written(&ALIKE.replace("F,0.58,0.05,Europe", "F,0.58,0.05,europe "));
    let r = json(&["pool", &path, "--subgroup", "region"]);
    let levels: Vec<&str> =
        r["subgroups"].as_array().unwrap().iter().map(|g| g["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["Asia", "Europe", "europe"]);
    assert!(message(&r, "levels-alike").contains("`Europe` and `europe`"), "{r}");
    let r = json(&["regress", &path, "--mods", "region"]);
    assert!(codes(&r).contains(&"levels-alike".into()));
    let (_folder, blanks) = written(&ALIKE.replace("F,0.58,0.05,Europe", "F,0.58,0.05,Europe  "));
    assert!(!codes(&json(&["pool", &blanks, "--subgroup", "region"])).contains(&"levels-alike".into()));
}

/// Why a group has no estimate, and why there is no test, is said; nothing is NaN.
#[test]
fn what_is_missing_has_its_reason() {
    // every group of one study: nothing is known of the variation within groups
    let (_folder, singles) = written("study,yi,vi,g\nA,0.1,0.04,x\nB,0.2,0.04,y\nC,0.9,0.04,z\n");
    let r = json(&["pool", &singles, "--subgroup", "g"]);
    assert!(r["subgroup_test"]["random"].is_null());
    assert!(r["subgroup_test"]["reason"].as_str().unwrap().contains("one study"));
    assert_eq!(number(&r, "subgroup_test.common.df"), 2.0);
    let text = stdout(&run(&["pool", &singles, "--subgroup", "g", "-q"]));
    assert!(
        text.contains("Test for subgroup differences: none, because every group has one study"),
        "{text}"
    );
    assert!(!text.contains("NaN"));
    // a group that cannot be pooled
    let (_folder, part) = written("study,yi,vi,g\nA,0.1,0.02,x\nB,0.3,0.03,x\nC,0.2,0.05,y\nD,,0.01,z\n");
    let r = json(&["pool", &part, "--subgroup", "g"]);
    assert_eq!(number(&r["subgroups"][2], "k"), 0.0);
    assert!(r["subgroups"][2]["reason"].as_str().unwrap().contains("D (estimate is not reported)"), "{r}");
    assert!(
        message(&r, "subgroups-not-pooled")
            .starts_with("1 subgroup has no estimate: z (no study can be pooled")
    );
    assert_eq!(number(&r, "subgroup_test.random.df"), 1.0);
    // an error of the model in one group only: the same cell empty in every study
    let text = "study,ai,n1i,ci,n2i,g\nA,2,20,4,20,x\nB,3,30,5,30,x\nC,0,20,4,20,y\nD,0,20,2,20,y\n";
    let (_folder, empty) = written(text);
    let r = json(&[
        "pool",
        &empty,
        "--model",
        "mantel-haenszel",
        "--measure",
        "OR",
        "--subgroup",
        "g",
        "--no-agreement",
    ]);
    assert_eq!(number(&r["subgroups"][1], "k"), 0.0);
    assert!(r["subgroups"][1]["reason"].as_str().unwrap().contains("the same cell is empty"), "{r}");
    assert!(r["subgroup_test"]["reason"].as_str().unwrap().contains("fewer than two groups"));
    // a ratio without a finite estimate in one group
    let r =
        json(&["pool", &empty, "--model", "glmm", "--measure", "OR", "--subgroup", "g", "--no-agreement"]);
    assert!(r["subgroup_test"]["random"].is_null(), "{r}");
    assert!(r["subgroup_test"]["reason"].as_str().unwrap().contains("`y`"), "{r}");
    // no variation within groups at all, and the plain factor
    let (_folder, exact) =
        written("study,yi,vi,g\nA,0.25,0.04,x\nB,0.25,0.04,x\nC,0.5,0.04,y\nD,0.5,0.04,y\n");
    let r = json(&["pool", &exact, "--subgroup", "g", "--ci", "hksj"]);
    assert!(r["subgroup_test"]["random"].is_null(), "{r}");
    assert!(r["subgroup_test"]["reason"].as_str().unwrap().contains("factor is zero"));
    assert!(number(&json(&["pool", &exact, "--subgroup", "g"]), "subgroup_test.random.p_value") > 0.2);
}

#[test]
fn one_study_in_a_group_shows_the_common_variance() {
    let (_folder, path) = written("study,yi,vi,g\nA,0.1,0.02,x\nB,0.9,0.03,x\nC,0.2,0.05,y\n");
    let r = json(&["pool", &path, "--subgroup", "g", "--common-tau2"]);
    let shared = number(&r, "subgroup.common_tau2");
    assert!(shared > 0.1);
    close("τ²", number(&r["subgroups"][1], "heterogeneity.tau2"), shared, 1e-12);
    close("SE", number(&r["subgroups"][1], "random.se"), (0.05 + shared).sqrt(), 1e-12);
    let text = stdout(&run(&["pool", &path, "--subgroup", "g", "--common-tau2", "-q"]));
    let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("x ") || l.starts_with("y ")).collect();
    let tau2 = |line: &str| line.split_whitespace().rev().nth(1).unwrap().to_string();
    assert_eq!(tau2(rows[0]), tau2(rows[1]), "{text}");
    let own = json(&["pool", &path, "--subgroup", "g"]);
    assert!(own["subgroups"][1]["heterogeneity"].is_null());
    assert!(message(&own, "subgroups-of-two").contains("only 2 studies in x"));
}
