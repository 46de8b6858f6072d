//! Two groups with rare events: 48 scenarios of k 3, 5, 10, 20 studies with 50 to 200 patients in the smaller group; control
//! risk 1, 5, 20% (logits with a standard deviation of .3 between studies); groups of equal size, or three treated for each
//! control; τ 0, .5; an odds ratio of ½. A quarter of the data sets asked for, since likelihoods take their time.

use crate::over;
use crate::random::Random;
use metapool::choice::Chosen;
use metapool::dataset::{StudyData, StudyRow, TwoByTwo};
use metapool::model::interval::Interval;
use metapool::model::{self, GlmmModel, Model, ModelOptions, Pooling};
use metapool::prelude::*;

/// The mean log odds ratio.
const TRUTH: f64 = -std::f64::consts::LN_2;

#[derive(Clone, Copy)]
struct Scenario {
    k: usize,
    risk: f64,
    treated: f64,
    tau: f64,
}

struct Method {
    name: &'static str,
    measure: Measure,
    options: ModelOptions,
}

fn methods() -> Vec<Method> {
    let plain = ModelOptions { tau2_ci: Chosen::None, prediction: Chosen::None, ..ModelOptions::default() };
    let of = |model: Model| ModelOptions { model: Some(model.into()), ..plain };
    let inverse = |ci| ModelOptions { ci: Some(ci), ..of(Model::InverseVariance) };
    let mixed = |variant| ModelOptions { model: Some(Pooling::glmm(variant)), ..of(Model::Glmm) };
    let odds = |name, options| Method { name, measure: Measure::OddsRatio, options };
    vec![
        odds("inverse variance, +½, auto", inverse(Interval::HartungKnappAdHoc)),
        odds("inverse variance, +½, hksj", inverse(Interval::HartungKnapp)),
        odds("inverse variance, +½, t", inverse(Interval::T)),
        odds("inverse variance, +½, wald", inverse(Interval::Wald)),
        odds("Mantel-Haenszel", of(Model::MantelHaenszel)),
        Method { name: "Peto", measure: Measure::Peto, options: of(Model::Peto) },
        odds("GLMM UM.FS, profile", mixed(GlmmModel::FixedStudies)),
        odds("GLMM CM.EL, profile", mixed(GlmmModel::ConditionalExact)),
    ]
}

#[derive(Clone, Copy, Default)]
struct Tally {
    covered: u32,
    answered: u32,
    finite: u32,
    error: f64,
}

impl Scenario {
    fn all() -> Vec<Self> {
        let mut all = vec![];
        for k in [3, 5, 10, 20] {
            for risk in [0.01, 0.05, 0.2] {
                for treated in [1.0, 3.0] {
                    for tau in [0.0, 0.5] {
                        all.push(Self { k, risk, treated, tau });
                    }
                }
            }
        }
        all
    }

    /// Studies without events, or with events only, in both groups are left out.
    fn draw(&self, random: &mut Random) -> Vec<StudyRow> {
        let logit = (self.risk / (1.0 - self.risk)).ln();
        let inverse = |x: f64| 1.0 / (1.0 + (-x).exp());
        (0..self.k)
            .filter_map(|i| {
                let n2 = 50.0 + (random.uniform() * 151.0).floor();
                let n1 = self.treated * n2;
                let base = logit + 0.3 * random.normal();
                let effect = TRUTH + self.tau * random.normal();
                let (a, c) =
                    (random.binomial(n1, inverse(base + effect)), random.binomial(n2, inverse(base)));
                let t = TwoByTwo { a, b: n1 - a, c, d: n2 - c };
                (t.a + t.c > 0.0 && t.b + t.d > 0.0).then(|| StudyRow {
                    study: i.to_string(),
                    line: i,
                    data: Ok(StudyData::TwoByTwo(t)),
                    n: Some(n1 + n2),
                    bounds: None,
                })
            })
            .collect()
    }

    fn name(&self) -> String {
        format!("k = {}, risk {}%, {}:1, τ = {}", self.k, 100.0 * self.risk, self.treated, self.tau)
    }
}

fn simulate(s: &Scenario, random: &mut Random, sets: u32) -> Vec<Tally> {
    let methods = methods();
    let mut tallies = vec![Tally::default(); methods.len()];
    for _ in 0..sets {
        let rows = s.draw(random);
        for (method, tally) in methods.iter().zip(&mut tallies) {
            let Ok(table) = EffectTable::compute(&rows, EffectOptions::new(method.measure)) else { continue };
            let Ok(result) = model::pool(table, method.options) else { continue };
            let Some(main) = result.main() else { continue };
            let (lower, upper) =
                (main.lower.unwrap_or(f64::NEG_INFINITY), main.upper.unwrap_or(f64::INFINITY));
            tally.answered += 1;
            tally.covered += u32::from(lower <= TRUTH && TRUTH <= upper);
            if main.estimate.is_finite() {
                tally.finite += 1;
                tally.error += main.estimate - TRUTH;
            }
        }
    }
    tallies
}

pub fn run(sets: u32) {
    let sets = (sets / 4).max(1);
    let scenarios = Scenario::all();
    let results = over(&scenarios, 52_000, |s, random| simulate(s, random, sets));
    let methods = methods();
    println!("{} scenarios, {sets} data sets each; coverage is of those with an answer\n", scenarios.len());
    println!(
        "| method | mean coverage | worst | where | mean bias of ln OR | largest | no answer |\n| :-- | --: | --: | :-- | --: | --: | --: |"
    );
    let coverage = |t: &Tally| f64::from(t.covered) / f64::from(t.answered.max(1));
    let bias = |t: &Tally| t.error / f64::from(t.finite.max(1));
    for (m, method) in methods.iter().enumerate() {
        let mean = results.iter().map(|t| coverage(&t[m])).sum::<f64>() / results.len() as f64;
        let (worst, at) = results
            .iter()
            .map(|t| coverage(&t[m]))
            .zip(&scenarios)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap();
        let error = results.iter().map(|t| bias(&t[m])).sum::<f64>() / results.len() as f64;
        let largest = results.iter().map(|t| bias(&t[m])).max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
        let answered: u32 = results.iter().map(|t| t[m].answered).sum();
        let silent = 100.0 * (1.0 - f64::from(answered) / f64::from(sets * results.len() as u32));
        println!(
            "| {} | {mean:.3} | {worst:.3} | {} | {error:+.3} | {largest:+.3} | {silent:.1}% |",
            method.name,
            at.name()
        );
    }
    println!("\nMean coverage (mean bias) by control risk and τ\n");
    println!(
        "| method | 1%, τ = 0 | 1%, .5 | 5%, 0 | 5%, .5 | 20%, 0 | 20%, .5 |\n| :-- | --: | --: | --: | --: | --: | --: |"
    );
    for (m, method) in methods.iter().enumerate() {
        let mut cells = vec![];
        for risk in [0.01, 0.05, 0.2] {
            for tau in [0.0, 0.5] {
                let own: Vec<&Tally> = scenarios
                    .iter()
                    .zip(&results)
                    .filter(|(s, _)| s.risk == risk && s.tau == tau)
                    .map(|(_, t)| &t[m])
                    .collect();
                let n = own.len() as f64;
                let covered = own.iter().map(|t| coverage(t)).sum::<f64>() / n;
                let error = own.iter().map(|t| bias(t)).sum::<f64>() / n;
                cells.push(format!("{covered:.3} ({error:+.2})"));
            }
        }
        println!("| {} | {} |", method.name, cells.join(" | "));
    }
}
