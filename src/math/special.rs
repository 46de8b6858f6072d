//! Incomplete gamma and beta functions and their companions, free of cancellation.
//!
//! Probabilities are carried in pairs (P, Q = 1 − P), each computed from its own side, so that no tail is
//! the difference of two numbers near one. Prefactors follow Loader's saddle-point expansion.
//! References: \[loader2000\], \[didonato1992\], \[gautschi1979\].

use std::f64::consts::PI;

/// ln Γ(x) for x > 0.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// δ(n) = ln n! − ½ ln(2πn) − n ln n + n, the error of Stirling's formula, for n > 0.
///
/// Asymptotic series from n = 15; below, a table for halves, else the recurrence δ(n) = δ(n+1) + (n + ½) ln(1 + 1/n) − 1.
pub fn stirling_error(n: f64) -> f64 {
    if n < 15.0 {
        let twice = 2.0 * n;
        if twice.fract() == 0.0 && twice >= 1.0 {
            return STIRLING_HALVES[twice as usize - 1];
        }
        return stirling_error(n + 1.0) + (n + 0.5) * (1.0 / n).ln_1p() - 1.0;
    }
    let s = 1.0 / (n * n);
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / n
}

/// δ(½), δ(1), … δ(15).
const STIRLING_HALVES: [f64; 30] = [
    0.15342640972002736,
    0.08106146679532726,
    0.05481412105191765,
    0.0413406959554093,
    0.03316287351993629,
    0.02767792568499834,
    0.023746163656297496,
    0.020790672103765093,
    0.018488450532673187,
    0.016644691189821193,
    0.015134973221917378,
    0.013876128823070748,
    0.012810465242920227,
    0.01189670994589177,
    0.011104559758206917,
    0.010411265261972096,
    0.009799416126158804,
    0.009255462182712733,
    0.008768700134139386,
    0.00833056343336287,
    0.00793411456431402,
    0.007573675487951841,
    0.007244554301320383,
    0.00694284010720953,
    0.006665247032707682,
    0.006408994188004207,
    0.006171712263039458,
    0.0059513701127588475,
    0.0057462165130101155,
    0.005554733551962801,
];

/// Deviance term x ln(x/m) + m − x, exact also where x ≈ m.
pub fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// λˣ e^(−λ) / Γ(x + 1) for real x ≥ 0, λ ≥ 0.
pub fn poisson_term(x: f64, lambda: f64) -> f64 {
    if lambda == 0.0 {
        return if x == 0.0 { 1.0 } else { 0.0 };
    }
    if x == 0.0 {
        return (-lambda).exp();
    }
    if x < 1e-8 {
        return (x * lambda.ln() - lambda - ln_gamma(x + 1.0)).exp();
    }
    (-stirling_error(x) - deviance(x, lambda)).exp() / (2.0 * PI * x).sqrt()
}

/// Γ(a+b+1) / (Γ(a+1) Γ(b+1)) · xᵃ yᵇ for real a, b ≥ 0 and y = 1 − x.
pub fn binomial_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if a == 0.0 {
        return if b == 0.0 { 1.0 } else { (b * log_of(y, x)).exp() };
    }
    if b == 0.0 {
        return (a * log_of(x, y)).exp();
    }
    if x == 0.0 || y == 0.0 {
        return 0.0;
    }
    let ln =
        stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    ln.exp() * (n / (2.0 * PI * a * b)).sqrt()
}

/// ln x given also 1 − x, from whichever is the more exact.
fn log_of(x: f64, complement: f64) -> f64 {
    if complement < 0.5 { (-complement).ln_1p() } else { x.ln() }
}

/// Regularised incomplete gamma functions (P(a, x), Q(a, x)) for a > 0, x ≥ 0.
pub fn gamma_pq(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    let prefix = poisson_term(a, x); // xᵃ e^(−x) / Γ(a+1)
    if x < a + 1.0 {
        let (mut sum, mut term, mut n) = (1.0, 1.0, a);
        for _ in 0..MAX_TERMS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        let p = prefix * sum;
        return (p, 1.0 - p);
    }
    if a < 1.0 && x < 1.5 {
        let p = gamma_p_small(a, x);
        return (p, 1.0 - p);
    }
    let fraction = lentz(x + 1.0 - a, |n| (-n * (n - a), x + 2.0 * n + 1.0 - a));
    let q = prefix * a / fraction;
    (1.0 - q, q)
}

const MAX_TERMS: usize = 2_000_000;

/// P(a, x) by its alternating-free series when the continued fraction is slow.
fn gamma_p_small(a: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, a);
    for _ in 0..500 {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    poisson_term(a, x) * sum
}

/// Continued fraction b₀ + a₁/(b₁ + a₂/(b₂ + …)) by the modified Lentz algorithm; `next(n)` gives (aₙ, bₙ).
fn lentz(b0: f64, next: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut f = guard(b0);
    let (mut c, mut d) = (f, 0.0);
    for n in 1..MAX_TERMS {
        let (a, b) = next(n as f64);
        d = 1.0 / guard(b + a * d);
        c = guard(b + a / c);
        let step = c * d;
        f *= step;
        if (step - 1.0).abs() < 4e-17 || !f.is_finite() || (step - 1.0).abs() <= f64::EPSILON && n > 200 {
            break;
        }
    }
    f
}

/// Regularised incomplete beta functions (I_x(a, b), 1 − I_x(a, b)) for a, b > 0, given x and y = 1 − x.
///
/// Giving both x and y keeps full precision when either is tiny.
pub fn beta_pq(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    // λ = a − (a + b) x, from whichever of x and y is small
    let lambda = if a > b { (a + b) * y - b } else { a - (a + b) * x };
    if lambda < 0.0 {
        let (q, p) = beta_lower(b, a, y, x, -lambda);
        return (p, q);
    }
    beta_lower(a, b, x, y, lambda)
}

/// I_x(a, b) below the mean of the distribution.
fn beta_lower(a: f64, b: f64, x: f64, y: f64, lambda: f64) -> (f64, f64) {
    let p = if (b * x <= 0.7 && x <= 0.7) || (a.min(b) < 1.0 && x <= 0.5 && b * x <= 20.0 && b < 1.0) {
        beta_series(a, b, x, y)
    } else {
        // xᵃ yᵇ / B(a, b) = ab/(a+b) · binomial term
        let prefix = binomial_term(a, b, x, y) * (a * b / (a + b));
        let b0 = a / (a + 1.0) * (lambda + 1.0);
        let fraction = lentz(b0, |n| {
            let alpha = (a + n - 1.0) / (a + 2.0 * n - 1.0) * ((a + b + n - 1.0) / (a + 2.0 * n - 1.0));
            let alpha = alpha * n * (b - n) * x * x;
            let beta = n
                + n * (b - n) * x / (a + 2.0 * n - 1.0)
                + (a + n) / (a + 2.0 * n + 1.0) * (lambda + 1.0 + n * (1.0 + y));
            (alpha, beta)
        });
        prefix / fraction
    };
    let p = p.clamp(0.0, 1.0);
    (p, 1.0 - p)
}

/// xᵃ/(a B(a,b)) · [1 + a Σ (1−b)(2−b)…(n−b) xⁿ / (n! (a+n))].
fn beta_series(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let (mut sum, mut c) = (1.0, 1.0);
    for n in 1..10_000 {
        let n = f64::from(n);
        c *= (n - b) / n * x;
        let term = a * c / (a + n);
        sum += term;
        if term.abs() < sum.abs() * 1e-17 {
            break;
        }
    }
    // xᵃ / (a B) = binomial term · b/(a+b) · yᵇ⁻ᵇ
    let ln_y = log_of(y, x);
    binomial_term(a, b, x, y) * (b / (a + b)) * (-b * ln_y).exp() * sum
}
