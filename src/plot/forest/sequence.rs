//! Leave-one-out and cumulative analyses as rows of a forest plot: dots without weights, and the interval of all studies
//! as a band behind them. Reference: \[lau1992\].

use super::content::{Column, Content, Estimate, Kind, Mark, Row, Writer};
use crate::plot::PlotOptions;
use crate::plot::chart::{lower_first, typeset_sentence};
use crate::result::format::{p_value, percent, significant};
use crate::result::sensitivity::{SensitivityResult, Step};
use crate::result::sentence;

/// Rows of steps; `adding` for a cumulative analysis.
pub(super) fn content(s: &SensitivityResult, steps: &[Step], adding: bool, options: &PlotOptions) -> Content {
    let result = &s.pool;
    let writer = Writer::of(result);
    let frame = super::content::Frame::of(result, options);
    let has = |of: fn(&crate::result::sensitivity::Refit) -> Option<f64>| {
        steps.iter().filter_map(|s| s.fit.as_ref()).any(|f| of(f).is_some())
    };
    let tested = s.null.is_some() && has(|f| f.p_value);
    let (tau2, i2) = (has(|f| f.tau2), has(|f| f.i2));
    let column = |header: &str| Column { header: header.into(), span: None };
    let mut columns = vec![];
    if let (true, Some(order)) = (adding, &s.order) {
        columns.push(column(order));
    }
    columns.push(column("k"));
    let p = s.against.map_or("p".into(), |x| format!("p against {x}"));
    for (wanted, header) in [(tested, p.as_str()), (tau2, "τ²"), (i2, "I²")] {
        if wanted {
            columns.push(column(header));
        }
    }
    let short = |p: f64| p_value(p).replace("p = ", "").replace("p < ", "<\u{2009}");
    let cells = |f: Option<&crate::result::sensitivity::Refit>, order: Option<&String>| {
        let mut out = vec![];
        if adding && s.order.is_some() {
            out.push(order.cloned().unwrap_or_else(|| "–".into()));
        }
        let dash = || "–".to_string();
        out.push(f.map_or_else(dash, |f| f.k.to_string()));
        if tested {
            out.push(f.and_then(|f| f.p_value).map_or_else(dash, short));
        }
        if tau2 {
            let shown = |t: f64| if t == 0.0 { "0".to_string() } else { significant(t, 2) };
            out.push(f.and_then(|f| f.tau2).map_or_else(dash, shown));
        }
        if i2 {
            out.push(f.and_then(|f| f.i2).map_or_else(dash, percent));
        }
        out
    };
    let mut order: Vec<&Step> = steps.iter().collect();
    if !adding {
        // by what leaving out does, from the lowest estimate to the highest
        let value = |s: &Step| s.natural.estimate.unwrap_or(f64::INFINITY);
        order.sort_by(|a, b| value(a).total_cmp(&value(b)));
    }
    let mut turned = false;
    let rows: Vec<Row> = order
        .iter()
        .map(|step| {
            let n = &step.natural;
            let limits = (n.lower.unwrap_or(frame.bounds.0), n.upper.unwrap_or(frame.bounds.1));
            turned |= step.turns;
            Row {
                label: if adding { format!("+ {}", step.label) } else { step.label.clone() },
                footnote: step.turns.then_some('a'),
                cells: cells(step.fit.as_ref(), step.order.as_ref()),
                estimate: match n.estimate {
                    Some(_) => Estimate::Triple(writer.triple(n, frame.bounds)),
                    None => Estimate::Words("not estimable"),
                },
                weight: String::new(),
                mark: n.estimate.map_or(Mark::None, |estimate| Mark::Dot {
                    estimate,
                    limits,
                    turns: step.turns,
                }),
                kind: Kind::Plain,
            }
        })
        .collect();
    let mut summary = vec![];
    let mut band = None;
    if let (Some(main), Some(whole)) = (result.main(), s.whole()) {
        let n = &main.natural;
        let limits = (n.lower.unwrap_or(frame.bounds.0), n.upper.unwrap_or(frame.bounds.1));
        band = Some(limits);
        summary.push(Row {
            label: format!("All studies, {}", lower_first(sentence::model_word(result))),
            footnote: None,
            cells: cells(Some(&whole), None)
                .into_iter()
                .map(|c| if c == "–" { String::new() } else { c })
                .collect(),
            estimate: Estimate::Triple(writer.triple(n, frame.bounds)),
            weight: String::new(),
            mark: n.estimate.map_or(Mark::None, |estimate| Mark::Diamond { estimate, limits }),
            kind: Kind::Total,
        });
    }
    let mut footer = vec![format!("Band: {}% confidence interval of all studies", result.settings.level)];
    if turned {
        let when = if adding { "from here on" } else { "without it" };
        footer.push(format!("a: {when} {} is another", s.conclusion_word()));
    }
    footer.push(format!("Method: {}", typeset_sentence(&result.method_line())));
    let k = result.k;
    let what = if adding { "Cumulative analysis" } else { "Leave-one-out analysis" };
    let title = format!("{what}: {}, {k} studies", result.table.title());
    let header = match (adding, &s.cluster) {
        (true, _) => "Study added".to_string(),
        (false, Some(column)) => format!("Without {column}"),
        (false, None) => "Without".into(),
    };
    Content {
        columns,
        study_header: header,
        weight_header: None,
        rows,
        summary,
        band,
        footer,
        description: format!(
            "{title}. {} of {} steps change {}.",
            steps.iter().filter(|s| s.turns).count(),
            steps.len(),
            s.conclusion_word()
        ),
        document_title: options.labels.title.clone().unwrap_or(title),
        largest_square: 0.4,
        ..frame.content
    }
}
