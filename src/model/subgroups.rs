//! Studies by the levels of a column: each group pooled by itself, and a test of their differences.
//!
//! ```text
//! Q_b = Σ (θ̂_g − θ̄)²/SE_g²,  θ̄ = Σ θ̂_g/SE_g² / Σ 1/SE_g²,  χ² with G − 1 degrees of freedom
//! ```
//! With a common τ² it is estimated from all groups about their own means, which is a regression on the groups.
//! Reference: \[borenstein2009\].

use super::regression::within_groups;
use super::{Model, ModelOptions, pool};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::math::dist;
use crate::result::{PoolResult, Pooled, Subgroup, SubgroupTest, Subgroups};

/// What stands for a missing level.
const MISSING: &str = "not reported";

/// Pools every group of a result's studies; `levels` has one entry per row of the table.
///
/// # Errors
/// There is one level only, or a common τ² is asked of a model that has none.
pub fn subgroups(
    result: &PoolResult,
    column: &str,
    levels: &[Option<String>],
    options: &ModelOptions,
    common_tau2: bool,
) -> Result<Subgroups, Error> {
    let table = &result.table;
    let of = |i: usize| levels[i].clone().unwrap_or_else(|| MISSING.to_string());
    let mut names: Vec<String> = (0..table.studies.len()).map(of).collect();
    sort(&mut names);
    if names.len() < 2 {
        return Err(Error::usage(format!("all studies have the same value of `{column}`"))
            .with_hint("subgroups need a column with at least two values"));
    }
    if names.len() > table.studies.len().div_ceil(2).max(12) {
        return Err(Error::usage(format!(
            "`{column}` has {} values in {} studies",
            names.len(),
            table.studies.len()
        ))
        .with_hint(
            "subgroups need a column that several studies share; for numbers use `metapool regress --mods`",
        ));
    }
    let tau2 = if common_tau2 { Some(shared(table, &names, &of, options)?) } else { None };
    let options = ModelOptions { tau2_given: tau2.or(options.tau2_given), ..*options };
    let groups: Vec<Subgroup> = names
        .iter()
        .map(|name| {
            let rows: Vec<usize> = (0..table.studies.len()).filter(|&i| of(i) == *name).collect();
            group(table, name, rows, &options, tau2)
        })
        .collect();
    let common = difference(groups.iter().map(|g| g.common.as_ref()));
    let random = difference(groups.iter().map(|g| g.random.as_ref()));
    Ok(Subgroups { column: column.to_string(), groups, common_tau2: tau2, common, random })
}

/// Numbers in their order, words in that of the alphabet, what is missing last.
fn sort(names: &mut Vec<String>) {
    let number = |n: &String| n.parse::<f64>().ok();
    let numeric = names.iter().filter(|n| *n != MISSING).all(|n| number(n).is_some());
    names.sort_by(|a, b| {
        let last = (a == MISSING).cmp(&(b == MISSING));
        let own = match (numeric, number(a), number(b)) {
            (true, Some(x), Some(y)) => x.total_cmp(&y),
            _ => a.cmp(b),
        };
        last.then(own)
    });
    names.dedup();
}

fn shared(
    table: &EffectTable,
    names: &[String],
    of: &impl Fn(usize) -> String,
    options: &ModelOptions,
) -> Result<f64, Error> {
    if options.model.unwrap_or_else(|| Model::for_table(table)) != Model::InverseVariance {
        return Err(Error::usage("a common τ² needs the inverse-variance model")
            .with_hint("leave out `--common-tau2`, or add `--model inverse-variance`"));
    }
    if let Some(tau2) = options.tau2_given {
        return Ok(tau2);
    }
    let (mut y, mut v, mut member) = (vec![], vec![], vec![]);
    for (i, s) in table.studies.iter().enumerate() {
        if let Some(e) = s.effect() {
            y.push(e.y);
            v.push(e.v);
            member.push(names.iter().position(|n| *n == of(i)).unwrap_or(0));
        }
    }
    let between = within_groups(&y, &v, &member, options.estimator()).ok_or_else(|| {
        Error::model("every group has one study: no τ² can be estimated within them")
            .with_hint("use a column with fewer values")
    })?;
    Ok(between.tau2)
}

fn group(
    table: &EffectTable,
    level: &str,
    rows: Vec<usize>,
    options: &ModelOptions,
    tau2: Option<f64>,
) -> Subgroup {
    let part = table.part(&rows);
    let empty = Subgroup {
        level: level.to_string(),
        rows: rows.clone(),
        k: 0,
        common: None,
        random: None,
        heterogeneity: None,
    };
    let Ok(mut pooled) = pool(part, *options) else { return empty };
    if pooled.k == 1 && pooled.random.is_none() {
        pooled.random = pooled.common.as_ref().map(|c| alone(c, tau2.unwrap_or(0.0), table, options.level));
    }
    Subgroup {
        k: pooled.k,
        common: pooled.common,
        random: pooled.random,
        heterogeneity: pooled.heterogeneity,
        ..empty
    }
}

/// A group of one study: its own effect, with the τ² that it shares with the other groups, if it does.
fn alone(own: &Pooled, tau2: f64, table: &EffectTable, level: f64) -> Pooled {
    let se = own.se.map(|s| (s * s + tau2).sqrt());
    match se.filter(|_| tau2 > 0.0) {
        Some(se) => {
            let half = super::interval::critical(level, f64::INFINITY) * se;
            let limits = (own.estimate - half, own.estimate + half);
            super::inverse_variance::pooled(table, own.estimate, se, f64::INFINITY, limits)
        }
        None => own.clone(),
    }
}

/// Q between groups with its degrees of freedom and p-value; `None` where a group has no finite estimate.
fn difference<'a>(groups: impl Iterator<Item = Option<&'a Pooled>>) -> Option<SubgroupTest> {
    let parts: Option<Vec<(f64, f64)>> = groups
        .flatten()
        .map(|p| p.se.filter(|s| *s > 0.0 && p.estimate.is_finite()).map(|s| (p.estimate, 1.0 / (s * s))))
        .collect();
    let parts = parts.filter(|p| p.len() > 1)?;
    let total: f64 = parts.iter().map(|p| p.1).sum();
    let mean = parts.iter().map(|p| p.0 * p.1).sum::<f64>() / total;
    let q: f64 = parts.iter().map(|p| p.1 * (p.0 - mean).powi(2)).sum();
    let df = parts.len() - 1;
    Some(SubgroupTest { q, df, p_value: dist::chi2_sf(q, df as f64) })
}
