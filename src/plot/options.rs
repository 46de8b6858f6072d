//! What can be asked of a picture.

use super::theme::Theme;
use crate::choice::Naming;

/// Words that the data do not hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Title above the picture.
    pub title: Option<String>,
    /// First group.
    pub group1: Option<String>,
    /// Second group.
    pub group2: Option<String>,
    /// What values below no effect favour.
    pub favours_low: Option<String>,
    /// What values above no effect favour.
    pub favours_high: Option<String>,
    /// What was measured or counted.
    pub outcome: Option<String>,
    /// Heading of the estimates, instead of the measure's.
    pub estimate: Option<String>,
}

impl Labels {
    /// Names of the first and the second group.
    pub(super) fn groups(&self) -> [String; 2] {
        let name = |label: &Option<String>, or: &str| label.clone().unwrap_or_else(|| or.to_string());
        [name(&self.group1, "Group 1"), name(&self.group2, "Group 2")]
    }

    /// What was measured or counted, if it was said.
    pub(super) fn outcome(&self) -> Option<&str> {
        self.outcome.as_deref().filter(|o| !o.is_empty())
    }
}

/// What can be asked of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PlotOptions {
    /// The look.
    pub theme: Theme,
    /// Width of the page in millimetres; `None` takes what the contents need.
    pub width_mm: Option<f64>,
    /// Words.
    pub labels: Labels,
    /// Show the common-effect estimate beside the random-effects one.
    pub common: bool,
    /// Show every interval whole, however wide the axis becomes.
    pub full_range: bool,
    /// Rows on a page before a new one begins.
    pub rows_per_page: usize,
    /// Which studies are named in charts.
    pub naming: Naming,
    /// Funnel plots by the number of patients instead of the standard error.
    pub by_size: bool,
    /// Whether axes of L'Abbé plots are logarithmic; `None` where it helps.
    pub log_axes: Option<bool>,
}

impl Default for PlotOptions {
    fn default() -> Self {
        Self {
            theme: Theme::Default,
            width_mm: None,
            labels: Labels::default(),
            common: false,
            full_range: false,
            rows_per_page: 60,
            naming: Naming::Outliers,
            by_size: false,
            log_axes: None,
        }
    }
}
