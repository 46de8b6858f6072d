//! Data flows one way. Each layer may name only the layers listed beside it, and only its own libraries.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const LAYERS: &[(&str, &[&str])] = &[
    ("choice", &[]),
    ("math", &[]),
    ("dataset", &["choice", "math"]),
    ("effect", &["choice", "dataset", "math"]),
    ("result", &["choice", "effect", "math"]),
    ("model", &["choice", "dataset", "effect", "math", "result"]),
    ("sensitivity", &["choice", "dataset", "effect", "math", "model", "result"]),
    ("bias", &["choice", "dataset", "effect", "math", "model", "result"]),
    ("mass", &["choice", "dataset", "effect", "math", "model"]),
    ("plot", &["choice", "dataset", "effect", "math", "result"]),
    ("document", &["choice", "effect", "result"]),
    ("report", &["choice", "document", "effect", "math", "plot", "result"]),
];

/// Crates and the only folder or file that may import them.
const LIBRARIES: &[(&str, &str)] = &[
    ("statrs", "src/math"),
    ("libm", "src/math"),
    ("polars", "src/dataset/columnar"),
    ("calamine", "src/dataset/workbook.rs"),
    ("flate2", "src/dataset"),
    ("zmij", "src/mass"),
    ("hashbrown", "src/mass"),
    ("foldhash", "src/mass"),
    ("memchr", "src/dataset"),
    ("pulp", "src/math"),
    ("plotters", "src/plot/render/png"),
    ("tiny_skia", "src/plot/render/png"),
    ("krilla", "src/plot/render/pdf.rs"),
    ("harfrust", "src/plot/text"),
    ("skrifa", "src/plot/text"),
    ("fontdb", "src/plot/text"),
    ("tempfile", "src/file.rs"),
    ("rand_pcg", "src/math"),
    ("clap", "src/cli"),
    ("comfy_table", "src/document"),
];

fn visit(dir: &Path, f: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            visit(&path, f);
        } else if path.extension().is_some_and(|e| e == "rs") {
            f(&path, &fs::read_to_string(&path).expect("text"));
        }
    }
}

/// The layers that stand above all of these.
const ABOVE: &[&str] = &["analysis", "review", "cli"];

/// Layers that a file names: `crate::layer`, alone or in braces, in uses and in paths.
fn named(text: &str) -> BTreeSet<&str> {
    let word = |s: &'_ str| s.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(s.len());
    let code =
        |at: usize| !text[text[..at].rfind('\n').map_or(0, |n| n + 1)..at].trim_start().starts_with("//");
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::").filter(|(at, _)| code(*at)) {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => drop(found.insert(&rest[..word(rest)])),
            // the first names between the braces of `use crate::{a::b, c}`
            Some(inside) => {
                let (mut depth, mut start) = (0, true);
                for (i, c) in inside.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if c.is_whitespace() => {}
                        _ if start => {
                            found.insert(&inside[i..i + word(&inside[i..])]);
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn no_layer_looks_up() {
    let mut files = 0;
    for (layer, allowed) in LAYERS {
        visit(&Path::new("src").join(layer), &mut |path, text| {
            files += 1;
            let named = named(text);
            for other in ABOVE.iter().chain(LAYERS.iter().map(|(l, _)| l)) {
                assert!(
                    !named.contains(other) || other == layer || allowed.contains(other),
                    "{}: `{layer}` must not use `{other}`",
                    path.display()
                );
            }
        });
    }
    assert!(files > 40);
    assert_eq!(named("use crate::{a::{x, y}, b};\ncrate::c::d"), BTreeSet::from(["a", "b", "c"]));
}

/// Rooms of the models that know nothing of those who use them.
const ROOMS: &[(&str, &[&str])] = &[
    ("sums", &["regression", "counts", "bayes", "interval", "tau2", "subgroups", "likelihood"]),
    ("tau2", &["regression", "counts", "bayes", "subgroups", "likelihood", "inverse_variance"]),
    ("interval", &["regression", "counts", "bayes", "subgroups", "inverse_variance"]),
    ("likelihood", &["regression", "counts", "bayes", "subgroups", "inverse_variance"]),
    ("counts", &["regression", "bayes"]),
    ("bayes", &["regression", "counts", "subgroups"]),
];

#[test]
fn rooms_of_the_models_do_not_know_their_users() {
    for (room, strangers) in ROOMS {
        visit(&Path::new("src/model").join(room), &mut |path, text| {
            for other in *strangers {
                let way = format!("model::{other}::");
                assert!(!text.contains(&way), "{}: `{room}` must not use `{other}`", path.display());
            }
        });
    }
}

#[test]
fn the_library_knows_no_flags() {
    visit(Path::new("src"), &mut |path, text| {
        // the table of options holds the examples of the terminal, and `wording` how a terminal words an option
        if path.starts_with("src/cli")
            || path.starts_with("src/choice/option")
            || path.ends_with("wording.rs")
        {
            return;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            let flag = line.match_indices("--").any(|(at, _)| {
                line[at + 2..].starts_with(|c: char| c.is_ascii_lowercase()) && line[..at].contains('"')
            });
            assert!(!flag, "{}, line {}: options are named in marks: {line}", path.display(), number + 1);
        }
    });
}

#[test]
fn each_library_has_one_home() {
    for (library, home) in LIBRARIES {
        let mut used = false;
        visit(Path::new("src"), &mut |path, text| {
            let named = text.contains(&format!("use {library}::")) || text.contains(&format!("{library}::"));
            used |= named;
            assert!(!named || path.starts_with(home), "{}: `{library}` belongs to {home}", path.display());
        });
        assert!(used, "`{library}` is not used");
    }
}

#[test]
fn the_library_does_not_print() {
    visit(Path::new("src"), &mut |path, text| {
        let code = || text.lines().filter(|l| !l.trim_start().starts_with("//"));
        let prints =
            ["println!", "eprintln!", "print!(", "dbg!("].iter().any(|p| code().any(|l| l.contains(p)));
        assert!(!prints || path.starts_with("src/cli"), "{}: only the command line prints", path.display());
    });
}
