//! One version of one event, and its cells by canonical column name.

use super::county::County;
use super::rates::RHYTHMS;

/// Minutes since 1970-01-01T00:00Z; nothing simulated is finer than a minute.
pub type Minute = i64;

/// What one row says about an event.
#[derive(Clone, Debug)]
pub struct Version {
    pub domain: u8,
    /// Position in the county's townships.
    pub township: u16,
    pub serial: u32,
    /// Position in the township's villages; `None` where only the township is known.
    pub village: Option<u16>,
    /// Number of the grid in the village.
    pub grid: Option<u8>,
    /// Position in the domain's categories.
    pub category: u8,
    pub occurred: Minute,
    pub recorded: Minute,
    pub severity: Option<i64>,
    pub persons: Option<i64>,
    /// CNY cents.
    pub cents: Option<i64>,
    pub channel: Option<&'static str>,
    pub grade: Option<&'static str>,
    pub accepted: Option<Minute>,
    pub triaged: Option<Minute>,
    pub resolved: Option<Minute>,
    pub level: Option<&'static str>,
    pub outcome: Option<&'static str>,
    pub satisfaction: Option<i64>,
    pub withdrawn: bool,
    pub due: Option<Minute>,
    pub deaths: i64,
    pub injured: i64,
    pub turned_criminal: bool,
    pub repeated: bool,
    pub collective: bool,
    pub beyond_level: bool,
    pub diverted: bool,
    pub reach: i64,
    pub minors: i64,
    pub handling: Handling,
}

/// What the columns of handling say of a version.
#[derive(Clone, Copy, Debug, Default)]
pub struct Handling {
    pub reported: Option<Minute>,
    pub unit: Option<&'static str>,
    pub reassigned: Option<bool>,
    pub extended: Option<bool>,
    pub form: Option<&'static str>,
    pub on_site: Option<bool>,
    pub revisited: Option<Minute>,
    pub relapsed: Option<bool>,
    pub arbitrated: Option<Minute>,
    pub adjudicated: Option<Minute>,
    pub reconsidered: Option<Minute>,
    pub petitioned: Option<Minute>,
    pub sued: Option<Minute>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A code of the taxonomy.
    Code(&'static str),
    Int(i64),
    Cents(i64),
    Bool(bool),
    Instant(Minute),
}

impl Version {
    /// Identifier of the event.
    pub fn event_id(&self) -> String {
        format!(
            "{}{:02}-{:06}",
            RHYTHMS[self.domain as usize].prefix,
            self.township + 1,
            self.serial
        )
    }

    /// Code of the category.
    pub fn category_code(&self) -> &'static str {
        RHYTHMS[self.domain as usize].categories[self.category as usize].code
    }

    /// The cell of a canonical column; empty for a column that is not simulated.
    pub fn cell(&self, column: &str, county: &County) -> Cell {
        let code = |c: Option<&'static str>| c.map_or(Cell::Empty, Cell::Code);
        let int = |n: Option<i64>| n.map_or(Cell::Empty, Cell::Int);
        let instant = |m: Option<Minute>| m.map_or(Cell::Empty, Cell::Instant);
        let flag = |b: Option<bool>| b.map_or(Cell::Empty, Cell::Bool);
        match column {
            "event_id" => Cell::Text(self.event_id()),
            "occurred_at" => Cell::Instant(self.occurred),
            "recorded_at" => Cell::Instant(self.recorded),
            "area_code" => Cell::Text(self.area(county).to_owned()),
            "grid_code" => self
                .grid
                .map_or(Cell::Empty, |g| Cell::Text(format!("{}{g:03}", self.area(county)))),
            "category" => Cell::Code(self.category_code()),
            "severity" => int(self.severity),
            "risk_sector" => code(super::courses::risk_sector(
                RHYTHMS[self.domain as usize].id,
                self.category_code(),
            )),
            "persons" => int(self.persons),
            "amount" => self.cents.map_or(Cell::Empty, Cell::Cents),
            "channel" => code(self.channel),
            "grade" => code(self.grade),
            "accepted_at" => instant(self.accepted),
            "triaged_at" => instant(self.triaged),
            "resolved_at" => instant(self.resolved),
            "resolved_level" => code(self.level),
            "outcome" => code(self.outcome),
            "satisfaction" => int(self.satisfaction),
            "withdrawn" => Cell::Bool(self.withdrawn),
            "due_at" => instant(self.due),
            "deaths" => Cell::Int(self.deaths),
            "injured" => Cell::Int(self.injured),
            "turned_criminal" => Cell::Bool(self.turned_criminal),
            "repeated" => Cell::Bool(self.repeated),
            "collective" => Cell::Bool(self.collective),
            "beyond_level" => Cell::Bool(self.beyond_level),
            "diverted" => Cell::Bool(self.diverted),
            "reach" => Cell::Int(self.reach),
            "minors" => Cell::Int(self.minors),
            "reported_at" => instant(self.handling.reported),
            "unit" => code(self.handling.unit),
            "reassigned" => flag(self.handling.reassigned),
            "extended" => flag(self.handling.extended),
            "form" => code(self.handling.form),
            "on_site" => flag(self.handling.on_site),
            "revisited_at" => instant(self.handling.revisited),
            "relapsed" => flag(self.handling.relapsed),
            "arbitrated_at" => instant(self.handling.arbitrated),
            "adjudicated_at" => instant(self.handling.adjudicated),
            "reconsidered_at" => instant(self.handling.reconsidered),
            "petitioned_at" => instant(self.handling.petitioned),
            "sued_at" => instant(self.handling.sued),
            _ => Cell::Empty,
        }
    }

    fn area<'a>(&self, county: &'a County) -> &'a str {
        let township = &county.townships[self.township as usize];
        self.village.map_or(&township.code, |v| &township.villages[v as usize].code)
    }
}
