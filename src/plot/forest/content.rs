//! What a forest plot says: columns, rows and sentences, before any of it has a place.

use super::data::{Cells, data_columns, has_two_groups, totals};
use crate::effect::Natural;
use crate::plot::chart::{lower_first, typeset_sentence, upper_first};
use crate::plot::scale::{Spread, typeset};
use crate::plot::theme::Theme;
use crate::plot::{Labels, PlotOptions};
use crate::result::format::{decimals_of_percentages, fixed};
use crate::result::look::{Look, Unit, is_ratio};
use crate::result::{Note, PoolResult, Pooled, Subgroups, sentence};

/// A column of numbers between the labels and the panel, aligned at its right edge.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub header: String,
    /// Index of the heading that spans it and its neighbours.
    pub span: Option<usize>,
}

/// A mark in the panel, in values people read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    None,
    Square {
        estimate: f64,
        limits: (f64, f64),
        area: f64,
    },
    /// A dot without weight; one that turns the conclusion stands out.
    Dot {
        estimate: f64,
        limits: (f64, f64),
        turns: bool,
    },
    Diamond {
        estimate: f64,
        limits: (f64, f64),
    },
    Bar {
        limits: (f64, f64),
    },
}

/// The estimate column of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Estimate {
    /// Estimate and limits, aligned with the other rows.
    Triple([String; 3]),
    /// Limits alone.
    Limits([String; 2]),
    /// Words.
    Words(&'static str),
}

/// One row of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub label: String,
    /// Letter of its footnote.
    pub footnote: Option<char>,
    pub cells: Vec<String>,
    pub estimate: Estimate,
    pub weight: String,
    pub mark: Mark,
    pub kind: Kind,
}

/// What a row is, which decides how it is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// A study, or anything as plain.
    #[default]
    Plain,
    /// A study of a subgroup: indented.
    Member,
    /// The name of a subgroup, with room above it.
    Heading,
    /// The estimate of a subgroup: indented and bold.
    Subtotal,
    /// Small and grey, over the label and the columns of data: the heterogeneity of a subgroup.
    Remark,
    /// The pooled estimate: bold.
    Total,
}

impl Kind {
    /// Indent, in ems.
    pub fn indent(self) -> f64 {
        match self {
            Self::Member | Self::Subtotal | Self::Remark => 1.0,
            _ => 0.0,
        }
    }

    /// Size of the text, in sizes of the theme.
    pub fn scale(self) -> f64 {
        if self == Self::Remark { 0.85 } else { 1.0 }
    }

    pub fn bold(self) -> bool {
        matches!(self, Self::Heading | Self::Subtotal | Self::Total)
    }
}

/// Everything a forest plot says.
#[derive(Debug)]
pub(super) struct Content {
    pub title: Option<String>,
    pub spans: Vec<String>,
    pub columns: Vec<Column>,
    pub study_header: String,
    pub estimate_header: String,
    pub weight_header: Option<String>,
    pub rows: Vec<Row>,
    pub summary: Vec<Row>,
    pub spread: Spread,
    /// Range that values cannot leave.
    pub bounds: (f64, f64),
    /// In what values are counted; tick labels are multiplied by it.
    pub unit: Unit,
    /// No effect, if the measure has such a value.
    pub null: Option<f64>,
    pub axis_title: String,
    pub favours: [Option<String>; 2],
    pub footer: Vec<String>,
    pub description: String,
    pub document_title: String,
    /// Side of the largest square, in row heights.
    pub largest_square: f64,
    /// An interval drawn behind all rows.
    pub band: Option<(f64, f64)>,
}

/// What every table of estimates of a result has in common.
pub(super) struct Frame {
    /// Range that values cannot leave.
    pub bounds: (f64, f64),
    /// Everything but the rows.
    pub content: Content,
}

impl Frame {
    pub(super) fn of(result: &PoolResult, options: &PlotOptions) -> Self {
        let measure = result.table.measure();
        let spec = measure.spec();
        let labels = &options.labels;
        let proportion = measure.is_proportion();
        let spread = if is_ratio(&result.table) { Spread::Log } else { Spread::Linear };
        let bounds = if proportion { (0.0, 1.0) } else { spec.scale.range() };
        let unit = Unit::of(&result.table);
        let word = labels.estimate.clone().unwrap_or_else(|| spec.label.to_string());
        let word = match (unit, &labels.estimate) {
            (Unit::Plain, _) | (Unit::PerCent, Some(_)) => word,
            (Unit::PerCent, None) => "%".into(),
            (Unit::Per(_), None) if proportion => upper_first(&unit.words().unwrap_or_default()),
            (Unit::Per(_), _) => format!("{word} {}", unit.words().unwrap_or_default()),
        };
        let word = typeset(&word);
        let [open, _, close] = options.theme.spec().brackets;
        let level = result.settings.level;
        let content = Content {
            title: labels.title.clone(),
            spans: vec![],
            columns: vec![],
            study_header: "Study".into(),
            estimate_header: format!("{word} {open}{level}% CI{close}"),
            weight_header: None,
            rows: vec![],
            summary: vec![],
            spread,
            bounds,
            unit,
            null: spec.null.and_then(|null| result.table.back(null)),
            axis_title: axis_title(result, labels, spread, proportion),
            favours: [labels.favours_low.clone(), labels.favours_high.clone()],
            footer: vec![],
            description: String::new(),
            document_title: String::new(),
            largest_square: 0.8,
            band: None,
        };
        Self { bounds, content }
    }
}

/// How values of the measure are written.
pub(super) struct Writer {
    look: Look,
    ratio: bool,
}

impl Writer {
    pub(super) fn of(result: &PoolResult) -> Self {
        Self { look: Look::pooled(result, None), ratio: is_ratio(&result.table) }
    }

    fn number(&self, x: f64) -> String {
        self.exact_end(x).unwrap_or_else(|| typeset(&self.look.number(x)))
    }

    /// Proportions of exactly 0 and 1, and ratios of 0, are no roundings.
    fn exact_end(&self, x: f64) -> Option<String> {
        let end = self.look.unit == Unit::PerCent && (x == 0.0 || x == 1.0);
        (end || self.ratio && x == 0.0).then(|| fixed(self.look.unit.factor() * x, 0))
    }

    pub(super) fn triple(&self, n: &Natural, open: (f64, f64)) -> [String; 3] {
        let ends =
            Natural { lower: Some(n.lower.unwrap_or(open.0)), upper: Some(n.upper.unwrap_or(open.1)), ..*n };
        let plain = [n.estimate, ends.lower, ends.upper];
        let mut written = self.look.interval(&ends).into_iter();
        plain.map(|x| match (x, written.next().flatten()) {
            (Some(x), Some(text)) => self.exact_end(x).unwrap_or_else(|| typeset(&text)),
            _ => String::new(),
        })
    }
}

impl Content {
    pub(super) fn new(result: &PoolResult, options: &PlotOptions) -> Self {
        let labels = &options.labels;
        let Frame { bounds, content } = Frame::of(result, options);
        let writer = Writer::of(result);
        let (spans, columns, cells) = data_columns(result, labels);
        let (rows, footnotes) = study_rows(result, &writer, bounds, cells);
        let rows = match &result.subgroups {
            Some(s) => grouped(result, s, rows, &writer, bounds, &columns),
            None => rows,
        };
        let k = result.k;
        let has_weights = result.main_weights().iter().any(Option::is_some) && k > 1;
        let summary = summary_rows(result, options, &writer, bounds, &columns);
        let mut footer = footer(result);
        footer.extend(footnotes);
        let title = || format!("Forest plot: {}, {k} studies", result.table.title());
        Self {
            spans,
            weight_header: has_weights.then(|| "Weight".to_string()),
            rows,
            footer,
            description: description(result, &writer, &summary, labels),
            document_title: labels.title.clone().unwrap_or_else(title),
            columns,
            summary,
            ..content
        }
    }
}

impl Content {
    /// One row per method of the agreement panel.
    pub(super) fn agreement(result: &PoolResult, options: &PlotOptions) -> Self {
        let writer = Writer::of(result);
        let Frame { bounds, content } = Frame::of(result, options);
        let row = |a: &crate::result::Agreement| {
            let n = Natural { estimate: a.estimate, lower: a.lower, upper: a.upper };
            Row {
                label: a.method.clone(),
                footnote: None,
                cells: vec![],
                estimate: Estimate::Triple(writer.triple(&n, bounds)),
                weight: String::new(),
                mark: match a.estimate {
                    Some(estimate) => Mark::Square {
                        estimate,
                        limits: (a.lower.unwrap_or(bounds.0), a.upper.unwrap_or(bounds.1)),
                        area: 100.0,
                    },
                    None => Mark::None,
                },
                kind: Kind::Plain,
            }
        };
        let labels = &options.labels;
        let k = result.k;
        let n: f64 =
            result.table.studies.iter().filter(|s| s.effect().is_some()).filter_map(|s| s.size).sum();
        let patients = if n > 0.0 { format!(", {n} patients") } else { String::new() };
        let mut footer = vec![format!("{k} studies{patients}; the same data under every method")];
        footer.extend(remarks(result));
        Self {
            study_header: "Method".into(),
            rows: result.agreement.iter().map(row).collect(),
            footer,
            description: format!("Agreement of {} methods on {k} studies.", result.agreement.len()),
            document_title: labels.title.clone().unwrap_or_else(|| "Agreement of methods".into()),
            largest_square: 0.42,
            ..content
        }
    }
}

/// What is to know of the methods: one line for those of which the same is said.
fn remarks(result: &PoolResult) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<&str>)> = vec![];
    for a in result.agreement.iter().filter(|a| !a.remark.is_empty()) {
        match lines.iter_mut().find(|l| l.0 == a.remark) {
            Some(line) => line.1.push(&a.method),
            None => lines.push((&a.remark, vec![&a.method])),
        }
    }
    lines
        .into_iter()
        .map(|(remark, methods)| format!("{}: {}", upper_first(remark), methods.join("; ")))
        .collect()
}

fn axis_title(result: &PoolResult, labels: &Labels, spread: Spread, proportion: bool) -> String {
    let spec = result.table.measure().spec();
    let outcome = labels.outcome.clone().filter(|o| !o.is_empty());
    let unit = Unit::of(&result.table);
    if let Some(patients) = unit.of_patients().filter(|_| proportion) {
        let patients = typeset(&patients);
        return outcome.map_or(upper_first(&patients), |o| format!("{o}, {patients}"));
    }
    let word = labels.estimate.as_deref().unwrap_or(spec.label);
    let word = match (spread, unit.words()) {
        (Spread::Log, _) => format!("{word}, log scale"),
        (Spread::Linear, Some(unit)) => format!("{word} {}", typeset(&unit)),
        (Spread::Linear, None) => word.to_string(),
    };
    outcome.map_or(word.clone(), |o| format!("{o}: {}", lower_first(&word)))
}

fn study_rows(
    result: &PoolResult,
    writer: &Writer,
    bounds: (f64, f64),
    cells: Cells,
) -> (Vec<Row>, Vec<String>) {
    let weights = result.main_weights();
    let decimals = decimals_of_percentages(weights.iter().flatten().copied());
    let mut footnotes: Vec<(String, Vec<char>)> = vec![];
    let mut rows = vec![];
    let mut letters = ('a'..='z').chain('A'..='Z');
    for (i, (s, cells)) in result.table.studies.iter().zip(cells).enumerate() {
        let pooled = s.effect().is_some();
        let mut footnote = None;
        if let Some(reason) = s.reason.as_ref().filter(|_| !pooled) {
            match footnotes.iter().find(|f| f.0 == *reason) {
                Some(known) => footnote = known.1.first().copied(),
                None => {
                    footnote = letters.next();
                    footnotes.extend(footnote.map(|letter| (reason.clone(), vec![letter])));
                }
            }
        }
        let weight = weights[i];
        let mark = match (s.natural.estimate, pooled) {
            (Some(estimate), true) => Mark::Square {
                estimate,
                limits: (s.natural.lower.unwrap_or(bounds.0), s.natural.upper.unwrap_or(bounds.1)),
                // a model without weights draws the sizes of the studies
                area: if result.k == 1 { 100.0 } else { weight.or(s.size).unwrap_or(0.0) },
            },
            _ => Mark::None,
        };
        // a count known within bounds shows the interval that it can take
        let bounded = s.bounds.zip(s.size).map(|((lo, hi), n)| (lo / n, hi / n)).filter(|_| !pooled);
        let mark = bounded.map_or(mark, |limits| Mark::Bar { limits });
        rows.push(Row {
            label: s.study.clone(),
            footnote,
            cells,
            estimate: if let Some((lo, hi)) = bounded {
                Estimate::Limits([writer.number(lo), writer.number(hi)])
            } else if pooled {
                Estimate::Triple(writer.triple(&s.natural, bounds))
            } else {
                Estimate::Words("not estimable")
            },
            weight: weight.map_or("–".into(), |w| format!("{}%", fixed(w, decimals))),
            mark,
            kind: Kind::Plain,
        });
    }
    let text = footnotes.into_iter().map(|(reason, letter)| {
        let letter: String = letter.into_iter().collect();
        format!("{letter}: not pooled, {reason}")
    });
    (rows, text.collect())
}

/// Studies under the heading of their subgroup, each with its estimate and heterogeneity.
fn grouped(
    result: &PoolResult,
    subgroups: &Subgroups,
    rows: Vec<Row>,
    writer: &Writer,
    bounds: (f64, f64),
    columns: &[Column],
) -> Vec<Row> {
    let mut out = vec![];
    let plain = |label: String, kind: Kind| Row {
        label,
        footnote: None,
        cells: vec![String::new(); columns.len()],
        estimate: Estimate::Words(""),
        weight: String::new(),
        mark: Mark::None,
        kind,
    };
    let weights = result.main_weights();
    for g in &subgroups.groups {
        // as written: levels that differ in case only are different groups
        out.push(plain(format!("{} (k\u{A0}=\u{A0}{})", g.level, g.k), Kind::Heading));
        out.extend(g.rows.iter().map(|&i| Row { kind: Kind::Member, ..rows[i].clone() }));
        let Some(main) = g.main().filter(|_| g.k > 1) else { continue };
        let n = &main.natural;
        let share: Vec<f64> = g.rows.iter().filter_map(|&i| weights[i]).collect();
        let limits = (n.lower.unwrap_or(bounds.0), n.upper.unwrap_or(bounds.1));
        out.push(Row {
            cells: totals(result, columns, "Total", |i| g.rows.contains(&i)),
            estimate: Estimate::Triple(writer.triple(n, bounds)),
            weight: if share.is_empty() {
                String::new()
            } else {
                let all = weights.iter().flatten().copied();
                format!("{}%", fixed(share.iter().sum(), decimals_of_percentages(all)))
            },
            mark: n.estimate.map_or(Mark::None, |estimate| Mark::Diamond { estimate, limits }),
            ..plain("Subtotal".into(), Kind::Subtotal)
        });
        if let Some(p) = &main.prediction {
            let limits = (p.natural.lower.unwrap_or(bounds.0), p.natural.upper.unwrap_or(bounds.1));
            out.push(Row {
                estimate: Estimate::Limits([writer.number(limits.0), writer.number(limits.1)]),
                mark: Mark::Bar { limits },
                ..plain(format!("{}% prediction interval", result.settings.level), Kind::Member)
            });
        }
        if let Some(text) = g.heterogeneity.as_ref().map(sentence::heterogeneity_short) {
            out.push(plain(typeset_sentence(&text), Kind::Remark));
        }
    }
    if !subgroups.without_level.is_empty() {
        out.push(plain(format!("No value of {}", subgroups.column), Kind::Heading));
        let rows = subgroups.without_level.iter().map(|&i| Row { kind: Kind::Member, ..rows[i].clone() });
        out.extend(rows);
    }
    out
}

fn summary_rows(
    result: &PoolResult,
    options: &PlotOptions,
    writer: &Writer,
    bounds: (f64, f64),
    columns: &[Column],
) -> Vec<Row> {
    let mut rows = vec![];
    if result.k < 2 {
        return rows;
    }
    let empty = || vec![String::new(); columns.len()];
    let mut diamond = |name: &str, pooled: &Pooled, cells: Vec<String>, weight: &str| {
        let n = &pooled.natural;
        rows.push(Row {
            label: name.into(),
            footnote: None,
            cells,
            estimate: Estimate::Triple(writer.triple(n, bounds)),
            weight: weight.into(),
            mark: match n.estimate {
                Some(estimate) => Mark::Diamond {
                    estimate,
                    limits: (n.lower.unwrap_or(bounds.0), n.upper.unwrap_or(bounds.1)),
                },
                None => Mark::None,
            },
            kind: Kind::Total,
        });
    };
    let k = result.k;
    let weighted = result.main_weights().iter().any(Option::is_some);
    if let Some(random) = &result.random {
        let name = format!("{} (k\u{A0}=\u{A0}{k})", sentence::model_word(result));
        diamond(
            &name,
            random,
            totals(result, columns, "Total", |_| true),
            if weighted { "100.0%" } else { "" },
        );
    }
    match (&result.common, &result.random) {
        (Some(common), None) => {
            let name = format!("{} (k\u{A0}=\u{A0}{k})", sentence::model_word(result));
            diamond(
                &name,
                common,
                totals(result, columns, "Total", |_| true),
                if weighted { "100.0%" } else { "" },
            );
        }
        (Some(common), Some(_)) if options.common => {
            diamond(&format!("Common effect (k\u{A0}=\u{A0}{k})"), common, empty(), "");
        }
        _ => {}
    }
    if options.theme == Theme::Cochrane && has_two_groups(result) {
        rows.push(Row {
            label: "Total events".into(),
            footnote: None,
            cells: totals(result, columns, "Events", |_| true),
            estimate: Estimate::Words(""),
            weight: String::new(),
            mark: Mark::None,
            kind: Kind::Plain,
        });
    }
    if let Some(r) = &result.range {
        let limits = (r.low.estimate, r.high.estimate);
        rows.push(Row {
            label: format!("Estimate with bounded counts (k\u{A0}=\u{A0}{})", r.k),
            footnote: None,
            cells: empty(),
            estimate: Estimate::Limits([writer.number(limits.0), writer.number(limits.1)]),
            weight: String::new(),
            mark: Mark::Bar { limits },
            kind: Kind::Plain,
        });
    }
    if let Some(p) = result.random.as_ref().and_then(|r| r.prediction.as_ref()) {
        let limits = (p.natural.lower.unwrap_or(bounds.0), p.natural.upper.unwrap_or(bounds.1));
        rows.push(Row {
            label: format!("{}% prediction interval", result.settings.level),
            footnote: None,
            cells: empty(),
            estimate: Estimate::Limits([writer.number(limits.0), writer.number(limits.1)]),
            weight: String::new(),
            mark: Mark::Bar { limits },
            kind: Kind::Plain,
        });
    }
    rows
}

fn footer(result: &PoolResult) -> Vec<String> {
    let mut lines = vec![];
    if let Some(text) = sentence::heterogeneity_line(result) {
        lines.push(format!("Heterogeneity: {}", typeset_sentence(&text)));
    }
    if let Some(text) = sentence::test_line(result).filter(|_| result.k > 1) {
        lines.push(format!("Overall effect: {}", typeset_sentence(&text)));
    }
    if let Some(text) = sentence::subgroup_line(result) {
        lines.push(typeset_sentence(&text));
    }
    if result.k > 1 {
        lines.push(format!("Method: {}", typeset_sentence(&result.method_line())));
    } else if result.k == 1 {
        lines.push("A single study: nothing is pooled".into());
    } else {
        lines.push("Each row with its own interval: nothing is pooled".into());
    }
    if result.k > 1 && result.main_weights().iter().all(Option::is_none) {
        lines.push("Squares: area proportional to the size of the study; the model has no weights".into());
    }
    for note in &result.notes {
        if matches!(note, Note::NoEvents { .. } | Note::InfiniteRatio) {
            lines.push(typeset_sentence(&upper_first(&note.message())));
        }
    }
    if result.k == 2 && result.settings.prediction.is_some() {
        lines.push("No prediction interval: fewer than three studies".into());
    }
    lines
}

/// One sentence for those who cannot see the picture.
fn description(result: &PoolResult, writer: &Writer, summary: &[Row], labels: &Labels) -> String {
    let spec = result.table.measure().spec();
    let mut text = format!(
        "Forest plot of {}: {} of {} studies pooled.",
        result.table.title(),
        result.k,
        result.table.studies.len()
    );
    let unit = typeset(&writer.look.unit.suffix());
    if let Some(Row { label, estimate: Estimate::Triple([e, l, u]), .. }) = summary.first() {
        text +=
            &format!(" {label}: {e}{unit}, {}% confidence interval {l} to {u}{unit}.", result.settings.level);
    }
    if let Some(Estimate::Limits([l, u])) =
        summary.iter().map(|r| &r.estimate).find(|e| matches!(e, Estimate::Limits(_)))
    {
        text += &format!(" Prediction interval {l} to {u}{unit}.");
    }
    if let (Some(h), Some(i2)) = (&result.heterogeneity, result.heterogeneity.as_ref().and_then(|h| h.i2)) {
        text += &format!(
            " I² {}%, τ² {}.",
            fixed(i2, 1),
            crate::result::format::significant(h.tau2.unwrap_or(0.0), 3)
        );
    }
    if let (Some(null), Some(main)) = (spec.null, result.main()) {
        let side = if main.estimate < null { &labels.favours_low } else { &labels.favours_high };
        if let Some(side) = side {
            text += &format!(" The estimate lies on the side marked “{side}”.");
        }
    }
    text
}
