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
//! [columns]                                    # our column = their header
//! event_id = "纠纷编号"
//! occurred_at = ["日期", "时间"]               # one column, or a date and a time
//! area_code = ["乡镇", "村社区"]               # one column, or from coarse to fine
//! category = "纠纷类型"
//! [words.category]                             # their word -> our code, beside taxonomy.toml
//! "劳资" = "wage_arrears"
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

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::{At, Error, Result, parse_toml};
use crate::mask::mask;
use crate::schema::{DERIVED_COLUMNS, DOMAINS, Domain, Kind};
use crate::taxonomy::{CODED, Taxonomy, line_of};

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

/// What totals are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TotalsPeriod {
    Month,
}

/// How an id is made where the file has none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeId {
    pub prefix: String,
    /// Their columns that tell one event from another.
    pub columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    domain: String,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    also: bool,
    sheet: Option<String>,
    source: Option<String>,
    rhythm: Option<Rhythm>,
    history: Option<u32>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    #[serde(default)]
    skip: BTreeMap<String, Headers>,
    #[serde(default)]
    only: BTreeMap<String, Headers>,
    count: Option<Headers>,
    period: Option<TotalsPeriod>,
    #[serde(default)]
    columns: BTreeMap<String, Headers>,
    #[serde(default)]
    words: BTreeMap<String, BTreeMap<String, Scalar>>,
    #[serde(default)]
    default: BTreeMap<String, Scalar>,
    #[serde(default)]
    constant: BTreeMap<String, Scalar>,
    persons: Option<Persons>,
    id: Option<CompositeId>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a header or a list of headers")]
enum Headers {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, a whole number, or true or false")]
enum Scalar {
    Text(String),
    Int(i64),
    Bool(bool),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Persons {
    columns: Vec<String>,
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Scalar::Text(t) => t,
            Scalar::Int(n) => n.to_string(),
            Scalar::Bool(b) => b.to_string(),
        }
    }
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
        let raw: Raw = parse_toml(file, text)?;
        let Some(domain) = Domain::find(&raw.domain) else {
            let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
            return Err(wrong(
                file,
                text,
                &raw.domain,
                format!("there is no domain {:?}", raw.domain),
                format!("use one of {known}"),
            ));
        };
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
            columns: own.collect(),
            words: BTreeMap::new(),
            default: BTreeMap::new(),
            constant: BTreeMap::new(),
            persons: Vec::new(),
            id: None,
            canonical: true,
        }
    }

    /// Checks what the mapping says against the taxonomy: every word leads to a code that exists,
    /// every coded default and constant too.
    ///
    /// # Errors
    /// [`Error::Config`] naming the word and the codes there are.
    pub fn check(&self, taxonomy: &Taxonomy) -> Result<()> {
        for (column, words) in &self.words {
            for (word, code) in words {
                self.check_code(
                    taxonomy,
                    column,
                    code,
                    &format!("words.{column} turns {word:?} into"),
                )?;
            }
        }
        for (table, values) in [("default", &self.default), ("constant", &self.constant)] {
            for (column, code) in values {
                self.check_code(taxonomy, column, code, &format!("{table}.{column} is"))?;
            }
        }
        Ok(())
    }

    fn check_code(&self, taxonomy: &Taxonomy, column: &str, code: &str, lead: &str) -> Result<()> {
        match taxonomy.list(column, self.domain) {
            Some(list) if list.find(code).is_none() => {
                let known = list.codes().map(|(c, _)| c).collect::<Vec<_>>().join(", ");
                Err(self.wrong(
                    code,
                    format!("{lead} {code:?}, which is no code of {column}"),
                    format!("use one of {known}"),
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_columns(&self) -> Result<()> {
        for (table, names) in [
            ("columns", self.columns.keys().collect::<Vec<_>>()),
            ("default", self.default.keys().collect()),
            ("constant", self.constant.keys().collect()),
        ] {
            for name in names {
                self.check_column(table, name)?;
            }
        }
        for (name, headers) in &self.columns {
            self.check_headers(name, headers)?;
        }
        if let Some(name) = self.words.keys().find(|n| !CODED.contains(&n.as_str())) {
            return Err(self.wrong(
                name,
                format!("words.{name}: {name} is not coded"),
                format!("words are for {}", CODED.join(", ")),
            ));
        }
        if let Some(name) = self.constant.keys().find(|n| self.columns.contains_key(*n)) {
            return Err(self.wrong(
                name,
                format!("{name} stands in both columns and constant"),
                "keep one of the two",
            ));
        }
        if !self.persons.is_empty() && self.columns.contains_key("party_hash") {
            return Err(self.wrong(
                "party_hash",
                "party_hash is mapped and [persons] makes one too".into(),
                "keep one of the two",
            ));
        }
        self.check_id()?;
        self.check_source()?;
        self.check_totals()?;
        let wide = matches!(self.totals, Some(Totals::Categories(_)));
        for name in ["occurred_at", "area_code", "category"] {
            let tables = [&self.constant, &self.default];
            if name == "category" && wide {
                continue;
            }
            if !self.columns.contains_key(name) && tables.iter().all(|t| !t.contains_key(name)) {
                return Err(self.wrong(
                    "[columns]",
                    format!("nothing says what {name} is"),
                    format!("add {name} = \"their header\" under [columns]"),
                ));
            }
        }
        Ok(())
    }

    fn check_column(&self, table: &str, name: &str) -> Result<()> {
        if DERIVED_COLUMNS.contains(&name) {
            return Err(self.wrong(
                name,
                format!("{table}.{name}: the engine fills in {name} itself"),
                "remove the line",
            ));
        }
        if self.domain.column(name).is_none() {
            let known = self
                .domain
                .columns()
                .map(|c| c.name)
                .filter(|c| !DERIVED_COLUMNS.contains(c))
                .collect::<Vec<_>>()
                .join(", ");
            return Err(self.wrong(
                name,
                format!("{} has no column {name}", self.domain.id),
                format!("its columns are {known}"),
            ));
        }
        if table != "columns" && matches!(name, "event_id" | "party_hash") {
            return Err(self.wrong(
                name,
                format!("{table}.{name} would be the same for all rows"),
                "map a column, or remove the line",
            ));
        }
        Ok(())
    }

    fn check_headers(&self, name: &str, headers: &[String]) -> Result<()> {
        let most = match self.domain.column(name).map(|c| c.kind) {
            _ if name == "area_code" => 6,
            Some(Kind::Instant) => 2,
            _ => 1,
        };
        if headers.is_empty() || headers.len() > most || headers.iter().any(|h| h.trim().is_empty())
        {
            let what = format!("columns.{name} names {} headers", headers.len());
            return Err(self.wrong(
                name,
                what,
                format!("give between 1 and {most}, none of them empty"),
            ));
        }
        Ok(())
    }

    /// What is known of one event is not known of a month's.
    fn check_totals(&self) -> Result<()> {
        let Some(totals) = &self.totals else { return Ok(()) };
        let of_one = |name: &&String| {
            let kind = self.domain.column(name).map(|c| c.kind);
            matches!(kind, Some(Kind::Int | Kind::Money | Kind::Bool)) && *name != "severity"
                || kind == Some(Kind::Instant)
                    && !matches!(name.as_str(), "occurred_at" | "recorded_at")
                || matches!(name.as_str(), "party_hash" | "outcome" | "satisfaction")
        };
        if let Some(name) = self.columns.keys().find(of_one) {
            return Err(self.wrong(
                name,
                format!("{name} is said of one event, and a row of totals is many"),
                "remove the line; what totals do not say is not assessable",
            ));
        }
        let twice =
            matches!(totals, Totals::Categories(_)) && self.columns.contains_key("category");
        if twice || !self.persons.is_empty() || self.id.is_some() {
            return Err(self.wrong(
                "count",
                "a file of totals has no persons, no ids, and its category once".into(),
                "remove [persons] and [id]; name category either by its column or by those of the counts",
            ));
        }
        Ok(())
    }

    fn check_source(&self) -> Result<()> {
        let long = self.source.chars().count() > 64;
        if self.source.trim().is_empty() || long || mask(&self.source) != self.source {
            let what = format!("{:?} is no name of a source", self.source);
            let fix =
                "name the department in at most 64 characters, no person and no number of one";
            return Err(self.wrong("source", what, fix));
        }
        if let (Some(from), Some(to)) = self.span
            && from > to
        {
            let what = format!("from {from} is after to {to}");
            return Err(self.wrong("from", what, "give the first day as from"));
        }
        self.check_words("skip", &self.skip, "name the words of rows that are no events")?;
        self.check_words("only", &self.only, "name the words of the rows that are taken")
    }

    fn check_words(
        &self,
        table: &str,
        words: &BTreeMap<String, Vec<String>>,
        fix: &str,
    ) -> Result<()> {
        let Some((header, words)) = words
            .iter()
            .find(|(_, words)| words.is_empty() || words.iter().any(|w| w.trim().is_empty()))
        else {
            return Ok(());
        };
        let what = match words.is_empty() {
            true => format!("{table}.{header} has no word"),
            false => format!("{table}.{header} has an empty word, which every row holds"),
        };
        Err(self.wrong(header, what, fix))
    }

    fn check_id(&self) -> Result<()> {
        match (&self.id, self.columns.contains_key("event_id")) {
            (Some(_), true) => Err(self.wrong(
                "event_id",
                "event_id is mapped and [id] makes one too".into(),
                "keep one of the two",
            )),
            // A total is known by source, month, area and category.
            (None, false) if self.totals.is_some() => Ok(()),
            (None, false) => Err(self.wrong(
                "[columns]",
                "nothing says what event_id is".into(),
                "add event_id = \"their header\" under [columns], or an [id] table that makes one",
            )),
            (Some(id), false) => {
                let plain = id.prefix.len() <= 32
                    && id.prefix.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
                if id.columns.is_empty() || id.prefix.is_empty() || !plain {
                    let fix = "give a prefix of at most 32 letters, digits, - or _, and at least one column";
                    return Err(self.wrong("[id]", "the [id] table cannot make ids".into(), fix));
                }
                Ok(())
            }
            (None, true) => Ok(()),
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
        for header in self.columns.values().flatten().chain(&self.persons).chain(id).chain(skip) {
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

impl Headers {
    fn list(self) -> Vec<String> {
        match self {
            Headers::One(h) => vec![h],
            Headers::Many(h) => h,
        }
    }
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

    const GOOD: &str = "domain = \"disputes\"\nfiles = [\"矛盾纠纷*.csv\"]\n[columns]\nevent_id = \"编号\"\noccurred_at = [\"日期\", \"时间\"]\n\
        area_code = [\"乡镇\", \"村\"]\ncategory = \"类型\"\n[words.category]\n\"闹\" = \"neighbour\"\n[constant]\nchannel = \"grid\"\n";

    fn taxonomy() -> Taxonomy {
        Taxonomy::parse(Path::new("taxonomy.toml"), include_str!("../../../models/taxonomy.toml"))
            .unwrap()
    }

    fn refused(text: &str) -> String {
        match Mapping::parse(Path::new("m.toml"), text).and_then(|m| m.check(&taxonomy())) {
            Ok(()) => panic!("accepted: {text}"),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn a_good_one_is_read() {
        let m = Mapping::parse(Path::new("m.toml"), GOOD).unwrap();
        m.check(&taxonomy()).unwrap();
        assert_eq!(m.columns["area_code"], ["乡镇", "村"]);
        assert_eq!(m.headers().len(), 6);
        assert!(m.is_for("矛盾纠纷2025.csv") && !m.is_for("信访.csv"));
    }

    #[test]
    fn lies_are_named_with_their_line() {
        for (from, to, line, message) in [
            ("domain = \"disputes\"", "domain = \"dispute\"", 1, "there is no domain"),
            ("category = \"类型\"", "categori = \"类型\"", 7, "no column categori"),
            ("category = \"类型\"", "day = \"类型\"", 7, "fills in day itself"),
            ("category = \"类型\"", "severity = \"类型\"", 3, "nothing says what category is"),
            ("event_id = \"编号\"", "grid_code = \"编号\"", 3, "nothing says what event_id is"),
            ("\"neighbour\"", "\"neighbours\"", 9, "no code of category"),
            ("channel = \"grid\"", "channel = \"grids\"", 11, "no code of channel"),
            ("[words.category]", "[words.amount]", 8, "amount is not coded"),
            ("channel = \"grid\"", "category = \"other\"", 7, "both columns and constant"),
            ("channel = \"grid\"", "event_id = \"1\"", 4, "the same for all rows"),
            ("[\"日期\", \"时间\"]", "[\"日期\", \"时间\", \"秒\"]", 5, "names 3 headers"),
            ("category = \"类型\"", "category = []", 7, "names 0 headers"),
            ("files =", "file =", 2, "unknown field"),
            ("category = \"类型\"", "category = 3", 7, "expected a header"),
        ] {
            let message_was = refused(&GOOD.replace(from, to));
            assert!(message_was.contains(message), "{to}: {message_was}");
            assert!(
                message_was.starts_with(&format!("m.toml:{line}: ")),
                "{to} should be at line {line}: {message_was}"
            );
        }
        assert!(
            refused(&format!("{GOOD}[id]\nprefix = \"a\"\ncolumns = [\"编号\"]\n"))
                .contains("[id] makes one too")
        );
    }

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
