//! Every example of the help runs as it stands there.

mod support;

use std::process::Command;
use support::{run, stdout};

/// The lines below "Examples:", with those that were wrapped joined again.
fn examples(command: &str) -> Vec<String> {
    let help = stdout(&run(&[command, "--help"]));
    let below = help.split("Examples:\n").nth(1).unwrap_or_default();
    let mut lines: Vec<String> = vec![];
    for line in below.lines().map(str::trim).take_while(|l| !l.is_empty()) {
        match lines.last_mut().filter(|_| !line.starts_with("metapool ") && !line.starts_with("cat ")) {
            Some(last) => *last += &format!(" {line}"),
            None => lines.push(line.to_string()),
        }
    }
    lines
}

#[test]
fn examples_of_the_help_run() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let rows: String = (0..12)
        .map(|i| {
            let (dose, drug) = (10 * (1 + i % 4), if i % 2 == 0 { "a" } else { "b" });
            format!("S{i},{},{},{},{},{dose},{drug}\n", 3 + i % 5, 40 + i, 5 + i % 7, 42 + i)
        })
        .collect();
    write("trials.csv", &format!("study,events1,n1,events2,n2,dose,drug\n{rows}"));
    write("published.csv", "study,hr,lower,upper\nA,0.55,0.28,1.09\nB,0.92,0.79,1.08\nC,0.79,0.59,1.05\n");
    write(
        "arms.csv",
        "study,treatment,events,n\nA,drug,5,50\nA,placebo,9,50\nB,drug,3,30\nB,placebo,8,31\nC,drug,4,40\nC,placebo,9,41\n",
    );
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_metapool")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let mut count = 0;
    for command in ["pool", "effects", "regress", "bias", "sensitivity", "bayes", "plot", "datasets", "list"]
    {
        let all = examples(command);
        assert!(!all.is_empty(), "{command}");
        for line in all {
            let output = Command::new("sh")
                .args(["-c", &line])
                .env("PATH", &path)
                .current_dir(&folder)
                .output()
                .unwrap();
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            count += 1;
        }
    }
    assert!(count > 25, "{count}");
}
