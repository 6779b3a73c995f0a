//! Refused rows and cells of a file, by column and reason: what a person reads of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Refusal;

/// Rows shown of a group.
const EXAMPLES: usize = 3;

/// Groups of a file; what is refused beyond them is counted.
const GROUPS: usize = 200;

/// Words of a list column that are kept of a group; what stands beyond them is counted.
const WORDS: usize = 300;

/// What was refused of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    groups: BTreeMap<Key, Group>,
    /// Refusals of groups beyond the most that are kept.
    beyond: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    whole_row: bool,
    column: String,
    reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    count: u64,
    examples: Vec<Example>,
    /// Words of a list column that mean no code yet, with their counts.
    words: BTreeMap<String, u64>,
    more_words: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Example {
    row: u64,
    shape: String,
    fix: String,
}

impl Refusals {
    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes one more.
    pub fn add(&mut self, refusal: &Refusal) {
        let key = Key {
            whole_row: refusal.whole_row,
            column: refusal.column.clone(),
            reason: refusal.reason.clone(),
        };
        if self.groups.len() >= GROUPS && !self.groups.contains_key(&key) {
            self.beyond += 1;
            return;
        }
        self.groups.entry(key).or_default().add(refusal);
    }

    /// The groups, the largest first: a line each, and one an example. Only shapes of values.
    pub fn lines(&self) -> String {
        self.written(false)
    }

    /// The same, with the words of list columns: for the report that lies beside the department's
    /// own file, as the analyst maps them.
    pub fn lines_with_words(&self) -> String {
        self.written(true)
    }

    fn written(&self, with_words: bool) -> String {
        let mut groups: Vec<(&Key, &Group)> = self.groups.iter().collect();
        groups.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(b.0)));
        let mut out = String::new();
        for (key, group) in groups {
            group.write(key, &mut out);
            if with_words {
                group.write_words(&mut out);
            }
        }
        if self.beyond > 0 {
            let _ = writeln!(out, "and {} more for other reasons: see `rejected`", self.beyond);
        }
        out
    }
}

impl Group {
    fn add(&mut self, refusal: &Refusal) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example {
                row: refusal.row,
                shape: refusal.shape.clone(),
                fix: refusal.fix.clone(),
            });
        }
        match &refusal.word {
            Some(word) if self.words.len() < WORDS || self.words.contains_key(word) => {
                *self.words.entry(word.clone()).or_default() += 1;
            }
            Some(_) => self.more_words += 1,
            None => {}
        }
    }

    fn write(&self, key: &Key, out: &mut String) {
        let what = match (key.whole_row, self.count) {
            (true, 1) => "row refused",
            (true, _) => "rows refused",
            (false, 1) => "cell left empty",
            (false, _) => "cells left empty",
        };
        let (column, reason) = (&key.column, &key.reason);
        let at = |e: &Example| match e.shape.is_empty() {
            true => format!("row {}", e.row),
            false => format!("row {} ({})", e.row, e.shape),
        };
        let [first, others @ ..] = self.examples.as_slice() else { return };
        let one_fix = others.iter().all(|e| e.fix == first.fix);
        let fix = if one_fix { format!("; {}", first.fix) } else { String::new() };
        let column = if column.is_empty() { String::new() } else { format!("{column}: ") };
        if self.count == 1 {
            let _ = writeln!(out, "{}: {what}: {column}{reason}{fix}", at(first));
            return;
        }
        let _ = writeln!(out, "{} {what}: {column}{reason}{fix}", self.count);
        let more = match self.count - self.examples.len() as u64 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if one_fix {
            let rows: Vec<String> = self.examples.iter().map(at).collect();
            let _ = writeln!(out, "  {}{more}", rows.join(", "));
            return;
        }
        for e in &self.examples {
            let _ = writeln!(out, "  {}: {}", at(e), e.fix);
        }
        if !more.is_empty() {
            let _ = writeln!(out, " {more}");
        }
    }

    fn write_words(&self, out: &mut String) {
        let mut words: Vec<(&String, &u64)> = self.words.iter().collect();
        words.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        for (word, count) in words {
            let _ = writeln!(out, "  {word:?}: {count}");
        }
        if self.more_words > 0 {
            let _ = writeln!(out, "  and other words: {}", self.more_words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(row: u64, column: &str, reason: &str, word: Option<&str>) -> Refusal {
        Refusal {
            row,
            column: column.into(),
            shape: "汉2".into(),
            word: word.map(str::to_owned),
            reason: reason.into(),
            fix: "map it".into(),
            whole_row: true,
        }
    }

    #[test]
    fn many_of_a_kind_are_a_line_three_examples_and_the_rest_counted() {
        let mut refusals = Refusals::default();
        for row in 0..15_355 {
            refusals.add(&refusal(row, "乡镇", "of another county", None));
        }
        refusals.add(&refusal(7, "类型", "no code of category", Some("劳资")));
        assert_eq!(
            refusals.lines(),
            "15355 rows refused: 乡镇: of another county; map it\n  row 0 (汉2), row 1 (汉2), row 2 (汉2) \
             and 15352 more\nrow 7 (汉2): row refused: 类型: no code of category; map it\n"
        );
        assert!(!refusals.lines().contains("劳资"));
        assert!(refusals.lines_with_words().contains("  \"劳资\": 1\n"));
    }

    #[test]
    fn nothing_is_cut_without_a_word() {
        let mut refusals = Refusals::default();
        for n in 0..GROUPS as u64 + 5 {
            refusals.add(&refusal(n, "乡镇", &format!("reason {n}"), None));
        }
        assert!(refusals.lines().contains("and 5 more for other reasons"));
        let mut words = Refusals::default();
        for n in 0..WORDS + 9 {
            words.add(&refusal(1, "类型", "no code", Some(&format!("词{n}"))));
        }
        assert!(words.lines_with_words().contains("and other words: 9"));
    }
}
