//! Hartung–Knapp–Sidik–Jonkman.
//!
//! ```text
//! SE² = Σw(y − μ̂)² / ((k − 1) Σw),   t with k − 1 degrees of freedom
//! ```
//! Good coverage from few studies of similar precision; too short when effects happen to agree (three equal effects have
//! an SE of 0) and when precisions differ much. The default never takes an SE below √(1/Σw):
//!
//! ```text
//! SE² = max(1, q)/Σw,   q = Σw(y − μ̂)²/(k − 1)
//! ```
//! References: \[hartung2001\], \[knapp2003\], \[rover2015\], \[jackson2017\].

use super::Kind;

pub(super) const SPEC: Kind = Kind::Quantile(|f| (f.hartung_knapp_se(), f.df()));

pub(super) const AD_HOC: Kind = Kind::Quantile(|f| (f.hartung_knapp_se().max(f.wald_se()), f.df()));
