//! Confidence intervals of one study's proportion or rate, from its counts.

use crate::math::dist::{self, beta_quantile};

/// An interval for a single proportion.
#[derive(Debug)]
pub struct StudyIntervalSpec {
    /// The field's code.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// Name in reports.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
    /// Limits for x events among n at normal quantile z and level (both sides) in (0, 1).
    pub limits: fn(x: f64, n: f64, level: f64) -> (f64, f64),
}

registry! {
    /// The confidence interval of each study's proportion.
    StudyInterval(StudyIntervalSpec) = "interval for a proportion" {
        /// Exact.
        ClopperPearson => CP,
        /// Score.
        Wilson => WS,
        /// Score with continuity correction.
        WilsonCorrected => WSCC,
        /// Adjusted Wald.
        AgrestiCoull => AC,
        /// Wald.
        Simple => SA,
        /// Wald with continuity correction.
        SimpleCorrected => SACC,
        /// Wald on the logit, as the analysis uses it.
        Logit => NASM,
    }
}

fn z_of(level: f64) -> f64 {
    -dist::normal_quantile(0.5 - 0.5 * level)
}

/// Beta quantiles (α/2; x, n−x+1) and (1−α/2; x+1, n−x).
const CP: StudyIntervalSpec = StudyIntervalSpec {
    id: "CP",
    aliases: &["clopper-pearson", "exact"],
    title: "Clopper-Pearson (exact)",
    reference: "clopper1934",
    limits: |x, n, level| {
        let tail = 0.5 - 0.5 * level;
        let lower = if x <= 0.0 { 0.0 } else { beta_quantile(tail, x, n - x + 1.0) };
        // upper limit of x events = 1 − lower limit of n − x non-events
        let upper = if x >= n { 1.0 } else { 1.0 - beta_quantile(tail, n - x, x + 1.0) };
        (lower, upper)
    },
};

/// (p + z²/2n ± z √(p q/n + z²/4n²)) / (1 + z²/n).
const WS: StudyIntervalSpec = StudyIntervalSpec {
    id: "WS",
    aliases: &["wilson"],
    title: "Wilson score",
    reference: "wilson1927",
    limits: |x, n, level| {
        let (z, p) = (z_of(level), x / n);
        let centre = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        let lower = if x <= 0.0 { 0.0 } else { (centre - half) / scale };
        let upper = if x >= n { 1.0 } else { (centre + half) / scale };
        (lower, upper)
    },
};

/// (2x + z² ∓ 1 ∓ z √(z² ∓ 2 − 1/n + 4 p (n q ± 1))) / 2(n + z²).
const WSCC: StudyIntervalSpec = StudyIntervalSpec {
    id: "WSCC",
    aliases: &["wilson-corrected"],
    title: "Wilson score with continuity correction",
    reference: "newcombe1998",
    limits: |x, n, level| {
        let (z, p) = (z_of(level), x / n);
        let q = 1.0 - p;
        let side = |sign: f64| {
            let root = (z * z + sign * 2.0 - 1.0 / n + 4.0 * p * (n * q - sign)).max(0.0).sqrt();
            (2.0 * x + z * z + sign * (1.0 + z * root)) / (2.0 * (n + z * z))
        };
        let lower = if x <= 0.0 { 0.0 } else { side(-1.0).max(0.0) };
        let upper = if x >= n { 1.0 } else { side(1.0).min(1.0) };
        (lower, upper)
    },
};

/// Wald interval after adding z²/2 events and z²/2 non-events.
const AC: StudyIntervalSpec = StudyIntervalSpec {
    id: "AC",
    aliases: &["agresti-coull"],
    title: "Agresti-Coull",
    reference: "agresti1998",
    limits: |x, n, level| {
        let z = z_of(level);
        let size = n + z * z;
        let p = (x + 0.5 * z * z) / size;
        let half = z * (p * (1.0 - p) / size).sqrt();
        ((p - half).max(0.0), (p + half).min(1.0))
    },
};

/// p ± z √(p q / n).
const SA: StudyIntervalSpec = StudyIntervalSpec {
    id: "SA",
    aliases: &["simple", "wald"],
    title: "simple approximation (Wald)",
    reference: "newcombe1998",
    limits: |x, n, level| simple(x, n, level, 0.0),
};

/// p ± (z √(p q / n) + 1/2n).
const SACC: StudyIntervalSpec = StudyIntervalSpec {
    id: "SACC",
    aliases: &["simple-corrected"],
    title: "simple approximation with continuity correction",
    reference: "newcombe1998",
    limits: |x, n, level| simple(x, n, level, 0.5 / n),
};

fn simple(x: f64, n: f64, level: f64, correction: f64) -> (f64, f64) {
    let p = x / n;
    let half = z_of(level) * (p * (1.0 - p) / n).sqrt() + correction;
    ((p - half).max(0.0), (p + half).min(1.0))
}

/// logit p ± z √(1/x + 1/(n−x)), +½ in each cell where one is empty.
const NASM: StudyIntervalSpec = StudyIntervalSpec {
    id: "NAsm",
    aliases: &["logit"],
    title: "normal approximation on the analysis scale",
    reference: "newcombe1998",
    limits: |x, n, level| {
        let (x, n) = if x <= 0.0 || x >= n { (x + 0.5, n + 1.0) } else { (x, n) };
        let y = (x / (n - x)).ln();
        let half = z_of(level) * (1.0 / x + 1.0 / (n - x)).sqrt();
        let back = |t: f64| 1.0 / (1.0 + (-t).exp());
        (back(y - half), back(y + half))
    },
};

/// Exact limits of a Poisson rate of `x` events over time `t`: χ² quantiles with 2x and 2x + 2 degrees of freedom.
///
/// Reference: \[garwood1936\].
pub fn rate_limits(x: f64, t: f64, level: f64) -> (f64, f64) {
    let tail = 0.5 - 0.5 * level;
    let lower = if x <= 0.0 { 0.0 } else { dist::chi2_quantile(tail, 2.0 * x) / 2.0 };
    (lower / t, dist::chi2_upper_quantile(tail, 2.0 * x + 2.0) / 2.0 / t)
}
