//! The headers departments use (`models/headers.toml`).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result, parse_toml};
use crate::ingest::visit::JOINT;
use crate::schema::{DERIVED_COLUMNS, DOMAINS, Domain};
use crate::taxonomy::fold;

/// Which of our columns, or whom, a header names.
#[derive(Debug)]
pub struct HeaderWords {
    /// Our column → folded headers.
    columns: BTreeMap<String, Vec<String>>,
    persons: Vec<String>,
    /// Of officials, free text and places too fine.
    left: Vec<String>,
    /// What a case is called, before its number.
    cases: Vec<String>,
    /// What numbers are called.
    numbers: Vec<String>,
    /// Domain → words of file names and headers.
    domains: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    persons_columns: Vec<String>,
    #[serde(default)]
    left_columns: Vec<String>,
    #[serde(default)]
    case_words: Vec<String>,
    #[serde(default)]
    number_words: Vec<String>,
    #[serde(default)]
    domains: BTreeMap<String, Vec<String>>,
    #[serde(flatten)]
    columns: BTreeMap<String, Vec<String>>,
}

impl HeaderWords {
    /// Reads the table.
    ///
    /// # Errors
    /// [`Error::Config`] on bad TOML, on a column no domain has and on an unknown domain.
    pub fn parse(file: &Path, text: &str) -> Result<HeaderWords> {
        let written: Written = parse_toml(file, text)?;
        if let Some(name) = written.columns.keys().find(|n| !is_column(n)) {
            let what = format!("{name} is no column of any domain");
            return Err(Error::config(file, what, "correct or remove it"));
        }
        if let Some(name) = written.domains.keys().find(|n| Domain::find(n).is_none()) {
            let what = format!("domains.{name}: there is no such domain");
            let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
            return Err(Error::config(file, what, format!("use one of {known}")));
        }
        let folded =
            |words: Vec<String>| -> Vec<String> { words.iter().map(|w| fold(w)).collect() };
        let table = |words: BTreeMap<String, Vec<String>>| {
            words.into_iter().map(|(k, w)| (k, folded(w))).collect()
        };
        Ok(HeaderWords {
            columns: table(written.columns),
            domains: table(written.domains),
            persons: folded(written.persons_columns),
            left: folded(written.left_columns),
            cases: folded(written.case_words),
            numbers: folded(written.number_words),
        })
    }

    /// How well a header names our column: 1 exactly, less where it only contains one of the words,
    /// 0 not at all.
    pub(super) fn names(&self, column: &str, header: &str) -> f64 {
        if column == "event_id" {
            return self.names_case(header);
        }
        let Some(words) = self.columns.get(column) else { return 0.0 };
        spellings(header).iter().map(|h| likeness(words, h)).fold(0.0, f64::max)
    }

    /// How well a header names the number of a case: a word of the list, or a case and a number.
    fn names_case(&self, header: &str) -> f64 {
        let words = self.columns.get("event_id").map_or(&[][..], Vec::as_slice);
        let names = |header: &String| {
            if words.contains(header) {
                return 1.0;
            }
            let ends = self.numbers.iter().any(|n| ends_with(header, n));
            let case = self.cases.iter().any(|case| contains(header, case));
            if ends && case { 0.8 } else { 0.0 }
        };
        spellings(header).iter().map(names).fold(0.0, f64::max)
    }

    /// Where an exact header stands among a column's words: the first are the likeliest to mean it.
    pub(super) fn place(&self, column: &str, header: &str) -> usize {
        let spellings = spellings(header);
        self.columns
            .get(column)
            .and_then(|words| words.iter().position(|w| spellings.contains(w)))
            .unwrap_or(0)
    }

    /// Whether a header names persons, or what is theirs.
    pub(super) fn names_person(&self, header: &str) -> bool {
        self.is_of(&self.persons, header)
    }

    /// Whether a header is of officials, free text or places too fine: nothing is taken from it.
    pub(super) fn is_left(&self, header: &str) -> bool {
        self.is_of(&self.left, header)
    }

    /// Whether a header is one of these words, or holds one and is not ours by its exact name.
    /// 当事人数 counts persons and names none.
    fn is_of(&self, words: &[String], header: &str) -> bool {
        let spellings = spellings(header);
        if spellings.iter().any(|h| words.contains(h)) {
            return true;
        }
        let ours = |h: &String| self.columns.values().any(|words| words.contains(h));
        let counts = |h: &String| h.ends_with('数') || h.ends_with("count");
        let holds = |h: &String| words.iter().any(|word| contains(h, word));
        !spellings.iter().any(|h| ours(h) || counts(h)) && spellings.iter().any(holds)
    }

    /// Whether a header holds one of the words at all.
    pub(super) fn is_like(&self, header: &str) -> bool {
        self.names_person(header)
            || self.columns.keys().any(|column| self.names(column, header) > 0.0)
    }

    /// Whether a header, or its last part, is one of the words.
    pub(super) fn known(&self, header: &str) -> bool {
        let is = |h: &String| {
            self.persons.contains(h) || self.columns.values().any(|words| words.contains(h))
        };
        spellings(header).iter().any(is)
    }

    /// The domain whose words a text holds most of, if there is one.
    pub(super) fn domain(&self, texts: &[&str]) -> Option<&'static Domain> {
        let texts: Vec<String> = texts.iter().map(|t| fold(t)).collect();
        let hits = |words: &[String]| {
            texts.iter().filter(|t| words.iter().any(|word| t.contains(word.as_str()))).count()
        };
        let mut found: Vec<(usize, &str)> =
            self.domains.iter().map(|(d, words)| (hits(words), d.as_str())).collect();
        found.sort_by_key(|(hits, _)| std::cmp::Reverse(*hits));
        match found.as_slice() {
            [(most, domain), rest @ ..] if *most > 0 && rest.iter().all(|(n, _)| n < most) => {
                Domain::find(domain)
            }
            _ => None,
        }
    }
}

fn is_column(name: &str) -> bool {
    !DERIVED_COLUMNS.contains(&name) && DOMAINS.iter().any(|d| d.column(name).is_some())
}

/// What a header may be looked up as: itself, without what stands in brackets, and where it is of
/// two rows its part, alone and with the group (时间/发生: 发生, 发生时间).
fn spellings(header: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |text: &str| {
        let folded = fold(text);
        let short = folded.split(['(', '[', '【']).next().unwrap_or_default().to_owned();
        for text in [folded, short] {
            if !text.is_empty() && !found.contains(&text) {
                found.push(text);
            }
        }
    };
    match header.rsplit_once(JOINT) {
        Some((group, part)) => {
            for text in [format!("{part}{group}"), format!("{group}{part}"), part.into()] {
                add(&text);
            }
        }
        None => add(header),
    }
    found
}

/// Whether a header holds a word: Chinese words anywhere, others as a whole word of four letters or
/// more.
fn contains(header: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return word.chars().count() > 1 && header.contains(word);
    }
    word.len() >= 4 && header.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word)
}

/// Whether a header ends with a word, or is one.
fn ends_with(header: &str, word: &str) -> bool {
    match word.is_ascii() {
        true => header.rsplit(|c: char| !c.is_ascii_alphanumeric()).next() == Some(word),
        false => header.ends_with(word),
    }
}

fn likeness(words: &[String], header: &str) -> f64 {
    if words.iter().any(|w| w == header) {
        return 1.0;
    }
    words
        .iter()
        .filter(|w| !w.is_ascii() && contains(header, w))
        .map(|w| 0.4 + 0.4 * w.chars().count() as f64 / header.chars().count().max(1) as f64)
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> HeaderWords {
        HeaderWords::parse(Path::new("h"), include_str!("../../../../models/headers.toml")).unwrap()
    }

    #[test]
    fn the_number_of_a_case_and_that_of_a_person() {
        let words = words();
        for header in [
            "纠纷编号",
            "案号",
            "工单号",
            "案件受理编号",
            "调解协议书编号",
            "service_request_id",
            "诉求单号",
            "信访件编号",
        ] {
            assert!(words.names("event_id", header) > 0.0, "{header}");
            assert!(!words.names_person(header) && !words.is_left(header), "{header}");
        }
        for header in [
            "身份证号",
            "护照号",
            "银行卡号",
            "微信号",
            "QQ",
            "驾驶证档案编号",
            "联系电话",
            "住址",
            "详细地址",
            "电子邮箱",
            "车牌",
            "社保号",
            "学号",
            "病历号",
            "固定电话",
            "备注",
            "id_number",
            "被申请人姓名",
            "家庭住址",
            "报警人电话",
            "email",
            "户籍地址",
            "门牌号",
            "收款账号",
            "不动产权证号",
            "网格员",
            "简要情况",
            "案情描述",
            "港澳通行证号",
            "残疾证号",
            "监护人",
            "工号",
        ] {
            assert!(words.names_person(header) || words.is_left(header), "{header}");
        }
        for header in ["当事人数", "涉及人数", "案件地址类型", "设备编号", "网格编号", "数据"]
        {
            assert!(words.names("event_id", header) == 0.0, "{header}");
        }
        for header in ["当事人数", "涉及人数", "纠纷类型", "发生地址", "网格编号"]
        {
            assert!(!words.names_person(header), "{header}");
        }
    }

    #[test]
    fn what_is_wrong_in_the_table_is_named() {
        for (text, message) in [
            ("event_id = 3\n", "h:1"),
            ("eventid = [\"a\"]\n", "eventid is no column"),
            ("[domains]\ndispute = [\"a\"]\n", "no such domain"),
            ("event_id = [\n", "h:"),
        ] {
            let said = HeaderWords::parse(Path::new("h"), text).unwrap_err().to_string();
            assert!(said.contains(message), "{text}: {said}");
        }
    }
}
