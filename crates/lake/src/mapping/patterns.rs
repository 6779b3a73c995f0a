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
}
