//! A mapping: what one department's columns and words mean.
//!
//! ```toml
//! domain = "disputes"
//! files = ["disputes_*.csv", "矛盾纠纷*.csv"]  # * and ?, matched against the file's name
//! also = true                                  # beside the mapping that is for these files
//! sheet = "台账"                               # default: every sheet that has the header
//! source = "司法局"                            # who delivers; default: the mapping's name
//! rhythm = "monthly"                           # daily, weekly, monthly, irregular; else learned
//! history = 3                                  # assumed days from the event to its recording
//! from = "2023-01-01"                          # what happened before is refused; to = … after
//! count = "件数"                               # a row is so many events
//! period = "month"                             # of the month that occurred_at names
//! header_rows = 2                              # 时间 over 登记 and 发生 is 时间/登记, 时间/发生
//! fill_down = ["乡镇"]                         # a blank cell takes the value above
//! stop_at = ["合计"]                           # from the row that begins so nothing is data
//! group_by = "纠纷编号"                        # adjacent rows of one value are one event
//! date_format = "%d/%m/%Y"                     # or [date_format] occurred_at = "%d/%m/%Y"
//! [columns]                                    # our column = their header
//! event_id = "纠纷编号"
//! occurred_at = ["日期", "时间"]               # one column, or a date and a time
//! area_code = ["乡镇", "村社区"]               # one column, or from coarse to fine
//! category = "纠纷类型"
//! [words.category]                             # their word -> our code, beside taxonomy.toml
//! "劳资" = "wage_arrears"
//! [unit]                                       # of numbers that bring none themselves
//! amount = "万元"
//! [default]                                    # where the cell is empty
//! category = "other"
//! [constant]                                   # for every row
//! channel = "grid"
//! [skip]                                       # rows that are no events, by their column and word
//! "备注" = ["演练", "测试"]
//! [only]                                       # rows of which each column holds one of its words
//! "分类" = ["信访"]
//! [persons]                                    # become one keyed hash (party_hash), never stored
//! columns = ["当事人", "身份证号"]
//! [id]                                         # instead of columns.event_id, where there is none
//! prefix = "labour"
//! columns = ["employer_id", "decision_date"]
//! ```

mod check;
mod dates;
mod folder;
mod layout;
mod patterns;
#[cfg(test)]
mod tests;
mod unit;
mod written;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::{At, Error, Result, parse_toml};
use crate::mask::mask;
use crate::schema::{DERIVED_COLUMNS, DOMAINS, Domain, Kind};
use crate::taxonomy::{CODED, line_of};

use written::{Formats, Headers, Scalar, TotalsPeriod, Written};

pub use dates::DateFormats;
pub use folder::{BrokenMapping, read_folder};
pub use layout::Layout;
pub use patterns::{common_name, fits};
pub use unit::{HeaderUnit, Unit};

/// Columns a file must bring, whoever names them.
pub const NEEDED: [&str; 4] = ["event_id", "occurred_at", "area_code", "category"];

/// A checked mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Where it was read from; the file of data itself for [`Mapping::canonical`].
    pub file: PathBuf,
    /// The mapping as written: part of a batch's identity. Empty for a canonical file.
    pub text: String,
    pub domain: &'static Domain,
    /// Patterns of file names it is for.
    pub files: Vec<String>,
    /// Whether it is for these files beside another mapping, as one export feeds several domains.
    pub also: bool,
    pub sheet: Option<String>,
    /// Who delivers: coverage, delays and history are learned of each source by itself.
    pub source: String,
    /// How often, where it is stated.
    pub rhythm: Option<Rhythm>,
    /// Days from the event to its recording that are assumed of every row.
    pub history: Option<u32>,
    /// First and last day on which an event of this file can have happened.
    pub span: (Option<NaiveDate>, Option<NaiveDate>),
    /// Their column → words; a row whose cell holds one of them is no event.
    pub skip: BTreeMap<String, Vec<String>>,
    /// Their column → words; a row whose cell holds none of them is of no concern here.
    pub only: BTreeMap<String, Vec<String>>,
    /// Where a row is the events of a month.
    pub totals: Option<Totals>,
    pub layout: Layout,
    pub date_format: DateFormats,
    /// Our column → the unit of numbers that bring none themselves.
    pub unit: BTreeMap<String, Unit>,
    /// Our column → their headers.
    pub columns: BTreeMap<String, Vec<String>>,
    /// Our column → their word → our code.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// Our column → value of an empty cell.
    pub default: BTreeMap<String, String>,
    /// Our column → value of every row.
    pub constant: BTreeMap<String, String>,
    /// Their columns that identify persons.
    pub persons: Vec<String>,
    pub id: Option<CompositeId>,
    /// The headers are our own names; only [`NEEDED`] must be there.
    pub canonical: bool,
}

/// How often a source delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rhythm {
    Daily,
    Weekly,
    Monthly,
    Irregular,
}

impl Rhythm {
    /// The word in mappings and in the table `deliveries`.
    pub fn name(self) -> &'static str {
        match self {
            Rhythm::Daily => "daily",
            Rhythm::Weekly => "weekly",
            Rhythm::Monthly => "monthly",
            Rhythm::Irregular => "irregular",
        }
    }

    /// The rhythm of that name.
    pub fn find(name: &str) -> Option<Rhythm> {
        [Rhythm::Daily, Rhythm::Weekly, Rhythm::Monthly, Rhythm::Irregular]
            .into_iter()
            .find(|rhythm| rhythm.name() == name)
    }
}

/// Rows that are counts of a month's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Totals {
    /// The column of the counts.
    Column(String),
    /// One column a category, which its header names.
    Categories(Vec<String>),
}

/// How an id is made where the file has none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeId {
    pub prefix: String,
    /// Their columns that tell one event from another.
    pub columns: Vec<String>,
}

impl Mapping {
    /// Reads the mapping at `file`.
    ///
    /// # Errors
    /// As [`Mapping::parse`], and [`Error::Io`].
    pub fn load(file: &Path) -> Result<Mapping> {
        Mapping::parse(file, &std::fs::read_to_string(file).at(file)?)
    }

    /// Reads a mapping and checks all that can be checked without the taxonomy ([`Mapping::check`])
    /// and without the data.
    ///
    /// # Errors
    /// [`Error::Config`] on bad TOML, an unknown key, domain or column, and where a needed column
    /// is given twice or not at all.
    pub fn parse(file: &Path, text: &str) -> Result<Mapping> {
        let raw: Written = parse_toml(file, text)?;
        let domain = domain(file, text, &raw.domain)?;
        let texts = |m: BTreeMap<String, Scalar>| {
            m.into_iter().map(|(k, v)| (k, v.text())).collect::<BTreeMap<_, _>>()
        };
        let mapping = Mapping {
            file: file.to_path_buf(),
            text: text.to_owned(),
            domain,
            files: raw.files,
            also: raw.also,
            sheet: raw.sheet,
            source: raw.source.unwrap_or_else(|| stem(file)),
            rhythm: raw.rhythm,
            history: raw.history,
            span: (raw.from, raw.to),
            totals: totals(file, text, raw.count, raw.period)?,
            layout: Layout {
                header_rows: raw.header_rows,
                fill_down: raw.fill_down.map(Headers::list).unwrap_or_default(),
                stop_at: raw.stop_at.map(Headers::list).unwrap_or_default(),
                group_by: raw.group_by,
            },
            date_format: raw.date_format.map(Formats::formats).unwrap_or_default(),
            unit: units(file, text, domain, raw.unit)?,
            skip: raw.skip.into_iter().map(|(k, words)| (k, words.list())).collect(),
            only: raw.only.into_iter().map(|(k, words)| (k, words.list())).collect(),
            columns: raw.columns.into_iter().map(|(k, h)| (k, h.list())).collect(),
            words: raw.words.into_iter().map(|(k, w)| (k, texts(w))).collect(),
            default: texts(raw.default),
            constant: texts(raw.constant),
            persons: raw.persons.map(|p| p.columns).unwrap_or_default(),
            id: raw.id,
            canonical: false,
        };
        mapping.check_columns()?;
        Ok(mapping)
    }

    /// The mapping of a file whose headers are our own names.
    pub fn canonical(file: &Path, domain: &'static Domain) -> Mapping {
        let own = domain
            .columns()
            .filter(|c| !DERIVED_COLUMNS.contains(&c.name))
            .map(|c| (c.name.to_owned(), vec![c.name.to_owned()]));
        Mapping {
            file: file.to_path_buf(),
            text: String::new(),
            domain,
            files: Vec::new(),
            also: false,
            sheet: None,
            source: domain.id.to_owned(),
            rhythm: None,
            history: None,
            span: (None, None),
            skip: BTreeMap::new(),
            only: BTreeMap::new(),
            totals: None,
            layout: Layout::default(),
            date_format: DateFormats::default(),
            unit: BTreeMap::new(),
            columns: own.collect(),
            words: BTreeMap::new(),
            default: BTreeMap::new(),
            constant: BTreeMap::new(),
            persons: Vec::new(),
            id: None,
            canonical: true,
        }
    }

    /// Their headers the mapping names, each once; those a file must have.
    pub fn headers(&self) -> Vec<&str> {
        let id = self.id.iter().flat_map(|i| &i.columns);
        let mut all: Vec<&str> = Vec::new();
        let skip = self.skip.keys().chain(self.only.keys()).chain(match &self.totals {
            Some(Totals::Column(header)) => std::slice::from_ref(header),
            Some(Totals::Categories(headers)) => headers,
            None => &[],
        });
        let named = self.columns.values().flatten().chain(&self.persons).chain(id).chain(skip);
        for header in named.chain(self.layout.headers()) {
            if !all.contains(&header.as_str()) {
                all.push(header);
            }
        }
        all
    }

    /// Whether one of the mapping's patterns fits the file's name.
    pub fn is_for(&self, file_name: &str) -> bool {
        self.files.iter().any(|p| fits(p, file_name))
    }

    fn wrong(&self, needle: &str, what: String, fix: impl Into<String>) -> Error {
        wrong(&self.file, &self.text, needle, what, fix)
    }
}

/// The domain of that name.
fn domain(file: &Path, text: &str, name: &str) -> Result<&'static Domain> {
    Domain::find(name).ok_or_else(|| {
        let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
        let what = format!("there is no domain {name:?}");
        wrong(file, text, name, what, format!("use one of {known}"))
    })
}

/// The units of our columns, each of a kind that has one.
fn units(
    file: &Path,
    text: &str,
    domain: &Domain,
    written: BTreeMap<String, String>,
) -> Result<BTreeMap<String, Unit>> {
    let unit = |(column, name): (String, String)| {
        let kind = domain.column(&column).map(|c| c.kind);
        let unit = kind.filter(|k| matches!(k, Kind::Money | Kind::Int)).and_then(|kind| {
            // Grades are numbers too, and of no unit.
            (!CODED.contains(&column.as_str())).then(|| Unit::find(&name, kind)).flatten()
        });
        let Some(unit) = unit else {
            let what = format!("unit.{column}: {name:?} is no unit of {column}");
            let fix = "amounts are in 元, 千元, 万元, 百万元 or 亿元, counts in 人, 千人 or 万人 \
                       (件, 次, 户); other columns have no unit";
            return Err(wrong(file, text, &name, what, fix));
        };
        Ok((column, unit))
    };
    written.into_iter().map(unit).collect()
}

/// What `count` and `period` say together.
fn totals(
    file: &Path,
    text: &str,
    count: Option<Headers>,
    period: Option<TotalsPeriod>,
) -> Result<Option<Totals>> {
    match (count, period) {
        (None, None) => Ok(None),
        (Some(Headers::One(header)), Some(TotalsPeriod::Month)) => Ok(Some(Totals::Column(header))),
        (Some(Headers::Many(headers)), Some(TotalsPeriod::Month)) if !headers.is_empty() => {
            Ok(Some(Totals::Categories(headers)))
        }
        _ => Err(wrong(
            file,
            text,
            "count",
            "count and period do not go together".into(),
            "a file of totals has both: count names the column, or one column a category, and period is \"month\"",
        )),
    }
}

/// A mapping's name: that of its file.
fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    mask(&stem).into_owned()
}

fn wrong(file: &Path, text: &str, needle: &str, what: String, fix: impl Into<String>) -> Error {
    Error::Config { file: file.to_path_buf(), line: line_of(text, needle), what, fix: fix.into() }
}
