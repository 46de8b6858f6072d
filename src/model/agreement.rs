//! The agreement panel: every sensible method for one-group proportions side by side, so that the reader sees how
//! much the method matters.

use super::bayes_counts::Grid;
use super::counts::{OneGroup, one_group_family};
use super::interval::Interval;
use super::likelihood::{Family, NormalMixture};
use super::{Model, ModelOptions, pool};
use crate::dataset::{StudyData, StudyRow};
use crate::effect::{EffectOptions, EffectTable, Measure};
use crate::result::{Agreement, PoolResult};

/// Compares methods on the data of a result; empty for measures that are no proportions.
pub fn panel(result: &PoolResult) -> Vec<Agreement> {
    let table = &result.table;
    let Some(data) = OneGroup::of(table).filter(|d| d.family == Family::Binomial && !d.counts.is_empty())
    else {
        return vec![];
    };
    let level = result.settings.level;
    let rows: Vec<StudyRow> = table
        .studies
        .iter()
        .filter(|s| matches!(s.data, Some(StudyData::Events(_))))
        .filter_map(|s| {
            Some(StudyRow {
                study: s.study.clone(),
                line: s.line,
                data: Ok(s.data?),
                n: s.size,
                bounds: None,
            })
        })
        .collect();
    let freeman_tukey = table
        .harmonic_size()
        .map_or(String::new(), |n| format!("back-transformed with n = {n:.1}, which is no study's"));
    let logit = Measure::LogitProportion;
    let iv = Model::InverseVariance;
    let ad_hoc = Some(Interval::HartungKnappAdHoc);
    let wald = Some(Interval::Wald);
    let [median, mean, exact] = ["median proportion", "mean proportion", "exact if τ = 0"].map(String::from);
    let likelihoods = [
        (Model::Glmm, logit, None, "GLMM, profile likelihood", median),
        (Model::BetaBinomial, logit, None, "beta-binomial, profile likelihood", mean),
    ];
    let approximate = [
        (iv, logit, ad_hoc, "logit, inverse variance, HKSJ ad hoc", String::new()),
        (iv, Measure::ArcsineProportion, ad_hoc, "arcsine, inverse variance, HKSJ ad hoc", String::new()),
        (iv, Measure::FreemanTukey, wald, "Freeman-Tukey, inverse variance, z", freeman_tukey),
        (Model::Exact, logit, None, "pooled Clopper-Pearson", exact),
    ];
    let done = |(model, measure, ci, name, remark)| estimate(&rows, measure, model, ci, level, name, remark);
    let mixture = NormalMixture::new(Family::Binomial, &data.counts);
    let grid = Grid::new(&mixture, 1.0);
    let bayes = [0.5, 1.0].map(|scale| {
        let p = grid.half_normal(scale, level);
        Agreement {
            method: format!("Bayes, half-normal({scale}) on τ"),
            estimate: Some(p.median),
            lower: Some(p.lower),
            upper: Some(p.upper),
            remark: "median proportion, uniform prior".into(),
        }
    });
    let mut out: Vec<Agreement> = likelihoods.into_iter().filter_map(done).collect();
    out.extend(bayes);
    out.extend(approximate.into_iter().filter_map(done));
    out
}

/// Whether a panel can be made for the measure.
pub fn suits(measure: Measure) -> bool {
    one_group_family(measure) == Some(Family::Binomial)
}

fn estimate(
    rows: &[StudyRow],
    measure: Measure,
    model: Model,
    ci: Option<Interval>,
    level: f64,
    name: &str,
    remark: String,
) -> Option<Agreement> {
    let table = EffectTable::compute(rows, EffectOptions::new(measure).level(level)).ok()?;
    let options = ModelOptions {
        model: Some(model),
        ci,
        level,
        tau2_ci: Some(None),
        prediction: Some(None),
        ..ModelOptions::default()
    };
    let result = pool(table, options).ok()?;
    let natural = result.main()?.natural;
    let clip = |x: Option<f64>| x.map(|x| x.clamp(0.0, 1.0));
    Some(Agreement {
        method: name.into(),
        estimate: clip(natural.estimate),
        lower: clip(natural.lower),
        upper: clip(natural.upper),
        remark,
    })
}
