//! What departments write → the codes of this engine (`models/taxonomy.toml`).

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result, parse_toml};
use crate::ingest::is_invisible;
use crate::schema::{DOMAINS, Domain};

/// Columns whose cells are codes of the taxonomy; `category` has a list for each domain, the others
/// one for all.
pub const CODED: &[&str] = &[
    "category",
    "severity",
    "risk_sector",
    "channel",
    "grade",
    "resolved_level",
    "outcome",
    "satisfaction",
    "unit",
    "form",
];

/// One spelling for comparing: compatibility forms unified (full-width digits, ㎡, Ⅲ), blanks and
/// what has no width removed, lower case.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text
            .bytes()
            .filter(|b| !b.is_ascii_whitespace() && !b.is_ascii_control())
            .map(|b| b.to_ascii_lowercase() as char)
            .collect();
    }
    text.nfkc()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// One list of codes and every spelling that means one of them.
#[derive(Clone, Debug, Default)]
pub struct CodeList {
    /// Code and label, in the order of the file's keys.
    codes: Vec<(String, String)>,
    by_spelling: HashMap<String, usize>,
    spellings: Vec<(String, usize)>,
}

impl CodeList {
    /// The code a spelling means: the code itself, its label or an alias, compared by [`fold`].
    pub fn find(&self, written: &str) -> Option<&str> {
        self.by_spelling.get(&fold(written)).map(|&i| self.codes[i].0.as_str())
    }

    /// Whether `code` is one of the codes, exactly.
    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|(c, _)| c == code)
    }

    /// What officials read for a code.
    pub fn label(&self, code: &str) -> Option<&str> {
        self.codes.iter().find(|(c, _)| c == code).map(|(_, l)| l.as_str())
    }

    /// Codes with their labels.
    pub fn codes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.codes.iter().map(|(c, l)| (c.as_str(), l.as_str()))
    }

    fn add(&mut self, other: CodeList) {
        let place = |list: &mut CodeList, (code, label): &(String, String)| {
            list.codes.iter().position(|(known, _)| known == code).unwrap_or_else(|| {
                list.codes.push((code.clone(), label.clone()));
                list.codes.len() - 1
            })
        };
        for (spelling, at) in other.spellings {
            let at = place(self, &other.codes[at]);
            if let Entry::Vacant(free) = self.by_spelling.entry(fold(&spelling)) {
                free.insert(at);
                self.spellings.push((spelling, at));
            }
        }
    }

    /// The known spelling nearest to one that is unknown, for a suggestion; none where nothing is
    /// near.
    pub fn nearest(&self, written: &str) -> Option<&str> {
        let folded = fold(written);
        let near = |s: &str| {
            let contained = s.chars().count() > 1
                && (folded.contains(s) || (folded.chars().count() > 1 && s.contains(&folded)));
            strsim::normalized_levenshtein(&folded, s) + if contained { 0.2 } else { 0.0 }
        };
        self.spellings
            .iter()
            .map(|(s, _)| (near(&fold(s)), s.as_str()))
            .filter(|(score, _)| *score >= 0.5)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, s)| s)
    }
}

/// All code lists.
#[derive(Clone, Debug, Default)]
pub struct Taxonomy {
    lists: HashMap<String, CodeList>,
}

type Spellings = BTreeMap<String, Vec<String>>;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Raw {
    category: BTreeMap<String, Spellings>,
    severity: Spellings,
    risk_sector: Spellings,
    channel: Spellings,
    grade: Spellings,
    resolved_level: Spellings,
    outcome: Spellings,
    satisfaction: Spellings,
    unit: Spellings,
    form: Spellings,
}

impl Taxonomy {
    /// Reads a taxonomy.
    ///
    /// # Errors
    /// [`Error::Config`] on bad TOML, an unknown list or domain, a code without a label, a spelling
    /// that means two codes, and a severity or satisfaction that is not a number.
    pub fn parse(file: &Path, text: &str) -> Result<Taxonomy> {
        let raw: Raw = parse_toml(file, text)?;
        let mut lists = HashMap::new();
        for (domain, codes) in &raw.category {
            if Domain::find(domain).is_none() {
                let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
                return Err(wrong(
                    file,
                    text,
                    domain,
                    format!("category.{domain} is no domain"),
                    format!("use one of {known}"),
                ));
            }
            lists.insert(format!("category.{domain}"), code_list(file, text, domain, codes)?);
        }
        let shared = [
            ("severity", &raw.severity),
            ("risk_sector", &raw.risk_sector),
            ("channel", &raw.channel),
            ("grade", &raw.grade),
            ("resolved_level", &raw.resolved_level),
            ("outcome", &raw.outcome),
            ("satisfaction", &raw.satisfaction),
            ("unit", &raw.unit),
            ("form", &raw.form),
        ];
        for (name, codes) in shared {
            if matches!(name, "severity" | "satisfaction")
                && let Some(code) = codes.keys().find(|c| c.parse::<i64>().is_err())
            {
                return Err(wrong(
                    file,
                    text,
                    code,
                    format!("{name} {code} is not a number"),
                    "give it a whole number as code",
                ));
            }
            lists.insert(name.to_owned(), code_list(file, text, name, codes)?);
        }
        Ok(Taxonomy { lists })
    }

    /// These lists and, behind them, what others add: a code that is here keeps its label, a
    /// spelling its code.
    pub fn with(mut self, others: Taxonomy) -> Taxonomy {
        for (name, list) in others.lists {
            self.lists.entry(name).or_default().add(list);
        }
        self
    }

    /// The label of a category of a domain, by its id; none where either is not known.
    pub fn category(&self, domain: &str, code: &str) -> Option<&str> {
        self.list("category", Domain::find(domain)?)?.label(code)
    }

    /// The list a column of a domain takes its codes from; none where the column is not coded.
    pub fn list(&self, column: &str, domain: &Domain) -> Option<&CodeList> {
        if column == "category" {
            self.lists.get(&format!("category.{}", domain.id))
        } else {
            self.lists.get(column)
        }
    }
}

fn code_list(file: &Path, text: &str, name: &str, codes: &Spellings) -> Result<CodeList> {
    let mut list = CodeList::default();
    for (code, spellings) in codes {
        let Some(label) = spellings.first() else {
            return Err(wrong(
                file,
                text,
                code,
                format!("{name}.{code} has no label"),
                "give it at least what officials read",
            ));
        };
        let at = list.codes.len();
        list.codes.push((code.clone(), label.clone()));
        for spelling in std::iter::once(code).chain(spellings) {
            match list.by_spelling.insert(fold(spelling), at) {
                Some(other) if other != at => {
                    let what = format!(
                        "in {name}, {spelling} means both {} and {code}",
                        list.codes[other].0
                    );
                    return Err(wrong(file, text, spelling, what, "keep it under one code"));
                }
                _ => list.spellings.push((spelling.clone(), at)),
            }
        }
    }
    Ok(list)
}

fn wrong(file: &Path, text: &str, needle: &str, what: String, fix: impl Into<String>) -> Error {
    Error::Config { file: file.to_path_buf(), line: line_of(text, needle), what, fix: fix.into() }
}

/// The line a word stands on, for messages about what is valid TOML but makes no sense.
pub(crate) fn line_of(text: &str, needle: &str) -> Option<usize> {
    text.lines().position(|l| !l.trim_start().starts_with('#') && l.contains(needle)).map(|i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> Taxonomy {
        Taxonomy::parse(Path::new("taxonomy.toml"), include_str!("../../../models/taxonomy.toml"))
            .unwrap()
    }

    #[test]
    fn code_label_alias_and_width_are_one() {
        let t = bundled();
        let disputes = t.list("category", Domain::find("disputes").unwrap()).unwrap();
        for written in ["wage_arrears", "拖欠农民工工资", " 讨 薪 ", "WAGE_ARREARS", "劳资"]
        {
            assert_eq!(disputes.find(written), Some("wage_arrears"), "{written}");
        }
        let severity = t.list("severity", &DOMAINS[0]).unwrap();
        assert_eq!(severity.find("Ⅲ级"), Some("3"));
        assert_eq!(severity.find("４"), Some("4"));
    }

    #[test]
    fn a_list_of_ones_own_adds_to_the_bundled_one() {
        let own = "[category.disputes]\nparking = [\"停车\"]\nconsumer = [\"买卖\", \"网购\"]\n";
        let t = Taxonomy::parse(Path::new("t.toml"), own).unwrap().with(bundled());
        let disputes = t.list("category", Domain::find("disputes").unwrap()).unwrap();
        assert_eq!(disputes.find("停车"), Some("parking"));
        // A spelling is of the code that the own list gives it to; the others stay.
        assert_eq!(disputes.find("网购"), Some("consumer"));
        assert_eq!(disputes.find("电子商务"), Some("e_commerce"));
        assert_eq!(disputes.label("consumer"), Some("买卖"));
        assert_eq!(disputes.find("消费纠纷"), Some("consumer"));
        assert_eq!(disputes.label("neighbour"), Some("邻里"));
        assert_eq!(t.list("severity", &DOMAINS[0]).unwrap().find("特大"), Some("1"));
        let codes: Vec<&str> = disputes.codes().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), 1 + bundled().lists["category.disputes"].codes.len());
    }

    #[test]
    fn unknown_gets_the_nearest_spelling() {
        let t = bundled();
        let disputes = t.list("category", Domain::find("disputes").unwrap()).unwrap();
        assert_eq!(disputes.find("邻里纠分"), None);
        assert_eq!(disputes.nearest("邻里纠分"), Some("邻里纠纷"));
        assert_eq!(disputes.nearest("外星人"), None);
    }

    #[test]
    fn one_spelling_for_two_codes_is_an_error_with_its_line() {
        let text = include_str!("../../../models/taxonomy.toml")
            .replace("grid = [\"网格\"]\n", "grid = [\"网格\"]\nhamlet = [\"村级\"]\n");
        let message = Taxonomy::parse(Path::new("t.toml"), &text).unwrap_err().to_string();
        assert!(message.contains("村级 means both"), "{message}");
        assert!(message.starts_with("t.toml:"), "{message}");
    }
}
