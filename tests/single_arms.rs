//! Small single-arm trials: the traps of the field, each with the answer that metapool gives.

mod support;

use metapool::effect::{EffectTable, Measure};
use metapool::model::likelihood::{BetaBinomial, Counts, Family, NormalMixture};
use metapool::model::likelihood::{Likelihood, fit, location_limits};
use metapool::model::{self, Model, ModelOptions, agreement};
use metapool::prelude::*;
use metapool::result::PoolResult;
use support::{close, json, number};

fn table(arms: &[(f64, f64)]) -> EffectTable {
    let rows: String = arms.iter().enumerate().map(|(i, (x, n))| format!("S{i},{x},{n}\n")).collect();
    let data = Dataset::from_csv("test", &format!("study,events,n\n{rows}")).unwrap();
    let shape = metapool::dataset::Shape::Events;
    let fields =
        metapool::dataset::Fields::resolve(&data, shape, &metapool::dataset::RoleMap::default()).unwrap();
    let rows = shape
        .rows(
            &fields,
            data.labels(data.label_source(None).unwrap()),
            &metapool::dataset::ShapeOptions::default(),
        )
        .unwrap();
    EffectTable::compute(&rows, EffectOptions::new(Measure::LogitProportion)).unwrap()
}

fn pool(arms: &[(f64, f64)], model: Model) -> PoolResult {
    model::pool(table(arms), ModelOptions { model: Some(model.into()), ..ModelOptions::default() }).unwrap()
}

/// (estimate, lower, upper) for reading.
fn natural(r: &PoolResult) -> (f64, f64, f64) {
    let n = r.main().unwrap().natural;
    (n.estimate.unwrap(), n.lower.unwrap(), n.upper.unwrap())
}

/// The integral of the binomial-normal likelihood by brute force: 20 000 points over 24 standard deviations.
fn brute(c: &Counts, mu: f64, tau: f64) -> f64 {
    let n = 20_000;
    let step = 24.0 / f64::from(n);
    let total: f64 = (0..=n)
        .map(|i| {
            let z = -12.0 + step * f64::from(i);
            let eta: f64 = mu + tau * z;
            let log = c.x * eta - c.size * ((-eta.abs()).exp().ln_1p() + eta.max(0.0));
            (log - 0.5 * z * z).exp()
        })
        .sum();
    (total * step / (2.0 * std::f64::consts::PI).sqrt()).ln()
}

#[test]
fn quadrature_meets_brute_force() {
    for (x, size) in [(0.0, 10.0), (3.0, 8.0), (12.0, 12.0), (40.0, 200.0)] {
        let c = Counts { x, size };
        let model = NormalMixture::new(Family::Binomial, &[c]);
        let constant = model.at(0.3, 0.0).log - (x * 0.3 - size * (1.0 + 0.3f64.exp()).ln());
        for (mu, tau) in [(-2.0, 0.3), (0.0, 1.0), (1.0, 2.5), (-4.0, 4.0), (-1.0, 8.0)] {
            let got = model.at(mu, tau).log - constant;
            assert!(
                (got - brute(&c, mu, tau)).abs() < 1e-5,
                "{x}/{size} at {mu}, {tau}: {got}, {}",
                brute(&c, mu, tau)
            );
        }
    }
}

#[test]
fn derivatives_are_those_of_the_likelihood() {
    let counts = [(2.0, 10.0), (0.0, 7.0), (5.0, 6.0)].map(|(x, size)| Counts { x, size }).to_vec();
    let models: [&dyn Fn(f64, f64) -> metapool::model::likelihood::Value; 3] = [
        &|m, s| NormalMixture::new(Family::Binomial, &counts).at(m, s),
        &|m, s| NormalMixture::new(Family::Poisson, &counts).at(m, s),
        &|m, s| BetaBinomial::new(counts.clone()).at(m, s),
    ];
    let h = 1e-5;
    for f in models {
        for (m, s) in [(-0.7, 0.6), (0.4, 1.3), (-1.5, 0.2)] {
            let v = f(m, s);
            let numeric = [
                ((f(m + h, s).log - f(m - h, s).log) / (2.0 * h), v.m),
                ((f(m, s + h).log - f(m, s - h).log) / (2.0 * h), v.s),
                ((f(m + h, s).m - f(m - h, s).m) / (2.0 * h), v.mm),
                ((f(m, s + h).m - f(m, s - h).m) / (2.0 * h), v.ms),
                ((f(m, s + h).s - f(m, s - h).s) / (2.0 * h), v.ss),
            ];
            for (i, (n, a)) in numeric.iter().enumerate() {
                assert!((n - a).abs() < 1e-4 * (1.0 + a.abs()), "derivative {i} at {m}, {s}: {n} and {a}");
            }
        }
    }
}

#[test]
fn no_event_in_four_studies_is_said_with_the_exact_bound() {
    let arms = [(0.0, 8.0), (0.0, 12.0), (0.0, 15.0), (0.0, 6.0)];
    for model in [Model::Glmm, Model::BetaBinomial, Model::Exact] {
        let r = pool(&arms, model);
        let (estimate, lower, upper) = natural(&r);
        assert_eq!((estimate, lower), (0.0, 0.0), "{model:?}");
        assert!(upper > 0.02 && upper < 0.4, "{model:?}: {upper}");
        let note = r.notes.iter().find(|n| n.code() == "no-events").unwrap().message();
        // 1 − 0.05^(1/41)
        assert!(note.contains("41 patients over 4 studies") && note.contains("7.0%"), "{note}");
    }
    let (_, _, exact) = natural(&pool(&arms, Model::Exact));
    close("Clopper-Pearson of 0 of 41", exact, 1.0 - 0.025f64.powf(1.0 / 41.0), 1e-10);
}

#[test]
fn nothing_but_events_is_the_mirror_image() {
    let none = natural(&pool(&[(0.0, 15.0), (0.0, 8.0), (0.0, 12.0)], Model::Glmm));
    let all = natural(&pool(&[(15.0, 15.0), (8.0, 8.0), (12.0, 12.0)], Model::Glmm));
    assert_eq!((all.0, all.2), (1.0, 1.0));
    close("mirrored limit", 1.0 - all.1, none.2, 1e-7);
}

#[test]
fn two_studies_without_events_have_a_limit_that_depends_on_tau() {
    let r = pool(&[(0.0, 10.0), (0.0, 12.0)], Model::Glmm);
    let (estimate, _, upper) = natural(&r);
    assert_eq!(estimate, 0.0);
    // with tau up to 10, the limit of this model
    assert!((upper - 0.52).abs() < 0.01, "{upper}");
}

#[test]
fn one_study_has_its_own_exact_interval() {
    for (x, n, lower, upper) in [(0.0, 20.0, 0.0, 0.168_433_47), (4.0, 5.0, 0.283_582_06, 0.994_949_2)] {
        let (estimate, l, u) = natural(&pool(&[(x, n)], Model::Glmm));
        assert!(
            (estimate - x / n).abs() < 1e-9 && (l - lower).abs() < 1e-7 && (u - upper).abs() < 1e-7,
            "{l} to {u}"
        );
    }
}

#[test]
fn freeman_tukey_needs_an_n_that_does_not_exist() {
    let arms = [(17.0, 50.0), (0.0, 5.0), (3.0, 100_000.0)];
    let panel = agreement::panel(&pool(&arms, Model::Glmm));
    let by = |word: &str| panel.iter().find(|a| a.method.contains(word)).unwrap();
    let tukey = by("Freeman");
    assert!((tukey.estimate.unwrap() - 0.051).abs() < 1e-3, "{tukey:?}");
    assert!(tukey.remark.contains("no study's"));
    let glmm = by("GLMM").estimate.unwrap();
    assert!((glmm - 0.0015).abs() < 1e-3, "{glmm}");
}

#[test]
fn nothing_among_133_over_nine_studies() {
    let arms = [9.0, 10.0, 11.0, 12.0, 13.0, 16.0, 18.0, 20.0, 24.0].map(|n| (0.0, n));
    assert_eq!(arms.iter().map(|a| a.1).sum::<f64>(), 133.0);
    let (_, _, upper) = natural(&pool(&arms, Model::Exact));
    close("exact limit of 0 of 133", upper, 0.027_354, 2e-4);
    // the rule of three, for comparison only: 3/133
    assert!(3.0 / 133.0 < upper);
}

#[test]
fn harris_dahbour_and_lu() {
    let arms = [(4.0, 6.0), (2.0, 10.0), (4.0, 5.0)];
    let r = pool(&arms, Model::Glmm);
    let (estimate, lower, upper) = natural(&r);
    assert!((estimate - 0.526).abs() < 5e-4, "{estimate}");
    assert!(lower < 0.206 && upper > 0.826, "profile {lower} to {upper} is wider than Wald");
    let wald =
        ModelOptions { ci: Some(metapool::model::interval::Interval::Wald), ..ModelOptions::default() };
    let n = model::pool(table(&arms), wald).unwrap().random.unwrap().natural;
    assert!((n.lower.unwrap() - 0.206).abs() < 5e-4 && (n.upper.unwrap() - 0.826).abs() < 5e-4, "{n:?}");
}

#[test]
fn lu_with_four_or_five_patients() {
    for n in [4.0, 5.0] {
        let (estimate, lower, upper) = natural(&pool(&[(4.0, n), (4.0, 6.0), (2.0, 10.0)], Model::Glmm));
        assert!(0.0 < lower && lower < estimate && estimate < upper && upper <= 1.0);
    }
}

#[test]
fn profile_limits_lie_on_the_profile() {
    let counts: Vec<Counts> = [(3.0, 5.0), (11.0, 15.0), (4.0, 22.0), (2.0, 10.0), (10.0, 24.0)]
        .map(|(x, size)| Counts { x, size })
        .to_vec();
    let model = NormalMixture::new(Family::Binomial, &counts);
    let fitted = fit(&model, false);
    let (lower, upper) = location_limits(&model, &fitted, 95.0);
    let profile =
        |m: f64| (0..=4000).map(|i| model.at(m, 0.001 * f64::from(i)).log).fold(f64::NEG_INFINITY, f64::max);
    for limit in [lower.unwrap(), upper.unwrap()] {
        let drop = 2.0 * (fitted.log - profile(limit));
        assert!((drop - 3.841_458_8).abs() < 1e-4, "{drop}");
    }
    for (m, s) in [
        (fitted.location + 0.01, fitted.spread),
        (fitted.location, fitted.spread + 0.01),
        (fitted.location - 0.01, fitted.spread),
    ] {
        assert!(model.at(m, s).log <= fitted.log);
    }
}

#[test]
fn beta_binomial_is_the_binomial_without_spread_and_counts_in_closed_form() {
    let counts: Vec<Counts> = [(3.0, 5.0), (1.0, 15.0)].map(|(x, size)| Counts { x, size }).to_vec();
    let beta = BetaBinomial::new(counts.clone());
    let binomial = NormalMixture::new(Family::Binomial, &counts);
    assert!((beta.at(-0.4, 0.0).log - binomial.at(-0.4, 0.0).log).abs() < 1e-12);
    // uniform p (a = b = 1, so θ = ½): every count of n is equally likely
    assert!((beta.at(0.0, 0.5).log - (1.0 / 6.0f64).ln() - (1.0 / 16.0f64).ln()).abs() < 1e-12);
}

#[test]
fn the_panel_is_in_json_and_the_notes_say_what_is_estimated() {
    let value = json(&["pool", "@msc_response", "--where", "disease = 'MS'"]);
    let panel = value["agreement"].as_array().unwrap();
    assert_eq!(panel.len(), 8);
    for row in panel {
        let (l, e, u) = (
            row["ci_lower"].as_f64().unwrap(),
            row["estimate"].as_f64().unwrap(),
            row["ci_upper"].as_f64().unwrap(),
        );
        assert!(0.0 <= l && l <= e && e <= u && u <= 1.0, "{row}");
    }
    assert_eq!(value["settings"]["model"], "glmm");
    assert!(value["notes"].as_array().unwrap().iter().any(|n| n["code"] == "median-proportion"));
    assert!(number(&value, "heterogeneity.tau2") > 0.0 && value["heterogeneity"]["i2"].is_null());
    assert!(json(&["pool", "@bcg"])["agreement"].is_null());
}

#[test]
fn rates_have_their_own_likelihood() {
    let value = json(&["pool", "@hart1999", "--measure", "IRLN", "--columns", "events=events2,time=time2"]);
    assert_eq!(value["settings"]["model"], "glmm");
    // metafor 3.8-1: rma.glmm(measure = "IRLN", xi = x2i, ti = t2i, data = dat.hart1999, nAGQ = 25)
    close("log rate", number(&value, "random.estimate"), -2.906_006_593_6, 1e-5);
    close("standard error", number(&value, "random.se"), 0.204_699_377_8, 1e-3);
    close("tau2", number(&value, "heterogeneity.tau2"), 0.194_121_252_2, 1e-3);
}

#[test]
fn requests_that_do_not_fit_the_model_are_refused() {
    for (args, says) in [
        (vec!["pool", "@normand1999", "--model", "glmm"], "is for counts"),
        (vec!["pool", "@msc_response", "--measure", "PAS", "--model", "glmm"], "scale of PLO"),
        (vec!["pool", "@msc_response", "--tau2", "DL"], "maximum likelihood"),
        (vec!["pool", "@msc_response", "--ci", "hksj"], "no `hksj` interval"),
    ] {
        let output = support::run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = support::stderr(&output);
        assert!(said.contains(says) && said.contains("hint:"), "{args:?}: {said}");
    }
}

#[test]
fn one_huge_study_does_not_hide_the_higher_of_two_maxima() {
    // ℓ at (−0.887, 0) is −629.0639; by 20 001 trapezoids it is −628.2160 at (−1.7, 0.65), without the constant
    let arms = [(300.0, 1000.0), (1.0, 10.0), (1.0, 10.0), (0.0, 10.0), (2.0, 12.0)];
    let counts = arms.map(|(x, size)| Counts { x, size }).to_vec();
    let model = NormalMixture::new(Family::Binomial, &counts);
    let fitted = fit(&model, false);
    assert!(fitted.spread > 0.5 && fitted.log >= model.at(-1.7, 0.65).log, "{fitted:?}");
    let (estimate, lower, upper) = natural(&pool(&arms, Model::Glmm));
    assert!(lower < estimate && estimate < upper, "{lower} {estimate} {upper}");
}
