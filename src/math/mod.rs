//! Numerics that know nothing of studies. The only place that imports `statrs` and `libm`.

pub mod bivariate;
pub mod dist;
pub mod hypergeometric;
pub mod linalg;
pub mod optimise;
pub mod parallel;
pub mod quadrature;
pub mod random;
pub mod root;
pub mod simd;
pub mod special;

/// One unit in the last decimal of a number as it is written shortest: 0.01 of 4.25, 1 of 12.
pub fn last_unit(x: f64) -> f64 {
    let decimals = format!("{x}").split_once('.').map_or(0, |(_, d)| d.len());
    10f64.powi(-(decimals.min(15) as i32))
}
