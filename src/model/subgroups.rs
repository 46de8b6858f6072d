//! Studies by the levels of a column: each group pooled by itself, and a test of their differences.
//!
//! The test of inverse-variance estimates is that of the meta-regression on the groups, with one τ² for all of them
//! whatever is shown of each: F with G − 1 and k − G degrees of freedom and the factor of the interval, max(1, s²) unless
//! another is asked for. Wald's interval, common effects and models of counts have the χ² test of the groups' estimates:
//!
//! ```text
//! Q_b = Σ (θ̂_g − θ̄)²/SE_g²,  θ̄ = Σ θ̂_g/SE_g² / Σ 1/SE_g²,  χ² with G − 1 degrees of freedom
//! ```
//! χ² of Hartung–Knapp standard errors would reject true hypotheses in 6 to 50% of tests at 5% (`benches/coverage.md`). References: \[knapp2003\], \[rover2015\], \[borenstein2009\].

use super::interval::Interval;
use super::notes::levels_alike;
use super::regression::{differences, within_groups};
use super::{Model, ModelOptions, pool};
use crate::effect::EffectTable;
use crate::error::Error;
use crate::math::dist;
use crate::result::{Note, PoolResult, Pooled, Subgroup, SubgroupTest, Subgroups};
use std::collections::HashMap;

/// Fewest studies less groups at which the F test with factor max(1, s²) keeps close to its level.
const USUAL_DF: usize = 10;

/// The studies that have a level, by the index of its name.
struct Members<'a> {
    source: &'a EffectTable,
    names: Vec<String>,
    of: Vec<Option<usize>>,
    /// Rows of each group.
    rows: Vec<Vec<usize>>,
}

impl<'a> Members<'a> {
    fn new(source: &'a EffectTable, column: &str) -> Result<Self, Error> {
        let levels = levels(source, column)?;
        let level = |i: usize| levels.get(i).and_then(Option::as_ref);
        let mut names: Vec<String> = (0..source.studies.len()).filter_map(level).cloned().collect();
        let k = names.len();
        sort(&mut names);
        if names.len() < 2 {
            let with = if k < source.studies.len() { "all studies with a value" } else { "all studies" };
            let what = match k {
                0 => format!("no study has a value of `{column}`"),
                _ => format!("{with} have the same value of `{column}`"),
            };
            return Err(Error::usage(what).with_hint("subgroups need a column with at least two values"));
        }
        if names.len() > k.div_ceil(2).max(12) {
            return Err(Error::usage(format!("`{column}` has {} values in {k} studies", names.len()))
                .with_hint(
                    "subgroups need a column that several studies share; for numbers use ⟦regress: mods⟧",
                ));
        }
        let places: HashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
        let index = |i: usize| level(i).and_then(|l| places.get(l.as_str()).copied());
        let of: Vec<Option<usize>> = (0..source.studies.len()).map(index).collect();
        let mut rows = vec![vec![]; names.len()];
        for (i, group) in of.iter().enumerate() {
            if let Some(g) = group {
                rows[*g].push(i);
            }
        }
        Ok(Self { source, names, of, rows })
    }

    /// Rows of a group; those without a level for `None`.
    fn rows(&self, group: Option<usize>) -> Vec<usize> {
        match group {
            Some(g) => self.rows[g].clone(),
            None => (0..self.of.len()).filter(|&i| self.of[i].is_none()).collect(),
        }
    }

    /// Effects, variances and groups of the studies that have both.
    fn effects(&self) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
        let (mut y, mut v, mut member) = (vec![], vec![], vec![]);
        for (s, of) in self.source.studies.iter().zip(&self.of) {
            if let (Some(e), Some(g)) = (s.effect(), of) {
                y.push(e.y);
                v.push(e.v);
                member.push(*g);
            }
        }
        (y, v, member)
    }
}

/// The value of a column in every row.
fn levels(table: &EffectTable, column: &str) -> Result<Vec<Option<String>>, Error> {
    if !table.frame().has(column) && column.contains(',') {
        return Err(Error::usage(format!("⟦subgroup={column}⟧ names several columns"))
            .with_hint("subgroups are by one column; for several at once use ⟦regress: mods=\"a + b\"⟧"));
    }
    table.frame().texts(column)
}

/// Pools every group of a result's studies by the values of a column beside them. The notes say what the reader of the
/// groups should know.
///
/// # Errors
/// There is no such column or one level only, or a common τ² is asked of a model that has none.
pub fn subgroups(
    result: &PoolResult,
    column: &str,
    options: &ModelOptions,
    common_tau2: bool,
) -> Result<(Subgroups, Vec<Note>), Error> {
    let source = &result.table;
    let members = Members::new(source, column)?;
    let model = options.model_for(source);
    let tau2 = if common_tau2 { Some(shared(&members, model, options)?) } else { None };
    let own = ModelOptions { tau2_given: tau2.or(options.tau2_given), ..*options };
    let groups: Vec<Subgroup> = (0..members.names.len()).map(|g| group(&members, g, &own)).collect();
    let words = estimates(model);
    let common = chi_squared(&groups, |g| g.common.as_ref(), words.0);
    let random = if model == Model::InverseVariance && interval(options) != Interval::Wald {
        regression_test(&members, options)
    } else {
        chi_squared(&groups, |g| g.random.as_ref(), words.1)
    };
    let quoted = if result.random.is_some() { &random } else { &common };
    let no_test = quoted.as_ref().err().cloned();
    let random = random.ok().filter(|_| result.random.is_some());
    let notes = notes(&members, column, &groups, random.as_ref(), interval(options));
    let without_level = members.rows(None);
    let column = column.to_string();
    let common = common.ok();
    Ok((Subgroups { column, groups, without_level, common_tau2: tau2, common, random, no_test }, notes))
}

/// The interval of the inverse-variance model in force.
fn interval(options: &ModelOptions) -> Interval {
    options.ci.unwrap_or_else(|| options.profile.ci())
}

/// What a model's estimates are called: those of a common effect, and those with heterogeneity.
fn estimates(model: Model) -> (&'static str, &'static str) {
    match model {
        Model::InverseVariance => ("common-effect", "random-effects"),
        Model::Glmm => ("common-effect GLMM", "GLMM"),
        Model::BetaBinomial => ("common-effect", "beta-binomial"),
        Model::Exact => ("exact common-effect", "exact"),
        Model::MantelHaenszel => ("Mantel-Haenszel", "Mantel-Haenszel"),
        Model::Peto => ("Peto", "Peto"),
    }
}

/// Numbers in their order, words in that of the alphabet.
fn sort(names: &mut Vec<String>) {
    let number = |n: &String| n.parse::<f64>().ok();
    let numeric = names.iter().all(|n| number(n).is_some());
    names.sort_by(|a, b| match (numeric, number(a), number(b)) {
        (true, Some(x), Some(y)) => x.total_cmp(&y),
        _ => a.cmp(b),
    });
    names.dedup();
}

fn shared(members: &Members<'_>, model: Model, options: &ModelOptions) -> Result<f64, Error> {
    if model != Model::InverseVariance {
        return Err(Error::usage("a common τ² needs the inverse-variance model")
            .with_hint("leave out ⟦common-tau2⟧, or add ⟦model=inverse-variance⟧"));
    }
    if let Some(tau2) = options.tau2_given {
        return Ok(tau2);
    }
    let (y, v, member) = members.effects();
    let between = within_groups(&y, &v, &member, options.estimator()).ok_or_else(|| {
        Error::model("no τ² can be estimated within groups: each has one study, or they are too many")
            .with_hint("use a column with fewer values")
    })?;
    Ok(between.tau2)
}

fn group(members: &Members<'_>, at: usize, options: &ModelOptions) -> Subgroup {
    let table = members.source;
    let rows = members.rows(Some(at));
    let pooled = table.part(&rows).and_then(|part| pool(part, *options));
    let empty = Subgroup {
        level: members.names[at].clone(),
        rows,
        k: 0,
        common: None,
        random: None,
        heterogeneity: None,
        reason: None,
    };
    let mut pooled = match pooled {
        Ok(pooled) => pooled,
        Err(e) => return Subgroup { reason: Some(e.marked()), ..empty },
    };
    if pooled.k == 1 && pooled.random.is_none() {
        let tau2 = options.tau2_given.unwrap_or(0.0);
        pooled.random = pooled.common.as_ref().map(|c| alone(c, tau2, table, options.level));
    }
    Subgroup {
        k: pooled.k,
        common: pooled.common,
        random: pooled.random,
        heterogeneity: pooled.heterogeneity,
        ..empty
    }
}

/// A group of one study: its own effect, with the τ² that is given or shared with the other groups, if it is.
fn alone(own: &Pooled, tau2: f64, table: &EffectTable, level: f64) -> Pooled {
    let se = own.se.map(|s| (s * s + tau2).sqrt());
    match se.filter(|_| tau2 > 0.0) {
        Some(se) => {
            let half = super::interval::critical(level, f64::INFINITY) * se;
            let limits = (own.estimate - half, own.estimate + half);
            super::pooled::pooled(table, own.estimate, se, f64::INFINITY, limits)
        }
        None => own.clone(),
    }
}

/// The test of the meta-regression on the groups; or the reason why there is none.
fn regression_test(members: &Members<'_>, options: &ModelOptions) -> Result<SubgroupTest, String> {
    let (y, v, member) = members.effects();
    let mut used = member.clone();
    used.sort_unstable();
    used.dedup();
    if used.len() < 2 {
        return Err("fewer than two groups have an estimate".into());
    }
    if used.len() == y.len() {
        return Err(
            "every group has one study, so that nothing is known of the variation within groups".into()
        );
    }
    let tau2 = match options.tau2_given {
        Some(tau2) => tau2,
        None => {
            within_groups(&y, &v, &member, options.estimator())
                .ok_or_else(|| format!("{} groups are too many for a regression on them", used.len()))?
                .tau2
        }
    };
    // Kenward-Roger and the profile likelihood have no such test of their own
    let ci = match interval(options) {
        ci @ (Interval::HartungKnapp | Interval::T) => ci,
        _ => Interval::HartungKnappAdHoc,
    };
    let d = differences(&y, &v, &member, tau2, ci)
        .ok_or("the studies of each group agree exactly, so that the plain Hartung-Knapp factor is zero")?;
    let factor = match ci {
        Interval::HartungKnapp => "factor s²",
        Interval::T => "ordinary standard errors",
        _ => "factor max(1, s²)",
    };
    Ok(SubgroupTest {
        statistic: d.f,
        df: d.df,
        df2: Some(d.df2),
        p_value: d.p_value,
        tau2: Some(tau2),
        method: format!("meta-regression on the groups, {factor}"),
    })
}

/// Q between the groups that have an estimate; or the reason why there is none.
fn chi_squared<'a>(
    groups: &'a [Subgroup],
    estimate: impl Fn(&'a Subgroup) -> Option<&'a Pooled>,
    words: &str,
) -> Result<SubgroupTest, String> {
    let mut parts: Vec<(f64, f64)> = vec![];
    for g in groups {
        let Some(p) = estimate(g) else { continue };
        if !p.estimate.is_finite() {
            return Err(format!("the estimate of `{}` is infinite", g.level));
        }
        let se = p.se.filter(|s| *s > 0.0 && s.is_finite());
        let se = se.ok_or_else(|| format!("the estimate of `{}` has no standard error", g.level))?;
        parts.push((p.estimate, 1.0 / (se * se)));
    }
    if parts.len() < 2 {
        return Err("fewer than two groups have an estimate".into());
    }
    let total: f64 = parts.iter().map(|p| p.1).sum();
    let mean = parts.iter().map(|p| p.0 * p.1).sum::<f64>() / total;
    let q: f64 = parts.iter().map(|p| p.1 * (p.0 - mean).powi(2)).sum();
    let df = parts.len() - 1;
    Ok(SubgroupTest {
        statistic: q,
        df,
        df2: None,
        p_value: dist::chi2_sf(q, df as f64),
        tau2: None,
        method: format!("χ² of the groups' {words} estimates"),
    })
}

fn notes(
    members: &Members<'_>,
    column: &str,
    groups: &[Subgroup],
    test: Option<&SubgroupTest>,
    ci: Interval,
) -> Vec<Note> {
    let mut notes = vec![];
    let without = members.rows(None);
    if !without.is_empty() {
        let studies = without.iter().map(|&i| members.source.studies[i].study.clone()).collect();
        notes.push(Note::SubgroupMissing { column: column.to_string(), studies });
    }
    notes.extend(levels_alike(column, &members.names));
    let failed: Vec<(String, String)> =
        groups.iter().filter_map(|g| Some((g.level.clone(), g.reason.clone()?))).collect();
    if !failed.is_empty() {
        notes.push(Note::SubgroupsNotPooled { groups: failed });
    }
    let two: Vec<String> = groups
        .iter()
        .filter(|g| g.k == 2 && g.random.as_ref().is_some_and(|r| r.df == Some(1.0)))
        .map(|g| g.level.clone())
        .collect();
    if !two.is_empty() {
        notes.push(Note::SubgroupsOfTwo { groups: two });
    }
    let cautious = !matches!(ci, Interval::HartungKnapp | Interval::T);
    if let Some(df2) = test.and_then(|t| t.df2).filter(|d| cautious && *d < USUAL_DF) {
        notes.push(Note::SubgroupTestCautious { df: df2 });
    }
    notes
}
