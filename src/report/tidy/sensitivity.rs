//! Sensitivity analyses: any number of them in one table.

use super::{Cells, Tidy, cell, fields};
use crate::document::{Cell, Sheet};
use crate::registry::Member;
use crate::report::answer::{
    BaujatRow, BlupRow, GoshSummary, InfluenceRow, ProfileRow, RefitRow, RemovalRow, SplitRow, StabilityRow,
    StepRow,
};
use crate::result::sensitivity::{Analysis, SensitivityResult};
use serde::Serialize;

/// The whole answer of `metapool sensitivity`; `kind` is the analysis, `all-studies` what it is compared with.
///
/// Of GOSH there are `gosh` (a row a study) and `gosh-summary`, of stability `stability` (a row a specification) and
/// `stability-choice`, of the profile `profile` (a row a point) and `profile-summary`.
pub(in crate::report) fn sensitivity(result: &SensitivityResult) -> Sheet {
    let mut out = Tidy::open();
    if let Some(all) = result.whole() {
        let read = result.pool.main().map(|m| m.natural).unwrap_or_default();
        let mut cells = vec![cell("study", Cell::Missing)];
        cells.extend(fields(RefitRow::from(Some(&all))));
        cells.extend(super::natural(&read));
        out.of_kind("all-studies", cells);
    }
    for &kind in &result.analyses {
        analysis(&mut out, kind, result);
    }
    out.notes(&result.notes());
    out.sheet()
}

fn analysis(out: &mut Tidy, kind: Analysis, r: &SensitivityResult) {
    let id = kind.id();
    match kind {
        Analysis::LeaveOneOut => rows::<_, StepRow<'_>>(out, id, r.leave_one_out.iter().flatten()),
        Analysis::Cumulative => rows::<_, StepRow<'_>>(out, id, r.cumulative.iter().flatten()),
        Analysis::Influence => rows::<_, InfluenceRow<'_>>(out, id, r.influence.iter().flatten()),
        Analysis::Baujat => rows::<_, BaujatRow<'_>>(out, id, r.baujat.iter().flatten()),
        Analysis::Blup => rows::<_, BlupRow<'_>>(out, id, r.blup.iter().flatten()),
        Analysis::Gosh => {
            rows::<_, SplitRow<'_>>(out, id, r.gosh.iter().flat_map(|g| &g.splits));
            rows::<_, GoshSummary>(out, "gosh-summary", &r.gosh);
        }
        Analysis::Outliers => {
            rows::<_, RemovalRow<'_>>(out, id, r.outliers.iter().flat_map(|o| &o.path));
        }
        Analysis::Stability => r.stability.iter().map(StabilityRow::from).for_each(|s| {
            s.specifications.iter().for_each(|x| out.of_kind(id, fields(x)));
            s.choices.iter().for_each(|c| out.of_kind("stability-choice", fields(c)));
            out.of_kind("stability-summary", without(fields(&s), &["choices", "specifications"]));
        }),
        Analysis::Profile => r.profile.iter().map(ProfileRow::from).for_each(|p| {
            p.points.iter().for_each(|point| out.of_kind(id, fields(point)));
            out.of_kind("profile-summary", without(fields(&p), &["points"]));
        }),
    }
}

/// A row a value.
fn rows<'a, T: 'a, Row: From<&'a T> + Serialize>(
    out: &mut Tidy,
    kind: &str,
    values: impl IntoIterator<Item = &'a T>,
) {
    values.into_iter().for_each(|value| out.of_kind(kind, fields(Row::from(value))));
}

/// Without lists, which have rows of their own.
fn without(mut cells: Cells, lists: &[&str]) -> Cells {
    cells.retain(|(name, _)| !lists.contains(&name.as_str()));
    cells
}
