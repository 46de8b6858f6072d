//! Tests of bias and estimates that allow for it.

use super::{from_objects, of_kind};
use crate::registry::Member;
use crate::report::bias::outcome;
use crate::report::json::{number, pooled};
use crate::report::sheet::Sheet;
use crate::result::bias::{BiasResult, Finding};
use serde_json::{Map, Value, json};

/// The whole answer of `metapool bias`.
///
/// Kinds: `test`; `step`, `parameter` and `curve` of a selection model; `filled` of trim and fill; `share` of p-curve; `refused`, with
/// the reason; `random` or `common`, the estimate as pooled; `note`.
pub fn bias(result: &BiasResult) -> Sheet {
    let mut rows: Vec<Map<String, Value>> = vec![];
    let mut lists: Vec<Map<String, Value>> = vec![];
    for o in &result.outcomes {
        let mut map = outcome(o);
        let lists_of = ["curve", "filled", "steps", "delta", "delta_se", "studies_per_step", "shares"];
        let taken: Vec<Option<Value>> = lists_of.iter().map(|name| map.shift_remove(*name)).collect();
        rows.push(of_kind("test", Value::Object(map)));
        let mut add = |kind: &str, mut value: Value| {
            if let Value::Object(map) = &mut value {
                map.shift_insert(0, "test".into(), json!(o.test.id()));
            }
            lists.push(of_kind(kind, value));
        };
        match &o.finding {
            Finding::Selection(s) => {
                for (i, (delta, se)) in s.delta.iter().zip(&s.delta_se).enumerate() {
                    let mut row = json!({ "delta": number(Some(*delta)), "delta_se": number(*se) });
                    if let Some(step) = s.steps.get(i) {
                        row["step"] = json!(step);
                        row["studies"] = json!(s.counts.get(i));
                    }
                    add(if s.steps.is_empty() { "parameter" } else { "step" }, row);
                }
            }
            Finding::PCurve(c) => c.shares.iter().enumerate().for_each(|(i, share)| {
                // five bins of significant p-values: .01, .02 ... .05
                add("share", json!({ "bin": i + 1, "share": number(Some(*share)) }));
            }),
            _ => {}
        }
        for (kind, list) in ["curve", "filled"].into_iter().zip(taken) {
            if let Some(Value::Array(items)) = list {
                items.into_iter().for_each(|item| add(kind, item));
            }
        }
    }
    rows.extend(result.refused.iter().map(|r| {
        of_kind("refused", json!({ "test": r.test.id(), "title": r.test.name(), "reason": r.reason }))
    }));
    for (kind, p) in [("random", &result.pool.random), ("common", &result.pool.common)] {
        if let Some(p) = p {
            rows.push(of_kind(kind, Value::Object(pooled(p))));
        }
    }
    rows.extend(lists);
    for note in result.notes() {
        let text = format!("{}; {}", note.message(), note.hint());
        rows.push(of_kind("note", json!({ "label": note.code(), "text": text })));
    }
    from_objects(&rows)
}
