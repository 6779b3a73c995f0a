//! Text and figures in a picture: how wide, how written.

use svg::node::element::Text;

/// Colour of text.
pub(super) const INK: &str = "#222222";

/// A text whose `anchor` (start, middle, end) is at `x` and whose baseline is at `y`.
pub(super) fn text(content: &str, x: f64, y: f64, size: f64, anchor: &str) -> Text {
    let text = Text::new(printable(content)).set("x", number(x)).set("y", number(y));
    text.set("font-size", number(size)).set("text-anchor", anchor).set("fill", INK)
}

/// Estimated width of a text in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if full_width(c) { 1.0 } else { 0.55 }).sum::<f64>() * size
}

/// Whether a glyph takes a whole em in a Chinese font: ideographs, kana, hangul, full-width forms,
/// and the punctuation and signs such fonts draw wide.
fn full_width(c: char) -> bool {
    let signs = ('\u{2010}'..='\u{2e7f}').contains(&c) && c != '–';
    signs
        || matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}')
        || matches!(c, '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{3fffd}')
}

/// Without the control characters that XML cannot hold; a tab or new line becomes a space.
pub(super) fn printable(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    spaced.filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

/// A pixel figure with at most two decimals.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// With two decimals.
pub(super) fn decimal(value: f64) -> String {
    minus(&format!("{value:.2}"))
}

/// With two decimals and its sign; "–" where it is missing.
pub(super) fn signed(delta: f64) -> String {
    match decimal(delta) {
        _ if !delta.is_finite() => "–".to_owned(),
        text if text == "0.00" || text.starts_with('−') => text,
        text => format!("+{text}"),
    }
}

/// With a true minus sign, and none before a zero.
pub(super) fn minus(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.')) => zero.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_glyph_is_one_em() {
        assert!((width("平安a1", 10.0) - 31.0).abs() < 1e-9);
        assert!((width("（龙）·→", 10.0) - 45.5).abs() < 1e-9);
        // Noto Sans CJK draws the minus as wide as an ideograph.
        assert!((width("−2", 10.0) - 15.5).abs() < 1e-9);
        assert_eq!(width("", 10.0), 0.0);
    }

    #[test]
    fn figures_have_a_true_minus_and_no_negative_zero() {
        assert_eq!(
            [-1.234, -0.001, 0.001, 2.0, f64::NAN].map(signed),
            ["−1.23", "0.00", "0.00", "+2.00", "–"]
        );
        assert_eq!([12.0, 0.5, 100.0, 0.126].map(number), ["12", "0.5", "100", "0.13"]);
        assert_eq!(decimal(-3.0), "−3.00");
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(printable("a\u{1}b\n\tc\u{ffff}"), "ab  c");
    }
}
