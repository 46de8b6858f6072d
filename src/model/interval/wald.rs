//! The ordinary interval: SE = √(1/Σw), with the normal or the t quantile.
//!
//! Too short for few studies, since it takes τ² as known. Reference: \[dersimonian1986\], \[follmann1999\].

use super::Kind;

pub(super) const SPEC: Kind = Kind::Quantile(|f| (f.wald_se(), f64::INFINITY));

pub(super) const T: Kind = Kind::Quantile(|f| (f.wald_se(), f.df()));
