//! The columns of results: their names, their order, their numbers.

use super::group::Pooled;
use crate::dataset::Output;
use crate::error::{Error, nearest};
use crate::model::tau2::Tau2;
use crate::registry::Member;
use std::collections::HashSet;

/// A column of results after those of the groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ResultColumn {
    K,
    /// A number of the group, by its place among [`numbers`].
    Number(usize),
    Direction,
    Notes,
}

/// A column with its name.
pub(super) type Named = (String, ResultColumn);

const COMMON: [&str; 6] =
    ["k", "common_estimate", "common_se", "common_ci_lower", "common_ci_upper", "common_p_value"];
const RANDOM: [&str; 9] = [
    "estimate",
    "se",
    "ci_lower",
    "ci_upper",
    "p_value",
    "prediction_lower",
    "prediction_upper",
    "tau2",
    "i2",
];
const HETEROGENEITY: [&str; 2] = ["q", "q_p_value"];
const BY_SIZE: [&str; 3] = ["z", "z_p_value", "size"];

/// The columns of a result: all, or those asked for.
///
/// # Errors
/// There is no such column, or two have the same name.
pub(super) fn header(
    keys: &[String],
    tau2: &[Tau2],
    by_size: bool,
    select: Option<&[String]>,
) -> Result<Vec<Named>, Error> {
    let all = all(tau2, by_size);
    let chosen = match select {
        None => all,
        Some(select) => select.iter().map(|name| find(&all, name)).collect::<Result<_, Error>>()?,
    };
    let mut seen = HashSet::new();
    if let Some(twice) = keys.iter().chain(chosen.iter().map(|c| &c.0)).find(|n| !seen.insert(*n)) {
        return Err(Error::usage(format!("two columns of the result would be called `{twice}`"))
            .with_hint("give the column of the groups another name, and name estimators and columns once"));
    }
    Ok(chosen)
}

/// All columns after those of the groups.
fn all(tau2: &[Tau2], by_size: bool) -> Vec<Named> {
    let own = |list: &[&str]| list.iter().map(|n| (*n).to_string()).collect::<Vec<String>>();
    let mut names = own(&COMMON[1..]);
    for (i, estimator) in tau2.iter().enumerate() {
        let suffix = if i == 0 { String::new() } else { format!("_{}", estimator.id()) };
        names.extend(RANDOM.iter().map(|n| format!("{n}{suffix}")));
    }
    names.extend(own(&HETEROGENEITY));
    if by_size {
        names.extend(own(&BY_SIZE));
    }
    let mut all = vec![(COMMON[0].to_string(), ResultColumn::K)];
    all.extend(names.into_iter().enumerate().map(|(i, name)| (name, ResultColumn::Number(i))));
    all.push(("direction".to_string(), ResultColumn::Direction));
    all.push(("notes".to_string(), ResultColumn::Notes));
    all
}

/// The column with a name.
fn find(all: &[Named], name: &str) -> Result<Named, Error> {
    all.iter().find(|c| c.0 == name).cloned().ok_or_else(|| {
        let near = nearest(name, all.iter().map(|c| c.0.as_str()));
        let meant = near.map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
        let names: Vec<&str> = all.iter().map(|c| c.0.as_str()).collect();
        Error::usage(format!("results have no column `{name}`"))
            .with_hint(format!("{meant}they have: {}", names.join(", ")))
    })
}

/// The kinds of the columns of a result.
pub(super) fn schema(keys: &[String], columns: &[Named]) -> Vec<(String, Output)> {
    let groups = keys.iter().map(|k| (k.clone(), Output::Text(vec![])));
    let kind = |c: &ResultColumn| match c {
        ResultColumn::K => Output::Count(vec![]),
        ResultColumn::Number(_) => Output::Number(vec![]),
        ResultColumn::Direction | ResultColumn::Notes => Output::Text(vec![]),
    };
    groups.chain(columns.iter().map(|(name, c)| (name.clone(), kind(c)))).collect()
}

/// The numbers of a group after k, in the order of the header.
#[inline]
pub(super) fn numbers(groups: &Pooled, i: usize, by_size: bool, to: &mut Vec<f64>) {
    let g = &groups.pools.groups[i];
    to.clear();
    to.extend([g.common, g.common_se, g.common_limits.0, g.common_limits.1, g.common_p]);
    groups.pools.random(i).iter().for_each(|r| to.extend(r.values()));
    to.extend([g.q.0, g.q.1]);
    if by_size {
        to.extend([g.by_size.0, g.by_size.1, g.by_size.2]);
    }
}
