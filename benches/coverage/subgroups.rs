//! Size of tests of subgroup differences at a nominal 5%: 135 scenarios of 2 to 4 groups, of 2, 3, 5, 10 studies each or of 2
//! and 10 by turns; τ 0, .2, .5; sampling variances all .1, or drawn log-uniformly between .032 and .32 (1:10), or .032 in
//! one group and .32 in the next. No group truly differs. τ² by REML.

use crate::over;
use crate::random::Random;
use metapool::choice::Chosen;
use metapool::dataset::Values;
use metapool::math::dist;
use metapool::model::interval::Interval;
use metapool::model::subgroups::subgroups;
use metapool::model::{self, ModelOptions};
use metapool::prelude::*;
use metapool::result::Subgroups;

#[derive(Clone)]
struct Scenario {
    sizes: Vec<usize>,
    tau: f64,
    spread: Spread,
}

/// How sampling variances spread.
#[derive(Clone, Copy)]
enum Spread {
    Equal,
    Random,
    ByGroup,
}

impl Spread {
    fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal variances",
            Self::Random => "variances 1:10",
            Self::ByGroup => "variances 1:10 between groups",
        }
    }
}

const TESTS: [&str; 5] = [
    "F, common τ², factor max(1, s²) (default)",
    "F, common τ², factor s² (`--ci hksj`)",
    "χ², ordinary SEs, τ² of each group its own (`--ci wald`)",
    "χ² of Hartung-Knapp SEs",
    "Welch-type, Hartung-Knapp SEs",
];

impl Scenario {
    fn all() -> Vec<Self> {
        let mut all = vec![];
        for groups in [2, 3, 4] {
            for pattern in [[2, 2], [3, 3], [5, 5], [10, 10], [2, 10]] {
                for tau in [0.0, 0.2, 0.5] {
                    for spread in [Spread::Equal, Spread::Random, Spread::ByGroup] {
                        let sizes = (0..groups).map(|g| pattern[g % 2]).collect();
                        all.push(Self { sizes, tau, spread });
                    }
                }
            }
        }
        all
    }

    /// Studies less groups.
    fn df(&self) -> usize {
        self.sizes.iter().sum::<usize>() - self.sizes.len()
    }

    fn draw(&self, random: &mut Random) -> EffectTable {
        let (mut y, mut v, mut levels) = (vec![], vec![], vec![]);
        for (g, &size) in self.sizes.iter().enumerate() {
            for _ in 0..size {
                let place = match self.spread {
                    Spread::Equal => 0.0,
                    Spread::Random => random.uniform() - 0.5,
                    Spread::ByGroup => [-0.5, 0.5][g % 2],
                };
                let variance = 0.1 * 10f64.powf(place);
                y.push((variance + self.tau * self.tau).sqrt() * random.normal());
                v.push(variance);
                levels.push(format!("g{g}"));
            }
        }
        let names: Vec<String> = (0..y.len()).map(|i| i.to_string()).collect();
        let table = EffectTable::from_effects(Measure::Generic, &names, &y, &v).unwrap();
        table.with_column("group", Values::Text(levels)).unwrap()
    }
}

/// p-values of χ² and of Welch's test, of estimates whose standard errors are Hartung and Knapp's.
///
/// ```text
/// w = 1/SE²,  A = Σ w (θ̂ − θ̄)²,  Λ = Σ (1 − w/Σw)²/(k_g − 1)
/// F = A/(G − 1) / (1 + 2 (G − 2) Λ/(G² − 1)),   G − 1 and (G² − 1)/(3Λ) degrees of freedom
/// ```
fn by_standard_errors(s: &Subgroups) -> Option<(f64, f64)> {
    let parts: Option<Vec<(f64, f64, f64)>> = s
        .groups
        .iter()
        .map(|g| {
            let p = g.random.as_ref()?;
            let se = p.se.filter(|s| *s > 0.0)?;
            Some((p.estimate, 1.0 / (se * se), g.k as f64 - 1.0))
        })
        .collect();
    let parts = parts?;
    let groups = parts.len() as f64;
    let total: f64 = parts.iter().map(|p| p.1).sum();
    let mean = parts.iter().map(|p| p.0 * p.1).sum::<f64>() / total;
    let a: f64 = parts.iter().map(|p| p.1 * (p.0 - mean).powi(2)).sum();
    let lambda: f64 = parts.iter().map(|p| (1.0 - p.1 / total).powi(2) / p.2).sum();
    let square = groups * groups - 1.0;
    let f = a / (groups - 1.0) / (1.0 + 2.0 * (groups - 2.0) * lambda / square);
    Some((dist::chi2_sf(a, groups - 1.0), dist::f_sf(f, groups - 1.0, square / (3.0 * lambda))))
}

fn p_values(table: &EffectTable) -> [Option<f64>; TESTS.len()] {
    let by = |ci: Interval| {
        let options = ModelOptions {
            ci: Some(ci),
            tau2_ci: Chosen::None,
            prediction: Chosen::None,
            ..ModelOptions::default()
        };
        let result = model::pool(table.clone(), options).unwrap();
        subgroups(&result, "group", &options, false).unwrap().0
    };
    let p = |s: &Subgroups| s.random.as_ref().map(|t| t.p_value);
    let plain = by(Interval::HartungKnapp);
    let by_se = by_standard_errors(&plain);
    [
        p(&by(Interval::HartungKnappAdHoc)),
        p(&plain),
        p(&by(Interval::Wald)),
        by_se.map(|s| s.0),
        by_se.map(|s| s.1),
    ]
}

pub fn run(sets: u32) {
    let scenarios = Scenario::all();
    let sizes = over(&scenarios, 31_000, |s, random| {
        let mut rejected = [0u32; TESTS.len()];
        for _ in 0..sets {
            let table = s.draw(random);
            for (count, p) in rejected.iter_mut().zip(p_values(&table)) {
                *count += u32::from(p.is_some_and(|p| p < 0.05));
            }
        }
        rejected.map(|r| f64::from(r) / f64::from(sets))
    });
    println!("{} scenarios, {sets} data sets each\n", scenarios.len());
    println!("| test | mean size | smallest | largest | where |\n| :-- | --: | --: | --: | :-- |");
    for (t, name) in TESTS.iter().enumerate() {
        let mean = sizes.iter().map(|s| s[t]).sum::<f64>() / sizes.len() as f64;
        let least = sizes.iter().map(|s| s[t]).fold(1.0, f64::min);
        let (most, at) =
            sizes.iter().map(|s| s[t]).zip(&scenarios).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let groups: Vec<String> = at.sizes.iter().map(usize::to_string).collect();
        let place = format!("groups of {}, τ = {}, {}", groups.join(", "), at.tau, at.spread.name());
        println!("| {name} | {mean:.3} | {least:.3} | {most:.3} | {place} |");
    }
    println!("\nSize by the degrees of freedom within groups: mean (smallest to largest)\n");
    println!("| k − G | scenarios | F, max(1, s²) | F, s² | χ², ordinary | χ², Hartung-Knapp | Welch |");
    println!("| :-- | --: | --: | --: | --: | --: | --: |");
    for (low, high) in [(0, 4), (5, 9), (10, 19), (20, 99)] {
        let own: Vec<&[f64; TESTS.len()]> = scenarios
            .iter()
            .zip(&sizes)
            .filter(|(s, _)| (low..=high).contains(&s.df()))
            .map(|s| s.1)
            .collect();
        let cell = |t: usize| {
            let mean = own.iter().map(|s| s[t]).sum::<f64>() / own.len() as f64;
            let least = own.iter().map(|s| s[t]).fold(1.0, f64::min);
            let most = own.iter().map(|s| s[t]).fold(0.0, f64::max);
            format!("{mean:.3} ({least:.3} to {most:.3})")
        };
        let cells: Vec<String> = (0..TESTS.len()).map(cell).collect();
        let name = if high == 99 { format!("{low} and more") } else { format!("{low} to {high}") };
        println!("| {name} | {} | {} |", own.len(), cells.join(" | "));
    }
}
