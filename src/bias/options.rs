//! What tests of bias may be told, and which test can use which option.

use super::{Alternative, BiasTest, Estimator, Excess, FailSafe, Predictor, RegressionModel, SelectionModel};
use crate::error::Error;
use crate::model::Profile;
use crate::registry::Member;

/// The model of Egger's line that a program takes unless it is told otherwise: metafor's `regtest` a meta-regression,
/// meta's `metabias` the test of 1997; RevMan has no test.
pub fn regression_model_of(profile: Profile) -> RegressionModel {
    match profile {
        Profile::Metafor => RegressionModel::Rma,
        Profile::Metapool | Profile::Meta | Profile::RevMan => RegressionModel::Lm,
    }
}

/// What tests may be told. `None` takes what suits the test.
#[derive(Clone, Debug, Default)]
pub struct BiasOptions {
    /// Model of Egger's line; `None` takes that of the profile.
    pub regression: Option<RegressionModel>,
    /// Predictor of Egger's line.
    pub predictor: Option<Predictor>,
    /// Estimator of the number of missing studies.
    pub estimator: Option<Estimator>,
    /// Which side studies are missing on: `true` for left.
    pub left: Option<bool>,
    /// Kind of fail-safe number.
    pub fail_safe: Option<FailSafe>,
    /// Average effect that Orwin's number aims at, on the analysis scale.
    pub target: Option<f64>,
    /// Kind of selection model.
    pub selection: Option<SelectionModel>,
    /// Steps of p.
    pub steps: Vec<f64>,
    /// Side of p-values.
    pub alternative: Option<Alternative>,
    /// Distribution of the test of excess significance.
    pub excess: Option<Excess>,
    /// Level of significance, .05 two-sided where nothing is said.
    pub alpha: Option<f64>,
    /// Whether tests are done that do not suit the data.
    pub force: bool,
}

/// An option with the tests that can use it.
struct Use {
    given: bool,
    option: &'static str,
    tests: &'static [BiasTest],
    /// The kind of test that can, where not all kinds do, and the kind that was chosen: values of `type`.
    kind: Option<(&'static str, &'static str)>,
}

impl BiasOptions {
    /// Every option, what it goes with, and whether it was given.
    fn uses(&self) -> Vec<Use> {
        let always = |given, option, tests| Use { given, option, tests, kind: None };
        let fail_safe = self.fail_safe.unwrap_or(FailSafe::Rosenthal);
        let selection = self.selection.unwrap_or(SelectionModel::StepFunction);
        vec![
            always(self.regression.is_some(), "regression", &[BiasTest::Egger]),
            always(self.predictor.is_some(), "predictor", &[BiasTest::Egger]),
            always(self.estimator.is_some(), "estimator", &[BiasTest::TrimFill]),
            always(self.left.is_some(), "side", &[BiasTest::TrimFill]),
            always(self.fail_safe.is_some(), "type", &[BiasTest::FailSafe]),
            always(self.selection.is_some(), "type", &[BiasTest::Selection]),
            always(self.excess.is_some(), "type", &[BiasTest::ExcessSignificance]),
            always(
                self.alternative.is_some(),
                "alternative",
                &[BiasTest::Selection, BiasTest::ExcessSignificance, BiasTest::PUniform],
            ),
            always(
                self.alpha.is_some(),
                "alpha",
                &[BiasTest::FailSafe, BiasTest::ExcessSignificance, BiasTest::PCurve, BiasTest::PUniform],
            ),
            Use {
                given: self.target.is_some(),
                option: "target",
                tests: &[BiasTest::FailSafe],
                kind: Some((FailSafe::Orwin.id(), fail_safe.id())),
            },
            Use {
                given: !self.steps.is_empty(),
                option: "steps",
                tests: &[BiasTest::Selection],
                kind: Some((SelectionModel::StepFunction.id(), selection.id())),
            },
        ]
    }

    /// Refuses the options that a test can never use.
    ///
    /// # Errors
    /// One was given.
    pub(super) fn check(&self, test: BiasTest) -> Result<(), Error> {
        for u in self.uses().iter().filter(|u| u.given) {
            let named: Vec<String> = u.tests.iter().map(|t| format!("⟦test={}⟧", t.id())).collect();
            if !u.tests.contains(&test) {
                return Err(Error::usage(format!("⟦test={}⟧ has no ⟦{}⟧", test.id(), u.option))
                    .with_hint(format!("⟦{}⟧ goes with {}; leave it out", u.option, named.join(", "))));
            }
            if let Some((can, chosen)) = u.kind.filter(|(can, chosen)| can != chosen) {
                return Err(Error::usage(format!("⟦type={chosen}⟧ has no {}", u.option))
                    .with_hint(format!("leave ⟦{}⟧ out, or add ⟦type={can}⟧", u.option)));
            }
        }
        // Orwin's number asks how large an effect is, not whether it is significant
        if test == BiasTest::FailSafe && self.fail_safe == Some(FailSafe::Orwin) && self.alpha.is_some() {
            return Err(Error::usage("Orwin's fail-safe number has no level of significance")
                .with_hint("leave ⟦alpha⟧ out; ⟦target⟧ says which effect it aims at"));
        }
        Ok(())
    }

    /// Refuses the options of single tests where many are done.
    ///
    /// # Errors
    /// One was given.
    pub(super) fn check_none(&self) -> Result<(), Error> {
        match self.uses().iter().find(|u| u.given) {
            None => Ok(()),
            Some(u) => {
                let named: Vec<String> = u.tests.iter().map(|t| format!("⟦test={}⟧", t.id())).collect();
                Err(Error::usage(format!("⟦{}⟧ belongs to one test", u.option))
                    .with_hint(format!("name it, with {}; or leave the option out", named.join(" or "))))
            }
        }
    }
}
