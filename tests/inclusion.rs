//! No model changes the table: which rows it used, and why not, is part of its result.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

use metapool::dataset::{Events, StudyData, StudyRow, TwoByTwo};
use metapool::effect::{Continuity, CorrectWhere, DoubleZero, EffectOptions, EffectTable, Measure, Status};
use metapool::model::{GlmmModel, MixedModel, Model, ModelOptions, Pooling, pool};
use metapool::prelude::Member;
use metapool::result::PoolResult;

fn row(study: &str, data: Result<StudyData, String>) -> StudyRow {
    StudyRow { study: study.into(), line: 2, data, n: None, bounds: None }
}

fn two(study: &str, [a, b, c, d]: [f64; 4]) -> StudyRow {
    row(study, Ok(StudyData::TwoByTwo(TwoByTwo { a, b, c, d })))
}

/// Three ordinary studies, an empty cell, no events, nothing but events, and no data.
fn rows() -> Vec<StudyRow> {
    vec![
        two("one", [5.0, 45.0, 9.0, 41.0]),
        two("two", [8.0, 92.0, 15.0, 85.0]),
        two("three", [3.0, 60.0, 7.0, 58.0]),
        two("empty cell", [0.0, 30.0, 4.0, 26.0]),
        two("no events", [0.0, 20.0, 0.0, 22.0]),
        two("all events", [12.0, 0.0, 11.0, 0.0]),
        row("no data", Err("nothing was reported".into())),
    ]
}

fn table(measure: Measure) -> EffectTable {
    EffectTable::compute(&rows(), EffectOptions::new(measure)).unwrap()
}

fn pooled(table: &EffectTable, model: impl Into<Pooling>) -> PoolResult {
    let pooling: Pooling = model.into();
    let model = pooling.model();
    let options = ModelOptions { model: Some(pooling), ..ModelOptions::default() };
    let result = pool(table.clone(), options).unwrap();
    if model != Model::Peto {
        assert_eq!(result.table, *table, "{} changed the table", model.id());
    }
    assert_eq!(result.inclusion.len(), table.studies.len());
    for (inclusion, s) in result.inclusion.iter().zip(result.studies()) {
        assert_eq!(inclusion.status, s.status);
        // a row that is left out says why, one that is used has no reason not to be
        assert_eq!(inclusion.is_used(), inclusion.reason.is_none(), "{}", s.study);
        assert!(s.y.is_none() || inclusion.effect_shown, "{}", s.study);
    }
    result
}

/// Labels of the rows used.
fn used(result: &PoolResult) -> Vec<&str> {
    result.included().used().map(|i| result.table.studies[i].study.as_str()).collect()
}

const INFORMATIVE: [&str; 4] = ["one", "two", "three", "empty cell"];
const ALL: [&str; 6] = ["one", "two", "three", "empty cell", "no events", "all events"];

#[test]
fn ratios_leave_out_what_says_nothing() {
    let odds = table(Measure::OddsRatio);
    for model in [Model::InverseVariance, Model::MantelHaenszel, Model::Exact] {
        assert_eq!(used(&pooled(&odds, model)), INFORMATIVE, "{}", model.id());
    }
    for glmm in GlmmModel::ALL {
        assert_eq!(used(&pooled(&odds, Pooling::glmm(*glmm))), INFORMATIVE, "{}", glmm.id());
    }
    assert_eq!(used(&pooled(&table(Measure::Peto), Model::Peto)), INFORMATIVE);
    // nothing but events in both groups: the risks are the same, and say so
    let risk = pooled(&table(Measure::RiskRatio), Model::MantelHaenszel);
    assert_eq!(used(&risk), ["one", "two", "three", "empty cell", "all events"]);
}

#[test]
fn differences_and_whole_likelihoods_use_every_study() {
    for model in [Model::InverseVariance, Model::MantelHaenszel] {
        let result = pooled(&table(Measure::RiskDifference), model);
        assert_eq!(used(&result), ALL, "{}", model.id());
    }
    let odds = table(Measure::OddsRatio);
    let beta = pooled(&odds, Model::BetaBinomial);
    assert_eq!((used(&beta).as_slice(), beta.k), (ALL.as_slice(), 6));
    let keep = MixedModel { variant: Some(GlmmModel::RandomStudies), keep_double_zero: true };
    assert_eq!(used(&pooled(&odds, Pooling::Glmm(keep))), ALL);
    // used without an effect of its own
    let none = beta.included().study(4).unwrap();
    assert_eq!((none.status, none.y, none.reason.as_deref()), (Status::Estimable, None, None));
}

#[test]
fn an_effect_that_the_model_does_not_use_is_not_shown() {
    let continuity =
        Continuity { double_zero: DoubleZero::Keep, ..EffectOptions::new(Measure::OddsRatio).continuity };
    let options = EffectOptions::new(Measure::OddsRatio).continuity(continuity);
    let odds = EffectTable::compute(&rows(), options).unwrap();
    // the table has it, and inverse variance pools it
    assert_eq!(used(&pooled(&odds, Model::InverseVariance)), ALL);
    let result = pooled(&odds, Model::MantelHaenszel);
    let shown = result.included().study(4).unwrap();
    assert!(odds.studies[4].y.is_some() && shown.y.is_none() && !shown.corrected);
    assert_eq!(shown.reason.as_deref(), Some("no events in both groups: it says nothing about a ratio"));
    assert_eq!(
        result.inclusion[5].reason.as_deref(),
        Some("nothing but events in both groups: it says nothing about a ratio")
    );
    assert!(result.included().study(7).is_none());
}

#[test]
fn left_out_on_request_stays_left_out() {
    let continuity =
        Continuity { double_zero: DoubleZero::Drop, ..EffectOptions::new(Measure::OddsRatio).continuity };
    let odds =
        EffectTable::compute(&rows(), EffectOptions::new(Measure::OddsRatio).continuity(continuity)).unwrap();
    for model in
        [Model::InverseVariance, Model::MantelHaenszel, Model::Glmm, Model::BetaBinomial, Model::Exact]
    {
        let result = pooled(&odds, model);
        assert_eq!(used(&result), INFORMATIVE, "{}", model.id());
        assert_eq!(result.inclusion[4].status, Status::Excluded);
    }
}

#[test]
fn peto_takes_effects_without_correction() {
    let given = table(Measure::Peto);
    let result = pooled(&given, Model::Peto);
    assert!(given.studies[3].corrected && !result.studies().any(|s| s.corrected));
    assert_eq!(result.table.options.continuity.to, CorrectWhere::None);
    // what was pooled can be pooled again
    let again = pool(result.table.clone(), ModelOptions::default()).unwrap();
    assert_eq!(again, result);
}

#[test]
fn counts_of_one_group_are_used_as_they_are() {
    let events = |study: &str, x: f64, n: f64| row(study, Ok(StudyData::Events(Events { x, n })));
    let rows = [
        events("some", 4.0, 40.0),
        events("none", 0.0, 30.0),
        events("all", 25.0, 25.0),
        events("few", 2.0, 35.0),
        row("no data", Err("nothing was reported".into())),
    ];
    let uncorrected =
        Continuity { to: CorrectWhere::None, ..EffectOptions::new(Measure::LogitProportion).continuity };
    let plain = EffectOptions::new(Measure::LogitProportion);
    for options in [plain, plain.continuity(uncorrected)] {
        let table = EffectTable::compute(&rows, options).unwrap();
        for model in [Model::Glmm, Model::BetaBinomial, Model::Exact] {
            let result = pooled(&table, model);
            assert_eq!(used(&result), ["some", "none", "all", "few"], "{}", model.id());
            assert!(!result.studies().any(|s| s.corrected));
            assert_eq!(result.inclusion[4].reason.as_deref(), Some("nothing was reported"));
        }
    }
    let table = EffectTable::compute(&rows, plain.continuity(uncorrected)).unwrap();
    assert_eq!(used(&pooled(&table, Model::InverseVariance)), ["some", "few"]);
}
