//! Tests over strata, each study one: of no effect, and of a common odds ratio. References: \[mantel1959\], \[breslow1980\],
//! \[tarone1985\].

use crate::dataset::{TwoByTwo, TwoRates};
use crate::math::dist;
use crate::result::Test;

/// The Cochran–Mantel–Haenszel test of no effect, with Yates's correction.
///
/// ```text
/// χ² = (|Σ (a − n₁m/N)| − ½)² / Σ n₁ n₂ m (N−m) / (N² (N−1))
/// ```
pub(super) fn cochran_mantel_haenszel(tables: &[TwoByTwo]) -> Option<Test> {
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
pub(super) fn cochran_mantel_haenszel_rates(rates: &[TwoRates]) -> Option<Test> {
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
pub(super) fn breslow_day(tables: &[TwoByTwo], odds: f64) -> Vec<Test> {
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
