//! Sensitivity analyses: what the answer owes to single studies and to choices. They fit again by the model that
//! fitted all studies, whatever it is ([`Refit`]), and never change it.

mod gosh;
mod influence;
mod order;
mod outliers;
mod profile;
mod quantiles;
mod sequence;
mod stability;

use crate::error::Error;
pub use crate::math::parallel::Progress;
use crate::model::ModelOptions;
use crate::model::refit::{PooledFit, Refit};
use crate::result::PoolResult;
use crate::result::sensitivity::{Analysis, SensitivityResult};
pub use gosh::{MOST_SUBSETS, USUAL_SUBSETS, USUAL_SUBSETS_OF_COUNTS, gosh};
pub use influence::{baujat, blup, deleted, influence};
pub use outliers::outliers;
pub use profile::profile;
pub use quantiles::quantiles;
pub use sequence::{Groups, cumulative, leave_one_out};
pub use stability::{null_of, stability};

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

/// Runs the analyses on a pooled result, whose table has the columns that they may name.
///
/// # Errors
/// A column is missing, an option is out of range, or the model cannot do an analysis.
pub fn analyse(
    pool: PoolResult,
    analyses: &[Analysis],
    model: &ModelOptions,
    options: &SensitivityOptions,
    progress: Progress<'_>,
) -> Result<SensitivityResult, Error> {
    let mut out = SensitivityResult::new(pool.clone());
    out.null = null_of(&pool.table, options.against)?;
    out.against = options.against;
    let fit = PooledFit::new(&pool, model).about(out.null);
    let whole = fit.whole();
    out.whole_test = whole.filter(|_| out.null.is_some()).map(|w| (w.statistic, w.p_value));
    let whole = whole.and_then(|w| fit.conclusion(&w));
    let removing = [Analysis::LeaveOneOut, Analysis::Influence, Analysis::Baujat];
    if fit.k() < 2 && analyses.iter().any(|a| removing.contains(a)) {
        return Err(Error::model("a single study: none can be left out")
            .with_hint("these analyses need at least two studies; report the study's own interval"));
    }
    for &analysis in analyses {
        match analysis {
            Analysis::LeaveOneOut => {
                let groups = order::groups(&fit, options.cluster.as_deref())?;
                out.leave_one_out = Some(leave_one_out(&fit, &groups, whole));
                out.cluster = options.cluster.clone();
            }
            Analysis::Cumulative => {
                let rows = order::order(&fit, options.order.as_deref(), options.descending)?;
                out.cumulative = Some(cumulative(&fit, &rows));
                out.order = options.order.clone();
                out.descending = options.descending;
            }
            Analysis::Blup => out.blup = Some(blup(&fit)?),
            Analysis::Gosh => out.gosh = Some(gosh(&fit, options.subsets, options.seed, progress)?),
            Analysis::Outliers => out.outliers = Some(outliers(&fit, options.i2_target, whole)?),
            Analysis::Profile => out.profile = Some(profile(&fit)?),
            Analysis::Stability => {
                out.stability = Some(stability(&pool, model, options.against, progress)?);
            }
            // both are made of the fits without each study, below
            Analysis::Influence | Analysis::Baujat => {}
        }
    }
    diagnose(&mut out, &fit, analyses, options)?;
    out.analyses = analyses.to_vec();
    Ok(out)
}

/// What is made of the fits without each study.
fn diagnose(
    out: &mut SensitivityResult,
    fit: &dyn Refit,
    analyses: &[Analysis],
    options: &SensitivityOptions,
) -> Result<(), Error> {
    let wants = |a: Analysis| analyses.contains(&a);
    if !wants(Analysis::Influence) && !wants(Analysis::Baujat) {
        return Ok(());
    }
    let without = deleted(fit);
    if wants(Analysis::Baujat) {
        out.baujat = Some(baujat(fit, &without));
    }
    if wants(Analysis::Influence) {
        let rows = influence(fit, &without);
        if options.quantiles {
            out.quantiles = Some(quantiles(fit, &rows, options.seed)?);
        }
        out.influence = Some(rows);
    }
    Ok(())
}
