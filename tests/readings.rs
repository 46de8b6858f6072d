//! What goes in is what was meant: ready effects on their scale, arms compared, totals set aside, repeated studies
//! allowed for, studies without events left out of ratios, and options that cannot act refused.

mod support;

use serde_json::Value;
use support::{close, metapool, number, pluck, stderr};

/// Runs a command on a table; gives exit code, standard output and standard error.
fn on(table: &str, args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.csv"), table).unwrap();
    let output = metapool().args(args).current_dir(&folder).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout.clone()).unwrap(), stderr(&output))
}

/// The JSON of a pooled table, with what was said beside it.
#[track_caller]
fn pooled(table: &str, more: &[&str]) -> (Value, String) {
    let (code, out, said) = on(table, &[&["pool", "f.csv", "--format", "json"], more].concat());
    assert_eq!(code, 0, "{more:?}: {said}");
    (serde_json::from_str(&out).unwrap(), said)
}

/// A run that must end with this code and these words.
#[track_caller]
fn refused(table: &str, args: &[&str], code: i32, words: &[&str]) -> String {
    let (got, out, said) = on(table, args);
    assert_eq!(got, code, "{args:?}: {out}{said}");
    words.iter().for_each(|w| assert!(said.contains(w), "{args:?} lacks `{w}`: {said}"));
    assert!(said.contains("hint:"), "{args:?}: {said}");
    said
}

const RATIOS: &str = "study,hr,lo,hi\nA,0.55,0.28,1.09\nB,0.92,0.79,1.08\nC,0.79,0.59,1.05\n";
const LIMITS: &[&str] = &["-m", "HR", "-c", "estimate=hr,ci_lower=lo,ci_upper=hi"];

// metafor 3.8: rma(log(hr), sei = (log(hi) - log(lo)) / (2 * qnorm(.975)), method = "EE") and method = "REML",
// control = list(threshold = 1e-12)
#[test]
fn ratios_with_limits_are_read_as_their_symmetry_proves() {
    let (r, said) = pooled(RATIOS, LIMITS);
    close("common", number(&r, "common.estimate"), -0.136868011069, 1e-9);
    close("SE", number(&r, "common.se"), 0.068724751242, 1e-9);
    close("random", number(&r, "random.estimate"), -0.1552173176, 1e-9);
    assert!(said.contains("symmetric"), "{said}");
    assert_eq!(r["settings"]["values"], "natural");
    // the study's own limits are those that were reported
    let upper = pluck(&r, &["studies", "natural", "ci_upper"]);
    for (got, want) in upper.as_array().unwrap().iter().zip([1.09, 1.08, 1.05]) {
        close("limit", got.as_f64().unwrap(), want, 1e-12);
    }
    // said or proven, the numbers are the same; their logarithms give the same, too
    let (same, said) = pooled(RATIOS, &[LIMITS, &["--values", "natural"]].concat());
    assert_eq!(same["random"], r["random"]);
    assert!(!said.contains("symmetric"));
    let logs: String = RATIOS
        .lines()
        .map(|line| {
            let cells: Vec<String> = line
                .split(',')
                .map(|c| c.parse::<f64>().map_or(c.to_string(), |x| x.ln().to_string()))
                .collect();
            cells.join(",") + "\n"
        })
        .collect();
    let (analysis, said) = pooled(&logs, LIMITS);
    close("logs", number(&analysis, "random.estimate"), number(&r, "random.estimate"), 1e-9);
    assert!(said.contains("already"), "{said}");
    assert_eq!(analysis["settings"]["values"], "analysis");
}

#[test]
fn narrow_limits_prove_nothing() {
    let narrow = "study,hr,lo,hi\nA,1.00,0.99,1.01\nB,1.02,1.01,1.03\n";
    refused(
        narrow,
        &[&["pool", "f.csv"], LIMITS].concat(),
        2,
        &["`hr`", "--values natural", "--values analysis"],
    );
}

#[test]
fn mixed_scales_are_named_by_row() {
    let one_logged = "study,hr,lo,hi\nA,0.55,0.28,1.09\nB,0.92,0.79,1.08\nC,-0.2357,-0.5276,0.0488\n";
    refused(one_logged, &[&["pool", "f.csv"], LIMITS].concat(), 1, &["C (line 4)", "different scales"]);
    let estimates_logged = "study,hr,lo,hi\nA,-0.598,0.28,1.09\nB,-0.083,0.79,1.08\n";
    refused(estimates_logged, &[&["pool", "f.csv"], LIMITS].concat(), 1, &["A (line 2)", "transformed"]);
    let limits_logged = "study,hr,lo,hi\nA,0.55,-1.273,0.0862\nB,0.92,-0.2357,0.0770\n";
    refused(
        limits_logged,
        &[&["pool", "f.csv"], LIMITS].concat(),
        1,
        &["B (line 3)", "limits are transformed"],
    );
    // a contradiction is one whatever was said
    for values in ["natural", "analysis"] {
        refused(
            "study,hr,lo,hi\nA,0.55,0.28,1.09\nB,2.5,0.79,1.08\n",
            &[&["pool", "f.csv", "--values", values], LIMITS].concat(),
            1,
            &["line 3", "`B`", "2.5", "0.79 to 1.08"],
        );
    }
}

#[test]
fn values_that_cannot_be_natural_are_on_the_analysis_scale() {
    let (r, said) = pooled("study,yi,vi\nA,-0.2,0.04\nB,0.4,0.05\n", &["-m", "OR"]);
    close("natural", number(&r, "common.natural.estimate"), number(&r, "common.estimate").exp(), 1e-12);
    assert!(said.contains("impossible as natural values"), "{said}");
    // a name that says so
    let (_, said) = pooled("study,logHR,se\nA,0.2,0.2\nB,0.4,0.25\n", &[]);
    assert!(said.contains("measure: HR") && said.contains("name of their column"), "{said}");
    // nothing says so
    for (table, measure) in [
        ("study,HR,se\nA,0.8,0.15\nB,0.7,0.2\n", "HR"),
        ("study,estimate,se\nA,0.8,0.15\nB,0.7,0.2\n", "OR"),
        ("study,estimate,se\nA,0.3,0.15\nB,0.4,0.2\n", "PLO"),
        ("study,r,se\nA,0.3,0.15\nB,0.4,0.2\n", "ZCOR"),
    ] {
        let column = table.split(',').nth(1).unwrap();
        let columns = format!("estimate={column}");
        refused(table, &["pool", "f.csv", "-m", measure, "-c", &columns], 2, &[column, "--values natural"]);
    }
}

#[test]
fn standard_errors_of_natural_values_are_turned_by_the_delta_method() {
    let table = "study,HR,se\nA,0.8,0.12\nB,0.7,0.14\n";
    let (r, said) = pooled(table, &["-m", "HR", "--values", "natural", "--se-scale", "natural"]);
    let se = pluck(&r, &["studies", "se"]);
    close("A", se[0].as_f64().unwrap(), 0.12 / 0.8, 1e-12);
    close("B", se[1].as_f64().unwrap(), 0.14 / 0.7, 1e-12);
    assert!(said.contains("delta method"), "{said}");
    // limits beside them show on which scale they stand
    let both = "study,hr,se,ci_lower,ci_upper\nA,0.550,0.1907,0.279,1.085\nB,0.790,0.1161,0.592,1.054\n";
    let (r, said) = pooled(both, &["-m", "HR", "--values", "natural"]);
    assert_eq!(r["settings"]["se_scale"], "natural", "{said}");
    close("A", pluck(&r, &["studies", "se"])[0].as_f64().unwrap(), 0.1907 / 0.55, 1e-12);
}

#[test]
fn every_measure_takes_ready_effects_under_its_own_name() {
    let measures = support::stdout(&support::run(&["list", "measures"]));
    let codes: Vec<&str> = measures.lines().skip(4).filter_map(|l| l.split_whitespace().next()).collect();
    assert!(codes.len() > 60 && codes.contains(&"SMD"), "{codes:?}");
    for code in codes.iter().filter(|c| c.chars().all(|x| x.is_ascii_uppercase() || x.is_ascii_digit())) {
        // 0.2 and 0.3 are possible for all, on every scale; logarithms of proportions lie below 0
        let table = if *code == "PLN" {
            "study,yi,vi\nA,-0.2,0.04\nB,-0.3,0.05\n"
        } else {
            "study,yi,vi\nA,0.2,0.04\nB,0.3,0.05\n"
        };
        let (r, _) = pooled(table, &["-m", code, "--values", "analysis"]);
        assert_eq!(r["settings"]["measure"], *code);
        close(code, number(&r, "common.se"), (1.0f64 / (1.0 / 0.04 + 1.0 / 0.05)).sqrt(), 1e-12);
        let natural = pluck(&r, &["common", "natural", "estimate"]);
        assert!(natural.is_number() || ["PFT", "IRFT"].contains(code), "{code}: {natural}");
    }
}

#[test]
fn ready_values_that_no_study_can_have_are_refused() {
    for (measure, value, words) in [
        ("PR", "33.3", "per cent"),
        ("COR", "1.2", "between -1 and 1"),
        ("ARAW", "1.2", "1 or less"),
        ("RD", "-12", "per cent"),
        ("PLN", "0.4", "impossible"),
    ] {
        let first = if measure == "PLN" { "-0.2" } else { "0.2" };
        let table = format!("study,yi,vi\nA,{first},0.04\nB,{value},0.05\n");
        refused(
            &table,
            &["pool", "f.csv", "-m", measure, "--values", "analysis"],
            1,
            &["line 3", "`B`", words],
        );
    }
    // counts have their models, ready effects do not
    for model in ["glmm", "beta-binomial", "exact", "mantel-haenszel", "peto"] {
        let table = "study,yi,vi\nA,0.2,0.04\nB,0.3,0.05\n";
        refused(
            table,
            &["pool", "f.csv", "-m", "OR", "--values", "analysis", "--model", model],
            2,
            &["ready"],
        );
    }
}

const ARMS: &str = "study,treatment,events,n,region\nA,drug,5,50,x\nA,placebo,9,50,x\nB,drug,3,30,y\nB,placebo,8,30,y\n\
                    C,drug,4,40,x\nC,placebo,9,41,x\n";

#[test]
fn arms_are_refused_as_studies_by_every_command_that_pools() {
    let commands: &[&[&str]] = &[
        &["pool", "f.csv"],
        &["pool", "f.csv", "-m", "RR"],
        &["regress", "f.csv", "--mods", "region"],
        &["sensitivity", "f.csv"],
        &["bayes", "f.csv"],
        &["plot", "forest", "f.csv", "-o", "x.svg"],
    ];
    for args in commands {
        refused(ARMS, args, 1, &["--arm treatment --reference 'placebo'", "arms are not studies"]);
    }
    // a list of effects is no pooled result, and who insists is heard
    assert_eq!(on(ARMS, &["effects", "f.csv"]).0, 0);
    assert_eq!(on(ARMS, &["pool", "f.csv", "--arm", "none"]).0, 0);
    // names as people write them, numbered trials, person-time
    let others = [
        "ID,Trt,n,mean,sd\n1,ctl,30,5.1,1.2\n1,act,31,4.3,1.1\n2,ctl,22,5.6,1.5\n2,act,25,5.0,1.4\n",
        "trial,arm,events,time\nX,vac,3,1000\nX,ctl,9,1005\nY,vac,0,500\nY,ctl,4,490\n",
        "study,who,events,n\nX,Placebo,3,100\nX,Active,9,105\nY,Placebo,1,50\nY,Active,4,49\n",
    ];
    for table in others {
        refused(table, &["pool", "f.csv"], 1, &["--arm"]);
    }
    // several outcomes of a study are no arms
    let outcomes =
        "study,outcome,mean,sd,n\nA,pain,3,1,20\nA,sleep,4,1.2,20\nB,pain,2.5,1,25\nB,sleep,4.4,1.3,25\n";
    let (_, said) = pooled(outcomes, &["-m", "MN"]);
    assert!(said.contains("--cluster study"), "{said}");
}

#[test]
fn arms_become_comparisons_and_carry_their_columns() {
    let wide = "study,events1,n1,events2,n2,region\nA,5,50,9,50,x\nB,3,30,8,30,y\nC,4,40,9,41,x\n";
    for measure in ["RR", "OR", "RD"] {
        let arms = ["-m", measure, "--arm", "treatment", "--reference", "placebo"];
        let (by_arm, _) = pooled(ARMS, &arms);
        let (direct, _) = pooled(wide, &["-m", measure]);
        assert_eq!(by_arm["random"], direct["random"], "{measure}");
        assert_eq!(by_arm["studies"], direct["studies"], "{measure}");
        let (_, out, _) =
            on(ARMS, &[&["pool", "f.csv", "--subgroup", "region", "--format", "json"], &arms[..]].concat());
        let grouped: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(pluck(&grouped, &["subgroups", "k"]).to_string(), "[2,1]");
    }
    // the unsaid measure is that of two groups; case does not matter, and is said
    let (r, said) = pooled(ARMS, &["--arm", "Treatment", "--reference", "PLACEBO"]);
    assert_eq!(r["settings"]["measure"], "RR");
    assert!(said.contains("differs in case alone"), "{said}");
    // metafor 3.8: escalc("MD", m1i = 4.3, sd1i = 1.1, n1i = 31, m2i = 5.1, sd2i = 1.2, n2i = 30): -0.8, 0.0870
    let means = "ID,Trt,n,mean,sd\n1,ctl,30,5.1,1.2\n1,act,31,4.3,1.1\n2,ctl,22,5.6,1.5\n2,act,25,5.0,1.4\n";
    let (r, _) = pooled(means, &["--arm", "Trt", "--reference", "ctl"]);
    assert_eq!(r["settings"]["measure"], "MD");
    close("MD", pluck(&r, &["studies", "estimate"])[0].as_f64().unwrap(), -0.8, 1e-12);
    close(
        "v",
        pluck(&r, &["studies", "variance"])[0].as_f64().unwrap(),
        1.1 * 1.1 / 31.0 + 1.2 * 1.2 / 30.0,
        1e-12,
    );
}

const THREE: &str =
    "study,arm,mean,sd,n\nA,low,5,2,20\nA,high,6,2.5,30\nA,ctl,4,2.2,40\nB,low,4,1,15\nB,ctl,3,1.1,16\n";

// Handbook 23.3.4 by hand; metafor 3.8: escalc("SMD", m1i = 5.6, sd1i = 2.34411986877, n1i = 50, m2i = 4, sd2i = 2.2, n2i = 40)
#[test]
fn several_arms_share_a_control_as_asked() {
    let base = ["-m", "SMD", "--arm", "arm", "--reference", "ctl"];
    refused(
        THREE,
        &[&["pool", "f.csv"], &base[..]].concat(),
        1,
        &["`A`", "low, high", "--combine 'low,high'", "split", "combine", "first"],
    );
    let estimate = |more: &[&str]| {
        let (r, said) = pooled(THREE, &[&base[..], more].concat());
        (r, said)
    };
    for more in [&["--combine", "low,high"][..], &["--shared-control", "combine"]] {
        let (r, _) = estimate(more);
        close("g", pluck(&r, &["studies", "estimate"])[0].as_f64().unwrap(), 0.6953351494, 1e-9);
        close("v", pluck(&r, &["studies", "variance"])[0].as_f64().unwrap(), 0.0476860609, 1e-8);
        assert_eq!(number(&r, "k"), 2.0);
    }
    let (r, said) = estimate(&["--shared-control", "split"]);
    assert_eq!(number(&r, "k"), 3.0);
    assert!(said.contains("divided evenly"), "{said}");
    assert_eq!(pluck(&r, &["studies", "study"])[1], "A: high");
    let (r, _) = estimate(&["--shared-control", "first"]);
    assert_eq!(number(&r, "k"), 2.0);
    // divided patients are nobody's: models of counts refuse them
    let counts = "study,arm,events,n\nA,low,5,20\nA,high,6,30\nA,ctl,4,40\nB,low,4,15\nB,ctl,3,16\n";
    for model in ["glmm", "exact"] {
        refused(
            counts,
            &[
                "pool",
                "f.csv",
                "--arm",
                "arm",
                "--reference",
                "ctl",
                "--shared-control",
                "split",
                "--model",
                model,
            ],
            2,
            &["divided control"],
        );
    }
}

#[test]
fn arms_without_partner_and_doubled_arms_are_told() {
    let lone = "study,arm,events,n\nA,drug,5,20\nA,ctl,6,30\nB,drug,4,15\nC,ctl,3,16\n";
    let (r, _) = pooled(lone, &["--arm", "arm", "--reference", "ctl"]);
    assert_eq!(number(&r, "k"), 1.0);
    let reasons = pluck(&r, &["studies", "reason"]).to_string();
    assert!(reasons.contains("no arm “ctl”") && reasons.contains("arm “ctl” alone"), "{reasons}");
    let double = "study,arm,events,n\nA,drug,5,20\nA,drug,2,10\nA,ctl,6,30\n";
    refused(
        double,
        &["pool", "f.csv", "--arm", "arm", "--reference", "ctl"],
        1,
        &["twice", "lines 2 and 3", "--combine 'drug'"],
    );
    let (r, _) = pooled(double, &["-m", "RR", "--arm", "arm", "--reference", "ctl", "--combine", "drug"]);
    close("sum", number(&r, "common.estimate"), (7.0f64 / 30.0).ln() - (6.0f64 / 30.0).ln(), 1e-12);
    for (args, words) in [
        (&["--arm", "arm"][..], &["--reference 'ctl'"][..]),
        (&["--arm", "arm", "--reference", "placbo"], &["no row has `placbo`", "ctl"]),
        (&["--arm", "amr", "--reference", "ctl"], &["`amr`", "did you mean `arm`"]),
        (&["--arm", "arm", "--reference", "ctl", "-m", "PLO"], &["does not compare two groups"]),
        (&["--arm", "none", "--reference", "ctl"], &["no column tells the arms"]),
    ] {
        refused(double, &[&["pool", "f.csv"], args].concat(), 2, words);
    }
}

#[test]
fn rows_that_are_no_studies_are_set_aside_or_asked_about() {
    for label in ["Total", "TOTALS:", "Sub-total", "Overall", "Pooled", "Total (95% CI)", "Grand total"] {
        let table = format!("study,events,n\nA,3,10\nB,4,12\nC,1,9\n{label},8,31\n");
        let (r, said) = pooled(&table, &[]);
        assert_eq!(number(&r, "k"), 3.0, "{label}");
        assert!(said.contains("set aside") && said.contains("line 5"), "{label}: {said}");
    }
    // names of studies that only begin like that stay
    let (r, _) = pooled("study,events,n\nTotalis 2001,3,10\nOverall Jr 2002,4,12\n", &[]);
    assert_eq!(number(&r, "k"), 2.0);
    let last = "study,events,n\nA,3,10\nB,4,12\nC,1,9\nD,8,31\n";
    refused(last, &["pool", "f.csv"], 1, &["line 5", "`D`", "8, 31", "--keep-total"]);
    let (r, _) = pooled(last, &["--keep-total"]);
    assert_eq!(number(&r, "k"), 4.0);
    // fewer than three above: chance
    assert_eq!(on("study,events,n\nA,3,10\nB,4,12\nD,7,22\n", &["pool", "f.csv"]).0, 0);
    // a sum in the middle is only remarked
    let middle = "study,events1,n1,events2,n2\nA,3,10,4,11\nB,4,12,5,13\nS,7,22,9,24\nC,1,9,2,10\n";
    let (_, said) = pooled(middle, &[]);
    assert!(said.contains("`S` (line 4) equals the sum of A, B"), "{said}");
    // double rows are named
    let (_, said) = pooled("study,events1,n1,events2,n2\nA,3,10,4,11\nB,4,12,5,13\nA,3,10,4,11\n", &[]);
    assert!(said.contains("`A` (line 2) and `A` (line 4) hold the same numbers"), "{said}");
    // means: the patients add up
    let means = "study,mean,sd,n\nA,3,1,10\nB,4,1,12\nC,1,1,9\nall,2.8,1,31\n";
    refused(means, &["pool", "f.csv", "-m", "MN"], 1, &["`all`", "31"]);
}

// clubSandwich 0.5.8: coef_test(rma(estimate, variance, data = konstantopoulos2011), vcov = "CR2", cluster = district)
#[test]
fn clusters_give_the_mean_a_robust_interval() {
    let r = support::json(&["pool", "@konstantopoulos2011", "--cluster", "district"]);
    close("mean", number(&r, "random.estimate"), 0.1279320583649, 1e-7);
    close("SE", number(&r, "random.se"), 0.0782212395539, 1e-6);
    close("df", number(&r, "random.df"), 7.37, 1e-3);
    assert_eq!(r["random"]["prediction_lower"], Value::Null);
    assert!(r["settings"]["ci"].to_string().contains("CR2"), "{}", r["settings"]);
    let line = support::json(&["regress", "@konstantopoulos2011", "--mods", "1", "--cluster", "district"]);
    close(
        "regress",
        number(&r, "random.se"),
        pluck(&line, &["coefficients", "se"])[0].as_f64().unwrap(),
        1e-12,
    );
    // repeated labels name the option, and it quiets them
    let table = "study,yi,vi\nA,0.2,0.05\nA,0.4,0.04\nB,0.1,0.03\nB,0.2,0.05\nC,0.3,0.04\nD,0.25,0.06\n";
    let (_, said) = pooled(table, &[]);
    assert!(said.contains("--cluster study") && !said.contains("--study COLUMN"), "{said}");
    let (_, said) = pooled(table, &["--cluster", "study"]);
    assert!(!said.contains("as if they did not"), "{said}");
    refused(table, &["pool", "f.csv", "--cluster", "nix"], 2, &["`nix`"]);
    refused(
        table,
        &["pool", "f.csv", "--cluster", "study", "--subgroup", "study"],
        2,
        &["--subgroup", "regress"],
    );
    let one = "study,yi,vi\nA,0.2,0.05\nA,0.4,0.04\n";
    refused(one, &["pool", "f.csv", "--cluster", "study"], 1, &["one cluster"]);
    refused("study,yi,vi\nA,0.2,0.05\n", &["pool", "f.csv", "--cluster", "study"], 1, &["one study"]);
}

#[test]
fn bundled_data_warn_of_what_must_not_be_pooled() {
    for (args, says) in [
        (&["@berkey1998"][..], true),
        (&["@berkey1998", "--where", "outcome = 'PD'"], false),
        (&["@konstantopoulos2011"], true),
        (&["@senn2013"], true),
        (&["@senn2013", "--where", "treatment1 = 'Miglitol'"], false),
        (&["@seed_response", "--arm", "none"], true),
        (&["@seed_response", "--arm", "none", "--where", "disease = 'MS'"], false),
        (&["@msc_response"], true),
        (&["@bcg"], false),
    ] {
        let output = support::run(&[&["pool"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        let json = support::json(&[&["pool"], args].concat());
        let codes = pluck(&json, &["notes", "code"]).to_string();
        assert_eq!(codes.contains("data-caution"), says, "{args:?}: {codes}");
    }
}

const ZEROS: &str = "study,events1,n1,events2,n2\nA,5,50,9,50\nB,3,30,8,30\nC,0,40,0,41\nD,20,20,21,21\n";

#[test]
fn studies_without_information_are_not_estimable_for_ratios() {
    for profile in ["metapool", "meta", "revman"] {
        for measure in ["RR", "OR", "YUQ", "OR2DL"] {
            let (r, _) = pooled(ZEROS, &["-m", measure, "--profile", profile]);
            let status = pluck(&r, &["studies", "status"]);
            assert_eq!(
                status.to_string(),
                r#"["estimable","estimable","not-estimable","not-estimable"]"#,
                "{measure} {profile}"
            );
            assert_eq!(r["studies"][2]["estimate"], Value::Null);
        }
    }
    for (args, kept) in [
        (&["-m", "RD"][..], true),
        (&["-m", "AS"], true),
        (&["-m", "RR", "--double-zero", "keep"], true),
        (&["-m", "RR", "--profile", "metafor"], true),
        (&["-m", "RR", "--profile", "metafor", "--double-zero", "auto"], false),
    ] {
        let (r, _) = pooled(ZEROS, args);
        assert_eq!(r["studies"][2]["status"] == "estimable", kept, "{args:?}");
    }
    for drop in [&["--double-zero", "drop"][..], &["--drop-double-zero"]] {
        let (r, _) = pooled(ZEROS, &[&["-m", "RD"], drop].concat());
        assert_eq!(r["studies"][2]["status"], "excluded");
    }
    // likelihoods take the counts as they are
    let (r, _) = pooled(ZEROS, &["-m", "OR", "--model", "beta-binomial"]);
    assert_eq!(r["studies"][2]["status"], "estimable");
    // pairs: nobody differs
    let pairs = "study,pairs_both,pairs_first,pairs_second,pairs_neither\nA,5,3,2,10\nB,0,0,0,20\nC,4,2,5,9\nD,7,0,0,3\n";
    let (r, _) = pooled(pairs, &["-m", "MPOR"]);
    assert_eq!(number(&r, "k"), 2.0);
    let (r, _) = pooled(pairs, &["-m", "MPRR"]);
    assert_eq!(number(&r, "k"), 3.0);
    let rates = "study,events1,time1,events2,time2\nA,5,500,9,510\nB,0,300,0,290\nC,4,200,6,220\n";
    let (r, _) = pooled(rates, &["-m", "IRR"]);
    assert_eq!(r["studies"][1]["status"], "not-estimable");
}

#[test]
fn no_event_at_all_gives_the_bounds_of_the_difference() {
    // 1 − 0.05^(1/140) = 0.02117..., 1 − 0.05^(1/141) = 0.02102...
    let none = "study,events1,n1,events2,n2\nA,0,40,0,41\nB,0,100,0,100\n";
    for more in [
        &["-m", "RR"][..],
        &["-m", "OR"],
        &["-m", "OR", "--model", "glmm"],
        &["-m", "OR", "--model", "exact"],
        &["-m", "PETO"],
        &["-m", "RR", "--model", "mantel-haenszel"],
    ] {
        refused(
            none,
            &[&["pool", "f.csv"], more].concat(),
            1,
            &["no event", "140", "141", "at most 2.1%", "at least -2.1%"],
        );
    }
    let all = "study,events1,n1,events2,n2\nA,40,40,41,41\nB,100,100,100,100\n";
    refused(all, &["pool", "f.csv", "-m", "RR"], 1, &["nothing but events"]);
    let rates = "study,events1,time1,events2,time2\nA,0,1000,0,900\nB,0,2000,0,2100\n";
    // -ln 0.05 / 3000
    refused(rates, &["pool", "f.csv", "-m", "IRR"], 1, &["person-time", "0.000999"]);
    assert_eq!(on(none, &["pool", "f.csv", "-m", "RD"]).0, 0);
}

#[test]
fn one_study_keeps_the_interval_and_p_of_its_source() {
    let table = "study,mean_change,p_change,n\nA,-0.6,0.021,15\n";
    let (r, _) = pooled(table, &["-m", "MC"]);
    close("p", number(&r, "common.p_value"), 0.021, 1e-9);
    assert_eq!(number(&r, "common.df"), 14.0);
    let table = "study,mean_change,ci_lower,ci_upper,n\nA,-0.6,-1.08,-0.12,15\n";
    let (r, _) = pooled(table, &["-m", "MC"]);
    for path in ["common.ci_lower", "common.ci_upper"] {
        let want = if path.ends_with("lower") { -1.08 } else { -0.12 };
        close(path, number(&r, path), want, 1e-9);
    }
    close("row", pluck(&r, &["studies", "ci_upper"])[0].as_f64().unwrap(), -0.12, 1e-9);
    // asymmetric limits of one ratio stay as reported
    let (r, _) = pooled("study,hr,lo,hi\nA,0.55,0.30,1.20\n", &[LIMITS, &["--values", "natural"]].concat());
    close("upper", number(&r, "common.natural.ci_upper"), 1.2, 1e-12);
    // one proportion keeps its exact interval
    let (r, _) = pooled("study,events,n\nA,3,10\n", &["-m", "PAS"]);
    close("exact", number(&r, "common.natural.ci_upper"), 0.652453, 1e-5);
}

#[test]
fn contradictions_are_seen_in_any_unit() {
    for unit in [1e-6, 1e-2, 1.0, 1e4] {
        let row = |pre: f64, post: f64, change: f64| {
            format!(
                "study,mean_pre,mean_post,mean_change,sd_change,n\nA,{},{},{},{},20\n",
                pre * unit,
                post * unit,
                change * unit,
                0.5 * unit
            )
        };
        refused(
            &row(10.0, 12.0, -2.0),
            &["effects", "f.csv", "-m", "MC"],
            1,
            &["`A`", "mean_change", "line 2"],
        );
        assert_eq!(on(&row(10.0, 12.0, 2.0), &["effects", "f.csv", "-m", "MC"]).0, 0, "{unit}");
    }
    // rounding is none: 4.9 to 4.0 reported as -0.95
    let rounded = "study,mean_pre,mean_post,mean_change,sd_change,n\nA,4.9,4.0,-0.95,0.5,20\n";
    assert_eq!(on(rounded, &["effects", "f.csv", "-m", "MC"]).0, 0);
}

#[test]
fn options_that_cannot_act_are_refused_and_others_accepted() {
    let counts = "study,events1,n1,events2,n2\nA,5,50,9,50\nB,3,30,8,30\n";
    let means = "study,mean1,sd1,n1,mean2,sd2,n2\nA,5,1,50,4,1,50\nB,3,1,30,2.5,1,30\n";
    let ready = "study,yi,vi\nA,0.2,0.05\nB,-0.4,0.04\n";
    for command in ["pool", "effects"] {
        for (table, option) in [
            (means, &["--add", "0.5"][..]),
            (means, &["--to", "all"]),
            (means, &["--drop-double-zero"]),
            (means, &["--double-zero", "keep"]),
            (means, &["--fractional-counts"]),
            (means, &["--ci-level", "90"]),
            (counts, &["--ci-level", "90"]),
            (counts, &["--values", "natural"]),
            (counts, &["--se-scale", "natural"]),
            (counts, &["--study-ci", "WS"]),
            (ready, &["--add", "0.5"]),
            (ready, &["--vtype", "LS"]),
            (ready, &["--double-zero", "drop"]),
        ] {
            let said = refused(table, &[&[command, "f.csv"], option].concat(), 2, &["cannot act"]);
            assert!(said.contains(option[0]), "{option:?}: {said}");
        }
        // no empty cell, no double zero, no limits in a row: no occasion, but no fault
        for (table, option) in [
            (counts, &["--add", "0.25"][..]),
            (counts, &["--to", "tacc"]),
            (counts, &["--double-zero", "keep"]),
            (ready, &["--ci-level", "90"]),
            (ready, &["--values", "analysis"]),
        ] {
            assert_eq!(on(table, &[&[command, "f.csv"], option].concat()).0, 0, "{command} {option:?}");
        }
    }
    assert_eq!(on(counts, &["pool", "f.csv", "--reference", "x"]).0, 2);
    refused(means, &["pool", "f.csv", "--agreement"], 2, &["panel"]);
    refused(ready, &["pool", "f.csv", "--values", "natural"], 2, &["GEN", "--measure HR"]);
}

#[test]
fn columns_that_are_not_there_are_named_before_anything_else() {
    let table = "study,events t,n t,events c,n c\nA,1,10,2,10\n";
    let columns = "events1=evnts t,n1=n t,events2=events c,n2=n c";
    refused(table, &["pool", "f.csv", "-c", columns], 2, &["`evnts t`", "did you mean `events t`"]);
    // another statistic is no near miss
    let medians = "study,median1,se1,n1,median2,se2,n2\nA,3,1,10,4,1,10\n";
    let (code, _, said) = on(medians, &["pool", "f.csv", "-m", "MD"]);
    assert_eq!(code, 1);
    assert!(!said.contains("mean1=median1") && !said.contains("sd1=se1"), "{said}");
    // a comma between thousands is no decimal comma
    let (_, _, said) = on("study,events,n\nA,3,\"1,120\"\nB,2,90\n", &["pool", "f.csv"]);
    assert!(said.contains("1120") && !said.contains("1.120") && said.contains("line 2"), "{said}");
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let bad = |end: &str| ["study,events,n", "A,3,10", "", "B,x,12", "C,2,9", ""].join(end);
    for end in ["\n", "\r\n", "\r"] {
        refused(&bad(end), &["pool", "f.csv"], 1, &["line 4", "`x`"]);
    }
    // a quoted line break is a line, too
    refused("study,events,n\n\"A\nof 2001\",3,10\nB,x,12\n", &["pool", "f.csv"], 1, &["line 4"]);
}

#[test]
fn percentages_are_no_logarithms() {
    let ratios = "study,hr,ci_lower,ci_upper\nA,72,55,89\nB,85,66,104\nC,64,45,83\n";
    refused(ratios, &["pool", "f.csv"], 2, &["`hr`", "72", "per cent"]);
    let proportions = "study,pct,lo,hi\nA,45,30,60\nB,60,50,70\nC,33,20,50\n";
    let columns = "estimate=pct,ci_lower=lo,ci_upper=hi";
    refused(proportions, &["pool", "f.csv", "-m", "PLO", "-c", columns], 2, &["45", "per cent"]);
    let correlations = "study,cor,se\nA,45,10\nB,30,12\n";
    refused(correlations, &["pool", "f.csv", "-m", "ZCOR", "-c", "estimate=cor"], 2, &["45", "per cent"]);
    // who insists is heard
    assert_eq!(on(ratios, &["pool", "f.csv", "--values", "analysis"]).0, 0);
    // a fraction in a column of per cent is no count of nobody
    let fractions = "study,percent,n\nA,0.455,22\nB,0.6,30\nC,0.333,21\n";
    refused(fractions, &["pool", "f.csv"], 1, &["0.455", "45.5"]);
    let (r, _) = pooled("study,percent,n\nA,45.5,22\nB,33,6\nC,0,20\n", &[]);
    assert_eq!(number(&r, "k"), 3.0);
}

#[test]
fn generic_effects_that_are_ratios_are_not_pooled_as_they_stand() {
    let table = "study,effect,lcl,ucl\nA,0.55,0.28,1.09\nB,0.92,0.79,1.08\nC,0.79,0.59,1.05\n";
    let columns = ["-c", "estimate=effect,ci_lower=lcl,ci_upper=ucl"];
    refused(
        table,
        &[&["pool", "f.csv"], &columns[..]].concat(),
        2,
        &["symmetric as logarithms", "--measure RR"],
    );
    assert_eq!(on(table, &[&["pool", "f.csv", "--values", "analysis"], &columns[..]].concat()).0, 0);
    let named = "study,OR,se\nA,1.8,0.3\nB,1.2,0.2\n";
    refused(named, &["pool", "f.csv", "-m", "GEN", "-c", "estimate=OR"], 2, &["`OR`", "--measure OR"]);
    // symmetric differences are what they are
    let plain = "study,effect,lcl,ucl\nA,0.55,0.25,0.85\nB,0.92,0.72,1.12\nC,0.79,0.49,1.09\n";
    assert_eq!(on(plain, &[&["pool", "f.csv"], &columns[..]].concat()).0, 0);
}

#[test]
fn a_summary_in_the_last_row_is_asked_about() {
    let with = |label: &str| format!("{RATIOS}\"{label}\",0.87,0.76,1.00\n");
    for label in ["Overall (I2=55%)", "Total, n = 1200", "RE model", "Fixed effect", "Σ"] {
        let (r, said) = pooled(&with(label), LIMITS);
        assert_eq!(number(&r, "k"), 3.0, "{label}: {said}");
    }
    refused(&with("D"), &[&["pool", "f.csv"], LIMITS].concat(), 1, &["line 5", "`D`", "--keep-total"]);
    let (r, _) = pooled(&with("D"), &[LIMITS, &["--keep-total"]].concat());
    assert_eq!(number(&r, "k"), 4.0);
}

#[test]
fn one_informative_study_keeps_the_limit_of_its_model() {
    // R 4.2: fisher.test(matrix(c(3, 87, 0, 91), 2)): 0.4206344901 to infinity
    let table = "study,events1,n1,events2,n2\nA,0,50,0,51\nB,0,30,0,32\nD,3,90,0,91\n";
    let (r, _) = pooled(table, &["-m", "OR", "--model", "exact"]);
    assert_eq!(r["common"]["ci_upper"], Value::Null);
    close("limit", number(&r, "common.natural.ci_lower"), 0.4206344901, 1e-5);
}

#[test]
fn changes_with_assumed_correlations_can_be_pooled_and_say_so() {
    let table =
        "study,n,mean_pre,sd_pre,mean_post,sd_post\nA,20,5,1,4,1.2\nB,25,5.5,1.1,4.9,1.3\nC,30,5,1,4.6,1.1\n";
    let (r, said) = pooled(table, &["--correlation", "0.7"]);
    assert_eq!(number(&r, "k"), 3.0);
    assert!(said.contains("nothing here is primary"), "{said}");
    let sd = (1.0f64 + 1.44 - 2.0 * 0.7 * 1.2).sqrt();
    close("SE", pluck(&r, &["studies", "se"])[0].as_f64().unwrap(), sd / 20f64.sqrt(), 1e-12);
    refused(table, &["pool", "f.csv"], 1, &["correlation"]);
    // a change of 0 or a p of 1 tells no SD, and stops no other study
    let p = "study,mean_change,p_change,n\nA,-0.6,0.021,15\nB,0,1.0,12\nC,-0.4,0.2,20\n";
    let (r, _) = pooled(p, &[]);
    assert_eq!(number(&r, "k"), 2.0);
    assert!(pluck(&r, &["studies", "reason"]).to_string().contains("p-value of 1"));
}

#[test]
fn ratios_are_not_carried_beyond_a_risk_of_one() {
    let table = "study,events1,n1,events2,n2\nA,30,50,20,50\nB,40,60,30,60\nC,50,80,35,80\n";
    let (r, said) = pooled(table, &["-m", "RR", "--baseline-risk", "0.1,0.9"]);
    assert!(said.contains("beyond 100%") && said.contains("90.0%"), "{said}");
    assert_eq!(r["absolute"][1]["risk"]["estimate"], Value::Null, "{}", r["absolute"]);
    let (_, said) = pooled(table, &["-m", "OR", "--baseline-risk", "0.9"]);
    assert!(!said.contains("beyond"), "{said}");
}

#[test]
fn a_name_that_says_ratio_is_not_overruled_by_delta_method_limits() {
    // 0.55 must never become 1.73
    let table = "study,hr,lower,upper\nA,0.55,0.35,0.75\nB,0.62,0.42,0.82\nC,0.48,0.30,0.66\n";
    let columns = ["-m", "HR", "-c", "ci_lower=lower,ci_upper=upper"];
    refused(table, &[&["pool", "f.csv"], &columns[..]].concat(), 2, &["`hr`", "--values natural"]);
    let (r, _) = pooled(table, &[&columns[..], &["--values", "natural"]].concat());
    assert!(number(&r, "random.natural.estimate") < 1.0);
    // per cent below 1 under a proportion: upper limits above 1 do not make logits
    let small = "study,prevalence,lower,upper\nA,0.9,0.4,1.9\nB,0.5,0.2,1.2\nC,0.7,0.3,1.5\n";
    let columns = ["-m", "PLO", "-c", "estimate=prevalence,ci_lower=lower,ci_upper=upper"];
    refused(small, &[&["pool", "f.csv"], &columns[..]].concat(), 2, &["prevalence", "per cent"]);
    // sizes of the studies are not known: nothing can be read back
    let natural = "study,p,lower,upper\nA,0.12,0.07,0.20\nB,0.30,0.21,0.41\n";
    let columns = ["-m", "PFT", "-c", "estimate=p,ci_lower=lower,ci_upper=upper"];
    refused(natural, &[&["pool", "f.csv"], &columns[..]].concat(), 2, &["PFT", "--values analysis"]);
}

#[test]
fn options_without_occasion_in_ready_data_are_refused() {
    let limits = "study,hr,lo,hi\nA,0.55,0.28,1.09\nB,0.92,0.79,1.08\n";
    let columns = ["-m", "HR", "-c", "estimate=hr,ci_lower=lo,ci_upper=hi", "--values", "natural"];
    refused(
        limits,
        &[&["pool", "f.csv", "--se-scale", "natural"], &columns[..]].concat(),
        2,
        &["standard errors"],
    );
    refused("study,yi,vi\nA,0.2,0.1\nB,0.3,0.1\n", &["pool", "f.csv", "--se-scale", "natural"], 2, &["GEN"]);
    refused(
        "study,events,n\nA,3,10\nB,4,12\n",
        &["pool", "f.csv", "--denominator", "enrolled"],
        2,
        &["n_enrolled"],
    );
}

#[test]
fn arms_are_known_by_many_names_and_subgroups_are_not_arms() {
    for column in [
        "exposure",
        "treated",
        "arm_label",
        "group_name",
        "dose",
        "intervention_type",
        "studyArm",
        "Treatment Group",
    ] {
        let table = format!("study,{column},events,n\nA,1,5,50\nA,0,9,50\nB,1,3,30\nB,0,8,30\n");
        let said = refused(&table, &["pool", "f.csv"], 1, &["--arm"]);
        assert!(said.contains("--reference '0'"), "{column}: {said}");
    }
    for column in ["subgroup", "age_group", "outcome", "sex", "time", "timepoint"] {
        let table = format!("study,{column},events,n\nA,x,5,50\nA,y,9,50\nB,x,3,30\nB,y,8,30\n");
        let (_, said) = pooled(&table, &[]);
        assert!(said.contains("--cluster study"), "{column}: {said}");
    }
}

#[test]
fn columns_that_differ_between_arms_belong_to_no_comparison() {
    let table = ARMS.replace("A,placebo,9,50,x", "A,placebo,9,50,y");
    let (r, said) = pooled(&table, &["--arm", "treatment", "--reference", "placebo", "--subgroup", "region"]);
    assert_eq!(pluck(&r, &["subgroups", "k"]).to_string(), "[1,1]");
    assert!(
        said.contains("`region` differs between the arms of A") && said.contains("no value of `region`"),
        "{said}"
    );
}

#[test]
fn grand_totals_below_subtotals_are_asked_about() {
    let table = "study,events1,n1,events2,n2\nA,3,10,4,11\nB,4,12,5,13\nS,7,22,9,24\nC,1,9,2,10\nD,2,8,3,9\nT,3,17,5,19\nU,10,39,14,43\n";
    refused(table, &["pool", "f.csv"], 1, &["`U`", "no subtotals", "line 8"]);
    let (r, said) = pooled(table, &["--keep-total"]);
    assert_eq!(number(&r, "k"), 7.0);
    assert!(said.contains("`S` (line 4)") && said.contains("`T` (line 7)"), "{said}");
}

#[test]
fn the_panel_of_methods_has_the_habits_of_the_result() {
    let (r, _) = pooled(ZEROS, &["-m", "RR", "--double-zero", "keep"]);
    let panel = r["agreement"].as_array().unwrap();
    let same =
        panel.iter().find(|a| a["method"].as_str().unwrap().starts_with("inverse variance, +0.5")).unwrap();
    close("panel", same["estimate"].as_f64().unwrap(), number(&r, "random.natural.estimate"), 1e-9);
    // the Cochran-Mantel-Haenszel test is of the counts, whatever is summed; metafor 3.8 rma.mh(...)$MH
    let plain = pooled(ZEROS, &["-m", "RD", "--model", "mantel-haenszel"]).0;
    let meta = pooled(ZEROS, &["-m", "RD", "--model", "mantel-haenszel", "--profile", "meta"]).0;
    assert_eq!(plain["tests"], meta["tests"]);
}

#[test]
fn notes_on_rows_survive_every_model() {
    let table = "study,events1,n1,events2,n2\nA,3,10,4,11\nB,4,12,5,13\nA,2,9,1,10\nSubtotal,9,31,10,34\n";
    for more in [
        &["-m", "PETO"][..],
        &["-m", "OR"],
        &["-m", "OR", "--model", "glmm"],
        &["-m", "RR", "--model", "mantel-haenszel"],
    ] {
        let (r, said) = pooled(table, more);
        let codes = pluck(&r, &["notes", "code"]).to_string();
        assert!(
            codes.contains("totals-set-aside") && codes.contains("duplicate-labels"),
            "{more:?}: {codes}"
        );
        assert!(said.contains("`Subtotal` (line 5)"), "{more:?}");
    }
}

#[test]
fn arms_are_told_by_their_levels_and_not_by_signs_in_their_names() {
    // a combination treatment is no combined arm
    let table = "study,trt,events,n\nS1,M,5,50\nS1,S,6,50\nS1,M + S,9,51\nS2,M,4,40\nS2,M + S,8,42\n";
    let (code, _, said) =
        on(table, &["pool", "f.csv", "--arm", "trt", "--reference", "M", "--combine", "M,S"]);
    assert_eq!(code, 0, "{said}");
    let (r, _) = pooled(table, &["-m", "RR", "--arm", "trt", "--reference", "M", "--combine", "M,S"]);
    close(
        "S1",
        pluck(&r, &["studies", "estimate"])[0].as_f64().unwrap(),
        (9.0f64 / 51.0).ln() - (11.0f64 / 100.0).ln(),
        1e-12,
    );
    // an arm at two times is not added up because it was combined with another
    let times = "study,trt,events,n\nS1,A,5,50\nS1,A,7,50\nS1,B,6,50\nS1,P,9,51\n";
    refused(
        times,
        &["pool", "f.csv", "--arm", "trt", "--reference", "P", "--combine", "A,B"],
        1,
        &["twice", "lines 2 and 3"],
    );
    // divided controls are nobody's, wherever they come up; where none was divided nothing is refused
    let three = "study,arm,events,n\nA,low,5,20\nA,high,6,30\nA,ctl,0,40\nB,low,4,15\nB,ctl,3,16\n";
    let arms = ["-m", "OR", "--arm", "arm", "--reference", "ctl", "--shared-control", "split"];
    let (r, _) = pooled(three, &arms);
    assert!(
        !r["agreement"].to_string().contains("GLMM") && !r["agreement"].to_string().contains("exact"),
        "{}",
        r["agreement"]
    );
    let two = "study,arm,events,n\nA,low,5,20\nA,ctl,4,40\nB,low,4,15\nB,ctl,3,16\n";
    assert_eq!(on(two, &[&["pool", "f.csv", "--model", "glmm"], &arms[..]].concat()).0, 0);
}

#[test]
fn many_doubles_and_sums_make_one_note_each() {
    let rows: String = (0..60).map(|i| format!("S{i},{},{},{},{}\n", i % 3, 10 + i % 2, i % 2, 10)).collect();
    let (r, said) = pooled(&format!("study,events1,n1,events2,n2\n{rows}"), &["-m", "RD"]);
    let codes = pluck(&r, &["notes", "code"]);
    let count = |code: &str| codes.as_array().unwrap().iter().filter(|c| *c == code).count();
    assert_eq!(count("double-row"), 1, "{codes}");
    assert!(count("sum-of-rows") <= 1 && said.contains("more"), "{said}");
}

#[test]
fn treatments_called_combined_are_no_totals() {
    let (r, _) = pooled("therapy,events,n\nDrug,3,10\nSurgery,4,12\nCombined,5,14\n", &[]);
    assert_eq!(number(&r, "k"), 3.0);
    let (r, _) = pooled("trial name,events,n\nA,3,10\nB,4,12\nTotal,7,22\n", &[]);
    assert_eq!(number(&r, "k"), 2.0);
}

#[test]
fn imputed_changes_are_seen_by_every_command() {
    let table = "study,n,mean_pre,sd_pre,mean_post,sd_post,g\nA,20,5,1,4,1.2,x\nB,25,5.5,1.1,4.9,1.3,x\nC,30,5,1,4.6,1.1,y\nD,28,5,1.2,4.5,1.1,y\n";
    for args in [
        &["pool", "f.csv", "--correlation", "0.5", "--subgroup", "g"][..],
        &["regress", "f.csv", "--correlation", "0.5", "--mods", "g"],
        &["bayes", "f.csv", "--correlation", "0.5", "--tau-prior", "half-normal(0.5)"],
        &["sensitivity", "f.csv", "--correlation", "0.5"],
    ] {
        let (code, _, said) = on(table, args);
        assert_eq!(code, 0, "{args:?}: {said}");
        assert!(said.contains("nothing here is primary"), "{args:?}: {said}");
    }
    let arms = "study,arm,n,mean_pre,sd_pre,mean_post,sd_post\nA,t,20,5,1,4,1.2\nA,c,20,5,1,4.8,1.2\n";
    refused(
        arms,
        &["pool", "f.csv", "--arm", "arm", "--reference", "c", "--correlation", "0.5"],
        2,
        &["--correlation"],
    );
}

#[test]
fn clusters_go_with_what_can_allow_for_them() {
    let table = "study,n,mean_change,sd_change,mean_pre,sd_pre,mean_post,sd_post\nA,20,-1,1,5,1,4,1\nA,25,-0.6,1,5,1,4.4,1\nB,30,-0.4,1,5,1,4.6,1\nC,22,-0.7,1.1,5,1,4.3,1\n";
    refused(table, &["pool", "f.csv", "--cluster", "study", "--impute", "grid"], 2, &["--impute"]);
    // many clusters are no trouble: a pair in each
    let rows: String = (0..4000)
        .map(|i| format!("S{},{},{}\n", i / 2, f64::from(i % 7) / 10.0, 0.02 + f64::from(i % 5) / 100.0))
        .collect();
    let (r, _) = pooled(&format!("study,yi,vi\n{rows}"), &["--cluster", "study"]);
    assert!(number(&r, "random.df") > 1000.0);
}

#[test]
fn a_variance_below_zero_is_none() {
    let (r, _) = pooled("study,alpha,items,n\nA,.8,10,100\nB,.9,12,1\nC,.7,9,80\n", &["-m", "ARAW"]);
    assert_eq!(r["studies"][1]["variance"], Value::Null);
    assert_eq!(r["studies"][1]["status"], "not-estimable");
    assert_eq!(number(&r, "k"), 2.0);
}
