//! The agreement panel: every sensible method for the same counts side by side, so that the reader sees how much the
//! method matters. For proportions of one group, and for two groups where events are rare.

use super::bayes_counts::Grid;
use super::counts::{GlmmModel, OneGroup, one_group_family};
use super::interval::Interval;
use super::likelihood::{Family, NormalMixture};
use super::tau2::Tau2;
use super::{Model, ModelOptions, Pooling, pool};
use crate::choice::Chosen;
use crate::dataset::{Shape, StudyData, StudyRow};
use crate::effect::{
    Continuity, CorrectWhere, DoubleZero, EffectOptions, EffectTable, Measure, Status, has_empty_cell,
};
use crate::result::{Agreement, PoolResult};

/// One approach to pool the data.
#[derive(Clone, Debug)]
struct Approach {
    name: &'static str,
    measure: Measure,
    model: Model,
    variant: Option<GlmmModel>,
    ci: Option<Interval>,
    tau2: Option<Tau2>,
    to: CorrectWhere,
    remark: String,
}

impl Approach {
    fn new(name: &'static str, measure: Measure, model: Model) -> Self {
        let to = CorrectWhere::Only0;
        Self { name, measure, model, variant: None, ci: None, tau2: None, to, remark: String::new() }
    }

    fn ci(self, ci: Interval) -> Self {
        Self { ci: Some(ci), ..self }
    }

    fn glmm(self, variant: GlmmModel) -> Self {
        Self { variant: Some(variant), ..self }
    }

    fn remark(self, remark: impl Into<String>) -> Self {
        Self { remark: remark.into(), ..self }
    }

    fn estimate(self, rows: &[StudyRow], level: f64, double_zero: DoubleZero) -> Option<Agreement> {
        let base = EffectOptions::new(self.measure).level(level);
        let continuity = Continuity { to: self.to, double_zero, ..base.continuity };
        let table = EffectTable::compute(rows, base.continuity(continuity)).ok()?;
        let options = ModelOptions {
            model: Some(self.variant.map_or(self.model.into(), Pooling::glmm)),
            ci: self.ci,
            tau2: self.tau2,
            level,
            tau2_ci: Chosen::None,
            prediction: Chosen::None,
            ..ModelOptions::default()
        };
        let result = pool(table, options).ok()?;
        let natural = result.main()?.natural;
        let proportion = self.measure.is_proportion();
        let clip = |x: Option<f64>| x.map(|x| if proportion { x.clamp(0.0, 1.0) } else { x });
        Some(Agreement {
            method: self.name.into(),
            estimate: clip(natural.estimate),
            lower: clip(natural.lower),
            upper: clip(natural.upper),
            remark: self.remark,
        })
    }
}

/// Whether a panel says more than the result alone: proportions always, two groups where a cell is empty.
pub fn is_useful(result: &PoolResult) -> bool {
    let table = &result.table;
    // of one study nothing is pooled that methods could differ about
    if result.included().k() < 2 {
        return false;
    }
    match table.shape() {
        Shape::Events => true,
        Shape::TwoByTwo | Shape::TwoRates => {
            table.studies.iter().any(|s| s.data.as_ref().is_some_and(has_empty_cell))
        }
        _ => false,
    }
}

/// Compares methods on the data of a result; empty for measures that have no panel, and for a single study, of which
/// all methods could only repeat the interval.
pub fn panel(result: &PoolResult) -> Vec<Agreement> {
    if result.k < 2 {
        return vec![];
    }
    let table = &result.table;
    let measure = table.measure();
    let level = result.settings.level;
    // the habit of the result is that of its peers
    let double_zero = table.options.continuity.double_zero;
    let kept = |i: &usize| table.studies[*i].data.is_some() && table.studies[*i].status != Status::Excluded;
    let rows = table.rows();
    let rows: Vec<StudyRow> =
        (0..rows.len()).filter(kept).map(|i| StudyRow { bounds: None, ..rows[i].clone() }).collect();
    // divided patients have no likelihood of their own
    let likely = |w: &Approach| matches!(w.model, Model::Glmm | Model::BetaBinomial | Model::Exact);
    let split = table.splits_controls();
    let all = |approaches: Vec<Approach>| {
        let used = approaches.into_iter().filter(|w| !(split && likely(w)));
        used.filter_map(|w| w.estimate(&rows, level, double_zero)).collect()
    };
    match table.shape() {
        Shape::Events if one_group_family(measure) == Some(Family::Binomial) => proportions(result, &rows),
        Shape::TwoByTwo => all(two_by_two(measure)),
        Shape::TwoRates => all(two_rates(measure)),
        _ => vec![],
    }
}

/// Inverse variance under two corrections.
fn corrected(measure: Measure) -> [Approach; 3] {
    let approach = |name| Approach::new(name, measure, Model::InverseVariance);
    [
        approach("inverse variance, +0.5, HKSJ ad hoc")
            .ci(Interval::HartungKnappAdHoc)
            .remark("random effects"),
        Approach {
            to: CorrectWhere::Tacc,
            ..approach("inverse variance, treatment-arm correction, HKSJ ad hoc")
                .ci(Interval::HartungKnappAdHoc)
                .remark("random effects")
        },
        Approach {
            tau2: Some(Tau2::EqualEffects),
            ..approach("inverse variance, +0.5, z").ci(Interval::Wald).remark("common effect")
        },
    ]
}

fn two_by_two(measure: Measure) -> Vec<Approach> {
    let sums =
        |m| Approach::new("Mantel-Haenszel, no correction", m, Model::MantelHaenszel).remark("common effect");
    match measure {
        Measure::OddsRatio | Measure::Peto => {
            let odds = Measure::OddsRatio;
            let glmm =
                |name, variant| Approach::new(name, odds, Model::Glmm).glmm(variant).remark("random effects");
            let mut approaches = vec![
                glmm("GLMM, fixed study effects, profile likelihood", GlmmModel::FixedStudies),
                glmm("GLMM, conditional exact, profile likelihood", GlmmModel::ConditionalExact),
                Approach::new("beta-binomial, profile likelihood", odds, Model::BetaBinomial)
                    .remark("ratio of average odds"),
                Approach::new("conditional, exact", odds, Model::Exact).remark("common effect"),
                sums(odds),
                Approach::new("Peto", Measure::Peto, Model::Peto).remark("common effect, approximate"),
            ];
            approaches.extend(corrected(odds));
            approaches
        }
        Measure::RiskRatio => [vec![sums(measure)], corrected(measure).to_vec()].concat(),
        Measure::RiskDifference => {
            let [random, _, common] = corrected(measure);
            let plain = |w: Approach, name| Approach { name, to: CorrectWhere::Only0, ..w };
            vec![
                sums(measure),
                plain(random, "inverse variance, +0.5, HKSJ ad hoc"),
                plain(common, "inverse variance, +0.5, z"),
            ]
        }
        _ => vec![],
    }
}

fn two_rates(measure: Measure) -> Vec<Approach> {
    if measure != Measure::RateRatio {
        return vec![];
    }
    let glmm =
        |name, variant| Approach::new(name, measure, Model::Glmm).glmm(variant).remark("random effects");
    let mut approaches = vec![
        glmm("GLMM, fixed study effects, profile likelihood", GlmmModel::FixedStudies),
        glmm("GLMM, conditional exact, profile likelihood", GlmmModel::ConditionalExact),
        Approach::new("conditional, exact", measure, Model::Exact).remark("common effect"),
        Approach::new("Mantel-Haenszel, no correction", measure, Model::MantelHaenszel)
            .remark("common effect"),
    ];
    approaches.extend(corrected(measure));
    approaches
}

/// The size that Freeman and Tukey's scale is read back with, and whether any study has it.
fn back_transformed(n: f64, sizes: &[f64]) -> String {
    let is = |size: &f64| (size - n).abs() < 1e-9 * n;
    if sizes.iter().all(is) {
        format!("back-transformed with n = {n:.0}, that of every study")
    } else if sizes.iter().any(is) {
        format!("back-transformed with n = {n:.0}, the harmonic mean of all")
    } else {
        format!("back-transformed with n = {n:.1}, which is no study's")
    }
}

fn proportions(result: &PoolResult, rows: &[StudyRow]) -> Vec<Agreement> {
    let table = &result.table;
    let Some(data) = OneGroup::of(table).filter(|d| !d.counts.is_empty()) else { return vec![] };
    let level = result.settings.level;
    let sizes: Vec<f64> = result.studies().filter(|s| s.effect().is_some()).filter_map(|s| s.size).collect();
    let freeman_tukey = table.harmonic_size().map_or(String::new(), |n| back_transformed(n, &sizes));
    let logit = Measure::LogitProportion;
    let iv = Model::InverseVariance;
    let likelihoods = [
        Approach::new("GLMM, profile likelihood", logit, Model::Glmm).remark("median proportion"),
        Approach::new("beta-binomial, profile likelihood", logit, Model::BetaBinomial)
            .remark("mean proportion"),
    ];
    let ad_hoc = Interval::HartungKnappAdHoc;
    let approximate = [
        Approach::new("logit, inverse variance, HKSJ ad hoc", logit, iv).ci(ad_hoc),
        Approach::new("arcsine, inverse variance, HKSJ ad hoc", Measure::ArcsineProportion, iv).ci(ad_hoc),
        Approach::new("Freeman-Tukey, inverse variance, z", Measure::FreemanTukey, iv)
            .ci(Interval::Wald)
            .remark(freeman_tukey),
        Approach::new("pooled Clopper-Pearson", logit, Model::Exact).remark("exact if τ = 0"),
    ];
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
    let counts: Vec<StudyRow> =
        rows.iter().filter(|r| matches!(r.data, Ok(StudyData::Events(_)))).cloned().collect();
    let done = |approach: Approach| approach.estimate(&counts, level, DoubleZero::Auto);
    let mut out: Vec<Agreement> = likelihoods.into_iter().filter_map(done).collect();
    out.extend(bayes);
    out.extend(approximate.into_iter().filter_map(done));
    out
}
