//! Results are values: each can be stored, read back, and shown without the model that made it.

use metapool::Member;
use metapool::analysis::{Loaded, Request, Supplements};
use metapool::bias::{self, BiasOptions, BiasTest};
use metapool::choice::Door;
use metapool::document::text::{self, Width};
use metapool::document::{Report, View, csv, markdown};
use metapool::effect::Measure;
use metapool::model::bayes::{Credible, MuPrior, TauPrior, fit};
use metapool::model::imputation::Impute;
use metapool::model::regression::{Orders, Permutation, Regression, Requests};
use metapool::model::{ModelOptions, table_notes};
use metapool::result::sensitivity::Analysis;
use metapool::result::{BayesAnalysis, EffectsResult, Likelihood, Outcome};
use metapool::sensitivity::{SensitivityOptions, analyse};
use serde_json::Value;

fn load(source: &str, measure: Option<Measure>) -> Loaded {
    let request = Request::new(source);
    let request = measure.into_iter().fold(request, Request::measure);
    request.load(|options| options).expect("bundled data")
}

fn pool(loaded: &Loaded, beside: Supplements<'_>) -> Outcome {
    Outcome::Pool(loaded.pool(ModelOptions::default(), beside).expect("a pooled result"))
}

/// Stores an outcome and reads it back; what was read is equal and shows the same.
fn keeps(outcome: &Outcome) {
    let stored = serde_json::to_value(outcome).expect("a result is JSON");
    let read: Outcome = serde_json::from_value(stored).expect("JSON is a result");
    assert!(*outcome == read, "{outcome:#?}\n{read:#?}");
    let input = Value::Null;
    assert_eq!(outcome.json(&input), read.json(&input));
    assert_eq!(csv::table(&outcome.tidy()), csv::table(&read.tidy()));
    let (before, after) = (outcome.document(&View::default()), read.document(&View::default()));
    assert_eq!(markdown::render(&before), markdown::render(&after));
    let worded = after.worded(Door::Terminal);
    let shown = text::render(&worded, Width::Free);
    assert!(!shown.is_empty() && !shown.contains('⟦'), "{shown}");
}

#[test]
fn pooled_results_and_effects() {
    let counts = [("@bcg", None), ("@bcg", Some(Measure::OddsRatio)), ("@bcg", Some(Measure::Peto))];
    let others =
        [("@normand1999", None), ("@msc_response", None), ("@hart1999", None), ("@morris2008", None)];
    for (source, measure) in counts.into_iter().chain(others) {
        let loaded = load(source, measure);
        keeps(&pool(&loaded, Supplements::default()));
        let notes = table_notes(&loaded.table);
        keeps(&Outcome::Effects(EffectsResult::new(loaded.table, notes)));
    }
}

#[test]
fn what_stands_beside_a_pooled_result() {
    let bcg = load("@bcg", None);
    keeps(&pool(&bcg, Supplements { subgroup: Some("alloc"), ..Supplements::default() }));
    keeps(&pool(&bcg, Supplements { subgroup: Some("alloc"), common_tau2: true, ..Supplements::default() }));
    keeps(&pool(&bcg, Supplements { baseline_risks: &[0.01, 0.2], ..Supplements::default() }));
    let edss = load("@msc_edss_change", None);
    let impute = Impute::parse("grid", &[], None).expect("a way to impute");
    keeps(&pool(&edss, Supplements { impute: Some(&impute), ..Supplements::default() }));
}

#[test]
fn regressions() {
    let bcg = load("@bcg", None);
    let requests = Requests {
        contrasts: vec!["ablat".into()],
        at: vec!["ablat=10,40".into()],
        compare: Some("ablat".into()),
        ..Requests::default()
    };
    let options = ModelOptions::default();
    let regression =
        Regression::new(&bcg.table, &bcg.dataset, "ablat + alloc", &options).expect("a regression");
    let mut result = regression.fit(&requests).expect("a fit");
    let wanted = Permutation { orders: Orders::parse("50").expect("orders"), seed: 1, limits: false };
    regression.permute(&mut result, &wanted, &|_| {}).expect("permutations");
    regression.bootstrap(&mut result, 20, 1, &|_| {});
    regression.select(&mut result, 2).expect("a selection");
    keeps(&Outcome::Regression(result));
    let scale = Requests { scale: Some("year".into()), ..Requests::default() };
    let located = Regression::new(&bcg.table, &bcg.dataset, "ablat", &options).expect("a regression");
    keeps(&Outcome::Regression(located.fit(&scale).expect("a location-scale fit")));
}

#[test]
fn tests_of_bias() {
    let smoke = load("@hackshaw1998", None);
    let (model, options) = (ModelOptions::default(), BiasOptions::default());
    let pooled = || smoke.pool(model, Supplements::default()).expect("a pooled result");
    keeps(&Outcome::Bias(bias::panel(pooled(), &model, &options).expect("a panel")));
    for &test in BiasTest::ALL {
        if let Ok(result) = bias::test(pooled(), test, &model, &options) {
            keeps(&Outcome::Bias(result));
        }
    }
}

#[test]
fn sensitivity_analyses() {
    let bcg = load("@bcg", None);
    let model = ModelOptions::default();
    let pooled = bcg.pool(model, Supplements::default()).expect("a pooled result");
    let options = SensitivityOptions {
        order: Some("year".into()),
        subsets: Some(500),
        quantiles: true,
        ..SensitivityOptions::default()
    };
    let result = analyse(pooled, Analysis::ALL, &model, &options, &|_| {}).expect("analyses");
    keeps(&Outcome::Sensitivity(result));
}

#[test]
fn posteriors() {
    let bcg = load("@bcg", None);
    let (y, v) = bcg.table.arrays().expect("independent rows");
    let prior = TauPrior::HalfNormal(0.5);
    let posterior =
        fit(&y.to_vec(), &v.to_vec(), prior, MuPrior::Flat, 95.0, Credible::Shortest).expect("a posterior");
    let notes = table_notes(&bcg.table);
    keeps(&Outcome::Bayes(BayesAnalysis::new(bcg.table, posterior, Likelihood::Effects, notes)));
}
