//! Patterns of file names.

/// Whether a pattern of `*` (any run) and `?` (any one character) fits the whole name.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < n.len() {
        if i < p.len() && p[i] == '*' {
            star = Some((i, j));
            i += 1;
        } else if i < p.len() && (p[i] == '?' || p[i] == n[j]) {
            i += 1;
            j += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            i = at + 1;
            j = from + 1;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|&c| c == '*')
}

/// A short name that two patterns both fit; `None` where there is none.
pub fn common_name(a: &str, b: &str) -> Option<String> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let meets = meeting(&a, &b);
    if !meets[0][0] {
        return None;
    }
    let (mut i, mut j, mut name) = (0, 0, String::new());
    while i < a.len() || j < b.len() {
        let (left, right) = (a.get(i).copied(), b.get(j).copied());
        match (left, right) {
            (Some('*'), _) if meets[i + 1][j] => i += 1,
            (_, Some('*')) if meets[i][j + 1] => j += 1,
            _ => {
                let plain = |c: &char| !matches!(c, '*' | '?');
                name.push(left.filter(plain).or(right.filter(plain)).unwrap_or('1'));
                i += usize::from(left != Some('*'));
                j += usize::from(right != Some('*'));
            }
        }
    }
    Some(name)
}

/// Whether the rest of one pattern from each place, and that of another, fit one name.
fn meeting(a: &[char], b: &[char]) -> Vec<Vec<bool>> {
    let mut meets = vec![vec![false; b.len() + 1]; a.len() + 1];
    for i in (0..=a.len()).rev() {
        for j in (0..=b.len()).rev() {
            meets[i][j] = match (a.get(i), b.get(j)) {
                (None, None) => true,
                // A run of no character, or one that takes what the other pattern has next.
                (Some('*'), next) => meets[i + 1][j] || (next.is_some() && meets[i][j + 1]),
                (next, Some('*')) => meets[i][j + 1] || (next.is_some() && meets[i + 1][j]),
                (Some(x), Some(y)) => (x == y || *x == '?' || *y == '?') && meets[i + 1][j + 1],
                (_, None) | (None, _) => false,
            };
        }
    }
    meets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, yes) in [
            ("*", "", true),
            ("a*b*c.csv", "a12b34c.csv", true),
            ("矛盾?.csv", "矛盾1.csv", true),
            ("矛盾?.csv", "矛盾12.csv", false),
            ("*.csv", "a.csv.gz", false),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern, name), yes, "{pattern} {name}");
        }
    }
    #[test]
    fn patterns_that_fit_a_common_name() {
        for (a, b, name) in [
            ("*", "*", Some("")),
            ("*", "矛盾*.csv", Some("矛盾.csv")),
            ("矛盾*.csv", "*台账.csv", Some("矛盾台账.csv")),
            ("*台账*", "矛盾*.xlsx", Some("矛盾台账.xlsx")),
            ("a?c.csv", "?b*", Some("abc.csv")),
            ("台账?.csv", "台账??*", Some("台账1.csv")),
            ("台账*.csv", "台账*.csv", Some("台账.csv")),
            ("a.csv", "a.csv", Some("a.csv")),
            ("a**b", "*?", Some("ab")),
            ("矛盾*.csv", "矛盾*.xlsx", None),
            ("矛盾*", "信访*", None),
            ("台账?.csv", "台账??.csv", None),
            ("台账.csv", "台账.csv?", None),
            ("?", "", None),
            ("A*", "a*", None),
        ] {
            for (a, b) in [(a, b), (b, a)] {
                let common = common_name(a, b);
                assert_eq!(common.as_deref().map(str::len), name.map(str::len), "{a} {b}");
                if let Some(common) = common {
                    assert!(fits(a, &common) && fits(b, &common), "{a} {b} {common}");
                }
            }
        }
    }
}
