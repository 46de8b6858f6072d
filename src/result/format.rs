//! Numbers as people read them: one place for rounding, signs and p-values.

/// What stands where there is no number.
pub const MISSING: &str = "–";

/// What is no number in words: nothing for NaN, a sign for infinity.
fn not_finite(x: f64) -> String {
    match x {
        f64::INFINITY => "∞".into(),
        f64::NEG_INFINITY => "-∞".into(),
        _ => MISSING.into(),
    }
}

/// `x` with a fixed number of decimals, never "-0.00".
pub fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return not_finite(x);
    }
    if x.abs() >= 1e15 {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if zero { text.trim_start_matches('-').to_string() } else { text }
}

/// `x` with so many significant digits, in groups of thousands, without an exponent where a person would not use one.
pub fn significant(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return not_finite(x);
    }
    if x == 0.0 {
        return "0".into();
    }
    let magnitude = x.abs().log10().floor() as i32;
    if !(-5..15).contains(&magnitude) {
        return power(x, digits);
    }
    grouped(&fixed(x, usize::try_from(digits as i32 - 1 - magnitude).unwrap_or(0)))
}

/// `x` as a power of ten with so many significant digits: `1.20e-9`.
pub fn power(x: f64, digits: usize) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if x.is_finite() { format!("{x:.*e}", digits.saturating_sub(1)) } else { not_finite(x) }
}

/// The digits before the point in groups of three, from five of them: `207 774`. The space does not break.
pub fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
    if whole < 5 || rest.contains('e') {
        return number.to_string();
    }
    let mut out = sign.to_string();
    for (i, c) in rest.chars().enumerate() {
        if i > 0 && i < whole && (whole - i).is_multiple_of(3) {
            out.push('\u{202F}');
        }
        out.push(c);
    }
    out
}

/// The relation and the number of a p-value: `=` and `0.012`, `<` and `0.001`.
pub fn p_relation(p: f64) -> (char, String) {
    if p.is_nan() {
        ('=', MISSING.into())
    } else if p < 0.001 {
        ('<', "0.001".into())
    } else if p < 0.1 {
        ('=', format!("{p:.3}"))
    } else {
        ('=', format!("{p:.2}"))
    }
}

/// A p-value with its sign of relation: `p = 0.012`, `p < 0.001`.
pub fn p_value(p: f64) -> String {
    let (relation, number) = p_relation(p);
    format!("p {relation} {number}")
}

/// A percentage with one decimal.
pub fn percent(x: f64) -> String {
    format!("{}%", fixed(x, 1))
}

/// A risk in per cent: one decimal, or two significant digits where that would show nearly nothing: `0.020%`.
pub fn risk(share: f64) -> String {
    let x = 100.0 * share;
    if x != 0.0 && x.abs() < 0.1 { format!("{}%", significant(x, 2)) } else { percent(x) }
}

/// Decimals that suit values whose intervals typically have this width: ten to a hundred steps of the last digit, and more
/// where two decimals are usual.
pub fn decimals_for(width: f64) -> usize {
    match width {
        w if !w.is_finite() || w <= 0.0 => 2,
        w if w >= 100.0 => 0,
        w if w >= 10.0 => 1,
        w if w >= 0.1 => 2,
        w => (1.0 - w.log10().floor()) as usize,
    }
}

/// Decimals for percentages of which these are to be told apart from 0: one, or more where half of them would be 0.
pub fn decimals_of_percentages(values: impl IntoIterator<Item = f64>) -> usize {
    let mut values: Vec<f64> = values.into_iter().filter(|x| *x > 0.0 && x.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    match values.get(values.len() / 2) {
        Some(x) if *x < 0.1 => ((1.0 - x.log10().floor()) as usize).min(9),
        _ => 1,
    }
}

/// A capital first letter.
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}

/// So many studies, in words.
pub fn studies(k: usize) -> String {
    format!("{k} {}", if k == 1 { "study" } else { "studies" })
}

/// A number in full precision for files: shortest text that reads back as the same value; nothing for what is no number.
pub fn exact(x: f64) -> String {
    if !x.is_finite() {
        return String::new();
    }
    // the sum turns a negative zero into zero
    let x = x + 0.0;
    let plain = format!("{x}");
    if plain.len() > 20 { format!("{x:e}") } else { plain }
}
