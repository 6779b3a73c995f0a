//! What a letter says, in the terms of official documents (GB/T 9704-2012), whatever it is about.
//! Templates are filled from this.
//!
//! Figures come as text, written by whoever knows what they mean; only the chart holds numbers.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A letter (函) from one office to others.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// The issuing body's mark at the head (发文机关标志), in full.
    pub issuer: String,
    /// The number (发文字号): 某综治函〔2026〕15号. Empty for a draft that has none yet.
    pub number: String,
    /// The title, unbroken: 关于××镇××问题的工作提示函.
    pub title: String,
    /// To whom it is sent (主送机关), without the colon.
    pub addressee: String,
    /// The first paragraph.
    pub opening: String,
    pub sections: Vec<Section>,
    /// By when an answer is asked for, in words: 2月10日.
    #[serde(default)]
    pub reply_by: Option<String>,
    /// What the issuing body calls itself where it asks for the answer: 我中心.
    pub we: String,
    /// The office to ask, and its number. Never a person.
    #[serde(default)]
    pub contact: Option<String>,
    /// The closing words: 此函。
    #[serde(default)]
    pub ending: Option<String>,
    /// The signature (发文机关署名).
    pub signature: String,
    /// The day it is signed (成文日期).
    pub date: NaiveDate,
    /// Who gets a copy (抄送机关).
    #[serde(default)]
    pub copy_to: Vec<String>,
    /// The verification code (核验码) of an issued letter.
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub annex: Option<Annex>,
}

/// A part of the text under a heading. Headings are numbered by level: 一、 （一） 1. （1）.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// 1 to 4; a deeper one is drawn as 4, a 0 as 1.
    pub level: u8,
    /// The heading without its number. At level 1 it stands alone; below, the first paragraph
    /// follows it on the same line, so it ends with a full stop.
    pub heading: String,
    #[serde(default)]
    pub paragraphs: Vec<String>,
}

/// What is attached (附件): tables, then a chart, then notes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Annex {
    pub title: String,
    #[serde(default)]
    pub tables: Vec<Table>,
    #[serde(default)]
    pub chart: Option<Chart>,
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A table of text. Its first column is set to the left, the others are centred.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What stands above it; empty for nothing.
    #[serde(default)]
    pub caption: String,
    /// The header row, repeated on every page.
    pub header: Vec<String>,
    /// How wide the columns are, as shares of the whole; all alike where empty.
    #[serde(default)]
    pub widths: Vec<f64>,
    /// Rows; one that is too short is filled with empty cells.
    pub rows: Vec<Vec<String>>,
}

/// Lines over a common row of labels.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    pub title: String,
    /// Unit of the values, written beside the axis.
    #[serde(default)]
    pub unit: String,
    /// Labels along the axis, one a value.
    pub labels: Vec<String>,
    pub lines: Vec<Line>,
    /// What the picture shows, in words, for who cannot see it.
    pub alt: String,
}

/// One line of a chart.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub name: String,
    /// A missing value is a gap.
    pub values: Vec<Option<f64>>,
    #[serde(default)]
    pub stroke: Stroke,
}

/// How a line is drawn, so that lines are told apart without colour.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stroke {
    #[default]
    Solid,
    Dashed,
    Dotted,
}

/// A date as letters write it: 2026年2月3日, Arabic figures without padding.
pub fn chinese_date(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// The number of the `n`th heading (from 1) of a level: 一、 （一） 1. （1）.
fn heading_number(level: u8, n: usize) -> String {
    match level {
        0 | 1 => format!("{}、", chinese_number(n)),
        2 => format!("（{}）", chinese_number(n)),
        3 => format!("{n}."),
        _ => format!("（{n}）"),
    }
}

/// 1 to 99 in Chinese figures; beyond that in Arabic ones.
fn chinese_number(n: usize) -> String {
    let digit = |d: usize| {
        ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
            .get(d)
            .copied()
            .unwrap_or_default()
    };
    match (n / 10, n % 10) {
        (0, ones) if n > 0 => digit(ones).to_owned(),
        (1, ones) => format!("十{}", digit(ones)),
        (tens @ 2..=9, ones) => format!("{}十{}", digit(tens), digit(ones)),
        _ => n.to_string(),
    }
}

/// The numbers of all headings in order: a level counts on until a heading of a higher level begins
/// it anew.
pub(super) fn heading_numbers(levels: impl Iterator<Item = u8>) -> Vec<String> {
    let mut counts = [0usize; 4];
    let number = |level: u8| {
        let level = level.clamp(1, 4);
        for (at, count) in (1u8..).zip(counts.iter_mut()) {
            *count = if at < level { *count } else { usize::from(at == level) * (*count + 1) };
        }
        let n = counts.get(usize::from(level) - 1).copied().unwrap_or(1);
        heading_number(level, n)
    };
    levels.map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_written_as_in_letters() {
        assert_eq!(chinese_date(NaiveDate::from_ymd_opt(2026, 2, 3).unwrap()), "2026年2月3日");
        assert_eq!(
            [1, 10, 11, 20, 99, 100, 0].map(chinese_number),
            ["一", "十", "十一", "二十", "九十九", "100", "0"]
        );
    }

    #[test]
    fn a_lower_level_begins_anew_under_each_heading() {
        let sections: Vec<Section> = [1, 2, 2, 3, 1, 2, 4, 9]
            .iter()
            .map(|l| Section { level: *l, heading: String::new(), paragraphs: vec![] })
            .collect();
        assert_eq!(
            heading_numbers(sections.iter().map(|s| s.level)),
            ["一、", "（一）", "（二）", "1.", "二、", "（一）", "（1）", "（2）"]
        );
    }
}
