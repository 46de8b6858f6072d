//! What one study adds to the likelihood of a selection model, with its derivatives.
//!
//! ```text
//! ℓᵢ = ln w(pᵢ) + ln N(yᵢ; μ, s²) − ln A,   s² = vᵢ + t,   A = ∫ w(p(y)) N(y; μ, s²) dy
//! z = (y − μ)/s,  Sₙ = ∫ w zⁿ N,  Gₘₙ = ∫ ∂w/∂δₘ zⁿ N,  H = ∫ ∂²w/∂δ∂δ′ N
//! all integrals in units of e^L, L the logarithm of the largest part: A itself may be beyond the range of numbers
//! A_μ = S₁/s,  A_t = (S₂ − S₀)/2s²,  A_μμ = (S₂ − S₀)/s²,  A_μt = (S₃ − 3S₁)/2s³,  A_tt = (S₄ − 6S₂ + 3S₀)/4s⁴
//! ```

/// Most parameters of a weight function.
pub(super) const MOST: usize = 8;
/// μ, t and those.
pub(super) const SIZE: usize = MOST + 2;

/// Value, gradient and Hessian in (μ, t, δ).
#[derive(Clone, Debug)]
pub(super) struct Slopes {
    pub value: f64,
    pub gradient: [f64; SIZE],
    pub hessian: [[f64; SIZE]; SIZE],
}

impl Slopes {
    pub fn zero() -> Self {
        Self { value: 0.0, gradient: [0.0; SIZE], hessian: [[0.0; SIZE]; SIZE] }
    }
}

/// ln w at the study's own p-value.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    pub log: f64,
    pub first: [f64; MOST],
    pub second: [[f64; MOST]; MOST],
}

impl Observed {
    pub fn none() -> Self {
        Self { log: 0.0, first: [0.0; MOST], second: [[0.0; MOST]; MOST] }
    }
}

/// The integrals of the module's head.
#[derive(Clone, Debug)]
pub(super) struct Integrals {
    /// Logarithm of the unit of all others.
    pub log: f64,
    pub s: [f64; 5],
    pub g: [[f64; 3]; MOST],
    pub h: [[f64; MOST]; MOST],
}

impl Integrals {
    pub fn zero() -> Self {
        Self { log: 0.0, s: [0.0; 5], g: [[0.0; 3]; MOST], h: [[0.0; MOST]; MOST] }
    }
}

/// Adds a study: `r` = y − μ, `s2` its whole variance, `d` parameters of the weight function.
pub(super) fn add(sum: &mut Slopes, r: f64, s2: f64, d: usize, own: &Observed, i: &Integrals) {
    let s = s2.sqrt();
    let z = r / s;
    let a = i.s[0];
    sum.value += own.log - 0.5 * (z * z + s2.ln()) - a.ln() - i.log;
    // first and second derivatives of A over A
    let mut first = [0.0; SIZE];
    first[0] = i.s[1] / s / a;
    first[1] = 0.5 * (i.s[2] - i.s[0]) / s2 / a;
    let mut second = [[0.0; SIZE]; SIZE];
    second[0][0] = (i.s[2] - i.s[0]) / s2 / a;
    second[0][1] = 0.5 * (i.s[3] - 3.0 * i.s[1]) / (s2 * s) / a;
    second[1][1] = 0.25 * (i.s[4] - 6.0 * i.s[2] + 3.0 * i.s[0]) / (s2 * s2) / a;
    for m in 0..d {
        first[m + 2] = i.g[m][0] / a;
        second[0][m + 2] = i.g[m][1] / s / a;
        second[1][m + 2] = 0.5 * (i.g[m][2] - i.g[m][0]) / s2 / a;
        for n in m..d {
            second[m + 2][n + 2] = i.h[m][n] / a;
        }
    }
    sum.gradient[0] += z / s - first[0];
    sum.gradient[1] += 0.5 * (z * z - 1.0) / s2 - first[1];
    sum.hessian[0][0] -= 1.0 / s2;
    sum.hessian[0][1] -= z / (s2 * s);
    sum.hessian[1][1] -= (z * z - 0.5) / (s2 * s2);
    for m in 0..d {
        sum.gradient[m + 2] += own.first[m] - first[m + 2];
        for n in m..d {
            sum.hessian[m + 2][n + 2] += own.second[m][n];
        }
    }
    for m in 0..d + 2 {
        for n in m..d + 2 {
            sum.hessian[m][n] -= second[m][n] - first[m] * first[n];
        }
    }
}
