//! One reader: the same file gives the same rows, or the same error with the same line, through `pool` and through `mass`.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

mod support;

use std::io::Write as _;
use std::path::Path;
use support::{metapool, stderr, stdout};

const HEADER: &str = "study,g,yi,vi\n";
const ROWS: &str = "A,x,0.1,0.2\nB,x,0.3,0.4\nC,x,0.5,0.1\n";

/// What a door made of a file: studies and their common effect, or an error with its hint.
#[derive(Debug, PartialEq)]
enum Read {
    Pooled(u64, f64),
    Refused(String),
}

fn refused(output: &std::process::Output) -> Read {
    let said = stderr(output);
    assert!(!said.contains("panicked") && said.contains("hint:"), "{said}");
    Read::Refused(said.trim().replace(", study `B`", "").replace(", study `A`", ""))
}

fn by_pool(path: &Path) -> Read {
    let args = ["-m", "GEN", "--study", "study", "--format", "json", "-q"];
    let output = metapool().arg("pool").arg(path).args(args).output().unwrap();
    if !output.status.success() {
        return refused(&output);
    }
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    Read::Pooled(json["k"].as_u64().unwrap(), support::number(&json, "common.estimate"))
}

fn by_mass(path: &Path, order: &str) -> Read {
    let args = ["-m", "GEN", "--by", "g", "-q", order];
    let output = metapool().arg("mass").arg(path).args(args).output().unwrap();
    if !output.status.success() {
        return refused(&output);
    }
    let text = stdout(&output);
    let cells: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
    assert_eq!((text.lines().count(), cells[0]), (2, "x"), "{text}");
    Read::Pooled(cells[1].parse().unwrap(), cells[2].parse().unwrap())
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    gz.write_all(text).unwrap();
    gz.finish().unwrap()
}

/// A file, and the studies that are pooled or the words of the refusal.
type Case = (&'static str, Vec<u8>, Result<u64, &'static [&'static str]>);

fn readable() -> Vec<Case> {
    let all = format!("{HEADER}{ROWS}");
    let row = |i: usize| ROWS.lines().nth(i).unwrap();
    let of = |text: String| text.into_bytes();
    vec![
        ("plain.csv", of(all.clone()), Ok(3)),
        ("feeds-and-returns.csv", of(all.replace('\n', "\r\n")), Ok(3)),
        ("returns.csv", of(all.replace('\n', "\r")), Ok(3)),
        ("mark.csv", of(format!("\u{FEFF}{all}")), Ok(3)),
        ("mark-and-quotes.csv", of(format!("\u{FEFF}\"study\",{}", &all[6..])), Ok(3)),
        ("no-last-end.csv", of(all.trim_end().into()), Ok(3)),
        ("blank-lines.csv", of(all.replace('\n', "\n\n")), Ok(3)),
        ("blank-lines-first.csv", of(format!("\n  \n{all}")), Ok(3)),
        ("blanks-in-a-line.csv", of(format!("{HEADER}{}\n   \n{}\n", row(0), row(1))), Ok(2)),
        ("blank-cells.csv", of(format!("{HEADER}{}\n,,,\n , ,,\n{}\n", row(0), row(1))), Ok(2)),
        ("blank-cells-behind.csv", of(format!("{HEADER}{},\n{},, \n", row(0), row(1))), Ok(2)),
        ("quotes.csv", of(format!("{HEADER}\"A, one\",\"x\",0.1,\"0.2\"\n{}\n", row(1))), Ok(2)),
        ("quotes-within.csv", of(format!("{HEADER}A\"b,x,0.1,0.2\n\"a \"\"b\"\"\",x,0.3,0.4\n")), Ok(2)),
        ("line-in-a-name.csv", of("\"study\",\"g\",yi,\"v\ni\",vi\nA,x,1,9,1\nB,x,2,9,1\n".into()), Ok(2)),
        ("blanks.csv", of(" study , g , yi , vi \n A , x , 0.1 , 0.2 \nB,x,0.3,0.4\n".into()), Ok(2)),
        ("wide-blanks.csv", of(format!("{HEADER}A\u{A0},x\u{A0},\u{A0}0.1,0.2\nB,x,0.3,0.4\n")), Ok(2)),
        ("minus.csv", of(format!("{HEADER}A,x,\u{2212}0.1,0.2\nB,x,0.3,0.4\n")), Ok(2)),
        (
            "words-for-missing.csv",
            of(format!("{HEADER}A,x,NA,0.2\nB,x,.,0.4\nC,x,0.5,n/a\nD,x,null,1\nE,x,nan,1\n{}\n", row(0))),
            Ok(1),
        ),
        ("tabs.tsv", of(all.replace(',', "\t")), Ok(3)),
        ("tabs.txt", of(all.replace(',', "\t")), Ok(3)),
        ("commas.txt", of(all.clone()), Ok(3)),
        ("packed.csv.gz", packed(all.as_bytes()), Ok(3)),
        ("packed-tabs.tsv.gz", packed(all.replace(',', "\t").as_bytes()), Ok(3)),
        ("packed.csv", packed(format!("\u{FEFF}{all}").as_bytes()), Ok(3)),
    ]
}

fn refusable() -> Vec<Case> {
    let all = format!("{HEADER}{ROWS}");
    let of = |text: String| text.into_bytes();
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(all.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let whole = packed(all.repeat(100).as_bytes());
    let word = format!("{HEADER}\nA,x,0.1,0.2\n\n\nB,x,bad,0.4\n");
    vec![
        ("empty.csv", vec![], Err(&["the file is empty"])),
        ("blank.csv", of(" \n\n \n".into()), Err(&["the file is empty"])),
        ("header.csv", of(HEADER.into()), Err(&["a header but no row"])),
        (
            "short.csv",
            of(format!("{HEADER}A,x,0.1,0.2\nB,x,0.3\n")),
            Err(&["line 3", "3 cells, the header 4"]),
        ),
        ("long.csv", of(format!("{HEADER}A,x,0.1,0.2\nB,x,0.3,0.4,7\n")), Err(&["line 3", "5 cells"])),
        ("open-quote.csv", of(format!("{HEADER}\"A,x,0.1,0.2\n{ROWS}")), Err(&["line 2", "1 cells"])),
        (
            "latin.csv",
            [HEADER.as_bytes(), b"M\xFCller,x,0.1,0.2\n"].concat(),
            Err(&["line 2", "0xFC", "Latin-1"]),
        ),
        (
            "latin-late.csv",
            [all.as_bytes(), "A,x,0.1,0.2\n".repeat(100_000).as_bytes(), b"M\xFC,x,1,1\n"].concat(),
            Err(&["line 100005", "0xFC"]),
        ),
        ("zero.csv", of(format!("{HEADER}A,x,0.1,0.2\nB\0,x,0.3,0.4\n")), Err(&["line 3", "zero byte"])),
        (
            "packed-zero.csv.gz",
            packed(format!("{HEADER}A\0,x,1,1\n").as_bytes()),
            Err(&["line 2", "zero byte"]),
        ),
        ("utf-16.csv", utf16.clone(), Err(&["UTF-16"])),
        ("packed-utf-16.csv.gz", packed(&utf16), Err(&["UTF-16"])),
        ("parquet.csv", b"PAR1\0\0".to_vec(), Err(&["Parquet"])),
        ("zip.csv", b"PK\x03\x04abc".to_vec(), Err(&["spreadsheet"])),
        ("cut.csv.gz", whole[..whole.len() / 2].to_vec(), Err(&["complete", "gzip"])),
        ("semicolons.csv", of(all.replace(',', ";")), Err(&["line 1", "semicolons", "--delimiter ';'"])),
        ("tabs.csv", of(all.replace(',', "\t")), Err(&["line 1", "tabs"])),
        ("bars.txt", of(all.replace(',', "|")), Err(&["line 1", "bars"])),
        ("twice.csv", of("study,g,yi,vi,g\nA,x,1,1,y\n".into()), Err(&["two columns"])),
        ("word.csv", of(word.clone()), Err(&["line 6", "column `yi`", "`bad` is not a number"])),
        ("word-returns.csv", of(word.replace('\n', "\r")), Err(&["line 6", "column `yi`"])),
        ("word-both.csv", of(word.replace('\n', "\r\n")), Err(&["line 6", "column `yi`"])),
        ("word-quotes.csv", of(word.replace("A,", "\"A\nb\",")), Err(&["line 7", "column `yi`"])),
        (
            "long-cell.csv",
            of(format!("{HEADER}{},x,1,1\n", "A".repeat(200_000))),
            Err(&["line 2", "200000 bytes"]),
        ),
        (
            "long-line.csv",
            of(format!("{HEADER}{},x,1,1\n", "A".repeat(3_000_000))),
            Err(&["line 2", "3000000 bytes"]),
        ),
    ]
}

/// Both doors, and rows that come sorted or not, say the same.
#[test]
fn both_doors_read_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, wanted) in readable().into_iter().chain(refusable()) {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let pool = by_pool(&path);
        for order in ["--unsorted", "--sorted"] {
            let mass = by_mass(&path, order);
            match (&pool, &mass) {
                (Read::Pooled(k, y), Read::Pooled(own_k, own_y)) => {
                    assert!(k == own_k && (y - own_y).abs() < 1e-12, "{name} {order}: {pool:?}, {mass:?}");
                }
                _ => assert_eq!(pool, mass, "{name} {order}"),
            }
        }
        match (wanted, pool) {
            (Ok(k), Read::Pooled(found, _)) => assert_eq!(k, found, "{name}"),
            (Err(words), Read::Refused(said)) => {
                words.iter().for_each(|w| assert!(said.contains(w), "{name} lacks `{w}`: {said}"));
            }
            (wanted, found) => panic!("{name}: {wanted:?}, {found:?}"),
        }
    }
}

/// A group without a name, by whatever word, is none.
#[test]
fn a_word_for_missing_names_no_group() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.csv");
    std::fs::write(&path, format!("{HEADER}{ROWS}D,NA,1,1\nE,.,2,1\nF,,3,1\n")).unwrap();
    let output = metapool().arg("mass").arg(&path).args(["--by", "g"]).output().unwrap();
    assert!(stderr(&output).contains("3 rows without a group left out"), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 2);
}

/// Standard input is a source as others are.
#[test]
fn standard_input_may_be_packed() {
    let mut child = metapool()
        .args(["pool", "-", "-m", "GEN", "--format", "json", "-q"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&packed(format!("{HEADER}{ROWS}").as_bytes())).unwrap();
    let output = child.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["k"], 3);
}
