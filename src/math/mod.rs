//! Numerics that know nothing of studies. The only place that imports `statrs` and `libm`.

pub mod bivariate;
pub mod dist;
pub mod hypergeometric;
pub mod parallel;
pub mod quadrature;
pub mod random;
pub mod root;
pub mod simd;
pub mod special;
