//! The table of a forest plot: its columns, its rows and the marks in its panel, in values people read.

use crate::effect::Natural;
use crate::plot::text::Weight;

/// What a column of data holds, where its total can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    Events,
    Patients,
}

/// A column of numbers between the labels and the panel, aligned at its right edge.
#[derive(Clone, Debug)]
pub(super) struct DataColumn {
    pub header: String,
    /// Index of the heading that spans it and its neighbours.
    pub span: Option<usize>,
    /// What its total counts.
    pub sum: Option<Sum>,
    /// Which of the values of a study it holds.
    pub value: usize,
}

impl DataColumn {
    /// A column that has no total.
    pub fn plain(header: &str) -> Self {
        Self { header: header.into(), span: None, sum: None, value: 0 }
    }

    pub fn summed(header: &str, sum: Sum) -> Self {
        Self { sum: Some(sum), ..Self::plain(header) }
    }

    pub fn under(self, span: usize) -> Self {
        Self { span: Some(span), ..self }
    }
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

impl Mark {
    /// The diamond of an estimate, if there is one.
    pub fn diamond(n: &Natural, bounds: (f64, f64)) -> Self {
        n.estimate.map_or(Self::None, |estimate| Self::Diamond { estimate, limits: limits(n, bounds) })
    }

    /// The weight of a square.
    pub fn area(&self) -> f64 {
        if let Self::Square { area, .. } = self { *area } else { 0.0 }
    }
}

/// Limits, or what bounds the values on a side that has none.
pub(super) fn limits(n: &Natural, bounds: (f64, f64)) -> (f64, f64) {
    (n.lower.unwrap_or(bounds.0), n.upper.unwrap_or(bounds.1))
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
    pub role: Role,
}

impl Row {
    /// How its texts are set.
    pub fn text_weight(&self) -> Weight {
        if self.role.bold() { Weight::Bold } else { Weight::Regular }
    }

    /// A row with a label and nothing else.
    pub fn labelled(label: impl Into<String>, role: Role, columns: usize) -> Self {
        Self {
            label: label.into(),
            footnote: None,
            cells: vec![String::new(); columns],
            estimate: Estimate::Words(""),
            weight: String::new(),
            mark: Mark::None,
            role,
        }
    }

    pub fn estimate(self, estimate: Estimate, mark: Mark) -> Self {
        Self { estimate, mark, ..self }
    }

    pub fn cells(self, cells: Vec<String>) -> Self {
        Self { cells, ..self }
    }

    pub fn weight(self, weight: impl Into<String>) -> Self {
        Self { weight: weight.into(), ..self }
    }
}

/// What a row is, which decides how it is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
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

impl Role {
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

    fn bold(self) -> bool {
        matches!(self, Self::Heading | Self::Subtotal | Self::Total)
    }
}
