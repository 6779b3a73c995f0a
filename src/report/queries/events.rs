//! The events that the queries of the report see: those of the months compared, older ones that
//! are open or in which something has happened since.

use std::collections::{BTreeMap, HashSet};

use chrono::{Days, NaiveDate};
use lake::error::Result;
use lake::schema::{DOMAINS, Domain, Kind};
use lake::{Session, columns_read, explain_sql};

use super::Query;
use crate::report::inputs::Inputs;

/// Columns of instants that are no step of a case.
const NO_STEPS: [&str; 4] = ["occurred_at", "recorded_at", "delivered_at", "due_at"];

/// Puts them into memory, the columns that some query reads alone and no rows of totals: which
/// version of an event is the current one is found once, not once a query.
///
/// # Errors
/// [`lake::Error::Usage`] where a query cannot be planned.
pub fn hold(session: &Session, inputs: &Inputs, queries: &[&Query]) -> Result<()> {
    let read = read(session, queries)?;
    let first_day = first_day(inputs);
    for domain in &DOMAINS {
        let read = &read[domain.id];
        let columns: Vec<&str> =
            domain.columns().map(|c| c.name).filter(|c| read.contains(*c)).collect();
        session.hold_current(domain, &columns, &condition(domain, &columns, first_day))?;
    }
    Ok(())
}

/// The columns of each domain that some query reads. A day at least, so that events can be counted.
fn read(session: &Session, queries: &[&Query]) -> Result<BTreeMap<&'static str, HashSet<String>>> {
    let mut read: BTreeMap<_, _> =
        DOMAINS.iter().map(|d| (d.id, HashSet::from(["day".to_owned()]))).collect();
    for query in queries {
        let plan = session.sql(&query.sql).map_err(|e| explain_sql(e, &query.id))?;
        for (table, columns) in columns_read(&plan)? {
            if let Some(read) = read.get_mut(table.trim_end_matches("__all")) {
                read.extend(columns);
            }
        }
        for needed in query.needed() {
            if let Some(read) = read.get_mut(needed.table) {
                read.insert(needed.column.to_owned());
            }
        }
    }
    Ok(read)
}

/// The first day of the same month a year before, or earlier where cases that relapse are looked
/// for further back.
fn first_day(inputs: &Inputs) -> NaiveDate {
    const CENTURY: f64 = 36_525.0;
    let days = inputs.sources.thresholds.limits.relapse_days.min(CENTURY).ceil();
    let relapse = Days::new(days as u64 + 1);
    let start = inputs.month().start;
    inputs.month().years_before(1).start.min(start - relapse)
}

/// What is held of a domain, as SQL over its columns.
fn condition(domain: &Domain, read: &[&str], first_day: NaiveDate) -> String {
    // An instant of that day in any time zone is later than this.
    let instant = format!("timestamp '{}T00:00:00Z'", first_day - Days::new(1));
    let steps = domain.columns().filter(|c| c.kind == Kind::Instant && !NO_STEPS.contains(&c.name));
    let mut kept = vec![format!("day >= date '{first_day}'")];
    kept.extend(steps.map(|c| format!("{} >= {instant}", c.name)));
    if read.contains(&"resolved_at") || read.contains(&"outcome") {
        kept.push("(resolved_at is null and (outcome is null or outcome = 'unsolved'))".to_owned());
    }
    format!("count is null and ({})", kept.join(" or "))
}
