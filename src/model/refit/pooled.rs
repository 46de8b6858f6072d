//! Pooling again by the model that pooled all studies, whatever it is.
//!
//! Inverse-variance models are refitted from effects and variances alone; every other model pools the rows again.

use super::{Refit, SubsetRoute, about, not_fitted};
use crate::choice::Chosen;
use crate::effect::{Effect, EffectTable};
use crate::error::Error;
use crate::math::dist;
use crate::model::interval::{Interval, Kind};
use crate::model::inverse_variance::{Fit, fit};
use crate::model::tau2::Tau2;
use crate::model::{self, Model, ModelOptions, Sample, i2_of_q};
use crate::result::PoolResult;
use crate::result::sensitivity::PartialFit;
use std::cell::RefCell;

/// A pooled result that can be pooled again of some of its studies.
#[derive(Debug)]
pub struct PooledFit<'a> {
    result: &'a PoolResult,
    options: ModelOptions,
    model: Model,
    rows: Vec<usize>,
    /// Effects of the rows that are used, by row of the table.
    effects: Vec<Option<Effect>>,
    used: Vec<bool>,
    y: Vec<f64>,
    v: Vec<f64>,
    against: Option<f64>,
    /// What the model is refitted by, where effects and variances are enough.
    quick: Option<(Tau2, Interval)>,
}

impl<'a> PooledFit<'a> {
    /// From a result and the options that made it.
    pub fn new(result: &'a PoolResult, options: &ModelOptions) -> Self {
        let included = result.included();
        let rows: Vec<usize> = included.used().collect();
        let (mut effects, mut used) =
            (vec![None; result.inclusion.len()], vec![false; result.inclusion.len()]);
        for &row in &rows {
            (effects[row], used[row]) = (included.effect(row), true);
        }
        let pooled: Vec<Effect> = effects.iter().copied().flatten().collect();
        let options = ModelOptions { prediction: Chosen::None, tau2_ci: Chosen::None, ..*options };
        let model = options.model_for(&result.table);
        let ci = options.ci.unwrap_or_else(|| options.profile.ci());
        let quick = model == Model::InverseVariance
            && pooled.len() == rows.len()
            && options.tau2_given.is_none()
            && matches!(ci.kind(), Kind::Quantile(_));
        Self {
            against: result.table.measure().spec().null,
            quick: quick.then(|| (options.estimator(), ci)),
            y: pooled.iter().map(|e| e.y).collect(),
            v: pooled.iter().map(|e| e.v).collect(),
            result,
            options,
            model,
            rows,
            effects,
            used,
        }
    }

    /// With conclusions and tests about another value on the analysis scale than that of no effect.
    #[must_use]
    pub fn about(self, value: Option<f64>) -> Self {
        Self { against: value, ..self }
    }

    /// The result that is refitted.
    pub fn result(&self) -> &'a PoolResult {
        self.result
    }

    /// The estimator of τ² of the model, where it weights studies by their variances.
    pub fn estimator(&self) -> Option<Tau2> {
        self.is_weighted_mean().then(|| self.options.estimator())
    }

    /// Whether a refit takes no more than sums: it is then no matter how many there are.
    pub fn is_quick(&self) -> bool {
        self.quick.is_some() || self.model == Model::MantelHaenszel
    }

    fn no_effect(&self) -> f64 {
        self.result.table.measure().spec().null.unwrap_or(0.0)
    }

    fn quick_fit(&self, rows: &[usize], tau2: Tau2, ci: Interval) -> PartialFit {
        thread_local! { static ROOM: RefCell<(Vec<f64>, Vec<f64>)> = const { RefCell::new((vec![], vec![])) }; }
        ROOM.with_borrow_mut(|(y, v)| {
            y.clear();
            v.clear();
            for e in rows.iter().filter_map(|&row| self.effects[row]) {
                y.push(e.y);
                v.push(e.v);
            }
            let f = fit(Sample::new(y, v), tau2, ci, self.options.level);
            self.partial(&f, rows.len(), tau2 == Tau2::EqualEffects)
        })
    }

    fn partial(&self, f: &Fit, k: usize, equal: bool) -> PartialFit {
        let df = k as f64 - 1.0;
        let i2 = if equal { i2_of_q(f.q, df) } else { f.i2 };
        let statistic = Some((f.estimate - self.against.unwrap_or(0.0)) / f.se).filter(|s| s.is_finite());
        let p_value =
            |s| if f.df.is_finite() { dist::t_two_sided(s, f.df) } else { dist::normal_two_sided(s) };
        PartialFit {
            k,
            estimate: f.estimate,
            se: Some(f.se),
            statistic,
            df: Some(f.df).filter(|d| d.is_finite()),
            p_value: statistic.map(p_value),
            lower: Some(f.lower),
            upper: Some(f.upper),
            q: Some(f.q),
            q_p_value: Some(dist::chi2_sf(f.q, df)),
            tau2: Some(f.between.tau2),
            i2: Some(i2),
            h2: Some(if equal { f.q / df } else { 1.0 / (1.0 - f.i2 / 100.0) }),
            inconsistency: Some(i2),
        }
    }

    /// A result of these options as a fit, with its test about the value that conclusions are about.
    fn of_result(&self, result: &PoolResult) -> Option<PartialFit> {
        let main = result.main()?;
        let h = result.heterogeneity;
        // a single study has no heterogeneity: its own effect, as the field reports it
        let zero = (result.k == 1 && self.is_weighted_mean()).then_some(0.0);
        let excess = h.and_then(|h| h.i2.or(h.i2_q).or_else(|| Some(i2_of_q(h.q, h.q_df as f64))));
        let fit = PartialFit {
            k: result.k,
            estimate: main.estimate,
            se: main.se,
            statistic: main.statistic,
            df: main.df,
            p_value: main.p_value,
            lower: main.lower,
            upper: main.upper,
            q: h.map(|h| h.q).or(zero),
            q_p_value: h.map(|h| h.q_p_value),
            tau2: h.and_then(|h| h.tau2).or(zero),
            i2: h.and_then(|h| h.i2.or(h.i2_q)).or(zero),
            h2: h.and_then(|h| h.h2),
            inconsistency: excess.or((result.k == 1).then_some(0.0)),
        };
        Some(about(fit, self.no_effect(), self.against.unwrap_or(self.no_effect())))
    }
}

impl Refit for PooledFit<'_> {
    fn table(&self) -> &EffectTable {
        &self.result.table
    }

    fn rows(&self) -> &[usize] {
        &self.rows
    }

    fn whole(&self) -> Option<PartialFit> {
        self.of_result(self.result)
    }

    fn with_rows(&self, rows: &[usize]) -> Result<PartialFit, Error> {
        if let Some(&row) = rows.iter().find(|&&row| !self.used.get(row).is_some_and(|used| *used)) {
            return Err(not_fitted(self.table(), row));
        }
        match self.quick {
            Some((tau2, ci)) if rows.len() > 1 => Ok(self.quick_fit(rows, tau2, ci)),
            _ => {
                let part = model::pool(self.result.table.part(rows)?, self.options)?;
                self.of_result(&part).ok_or_else(|| Error::model("the model gives no estimate"))
            }
        }
    }

    fn level(&self) -> f64 {
        self.options.level
    }

    fn against(&self) -> Option<f64> {
        self.against
    }

    fn sample(&self) -> Option<Sample<'_>> {
        (self.y.len() == self.k()).then(|| Sample::new(&self.y, &self.v))
    }

    fn weight(&self, row: usize) -> Option<f64> {
        self.result.main_weights().get(row).copied().flatten()
    }

    fn is_weighted_mean(&self) -> bool {
        self.model == Model::InverseVariance
    }

    fn is_hartung_knapp(&self) -> bool {
        matches!(self.quick, Some((_, Interval::HartungKnapp | Interval::HartungKnappAdHoc)))
    }

    fn subset_route(&self) -> SubsetRoute<'_> {
        match (self.quick, self.sample()) {
            (Some((Tau2::EqualEffects, _)), Some(s)) => SubsetRoute::Sums(s),
            (Some((tau2, _)), Some(s)) => SubsetRoute::Estimator(s, tau2),
            _ => SubsetRoute::Model,
        }
    }
}
