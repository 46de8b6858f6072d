//! Association of two binary variables, and standardised differences from a two-by-two table.
//!
//! References: \[bonett2007\], \[yule1912\], \[kirk1973\], \[chinn2000\], \[cox1989\].

use super::two_by_two::log_odds_ratio;
use super::{Compute, Effect, MeasureSpec, Scale, Variance, plain};
use crate::dataset::TwoByTwo;
use crate::math::{bivariate, dist};
use std::f64::consts::PI;

/// Fisher's z of a correlation and its variance by the delta method: artanh r, v / (1 − r²)².
///
/// An estimate beyond ±1, which a biserial or semi-partial correlation can have, has neither.
pub(super) fn fisher(r: Effect) -> Effect {
    if r.y.abs() > 1.0 {
        return Effect { y: f64::NAN, v: f64::NAN };
    }
    Effect { y: r.y.atanh(), v: r.v / (1.0 - r.y * r.y).powi(2) }
}

pub(super) const PHI: MeasureSpec = MeasureSpec {
    variances: &[Variance::CS, Variance::LS, Variance::ST],
    ..plain(
        "PHI",
        "Phi coefficient",
        "Phi",
        Scale::Identity,
        Some(0.0),
        "y = (ad − bc) / √((a+b)(c+d)(a+c)(b+d))",
        "bonett2007",
        Compute::TwoByTwo(|t, context| phi(t, context.variance)),
    )
};

fn phi(t: &TwoByTwo, variance: Variance) -> Effect {
    let TwoByTwo { a, b, c, d } = *t;
    let (n1, n2) = (t.n1(), t.n2());
    let n = n1 + n2;
    let y = (a * d - b * c) / (n1 * n2 * (a + c) * (b + d)).sqrt();
    let (p1, p2) = (t.p1(), t.p2());
    let (q1, q2) = (1.0 - p1, 1.0 - p2);
    let v = if variance == Variance::ST {
        // group sizes fixed by design
        let cross = p2 * q1 + p1 * q2;
        let sum = 4.0 * n1.powi(3) * p1 * p1 * p2 * q1 * q1 * q2
            + 4.0 * n2.powi(3) * p1 * p2 * p2 * q1 * q2 * q2
            + n1 * n2 * n2 * p2 * q2 * cross * (p2 * q1 + p1 * (4.0 * q1 + q2))
            + n1 * n1 * n2 * p1 * q1 * cross * (p1 * q2 + p2 * (q1 + 4.0 * q2));
        n * n * sum / (4.0 * (a + c).powi(3) * (b + d).powi(3))
    } else {
        // only the total fixed
        let (r1, r2, c1, c2) = (n1 / n, n2 / n, (a + c) / n, (b + d) / n);
        (1.0 - y * y + y * (1.0 + 0.5 * y * y) * (r1 - r2) * (c1 - c2) / (r1 * r2 * c1 * c2).sqrt()
            - 0.75 * y * y * ((r1 - r2).powi(2) / (r1 * r2) + (c1 - c2).powi(2) / (c1 * c2)))
            / n
    };
    Effect { y, v }
}

pub(super) const ZPHI: MeasureSpec = MeasureSpec {
    variances: &[Variance::CS, Variance::LS, Variance::ST],
    ..plain(
        "ZPHI",
        "Phi coefficient (Fisher's z)",
        "Phi",
        Scale::FisherZ,
        Some(0.0),
        "y = artanh φ, v = v(φ) / (1 − φ²)²",
        "bonett2007",
        Compute::TwoByTwo(|t, context| fisher(phi(t, context.variance))),
    )
};

/// (ω^h − 1)/(ω^h + 1) with the odds ratio ω, h = 1 for Q and ½ for Y.
fn yule(t: &TwoByTwo, h: f64) -> Effect {
    let odds = (t.a / t.b / (t.c / t.d)).powf(h);
    let y = (odds - 1.0) / (odds + 1.0);
    let y = if odds.is_infinite() { 1.0 } else { y };
    Effect { y, v: 0.25 * h * h * (1.0 - y * y).powi(2) * log_odds_ratio(t).v }
}

pub(super) const YUQ: MeasureSpec = plain(
    "YUQ",
    "Yule's Q",
    "Yule's Q",
    Scale::Identity,
    Some(0.0),
    "y = (ω − 1)/(ω + 1), v = ¼ (1 − y²)² (1/a + 1/b + 1/c + 1/d)",
    "yule1912",
    Compute::TwoByTwo(|t, _| yule(t, 1.0)),
);

pub(super) const YUY: MeasureSpec = plain(
    "YUY",
    "Yule's Y",
    "Yule's Y",
    Scale::Identity,
    Some(0.0),
    "y = (√ω − 1)/(√ω + 1), v = (1 − y²)²/16 (1/a + 1/b + 1/c + 1/d)",
    "yule1912",
    Compute::TwoByTwo(|t, _| yule(t, 0.5)),
);

fn tetrachoric(t: &TwoByTwo) -> Effect {
    let nothing = Effect { y: f64::NAN, v: f64::NAN };
    let TwoByTwo { a, b, c, d } = *t;
    // with an empty cell the likelihood is largest at ±1, where its curvature is not finite
    if a == 0.0 || b == 0.0 || c == 0.0 || d == 0.0 {
        let y = if b == 0.0 || c == 0.0 { 1.0 } else { -1.0 };
        let y = if a == 0.0 || d == 0.0 { -1.0 } else { y };
        let margin = a + b == 0.0 || c + d == 0.0 || a + c == 0.0 || b + d == 0.0;
        return if margin { nothing } else { Effect { y, v: f64::NAN } };
    }
    bivariate::tetrachoric(t.a, t.b, t.c, t.d).map_or(nothing, |(y, v)| Effect { y, v })
}

pub(super) const RTET: MeasureSpec = plain(
    "RTET",
    "Tetrachoric correlation",
    "Tetrachoric r",
    Scale::Identity,
    Some(0.0),
    "Φ₂(h, k; y) = a/n, thresholds at the margins; v from the information",
    "kirk1973",
    Compute::TwoByTwo(|t, _| tetrachoric(t)),
);

pub(super) const ZTET: MeasureSpec = plain(
    "ZTET",
    "Tetrachoric correlation (Fisher's z)",
    "Tetrachoric r",
    Scale::FisherZ,
    Some(0.0),
    "y = artanh r, v = v(r) / (1 − r²)²",
    "kirk1973",
    Compute::TwoByTwo(|t, _| fisher(tetrachoric(t))),
);

pub(super) const PBIT: MeasureSpec = plain(
    "PBIT",
    "Difference of probits",
    "Probit difference",
    Scale::Identity,
    Some(0.0),
    "y = z₁ − z₂, v = Σ 2π pᵢ(1−pᵢ) exp(zᵢ²)/nᵢ, zᵢ = Φ⁻¹(pᵢ)",
    "sanchez2003",
    Compute::TwoByTwo(|t, _| {
        let part = |p: f64, n: f64| {
            let z = dist::normal_quantile(p);
            (z, 2.0 * PI * p * (1.0 - p) * (z * z).exp() / n)
        };
        if t.a == 0.0 || t.b == 0.0 || t.c == 0.0 || t.d == 0.0 {
            return Effect { y: f64::NAN, v: f64::NAN };
        }
        let ((z1, v1), (z2, v2)) = (part(t.p1(), t.n1()), part(t.p2(), t.n2()));
        Effect { y: z1 - z2, v: v1 + v2 }
    }),
);

pub(super) const OR2DN: MeasureSpec = plain(
    "OR2DN",
    "Standardised difference from an odds ratio (normal)",
    "SMD",
    Scale::Identity,
    Some(0.0),
    "y = ln ω / 1.65, v = v(ln ω) / 1.65²",
    "cox1989",
    Compute::TwoByTwo(|t, _| scaled(log_odds_ratio(t), 1.0 / 1.65)),
);

pub(super) const OR2DL: MeasureSpec = MeasureSpec {
    aliases: &["OR2D"],
    ..plain(
        "OR2DL",
        "Standardised difference from an odds ratio (logistic)",
        "SMD",
        Scale::Identity,
        Some(0.0),
        "y = (√3/π) ln ω, v = (3/π²) v(ln ω)",
        "chinn2000",
        Compute::TwoByTwo(|t, _| scaled(log_odds_ratio(t), 3f64.sqrt() / PI)),
    )
};

fn scaled(e: Effect, by: f64) -> Effect {
    Effect { y: by * e.y, v: by * by * e.v }
}
