//! ARCHITECTURE.md says what a new member of a family takes. Here a member of each is held against it: the places that name
//! it are those, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A kind of addition: the name of a member in the code, and every file that may hold the name.
const ADDITIONS: &[(&str, &str, &[&str])] = &[
    ("an estimator of τ²", "SidikJonkmanIterated", &["choice/tau2.rs", "model/tau2/mod.rs"]),
    (
        "an interval of τ²",
        "ProfileLikelihood",
        &["choice/tau2.rs", "model/tau2_interval.rs", "model/counts/mod.rs"],
    ),
    (
        "an interval of the effect",
        "KenwardRogerPartlett",
        &["choice/interval.rs", "model/prediction.rs", "model/regression/options.rs"],
    ),
    ("an effect measure", "YuleY", &["effect/measure.rs"]),
    ("a plot", "Radial", &["plot/mod.rs", "plot/radial.rs"]),
    ("a theme", "Lancet", &["plot/theme.rs"]),
    ("a test of bias", "Schwarzer", &["choice/bias.rs", "bias/mod.rs", "bias/rank.rs"]),
    (
        "a fail-safe number",
        "Rosenberg",
        &["choice/bias.rs", "bias/fail_safe.rs", "choice/option/table/bias.rs"],
    ),
    ("a weight of a selection model", "NegativeExponential", &["choice/bias.rs", "bias/selection/weight.rs"]),
    (
        "a command",
        "Datasets",
        &[
            "choice/option/command.rs",
            "choice/option/table/arguments.rs",
            "choice/option/table/output.rs",
            "cli/mod.rs",
        ],
    ),
];

/// Names in code, with the files that hold them; comments and text in quotation marks do not count.
fn holders(name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new("src").to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                if text.lines().any(|line| names(line, name)) {
                    let shown = path.strip_prefix("src").expect("below src").to_string_lossy().into_owned();
                    found.insert(shown);
                }
            }
        }
    }
    found
}

/// Whether a line of code holds one of the words.
fn names(line: &str, words: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let code: String = code.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| words.split('|').any(|x| x == w))
}

#[test]
fn a_member_is_named_where_the_guide_says_and_nowhere_else() {
    for (what, name, allowed) in ADDITIONS {
        let found = holders(name);
        let others: Vec<_> = found.iter().filter(|f| !allowed.contains(&f.as_str())).collect();
        assert!(!found.is_empty(), "{what}: nothing is called {name}");
        assert!(others.is_empty(), "{what}: {name} is also named in {others:?}");
    }
}

#[test]
fn the_guide_names_every_kind_of_addition() {
    let guide = fs::read_to_string("ARCHITECTURE.md").expect("the guide");
    for kind in [
        "measure",
        "estimator",
        "interval",
        "model",
        "plot",
        "theme",
        "test of bias",
        "sensitivity analysis",
        "command",
        "option",
        "caveat",
        "dataset",
    ] {
        assert!(guide.contains(kind), "the guide says nothing of a {kind}");
    }
}
