//! The names of arms: their spelling, and which of them is the reference.

use super::ArmRequest;
use crate::dataset::Noticed;
use crate::error::{Error, nearest};
use std::collections::{HashMap, HashSet};

/// Levels that differ in case alone are one, written as the first of them.
pub(super) fn one_spelling(levels: &[Option<String>], noticed: &mut Vec<Noticed>) -> Vec<Option<String>> {
    let mut first: HashMap<String, String> = HashMap::new();
    let mut said = HashSet::new();
    let mut one = |level: &String| {
        let kept = first.entry(level.to_lowercase()).or_insert_with(|| level.clone()).clone();
        if kept != *level && said.insert(level.clone()) {
            noticed.push(Noticed::LevelCase { asked: level.clone(), found: kept.clone() });
        }
        kept
    };
    levels.iter().map(|l| l.as_ref().map(&mut one)).collect()
}

/// Every level once, in the order of the rows.
pub(super) fn distinct(levels: &[Option<String>]) -> Vec<String> {
    let mut seen = HashSet::new();
    levels.iter().flatten().filter(|l| seen.insert(l.as_str())).cloned().collect()
}

/// Words that name a group to compare with.
pub(super) fn is_control(level: &str) -> bool {
    const WORDS: [&str; 22] = [
        "placebo",
        "control",
        "controls",
        "ctl",
        "ctrl",
        "con",
        "cont",
        "ctr",
        "sham",
        "usual care",
        "usualcare",
        "standard care",
        "standard",
        "soc",
        "tau",
        "no treatment",
        "none",
        "untreated",
        "vehicle",
        "waitlist",
        "wait list",
        "saline",
    ];
    let level = level.trim().to_lowercase();
    level == "0" || WORDS.contains(&level.as_str())
}

/// The level that others are compared with.
pub(super) fn reference(
    all: &[String],
    asked: &ArmRequest,
    noticed: &mut Vec<Noticed>,
) -> Result<String, Error> {
    match &asked.reference {
        Some(level) => find(level, all, &asked.column, noticed),
        None => {
            let likely = all.iter().find(|l| is_control(l)).or(all.first());
            let example = likely.map_or("LEVEL", String::as_str);
            Err(Error::usage("⟦arm⟧ needs the level that the others are compared with").with_hint(format!(
                "add ⟦reference='{example}'⟧, or another of: {}",
                all.iter().take(20).cloned().collect::<Vec<_>>().join(", ")
            )))
        }
    }
}

/// A level as the data write it; one that differs in case alone is taken, and said.
pub(super) fn find(
    level: &str,
    all: &[String],
    column: &str,
    noticed: &mut Vec<Noticed>,
) -> Result<String, Error> {
    if all.iter().any(|l| l == level) {
        return Ok(level.to_string());
    }
    let alike: Vec<&String> = all.iter().filter(|l| l.to_lowercase() == level.to_lowercase()).collect();
    if let [found] = alike[..] {
        let said = Noticed::LevelCase { asked: level.to_string(), found: found.clone() };
        if !noticed.contains(&said) {
            noticed.push(said);
        }
        return Ok(found.clone());
    }
    let near = nearest(level, all.iter().map(String::as_str)).map(|n| format!("did you mean `{n}`? "));
    Err(Error::usage(format!("no row has `{level}`")).in_column(column).with_hint(format!(
        "{}the column has: {}",
        near.unwrap_or_default(),
        all.iter().take(20).cloned().collect::<Vec<_>>().join(", ")
    )))
}
