//! Intervals of the inverse-variance model: 125 scenarios of k 2, 3, 5, 10, 20 studies; τ² 0, ⅓, 1, 3, 9 times the typical
//! variance (I² 0, 25, 50, 75, 90%); variances equal, or spread over a ratio of 10 or 100, evenly on the logarithm or with
//! one precise study among equals. τ² by REML; five times as many data sets as asked for, since the fits are fast.

use crate::over;
use crate::random::Random;
use metapool::model::Sample;
use metapool::model::interval::Interval;
use metapool::model::inverse_variance::fit;
use metapool::prelude::*;

#[derive(Clone, Copy)]
struct Scenario {
    k: usize,
    tau2: f64,
    ratio: f64,
    /// One precise study, the others alike.
    one: bool,
}

const METHODS: [(&str, Interval); 4] = [
    ("auto (factor max(1, q), t)", Interval::HartungKnappAdHoc),
    ("hksj (factor q, t)", Interval::HartungKnapp),
    ("t (ordinary SE, t)", Interval::T),
    ("wald (ordinary SE, normal)", Interval::Wald),
];

#[derive(Clone, Copy, Default)]
struct Tally {
    covered: u32,
    width: f64,
}

impl Scenario {
    fn all() -> Vec<Self> {
        let mut all = vec![];
        for k in [2, 3, 5, 10, 20] {
            for tau2 in [0.0, 1.0 / 3.0, 1.0, 3.0, 9.0] {
                for (ratio, one) in [(1.0, false), (10.0, false), (10.0, true), (100.0, false), (100.0, true)]
                {
                    all.push(Self { k, tau2, ratio, one });
                }
            }
        }
        all
    }

    /// Variances with a geometric mean of 1.
    fn variances(&self) -> Vec<f64> {
        let spread = self.ratio.ln();
        let last = (self.k - 1) as f64;
        let log: Vec<f64> = (0..self.k)
            .map(|i| match self.one {
                true => {
                    if i == 0 {
                        -spread
                    } else {
                        0.0
                    }
                }
                false => spread * i as f64 / last,
            })
            .collect();
        let mean = log.iter().sum::<f64>() / self.k as f64;
        log.iter().map(|l| (l - mean).exp()).collect()
    }

    fn name(&self) -> String {
        let pattern = match (self.ratio, self.one) {
            (1.0, _) => "equal".to_string(),
            (r, true) => format!("1:{r}, one precise"),
            (r, false) => format!("1:{r}, even"),
        };
        format!("k = {}, τ² = {:.2}, {pattern}", self.k, self.tau2)
    }
}

fn simulate(s: &Scenario, random: &mut Random, sets: u32) -> [Tally; METHODS.len()] {
    let v = s.variances();
    let mut y = vec![0.0; s.k];
    let mut tallies = [Tally::default(); METHODS.len()];
    for _ in 0..sets {
        for (y, v) in y.iter_mut().zip(&v) {
            *y = (v + s.tau2).sqrt() * random.normal();
        }
        for ((_, ci), tally) in METHODS.iter().zip(&mut tallies) {
            let f = fit(Sample::new(&y, &v), Tau2::Reml, *ci, 95.0);
            tally.covered += u32::from(f.lower <= 0.0 && 0.0 <= f.upper);
            tally.width += f.upper - f.lower;
        }
    }
    tallies
}

pub fn run(sets: u32) {
    let sets = 5 * sets;
    let scenarios = Scenario::all();
    let results = over(&scenarios, 77_000, |s, random| simulate(s, random, sets));
    let coverage = |t: &Tally| f64::from(t.covered) / f64::from(sets);
    println!("{} scenarios, {sets} data sets each\n", scenarios.len());
    println!("| interval | mean coverage | worst | where |\n| :-- | --: | --: | :-- |");
    for (m, (name, _)) in METHODS.iter().enumerate() {
        let of = |t: &[Tally; METHODS.len()]| coverage(&t[m]);
        let mean = results.iter().map(of).sum::<f64>() / results.len() as f64;
        let (worst, at) = results.iter().map(of).zip(&scenarios).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        println!("| {name} | {mean:.3} | {worst:.3} | {} |", at.name());
    }
    by(&scenarios, &results, sets, "k", &[2.0, 3.0, 5.0, 10.0, 20.0], |s| s.k as f64);
    by(&scenarios, &results, sets, "τ² / typical variance", &[0.0, 1.0 / 3.0, 1.0, 3.0, 9.0], |s| s.tau2);
    by(&scenarios, &results, sets, "largest / smallest variance", &[1.0, 10.0, 100.0], |s| s.ratio);
}

/// Mean coverage, worst coverage and mean width over the scenarios that share a value.
fn by(
    scenarios: &[Scenario],
    results: &[[Tally; METHODS.len()]],
    sets: u32,
    head: &str,
    values: &[f64],
    of: impl Fn(&Scenario) -> f64,
) {
    let cells: Vec<&str> = METHODS.iter().map(|m| m.0.split(' ').next().unwrap()).collect();
    println!("\nCoverage: mean (worst), and mean width\n");
    println!("| {head} | {} |", cells.join(" | "));
    println!("| --: |{}", " --: |".repeat(METHODS.len()));
    for &value in values {
        let own: Vec<&[Tally; METHODS.len()]> =
            scenarios.iter().zip(results).filter(|(s, _)| of(s) == value).map(|r| r.1).collect();
        let cell = |m: usize| {
            let share = |t: &&[Tally; METHODS.len()]| f64::from(t[m].covered) / f64::from(sets);
            let mean = own.iter().map(share).sum::<f64>() / own.len() as f64;
            let worst = own.iter().map(share).fold(1.0, f64::min);
            let width = own.iter().map(|t| t[m].width).sum::<f64>() / own.len() as f64 / f64::from(sets);
            format!("{mean:.3} ({worst:.3}), {width:.2}")
        };
        let row: Vec<String> = (0..METHODS.len()).map(cell).collect();
        println!("| {} | {} |", (100.0 * value).round() / 100.0, row.join(" | "));
    }
}
