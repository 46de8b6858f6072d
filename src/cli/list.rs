use super::Outcome;
use super::output::aligned;
use crate::bias::{BiasTest, Estimator, Excess, FailSafe, Predictor, SelectionModel};
use crate::dataset::Shape;
use crate::document::{Heading, Sheet};
use crate::effect::{Measure, StudyInterval};
use crate::error::{Error, nearest};
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
use std::io::Write;

/// List what can be chosen
///
/// Measures, shapes, models, estimators of τ², intervals, plots, themes and profiles, with a line and a reference each.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  metapool list\n  metapool list measures\n  metapool list tau2")]
pub(super) struct Args {
    /// Which family; all of them if not given
    family: Option<String>,
}

type Lister = fn() -> Sheet;

const FAMILIES: &[(&str, &str, Lister)] = &[
    ("measures", "--measure", measures),
    ("shapes", "--columns", shapes),
    ("models", "--model", family::<Model>),
    ("glmm-models", "--glmm-model", family::<GlmmModel>),
    ("tau2", "--tau2", family::<Tau2>),
    ("ci", "--ci", intervals),
    ("prediction", "--prediction", family::<PredictionInterval>),
    ("tau2-ci", "--tau2-ci", family::<Tau2Interval>),
    ("study-ci", "--study-ci", family::<StudyInterval>),
    ("robust", "--robust", family::<Robust>),
    ("bias", "metapool bias --test", family::<BiasTest>),
    ("predictors", "--predictor", family::<Predictor>),
    ("missing-studies", "--estimator", family::<Estimator>),
    ("fail-safe", "--test failsafe --type", family::<FailSafe>),
    ("selection", "--test selection --type", family::<SelectionModel>),
    ("excess", "--test excess-significance --type", family::<Excess>),
    ("sensitivity", "metapool sensitivity --analysis", family::<Analysis>),
    ("profiles", "--profile", family::<Profile>),
    ("plots", "metapool plot", family::<Plot>),
    ("themes", "--theme", family::<Theme>),
];

pub(super) fn run(args: &Args, out: &mut impl Write) -> Outcome {
    let chosen: Vec<_> = match &args.family {
        None => FAMILIES.iter().collect(),
        Some(name) => vec![find(name)?],
    };
    for (i, (name, option, lister)) in chosen.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{name} ({option})\n")?;
        out.write_all(aligned(&lister()).as_bytes())?;
    }
    Ok(())
}

fn find(name: &str) -> Result<&'static (&'static str, &'static str, Lister), Error> {
    let same = |f: &str| f.eq_ignore_ascii_case(name) || f.trim_end_matches('s').eq_ignore_ascii_case(name);
    FAMILIES.iter().find(|f| same(f.0)).ok_or_else(|| {
        let names: Vec<&str> = FAMILIES.iter().map(|f| f.0).collect();
        let near =
            nearest(name, names.iter().copied()).map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
        Error::usage(format!("there is no list of `{name}`"))
            .with_hint(format!("{near}choose from {}", names.join(", ")))
    })
}

fn family<T: Member>() -> Sheet {
    let headings = vec![
        Heading::text("code", "Code"),
        Heading::text("title", "Meaning"),
        Heading::text("ref", "Reference"),
    ];
    let rows = T::ALL.iter().map(|m| vec![m.id().into(), m.title().into(), m.reference().into()]).collect();
    Sheet { headings, rows, rules: vec![] }
}

/// Intervals of the pooled effect, with what stands for none of them.
fn intervals() -> Sheet {
    let mut sheet = family::<Interval>();
    let auto = "hksj-adhoc for inverse variance, profile for GLMM and beta-binomial, or as --profile has it";
    sheet.rows.insert(0, vec!["auto".into(), auto.into(), "".into()]);
    sheet
}

fn measures() -> Sheet {
    let headings =
        ["Code", "Meaning", "Data", "Scale", "--vtype", "Reference"].map(|h| Heading::text(h, h)).to_vec();
    let row = |m: &Measure| {
        let s = m.spec();
        let variances: Vec<&str> = s.variances.iter().map(|v| v.id()).collect();
        let variances = if variances.len() > 1 { variances.join(" ") } else { String::new() };
        let shape = s.compute.shape().title();
        vec![
            s.id.into(),
            s.title.into(),
            shape.into(),
            s.scale.title().into(),
            variances.into(),
            s.reference.into(),
        ]
    };
    Sheet { headings, rows: Measure::ALL.iter().map(row).collect(), rules: vec![] }
}

fn shapes() -> Sheet {
    let headings = ["Data", "Roles (one set complete)", "Aliases"].map(|h| Heading::text(h, h)).to_vec();
    let row = |s: &Shape| {
        let aliases = s.spec().roles.iter().filter(|r| !r.1.is_empty());
        let aliases: Vec<String> = aliases.map(|(r, a)| format!("{r}: {}", a.join(" "))).collect();
        vec![s.title().into(), s.spec().needs_text().into(), aliases.join("; ").into()]
    };
    Sheet { headings, rows: Shape::ALL.iter().map(row).collect(), rules: vec![] }
}
