//! Every source that the code names stands in the bibliography.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn visit(folder: &Path, f: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            visit(&path, f);
        } else if path.extension().is_some_and(|e| e == "rs") {
            f(&path, &fs::read_to_string(&path).expect("text"));
        }
    }
}

/// A surname and a year, with a letter where there are several: `viechtbauer2010b`.
fn is_key(word: &str) -> bool {
    let name = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let year = name.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(name);
    name.len() < word.len() && year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())
}

/// Words between two marks: keys in docs stand in `\\[` and `\\]`, those of definitions in quotes.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

#[test]
fn every_key_is_in_the_bibliography() {
    let bibliography = fs::read_to_string("references.bib").expect("the bibliography");
    let known: BTreeSet<&str> = bibliography
        .lines()
        .filter_map(|l| l.strip_prefix('@')?.split_once('{')?.1.strip_suffix(','))
        .collect();
    let mut found = 0;
    visit(Path::new("src"), &mut |path, text| {
        let docs = between(text, "\\[", "\\]");
        let quoted = between(text, "\"", "\"");
        for key in docs.into_iter().chain(quoted).filter(|w| is_key(w)) {
            found += 1;
            assert!(known.contains(key), "{}: `{key}` is not in references.bib", path.display());
        }
    });
    assert!(found > 100, "{found} keys");
}
