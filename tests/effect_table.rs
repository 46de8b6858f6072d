//! The effect table: sampling covariance, columns beside the effects, parts; and what models refuse.
#![allow(clippy::unwrap_used, reason = "tests may unwrap")]

use metapool::Error;
use metapool::dataset::{Dataset, Values};
use metapool::effect::{Block, Covariance, EffectTable, Measure, ReadyEffect};
use metapool::model::regression::Regression;
use metapool::model::{ModelOptions, pool};
use std::sync::Arc;

/// Two outcomes of A, one of B, two of C.
fn five() -> EffectTable {
    let effects = [
        ReadyEffect::new("A", 0.2, 0.04).item("pain"),
        ReadyEffect::new("A", 0.3, 0.09).item("sleep"),
        ReadyEffect::new("B", 0.1, 0.01),
        ReadyEffect::new("C", 0.5, 0.04).arm("low dose"),
        ReadyEffect::new("C", 0.6, 0.05).arm("high dose"),
    ];
    EffectTable::of_ready(Measure::Generic, &effects)
}

fn covarying() -> EffectTable {
    let a = Block::of_correlation(vec![0, 1], &[0.04, 0.09], 0.5).unwrap();
    let c = Block::new(vec![3, 4], vec![0.04, 0.02, 0.02, 0.05]).unwrap();
    five().with_covariance(vec![a, c]).unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, says: &str) -> Error {
    let error = result.unwrap_err();
    assert!(error.to_string().contains(says), "{error} does not say {says}");
    assert!(error.hint().is_some(), "{error} shows no way out");
    error
}

#[test]
fn a_block_is_symmetric_and_positive_definite() {
    let block = Block::of_correlation(vec![0, 1], &[0.04, 0.09], 0.5).unwrap();
    assert_eq!(block.rows(), [0, 1]);
    assert!((block.values()[1] - 0.03).abs() < 1e-15);
    assert_eq!(block.variances().collect::<Vec<_>>(), [0.04, 0.09]);
    refused(Block::new(vec![0, 1], vec![1.0, 0.2, 0.3, 1.0]), "one way and 0.2 the other");
    refused(Block::new(vec![0, 1], vec![1.0, f64::NAN, f64::NAN, 1.0]), "one way");
    refused(Block::new(vec![0, 1], vec![1.0, 1.0, 1.0, 1.0]), "positive definite");
    refused(Block::new(vec![0, 1], vec![1.0, 1.5, 1.5, 1.0]), "positive definite");
    refused(Block::new(vec![0], vec![0.0]), "positive definite");
    refused(Block::new(vec![0], vec![f64::INFINITY]), "positive definite");
    refused(Block::new(vec![0, 1], vec![1.0]), "1 covariances of 2 effects");
    refused(Block::new(vec![], vec![]), "0 covariances of 0 effects");
    refused(Block::new(vec![4, 4], vec![1.0, 0.1, 0.1, 1.0]), "row 5 stands twice");
    // three correlations that cannot be true together
    let r = [1.0, 0.9, -0.9, 0.9, 1.0, 0.9, -0.9, 0.9, 1.0];
    refused(Block::new(vec![0, 1, 2], r.to_vec()), "positive definite");
}

#[test]
fn blocks_are_those_of_the_rows() {
    assert!(covarying().covariance().first_block().is_some());
    let block = |rows: Vec<usize>, v: &[f64]| Block::of_correlation(rows, v, 0.5).unwrap();
    refused(five().with_covariance(vec![block(vec![3, 5], &[0.04, 0.05])]), "row 6, and the table has 5");
    let twice = vec![block(vec![0, 1], &[0.04, 0.09]), block(vec![1, 2], &[0.09, 0.01])];
    refused(five().with_covariance(twice), "row 2 is in two blocks");
    let error = refused(five().with_covariance(vec![block(vec![0, 1], &[0.04, 0.08])]), "variance 0.08");
    assert_eq!(error.place().study.as_deref(), Some("A"));
    // blocks of one row are no covariance
    let alone = five().with_covariance(vec![Block::new(vec![2], vec![0.01]).unwrap()]).unwrap();
    assert_eq!(*alone.covariance(), Covariance::Diagonal);
}

#[test]
fn rows_know_their_study_item_and_arm() {
    let table = five();
    assert_eq!(table.studies[1].item.as_deref(), Some("sleep"));
    assert_eq!(table.studies[3].arm.as_deref(), Some("low dose"));
    assert_eq!((table.studies[2].item.as_deref(), table.studies[2].arm.as_deref()), (None, None));
}

#[test]
fn models_of_independent_rows_refuse_covariance() {
    let table = covarying();
    let error = refused(pool(table.clone(), ModelOptions::default()), "rows 1, 2 covary");
    assert_eq!(error.place().study.as_deref(), Some("A"));
    let data = Dataset::from_csv("d", "x\n1\n2\n3\n4\n5\n").unwrap();
    let regression = Regression::new(&table, &data, "x", &ModelOptions::default());
    refused(regression.map(|_| ()), "meta-regression takes rows as independent");
    refused(table.arrays(), "covary");
    refused(table.recompute(table.options), "covary");
    // without the covariances it is another table, which pools
    assert_eq!(pool(five(), ModelOptions::default()).unwrap().k, 5);
}

#[test]
fn a_part_keeps_what_covaries_in_it() {
    let table = covarying();
    let part = table.part(&[4, 3, 2]).unwrap();
    let block = part.covariance().first_block().unwrap();
    let v: Vec<f64> = block.rows().iter().map(|&r| part.studies[r].v.unwrap()).collect();
    assert_eq!(block.variances().collect::<Vec<_>>(), v);
    assert_eq!(block.values()[1], 0.02);
    // one of each block: nothing covaries any more
    let one_each = table.part(&[0, 2, 4]).unwrap();
    assert_eq!(*one_each.covariance(), Covariance::Diagonal);
    assert_eq!(pool(one_each, ModelOptions::default()).unwrap().k, 3);
    refused(table.part(&[0, 0]), "row 1 is drawn twice");
    refused(table.part(&[5]), "row 6 of a table of 5");
    assert_eq!(five().part(&[2, 2]).unwrap().studies.len(), 2);
    assert_eq!(five().part(&[]).unwrap().studies.len(), 0);
}

#[test]
fn columns_keep_in_step_with_rows() {
    let year = Values::Number([2001.0, 2001.0, 2005.0, 2010.0, 2010.0].map(Some).to_vec());
    let table = five().with_column("year", year).unwrap();
    let part = table.part(&[3, 0]).unwrap();
    assert_eq!(part.frame().numbers("year").unwrap(), [Some(2010.0), Some(2001.0)]);
    assert_eq!(part.frame().data().rows(), 2);
    assert_eq!(part.part(&[1]).unwrap().frame().texts("year").unwrap(), [Some("2001".to_string())]);
    refused(five().with_column("year", Values::Number(vec![None; 4])), "4 values for 5 rows");
    refused(table.clone().with_column("year", Values::Text(vec![String::new(); 5])), "already");
    refused(table.frame().texts("dose"), "no column `dose`");
    let short = Arc::new(Dataset::from_csv("short.csv", "x\n1\n").unwrap());
    refused(five().with_frame(short), "1 rows beside 5 effects");
    assert_eq!(table.recompute(table.options).unwrap(), table);
}
