//! What a mapping says, checked without the data.

use std::collections::BTreeMap;

use super::dates::names_a_day;
use super::{Mapping, Totals};
use crate::error::Result;
use crate::mask::may_identify;
use crate::schema::{DERIVED_COLUMNS, Kind};
use crate::taxonomy::{CODED, Taxonomy};

impl Mapping {
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

    pub(super) fn check_columns(&self) -> Result<()> {
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
        self.check_layout()?;
        self.check_dates()?;
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
            _ if name == "event_id" => 4,
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
        if self.source.trim().is_empty() || long || may_identify(&self.source) {
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

    /// How rows lie: in sizes a person could mean, and not for totals, of which each row is one.
    fn check_layout(&self) -> Result<()> {
        let layout = &self.layout;
        if layout.header_rows.is_some_and(|rows| !(1..=3).contains(&rows)) {
            let what = "header_rows is neither 1, 2 nor 3".into();
            return Err(self.wrong("header_rows", what, "count the rows of the header alone"));
        }
        for (key, words) in [("fill_down", &layout.fill_down), ("stop_at", &layout.stop_at)] {
            if words.iter().any(|word| word.trim().is_empty()) {
                let what = format!("{key} has an empty word");
                return Err(self.wrong(key, what, "remove it"));
            }
        }
        if let Some(header) = &layout.group_by {
            let fix = "remove group_by: a file of totals has a row a month";
            if self.totals.is_some() || header.trim().is_empty() {
                let what = "group_by names no column of events".into();
                return Err(self.wrong("group_by", what, fix));
            }
        }
        Ok(())
    }

    /// Formats are of instants and name a whole day.
    fn check_dates(&self) -> Result<()> {
        for (name, format) in self.date_format.all() {
            let kind = self.domain.column(name).map(|c| c.kind);
            if name != "date_format" && kind != Some(Kind::Instant) {
                let what = format!("date_format.{name}: {name} is no date");
                return Err(self.wrong(name, what, "remove the line"));
            }
            if !names_a_day(format) {
                let what = format!("date_format {format:?} does not name day, month and year");
                let fix = "write it as in \"%d/%m/%Y\" (day first), \"%m/%d/%Y\" or \
                           \"%d/%m/%Y %H:%M\"";
                return Err(self.wrong(format, what, fix));
            }
        }
        Ok(())
    }
}
