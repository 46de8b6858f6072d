//! Agreement with the field's own software: every case of `tests/reference/*.jsonl` through the command line.

mod support;

use serde_json::Value;
use std::fmt::Write;
use support::{metapool, pluck, reference};

/// Cases that metapool does not follow, each with its reason; the proofs are in `disagreements.rs`.
const NOT_FOLLOWED: &[(&str, &str)] = &[
    ("effects-bcg-RTET", "the reference integrates and optimises to about 1e-5; ours is right to 1e-13"),
    ("effects-nielweise2007-RTET", "the reference gives 7e7 as variance where the curvature is not finite"),
    ("pool-ci-normand1999-MD-DL", "the reference stops searching at ten times its own tau2"),
    ("pool-ci-morris2008-MC-ML", "the reference stops searching at ten times its own tau2"),
    ("pool-ci-morris2008-MC-DL", "the reference stops searching at 100"),
    ("propci-pritz1997-WSCC", "the reference gives limits below 1 for n of n events"),
    ("propci-small_arms-WSCC", "the reference gives limits above 0 for 0 events"),
    ("glmm-bcg-UM.RS", "the reference has Laplace's approximation of the integral; ours is exact to 1e-9"),
    ("glmm-hart1999-UM.RS", "the same"),
    ("bias-bcg-Ruecker", "the reference stops its search for τ² at steps of 1e-5"),
    ("bias-raudenbush1985-trimfill-L0-REML", "the same"),
    ("bias-raudenbush1985-trimfill-R0-REML", "the same"),
    ("bias-raudenbush1985-trimfill-Q0-REML", "the same"),
    (
        "bias-raudenbush1985-selection-3psm",
        "τ² is 0 at the maximum, which a search over ln τ² only approaches",
    ),
    ("bias-raudenbush1985-selection-step2", "the same"),
    ("bias-raudenbush1985-selection-beta", "the same, with the first weight at its bound"),
    ("bias-raudenbush1985-selection-halfnorm", "the search ends below the maximum, at numerical integrals"),
    ("bias-raudenbush1985-selection-negexp", "the same"),
    ("bias-hackshaw1998-selection-power", "the same"),
    ("bias-hackshaw1998-selection-beta", "the curvature is that of numerical integrals; ours is exact"),
    ("bias-hackshaw1998-selection-halfnorm", "the same"),
];

/// Within 1e-3 of the size of the largest value: what the grid of the reference allows.
fn near(want: &Value, got: &Value) -> bool {
    let numbers = |v: &Value| v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    let (want, got) = (numbers(want), numbers(got));
    let size = want.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    want.len() == got.len() && want.iter().zip(&got).all(|(w, g)| (w - g).abs() <= 1e-3 * size)
}

const FLAGS: &[(&str, &str)] = &[
    ("measure", "--measure"),
    ("add", "--add"),
    ("to", "--to"),
    ("vtype", "--vtype"),
    ("model", "--model"),
    ("glmm_model", "--glmm-model"),
    ("tau2", "--tau2"),
    ("ci", "--ci"),
    ("level", "--level"),
    ("prediction", "--prediction"),
    ("tau2_ci", "--tau2-ci"),
    ("study_ci", "--study-ci"),
    ("mods", "--mods"),
    ("subgroup", "--subgroup"),
    ("test", "--test"),
    ("type", "--type"),
    ("estimator", "--estimator"),
    ("predictor", "--predictor"),
    ("alternative", "--alternative"),
    ("analysis", "--analysis"),
    ("order", "--order"),
    ("tau_prior", "--tau-prior"),
    ("mu_prior", "--mu-prior"),
];

/// Measures of two groups of counts, for which the references keep studies without events.
const KEPT: &[&str] = &[
    "RR", "OR", "IRR", "PETO", "AS", "PHI", "ZPHI", "YUQ", "YUY", "RTET", "ZTET", "PBIT", "OR2D", "OR2DN",
    "OR2DL", "MPRR", "MPOR", "MPPETO",
];

fn arguments(case: &Value) -> Vec<String> {
    let settings = case["settings"].as_object().unwrap();
    let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), String::from);
    let data = reference(&format!("data/{}.csv", plain(&case["data"])));
    let mut args =
        vec![plain(&settings["command"]), data.display().to_string(), "--format=json".into(), "-q".into()];
    let bias = settings["command"] == "bias";
    // the references keep studies without events, as their programs do by default
    let pooled = plain(&settings["command"]) == "pool";
    let inverse = settings.get("model").is_none_or(|m| m == "inverse-variance");
    if settings.get("measure").is_some_and(|m| KEPT.contains(&m.as_str().unwrap_or_default()))
        && settings["command"] != "bayes"
        && (inverse || !pooled)
    {
        args.push("--double-zero=keep".into());
    }
    for (key, value) in settings {
        match key.as_str() {
            "command" => {}
            // the name of the line's model in tests of bias
            "model" if bias => args.push(format!("--regression={}", plain(value))),
            "steps" => {
                let steps = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                args.push(format!("--steps={}", steps.iter().map(plain).collect::<Vec<_>>().join(",")));
            }
            "common_tau2" => args.extend((value == true).then(|| "--common-tau2".to_string())),
            "roles" => {
                let roles = value.as_object().unwrap().iter().map(|(r, c)| format!("{r}={}", plain(c)));
                args.push(format!("--columns={}", roles.collect::<Vec<_>>().join(",")));
            }
            key => {
                let flag = FLAGS.iter().find(|f| f.0 == key).unwrap_or_else(|| panic!("no flag for {key}")).1;
                args.push(format!("{flag}={}", plain(value)));
            }
        }
    }
    args
}

fn agree(want: &Value, got: &Value, tolerance: f64) -> bool {
    match (want, got) {
        (Value::Array(w), Value::Array(g)) => {
            w.len() == g.len() && w.iter().zip(g).all(|(w, g)| agree(w, g, tolerance))
        }
        (Value::Array(w), g) if w.len() == 1 => agree(&w[0], g, tolerance),
        (w, Value::Array(g)) if g.len() == 1 => agree(w, &g[0], tolerance),
        (Value::Null, g) => g.is_null(),
        (Value::Number(w), Value::Number(g)) => {
            let (w, g) = (w.as_f64().unwrap(), g.as_f64().unwrap());
            (w - g).abs() <= tolerance * w.abs().max(1e-3)
        }
        (w, g) => w == g,
    }
}

/// The reference integrates τ on a grid of about 1e-4; where a shrunken effect is close to zero, or many are compared,
/// that exceeds the tolerance. Everything else of these cases must agree.
fn approximate(id: &str, path: &str) -> bool {
    id.starts_with("bayes-") && path == "studies.shrinkage_mean"
}

/// What is wrong with a case, or nothing.
fn check(case: &Value) -> String {
    let output = metapool().args(arguments(case)).output().unwrap();
    let mut wrong = String::new();
    if !output.status.success() {
        return format!("failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let result = if case["settings"]["command"] == "bias" { result["result"].clone() } else { result };
    let tolerance = case["tol"].as_f64().unwrap();
    for (path, want) in case["expect"].as_object().unwrap() {
        let got = pluck(&result, &path.split('.').collect::<Vec<_>>());
        let id = case["id"].as_str().unwrap();
        let exact = agree(want, &got, tolerance);
        let excused = approximate(id, path) && near(want, &got);
        if !exact && !excused {
            let short = |v: &Value| v.to_string().chars().take(120).collect::<String>();
            let _ = write!(wrong, "\n    {path}: want {}, got {}", short(want), short(&got));
        }
    }
    wrong
}

fn family(name: &str) {
    let text = std::fs::read_to_string(reference(&format!("{name}.jsonl"))).unwrap();
    let cases: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(!cases.is_empty());
    let mut failures = String::new();
    let half = cases.len().div_ceil(2);
    let reports: Vec<(String, String)> = std::thread::scope(|scope| {
        let work = |part: &'_ [Value]| {
            part.iter().map(|c| (c["id"].as_str().unwrap().to_string(), check(c))).collect::<Vec<_>>()
        };
        let threads: Vec<_> = cases.chunks(half).map(|part| scope.spawn(move || work(part))).collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    for (id, wrong) in reports {
        let excused = NOT_FOLLOWED.iter().any(|(known, _)| *known == id);
        if wrong.is_empty() == excused {
            let what = if excused { "agrees now: take it off the list".into() } else { wrong };
            let _ = write!(failures, "\n  {id}: {what}");
        }
    }
    assert!(failures.is_empty(), "{name}:{failures}");
}

#[test]
fn effects() {
    family("effects");
}

#[test]
fn pool() {
    family("pool");
}

#[test]
fn regress() {
    family("regress");
}

#[test]
fn bayes() {
    family("bayes");
}

#[test]
fn counts() {
    family("discrete");
}

#[test]
fn bias() {
    family("bias");
}

#[test]
fn sensitivity() {
    family("sensitivity");
}
