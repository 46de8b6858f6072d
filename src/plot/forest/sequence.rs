//! Leave-one-out and cumulative analyses as rows of a forest plot: dots without weights, and the interval of all studies
//! as a band behind them. Reference: \[lau1992\].

use super::content::Content;
use super::rows::{DataColumn, Estimate, Mark, Role, Row, limits};
use super::writer::Writer;
use crate::plot::options::PlotOptions;
use crate::plot::typeset::{self, lower_first};
use crate::plot::words;
use crate::result::format::{p_relation, percent, significant};
use crate::result::sensitivity::{PartialFit, SensitivityResult, Step};
use crate::result::sentence;

/// Which analysis the steps come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steps {
    /// Each without a study.
    LeaveOneOut,
    /// Each with one study more.
    Cumulative,
}

/// A number beside the estimate of every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// What the studies are ordered by.
    Order,
    Studies,
    P,
    Tau2,
    I2,
}

/// What has no value.
const MISSING: &str = "–";

impl Cell {
    /// Those that the analysis has.
    fn present(s: &SensitivityResult, steps: &[Step], kind: Steps) -> Vec<Self> {
        let has = |of: fn(&PartialFit) -> Option<f64>| {
            steps.iter().filter_map(|s| s.fit.as_ref()).any(|f| of(f).is_some())
        };
        let cells = [
            (Self::Order, kind == Steps::Cumulative && s.order.is_some()),
            (Self::Studies, true),
            (Self::P, s.null.is_some() && has(|f| f.p_value)),
            (Self::Tau2, has(|f| f.tau2)),
            (Self::I2, has(|f| f.i2)),
        ];
        cells.into_iter().filter(|(_, there)| *there).map(|(cell, _)| cell).collect()
    }

    fn header(self, s: &SensitivityResult) -> String {
        match self {
            Self::Order => s.order.clone().unwrap_or_default(),
            Self::Studies => "k".into(),
            Self::P => s.against.map_or("p".into(), |x| format!("p against {x}")),
            Self::Tau2 => "τ²".into(),
            Self::I2 => "I²".into(),
        }
    }

    fn write(self, fit: Option<&PartialFit>, order: Option<&String>) -> Option<String> {
        let tau2 = |t: f64| if t == 0.0 { "0".to_string() } else { significant(t, 2) };
        match self {
            Self::Order => order.cloned(),
            Self::Studies => fit.map(|f| f.k.to_string()),
            Self::P => fit.and_then(|f| f.p_value).map(short_p),
            Self::Tau2 => fit.and_then(|f| f.tau2).map(tau2),
            Self::I2 => fit.and_then(|f| f.i2).map(percent),
        }
    }
}

/// A p-value in a column that is headed by what it is.
fn short_p(p: f64) -> String {
    match p_relation(p) {
        ('<', number) => format!("<\u{2009}{number}"),
        (_, number) => number,
    }
}

pub(super) fn content(s: &SensitivityResult, steps: &[Step], kind: Steps, options: &PlotOptions) -> Content {
    let result = &s.pool;
    let common = Content::without_rows(result, options);
    let writer = Writer::of(result, common.bounds);
    let cells = Cell::present(s, steps, kind);
    let mut order: Vec<&Step> = steps.iter().collect();
    if kind == Steps::LeaveOneOut {
        // by what leaving out does, from the lowest estimate to the highest
        let value = |s: &Step| s.natural.estimate.unwrap_or(f64::INFINITY);
        order.sort_by(|a, b| value(a).total_cmp(&value(b)));
    }
    let summary = summary(s, &cells, &writer);
    let main = result.main().filter(|_| !summary.is_empty());
    let what = match kind {
        Steps::Cumulative => "Cumulative analysis",
        Steps::LeaveOneOut => "Leave-one-out analysis",
    };
    let title = format!("{what}: {}, {} studies", result.table.title(), result.k);
    let (turning, all) = (steps.iter().filter(|s| s.turns).count(), steps.len());
    Content {
        columns: cells.iter().map(|c| DataColumn::plain(&c.header(s))).collect(),
        study_header: header(s, kind),
        rows: order.into_iter().map(|step| row(step, kind, &cells, &writer)).collect(),
        summary,
        band: main.map(|m| limits(&m.natural, writer.bounds)),
        footer: footer(s, kind, turning > 0),
        description: format!("{title}. {turning} of {all} steps change {}.", s.conclusion_word()),
        largest_square: 0.4,
        ..common
    }
    .titled(title)
}

fn header(s: &SensitivityResult, kind: Steps) -> String {
    match (kind, &s.cluster) {
        (Steps::Cumulative, _) => "Study added".into(),
        (Steps::LeaveOneOut, Some(column)) => format!("Without {column}"),
        (Steps::LeaveOneOut, None) => "Without".into(),
    }
}

fn row(step: &Step, kind: Steps, cells: &[Cell], writer: &Writer) -> Row {
    let n = &step.natural;
    let label = match kind {
        Steps::Cumulative => format!("+ {}", step.label),
        Steps::LeaveOneOut => step.label.clone(),
    };
    let write = |c: &Cell| c.write(step.fit.as_ref(), step.order.as_ref());
    let written = cells.iter().map(|c| write(c).unwrap_or_else(|| MISSING.into())).collect();
    let row = Row::labelled(label, Role::Plain, 0).cells(written);
    let row = match n.estimate {
        Some(estimate) => {
            let limits = limits(n, writer.bounds);
            row.estimate(writer.triple(n), Mark::Dot { estimate, limits, turns: step.turns })
        }
        None => row.estimate(Estimate::Words("not estimable"), Mark::None),
    };
    Row { footnote: step.turns.then_some('a'), ..row }
}

/// The estimate of all studies, if there is one.
fn summary(s: &SensitivityResult, cells: &[Cell], writer: &Writer) -> Vec<Row> {
    let (Some(main), Some(whole)) = (s.pool.main(), s.whole()) else { return vec![] };
    let label = format!("All studies, {}", lower_first(sentence::model_word(&s.pool)));
    let written = cells.iter().map(|c| c.write(Some(&whole), None).unwrap_or_default()).collect();
    vec![writer.pooled(Row::labelled(label, Role::Total, 0).cells(written), &main.natural)]
}

fn footer(s: &SensitivityResult, kind: Steps, turned: bool) -> Vec<String> {
    let mut footer = vec![format!("Band: {}% confidence interval of all studies", s.pool.settings.level)];
    if turned {
        let when = if kind == Steps::Cumulative { "from here on" } else { "without it" };
        footer.push(format!("a: {when} {} is another", s.conclusion_word()));
    }
    footer.push(typeset::sentence(&words::method(&s.pool)));
    footer
}
