//! Distribution functions and quantiles. Every probability that is reported comes from here.
//!
//! Tails are computed from their own side; quantiles solve for the logarithm of the smaller tail.
//! Normal quantiles are those of `statrs` (good to 6e-16); everything else is built on [`super::special`], or
//! on finite sums for whole degrees of freedom. References: \[abramowitz1964\], \[loader2000\], \[didonato1992\], \[hill1970\].

use super::root::newton_bracketed;
use super::special::{beta_pq, binomial_term, gamma_pq, poisson_term};
use statrs::distribution::{ContinuousCDF, Normal};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Standard normal density at `x`.
pub fn normal_pdf(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// Standard normal P(X ≤ x).
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Standard normal P(X > x).
pub fn normal_sf(x: f64) -> f64 {
    normal_cdf(-x)
}

/// P(X > x)/φ(x) of the standard normal for `x` ≥ 0: it falls as 1/x and neither overflows nor underflows.
///
/// ```text
/// 1/(x + 1/(x + 2/(x + 3/(x + ...))))
/// ```
/// The fraction ends where its remainder is below rounding. Reference: \[abramowitz1964\], 26.2.14.
pub fn mills_ratio(x: f64) -> f64 {
    if x < 12.0 {
        return normal_sf(x) / normal_pdf(x);
    }
    1.0 / (1..=24).rev().fold(x, |below, n| x + f64::from(n) / below)
}

/// Standard normal quantile of `p` in (0, 1).
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Two-sided normal p-value of a z statistic.
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

/// Student's t, P(X > x), with `df` > 0 degrees of freedom.
pub fn t_sf(x: f64, df: f64) -> f64 {
    if x < 0.0 {
        return 1.0 - t_sf(-x, df);
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    if df == f64::INFINITY {
        return normal_sf(x);
    }
    // ½ I_{ν/(ν+t²)}(ν/2, ½), both arguments exact also for huge t
    let r = x / df.sqrt();
    let (u, w) =
        if r > 1e100 { ((1.0 / r).powi(2), 1.0) } else { (1.0 / (1.0 + r * r), r * r / (1.0 + r * r)) };
    0.5 * beta_pq(0.5 * df, 0.5, u, w).0
}

/// Student's t, P(X ≤ x).
pub fn t_cdf(x: f64, df: f64) -> f64 {
    t_sf(-x, df)
}

/// Two-sided p-value of a t statistic.
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    // the sum loses what p lacks to 1, and is kept where that is less than one digit
    match t_within(t, df) {
        Some(within) if within < 0.9 => 1.0 - within,
        _ => 2.0 * t_sf(t.abs(), df),
    }
}

/// Student's t, P(|X| ≤ |t|) for few whole degrees of freedom, by the finite sums over cos²θ = ν/(ν + t²):
///
/// ```text
/// ν even:  sin θ (1 + 1/2 cos²θ + 1·3/(2·4) cos⁴θ + … + cos^(ν−2)θ)
/// ν odd:   2/π (θ + sin θ cos θ (1 + 2/3 cos²θ + 2·4/(3·5) cos⁴θ + … + cos^(ν−3)θ))
/// ```
/// Reference: \[abramowitz1964\], 26.7.3 and 26.7.4.
fn t_within(t: f64, df: f64) -> Option<f64> {
    if !(1.0..=MOST_TERMS).contains(&df) || df.fract() != 0.0 || t.is_nan() || t.abs() >= 1e100 {
        return None;
    }
    let r = t.abs() / df.sqrt();
    let cos2 = 1.0 / (1.0 + r * r);
    let odd = df % 2.0;
    // Σ over even powers, from the highest down
    let mut sum = 1.0;
    let mut n = df - 2.0;
    while n > 1.0 {
        sum = 1.0 + sum * (cos2 * ((n - 1.0) / n));
        n -= 2.0;
    }
    let sin = r * cos2.sqrt();
    if odd == 0.0 {
        return Some(sin * sum);
    }
    let rest = if df > 1.0 { sin * cos2.sqrt() * sum } else { 0.0 };
    Some(std::f64::consts::FRAC_2_PI * (r.atan() + rest))
}

/// Degrees of freedom up to which finite sums are taken.
const MOST_TERMS: f64 = 64.0;

/// Student's t density.
pub fn t_pdf(x: f64, df: f64) -> f64 {
    use super::special::stirling_error;
    if df == f64::INFINITY {
        return normal_pdf(x);
    }
    // Γ((ν+1)/2) / (√(νπ) Γ(ν/2)) (1 + t²/ν)^(−(ν+1)/2), by Stirling errors
    let h = 0.5 * df;
    let ln_ratio = stirling_error(h + 0.5) - stirling_error(h) + (h + 0.5) * (0.5 / h).ln_1p() - 0.5;
    // Γ(h + ½) = Γ(h + 3/2)/(h + ½); both Γ(z+1) = √(2πz) (z/e)ᶻ e^δ(z)
    let constant = (ln_ratio + 0.5 * h.ln() + 0.5 * ((h + 0.5) / h).ln()).exp() * h / (h + 0.5);
    constant / (df * PI).sqrt() * (-0.5 * (df + 1.0) * (x * x / df).ln_1p()).exp()
}

/// Student's t quantile: x with P(X ≤ x) = p.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p == 0.5 {
        return 0.0;
    }
    if p < 0.5 { -t_upper_quantile(p, df) } else { t_upper_quantile(1.0 - p, df) }
}

/// Student's t: x ≥ 0 with P(X > x) = q, for q ≤ ½. Precise also for tiny q.
pub fn t_upper_quantile(q: f64, df: f64) -> f64 {
    if q >= 0.5 || q.is_nan() || df.is_nan() || df <= 0.0 {
        return if q == 0.5 { 0.0 } else { f64::NAN };
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    if df == f64::INFINITY {
        return -normal_quantile(q);
    }
    if df == 1.0 {
        // cot πq, from its small side near the middle
        return if q > 0.25 { (PI * (0.5 - q)).tan() } else { 1.0 / (PI * q).tan() };
    }
    if df == 2.0 {
        return (1.0 - 2.0 * q) / (2.0 * q * (1.0 - q)).sqrt();
    }
    let target = q.ln();
    // ln sf falls as u = ln t grows: g(u) = ln q − ln sf(eᵘ) increases, g' = t f(t) / sf(t)
    let g = |u: f64| {
        let t = u.exp();
        let sf = t_sf(t, df);
        (target - sf.ln(), t * t_pdf(t, df) / sf)
    };
    let start = t_start(q, df).ln();
    newton_bracketed(g, start, -745.0, 700.0).exp()
}

/// Starting value for the t quantile: Cornish–Fisher for moderate tails, the power law for heavy ones.
fn t_start(q: f64, df: f64) -> f64 {
    let z = -normal_quantile(q);
    let z2 = z * z;
    let g1 = (z2 + 1.0) * z / 4.0;
    let g2 = ((5.0 * z2 + 16.0) * z2 + 3.0) * z / 96.0;
    let g3 = (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) * z / 384.0;
    let cornish = z + g1 / df + g2 / (df * df) + g3 / (df * df * df);
    if df > 2.0 * z2.max(1.0) {
        return cornish;
    }
    // leading term of the tail: sf(t) ≈ C t^(−ν), ln C = ln Γ((ν+1)/2) − ln Γ(ν/2) − ½ ln π + (ν/2 − 1) ln ν
    let gamma = super::special::ln_gamma(0.5 * (df + 1.0)) - super::special::ln_gamma(0.5 * df);
    let ln_c = gamma - 0.5 * PI.ln() + (0.5 * df - 1.0) * df.ln();
    ((ln_c - q.ln()) / df).exp().clamp(1e-300, 1e300)
}

/// χ² P(X > x) with `df` degrees of freedom; 1 for df = 0 and x ≤ 0.
pub fn chi2_sf(x: f64, df: f64) -> f64 {
    if df <= 0.0 {
        return if x > 0.0 { 0.0 } else { 1.0 };
    }
    if df <= MOST_TERMS && df.fract() == 0.0 && x < 1400.0 && x > 0.0 {
        return chi2_sum(x, df);
    }
    gamma_pq(0.5 * df, 0.5 * x).1
}

/// χ² P(X > x) for few whole degrees of freedom, by finite sums of positive terms with h = x/2:
///
/// ```text
/// ν even:  e⁻ʰ (1 + h + h²/2! + … + h^(ν/2−1)/(ν/2 − 1)!)
/// ν odd:   erfc √h + e⁻ʰ √(4h/π) (1 + 2h/3 + (2h)²/(3·5) + … + (2h)^((ν−3)/2)/(3·5·…·(ν − 2)))
/// ```
/// Reference: \[abramowitz1964\], 26.4.4 and 26.4.5.
fn chi2_sum(x: f64, df: f64) -> f64 {
    let h = 0.5 * x;
    let (mut sum, mut n) = (1.0, df - 2.0);
    while n > 1.0 {
        sum = 1.0 + sum * (x / n);
        n -= 2.0;
    }
    if df % 2.0 == 0.0 {
        return (-h).exp() * sum;
    }
    let tail = libm::erfc(h.sqrt());
    if df > 1.0 { tail + (-h).exp() * (4.0 * h / PI).sqrt() * sum } else { tail }
}

/// χ² P(X ≤ x).
pub fn chi2_cdf(x: f64, df: f64) -> f64 {
    if df <= 0.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    gamma_pq(0.5 * df, 0.5 * x).0
}

/// χ² quantile: x with P(X ≤ x) = p.
pub fn chi2_quantile(p: f64, df: f64) -> f64 {
    gamma_quantile(p, 1.0 - p, 0.5 * df) * 2.0
}

/// χ² upper quantile: x with P(X > x) = q.
pub fn chi2_upper_quantile(q: f64, df: f64) -> f64 {
    gamma_quantile(1.0 - q, q, 0.5 * df) * 2.0
}

/// x with P(a, x) = p and Q(a, x) = q, solved on the smaller of the two.
fn gamma_quantile(p: f64, q: f64, a: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    // Wilson–Hilferty, or the leading power of P for small p
    let z = if p < q { normal_quantile(p) } else { -normal_quantile(q) };
    let h = 1.0 / (9.0 * a);
    let cube = 1.0 - h + z * h.sqrt();
    let power = (p.ln() + super::special::ln_gamma(a + 1.0)) / a;
    let start = if cube > 0.1 { (a * cube.powi(3)).ln() } else { power };
    let lower = p < q;
    let g = |u: f64| {
        let x = u.exp();
        let (cp, cq) = gamma_pq(a, x);
        let density = poisson_term(a, x) * a; // x · f(x)
        if lower { (cp.ln() - p.ln(), density / cp) } else { (q.ln() - cq.ln(), density / cq) }
    };
    newton_bracketed(g, start.clamp(-1e6, 700.0), -1e6, 709.0).exp()
}

/// Beta P(X ≤ x) with shapes `a`, `b` > 0.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    beta_pq(a, b, x.clamp(0.0, 1.0), (1.0 - x).clamp(0.0, 1.0)).0
}

/// Beta quantile: x with I_x(a, b) = p.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let lower = p < 0.5;
    let target = if lower { p.ln() } else { (1.0 - p).ln() };
    let g = |u: f64| {
        // x = 1/(1 + e^(−u)), both sides exact
        let (x, y) = if u < 0.0 {
            (u.exp() / (1.0 + u.exp()), 1.0 / (1.0 + u.exp()))
        } else {
            (1.0 / (1.0 + (-u).exp()), (-u).exp() / (1.0 + (-u).exp()))
        };
        let (cp, cq) = beta_pq(a, b, x, y);
        let density = binomial_term(a, b, x, y) * (a * b / (a + b)); // f(x) · x y = dI/du
        if lower { (cp.ln() - target, density / cp) } else { (target - cq.ln(), density / cq) }
    };
    let mean = a / (a + b);
    let sd = (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
    let guess = mean + normal_quantile(p) * sd;
    let start = if guess > 0.0 && guess < 1.0 {
        (guess / (1.0 - guess)).ln()
    } else {
        (mean / (1.0 - mean)).ln() + normal_quantile(p)
    };
    let u = newton_bracketed(g, start, -745.0, 745.0);
    if u < 0.0 { u.exp() / (1.0 + u.exp()) } else { 1.0 / (1.0 + (-u).exp()) }
}

/// F P(X > x) with `d1` and `d2` degrees of freedom.
pub fn f_sf(x: f64, d1: f64, d2: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let s = d1 * x + d2;
    beta_pq(0.5 * d1, 0.5 * d2, d1 * x / s, d2 / s).1
}

/// Binomial probability of `x` events in `n` at probability `p`.
pub fn binomial_pmf(x: f64, n: f64, p: f64) -> f64 {
    binomial_term(x, n - x, p, 1.0 - p)
}

/// Poisson probability of `x` at mean `lambda`.
pub fn poisson_pmf(x: f64, lambda: f64) -> f64 {
    poisson_term(x, lambda)
}
