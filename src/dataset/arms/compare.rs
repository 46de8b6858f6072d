//! The comparisons of every study with the reference.

use super::data::{Arm, divided, merge, merge_alike, two_groups};
use super::levels::{distinct, find, one_spelling, reference};
use super::{ArmRequest, Comparisons, paired_shape};
use crate::choice::SharedControl;
use crate::dataset::{Noticed, Shape, StudyRow};
use crate::error::Error;
use crate::registry::Member;
use std::collections::HashMap;

/// What is the same for all studies.
struct Comparing<'a> {
    rows: &'a [StudyRow],
    /// The arm of each row.
    levels: &'a [Option<String>],
    asked: &'a ArmRequest,
    reference: String,
    /// Levels that are alike.
    combine: Vec<Vec<String>>,
}

/// The arms of one study.
struct Study<'a> {
    label: &'a str,
    control: Option<Arm>,
    others: Vec<Arm>,
    /// Whether arms were combined into one.
    combined: bool,
}

impl Study<'_> {
    fn shares_its_control(&self) -> bool {
        self.others.len() > 1 && self.control.is_some()
    }
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
    let mut known = |l: &String| find(l, &all, &asked.column, &mut noticed);
    let combine = asked.combine.iter().map(|group| group.iter().map(&mut known).collect());
    let combine = combine.collect::<Result<Vec<Vec<String>>, Error>>()?;
    let groups = (None, reference.clone());
    let mut out = Comparisons { rows: vec![], at: vec![], members: vec![], shape, noticed, groups };
    Comparing { rows, levels, asked, reference, combine }.all(&mut out)?;
    Ok(out)
}

impl Comparing<'_> {
    /// The comparisons of all studies, and what is to be told of them.
    fn all(&self, out: &mut Comparisons) -> Result<(), Error> {
        let mut first: Vec<String> = vec![];
        let (mut combined, mut shared) = (vec![], vec![]);
        for (label, members) in by_study(self.rows) {
            let study = self.study(label, &members)?;
            combined.extend(study.combined.then(|| label.to_string()));
            shared.extend(study.shares_its_control().then(|| label.to_string()));
            first.extend(study.others.iter().filter(|_| study.control.is_some()).map(|a| a.level.clone()));
            for (arm, row) in self.pairs(study)? {
                out.at.push(arm);
                out.members.push(members.clone());
                out.rows.push(row);
            }
        }
        if !combined.is_empty() {
            let levels = self.combine.iter().map(|group| group.join(" and ")).collect();
            out.noticed.push(Noticed::ArmsCombined { levels, studies: combined });
        }
        if let Some(how) = self.asked.shared.filter(|_| !shared.is_empty()) {
            out.noticed.push(Noticed::SharedControl { how, studies: shared });
        }
        first.sort();
        first.dedup();
        if let [one] = &first[..] {
            out.groups.0 = Some(one.clone());
        }
        Ok(())
    }

    /// The arms of a study, like ones combined.
    fn study<'a>(&self, label: &'a str, members: &[usize]) -> Result<Study<'a>, Error> {
        let arms = members.iter().map(|&i| self.arm(label, i)).collect::<Result<Vec<Arm>, Error>>()?;
        self.check_distinct(label, &arms)?;
        let merged = merge_alike(arms, &self.combine);
        let combined = merged.len() < members.len();
        let (mut controls, others): (Vec<Arm>, Vec<Arm>) =
            merged.into_iter().partition(|a| self.is_reference(a));
        // arms that are alike have been merged: there is one control at most
        Ok(Study { label, control: controls.drain(..).next(), others, combined })
    }

    fn arm(&self, study: &str, row: usize) -> Result<Arm, Error> {
        let own = &self.rows[row];
        let level = self.levels[row].clone().ok_or_else(|| {
            Error::data("the arm is not reported")
                .at_line(own.line)
                .in_column(&self.asked.column)
                .of_study(study)
                .with_hint("fill in the level, or leave the row out with ⟦where⟧")
        })?;
        Ok(Arm { of: vec![level.clone()], level, row, data: own.data.clone(), n: own.n })
    }

    fn is_reference(&self, arm: &Arm) -> bool {
        let alike = self.combine.iter().find(|g| g.contains(&self.reference));
        arm.of.iter().all(|l| *l == self.reference || alike.is_some_and(|g| g.contains(l)))
    }

    /// An arm that stands twice is added up only where it alone was named: its rows may be outcomes or times.
    fn check_distinct(&self, study: &str, arms: &[Arm]) -> Result<(), Error> {
        for (i, arm) in arms.iter().enumerate() {
            let named = self.combine.iter().any(|g| *g == [arm.level.clone()]);
            if let Some(first) = arms[..i].iter().find(|a| a.level == arm.level && !named) {
                return Err(Error::data(format!(
                    "arm `{}` is there twice, in lines {} and {}",
                    arm.level, self.rows[first.row].line, self.rows[arm.row].line
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
    fn pairs(&self, study: Study<'_>) -> Result<Vec<(usize, StudyRow)>, Error> {
        let Study { label, control, others, .. } = study;
        let Some(control) = control else {
            let reason = format!("it has no arm “{}” to compare with", self.reference);
            return Ok(others.first().map(|a| self.alone(label, a, reason)).into_iter().collect());
        };
        match (&others[..], self.asked.shared) {
            ([], _) => {
                let reason = format!("it has the arm “{}” alone", self.reference);
                Ok(vec![self.alone(label, &control, reason)])
            }
            ([only], _) => Ok(vec![self.pair(label, only, &control)]),
            ([first, ..], Some(SharedControl::First)) => Ok(vec![self.pair(label, first, &control)]),
            (_, Some(SharedControl::Combine)) => Ok(vec![self.pair(label, &merge(&others), &control)]),
            (_, Some(SharedControl::Split)) => {
                let m = others.len() as f64;
                let data = control.data.clone().map(|d| divided(&d, m));
                let part = Arm { data, n: control.n.map(|n| n / m), ..control };
                let pair = |arm: &Arm| self.pair(&format!("{label}: {}", arm.level), arm, &part);
                Ok(others.iter().map(pair).collect())
            }
            (_, None) => Err(self.unsaid(label, &others)),
        }
    }

    /// An arm that is compared with nothing.
    fn alone(&self, study: &str, arm: &Arm, reason: String) -> (usize, StudyRow) {
        let line = self.rows[arm.row].line;
        let row = StudyRow { study: study.to_string(), line, data: Err(reason), n: arm.n, bounds: None };
        (arm.row, row)
    }

    /// An arm and its control.
    fn pair(&self, study: &str, arm: &Arm, control: &Arm) -> (usize, StudyRow) {
        let n = arm.n.zip(control.n).map(|(a, b)| a + b);
        let line = self.rows[arm.row].line;
        let data = two_groups(arm, control);
        (arm.row, StudyRow { study: study.to_string(), line, data, n, bounds: None })
    }

    /// The refusal of a shared control of which nothing is said.
    fn unsaid(&self, study: &str, others: &[Arm]) -> Error {
        let names: Vec<&str> = others.iter().map(|a| a.level.as_str()).collect();
        Error::data(format!(
            "{} arms share the one control `{}`: {}",
            names.len(),
            self.reference,
            names.join(", ")
        ))
        .of_study(study)
        .with_hint(format!(
            "like arms are combined with ⟦combine='{}'⟧; for unlike ones say ⟦shared-control⟧ split (the control \
             is divided among the comparisons), combine (one comparison with all of them) or first",
            names.join(",")
        ))
    }
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
