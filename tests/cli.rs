//! The command line as a person meets it: help, formats, files, lists.

mod support;

use support::{json, metapool, number, run, stderr, stdout};

#[test]
fn help_of_every_command_has_an_example_and_fits_the_width() {
    for command in ["pool", "effects", "bayes", "plot", "report", "datasets", "list"] {
        let output = run(&[command, "--help"]);
        assert!(output.status.success());
        let text = stdout(&output);
        assert!(text.contains("Examples:"), "{command}");
        assert!(text.lines().all(|l| l.chars().count() <= 170), "{command}");
    }
    assert!(stdout(&run(&["--version"])).starts_with("metapool "));
    assert_eq!(run(&[]).status.code(), Some(2));
    assert_eq!(run(&["pool"]).status.code(), Some(2));
}

#[test]
fn results_go_to_standard_output_and_talk_to_standard_error() {
    let output = run(&["pool", "@bcg"]);
    let (out, err) = (stdout(&output), stderr(&output));
    for part in [
        "Aronson 1948",
        "Random effects",
        "Prediction interval",
        "0.49",
        "I² = 92.2%",
        "REML",
        "Hartung-Knapp",
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    assert!(err.contains("measure: RR"), "{err}");
    assert!(!out.contains("note:") && !out.contains('\x1b'), "{out}");
    assert!(stderr(&run(&["pool", "@bcg", "-q"])).is_empty());
}

#[test]
fn every_format_says_the_same() {
    let value = json(&["pool", "@bcg"]);
    let estimate = number(&value, "random.estimate");
    assert!((estimate + 0.714_532_342_158).abs() < 1e-9);
    assert!((number(&value, "random.natural.estimate") - estimate.exp()).abs() < 1e-12);
    assert_eq!(value["settings"]["tau2"], "REML");
    let csv = stdout(&run(&["pool", "@bcg", "--format", "csv", "-q"]));
    assert_eq!(csv.lines().filter(|l| l.starts_with("study,")).count(), 13);
    assert!(csv.starts_with("kind,label,group,model,at,k,estimate,variance,se"));
    assert!(csv.lines().any(|l| l.starts_with("random,") && l.contains(&format!(",{estimate},"))), "{csv}");
    let markdown = stdout(&run(&["pool", "@bcg", "--format", "markdown", "-q"]));
    assert!(markdown.starts_with("| Study |") && markdown.contains("**Method.**"));
    let digits = stdout(&run(&["pool", "@bcg", "--digits", "4", "-q"]));
    assert!(digits.contains("0.4894"), "{digits}");
}

#[test]
fn the_form_follows_the_ending_and_the_file_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (name, start) in
        [("a.json", "{"), ("a.csv", "kind,label,"), ("a.md", "| Study"), ("a.txt", "Risk ratio")]
    {
        let path = folder.path().join(name);
        let output = metapool().args(["pool", "@bcg", "-q", "-o"]).arg(&path).output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{name}");
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(start), "{name}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 4, "no temporary file is left");
    let odd = metapool().args(["pool", "@bcg", "-o"]).arg(folder.path().join("a.doc")).output().unwrap();
    assert_eq!(odd.status.code(), Some(2));
}

#[test]
fn lists_completions_and_manual_come_from_the_registries() {
    let all = stdout(&run(&["list"]));
    for word in ["REML", "hksj", "PLO", "events_min", "forest", "cochrane", "QP", "CP", "metafor"] {
        assert!(all.contains(word), "{word}");
    }
    assert!(!stdout(&run(&["list", "tau2"])).contains("PLO"));
    assert!(stdout(&run(&["completions", "bash"])).contains("hksj-adhoc"));
    assert!(stdout(&run(&["man", "pool"])).contains("metapool"));
    assert!(stderr(&run(&["list", "measure5"])).contains("choose from"));
}

#[test]
fn bundled_data_are_described_and_exported() {
    let list = stdout(&run(&["datasets"]));
    for name in
        ["bcg", "normand1999", "seed_response", "msc_edss_change", "senn2013", "ms_placebo_progression"]
    {
        assert!(list.contains(&format!("@{name}")), "{name}");
        assert!(stdout(&run(&["datasets", name])).contains("Source"), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bcg.csv");
    assert!(metapool().args(["datasets", "@bcg", "-o"]).arg(&path).status().unwrap().success());
    let value = json(&["pool", path.to_str().unwrap()]);
    assert!((number(&value, "random.estimate") + 0.714_532_342_158).abs() < 1e-9);
}

#[test]
fn every_bundled_table_loads_and_its_description_names_its_columns() {
    for bundled in metapool::dataset::Bundled::all() {
        let (info, data) = (bundled.info().unwrap(), bundled.load().unwrap());
        for column in info.columns.keys().chain(info.roles.values()) {
            assert!(data.position(column).is_some(), "@{}: no column {column}", bundled.name);
        }
        if info.measure.is_some() {
            let output = run(&["pool", &format!("@{}", bundled.name), "-q"]);
            assert!(output.status.success(), "@{}: {}", bundled.name, stderr(&output));
        }
    }
}

#[test]
fn where_filters_with_sql() {
    let value = json(&["pool", "@bcg", "--where", "year >= 1970 AND allocation IN ('random', 'systematic')"]);
    assert_eq!(value["k"], 5);
    let text = json(&["pool", "@msc_response", "--where", "disease = 'MS'"]);
    assert_eq!(text["k"], 10);
    let between = json(&["effects", "@bcg", "--where", "latitude BETWEEN 40 AND 50 OR study LIKE 'TPT%'"]);
    assert!(between["studies"].as_array().unwrap().len() > 4);
}

#[test]
fn a_not_estimable_study_stays_with_its_reason() {
    let value = json(&["pool", "@seed_response"]);
    let studies = value["studies"].as_array().unwrap();
    assert_eq!(studies.len(), 6);
    assert_eq!(studies[0]["status"], "not-estimable");
    assert_eq!(studies[0]["reason"], "n is not reported");
    assert!(studies[0]["estimate"].is_null() && studies[0]["weight_random"].is_null());
    assert_eq!(studies[5]["reason"], "known only within bounds: 11 to 20 of 20");
}

#[test]
fn conversions_on_the_way_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ready.csv");
    // the same study told in four ways: y = 0.5, se = 0.2
    std::fs::write(&path, "study,estimate,se,variance,ci_lower,ci_upper,p_value\nA,0.5,0.2,,,,\nB,0.5,,0.04,,,\nC,0.5,,,0.10800720309198,0.89199279690802,\nD,0.5,,,,,0.0124193306515614\n").unwrap();
    let value = json(&["effects", path.to_str().unwrap()]);
    for s in value["studies"].as_array().unwrap() {
        support::close(s["study"].as_str().unwrap(), s["se"].as_f64().unwrap(), 0.2, 1e-10);
    }
    // Petrou 2021: the SD of the change from p = .028 of a paired t test of 24 patients
    let value = json(&["effects", "@msc_edss_change"]);
    let petrou = value["studies"].as_array().unwrap().iter().find(|s| s["study"] == "Petrou 2021").unwrap();
    let sd = petrou["se"].as_f64().unwrap() * 24f64.sqrt();
    assert!((sd - 0.689).abs() < 5e-4, "{sd}");
}

#[test]
fn profiles_take_the_defaults_of_other_programs() {
    let metafor = json(&["pool", "@bcg", "--profile", "metafor"]);
    assert!((number(&metafor, "random.ci_lower") + 1.066_897).abs() < 1e-5);
    assert!((number(&metafor, "random.prediction_lower") + 1.867).abs() < 1e-3);
    let meta = json(&["pool", "@bcg", "--profile", "meta"]);
    assert!(meta["random"]["prediction_lower"].is_null());
    assert_eq!(json(&["pool", "@bcg", "--profile", "revman"])["settings"]["ci"], "hksj");
    assert_eq!(json(&["pool", "@bcg", "--profile", "metafor", "--ci", "hksj"])["settings"]["ci"], "hksj");
}

#[test]
fn files_of_every_kind_give_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let rows = [("A", 1, 10), ("B", 2, 12), ("C", 4, 9)];
    let csv: String = rows.iter().map(|(s, x, n)| format!("{s},{x},{n}\n")).collect();
    let files = [
        write("a.csv", &format!("study,events,n\n{csv}")),
        write("bom.csv", &format!("\u{FEFF}study,events,n\r\n{}", csv.replace('\n', "\r\n"))),
        write("a.tsv", &format!("study,events,n\n{csv}").replace(',', "\t")),
        write("quoted.csv", "study,\"events\",n,comment\nA,1,10,\"two\nlines\"\nB,2,12,\nC,4,9,\"a, b\"\n"),
        write(
            "a.ndjson",
            &rows
                .iter()
                .map(|(s, x, n)| format!("{{\"study\":\"{s}\",\"events\":{x},\"n\":{n}}}\n"))
                .collect::<String>(),
        ),
    ];
    let expected = number(&json(&["pool", &files[0]]), "random.estimate");
    for file in &files {
        assert_eq!(number(&json(&["pool", file]), "random.estimate"), expected, "{file}");
    }
    let xlsx = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/trials.xlsx");
    assert_eq!(number(&json(&["pool", xlsx]), "random.estimate"), expected, "xlsx");
    for file in columnar(folder.path()) {
        assert_eq!(number(&json(&["pool", &file]), "random.estimate"), expected, "{file}");
        assert_eq!(json(&["pool", &file, "--where", "n < 11"])["k"], 2, "{file}");
    }
    let semicolon = write("s.csv", &format!("study,events,n\n{csv}").replace(',', ";"));
    assert_eq!(number(&json(&["pool", &semicolon, "--delimiter", ";"]), "random.estimate"), expected);
}

/// The same table as Parquet and as Arrow, with a column of whole and one of floating numbers.
fn columnar(folder: &std::path::Path) -> Vec<String> {
    use polars::prelude::*;
    let mut frame =
        df!("study" => ["A", "B", "C"], "events" => [1i64, 2, 4], "n" => [10.0, 12.0, 9.0]).unwrap();
    let path = |name: &str| folder.join(name);
    ParquetWriter::new(std::fs::File::create(path("a.parquet")).unwrap()).finish(&mut frame).unwrap();
    IpcWriter::new(std::fs::File::create(path("a.arrow")).unwrap()).finish(&mut frame).unwrap();
    ["a.parquet", "a.arrow"].map(|n| path(n).display().to_string()).to_vec()
}
