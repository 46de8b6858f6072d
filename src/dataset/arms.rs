//! Rows that are arms of a study, and the comparisons made of them.
//!
//! ```text
//! like arms  x = x₁ + x₂,  n = n₁ + n₂;  mean (n₁m₁ + n₂m₂)/n,
//!            sd² = ((n₁−1)s₁² + (n₂−1)s₂² + n₁n₂/n (m₁−m₂)²)/(n−1)
//! shared control among m comparisons  x/m of n/m
//! ```
//! Reference: \[higgins2019\], 6.5.2.10 and 23.3.4.

use super::{Events, Mean, Noticed, Rate, Shape, StudyData, StudyRow, TwoByTwo, TwoMeans, TwoRates};
use crate::error::{Error, nearest};
use crate::registry::Member;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// What becomes of the reference arm of a study with several other arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedControl {
    /// Its patients are divided evenly among the comparisons.
    Split,
    /// The other arms are combined into one.
    Combine,
    /// It is compared with the first other arm alone.
    First,
}

impl SharedControl {
    /// All, in the order help shows them.
    pub const ALL: [Self; 3] = [Self::Split, Self::Combine, Self::First];

    /// The code on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Combine => "combine",
            Self::First => "first",
        }
    }

    /// From its code.
    ///
    /// # Errors
    /// There is no such way.
    pub fn parse(code: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|s| s.id().eq_ignore_ascii_case(code)).ok_or_else(|| {
            Error::usage(format!("`{code}` does not say how a control group is shared"))
                .with_hint("choose from split, combine, first")
        })
    }
}

/// How rows that are arms become comparisons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArmRequest {
    /// Column that names the arm.
    pub column: String,
    /// Level that the others are compared with.
    pub reference: Option<String>,
    /// What becomes of a control group that several arms share.
    pub shared: Option<SharedControl>,
    /// Levels that are alike: each list becomes one arm.
    pub combine: Vec<Vec<String>>,
}

/// What rows with the same label are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Arms {
    /// Not said: rows that look like arms are refused.
    #[default]
    Unsaid,
    /// Studies of their own.
    Studies,
    /// Arms, to be compared.
    Compare(ArmRequest),
}

/// Comparisons made of arms.
#[derive(Debug)]
pub(crate) struct Comparisons {
    /// One row per comparison.
    pub rows: Vec<StudyRow>,
    /// The row of the data whose columns go with it.
    pub at: Vec<usize>,
    /// All rows of its study.
    pub members: Vec<Vec<usize>>,
    /// What kind of data they are.
    pub shape: Shape,
    /// What to tell of it.
    pub noticed: Vec<Noticed>,
    /// Name of the first group, where all comparisons share it, and of the second.
    pub groups: (Option<String>, String),
}

/// The data of two groups that arms of a shape make.
pub(crate) fn paired_shape(one_group: Shape) -> Option<Shape> {
    match one_group {
        Shape::Events => Some(Shape::TwoByTwo),
        Shape::Rate => Some(Shape::TwoRates),
        Shape::Mean | Shape::PrePost => Some(Shape::TwoMeans),
        _ => None,
    }
}

/// One arm of a study.
#[derive(Clone)]
struct Arm {
    level: String,
    /// The levels it was combined from.
    of: Vec<String>,
    row: usize,
    data: Result<StudyData, String>,
    n: Option<f64>,
}

/// Compares the arms of every study with the reference; `levels` has one entry per row.
///
/// # Errors
/// The reference is not said or not there; a study has an arm twice, or several arms and nothing says how they share
/// their control.
pub(crate) fn compare(
    rows: &[StudyRow],
    levels: &[Option<String>],
    shape: Shape,
    asked: &ArmRequest,
) -> Result<Comparisons, Error> {
    let shape = paired_shape(shape).ok_or_else(|| {
        Error::usage(format!("⟦arm⟧ compares rows of one group each, not {}", shape.title()))
            .with_hint("leave ⟦arm⟧ out: these rows are comparisons already")
    })?;
    let mut noticed = vec![];
    let levels = &one_spelling(levels, &mut noticed);
    let all = distinct(levels);
    let reference = reference(&all, asked, &mut noticed)?;
    let combine = asked
        .combine
        .iter()
        .map(|group| group.iter().map(|l| find(l, &all, &asked.column, &mut noticed)).collect())
        .collect::<Result<Vec<Vec<String>>, Error>>()?;
    let groups = (None, reference.clone());
    let mut out = Comparisons { rows: vec![], at: vec![], members: vec![], shape, noticed: vec![], groups };
    let mut first: Vec<String> = vec![];
    let (mut combined, mut shared) = (vec![], vec![]);
    for (study, members) in by_study(rows) {
        let mut arms = vec![];
        for &i in &members {
            let level = levels[i].clone().ok_or_else(|| {
                Error::data("the arm is not reported")
                    .at_line(rows[i].line)
                    .in_column(&asked.column)
                    .of_study(study)
                    .with_hint("fill in the level, or leave the row out with ⟦where⟧")
            })?;
            arms.push(Arm {
                of: vec![level.clone()],
                level,
                row: i,
                data: rows[i].data.clone(),
                n: rows[i].n,
            });
        }
        check_distinct(study, &arms, &combine, rows)?;
        let merged = merge_alike(arms, &combine);
        if merged.len() < members.len() {
            combined.push(study.to_string());
        }
        let is_reference = |a: &&Arm| {
            let alike = combine.iter().find(|g| g.contains(&reference));
            a.of.iter().all(|l| *l == reference || alike.is_some_and(|g| g.contains(l)))
        };
        let control = merged.iter().find(is_reference).cloned();
        let others: Vec<Arm> = merged.iter().filter(|a| !is_reference(a)).cloned().collect();
        if others.len() > 1 && control.is_some() {
            shared.push(study.to_string());
        }
        first.extend(others.iter().filter(|_| control.is_some()).map(|a| a.level.clone()));
        for (arm, row) in pairs(study, control, others, &reference, asked, rows)? {
            out.at.push(arm);
            out.members.push(members.clone());
            out.rows.push(row);
        }
    }
    if !combined.is_empty() {
        let levels = combine.iter().map(|group| group.join(" and ")).collect();
        noticed.push(Noticed::ArmsCombined { levels, studies: combined });
    }
    if let Some(how) = asked.shared.filter(|_| !shared.is_empty()) {
        noticed.push(Noticed::SharedControl { how, studies: shared });
    }
    first.sort();
    first.dedup();
    if let [one] = &first[..] {
        out.groups.0 = Some(one.clone());
    }
    out.noticed = noticed;
    Ok(out)
}

/// Levels that differ in case alone are one, written as the first of them.
fn one_spelling(levels: &[Option<String>], noticed: &mut Vec<Noticed>) -> Vec<Option<String>> {
    let mut first: HashMap<String, String> = HashMap::new();
    let mut said = HashSet::new();
    let one = |level: &String| {
        let kept = first.entry(level.to_lowercase()).or_insert_with(|| level.clone()).clone();
        if kept != *level && said.insert(level.clone()) {
            noticed.push(Noticed::LevelCase { asked: level.clone(), found: kept.clone() });
        }
        kept
    };
    let mut one = one;
    levels.iter().map(|l| l.as_ref().map(&mut one)).collect()
}

/// Every level once, in the order of the rows.
fn distinct(levels: &[Option<String>]) -> Vec<String> {
    let mut seen = HashSet::new();
    levels.iter().flatten().filter(|l| seen.insert(l.as_str())).cloned().collect()
}

/// Words that name a group to compare with.
fn is_control(level: &str) -> bool {
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

fn reference(all: &[String], asked: &ArmRequest, noticed: &mut Vec<Noticed>) -> Result<String, Error> {
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
fn find(level: &str, all: &[String], column: &str, noticed: &mut Vec<Noticed>) -> Result<String, Error> {
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

/// Rows of every label, in the order of their first appearance.
fn by_study(rows: &[StudyRow]) -> Vec<(&str, Vec<usize>)> {
    let mut at = HashMap::new();
    let mut studies: Vec<(&str, Vec<usize>)> = vec![];
    for (i, row) in rows.iter().enumerate() {
        let slot = *at.entry(row.study.as_str()).or_insert_with(|| {
            studies.push((&row.study, vec![]));
            studies.len() - 1
        });
        studies[slot].1.push(i);
    }
    studies
}

/// Arms of one group of levels become one arm, at the place of the first.
fn merge_alike(arms: Vec<Arm>, combine: &[Vec<String>]) -> Vec<Arm> {
    let group = |a: &Arm| combine.iter().position(|g| g.contains(&a.level));
    let mut out: Vec<(Option<usize>, Vec<Arm>)> = vec![];
    for arm in arms {
        let of = group(&arm);
        match out.iter_mut().find(|(g, _)| g.is_some() && *g == of) {
            Some((_, members)) => members.push(arm),
            None => out.push((of, vec![arm])),
        }
    }
    out.into_iter().map(|(_, members)| merge(&members)).collect()
}

/// Several arms as one.
fn merge(members: &[Arm]) -> Arm {
    let mut of: Vec<String> = members.iter().flat_map(|a| a.of.iter().cloned()).collect();
    of.dedup();
    let n = members.iter().map(|a| a.n).sum::<Option<f64>>();
    let data = members[1..].iter().fold(members[0].data.clone(), |sum, arm| match (sum, &arm.data) {
        (Ok(a), Ok(b)) => together(&a, b),
        (Err(reason), _) => Err(reason),
        (_, Err(reason)) => Err(format!("arm {}: {reason}", arm.level)),
    });
    Arm { level: of.join(" + "), of, row: members[0].row, data, n }
}

fn together(a: &StudyData, b: &StudyData) -> Result<StudyData, String> {
    match (a, b) {
        (StudyData::Events(a), StudyData::Events(b)) => {
            Ok(StudyData::Events(Events { x: a.x + b.x, n: a.n + b.n }))
        }
        (StudyData::Rate(a), StudyData::Rate(b)) => Ok(StudyData::Rate(Rate { x: a.x + b.x, t: a.t + b.t })),
        _ => match (mean_of(a), mean_of(b)) {
            (Ok(a), Ok(b)) => {
                let n = a.n + b.n;
                let squares = (a.n - 1.0) * a.sd * a.sd
                    + (b.n - 1.0) * b.sd * b.sd
                    + a.n * b.n / n * (a.m - b.m) * (a.m - b.m);
                let m = (a.n * a.m + b.n * b.m) / n;
                Ok(StudyData::Mean(Mean { m, sd: (squares / (n - 1.0)).sqrt(), n }))
            }
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        },
    }
}

/// A mean, or the mean change with its SD.
fn mean_of(data: &StudyData) -> Result<Mean, String> {
    match data {
        StudyData::Mean(m) => Ok(*m),
        StudyData::PrePost(p) => match p.sd_change {
            Some((sd, source)) if !source.is_imputed() => Ok(Mean { m: p.change, sd, n: p.n }),
            _ => Err("the SD of the change is not reported".into()),
        },
        _ => Err("it has no mean".into()),
    }
}

/// An arm that stands twice is added up only where it alone was named: its rows may be outcomes or times.
fn check_distinct(
    study: &str,
    arms: &[Arm],
    combine: &[Vec<String>],
    rows: &[StudyRow],
) -> Result<(), Error> {
    for (i, arm) in arms.iter().enumerate() {
        let named = combine.iter().any(|g| *g == [arm.level.clone()]);
        if let Some(first) = arms[..i].iter().find(|a| a.level == arm.level && !named) {
            return Err(Error::data(format!(
                "arm `{}` is there twice, in lines {} and {}",
                arm.level, rows[first.row].line, rows[arm.row].line
            ))
            .of_study(study)
            .with_hint(format!(
                "if both are parts of one arm, add them up with ⟦combine='{}'⟧; if they are different outcomes or \
                 times, choose one with ⟦where⟧",
                arm.level
            )));
        }
    }
    Ok(())
}

/// The comparisons of one study, each with the row of the data whose columns go with it.
fn pairs(
    study: &str,
    control: Option<Arm>,
    others: Vec<Arm>,
    reference: &str,
    asked: &ArmRequest,
    rows: &[StudyRow],
) -> Result<Vec<(usize, StudyRow)>, Error> {
    let alone = |arm: &Arm, reason: String| {
        let (line, n) = (rows[arm.row].line, arm.n);
        (arm.row, StudyRow { study: study.to_string(), line, data: Err(reason), n, bounds: None })
    };
    let Some(control) = control else {
        return Ok(others
            .first()
            .map(|a| alone(a, format!("it has no arm “{reference}” to compare with")))
            .into_iter()
            .collect());
    };
    let paired = |arm: &Arm, control: &Arm| {
        let n = arm.n.zip(control.n).map(|(a, b)| a + b);
        let line = rows[arm.row].line;
        (
            arm.row,
            StudyRow { study: study.to_string(), line, data: two_groups(arm, control), n, bounds: None },
        )
    };
    match (others.len(), asked.shared) {
        (0, _) => Ok(vec![alone(&control, format!("it has the arm “{reference}” alone"))]),
        (1, _) | (_, Some(SharedControl::First)) => Ok(vec![paired(&others[0], &control)]),
        (_, Some(SharedControl::Combine)) => Ok(vec![paired(&merge(&others), &control)]),
        (m, Some(SharedControl::Split)) => {
            let part = Arm { data: control.data.clone().map(|d| divided(&d, m as f64)), ..control };
            let part = Arm { n: part.n.map(|n| n / m as f64), ..part };
            Ok(others
                .iter()
                .map(|arm| {
                    let (at, row) = paired(arm, &part);
                    (at, StudyRow { study: format!("{study}: {}", arm.level), ..row })
                })
                .collect())
        }
        (_, None) => {
            let names: Vec<String> = others.iter().map(|a| a.level.clone()).collect();
            Err(Error::data(format!(
                "{} arms share the one control `{reference}`: {}",
                names.len(),
                names.join(", ")
            ))
            .of_study(study)
            .with_hint(format!(
                "like arms are combined with ⟦combine='{}'⟧; for unlike ones say ⟦shared-control⟧ split (the control \
                 is divided among the comparisons), combine (one comparison with all of them) or first",
                names.join(",")
            )))
        }
    }
}

fn divided(data: &StudyData, m: f64) -> StudyData {
    match *data {
        StudyData::Events(e) => StudyData::Events(Events { x: e.x / m, n: e.n / m }),
        StudyData::Rate(r) => StudyData::Rate(Rate { x: r.x / m, t: r.t / m }),
        StudyData::Mean(mean) => StudyData::Mean(Mean { n: mean.n / m, ..mean }),
        StudyData::PrePost(p) => StudyData::PrePost(super::PrePost { n: p.n / m, ..p }),
        other => other,
    }
}

fn two_groups(arm: &Arm, control: &Arm) -> Result<StudyData, String> {
    let of = |a: &Arm| a.data.clone().map_err(|reason| format!("arm {}: {reason}", a.level));
    match (of(arm)?, of(control)?) {
        (StudyData::Events(x), StudyData::Events(y)) => {
            Ok(StudyData::TwoByTwo(TwoByTwo { a: x.x, b: x.n - x.x, c: y.x, d: y.n - y.x }))
        }
        (StudyData::Rate(x), StudyData::Rate(y)) => {
            Ok(StudyData::TwoRates(TwoRates { x1: x.x, t1: x.t, x2: y.x, t2: y.t }))
        }
        (x, y) => {
            let x = mean_of(&x).map_err(|reason| format!("arm {}: {reason}", arm.level))?;
            let y = mean_of(&y).map_err(|reason| format!("arm {}: {reason}", control.level))?;
            Ok(StudyData::TwoMeans(TwoMeans { m1: x.m, sd1: x.sd, n1: x.n, m2: y.m, sd2: y.sd, n2: y.n }))
        }
    }
}

/// Whether a column is called as those of arms are: a word for arms, and beside it none but words such as `name` or `code`.
fn names_arms(name: &str) -> bool {
    const ARMS: &str = "treatment treatments treated treat trt arm arms group groups grp t tx rx intervention \
                        interventions drug drugs dose dosage therapy therapies condition regimen comparator allocation \
                        exposure exposed treatmentarm armname";
    const BESIDE: &str = "name label id code type assigned study trial of level no number";
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && lower {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    let is = |list: &str, word: &str| list.split_whitespace().any(|w| w == word);
    let mut words = words.iter().filter(|w| !w.is_empty()).peekable();
    words.clone().any(|w| is(ARMS, w)) && words.all(|w| is(ARMS, w) || is(BESIDE, w))
}

/// The column that seems to name the arms of studies whose labels repeat, with its levels.
///
/// Within every repeated label it must tell the rows apart; and either its name is one for arms, or one of its levels
/// is one for controls. `free` says whether a column has no other role.
pub(crate) fn suspected(
    data: &super::Dataset,
    labels: &[String],
    free: &dyn Fn(usize) -> bool,
) -> Option<(String, Vec<String>)> {
    let mut members: HashMap<&str, Vec<usize>> = HashMap::new();
    labels.iter().enumerate().for_each(|(i, l)| members.entry(l.as_str()).or_default().push(i));
    let repeated: Vec<&Vec<usize>> = members.values().filter(|rows| rows.len() > 1).collect();
    if repeated.is_empty() {
        return None;
    }
    let tells = |column: usize| {
        repeated.iter().all(|rows| {
            let mut seen = HashSet::new();
            rows.iter().all(|&i| data.text(column, i).is_some_and(|v| seen.insert(v)))
        })
    };
    let levels =
        |column: usize| distinct(&(0..data.rows()).map(|i| data.text(column, i)).collect::<Vec<_>>());
    let candidates = (0..data.columns.len()).filter(|&c| free(c) && tells(c));
    let (named, others): (Vec<usize>, Vec<usize>) =
        candidates.partition(|&c| names_arms(&data.columns[c].name));
    let chosen = named.first().copied().or_else(|| {
        others.into_iter().find(|&c| !data.is_numeric(c) && levels(c).iter().any(|l| is_control(l)))
    })?;
    Some((data.columns[chosen].name.clone(), levels(chosen)))
}

/// The refusal of rows that seem to be arms.
pub(crate) fn refusal((column, levels): &(String, Vec<String>), rows: usize, studies: usize) -> Error {
    let reference = levels.iter().find(|l| is_control(l)).or(levels.first()).map_or("LEVEL", String::as_str);
    let shown: Vec<&str> = levels.iter().take(8).map(String::as_str).collect();
    let more = if levels.len() > 8 { ", ..." } else { "" };
    Error::data(format!(
        "{rows} rows of {studies} studies seem to be their arms, told apart by `{column}` ({}{more}): arms are not studies",
        shown.join(", ")
    ))
    .with_hint(format!(
        "compare them with ⟦arm={column}‖reference='{reference}'⟧; one group alone: ⟦where=\"{column} = '...'\"⟧; \
         if every row is a study of its own, say ⟦arm=none⟧"
    ))
}

/// Empties what differs between the arms of a study in columns that have no role: it belongs to no comparison. Columns
/// that are the same within most studies, such as a region, are named with the studies that break the rule.
pub(crate) fn shared_columns(
    source: &super::Dataset,
    made: &mut Comparisons,
    has_role: &dyn Fn(usize) -> bool,
) -> super::Dataset {
    let mut data = source.select(&made.at);
    for column in (0..data.columns.len()).filter(|&c| !has_role(c)) {
        let differs = |members: &Vec<usize>| {
            let mut values = members.iter().filter_map(|&row| source.text(column, row));
            let first = values.next();
            values.any(|v| Some(&v) != first.as_ref())
        };
        let differing: Vec<usize> = (0..made.members.len()).filter(|&i| differs(&made.members[i])).collect();
        for &i in &differing {
            match &mut data.columns[column].values {
                super::Values::Text(cells) => cells[i] = String::new(),
                super::Values::Number(cells) => cells[i] = None,
            }
        }
        // a column that differs within most studies is one of arms, such as their mean age
        if !differing.is_empty() && 2 * differing.len() < made.members.len() {
            made.noticed.push(Noticed::ArmsDiffer {
                column: data.columns[column].name.clone(),
                studies: differing.iter().map(|&i| made.rows[i].study.clone()).collect(),
            });
        }
    }
    data
}
