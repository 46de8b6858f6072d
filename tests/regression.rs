//! Meta-regression, subgroups, permutation tests: against the field's software, identities, limits and bad input.

mod support;

use metapool::model::regression::{Regression, Requests};
use metapool::model::{ModelOptions, pool};
use metapool::prelude::*;
use serde_json::Value;
use support::{close, json, metapool, number, reference, run, stderr, stdout};

fn bcg(args: &[&str]) -> Value {
    let file = reference("data/bcg.csv");
    let columns = "events1=tpos,n1=n1,events2=cpos,n2=n2";
    json(&[&["regress", file.to_str().unwrap(), "--columns", columns], args].concat())
}

fn written(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_string();
    (folder, name)
}

/// The intercept alone is the pooled effect, for every estimator of τ².
#[test]
fn without_moderators_a_regression_pools() {
    let loaded = Request::new("@bcg").load(|o| o).unwrap();
    for tau2 in Tau2::ALL {
        let options = ModelOptions { tau2: Some(*tau2), ..ModelOptions::default() };
        let pooled = pool(loaded.table.clone(), options).unwrap();
        let model = Regression::new(&loaded.table, &loaded.dataset, "1", &options).unwrap();
        let fitted = model.fit(&Requests::default()).unwrap();
        let (random, h) = (pooled.random.unwrap(), pooled.heterogeneity.unwrap());
        let name = tau2.id();
        close(name, fitted.coefficients[0].estimate, random.estimate, 1e-9);
        close(name, fitted.coefficients[0].se, random.se.unwrap(), 1e-9);
        close(name, fitted.heterogeneity.tau2 + 1.0, h.tau2.unwrap() + 1.0, 1e-9);
        close(name, fitted.heterogeneity.i2 + 1.0, h.i2.unwrap() + 1.0, 1e-9);
        close(name, fitted.heterogeneity.qe, h.q, 1e-9);
        assert_eq!(fitted.moderators, None);
    }
}

/// metafor 3.8: `vif(rma(yi, vi, mods = ~ ablat + year + factor(alloc)))`, which are the same for every scaling.
#[test]
fn variance_inflation_agrees_with_metafor() {
    let result = bcg(&["--mods", "ablat + year + alloc", "--ci", "wald"]);
    for (i, want) in [(1, 1.7697), (2, 1.9148), (3, 2.0858), (4, 2.0193)] {
        close("VIF", number(&result["coefficients"][i], "vif"), want, 5e-5);
    }
    assert_eq!(result["coefficients"][0]["vif"], Value::Null);
}

/// metafor 3.8: `permutest(rma(yi, vi, mods = ~ ablat, data = dat.bcg[1:7,]), exact = TRUE)$pval`: 0.1841269841 over
/// the 2520 distinct orders.
#[test]
fn exact_permutation_agrees_with_metafor() {
    let file = reference("data/bcg.csv");
    let text = std::fs::read_to_string(file).unwrap();
    let first: Vec<&str> = text.lines().take(8).collect();
    let (_folder, path) = written(&first.join("\n"));
    let columns = "events1=tpos,n1=n1,events2=cpos,n2=n2";
    let args = ["regress", &path, "--columns", columns, "--mods", "ablat", "--ci", "wald", "--permute"];
    let exact = json(&[&args[..], &["exact"]].concat());
    assert_eq!(number(&exact, "settings.permutation.permutations"), 2520.0);
    close("p", number(&exact["coefficients"][1], "permutation_p_value"), 0.1841269841, 1e-9);
    close("p", number(&exact, "moderators.permutation_p_value"), 0.1841269841, 1e-9);
    // as many as there are: all of them
    let enough = json(&[&args[..], &["5000"]].concat());
    assert_eq!(enough["settings"]["permutation"]["exact"], true);
    let sample = json(&[&args[..], &["2000"]].concat());
    let p = number(&sample["coefficients"][1], "permutation_p_value");
    assert!((p - 0.184).abs() < 0.03, "{p}");
    let again = json(&[&args[..], &["2000"]].concat());
    assert_eq!(sample, again);
    let other = json(&[&args[..], &["2000", "--seed", "2"]].concat());
    assert_ne!(number(&other["coefficients"][1], "permutation_p_value"), p);
}

#[test]
fn permutation_limits_are_where_the_test_turns() {
    let result = bcg(&["--mods", "ablat", "--permute", "500", "--permute-ci"]);
    let c = &result["coefficients"][1];
    let (lower, upper) = (number(c, "permutation_ci_lower"), number(c, "permutation_ci_upper"));
    assert!(lower < number(c, "estimate") && number(c, "estimate") < upper && upper < 0.0);
}

#[test]
fn predictions_contrasts_and_means_are_one() {
    let result = bcg(&[
        "--mods",
        "ablat + alloc",
        "--at",
        "ablat=33.5; alloc=random",
        "--contrast",
        "intercept + 33.5*ablat + alloc[random]",
        "--contrast",
        "alloc[random] - alloc[systematic]",
    ]);
    let (p, c) = (&result["predicted"][0], &result["contrasts"][0]);
    for key in ["estimate", "se", "ci_lower", "ci_upper"] {
        close(key, number(p, key), number(c, key), 1e-10);
    }
    // the difference of two marginal means is the contrast
    let mean = |i: usize| number(&result["marginal_means"][i], "estimate");
    close("difference", mean(1) - mean(2), number(&result["contrasts"][1], "estimate"), 1e-9);
}

/// Another reference level is another parametrisation of the same model.
#[test]
fn the_reference_level_changes_no_prediction() {
    let one = bcg(&["--mods", "ablat + alloc"]);
    let other = bcg(&["--mods", "ablat + relevel(alloc, 'systematic')"]);
    let none = bcg(&["--mods", "0 + alloc + ablat"]);
    for r in [&other, &none] {
        close("τ²", number(r, "heterogeneity.tau2"), number(&one, "heterogeneity.tau2"), 1e-9);
        for i in 0..13 {
            let fitted = |r: &Value| number(&r["studies"][i], "fitted");
            assert!((fitted(r) - fitted(&one)).abs() < 1e-9);
        }
    }
    assert_eq!(other["coefficients"][2]["term"], "alloc[alternate]");
    assert_eq!(none["coefficients"][0]["term"], "alloc[alternate]");
}

/// The likelihood ratio of nested models by ML, whatever estimator the model has.
#[test]
fn nested_models_are_compared() {
    let result = bcg(&["--mods", "ablat + year", "--compare", "ablat"]);
    let ll = |mods: &str| number(&bcg(&["--mods", mods, "--tau2", "ML"]), "fit.log_likelihood");
    close("LR", number(&result, "comparison.statistic"), 2.0 * (ll("ablat + year") - ll("ablat")), 1e-9);
    assert_eq!(result["comparison"]["df"], 1);
    let output = run(&["regress", "@bcg", "--mods", "latitude", "--compare", "year + allocation"]);
    assert!(stderr(&output).contains("holds the other"), "{}", stderr(&output));
}

#[test]
fn selection_weighs_all_subsets() {
    let result = bcg(&["--mods", "ablat * year + alloc", "--select"]);
    // 2³ subsets of the main effects, and the interaction with both of its parents: with and without alloc
    assert_eq!(result["selection"]["models"], 10);
    assert_eq!(result["selection"]["best"][0]["formula"], "ablat");
    let best = number(&result["selection"]["best"][0], "aicc");
    close("AICc", best, number(&bcg(&["--mods", "ablat", "--tau2", "ML"]), "fit.aicc"), 1e-9);
    let weights: f64 =
        result["selection"]["best"].as_array().unwrap().iter().map(|m| m["weight"].as_f64().unwrap()).sum();
    close("weights", weights, 1.0, 1e-9);
}

#[test]
fn bootstrap_is_seeded() {
    let args = ["--mods", "ablat", "--bootstrap", "300"];
    let (one, two) = (bcg(&args), bcg(&args));
    assert_eq!(one, two);
    let c = &one["coefficients"][1];
    assert!(number(c, "bootstrap_ci_lower") < number(c, "estimate"));
    assert!(number(&one, "heterogeneity.tau2_bootstrap_ci_upper") > number(&one, "heterogeneity.tau2"));
}

/// Subgroups with one τ² are a regression on the groups.
#[test]
fn subgroups_with_a_common_variance_are_a_regression() {
    let file = reference("data/bcg.csv");
    let columns = "events1=tpos,n1=n1,events2=cpos,n2=n2";
    let grouped = json(&[
        "pool",
        file.to_str().unwrap(),
        "--columns",
        columns,
        "--subgroup",
        "alloc",
        "--common-tau2",
        "--ci",
        "wald",
    ]);
    let means = bcg(&["--mods", "0 + alloc", "--ci", "wald"]);
    for i in 0..3 {
        let (g, c) = (&grouped["subgroups"][i], &means["coefficients"][i]);
        close("estimate", number(g, "random.estimate"), number(c, "estimate"), 1e-9);
        close("se", number(g, "random.se"), number(c, "se"), 1e-9);
    }
    let differ = bcg(&["--mods", "alloc", "--ci", "wald"]);
    close("Q", number(&grouped, "subgroup_test.random.q"), number(&differ, "moderators.statistic"), 1e-8);
}

#[test]
fn subgroups_of_one_study_and_of_none() {
    let text = "study,yi,vi,g\nA,0.1,0.02,x\nB,0.3,0.03,x\nC,0.2,0.05,y\nD,,0.01,z\nE,0.5,0.04,\n";
    let (_folder, path) = written(text);
    let result = json(&["pool", &path, "--subgroup", "g"]);
    let levels: Vec<&str> =
        result["subgroups"].as_array().unwrap().iter().map(|g| g["level"].as_str().unwrap()).collect();
    // a blank is no level
    assert_eq!(levels, ["x", "y", "z"]);
    let k: Vec<f64> = result["subgroups"].as_array().unwrap().iter().map(|g| number(g, "k")).collect();
    assert_eq!(k, [2.0, 1.0, 0.0]);
    close("own", number(&result["subgroups"][1], "random.estimate"), 0.2, 1e-12);
    assert_eq!(number(&result, "subgroup_test.random.df"), 1.0);
    assert_eq!(number(&result, "subgroup_test.random.df2"), 1.0);
    let text = stdout(&run(&["pool", &path, "--subgroup", "g", "-q"]));
    assert!(text.contains("Test for subgroup differences"), "{text}");
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let text = "study,yi,vi,x,twice,same,`mean age`,größe,g\n\
        A,0.1,0.02,1,2,5,30,1.5,a\nB,0.3,0.03,2,4,5,35,1.6,a\nC,0.2,0.05,3,6,5,,1.8,b\n\
        D,0.4,0.01,4,8,5,50,1.7,b\nE,0.5,0.04,5,10,5,40,1.9,c\n";
    let (_folder, path) = written(&text.replace("`mean age`", "mean age"));
    let at = |mods: &str| {
        metapool().args(["regress", &path, "--mods", mods, "--format", "json"]).output().unwrap()
    };
    let codes = |mods: &str| -> Vec<String> {
        let output = at(mods);
        assert!(output.status.success(), "{mods}: {}", stderr(&output));
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        value["notes"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap().to_string()).collect()
    };
    assert!(codes("x + twice").contains(&"aliased".to_string()));
    assert!(codes("x + same").contains(&"aliased".to_string()));
    assert!(codes("`mean age`").contains(&"moderator-missing".to_string()));
    assert!(codes("größe").contains(&"few-studies-per-moderator".to_string()));
    for (mods, says) in [
        ("x + größe + g", "5 studies cannot support 5 coefficients"),
        ("nothing", "there is no column `nothing`"),
        ("log(x - 1)", "-inf"),
        ("sin(x)", "no function `sin`"),
        ("x +", "ends too early"),
        ("relevel(g, 'q')", "no level `q`"),
        ("study", "cannot support"),
    ] {
        let output = at(mods);
        assert!(!output.status.success(), "{mods}");
        assert!(
            stderr(&output).contains(says) && stderr(&output).contains("hint:"),
            "{mods}: {}",
            stderr(&output)
        );
    }
    for (args, says) in [
        (vec!["--at", "y=3"], "no moderator"),
        (vec!["--at", "x=a"], "no number"),
        (vec!["--contrast", "x - z"], "no coefficient"),
        (vec!["--ci", "profile"], "no `profile` interval"),
        (vec!["--model", "peto"], "inverse variance"),
        (vec!["--permute", "3"], "from 10"),
    ] {
        let output =
            run(&[&["regress", path.as_str(), "--mods", "x", "--measure", "GEN"], args.as_slice()].concat());
        assert!(!output.status.success(), "{args:?}");
        assert!(stderr(&output).contains(says), "{args:?}: {}", stderr(&output));
    }
    let output = run(&["pool", &path, "--subgroup", "g,x"]);
    assert!(stderr(&output).contains("metapool regress"), "{}", stderr(&output));
    let output = run(&["pool", &path, "--subgroup", "same"]);
    assert!(stderr(&output).contains("same value"), "{}", stderr(&output));
}

#[test]
fn huge_and_tiny_units_change_nothing() {
    for scale in [1e-8, 1e8] {
        let rows: String = (0..8)
            .map(|i| {
                let x = f64::from(i);
                let y = (0.3 * x + if i % 2 == 0 { 0.4 } else { -0.2 }) * scale;
                format!("S{i},{y:e},{:e},{:e}\n", (0.05 + 0.01 * x) * scale * scale, x * scale)
            })
            .collect();
        let (_folder, path) = written(&format!("study,yi,vi,x\n{rows}"));
        let result = json(&["regress", &path, "--mods", "x + I(x^2)"]);
        let rows: String = (0..8)
            .map(|i| {
                let x = f64::from(i);
                let y = 0.3 * x + if i % 2 == 0 { 0.4 } else { -0.2 };
                format!("S{i},{y},{},{x}\n", 0.05 + 0.01 * x)
            })
            .collect();
        let (_other, plain) = written(&format!("study,yi,vi,x\n{rows}"));
        let plain = json(&["regress", &plain, "--mods", "x + I(x^2)"]);
        for i in 0..3 {
            let t = |r: &Value| number(&r["coefficients"][i], "statistic");
            close("t", t(&result), t(&plain), 1e-7);
        }
    }
}

/// clubSandwich 0.5.8 (Debian) with metafor 3.8: `coef_test(rma(yi, vi, mods = ~ year, data = dat.konstantopoulos2011),
/// vcov = "CR2", cluster = district)`; CR0: `robust(..., cluster = district, adjust = FALSE)` of metafor 3.8, CR1 with
/// its SE times √(11/10); and `Wald_test(..., test = "HTZ")` on BCG by author.
#[test]
fn robust_variances_agree_with_clubsandwich() {
    let file = reference("data/konstantopoulos2011.csv");
    for (kind, se, df, p) in [
        ("CR0", 0.0070548030918, 9.0, 0.4821508636915),
        ("CR1", 0.007399139905, 9.0, 0.502220987354),
        ("CR2", 0.00901, 3.30, 0.6027775),
    ] {
        let result = json(&[
            "regress",
            file.to_str().unwrap(),
            "--mods",
            "year",
            "--cluster",
            "district",
            "--robust",
            kind,
        ]);
        let c = &result["coefficients"][1];
        close("SE", number(c, "se"), se, 1e-3);
        close("df", number(c, "df"), df, 2e-3);
        close("p", number(c, "p_value"), p, 1e-6);
    }
    let result = bcg(&["--mods", "ablat + alloc", "--cluster", "author"]);
    let pinned = [
        (0.30189393088924, 2.12674946101, 0.4286274351134),
        (0.00846148476954, 4.49127922752, 0.0272500057826),
        (0.25381810166962, 1.86078554759, 0.4094325984555),
        (0.29113716822432, 2.06051371236, 0.8589343180966),
    ];
    for (i, (se, df, p)) in pinned.into_iter().enumerate() {
        let c = &result["coefficients"][i];
        close("SE", number(c, "se"), se, 1e-5);
        close("df", number(c, "df"), df, 1e-5);
        close("p", number(c, "p_value"), p, 1e-5);
    }
    close("HTZ", number(&result, "moderators.statistic"), 13.7105157960360, 1e-5);
    close("HTZ df", number(&result, "moderators.df_denominator"), 2.0497427675844, 1e-5);
    close("HTZ p", number(&result, "moderators.p_value"), 0.0656586253515, 1e-5);
}

/// metafor 3.8: `rma(yi, vi, mods = ~ ablat, scale = ~ year, data = dat.bcg)`, REML and ML.
#[test]
fn location_scale_models_agree_with_metafor() {
    let reml = [
        ("coefficients", 0, 0.205361744119, 0.288850213269),
        ("coefficients", 1, -0.027538174267, 0.007922693645),
        ("scale.coefficients", 0, -72.899248581194, 158.948525017704),
        ("scale.coefficients", 1, 0.035802263170, 0.080849234018),
    ];
    let ml = [
        ("coefficients", 0, 0.344862381466, 0.136376349044),
        ("coefficients", 1, -0.031704622385, 0.004399976233),
        ("scale.coefficients", 0, 99.252219343366, 486.174764466414),
        ("scale.coefficients", 1, -0.052420935099, 0.248551998244),
    ];
    for (tau2, pinned, log, test) in
        [("REML", reml, -7.987878761869, 0.196096183723), ("ML", ml, -7.660348590915, 0.044481047849)]
    {
        let result = bcg(&["--mods", "ablat", "--tau2-mods", "year", "--tau2", tau2, "--ci", "wald"]);
        for (list, i, estimate, se) in pinned {
            let at =
                |key: &str| number(&support::pluck(&result, &list.split('.').collect::<Vec<_>>())[i], key);
            close("estimate", at("estimate"), estimate, 1e-6);
            close("se", at("se"), se, 1e-6);
        }
        close("log-likelihood", number(&result, "fit.log_likelihood"), log, 1e-10);
        close("QS", number(&result, "scale.omnibus.statistic"), test, 1e-6);
    }
    for (args, says) in [
        (vec!["--tau2", "DL"], "maximum likelihood"),
        (vec!["--ci", "hksj"], "Wald and t"),
        (vec!["--compare", "1"], "no comparison"),
    ] {
        let output =
            run(&[&["regress", "@bcg", "--mods", "latitude", "--tau2-mods", "year"], args.as_slice()]
                .concat());
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}

/// A constant scale is the ordinary model.
#[test]
fn a_scale_without_moderators_is_the_ordinary_model() {
    let plain = bcg(&["--mods", "ablat", "--ci", "wald"]);
    let scaled = bcg(&["--mods", "ablat", "--ci", "wald", "--tau2-mods", "1"]);
    close("τ²", number(&scaled, "heterogeneity.tau2"), number(&plain, "heterogeneity.tau2"), 1e-7);
    close(
        "β",
        number(&scaled["coefficients"][1], "estimate"),
        number(&plain["coefficients"][1], "estimate"),
        1e-7,
    );
    close("ℓ", number(&scaled, "fit.log_likelihood"), number(&plain, "fit.log_likelihood"), 1e-9);
}

#[test]
fn too_few_clusters_are_refused() {
    let text =
        "study,yi,vi,x,c\nA,0.1,0.02,1,u\nB,0.3,0.03,2,u\nC,0.2,0.05,4,v\nD,0.4,0.01,4,v\nE,0.5,0.04,6,v\n";
    let (_folder, path) = written(text);
    let args = ["regress", &path, "--mods", "x + I(x^2)", "--cluster", "c"];
    let output = run(&args);
    let said = stderr(&output);
    assert!(output.status.success() || said.contains("clusters cannot support"), "{said}");
    let output =
        run(&["regress", &path, "--mods", "x", "--cluster", "c", "--where", "c = 'u' OR study = 'C'"]);
    assert!(output.status.success() || stderr(&output).contains("hint:"), "{}", stderr(&output));
    let output = run(&["regress", &path, "--mods", "1", "--cluster", "c", "--where", "c = 'v'"]);
    assert!(stderr(&output).contains("one cluster"), "{}", stderr(&output));
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for (args, says) in [
        (vec!["--permute", "100", "--tau2-mods", "year"], "`--permute` takes studies"),
        (vec!["--bootstrap", "100", "--cluster", "allocation"], "`--bootstrap` takes studies"),
        (vec!["--select", "--tau2-mods", "year"], "`--select` takes studies"),
        (vec!["--cluster", "allocation", "--prediction", "t"], "no prediction interval"),
        (vec!["--prediction", "kr"], "no `kr` prediction interval"),
        (vec!["--keep-double-zero"], "--keep-double-zero"),
        (vec!["--pool-corrected"], "--pool-corrected"),
    ] {
        let output = run(&[&["regress", "@bcg", "--mods", "latitude"], args.as_slice()].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(says) && stderr(&output).contains("hint:"), "{}", stderr(&output));
    }
    for args in [
        vec!["bubble", "@bcg", "--mods", "latitude", "--subgroup", "allocation"],
        vec!["agreement", "@msc_response", "--subgroup", "disease"],
        vec!["bubble", "@bcg", "--mods", "latitude", "--full-range"],
    ] {
        let output = run(&[&["plot"], args.as_slice(), &["-o", "never.png"]].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!std::path::Path::new("never.png").exists());
    }
}

/// A prediction interval has the standard error that its name says, whatever the confidence interval.
#[test]
fn prediction_intervals_are_those_of_the_pooled_effect() {
    let file = reference("data/bcg.csv");
    let columns = "events1=tpos,n1=n1,events2=cpos,n2=n2";
    for kind in ["hksj", "hksj-adhoc", "hksj-pr", "t", "hts", "normal"] {
        for ci in ["hksj", "wald"] {
            let pooled = json(&[
                "pool",
                file.to_str().unwrap(),
                "--columns",
                columns,
                "--prediction",
                kind,
                "--ci",
                ci,
            ]);
            // an intercept and nothing else: the prediction is the pooled effect's
            let loaded = Request::new("@bcg").load(|o| o).unwrap();
            let options = ModelOptions {
                prediction: metapool::choice::Chosen::Of(
                    metapool::model::prediction::PredictionInterval::parse(kind).unwrap(),
                ),
                ci: Some(metapool::model::interval::Interval::parse(ci).unwrap()),
                ..ModelOptions::default()
            };
            let model = Regression::new(&loaded.table, &loaded.dataset, "1", &options).unwrap();
            let at = Requests { at: vec![String::new()], ..Requests::default() };
            let predicted = model.fit(&at).unwrap().predicted[0].prediction.unwrap();
            close(kind, predicted.lower, number(&pooled, "random.prediction_lower"), 1e-9);
            close(kind, predicted.upper, number(&pooled, "random.prediction_upper"), 1e-9);
        }
    }
}
