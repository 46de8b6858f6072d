//! Small-study effects and selective publication: tests, and estimates that allow for them.
//!
//! Tests of asymmetry need studies that differ in precision, ten of them at least, and effects whose standard error
//! does not depend on the effect by arithmetic. What does not suit the data is refused with the reason, unless forced.

mod excess;
mod fail_safe;
mod henmi_copas;
mod kendall;
mod limit;
mod options;
mod p_curve;
mod panel;
mod rank;
mod selection;
mod small_study;
mod trim_fill;

pub use crate::choice::bias::{
    Alternative, BiasTest, Estimator, Excess, FailSafe, Predictor, RegressionModel, SelectionModel, Side,
};
use crate::dataset::{Shape, StudyData, TwoByTwo};
use crate::effect::{EffectTable, Measure, Natural, StudyEffect};
use crate::error::Error;
use crate::math::dist;
use crate::model::ModelOptions;
use crate::model::interval::critical;
use crate::registry::Member;
use crate::result::bias::{Adjusted, BiasOutcome, BiasResult, Finding, Statistic};
use crate::result::format::studies;
use crate::result::{Note, PoolResult};
pub use options::{BiasOptions, regression_model_of};

/// The studies that tests see.
#[derive(Debug)]
struct Data<'a> {
    table: &'a EffectTable,
    rows: Vec<usize>,
    y: Vec<f64>,
    v: Vec<f64>,
    model: &'a ModelOptions,
    options: &'a BiasOptions,
}

impl<'a> Data<'a> {
    fn new(pool: &'a PoolResult, model: &'a ModelOptions, options: &'a BiasOptions) -> Self {
        let included = pool.included();
        let effects: Vec<_> = included.used().filter_map(|row| Some((row, included.effect(row)?))).collect();
        let rows = effects.iter().map(|(row, _)| *row).collect();
        let (y, v) = effects.iter().map(|(_, e)| (e.y, e.v)).unzip();
        Self { table: &pool.table, rows, y, v, model, options }
    }

    fn k(&self) -> usize {
        self.y.len()
    }

    fn measure(&self) -> Measure {
        self.table.measure()
    }

    fn study(&self, i: usize) -> &StudyEffect {
        &self.table.studies[self.rows[i]]
    }

    /// Effects as distances from no effect.
    fn null(&self) -> f64 {
        self.measure().spec().null.unwrap_or(0.0)
    }

    fn se(&self) -> Vec<f64> {
        self.v.iter().map(|v| v.sqrt()).collect()
    }

    /// Patients of every study.
    ///
    /// # Errors
    /// One is unknown.
    fn sizes(&self) -> Result<Vec<f64>, Error> {
        let size = |i: usize| {
            let s = self.study(i);
            s.patients().ok_or_else(|| {
                Error::data("the number of patients is not known").of_study(&s.study).with_hint(
                    "this test needs the size of every study; ⟦test=egger⟧ does with standard errors",
                )
            })
        };
        (0..self.k()).map(size).collect()
    }

    /// Counts of every study, as reported.
    ///
    /// # Errors
    /// The data are of another kind.
    fn two_by_two(&self) -> Result<Vec<TwoByTwo>, Error> {
        let table = |i: usize| match self.study(i).data {
            Some(StudyData::TwoByTwo(t)) => Ok(t),
            _ => Err(Error::usage("this test is for counts in two groups")
                .with_hint("use ⟦test=egger⟧, or give events and totals of both groups")),
        };
        (0..self.k()).map(table).collect()
    }

    /// An adjusted estimate with its limits; infinite `df` is the normal distribution.
    fn adjusted(&self, estimate: f64, se: f64, df: f64, tau2: Option<f64>) -> Adjusted {
        let half = critical(self.model.level, df) * se;
        let statistic = (estimate - self.null()) / se;
        let p =
            if df.is_finite() { dist::t_two_sided(statistic, df) } else { dist::normal_two_sided(statistic) };
        let limits = (Some(estimate - half), Some(estimate + half));
        self.adjusted_with(estimate, Some(se), limits, Some(p).filter(|p| p.is_finite()), tau2)
    }

    fn adjusted_with(
        &self,
        estimate: f64,
        se: Option<f64>,
        (lower, upper): (Option<f64>, Option<f64>),
        p_value: Option<f64>,
        tau2: Option<f64>,
    ) -> Adjusted {
        let finite = |x: Option<f64>| x.filter(|x| x.is_finite());
        let (lower, upper) = (finite(lower), finite(upper));
        let back = |x: f64| self.table.back(x);
        let natural =
            Natural { estimate: back(estimate), lower: lower.and_then(back), upper: upper.and_then(back) };
        Adjusted { estimate, se: finite(se), lower, upper, p_value, tau2, natural }
    }

    /// The side in which the common effect lies.
    fn direction(&self) -> Alternative {
        let sum: f64 = self.y.iter().zip(&self.v).map(|(y, v)| (y - self.null()) / v).sum();
        if sum >= 0.0 { Alternative::Greater } else { Alternative::Less }
    }
}

/// An outcome of which nothing is known yet.
fn outcome(test: BiasTest, k: usize) -> BiasOutcome {
    BiasOutcome {
        test,
        title: test.title().into(),
        variant: String::new(),
        statistic: None,
        statistic_kind: Statistic::None,
        df: None,
        p_value: None,
        adjusted: None,
        limit: None,
        finding: Finding::Nothing,
        one_sided: false,
        k,
        notes: vec![],
    }
}

/// What has no estimate: the reason, never a number.
fn not_estimable(reason: impl std::fmt::Display) -> Error {
    Error::model(format!("not estimable: {reason}"))
}

/// Fewest studies of a test of asymmetry.
pub const FEWEST: usize = 10;

/// Why a test does not suit the data, if so.
fn unsuitable(data: &Data<'_>, test: BiasTest) -> Option<String> {
    let shape = data.measure().spec().compute.shape();
    if matches!(shape, Shape::Events | Shape::Rate) {
        let what = if shape == Shape::Events { "proportions" } else { "rates" };
        return Some(format!(
            "{what} of one group have standard errors that depend on the {} itself: effects and precision go together without any bias",
            what.trim_end_matches('s')
        ));
    }
    (data.k() < FEWEST && test.is_of_asymmetry()).then(|| {
        format!(
            "{}: with fewer than {FEWEST}, tests of asymmetry cannot tell chance from bias",
            studies(data.k())
        )
    })
}

fn run(data: &Data<'_>, test: BiasTest) -> Result<BiasOutcome, Error> {
    match test {
        BiasTest::Egger => small_study::egger(data),
        BiasTest::Thompson => small_study::thompson(data),
        BiasTest::Harbord => small_study::harbord(data),
        BiasTest::Peters => small_study::peters(data),
        BiasTest::Macaskill => small_study::macaskill(data),
        BiasTest::Deeks => small_study::deeks(data),
        BiasTest::Ruecker => small_study::ruecker(data),
        BiasTest::Pustejovsky => small_study::pustejovsky(data),
        BiasTest::Pet => small_study::pet(data),
        BiasTest::Peese => small_study::peese(data),
        BiasTest::PetPeese => small_study::pet_peese(data),
        BiasTest::Begg => rank::begg(data),
        BiasTest::Schwarzer => rank::schwarzer(data),
        BiasTest::TrimFill => trim_fill::trim_fill(data),
        BiasTest::FailSafe => fail_safe::fail_safe(data),
        BiasTest::HenmiCopas => henmi_copas::henmi_copas(data),
        BiasTest::ExcessSignificance => excess::excess(data),
        BiasTest::Selection => selection::selection(data),
        BiasTest::Limit => limit::limit(data),
        BiasTest::PCurve => p_curve::p_curve(data),
        BiasTest::PUniform => selection::p_uniform(data),
    }
}

/// Does one test.
///
/// # Errors
/// The test does not suit the data, or there are too few studies for it.
pub fn test(
    pool: PoolResult,
    test: BiasTest,
    model: &ModelOptions,
    options: &BiasOptions,
) -> Result<BiasResult, Error> {
    let data = Data::new(&pool, model, options);
    let notes = caveats(&data, test, hint(&data))?;
    let done = run(&data, test)?;
    Ok(BiasResult { outcomes: vec![done], refused: vec![], notes, single: true, pool })
}

/// What must be known of a test that does not suit the data but is forced.
///
/// # Errors
/// It does not suit them and is not forced.
fn caveats(data: &Data<'_>, test: BiasTest, hint: &str) -> Result<Vec<Note>, Error> {
    match unsuitable(data, test) {
        None => Ok(vec![]),
        Some(reason) if data.options.force => Ok(vec![Note::AsymmetryUnclear { reason }]),
        Some(reason) => Err(Error::model(reason).with_hint(hint)),
    }
}

fn hint(data: &Data<'_>) -> &'static str {
    match data.measure().spec().compute.shape() {
        Shape::Events | Shape::Rate => {
            "say that bias could not be judged; compare large with small studies (⟦sensitivity: analysis=cumulative‖order=precision⟧)"
        }
        _ => {
            "say that bias could not be judged; ⟦test=henmi-copas⟧ allows for small-study effects with few studies"
        }
    }
}

/// Does these tests beside each other, for a picture of the funnel. The picture alone is no test: it is made of any
/// data, with a note where its asymmetry says nothing.
///
/// # Errors
/// The data do not suit the tests that were asked for, or one cannot be done.
pub fn for_funnel(
    pool: PoolResult,
    tests: &[BiasTest],
    model: &ModelOptions,
    options: &BiasOptions,
) -> Result<BiasResult, Error> {
    let data = Data::new(&pool, model, options);
    let notes = if tests.is_empty() {
        let reason = unsuitable(&data, BiasTest::Egger);
        reason.map(|reason| Note::AsymmetryUnclear { reason }).into_iter().collect()
    } else {
        caveats(
            &data,
            BiasTest::Egger,
            "leave ⟦with⟧ out: the funnel alone is drawn of any data; say that bias could not be judged",
        )?
    };
    let outcomes = tests.iter().map(|t| run(&data, *t)).collect::<Result<Vec<_>, _>>()?;
    Ok(BiasResult { outcomes, refused: vec![], notes, single: false, pool })
}

/// Does the tests that suit the data, and says why the others do not.
///
/// # Errors
/// No test suits the data.
pub fn panel(pool: PoolResult, model: &ModelOptions, options: &BiasOptions) -> Result<BiasResult, Error> {
    panel::panel(pool, model, options)
}
