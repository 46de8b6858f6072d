//! Lists the members of families.

use super::Outcome;
use super::output::aligned;
use crate::analysis::options::choices;
use crate::choice::option::{Family, Given, table};
use crate::dataset::Shape;
use crate::document::{Heading, Sheet};
use crate::effect::Measure;
use crate::error::{Error, nearest};
use crate::registry::Member;
use std::io::Write;

/// What a list holds.
enum Lists {
    Members(Family),
    Made(fn() -> Sheet),
}

/// Name of the list, the option that takes its members, and what it holds.
const FAMILIES: &[(&str, &str, Lists)] = &[
    ("measures", "--measure", Lists::Made(measures)),
    ("shapes", "--columns", Lists::Made(shapes)),
    ("models", "--model", Lists::Members(Family::Model)),
    ("glmm-models", "--glmm-model", Lists::Members(Family::GlmmModel)),
    ("tau2", "--tau2", Lists::Members(Family::Tau2)),
    ("ci", "--ci", Lists::Made(intervals)),
    ("prediction", "--prediction", Lists::Members(Family::PredictionInterval)),
    ("tau2-ci", "--tau2-ci", Lists::Members(Family::Tau2Interval)),
    ("study-ci", "--study-ci", Lists::Members(Family::StudyInterval)),
    ("robust", "--robust", Lists::Members(Family::Robust)),
    ("bias", "metapool bias --test", Lists::Members(Family::BiasTest)),
    ("predictors", "--predictor", Lists::Members(Family::Predictor)),
    ("missing-studies", "--estimator", Lists::Members(Family::Estimator)),
    ("fail-safe", "--test failsafe --type", Lists::Members(Family::FailSafe)),
    ("selection", "--test selection --type", Lists::Members(Family::SelectionModel)),
    ("excess", "--test excess-significance --type", Lists::Members(Family::Excess)),
    ("sensitivity", "metapool sensitivity --analysis", Lists::Members(Family::Analysis)),
    ("profiles", "--profile", Lists::Members(Family::Profile)),
    ("plots", "metapool plot", Lists::Members(Family::Plot)),
    ("themes", "--theme", Lists::Members(Family::Theme)),
];

impl Lists {
    fn sheet(&self) -> Sheet {
        match self {
            Self::Members(family) => members(*family),
            Self::Made(sheet) => sheet(),
        }
    }
}

pub(super) fn run(given: &Given, out: &mut impl Write) -> Outcome {
    let chosen: Vec<_> = match given.text(&table::FAMILY) {
        None => FAMILIES.iter().collect(),
        Some(name) => vec![find(name)?],
    };
    for (i, (name, option, lists)) in chosen.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{name} ({option})\n")?;
        out.write_all(aligned(&lists.sheet()).as_bytes())?;
    }
    Ok(())
}

fn find(name: &str) -> Result<&'static (&'static str, &'static str, Lists), Error> {
    let same = |f: &str| f.eq_ignore_ascii_case(name) || f.trim_end_matches('s').eq_ignore_ascii_case(name);
    FAMILIES.iter().find(|f| same(f.0)).ok_or_else(|| {
        let names: Vec<&str> = FAMILIES.iter().map(|f| f.0).collect();
        let near =
            nearest(name, names.iter().copied()).map(|n| format!("did you mean `{n}`? ")).unwrap_or_default();
        Error::usage(format!("there is no list of `{name}`"))
            .with_hint(format!("{near}choose from {}", names.join(", ")))
    })
}

fn members(family: Family) -> Sheet {
    let headings = vec![
        Heading::text("code", "Code"),
        Heading::text("title", "Meaning"),
        Heading::text("ref", "Reference"),
    ];
    let rows =
        choices(family).iter().map(|m| vec![m.id.into(), m.title.into(), m.reference.into()]).collect();
    Sheet { headings, rows, rules: vec![] }
}

/// Intervals of the pooled effect, with what stands for none of them.
fn intervals() -> Sheet {
    let mut sheet = members(Family::Interval);
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
