//! Where the numbers of each study come from: its source, a link to it, and how far it was checked.
//!
//! The columns are those that the description of a bundled table names, or go by convention: `source` or
//! `source_file`; `link`, `url`, `doi`, `pmid` or `pubmed`; `checked` or `source_level`. They travel with the study
//! into `studies.csv`, `result.json` and the report.

use crate::dataset::Dataset;
use crate::document::{Cell, Heading, Sheet};
use serde_json::{Value, json};

/// What is known of the origin of one row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Provenance {
    pub source: Option<String>,
    pub link: Option<String>,
    pub checked: Option<String>,
}

/// The first of the columns that exist, or those named.
fn columns(dataset: &Dataset, named: Option<&String>, usual: &[&str]) -> Vec<usize> {
    match named {
        Some(name) => dataset.position(name).into_iter().collect(),
        None => usual.iter().filter_map(|name| dataset.position(name)).collect(),
    }
}

/// The origin of every row; empty where the data say nothing of it.
pub(super) fn provenance(dataset: &Dataset) -> Vec<Provenance> {
    let named = dataset.info.as_ref().map(|i| &i.provenance);
    let source = columns(dataset, named.and_then(|n| n.source.as_ref()), &["source", "source_file"]);
    let link =
        columns(dataset, named.and_then(|n| n.link.as_ref()), &["link", "url", "doi", "pmid", "pubmed"]);
    let checked = columns(dataset, named.and_then(|n| n.checked.as_ref()), &["checked", "source_level"]);
    let of = |row: usize| {
        let text = |columns: &[usize]| columns.iter().find_map(|&c| dataset.text(c, row));
        let linked = link.iter().find_map(|&c| address(&dataset.columns[c].name, &dataset.text(c, row)?));
        let source = text(&source);
        let link = linked.or_else(|| source.as_deref().and_then(cited));
        Provenance { source, link, checked: text(&checked) }
    };
    let all: Vec<Provenance> = (0..dataset.rows()).map(of).collect();
    if all.iter().all(|p| *p == Provenance::default()) { vec![] } else { all }
}

const DOI: &str = "https://doi.org/";
const PUBMED: &str = "https://pubmed.ncbi.nlm.nih.gov/";
const PMC: &str = "https://pmc.ncbi.nlm.nih.gov/articles/";

/// The address that a cell of a column of links holds; `None` where it is none.
fn address(column: &str, cell: &str) -> Option<String> {
    let cell = cell.trim();
    if cell.starts_with("https://") || cell.starts_with("http://") {
        return Some(cell.into());
    }
    let number = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    match column.to_ascii_lowercase().as_str() {
        "pmid" | "pubmed" if number => Some(format!("{PUBMED}{cell}/")),
        _ => cited(cell),
    }
}

/// The address of a DOI, a PubMed or a PMC number within a citation.
fn cited(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == ';').map(|w| w.trim_end_matches([',', '.'])).collect();
    words.iter().enumerate().find_map(|(i, word)| {
        let bare = word.trim_start_matches("doi:");
        let digits = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_digit());
        let before = i.checked_sub(1).map_or("", |i| words[i]).trim_end_matches(':').to_ascii_lowercase();
        if bare.starts_with("10.") && bare.contains('/') {
            Some(format!("{DOI}{bare}"))
        } else if word.strip_prefix("PMC").is_some_and(digits) {
            Some(format!("{PMC}{word}/"))
        } else if digits(word) && (before == "pubmed" || before == "pmid") {
            Some(format!("{PUBMED}{word}/"))
        } else {
            None
        }
    })
}

/// Puts the origins into the rows of a table for files.
pub(super) fn add_to_sheet(sheet: &mut Sheet, all: &[Provenance]) {
    if all.len() != sheet.rows.len() {
        return;
    }
    for name in ["source", "link", "checked"] {
        sheet.headings.push(Heading::text(name, name));
    }
    for (row, p) in sheet.rows.iter_mut().zip(all) {
        for value in [&p.source, &p.link, &p.checked] {
            row.push(value.clone().into());
        }
    }
}

/// Puts the origins into the studies of a result.
pub(super) fn add_to_json(result: &mut Value, all: &[Provenance]) {
    let Some(studies) = result.get_mut("studies").and_then(Value::as_array_mut) else { return };
    if all.len() != studies.len() {
        return;
    }
    for (study, p) in studies.iter_mut().zip(all) {
        if let Value::Object(map) = study {
            map.insert("source".into(), json!(p.source));
            map.insert("link".into(), json!(p.link));
            map.insert("checked".into(), json!(p.checked));
        }
    }
}

/// A link under the name by which people know the place.
fn linked(link: &str) -> Cell {
    let name = if let Some(doi) = link.strip_prefix(DOI) {
        format!("doi {doi}")
    } else if let Some(number) = link.strip_prefix(PUBMED) {
        format!("PubMed {}", number.trim_end_matches('/'))
    } else if let Some(number) = link.strip_prefix(PMC) {
        number.trim_end_matches('/').to_string()
    } else {
        link.split('/').nth(2).unwrap_or(link).to_string()
    };
    Cell::Link { text: name, address: link.into() }
}

/// A study with its origin, and the analyses that it stands in.
struct Entry<'a> {
    study: &'a str,
    origin: &'a Provenance,
    analyses: Vec<&'a str>,
}

/// The table of sources of a review: each study with each origin once.
pub(super) fn sources<'a>(
    analyses: impl Iterator<Item = (&'a str, Vec<&'a str>, &'a [Provenance])>,
) -> Sheet {
    let mut entries: Vec<Entry<'a>> = vec![];
    for (id, studies, all) in analyses {
        for (study, origin) in studies.into_iter().zip(all) {
            match entries.iter_mut().find(|e| e.study == study && e.origin == origin) {
                Some(known) if known.analyses.contains(&id) => {}
                Some(known) => known.analyses.push(id),
                None => entries.push(Entry { study, origin, analyses: vec![id] }),
            }
        }
    }
    let headings = ["Study", "Numbers from", "Publication", "Checked against", "Analyses"];
    let row = |e: &Entry<'_>| {
        vec![
            e.study.into(),
            e.origin.source.clone().into(),
            e.origin.link.as_deref().map_or(Cell::Missing, linked),
            e.origin.checked.clone().into(),
            e.analyses.join(", ").into(),
        ]
    };
    Sheet::new(headings.iter().map(|h| Heading::text(h, h)).collect(), entries.iter().map(row))
}
