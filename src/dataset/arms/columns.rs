//! Columns beside the comparisons of arms.

use super::Comparisons;
use crate::dataset::{Dataset, Noticed, Values};

/// Empties what differs between the arms of a study in columns that have no role: it belongs to no comparison. Columns
/// that are the same within most studies, such as a region, are named with the studies that break the rule.
pub(crate) fn shared_columns(
    source: &Dataset,
    made: &mut Comparisons,
    has_role: &dyn Fn(usize) -> bool,
) -> Dataset {
    let mut data = source.select(&made.at);
    for column in (0..data.columns.len()).filter(|&c| !has_role(c)) {
        let differs = |members: &Vec<usize>| {
            let mut values = members.iter().filter_map(|&row| source.text(column, row));
            let first = values.next();
            values.any(|v| Some(&v) != first.as_ref())
        };
        let differing: Vec<usize> = (0..made.members.len()).filter(|&i| differs(&made.members[i])).collect();
        for &i in &differing {
            match &mut data.columns[column].values {
                Values::Text(cells) => cells[i] = String::new(),
                Values::Number(cells) => cells[i] = None,
            }
        }
        // a column that differs within most studies is one of arms, such as their mean age
        if !differing.is_empty() && 2 * differing.len() < made.members.len() {
            made.noticed.push(Noticed::ArmsDiffer {
                column: data.columns[column].name.clone(),
                studies: differing.iter().map(|&i| made.rows[i].study.clone()).collect(),
            });
        }
    }
    data
}
