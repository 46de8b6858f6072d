//! Small single-arm trials: 36 scenarios of k 3, 5, 10 studies of 5 to 20 patients; median proportion .02, .1, .2, .5;
//! τ 0, .5, 1 on the logit.

use crate::over;
use crate::random::Random;
use metapool::choice::Chosen;
use metapool::math::quadrature::gauss_hermite;
use metapool::model::interval::Interval;
use metapool::model::{self, Model, ModelOptions};
use metapool::prelude::*;

#[derive(Clone, Copy)]
struct Scenario {
    k: usize,
    median: f64,
    tau: f64,
}

impl Scenario {
    fn all() -> Vec<Self> {
        let mut all = vec![];
        for k in [3, 5, 10] {
            for median in [0.02, 0.1, 0.2, 0.5] {
                for tau in [0.0, 0.5, 1.0] {
                    all.push(Self { k, median, tau });
                }
            }
        }
        all
    }

    /// The mean proportion over studies, which the beta-binomial model estimates.
    fn mean(&self) -> f64 {
        let rule = gauss_hermite(61);
        let mu = (self.median / (1.0 - self.median)).ln();
        let at = |x: f64| 1.0 / (1.0 + (-(mu + self.tau * 2f64.sqrt() * x)).exp());
        rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * at(*x)).sum::<f64>()
            / std::f64::consts::PI.sqrt()
    }

    fn draw(&self, random: &mut Random) -> Vec<(f64, f64)> {
        let mu = (self.median / (1.0 - self.median)).ln();
        (0..self.k)
            .map(|_| {
                let n = 5.0 + (random.uniform() * 16.0).floor();
                let eta = mu + self.tau * random.normal();
                let p = 1.0 / (1.0 + (-eta).exp());
                (random.binomial(n, p), n)
            })
            .collect()
    }
}

/// A method, and whether it aims at the mean rather than the median.
struct Method {
    name: &'static str,
    model: Model,
    measure: Measure,
    ci: Option<Interval>,
    mean: bool,
}

const METHODS: [Method; 6] = [
    Method {
        name: "GLMM, profile likelihood (default)",
        model: Model::Glmm,
        measure: Measure::LogitProportion,
        ci: None,
        mean: false,
    },
    Method {
        name: "GLMM, Wald t",
        model: Model::Glmm,
        measure: Measure::LogitProportion,
        ci: Some(Interval::T),
        mean: false,
    },
    Method {
        name: "beta-binomial, profile likelihood",
        model: Model::BetaBinomial,
        measure: Measure::LogitProportion,
        ci: None,
        mean: true,
    },
    Method {
        name: "logit, HKSJ",
        model: Model::InverseVariance,
        measure: Measure::LogitProportion,
        ci: Some(Interval::HartungKnapp),
        mean: false,
    },
    Method {
        name: "logit, HKSJ ad hoc",
        model: Model::InverseVariance,
        measure: Measure::LogitProportion,
        ci: Some(Interval::HartungKnappAdHoc),
        mean: false,
    },
    Method {
        name: "pooled Clopper-Pearson",
        model: Model::Exact,
        measure: Measure::LogitProportion,
        ci: None,
        mean: false,
    },
];

#[derive(Clone, Copy, Default)]
struct Tally {
    covered: u32,
    answered: u32,
    width: f64,
}

fn table(arms: &[(f64, f64)], measure: Measure) -> EffectTable {
    use metapool::dataset::{Events, StudyData, StudyRow};
    let row = |(i, (x, n)): (usize, &(f64, f64))| StudyRow {
        study: i.to_string(),
        line: i,
        data: Ok(StudyData::Events(Events { x: *x, n: *n })),
        n: Some(*n),
        bounds: None,
    };
    let rows: Vec<StudyRow> = arms.iter().enumerate().map(row).collect();
    EffectTable::compute(&rows, EffectOptions::new(measure)).unwrap()
}

fn simulate(scenario: &Scenario, random: &mut Random, sets: u32) -> [Tally; METHODS.len()] {
    let mean = scenario.mean();
    let mut tallies = [Tally::default(); METHODS.len()];
    for _ in 0..sets {
        let arms = scenario.draw(random);
        for (method, tally) in METHODS.iter().zip(&mut tallies) {
            let options = ModelOptions {
                model: Some(method.model.into()),
                ci: method.ci,
                tau2_ci: Chosen::None,
                prediction: Chosen::None,
                ..ModelOptions::default()
            };
            let Ok(result) = model::pool(table(&arms, method.measure), options) else { continue };
            let Some(main) = result.main() else { continue };
            let (lower, upper) = (main.natural.lower.unwrap_or(0.0), main.natural.upper.unwrap_or(1.0));
            let truth = if method.mean { mean } else { scenario.median };
            if lower.is_nan() || upper.is_nan() {
                continue;
            }
            tally.answered += 1;
            tally.width += upper - lower;
            tally.covered += u32::from(lower <= truth && truth <= upper);
        }
    }
    tallies
}

pub fn run(sets: u32) {
    let scenarios = Scenario::all();
    let results = over(&scenarios, 20_261_122, |scenario, random| simulate(scenario, random, sets));
    println!("{} scenarios, {sets} data sets each\n", scenarios.len());
    println!(
        "| method | mean coverage | worst | where | mean width | no answer |\n| :-- | --: | --: | :-- | --: | --: |"
    );
    for (m, method) in METHODS.iter().enumerate() {
        let coverage = |t: &[Tally; METHODS.len()]| f64::from(t[m].covered) / f64::from(sets);
        let average = results.iter().map(coverage).sum::<f64>() / results.len() as f64;
        let (worst, at) =
            results.iter().map(coverage).zip(&scenarios).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let answered: u32 = results.iter().map(|t| t[m].answered).sum();
        let width = results.iter().map(|t| t[m].width).sum::<f64>() / f64::from(answered.max(1));
        let silent = 100.0 * (1.0 - f64::from(answered) / f64::from(sets * results.len() as u32));
        let place = format!("k = {}, p = {}, τ = {}", at.k, at.median, at.tau);
        println!("| {} | {average:.3} | {worst:.3} | {place} | {width:.3} | {silent:.1}% |", method.name);
    }
    println!(
        "\nThe default, scenario by scenario:\n\n| k | median p | τ | coverage | mean width |\n| --: | --: | --: | --: | --: |"
    );
    for (scenario, t) in scenarios.iter().zip(&results) {
        let t = &t[0];
        println!(
            "| {} | {} | {} | {:.3} | {:.3} |",
            scenario.k,
            scenario.median,
            scenario.tau,
            f64::from(t.covered) / f64::from(sets),
            t.width / f64::from(t.answered.max(1))
        );
    }
}
