//! Rows that seem to be arms though nobody said so.

use super::levels::{distinct, is_control};
use crate::dataset::Dataset;
use crate::error::Error;
use std::collections::{HashMap, HashSet};

/// Whether a column is called as those of arms are: a word for arms, and beside it none but words such as `name` or `code`.
fn names_arms(name: &str) -> bool {
    const ARMS: &str = "treatment treatments treated treat trt arm arms group groups grp t tx rx intervention \
                        interventions drug drugs dose dosage therapy therapies condition regimen comparator allocation \
                        exposure exposed treatmentarm armname";
    const BESIDE: &str = "name label id code type assigned study trial of level no number";
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && lower {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    let is = |list: &str, word: &str| list.split_whitespace().any(|w| w == word);
    let mut words = words.iter().filter(|w| !w.is_empty()).peekable();
    words.clone().any(|w| is(ARMS, w)) && words.all(|w| is(ARMS, w) || is(BESIDE, w))
}

/// The column that seems to name the arms of studies whose labels repeat, with its levels.
///
/// Within every repeated label it must tell the rows apart; and either its name is one for arms, or one of its levels
/// is one for controls. `free` says whether a column has no other role.
pub(crate) fn suspected(
    data: &Dataset,
    labels: &[String],
    free: &dyn Fn(usize) -> bool,
) -> Option<(String, Vec<String>)> {
    let mut members: HashMap<&str, Vec<usize>> = HashMap::new();
    labels.iter().enumerate().for_each(|(i, l)| members.entry(l.as_str()).or_default().push(i));
    let repeated: Vec<&Vec<usize>> = members.values().filter(|rows| rows.len() > 1).collect();
    if repeated.is_empty() {
        return None;
    }
    let tells = |column: usize| {
        repeated.iter().all(|rows| {
            let mut seen = HashSet::new();
            rows.iter().all(|&i| data.text(column, i).is_some_and(|v| seen.insert(v)))
        })
    };
    let levels =
        |column: usize| distinct(&(0..data.rows()).map(|i| data.text(column, i)).collect::<Vec<_>>());
    let candidates = (0..data.columns.len()).filter(|&c| free(c) && tells(c));
    let (named, others): (Vec<usize>, Vec<usize>) =
        candidates.partition(|&c| names_arms(&data.columns[c].name));
    let chosen = named.first().copied().or_else(|| {
        others.into_iter().find(|&c| !data.is_numeric(c) && levels(c).iter().any(|l| is_control(l)))
    })?;
    Some((data.columns[chosen].name.clone(), levels(chosen)))
}

/// The refusal of rows that seem to be arms.
pub(crate) fn refusal((column, levels): &(String, Vec<String>), rows: usize, studies: usize) -> Error {
    let reference = levels.iter().find(|l| is_control(l)).or(levels.first()).map_or("LEVEL", String::as_str);
    let shown: Vec<&str> = levels.iter().take(8).map(String::as_str).collect();
    let more = if levels.len() > 8 { ", ..." } else { "" };
    Error::data(format!(
        "{rows} rows of {studies} studies seem to be their arms, told apart by `{column}` ({}{more}): arms are not studies",
        shown.join(", ")
    ))
    .with_hint(format!(
        "compare them with ⟦arm={column}‖reference='{reference}'⟧; one group alone: ⟦where=\"{column} = '...'\"⟧; \
         if every row is a study of its own, say ⟦arm=none⟧"
    ))
}
