//! What the test files share.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part; tests may unwrap")]

pub mod pictures;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The built program.
pub fn metapool() -> Command {
    Command::new(env!("CARGO_BIN_EXE_metapool"))
}

/// Runs the program with these arguments.
pub fn run(args: &[&str]) -> Output {
    metapool().args(args).output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs the program, which must succeed, and parses its JSON.
#[track_caller]
pub fn json(args: &[&str]) -> Value {
    let output = run(&[args, &["--format", "json", "-q"]].concat());
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A file in this crate's tests.
pub fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

/// Follows a dotted path; over a list it plucks from every element.
pub fn pluck(value: &Value, path: &[&str]) -> Value {
    match (path.split_first(), value) {
        (None, v) => v.clone(),
        (Some(_), Value::Array(items)) => Value::Array(items.iter().map(|i| pluck(i, path)).collect()),
        (Some((head, rest)), v) => v.get(head).map_or(Value::Null, |v| pluck(v, rest)),
    }
}

/// The number at a dotted path.
#[track_caller]
pub fn number(value: &Value, path: &str) -> f64 {
    pluck(value, &path.split('.').collect::<Vec<_>>())
        .as_f64()
        .unwrap_or_else(|| panic!("no number at {path}"))
}

/// Asserts agreement to a relative tolerance.
#[track_caller]
pub fn close(what: &str, got: f64, want: f64, tolerance: f64) {
    let error = (got - want).abs() / want.abs().max(1e-300);
    assert!(
        error <= tolerance,
        "{what}: got {got}, want {want}, relative error {error:.1e} > {tolerance:.0e}"
    );
}
