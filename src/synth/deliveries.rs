//! The county's events as departments deliver them by their habits: files by the night on which
//! they come, and the mappings that say what their columns mean.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use rand::RngExt;
use rand::seq::IndexedRandom;

use lake::error::{At, Result};
use lake::schema::{DOMAINS, Domain};

use super::Span;
use super::county::County;
use super::habits::{Habit, Habits};
use super::handling::columns;
use super::merger::Merger;
use super::rates::RHYTHMS;
use super::streams::stream;
use super::version::{Cell, Minute, Version};
use super::words::Words;

/// Nights after the first: the second department's first, and one on which strays come.
const SECOND_BEGINS: i64 = 31;
const STRAYS: i64 = 25;
/// Nights on which nothing comes.
const GAP: i64 = 30;
/// Days of a storm, and days after its first until its rows come.
const STORM_DAYS: i64 = 3;
const STORM_HELD: i64 = 7;
/// Times the usual events of a day in a township that is hit.
const STORM_SIZE: usize = 12;
/// Rows of an exercise, and rows with a mistaken year: so many in the load and on a night.
const DRILL_ROWS: usize = 5_000;
const STRAY_ROWS: (usize, usize) = (3, 4);
const YEARS_ASTRAY: u32 = 5;
/// Serial numbers of rows that the simulation itself did not make.
const STRAY_SERIAL: u32 = 700_000;
const STORM_SERIAL: u32 = 800_000;
const DRILL_SERIAL: u32 = 900_000;

/// What the rows of an exercise have in the column of remarks.
const EXERCISE: &str = "应急演练";

/// A department's file: the night on which it comes, and its name.
type Sheet = (NaiveDate, String);

/// A row on its way.
struct Row {
    /// The night on which it comes.
    night: NaiveDate,
    /// 1, or 2 of a second department.
    department: u8,
    /// Of what was there before the first night.
    history: bool,
    /// What the file gives as its time of recording.
    recorded: Minute,
    remark: &'static str,
    version: Version,
}

/// One domain's departments.
pub struct Departments<'a> {
    span: &'a Span,
    county: &'a County,
    words: &'a Words,
    domain: &'static Domain,
    number: usize,
    habits: Habits,
    merger: Option<&'a Merger>,
    /// Each event comes on the night it was recorded; only what belongs to the county itself is
    /// left of the habits.
    control: bool,
}

impl<'a> Departments<'a> {
    /// The departments of the domain at a position of [`DOMAINS`].
    pub fn new(
        span: &'a Span,
        county: &'a County,
        words: &'a Words,
        number: usize,
        habits: Habits,
        merger: Option<&'a Merger>,
        control: bool,
    ) -> Departments<'a> {
        let domain = &DOMAINS[number];
        Departments { span, county, words, domain, number, habits, merger, control }
    }

    /// Writes the mappings and, by night, all files; says how many. `versions` are the domain's, in
    /// order of recording.
    ///
    /// # Errors
    /// Where a file cannot be written or the taxonomy lacks a word.
    pub fn deliver(
        self,
        root: &Path,
        mappings: &Path,
        mut versions: Vec<Version>,
    ) -> Result<usize> {
        if self.habits.has(Habit::Storm) {
            self.storm(&mut versions);
        }
        let rows = self.rows(&versions);
        let departments: u8 = if self.does(Habit::SecondDepartment) { 2 } else { 1 };
        for department in 1..=departments {
            let file = mappings.join(format!("{}.toml", self.stem(department)));
            std::fs::write(&file, self.mapping(department)).at(&file)?;
        }
        let mut written = 0;
        if self.does(Habit::Cumulative) {
            for ((night, name), rows) in self.standing(&rows) {
                written += self.write(root, night, &name, &rows)?;
            }
        } else {
            for ((night, name), rows) in self.sheets(&rows) {
                written += self.write(root, night, &name, &rows)?;
            }
        }
        Ok(written)
    }

    /// Whether the departments have a habit and keep to it.
    fn does(&self, habit: Habit) -> bool {
        !self.control && self.habits.has(habit)
    }

    fn night(&self, after: i64) -> NaiveDate {
        self.span.inbox_from + TimeDelta::days(after)
    }

    /// The day on which what was recorded before the first night is loaded.
    fn day_one(&self) -> NaiveDate {
        self.night(-1)
    }

    /// Name of a department's mapping, and beginning of its files' names.
    fn stem(&self, department: u8) -> String {
        match department {
            1 => self.domain.id.to_owned(),
            n => format!("{}-{n}", self.domain.id),
        }
    }

    /// The rows as they come, in order of recording.
    fn rows(&self, versions: &[Version]) -> Vec<Row> {
        let mut first: HashMap<(u16, u32), (u8, Minute)> = HashMap::new();
        let mut rows: Vec<Row> = Vec::with_capacity(versions.len());
        for version in versions {
            let begun = (version.category, version.recorded);
            let begun = *first.entry((version.township, version.serial)).or_insert(begun);
            rows.push(self.row(version, begun));
        }
        if self.does(Habit::Strays) {
            self.strays(versions, &mut rows);
        }
        if self.does(Habit::Drills) {
            self.drills(versions, &mut rows);
        }
        rows.sort_by_key(|r| (r.night, r.version.recorded, r.version.township, r.version.serial));
        rows
    }

    /// One row, given category and time of the event's first version.
    fn row(&self, version: &Version, (category, begun): (u8, Minute)) -> Row {
        let day = self.span.local(version.recorded).date();
        let history = day < self.span.inbox_from;
        let department = if self.does(Habit::SecondDepartment) { 1 + category % 2 } else { 1 };
        let recorded = if self.does(Habit::SameTime) {
            begun
        } else if history && self.does(Habit::LoadDated) {
            self.span.minute_of(self.day_one()) + 9 * 60
        } else {
            version.recorded
        };
        let night = self.comes(day.max(self.day_one()), department);
        Row { night, department, history, recorded, remark: "", version: version.clone() }
    }

    /// The night on which a department delivers what was recorded on a day.
    fn comes(&self, day: NaiveDate, department: u8) -> NaiveDate {
        let held = |habit: Habit, nights: i64| {
            let (first, until) = (habit.begins(), habit.begins() + nights);
            (self.night(first)..self.night(until)).contains(&day).then(|| self.night(until))
        };
        let mut night = day;
        if self.does(Habit::Monthly) && day >= self.span.inbox_from {
            let next = day.with_day(1).and_then(|d| d.checked_add_months(Months::new(1)));
            night = next.and_then(|d| d.with_day(3)).unwrap_or(day);
        }
        if self.does(Habit::Gap) {
            night = night.max(held(Habit::Gap, GAP).unwrap_or(day));
        }
        if self.does(Habit::Storm) {
            night = night.max(held(Habit::Storm, STORM_HELD).unwrap_or(day));
        }
        if department == 2 {
            night = night.max(self.night(SECOND_BEGINS));
        }
        night
    }

    /// Adds a storm's events: those of other days, in half of the townships, of the category that
    /// storms have where the domain knows one.
    fn storm(&self, versions: &mut Vec<Version>) {
        let mut rng = stream(self.span.seed, &["storm", self.domain.id]);
        let begin = self.night(Habit::Storm.begins());
        let usual = versions.len() / self.span.days() / self.county.townships.len();
        let code = ["disaster", "utilities", "livelihood"]
            .iter()
            .find_map(|c| RHYTHMS[self.number].category(c));
        let mut histories: BTreeMap<(u16, u32), Vec<&Version>> = BTreeMap::new();
        for version in versions.iter() {
            histories.entry((version.township, version.serial)).or_default().push(version);
        }
        let histories: Vec<Vec<&Version>> = histories.into_values().collect();
        let mut storm = Vec::new();
        let mut serial = STORM_SERIAL;
        for township in 0..self.county.townships.len().div_ceil(2) {
            let here: Vec<&Vec<&Version>> =
                histories.iter().filter(|h| h[0].township as usize == township).collect();
            for day in 0..STORM_DAYS {
                for _ in 0..STORM_SIZE * usual.max(1) {
                    let Some(model) = here.choose(&mut rng) else { continue };
                    let then = self.span.local(model[0].occurred).date();
                    let shift = (begin + TimeDelta::days(day) - then).num_days() * 1440;
                    serial += 1;
                    for version in model.iter() {
                        let mut version = shifted((*version).clone(), shift);
                        version.serial = serial;
                        version.category = code.map_or(version.category, |c| c as u8);
                        if version.recorded < self.span.end_minute() {
                            storm.push(version);
                        }
                    }
                }
            }
        }
        versions.extend(storm);
        versions.sort_by_key(|v| (v.recorded, v.township, v.serial));
    }

    /// Adds rows with a mistaken year, in the load and on one night.
    fn strays(&self, versions: &[Version], rows: &mut Vec<Row>) {
        let mut rng = stream(self.span.seed, &["strays", self.domain.id]);
        let begin = self.span.from.checked_sub_months(Months::new(12 * YEARS_ASTRAY));
        let begin = begin.unwrap_or(self.span.from);
        for n in 0..STRAY_ROWS.0 + STRAY_ROWS.1 {
            let Some(model) = versions.choose(&mut rng) else { return };
            let night = if n < STRAY_ROWS.0 { self.day_one() } else { self.night(STRAYS) };
            let then = self.span.local(model.occurred).date();
            let astray = begin + TimeDelta::days(rng.random_range(0..300));
            let mut version = shifted(model.clone(), (astray - then).num_days() * 1440);
            version.serial = STRAY_SERIAL + n as u32;
            version.withdrawn = false;
            version.recorded = self.span.minute_of(night) + 600 + n as i64;
            rows.push(self.own(version, night));
        }
    }

    /// Adds the rows of an exercise: one township, one hour.
    fn drills(&self, versions: &[Version], rows: &mut Vec<Row>) {
        let mut rng = stream(self.span.seed, &["drills", self.domain.id]);
        let night = self.night(Habit::Drills.begins());
        let begin = self.span.minute_of(night) + 600;
        let Some(place) = versions.choose(&mut rng).map(|v| v.township) else { return };
        let here: Vec<&Version> =
            versions.iter().filter(|v| v.township == place && v.recorded < begin).collect();
        for n in 0..DRILL_ROWS {
            let Some(model) = here.choose(&mut rng) else { return };
            let at = begin + rng.random_range(0..60);
            let mut version = shifted((*model).clone(), at - model.occurred);
            version.serial = DRILL_SERIAL + n as u32;
            (version.recorded, version.resolved, version.withdrawn) = (at + 1, None, false);
            let row = self.own(version, night);
            rows.push(Row { remark: EXERCISE, ..row });
        }
    }

    /// A row that is no event of the county's, as the first department would hand it in.
    fn own(&self, version: Version, night: NaiveDate) -> Row {
        let (history, recorded) = (night < self.span.inbox_from, version.recorded);
        Row { night, department: 1, history, recorded, remark: "", version }
    }

    /// Whether a file has each event once, as it stands, or all its versions.
    fn once(&self, row: &Row) -> bool {
        self.does(Habit::Undated)
            || self.does(Habit::SameTime)
            || (row.history && self.does(Habit::LoadDated))
    }

    fn name(&self, row: &Row) -> String {
        let loaded = row.night == self.day_one();
        let what = if loaded { "history".to_owned() } else { row.night.to_string() };
        format!("{}_{what}.csv", self.stem(row.department))
    }

    /// The rows of each file.
    fn sheets<'r>(&self, rows: &'r [Row]) -> BTreeMap<Sheet, Vec<&'r Row>> {
        let mut sheets: BTreeMap<Sheet, Vec<&Row>> = BTreeMap::new();
        let mut at: HashMap<(Sheet, u16, u32), usize> = HashMap::new();
        for row in rows {
            let sheet = (row.night, self.name(row));
            let lines = sheets.entry(sheet.clone()).or_default();
            let event = (sheet, row.version.township, row.version.serial);
            match at.get(&event).filter(|_| self.once(row)) {
                Some(line) => lines[*line] = row,
                None => {
                    at.insert(event, lines.len());
                    lines.push(row);
                }
            }
        }
        sheets
    }

    /// On each night of a delivery, all events so far as they stand.
    fn standing<'r>(&self, rows: &'r [Row]) -> BTreeMap<Sheet, Vec<&'r Row>> {
        let mut sheets = BTreeMap::new();
        let mut standing: BTreeMap<u8, BTreeMap<(u16, u32), &Row>> = BTreeMap::new();
        for night in rows.chunk_by(|a, b| a.night == b.night) {
            for row in night {
                let event = (row.version.township, row.version.serial);
                standing.entry(row.department).or_default().insert(event, row);
            }
            for (department, events) in &standing {
                let name = format!("{}_{}.csv", self.stem(*department), night[0].night);
                sheets.insert((night[0].night, name), events.values().copied().collect());
            }
        }
        sheets
    }

    /// The columns of the files that are columns of ours, with their headers.
    fn columns(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let undated = self.does(Habit::Undated);
        columns(self.domain)
            .map(|c| c.name)
            .filter(move |c| !undated || *c != "recorded_at")
            .filter_map(|c| HEADERS.iter().find(|h| h.0 == c).copied())
    }

    fn mapping(&self, department: u8) -> String {
        let mut text = format!(
            "domain = {:?}\nfiles = [\"{}_*.csv\"]\n\n[columns]\narea_code = [\"乡镇\", \"村社区\"]\n",
            self.domain.id,
            self.stem(department)
        );
        for (column, header) in self.columns() {
            text += &format!("{column} = {header:?}\n");
        }
        if self.does(Habit::Drills) {
            text += &format!("\n[skip]\n\"备注\" = [{EXERCISE:?}]\n");
        }
        text
    }

    fn write(&self, root: &Path, night: NaiveDate, name: &str, rows: &[&Row]) -> Result<usize> {
        let folder = root.join(night.to_string());
        std::fs::create_dir_all(&folder).at(&folder)?;
        let file = folder.join(name);
        let io = |e: csv::Error| std::io::Error::other(e);
        let mut writer = csv::Writer::from_path(&file).map_err(io).at(&file)?;
        let columns: Vec<(&str, &str)> = self.columns().collect();
        let remarks = self.does(Habit::Drills);
        let places = ["乡镇", "村社区"];
        let header = places.into_iter().chain(columns.iter().map(|c| c.1));
        writer.write_record(header.chain(remarks.then_some("备注"))).map_err(io).at(&file)?;
        for row in rows {
            let version = &row.version;
            let township = &self.county.townships[version.township as usize];
            let village = version.village.map(|v| township.villages[v as usize].name.clone());
            let mut record = vec![self.township(row), village.unwrap_or_default()];
            for (column, _) in &columns {
                record.push(self.show(column, row)?);
            }
            record.extend(remarks.then(|| row.remark.to_owned()));
            writer.write_record(&record).map_err(io).at(&file)?;
        }
        writer.flush().at(&file)?;
        Ok(1)
    }

    /// The township as the department writes it; where the heir was always there, always the heir.
    fn township(&self, row: &Row) -> String {
        let here = row.version.township as usize;
        let night = if self.control { NaiveDate::MAX } else { row.night };
        let named = self.merger.map_or(here, |m| m.named(here, night));
        self.county.townships[named].name.clone()
    }

    fn show(&self, column: &'static str, row: &Row) -> Result<String> {
        let word = |code: &str| self.words.word(self.domain.id, column, code, 0).map(str::to_owned);
        let time = |m: Minute| self.span.local(m).format("%Y-%m-%d %H:%M").to_string();
        Ok(match row.version.cell(column, self.county) {
            Cell::Instant(_) if column == "recorded_at" => time(row.recorded),
            Cell::Empty => String::new(),
            Cell::Text(text) => text,
            Cell::Int(n) if matches!(column, "severity" | "satisfaction") => word(&n.to_string())?,
            Cell::Int(n) => n.to_string(),
            Cell::Code(code) => word(code)?,
            Cell::Cents(c) => format!("{}.{:02}", c / 100, c % 100),
            Cell::Bool(b) => if b { "是" } else { "否" }.to_owned(),
            Cell::Instant(minute) => time(minute),
        })
    }
}

/// Our columns and their headers in the files; township and village stand before them.
const HEADERS: [(&str, &str); 40] = [
    ("event_id", "编号"),
    ("occurred_at", "发生时间"),
    ("recorded_at", "登记时间"),
    ("category", "类别"),
    ("severity", "级别"),
    ("risk_sector", "风险领域"),
    ("persons", "涉及人数"),
    ("amount", "涉及金额"),
    ("channel", "来源渠道"),
    ("grade", "分级"),
    ("accepted_at", "受理时间"),
    ("triaged_at", "分流时间"),
    ("resolved_at", "办结时间"),
    ("resolved_level", "办结层级"),
    ("outcome", "办理结果"),
    ("satisfaction", "满意度"),
    ("withdrawn", "已撤销"),
    ("due_at", "办理期限"),
    ("deaths", "死亡人数"),
    ("injured", "受伤人数"),
    ("turned_criminal", "民转刑"),
    ("repeated", "是否重复"),
    ("collective", "是否集体访"),
    ("beyond_level", "是否越级"),
    ("diverted", "诉前分流"),
    ("reach", "阅读量"),
    ("minors", "未成年人数"),
    ("reported_at", "上报时间"),
    ("unit", "主办单位"),
    ("reassigned", "是否重派"),
    ("extended", "是否延期"),
    ("form", "办理方式"),
    ("on_site", "现场调解"),
    ("revisited_at", "回访时间"),
    ("relapsed", "是否反复"),
    ("arbitrated_at", "仲裁时间"),
    ("adjudicated_at", "行政裁决时间"),
    ("reconsidered_at", "行政复议时间"),
    ("petitioned_at", "转信访时间"),
    ("sued_at", "起诉时间"),
];

/// A version with every time of it later by so many minutes.
fn shifted(mut version: Version, minutes: i64) -> Version {
    version.occurred += minutes;
    version.recorded += minutes;
    let handling = &mut version.handling;
    let times = [
        &mut version.accepted,
        &mut version.triaged,
        &mut version.resolved,
        &mut version.due,
        &mut handling.reported,
        &mut handling.revisited,
        &mut handling.arbitrated,
        &mut handling.adjudicated,
        &mut handling.reconsidered,
        &mut handling.petitioned,
        &mut handling.sued,
    ];
    for time in times {
        *time = time.map(|t| t + minutes);
    }
    version
}
