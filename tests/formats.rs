//! How numbers are shown to people, and what files hold.

mod support;

use metapool::effect::{EffectTable, Measure};
use metapool::result::format::{decimals_for, exact, fixed, grouped, p_value, risk, significant};
use metapool::result::look::Look;
use serde_json::Value;
use std::path::{Path, PathBuf};
use support::pictures::{check, texts};
use support::{close, json, metapool, number, run, stderr, stdout};

const RATES: &str = "study,events,time\nA,12,1500000\nB,30,2400000\nC,5,900000\nE,44,5200000\n";
const COSTS: &str =
    "study,yi,sei\ns0,120000,3500\ns1,250000,8000\ns2,180000,9000\ns3,90000,2000\ns4,410000,30000\n";
const SHARES: &str = "study,events,n\nA,2,1000\nB,5,2500\nC,1,900\nD,12,5000\n";
const TINY_SHARES: &str = "study,events,n\nA,2,100000\nB,5,250000\nC,1,90000\nD,12,500000\n";

/// A file of its own for each name.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[track_caller]
fn table(args: &[&str]) -> String {
    let output = run(&[args, &["-q"]].concat());
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    stdout(&output)
}

/// The table that a command writes as CSV: rows by the names of the columns.
#[track_caller]
fn rows(args: &[&str]) -> Vec<std::collections::HashMap<String, String>> {
    let text = table(&[args, &["--format", "csv"]].concat());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|r| headings.iter().map(String::from).zip(r.unwrap().iter().map(String::from)).collect())
        .collect()
}

/// The cell of the first row of that kind and label, as a number.
#[track_caller]
fn cell(rows: &[std::collections::HashMap<String, String>], kind: &str, label: &str, column: &str) -> f64 {
    let row = rows.iter().find(|r| r["kind"] == kind && (label.is_empty() || r["label"] == label));
    let row = row.unwrap_or_else(|| panic!("no row {kind} {label}"));
    row[column].parse().unwrap_or_else(|_| panic!("{kind} {label} {column}: `{}`", row[column]))
}

/// The same number as JSON has: its reader may miss the last bit.
#[track_caller]
fn same(got: f64, want: f64) {
    close("the same number", got, want, 4e-16);
}

#[test]
fn numbers_are_written_as_people_write_them() {
    assert_eq!(grouped("207774"), "207\u{202F}774");
    assert_eq!(grouped("-1234567.25"), "-1\u{202F}234\u{202F}567.25");
    assert_eq!(
        (grouped("9999"), grouped("1.20e15"), grouped("–")),
        ("9999".into(), "1.20e15".into(), "–".into())
    );
    assert_eq!(
        (fixed(-0.0, 2), fixed(-0.001, 2), fixed(f64::NAN, 2)),
        ("0.00".into(), "0.00".into(), "–".into())
    );
    assert_eq!((significant(-0.0, 3), significant(f64::INFINITY, 3)), ("0".into(), "∞".into()));
    assert_eq!(
        (exact(-0.0), exact(f64::NAN), exact(0.1 + 0.2)),
        ("0".into(), String::new(), "0.30000000000000004".into())
    );
    assert_eq!(p_value(f64::NAN), "p = –");
    assert_eq!(
        (risk(0.354), risk(0.0002), risk(0.000_013)),
        ("35.4%".into(), "0.020%".into(), "0.0013%".into())
    );
    // ten to a hundred steps of the last digit, without a jump between decades
    for width in [0.09, 0.011, 0.0099, 0.0011, 9e-5, 2e-7] {
        let steps = width * 10f64.powi(decimals_for(width) as i32);
        assert!((9.9..=100.0).contains(&steps), "{width}: {steps}");
    }
}

/// The look of ready effects.
fn look(measure: Measure, y: &[f64], se: f64) -> Look {
    let labels: Vec<String> = (0..y.len()).map(|i| i.to_string()).collect();
    let v = vec![se * se; y.len()];
    Look::of(&EffectTable::from_effects(measure, &labels, y, &v).unwrap(), None)
}

#[test]
fn decimals_follow_the_intervals() {
    let shown = |measure, y: &[f64], se: f64, x: f64| look(measure, y, se).number(x);
    let md = Measure::MeanDifference;
    assert_eq!(shown(md, &[1.0, 2.0], 0.5, 1.234), "1.23");
    assert_eq!(shown(md, &[0.001, 0.002], 0.0005, 0.001_234), "0.0012");
    assert_eq!(shown(md, &[120_000.0], 3500.0, 207_774.4), "207\u{202F}774");
    assert_eq!(shown(md, &[1e-9, 2e-9], 3e-10, 1.2345e-9), "1.23e-9");
    assert_eq!(shown(md, &[1e12, 2e12], 3e11, 1.2345e12), "1.23e12");
    // far from 0 and precise: no digit that tells studies apart is lost
    assert_eq!(shown(md, &[5.000_000_1, 5.000_000_3], 1e-9, 5.000_000_123), "5.0000001230");
    assert_eq!(shown(md, &[1e12, 1e12 + 4.0], 1.0, 1e12 + 3.0), grouped("1000000000003.00"));
    let or = Measure::OddsRatio;
    assert_eq!(shown(or, &[0.1, 0.2], 0.2, 1.234), "1.23");
    assert_eq!(shown(or, &[-6.0, -7.0], 0.2, 0.001_234), "0.0012");
    assert_eq!(shown(or, &[0.1], 0.2, 12_345.0), "12\u{202F}345");
    assert_eq!(shown(or, &[0.1], 0.2, 4.5e9), "4.5e9");
    // per unit of a fine scale: 1.00 (1.00 to 1.00) would say nothing
    assert_eq!(shown(or, &[3e-4, 2e-4], 1e-4, 1.000_321), "1.00032");
    // estimates are never zeros throughout, however wide their intervals
    assert_eq!(shown(md, &[0.002, -0.001], 1.0, 0.002), "0.0020");
    // what a sum of fractions leaves of zero is none
    assert_eq!(shown(md, &[1e-17, -1e-17], 1.0, 1e-17), "0.00");
}

#[test]
fn rare_rates_costs_and_small_shares_have_digits() {
    let folder = tempfile::tempdir().unwrap();
    let rates = file(folder.path(), "rates.csv", RATES);
    let text = table(&["pool", &rates]);
    assert!(text.contains("0.0000080") && !text.contains("0.00 to 0.00"), "{text}");
    let costs = table(&["pool", &file(folder.path(), "costs.csv", COSTS)]);
    assert!(costs.contains("207\u{202F}774") && !costs.contains("e5"), "{costs}");
    let shares = table(&["pool", &file(folder.path(), "shares.csv", SHARES)]);
    assert!(shares.contains("0.21  0.12 to 0.32"), "{shares}");
    let tiny = table(&["pool", &file(folder.path(), "tiny.csv", TINY_SHARES)]);
    assert!(tiny.contains("0.0021  0.0012 to 0.0032"), "{tiny}");
    // the user's word stands, also where it says little
    let asked = table(&["pool", &rates, "--digits", "3"]);
    assert!(asked.contains("0.000 to 0.000"), "{asked}");
    let asked = table(&["pool", "@msc_response", "--digits", "3", "--no-agreement"]);
    let decimals = asked.lines().find(|l| l.starts_with("GLMM")).unwrap().split_whitespace().nth(2).unwrap();
    assert_eq!(decimals.split_once('.').unwrap().1.len(), 3, "{asked}");
}

#[test]
fn rates_and_proportions_per_so_many() {
    let folder = tempfile::tempdir().unwrap();
    let rates = file(folder.path(), "rates.csv", RATES);
    let shares = file(folder.path(), "shares.csv", SHARES);
    let per = ["--per", "100000"];
    for (args, says) in [
        (vec!["effects", &rates], "0.80  0.41 to 1.40"),
        (vec!["pool", &rates], "0.80  0.41 to 1.40"),
        (vec!["pool", &rates, "--format", "markdown"], "| 0.80 | 0.41 to 1.40 |"),
        (vec!["sensitivity", &rates], "Rate per 100\u{202F}000"),
        (vec!["bayes", &rates, "--tau-prior", "half-normal(0.5)"], "Rate per 100\u{202F}000"),
    ] {
        let text = table(&[&args[..], &per].concat());
        assert!(text.contains("Rate per 100\u{202F}000") && text.contains(says), "{args:?}: {text}");
    }
    let text = table(&["pool", &shares, "--per", "1000"]);
    assert!(text.contains("Per 1000") && text.contains("2.00  0.24 to 7.21"), "{text}");
    assert!(!text.contains('%') || !text.contains("0.20"), "{text}");
    let text = table(&["pool", "@bcg", "--measure", "RD", "--per", "1000"]);
    assert!(text.contains("Risk difference per 1000"), "{text}");
    // no number in JSON or CSV is multiplied
    let (plain, asked) = (json(&["pool", &rates]), json(&["pool", &rates, "--per", "100000"]));
    assert_eq!(number(&asked, "settings.per"), 1e5);
    assert_eq!(plain["settings"]["per"], Value::Null);
    for part in ["studies", "random", "common", "heterogeneity"] {
        assert_eq!(plain[part], asked[part], "{part}");
    }
    assert_eq!(
        table(&["pool", &rates, "--format", "csv"]),
        table(&["pool", &rates, "--format", "csv", "--per", "1000"])
    );
    // refused where nothing is counted
    for (args, code) in [
        (vec!["pool", "@bcg", "--per", "1000"], 2),
        (vec!["pool", "@normand1999", "--measure", "MD", "--per", "1000"], 2),
        (vec!["pool", &rates, "--per", "0"], 2),
        (vec!["pool", &rates, "--per", "-5"], 2),
        (vec!["pool", &rates, "--per", "inf"], 2),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert!(stderr(&output).contains("--per"), "{}", stderr(&output));
    }
    // rates that read badly are remarked
    assert!(stderr(&run(&["pool", &rates])).contains("--per 100000"));
    assert!(!stderr(&run(&["pool", &rates, "--per", "1000"])).contains("--per"));
}

#[test]
fn pictures_have_the_digits_and_the_unit_too() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, args, says, unit) in [
        ("rates", RATES, &[][..], "0.0000080", "Rate"),
        ("rates", RATES, &["--per", "100000"], "0.80", "Rate per 100\u{2009}000"),
        ("costs", COSTS, &[], "207\u{2009}774", "Effect"),
        ("shares", SHARES, &[], "0.21", "Per cent of patients"),
        ("shares", SHARES, &["--per", "1000"], "2.13", "Per 1000 patients"),
        ("tiny", TINY_SHARES, &[], "0.0021", "Per cent of patients"),
        ("units", "study,yi,sei\nA,1.2e-9,3e-10\nB,2.5e-9,8e-10\n", &[], "1.20×10⁻⁹", "Effect"),
    ] {
        let data = file(folder.path(), &format!("{name}.csv"), text);
        for kind in ["forest", "leave-one-out", "funnel", "radial", "drapery"] {
            let svg = folder.path().join(format!("{kind}.svg"));
            let force: &[&str] = if kind == "funnel" { &["--force"] } else { &[] };
            let output = metapool()
                .args(["plot", kind, &data, "-q", "-o"])
                .arg(&svg)
                .args(args)
                .args(force)
                .output()
                .unwrap();
            assert!(output.status.success(), "{name} {kind}: {}", stderr(&output));
            let drawn = std::fs::read_to_string(&svg).unwrap();
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{name} {kind}");
            if kind == "forest" {
                assert!(drawn.contains(says) && drawn.contains(unit), "{name} {args:?}: {says}, {unit}");
            }
        }
    }
}

#[test]
fn forests_of_any_unit_touch_nowhere() {
    use metapool::plot::{Plot, PlotOptions};
    use metapool::prelude::*;
    let labels: Vec<String> = ["A", "B", "C", "D"].map(String::from).to_vec();
    for scale in [1e-300, 1e-9, 1e-5, 1.0, 1e5, 1e9, 1e12, 1e300] {
        for measure in [Measure::MeanDifference, Measure::Generic] {
            let y = [1.2, 2.5, -0.7, 1.8].map(|x| x * scale);
            let v = [0.3, 0.8, 0.5, 0.9].map(|s: f64| (s * scale).powi(2));
            if v.iter().any(|v| *v == 0.0 || !v.is_finite()) {
                continue;
            }
            let table = EffectTable::from_effects(measure, &labels, &y, &v).unwrap();
            let result = metapool::model::InverseVariance::default().pool(table).unwrap();
            let page = &Plot::Forest.draw(&result, &PlotOptions::default()).unwrap().pages[0];
            check(&format!("{measure:?} {scale}"), page, 6.0);
            let zero = |t: &str| t.chars().all(|c| matches!(c, '0' | '.')) && t.contains('.');
            let zeros = texts(page).iter().filter(|t| zero(&t.0)).count();
            assert!(zeros <= 1, "{measure:?} {scale}: {:?}", texts(page));
        }
    }
}

#[test]
fn the_csv_of_a_pool_is_the_whole_answer() {
    let args = ["pool", "@bcg", "--subgroup", "allocation", "--baseline-risk", "0.1", "--agreement"];
    let (csv, value) = (rows(&args), json(&args));
    assert_eq!(csv.iter().filter(|r| r["kind"] == "study").count(), 13);
    for kind in [
        "random",
        "common",
        "prediction",
        "subgroup",
        "heterogeneity",
        "test",
        "fit",
        "absolute",
        "agreement",
        "setting",
    ] {
        assert!(csv.iter().any(|r| r["kind"] == kind), "{kind}");
    }
    // the same digits under the same names as JSON
    for model in ["random", "common"] {
        for column in ["estimate", "se", "statistic", "p_value", "ci_lower", "ci_upper"] {
            same(cell(&csv, model, "", column), number(&value, &format!("{model}.{column}")));
        }
        for column in ["estimate", "ci_lower", "ci_upper"] {
            let natural = number(&value, &format!("{model}.natural.{column}"));
            same(cell(&csv, model, "", &format!("natural_{column}")), natural);
        }
    }
    same(cell(&csv, "prediction", "random", "ci_lower"), number(&value, "random.prediction_lower"));
    same(cell(&csv, "heterogeneity", "tau2", "ci_upper"), number(&value, "heterogeneity.tau2_ci_upper"));
    same(cell(&csv, "heterogeneity", "q", "p_value"), number(&value, "heterogeneity.q_p_value"));
    let groups: Vec<_> = csv.iter().filter(|r| r["kind"] == "subgroup" && r["model"] == "random").collect();
    assert_eq!(groups.len(), 3);
    for (row, group) in groups.iter().zip(value["subgroups"].as_array().unwrap()) {
        assert_eq!(row["group"], group["level"].as_str().unwrap());
        same(row["estimate"].parse::<f64>().unwrap(), number(group, "random.estimate"));
    }
    let test = csv.iter().find(|r| r["label"] == "subgroup_differences" && r["model"] == "random").unwrap();
    same(test["p_value"].parse::<f64>().unwrap(), number(&value, "subgroup_test.random.p_value"));
    assert!(csv.iter().filter(|r| r["kind"] == "study").all(|r| !r["group"].is_empty()));
    // every limit has a column of its own
    for r in &csv {
        for (name, text) in r.iter().filter(|(n, _)| n.contains("estimate") || n.contains("ci_")) {
            assert!(text.is_empty() || text.parse::<f64>().is_ok(), "{name}: {text}");
        }
    }
    // missing is empty, with a reason
    let csv = rows(&["pool", "@hart1999", "--measure", "RR"]);
    for r in csv.iter().filter(|r| r["kind"] == "study" && r["estimate"].is_empty()) {
        assert!(!r["reason"].is_empty(), "{r:?}");
    }
}

#[test]
fn the_csv_of_a_regression_holds_its_coefficients() {
    let args = [
        "regress",
        "@bcg",
        "--mods",
        "latitude + year",
        "--at",
        "latitude=10,40",
        "--contrast",
        "latitude - year",
    ];
    let (csv, value) = (rows(&args), json(&args));
    for (i, term) in ["intercept", "latitude", "year"].iter().enumerate() {
        for column in ["estimate", "se", "statistic", "p_value", "ci_lower", "ci_upper"] {
            same(cell(&csv, "coefficient", term, column), value["coefficients"][i][column].as_f64().unwrap());
        }
    }
    let at: Vec<_> = csv.iter().filter(|r| r["kind"] == "predicted").collect();
    let prediction: Vec<_> = csv.iter().filter(|r| r["kind"] == "prediction").collect();
    assert_eq!((at.len(), prediction.len()), (2, 2));
    for (i, p) in value["predicted"].as_array().unwrap().iter().enumerate() {
        assert_eq!(at[i]["label"], p["at"].as_str().unwrap());
        same(at[i]["natural_estimate"].parse::<f64>().unwrap(), number(p, "natural.estimate"));
        same(prediction[i]["ci_lower"].parse::<f64>().unwrap(), number(p, "prediction_lower"));
    }
    same(cell(&csv, "test", "moderators", "p_value"), number(&value, "moderators.p_value"));
    same(cell(&csv, "heterogeneity", "r2", "estimate"), number(&value, "heterogeneity.r2"));
    same(cell(&csv, "contrast", "", "se"), value["contrasts"][0]["se"].as_f64().unwrap());
    assert_eq!(csv.iter().filter(|r| r["kind"] == "study").count(), 13);
    let fitted = cell(&csv, "study", "Aronson 1948", "fitted");
    same(fitted, value["studies"][0]["fitted"].as_f64().unwrap());
}

#[test]
fn the_csv_of_bayes_is_data() {
    let (csv, value) = (rows(&["bayes", "@bcg"]), json(&["bayes", "@bcg"]));
    for kind in ["mu", "tau", "predictive"] {
        for column in ["median", "ci_lower", "ci_upper"] {
            same(cell(&csv, kind, "", column), number(&value, &format!("{kind}.{column}")));
        }
    }
    close("natural", cell(&csv, "mu", "", "natural_median"), number(&value, "mu.median").exp(), 1e-14);
    let shrunk = value["studies"][0]["shrinkage_ci_upper"].as_f64().unwrap();
    same(cell(&csv, "study", "Aronson 1948", "shrinkage_ci_upper"), shrunk);
    assert!(
        csv.iter().all(|r| r.values().all(|v| !v.contains(" to ") || v.contains(' ') && r["kind"] == "note"))
    );
}

#[test]
fn several_analyses_and_tests_share_a_file() {
    let csv = rows(&["sensitivity", "@bcg"]);
    for kind in ["all-studies", "leave-one-out", "influence", "outliers"] {
        assert!(csv.iter().any(|r| r["kind"] == kind), "{kind}");
    }
    let value = json(&["sensitivity", "@bcg"]);
    let first = csv.iter().find(|r| r["kind"] == "leave-one-out").unwrap();
    same(first["ci_upper"].parse::<f64>().unwrap(), value["leave_one_out"][0]["ci_upper"].as_f64().unwrap());
    let all = csv.iter().find(|r| r["kind"] == "all-studies").unwrap();
    same(all["estimate"].parse::<f64>().unwrap(), number(&value, "random.estimate"));
    let csv = rows(&["sensitivity", "@bcg", "-a", "gosh,stability", "--subsets", "200"]);
    for kind in ["gosh", "gosh-summary", "stability", "stability-choice", "stability-summary"] {
        assert!(csv.iter().any(|r| r["kind"] == kind), "{kind}");
    }
    let csv = rows(&["bias", "@hackshaw1998"]);
    let value = json(&["bias", "@hackshaw1998"]);
    let tests = csv.iter().filter(|r| r["kind"] == "test").count();
    assert_eq!(tests, value["results"].as_array().unwrap().len());
    let selection = rows(&["bias", "@hackshaw1998", "--test", "selection", "--steps", "0.025,0.5"]);
    let steps: Vec<_> = selection.iter().filter(|r| r["kind"] == "step").collect();
    assert_eq!(steps.len(), 3);
    assert!(steps.iter().all(|r| r["delta"].parse::<f64>().is_ok() && r["step"].parse::<f64>().is_ok()));
    let refused = rows(&["bias", "@hackshaw1998", "--measure", "GEN"]);
    assert!(refused.iter().filter(|r| r["kind"] == "refused").all(|r| !r["reason"].is_empty()));
}

#[test]
fn effects_are_read_again_and_answers_are_not_pooled() {
    let folder = tempfile::tempdir().unwrap();
    for (name, measure) in [("@bcg", "RR"), ("@bcg", "RD"), ("@normand1999", "SMD"), ("@molloy2014", "ZCOR")]
    {
        let path = folder.path().join("effects.csv");
        let path = path.to_str().unwrap();
        assert!(run(&["effects", name, "--measure", measure, "-q", "-o", path]).status.success());
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("study,estimate,variance,se,ci_lower,ci_upper,natural_estimate"));
        let first = json(&["pool", name, "--measure", measure]);
        let again = json(&["pool", path, "--measure", measure, "--values", "analysis"]);
        for part in ["random.estimate", "random.se", "heterogeneity.tau2"] {
            close(part, number(&again, part), number(&first, part), 1e-9);
        }
        close(
            "natural",
            number(&again, "random.natural.estimate"),
            number(&first, "random.natural.estimate"),
            1e-9,
        );
    }
    let path = folder.path().join("answer.csv");
    let path = path.to_str().unwrap();
    assert!(run(&["pool", "@bcg", "-q", "-o", path]).status.success());
    let output = run(&["pool", path, "-q"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("kind = 'study'"), "{}", stderr(&output));
    let kept = ["pool", path, "--where", "kind = 'study'", "--study", "label"];
    let again = json(&[&kept[..], &["--measure", "RR", "--values", "analysis"]].concat());
    close(
        "kept",
        number(&again, "random.estimate"),
        number(&json(&["pool", "@bcg"]), "random.estimate"),
        1e-9,
    );
}

/// Every number of a value.
fn numbers(value: &Value, f: &mut impl FnMut(f64)) {
    match value {
        Value::Array(items) => items.iter().for_each(|v| numbers(v, f)),
        Value::Object(map) => map.values().for_each(|v| numbers(v, f)),
        Value::Number(n) => f(n.as_f64().unwrap()),
        _ => {}
    }
}

/// Words that no output may hold, and zeros with a sign.
#[track_caller]
fn decent(what: &str, text: &str) {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '.' || c == '−'));
    for word in words {
        let plain = word.trim_start_matches(['-', '−']).to_lowercase();
        assert!(!matches!(plain.as_str(), "nan" | "inf" | "infinity"), "{what}: `{word}` in {text}");
        let zero = !plain.is_empty() && plain.chars().all(|c| c == '0' || c == '.') && plain.contains('0');
        assert!(!(zero && word.starts_with(['-', '−'])), "{what}: `{word}` in {text}");
    }
}

#[test]
fn hostile_numbers_never_print_nan_or_signed_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let ready = |rows: &[(f64, f64)]| {
        let mut text = String::from("study,yi,sei,x\n");
        rows.iter()
            .enumerate()
            .for_each(|(i, (y, s))| text += &format!("s{i},{y:e},{s:e},{}\n", (i * 7) % 5));
        text
    };
    let files = [
        ("tiny", ready(&[(1e-300, 1e-301), (2e-300, 1.5e-301), (1.4e-300, 1e-301)]), &["GEN"][..]),
        ("huge", ready(&[(1e300, 1e299), (2e300, 1.5e299), (1.4e300, 1e299)]), &["GEN"]),
        ("large", ready(&[(1e150, 1e149), (2e150, 1.5e149), (1.4e150, 1e149)]), &["GEN", "HR"]),
        ("mixed", ready(&[(1e-9, 1e-3), (1e6, 10.0), (0.0, 1.0), (-5.0, 1e4)]), &["GEN", "HR"]),
        ("equal", ready(&[(0.5, 0.1); 4]), &["GEN", "HR"]),
        ("zeros", ready(&[(-0.0, 0.1), (-1e-17, 0.2), (1e-17, 0.1)]), &["GEN"]),
        ("one", ready(&[(0.3, 0.1)]), &["GEN", "HR"]),
        ("two", ready(&[(0.3, 0.1), (0.31, 0.2)]), &["GEN"]),
        (
            "double",
            "study,events1,n1,events2,n2,x\na,0,10,0,10,1\nb,1,20,2,20,2\nc,0,30,3,30,4\n".into(),
            &["RR", "RD", "PETO"],
        ),
        (
            "events",
            "study,events1,n1,events2,n2,x\na,10,10,10,10,1\nb,20,20,19,20,2\nc,7,7,7,7,3\n".into(),
            &["OR", "AS"],
        ),
        ("none", "study,events,n,x\na,0,10,1\nb,0,20,2\nc,0,30,4\n".into(), &["PLO", "PFT"]),
        ("all", "study,events,n,x\na,10,10,1\nb,20,20,2\n".into(), &["PLO", "PR"]),
        ("rates", "study,events,time,x\na,0,10,1\nb,0,1e9,2\nc,3,1e8,3\n".into(), &["IRLN", "IR", "IRS"]),
        (
            "means",
            "study,mean1,sd1,n1,mean2,sd2,n2,x\na,5,0,10,5,0,10,1\nb,5,1,10,5,1,10,2\nc,6,1,9,6.1,1,9,3\n"
                .into(),
            &["MD", "SMD", "ROM"],
        ),
    ];
    let commands: [&[&str]; 6] = [
        &["effects"],
        &["pool"],
        &["sensitivity", "-a", "leave-one-out,influence,blup,outliers"],
        &["bias", "--force"],
        &["regress", "--mods", "x"],
        &["bayes", "--tau-prior", "half-normal(1)"],
    ];
    let mut answered = 0;
    for (name, text, measures) in &files {
        let path = file(folder.path(), &format!("{name}.csv"), text);
        for measure in *measures {
            let ready: &[&str] = if *measure == "HR" { &["--values", "analysis"] } else { &[] };
            for command in commands {
                // Markdown has the cells of the table
                for format in ["table", "csv", "json"] {
                    let output = metapool()
                        .arg(command[0])
                        .arg(&path)
                        .args(&command[1..])
                        .args(["--measure", measure, "--format", format])
                        .args(ready)
                        .output()
                        .unwrap();
                    let what = format!("{command:?} {name} {measure} {format}");
                    assert!(matches!(output.status.code(), Some(0..=2)), "{what}: {}", stderr(&output));
                    answered += usize::from(output.status.success());
                    decent(&what, &stdout(&output));
                    decent(&what, &stderr(&output));
                    if format == "json" && output.status.success() {
                        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
                        numbers(&value, &mut |x| {
                            assert!(x.is_finite() && !(x == 0.0 && x.is_sign_negative()), "{what}")
                        });
                    }
                }
            }
            let svg = folder.path().join("forest.svg");
            let output = metapool()
                .args(["plot", "forest", &path, "--measure", measure, "-q", "-o"])
                .arg(&svg)
                .args(ready)
                .output()
                .unwrap();
            if output.status.success() {
                let drawn = std::fs::read_to_string(&svg).unwrap();
                let said: String = drawn
                    .split('<')
                    .filter_map(|tag| tag.split_once('>'))
                    .map(|(_, text)| format!("{text} "))
                    .collect();
                decent(&format!("forest {name} {measure}"), &said);
                assert!(!drawn.contains("NaN") && !drawn.contains("inf\""), "forest {name} {measure}");
            }
        }
    }
    assert!(answered > 200, "{answered} answers");
}

#[test]
fn no_column_is_zeros_where_values_are_not() {
    let folder = tempfile::tempdir().unwrap();
    for scale in ["1e-140", "1e-12", "1e-7", "1e-4", "1e-2", "1", "1e4", "1e9", "1e13", "1e150"] {
        let s: f64 = scale.parse().unwrap();
        let mut text = String::from("study,yi,sei,x\n");
        for (i, (y, se)) in [(1.2, 0.3), (2.5, 0.8), (1.1, 0.4), (1.9, 0.9), (0.4, 0.2)].iter().enumerate() {
            text += &format!("s{i},{:e},{:e},{i}\n", y * s, se * s);
        }
        let path = file(folder.path(), "scaled.csv", &text);
        for command in [
            &["effects"][..],
            &["pool"],
            &["sensitivity", "-a", "leave-one-out"],
            &["sensitivity", "-a", "blup"],
            &["regress", "--mods", "x"],
        ] {
            let output = metapool()
                .arg(command[0])
                .arg(&path)
                .args(&command[1..])
                .args(["-q", "--format", "markdown"])
                .output()
                .unwrap();
            assert!(output.status.success(), "{scale} {command:?}: {}", stderr(&output));
            let text = stdout(&output);
            let table: Vec<Vec<&str>> = text
                .lines()
                .skip_while(|l| !l.starts_with('|'))
                .take_while(|l| l.starts_with('|'))
                .map(|l| l.split('|').map(str::trim).collect())
                .collect();
            for column in 2..table[0].len() - 1 {
                let heading = table[0][column];
                if matches!(heading, "τ²" | "I²" | "p" | "Note" | "k") || heading.is_empty() {
                    continue;
                }
                let cells: Vec<&str> = table[2..].iter().map(|r| r[column]).filter(|c| *c != "–").collect();
                let zero =
                    |c: &&str| c.split(" to ").all(|x| x.chars().all(|c| matches!(c, '0' | '.' | '%')));
                assert!(!cells.iter().all(zero), "{scale} {command:?}, {heading}: {cells:?}");
            }
        }
    }
}
