//! Sensitivity analyses as JSON, tables and sentences.

use super::json::{self, natural, number};
use super::regression::p_cell;
use super::sheet::{Cell, Heading, Sheet};
use super::summary::{estimate, heading, level, limits, percentages, value};
use crate::effect::Natural;
use crate::registry::Member;
use crate::result::format::{fixed, grouped, p_value, percent, significant, upper_first};
use crate::result::look::Look;
use crate::result::sensitivity::{
    Analysis, Baujat, Blup, Choice, Conclusion, Gosh, Influence, Outliers, Refit, SensitivityResult,
    Specification, Split, Stability, Step,
};
use crate::result::sentence;
use serde_json::{Map, Value, json};

pub(super) fn refit(f: Option<&Refit>) -> Map<String, Value> {
    let of = |get: fn(&Refit) -> Option<f64>| number(f.and_then(get));
    let value = json!({
        "k": f.map(|f| f.k),
        "estimate": of(|f| Some(f.estimate)),
        "se": of(|f| f.se),
        "statistic": of(|f| f.statistic),
        "df": of(|f| f.df),
        "p_value": of(|f| f.p_value),
        "ci_lower": of(|f| f.lower),
        "ci_upper": of(|f| f.upper),
        "q": of(|f| f.q),
        "q_p_value": of(|f| f.q_p_value),
        "tau2": of(|f| f.tau2),
        "i2": of(|f| f.i2),
        "h2": of(|f| f.h2),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn step(s: &Step) -> Value {
    let mut map = Map::new();
    map.insert("study".into(), json!(s.label));
    map.insert("studies".into(), json!(s.rows.len()));
    if let Some(order) = &s.order {
        map.insert("order".into(), json!(order));
    }
    map.extend(refit(s.fit.as_ref()));
    map.insert("natural".into(), natural(&s.natural));
    map.insert("conclusion_changes".into(), json!(s.turns));
    map.insert("reason".into(), json!(s.reason));
    Value::Object(map)
}

fn influence(d: &Influence) -> Value {
    json!({
        "study": d.study,
        "rstudent": number(d.rstudent),
        "dffits": number(d.dffits),
        "cook_distance": number(d.cook_distance),
        "covratio": number(d.covratio),
        "tau2_deleted": number(d.tau2_deleted),
        "q_deleted": number(d.q_deleted),
        "hat": number(d.hat),
        "weight": number(d.weight),
        "dfbeta": number(d.dfbeta),
        "residual": number(d.residual),
        "standardized_residual": number(d.standardized_residual),
        "influential": !d.flags.is_empty(),
        "flags": d.flags,
    })
}

fn gosh(map: &mut Map<String, Value>, g: &Gosh) {
    map.insert("subsets".into(), json!(g.subsets));
    map.insert("exhaustive".into(), json!(g.exhaustive));
    map.insert("seed".into(), json!(g.seed));
    map.insert("failed".into(), json!(g.failed));
    map.insert(
        "summary".into(),
        json!({
            "estimate_mean": number(Some(g.estimate_mean)),
            "estimate_sd": number(Some(g.estimate_sd)),
            "estimate_min": number(Some(g.estimate_range.0)),
            "estimate_max": number(Some(g.estimate_range.1)),
            "i2_mean": number(Some(g.i2_mean)),
            "i2_sd": number(Some(g.i2_sd)),
        }),
    );
    let split = |s: &Split| {
        json!({
            "study": s.study,
            "estimate_with": number(Some(s.estimate_with)),
            "estimate_without": number(Some(s.estimate_without)),
            "i2_with": number(Some(s.i2_with)),
            "i2_without": number(Some(s.i2_without)),
            "distance": number(Some(s.distance)),
        })
    };
    map.insert("splits".into(), g.splits.iter().map(split).collect());
    map.insert("widest_split".into(), json!(g.widest().map(|s| &s.study)));
}

fn conclusion(c: Option<Conclusion>, against: Option<f64>) -> Value {
    c.map_or(Value::Null, |c| json!(c.words(against)))
}

fn stability(s: &Stability) -> Value {
    let choice = |c: &Choice| {
        let e = c.estimates;
        json!({ "dimension": c.dimension, "option": c.option, "primary": c.primary, "analyses": c.analyses, "holds": c.holds,
                "estimate_min": number(e.map(|e| e.0)), "estimate_median": number(e.map(|e| e.1)),
                "estimate_max": number(e.map(|e| e.2)) })
    };
    let specification = |x: &Specification| {
        let chosen: Map<String, Value> =
            s.dimensions.iter().zip(&x.choices).map(|(d, c)| (d.to_string(), json!(c))).collect();
        json!({ "choices": chosen, "k": x.k, "natural": natural(&x.natural), "p_value": number(x.p_value),
                "conclusion": conclusion(x.conclusion, s.against), "primary": x.primary,
                "left_out_min": number(x.left_out.map(|l| l.0)), "left_out_max": number(x.left_out.map(|l| l.1)),
                "left_out_holds": x.left_out_holds.map(|l| l.0), "left_out": x.left_out_holds.map(|l| l.1) })
    };
    json!({
        "conclusion": conclusion(s.conclusion, s.against),
        "analyses": s.analyses,
        "holds": s.holds,
        "choices": s.choices.iter().map(choice).collect::<Vec<_>>(),
        "specifications": s.specifications.iter().map(specification).collect::<Vec<_>>(),
        "refused": s.refused.0,
        "refused_reason": s.refused.1,
    })
}

/// The result of `metapool sensitivity`.
pub fn json(result: &SensitivityResult, input: &Value) -> Value {
    let mut settings = json::pool_settings(&result.pool);
    let ids: Vec<&str> = result.analyses.iter().map(|a| a.id()).collect();
    settings.insert("analyses".into(), json!(ids));
    settings.insert("order".into(), json!(result.order));
    settings.insert("descending".into(), json!(result.descending));
    settings.insert("cluster".into(), json!(result.cluster));
    settings.insert("against".into(), number(result.null));
    let mut map = json::head("sensitivity", input, settings);
    map.insert("k".into(), json!(result.pool.k));
    let object = |p| Value::Object(json::pooled(p));
    map.insert("common".into(), result.pool.common.as_ref().map_or(Value::Null, object));
    map.insert("random".into(), result.pool.random.as_ref().map_or(Value::Null, json::random));
    map.insert(
        "heterogeneity".into(),
        result.pool.heterogeneity.as_ref().map_or(Value::Null, json::heterogeneity),
    );
    if let Some(steps) = &result.leave_one_out {
        map.insert("leave_one_out".into(), steps.iter().map(step).collect());
    }
    if let Some(steps) = &result.cumulative {
        map.insert("cumulative".into(), steps.iter().map(step).collect());
    }
    if let Some(rows) = &result.influence {
        map.insert("influence".into(), rows.iter().map(influence).collect());
    }
    if let Some(rows) = &result.baujat {
        let row = |b: &Baujat| json!({ "study": b.study, "q_contribution": number(b.q_contribution), "influence": number(b.influence) });
        map.insert("baujat".into(), rows.iter().map(row).collect());
    }
    if let Some(rows) = &result.blup {
        let row = |b: &Blup| {
            json!({ "study": b.study, "estimate": number(Some(b.estimate)), "se": number(Some(b.se)),
                    "ci_lower": number(Some(b.lower)), "ci_upper": number(Some(b.upper)),
                    "natural": natural(&b.natural), "shrinkage": number(Some(b.shrinkage)) })
        };
        map.insert("blup".into(), rows.iter().map(row).collect());
    }
    if let Some(g) = &result.gosh {
        gosh(&mut map, g);
    }
    if let Some(o) = &result.outliers {
        let row = |r: &crate::result::sensitivity::Removal| {
            let mut map = Map::new();
            map.insert("left_out".into(), json!(r.study));
            map.extend(refit(Some(&r.fit)));
            map.insert("natural".into(), natural(&r.natural));
            map.insert("conclusion_changes".into(), json!(r.turns));
            Value::Object(map)
        };
        let path: Vec<Value> = o.path.iter().map(row).collect();
        map.insert(
            "outliers".into(),
            json!({ "i2_target": number(Some(o.target)), "reached": o.reached, "path": path }),
        );
    }
    if let Some(s) = &result.stability {
        map.insert("stability".into(), stability(s));
    }
    if let Some(p) = &result.profile {
        let points: Vec<Value> = p
            .points
            .iter()
            .map(|(t, l)| json!({ "tau2": number(Some(*t)), "log_likelihood": number(Some(*l)) }))
            .collect();
        map.insert(
            "profile".into(),
            json!({ "tau2": number(Some(p.peak.0)), "log_likelihood": number(Some(p.peak.1)), "cut": number(Some(p.cut)),
                    "ci_lower": number(p.lower.or(Some(0.0))), "ci_upper": number(p.upper), "restricted": p.restricted,
                    "points": points }),
        );
    }
    map.insert("notes".into(), json::notes(&result.notes()));
    Value::Object(map)
}

/// Columns that estimates share, and their cells.
fn estimate_headings(result: &SensitivityResult) -> Vec<Heading> {
    vec![
        Heading::number("estimate", &heading(&result.pool.table)),
        Heading::number("ci", &level(result.pool.settings.level)),
        Heading::number("p_value", &result.against.map_or("p".into(), |x| format!("p against {x}"))),
        Heading::number("tau2", "τ²"),
        Heading::number("i2", "I²"),
    ]
}

fn estimate_cells(
    result: &SensitivityResult,
    n: &Natural,
    f: Option<&Refit>,
    digits: Option<usize>,
) -> Vec<Cell> {
    let look = Look::pooled(&result.pool, digits);
    let tau2 = |t: f64| if t == 0.0 { "0".to_string() } else { significant(t, 3) };
    // levels have no value of no effect: a p-value against zero on the scale of analysis says nothing to a reader
    let tested = result.null.is_some();
    vec![
        estimate(n, look),
        limits(n, look),
        f.and_then(|f| f.p_value).filter(|_| tested).map_or(Cell::Missing, p_cell),
        f.and_then(|f| f.tau2).map_or(Cell::Missing, |t| Cell::Text(tau2(t))),
        f.and_then(|f| f.i2).map_or(Cell::Missing, |x| Cell::Text(percent(x))),
    ]
}

/// Drops columns in which nothing stands, the first one apart.
fn without_empty(mut sheet: Sheet) -> Sheet {
    for column in (1..sheet.headings.len()).rev() {
        if sheet.rows.iter().all(|r| r[column] == Cell::Missing) {
            sheet.headings.remove(column);
            sheet.rows.iter_mut().for_each(|r| {
                r.remove(column);
            });
        }
    }
    sheet
}

fn steps_table(result: &SensitivityResult, steps: &[Step], adding: bool, digits: Option<usize>) -> Sheet {
    let first = match (adding, &result.cluster) {
        (true, _) => "Up to".to_string(),
        (false, None) => "Without".into(),
        (false, Some(column)) => format!("Without {column}"),
    };
    let mut headings = vec![Heading::text("study", &first)];
    if let Some(order) = result.order.as_ref().filter(|_| adding) {
        headings.push(Heading::number("order", order));
    }
    headings.push(Heading::number("k", "k"));
    headings.extend(estimate_headings(result));
    headings.push(Heading::text("note", "Note"));
    let row = |s: &Step| {
        let mut cells: Vec<Cell> = vec![s.label.as_str().into()];
        if adding && result.order.is_some() {
            cells.push(s.order.clone().map_or(Cell::Missing, Cell::Text));
        }
        cells.push(s.fit.as_ref().map_or(Cell::Missing, |f| Cell::Count(f.k as f64)));
        cells.extend(estimate_cells(result, &s.natural, s.fit.as_ref(), digits));
        let note = match (&s.reason, s.turns) {
            (Some(reason), _) => reason.clone(),
            (None, true) => format!("{} changes", result.conclusion_word()),
            (None, false) => String::new(),
        };
        cells.push(note.into());
        cells
    };
    let mut rows: Vec<Vec<Cell>> = steps.iter().map(row).collect();
    let mut rules = vec![];
    if !adding && let Some(all) = result.whole() {
        rules.push(rows.len());
        let natural = result.pool.main().map(|m| m.natural).unwrap_or_default();
        let mut cells: Vec<Cell> = vec!["All studies".into(), Cell::Count(all.k as f64)];
        cells.extend(estimate_cells(result, &natural, Some(&all), digits));
        cells.push(Cell::Missing);
        rows.push(cells);
    }
    without_empty(Sheet { headings, rows, rules })
}

fn influence_table(rows: &[Influence]) -> Sheet {
    let mut headings = vec![Heading::text("study", "Study")];
    let columns = [
        ("rstudent", "Residual"),
        ("dffits", "DFFITS"),
        ("cook_distance", "Cook's D"),
        ("covratio", "Cov. ratio"),
        ("tau2_deleted", "τ² without"),
        ("q_deleted", "Q without"),
        ("hat", "Leverage"),
        ("weight", "Weight"),
        ("dfbeta", "DFBETA"),
    ];
    headings.extend(columns.iter().map(|(id, title)| Heading::number(id, title)));
    headings.push(Heading::text("flags", "Flagged by"));
    let column = |get: fn(&Influence) -> Option<f64>, least: usize| {
        let values: Vec<f64> = rows.iter().filter_map(get).collect();
        let decimals = decimals_of(&values, least);
        move |d: &Influence| get(d).map_or(Cell::Missing, |x| Cell::Text(written(x, decimals)))
    };
    let (rstudent, dffits) = (column(|d| d.rstudent, 2), column(|d| d.dffits, 2));
    let (cook, covratio) = (column(|d| d.cook_distance, 3), column(|d| d.covratio, 2));
    let (q, hat, dfbeta) = (column(|d| d.q_deleted, 1), column(|d| d.hat, 3), column(|d| d.dfbeta, 2));
    let weights: Vec<Option<f64>> = rows.iter().map(|d| d.weight).collect();
    let weight = percentages(&weights);
    let row = |d: &Influence| {
        vec![
            d.study.as_str().into(),
            rstudent(d),
            dffits(d),
            cook(d),
            covratio(d),
            d.tau2_deleted.map_or(Cell::Missing, |t| Cell::Text(significant(t, 3))),
            q(d),
            hat(d),
            weight(d.weight),
            dfbeta(d),
            d.flags.join(", ").into(),
        ]
    };
    without_empty(Sheet { headings, rows: rows.iter().map(row).collect(), rules: vec![] })
}

/// Decimals at which not all of the values are shown as 0, `least` at least.
fn decimals_of(values: &[f64], least: usize) -> usize {
    let largest = values.iter().map(|x| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
    if largest >= 0.5 * 10f64.powi(-(least as i32)) || largest < 1e-9 {
        return least;
    }
    (1.0 - largest.log10().floor()) as usize
}

/// A diagnostic: with fixed decimals, or as a power of ten where it is immense.
fn written(x: f64, decimals: usize) -> String {
    if x.abs() >= 1e6 { significant(x, 3) } else { grouped(&fixed(x, decimals)) }
}

fn baujat_table(rows: &[Baujat]) -> Sheet {
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("q_contribution", "Contribution to Q"),
        Heading::number("influence", "Influence on the estimate"),
    ];
    let shown = |x: Option<f64>| x.map_or(Cell::Missing, |x| Cell::Text(significant(x, 3)));
    let row = |b: &Baujat| vec![b.study.as_str().into(), shown(b.q_contribution), shown(b.influence)];
    Sheet { headings, rows: rows.iter().map(row).collect(), rules: vec![] }
}

fn blup_table(result: &SensitivityResult, rows: &[Blup], digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("own", "Own estimate"),
        Heading::number("estimate", "Predicted"),
        Heading::number("ci", &level(result.pool.settings.level)),
        Heading::number("shrinkage", "Drawn to the mean"),
    ];
    let row = |b: &Blup| {
        vec![
            b.study.as_str().into(),
            value(result.pool.table.studies[b.row].natural.estimate, look),
            estimate(&b.natural, look),
            limits(&b.natural, look),
            Cell::Text(percent(100.0 * b.shrinkage)),
        ]
    };
    Sheet { headings, rows: rows.iter().map(row).collect(), rules: vec![] }
}

fn gosh_table(result: &SensitivityResult, g: &Gosh, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let read = |x: f64| value(result.pool.table.back(x), look);
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("estimate_with", "Mean with"),
        Heading::number("estimate_without", "Mean without"),
        Heading::number("i2_with", "I² with"),
        Heading::number("i2_without", "I² without"),
        Heading::number("distance", "Distance (SD)"),
    ];
    let mut splits: Vec<&Split> = g.splits.iter().collect();
    splits.sort_by(|a, b| b.distance.total_cmp(&a.distance));
    let row = |s: &&Split| {
        vec![
            s.study.as_str().into(),
            read(s.estimate_with),
            read(s.estimate_without),
            Cell::Text(percent(s.i2_with)),
            Cell::Text(percent(s.i2_without)),
            Cell::Rounded(s.distance, 2),
        ]
    };
    Sheet { headings, rows: splits.iter().map(row).collect(), rules: vec![] }
}

fn outliers_table(result: &SensitivityResult, o: &Outliers, digits: Option<usize>) -> Sheet {
    let mut headings = vec![Heading::text("left_out", "Left out in turn"), Heading::number("k", "k")];
    headings.extend(estimate_headings(result));
    headings.push(Heading::text("note", "Note"));
    let row = |r: &crate::result::sensitivity::Removal| {
        let mut cells: Vec<Cell> =
            vec![r.study.as_deref().unwrap_or("none").into(), Cell::Count(r.fit.k as f64)];
        cells.extend(estimate_cells(result, &r.natural, Some(&r.fit), digits));
        cells.push(if r.turns { "the conclusion differs".into() } else { Cell::Missing });
        cells
    };
    without_empty(Sheet { headings, rows: o.path.iter().map(row).collect(), rules: vec![] })
}

/// How often the conclusion holds, per choice.
fn stability_table(result: &SensitivityResult, s: &Stability, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(&result.pool, digits);
    let headings = vec![
        Heading::text("dimension", "Choice of"),
        Heading::text("option", "Option"),
        Heading::number("analyses", "Analyses"),
        Heading::number("holds", "Conclusion holds"),
        Heading::number("median", "Median estimate"),
        Heading::number("range", "Lowest to highest"),
    ];
    let share =
        |n: usize, of: usize| Cell::Text(format!("{n} of {of} ({:.0}%)", 100.0 * n as f64 / of as f64));
    let mut rules = vec![];
    let mut rows: Vec<Vec<Cell>> = vec![];
    let mut last = "";
    for c in &s.choices {
        if c.dimension != last && !rows.is_empty() {
            rules.push(rows.len());
        }
        let name = if c.dimension == last { "" } else { c.dimension };
        last = c.dimension;
        let range = Natural {
            estimate: c.estimates.map(|e| e.1),
            lower: c.estimates.map(|e| e.0),
            upper: c.estimates.map(|e| e.2),
        };
        rows.push(vec![
            Cell::Text(name.to_string()),
            Cell::Text(format!("{}{}", c.option, if c.primary { " *" } else { "" })),
            Cell::Count(c.analyses as f64),
            c.holds.map_or(Cell::Missing, |h| share(h, c.analyses)),
            estimate(&range, look),
            limits(&range, look),
        ]);
    }
    let left: Vec<(usize, usize)> = s.specifications.iter().filter_map(|x| x.left_out_holds).collect();
    if !left.is_empty() {
        rules.push(rows.len());
        let (holds, of) = left.iter().fold((0, 0), |sum, l| (sum.0 + l.0, sum.1 + l.1));
        rows.push(vec![
            "study left out".into(),
            "each in turn".into(),
            Cell::Count(of as f64),
            share(holds, of),
            Cell::Missing,
            Cell::Missing,
        ]);
    }
    without_empty(Sheet { headings, rows, rules })
}

/// A table per analysis, with its heading.
pub fn tables(result: &SensitivityResult, digits: Option<usize>) -> Vec<(String, Sheet)> {
    let mut out = vec![];
    for &a in &result.analyses {
        let sheet = match a {
            Analysis::LeaveOneOut => {
                result.leave_one_out.as_ref().map(|s| steps_table(result, s, false, digits))
            }
            Analysis::Cumulative => result.cumulative.as_ref().map(|s| steps_table(result, s, true, digits)),
            Analysis::Influence => result.influence.as_ref().map(|r| influence_table(r)),
            Analysis::Baujat => result.baujat.as_ref().map(|r| baujat_table(r)),
            Analysis::Blup => result.blup.as_ref().map(|r| blup_table(result, r, digits)),
            Analysis::Gosh => result.gosh.as_ref().map(|g| gosh_table(result, g, digits)),
            Analysis::Outliers => result.outliers.as_ref().map(|o| outliers_table(result, o, digits)),
            Analysis::Stability => result.stability.as_ref().map(|s| stability_table(result, s, digits)),
            Analysis::Profile => None,
        };
        if let Some(sheet) = sheet {
            out.push((upper_first(a.title()), sheet));
        }
    }
    out
}

/// Sentences below the tables: heading and text.
pub fn lines(result: &SensitivityResult, digits: Option<usize>) -> Vec<(&'static str, String)> {
    let mut out = vec![];
    let look = Look::pooled(&result.pool, digits);
    let shown = |x: f64| look.with_unit(x);
    if let Some(steps) = &result.leave_one_out {
        let read: Vec<f64> = steps.iter().filter_map(|s| s.natural.estimate).collect();
        let low = read.iter().copied().fold(f64::INFINITY, f64::min);
        let high = read.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let turning: Vec<&str> = steps.iter().filter(|s| s.turns).map(|s| s.label.as_str()).collect();
        let what = if result.cluster.is_some() { "cluster" } else { "study" };
        // where it is not about no effect, what all studies conclude stands nowhere else
        let word = match (result.against, result.conclusion()) {
            (Some(_), Some(c)) => format!("the conclusion ({})", c.words(result.against)),
            _ => "the conclusion".into(),
        };
        let changes = match (turning.len(), result.null.is_some()) {
            (_, false) => String::new(),
            (0, true) => format!("; no single {what} changes {word}"),
            (_, true) => format!("; {word} changes without {}", turning.join("; without ")),
        };
        if low <= high {
            out.push((
                "Left out",
                format!("the estimate lies between {} and {}{changes}", shown(low), shown(high)),
            ));
        }
    }
    if let Some(steps) = &result.cumulative {
        let turning: Vec<String> = steps
            .iter()
            .filter(|s| s.turns)
            .map(|s| s.order.as_ref().map_or(s.label.clone(), |o| format!("{} ({o})", s.label)))
            .collect();
        if result.null.is_some() {
            out.push((
                "Cumulative",
                if turning.is_empty() {
                    format!("{} never changes", result.conclusion_word())
                } else {
                    format!("{} changes with {}", result.conclusion_word(), turning.join("; "))
                },
            ));
        }
    }
    if let Some(rows) = &result.influence {
        let flagged: Vec<String> = rows
            .iter()
            .filter(|r| !r.flags.is_empty())
            .map(|r| format!("{} ({})", r.study, r.flags.join(", ")))
            .collect();
        let far = rows.iter().filter(|r| r.rstudent.is_some_and(|x| x.abs() > 1.96)).count();
        let flagged = if flagged.is_empty() { "no study".to_string() } else { flagged.join("; ") };
        out.push(("Influential", flagged));
        out.push(("Residuals", format!("{far} of {} beyond ±1.96; 1 in 20 is expected", rows.len())));
    }
    if let Some(g) = &result.gosh {
        let all = if g.exhaustive { "all" } else { "a random sample" };
        let failed = if g.failed > 0 { format!("; {} could not be pooled", g.failed) } else { String::new() };
        out.push(("Subsets", format!("{}, {all}{failed}", grouped(&g.subsets.to_string()))));
        if let Some(s) = g.widest() {
            out.push((
                "Split",
                format!(
                    "{} splits the subsets most: their centres lie {} SD apart",
                    s.study,
                    fixed(s.distance, 2)
                ),
            ));
        }
    }
    if let Some(o) = &result.outliers {
        let names: Vec<&str> = o.path.iter().filter_map(|r| r.study.as_deref()).collect();
        let word = result.inconsistency_word();
        let text = match (names.len(), o.reached) {
            (0, _) => format!("{word} is {} or less with all studies", percent(o.target)),
            (n, true) => {
                format!(
                    "{word} falls to {} or less without {n} of {} studies",
                    percent(o.target),
                    result.pool.k
                )
            }
            (_, false) => format!("{word} stays above {} down to two studies", percent(o.target)),
        };
        out.push(("Outliers", text));
    }
    if let Some(s) = &result.stability {
        let conclusion = s
            .conclusion
            .map_or("none, for want of a value of no effect (⟦against⟧)".into(), |c| c.words(s.against));
        out.push(("Conclusion", format!("primary analysis (*): {conclusion}")));
        if let Some(h) = s.holds {
            out.push((
                "Holds",
                format!(
                    "in {} of {} analyses ({:.0}%)",
                    grouped(&h.to_string()),
                    grouped(&s.analyses.to_string()),
                    100.0 * h as f64 / s.analyses as f64
                ),
            ));
        }
        if let (n, Some(reason)) = &s.refused {
            out.push(("Refused", format!("{n} combinations; the first: {reason}")));
        }
    }
    if let Some(p) = &result.profile {
        let shown = |x: f64| if x == 0.0 { "0".into() } else { significant(x, 3) };
        let upper = p.upper.map_or("unbounded".into(), shown);
        let kind = if p.restricted { "restricted likelihood" } else { "likelihood" };
        out.push((
            "Profile",
            format!(
                "{kind} greatest at τ² = {}; {} {} to {upper}",
                shown(p.peak.0),
                level(result.pool.settings.level),
                shown(p.lower.unwrap_or(0.0))
            ),
        ));
    }
    if let Some(m) = result.pool.main() {
        let n = &m.natural;
        let limit = |x: Option<f64>| x.map_or("unbounded".into(), |x| look.limit(x));
        let about = result.against.map_or(String::new(), |x| format!(" against {x}"));
        let p = result.whole().and_then(|f| f.p_value).filter(|_| result.null.is_some());
        let p = p.map_or(String::new(), |p| format!(", {}{about}", p_value(p)));
        out.push((
            "All studies",
            format!(
                "{} {} ({} {} to {}){p}",
                sentence::model_word(&result.pool),
                n.estimate.map_or("–".into(), shown),
                level(result.pool.settings.level),
                limit(n.lower),
                limit(n.upper)
            ),
        ));
    }
    out.push(("Method", result.pool.method_line()));
    out
}

/// Everything as Markdown.
pub fn markdown(result: &SensitivityResult, digits: Option<usize>) -> String {
    let mut out = format!("# {}: sensitivity\n", result.pool.table.title());
    for (heading, sheet) in tables(result, digits) {
        out += &format!("\n## {heading}\n\n{}", sheet.markdown());
    }
    out.push('\n');
    for (head, line) in lines(result, digits) {
        out += &format!("* {head}: {line}\n");
    }
    for note in result.notes() {
        out += &super::summary::note_markdown(&note);
    }
    out
}
