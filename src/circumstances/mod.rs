//! Circumstances of days: a storm, a census, a campaign that finds more disputes. They are about
//! days, not about when they were written: a night of the past is judged by the file as it is now.

mod file;

use chrono::NaiveDate;

use crate::workspace::Workspace;
use lake::Result;
use lake::areas::Register;

/// Where they stand, relative to the workspace.
pub const CIRCUMSTANCES: &str = "circumstances.csv";

/// What becomes of the cases of a circumstance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// They count, and the circumstance is told with what is found.
    Note,
    /// They open no warning, and teach no level.
    SetAside,
}

/// A row of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Circumstance {
    /// First and last day.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Codes of areas, in order; empty for the whole county.
    areas: Vec<String>,
    /// Ids of domains, in order; empty for all.
    domains: Vec<&'static str>,
    /// What letters and reports call it.
    pub what: String,
    pub effect: Effect,
}

/// All rows, in the order of their days.
#[derive(Clone, Debug, Default)]
pub struct Circumstances(Vec<Circumstance>);

#[cfg(test)]
impl Circumstances {
    /// Days of all domains in the whole county, for tests.
    pub(crate) fn of_days(from: &str, to: &str, what: &str, effect: Effect) -> Circumstances {
        let day = |text: &str| text.parse().unwrap_or_default();
        let (areas, domains) = (Vec::new(), Vec::new());
        let (from, to, what) = (day(from), day(to), what.to_owned());
        Circumstances(vec![Circumstance { from, to, areas, domains, what, effect }])
    }
}

/// Days of a domain in an area, of which something is said.
#[derive(Clone, Copy, Debug)]
pub struct Days<'a> {
    pub area: &'a str,
    pub domain: &'a str,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Circumstances {
    /// The workspace's; none where it has no file.
    ///
    /// # Errors
    /// [`lake::Error::Config`] with the line of whatever is wrong.
    pub fn read(workspace: &Workspace) -> Result<Circumstances> {
        let path = workspace.root.join(CIRCUMSTANCES);
        if !path.is_file() {
            return Ok(Circumstances::default());
        }
        file::read(&path, workspace).map(Circumstances)
    }

    /// Those that are about some of these days.
    pub fn of(&self, register: &Register, days: Days) -> Vec<&Circumstance> {
        self.0.iter().filter(|c| c.is_about(register, days)).collect()
    }

    /// What sets these days aside, where anything does.
    pub fn setting_aside(&self, register: &Register, days: Days) -> Option<&Circumstance> {
        self.set_aside().find(|c| c.is_about(register, days))
    }

    /// Those that set days aside.
    pub fn set_aside(&self) -> impl Iterator<Item = &Circumstance> {
        self.0.iter().filter(|c| c.effect == Effect::SetAside)
    }
}

impl Circumstance {
    fn is_about(&self, register: &Register, days: Days) -> bool {
        let overlaps = self.from <= days.to && days.from <= self.to;
        overlaps && self.covers(register, days.area, days.domain)
    }

    /// Whether it is about an area and a domain: an area covers those below it, and one that was
    /// merged into another is that one.
    pub fn covers(&self, register: &Register, area: &str, domain: &str) -> bool {
        let within = |code: &String| {
            register.heir(code).is_some_and(|heir| register.is_within(area, &heir.code))
        };
        (self.domains.is_empty() || self.domains.contains(&domain))
            && (self.areas.is_empty() || self.areas.iter().any(within))
    }
}
