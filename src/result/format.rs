//! Numbers as people read them: one place for rounding, signs and p-values.

/// `x` with a fixed number of decimals, never "-0.00".
pub fn fixed(x: f64, decimals: usize) -> String {
    if x.abs() >= 1e15 {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if zero { text.trim_start_matches('-').to_string() } else { text }
}

/// A ratio: fixed decimals, but two significant digits below 0.01 and none after the point from 1000.
pub fn ratio(x: f64, decimals: usize) -> String {
    match x {
        x if x > 0.0 && x < 0.01 => significant(x, 2),
        x if x >= 1000.0 => fixed(x, 0),
        x => fixed(x, decimals),
    }
}

/// `x` with so many significant digits, without an exponent where a person would not use one.
pub fn significant(x: f64, digits: usize) -> String {
    if x == 0.0 || !x.is_finite() {
        return x.to_string();
    }
    let magnitude = x.abs().log10().floor() as i32;
    if !(-5..15).contains(&magnitude) {
        return format!("{x:.*e}", digits.saturating_sub(1));
    }
    fixed(x, usize::try_from(digits as i32 - 1 - magnitude).unwrap_or(0))
}

/// A p-value with its sign of relation: `p = 0.012`, `p < 0.001`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".into()
    } else if p < 0.1 {
        format!("p = {p:.3}")
    } else {
        format!("p = {p:.2}")
    }
}

/// A percentage with one decimal.
pub fn percent(x: f64) -> String {
    format!("{}%", fixed(x, 1))
}

/// Decimals that suit values whose intervals typically have this width.
pub fn decimals_for(width: f64) -> usize {
    match width {
        w if !w.is_finite() || w <= 0.0 => 2,
        w if w >= 100.0 => 0,
        w if w >= 10.0 => 1,
        w if w >= 0.1 => 2,
        w if w >= 0.01 => 3,
        w => ((2.0 - w.log10().floor()) as usize).min(8),
    }
}

/// So many studies, in words.
pub fn studies(k: usize) -> String {
    format!("{k} {}", if k == 1 { "study" } else { "studies" })
}

/// A number in full precision for files: shortest text that reads back as the same value.
pub fn exact(x: f64) -> String {
    let plain = format!("{x}");
    if plain.len() > 20 { format!("{x:e}") } else { plain }
}
