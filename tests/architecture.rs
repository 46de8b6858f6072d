//! Data flows one way. Each layer may name only the layers listed beside it, and only its own libraries.

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
    ("tempfile", "src/report"),
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

#[test]
fn no_layer_looks_up() {
    let mut files = 0;
    for (layer, allowed) in LAYERS {
        visit(&Path::new("src").join(layer), &mut |path, text| {
            files += 1;
            for other in ["analysis", "review", "cli"].iter().chain(LAYERS.iter().map(|(l, _)| l)) {
                let named =
                    text.contains(&format!("crate::{other}::")) || text.contains(&format!("crate::{other};"));
                assert!(
                    !named || other == layer || allowed.contains(other),
                    "{}: `{layer}` must not use `{other}`",
                    path.display()
                );
            }
        });
    }
    assert!(files > 40);
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
        let prints = ["println!", "eprintln!", "print!(", "dbg!("].iter().any(|p| text.contains(p));
        assert!(!prints || path.starts_with("src/cli"), "{}: only the command line prints", path.display());
    });
}
