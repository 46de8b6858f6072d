//! Broken and hostile input: an exit code, a message with a place, a way out; never a panic, never a touched output.

mod support;

use std::io::Write;
use std::process::Stdio;
use support::{metapool, stderr};

struct Case {
    name: &'static str,
    /// Ending of the file.
    ending: &'static str,
    bytes: Vec<u8>,
    args: &'static [&'static str],
    code: i32,
    /// Words that standard error must hold.
    says: &'static [&'static str],
}

fn case(
    name: &'static str,
    text: &str,
    args: &'static [&'static str],
    says: &'static [&'static str],
) -> Case {
    Case { name, ending: "csv", bytes: text.as_bytes().to_vec(), args, code: 1, says }
}

fn bytes(name: &'static str, ending: &'static str, bytes: Vec<u8>, says: &'static [&'static str]) -> Case {
    Case { name, ending, bytes, args: &[], code: 1, says }
}

fn usage(
    name: &'static str,
    text: &str,
    args: &'static [&'static str],
    says: &'static [&'static str],
) -> Case {
    Case { code: 2, ..case(name, text, args, says) }
}

const COUNTS: &str = "study,events,n\nA,1,10\nB,2,12\nC,4,9\n";
const TWO: &str = "study,events1,n1,events2,n2\nA,1,10,3,10\nB,2,12,5,12\n";

fn files() -> Vec<Case> {
    vec![
        bytes("empty file", "csv", vec![], &["empty", "hint:"]),
        bytes("blank file", "csv", b" \n\n \n".to_vec(), &["empty"]),
        case("header only", "study,events,n\n", &[], &["no row of data", "hint:"]),
        case("header and blank rows", "study,events,n\n,,\n,,\n", &[], &["no row of data"]),
        case("no known column", "a,b,c\nx,y,z\n", &[], &["what kind of data", "the file has: a, b, c"]),
        case(
            "no numeric column",
            "study,events,n\nA,many,few\n",
            &[],
            &["line 2", "column `events`", "`many`", "hint:"],
        ),
        case(
            "decimal comma",
            "study,estimate,se\nA,\"0,5\",0.1\n",
            &[],
            &["line 2", "`0,5` is not a number", "decimal comma"],
        ),
        case("percent sign", "study,estimate,se\nA,50%,0.1\n", &[], &["`50%`", "percent sign"]),
        case("inequality", "study,estimate,p_value\nA,0.3,<0.001\n", &[], &["`<0.001`", "inequality"]),
        case("infinite value", "study,estimate,se\nA,inf,0.1\nB,1,0.1\n", &[], &["line 2", "infinite"]),
        case(
            "all values missing",
            "study,estimate,se\nA,NaN,0.1\nB,NA,\n",
            &[],
            &["no study can be pooled", "estimate is not reported"],
        ),
        case(
            "events above n",
            "study,events,n\nA,3,10\nB,12,10\n",
            &[],
            &["line 3", "column `events`", "study `B`", "12 events among 10", "swapped"],
        ),
        case("negative events", "study,events,n\nA,-3,10\n", &[], &["line 2", "-3 is negative"]),
        case("negative n", "study,events,n\nA,3,-10\n", &[], &["column `n`", "-10 is negative"]),
        case(
            "fractional events",
            "study,events,n\nA,3.5,10\n",
            &[],
            &["3.5 is not a whole number", "--fractional-counts"],
        ),
        case(
            "two groups, events above n",
            "study,events1,n1,events2,n2\nA,11,10,3,10\n",
            &[],
            &["column `events1`", "11 events among 10"],
        ),
        case(
            "n does not add up",
            "study,ai,n1i,bi,ci,n2i\nA,3,10,9,3,10\n",
            &[],
            &["column `bi`", "are not 10 patients"],
        ),
        case(
            "negative SD",
            "study,mean,sd,n\nA,3,-1,10\n",
            &[],
            &["column `sd`", "standard deviation is -1"],
        ),
        case("zero SD", "study,mean,sd,n\nA,3,0,10\n", &[], &["standard deviation is 0"]),
        case("n of zero", "study,mean,sd,n\nA,3,1,0\n", &[], &["a group of 0 patients"]),
        case("no person-time", "study,events,time\nA,3,0\n", &[], &["person-time is 0"]),
        case("correlation above 1", "study,r,n\nA,1.3,10\n", &[], &["correlation is 1.3", "percentage"]),
        case("zero standard error", "study,estimate,se\nA,1,0\n", &[], &["standard error is 0"]),
        case("negative variance", "study,estimate,variance\nA,1,-2\n", &[], &["the variance is -2"]),
        case("crossed limits", "study,estimate,ci_lower,ci_upper\nA,1,2,0.5\n", &[], &["not in order"]),
        case(
            "estimate outside limits",
            "study,estimate,ci_lower,ci_upper\nA,3,0.5,2\n",
            &[],
            &["outside its limits"],
        ),
        case("p of zero", "study,estimate,p_value\nA,1,0\n", &[], &["p is 0"]),
        case(
            "crossed bounds",
            "study,n,events,events_min,events_max\nA,20,,15,11\n",
            &[],
            &["lower bound 15", "upper bound 11"],
        ),
        case(
            "bound above n",
            "study,n,events,events_min,events_max\nA,20,,11,25\n",
            &[],
            &["up to 25 events among 20"],
        ),
        case(
            "change contradicts means",
            "study,n,mean_pre,mean_post,mean_change,sd_change\nA,10,6,5,1,1\n",
            &[],
            &["means differ by -1", "hint:"],
        ),
        case("alpha above 1", "study,alpha,items,n\nA,87,10,100\n", &[], &["alpha is 87"]),
        case("duplicate column", "study,events,n,n\nA,1,10,10\n", &[], &["two columns", "column `n`"]),
        case("short row", "study,events,n\nA,1\n", &[], &["line 2", "2 cells, the header 3"]),
        case("long row", "study,events,n\nA,1,10,7\n", &[], &["4 cells, the header 3"]),
        case("semicolons", "study;events;n\nA;1;10\n", &[], &["semicolons", "--delimiter ';'"]),
        case("tabs in a .csv", "study\tevents\tn\nA\t1\t10\n", &[], &["tabs", "--delimiter tab"]),
        case(
            "open quotation mark",
            &format!("study,events,n\n\"A,1,10\n{}", "B,2,20\n".repeat(20_000)),
            &[],
            &["hint:"],
        ),
        bytes(
            "one line of 10 MB",
            "csv",
            [b"study,events,n\n".to_vec(), vec![b'9'; 10_000_000]].concat(),
            &["line 2", "hint:"],
        ),
        bytes(
            "a number of 10 MB",
            "csv",
            [b"study,events,n\nA,".to_vec(), vec![b'9'; 10_000_000], b",3\n".to_vec()].concat(),
            &["10000000 bytes"],
        ),
        bytes("binary", "csv", (0..2000u32).map(|i| (i * 7919 % 256) as u8).collect(), &["hint:"]),
        bytes("zero bytes", "csv", b"study,events,n\nA\0,1,10\n".to_vec(), &["line 2", "zero byte"]),
        bytes(
            "Latin-1",
            "csv",
            b"study,events,n\nM\xFCller,1,10\n".to_vec(),
            &["line 2", "0xFC", "Latin-1", "iconv"],
        ),
        bytes("UTF-16", "csv", b"\xFF\xFEs\0t\0".to_vec(), &["UTF-16"]),
        bytes("gzip called csv", "csv", b"\x1F\x8B\x08\0\0".to_vec(), &["gzip"]),
        bytes("Parquet called csv", "csv", b"PAR1\0\0".to_vec(), &["Parquet"]),
        bytes("csv called Parquet", "parquet", COUNTS.as_bytes().to_vec(), &["cannot be read as `.parquet`"]),
        bytes("csv called Arrow", "arrow", COUNTS.as_bytes().to_vec(), &["cannot be read as `.arrow`"]),
        bytes("csv called ndjson", "ndjson", COUNTS.as_bytes().to_vec(), &["hint:"]),
        bytes("csv called xlsx", "xlsx", COUNTS.as_bytes().to_vec(), &["cannot be read as a workbook"]),
        bytes(
            "truncated Parquet",
            "parquet",
            b"PAR1\x15\x04\x15\x10".to_vec(),
            &["cannot be read as `.parquet`"],
        ),
        case(
            "missing role",
            "study,events,patients\nA,1,10\n",
            &["-m", "PLO"],
            &["no column for `n`", "the file has: study, events, patients"],
        ),
        usage(
            "column that is not there",
            COUNTS,
            &["-m", "PLO", "-c", "events=event,n=n"],
            &["no column `event`", "did you mean `events`"],
        ),
        usage(
            "role that does not exist",
            COUNTS,
            &["-c", "evnts=events"],
            &["is no role", "did you mean `events`"],
        ),
        usage(
            "role of another shape",
            COUNTS,
            &["-m", "PLO", "-c", "sd1=events"],
            &["no role of counts in one group"],
        ),
        usage("role twice", COUNTS, &["-c", "n=n,n=events"], &["twice"]),
        usage("columns without =", COUNTS, &["-c", "events"], &["role=column"]),
        usage("no such measure", COUNTS, &["-m", "RRR"], &["RRR", "effect measure", "choose from"]),
        usage("no such estimator", COUNTS, &["--tau2", "REMEL"], &["REMEL", "did you mean `REML`"]),
        usage("negative tau2", COUNTS, &["--tau2=-1", "--model", "inverse-variance"], &["τ² of -1"]),
        usage("tau2 not finite", COUNTS, &["--tau2", "inf", "--model", "iv"], &["τ² of inf"]),
        usage("level of 100", COUNTS, &["--level", "100"], &["100%"]),
        usage("level of 0", COUNTS, &["--level", "0"], &["0%"]),
        usage("level not a number", COUNTS, &["--level", "NaN"], &["NaN"]),
        usage("vtype of another measure", TWO, &["-m", "RR", "--vtype", "AVHO"], &["no variance `AVHO`"]),
        usage("correction out of range", TWO, &["--add", "1000"], &["correction of 1000"]),
        usage(
            "profile interval with REML",
            COUNTS,
            &["--ci", "profile", "--model", "iv"],
            &["maximum likelihood", "--tau2 ML"],
        ),
        usage(
            "profile tau2 interval with DL",
            COUNTS,
            &["--tau2", "DL", "--tau2-ci", "PL", "--model", "iv"],
            &["REML", "QP"],
        ),
        usage("SQL that is none", COUNTS, &["--where", "year >>> 3"], &["--where", "the columns are"]),
        usage(
            "SQL on a column that is not there",
            COUNTS,
            &["--where", "years > 3"],
            &["--where", "study, events, n"],
        ),
        case("SQL that keeps nothing", COUNTS, &["--where", "n > 1000"], &["no row satisfies"]),
        usage("label column that is not there", COUNTS, &["--study", "name"], &["no column `name`"]),
    ]
}

#[test]
fn every_broken_file_is_refused_with_a_place_and_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let cases = files();
    assert!(cases.len() >= 40);
    for c in cases {
        let path = folder.path().join(format!(
            "{}.{}",
            c.name.replace(|c: char| !c.is_alphanumeric(), "-"),
            c.ending
        ));
        std::fs::write(&path, &c.bytes).unwrap();
        let kept = folder.path().join("kept.json");
        std::fs::write(&kept, "earlier").unwrap();
        let output = metapool().arg("pool").arg(&path).args(c.args).arg("-o").arg(&kept).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(c.code), "{}: {said}", c.name);
        assert!(output.stdout.is_empty(), "{}: standard output holds results only", c.name);
        assert!(said.starts_with("error:") || said.contains("\nerror:"), "{}: {said}", c.name);
        assert!(said.contains("hint:"), "{}: no way out in: {said}", c.name);
        assert!(!said.contains("panicked"), "{}: {said}", c.name);
        assert!(said.len() < 4000, "{}: {} bytes of message", c.name, said.len());
        for word in c.says {
            assert!(said.contains(word), "{}: `{word}` is not in: {said}", c.name);
        }
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "earlier", "{}: an output was touched", c.name);
    }
}

#[test]
fn a_missing_file_and_unknown_bundled_data_name_the_way_out() {
    for (source, code, word) in [
        ("nowhere.csv", 1, "@"),
        ("@bgc", 2, "did you mean `@bcg`"),
        ("nowhere.parquet", 1, "check the path"),
    ] {
        let output = metapool().args(["pool", source]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{source}");
        assert!(stderr(&output).contains(word), "{source}: {}", stderr(&output));
    }
}

#[test]
fn bad_picture_requests_leave_the_picture_alone() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.png");
    std::fs::write(&kept, "earlier").unwrap();
    let odd = folder.path().join("kept.jpeg");
    for (args, code) in [
        (vec!["-o", kept.to_str().unwrap(), "--dpi", "0"], 2),
        (vec!["-o", kept.to_str().unwrap(), "--dpi", "1e9"], 2),
        (vec!["-o", kept.to_str().unwrap(), "--width", "3"], 2),
        (vec!["-o", kept.to_str().unwrap(), "-o", odd.to_str().unwrap()], 2),
        (vec!["-o", kept.to_str().unwrap(), "--theme", "neon"], 2),
        (vec!["-o", kept.to_str().unwrap(), "-o", "/nowhere/at/all.png"], 1),
    ] {
        let output = metapool().args(["plot", "forest", "@bcg"]).args(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("hint:"), "{args:?}: {}", stderr(&output));
        if code == 2 {
            assert_eq!(std::fs::read(&kept).unwrap(), b"earlier", "{args:?}");
        }
    }
}

#[test]
fn standard_input_is_read_and_a_closed_pipe_is_no_error() {
    let mut child = metapool()
        .args(["pool", "-", "--format", "json", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(COUNTS.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"random\""));

    let mut child = metapool().args(["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn formulas_and_markup_in_labels_are_defused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    std::fs::write(&path, "study,estimate,se\n\"=HYPERLINK(\"\"x\"\")\",1,0.2\n<script>alert(1)</script>,2,0.3\n@SUM(1),1,0.4\n").unwrap();
    let csv = metapool().arg("effects").arg(&path).args(["--format", "csv", "-q"]).output().unwrap();
    let text = String::from_utf8(csv.stdout).unwrap();
    assert!(text.contains("\"'=HYPERLINK") && text.contains("'@SUM(1)"), "{text}");
    let svg = folder.path().join("labels.svg");
    let status =
        metapool().args(["plot", "forest"]).arg(&path).arg("-o").arg(&svg).arg("-q").status().unwrap();
    assert!(status.success());
    let text = std::fs::read_to_string(svg).unwrap();
    assert!(!text.contains("<script>") && text.contains("&lt;script&gt;"), "{text}");
}
