//! Meta-regression: yᵢ ~ N(xᵢᵀβ, vᵢ + τ²).
//!
//! ```text
//! β̂ = (XᵀWX)⁻¹ XᵀWy,   w = 1/(v + τ²),   Var β̂ = (XᵀWX)⁻¹ (times s² under Hartung–Knapp)
//! s² = yᵀPy / (k − p)
//! ```
//! References: \[thompson2002\], \[knapp2003\], \[viechtbauer2010\].

mod basis;
mod contrast;
mod design;
mod formula;
mod groups;
mod kernel;
mod line;
mod location_scale;
mod moderators;
mod permute;
mod predict;
mod robust;
mod tau2_se;

use super::interval::{Interval, critical};
use super::inverse_variance::{ModelOptions, table_notes};
use super::prediction::{PredictionInterval, narrower, no_prediction};
use super::subgroups::levels_alike;
use super::tau2::{Between, Tau2};
use crate::dataset::Dataset;
use crate::effect::EffectTable;
use crate::error::Error;
use crate::math::dist;
use crate::math::root::Stop;
use crate::registry::Member;
use crate::result::regression::{
    Coefficient, Comparison, Fitted, Omnibus, RegressionResult, ResidualHeterogeneity,
};
use crate::result::{FitStatistics, IntervalSource, Note, PredictionSource, Settings, Tau2Source};
use basis::{Basis, invert_symmetric, solve_symmetric};
pub use design::{Design, Frame};
pub(super) use groups::{differences, within_groups};
use kernel::{MOST_COLUMNS, Problem};
pub use line::{Line, Spread, line};
pub use permute::{Orders, Permutation};
pub use robust::Robust;
use robust::Sandwich;

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

/// Options with defaults filled in.
#[derive(Clone, Copy, Debug)]
struct Options {
    tau2: Tau2,
    given: Option<f64>,
    ci: Interval,
    prediction: Option<PredictionInterval>,
    level: f64,
    model: ModelOptions,
}

/// A fitted model in the coordinates of its basis.
struct Model {
    between: Between,
    /// Coefficients and covariance in the user's columns.
    beta: Vec<f64>,
    covariance: Vec<f64>,
    /// Covariance in the basis, scaled as the interval asks, and as it is.
    scaled: Vec<f64>,
    plain: Vec<f64>,
    /// yᵀPy / (k − p).
    s2: f64,
    df: f64,
    robust: Option<Sandwich>,
    gamma: Vec<f64>,
}

impl Model {
    /// Degrees of freedom of a combination, in the coordinates of the basis.
    fn df(&self, z: &[f64]) -> f64 {
        self.robust.as_ref().map_or(self.df, |s| s.df(z))
    }
}

fn check(o: &ModelOptions) -> Result<Options, Error> {
    o.check_level()?;
    let ci = o.ci.unwrap_or_else(|| o.profile.ci());
    let known = [Interval::HartungKnapp, Interval::HartungKnappAdHoc, Interval::Wald, Interval::T];
    if !known.contains(&ci) {
        return Err(Error::usage(format!("meta-regression has no `{}` interval", ci.id()))
            .with_hint("choose ⟦ci⟧ from auto, hksj, wald, t"));
    }
    let inverse_variance = super::Model::InverseVariance;
    if o.model.is_some_and(|m| m != inverse_variance) {
        return Err(Error::usage("meta-regression is by inverse variance").with_hint("leave ⟦model⟧ out"));
    }
    o.check_glmm_only(inverse_variance)?;
    o.check_sums_only(inverse_variance)?;
    let kenward_roger = [PredictionInterval::KenwardRoger, PredictionInterval::KenwardRogerPartlett];
    if let Some(p) = o.prediction.flatten().filter(|p| kenward_roger.contains(p)) {
        return Err(Error::usage(format!("meta-regression has no `{}` prediction interval", p.id()))
            .with_hint("choose ⟦prediction⟧ from hksj, hksj-adhoc, hksj-pr, t, hts, normal, none"));
    }
    if o.equal_effects() && o.prediction.flatten().is_some() {
        return Err(no_prediction());
    }
    if o.tau2_ci.flatten().is_some() {
        return Err(Error::usage("meta-regression has no interval of the residual τ²")
            .with_hint("leave ⟦tau2-ci⟧ out"));
    }
    if let Some(t) = o.tau2_given
        && !(t >= 0.0 && t.is_finite())
    {
        return Err(
            Error::usage(format!("τ² of {t}")).with_hint("give a number of 0 or more, or an estimator")
        );
    }
    let prediction = o.prediction.unwrap_or_else(|| o.profile.prediction(ci)).filter(|_| !o.equal_effects());
    Ok(Options { tau2: o.estimator(), given: o.tau2_given, ci, prediction, level: o.level, model: *o })
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
        let options = check(options)?;
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

    fn problem(&self) -> Problem<'_> {
        Problem { y: &self.y, v: &self.v, basis: &self.basis, order: None }
    }

    fn between(&self, problem: &Problem<'_>, estimator: Tau2) -> Between {
        match self.options.given {
            Some(tau2) => Between { tau2, iterations: 0, stop: Stop::Closed },
            None => problem.between(estimator),
        }
    }

    fn model(&self, problem: &Problem<'_>, estimator: Tau2) -> Model {
        let between = self.between(problem, estimator);
        let c = problem.coefficients(between.tau2);
        let s2 = c.q / problem.df();
        let factor = factor(self.options.ci, s2);
        let df = if self.options.ci == Interval::Wald { f64::INFINITY } else { problem.df() };
        let scaled: Vec<f64> = c.covariance.iter().map(|x| x * factor).collect();
        Model {
            beta: self.basis.coefficients(&c.gamma),
            covariance: self.basis.covariance(&scaled),
            scaled,
            plain: c.covariance,
            s2,
            between,
            df,
            robust: None,
            gamma: c.gamma,
        }
    }

    /// The model with the variance that clusters ask for.
    fn clustered(&self, mut model: Model, (column, kind): &(String, Robust)) -> Result<Model, Error> {
        let at = self.data.require(column)?;
        let name = |&r: &usize| {
            self.data.text(at, r).ok_or_else(|| {
                Error::data("the cluster is missing")
                    .of_study(&self.table.studies[r].study)
                    .in_column(column)
                    .with_hint("look it up in its source; a study by itself is a cluster of its own")
            })
        };
        let clusters: Vec<String> = self.rows.iter().map(name).collect::<Result<_, _>>()?;
        let sandwich = Sandwich::new(&self.problem(), model.between.tau2, &model.gamma, &clusters, *kind)?;
        let robust = self.basis.covariance(&sandwich.variance);
        let p = self.basis.p;
        // with as few clusters as coefficients some of these have no variance between clusters
        let too_few = *kind != Robust::Cr2 && sandwich.clusters() <= p;
        if too_few
            || (0..p).any(|i| {
                robust[i * p + i].is_nan() || robust[i * p + i] <= 1e-12 * model.covariance[i * p + i]
            })
        {
            return Err(Error::model(format!(
                "{} clusters cannot support {p} coefficients",
                sandwich.clusters()
            ))
            .with_hint("leave terms out of ⟦mods⟧, or leave ⟦cluster⟧ out"));
        }
        model.scaled.clone_from(&sandwich.variance);
        model.covariance = robust;
        model.robust = Some(sandwich);
        Ok(model)
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
        let problem = self.problem();
        let mut model = self.model(&problem, self.options.tau2);
        if let Some(cluster) = &requests.cluster {
            if self.options.model.prediction.flatten().is_some() {
                return Err(Error::usage(
                    "clusters say nothing of a new study: there is no prediction interval",
                )
                .with_hint("leave ⟦prediction⟧ out"));
            }
            model = self.clustered(model, cluster)?;
        }
        let p = self.basis.p;
        let level = self.options.level;
        let vifs = self.vifs(&model);
        let coefficients = (0..p)
            .map(|i| {
                let se = model.covariance[i * p + i].sqrt();
                let vif = vifs.as_ref().and_then(|v| v[i]);
                let df = model.df(&self.basis.inverse[i * p..(i + 1) * p]);
                Coefficient { vif, ..coefficient(&self.design.names[i], model.beta[i], se, df, level) }
            })
            .collect();
        let with_intercept = self.design.terms.first() == Some(&None);
        let tested: Vec<usize> =
            (0..p).filter(|&i| self.design.terms[i].is_some() || !with_intercept).collect();
        let moderators =
            (!tested.is_empty()).then(|| self.omnibus("moderators".into(), &tested, &model)).flatten();
        let mut notes = self.notes.clone();
        if model.between.stop == Stop::Patience {
            notes.push(Note::IterationLimit);
        }
        if let Some(clusters) = model.robust.as_ref().map(Sandwich::clusters).filter(|m| *m < 20) {
            notes.push(Note::FewClusters { clusters });
        }
        let mut settings = self.settings();
        if let Some((column, kind)) = &requests.cluster {
            settings.ci = IntervalSource::Robust { kind: *kind, column: column.clone() };
            settings.prediction = None;
        }
        let mut result = RegressionResult {
            settings,
            formula: self.frame.text.clone(),
            k: self.rows.len(),
            coefficients,
            covariance: model.covariance.clone(),
            moderators,
            terms: self.terms(&model),
            heterogeneity: self.heterogeneity(&problem, &model),
            fit: self.fit_statistics(&problem, &model.between, self.options.tau2),
            contrasts: vec![],
            predicted: vec![],
            marginal_means: self.marginal_means(&model),
            studies: self.studies(&model),
            comparison: None,
            selection: None,
            permutation: None,
            scale: None,
            table: self.table.clone(),
            notes,
        };
        for text in &requests.contrasts {
            result.contrasts.push(self.contrast(text, &model)?);
        }
        for text in &requests.at {
            result.predicted.extend(self.predicted(text, &model)?);
        }
        if let Some(kind) = self.options.model.prediction.flatten() {
            let note = result.predicted.iter().find_map(|p| {
                let q = p.prediction.as_ref()?;
                narrower(kind.id(), (q.lower, q.upper), (Some(p.lower), Some(p.upper)))
            });
            result.notes.extend(note);
        }
        if let Some(other) = &requests.compare {
            result.comparison = Some(self.compare(other)?);
        }
        Ok(result)
    }

    fn settings(&self) -> Settings {
        let o = &self.options;
        Settings {
            model: Some(crate::choice::Model::InverseVariance),
            glmm_model: None,
            tau2: o.given.map_or(Tau2Source::Estimated(o.tau2), Tau2Source::Given),
            ci: IntervalSource::Of(o.ci),
            prediction: o.prediction.map(PredictionSource::Of),
            tau2_ci: None,
            level: o.level,
            profile: o.model.profile,
        }
    }

    /// Wald's test of some coefficients: χ², or F with k − p denominator degrees of freedom.
    fn omnibus(&self, term: String, tested: &[usize], model: &Model) -> Option<Omnibus> {
        let (p, m) = (self.basis.p, tested.len());
        if let Some(sandwich) = &model.robust {
            let combinations: Vec<Vec<f64>> =
                tested.iter().map(|&i| self.basis.inverse[i * p..(i + 1) * p].to_vec()).collect();
            let (statistic, df) = sandwich.omnibus(&combinations, &model.gamma)?;
            let p_value = dist::f_sf(statistic, m as f64, df);
            return Some(Omnibus {
                term,
                statistic,
                df: m,
                df_denominator: Some(df),
                p_value,
                permuted: None,
            });
        }
        let (statistic, p_value) = wald_test(tested, &model.beta, &model.covariance, model.df)?;
        let df_denominator = Some(model.df).filter(|d| d.is_finite());
        Some(Omnibus { term, statistic, df: m, df_denominator, p_value, permuted: None })
    }

    fn terms(&self, model: &Model) -> Vec<Omnibus> {
        let of = |t: usize| -> Vec<usize> {
            (0..self.basis.p).filter(|&i| self.design.terms[i] == Some(t)).collect()
        };
        let all: Vec<Vec<usize>> = (0..self.design.term_names.len()).map(of).collect();
        if all.iter().all(|t| t.len() < 2) || all.len() < 2 {
            return vec![];
        }
        all.iter()
            .zip(&self.design.term_names)
            .filter(|(t, _)| !t.is_empty())
            .filter_map(|(t, name)| self.omnibus(name.clone(), t, model))
            .collect()
    }

    fn heterogeneity(&self, problem: &Problem<'_>, model: &Model) -> ResidualHeterogeneity {
        let tau2 = model.between.tau2;
        let common = problem.at(0.0);
        let df = problem.df();
        let typical = df / common.trace_p;
        let equal = self.options.tau2 == Tau2::EqualEffects && self.options.given.is_none();
        let from_q = if common.q > 0.0 { (100.0 * (common.q - df) / common.q).max(0.0) } else { 0.0 };
        let free = self.options.given.is_none() && !equal;
        ResidualHeterogeneity {
            tau2,
            tau2_se: if free { problem.tau2_se(self.options.tau2, tau2) } else { None },
            tau2_bootstrap: None,
            i2: if equal { from_q } else { 100.0 * tau2 / (tau2 + typical) },
            h2: if equal { common.q / df } else { tau2 / typical + 1.0 },
            r2: if free && self.frame.has_terms() { self.explained(tau2) } else { None },
            qe: common.q,
            qe_df: df as usize,
            qe_p_value: dist::chi2_sf(common.q, df),
        }
    }

    /// 100 (τ²₀ − τ²)/τ²₀ with τ²₀ of the same studies without moderators, truncated at 0.
    fn explained(&self, tau2: f64) -> Option<f64> {
        let ones: Vec<Vec<f64>> = vec![vec![1.0]; self.rows.len()];
        let (basis, _) = Basis::new(&ones);
        let alone = Problem { basis: &basis, ..self.problem() };
        let total = alone.between(self.options.tau2).tau2;
        (total > 0.0).then(|| (100.0 * (total - tau2) / total).max(0.0))
    }

    /// Log-likelihood and criteria: restricted for REML, full otherwise; τ² counts as a parameter.
    fn fit_statistics(&self, problem: &Problem<'_>, between: &Between, estimator: Tau2) -> FitStatistics {
        let reml = estimator == Tau2::Reml;
        let (k, p) = (problem.k() as f64, problem.p() as f64);
        let n = if reml { k - p } else { k };
        let constant = -0.5 * n * (2.0 * std::f64::consts::PI).ln();
        // |XᵀX| cancels between its own term and that of |XᵀWX|
        let log_likelihood = constant + problem.log_likelihood(between.tau2, reml);
        let fixed = estimator == Tau2::EqualEffects || self.options.given.is_some();
        let parameters = p + if fixed { 0.0 } else { 1.0 };
        FitStatistics::new(log_likelihood, parameters, n, between.iterations, between.stop.id())
    }

    /// Diagonal of the inverse of the correlation matrix of the coefficients, the intercept left out.
    fn vifs(&self, model: &Model) -> Option<Vec<Option<f64>>> {
        let p = self.basis.p;
        let slopes: Vec<usize> = (0..p).filter(|&i| self.design.terms[i].is_some()).collect();
        let m = slopes.len();
        if m < 2 {
            return None;
        }
        let v = |i: usize, j: usize| model.covariance[i * p + j];
        let mut r = vec![0.0; m * m];
        for (a, &i) in slopes.iter().enumerate() {
            for (b, &j) in slopes.iter().enumerate() {
                r[a * m + b] = v(i, j) / (v(i, i) * v(j, j)).sqrt();
            }
        }
        let inverse = invert_symmetric(&r, m)?;
        let mut out = vec![None; p];
        for (a, &i) in slopes.iter().enumerate() {
            out[i] = Some(inverse[a * m + a]);
        }
        Some(out)
    }

    fn studies(&self, model: &Model) -> Vec<Fitted> {
        let p = self.basis.p;
        let tau2 = model.between.tau2;
        let total: f64 = self.v.iter().map(|v| 1.0 / (v + tau2)).sum();
        let plain = &model.plain;
        (0..self.rows.len())
            .map(|i| {
                let x = &self.design.rows[i];
                let fitted: f64 = x.iter().zip(&model.beta).map(|(a, b)| a * b).sum();
                let z = &self.basis.z[i * p..(i + 1) * p];
                let spread = quadratic(plain, z);
                let variance = self.v[i] + tau2;
                let residual = self.y[i] - fitted;
                Fitted {
                    row: self.rows[i],
                    fitted,
                    residual,
                    standardized: residual / (variance - spread).max(0.0).sqrt(),
                    hat: spread / variance,
                    weight: 100.0 / variance / total,
                }
            })
            .collect()
    }

    /// The likelihood ratio against another formula on the same studies, both by ML.
    fn compare(&self, formula: &str) -> Result<Comparison, Error> {
        let other = Frame::new(formula, self.data)?;
        if let Some(&row) = self.rows.iter().find(|&&r| !other.complete(r)) {
            return Err(Error::data("the other formula has a missing value there, so that the models would have different studies")
                .of_study(&self.table.studies[row].study)
                .with_hint("leave the study out of both with ⟦where⟧"));
        }
        let (basis, _) = Basis::new(&other.design(&self.rows).rows);
        if basis.p == self.basis.p {
            return Err(Error::usage(format!(
                "`{}` and `{formula}` have as many coefficients",
                self.frame.text
            ))
            .with_hint("a likelihood ratio compares a model with one that holds it; AICc compares any"));
        }
        if basis.p >= self.rows.len() {
            return Err(Error::model(format!(
                "{} studies cannot support {} coefficients",
                self.rows.len(),
                basis.p
            ))
            .with_hint("leave terms out"));
        }
        // nested: the columns of the smaller lie in the space of the larger
        let (small, large) =
            if basis.p < self.basis.p { (&basis, &self.basis) } else { (&self.basis, &basis) };
        if !within(small, large) {
            return Err(Error::usage(format!(
                "neither of `{}` and `{formula}` holds the other",
                self.frame.text
            ))
            .with_hint("a likelihood ratio needs nested models"));
        }
        let ml = |basis: &Basis| {
            let problem = Problem { basis, ..self.problem() };
            let between = self.between(&problem, Tau2::MaximumLikelihood);
            self.fit_statistics(&problem, &between, Tau2::MaximumLikelihood)
        };
        let (fit, other_fit) = (ml(&self.basis), ml(&basis));
        let statistic = (2.0 * (fit.log_likelihood - other_fit.log_likelihood).abs()).max(0.0);
        let df = self.basis.p.abs_diff(basis.p);
        Ok(Comparison {
            formula: formula.trim().to_string(),
            statistic,
            df,
            p_value: dist::chi2_sf(statistic, df as f64),
            fit,
            other: other_fit,
        })
    }

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

/// What an interval multiplies variances by.
fn factor(ci: Interval, s2: f64) -> f64 {
    match ci {
        Interval::HartungKnapp => s2,
        Interval::HartungKnappAdHoc => s2.max(1.0),
        _ => 1.0,
    }
}

/// Wald's test of some coefficients: (statistic, p-value), χ² or F with `df` denominator degrees of freedom.
fn wald_test(tested: &[usize], beta: &[f64], covariance: &[f64], df: f64) -> Option<(f64, f64)> {
    let (p, m) = (beta.len(), tested.len());
    let mut v = vec![0.0; m * m];
    for (a, &i) in tested.iter().enumerate() {
        for (b, &j) in tested.iter().enumerate() {
            v[a * m + b] = covariance[i * p + j];
        }
    }
    let b: Vec<f64> = tested.iter().map(|&i| beta[i]).collect();
    let x = solve_symmetric(&v, &b, m).filter(|_| m > 0)?;
    let chi2: f64 = b.iter().zip(&x).map(|(a, b)| a * b).sum();
    let f = chi2 / m as f64;
    Some(if df.is_finite() {
        (f, dist::f_sf(f, m as f64, df))
    } else {
        (chi2, dist::chi2_sf(chi2, m as f64))
    })
}

/// Whether the columns of one basis lie in the space of another.
fn within(small: &Basis, large: &Basis) -> bool {
    (0..small.p).all(|j| {
        let column: Vec<f64> = (0..small.k).map(|i| small.z[i * small.p + j]).collect();
        let inside: f64 = (0..large.p)
            .map(|l| (0..large.k).map(|i| large.z[i * large.p + l] * column[i]).sum::<f64>().powi(2))
            .sum();
        inside > 1.0 - 1e-9
    })
}

/// xᵀVx.
fn quadratic(v: &[f64], x: &[f64]) -> f64 {
    let p = x.len();
    (0..p).map(|i| x[i] * (0..p).map(|j| v[i * p + j] * x[j]).sum::<f64>()).sum()
}

fn coefficient(term: &str, estimate: f64, se: f64, df: f64, level: f64) -> Coefficient {
    let half = critical(level, df) * se;
    let statistic = estimate / se;
    let p_value =
        if df.is_finite() { dist::t_two_sided(statistic, df) } else { dist::normal_two_sided(statistic) };
    Coefficient {
        term: term.to_string(),
        estimate,
        se,
        statistic,
        df: Some(df).filter(|d| d.is_finite()),
        p_value,
        lower: estimate - half,
        upper: estimate + half,
        vif: None,
        permuted: None,
        bootstrap: None,
    }
}
