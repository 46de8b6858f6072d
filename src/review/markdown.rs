//! The report that ties the analyses together.

use super::{Done, Manifest};
use crate::dataset::Shape;
use crate::report::summary;
use crate::result::format::{MISSING, upper_first};
use crate::result::look::Look;
use crate::result::{Note, PoolResult};

/// The whole report.
pub(super) fn report(manifest: &Manifest, done: &[Done<'_>]) -> String {
    let mut out = format!("# {}\n\n", manifest.title);
    if !manifest.introduction.trim().is_empty() {
        out += &format!("{}\n\n", manifest.introduction.trim());
    }
    out += &overview(done);
    out += &cautions(done);
    for one in done {
        out += &section(one);
    }
    out += "\n## How this was made\n\n";
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
    let look = Look::pooled(result, None);
    let limit = |x: Option<f64>| x.map_or(MISSING.into(), |x| look.limit(x));
    format!("{} to {}", limit(lower), limit(upper))
}

/// One line per analysis.
fn overview(done: &[Done<'_>]) -> String {
    let mut out = String::from(
        "| Analysis | Studies pooled | Estimate | CI | Prediction interval |\n| :-- | --: | --: | --: | --: |\n",
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
const UNCONTROLLED: &str = "There is no control group: natural change, other treatment and regression to the mean are inside \
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
        out += &format!(
            "![{}]({path})\n\n[SVG]({stem}.svg) · [PDF]({}/forest.pdf)\n\n",
            one.analysis.title, one.analysis.id
        );
    }
    out += &summary::result_markdown(r, None);
    for note in r.notes.iter().filter(|note| !note.is_about_the_method()) {
        out += &summary::note_markdown(note);
    }
    if r.k > 1 && !r.agreement.is_empty() {
        out += &format!(
            "\n![Agreement of methods: {}]({}/agreement.png)\n",
            one.analysis.title, one.analysis.id
        );
    }
    if let Some(b) = &one.benchmark {
        let natural = b.result.main().map(|m| m.natural).unwrap_or_default();
        let spread = b.result.main().and_then(|m| m.prediction);
        let spread = spread.map_or(String::new(), |p| {
            format!(", single groups {} expected", interval(&b.result, p.natural.lower, p.natural.upper))
        });
        out += &format!(
            "\n**Beside it, untreated.** {}: {} ({}% CI {}) in {} groups{spread}. *These patients were never compared with the \
             treated ones: definitions, follow-up and selection differ.*\n",
            b.title,
            shown(&b.result, natural.estimate),
            b.result.settings.level,
            interval(&b.result, natural.lower, natural.upper),
            b.result.k,
        );
    }
    out += &format!("\n**Data.** {}", one.citation);
    if let Some(filter) = &one.analysis.filter {
        out += &format!("; rows where `{filter}`");
    }
    out + "\n\n"
}

/// The result in words.
fn sentence(r: &PoolResult) -> String {
    let Some(main) = r.main() else { return "Nothing could be pooled.".into() };
    let n = &main.natural;
    let spec = r.table.measure().spec();
    let missing = r.notes.iter().find_map(|note| match note {
        Note::NotEstimable { studies } => Some(studies.len()),
        _ => None,
    });
    let mut out = if r.k == 1 {
        format!("One study: {} {}", spec.label.to_lowercase(), shown(r, n.estimate))
    } else {
        format!("{} studies pooled: {} {}", r.k, spec.label.to_lowercase(), shown(r, n.estimate))
    };
    out += &format!(" ({}% CI {})", r.settings.level, interval(r, n.lower, n.upper));
    if let Some(p) = &main.prediction {
        out +=
            &format!("; in a new study {} is to be expected", interval(r, p.natural.lower, p.natural.upper));
    }
    out.push('.');
    if let Some(count) = missing {
        out += &if count == 1 {
            " 1 more study cannot be computed and stays in the table with the reason.".into()
        } else {
            format!(" {count} more studies cannot be computed and stay in the table with the reason.")
        };
    }
    out
}
