//! Which events fulfil a model's vetoes, and whom they cap.

use std::collections::BTreeMap;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type};

use super::grid::ScoredAreas;
use super::model::{Model, Veto};
use crate::panel::Period;
use lake::areas::Register;
use lake::{AsOf, Lake, Limits, Session};
use lake::{Error, Result};
use methods::index::veto::Caps;

/// An event that fulfils a veto: its id, its local day since 1970, its area.
type Event = (String, i32, String);

/// Events that fulfil each veto.
pub struct VetoEvents<'a> {
    found: Vec<(&'a Veto, Vec<Event>)>,
}

impl<'a> VetoEvents<'a> {
    /// Finds the events of all periods, as they were known then; reads nothing where the model has
    /// no vetoes.
    ///
    /// # Errors
    /// [`Error::Query`] where a condition is wrong, [`Error::Delta`].
    pub fn find(
        model: &'a Model,
        lake: &Lake,
        periods: &[Period],
        as_of: &AsOf,
        limits: &Limits,
    ) -> Result<VetoEvents<'a>> {
        let (first, last) =
            (periods.iter().map(|p| p.start).min(), periods.iter().map(|p| p.end).max());
        let mut found = Vec::new();
        let Some((first, last)) = first.zip(last).filter(|_| !model.veto.is_empty()) else {
            return Ok(VetoEvents { found });
        };
        let session = Session::new(lake, limits)?;
        session.register_lake(lake, as_of)?;
        for veto in &model.veto {
            let sql = current(
                veto,
                &format!("day between date '{first}' and date '{last}' and ({})", veto.condition),
            );
            let batches = session.collect(&sql)?;
            let mut events = Vec::new();
            for batch in &batches {
                events.extend(read(batch)?);
            }
            found.push((veto, events));
        }
        Ok(VetoEvents { found })
    }

    /// The caps of one period: an event caps its own area among the ranked ones, not the whole.
    pub fn caps(
        &self,
        model: &Model,
        register: &Register,
        units: &ScoredAreas,
        period: &Period,
    ) -> Caps {
        let mut caps = Caps::new(units.areas.len(), model.domain.len() + 1);
        let day = Date32Type::from_naive_date;
        let row: BTreeMap<&str, usize> =
            units.areas.iter().enumerate().map(|(row, a)| (a.code.as_str(), row)).collect();
        for (veto, events) in &self.found {
            let mut of_area: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
            for (id, _, area) in events
                .iter()
                .filter(|(_, on, _)| (day(period.start)..=day(period.end)).contains(on))
            {
                let above =
                    register.ancestor_at(area, &model.level).and_then(|a| row.get(a.code.as_str()));
                if let Some(area) = above {
                    of_area.entry(*area).or_default().push(id);
                }
            }
            let node =
                model.domain.iter().position(|d| d.id == veto.caps).unwrap_or(model.domain.len());
            for (area, ids) in of_area {
                caps.add(area, node, veto.at, format!("{}: {}", veto.id, ids.join(" ")));
            }
        }
        caps
    }
}

/// Whether every veto's condition can be planned.
///
/// # Errors
/// [`Error::Config`] that names the veto.
pub fn check(
    model: &Model,
    file: &std::path::Path,
    lake: &Lake,
    as_of: &AsOf,
    limits: &Limits,
) -> Result<()> {
    let session = Session::new(lake, limits)?;
    session.register_lake(lake, as_of)?;
    for veto in &model.veto {
        session.sql(&current(veto, &veto.condition)).map_err(|e| {
            Error::config(
                file,
                format!("the condition of veto \"{}\" is wrong: {e}", veto.id),
                format!("correct `where`; the columns are those of {}", veto.domain),
            )
        })?;
    }
    Ok(())
}

/// The current events that fulfil a condition. Only events of which some version does are sorted
/// into their versions.
fn current(veto: &Veto, condition: &str) -> String {
    let domain = &veto.domain;
    format!(
        "with candidates as (select distinct event_id from {domain}__all where {condition}), \
         versions as (select *, row_number() over (partition by event_id order by recorded_at desc, delivered_at desc nulls last, batch_id desc) as version \
                      from {domain}__all where event_id in (select event_id from candidates)) \
         select event_id, day, area_code from versions where version = 1 and not withdrawn and {condition} order by event_id"
    )
}

fn read(batch: &RecordBatch) -> Result<Vec<Event>> {
    let (ids, areas) =
        (cast(batch.column(0), &DataType::Utf8)?, cast(batch.column(2), &DataType::Utf8)?);
    let (ids, days, areas) = (
        ids.as_string::<i32>(),
        batch.column(1).as_primitive::<Date32Type>(),
        areas.as_string::<i32>(),
    );
    Ok((0..batch.num_rows())
        .map(|row| (ids.value(row).to_owned(), days.value(row), areas.value(row).to_owned()))
        .collect())
}
