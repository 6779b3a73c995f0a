//! Chinese numerals in dates.

/// Year, month and day in digits where they are written out: 二〇二六年十二月廿一日, 元月.
pub(super) fn in_digits(text: &str) -> String {
    let mut out = String::new();
    let mut run = Vec::new();
    for c in text.replace("元月", "一月").chars() {
        match written_digit(c) {
            Some(n) => run.push((c, n)),
            None => {
                // 一 in 星期一 and what is not before a year's, month's or day's sign stays.
                match number_of(&run).filter(|_| "年月日号號".contains(c)) {
                    Some(number) => out.push_str(&number),
                    None => out.extend(run.iter().map(|(c, _)| c)),
                }
                run.clear();
                out.push(c);
            }
        }
    }
    out.extend(run.iter().map(|(c, _)| c));
    out
}

/// What a character of a written number stands for.
fn written_digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '○' | '零' => 0,
        '十' => 10,
        '廿' => 20,
        '卅' => 30,
        c => "一二三四五六七八九".chars().position(|digit| digit == c)? as u32 + 1,
    })
}

/// A written number in digits: 二〇二六 digit by digit, 二十一 by tens.
fn number_of(run: &[(char, u32)]) -> Option<String> {
    let values: Vec<u32> = run.iter().map(|(_, n)| *n).collect();
    match values.as_slice() {
        [] => None,
        [10] => Some("10".into()),
        [10, ones @ 1..=9] => Some((10 + ones).to_string()),
        [tens @ 1..=9, 10] => Some((tens * 10).to_string()),
        [tens @ 1..=9, 10, ones @ 1..=9] => Some((tens * 10 + ones).to_string()),
        [tens @ (20 | 30), ones @ 0..=9] => Some((tens + ones).to_string()),
        digits if digits.iter().all(|n| *n < 10) => {
            Some(digits.iter().map(|n| n.to_string()).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_before_a_sign_become_digits() {
        for (written, digits) in [
            ("二〇二六年一月五日", "2026年1月5日"),
            ("二○二六年十月三十一日", "2026年10月31日"),
            ("二零二六年十二月廿一日", "2026年12月21日"),
            ("2026年元月5日", "2026年1月5日"),
            ("2026年1月5日星期一", "2026年1月5日星期一"),
            ("十十月", "十十月"),
            ("一", "一"),
        ] {
            assert_eq!(in_digits(written), digits, "{written}");
        }
    }
}
