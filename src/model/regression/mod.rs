//! Meta-regression: yᵢ ~ N(xᵢᵀβ, vᵢ + τ²).
//!
//! ```text
//! β̂ = (XᵀWX)⁻¹ XᵀWy,   w = 1/(v + τ²),   Var β̂ = (XᵀWX)⁻¹ (times s² under Hartung–Knapp)
//! s² = yᵀPy / (k − p)
//! ```
//! References: \[thompson2002\], \[knapp2003\], \[viechtbauer2010\].

mod bootstrap;
mod coefficient_fit;
mod compare;
mod contrast;
mod design;
mod estimates;
mod formula;
mod groups;
mod line;
mod location_scale;
mod moderators;
mod options;
mod permute;
mod predict;
mod robust;
mod select;
mod summary;
mod wald;

use super::ModelOptions;
use super::fit_statistics::fit_statistics;
use super::notes::{levels_alike, table_notes};
use super::prediction::narrower;
use super::sums::MOST_COLUMNS;
use crate::dataset::Dataset;
use crate::effect::EffectTable;
use crate::error::Error;
use crate::math::linalg::Basis;
use crate::math::root::Stop;
use crate::registry::Member;
use crate::result::regression::{Coefficient, RegressionResult};
use crate::result::{IntervalSource, Note, Settings};
pub use coefficient_fit::CoefficientFit;
pub use design::{Design, Frame};
use estimates::Estimates;
pub(super) use groups::{differences, within_groups};
pub use line::{Dispersion, Line, line};
use options::Options;
pub use permute::{Orders, Permutation};
pub use robust::Robust;
use robust::Sandwich;
use wald::coefficient;

/// What is asked of a regression beside its coefficients.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Combinations of coefficients, such as `alloc[random] - alloc[systematic]`.
    pub contrasts: Vec<String>,
    /// Values of moderators, such as `ablat=10,40`.
    pub at: Vec<String>,
    /// Another formula to compare with.
    pub compare: Option<String>,
    /// Moderators of ln τ².
    pub scale: Option<String>,
    /// Column of clusters, and the variance that allows for them.
    pub cluster: Option<(String, Robust)>,
}

/// The data of a regression: effects and moderators, row by row.
pub struct Regression<'a> {
    table: &'a EffectTable,
    data: &'a Dataset,
    frame: Frame,
    /// Rows used.
    rows: Vec<usize>,
    design: Design,
    /// Columns of the whole design that are not combinations of others.
    kept: Vec<usize>,
    basis: Basis,
    y: Vec<f64>,
    v: Vec<f64>,
    options: Options,
    notes: Vec<Note>,
}

impl<'a> Regression<'a> {
    /// From effects, the table they came from, and a formula.
    ///
    /// # Errors
    /// The formula or an option cannot be used, or there are too few studies for it.
    pub fn new(
        table: &'a EffectTable,
        data: &'a Dataset,
        formula: &str,
        options: &ModelOptions,
    ) -> Result<Self, Error> {
        let options = options::check(options)?;
        table.check_independent("meta-regression")?;
        let frame = Frame::new(formula, data)?;
        let estimable = |i: &usize| table.studies[*i].effect().is_some();
        let (rows, missing): (Vec<usize>, Vec<usize>) =
            (0..table.studies.len()).filter(estimable).partition(|&i| frame.complete(i));
        let mut notes = table_notes(table);
        if !missing.is_empty() {
            let studies = missing.iter().map(|&i| table.studies[i].study.clone()).collect();
            notes.push(Note::ModeratorMissing { studies });
        }
        notes.extend(frame.moderators().iter().filter_map(|(name, levels)| levels_alike(name, levels)));
        let mut design = frame.design(&rows);
        if design.names.len() > MOST_COLUMNS {
            return Err(Error::usage(format!("{} coefficients", design.names.len())).with_hint(format!(
                "at most {MOST_COLUMNS} are fitted: is a text column a label rather than a moderator?"
            )));
        }
        let (basis, aliased) = Basis::new(&design.rows);
        let kept = (0..design.names.len()).filter(|i| !aliased.contains(i)).collect();
        if !aliased.is_empty() {
            let terms = aliased.iter().map(|&i| design.names[i].clone()).collect();
            notes.push(Note::Aliased { terms });
            design.without(&aliased);
        }
        let (k, p) = (rows.len(), basis.p);
        if p == 0 || k <= p {
            return Err(Error::model(format!("{k} studies cannot support {p} coefficients"))
                .with_hint("leave terms out; there must be at least one study more than coefficients"));
        }
        if k < 10 * (p - 1) {
            notes.push(Note::FewStudiesPerModerator { k, coefficients: p - 1 });
        }
        let effects: Vec<_> = rows.iter().filter_map(|&i| table.studies[i].effect()).collect();
        let (y, v) = (effects.iter().map(|e| e.y).collect(), effects.iter().map(|e| e.v).collect());
        Ok(Self { table, data, frame, rows, design, kept, basis, y, v, options, notes })
    }

    /// Fits the model and answers the requests.
    ///
    /// # Errors
    /// A request names what the model has not.
    pub fn fit(&self, requests: &Requests) -> Result<RegressionResult, Error> {
        match &requests.scale {
            Some(formula) => self.fit_scale(formula, requests),
            None => self.fit_location(requests),
        }
    }

    fn fit_location(&self, requests: &Requests) -> Result<RegressionResult, Error> {
        let linear = self.linear();
        let mut model = self.estimates(&linear, self.options.tau2);
        if let Some(cluster) = &requests.cluster {
            if self.options.model.prediction.named().is_some() {
                return Err(Error::usage(
                    "clusters say nothing of a new study: there is no prediction interval",
                )
                .with_hint("leave ⟦prediction⟧ out"));
            }
            model = self.clustered(model, cluster)?;
        }
        let given = self.options.given.is_some();
        let mut result = RegressionResult {
            settings: self.settings(requests),
            formula: self.frame.text.clone(),
            k: self.rows.len(),
            coefficients: self.coefficients(&model),
            covariance: model.covariance.clone(),
            moderators: self.moderators(&model),
            terms: self.terms(&model),
            heterogeneity: self.heterogeneity(&linear, &model),
            fit: fit_statistics(&linear, &model.between, self.options.tau2, given),
            contrasts: vec![],
            predicted: vec![],
            marginal_means: self.marginal_means(&model),
            studies: self.studies(&model),
            comparison: None,
            selection: None,
            permutation: None,
            scale: None,
            table: self.table.clone(),
            notes: self.notes_on(&model),
        };
        self.answer(requests, &model, &mut result)?;
        Ok(result)
    }

    /// Contrasts, predictions and the comparison with another formula.
    fn answer(
        &self,
        requests: &Requests,
        model: &Estimates,
        result: &mut RegressionResult,
    ) -> Result<(), Error> {
        for text in &requests.contrasts {
            result.contrasts.push(self.contrast(text, model)?);
        }
        for text in &requests.at {
            result.predicted.extend(self.predicted(text, model)?);
        }
        if let Some(kind) = self.options.model.prediction.named() {
            let note = result.predicted.iter().find_map(|p| {
                let q = p.prediction.as_ref()?;
                narrower(kind.id(), (q.lower, q.upper), (Some(p.lower), Some(p.upper)))
            });
            result.notes.extend(note);
        }
        if let Some(other) = &requests.compare {
            result.comparison = Some(self.compare(other)?);
        }
        Ok(())
    }

    fn settings(&self, requests: &Requests) -> Settings {
        let mut settings = self.options.settings();
        if let Some((column, kind)) = &requests.cluster {
            settings.ci = IntervalSource::Robust { kind: *kind, column: column.clone() };
            settings.prediction = None;
        }
        settings
    }

    fn coefficients(&self, model: &Estimates) -> Vec<Coefficient> {
        let p = self.basis.p;
        let vifs = self.vifs(model);
        let one = |i: usize| {
            let se = model.covariance[i * p + i].sqrt();
            let df = model.df(self.basis.coefficient(i));
            let vif = vifs.as_ref().and_then(|v| v[i]);
            Coefficient {
                vif,
                ..coefficient(&self.design.names[i], model.beta[i], se, df, self.options.level)
            }
        };
        (0..p).map(one).collect()
    }

    fn notes_on(&self, model: &Estimates) -> Vec<Note> {
        let mut notes = self.notes.clone();
        if model.between.stop == Stop::Patience {
            notes.push(Note::IterationLimit);
        }
        if let Some(clusters) = model.robust.as_ref().map(Sandwich::clusters).filter(|m| *m < 20) {
            notes.push(Note::FewClusters { clusters });
        }
        notes
    }

    /// The same regression, to be fitted with other variances.
    fn shallow(&self) -> Self {
        Self {
            table: self.table,
            data: self.data,
            frame: self.frame.clone(),
            rows: self.rows.clone(),
            design: self.design.clone(),
            kept: self.kept.clone(),
            basis: self.basis.clone(),
            y: self.y.clone(),
            v: self.v.clone(),
            options: self.options,
            notes: self.notes.clone(),
        }
    }
}
