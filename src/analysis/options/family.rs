//! The members of the families that options choose from.

use crate::bias::{
    Alternative, BiasTest, Estimator, Excess, FailSafe, Predictor, RegressionModel, SelectionModel, Side,
};
use crate::choice::option::Family;
use crate::choice::{
    Axes, CorrectWhere, Denominator, DoubleZero, Format, Naming, SharedControl, Standardizer, Values,
    Variance,
};
use crate::effect::{Measure, StudyInterval};
use crate::error::Error;
use crate::model::bayes::Credible;
use crate::model::interval::Interval;
use crate::model::prediction::PredictionInterval;
use crate::model::regression::Robust;
use crate::model::tau2::Tau2;
use crate::model::tau2_interval::Tau2Interval;
use crate::model::{GlmmModel, Model, Profile};
use crate::plot::Plot;
use crate::plot::theme::Theme;
use crate::registry::Member;
use crate::result::sensitivity::Analysis;

/// A member of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its code.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`, empty where there is none.
    pub reference: &'static str,
}

fn choice<T: Member>(member: T) -> Choice {
    Choice {
        id: member.id(),
        aliases: member.aliases(),
        title: member.title(),
        reference: member.reference(),
    }
}

/// What can be done with a family known by its name.
struct Members {
    all: fn() -> Vec<Choice>,
    parse: fn(&str) -> Result<&'static str, Error>,
}

fn of<T: Member>() -> Members {
    Members { all: || T::ALL.iter().copied().map(choice).collect(), parse: |code| T::parse(code).map(T::id) }
}

/// Tests of bias that a funnel shows.
const IN_FUNNEL: [BiasTest; 4] = [BiasTest::TrimFill, BiasTest::Egger, BiasTest::Thompson, BiasTest::Limit];

fn in_funnel(code: &str) -> Result<&'static str, Error> {
    let shown = BiasTest::parse(code).ok().filter(|t| IN_FUNNEL.contains(t));
    shown.map(BiasTest::id).ok_or_else(|| {
        let names: Vec<&str> = IN_FUNNEL.iter().map(|t| t.id()).collect();
        Error::usage(format!("`{code}` is not drawn into funnels"))
            .with_hint(format!("a funnel shows {}", names.join(", ")))
    })
}

fn members(family: Family) -> Members {
    match family {
        Family::Alternative => of::<Alternative>(),
        Family::Analysis => of::<Analysis>(),
        Family::Axes => of::<Axes>(),
        Family::BiasTest => of::<BiasTest>(),
        Family::CorrectWhere => of::<CorrectWhere>(),
        Family::Credible => of::<Credible>(),
        Family::Denominator => of::<Denominator>(),
        Family::DoubleZero => of::<DoubleZero>(),
        Family::Estimator => of::<Estimator>(),
        Family::Excess => of::<Excess>(),
        Family::FailSafe => of::<FailSafe>(),
        Family::Format => of::<Format>(),
        Family::FunnelTest => {
            Members { all: || IN_FUNNEL.into_iter().map(choice).collect(), parse: in_funnel }
        }
        Family::GlmmModel => of::<GlmmModel>(),
        Family::Interval => of::<Interval>(),
        Family::Measure => of::<Measure>(),
        Family::Model => of::<Model>(),
        Family::Naming => of::<Naming>(),
        Family::Plot => of::<Plot>(),
        Family::PredictionInterval => of::<PredictionInterval>(),
        Family::Predictor => of::<Predictor>(),
        Family::Profile => of::<Profile>(),
        Family::RegressionModel => of::<RegressionModel>(),
        Family::Robust => of::<Robust>(),
        Family::SelectionModel => of::<SelectionModel>(),
        Family::SharedControl => of::<SharedControl>(),
        Family::Side => of::<Side>(),
        Family::Standardizer => of::<Standardizer>(),
        Family::StudyInterval => of::<StudyInterval>(),
        Family::Tau2 => of::<Tau2>(),
        Family::Tau2Interval => of::<Tau2Interval>(),
        Family::Theme => of::<Theme>(),
        Family::Values => of::<Values>(),
        Family::Variance => of::<Variance>(),
    }
}

/// The members of a family, in the order of help.
pub fn choices(family: Family) -> Vec<Choice> {
    (members(family).all)()
}

/// The code of the member that a code or an alias names.
pub(super) fn code(family: Family, text: &str) -> Result<&'static str, Error> {
    (members(family).parse)(text)
}
