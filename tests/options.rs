//! One table of options: what messages name is in it, and both doors give the same for every option of `pool`.

mod support;

use metapool::analysis::options::choices;
use metapool::choice::option::{Command, Heading, OptionSpec, Rule, Takes, all, find, of};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use support::{metapool, run, stderr};

/// Whether an option takes a fixed word; what is made while running, or stands for a value, is not looked at.
fn takes(option: &OptionSpec, value: &str) -> bool {
    let (Takes::Choice(family) | Takes::ChoiceOrNumber(family)) = option.takes else { return true };
    let is = |code: &str| code.eq_ignore_ascii_case(value);
    value.parse::<f64>().is_ok()
        || option.words.iter().any(|w| is(w.0))
        || choices(family).iter().any(|m| is(m.id) || m.aliases.iter().any(|a| is(a)))
}

/// What is wrong with the options of a mark.
fn faults(command: Option<Command>, options: &str) -> Vec<String> {
    let known = |name: &str| match command {
        Some(command) => of(command).filter(|o| o.name == name).collect::<Vec<_>>(),
        None => all().filter(|o| o.name == name && !o.is_argument()).collect(),
    };
    let fault = |part: &str| {
        let (name, value) = part.split_once('=').map_or((part, None), |(n, v)| (n, Some(v)));
        let found = known(name);
        match value.map(|v| v.trim_matches(['\\', '"', '\''])) {
            // a word after a command, such as the family of `list`
            _ if found.is_empty() && command.is_some() && value.is_none() => None,
            _ if found.is_empty() && name != "help" => Some(format!("`{name}` is no option")),
            Some(v) if !v.contains('{') && !found.iter().any(|o| takes(o, v)) => {
                Some(format!("`{name}` does not take `{v}`"))
            }
            _ => None,
        }
    };
    options.split('‖').filter(|p| !p.is_empty() && !p.starts_with('{')).filter_map(fault).collect()
}

#[test]
fn every_mark_names_an_option_of_the_table() {
    let mut marks = 0;
    visit(Path::new("src"), &mut |path, text| {
        // text of strangers, and marks made of parts
        if path.ends_with("wording.rs") || path.starts_with("src/choice/option") {
            return;
        }
        for mark in text.split('⟦').skip(1).filter_map(|t| t.split('⟧').next()) {
            let command = mark.split_once(':').and_then(|(c, rest)| Some((Command::named(c)?, rest)));
            let faults = match command {
                Some((command, rest)) => faults(Some(command), rest.trim_start()),
                None => faults(None, mark),
            };
            assert!(faults.is_empty(), "{}: ⟦{mark}⟧: {}", path.display(), faults.join(", "));
            marks += 1;
        }
    });
    assert!(marks > 200, "{marks}");
}

fn visit(folder: &Path, f: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, f);
        } else if path.extension().is_some_and(|e| e == "rs") {
            f(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn rules_name_members_of_families() {
    for option in all() {
        for rule in option.rules {
            let Rule::Of(other, values, _) = rule else { continue };
            let others: Vec<_> = option.commands.iter().filter_map(|c| find(*c, other)).collect();
            for value in *values {
                assert!(others.iter().any(|o| takes(o, value)), "{}: {other} = {value}", option.name);
            }
        }
    }
}

/// An option of `pool` with a value, as a flag and as a key, the data it acts on, and what else it takes to act.
struct Sample {
    name: &'static str,
    flag: &'static str,
    key: &'static str,
    data: &'static str,
    more: &'static [(&'static str, &'static str)],
}

const fn sample(
    name: &'static str,
    (flag, key): (&'static str, &'static str),
    data: &'static str,
    more: &'static [(&'static str, &'static str)],
) -> Sample {
    Sample { name, flag, key, data, more }
}

/// The value of a flag that takes none.
const FLAG: (&str, &str) = ("", "true");

const SAMPLES: &[Sample] = &[
    sample("measure", ("OR", "\"OR\""), "@bcg", &[]),
    sample(
        "columns",
        (
            "events1=x a,n1=na,events2=xb,n2=nb",
            "{ events1 = \"x a\", n1 = \"na\", events2 = \"xb\", n2 = \"nb\" }",
        ),
        "named.csv",
        &[],
    ),
    sample("study", ("allocation", "\"allocation\""), "@bcg", &[]),
    sample("where", ("year >= 1960", "\"year >= 1960\""), "@bcg", &[]),
    sample("delimiter", (";", "\";\""), "semicolon.csv", &[]),
    sample("level", ("90", "90"), "@bcg", &[]),
    sample("add", ("0.25", "0.25"), "zeros.csv", &[]),
    sample("to", ("all", "\"all\""), "zeros.csv", &[]),
    sample("double-zero", ("keep", "\"keep\""), "zeros.csv", &[]),
    sample("drop-double-zero", FLAG, "zeros.csv", &[]),
    sample("values", ("analysis", "\"analysis\""), "ready.csv", &[("measure", "HR")]),
    sample("se-scale", ("natural", "\"natural\""), "ready.csv", &[("measure", "HR"), ("values", "natural")]),
    sample(
        "arm",
        ("treatment", "\"treatment\""),
        "arms.csv",
        &[("reference", "placebo"), ("shared-control", "split")],
    ),
    sample("reference", ("low", "\"low\""), "arms.csv", &[("arm", "treatment"), ("shared-control", "first")]),
    sample(
        "combine",
        ("low,high", "[[\"low\", \"high\"]]"),
        "arms.csv",
        &[("arm", "treatment"), ("reference", "placebo")],
    ),
    sample(
        "shared-control",
        ("combine", "\"combine\""),
        "arms.csv",
        &[("arm", "treatment"), ("reference", "placebo")],
    ),
    sample("keep-total", FLAG, "total.csv", &[]),
    sample("vtype", ("UB", "\"UB\""), "means.csv", &[("measure", "SMD")]),
    sample("no-correction", FLAG, "means.csv", &[("measure", "SMD")]),
    sample("study-ci", ("WS", "\"WS\""), "@msc_response", &[("where", "disease = 'MS'")]),
    sample("standardizer", ("pre", "\"pre\""), "change.csv", &[("measure", "SMCR")]),
    sample("denominator", ("enrolled", "\"enrolled\""), "@msc_response", &[("where", "disease = 'MS'")]),
    sample("scale", ("0:10:0.5", "\"0:10:0.5\""), "@msc_edss_change", &[("impute", "bounds")]),
    sample("correlation", ("0.5", "0.5"), "@msc_edss_change", &[]),
    sample("correlation-grid", (".2,.6", "[0.2, 0.6]"), "@msc_edss_change", &[]),
    sample("impute", ("grid", "\"grid\""), "@msc_edss_change", &[]),
    sample("ci-level", ("90", "90"), "limits.csv", &[("measure", "HR"), ("values", "natural")]),
    sample("per", ("1000", "1000"), "@msc_response", &[("where", "disease = 'MS'")]),
    sample("fractional-counts", FLAG, "fractions.csv", &[]),
    sample("model", ("mantel-haenszel", "\"mantel-haenszel\""), "@bcg", &[]),
    sample("tau2", ("0.1", "\"0.1\""), "@bcg", &[]),
    sample("tau2", ("0.1", "0.1"), "@bcg", &[]),
    sample("tau2", ("dl", "\"dl\""), "@bcg", &[]),
    sample("ci", ("wald", "\"wald\""), "@bcg", &[]),
    sample("prediction", ("hts", "\"hts\""), "@bcg", &[]),
    sample("tau2-ci", ("PL", "\"PL\""), "@bcg", &[]),
    sample("glmm-model", ("CM.EL", "\"CM.EL\""), "zeros.csv", &[("measure", "OR"), ("model", "glmm")]),
    sample(
        "keep-double-zero",
        FLAG,
        "zeros.csv",
        &[("measure", "OR"), ("model", "glmm"), ("glmm-model", "UM.RS")],
    ),
    sample("pool-corrected", FLAG, "zeros.csv", &[("model", "mantel-haenszel")]),
    sample("profile", ("metafor", "\"metafor\""), "@bcg", &[]),
    sample("cluster", ("allocation", "\"allocation\""), "@bcg", &[]),
    sample("robust", ("CR1", "\"CR1\""), "@bcg", &[("cluster", "allocation")]),
    sample("subgroup", ("allocation", "\"allocation\""), "@bcg", &[]),
    sample("common-tau2", FLAG, "@bcg", &[("subgroup", "allocation")]),
    sample("baseline-risk", ("0.1,0.2", "[0.1, 0.2]"), "@bcg", &[]),
    sample("agreement", FLAG, "@bcg", &[]),
    sample("no-agreement", FLAG, "zeros.csv", &[]),
];

const FILES: &[(&str, &str)] = &[
    ("named.csv", "study,x a,na,xb,nb\nA,3,40,6,41\nB,5,60,9,58\nC,2,30,7,33\n"),
    (
        "semicolon.csv",
        "study;events1;n1;events2;n2;note\nA;3;40;6;41;a,b\nB;5;60;9;58;c,d\nC;2;30;7;33;e,f\n",
    ),
    (
        "zeros.csv",
        "study,events1,n1,events2,n2\nA,3,40,6,41\nB,0,60,9,58\nC,2,30,7,33\nD,0,20,0,21\nE,4,50,8,49\n",
    ),
    ("ready.csv", "study,estimate,se\nA,0.8,0.1\nB,0.7,0.2\nC,1.1,0.15\n"),
    ("limits.csv", "study,estimate,ci_lower,ci_upper\nA,0.8,0.64,1.0\nB,0.6,0.36,1.0\nC,0.9,0.729,1.1111\n"),
    (
        "arms.csv",
        "study,treatment,events,n\nA,low,5,50\nA,high,7,52\nA,placebo,9,50\nB,low,3,30\nB,high,4,33\nB,placebo,8,31\n\
         C,low,4,40\nC,high,6,41\nC,placebo,9,41\n",
    ),
    ("total.csv", "study,events,n\nA,3,20\nB,5,30\nC,4,25\nD,12,75\n"),
    (
        "means.csv",
        "study,mean1,sd1,n1,mean2,sd2,n2\nA,5,2,20,4,2.1,22\nB,6,2.5,15,4.5,2,16\nC,5.5,1.9,30,5,2.2,28\n",
    ),
    (
        "change.csv",
        "study,mean_pre,sd_pre,mean_post,sd_post,n,correlation\nA,5,2,4,2.1,20,0.6\nB,6,2.5,4.5,2,15,0.5\nC,5.5,1.9,5,2.2,30,0.7\n",
    ),
    ("fractions.csv", "study,events1,n1,events2,n2\nA,3.5,40,6,41\nB,5,60,9.25,58\nC,2,30,7,33\n"),
];

/// The key of an option that has one of these values in a sample.
fn as_key(name: &str, value: &str) -> String {
    format!("{name} = \"{value}\"\n")
}

/// The result of `pool`, without what a door says of the input.
fn result_of(text: &str) -> serde_json::Value {
    let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
    value.as_object_mut().unwrap().remove("input");
    for study in value["studies"].as_array_mut().unwrap() {
        // a review adds where numbers come from
        for key in ["source", "link", "checked"] {
            study.as_object_mut().unwrap().remove(key);
        }
    }
    value
}

#[test]
fn every_option_of_pool_is_a_key_with_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let options = of(Command::Pool).filter(|o| !o.is_argument() && o.heading != Heading::Output);
    for option in options {
        assert!(SAMPLES.iter().any(|s| s.name == option.name), "`{}` has no sample", option.name);
    }
    let mut manifest = "title = \"M\"\n".to_string();
    for (i, s) in SAMPLES.iter().enumerate() {
        let more: String = s.more.iter().map(|(name, value)| as_key(name, value)).collect();
        write!(
            manifest,
            "[[analysis]]\nid = \"a{i}\"\ntitle = \"A\"\nplots = []\ndata = \"{}\"\n{more}{} = {}\n",
            s.data, s.name, s.key
        )
        .unwrap();
    }
    fs::write(folder.path().join("m.toml"), manifest).unwrap();
    let made =
        metapool().args(["report", "m.toml", "-q", "-o", "out"]).current_dir(&folder).output().unwrap();
    assert!(made.status.success(), "{}", stderr(&made));
    for (i, s) in SAMPLES.iter().enumerate() {
        let mut call = metapool();
        call.args(["pool", s.data, "-q", "--format", "json"]).current_dir(&folder);
        for (name, value) in s.more {
            call.args([format!("--{name}"), value.to_string()]);
        }
        let plain = call.output().unwrap();
        call.arg(format!("--{}", s.name)).args(Some(s.flag).filter(|v| !v.is_empty()));
        let output = call.output().unwrap();
        assert!(output.status.success(), "{}: {}", s.name, stderr(&output));
        let terminal = result_of(std::str::from_utf8(&output.stdout).unwrap());
        let file = folder.path().join(format!("out/a{i}/result.json"));
        assert_eq!(terminal, result_of(&fs::read_to_string(file).unwrap()), "{} = {}", s.name, s.key);
        // a scale checks the data and leaves the numbers alone
        if plain.status.success() && s.name != "scale" {
            let without = result_of(std::str::from_utf8(&plain.stdout).unwrap());
            assert_ne!(terminal, without, "{} does nothing to {}", s.name, s.data);
        }
    }
}

/// What a manifest with one analysis of the BCG trials says when these lines stand in it, from line 7 on.
fn manifest_says(folder: &Path, lines: &str) -> (Option<i32>, String) {
    let path = folder.join("m.toml");
    let text = format!(
        "title = \"M\"\n[[analysis]]\nid = \"bcg\"\ntitle = \"B\"\nplots = []\ndata = \"@bcg\"\n{lines}\n"
    );
    fs::write(&path, text).unwrap();
    let output =
        metapool().arg("report").arg(&path).arg("-q").arg("-o").arg(folder.join("out")).output().unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn unknown_keys_name_line_analysis_and_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    for (line, near) in
        [("tau3 = \"DL\"", "tau2"), ("profle = \"meta\"", "profile"), ("titel = \"T\"", "title")]
    {
        let (code, says) = manifest_says(folder.path(), line);
        assert_eq!(code, Some(1), "{says}");
        for part in ["line 7", "analysis bcg", "is no key", &format!("did you mean `{near}`?")] {
            assert!(says.contains(part), "{line}: {part} in {says}");
        }
    }
    for line in
        ["tau2 = [\"DL\"]", "agreement = \"yes\"", "level = \"high\"", "ci = 3", "columns = { events1 = 3 }"]
    {
        let (code, says) = manifest_says(folder.path(), line);
        assert_eq!(code, Some(2), "{line}: {says}");
        assert!(
            says.contains("line 7") && says.contains("analysis bcg") && says.contains("hint:"),
            "{line}: {says}"
        );
    }
}

#[test]
fn both_doors_refuse_what_cannot_act() {
    let folder = tempfile::tempdir().unwrap();
    let cases: &[(&[&str], &str, &str)] = &[
        (&["--common-tau2"], "common-tau2 = true", "there are no subgroups"),
        (&["--robust", "CR1"], "robust = \"CR1\"", "there are no clusters"),
        (&["--reference", "a"], "reference = \"a\"", "no column tells the arms of a study apart"),
        (
            &["--shared-control", "split", "--arm", "none"],
            "shared-control = \"split\"\narm = \"none\"",
            "no column tells",
        ),
        (
            &["--drop-double-zero", "--double-zero", "keep"],
            "drop-double-zero = true\ndouble-zero = \"keep\"",
            "the same thing twice",
        ),
        (&["--no-agreement", "--agreement"], "no-agreement = true\nagreement = true", "does not go with"),
        (&["--values", "natural"], "values = \"natural\"", "cannot act on"),
        (&["--study-ci", "WS"], "study-ci = \"WS\"", "cannot act on"),
        (&["--ci-level", "90"], "ci-level = 90", "cannot act on"),
    ];
    for (flags, keys, what) in cases {
        let output = run(&[&["pool", "@bcg", "-q"][..], flags].concat());
        let says = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {says}");
        assert!(
            says.contains(what) && says.contains(flags[0]) && says.contains("hint:"),
            "{flags:?}: {says}"
        );
        let (code, says) = manifest_says(folder.path(), keys);
        assert_eq!(code, Some(2), "{keys}: {says}");
        for part in [what, "line 7", "analysis bcg", flags[0].trim_start_matches('-')] {
            assert!(says.contains(part), "{keys}: {part} in {says}");
        }
        assert!(!says.contains("`--"), "a key is no flag: {says}");
    }
    let (_, says) = manifest_says(folder.path(), "pool = false\ntau2 = \"DL\"");
    assert!(says.contains("line 8") && says.contains("cannot act where nothing is pooled"), "{says}");
}
