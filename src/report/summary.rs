//! Effects and pooled results as tables and sentences.

use super::regression::p_cell;
use super::sheet::{Cell, Heading, Sheet};
use crate::effect::{EffectTable, Measure, Natural, StudyEffect};
use crate::result::format::{
    decimals_of_percentages, fixed, grouped, percent, risk, significant, upper_first,
};
use crate::result::look::{Look, Unit};
use crate::result::sentence::{self, heterogeneity_line, test_line};
use crate::result::{AbsoluteEffect, BayesResult, Note, PoolResult, Pooled, Subgroup, Subgroups};

pub(super) fn level(x: f64) -> String {
    format!("{x}% CI")
}

/// The word above a column of effects.
pub(super) fn heading(table: &EffectTable) -> String {
    let label = table.measure().spec().label;
    match Unit::of(table) {
        Unit::Plain => label.into(),
        Unit::PerCent => "%".into(),
        // of proportions the unit says all, as the sign does
        unit @ Unit::Per(_) if table.measure().is_proportion() => {
            upper_first(&unit.words().unwrap_or_default())
        }
        unit @ Unit::Per(_) => format!("{label} {}", unit.words().unwrap_or_default()),
    }
}

/// An estimate, as its limits let it be written.
pub(super) fn estimate(n: &Natural, look: Look) -> Cell {
    let [e, _, _] = look.interval(n);
    e.filter(|_| n.estimate.is_some_and(|x| !x.is_nan())).map_or(Cell::Missing, Cell::Text)
}

/// Its limits in one cell: `0.13 to 1.26`.
pub(super) fn limits(n: &Natural, look: Look) -> Cell {
    match look.interval(n) {
        [_, None, None] => Cell::Missing,
        [_, l, u] => {
            let shown = |x: Option<String>| x.unwrap_or_else(|| "unbounded".into());
            Cell::Text(format!("{} to {}", shown(l), shown(u)))
        }
    }
}

pub(super) fn value(x: Option<f64>, look: Look) -> Cell {
    x.filter(|x| !x.is_nan()).map_or(Cell::Missing, |x| Cell::Text(look.number(x)))
}

/// A column of percentages that tells them from 0.
pub(super) fn percentages(values: &[Option<f64>]) -> impl Fn(Option<f64>) -> Cell {
    let decimals = decimals_of_percentages(values.iter().flatten().copied());
    move |x| x.map_or(Cell::Missing, |x| Cell::Text(format!("{}%", fixed(x, decimals))))
}

/// Every number of the effect table, for files.
pub fn effects_file(table: &EffectTable) -> Sheet {
    let mut headings = vec![Heading::text("study", "Study")];
    let numbers = [
        "estimate",
        "variance",
        "se",
        "ci_lower",
        "ci_upper",
        "natural_estimate",
        "natural_ci_lower",
        "natural_ci_upper",
    ];
    headings.extend(numbers.iter().map(|id| Heading::number(id, id)));
    headings.extend([Heading::text("status", "Status"), Heading::text("reason", "Reason")]);
    let rows = table.studies.iter().map(study_cells).collect();
    Sheet { headings, rows, rules: vec![] }
}

fn study_cells(s: &StudyEffect) -> Vec<Cell> {
    vec![
        s.study.as_str().into(),
        s.y.into(),
        s.v.into(),
        s.v.map(f64::sqrt).into(),
        s.limits.lower.into(),
        s.limits.upper.into(),
        s.natural.estimate.into(),
        s.natural.lower.into(),
        s.natural.upper.into(),
        s.status.id().into(),
        s.reason.as_deref().unwrap_or_default().into(),
    ]
}

/// The effect table with weights, for files.
pub fn studies_file(result: &PoolResult) -> Sheet {
    let mut sheet = effects_file(&result.table);
    sheet.headings.push(Heading::number("weight_common", "weight_common"));
    sheet.headings.push(Heading::number("weight_random", "weight_random"));
    for (i, row) in sheet.rows.iter_mut().enumerate() {
        row.push(result.weights_common[i].into());
        row.push(result.weights_random[i].into());
    }
    sheet
}

/// Width of a 95% interval in standard errors: decimals do not hang on the level that was asked for.
const WIDTH: f64 = 3.92;

/// The effect table for people.
pub fn effects_table(table: &EffectTable, digits: Option<usize>) -> Sheet {
    let spec = table.measure().spec();
    let look = Look::of(table, digits);
    let ys: Vec<f64> = table.studies.iter().filter_map(|s| s.y).collect();
    let ses = || table.studies.iter().filter_map(|s| s.v).map(f64::sqrt);
    let analysis = Look::plain(&ys, ses().map(|se| WIDTH * se).collect(), digits);
    let ci = level(table.options.level);
    let transformed = spec.scale.title() != "untransformed";
    let mut headings = vec![Heading::text("study", "Study")];
    if transformed {
        headings.push(Heading::number("natural", &heading(table)));
        headings.push(Heading::number("natural_ci", &ci));
        headings.push(Heading::number("estimate", &format!("{} scale", spec.scale.title())));
    } else {
        headings.push(Heading::number("estimate", &heading(table)));
        headings.push(Heading::number("ci", &ci));
    }
    headings.push(Heading::number("se", "SE"));
    headings.push(Heading::text("note", "Note"));
    let row = |s: &StudyEffect| {
        let n = &s.natural;
        let mut cells = vec![s.study.as_str().into(), estimate(n, look), limits(n, look)];
        if transformed {
            cells.push(value(s.y, analysis));
        }
        // of effects read as they are, the standard error has their unit
        cells.push(value(s.v.map(f64::sqrt), if transformed { analysis } else { look }));
        cells.push(remark(s).into());
        cells
    };
    let mut sheet = Sheet { headings, rows: table.studies.iter().map(row).collect(), rules: vec![] };
    drop_empty_last(&mut sheet);
    sheet
}

fn remark(s: &StudyEffect) -> String {
    match &s.reason {
        Some(reason) => format!("not pooled: {reason}"),
        None if s.corrected => "corrected".into(),
        None => String::new(),
    }
}

fn drop_empty_last(sheet: &mut Sheet) {
    if sheet.rows.iter().all(|r| r.last() == Some(&Cell::Missing)) {
        sheet.headings.pop();
        sheet.rows.iter_mut().for_each(|r| {
            r.pop();
        });
    }
}

/// Studies and pooled estimates for people.
pub fn pool_table(result: &PoolResult, digits: Option<usize>) -> Sheet {
    let table = &result.table;
    let look = Look::pooled(result, digits);
    let headings = vec![
        Heading::text("study", "Study"),
        Heading::number("natural", &heading(table)),
        Heading::number("natural_ci", &level(result.settings.level)),
        Heading::number("weight", "Weight"),
        Heading::text("note", "Note"),
    ];
    let weights = result.main_weights();
    let percentage = percentages(weights);
    let mut rows: Vec<Vec<Cell>> = vec![];
    for (s, weight) in table.studies.iter().zip(weights) {
        rows.push(vec![
            s.study.as_str().into(),
            estimate(&s.natural, look),
            limits(&s.natural, look),
            percentage(*weight),
            remark(s).into(),
        ]);
    }
    let rule = rows.len();
    let mut add = |name: &str, n: &Natural, weight: Cell| {
        rows.push(vec![name.into(), estimate(n, look), limits(n, look), weight, Cell::Missing]);
    };
    let weighted = weights.iter().any(Option::is_some);
    if let Some(random) = result.random.as_ref().filter(|_| result.k > 1) {
        let all = if weighted { Cell::Text("100.0%".into()) } else { Cell::Missing };
        add(sentence::model_word(result), &random.natural, all);
        if let Some(p) = &random.prediction {
            add("Prediction interval", &p.natural, Cell::Missing);
        }
    }
    if let Some(common) = &result.common {
        let exact = table.measure().is_proportion() && !weighted;
        let main = result.random.is_none() && result.k > 1;
        let name = match () {
            () if result.k == 1 => sentence::model_word(result),
            () if exact => "All studies as one, exact",
            () if main => sentence::model_word(result),
            () => "Common effect",
        };
        let all = if main && weighted { Cell::Text("100.0%".into()) } else { Cell::Missing };
        add(name, &common.natural, all);
    }
    let mut sheet = Sheet { headings, rows, rules: vec![rule] };
    drop_empty_last(&mut sheet);
    if !weighted {
        let column = 3;
        sheet.headings.remove(column);
        sheet.rows.iter_mut().for_each(|r| {
            r.remove(column);
        });
    }
    sheet
}

/// The estimate under each assumption on what was not reported, as it is read.
pub fn imputation_table(result: &PoolResult, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(result, digits);
    let headings = vec![
        Heading::text("assumption", "Assumption"),
        Heading::number("k", "Studies"),
        Heading::number("estimate", &heading(&result.table)),
        Heading::number("ci_lower", "Lower"),
        Heading::number("ci_upper", "Upper"),
        Heading::number("p_value", "p"),
    ];
    let read = |x: Option<f64>| value(x.and_then(|x| result.table.back(x)), look);
    let row = |label: &str, k: usize, e: f64, l: Option<f64>, u: Option<f64>, p: Option<f64>| {
        vec![label.into(), k.into(), read(Some(e)), read(l), read(u), p.map_or(Cell::Missing, p_cell)]
    };
    let mut rows = vec![];
    if let Some(main) = result.main() {
        rows.push(row(
            "reported and derived only",
            result.k,
            main.estimate,
            main.lower,
            main.upper,
            main.p_value,
        ));
    }
    for r in result.imputation.iter().flat_map(|i| &i.results) {
        rows.push(row(&r.label, r.k, r.estimate, r.lower, r.upper, r.p_value));
    }
    Sheet { headings, rows, rules: vec![1] }
}

/// Posterior summaries on the scale people read; τ stays on the analysis scale.
pub fn bayes_table(table: &EffectTable, result: &BayesResult, digits: Option<usize>) -> Sheet {
    let look = Look::of(table, digits);
    let headings = vec![
        Heading::text("quantity", "Study"),
        Heading::number("estimate", &heading(table)),
        Heading::number("interval", &format!("{}% CrI", result.level)),
        Heading::text("detail", "Posterior"),
    ];
    let mut rows: Vec<Vec<Cell>> = vec![];
    let read = |estimate: f64, (lower, upper): (f64, f64)| Natural {
        estimate: table.back(estimate),
        lower: table.back(lower),
        upper: table.back(upper),
    };
    let mut add = |name: &str, n: &Natural, look: Look, detail: &str| {
        rows.push(vec![name.into(), estimate(n, look), limits(n, look), detail.into()]);
    };
    let mut shrinkage = result.shrinkage.iter();
    for s in &table.studies {
        match s.effect().and_then(|_| shrinkage.next()) {
            Some(x) => add(&s.study, &read(x.mean, (x.lower, x.upper)), look, "shrinkage"),
            None => add(&s.study, &Natural::default(), look, &remark(s)),
        }
    }
    for (name, m, detail) in
        [("Mean effect", &result.mu, "median"), ("New study", &result.predictive, "predictive median")]
    {
        add(name, &read(m.median, (m.lower, m.upper)), look, detail);
    }
    let t = &result.tau;
    let plain = Look::plain(&[t.median], vec![t.upper - t.lower], digits);
    let n = Natural { estimate: Some(t.median), lower: Some(t.lower), upper: Some(t.upper) };
    add("τ", &n, plain, "median, analysis scale");
    Sheet { headings, rows, rules: vec![table.studies.len()] }
}

/// Subgroups for people.
pub fn subgroup_table(result: &PoolResult, s: &Subgroups, digits: Option<usize>) -> Sheet {
    let table = &result.table;
    let look = Look::pooled(result, digits);
    let headings = vec![
        Heading::text("level", "Group"),
        Heading::number("k", "Studies"),
        Heading::number("estimate", &heading(table)),
        Heading::number("ci", &level(result.settings.level)),
        Heading::number("prediction", "Prediction interval"),
        Heading::number("tau2", "τ²"),
        Heading::number("i2", "I²"),
    ];
    let row = |g: &Subgroup| {
        let main = g.main();
        let n = main.map(|m| m.natural).unwrap_or_default();
        let p = main.and_then(|m| m.prediction.as_ref());
        let h = g.heterogeneity.as_ref();
        vec![
            g.level.as_str().into(),
            Cell::Count(g.k as f64),
            estimate(&n, look),
            limits(&n, look),
            p.map_or(Cell::Missing, |p| limits(&p.natural, look)),
            s.tau2(g).map_or(Cell::Missing, |t| Cell::Text(significant(t, 3))),
            h.and_then(|h| h.i2.or(h.i2_q)).map_or(Cell::Missing, |i| Cell::Text(percent(i))),
        ]
    };
    Sheet { headings, rows: s.groups.iter().map(row).collect(), rules: vec![] }
}

/// Decimals of events per thousand: two significant digits below ten.
fn decimals_per_thousand(x: f64) -> usize {
    match x.abs() {
        x if x >= 10.0 || x == 0.0 => 0,
        x if x >= 0.1 => 1,
        x => (1.0 - x.log10().floor()).min(12.0) as usize,
    }
}

/// Events more or fewer per thousand: `35 fewer`.
fn more_or_fewer(x: f64, digits: usize) -> String {
    let shown = fixed(x.abs(), digits);
    if shown.parse::<f64>() == Ok(0.0) {
        return "0".into();
    }
    format!("{} {}", grouped(&shown), if x < 0.0 { "fewer" } else { "more" })
}

/// The number needed to treat with its limits: where the difference may be none, they run through infinity.
fn number_needed(a: &AbsoluteEffect) -> String {
    let d = &a.per_thousand;
    // a difference of 0 needs no number of patients
    let whole = |x: f64| if x == 0.0 { "∞".into() } else { grouped(&fixed((1000.0 / x.abs()).ceil(), 0)) };
    let one = |x: f64| format!("{} for one {}", whole(x), if x < 0.0 { "fewer" } else { "more" });
    let (Some(e), Some(l), Some(u)) = (d.estimate, d.lower, d.upper) else { return String::new() };
    if e == 0.0 {
        return String::new();
    }
    if l < 0.0 && u > 0.0 {
        format!("{} ({} to ∞ to {})", one(e), one(l), one(u))
    } else {
        let (near, far) = if e < 0.0 { (l, u) } else { (u, l) };
        format!("{} ({} to {})", one(e), whole(near), whole(far))
    }
}

/// What the estimate means at given baseline risks.
pub fn absolute_table(result: &PoolResult) -> Sheet {
    let rate = result.absolute.first().is_some_and(|a| a.rate);
    let headings = vec![
        Heading::number("baseline", if rate { "Baseline rate" } else { "Baseline risk" }),
        Heading::number(
            "risk",
            if rate { "With group 1's treatment, per 1000" } else { "Risk with treatment" },
        ),
        Heading::text("difference", "Difference per 1000"),
        Heading::text("number_needed", "Number needed to treat"),
        Heading::text("prediction", "In a new study"),
    ];
    let row = |a: &AbsoluteEffect| {
        let shown = |x: f64| if a.rate { significant(1000.0 * x, 3) } else { risk(x) };
        let (r, d) = (&a.risk, &a.per_thousand);
        let digits = decimals_per_thousand(d.estimate.unwrap_or(0.0));
        let difference = match (d.estimate, d.lower, d.upper) {
            (Some(e), Some(l), Some(u)) => format!(
                "{} ({} to {})",
                more_or_fewer(e, digits),
                more_or_fewer(l, digits),
                more_or_fewer(u, digits)
            ),
            _ => String::new(),
        };
        let prediction = a.prediction.map_or(String::new(), |(l, u)| {
            format!("{} to {}", more_or_fewer(l, digits), more_or_fewer(u, digits))
        });
        vec![
            Cell::Text(if a.rate { significant(a.baseline, 3) } else { risk(a.baseline) }),
            r.estimate.map_or(Cell::Missing, |x| Cell::Text(shown(x))),
            difference.into(),
            number_needed(a).into(),
            prediction.into(),
        ]
    };
    let mut sheet = Sheet { headings, rows: result.absolute.iter().map(row).collect(), rules: vec![] };
    drop_empty_last(&mut sheet);
    sheet
}

/// The agreement panel for people.
pub fn agreement_table(result: &PoolResult, digits: Option<usize>) -> Sheet {
    let look = Look::pooled(result, digits);
    let peto = result.table.measure() == Measure::Peto;
    let headings = vec![
        Heading::text("method", "Method"),
        Heading::number("estimate", &if peto { "Odds ratio".into() } else { heading(&result.table) }),
        Heading::number("ci", &format!("{}% interval", result.settings.level)),
        Heading::text("remark", "Remark"),
    ];
    let row = |a: &crate::result::Agreement| {
        let n = Natural { estimate: a.estimate, lower: a.lower, upper: a.upper };
        vec![a.method.as_str().into(), estimate(&n, look), limits(&n, look), a.remark.as_str().into()]
    };
    Sheet { headings, rows: result.agreement.iter().map(row).collect(), rules: vec![] }
}

/// The agreement panel with full precision.
pub fn agreement_file(result: &PoolResult) -> Sheet {
    let headings = vec![
        Heading::text("method", "method"),
        Heading::number("estimate", "estimate"),
        Heading::number("ci_lower", "ci_lower"),
        Heading::number("ci_upper", "ci_upper"),
        Heading::text("remark", "remark"),
    ];
    let row = |a: &crate::result::Agreement| {
        vec![
            a.method.as_str().into(),
            a.estimate.into(),
            a.lower.into(),
            a.upper.into(),
            a.remark.as_str().into(),
        ]
    };
    Sheet { headings, rows: result.agreement.iter().map(row).collect(), rules: vec![] }
}

/// Model, estimates and heterogeneity in one long table, for files: one row per quantity.
pub fn pooled_file(result: &PoolResult) -> Sheet {
    let headings = vec![
        Heading::text("quantity", "quantity"),
        Heading::number("value", "value"),
        Heading::number("ci_lower", "ci_lower"),
        Heading::number("ci_upper", "ci_upper"),
        Heading::text("detail", "detail"),
    ];
    let mut rows: Vec<Vec<Cell>> = vec![];
    let mut add = |name: &str, value: Cell, lower: Option<f64>, upper: Option<f64>, detail: &str| {
        rows.push(vec![name.into(), value, lower.into(), upper.into(), detail.into()]);
    };
    let spec = result.table.measure().spec();
    let s = &result.settings;
    add("measure", Cell::Missing, None, None, &format!("{}: {}", spec.id, result.table.title()));
    add("model", Cell::Missing, None, None, &result.method_line());
    add("level", Cell::Number(s.level), None, None, "percent");
    add("studies", Cell::Count(result.table.studies.len() as f64), None, None, "in the table");
    add("studies_pooled", Cell::Count(result.k as f64), None, None, "");
    let scale = format!("{} scale", spec.scale.title());
    for (name, pooled) in [("random", &result.random), ("common", &result.common)] {
        if let Some(p) = pooled {
            estimate_rows(name, p, &scale, &mut add);
        }
    }
    if let Some(h) = &result.heterogeneity {
        add("tau2", h.tau2.into(), h.tau2_lower, h.tau2_upper, &s.tau2.title());
        add(
            "tau",
            h.tau2.map(f64::sqrt).into(),
            h.tau2_lower.map(f64::sqrt),
            h.tau2_upper.map(f64::sqrt),
            "",
        );
        add("i2", h.i2.into(), h.i2_lower, h.i2_upper, "percent, from tau2");
        add("i2_q", h.i2_q.into(), None, None, "percent, from Q");
        add("h2", h.h2.into(), None, None, "");
        add("q", Cell::Number(h.q), None, None, "");
        add("q_df", Cell::Count(h.q_df as f64), None, None, "");
        add("q_p_value", Cell::Number(h.q_p_value), None, None, "");
    }
    for t in &result.tests {
        let id = t.id.replace('-', "_");
        add(&format!("{id}_statistic"), t.statistic.into(), None, None, t.title);
        add(&format!("{id}_p_value"), Cell::Number(t.p_value), None, None, "");
    }
    for a in &result.absolute {
        let n = &a.per_thousand;
        let at = format!("at a baseline of {}", a.baseline);
        add("per_thousand", n.estimate.into(), n.lower, n.upper, &at);
    }
    if let Some(f) = &result.fit {
        add("log_likelihood", Cell::Number(f.log_likelihood), None, None, "");
        add("aic", Cell::Number(f.aic), None, None, "");
        add("bic", Cell::Number(f.bic), None, None, "");
        add("aicc", Cell::Number(f.aicc), None, None, "");
        add("iterations", Cell::Count(f.iterations as f64), None, None, f.stop);
    }
    for note in &result.notes {
        add("note", Cell::Missing, None, None, &format!("{}: {}", note.code(), note.message()));
    }
    Sheet { headings, rows, rules: vec![] }
}

fn estimate_rows(
    name: &str,
    p: &Pooled,
    scale: &str,
    add: &mut impl FnMut(&str, Cell, Option<f64>, Option<f64>, &str),
) {
    let n = &p.natural;
    add(&format!("{name}_natural"), n.estimate.into(), n.lower, n.upper, "for reading");
    add(&format!("{name}_estimate"), Some(p.estimate).into(), p.lower, p.upper, scale);
    add(&format!("{name}_se"), p.se.into(), None, None, scale);
    add(&format!("{name}_statistic"), p.statistic.into(), None, None, if p.df.is_some() { "t" } else { "z" });
    add(&format!("{name}_df"), p.df.into(), None, None, "");
    add(&format!("{name}_p_value"), p.p_value.into(), None, None, "");
    if let Some(q) = &p.prediction {
        add(
            &format!("{name}_prediction_natural"),
            Cell::Missing,
            q.natural.lower,
            q.natural.upper,
            "for reading",
        );
        add(&format!("{name}_prediction"), Cell::Missing, Some(q.lower), Some(q.upper), scale);
    }
}

/// The whole result as Markdown.
pub fn pool_markdown(result: &PoolResult, digits: Option<usize>) -> String {
    let notes: String = result.notes.iter().map(note_markdown).collect();
    result_markdown(result, &pool_table(result, digits), digits) + &notes
}

/// A note with its advice, as a Markdown paragraph of its own.
pub fn note_markdown(note: &Note) -> String {
    format!("\n**Note.** {}. *{}*\n", note.message(), note.hint())
}

/// The result for reading, without its notes; `studies` is its table of studies and estimates.
pub fn result_markdown(result: &PoolResult, studies: &Sheet, digits: Option<usize>) -> String {
    let mut out = studies.markdown();
    let mut line = |head: &str, text: Option<String>| {
        if let Some(text) = text {
            out += &format!("\n**{head}.** {text}\n");
        }
    };
    line("Heterogeneity", heterogeneity_line(result));
    line("Overall effect", test_line(result));
    for test in sentence::test_lines(result) {
        line("Test", Some(test));
    }
    line("Method", Some(result.method_line()));
    if let Some(range) = sentence::range_line(result) {
        out += &format!("\n**Bounds.** {range}\n");
    }
    if let Some(s) = &result.subgroups {
        let table = subgroup_table(result, s, digits).markdown();
        let test = sentence::subgroup_line(result).unwrap_or_default();
        out += &format!("\n**Subgroups by {}**\n\n{table}\n{test}\n", s.column);
    }
    if !result.absolute.is_empty() {
        out += &format!("\n**Absolute effects**\n\n{}", absolute_table(result).markdown());
    }
    if let Some(imputation) = &result.imputation {
        out += &format!("\n**{}**\n", sentence::imputation_heading(imputation));
        if !imputation.results.is_empty() {
            out += &format!("\n{}", imputation_table(result, digits).markdown());
        }
        for line in sentence::imputation_lines(result, imputation) {
            out += &format!("\n{line}.\n");
        }
    }
    if !result.agreement.is_empty() {
        out += &format!("\n**Agreement of methods**\n\n{}", agreement_table(result, digits).markdown());
    }
    out
}
