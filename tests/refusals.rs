//! Options that can never act are refused, with what they go with; those that could act are accepted. One study is never
//! said to be pooled.

mod support;

use support::{json, run, stderr, stdout};

/// Codes that `list` shows below its rule.
fn kinds(list: &str) -> Vec<String> {
    let text = stdout(&run(&["list", list]));
    let rows = text.lines().skip_while(|l| !l.starts_with('─')).skip(1);
    let codes: Vec<String> = rows.filter_map(|l| l.split_whitespace().next()).map(String::from).collect();
    assert!(codes.len() > 10, "{text}");
    codes
}

/// What `--help` of a command names.
fn options_of(command: &str) -> Vec<String> {
    let text = stdout(&run(&[command, "--help"]));
    let words = text.lines().filter(|l| l.trim_start().starts_with('-')).flat_map(str::split_whitespace);
    words.filter(|w| w.starts_with("--")).map(|w| w.trim_end_matches(',').to_string()).collect()
}

/// Refused with exit code 2, the option's name and a hint.
fn assert_refused(args: &[&str], option: &str) {
    let output = run(args);
    let says = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{args:?} passes: {says}");
    assert!(says.contains(option) && says.contains("hint"), "{args:?}: {says}");
    assert!(stdout(&output).is_empty());
}

#[test]
fn options_of_single_tests_of_bias_go_with_their_tests() {
    // every option of the heading `Test`, a value, and the tests that can use it
    let uses: [(&[&str], &[&str]); 9] = [
        (&["--regression", "lm"], &["egger"]),
        (&["--predictor", "vi"], &["egger"]),
        (&["--estimator", "R0"], &["trimfill"]),
        (&["--side", "left"], &["trimfill"]),
        (&["--type", "beta"], &["selection"]),
        (&["--steps", "0.025"], &["selection"]),
        (&["--alternative", "greater"], &["selection", "excess-significance", "p-uniform"]),
        (&["--target", "0.1"], &[]),
        (&["--alpha", "0.1"], &["failsafe", "excess-significance", "p-curve", "p-uniform"]),
    ];
    let known = options_of("bias");
    let tests = kinds("bias");
    for (option, with) in uses {
        assert!(known.contains(&option[0].to_string()), "{option:?} is in no help");
        for test in &tests {
            let args = [&["bias", "@hackshaw1998", "-q", "--test", test][..], option].concat();
            // kinds of one test are no kinds of another, which names its own
            let says = if option[0] == "--type" { "hint" } else { option[0] };
            if with.contains(&test.as_str()) {
                let output = run(&args);
                assert!(output.status.success(), "{args:?}: {}", stderr(&output));
            } else {
                assert_refused(&args, says);
            }
        }
        assert_refused(&[&["bias", "@hackshaw1998", "-q"][..], option].concat(), option[0]);
    }
    let fail_safe =
        |rest: &[&'static str]| [&["bias", "@hackshaw1998", "-q", "--test", "failsafe"][..], rest].concat();
    assert!(run(&fail_safe(&["--type", "Orwin", "--target", "0.1"])).status.success());
    assert_refused(&fail_safe(&["--type", "Rosenberg", "--target", "0.1"]), "--type");
    assert_refused(&fail_safe(&["--type", "Orwin", "--alpha", "0.1"]), "--alpha");
    assert_refused(&fail_safe(&["--alpha", "0.95"]), "0.05");
    assert_refused(&["bias", "@hackshaw1998", "-q", "--tau2-ci", "QP"], "--tau2-ci");
}

#[test]
fn options_of_pictures_go_with_their_pictures() {
    let uses: [(&[&str], &[&str]); 14] = [
        (&["--groups", "A,B"], &["forest", "labbe"]),
        (&["--common"], &["forest"]),
        (&["--tau2-ci", "QP"], &["forest"]),
        (&["--by-size"], &["funnel"]),
        (&["--with", "egger"], &["funnel"]),
        (&["--axes", "linear"], &["labbe"]),
        (&["--type", "negexp"], &["selection"]),
        (&["--steps", "0.05"], &["selection"]),
        (&["--alternative", "less"], &["selection"]),
        (&["--force"], &["selection", "funnel"]),
        (&["--subsets", "300"], &["gosh"]),
        (&["--mods", "year"], &["bubble"]),
        (&["--order", "year"], &["cumulative"]),
        (&["--favours", "A,B"], &["forest", "agreement", "leave-one-out", "cumulative", "funnel", "drapery"]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.svg");
    let out = out.to_str().unwrap();
    let known = options_of("plot");
    for (option, with) in uses {
        assert!(known.contains(&option[0].to_string()), "{option:?} is in no help");
        for kind in kinds("plots") {
            let args = [&["plot", kind.as_str(), "@bcg", "-q", "-o", out][..], option].concat();
            if with.contains(&kind.as_str()) {
                let output = run(&args);
                assert!(output.status.success(), "{args:?}: {}", stderr(&output));
            } else {
                assert_refused(&args, option[0]);
            }
        }
    }
    for kind in kinds("plots") {
        let args = ["plot", &kind, "@bcg", "-q", "-o", out, "--seed", "3"];
        if !["gosh", "qq"].contains(&kind.as_str()) && !kind.contains("quantile") {
            assert_refused(&args, "--seed");
        }
    }
}

#[test]
fn options_of_sensitivity_go_with_their_analyses() {
    let uses: [(&[&str], &[&str]); 6] = [
        (&["--order", "year"], &["cumulative"]),
        (&["--descending"], &["cumulative"]),
        (&["--cluster", "allocation"], &["leave-one-out"]),
        (&["--subsets", "300"], &["gosh"]),
        (&["--seed", "3"], &["gosh"]),
        (&["--i2-target", "30"], &["outliers"]),
    ];
    for (option, with) in uses {
        for analysis in ["leave-one-out", "cumulative", "influence", "baujat", "outliers", "blup", "profile"]
        {
            let args = [&["sensitivity", "@bcg", "-q", "--analysis", analysis][..], option].concat();
            if with.contains(&analysis) {
                assert!(run(&args).status.success(), "{args:?}: {}", stderr(&run(&args)));
            } else {
                assert_refused(&args, option[0]);
            }
        }
    }
}

#[test]
fn random_numbers_and_counts_are_asked_for_where_there_are_any() {
    let regress =
        |rest: &[&'static str]| [&["regress", "@bcg", "-q", "--mods", "latitude"][..], rest].concat();
    assert_refused(&regress(&["--seed", "3"]), "--seed");
    assert_refused(&regress(&["--seed", "3", "--permute", "exact"]), "--seed");
    assert_refused(&regress(&["--tau2-ci", "QP"]), "--tau2-ci");
    assert!(run(&regress(&["--seed", "3", "--bootstrap", "20"])).status.success());
    assert!(run(&regress(&["--seed", "3", "--permute", "50"])).status.success());
    assert_refused(&["bayes", "@bcg", "-q", "--normal"], "--normal");
    assert!(run(&["bayes", "@msc_response", "-q", "--normal"]).status.success());
    let mass = ["mass", "x.csv", "--by", "outcome", "--sorted", "--memory", "64"];
    let output = run(&mass);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("--memory"), "{}", stderr(&output));
}

#[test]
fn one_study_repeats_itself_under_every_model() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let one = write("one.csv", "study,events,n\nA,3,20\n");
    let none = write("none.csv", "study,events,n\nA,0,20\n");
    let two = write("two.csv", "study,events1,n1,events2,n2\nA,3,20,5,21\n");
    let among = write("among.csv", "study,events1,n1,events2,n2\nA,3,20,5,21\nB,,,,\n");
    for (file, options) in [
        (&one, &[][..]),
        (&one, &["--model", "beta-binomial"]),
        (&one, &["--model", "inverse-variance"]),
        (&one, &["--model", "inverse-variance", "--study-ci", "Wilson"]),
        (&none, &[]),
        (&none, &["--model", "inverse-variance"]),
        (&two, &[]),
        (&two, &["--measure", "OR", "--model", "glmm"]),
        (&two, &["--measure", "OR", "--model", "exact"]),
        (&two, &["--measure", "OR", "--model", "beta-binomial"]),
        (&two, &["--measure", "OR", "--model", "mantel-haenszel"]),
        (&two, &["--model", "peto"]),
        (&among, &[]),
        (&among, &["--measure", "OR", "--model", "glmm"]),
    ] {
        let args = [&["pool", file.as_str()][..], options].concat();
        let r = json(&args);
        assert_eq!(r["k"], 1, "{args:?}");
        let (row, line) = (&r["studies"][0]["natural"], &r["common"]["natural"]);
        for key in ["estimate", "ci_lower", "ci_upper"] {
            let (a, b) = (row[key].as_f64().unwrap(), line[key].as_f64().unwrap());
            assert!((a - b).abs() <= 1e-9 * a.abs(), "{args:?}, {key}: {a} in the row, {b} in the line");
        }
        assert!(r["random"].is_null() || r["random"]["natural"]["ci_lower"] == line["ci_lower"]);
        assert!(r["random"]["prediction_lower"].is_null() && r["heterogeneity"]["tau2"].is_null());
        let text = stdout(&run(&[&args[..], &["-q"]].concat()));
        assert!(text.contains("One study, not pooled") && text.contains("nothing is pooled"), "{text}");
        for word in
            ["Common effect", "All studies as one", "Agreement", "Prediction", "Heterogeneity", "model;"]
        {
            assert!(!text.contains(word), "{args:?} says {word}: {text}");
        }
    }
}
