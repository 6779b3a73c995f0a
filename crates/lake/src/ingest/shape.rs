//! The shape of a value: what may be said of a cell that could name a person.

use std::fmt::Write;

/// Runs of a shape that are written out.
const RUNS: usize = 8;

/// Kinds of characters in their order, with how many of each: `汉3 数11` for a name and a telephone.
pub fn shape(text: &str) -> String {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in text.chars() {
        let kind = kind(c);
        match runs.last_mut() {
            Some((last, n)) if *last == kind => *n += 1,
            _ => runs.push((kind, 1)),
        }
    }
    let mut out = String::new();
    for (kind, n) in runs.iter().take(RUNS) {
        let blank = if out.is_empty() { "" } else { " " };
        let _ = write!(out, "{blank}{kind}{n}");
    }
    if runs.len() > RUNS { out + " …" } else { out }
}

fn kind(c: char) -> char {
    match c {
        _ if c.is_numeric() => '数',
        _ if c.is_whitespace() => '空',
        '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => '汉',
        _ if c.is_alphabetic() => '字',
        _ => '符',
    }
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn a_shape_counts_and_quotes_nothing() {
        assert_eq!(shape("诸葛亮13800138000"), "汉3 数11");
        assert_eq!(shape("wxid_te0000"), "字4 符1 字2 数4");
        assert_eq!(shape("张 三　１２"), "汉1 空1 汉1 空1 数2");
        assert_eq!(shape(""), "");
        assert_eq!(shape(&"a1".repeat(20)), "字1 数1 字1 数1 字1 数1 字1 数1 …");
    }
}
