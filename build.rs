//! Lists `datasets/*.csv` with their descriptions, so that adding a dataset needs no code.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=datasets");
    let dir = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("datasets");
    let mut names: Vec<String> = fs::read_dir(&dir)
        .expect("the datasets folder")
        .filter_map(|entry| entry.ok()?.path().file_name()?.to_str()?.strip_suffix(".csv").map(String::from))
        .collect();
    names.sort();
    let mut code = String::from("static FILES: &[(&str, &str, &str)] = &[\n");
    for name in names {
        let file = |ending| dir.join(format!("{name}.{ending}")).display().to_string();
        code +=
            &format!("    ({name:?}, include_str!({:?}), include_str!({:?})),\n", file("csv"), file("toml"));
    }
    let out = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("bundled.rs");
    fs::write(out, code + "];\n").expect("the build folder is writable");
}
