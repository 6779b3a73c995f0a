//! When a finding becomes a warning, and a warning a letter.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::warning::Level;
use crate::detect::Kind;

/// Kinds of findings that are rises.
pub const RISES: [Kind; 4] = [Kind::Spike, Kind::Trend, Kind::Change, Kind::Cluster];

/// The rules of warnings and letters.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub issuer: Issuer,
    pub findings: Findings,
    #[serde(default)]
    pub county: County,
    pub levels: Levels,
    pub quiet: Quiet,
    pub cap: Cap,
    /// Absent: every letter is drafted that `cap` allows.
    pub attention: Option<Attention>,
    /// Kinds of letters, in the order in which they follow each other.
    pub kind: Vec<LetterKind>,
    pub evaluation: Evaluation,
    pub topic: Vec<Topic>,
    #[serde(default)]
    pub department: Vec<Department>,
    /// What recipients do about letters.
    #[serde(default)]
    pub measure: Vec<MeasureCode>,
}

/// Who writes.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Name of the centre; empty: the county's name and 社会治安综合治理中心.
    pub name: String,
    /// What it calls itself in the text.
    pub we: String,
    /// The office to ask and its number; never a person.
    pub contact: String,
    pub copy_to: Vec<String>,
}

impl Issuer {
    /// The centre's name; of a centre that gives none, its county's name and what it is.
    pub fn signature(&self, county: &str) -> String {
        match self.name.is_empty() {
            true => format!("{county}社会治安综合治理中心"),
            false => self.name.clone(),
        }
    }
}

/// Which findings stand behind a warning.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    #[serde(deserialize_with = "rises")]
    pub kinds: Vec<Kind>,
    /// Cases beyond what was expected, and how many times as many.
    pub least_excess: f64,
    pub least_ratio: f64,
    /// Weeks in a row, or adjusted p, from which a rise is confirmed.
    pub confirmed_weeks: u32,
    pub confirmed_q: f64,
}

/// When a rise of the whole county is one of its areas together.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct County {
    /// Share of the areas that must have risen.
    pub least_share: f64,
    /// As many areas that rose most are left out, and the others must have risen without them.
    pub without: usize,
    /// Chance of as many cases as these others have, or more, at most.
    pub alpha: f64,
    /// Adjusted p from which a rise of the county is confirmed.
    pub confirmed_q: f64,
}

impl Default for County {
    /// As in the bundled file, for files written before there were circular letters.
    fn default() -> County {
        County { least_share: 0.6, without: 2, alpha: 0.001, confirmed_q: 0.001 }
    }
}

/// Rules of the levels.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    pub large_ratio: f64,
    pub large_excess: f64,
    /// Days of a period.
    pub period_days: u32,
    pub yellow_periods: u32,
    pub orange_periods: u32,
    /// Topics with open warnings in one area.
    pub orange_topics: usize,
    /// Days after a letter's issue.
    pub persistence_days: u32,
    /// Lowest level of which letters are drafted.
    pub letters_from: Level,
}

/// When a warning ends.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    pub close_after_days: u32,
    pub days: u32,
}

/// How many letters an area may get in a calendar month.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub letters: usize,
}

/// How many letters a calendar month the centre can follow in all.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Attention {
    pub letters: usize,
}

/// One kind of letter.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LetterKind {
    pub id: String,
    /// 工作提示函.
    pub name: String,
    /// With `{county}`, `{year}` and `{n}`.
    pub number: String,
    pub reply_days: u32,
    pub limit_days: u32,
    /// 此函。
    pub ending: String,
    /// To whom letters of this kind go; to all where nothing is said.
    #[serde(default = "Recipient::all")]
    pub to: Vec<Recipient>,
    /// Offices and roles that may approve and issue it; any where nothing is said.
    #[serde(default)]
    pub signers: Vec<String>,
}

/// To whom a letter goes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The area of its warning.
    Area,
    /// All areas of the county.
    County,
    Department,
}

impl Recipient {
    /// All.
    pub const ALL: [Recipient; 3] = [Recipient::Area, Recipient::County, Recipient::Department];

    fn all() -> Vec<Recipient> {
        Recipient::ALL.to_vec()
    }
}

/// A department of the county, and what it leads in.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: String,
    /// What the centre calls it: 人社局.
    pub name: String,
    /// How a letter addresses it: 市人力资源和社会保障局.
    pub addressee: String,
    pub leads: Vec<Lead>,
    /// What it gets of a warning about what it leads in.
    #[serde(default)]
    pub receives: Receives,
    /// Days to its answer, where they are not those of the letter's kind.
    pub reply_days: Option<u32>,
}

/// Events that a department leads in.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    pub domain: String,
    /// All where empty.
    #[serde(default)]
    pub categories: Vec<String>,
}

/// What a department gets of a warning.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Receives {
    /// A copy of the area's letter.
    #[default]
    Copy,
    /// A letter of its own beside the area's.
    Letter,
    /// A letter of its own in the place of the area's.
    LetterAlone,
}

impl Department {
    /// Whether it leads in a domain's category.
    pub fn leads_in(&self, domain: &str, category: &str) -> bool {
        let fits = |lead: &Lead| {
            lead.domain == domain
                && (lead.categories.is_empty() || lead.categories.iter().any(|c| c == category))
        };
        self.leads.iter().any(fits)
    }
}

/// Over what a letter's effect is judged.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    pub weeks: usize,
    /// Coverage of the interval.
    pub level: f64,
}

/// What findings are about.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub id: String,
    pub name: String,
    pub domains: Vec<String>,
    /// Categories of those domains; all where empty.
    #[serde(default)]
    pub categories: Vec<String>,
    pub measures: Vec<Measure>,
}

/// Something that is done about a letter, as it is counted: 大排查, 法治宣讲, …
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MeasureCode {
    pub id: String,
    pub name: String,
    /// Other words for it.
    #[serde(default)]
    pub also: Vec<String>,
}

/// Something suggested, and who is to do it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub text: String,
    pub unit: String,
}

impl Settings {
    /// What findings of a domain's category are about; `None` where no topic wants them.
    pub fn topic_of(&self, domain: &str, category: &str) -> Option<&Topic> {
        let wants = |t: &&Topic| {
            t.domains.iter().any(|d| d == domain)
                && (t.categories.is_empty() || t.categories.iter().any(|c| c == category))
        };
        self.topic.iter().find(wants)
    }

    /// The measure of that id or word.
    pub fn measure_of(&self, word: &str) -> Option<&MeasureCode> {
        let is =
            |m: &&MeasureCode| m.id == word || m.name == word || m.also.iter().any(|a| a == word);
        self.measure.iter().find(is)
    }

    /// The kind of letter with this id.
    pub fn kind_of(&self, id: &str) -> Option<&LetterKind> {
        self.kind.iter().find(|k| k.id == id)
    }

    /// The first kind of letter to a recipient.
    pub fn first_kind(&self, to: Recipient) -> Option<&LetterKind> {
        self.kind.iter().find(|kind| kind.to.contains(&to))
    }

    /// The kind that follows one to the same recipient; `None` after the last, and after one that
    /// is no longer among them.
    pub fn next_kind(&self, id: &str, to: Recipient) -> Option<&LetterKind> {
        let at = self.kind.iter().position(|k| k.id == id)?;
        self.kind.iter().skip(at + 1).find(|kind| kind.to.contains(&to))
    }
}

impl LetterKind {
    /// The number of the `n`th letter of a year, without padding: 玉门综治提〔2026〕3号.
    pub fn number_of(
        &self,
        county: &str,
        year: impl std::fmt::Display,
        n: impl std::fmt::Display,
    ) -> String {
        self.number
            .replace("{county}", county)
            .replace("{year}", &year.to_string())
            .replace("{n}", &n.to_string())
    }
}

/// Reads `[findings] kinds`, of which each must be a rise.
fn rises<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Kind>, D::Error> {
    let rise = |name: String| {
        let kind = Kind::find(&name).filter(|kind| RISES.contains(kind));
        kind.ok_or_else(|| {
            let there_are = RISES.map(Kind::name).join(", ");
            D::Error::custom(format!(
                "[findings] kinds has \"{name}\", which tells of no rise; there are {there_are}"
            ))
        })
    };
    Vec::<String>::deserialize(deserializer)?.into_iter().map(rise).collect()
}
