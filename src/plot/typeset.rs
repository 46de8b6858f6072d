//! Numbers and sentences as printers set them: minus signs, thin spaces, powers of ten, what belongs on one line.

fn superscript(n: &str) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize]);
    n.chars().map(digit).collect()
}

/// A number for a picture: a true minus sign, thin spaces between thousands, and powers of ten as they are set.
pub(super) fn number(number: &str) -> String {
    let plain = powers_of_ten(number);
    plain.replace('-', "\u{2212}").replace('\u{202F}', "\u{2009}")
}

/// Exponents as computers write them, `1.2e-9`, as people do: `1.2×10⁻⁹`; a mantissa of 1 is left out.
fn powers_of_ten(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut i = 0;
    while i < chars.len() {
        let sign = usize::from(chars.get(i + 1) == Some(&'-'));
        let digits =
            chars[(i + 1 + sign).min(chars.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
        let end = i + 1 + sign + digits;
        let number = i > 0
            && chars[i - 1].is_ascii_digit()
            && digits > 0
            && chars.get(end).is_none_or(|c| !c.is_alphanumeric());
        if chars[i] != 'e' || !number {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        let exponent: String = chars[i + 1..end].iter().collect();
        let alone = out.strip_suffix('1').filter(|rest| {
            rest.chars().last().is_none_or(|c| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        });
        match alone.map(str::to_string) {
            Some(rest) => out = rest + "10",
            None => out += "×10",
        }
        out += &superscript(&exponent);
        i = end;
    }
    out
}

/// Hyphens before digits become minus signs, and what belongs together stays on one line.
pub(super) fn sentence(text: &str) -> String {
    let mut text = powers_of_ten(text).replace('\u{202F}', "\u{2009}");
    for (plain, bound) in [
        (" = ", "\u{A0}=\u{A0}"),
        (" < ", "\u{A0}<\u{A0}"),
        (" − ", "\u{A0}−\u{A0}"),
        ("t (k", "t\u{A0}(k"),
        ("I² from τ²", "I²\u{A0}from\u{A0}τ²"),
    ] {
        text = text.replace(plain, bound);
    }
    let chars: Vec<char> = text.chars().collect();
    let minus = |i: usize| {
        let before = i.checked_sub(1).map(|j| chars[j]);
        chars.get(i + 1).is_some_and(char::is_ascii_digit)
            && before.is_none_or(|c| matches!(c, ' ' | '\u{A0}' | '('))
    };
    chars.iter().enumerate().map(|(i, &c)| if c == '-' && minus(i) { '\u{2212}' } else { c }).collect()
}

/// A lower first letter, unless the word is an abbreviation.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), text.chars().nth(1)) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().collect::<String>() + chars.as_str()
        }
        _ => text.to_string(),
    }
}
