//! From a request to an effect table: what the command line and reviews have in common.

pub mod options;
mod request;
mod study_table;

use crate::bias::{self, BiasOptions, BiasTest};
use crate::choice::Chosen;
use crate::dataset::{Dataset, Shape};
use crate::effect::{EffectTable, Natural};
use crate::error::Error;
use crate::model::imputation::{self, Impute};
use crate::model::regression::{Regression, Requests, Robust};
use crate::model::{self, ModelOptions, absolute, agreement, bounds, subgroups};
use crate::plot::{Drawing, Draws, Labels, Plot, PlotOptions};
use crate::registry::Member;
use crate::result::{Note, PoolResult, Pooled, Settings};
use crate::sensitivity::{self, Progress, SensitivityOptions};
pub use request::Request;
use std::sync::Arc;
pub use study_table::StudyTable;

/// Studies turned into effects, with where they came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data as read, rows that are no studies set aside.
    pub dataset: Arc<Dataset>,
    /// The effects, with the data as the columns beside them.
    pub table: EffectTable,
    /// What kind of data it was.
    pub shape: Shape,
    /// Whether the measure was chosen from the data.
    pub measure_chosen: bool,
    /// Names of the two groups, where comparisons were made of arms; the first only where all share it.
    pub groups: Option<(Option<String>, String)>,
}

/// What is computed beside the pooled estimate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Supplements<'a> {
    /// What replaces missing SDs of a change.
    pub impute: Option<&'a Impute>,
    /// Whether methods are compared.
    pub agreement: Panel,
    /// Risks (or rates) without treatment, for absolute effects.
    pub baseline_risks: &'a [f64],
    /// Column of subgroups.
    pub subgroup: Option<&'a str>,
    /// Whether subgroups share one τ².
    pub common_tau2: bool,
    /// Column of clusters within which rows depend on each other, and the variance that allows for them.
    pub cluster: Option<(&'a str, Robust)>,
}

/// What a picture may need beyond the pooled result.
#[derive(Clone, Debug, Default)]
pub struct DrawRequest<'a> {
    /// How studies are pooled.
    pub model: ModelOptions,
    /// What is computed beside.
    pub beside: Supplements<'a>,
    /// For pictures of sensitivity.
    pub sensitivity: SensitivityOptions,
    /// For pictures of bias.
    pub bias: BiasOptions,
    /// Tests drawn into a funnel.
    pub tests: &'a [BiasTest],
    /// Moderators, as a formula.
    pub mods: Option<&'a str>,
    /// Which of them is drawn along.
    pub moderator: Option<&'a str>,
}

/// When the agreement of methods is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// Never.
    #[default]
    Never,
    /// For proportions, and for two groups with empty cells.
    WhereUseful,
    /// Whenever there is one.
    Always,
}

impl Loaded {
    /// Pools the table and adds what belongs beside it: the range over bounded counts, and what is asked for.
    ///
    /// # Errors
    /// The options do not fit the model or each other, or no study can be pooled.
    pub fn pool(&self, options: ModelOptions, beside: Supplements<'_>) -> Result<PoolResult, Error> {
        let mut result = model::pool(self.table.clone(), options)?;
        if let Some((column, kind)) = beside.cluster {
            self.cluster(&mut result, (column, kind), options, beside)?;
        } else {
            result.range = bounds::range(&result, &options);
        }
        if let Some(column) = beside.subgroup {
            let (groups, notes) = subgroups::subgroups(&result, column, &options, beside.common_tau2)?;
            result.subgroups = Some(groups);
            result.notes.extend(notes);
        }
        result.absolute = absolute::absolute(&result, beside.baseline_risks)?;
        let beyond = absolute::beyond_one(&result.absolute);
        if !beyond.is_empty() {
            result.notes.push(Note::RiskBeyondOne { baselines: beyond });
        }
        if let Some(impute) = beside.impute {
            self.check_imputable()?;
            result.imputation = imputation::explore(&self.table, options, impute)?;
        }
        // methods that know nothing of clusters are no peers of one that does
        let useful = beside.cluster.is_none() && agreement::is_useful(&result);
        if beside.agreement == Panel::Always || (beside.agreement == Panel::WhereUseful && useful) {
            result.agreement = agreement::panel(&result);
        }
        if beside.agreement == Panel::Always && result.agreement.is_empty() && result.k > 1 {
            return Err(Error::usage(format!(
                "there is no panel of methods for {}",
                self.table.measure().id()
            ))
            .with_hint("leave ⟦agreement⟧ out: proportions and two groups of counts have one"));
        }
        Ok(result)
    }

    /// The studies side by side, each with its own interval, none pooled.
    pub fn listed(&self) -> PoolResult {
        let settings = Settings::listed(self.table.options.level);
        let mut result = PoolResult::new(self.table.clone(), settings, 0);
        if self.table.measure().is_proportion() {
            // the interval of a proportion is that of its count, whatever its variance would need
            result.inclusion.iter_mut().for_each(|row| row.corrected = false);
        }
        result.notes = model::row_notes(result.included());
        result.notes.retain(|n| !n.is_about_the_method());
        result
    }

    /// The interval and test of the random-effects mean by a cluster-robust variance: the regression on nothing but
    /// the intercept, with the weights of the model.
    fn cluster(
        &self,
        result: &mut PoolResult,
        (column, kind): (&str, Robust),
        options: ModelOptions,
        beside: Supplements<'_>,
    ) -> Result<(), Error> {
        if !result.settings.is_inverse_variance() {
            return Err(Error::usage("cluster-robust inference needs the inverse-variance model")
                .with_hint("add ⟦model=inverse-variance⟧, or leave ⟦cluster⟧ out"));
        }
        if beside.subgroup.is_some() {
            return Err(Error::usage("⟦cluster⟧ does not go with ⟦subgroup⟧")
                .with_hint(format!("use ⟦regress: mods=COLUMN‖cluster={column}⟧")));
        }
        if beside.impute.is_some() {
            return Err(Error::usage("⟦cluster⟧ does not go with ⟦impute⟧ and ⟦correlation-grid⟧")
                .with_hint("leave one of them out"));
        }
        if result.k < 2 {
            return Err(Error::model("one study has no clusters").with_hint("leave ⟦cluster⟧ out"));
        }
        // its intervals have no say here, and are not asked for
        let plain = ModelOptions { ci: None, tau2_ci: Chosen::Auto, ..options };
        let regression = Regression::new(&self.table, &self.dataset, "1", &plain)?;
        let asked = Requests { cluster: Some((column.to_string(), kind)), ..Requests::default() };
        let robust = regression.fit(&asked)?;
        let mean = robust
            .coefficients
            .first()
            .ok_or_else(|| Error::model("the cluster-robust regression gives no mean"))?;
        let back = |x: f64| self.table.back(x);
        result.random = Some(Pooled {
            estimate: mean.estimate,
            se: Some(mean.se),
            statistic: Some(mean.statistic).filter(|t| t.is_finite()),
            df: mean.df,
            p_value: Some(mean.p_value).filter(|p| p.is_finite()),
            lower: Some(mean.lower),
            upper: Some(mean.upper),
            natural: Natural {
                estimate: back(mean.estimate),
                lower: back(mean.lower),
                upper: back(mean.upper),
            },
            prediction: None,
        });
        result.settings.ci = robust.settings.ci;
        result.settings.prediction = None;
        // what is said of the interval that was replaced, or of the dependence that is now allowed for
        result.notes.retain(|n| {
            !n.is_about_interval() && !matches!(n, Note::Noticed(crate::dataset::Noticed::Repeated { .. }))
        });
        result.notes.extend(robust.notes.into_iter().filter(|n| matches!(n, Note::FewClusters { .. })));
        Ok(())
    }

    /// Does what a picture shows, and draws it; gives the caveats of the result as well.
    ///
    /// # Errors
    /// The data do not suit the picture, an option does not fit, or something cannot be computed.
    pub fn draw(
        &self,
        plot: Plot,
        wanted: &DrawRequest<'_>,
        options: &PlotOptions,
        progress: Progress<'_>,
    ) -> Result<(Drawing, Vec<Note>), Error> {
        match plot.spec().draws {
            Draws::Pool(draw) => {
                let result = self.pool(wanted.model, wanted.beside)?;
                Ok((draw(&result, options)?, result.notes))
            }
            Draws::Regression(draw) => {
                let mods = wanted.mods.ok_or_else(|| {
                    Error::usage("a bubble plot needs a moderator")
                        .with_hint("add ⟦mods=FORMULA⟧, such as ⟦mods=year⟧")
                })?;
                let regression = Regression::new(&self.table, &self.dataset, mods, &wanted.model)?;
                let result = regression.fit(&Requests::default())?;
                let along = regression.along(wanted.moderator)?;
                Ok((draw(&result, &along, options)?, result.notes))
            }
            Draws::Sensitivity { needs, quantiles, draw } => {
                let pool = self.pool(wanted.model, wanted.beside)?;
                let asked = SensitivityOptions { quantiles, ..wanted.sensitivity.clone() };
                let result = sensitivity::analyse(pool, needs, &wanted.model, &asked, progress)?;
                Ok((draw(&result, options)?, result.notes()))
            }
            Draws::Bias(draw) => {
                let pool = self.pool(wanted.model, wanted.beside)?;
                let result = if plot == Plot::Selection {
                    bias::test(pool, BiasTest::Selection, &wanted.model, &wanted.bias)?
                } else {
                    bias::for_funnel(pool, wanted.tests, &wanted.model, &wanted.bias)?
                };
                Ok((draw(&result, options)?, result.notes()))
            }
        }
    }

    /// Words for pictures: from the bundled description, and the names of arms.
    pub fn labels(&self) -> Labels {
        let info = self.dataset.info.as_ref();
        let word = |key: &str| info.and_then(|i| i.labels.get(key).cloned());
        Labels {
            title: None,
            group1: word("group1")
                .or_else(|| Some(self.groups.as_ref()?.0.clone().unwrap_or("Other arms".into()))),
            group2: word("group2").or_else(|| Some(self.groups.as_ref()?.1.clone())),
            favours_low: word("favours_low"),
            favours_high: word("favours_high"),
            outcome: word("outcome"),
            estimate: word("estimate"),
        }
    }
}
