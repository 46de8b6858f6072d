//! The report that ties the analyses together.

use super::provenance;
use super::{Done, Manifest};
use crate::choice::option::table;
use crate::dataset::{Shape, StudyData};
use crate::report::sheet::{Cell, Heading, Sheet};
use crate::report::summary;
use crate::result::format::{MISSING, upper_first};
use crate::result::look::Look;
use crate::result::{Note, PoolResult};

/// The whole report.
pub(super) fn report(manifest: &Manifest, done: &[Done<'_>], trials: Option<&Sheet>) -> String {
    let mut out = format!("# {}\n\n", manifest.title);
    if !manifest.introduction.trim().is_empty() {
        out += &format!("{}\n\n", manifest.introduction.trim());
    }
    out += &overview(done);
    out += &cautions(done);
    if let (Some(sheet), Some(wanted)) = (trials, &manifest.characteristics) {
        out += &format!("## Study characteristics\n\n{}\n", sheet.markdown());
        if !wanted.text.trim().is_empty() {
            out += &format!("{}\n\n", wanted.text.trim());
        }
    }
    for one in done {
        out += &section(one);
    }
    out += &sources(done);
    out += "## How this was made\n\n";
    out += &format!(
        "metapool {}. Every number of a table or figure stands in full precision in the files of its analysis: \
         `studies.csv` (one row per study), `pooled.csv` (model and heterogeneity), `result.json` (everything). \
         Figures are there as PNG (300 dpi), SVG and PDF.\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

/// A number for reading, with its unit.
fn shown(result: &PoolResult, x: Option<f64>) -> String {
    x.map_or(MISSING.into(), |x| Look::pooled(result, None).with_unit(x))
}

fn interval(result: &PoolResult, lower: Option<f64>, upper: Option<f64>) -> String {
    if lower.is_none() && upper.is_none() {
        return MISSING.into();
    }
    let look = Look::pooled(result, None);
    let limit = |x: Option<f64>| x.map_or(MISSING.into(), |x| look.limit(x));
    format!("{} to {}", limit(lower), limit(upper))
}

/// One line per analysis.
fn overview(done: &[Done<'_>]) -> String {
    let levels: Vec<f64> = done.iter().map(|one| one.result.settings.level).collect();
    let ci = match levels.split_first() {
        Some((first, rest)) if rest.iter().all(|l| l == first) => format!("{first}% CI"),
        _ => "CI".into(),
    };
    let mut out = format!(
        "| Analysis | Studies pooled | Estimate | {ci} | Prediction interval |\n| :-- | --: | --: | --: | --: |\n"
    );
    for one in done {
        let r = &one.result;
        let main = r.main();
        let natural = main.map(|m| m.natural).unwrap_or_default();
        let prediction = main
            .and_then(|m| m.prediction)
            .map_or("–".into(), |p| interval(r, p.natural.lower, p.natural.upper));
        out += &format!(
            "| [{}](#{}) | {} of {} | {} | {} | {prediction} |\n",
            one.analysis.title,
            anchor(&one.analysis.title),
            r.k,
            r.table.studies.len(),
            shown(r, natural.estimate),
            interval(r, natural.lower, natural.upper),
        );
    }
    out + "\n"
}

/// The anchor that Markdown viewers give a heading.
fn anchor(title: &str) -> String {
    let kept = title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .collect::<String>();
    kept.replace(' ', "-")
}

/// What holds for many analyses, said once.
fn cautions(done: &[Done<'_>]) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = vec![];
    let mut add = |text: String, title| match groups.iter_mut().find(|(known, _)| *known == text) {
        Some((_, titles)) => titles.push(title),
        None => groups.push((text, vec![title])),
    };
    for one in done {
        let shape = one.result.table.measure().spec().compute.shape();
        if matches!(shape, Shape::Events | Shape::Rate | Shape::PrePost) {
            add(UNCONTROLLED.into(), one.analysis.title.as_str());
        }
        for note in one.result.notes.iter().filter(|note| note.is_about_the_method()) {
            add(
                format!("{}. *{}.*", upper_first(&note.message()), upper_first(&note.hint())),
                &one.analysis.title,
            );
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut out = String::from("## Before the numbers are quoted\n\n");
    for (text, titles) in groups {
        let where_it_holds = if titles.len() == done.len() {
            "every analysis".into()
        } else {
            titles.iter().map(|t| format!("[{t}](#{})", anchor(t))).collect::<Vec<_>>().join("; ")
        };
        out += &format!("- {text} Holds for: {where_it_holds}.\n");
    }
    out + "\n"
}

/// What every group without a control leaves open.
const UNCONTROLLED: &str = "No control group is compared: natural change, other treatment and regression to the mean are inside \
    the numbers. *Compare with untreated patients before calling it an effect.*";

fn section(one: &Done<'_>) -> String {
    let r = &one.result;
    let mut out = format!("## {}\n\n", one.analysis.title);
    if !one.analysis.text.trim().is_empty() {
        out += &format!("{}\n\n", one.analysis.text.trim());
    }
    out += &format!("{}\n\n", sentence(r));
    for picture in &one.pictures {
        let path = picture.display().to_string();
        let stem = path.trim_end_matches(".png");
        out += &format!("![{}]({path})\n\n[SVG]({stem}.svg) · [PDF]({stem}.pdf)\n\n", one.analysis.title);
    }
    out += &summary::result_markdown(r, &counted(one), None);
    if let Some(sheet) = &one.beside {
        out += &format!("\n{}", sheet.markdown());
    }
    for note in r.notes.iter().filter(|note| !said_elsewhere(note)) {
        out += &summary::note_markdown(note);
    }
    if !r.agreement.is_empty() {
        out += &format!(
            "\n![Agreement of methods: {}]({}/agreement.png)\n",
            one.analysis.title, one.analysis.id
        );
    }
    out += &benchmark(one);
    out += &format!("\n**Data.** {}", one.citation);
    if let Some(filter) = one.analysis.options.text(&table::WHERE) {
        out += &format!("; rows where `{filter}`");
    }
    out + "\n\n"
}

/// Notes that the report says once for all analyses, or that its sentences and tables say.
fn said_elsewhere(note: &Note) -> bool {
    note.is_about_the_method() || matches!(note, Note::NotEstimable { .. } | Note::OneStudy)
}

/// The table of studies with the counts that the percentages come from.
fn counted(one: &Done<'_>) -> Sheet {
    let mut sheet = summary::pool_table(&one.result, None);
    let count = |data: &Option<StudyData>| match data {
        Some(StudyData::Events(e)) => Cell::Text(format!("{} of {}", e.x, e.n)),
        _ => Cell::Missing,
    };
    let studies = &one.result.table.studies;
    let counts: Vec<Cell> = studies.iter().map(|s| count(&s.data)).collect();
    if counts.iter().all(|c| *c == Cell::Missing) {
        return sheet;
    }
    sheet.headings.insert(1, Heading::number("count", one.outcome.as_deref().unwrap_or("Events")));
    for (i, row) in sheet.rows.iter_mut().enumerate() {
        row.insert(1, counts.get(i).cloned().unwrap_or(Cell::Missing));
    }
    sheet
}

/// Untreated patients beside the treated ones.
fn benchmark(one: &Done<'_>) -> String {
    let Some(b) = &one.benchmark else { return String::new() };
    let r = &b.result;
    let natural = r.main().map(|m| m.natural).unwrap_or_default();
    let spread = r.main().and_then(|m| m.prediction);
    let spread = spread.map_or(String::new(), |p| {
        format!("; a single new group would lie between {}", interval(r, p.natural.lower, p.natural.upper))
            .replace(" to ", " and ")
    });
    let (all, missing) = (r.table.studies.len(), not_pooled(r));
    let groups = match missing.as_slice() {
        [] => format!("{all} groups"),
        some => format!("{} of {all} groups (without {})", r.k, reasons(some)),
    };
    let mut out = format!(
        "\n**Beside it, untreated.** {}: {} ({}% CI {}) in {groups}{spread}. *These patients were never compared with the \
         treated ones: definitions, follow-up and selection differ.*\n",
        b.title,
        shown(r, natural.estimate),
        r.settings.level,
        interval(r, natural.lower, natural.upper),
    );
    if !one.analysis.benchmark_text.trim().is_empty() {
        out += &format!("\n{}\n", one.analysis.benchmark_text.trim());
    }
    out
}

/// The studies of a table that no estimate holds, with the reason.
fn not_pooled(r: &PoolResult) -> Vec<(String, String)> {
    let found = r.notes.iter().find_map(|note| match note {
        Note::NotEstimable { studies } => Some(studies.clone()),
        _ => None,
    });
    found.unwrap_or_default()
}

/// Labels with their reasons; a reason that several share is said once.
fn reasons(studies: &[(String, String)]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = vec![];
    for (study, reason) in studies {
        match groups.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(study),
            None => groups.push((reason, vec![study])),
        }
    }
    let of = |(reason, names): &(&str, Vec<&str>)| format!("{}: {reason}", names.join(", "));
    groups.iter().map(of).collect::<Vec<_>>().join("; ")
}

/// Where the numbers come from, each study with each source once.
fn sources(done: &[Done<'_>]) -> String {
    let known = done.iter().filter(|one| !one.origins.is_empty()).map(|one| {
        let studies = one.result.table.studies.iter().map(|s| s.study.as_str()).collect();
        (one.analysis.id.as_str(), studies, one.origins.as_slice())
    });
    let sheet = provenance::sources(known);
    if sheet.rows.is_empty() {
        return String::new();
    }
    format!(
        "## Sources\n\nWhere the numbers of each study were read, and what they were checked against; the analyses are named by \
         their folders.\n\n{}\n",
        sheet.markdown()
    )
}

/// The result in words.
fn sentence(r: &PoolResult) -> String {
    let all = r.table.studies.len();
    let Some(main) = r.main() else {
        return match all {
            1 => "One row, shown with its own interval.".into(),
            _ => format!("{all} rows, each shown with its own interval; none is pooled."),
        };
    };
    let n = &main.natural;
    let spec = r.table.measure().spec();
    let label = spec.label.to_lowercase();
    let mut out = match r.k {
        1 => format!("One study: {label} {}", shown(r, n.estimate)),
        k => format!("{k} studies pooled: {label} {}", shown(r, n.estimate)),
    };
    out += &format!(" ({}% CI {})", r.settings.level, interval(r, n.lower, n.upper));
    if let Some(p) = &main.prediction {
        out +=
            &format!("; in a new study {} is to be expected", interval(r, p.natural.lower, p.natural.upper));
    }
    out.push('.');
    out += &match not_pooled(r).len() {
        0 => String::new(),
        1 => " 1 more study cannot be pooled and stays in the table with the reason.".into(),
        count => format!(" {count} more studies cannot be pooled and stay in the table with the reason."),
    };
    out
}
