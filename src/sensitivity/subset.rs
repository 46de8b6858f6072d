//! Pooling some of the studies, by the model that pooled all of them.
//!
//! Inverse-variance models are refitted from effects and variances alone; every other model pools the rows again.

use crate::choice::Chosen;
use crate::effect::{EffectTable, Natural, Status};
use crate::error::Error;
use crate::math::dist;
use crate::model::interval::{Interval, Kind, critical};
use crate::model::inverse_variance::fit;
use crate::model::tau2::Tau2;
use crate::model::{self, Model, ModelOptions, Pooling, Sample, i2_of_q};
use crate::result::PoolResult;
use crate::result::sensitivity::{Conclusion, Refit};
use std::cell::RefCell;

/// The studies of a result and the model that pooled them.
#[derive(Debug)]
pub struct Pooler<'a> {
    /// The pooled table.
    pub table: &'a EffectTable,
    /// The table as it was before pooling: models may show their studies otherwise than they take them.
    source: &'a EffectTable,
    /// The options it was pooled with.
    pub options: ModelOptions,
    /// Rows of the table that are pooled, in order.
    pub rows: Vec<usize>,
    /// The value on the analysis scale that conclusions are about: no effect, unless another is asked for.
    pub against: Option<f64>,
    y: Vec<f64>,
    v: Vec<f64>,
    quick: Option<(Tau2, Interval)>,
}

impl<'a> Pooler<'a> {
    /// From a result, the table that was pooled and the options that made it.
    pub fn new(result: &'a PoolResult, source: &'a EffectTable, options: &ModelOptions) -> Self {
        let table = &result.table;
        let rows: Vec<usize> =
            (0..table.studies.len()).filter(|&i| table.studies[i].status == Status::Estimable).collect();
        let effects: Vec<_> = rows.iter().filter_map(|&i| table.studies[i].effect()).collect();
        let options = ModelOptions { prediction: Chosen::None, tau2_ci: Chosen::None, ..*options };
        let model = options.model_for(table);
        let ci = options.ci.unwrap_or_else(|| options.profile.ci());
        let quick = model == Model::InverseVariance // refitted without the table
            && effects.len() == rows.len()
            && options.tau2_given.is_none()
            && matches!(ci.kind(), Kind::Quantile(_));
        Self {
            table,
            source,
            options,
            against: table.measure().spec().null,
            y: effects.iter().map(|e| e.y).collect(),
            v: effects.iter().map(|e| e.v).collect(),
            rows,
            quick: quick.then(|| (options.estimator(), ci)),
        }
    }

    /// Studies that are pooled.
    pub fn k(&self) -> usize {
        self.rows.len()
    }

    /// Effects and variances, where every pooled study has them.
    pub fn sample(&self) -> Option<Sample<'_>> {
        (self.y.len() == self.k()).then(|| Sample::new(&self.y, &self.v))
    }

    /// The estimator, where subsets are refitted from effects and variances alone.
    pub fn quick(&self) -> Option<(Tau2, Interval)> {
        self.quick
    }

    /// Whether studies are weighted by their variances.
    pub fn is_inverse_variance(&self) -> bool {
        self.options.model_for(self.table) == Model::InverseVariance
    }

    /// The value of no effect on the analysis scale.
    fn null(&self) -> Option<f64> {
        self.table.measure().spec().null
    }

    /// Label of a pooled study.
    pub fn label(&self, i: usize) -> String {
        self.table.studies[self.rows[i]].study.clone()
    }

    /// Pools the studies at these places among the pooled ones.
    ///
    /// # Errors
    /// The model cannot pool them.
    pub fn fit(&self, keep: &[usize]) -> Result<Refit, Error> {
        match self.quick {
            Some((tau2, ci)) if keep.len() > 1 => Ok(self.quick_fit(keep, tau2, ci)),
            _ => self.full_fit(keep),
        }
    }

    /// The same without the studies at these places.
    ///
    /// # Errors
    /// The model cannot pool the others.
    pub fn fit_without(&self, out: &[usize]) -> Result<Refit, Error> {
        let keep: Vec<usize> = (0..self.k()).filter(|i| !out.contains(i)).collect();
        self.fit(&keep)
    }

    fn quick_fit(&self, keep: &[usize], tau2: Tau2, ci: Interval) -> Refit {
        thread_local! { static ROOM: RefCell<(Vec<f64>, Vec<f64>)> = const { RefCell::new((vec![], vec![])) }; }
        ROOM.with_borrow_mut(|(y, v)| {
            y.clear();
            v.clear();
            y.extend(keep.iter().map(|&i| self.y[i]));
            v.extend(keep.iter().map(|&i| self.v[i]));
            let sample = Sample::new(y, v);
            let f = fit(sample, tau2, ci, self.options.level);
            let df = keep.len() as f64 - 1.0;
            let equal = tau2 == Tau2::EqualEffects;
            let statistic = Some((f.estimate - self.against.unwrap_or(0.0)) / f.se).filter(|s| s.is_finite());
            Refit {
                k: keep.len(),
                estimate: f.estimate,
                se: Some(f.se),
                statistic,
                df: Some(f.df).filter(|d| d.is_finite()),
                p_value: statistic.map(|s| {
                    if f.df.is_finite() { dist::t_two_sided(s, f.df) } else { dist::normal_two_sided(s) }
                }),
                lower: Some(f.lower),
                upper: Some(f.upper),
                q: Some(f.q),
                q_p_value: Some(dist::chi2_sf(f.q, df)),
                tau2: Some(f.between.tau2),
                i2: Some(if equal { i2_of_q(f.q, df) } else { f.i2 }),
                h2: Some(if equal { f.q / df } else { 1.0 / (1.0 - f.i2 / 100.0) }),
                inconsistency: Some(if equal { i2_of_q(f.q, df) } else { f.i2 }),
            }
        })
    }

    /// The rows pooled again, as a table of their own.
    fn full_fit(&self, keep: &[usize]) -> Result<Refit, Error> {
        let rows: Vec<usize> = keep.iter().map(|&i| self.rows[i]).collect();
        self.refit(&model::pool(self.source.part(&rows), self.options)?)
    }

    /// A result of these options as a fit, with its test about the value that conclusions are about.
    pub(super) fn refit(&self, result: &PoolResult) -> Result<Refit, Error> {
        let Some(main) = result.main() else {
            return Err(Error::model("the model gives no estimate"));
        };
        let h = result.heterogeneity;
        // a single study has no heterogeneity: its own effect, as the field reports it
        let alone = result.k == 1 && self.options.model.is_none_or(|m| m == Pooling::InverseVariance);
        let zero = alone.then_some(0.0);
        let refit = Refit {
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
            inconsistency: h
                .and_then(|h| h.i2.or(h.i2_q).or_else(|| Some(i2_of_q(h.q, h.q_df as f64))))
                .or((result.k == 1).then_some(0.0)),
        };
        let no_effect = self.null().unwrap_or(0.0);
        Ok(about(refit, no_effect, self.against.unwrap_or(no_effect)))
    }

    /// A fit for reading.
    pub fn natural(&self, fit: &Refit) -> Natural {
        Natural {
            estimate: self.table.back(fit.estimate),
            // an unbounded limit reaches the end of the scale, where it has one
            lower: self.table.back(fit.lower.unwrap_or(f64::NEG_INFINITY)).filter(|x| x.is_finite()),
            upper: self.table.back(fit.upper.unwrap_or(f64::INFINITY)).filter(|x| x.is_finite()),
        }
    }

    /// What a fit concludes.
    pub fn conclusion(&self, fit: &Refit) -> Option<Conclusion> {
        Conclusion::of(fit.lower, fit.upper, self.against)
    }
}

/// A fit with its test about another value than `null`, which the statistic at hand is about: (θ̂ − value)/SE where that is
/// the kind of test; else none, as of a likelihood ratio or an exact test.
pub(super) fn about(fit: Refit, null: f64, value: f64) -> Refit {
    if value == null {
        return fit;
    }
    let at = |x: f64| fit.se.map(|se| (fit.estimate - x) / se).filter(|s| s.is_finite());
    let same = |s: &f64| fit.statistic.is_some_and(|own| (own - s).abs() <= 1e-9 * (1.0 + own.abs()));
    let statistic = at(null).filter(same).and_then(|_| at(value));
    let p_value = statistic.map(|s| match fit.df {
        Some(df) => dist::t_two_sided(s, df),
        None => dist::normal_two_sided(s),
    });
    Refit { statistic, p_value, ..fit }
}

/// Half the width of an interval in standard errors.
pub(super) fn half_width(level: f64, df: Option<f64>) -> f64 {
    critical(level, df.unwrap_or(f64::INFINITY))
}
