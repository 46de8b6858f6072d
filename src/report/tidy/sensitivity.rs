//! Sensitivity analyses: any number of them in one table.

use super::{from_objects, of_kind};
use crate::registry::Member;
use crate::report::json::natural;
use crate::report::sensitivity::{json, refit};
use crate::report::sheet::Sheet;
use crate::result::sensitivity::SensitivityResult;
use serde_json::{Map, Value};

/// The whole answer of `metapool sensitivity`; `kind` is the analysis, `all-studies` what it is compared with.
///
/// Of GOSH there are `gosh` (a row a study) and `gosh-summary`, of stability `stability` (a row a specification) and
/// `stability-choice`, of the profile `profile` (a row a point) and `profile-summary`.
pub fn sensitivity(result: &SensitivityResult) -> Sheet {
    let whole = json(result, &Value::Null);
    let mut rows: Vec<Map<String, Value>> = vec![];
    let add = |rows: &mut Vec<Map<String, Value>>, kind: &str, value: &Value| match value {
        Value::Array(items) => rows.extend(items.iter().map(|item| of_kind(kind, item.clone()))),
        Value::Object(map) => {
            let flat = map.iter().filter(|(_, v)| !v.is_array() && !v.is_object());
            let flat: Map<String, Value> = flat.map(|(k, v)| (k.clone(), v.clone())).collect();
            rows.push(of_kind(kind, Value::Object(flat)));
        }
        _ => {}
    };
    if let Some(all) = result.whole() {
        let mut map = Map::new();
        map.insert("study".into(), Value::Null);
        map.extend(refit(Some(&all)));
        let read = result.pool.main().map(|m| m.natural).unwrap_or_default();
        map.insert("natural".into(), natural(&read));
        rows.push(of_kind("all-studies", Value::Object(map)));
    }
    for analysis in &result.analyses {
        let id = analysis.id();
        match id {
            "gosh" => {
                add(&mut rows, id, &whole["splits"]);
                add(&mut rows, "gosh-summary", &whole["summary"]);
            }
            "outliers" => add(&mut rows, id, &whole[id]["path"]),
            "stability" => {
                add(&mut rows, id, &whole[id]["specifications"]);
                add(&mut rows, "stability-choice", &whole[id]["choices"]);
                add(&mut rows, "stability-summary", &whole[id]);
            }
            "profile" => {
                add(&mut rows, id, &whole[id]["points"]);
                add(&mut rows, "profile-summary", &whole[id]);
            }
            _ => add(&mut rows, id, &whole[id.replace('-', "_").as_str()]),
        }
    }
    for note in result.notes() {
        let text = Value::String(format!("{}; {}", note.message(), note.hint()));
        rows.push(of_kind("note", serde_json::json!({ "label": note.code(), "text": text })));
    }
    from_objects(&rows)
}
