//! Reviews say where numbers come from, what the trials were, and what missing standard deviations would decide.

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use support::{close, json, metapool, run, stderr, stdout};

/// Makes a review from a manifest in its own folder; gives the report.
fn review(folder: &Path, manifest: &str) -> String {
    let path = folder.join("review.toml");
    fs::write(&path, manifest).unwrap();
    let out = folder.join("out");
    let output = metapool().arg("report").arg(&path).args(["-q", "-o"]).arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    fs::read_to_string(out.join("report.md")).unwrap()
}

fn result(folder: &Path, id: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("out").join(id).join("result.json")).unwrap())
        .unwrap()
}

const RESPONSE: &str = "study,improved,n,country,doi,source_level,source\n\
    A,4,7,Chile,10.1000/a(1),abstract,Journal A\n\
    B,7,12,,,,\"Journal B, PubMed 123\"\n\
    C,3,9,Peru,,full text,Journal C\n";

const PLAIN: &str = "title = \"R\"\n[[analysis]]\nid = \"a\"\ntitle = \"Response\"\ndata = \"r.csv\"\nplots = []\n\
    columns = { events = \"improved\" }\noutcome = \"Improved\"\n";

#[test]
fn origins_travel_with_the_studies() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), RESPONSE).unwrap();
    let report = review(folder.path(), PLAIN);
    let value = result(folder.path(), "a");
    let of = |i: usize, key: &str| value["studies"][i][key].clone();
    assert_eq!(of(0, "source"), "Journal A");
    assert_eq!(of(0, "link"), "https://doi.org/10.1000/a(1)");
    assert_eq!(of(0, "checked"), "abstract");
    // a number within the source is as good as a column of links; what is not known is null
    assert_eq!(of(1, "link"), "https://pubmed.ncbi.nlm.nih.gov/123/");
    assert!(of(1, "checked").is_null() && of(2, "link").is_null());
    let csv = fs::read_to_string(folder.path().join("out/a/studies.csv")).unwrap();
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().ends_with(",source,link,checked"), "{csv}");
    assert!(lines.next().unwrap().ends_with(",Journal A,https://doi.org/10.1000/a(1),abstract"), "{csv}");
    assert!(report.contains("## Sources"), "{report}");
    // brackets would end the address
    assert!(
        report.contains(
            "| A | Journal A | [doi 10.1000/a(1)](https://doi.org/10.1000/a%281%29) | abstract | a |"
        ),
        "{report}"
    );
    assert!(report.contains("| C | Journal C | – | full text | a |"), "{report}");
    // the counts stand beside the percentages
    assert!(
        report.contains("| Study | Improved | % |") && report.contains("| A | 4 of 7 | 57.1 |"),
        "{report}"
    );
}

#[test]
fn a_study_with_one_source_in_two_analyses_is_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), RESPONSE).unwrap();
    let second = PLAIN.replace("title = \"R\"\n", "").replace("\"a\"", "\"b\"");
    let report = review(folder.path(), &format!("{PLAIN}{second}"));
    assert_eq!(report.matches("| Journal C |").count(), 1, "{report}");
    assert!(report.contains("| Journal C | – | full text | a, b |"), "{report}");
}

#[test]
fn data_without_origins_have_no_such_fields() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), "study,improved,n\nA,4,7\nB,7,12\n").unwrap();
    let report = review(folder.path(), PLAIN);
    assert!(!report.contains("## Sources"), "{report}");
    assert!(result(folder.path(), "a")["studies"][0].get("source").is_none());
    let csv = fs::read_to_string(folder.path().join("out/a/studies.csv")).unwrap();
    assert!(!csv.lines().next().unwrap().contains("source"), "{csv}");
}

#[test]
fn characteristics_come_from_the_first_table_that_knows_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), RESPONSE).unwrap();
    fs::write(
        folder.path().join("safety.csv"),
        "study,trial,country,months\nB (safety),B,Cuba,6\nA,,Spain,12\nD,,Fiji,\n",
    )
    .unwrap();
    let wanted = |columns: &str| {
        format!(
            "title = \"R\"\n[characteristics]\ndata = [\"r.csv\", \"safety.csv\"]\ntrial = \"trial\"\ntext = \"Said below.\"\ncolumns = [{columns}]\n{}",
            PLAIN.replace("title = \"R\"\n", "")
        )
    };
    let report = review(
        folder.path(),
        &wanted("{ column = \"country\", heading = \"Land\" }, { column = \"months\" }"),
    );
    let table = "| Study | Land | months |\n| :-- | :-- | :-- |\n| A | Chile | 12 |\n| B | Cuba | 6 |\n| C | Peru | – |\n| D | Fiji | – |\n\nSaid below.";
    assert!(report.contains(table), "{report}");

    let path = folder.path().join("review.toml");
    fs::write(&path, wanted("{ column = \"contry\" }")).unwrap();
    let output =
        metapool().arg("report").arg(&path).arg("-o").arg(folder.path().join("no")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("did you mean `country`"), "{}", stderr(&output));
    assert!(!folder.path().join("no").exists());
}

#[test]
fn a_list_pools_nothing_and_shows_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("r.csv"),
        "study,improved,n,why\nA,4,7,a part\nA,7,12,other patients\nB,0,5,\n",
    )
    .unwrap();
    let list =
        format!("{PLAIN}pool = false\nshow = [{{ column = \"why\", heading = \"Why it is not pooled\" }}]\n")
            .replace("plots = []\n", "");
    let report = review(folder.path(), &list);
    assert!(report.contains("| [Response](#response) | 0 of 3 | – | – | – |"), "{report}");
    assert!(report.contains("3 rows, each shown with its own interval; none is pooled."), "{report}");
    assert!(report.contains("| A | 7 of 12 | 58.3 | 27.7 to 84.8 |"), "{report}");
    assert!(report.contains("| A | other patients |") && report.contains("| B | – |"), "{report}");
    // neither a model nor a correction has a part in exact intervals
    assert!(
        !report.contains("GLMM") && !report.contains("correct") && !report.contains("**Note.**"),
        "{report}"
    );
    let value = result(folder.path(), "a");
    assert!(value["random"].is_null() && value["common"].is_null() && value["k"] == 0);
    assert!(folder.path().join("out/a/forest.svg").exists());
}

#[test]
fn what_a_list_cannot_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), RESPONSE).unwrap();
    let path = folder.path().join("review.toml");
    for (added, says) in [
        ("pool = false\ntau2 = \"DL\"\n", "`tau2` cannot act"),
        ("pool = false\ncorrelation-grid = [0.5]\n", "`correlation-grid` cannot act"),
        ("benchmark-text = \"Beside it.\"\n", "no benchmark"),
        ("show = [{ column = \"contry\" }]\n", "did you mean `country`"),
        ("[characteristics]\ndata = []\ncolumns = []\n", "no data or no columns"),
    ] {
        fs::write(&path, format!("{PLAIN}{added}")).unwrap();
        let output =
            metapool().arg("report").arg(&path).arg("-o").arg(folder.path().join("x")).output().unwrap();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{added}");
        assert!(
            stderr(&output).contains(says) && stderr(&output).contains("hint:"),
            "{added}: {}",
            stderr(&output)
        );
        assert!(!folder.path().join("x").exists());
    }
    let funnel = PLAIN.replace("plots = []", "plots = [\"funnel\"]\npool = false");
    fs::write(&path, funnel).unwrap();
    let output = metapool().arg("report").arg(&path).arg("-o").arg(folder.path().join("x")).output().unwrap();
    assert!(stderr(&output).contains("`funnel` needs a pooled result"), "{}", stderr(&output));
}

#[test]
fn a_single_study_has_no_agreement_of_methods() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.csv");
    fs::write(&path, "study,events,n\nA,4,5\n").unwrap();
    let file = path.to_str().unwrap();
    let value = json(&["pool", file]);
    assert!(value["agreement"].is_null(), "{value}");
    // the option could act and finds no occasion
    assert!(json(&["pool", file, "--agreement"])["agreement"].is_null());
    let text = stdout(&run(&["pool", file]));
    assert!(!text.contains("Agreement") && text.contains("One study, not pooled"), "{text}");
    let output = run(&["plot", "agreement", file, "-o", folder.path().join("x.svg").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("single study") && stderr(&output).contains("hint:"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_size_of_the_back_transformation_is_called_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sizes.csv");
    let remark = |rows: &str| {
        fs::write(&path, format!("study,events,n\n{rows}")).unwrap();
        let value = json(&["pool", path.to_str().unwrap()]);
        let rows = value["agreement"].as_array().unwrap().clone();
        let row = rows.iter().find(|r| r["method"].as_str().unwrap().starts_with("Freeman")).unwrap();
        row["remark"].as_str().unwrap().to_string()
    };
    assert_eq!(remark("A,4,5\nB,2,5\n"), "back-transformed with n = 5, that of every study");
    // 3 / (1/3 + 1/4 + 1/6) = 4
    assert_eq!(remark("A,1,3\nB,2,4\nC,3,6\n"), "back-transformed with n = 4, the harmonic mean of all");
    assert_eq!(remark("A,4,5\nB,2,15\n"), "back-transformed with n = 7.5, which is no study's");
}

/// 5 of 10 enrolled is one half on the scale of Freeman and Tukey too, read back with the ten and not with the seven
/// who were evaluated.
#[test]
fn enrolled_patients_are_the_size_of_the_study() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.csv");
    fs::write(&path, "study,events,n,n_enrolled\nA,5,7,10\nB,5,10,10\n").unwrap();
    let file = path.to_str().unwrap();
    let value = json(&["pool", file, "--measure", "PFT", "--denominator", "enrolled"]);
    for study in value["studies"].as_array().unwrap() {
        close("study", study["natural"]["estimate"].as_f64().unwrap(), 0.5, 1e-12);
    }
    let value = json(&["pool", file, "--denominator", "enrolled"]);
    let rows = value["agreement"].as_array().unwrap();
    let row = rows.iter().find(|r| r["method"].as_str().unwrap().starts_with("Freeman")).unwrap();
    assert_eq!(row["remark"], "back-transformed with n = 10, that of every study");
}

const CHANGES: &str = "study,n,mean_change,sd_change\nA,25,-0.5,1.5\nB,16,0.4,\n";

fn missing_sd(csv: &str, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.csv");
    fs::write(&path, csv).unwrap();
    json(&[&["pool", path.to_str().unwrap(), "--measure", "MC", "--impute", "grid"][..], more].concat())["imputation"]
        .clone()
}

/// By hand: |d|√n/t₁₅(.975) = 0.4 · 4 / 2.131449546 = 0.750663, qt(0.975, 15) of R.
#[test]
fn below_an_sd_a_study_by_itself_excludes_no_change() {
    let value = missing_sd(CHANGES, &[]);
    assert_eq!(value["studies"], 0);
    assert_eq!(value["results"].as_array().unwrap().len(), 0);
    let row = &value["missing_sd"][0];
    assert_eq!(row["study"], "B");
    close("own", row["own_tipping_sd"].as_f64().unwrap(), 1.6 / 2.131_449_546, 1e-8);
    assert_eq!(value["missing_sd"].as_array().unwrap().len(), 1);
}

/// Common effect, by hand: v₁ = 1.5²/25 = 0.09, so that A alone has z = −0.5/0.3 = −1.67 and includes no change. With B and
/// w = n/s², z = (−0.5/0.09 + 0.4 w)/√(1/0.09 + w) reaches 1.959964 where 0.16 w² − (4.444444 + 3.841459) w + 30.864198
/// − 42.682877 = 0, that is w = 53.175995; s = √(16/w) = 0.548532. Below it the interval excludes no change.
#[test]
fn the_pooled_conclusion_tips_at_an_sd() {
    let row = missing_sd(CHANGES, &["--tau2", "EE", "--ci", "wald"])["missing_sd"][0].clone();
    let (b, c) = (-(4.444_444_444 + 3.841_458_821), 30.864_197_53 - 42.682_875_79);
    let w = (-b + f64::sqrt(b * b - 4.0 * 0.16 * c)) / 0.32;
    close("by hand", w, 53.175_995, 1e-5);
    close("tipping", row["tipping_sd"].as_f64().unwrap(), f64::sqrt(16.0 / w), 1e-6);
    assert_eq!(row["k"], 2);
    // the interval touches no change there
    let tip = row["tipping_sd"].as_f64().unwrap();
    let at = |sd: f64| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        fs::write(&path, CHANGES.replace("16,0.4,", &format!("16,0.4,{sd}"))).unwrap();
        let file = path.to_str().unwrap();
        json(&["pool", file, "--measure", "MC", "--tau2", "EE", "--ci", "wald"])["random"]["ci_lower"]
            .as_f64()
            .unwrap()
    };
    close("limit", at(tip), 0.0, 1e-9);
    assert!(at(0.99 * tip) > 0.0 && at(1.01 * tip) < 0.0);
}

/// REML and the default interval: Riordan 2018 among the bundled trials. The root of the upper limit over the SD, with τ² and
/// the interval written anew in scipy 1.17.1 (`minimize_scalar` over the restricted likelihood, `brentq`): 4.213596296.
#[test]
fn the_bundled_trials_tip_where_an_independent_fit_does() {
    let args = ["pool", "@msc_edss_change", "--where", "disease = 'MS'", "--impute", "grid"];
    let row = json(&args)["imputation"]["missing_sd"][0].clone();
    assert_eq!(row["study"], "Riordan 2018");
    close("tipping", row["tipping_sd"].as_f64().unwrap(), 4.213_596_296, 1e-6);
    let csv = stdout(&run(&[&args[..], &["--format", "csv"]].concat()));
    assert!(csv.contains("tipping_sd: Riordan 2018"), "{csv}");
}

/// Where no value of it decides, that is said; units of a thousandth and of a million give the same.
#[test]
fn an_sd_that_decides_nothing_is_said_so_in_any_unit() {
    for unit in [1e-3, 1.0, 1e6] {
        let csv = format!(
            "study,n,mean_change,sd_change\nA,15,{},{}\nLu,5,{},\n",
            -0.6 * unit,
            0.893_782 * unit,
            -0.9 * unit
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        fs::write(&path, csv).unwrap();
        let args = ["pool", path.to_str().unwrap(), "--measure", "MC", "--impute", "grid"];
        let row = json(&args)["imputation"]["missing_sd"][0].clone();
        // 0.9 √5 / qt(.975, 4) = 0.9 · 2.236068 / 2.776445
        close("own", row["own_tipping_sd"].as_f64().unwrap() / unit, 0.724_835, 1e-5);
        assert!(row["tipping_sd"].is_null(), "{row}");
        let text = stdout(&run(&args));
        assert!(text.contains("Missing standard deviations"), "{text}");
        assert!(
            text.contains("includes no change at every SD, unlike the interval without this study"),
            "{text}"
        );
    }
}

/// Both standard deviations known belong to the grid of correlations; without a change or with one patient there is
/// nothing to say.
#[test]
fn only_what_no_correlation_gives_is_explored() {
    let csv = "study,n,mean_pre,sd_pre,mean_post,sd_post,mean_change,sd_change\n\
        A,20,6,1,5.3,1,-0.7,1\nB,30,6,1.5,5.65,1.5,,\nC,12,6,1,5,,,\nD,12,6,,6,,,\nE,1,6,,5,,,\n";
    let value = missing_sd(csv, &[]);
    assert_eq!(value["studies"], 1);
    assert_eq!(value["results"].as_array().unwrap().len(), 4);
    let names: Vec<&str> =
        value["missing_sd"].as_array().unwrap().iter().map(|r| r["study"].as_str().unwrap()).collect();
    assert_eq!(names, ["C"]);
}

/// What the bundled review must say, each count as its source has it.
#[test]
fn the_bundled_review_shows_its_counts_and_sources() {
    let report = fs::read_to_string("reports/stem-cell/report.md").unwrap();
    for said in [
        "five web pages (the \"seed\" of the sources), one of them an abstract, about six trials",
        "| 4 of 7 |",
        "| 7 of 12 |",
        "| Lu (NMOSD) | 0 of 5 |",
        "| UC-MSC (aplastic anaemia) | 0 of 18 |",
        "EDSS of 4.9 before and 4.0 after",
        "excludes no change if the SD is below 0.72",
        "27 patients to its cells and 27 to saline",
        "improved in 33% and 37%",
        "p = 0.021",
        "25 of 28 groups",
    ] {
        assert!(report.contains(said), "{said}");
    }
    for never in ["six abstracts", "which is no study's |\n| pooled Clopper-Pearson | 80.0", "p = 0.009"] {
        assert!(!report.contains(never), "{never}");
    }
    // every study of every analysis has a source and a level of checking
    for entry in fs::read_dir("reports/stem-cell").unwrap() {
        let path = entry.unwrap().path().join("result.json");
        if let Ok(text) = fs::read_to_string(&path) {
            let value: Value = serde_json::from_str(&text).unwrap();
            for study in value["studies"].as_array().unwrap() {
                assert!(
                    study["source"].is_string() && study["checked"].is_string(),
                    "{}: {study}",
                    path.display()
                );
                let link = &study["link"];
                assert!(link.is_null() || link.as_str().unwrap().starts_with("http"), "{study}");
            }
        }
    }
}
