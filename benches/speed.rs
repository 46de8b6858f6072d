//! Speed, with the floor measured in the same run: `cargo bench`.
//!
//! The floor is a bare loop over slices doing just the arithmetic, or the start of an empty process.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints its table and may unwrap")]

use metapool::bias::{self, BiasOptions, BiasTest, SelectionModel};
use metapool::dataset::RoleMap;
use metapool::mass::Input;
use metapool::model::interval::Interval;
use metapool::model::likelihood::{Counts, Family, NormalMixture};
use metapool::model::likelihood::{fit as fit_profile, location_limits, spread_limits};
use metapool::model::prediction::PredictionInterval;
use metapool::model::refit::PooledFit;
use metapool::model::regression::{Orders, Permutation, Regression, Requests};
use metapool::model::tau2::Tau2;
use metapool::model::tau2_interval::Tau2Interval;
use metapool::model::{GlmmModel, Pooling, Sample, inverse_variance, pool};
use metapool::plot::{Picture, Plot, PlotOptions, RenderOptions};
use metapool::prelude::*;
use metapool::sensitivity::{deleted, gosh, influence, stability};
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

/// Permutation tests and selection of models.
fn moderators(floor: f64) {
    let bcg = Request::new("@bcg").load(|o| o).unwrap();
    let options = ModelOptions::default();
    let one = Regression::new(&bcg.table, &bcg.dataset, "latitude", &options).unwrap();
    let fitted = one.fit(&Requests::default()).unwrap();
    row(
        "meta-regression, one moderator, k = 13",
        time(|| {
            black_box(one.fit(&Requests::default()).unwrap());
        }),
        floor,
        0.1,
    );
    let wanted = Permutation { orders: Orders::Some(10_000), seed: 1, limits: false };
    row(
        "10 000 permutations, one moderator, REML, k = 13",
        time(|| {
            one.permute(&mut fitted.clone(), &wanted, &|_| ()).unwrap();
        }),
        1e4 * floor,
        5.0,
    );
    row(
        "10 000 bootstrap draws, one moderator, REML, k = 13",
        time(|| one.bootstrap(&mut fitted.clone(), 10_000, 1, &|_| ())),
        1e4 * floor,
        5.0,
    );
    // forty-eight studies with ten moderators
    let mut random = Random(11);
    let mut text = String::from("study,yi,vi,a,b,c,d,e,f,g,h,i,j\n");
    for k in 0..48 {
        let x: Vec<String> = (0..10).map(|_| format!("{}", random.next())).collect();
        text += &format!("S{k},{},{},{}\n", random.next(), 0.02 + 0.1 * random.next(), x.join(","));
    }
    let path = std::env::temp_dir().join("metapool-bench-select.csv");
    std::fs::write(&path, text).unwrap();
    let data = Request::new(path.to_str().unwrap()).load(|o| o).unwrap();
    let all = Regression::new(&data.table, &data.dataset, "a+b+c+d+e+f+g+h+i+j", &options).unwrap();
    let fitted = all.fit(&Requests::default()).unwrap();
    row(
        "selection among 2^10 models, k = 48",
        time(|| {
            all.select(&mut fitted.clone(), 16).unwrap();
        }),
        floor,
        50.0,
    );
}

/// A bare Gray code over all subsets: estimate and I² under a common effect, summed.
fn bare_gosh(y: &[f64], v: &[f64]) -> f64 {
    let (mut w, mut wd, mut wdd, mut n, mut total) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64);
    let mut inside = 0u64;
    for i in 1u64..1 << y.len() {
        let j = i.trailing_zeros() as usize;
        inside ^= 1 << j;
        let sign = if inside >> j & 1 == 1 { 1.0 } else { -1.0 };
        let (wj, d) = (sign / v[j], y[j] - y[0]);
        w += wj;
        wd += wj * d;
        wdd += wj * d * d;
        n += sign;
        let mean = wd / w;
        let q = wdd - wd * mean;
        total += mean + if q > n - 1.0 { (q - n + 1.0) / q } else { 0.0 };
    }
    total
}

/// Leaving out, influence, subsets and selection models.
fn robustness() {
    let bcg = Request::new("@bcg").load(|o| o).unwrap();
    let options = ModelOptions { ci: Some(Interval::Wald), ..ModelOptions::default() };
    let equal = ModelOptions { tau2: Some(Tau2::EqualEffects), ..options };
    let result = pool(bcg.table.clone(), options).unwrap();
    let fit = PooledFit::new(&result, &options);
    let (y, v) = bcg.table.arrays().unwrap();
    let (y, v) = (y.to_vec(), v.to_vec());
    let floor = time(|| {
        for out in 0..13 {
            let (mut a, mut b) = (y.clone(), v.clone());
            a.remove(out);
            b.remove(out);
            black_box(bare_reml(&a, &b));
        }
    });
    let refits = time(|| {
        black_box(deleted(&fit));
    });
    row("leave-one-out, REML, k = 13", refits, floor, 0.01);
    let without = deleted(&fit);
    let diagnostics = time(|| {
        black_box(influence(&fit, &without));
    });
    row("influence diagnostics, k = 13", refits + diagnostics, floor, 0.05);
    let subsets = |table: &metapool::effect::EffectTable, o: &ModelOptions, n: u64| {
        let result = pool(table.clone(), *o).unwrap();
        let fit = PooledFit::new(&result, o);
        time(|| {
            black_box(gosh(&fit, Some(n), 1, &|_| {}).unwrap());
        })
    };
    let bare = time(|| {
        black_box(bare_gosh(&y, &v));
    });
    row("GOSH, all 8191 subsets, common effect", subsets(&bcg.table, &equal, 10_000), bare, 0.1);
    let (y, v) = made(20, 5);
    let labels: Vec<String> = (0..20).map(|i| i.to_string()).collect();
    let twenty = metapool::effect::EffectTable::from_effects(Measure::Generic, &labels, &y, &v).unwrap();
    let bare = time(|| {
        black_box(bare_gosh(&y, &v));
    });
    row("GOSH, all 2^20 subsets of 20, common effect", subsets(&twenty, &equal, 1 << 20), bare, 1000.0);
    let one = time(|| {
        black_box(bare_reml(&y[..10], &v[..10]));
    });
    row("GOSH, 10 000 subsets of 20, REML", subsets(&twenty, &options, 10_000), 1e4 * one, 5.0);
    row("GOSH, 1 000 000 subsets of 20, REML", subsets(&twenty, &options, 1_000_000), 1e6 * one, 400.0);
    let smoking = Request::new("@hackshaw1998").load(|o| o).unwrap();
    for (name, kind, aim) in [
        ("selection model, step function, k = 37", SelectionModel::StepFunction, 1.0),
        ("selection model, negative exponential, k = 37", SelectionModel::NegativeExponential, 20.0),
        ("selection model, beta, k = 37", SelectionModel::Beta, 20.0),
    ] {
        let asked = BiasOptions { selection: Some(kind), ..BiasOptions::default() };
        let pooled = pool(smoking.table.clone(), options).unwrap();
        let whole = time(|| {
            black_box(bias::test(pooled.clone(), BiasTest::Selection, &options, &asked).unwrap());
        });
        row(name, whole, floor, aim);
    }
    let pooled = pool(smoking.table.clone(), options).unwrap();
    let panel = time(|| {
        black_box(bias::panel(pooled.clone(), &options, &BiasOptions::default()).unwrap());
    });
    row("panel of tests of bias, k = 37", panel, floor, 20.0);
    let choices = time(|| {
        black_box(stability(&result, &options, None, &|_| {}).unwrap());
    });
    row("stability: 868 analyses of @bcg, GLMM included", choices, floor, 500.0);
}

/// Median time of a call, in milliseconds: batches of at least 2 ms, for about half a second.
fn time(mut f: impl FnMut()) -> f64 {
    let start = Instant::now();
    f();
    let once = start.elapsed().max(Duration::from_nanos(20));
    let batch = (2e6 / once.as_nanos() as f64).ceil().clamp(1.0, 1e6) as u32;
    let rounds = (0.5 / (once.as_secs_f64() * f64::from(batch))).ceil().clamp(5.0, 101.0) as usize;
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            (0..batch).for_each(|_| f());
            start.elapsed().as_secs_f64() * 1e3 / f64::from(batch)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Reproducible numbers between 0 and 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64) / (1u64 << 53) as f64
    }
}

fn made(k: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut random = Random(seed);
    let v: Vec<f64> = (0..k).map(|_| 0.02 + 0.3 * random.next()).collect();
    let y = v
        .iter()
        .map(|v| (random.next() + random.next() + random.next() - 1.5) * 2.0 * (v + 0.1f64).sqrt())
        .collect();
    (y, v)
}

/// DerSimonian–Laird as a bare loop.
fn bare_dl(y: &[f64], v: &[f64]) -> (f64, f64) {
    let (mut w, mut wy, mut wyy, mut w2) = (0.0, 0.0, 0.0, 0.0);
    for (y, v) in y.iter().zip(v) {
        let weight = 1.0 / v;
        w += weight;
        wy += weight * y;
        wyy += weight * y * y;
        w2 += weight * weight;
    }
    let q = wyy - wy * wy / w;
    let tau2 = ((q - (y.len() as f64 - 1.0)) / (w - w2 / w)).max(0.0);
    let (mut w, mut wy) = (0.0, 0.0);
    for (y, v) in y.iter().zip(v) {
        let weight = 1.0 / (v + tau2);
        w += weight;
        wy += weight * y;
    }
    (wy / w, tau2)
}

/// REML by eight Fisher steps as a bare loop.
fn bare_reml(y: &[f64], v: &[f64]) -> f64 {
    let mut tau2 = bare_dl(y, v).1;
    for _ in 0..8 {
        let (mut w, mut wy, mut w2, mut w3) = (0.0, 0.0, 0.0, 0.0);
        for (y, v) in y.iter().zip(v) {
            let weight = 1.0 / (v + tau2);
            w += weight;
            wy += weight * y;
            w2 += weight * weight;
            w3 += weight * weight * weight;
        }
        let m = wy / w;
        let r: f64 = y.iter().zip(v).map(|(y, v)| ((y - m) / (v + tau2)).powi(2)).sum();
        let information = w2 - 2.0 * w3 / w + (w2 / w).powi(2);
        tau2 = (tau2 + (r - (w - w2 / w)) / information).max(0.0);
    }
    tau2
}

/// Ten files of a million rows each, joined on their key; the floor reads them, parses and sums on one thread.
fn mass() {
    const FILES: usize = 10;
    const ROWS: usize = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(17);
    let truth: Vec<f64> = (0..ROWS).map(|_| 0.1 * (random.next() - 0.5)).collect();
    for f in 0..FILES {
        let mut text = String::with_capacity(ROWS * 32);
        text.push_str("MARKER\tBETA\tSE\n");
        for (i, mean) in truth.iter().enumerate() {
            let se = 0.03 + 0.07 * random.next();
            writeln!(text, "rs{}\t{:.6}\t{se:.6}", i + 1000, mean + 3.0 * se * (random.next() - 0.5))
                .unwrap();
        }
        std::fs::write(folder.path().join(format!("cohort{f}.tsv")), text).unwrap();
    }
    let floor = {
        let start = Instant::now();
        let (mut w, mut wy, mut wyy) = (vec![0.0; ROWS], vec![0.0; ROWS], vec![0.0; ROWS]);
        for f in 0..FILES {
            let text = std::fs::read_to_string(folder.path().join(format!("cohort{f}.tsv"))).unwrap();
            for (i, line) in text.lines().skip(1).enumerate() {
                let mut cells = line.split('\t').skip(1).map(|c| c.parse::<f64>().unwrap());
                let (y, se) = (cells.next().unwrap(), cells.next().unwrap());
                let weight = 1.0 / (se * se);
                w[i] += weight;
                wy[i] += weight * y;
                wyy[i] += weight * y * y;
            }
        }
        black_box((w, wy, wyy));
        start.elapsed().as_secs_f64() * 1e3
    };
    let input = folder.path().display().to_string();
    let estimates = "k,common_estimate,common_se,common_p_value,q,q_p_value,estimate,se,p_value,tau2,i2,\
                     estimate_DL,se_DL,p_value_DL,tau2_DL,i2_DL";
    for (what, ending, select) in [
        ("estimates, to CSV", "csv", Some(estimates)),
        ("estimates, to Parquet", "parquet", Some(estimates)),
        ("all columns, to CSV", "csv", None),
        ("all columns, to Parquet", "parquet", None),
    ] {
        let output = folder.path().join(format!("pooled.{ending}")).display().to_string();
        let pattern = format!("{input}/cohort*.tsv");
        let mut args =
            vec!["mass", &pattern, "--key", "MARKER", "-c", "estimate=BETA,se=SE", "--tau2", "REML,DL"];
        args.extend(["-q", "-o", &output]);
        args.extend(select.iter().flat_map(|s| ["--select", *s]));
        let start = Instant::now();
        assert!(Command::new(env!("CARGO_BIN_EXE_metapool")).args(args).status().unwrap().success());
        row(
            &format!("mass, 10 x 1 000 000 rows, {what}"),
            start.elapsed().as_secs_f64() * 1e3,
            floor,
            3400.0,
        );
        std::fs::remove_file(&output).unwrap();
    }
}

fn row(what: &str, ours: f64, floor: f64, aim: f64) {
    // without an aim of its own, a row is there to be compared
    let aimed = if aim.is_nan() { format!("{:>10}", "-") } else { format!("{aim:>10.4}") };
    let met = if ours > aim { "  over" } else { "" };
    println!("{what:52} {ours:>12.5} {floor:>12.5} {:>8.1} {aimed}{met}", ours / floor);
}

fn process(args: &[&str]) -> f64 {
    let run = |args: &[&str]| {
        let start = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_metapool")).args(args).output().unwrap().status;
        assert!(status.success());
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = (0..41).map(|_| run(args)).collect();
    times.sort_by(f64::total_cmp);
    times[20]
}

fn main() {
    println!("{:52} {:>12} {:>12} {:>8} {:>10}", "milliseconds", "metapool", "floor", "ratio", "aim");
    let empty = {
        let mut times: Vec<f64> = (0..41)
            .map(|_| {
                let start = Instant::now();
                Command::new("true").output().unwrap();
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[20]
    };
    row("whole process: pool @bcg", process(&["pool", "@bcg", "-q"]), empty, 5.0);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    row(
        "whole process: forest PNG, 300 dpi",
        process(&["plot", "forest", "@bcg", "-q", "-o", &file("a.png")]),
        empty,
        50.0,
    );
    row(
        "whole process: forest SVG",
        process(&["plot", "forest", "@bcg", "-q", "-o", &file("a.svg")]),
        empty,
        10.0,
    );

    let bcg = Request::new("@bcg").measure(Measure::RiskRatio).load(|o| o).unwrap().table;
    let (y, v) = bcg.arrays().unwrap();
    let (y, v) = (y.to_vec(), v.to_vec());
    let sample = Sample::new(&y, &v);
    let floor = time(|| {
        black_box(bare_reml(black_box(&y), black_box(&v)));
    });
    let fit = |s: Sample<'_>, t: Tau2| inverse_variance::fit(s, t, Interval::HartungKnapp, 95.0);
    row(
        "REML fit with HKSJ interval, k = 13",
        time(|| {
            black_box(fit(black_box(sample), Tau2::Reml));
        }),
        floor,
        0.001,
    );
    row(
        "the whole result of pool, k = 13",
        time(|| {
            black_box(InverseVariance::default().pool(bcg.clone()).unwrap());
        }),
        floor,
        0.1,
    );
    let interval = |t: Tau2Interval| {
        time(|| {
            black_box(t.limits(black_box(sample), Tau2::Reml, 0.3132, 95.0));
        })
    };
    row("Q-profile interval of tau2, k = 13", interval(Tau2Interval::QProfile), floor, 0.01);
    row("profile-likelihood interval of tau2, k = 13", interval(Tau2Interval::ProfileLikelihood), floor, 0.1);

    let mut random = Random(3);
    let counts: Vec<Counts> = (0..13)
        .map(|_| {
            let size = 5.0 + (16.0 * random.next()).floor();
            Counts { x: (size * random.next() * 0.8).round(), size }
        })
        .collect();
    let model = NormalMixture::new(Family::Binomial, &counts);
    let glmm = time(|| {
        let fitted = fit_profile(black_box(&model), false);
        black_box((location_limits(&model, &fitted, 95.0), spread_limits(&model, &fitted, 95.0)));
    });
    row("GLMM of 13 proportions with profile intervals", glmm, floor, 0.5);

    let two_groups = |source: &str, columns: &str| {
        let columns = RoleMap::parse(columns).unwrap();
        let request = Request { columns, ..Request::new(source) };
        request.measure(Measure::OddsRatio).load(|o| o).unwrap().table
    };
    let nielweise = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/data/nielweise2007.csv");
    let tables = [
        ("BCG, k = 13", two_groups("@bcg", "")),
        ("nielweise2007, k = 18", two_groups(nielweise, "events1=ai,n1=n1i,events2=ci,n2=n2i")),
    ];
    for (variant, aim) in [
        (GlmmModel::FixedStudies, 5.0),
        (GlmmModel::ConditionalExact, 20.0),
        (GlmmModel::ConditionalApproximate, 20.0),
        (GlmmModel::RandomStudies, 300.0),
    ] {
        for (name, table) in &tables {
            let options = ModelOptions { model: Some(Pooling::glmm(variant)), ..ModelOptions::default() };
            let whole = time(|| {
                black_box(pool(table.clone(), black_box(options)).unwrap());
            });
            row(&format!("GLMM {} with profile intervals, {name}", variant.id()), whole, floor, aim);
        }
    }

    moderators(floor);
    robustness();

    let (y, v) = made(1_000_000, 1);
    let floor = time(|| {
        black_box(bare_reml(black_box(&y), black_box(&v)));
    });
    row(
        "REML fit, k = 1 000 000",
        time(|| {
            black_box(fit(Sample::new(&y, &v), Tau2::Reml));
        }),
        floor,
        15.0,
    );

    let groups = |f: &mut dyn FnMut(&[f64], &[f64])| {
        y.chunks_exact(10).zip(v.chunks_exact(10)).for_each(|(y, v)| f(y, v))
    };
    let floor = time(|| {
        groups(&mut |y, v| {
            black_box(bare_dl(y, v));
        })
    });
    let ours = |t: Tau2| {
        time(|| {
            groups(&mut |y, v| {
                black_box(fit(Sample::new(y, v), t));
            })
        })
    };
    row("100 000 fits of 10 studies, DL, one at a time", ours(Tau2::DerSimonianLaird), floor, f64::NAN);
    let samples: Vec<Sample<'_>> =
        y.chunks_exact(10).zip(v.chunks_exact(10)).map(|(y, v)| Sample::new(y, v)).collect();
    let together = |t: Tau2| {
        time(|| {
            black_box(t.estimate_all(black_box(&samples)));
        })
    };
    let inputs: Vec<Input<'_>> = samples.iter().map(|s| Input { sample: *s, sizes: &[], notes: 0 }).collect();
    let whole = |t: Tau2| {
        let method = metapool::mass::Method {
            tau2: vec![t],
            ci: Interval::HartungKnapp,
            prediction: Some(PredictionInterval::HartungKnapp),
            level: 95.0,
            null: 0.0,
            by_size: false,
        };
        time(|| inputs.chunks(512).for_each(|some| drop(black_box(metapool::mass::groups(some, &method)))))
    };
    row("100 000 fits of 10 studies, DL, side by side", together(Tau2::DerSimonianLaird), floor, 5.0);
    row("the same with all that mass gives", whole(Tau2::DerSimonianLaird), floor, f64::NAN);
    let floor = time(|| {
        groups(&mut |y, v| {
            black_box(bare_reml(y, v));
        })
    });
    row("100 000 fits of 10 studies, REML, one at a time", ours(Tau2::Reml), floor, f64::NAN);
    row("100 000 fits of 10 studies, REML, side by side", together(Tau2::Reml), floor, 30.0);
    row("the same with all that mass gives", whole(Tau2::Reml), floor, f64::NAN);

    for k in [13, 100, 1000] {
        let labels: Vec<String> = (0..k).map(|i| format!("Study {i}")).collect();
        let (y, v) = made(k, 2);
        let table = EffectTable::from_effects(Measure::RiskRatio, &labels, &y, &v).unwrap();
        let result = InverseVariance::default().pool(table).unwrap();
        let options = PlotOptions { rows_per_page: 10_000, ..PlotOptions::default() };
        let layout = time(|| {
            black_box(Plot::Forest.draw(&result, &options).unwrap());
        });
        let drawing = Plot::Forest.draw(&result, &options).unwrap();
        let render = |p: Picture| {
            time(|| {
                black_box((p.spec().render)(&drawing.pages, &RenderOptions { dpi: 300.0 }).unwrap());
            })
        };
        row(&format!("forest layout, k = {k}"), layout, layout, 20.0);
        row(
            &format!("forest PNG, k = {k}"),
            layout + render(Picture::Png),
            layout,
            if k == 1000 { 200.0 } else { 50.0 },
        );
        row(&format!("forest SVG, k = {k}"), layout + render(Picture::Svg), layout, 10.0);
        row(&format!("forest PDF, k = {k}"), layout + render(Picture::Pdf), layout, 50.0);
    }
    mass();
}
