//! Reviews: the bundled one is what the program makes, and a failing one touches nothing.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::{metapool, stderr};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

#[test]
fn the_committed_review_is_what_the_program_makes() {
    let folder = tempfile::tempdir().unwrap();
    let output = metapool().args(["report", "-q", "-o"]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(output.stderr.is_empty());
    let committed = Path::new("reports/stem-cell");
    let relative = |base: &Path| {
        files(base).iter().map(|f| f.strip_prefix(base).unwrap().to_path_buf()).collect::<Vec<_>>()
    };
    assert_eq!(relative(folder.path()), relative(committed), "run `metapool report` and commit");
    for name in relative(committed) {
        // pictures may differ in the last bit between machines; text may not
        let text = name.extension().is_some_and(|e| e == "md" || e == "csv" || e == "svg");
        if text {
            let (made, kept) = (
                fs::read_to_string(folder.path().join(&name)).unwrap(),
                fs::read_to_string(committed.join(&name)).unwrap(),
            );
            assert!(made == kept, "{}: run `metapool report` and commit", name.display());
        }
    }
}

#[test]
fn a_manifest_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("trials.csv"),
        "name,dead_a,n_a,dead_b,n_b\nA,1,20,4,21\nB,3,50,9,48\nC,0,11,2,12\n",
    )
    .unwrap();
    let manifest = folder.path().join("mine.toml");
    fs::write(&manifest, "title = \"Mine\"\n[[analysis]]\nid = \"death\"\ntitle = \"Death\"\ndata = \"trials.csv\"\nmeasure = \"OR\"\nstudy = \"name\"\nci = \"wald\"\ntau2 = \"DL\"\ncolumns = { events1 = \"dead_a\", n1 = \"n_a\", events2 = \"dead_b\", n2 = \"n_b\" }\n").unwrap();
    let out = folder.path().join("out");
    let output = metapool().arg("report").arg(&manifest).arg("-q").arg("-o").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let names: Vec<String> =
        files(&out).iter().map(|f| f.strip_prefix(&out).unwrap().display().to_string()).collect();
    assert_eq!(
        names,
        [
            "death/agreement.csv",
            "death/agreement.pdf",
            "death/agreement.png",
            "death/agreement.svg",
            "death/forest.pdf",
            "death/forest.png",
            "death/forest.svg",
            "death/pooled.csv",
            "death/result.json",
            "death/studies.csv",
            "report.md"
        ]
    );
    assert!(fs::read_to_string(out.join("report.md")).unwrap().contains("DerSimonian-Laird"));

    let before: Vec<Vec<u8>> = files(&out).iter().map(|f| fs::read(f).unwrap()).collect();
    let bad =
        "\n[[analysis]]\nid = \"second\"\ntitle = \"Second\"\ndata = \"trials.csv\"\nmeasure = \"SMD\"\n";
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap() + bad).unwrap();
    let output = metapool().arg("report").arg(&manifest).arg("-o").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("second") && stderr(&output).contains("hint:"), "{}", stderr(&output));
    let after: Vec<Vec<u8>> = files(&out).iter().map(|f| fs::read(f).unwrap()).collect();
    assert!(before == after, "a failed review leaves the earlier one as it was");
}

#[test]
fn broken_manifests_name_line_and_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    for (text, says) in [
        ("title = \"x\"\n", "no analysis"),
        ("title = \"x\"\nfoo = 3\n", "line 2"),
        ("title = \n", "line 1"),
        (
            "title = \"x\"\n[[analysis]]\nid = \"../up\"\ntitle = \"t\"\ndata = \"@bcg\"\n",
            "cannot name a folder",
        ),
        (
            "title = \"x\"\n[[analysis]]\nid = \"a\"\ntitle = \"t\"\ndata = \"@bcg\"\n[[analysis]]\nid = \"a\"\ntitle = \"t\"\ndata = \"@bcg\"\n",
            "two analyses",
        ),
        (
            "title = \"x\"\n[[analysis]]\nid = \"a\"\ntitle = \"t\"\ndata = \"@bcg\"\ntau2 = \"REMEL\"\n",
            "REMEL",
        ),
        (
            "title = \"x\"\n[[analysis]]\nid = \"a\"\ntitle = \"t\"\ndata = \"@bcg\"\nplots = [\"pie\"]\n",
            "pie",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let output =
            metapool().arg("report").arg(&path).arg("-o").arg(folder.path().join("out")).output().unwrap();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{text}");
        let said = stderr(&output);
        assert!(said.contains(says) && said.contains("hint:"), "{text}: {said}");
        assert!(!folder.path().join("out").exists());
    }
}
