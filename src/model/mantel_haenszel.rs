//! Mantel–Haenszel pooling of two groups: ratios and differences of risks, odds and rates.
//!
//! ```text
//! OR   R = Σ ad/N, S = Σ bc/N, P = (a+d)/N, Q = (b+c)/N
//!      Var ln OR = ΣPR/2R² + Σ(PS+QR)/2RS + ΣQS/2S²
//! RR   R = Σ a n₂/N, S = Σ c n₁/N,     Var ln RR = Σ (n₁ n₂ (a+c)/N² − ac/N) / RS
//! RD   Σ (a n₂ − c n₁)/N / W,  W = Σ n₁ n₂/N
//!      Var RD = (RD Σ (c n₁² − a n₂² + n₁ n₂ (n₂−n₁)/2)/N² + Σ (ad + bc)/2N) / W²    (Sato)
//!      Var RD = Σ (ab n₂³ + cd n₁³)/(n₁ n₂ N²) / W²                                  (Greenland and Robins)
//! IRR  R = Σ x₁ t₂/T, S = Σ x₂ t₁/T,   Var ln IRR = Σ t₁ t₂ (x₁+x₂)/T² / RS
//! IRD  Σ (x₁ t₂ − x₂ t₁)/T / W,  W = Σ t₁ t₂/T,  Var IRD = Σ (t₁ t₂/T)² (x₁/t₁² + x₂/t₂²) / W²
//! ```
//! Counts are used as they are; no correction is needed unless a cell is empty in every study. The profiles of meta and
//! RevMan take Greenland and Robins' variance of the RD, with corrected counts in the weights and in the variance but not
//! in the studies' differences.
//! References: \[mantel1959\], \[robins1986\], \[greenland1985\], \[sato1989\], \[breslow1980\], \[tarone1985\].

use super::counts::{TwoGroups, settle};
use super::interval::{Interval, critical};
use super::pooled::{no_studies, pooled};
use super::sums::i2_of_q;
use super::{Model, ModelOptions, table_notes};
use crate::dataset::{StudyData, TwoByTwo, TwoRates};
use crate::effect::{Continuity, CorrectWhere, Effect, EffectOptions, EffectTable, Measure, has_empty_cell};
use crate::error::Error;
use crate::math::dist;
use crate::registry::Member;
use crate::result::{Heterogeneity, IntervalSource, Note, PoolResult, Settings, Tau2Source, Test};

/// Sums over studies, and each study's weight.
#[derive(Debug, Default)]
struct Sums {
    /// Numerator and denominator: R and S of ratios, the weighted difference and W of differences.
    top: f64,
    bottom: f64,
    /// Terms of the variance.
    v: [f64; 3],
    weights: Vec<f64>,
}

impl Sums {
    fn add(&mut self, weight: f64, (top, bottom): (f64, f64), v: [f64; 3]) {
        self.top += top;
        self.bottom += bottom;
        self.v.iter_mut().zip(v).for_each(|(sum, x)| *sum += x);
        self.weights.push(weight);
    }

    fn log_ratio(&self, variance: f64) -> Effect {
        Effect { y: (self.top / self.bottom).ln(), v: variance }
    }
}

fn odds_ratio(tables: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for t in tables {
        let n = t.n1() + t.n2();
        let (r, q) = (t.a * t.d / n, t.b * t.c / n);
        let (p1, p2) = ((t.a + t.d) / n, (t.b + t.c) / n);
        s.add(q, (r, q), [p1 * r, p1 * q + p2 * r, p2 * q]);
    }
    let (r, q) = (s.top, s.bottom);
    let v = 0.5 * (s.v[0] / (r * r) + s.v[1] / (r * q) + s.v[2] / (q * q));
    (s.log_ratio(v), s.weights)
}

fn risk_ratio(tables: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for t in tables {
        let (n1, n2) = (t.n1(), t.n2());
        let n = n1 + n2;
        let (r, q) = (t.a * n2 / n, t.c * n1 / n);
        s.add(q, (r, q), [(n1 / n) * (n2 / n) * (t.a + t.c) - t.a * t.c / n, 0.0, 0.0]);
    }
    (s.log_ratio(s.v[0] / (s.top * s.bottom)), s.weights)
}

fn risk_difference(tables: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for t in tables {
        let (n1, n2) = (t.n1(), t.n2());
        let n = n1 + n2;
        let (f1, f2) = (n1 / n, n2 / n);
        let first = t.c * f1 * f1 - t.a * f2 * f2 + f1 * f2 * (n2 - n1) / 2.0;
        s.add(n1 * f2, (t.a * f2 - t.c * f1, n1 * f2), [first, (t.a * t.d + t.c * t.b) / (2.0 * n), 0.0]);
    }
    let y = s.top / s.bottom;
    (Effect { y, v: (y * s.v[0] + s.v[1]) / (s.bottom * s.bottom) }, s.weights)
}

/// Differences of the counts as reported, weights and Greenland and Robins' variance of the counts as pooled.
fn risk_difference_of_profiles(reported: &[TwoByTwo], pooled: &[TwoByTwo]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for (raw, t) in reported.iter().zip(pooled) {
        let (n1, n2) = (t.n1(), t.n2());
        let (f1, f2) = (n1 / (n1 + n2), n2 / (n1 + n2));
        let w = n1 * f2;
        let v = t.a * (t.b / n1) * f2 * f2 + t.c * (t.d / n2) * f1 * f1;
        s.add(w, (w * (raw.a / raw.n1() - raw.c / raw.n2()), w), [v, 0.0, 0.0]);
    }
    (Effect { y: s.top / s.bottom, v: s.v[0] / (s.bottom * s.bottom) }, s.weights)
}

fn rate_ratio(rates: &[TwoRates]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for r in rates {
        let t = r.t1 + r.t2;
        let (top, bottom) = (r.x1 * r.t2 / t, r.x2 * r.t1 / t);
        s.add(bottom, (top, bottom), [(r.t1 / t) * (r.t2 / t) * (r.x1 + r.x2), 0.0, 0.0]);
    }
    (s.log_ratio(s.v[0] / (s.top * s.bottom)), s.weights)
}

fn rate_difference(rates: &[TwoRates]) -> (Effect, Vec<f64>) {
    let mut s = Sums::default();
    for r in rates {
        let t = r.t1 + r.t2;
        let w = (r.t1 / t) * r.t2;
        let v = w * w * (r.x1 / (r.t1 * r.t1) + r.x2 / (r.t2 * r.t2));
        s.add(w, ((r.x1 * r.t2 - r.x2 * r.t1) / t, w), [v, 0.0, 0.0]);
    }
    (Effect { y: s.top / s.bottom, v: s.v[0] / (s.bottom * s.bottom) }, s.weights)
}

/// The Cochran–Mantel–Haenszel test of no effect, with Yates's correction.
///
/// ```text
/// χ² = (|Σ (a − n₁m/N)| − ½)² / Σ n₁ n₂ m (N−m) / (N² (N−1))
/// ```
fn cochran_mantel_haenszel(tables: &[TwoByTwo]) -> Option<Test> {
    let (mut excess, mut variance) = (0.0, 0.0);
    for t in tables {
        let (n1, n2) = (t.n1(), t.n2());
        let (n, m) = (n1 + n2, t.a + t.c);
        excess += t.a - n1 / n * m;
        variance += (n1 / n) * (n2 / n) * m * ((n - m) / (n - 1.0));
    }
    cmh(excess, variance)
}

fn cmh(excess: f64, variance: f64) -> Option<Test> {
    let statistic = (excess.abs() - 0.5).powi(2) / variance;
    (variance > 0.0).then(|| Test {
        of: None,
        id: "cmh".into(),
        title: "Cochran-Mantel-Haenszel test, continuity-corrected".into(),
        statistic: Some(statistic),
        df: Some(1),
        p_value: dist::chi2_sf(statistic, 1.0),
    })
}

/// The same for rates: Σ (x₁ − t₁x/T) against Σ x t₁ t₂/T².
fn cochran_mantel_haenszel_rates(rates: &[TwoRates]) -> Option<Test> {
    let (mut excess, mut variance) = (0.0, 0.0);
    for r in rates {
        let (t, x) = (r.t1 + r.t2, r.x1 + r.x2);
        excess += r.x1 - x * r.t1 / t;
        variance += x * (r.t1 / t) * (r.t2 / t);
    }
    cmh(excess, variance)
}

/// Breslow–Day test of a common odds ratio, and Tarone's correction of it.
///
/// ```text
/// e solves e (n₂ − m + e) = ψ (n₁ − e)(m − e),   V = 1 / (1/e + 1/(n₁−e) + 1/(m−e) + 1/(n₂−m+e))
/// BD = Σ (a − e)²/V,   Tarone = BD − (Σ (a − e))² / Σ V
/// ```
fn breslow_day(tables: &[TwoByTwo], odds: f64) -> Vec<Test> {
    let (mut bd, mut excess, mut total, mut k) = (0.0, 0.0, 0.0, 0usize);
    for t in tables {
        let (n1, n2, m) = (t.n1(), t.n2(), t.a + t.c);
        if m == 0.0 || m == n1 + n2 {
            continue;
        }
        let b = odds * (n1 + m) + n2 - m;
        let root = (b * b - 4.0 * n1 * m * odds * (odds - 1.0)).max(0.0).sqrt();
        // the root inside the support, in the form that also holds at ψ = 1
        let e = 2.0 * odds * n1 * m / (b + root);
        let v = 1.0 / (1.0 / e + 1.0 / (n1 - e) + 1.0 / (m - e) + 1.0 / (n2 - m + e));
        bd += (t.a - e).powi(2) / v;
        excess += t.a - e;
        total += v;
        k += 1;
    }
    if k < 2 {
        return vec![];
    }
    let df = k - 1;
    let tarone = (bd - excess * excess / total).max(0.0);
    let test = |id: &'static str, title: &'static str, statistic: f64| Test {
        of: None,
        id: id.into(),
        title: title.into(),
        statistic: Some(statistic),
        df: Some(df),
        p_value: dist::chi2_sf(statistic, df as f64),
    };
    vec![
        test("breslow-day", "Breslow-Day test of a common odds ratio", bd),
        test("tarone", "Tarone's correction of it", tarone),
    ]
}

/// Options that a common-effect model cannot use are refused, not ignored.
fn check(model: Model, o: &ModelOptions) -> Result<(), Error> {
    o.check_level()?;
    let given = [
        (o.tau2.is_some_and(|t| t != super::tau2::Tau2::EqualEffects), "tau2", "it has no τ²"),
        (o.ci.is_some_and(|c| c != Interval::Wald), "ci", "its interval is the normal one, `wald`"),
        (o.prediction.named().is_some(), "prediction", "it takes all studies to share one effect"),
        (o.tau2_ci.named().is_some(), "tau2-ci", "it has no τ²"),
    ];
    if let Some((_, option, why)) = given.into_iter().find(|g| g.0) {
        return Err(Error::usage(format!("{} pooling has no ⟦{option}⟧: {why}", model.id()))
            .with_hint(format!("leave ⟦{option}⟧ out, or choose ⟦model=inverse-variance⟧")));
    }
    Ok(())
}

fn settings(model: Model, o: &ModelOptions) -> Settings {
    Settings {
        model: Some(model),
        glmm_model: None,
        tau2: Tau2Source::CommonEffect,
        ci: IntervalSource::Of(Interval::Wald),
        prediction: None,
        tau2_ci: None,
        level: o.level,
        profile: o.profile,
    }
}

fn wrong_measure(measure: Measure) -> Error {
    Error::usage(format!("Mantel-Haenszel pooling is not defined for {}", measure.id())).with_hint(
        "use ⟦measure⟧ RR, OR or RD for patients in two groups, IRR or IRD for person-time, or ⟦model=inverse-variance⟧",
    )
}

/// Pools a table by Mantel and Haenszel's weights.
pub(super) fn pool(o: &ModelOptions, table: EffectTable) -> Result<PoolResult, Error> {
    check(Model::MantelHaenszel, o)?;
    let measure = table.measure();
    let data = TwoGroups::of(&table).ok_or_else(|| wrong_measure(measure))?;
    let mut table = table;
    settle(&mut table, &data, measure);
    let used = counted(&table, &data, o);
    let tables: Vec<TwoByTwo> = used.iter().filter_map(|u| two_by_two(&u.1)).collect();
    let rates: Vec<TwoRates> = used.iter().filter_map(|u| two_rates(&u.1)).collect();
    if used.is_empty() {
        return Err(no_studies(&table));
    }
    let (effect, weights) = match measure {
        Measure::OddsRatio => odds_ratio(&tables),
        Measure::RiskRatio => risk_ratio(&tables),
        Measure::RiskDifference if o.profile.is_greenland_robins() => {
            let reported: Vec<TwoByTwo> =
                used.iter().filter_map(|u| two_by_two(table.studies[u.0].data.as_ref()?)).collect();
            risk_difference_of_profiles(&reported, &tables)
        }
        Measure::RiskDifference => risk_difference(&tables),
        Measure::RateRatio => rate_ratio(&rates),
        Measure::RateDifference => rate_difference(&rates),
        _ => return Err(wrong_measure(measure)),
    };
    if !(effect.y.is_finite() && effect.v > 0.0 && effect.v.is_finite()) {
        if let Some(refusal) = super::no_events::refusal(&table) {
            return Err(refusal);
        }
        return Err(Error::model(format!(
            "the Mantel-Haenszel {} is not defined: the same cell is empty in every study",
            measure.title().to_lowercase()
        ))
        .with_hint("⟦model=exact⟧ and ⟦model=glmm⟧ with OR or IRR give a one-sided limit"));
    }
    let mut tests = vec![];
    if rates.is_empty() {
        // the test needs no correction, whatever is summed
        let reported: Vec<TwoByTwo> =
            used.iter().filter_map(|u| two_by_two(table.studies[u.0].data.as_ref()?)).collect();
        tests.extend(cochran_mantel_haenszel(&reported));
        if measure == Measure::OddsRatio {
            tests.extend(breslow_day(&tables, effect.y.exp()));
        }
    } else {
        tests.extend(cochran_mantel_haenszel_rates(&rates));
    }
    let mut settings = settings(Model::MantelHaenszel, o);
    if measure == Measure::RiskDifference && o.profile.is_greenland_robins() {
        settings.ci = IntervalSource::GreenlandRobins;
    }
    let mut result = common(table, settings, effect, used.iter().map(|u| u.0).zip(weights).collect());
    let informative = data.contributing(Measure::OddsRatio);
    result.heterogeneity =
        (result.k > 1).then(|| cochran(&result.table, effect.y, |i| informative.contains(&i)));
    result.tests = tests;
    result.notes = notes(&result, o.pools_corrected(measure));
    Ok(result)
}

/// Pools a table of Peto's odds ratios: Σ (O − E) / Σ V, which is inverse variance without τ².
pub(super) fn peto(o: &ModelOptions, table: EffectTable) -> Result<PoolResult, Error> {
    check(Model::Peto, o)?;
    if table.measure() != Measure::Peto {
        return Err(Error::usage(format!("Peto's method pools PETO, not {}", table.measure().id()))
            .with_hint("use ⟦measure=PETO⟧, or ⟦model=mantel-haenszel⟧"));
    }
    let usual = EffectOptions::new(Measure::Peto).continuity;
    if (table.options.continuity.add, table.options.continuity.to) != (usual.add, usual.to) {
        return Err(Error::usage("Peto's method needs no continuity correction")
            .with_hint("leave out ⟦add⟧ and ⟦to⟧, or add ⟦model=inverse-variance⟧"));
    }
    // nothing is added to the studies' own estimates either: one empty cell leaves them defined
    let continuity = Continuity { to: CorrectWhere::None, ..table.options.continuity };
    let rows = table.rows();
    let noticed = table.noticed;
    let mut table = EffectTable::compute(&rows, table.options.continuity(continuity))?;
    table.noticed = noticed;
    let data = TwoGroups::of(&table).ok_or_else(|| wrong_measure(table.measure()))?;
    settle(&mut table, &data, Measure::Peto);
    let effects: Vec<(usize, Effect)> =
        table.studies.iter().enumerate().filter_map(|(i, s)| Some((i, s.effect()?))).collect();
    if effects.is_empty() {
        return Err(no_studies(&table));
    }
    let total: f64 = effects.iter().map(|(_, e)| 1.0 / e.v).sum();
    let mean = effects.iter().map(|(_, e)| e.y / e.v).sum::<f64>() / total;
    let weights = effects.iter().map(|(i, e)| (*i, 1.0 / e.v)).collect();
    let settings = settings(Model::Peto, o);
    let mut result = common(table, settings, Effect { y: mean, v: 1.0 / total }, weights);
    result.heterogeneity = (result.k > 1).then(|| cochran(&result.table, mean, |_| true));
    let mut notes = notes(&result, true);
    let studies = data.unbalanced(&result.table, 2.0);
    if !studies.is_empty() {
        notes.push(Note::PetoUnbalanced { studies });
    }
    if let Some(risk) = data.risk().map(|r| r.min(1.0 - r)).filter(|r| *r > 0.1) {
        notes.push(Note::NotRare { risk });
    }
    if mean.abs() > 1.0 {
        notes.push(Note::PetoLarge);
    }
    result.notes = notes;
    Ok(result)
}

/// Rows that contribute, with the counts that are summed.
fn counted(table: &EffectTable, data: &TwoGroups, o: &ModelOptions) -> Vec<(usize, StudyData)> {
    let continuity = &table.options.continuity;
    let any_empty = table.studies.iter().filter_map(|s| s.data.as_ref()).any(has_empty_cell);
    let rows = data.contributing(table.measure()).into_iter();
    rows.filter_map(|i| {
        let data = table.studies[i].data?;
        let correct = o.pools_corrected(table.measure()) && continuity.applies(&data, any_empty);
        Some((i, if correct { continuity.corrected(&data) } else { data }))
    })
    .collect()
}

fn two_by_two(data: &StudyData) -> Option<TwoByTwo> {
    match data {
        StudyData::TwoByTwo(t) => Some(*t),
        _ => None,
    }
}

fn two_rates(data: &StudyData) -> Option<TwoRates> {
    match data {
        StudyData::TwoRates(r) => Some(*r),
        _ => None,
    }
}

/// The result of a common effect, with weights by row.
fn common(table: EffectTable, settings: Settings, e: Effect, weights: Vec<(usize, f64)>) -> PoolResult {
    let se = e.v.sqrt();
    let half = critical(settings.level, f64::INFINITY) * se;
    let common = pooled(&table, e.y, se, f64::INFINITY, (e.y - half, e.y + half));
    let total: f64 = weights.iter().map(|w| w.1).sum();
    let mut result = PoolResult::new(table, settings, weights.len());
    for (i, w) in weights {
        result.weights_common[i] = Some(100.0 * w / total);
    }
    result.common = Some(common);
    result
}

/// Cochran's Q of the studies' own effects about a common one.
fn cochran(table: &EffectTable, mean: f64, keep: impl Fn(usize) -> bool) -> Heterogeneity {
    let effects: Vec<Effect> =
        (0..table.studies.len()).filter(|&i| keep(i)).filter_map(|i| table.studies[i].effect()).collect();
    let q: f64 = effects.iter().map(|e| (e.y - mean).powi(2) / e.v).sum();
    let q_df = effects.len().saturating_sub(1);
    let df = q_df as f64;
    Heterogeneity {
        q,
        q_df,
        q_p_value: if q_df > 0 { dist::chi2_sf(q, df) } else { 1.0 },
        i2_q: (q_df > 0).then(|| i2_of_q(q, df)),
        h2: (q_df > 0).then(|| q / df),
        ..Heterogeneity::default()
    }
}

fn notes(result: &PoolResult, corrected: bool) -> Vec<Note> {
    let mut notes = table_notes(&result.table);
    for note in &mut notes {
        if let Note::Corrected { own, .. } = note {
            *own = !corrected;
        }
    }
    if result.k == 1 {
        notes.insert(0, Note::OneStudy);
    }
    notes
}
