//! Rows that are no studies, and what must be said of those that are.

use crate::dataset::{Dataset, LabelSource, Noticed, StudyRow, strays};
use std::collections::HashSet;

/// Rows labelled as totals leave the data, unless there is nothing else.
pub(super) fn set_aside(dataset: Dataset, source: LabelSource) -> (Dataset, Option<Noticed>) {
    let labels = match source {
        // without labels, a total is called so in the first column of text
        LabelSource::Rows => match (0..dataset.columns.len()).find(|&c| !dataset.is_numeric(c)) {
            Some(c) => dataset.labels(LabelSource::Column(c)),
            None => return (dataset, None),
        },
        LabelSource::AuthorYear(author, _) => dataset.labels(LabelSource::Column(author)),
        LabelSource::Column(_) => dataset.labels(source),
    };
    let (aside, keep): (Vec<usize>, Vec<usize>) =
        (0..labels.len()).partition(|&i| strays::is_total(&labels[i], source == LabelSource::Rows));
    if aside.is_empty() || keep.is_empty() {
        return (dataset, None);
    }
    let rows = aside.iter().map(|&i| (labels[i].clone(), dataset.lines[i])).collect();
    (dataset.select(&keep), Some(Noticed::SetAside { rows }))
}

/// Labels that stand for several rows.
pub(super) fn repeated(rows: &[StudyRow], dataset: &Dataset, source: LabelSource) -> Option<Noticed> {
    let (mut seen, mut named) = (HashSet::new(), HashSet::new());
    // a row that stands there twice is named as such
    let whole = |r: &StudyRow| r.data.as_ref().map_or_else(Clone::clone, |d| format!("{d:?}"));
    let mut held = HashSet::new();
    let own = rows.iter().filter(|r| held.insert((r.study.as_str(), whole(r))));
    let again = own.map(|r| r.study.as_str()).filter(|label| !seen.insert(*label));
    let labels: Vec<String> = again.filter(|label| named.insert(*label)).map(str::to_string).collect();
    let column = match source {
        LabelSource::Column(c) => Some(dataset.columns[c].name.clone()),
        _ => None,
    };
    (!labels.is_empty()).then_some(Noticed::Repeated { labels, column })
}

/// What the description of bundled data warns of.
pub(super) fn caution(dataset: &Dataset) -> Option<Noticed> {
    let caution = dataset.info.as_ref()?.caution.as_ref()?;
    if let Some(column) = caution.column.as_deref().and_then(|c| dataset.position(c)) {
        let mut values: Vec<_> = (0..dataset.rows()).filter_map(|i| dataset.text(column, i)).collect();
        values.sort();
        values.dedup();
        if values.len() < 2 {
            return None;
        }
    }
    Some(Noticed::Caution { message: caution.message.clone(), hint: caution.hint.clone() })
}
