//! Mantel–Haenszel pooling of two groups: ratios and differences of risks, odds and rates; and Peto's odds ratio.
//!
//! Counts are used as they are; no correction is needed unless a cell is empty in every study. The profiles of meta and
//! RevMan take Greenland and Robins' variance of the RD, with corrected counts in the weights and in the variance but not
//! in the studies' differences. The sums and their variances stand in `sums`. Reference: \[mantel1959\].

mod common_effect;
mod peto;
mod strata;
mod sums;

use super::counts::TwoGroups;
use super::pooled::no_studies;
use super::{Model, ModelOptions};
use crate::dataset::{StudyData, TwoByTwo, TwoRates};
use crate::effect::{Effect, EffectTable, Measure, has_empty_cell};
use crate::error::Error;
use crate::registry::Member;
use crate::result::{IntervalSource, PoolResult, Test};
use common_effect::{check, cochran, common, notes, settings};
pub(super) use peto::peto;
use strata::{breslow_day, cochran_mantel_haenszel, cochran_mantel_haenszel_rates};
use sums::{
    odds_ratio, rate_difference, rate_ratio, risk_difference, risk_difference_of_profiles, risk_ratio,
};

fn wrong_measure(measure: Measure) -> Error {
    Error::usage(format!("Mantel-Haenszel pooling is not defined for {}", measure.id())).with_hint(
        "use ⟦measure⟧ RR, OR or RD for patients in two groups, IRR or IRD for person-time, or ⟦model=inverse-variance⟧",
    )
}

/// Pools a table by Mantel and Haenszel's weights.
pub(super) fn pool(o: &ModelOptions, table: EffectTable) -> Result<PoolResult, Error> {
    check(Model::MantelHaenszel, o)?;
    let measure = table.measure();
    let data = TwoGroups::of(&table).ok_or_else(|| wrong_measure(measure))?;
    let inclusion = data.inclusion(&table, measure);
    let used = Used::of(&table, &data, o);
    if used.rows.is_empty() {
        return Err(no_studies(table.included(&inclusion)));
    }
    let (effect, weights) = used.pooled(measure, o).ok_or_else(|| wrong_measure(measure))?;
    if !(effect.y.is_finite() && effect.v > 0.0 && effect.v.is_finite()) {
        return Err(undefined(&table));
    }
    let mut settings = settings(Model::MantelHaenszel, o);
    if measure == Measure::RiskDifference && o.profile.is_greenland_robins() {
        settings.ci = IntervalSource::GreenlandRobins;
    }
    let weights = used.rows.iter().copied().zip(weights).collect();
    let mut result = common((table, inclusion), settings, effect, weights);
    let informative = data.contributing(Measure::OddsRatio);
    result.heterogeneity =
        (result.k > 1).then(|| cochran(result.included(), effect.y, |i| informative.contains(&i)));
    result.tests = used.tests(measure, effect.y);
    result.notes = notes(&result, o.pools_corrected(measure));
    Ok(result)
}

fn undefined(table: &EffectTable) -> Error {
    super::no_events::refusal(table).unwrap_or_else(|| {
        Error::model(format!(
            "the Mantel-Haenszel {} is not defined: the same cell is empty in every study",
            table.measure().title().to_lowercase()
        ))
        .with_hint("⟦model=exact⟧ and ⟦model=glmm⟧ with OR or IRR give a one-sided limit")
    })
}

/// The rows that contribute: where they stand, their counts as reported, and as they are summed.
struct Used {
    rows: Vec<usize>,
    reported: Vec<TwoByTwo>,
    tables: Vec<TwoByTwo>,
    rates: Vec<TwoRates>,
}

impl Used {
    fn of(table: &EffectTable, data: &TwoGroups, o: &ModelOptions) -> Self {
        let continuity = &table.options.continuity;
        let any_empty = table.studies.iter().filter_map(|s| s.data.as_ref()).any(has_empty_cell);
        let mut used = Self { rows: vec![], reported: vec![], tables: vec![], rates: vec![] };
        for row in data.contributing(table.measure()) {
            let Some(reported) = table.studies[row].data else { continue };
            let correct = o.pools_corrected(table.measure()) && continuity.applies(&reported, any_empty);
            let summed = if correct { continuity.corrected(&reported) } else { reported };
            used.rows.push(row);
            match (reported, summed) {
                (StudyData::TwoByTwo(t), StudyData::TwoByTwo(s)) => {
                    used.reported.push(t);
                    used.tables.push(s);
                }
                (_, StudyData::TwoRates(r)) => used.rates.push(r),
                // two groups of counts have one of these shapes
                _ => {}
            }
        }
        used
    }

    /// The common effect and the weights of the rows; `None` for measures without such sums.
    fn pooled(&self, measure: Measure, o: &ModelOptions) -> Option<(Effect, Vec<f64>)> {
        Some(match measure {
            Measure::OddsRatio => odds_ratio(&self.tables),
            Measure::RiskRatio => risk_ratio(&self.tables),
            Measure::RiskDifference if o.profile.is_greenland_robins() => {
                risk_difference_of_profiles(&self.reported, &self.tables)
            }
            Measure::RiskDifference => risk_difference(&self.tables),
            Measure::RateRatio => rate_ratio(&self.rates),
            Measure::RateDifference => rate_difference(&self.rates),
            _ => return None,
        })
    }

    /// Tests that go with the sums, at a common effect on the analysis scale.
    fn tests(&self, measure: Measure, effect: f64) -> Vec<Test> {
        if !self.rates.is_empty() {
            return cochran_mantel_haenszel_rates(&self.rates).into_iter().collect();
        }
        // the test needs no correction, whatever is summed
        let mut tests: Vec<Test> = cochran_mantel_haenszel(&self.reported).into_iter().collect();
        if measure == Measure::OddsRatio {
            tests.extend(breslow_day(&self.tables, effect.exp()));
        }
        tests
    }
}
