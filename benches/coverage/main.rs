//! Coverage of intervals and size of tests, by simulation: `cargo bench --bench coverage`.
//!
//! Four parts, each with its table: `single-arms`, `intervals`, `subgroups`, `rare-events`. Words after `--` choose parts
//! and a number is that of data sets per scenario (2000): `cargo bench --bench coverage -- intervals 500`. Fixed seeds:
//! the tables are the same on every machine and with any number of threads.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a simulation prints its tables and may unwrap")]

mod intervals;
mod random;
mod rare_events;
mod single_arms;
mod subgroups;

use metapool::math::parallel::in_portions;

/// Runs every scenario with a seed of its own, on all cores.
fn over<S: Sync, T: Send>(
    scenarios: &[S],
    seed: u64,
    run: impl Fn(&S, &mut random::Random) -> T + Sync,
) -> Vec<T> {
    let one = |i: usize| run(&scenarios[i], &mut random::Random::new(seed + i as u64));
    in_portions(scenarios.len(), one, &|_| ())
}

/// A part: its name, and what prints its tables from the number of data sets per scenario.
type Part = (&'static str, fn(u32));

const PARTS: [Part; 4] = [
    ("single-arms", single_arms::run),
    ("intervals", intervals::run),
    ("subgroups", subgroups::run),
    ("rare-events", rare_events::run),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let sets: u32 = words.iter().filter_map(|a| a.parse().ok()).next().unwrap_or(2000);
    let chosen = |name: &str| words.iter().any(|w| w == name);
    let all = !PARTS.iter().any(|p| chosen(p.0));
    for (name, run) in PARTS {
        if all || chosen(name) {
            println!("## {name}\n");
            run(sets);
            println!();
        }
    }
}
