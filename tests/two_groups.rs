//! Two groups of counts: likelihoods against brute force, exact inference against enumeration, symmetries, limits.

mod support;

use metapool::effect::{Continuity, CorrectWhere};
use metapool::math::special::ln_gamma;
use metapool::model::likelihood::{
    BetaBinomialPair, Counts, Family, FixedIntercepts, Hypergeometric, Likelihood, Mixture, Pair,
    RandomIntercepts, Table, conditional_binomial, fit, location_limits,
};
use metapool::model::{GlmmModel, MixedModel, Model, ModelOptions, Pooling, pool};
use metapool::prelude::*;
use serde_json::Value;
use support::{close, json, number, reference, run, stderr};

const NIELWEISE: &str = "events1=ai,n1=n1i,events2=ci,n2=n2i";

fn nielweise(more: &[&str]) -> Value {
    let file = reference("data/nielweise2007.csv");
    json(&[&["pool", file.to_str().unwrap(), "--columns", NIELWEISE, "--no-agreement"], more].concat())
}

/// Tables as (events, patients) of both groups.
fn table(rows: &[[f64; 4]], measure: Measure) -> EffectTable {
    let row = |(i, r): (usize, &[f64; 4])| metapool::dataset::StudyRow {
        study: format!("S{i}"),
        line: i + 2,
        data: Ok(metapool::dataset::StudyData::TwoByTwo(metapool::dataset::TwoByTwo {
            a: r[0],
            b: r[1] - r[0],
            c: r[2],
            d: r[3] - r[2],
        })),
        n: Some(r[1] + r[3]),
        bounds: None,
    };
    let rows: Vec<_> = rows.iter().enumerate().map(row).collect();
    EffectTable::compute(&rows, EffectOptions::new(measure)).unwrap()
}

fn options(model: Model) -> ModelOptions {
    ModelOptions { model: Some(model.into()), ..ModelOptions::default() }
}

const SPARSE: [[f64; 4]; 6] = [
    [0.0, 20.0, 3.0, 22.0],
    [2.0, 35.0, 5.0, 30.0],
    [1.0, 12.0, 0.0, 15.0],
    [4.0, 60.0, 9.0, 55.0],
    [3.0, 18.0, 3.0, 40.0],
    [7.0, 25.0, 6.0, 26.0],
];

fn pairs(rows: &[[f64; 4]]) -> Vec<Pair> {
    let counts = |x, size| Counts { x, size };
    rows.iter().map(|r| Pair::new(Family::Binomial, counts(r[0], r[1]), counts(r[2], r[3]))).collect()
}

fn tables(rows: &[[f64; 4]]) -> Mixture<Hypergeometric> {
    let table = |r: &[f64; 4]| Hypergeometric::new(Table { a: r[0], n1: r[1], c: r[2], n2: r[3] });
    Mixture::of(rows.iter().filter_map(table).collect())
}

fn choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

fn log_binomial(x: f64, n: f64, eta: f64) -> f64 {
    choose(n, x) + x * eta - n * (1.0 + eta.exp()).ln()
}

/// ∫ f(z) φ(z) dz by the trapezium rule, which is exact to rounding for such bells.
fn over_normal(f: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 0.02;
    (-600..=600)
        .map(|i| f64::from(i) * STEP)
        .map(|z| f(z) * (-0.5 * z * z).exp() * STEP / (2.0 * std::f64::consts::PI).sqrt())
        .sum()
}

#[test]
fn the_conditional_likelihood_is_its_integral() {
    let model = tables(&SPARSE);
    for (location, spread) in [(-0.4, 0.3), (0.2, 1.1), (-1.0, 2.5)] {
        let brute: f64 = SPARSE
            .iter()
            .map(|&[a, n1, c, n2]| {
                let m = a + c;
                let term = |j: f64| choose(n1, j) + choose(n2, m - j);
                let given = |eta: f64| {
                    let all: f64 = (0..=(m.min(n1)) as i32)
                        .map(f64::from)
                        .filter(|j| m - j <= n2)
                        .map(|j| (term(j) - term(a) + (j - a) * eta).exp())
                        .sum();
                    1.0 / all
                };
                over_normal(|z| given(location + spread * z)).ln()
            })
            .sum();
        close("CM.EL", model.at(location, spread).log, brute, 1e-9);
    }
}

#[test]
fn the_likelihood_with_random_intercepts_is_its_integral() {
    let model = RandomIntercepts::new(pairs(&SPARSE));
    for (location, spread) in [(-0.4, 0.3), (0.2, 1.1)] {
        let value = model.at(location, spread).log;
        let (mean, sd) = model.intercepts(location, spread);
        let brute: f64 = SPARSE
            .iter()
            .map(|&[a, n1, c, n2]| {
                over_normal(|z1| {
                    let gamma = mean + sd * z1;
                    over_normal(|z2| {
                        let half = 0.5 * (location + spread * z2);
                        (log_binomial(a, n1, gamma + half) + log_binomial(c, n2, gamma - half)).exp()
                    })
                })
                .ln()
            })
            .sum();
        close("UM.RS", value, brute, 1e-9);
    }
}

/// A model with the names for messages.
type Named<'a> = (&'a str, &'a dyn Likelihood);

#[test]
fn derivatives_agree_with_differences() {
    let fixed = FixedIntercepts::new(pairs(&SPARSE));
    let random = RandomIntercepts::new(pairs(&SPARSE));
    let beta = BetaBinomialPair::new(pairs(&SPARSE));
    let exact = tables(&SPARSE);
    let approximate = conditional_binomial(&pairs(&SPARSE));
    let models: [Named<'_>; 5] = [
        ("UM.FS", &fixed),
        ("UM.RS", &random),
        ("beta-binomial", &beta),
        ("CM.EL", &exact),
        ("CM.AL", &approximate),
    ];
    for (name, model) in models {
        let (m, s, h) = (-0.3, 0.6, 1e-3);
        let v = model.at(m, s);
        let at = |dm: f64, ds: f64| model.at(m + dm, s + ds);
        let difference = |f: &dyn Fn(f64) -> f64| (f(h) - f(-h)) / (2.0 * h);
        let pairs = [
            ("m", v.m, difference(&|d| at(d, 0.0).log)),
            ("s", v.s, difference(&|d| at(0.0, d).log)),
            ("mm", v.mm, difference(&|d| at(d, 0.0).m)),
            ("ms", v.ms, difference(&|d| at(0.0, d).m)),
            ("ss", v.ss, difference(&|d| at(0.0, d).s)),
        ];
        for (which, got, want) in pairs {
            assert!((got - want).abs() < 2e-5 * (1.0 + want.abs()), "{name} {which}: {got} {want}");
        }
    }
}

/// P(T ≤ t | ψ) of the sum over studies, by every combination of tables.
fn enumerated(rows: &[[f64; 4]], eta: f64, t: f64) -> (f64, f64) {
    let mut sums = vec![(0.0, 1.0)];
    for &[a, n1, c, n2] in rows {
        let m = a + c;
        let terms: Vec<(f64, f64)> = (0..=m.min(n1) as i32)
            .map(f64::from)
            .filter(|j| m - j <= n2)
            .map(|j| (j, (choose(n1, j) + choose(n2, m - j) + j * eta).exp()))
            .collect();
        sums = sums.iter().flat_map(|(s, p)| terms.iter().map(move |(j, q)| (s + j, p * q))).collect();
    }
    let total: f64 = sums.iter().map(|s| s.1).sum();
    let share = |keep: &dyn Fn(f64) -> bool| -> f64 {
        sums.iter().filter(|s| keep(s.0)).map(|s| s.1).sum::<f64>() / total
    };
    (share(&|x| x <= t), share(&|x| x >= t))
}

#[test]
fn exact_limits_solve_their_equations_by_enumeration() {
    let rows = &SPARSE[..4];
    let events: f64 = rows.iter().map(|r| r[0]).sum();
    let result = pool(table(rows, Measure::OddsRatio), options(Model::Exact)).unwrap();
    let common = result.common.unwrap();
    close("lower", enumerated(rows, common.lower.unwrap(), events).1, 0.025, 1e-9);
    close("upper", enumerated(rows, common.upper.unwrap(), events).0, 0.025, 1e-9);
    // the estimate makes the events expected
    let slope = tables(rows).at(common.estimate, 0.0).m;
    assert!(slope.abs() < 1e-9, "{slope}");
    let (at_most, at_least) = enumerated(rows, 0.0, events);
    close("p", common.p_value.unwrap(), 2.0 * at_most.min(at_least), 1e-9);
    let mid = ModelOptions { ci: Some(metapool::model::interval::Interval::MidP), ..options(Model::Exact) };
    let mid = pool(table(rows, Measure::OddsRatio), mid).unwrap().common.unwrap();
    let (below, above) = enumerated(rows, mid.upper.unwrap(), events);
    close("mid-p", below - 0.5 * (below + above - 1.0), 0.025, 1e-9);
    assert!(mid.upper < common.upper && mid.lower > common.lower);
}

/// R 4.2.2: `mantelhaen.test(x, exact = TRUE)$conf.int`, whose root search ends at 1e-4.
#[test]
fn exact_limits_agree_with_r() {
    let result = nielweise(&["--model", "exact"]);
    close("lower", number(&result, "common.natural.ci_lower"), 0.182169202412, 2e-4);
    close("upper", number(&result, "common.natural.ci_upper"), 0.461477740834, 2e-4);
}

/// metafor 3.8: `rma.mh(measure = "OR")`, `$MH`, `$BD`, `$TA`, and `rma.glmm` `$QE.LRT`, `$QE.Wld`.
#[test]
fn tests_agree_with_metafor() {
    let result = nielweise(&["--measure", "OR", "--model", "mantel-haenszel"]);
    close("CMH", number(&result, "tests.cmh.statistic"), 32.2135612609801, 1e-12);
    close("BD", number(&result, "tests.breslow_day.statistic"), 25.6873688816695, 1e-12);
    close("Tarone", number(&result, "tests.tarone.statistic"), 25.6794889345090, 1e-12);
    let bcg = json(&["pool", "@bcg", "--measure", "OR", "--model", "glmm", "--no-agreement"]);
    close("LRT", number(&bcg, "heterogeneity.q"), 176.9544481884, 1e-10);
    close("Wald", number(&bcg, "tests.wald_heterogeneity.statistic"), 163.1649151851, 1e-10);
}

/// The paper's own pooled result: odds ratio 1.43 (1.03 to 1.98), p = 0.03. Reference: [nissen2007].
#[test]
fn rosiglitazone_and_myocardial_infarction() {
    let file = reference("data/nissen2007.csv");
    let at = |more: &[&str]| json(&[&["pool", file.to_str().unwrap(), "--no-agreement"], more].concat());
    let peto = at(&["--model", "peto"]);
    let read = |r: &Value, key: &str| format!("{:.2}", number(r, &format!("common.natural.{key}")));
    assert_eq!(
        [read(&peto, "estimate"), read(&peto, "ci_lower"), read(&peto, "ci_upper")],
        ["1.43", "1.03", "1.98"]
    );
    assert_eq!(number(&peto, "k"), 38.0);
    for variant in ["UM.FS", "UM.RS", "CM.EL", "CM.AL"] {
        let r = at(&["--model", "glmm", "--glmm-model", variant]);
        let estimate = number(&r, "random.natural.estimate");
        assert!((1.2..1.6).contains(&estimate), "{variant}: {estimate}");
        assert!(number(&r, "random.natural.ci_lower") < estimate, "{variant}");
    }
    // double zeros are no matter of a correction where counts are pooled by their likelihood
    let beta = at(&["--model", "beta-binomial"]);
    assert!(beta["notes"].as_array().unwrap().iter().all(|n| n["code"] != "double-zeros"));
    let left_out = at(&["--measure", "OR"]);
    let status =
        left_out["studies"].as_array().unwrap().iter().filter(|s| s["status"] == "not-estimable").count();
    assert_eq!(status, 4, "trials without infarctions say nothing about a ratio");
    let inverse = at(&["--measure", "OR", "--double-zero", "keep"]);
    let codes: Vec<&str> =
        inverse["notes"].as_array().unwrap().iter().map(|n| n["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"double-zeros") && codes.contains(&"continuity-correction"), "{codes:?}");
}

/// Every model of a ratio with its measure.
fn ratio_models() -> Vec<(Measure, ModelOptions)> {
    let odds = Measure::OddsRatio;
    let mut all = vec![
        (odds, options(Model::MantelHaenszel)),
        (Measure::RiskRatio, options(Model::MantelHaenszel)),
        (Measure::Peto, options(Model::Peto)),
        (odds, options(Model::Exact)),
        (odds, options(Model::BetaBinomial)),
    ];
    for glmm in GlmmModel::ALL {
        all.push((odds, ModelOptions { model: Some(Pooling::glmm(*glmm)), ..options(Model::Glmm) }));
    }
    all
}

#[test]
fn swapping_groups_flips_the_sign() {
    let swapped = SPARSE.map(|[a, n1, c, n2]| [c, n2, a, n1]);
    for (measure, options) in ratio_models() {
        let one = pool(table(&SPARSE, measure), options).unwrap();
        let other = pool(table(&swapped, measure), options).unwrap();
        let (one, other) = (one.main().unwrap(), other.main().unwrap());
        let name = format!("{measure:?} {:?}", options.model);
        assert!((one.estimate + other.estimate).abs() < 1e-6, "{name}");
        assert!((one.lower.unwrap() + other.upper.unwrap()).abs() < 1e-5, "{name}");
        assert!((one.upper.unwrap() + other.lower.unwrap()).abs() < 1e-5, "{name}");
    }
}

#[test]
fn swapping_events_and_others_flips_the_odds_ratio() {
    let swapped = SPARSE.map(|[a, n1, c, n2]| [n1 - a, n1, n2 - c, n2]);
    for (measure, options) in ratio_models() {
        // a ratio of risks is another one, and the approximate likelihood is one for rare events
        if measure == Measure::RiskRatio
            || options.model == Some(Pooling::glmm(GlmmModel::ConditionalApproximate))
        {
            continue;
        }
        let one = pool(table(&SPARSE, measure), options).unwrap();
        let other = pool(table(&swapped, measure), options).unwrap();
        let (one, other) = (one.main().unwrap(), other.main().unwrap());
        let name = format!("{measure:?} {:?}", options.model);
        assert!((one.estimate + other.estimate).abs() < 1e-6, "{name}");
    }
}

#[test]
fn double_zeros_change_nothing_where_they_say_nothing() {
    let more = [&SPARSE[..], &[[0.0, 40.0, 0.0, 45.0]]].concat();
    for (measure, options) in ratio_models() {
        let one = pool(table(&SPARSE, measure), options).unwrap();
        let other = pool(table(&more, measure), options).unwrap();
        let name = format!("{measure:?} {:?}", options.model);
        if options.model == Some(Pooling::BetaBinomial) {
            assert_eq!(other.k, 7, "{name}");
            assert!(one.main() != other.main(), "{name}");
            continue;
        }
        assert_eq!((one.k, other.k), (6, 6), "{name}");
        assert!((one.main().unwrap().estimate - other.main().unwrap().estimate).abs() < 1e-9, "{name}");
        assert_eq!(other.inclusion[6].reason.as_deref().map(|r| r.starts_with("no events")), Some(true));
    }
    let told = MixedModel { variant: Some(GlmmModel::RandomStudies), keep_double_zero: true };
    let keep = ModelOptions { model: Some(Pooling::Glmm(told)), ..ModelOptions::default() };
    let kept = pool(table(&more, Measure::OddsRatio), keep).unwrap();
    let left = pool(
        table(&more, Measure::OddsRatio),
        ModelOptions { model: Some(Pooling::glmm(GlmmModel::RandomStudies)), ..keep },
    )
    .unwrap();
    assert_eq!((kept.k, left.k), (7, 6));
    assert!(left.notes.iter().any(|n| n.code() == "double-zeros-usable"));
    // a difference is pooled over them
    let rd = |rows: &[[f64; 4]]| {
        pool(table(rows, Measure::RiskDifference), options(Model::MantelHaenszel)).unwrap()
    };
    assert!(rd(&more).common.unwrap().estimate.abs() < rd(&SPARSE).common.unwrap().estimate.abs());
}

#[test]
fn no_events_in_one_group_gives_a_limit_on_one_side() {
    let rows = [[0.0, 20.0, 3.0, 20.0], [0.0, 30.0, 2.0, 28.0], [0.0, 15.0, 4.0, 16.0]];
    for (measure, options) in ratio_models() {
        let result = pool(table(&rows, measure), options);
        let name = format!("{measure:?} {:?}", options.model);
        match options.model.map(Pooling::model) {
            Some(Model::MantelHaenszel) => {
                let e = result.unwrap_err();
                assert!(e.hint().unwrap().contains("model = exact"), "{e}");
            }
            Some(Model::Peto) => assert!(result.unwrap().common.unwrap().lower.is_some()),
            _ => {
                let result = result.unwrap();
                let main = result.main().unwrap();
                assert_eq!(main.estimate, f64::NEG_INFINITY, "{name}");
                assert_eq!(main.natural.estimate, Some(0.0), "{name}");
                assert_eq!(main.lower, None, "{name}");
                let upper = main.natural.upper.unwrap();
                assert!((0.15..0.6).contains(&upper), "{name}: {upper}");
                assert!(result.notes.iter().any(|n| n.code() == "infinite-ratio"), "{name}");
            }
        }
    }
    // the profile limit is where the likelihood has fallen by 1.92 from its supremum
    let model = FixedIntercepts::new(pairs(&rows));
    let fitted = fit(&model, false);
    let upper = location_limits(&model, &fitted, 95.0).1.unwrap();
    let best = (0..400).map(|i| model.at(upper, f64::from(i) * 0.01).log).fold(f64::NEG_INFINITY, f64::max);
    assert!((fitted.log - best - 1.920729).abs() < 1e-4, "{} {best}", fitted.log);
}

#[test]
fn no_events_at_all_is_refused_with_the_reason() {
    let rows = [[0.0, 20.0, 0.0, 20.0], [0.0, 30.0, 0.0, 28.0]];
    for (measure, options) in ratio_models() {
        let e = pool(table(&rows, measure), options).unwrap_err();
        assert!(
            e.to_string().contains("no events in both groups") || e.to_string().contains("either group"),
            "{e}"
        );
    }
    let e = pool(table(&rows, Measure::RiskDifference), options(Model::MantelHaenszel)).unwrap_err();
    assert!(e.hint().is_some(), "{e}");
}

#[test]
fn one_study_and_two() {
    for (measure, options) in ratio_models() {
        let name = format!("{measure:?} {:?}", options.model);
        let one = pool(table(&SPARSE[1..2], measure), options).unwrap();
        assert_eq!(one.k, 1, "{name}");
        assert_eq!(one.heterogeneity, None, "{name}");
        assert!(one.notes.iter().any(|n| n.code() == "one-study"), "{name}");
        let main = one.main().unwrap();
        assert!(main.lower.unwrap() < main.estimate && main.estimate < main.upper.unwrap(), "{name}");
        let two = pool(table(&SPARSE[1..3], measure), options).unwrap();
        assert_eq!(two.k, 2, "{name}");
        assert!(two.main().unwrap().prediction.is_none(), "{name}");
    }
}

#[test]
fn tables_of_a_hundred_thousand_and_of_a_thousand_million() {
    let rows =
        [[40_000.0, 1e5, 45_000.0, 1e5], [30_000.0, 1e5, 36_000.0, 99_000.0], [50_000.0, 1e5, 50_500.0, 1e5]];
    let huge = rows.map(|r| r.map(|x| x * 1e4));
    let glmm = |variant| ModelOptions { model: Some(Pooling::glmm(variant)), ..options(Model::Glmm) };
    for rows in [rows, huge] {
        let at = |o| pool(table(&rows, Measure::OddsRatio), o).unwrap();
        let exact = at(glmm(GlmmModel::ConditionalExact));
        let fixed = at(glmm(GlmmModel::FixedStudies));
        // with tables of that size the margins say nothing
        let (e, f) = (exact.main().unwrap(), fixed.main().unwrap());
        assert!((e.estimate - f.estimate).abs() < 1e-4, "{} {}", e.estimate, f.estimate);
        let odds = |r: &[f64; 4]| (r[0] / (r[1] - r[0])).ln() - (r[2] / (r[3] - r[2])).ln();
        let mean = rows.iter().map(odds).sum::<f64>() / 3.0;
        assert!((e.estimate - mean).abs() < 1e-3);
    }
    assert!(pool(table(&rows, Measure::OddsRatio), options(Model::Exact)).is_ok());
    let e = pool(table(&huge, Measure::OddsRatio), options(Model::Exact)).unwrap_err();
    assert!(e.hint().unwrap().contains("CM.EL"), "{e}");
}

/// On one table Mantel and Haenszel's estimate is the study's own.
#[test]
fn one_table_is_pooled_as_itself() {
    let row = [[7.0, 25.0, 6.0, 26.0]];
    for (measure, want) in [
        (Measure::OddsRatio, (7.0f64 * 20.0 / (18.0 * 6.0)).ln()),
        (Measure::RiskRatio, ((7.0f64 / 25.0) / (6.0 / 26.0)).ln()),
        (Measure::RiskDifference, 7.0 / 25.0 - 6.0 / 26.0),
    ] {
        let result = pool(table(&row, measure), options(Model::MantelHaenszel)).unwrap();
        close(measure.id(), result.common.unwrap().estimate, want, 1e-12);
    }
}

#[test]
fn treatment_arm_correction_follows_the_sizes() {
    let options = EffectOptions::new(Measure::OddsRatio)
        .continuity(Continuity { to: CorrectWhere::Tacc, ..Continuity::default() });
    let rows = table(&[[0.0, 30.0, 4.0, 10.0]], Measure::OddsRatio).rows();
    let corrected = EffectTable::compute(&rows, options).unwrap();
    // 30 of 40 patients: 0.75 is added to the cells of the first group, 0.25 to those of the second
    let want = (0.75f64 / 30.75).ln() - (4.25f64 / 6.25).ln();
    close("tacc", corrected.studies[0].y.unwrap(), want, 1e-12);
    // equal groups: the ordinary correction
    let rows = table(&[[0.0, 30.0, 4.0, 30.0]], Measure::OddsRatio).rows();
    let tacc = EffectTable::compute(&rows, options).unwrap();
    let usual = EffectTable::compute(&rows, EffectOptions::new(Measure::OddsRatio)).unwrap();
    assert_eq!(tacc.studies[0].y, usual.studies[0].y);
}

#[test]
fn absolute_effects_at_baseline_risks() {
    let result = json(&["pool", "@bcg", "--baseline-risk", "0.01,0.2"]);
    let rr = number(&result, "random.natural.estimate");
    let upper = number(&result, "random.natural.ci_upper");
    let first = &result["absolute"][1];
    close("risk", number(first, "risk.estimate"), 0.2 * rr, 1e-12);
    close("difference", number(first, "per_thousand.ci_upper"), 200.0 * (upper - 1.0), 1e-12);
    close("NNT", number(first, "number_needed"), 1.0 / (0.2 - 0.2 * rr), 1e-12);
    let odds = json(&["pool", "@bcg", "--measure", "OR", "--baseline-risk", "0.2"]);
    let or = number(&odds, "random.natural.estimate");
    close("odds", number(&odds["absolute"][0], "risk.estimate"), 0.25 * or / (1.0 + 0.25 * or), 1e-12);
    for (args, word) in [
        (vec!["pool", "@bcg", "--baseline-risk", "1.2"], "between 0 and 1"),
        (vec!["pool", "@bcg", "--baseline-risk", "-0.1"], "between 0 and 1"),
        (vec!["pool", "@normand1999", "--baseline-risk", "0.1"], "RR, OR"),
    ] {
        let output = run(&args);
        assert!(!output.status.success());
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn a_baseline_with_no_clear_effect_runs_through_infinity() {
    let file = reference("data/hart1999.csv");
    let text = support::stdout(&run(&[
        "pool",
        file.to_str().unwrap(),
        "--columns",
        "events1=x1i,time1=t1i,events2=x2i,time2=t2i",
        "--baseline-risk",
        "0.05",
        "-q",
    ]));
    assert!(text.contains("Baseline rate") && text.contains("fewer"), "{text}");
    let wide = "study,events1,n1,events2,n2\nA,3,40,4,41\nB,5,50,4,52\nC,2,30,2,31\n";
    let path = std::env::temp_dir().join("metapool-wide.csv");
    std::fs::write(&path, wide).unwrap();
    let text = support::stdout(&run(&["pool", path.to_str().unwrap(), "--baseline-risk", "0.1", "-q"]));
    assert!(text.contains("∞"), "{text}");
}

#[test]
fn options_that_a_model_cannot_use_are_refused() {
    for (args, hint) in [
        (vec!["--model", "mantel-haenszel", "--tau2", "DL"], "leave `--tau2` out"),
        (vec!["--model", "mantel-haenszel", "--ci", "hksj"], "leave `--ci` out"),
        (vec!["--model", "peto", "--measure", "OR"], "--measure PETO"),
        (vec!["--model", "peto", "--add", "0.25"], "--add"),
        (vec!["--model", "glmm", "--measure", "RR"], "--measure OR"),
        (vec!["--model", "glmm", "--ci", "hksj"], "profile"),
        (vec!["--model", "glmm", "--prediction", "hksj"], "--prediction"),
        (vec!["--model", "exact", "--prediction", "t"], "--prediction"),
        (vec!["--model", "exact", "--ci", "profile"], "exact, mid-p"),
        (vec!["--model", "beta-binomial", "--tau2-ci", "PL"], "--tau2-ci"),
        (vec!["--model", "mantel-haenszel", "--glmm-model", "CM.EL"], "--model glmm"),
        (vec!["--model", "glmm", "--keep-double-zero"], "UM.RS"),
        (vec!["--model", "glmm", "--pool-corrected"], "mantel-haenszel"),
        (vec!["--model", "peto", "--pool-corrected"], "mantel-haenszel"),
        (vec!["--ci", "exact"], "--model exact"),
        (vec!["--model", "mantel-haenszel", "--measure", "AS"], "RR, OR or RD"),
    ] {
        let output = run(&[&["pool", "@bcg"], args.as_slice()].concat());
        assert!(!output.status.success(), "{args:?}");
        let text = stderr(&output);
        assert!(text.contains("hint:") && text.contains(hint), "{args:?}: {text}");
    }
}

#[test]
fn the_measure_follows_the_model() {
    for (model, measure) in [("peto", "PETO"), ("glmm", "OR"), ("exact", "OR"), ("mantel-haenszel", "RR")] {
        let result = json(&["pool", "@bcg", "--model", model, "--no-agreement"]);
        assert_eq!(result["settings"]["measure"], measure, "{model}");
    }
    let peto = json(&["pool", "@bcg", "--measure", "PETO"]);
    assert_eq!(peto["settings"]["model"], "peto");
    assert_eq!(peto["random"], Value::Null);
}

#[test]
fn the_panel_is_shown_where_cells_are_empty() {
    let file = reference("data/nielweise2007.csv");
    let args = ["pool", file.to_str().unwrap(), "--columns", NIELWEISE, "--measure", "OR"];
    let sparse = json(&args);
    let rows = sparse["agreement"].as_array().unwrap();
    assert_eq!(rows.len(), 9);
    assert!(rows.iter().all(|r| r["estimate"].as_f64().is_some_and(|e| (0.2..0.5).contains(&e))));
    assert_eq!(json(&["pool", "@bcg"])["agreement"], Value::Null);
    assert_eq!(json(&["pool", "@bcg", "--agreement"])["agreement"].as_array().unwrap().len(), 4);
}

/// Studies that contradict each other as far as studies can: every model ends, in an answer or a reason.
#[test]
fn contradictory_studies_end_in_an_answer() {
    let tables: [&[[f64; 4]]; 4] = [
        &[[30.0, 30.0, 5000.0, 5000.0], [1.0, 5.0, 25.0, 200.0]],
        &[[0.0, 1.0, 5000.0, 5000.0], [0.0, 30.0, 5.0, 5.0], [12.0, 30.0, 0.0, 2.0]],
        &[[0.0, 20.0, 3.0, 20.0], [5.0, 5.0, 0.0, 6.0]],
        &[[4754.0, 5000.0, 10.0, 10.0], [0.0, 2.0, 0.0, 30.0]],
    ];
    for rows in tables {
        for (measure, options) in ratio_models() {
            let name = format!("{rows:?} {measure:?} {:?}", options.model);
            match pool(table(rows, measure), options) {
                Ok(result) => {
                    let main = result.main().unwrap();
                    let (lower, upper) =
                        (main.lower.unwrap_or(f64::NEG_INFINITY), main.upper.unwrap_or(f64::INFINITY));
                    assert!(
                        lower <= main.estimate && main.estimate <= upper,
                        "{name}: {lower} {} {upper}",
                        main.estimate
                    );
                }
                Err(e) => assert!(e.hint().is_some(), "{name}: {e}"),
            }
        }
    }
}
