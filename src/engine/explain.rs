//! Why an area's index is what it is.

use chrono::NaiveDate;

use super::open::{Opened, Options};
use crate::index::explain::Explanation;
use crate::index::{self, Model, Question};
use crate::panel::{Period, Unit};
use crate::workspace::Workspace;
use lake::areas::{Area, Register, Unresolved};
use lake::{Error, Result};

/// What is compared, as the user writes it.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// Code, name or alias of a scored area.
    pub area: &'a str,
    /// The period, as [`Period::parse`] reads it; the current month where not given.
    pub period: Option<&'a str>,
    /// Another period, another area, or `mean` for the whole; the period before where not given.
    pub against: Option<&'a str>,
}

/// An explanation, and what it speaks of.
pub struct Explained {
    pub question: Question,
    pub explanation: Explanation,
    pub model: Model,
    pub register: Register,
}

/// Explains why an area's index is what it is. The panel is read as it stands; nothing is written.
///
/// # Errors
/// [`Error::Usage`] where an area or period is not known, and as [`super::index()`].
pub fn explain(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    comparison: &Comparison,
) -> Result<Explained> {
    let opened = Opened::for_reading(workspace, options)?;
    let model = opened.model(model)?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    let question = question(&opened.register, options.as_of.day, comparison)?;
    let job = opened.job("explain", "", &coverage, options.as_of);
    let explanation = index::explain_difference(&job, &model, &question)?;
    Ok(Explained { question, explanation, model, register: opened.register })
}

/// Reads areas and periods of a comparison; `last` is the as-of day.
fn question(register: &Register, last: NaiveDate, comparison: &Comparison) -> Result<Question> {
    let area = |written: &str| {
        let found = register.get(written).map_or_else(|| register.resolve(written, None), Ok);
        // A merged area is asked for under its heir.
        let heir = |a: &Area| register.heir(&a.code).unwrap_or(a).code.clone();
        found.map(heir).map_err(|unresolved| not_found(written, &unresolved))
    };
    let period = match comparison.period {
        None => Unit::Month.period(last, last),
        Some(name) => Period::parse(name, last).ok_or_else(|| {
            Error::usage(
                format!("\"{name}\" is no period"),
                "write 2026, 2026-Q1, 2026-01, 2026-01/xun1, 2026-W05, 2026-01-31 or 2026-01-31/28d",
            )
        })?,
    };
    let code = area(comparison.area)?;
    let (against_area, against) = match comparison.against {
        None => (code.clone(), period.before()),
        Some("mean") => (register.root().code.clone(), period.clone()),
        Some(other) => match Period::parse(other, last) {
            Some(other) => (code.clone(), other),
            None => (area(other)?, period.clone()),
        },
    };
    Ok(Question { area: code, against_area, period, against })
}

fn not_found(written: &str, unresolved: &Unresolved) -> Error {
    let fix = match unresolved {
        Unresolved::Unknown { suggestion: Some(name) } => format!("was {name} meant?"),
        Unresolved::Ambiguous { candidates } => {
            format!("it may be {}; give the code", candidates.join(", "))
        }
        _ => "give a code or a name of areas.csv, or the id of an event".to_owned(),
    };
    Error::usage(format!("\"{written}\" is no one area of the register"), fix)
}
