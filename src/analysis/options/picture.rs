//! How a picture looks, and what it says.

use crate::choice::option::{Given, table as o};
use crate::choice::{Axes, Naming};
use crate::error::Error;
use crate::plot::theme::Theme;
use crate::plot::{Labels, PlotOptions};

/// How a picture looks; `described` are the words that come with the data.
///
/// # Errors
/// A family has no member of the name that was given.
pub fn picture(given: &Given, described: Labels) -> Result<PlotOptions, Error> {
    let usual = PlotOptions::default();
    Ok(PlotOptions {
        theme: given.choice::<Theme>(&o::THEME)?.unwrap_or(usual.theme),
        width_mm: given.number(&o::WIDTH),
        labels: labels(given, described),
        common: given.has(&o::COMMON),
        full_range: given.has(&o::FULL_RANGE),
        rows_per_page: given.count(&o::ROWS_PER_PAGE).map_or(usual.rows_per_page, |n| n as usize),
        naming: given.choice::<Naming>(&o::LABEL)?.unwrap_or_default(),
        by_size: given.has(&o::BY_SIZE),
        log_axes: given.choice::<Axes>(&o::AXES)?.map(|axes| axes == Axes::Log),
    })
}

/// The words of a picture: those that were given, else those that come with the data.
pub fn labels(given: &Given, described: Labels) -> Labels {
    let [group1, group2] = pair(given.text(&o::GROUPS));
    let [low, high] = pair(given.text(&o::FAVOURS));
    Labels {
        title: given.owned(&o::TITLE).or(described.title),
        group1: group1.or(described.group1),
        group2: group2.or(described.group2),
        favours_low: low.or(described.favours_low),
        favours_high: high.or(described.favours_high),
        outcome: given.owned(&o::OUTCOME).or(described.outcome),
        estimate: given.owned(&o::ESTIMATE).or(described.estimate),
    }
}

/// Splits `first,second`; one part alone names the first.
fn pair(text: Option<&str>) -> [Option<String>; 2] {
    let mut parts =
        text.unwrap_or_default().splitn(2, ',').map(|p| Some(p.trim().to_string()).filter(|p| !p.is_empty()));
    [parts.next().flatten(), parts.next().flatten()]
}
