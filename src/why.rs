//! A question asked of the index: why is an area's score what it is?

use chrono::NaiveDate;

use crate::asked::Asked;
use crate::index::explain::Explanation;
use crate::index::{self, Model, Question};
use crate::nightly::Options;
use crate::panel::{Period, Unit};
use crate::workspace::Workspace;
use lake::areas::{Register, Unresolved};
use lake::{Error, Result};

/// What is asked of [`explain`], as the user says it.
#[derive(Clone, Debug)]
pub struct Why<'a> {
    /// Code, name or alias of a scored area.
    pub area: &'a str,
    /// The period, as [`Period::parse`] reads it; the current month where not given.
    pub period: Option<&'a str>,
    /// Another period, another area, or `mean` for the whole; the period before where not given.
    pub against: Option<&'a str>,
}

/// Explains why an area's index is what it is. The panel is read as it stands; nothing is written.
///
/// # Errors
/// [`Error::Usage`] where an area or period is not known, and as [`crate::nightly::index`].
pub fn explain(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    why: &Why,
) -> Result<(Question, Explanation, Model)> {
    let asked = Asked::of(workspace, options, model)?;
    let question = question(&asked.register, options.as_of.day, why)?;
    let (explanation, model) = index::answer(&asked.job("explain"), model, &question)?;
    Ok((question, explanation, model))
}

fn question(register: &Register, last: NaiveDate, why: &Why) -> Result<Question> {
    let area = |written: &str| {
        let found = register.get(written).map_or_else(|| register.resolve(written, None), Ok);
        found.map(|a| a.code.clone()).map_err(|unresolved| not_found(written, &unresolved))
    };
    let period = match why.period {
        None => Unit::Month.period(last, last),
        Some(name) => Period::parse(name, last).ok_or_else(|| {
            Error::usage(
                format!("\"{name}\" is no period"),
                "write 2026, 2026-Q1, 2026-01, 2026-01/xun1, 2026-W05, 2026-01-31 or 2026-01-31/28d",
            )
        })?,
    };
    let code = area(why.area)?;
    let (against_area, against) = match why.against {
        None => (code.clone(), period.before()),
        Some("mean") => (register.root().code.clone(), period.clone()),
        Some(other) => match Period::parse(other, last) {
            Some(other) => (code.clone(), other),
            None => (area(other)?, period.clone()),
        },
    };
    Ok(Question { area: code, against_area, period, against })
}

fn not_found(written: &str, why: &Unresolved) -> Error {
    let fix = match why {
        Unresolved::Unknown { suggestion: Some(name) } => format!("was {name} meant?"),
        Unresolved::Ambiguous { candidates } => {
            format!("it may be {}; give the code", candidates.join(", "))
        }
        _ => "give a code or a name of areas.csv".to_owned(),
    };
    Error::usage(format!("\"{written}\" is no one area of the register"), fix)
}
