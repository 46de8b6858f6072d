//! Mass analyses: the numbers of `pool` and of metafor, the same bytes however the rows come, and restart.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

mod support;

use metapool::effect::Measure;
use metapool::mass::{MassOptions, Order, run as pool_all};
use metapool::model::interval::Interval;
use metapool::model::tau2::Tau2;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use support::{json, metapool, run, stderr, stdout};

/// The same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }
}

/// Groups of 1 to 14 studies, homogeneous and heterogeneous, as (group, y, v).
fn groups(count: usize, seed: u64) -> Vec<(String, f64, f64)> {
    let mut r = Numbers(seed);
    let mut rows = vec![];
    for g in 0..count {
        let (k, spread, mean) = (1 + r.below(14), [0.0, 0.5, 3.0][r.below(3)], r.next() - 0.5);
        for _ in 0..k {
            let v = 0.01 + 0.5 * r.next();
            let noise = r.next() + r.next() + r.next() - 1.5;
            rows.push((format!("g{g:05}"), mean + noise * (4.0 * v + spread).sqrt(), v));
        }
    }
    rows
}

fn text(rows: &[(String, f64, f64)]) -> String {
    let mut out = "group,yi,vi\n".to_string();
    rows.iter().for_each(|(g, y, v)| writeln!(out, "{g},{y:?},{v:?}").unwrap());
    out
}

fn shuffled(rows: &[(String, f64, f64)]) -> Vec<(String, f64, f64)> {
    let mut rows = rows.to_vec();
    let mut r = Numbers(99);
    for i in (1..rows.len()).rev() {
        rows.swap(i, r.below(i + 1));
    }
    rows
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Runs `mass`, which must succeed; gives what it wrote.
#[track_caller]
fn mass(folder: &Path, args: &[&str]) -> String {
    let out = folder.join("result.csv");
    let output = metapool().arg("mass").args(args).args(["-q", "-o"]).arg(&out).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    std::fs::read_to_string(out).unwrap()
}

/// Rows of a CSV text by their first cell.
fn table(text: &str) -> HashMap<String, HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let rows = reader.records().map(|r| {
        let r = r.unwrap();
        (r[0].to_string(), header.iter().cloned().zip(r.iter().map(String::from)).collect())
    });
    rows.collect()
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= tolerance * (1.0 + b.abs())
}

#[test]
fn ten_thousand_groups_are_those_of_pool() {
    use metapool::effect::EffectTable;
    use metapool::model::tau2::Tau2;
    use metapool::model::{ModelOptions, pool};
    let folder = tempfile::tempdir().unwrap();
    let rows = groups(10_000, 1);
    let path = file(folder.path(), "rows.csv", &text(&rows));
    for (code, tau2) in [
        ("REML", Tau2::Reml),
        ("PM", Tau2::PauleMandel),
        ("DL", Tau2::DerSimonianLaird),
        ("ML", Tau2::MaximumLikelihood),
    ] {
        let all = table(&mass(folder.path(), &[&path, "--by", "group", "--tau2", code]));
        assert_eq!(all.len(), 10_000);
        for run in rows.chunk_by(|a, b| a.0 == b.0) {
            let own = &all[&run[0].0];
            let column = |f: &dyn Fn(&(String, f64, f64)) -> f64| run.iter().map(f).collect::<Vec<f64>>();
            let labels: Vec<String> = (0..run.len()).map(|i| format!("s{i}")).collect();
            let table =
                EffectTable::from_effects(Measure::Generic, &labels, &column(&|r| r.1), &column(&|r| r.2))
                    .unwrap();
            let pooled = pool(table, ModelOptions { tau2: Some(tau2), ..ModelOptions::default() }).unwrap();
            let value = |name: &str| own[name].parse::<f64>().unwrap_or(f64::NAN);
            assert_eq!(own["k"], run.len().to_string());
            if run.len() == 1 {
                assert!(own["notes"].contains("one-study") && own["estimate"].is_empty(), "{own:?}");
                continue;
            }
            let random = pooled.random.as_ref().unwrap();
            let h = pooled.heterogeneity.as_ref().unwrap();
            let prediction =
                random.prediction.as_ref().map_or((None, None), |p| (Some(p.lower), Some(p.upper)));
            for (name, expected) in [
                ("estimate", Some(random.estimate)),
                ("se", random.se),
                ("ci_lower", random.lower),
                ("ci_upper", random.upper),
                ("p_value", random.p_value),
                ("tau2", h.tau2),
                ("i2", h.i2),
                ("q", Some(h.q)),
                ("q_p_value", Some(h.q_p_value)),
                ("prediction_lower", prediction.0),
                ("prediction_upper", prediction.1),
            ] {
                let expected = expected.unwrap_or(f64::NAN);
                assert!(
                    close(value(name), expected, 1e-12),
                    "{code} {}: {name} {} for {expected}",
                    run[0].0,
                    value(name)
                );
            }
        }
    }
}

#[test]
fn two_hundred_groups_are_those_of_metafor() {
    let folder = tempfile::tempdir().unwrap();
    let ours = table(&mass(
        folder.path(),
        &["tests/data/mass.csv", "--by", "g", "--tau2", "REML,DL", "--ci", "hksj"],
    ));
    let theirs = table(&std::fs::read_to_string(support::reference("mass.csv")).unwrap());
    assert!(theirs.len() == 200 && ours.len() == 200);
    let pairs = [
        ("common_estimate", "fe", 1e-10),
        ("common_se", "fe_se", 1e-10),
        ("estimate", "est", 1e-7),
        ("se", "se", 1e-7),
        ("ci_lower", "lo", 1e-7),
        ("ci_upper", "hi", 1e-7),
        ("p_value", "p", 1e-7),
        ("tau2", "tau2", 1e-6),
        ("i2", "i2", 1e-6),
        ("q", "q", 1e-10),
        ("q_p_value", "qp", 1e-10),
        ("estimate_DL", "dl", 1e-10),
        ("tau2_DL", "dl_tau2", 1e-10),
    ];
    for (group, own) in &theirs {
        for (a, b, tolerance) in pairs {
            let (a_value, b_value) = (ours[group][a].parse().unwrap(), own[b].parse().unwrap());
            assert!(close(a_value, b_value, tolerance), "{group} {a}: {a_value} for {b_value}");
        }
    }
}

#[test]
fn rows_give_the_same_bytes_however_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let rows = groups(3000, 2);
    let sorted = file(at, "sorted.csv", &text(&rows));
    let whole = mass(at, &[&sorted, "--by", "group"]);
    assert_eq!(whole, mass(at, &[&sorted, "--by", "group", "--sorted"]));
    assert_eq!(whole, mass(at, &[&sorted, "--by", "group", "--unsorted"]));
    // through disk, and nothing stays there
    assert_eq!(whole, mass(at, &[&sorted, "--by", "group", "--unsorted", "--memory", "0"]));
    assert!(!at.join("result.csv.partitions").exists());
    // standard output
    assert_eq!(whole, stdout(&run(&["mass", &sorted, "--by", "group", "-q"])));
    // tabs, gzip, Parquet
    let tabs = file(at, "tabs.tsv", &text(&rows).replace(',', "\t"));
    assert_eq!(whole, mass(at, &[&tabs, "--by", "group"]));
    let packed = at.join("packed.csv.gz");
    let mut gz =
        flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    gz.write_all(text(&rows).as_bytes()).unwrap();
    gz.finish().unwrap();
    assert_eq!(whole, mass(at, &[&packed.display().to_string(), "--by", "group"]));
    // shards in a folder and by pattern, whole and as partial results
    std::fs::create_dir(at.join("shards")).unwrap();
    for (i, part) in rows.chunks(rows.len() / 3 + 1).enumerate() {
        file(&at.join("shards"), &format!("part{i}.csv"), &text(part));
    }
    let shards = at.join("shards").display().to_string();
    assert_eq!(whole, mass(at, &[&shards, "--by", "group"]));
    assert_eq!(whole, mass(at, &[&format!("{shards}/part?.csv"), "--by", "group", "--unsorted"]));
    for i in 0..3 {
        let (from, to) = (format!("{shards}/part{i}.csv"), format!("{shards}/state{i}.parquet"));
        assert!(run(&["mass", &from, "--by", "group", "--partial", "-q", "-o", &to]).status.success());
    }
    let merged = run(&["merge", &format!("{shards}/state*.parquet"), "-q"]);
    assert_eq!(whole, stdout(&merged), "{}", stderr(&merged));
    // a result as Parquet holds the same numbers
    let parquet = at.join("result.parquet").display().to_string();
    assert!(run(&["mass", &sorted, "--by", "group", "-q", "-o", &parquet]).status.success());
    let again = mass(at, &[&parquet, "--by", "group", "-c", "estimate=common_estimate,se=common_se"]);
    let (whole, again) = (table(&whole), table(&again));
    assert!(whole.iter().all(|(g, r)| close(
        again[g]["common_estimate"].parse().unwrap(),
        r["common_estimate"].parse().unwrap(),
        1e-15
    )));
    // in any order the groups come as they first appear, with the same numbers
    let mixed = file(at, "mixed.csv", &text(&shuffled(&rows)));
    let mixed = table(&mass(at, &[&mixed, "--by", "group"]));
    for (group, own) in &whole {
        for name in ["k", "estimate", "tau2", "q", "ci_upper"] {
            let (a, b) = (&mixed[group][name], &own[name]);
            let (a, b) = (a.parse().unwrap_or(f64::NAN), b.parse().unwrap_or(f64::NAN));
            assert!(close(a, b, 1e-9), "{group} {name}: {a} for {b}");
        }
    }
}

#[test]
fn tables_are_joined_on_a_key_with_their_alleles() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let head = "MARKER\tA1\tA2\tBETA\tSE\tN\n";
    let one = file(
        at,
        "1.tsv",
        &format!(
            "{head}m1\tA\tG\t0.2\t0.1\t100\nm2\tA\tC\t0.1\t0.1\t100\nm3\tA\tG\t0.3\t0.1\t100\nm4\tA\tT\t0.3\t0.1\t100\n"
        ),
    );
    // m1 turned round, m2 on the other strand, m3 of other alleles, m4 reads the same on both strands; m5 is new
    let two = file(
        at,
        "2.tsv",
        &format!(
            "{head}m5\tA\tG\t1\t0.1\t400\nm1\tG\tA\t-0.4\t0.1\t400\nm2\tT\tG\t0.3\t0.1\t400\nm3\tA\tC\t0.3\t0.1\t400\nm4\tA\tT\t0.1\t0.1\t400\nm4\tA\tT\t9\t0.1\t400\n"
        ),
    );
    let args =
        [&one, &two, "--key", "MARKER", "-c", "estimate=BETA,se=SE", "--alleles", "A1,A2", "--size", "N"];
    let text = mass(at, &args);
    let order: Vec<&str> = text.lines().skip(1).map(|l| &l[..2]).collect();
    assert_eq!(order, ["m1", "m2", "m3", "m4", "m5"]);
    let all = table(&text);
    let number = |m: &str, c: &str| all[m][c].parse::<f64>().unwrap();
    assert!(close(number("m1", "common_estimate"), 0.3, 1e-15) && all["m1"]["notes"].contains("flipped"));
    assert!(close(number("m2", "common_estimate"), 0.2, 1e-15) && !all["m2"]["notes"].contains("flipped"));
    assert!(all["m3"]["k"] == "1" && all["m3"]["notes"].contains("alleles-differ"));
    assert!(close(number("m4", "common_estimate"), 0.2, 1e-15));
    assert!(all["m4"]["notes"].contains("palindromic") && all["m4"]["notes"].contains("duplicate-study"));
    assert_eq!((&*all["m5"]["direction"], &*all["m1"]["direction"]), ("'?+", "'++"));
    // (2·√100 + 4·√400) / √500
    assert!(close(number("m1", "z"), 100.0 / 500f64.sqrt(), 1e-14));
    assert_eq!(all["m1"]["size"], "500");
    // without alleles a row is missing, and does not become the reference of the others
    let bare = file(at, "0.tsv", &format!("{head}m1\t\tG\t5\t0.1\t100\n"));
    let behind = table(&mass(at, &[&[bare.as_str()][..], &args].concat()));
    assert_eq!((&*behind["m1"]["direction"], &*behind["m1"]["k"]), ("'?++", "2"));
    // genomic control: λ over 1 widens, λ under 1 does nothing
    let with = table(&mass(at, &[&args[..], &["--genomic-control"]].concat()));
    let ratio = with["m1"]["common_se"].parse::<f64>().unwrap() / number("m1", "common_se");
    assert!(ratio > 1.0, "{ratio}");
}

#[test]
fn counts_are_pooled_as_pool_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let bcg = at.join("exported.csv");
    assert!(run(&["datasets", "bcg", "-o", &bcg.display().to_string()]).status.success());
    let dat = std::fs::read_to_string(bcg).unwrap();
    let mut lines = dat.lines();
    let mut text = format!("outcome,{}\n", lines.next().unwrap());
    lines.for_each(|l| writeln!(text, "tb,{l}").unwrap());
    let path = file(at, "bcg.csv", &text);
    for measure in ["OR", "RR", "RD"] {
        let all = table(&mass(at, &[&path, "--by", "outcome", "-m", measure]));
        let pooled = json(&["pool", "@bcg", "-m", measure]);
        let same = |column: &str, path: &str| {
            let (a, b) = (all["tb"][column].parse::<f64>().unwrap(), support::number(&pooled, path));
            assert!(close(a, b, 1e-12), "{measure} {column}: {a} for {b}");
        };
        same("estimate", "random.estimate");
        same("tau2", "heterogeneity.tau2");
    }
}

#[test]
fn odd_rows_are_noted_and_their_groups_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let path = file(
        at,
        "odd.csv",
        "g,yi,sei\none,1,0.5\ntwo,1,0.5\ntwo,3,0.5\nequal,1,0.5\nequal,1,0.5\nequal,1,0.5\nmissing,1,0.5\nmissing,,0.5\n\
         missing,2,NA\ninfinite,inf,0.5\ninfinite,1,0\ninfinite,2,-1\ninfinite,2,1\nnone,NA,1\n=cmd(),1e-160,1e-150\n\
         =cmd(),3e-160,1e-150\nhuge,1e150,1e140\nhuge,3e150,1e140\n,5,1\n",
    );
    let output = run(&["mass", &path, "--by", "g"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 row without a group left out"), "{}", stderr(&output));
    let all = table(&stdout(&output));
    let of = |g: &str, c: &str| all[g][c].clone();
    assert_eq!(
        (of("one", "k"), of("one", "notes"), of("one", "tau2")),
        ("1".into(), "one-study".into(), String::new())
    );
    assert_eq!(of("two", "prediction_lower"), "");
    assert_eq!(
        (of("equal", "tau2"), of("equal", "i2"), of("equal", "q")),
        ("0".into(), "0".into(), "0".into())
    );
    assert!(of("missing", "k") == "1" && of("missing", "notes").contains("missing-values"));
    assert!(of("infinite", "k") == "1" && of("infinite", "notes").contains("impossible-values"));
    assert!(
        of("none", "k") == "0"
            && of("none", "estimate").is_empty()
            && of("none", "notes").contains("no-studies")
    );
    assert!(close(of("huge", "estimate").parse().unwrap(), 2e150, 1e-12));
    // a group that would be a formula to a spreadsheet is text
    assert!(close(of("'=cmd()", "common_estimate").parse::<f64>().unwrap() * 1e160, 2.0, 1e-12));
}

#[test]
fn faults_are_located_and_touch_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let good = file(at, "good.csv", "g,yi,vi\na,1,1\na,2,1\n");
    let words = file(at, "words.csv", "g,yi,vi\na,1,1\na,two,1\n");
    let short = file(at, "short.csv", "g,yi,vi\na,1,1\na,2\n");
    let semi = file(at, "semi.csv", "g;yi;vi\na;1;1\n");
    let packed = at.join("packed.csv.gz");
    let mut gz = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gz.write_all(text(&groups(100, 6)).as_bytes()).unwrap();
    let whole = gz.finish().unwrap();
    std::fs::write(&packed, &whole[..whole.len() / 2]).unwrap();
    let packed = packed.display().to_string();
    let other = file(at, "other.csv", "g,effect,vi\na,1,1\n");
    let mixed = file(at, "mixed.csv", "g,yi,vi\na,1,1\nb,2,1\na,2,1\n");
    let parquet = at.join("good.parquet").display().to_string();
    assert!(run(&["mass", &good, "--by", "g", "-q", "-o", &parquet]).status.success());
    let bytes = std::fs::read(&parquet).unwrap();
    let cut = at.join("cut.parquet");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let cut = cut.display().to_string();
    let out = at.join("out.csv");
    std::fs::write(&out, "earlier").unwrap();
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&[&words, "--by", "g"], 1, &["words.csv", "line 3", "`yi`", "two"]),
        (&[&words, "--by", "g", "--unsorted"], 1, &["words.csv", "line 3"]),
        (&[&short, "--by", "g"], 1, &["short.csv", "line 3", "2 cells"]),
        (&[&semi, "--by", "g"], 1, &["semi.csv", "line 1", "semicolons", "--delimiter ';'"]),
        (&[&packed, "--by", "group"], 1, &["packed.csv.gz", "complete"]),
        (&[&good, &other, "--by", "g"], 1, &["other.csv", "estimate"]),
        (&[&mixed, "--by", "g", "--sorted"], 1, &["not sorted", "hint"]),
        (&[&cut, "--by", "g"], 1, &["cut.parquet", "complete"]),
        (&[&good, "--by", "nix"], 2, &["`nix`", "good.csv"]),
        (&[&good, "--key", "g"], 2, &["nothing to join"]),
        (&[&good], 2, &["--by"]),
        (&[&good, "--by", "g", "--ci", "profile"], 2, &["--ci"]),
        (&["nowhere/*.csv", "--by", "g"], 1, &["nowhere"]),
        (&[&good, "--by", "g", "--level", "200"], 2, &["level"]),
        (&[&good, "--by", "g", "--measure", "OR"], 2, &["scale", "--values analysis"]),
        (&[&good, "--by", "g", "--measure", "PLO", "--columns", "events=yi"], 1, &["good.csv"]),
    ];
    for (args, code, words) in cases {
        let output = metapool().arg("mass").args(*args).arg("-o").arg(&out).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(*code), "{args:?}: {said}");
        words.iter().for_each(|w| assert!(said.contains(w), "{args:?} lacks {w}: {said}"));
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "earlier", "{args:?}");
        assert!(!at.join("out.csv.building").exists(), "{args:?}");
    }
    // names that would tear a row apart, an estimator named twice, an option without use
    let torn = file(at, "torn.csv", "g,yi,vi\na,1,1\na\u{1f}b,2,1\n");
    let torn = run(&["mass", &torn, "--by", "g"]);
    assert!(torn.status.code() == Some(1) && stderr(&torn).contains("line 3"), "{}", stderr(&torn));
    let twice = run(&["mass", &good, "--by", "g", "--tau2", "REML,DL,DL"]);
    assert!(twice.status.code() == Some(2) && stderr(&twice).contains("estimate_DL"), "{}", stderr(&twice));
    let idle = run(&["mass", &good, "--by", "g", "--partial", "--memory", "5", "-o", "x.parquet"]);
    assert!(idle.status.code() == Some(2), "{}", stderr(&idle));
    // a fault after rows went to disk leaves nothing there
    let many = file(at, "many.csv", &(text(&groups(9000, 7)) + "z,word,1\n"));
    let spilled = ["mass", &many, "--by", "group", "--unsorted", "--memory", "0", "-o"];
    assert!(!metapool().args(spilled).arg(&out).status().unwrap().success());
    assert!(!at.join("out.csv.partitions").exists());
    // the same column as group and as number, in a columnar file
    let state = at.join("state.parquet").display().to_string();
    assert!(run(&["mass", &good, "--by", "g", "--partial", "-q", "-o", &state]).status.success());
    let both = run(&["mass", &state, "--by", "variance", "-q", "-c", "estimate=estimate,variance=variance"]);
    assert!(stdout(&both).lines().nth(1).is_some_and(|l| l.starts_with("1.0,2,1.5,")), "{both:?}");
    let shard = run(&["merge", &parquet]);
    assert!(shard.status.code() == Some(1) && stderr(&shard).contains("partial"), "{}", stderr(&shard));
    let form = run(&["mass", &good, "--by", "g", "-o", "x.docx"]);
    assert!(form.status.code() == Some(2) && stderr(&form).contains(".parquet"), "{}", stderr(&form));
    let clash = file(at, "clash.csv", "k,yi,vi\na,1,1\na,2,1\n");
    let clash = run(&["mass", &clash, "--by", "k"]);
    assert!(clash.status.code() == Some(2) && stderr(&clash).contains("`k`"), "{}", stderr(&clash));
}

#[test]
fn killed_at_any_moment_a_rerun_completes_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let path = file(at, "rows.csv", &text(&shuffled(&groups(15_000, 3))));
    let args = ["mass", &path, "--by", "group", "--unsorted", "--memory", "0", "-q", "-o"];
    let whole = at.join("whole.csv");
    let start = std::time::Instant::now();
    assert!(metapool().args(args).arg(&whole).status().unwrap().success());
    let needed = start.elapsed();
    let expected = std::fs::read(&whole).unwrap();
    let out: PathBuf = at.join("out.csv");
    let mut r = Numbers(5);
    let mut killed = 0;
    for _ in 0..20 {
        let mut child = metapool().args(args).arg(&out).spawn().unwrap();
        std::thread::sleep(needed.mul_f64(1.1 * r.next()));
        let _ = child.kill();
        let finished = child.wait().unwrap().success();
        killed += usize::from(!finished);
        // a result is whole or not there; it may be there just before the end
        match std::fs::read(&out) {
            Ok(there) => assert!(there == expected),
            Err(_) => assert!(!finished),
        }
        let again = metapool().args(args).arg(&out).output().unwrap();
        assert!(again.status.success(), "{}", stderr(&again));
        assert!(std::fs::read(&out).unwrap() == expected);
        assert!(!at.join("out.csv.partitions").exists() && !at.join("out.csv.building").exists());
        std::fs::remove_file(&out).unwrap();
    }
    assert!(killed > 0);
}

#[test]
fn the_library_says_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "rows.csv", &text(&groups(500, 4)));
    let options = MassOptions {
        inputs: vec![path],
        keys: vec!["group".into()],
        order: Order::Unsorted,
        ..MassOptions::default()
    };
    let mut out = vec![];
    let summary = pool_all(&options, Some(Box::new(&mut out)), &|_, _| {}).unwrap();
    assert_eq!((summary.groups, summary.measure, summary.spilled), (500, Some(Measure::Generic), false));
    assert!(summary.notes.iter().any(|n| n.0 == "one-study"));
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 501);
}

#[test]
fn searches_side_by_side_are_those_alone() {
    use metapool::model::Sample;
    let mut r = Numbers(8);
    let made: Vec<(Vec<f64>, Vec<f64>)> = (0..4000)
        .map(|i| {
            // units from tiny to huge, sizes on both sides of what a lane holds
            let (k, unit) = (2 + r.below(60), 10f64.powi(r.below(140) as i32 - 70));
            let spread = [0.0, 1.0, 6.0][i % 3];
            let v: Vec<f64> = (0..k).map(|_| (0.05 + r.next()) * unit * unit).collect();
            let y = v.iter().map(|v| (r.next() - 0.5) * (3.5 * v.sqrt() + spread * unit)).collect();
            (y, v)
        })
        .collect();
    let samples: Vec<Sample<'_>> = made.iter().map(|(y, v)| Sample::new(y, v)).collect();
    for estimator in [Tau2::Reml, Tau2::MaximumLikelihood] {
        let together = estimator.estimate_all(&samples);
        let (mut zero, mut most) = (0, 0.0f64);
        for (found, sample) in together.iter().zip(&samples) {
            let alone = estimator.estimate_all(&[*sample])[0];
            let single = metapool::model::inverse_variance::fit(
                *sample,
                estimator,
                metapool::model::interval::Interval::Wald,
                95.0,
            );
            zero += usize::from(found.tau2 == 0.0);
            assert_eq!(found.tau2, alone.tau2);
            most = most.max((found.tau2 - single.between.tau2).abs() / (found.tau2 + sample.v[0]));
        }
        assert!(most < 1e-12 && zero > 500, "{most}, {zero}");
    }
}

/// Units change nothing: thousandths of a milligram or the mass of stars.
#[test]
fn searches_are_free_of_units() {
    use metapool::model::Sample;
    let mut r = Numbers(9);
    for i in 0..300 {
        let v: Vec<f64> = (0..3 + r.below(20)).map(|_| 0.05 + r.next()).collect();
        let y: Vec<f64> = v.iter().map(|v| (r.next() - 0.5) * (3.5 * v.sqrt() + f64::from(i % 4))).collect();
        for estimator in [Tau2::Reml, Tau2::MaximumLikelihood] {
            let plain = estimator.estimate_all(&[Sample::new(&y, &v)])[0].tau2;
            for exponent in [-230, -170, -160, 160, 170, 230] {
                let unit = f64::from(exponent).exp2();
                let y: Vec<f64> = y.iter().map(|y| y * unit).collect();
                let v: Vec<f64> = v.iter().map(|v| v * unit * unit).collect();
                for found in [
                    estimator.estimate_all(&[Sample::new(&y, &v)])[0],
                    estimator.estimate(Sample::new(&y, &v)),
                ] {
                    let own = found.tau2 / unit / unit;
                    assert!(close(own, plain, 1e-9), "{estimator:?}, 2^{exponent}: {own} against {plain}");
                }
            }
        }
    }
}

/// Sixty tables in different orders, more studies than a lane takes, with the same bytes in memory and through disk.
#[test]
fn tables_in_any_order_are_joined_in_the_order_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut r = Numbers(5);
    let mut studies: HashMap<String, Vec<(f64, f64)>> = HashMap::new();
    for f in 0..60 {
        let mut rows = vec![];
        for g in 0..300 {
            // a third of the groups is only in the first tables
            if (g % 3 != 0 || f < 2) && r.next() < 0.9 {
                rows.push((format!("m{g}"), r.next() * 2.0 - 1.0, 0.05 + r.next()));
            }
        }
        if f % 7 == 3 {
            rows = shuffled(&rows);
        } else if f % 5 == 4 {
            rows.reverse();
        }
        let mut text = "marker\tyi\tvi\n".to_string();
        for (g, y, v) in &rows {
            writeln!(text, "{g}\t{y:?}\t{v:?}").unwrap();
            studies.entry(g.clone()).or_default().push((*y, *v));
        }
        file(folder.path(), &format!("t{f:02}.tsv"), &text);
    }
    let pattern = folder.path().join("t*.tsv").display().to_string();
    let args = [pattern.as_str(), "--key", "marker", "--tau2", "REML,DL,PM", "-m", "GEN"];
    let held = mass(folder.path(), &args);
    for extra in [["--memory", "0"], ["--level", "95"]] {
        assert!(held == mass(folder.path(), &[&args[..], &extra[..]].concat()), "{extra:?}");
    }
    let results = table(&held);
    assert_eq!(results.len(), studies.len());
    for (group, rows) in &studies {
        let (y, v): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        let own = &results[group];
        assert_eq!(own["k"], y.len().to_string(), "{group}");
        if y.len() < 2 {
            continue;
        }
        for (tau2, suffix) in [(Tau2::Reml, ""), (Tau2::DerSimonianLaird, "_DL"), (Tau2::PauleMandel, "_PM")]
        {
            let want = metapool::model::inverse_variance::fit(
                metapool::model::Sample::new(&y, &v),
                tau2,
                Interval::HartungKnappAdHoc,
                95.0,
            );
            for (name, want) in [
                ("estimate", want.estimate),
                ("se", want.se),
                ("ci_lower", want.lower),
                ("ci_upper", want.upper),
                ("tau2", want.between.tau2),
                ("i2", want.i2),
            ] {
                let got: f64 = own[&format!("{name}{suffix}")].parse().unwrap();
                assert!(close(got, want, 1e-11), "{group} {name}{suffix}: {got} against {want}");
            }
        }
    }
}

/// Large text files are handed out in chunks: quotation marks, line ends and faults far inside them are no matter.
#[test]
fn chunks_of_text_are_read_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let plain: Vec<String> =
        (0..120_000).map(|i| format!("g{},{}.{:03},0.{}", i / 4, i % 7, i % 1000, 1 + i % 9)).collect();
    let header = "group,yi,vi\n";
    let args = |name: &str| folder.path().join(name).display().to_string();
    file(folder.path(), "plain.csv", &format!("{header}{}\n", plain.join("\n")));
    let want = mass(folder.path(), &[&args("plain.csv"), "--by", "group"]);
    assert!(want.lines().count() == 30_001);
    // no end of the last line; line ends of other systems; empty lines
    file(folder.path(), "a.csv", &format!("{header}{}", plain.join("\n")));
    file(folder.path(), "b.csv", &format!("{}{}\r\n", header.replace('\n', "\r\n"), plain.join("\r\n")));
    file(folder.path(), "c.csv", &format!("{header}{}\r", plain.join("\r")));
    file(folder.path(), "d.csv", &format!("{header}{}\n\n", plain.join("\n\n")));
    file(folder.path(), "f.csv", &format!("{}{}", header.replace('\n', "\r"), plain.join("\r")));
    // quotation marks from the middle on
    let mut quoted = plain.clone();
    for (i, row) in quoted.iter_mut().enumerate().skip(70_000).step_by(3) {
        *row = format!("\"{}\",{}", &row[..row.find(',').unwrap()], &row[row.find(',').unwrap() + 1..]);
        assert!(i >= 70_000);
    }
    file(folder.path(), "e.csv", &format!("{header}{}\n", quoted.join("\n")));
    for name in ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv", "f.csv"] {
        for order in ["--unsorted", "--quiet"] {
            let extra: &[&str] = if order == "--quiet" { &[] } else { &[order] };
            let got = mass(folder.path(), &[&[&args(name), "--by", "group"][..], extra].concat());
            assert!(got == want, "{name} {order}");
        }
    }
    // of two faults the first is told, with its line, also after quoted cells that span lines
    for (rows, line) in [(&plain, 110_002), (&quoted, 110_003)] {
        let mut faulty = rows.clone();
        faulty[110_000] = "g,word,1".into();
        faulty[119_000] = "g,1".into();
        if line == 110_003 {
            faulty[70_000] = "\"g\nh\",1,1".into();
        }
        file(folder.path(), "faulty.csv", &format!("{header}{}\n", faulty.join("\n")));
        for _ in 0..3 {
            let run = metapool()
                .args(["mass", &args("faulty.csv"), "--by", "group", "--unsorted", "-q"])
                .output()
                .unwrap();
            assert!(!run.status.success());
            assert!(stderr(&run).contains(&format!("line {line}, column `yi`")), "{}", stderr(&run));
        }
    }
}

#[test]
fn columns_of_the_result_are_selected() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(folder.path(), "a.csv", &text(&groups(50, 3)));
    let all = table(&mass(folder.path(), &[&input, "--by", "group", "--tau2", "REML,DL"]));
    let some = mass(
        folder.path(),
        &[&input, "--by", "group", "--tau2", "REML,DL", "--select", "notes,tau2_DL,k,estimate,direction"],
    );
    assert!(some.starts_with("group,notes,tau2_DL,k,estimate,direction\n"));
    for (group, own) in table(&some) {
        assert!(own.iter().all(|(name, value)| all[&group][name] == *value), "{group}: {own:?}");
    }
    for (select, told) in [
        ("tau", "results have no column `tau`"),
        ("k,k", "two columns of the result would be called `k`"),
        ("tau2_PM", "did you mean `tau2"),
        ("", "results have no column ``"),
    ] {
        let run = metapool().args(["mass", &input, "--by", "group", "--select", select]).output().unwrap();
        assert!(!run.status.success() && stderr(&run).contains(told), "{select}: {}", stderr(&run));
    }
}

/// Whoever reads the results may go: the kind of the error says so, and its source is that of the system.
#[test]
fn a_closed_pipe_is_told_by_its_kind() {
    use metapool::ErrorKind;
    use std::error::Error as _;
    use std::io;

    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let options = MassOptions {
        inputs: vec!["tests/data/mass.csv".into()],
        keys: vec!["g".into()],
        ..MassOptions::default()
    };
    let e = pool_all(&options, Some(Box::new(Closed)), &|_, _| {}).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Closed);
    let source = e.source().and_then(|s| s.downcast_ref::<io::Error>()).map(io::Error::kind);
    assert_eq!(source, Some(io::ErrorKind::BrokenPipe));
}

/// A request that names nothing is refused, not a panic.
#[test]
fn requests_without_tables_or_estimators_are_refused() {
    let whole = MassOptions {
        inputs: vec!["tests/data/mass.csv".into()],
        keys: vec!["g".into()],
        ..MassOptions::default()
    };
    let refused = |options: &MassOptions| pool_all(options, Some(Box::new(vec![])), &|_, _| {}).unwrap_err();
    assert!(refused(&MassOptions { inputs: vec![], ..whole.clone() }).to_string().contains("no table"));
    assert!(refused(&MassOptions { tau2: vec![], ..whole }).to_string().contains("no estimator"));
}
