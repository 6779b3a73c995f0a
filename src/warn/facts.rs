//! Everything a letter states, gathered once and kept in the ledger: a letter is these facts put
//! into words, and nothing else.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::settings::{Measure, Recipient};
use super::timing::Timing;
use super::warning::{Evidence, Level};

/// 市, 县, 区, 旗, 州 or 省, by the end of the name of the whole.
pub fn county_word(county: &str) -> &'static str {
    ["市", "县", "区", "旗", "州", "省"]
        .into_iter()
        .find(|word| county.ends_with(word))
        .unwrap_or("县")
}

/// The facts of one letter.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Facts {
    /// The kind's id in models/warnings.toml, and its name: 工作提示函.
    pub kind: String,
    pub kind_name: String,
    pub county_name: String,
    pub area_code: String,
    pub area_name: String,
    pub topic: String,
    pub topic_name: String,
    pub level: Level,
    /// Day the warning was opened, and as-of day of the night that drafted.
    pub since: NaiveDate,
    pub as_of: NaiveDate,
    /// Days by which an answer is asked for, and measures are to be done.
    pub reply_by: NaiveDate,
    pub limit_by: NaiveDate,
    pub risen: Vec<Rise>,
    /// What is known to have lain on the days of what rose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub circumstances: Vec<Circumstance>,
    /// `None` where the area has no score for the last whole month.
    pub standing: Option<Standing>,
    /// What took most from the index, largest first.
    pub causes: Vec<Cause>,
    pub measures: Vec<Measure>,
    /// The letter that this one follows, where it is not the first.
    pub earlier: Option<Earlier>,
    /// Whether it is about the county as a whole, and goes to all its areas.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub county_wide: bool,
    /// Names of the areas that it goes to, where it goes to several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// The department that it goes to, where it goes to none of the areas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Addressee>,
    /// Departments that get a copy, as they are addressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copy_to: Vec<String>,
}

/// The department that a letter goes to.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Addressee {
    /// Its id in models/warnings.toml.
    pub id: String,
    pub name: String,
    /// How the letter addresses it.
    pub addressee: String,
}

impl Facts {
    /// What the recipient is called in lists.
    pub fn recipient_name(&self) -> &str {
        match (&self.department, self.county_wide) {
            (Some(department), _) => &department.name,
            (None, true) => "各乡镇（街道）",
            (None, false) => &self.area_name,
        }
    }

    /// To whom the letter goes.
    pub fn recipient(&self) -> Recipient {
        match (&self.department, self.county_wide) {
            (Some(_), _) => Recipient::Department,
            (None, true) => Recipient::County,
            (None, false) => Recipient::Area,
        }
    }
}

/// A series that rose, with its names.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Rise {
    pub domain_label: String,
    /// Label of the category, or of the domain for all together.
    pub label: String,
    pub evidence: Evidence,
    /// When its cases fell; `None` for a trend and a veto, and in letters of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// Whether the index never scores how many such cases there are.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unscored: bool,
}

/// A circumstance, as circumstances.csv had it when the letter was drafted.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Circumstance {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub what: String,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The index of the last whole month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Standing {
    /// `2025-12`.
    pub period: String,
    pub score: f64,
    /// Difference from the month before, and from the same month of the last year, in points.
    pub month_on_month: Option<f64>,
    pub year_on_year: Option<f64>,
    pub rank: i64,
    pub rank_lo: i64,
    pub rank_hi: i64,
    /// Areas ranked.
    pub of: i64,
    pub band: Option<String>,
    /// Whether the band is of the better half of the model's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub good: bool,
}

/// A part of the index's change against the month before.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cause {
    pub node: String,
    pub label: String,
    /// Points of the index; negative where it fell by it.
    pub delta: f64,
}

/// Every area's index of the last whole month, and what took from it, by area code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastMonth {
    pub standings: BTreeMap<String, Standing>,
    pub causes: BTreeMap<String, Vec<Cause>>,
}

/// An earlier letter about the same warning.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Earlier {
    pub letter_id: String,
    pub number: String,
    pub kind_name: String,
    pub issued: NaiveDate,
    pub reply_by: NaiveDate,
    /// Whether an answer came.
    pub answered: bool,
    /// Whether the rise went on after it.
    pub persists: bool,
}

/// Facts of a letter to an area, for tests.
#[cfg(test)]
pub(crate) fn sample(area_code: &str) -> Facts {
    let day = |text: &str| text.parse().unwrap_or_default();
    Facts {
        kind: "tishi".into(),
        kind_name: "工作提示函".into(),
        county_name: "玉门市".into(),
        area_code: area_code.into(),
        area_name: "花海镇".into(),
        topic: "disputes".into(),
        topic_name: "矛盾纠纷".into(),
        level: Level::Yellow,
        since: day("2026-01-31"),
        as_of: day("2026-01-31"),
        reply_by: day("2026-02-15"),
        limit_by: day("2026-03-02"),
        risen: Vec::new(),
        circumstances: Vec::new(),
        standing: None,
        causes: Vec::new(),
        measures: Vec::new(),
        earlier: None,
        county_wide: false,
        recipients: Vec::new(),
        department: None,
        copy_to: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detail;

    /// The note of a draft as the version wrote it that kept details as plain JSON objects.
    const BEFORE: &str = include_str!("ledger/note_0_1.json");

    #[test]
    fn a_note_of_an_older_ledger_is_read_whole_and_written_the_same() {
        let facts: Facts = serde_json::from_str(BEFORE).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), BEFORE.trim_end());
        let details: Vec<&Detail> = facts.risen.iter().map(|r| &r.evidence.detail).collect();
        let [Detail::Cluster(cluster), Detail::Spike(spike), Detail::Veto(veto)] = details[..]
        else {
            panic!("{details:#?}")
        };
        assert!(cluster.area_names.as_ref().is_some_and(|n| n.len() == cluster.areas.len()));
        assert_eq!((spike.last_eight_weeks.len(), veto.events.len()), (8, 2));
    }

    #[test]
    fn what_later_versions_add_stands_only_where_there_is_any() {
        let older: Facts = serde_json::from_str(BEFORE).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut facts = older.clone();
        let storm = ("台风“海葵”".to_owned(), day("2026-01-12"), day("2026-01-14"));
        let (what, from, to) = storm;
        facts.circumstances = vec![Circumstance { from, to, what }];
        facts.risen[0].unscored = true;
        facts.risen[0].timing = super::super::timing::timing(from, &[Some(9.0); 7], None);
        facts.standing.iter_mut().for_each(|s| s.good = true);
        let written = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&written).unwrap(), facts);
        for added in ["circumstances", "timing", "unscored", "good"] {
            assert!(written.contains(&format!("\"{added}\"")), "{added}");
            assert!(!serde_json::to_string(&older).unwrap().contains(&format!("\"{added}\"")));
        }
    }

    #[test]
    fn evidence_that_cannot_be_read_says_what_it_lacks() {
        let wrong = BEFORE.replacen("\"weeks_in_a_row\"", "\"weeks_in_row\"", 1);
        let error = serde_json::from_str::<Facts>(&wrong).unwrap_err().to_string();
        assert!(error.contains("spike") && error.contains("weeks_in_a_row"), "{error}");
        let wrong = BEFORE.replacen("\"kind\":\"veto\"", "\"kind\":\"vote\"", 1);
        let error = serde_json::from_str::<Facts>(&wrong).unwrap_err().to_string();
        assert!(error.contains("\"vote\""), "{error}");
    }
}
