//! How departments deliver: the habits that a simulated county's files may have.

use std::fmt;
use std::str::FromStr;

use lake::schema::{DOMAINS, Domain};
use lake::{Error, Result};

/// One thing that departments do to events on their way to the centre, or that befalls them there.
/// What happened in the county is the same under every habit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Habit {
    /// No file says when a row was recorded; a file has each event once, as it stands.
    Undated,
    /// What was loaded on day one says that all of it was recorded then.
    LoadDated,
    /// What a month recorded comes on the third of the next.
    Monthly,
    /// Each night all events so far come again, as they stand.
    Cumulative,
    /// A case that changed comes again under the time at which it was first recorded.
    SameTime,
    /// Half of the categories come from a second department, the past with the rest, a month later.
    SecondDepartment,
    /// For thirty days nothing comes, then all of it.
    Gap,
    /// Five thousand rows of an exercise within one hour.
    Drills,
    /// Seven rows whose year is mistaken: five years before the feed begins.
    Strays,
    /// Three days of a storm in half of the townships, delivered a week after it began.
    Storm,
    /// The smallest township becomes part of its nearest neighbour.
    Merger,
}

/// Every habit with its name and what it is.
pub const HABITS: [(Habit, &str); 11] = [
    (Habit::Undated, "undated"),
    (Habit::LoadDated, "load-dated"),
    (Habit::Monthly, "monthly"),
    (Habit::Cumulative, "cumulative"),
    (Habit::SameTime, "same-time"),
    (Habit::SecondDepartment, "second-department"),
    (Habit::Gap, "gap"),
    (Habit::Drills, "drills"),
    (Habit::Strays, "strays"),
    (Habit::Storm, "storm"),
    (Habit::Merger, "merger"),
];

impl Habit {
    /// The night, counted from the first, on which what the habit brings begins; before the first,
    /// with the load, where it is −1.
    pub fn begins(self) -> i64 {
        match self {
            Habit::Undated | Habit::LoadDated | Habit::Strays => -1,
            Habit::Monthly | Habit::Cumulative | Habit::SameTime | Habit::SecondDepartment => 0,
            Habit::Drills => 35,
            Habit::Gap => 41,
            Habit::Storm => 45,
            Habit::Merger => 59,
        }
    }
}

impl fmt::Display for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HABITS.iter().find(|(habit, _)| habit == self).map_or("", |h| h.1))
    }
}

/// A habit of one domain's departments, or of all: `monthly:petitions`, `monthly`.
#[derive(Clone, Copy, Debug)]
pub struct Practice {
    pub habit: Habit,
    /// `None`: every domain.
    pub domain: Option<&'static Domain>,
}

impl FromStr for Practice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Practice> {
        let (name, domain) = match text.split_once(':') {
            Some((name, domain)) => (name, Some(domain)),
            None => (text, None),
        };
        let habit = HABITS.iter().find(|(_, known)| *known == name).map(|h| h.0);
        let habit = habit.ok_or_else(|| {
            let known: Vec<&str> = HABITS.iter().map(|h| h.1).collect();
            Error::usage(format!("there is no habit {name}"), format!("give {}", known.join(", ")))
        })?;
        let domain = domain.map(|id| {
            Domain::find(id).ok_or_else(|| {
                let known: Vec<&str> = DOMAINS.iter().map(|d| d.id).collect();
                Error::usage(
                    format!("there is no domain {id}"),
                    format!("give {}", known.join(", ")),
                )
            })
        });
        let practice = Practice { habit, domain: domain.transpose()? };
        match practice {
            Practice { habit: Habit::Merger, domain: Some(_) } => Err(Error::usage(
                "a merger of townships is no habit of one domain",
                "give --habit merger",
            )),
            _ => Ok(practice),
        }
    }
}

/// The habits of one domain's departments.
#[derive(Clone, Debug)]
pub struct Habits(Vec<Habit>);

impl Habits {
    /// Those of a domain.
    pub fn of(practices: &[Practice], domain: &str) -> Habits {
        let here = practices.iter().filter(|p| p.domain.is_none_or(|d| d.id == domain));
        Habits(here.map(|p| p.habit).collect())
    }

    pub fn has(&self, habit: Habit) -> bool {
        self.0.contains(&habit)
    }
}
