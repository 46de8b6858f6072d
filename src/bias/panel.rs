//! The tests that suit the data, side by side.

use super::{BiasOptions, BiasTest, Data, hint, run, unsuitable};
use crate::dataset::Shape;
use crate::effect::{EffectTable, Measure};
use crate::error::Error;
use crate::model::{Model, ModelOptions, Pooling};
use crate::result::bias::{BiasResult, Refused};
use crate::result::{Note, PoolResult};

/// Tests of asymmetry that suit a measure: standard errors of ratios of counts hang on the ratio, so that Egger's
/// test is lopsided there; those of standardised differences, too.
fn asymmetry(table: &EffectTable) -> &'static [BiasTest] {
    match (table.shape(), table.measure()) {
        (Shape::TwoByTwo, Measure::OddsRatio | Measure::Peto) => &[BiasTest::Harbord, BiasTest::Peters],
        (Shape::TwoByTwo, Measure::ArcsineDifference) => &[BiasTest::Ruecker],
        (Shape::TwoByTwo, _) => &[BiasTest::Peters],
        (Shape::TwoMeans, Measure::MeanDifference | Measure::RatioOfMeans) => {
            &[BiasTest::Egger, BiasTest::Begg]
        }
        (Shape::TwoMeans, _) => &[BiasTest::Pustejovsky],
        _ => &[BiasTest::Egger, BiasTest::Begg],
    }
}

const CORRECTIONS: [BiasTest; 7] = [
    BiasTest::TrimFill,
    BiasTest::PetPeese,
    BiasTest::Limit,
    BiasTest::Selection,
    BiasTest::HenmiCopas,
    BiasTest::PUniform,
    BiasTest::ExcessSignificance,
];

pub(super) fn panel(
    pool: PoolResult,
    model: &ModelOptions,
    options: &BiasOptions,
) -> Result<BiasResult, Error> {
    let data = Data::new(&pool, model, options);
    let null = data.measure().spec().null.is_some();
    let mut out = vec![];
    let mut refused = vec![];
    let mut notes = vec![];
    let tests: Vec<BiasTest> = asymmetry(data.table).iter().copied().chain(CORRECTIONS).collect();
    for test in tests {
        let mut refuse = |reason: String| {
            refused.push(Refused { test, reason });
        };
        let caveat = unsuitable(&data, test);
        if let Some(reason) = caveat.clone().filter(|_| !options.force) {
            refuse(reason);
            continue;
        }
        // levels have no value of no effect, and so no significance to select by
        if !null
            && !matches!(test, BiasTest::HenmiCopas | BiasTest::Egger | BiasTest::Begg | BiasTest::TrimFill)
        {
            refuse(format!("{} has no value of no effect", data.measure().spec().label.to_lowercase()));
            continue;
        }
        let counts = model.model_for(data.table) != Model::InverseVariance;
        let plain = ModelOptions { model: Some(Pooling::InverseVariance), ci: None, ..*model };
        let own = if counts && test == BiasTest::TrimFill {
            // counts cannot be mirrored: effects and variances are
            Data::new(&pool, &plain, options)
        } else {
            Data::new(&pool, model, options)
        };
        match run(&own, test) {
            Ok(done) => {
                out.push(done);
                notes.extend(caveat.map(|reason| Note::AsymmetryUnclear { reason }));
            }
            Err(e) => refuse(e.marked()),
        }
    }
    if out.is_empty() {
        let reason = refused.first().map_or_else(|| "no test suits the data".into(), |r| r.reason.clone());
        return Err(Error::model(reason).with_hint(hint(&data)));
    }
    Ok(BiasResult { pool, outcomes: out, refused, notes, single: false })
}
