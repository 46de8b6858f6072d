//! Sensitivity analyses: what the answer owes to single studies and to choices. They pool again by the model that
//! pooled all studies, whatever it is, and never change it.

mod gosh;
mod influence;
mod outliers;
mod profile;
mod quantiles;
mod sequence;
mod stability;
mod subset;

use crate::dataset::{Dataset, Shape, StudyRow};
use crate::effect::EffectTable;
use crate::error::Error;
pub use crate::math::parallel::Progress;
use crate::model::ModelOptions;
use crate::result::PoolResult;
use crate::result::sensitivity::{Analysis, SensitivityResult};
pub use gosh::{MOST_SUBSETS, USUAL_SUBSETS, USUAL_SUBSETS_OF_COUNTS, gosh};
pub use influence::{baujat, blup, deleted, influence};
pub use outliers::outliers;
pub use profile::profile;
pub use quantiles::quantiles;
pub use sequence::{Groups, cumulative, leave_one_out};
pub use stability::{null_of, stability};
pub use subset::Pooler;

/// What the analyses may be told.
#[derive(Clone, Debug)]
pub struct SensitivityOptions {
    /// Column that orders a cumulative analysis; the order of the data if none is given.
    pub order: Option<String>,
    /// From the largest value down.
    pub descending: bool,
    /// Column of clusters that are left out together.
    pub cluster: Option<String>,
    /// Most subsets; `None` takes what suits the model.
    pub subsets: Option<u64>,
    /// Of random numbers.
    pub seed: u64,
    /// I² in percent at which the search for outliers ends.
    pub i2_target: f64,
    /// A value other than no effect that conclusions are about, as it is read.
    pub against: Option<f64>,
    /// Whether quantiles of residuals are computed with the influence diagnostics.
    pub quantiles: bool,
}

impl Default for SensitivityOptions {
    fn default() -> Self {
        Self {
            order: None,
            descending: false,
            cluster: None,
            subsets: None,
            seed: 1,
            i2_target: 50.0,
            against: None,
            quantiles: false,
        }
    }
}

/// A pooled result with the data that it came from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The data as read; its rows are those of the table.
    pub dataset: &'a Dataset,
    /// The effects as they were before pooling.
    pub table: &'a EffectTable,
    /// The rows that effects were computed from.
    pub rows: &'a [StudyRow],
    /// What kind of data it is.
    pub shape: Shape,
}

/// Runs the analyses on a pooled result.
///
/// # Errors
/// A column is missing, an option is out of range, or the model cannot do an analysis.
pub fn analyse(
    pool: PoolResult,
    source: Source<'_>,
    analyses: &[Analysis],
    model: &ModelOptions,
    options: &SensitivityOptions,
    progress: Progress<'_>,
) -> Result<SensitivityResult, Error> {
    let mut out = SensitivityResult::new(pool.clone());
    let null = null_of(&pool.table, options.against)?;
    let mut pooler = Pooler::new(&pool, source.table, model);
    pooler.against = null;
    let whole = pool.main().and_then(|m| crate::result::sensitivity::Conclusion::of(m.lower, m.upper, null));
    out.null = null;
    out.against = options.against;
    if let (Some(fit), Some(value)) = (out.whole(), null) {
        let no_effect = pool.table.measure().spec().null.unwrap_or(0.0);
        let tested = subset::about(fit, no_effect, value);
        out.whole_test = Some((tested.statistic, tested.p_value));
    }
    let wants = |a: Analysis| analyses.contains(&a);
    let removing = [Analysis::LeaveOneOut, Analysis::Influence, Analysis::Baujat];
    if pooler.k() < 2 && analyses.iter().any(|a| removing.contains(a)) {
        return Err(Error::model("a single study: none can be left out")
            .with_hint("these analyses need at least two studies; report the study's own interval"));
    }
    for &analysis in analyses {
        match analysis {
            Analysis::LeaveOneOut => {
                let groups = match &options.cluster {
                    None => (0..pooler.k()).map(|i| (pooler.label(i), vec![i])).collect(),
                    Some(column) => clusters(&pooler, source.dataset, column)?,
                };
                out.leave_one_out = Some(leave_one_out(&pooler, &groups, whole));
                out.cluster = options.cluster.clone();
            }
            Analysis::Cumulative => {
                let (places, values) =
                    order(&pooler, source.dataset, options.order.as_deref(), options.descending)?;
                out.cumulative = Some(cumulative(&pooler, &places, &values));
                out.order = options.order.clone();
                out.descending = options.descending;
            }
            Analysis::Blup => out.blup = Some(blup(&pool, &pooler)?),
            Analysis::Gosh => out.gosh = Some(gosh(&pooler, options.subsets, options.seed, progress)?),
            Analysis::Outliers => out.outliers = Some(outliers(&pooler, options.i2_target, whole)?),
            Analysis::Profile => out.profile = Some(profile(&pooler)?),
            Analysis::Stability => {
                let (rows, shape) = (source.rows, source.shape);
                out.stability =
                    Some(stability(rows, shape, (&pool, source.table), model, options.against, progress)?);
            }
            Analysis::Influence | Analysis::Baujat => {}
        }
    }
    if wants(Analysis::Influence) || wants(Analysis::Baujat) {
        let without = deleted(&pooler);
        if wants(Analysis::Baujat) {
            out.baujat = Some(baujat(&pool, &pooler, &without));
        }
        if wants(Analysis::Influence) {
            let rows = influence(&pool, &pooler, &without);
            if options.quantiles {
                out.quantiles = Some(quantiles(&pool, &pooler, &rows, options.seed)?);
            }
            out.influence = Some(rows);
        }
    }
    out.analyses = analyses.to_vec();
    Ok(out)
}

/// Pooled studies by the values of a column, in the order in which these first appear.
fn clusters(pooler: &Pooler<'_>, data: &Dataset, column: &str) -> Result<Groups, Error> {
    let at = data.require(column)?;
    let mut groups: Groups = vec![];
    for (place, &row) in pooler.rows.iter().enumerate() {
        let name = data.text(at, row).ok_or_else(|| {
            Error::data("a study without cluster")
                .in_column(column)
                .of_study(&pooler.label(place))
                .with_hint("give it a cluster of its own")
        })?;
        match groups.iter_mut().find(|g| g.0 == name) {
            Some(group) => group.1.push(place),
            None => groups.push((name, vec![place])),
        }
    }
    if groups.len() < 2 {
        return Err(Error::usage(format!("all studies are in one cluster of `{column}`"))
            .with_hint("leaving clusters out needs a column with at least two values"));
    }
    Ok(groups)
}

/// Places of the pooled studies in the order of a column, and its values by place.
fn order(
    pooler: &Pooler<'_>,
    data: &Dataset,
    column: Option<&str>,
    descending: bool,
) -> Result<(Vec<usize>, Vec<Option<String>>), Error> {
    let mut places: Vec<usize> = (0..pooler.k()).collect();
    let Some(column) = column else {
        if descending {
            places.reverse();
        }
        return Ok((places, vec![]));
    };
    // precision is no column of most files, but the order that shows small-study effects
    if data.position(column).is_none() && column.eq_ignore_ascii_case("precision") {
        let variance = |&i: &usize| pooler.table.studies[pooler.rows[i]].v.unwrap_or(f64::INFINITY);
        places.sort_by(|a, b| variance(a).total_cmp(&variance(b)));
        if descending {
            places.reverse();
        }
        return Ok((places, vec![]));
    }
    let at = data.require(column)?;
    let values: Vec<Option<String>> = pooler.rows.iter().map(|&row| data.text(at, row)).collect();
    if let Some(missing) = values.iter().position(Option::is_none) {
        return Err(Error::data("no value to order by")
            .in_column(column)
            .of_study(&pooler.label(missing))
            .with_hint("look it up in its source, or leave the study out with ⟦where⟧ and say so"));
    }
    let numbers: Option<Vec<f64>> =
        values.iter().map(|v| v.as_ref().and_then(|v| v.trim().parse().ok())).collect();
    match numbers {
        Some(n) => places.sort_by(|&a, &b| n[a].total_cmp(&n[b])),
        None => places.sort_by(|&a, &b| values[a].cmp(&values[b])),
    }
    if descending {
        places.reverse();
    }
    Ok((places, values))
}
