//! What a night told: the rows of `findings` as of it, and the vetoes that cap the index.

use lake::Derived;
use std::collections::BTreeMap;

use chrono::Days;
use serde_json::{Map, Value, json};

use super::columns::{Cells, day, figure};
use super::rising::VETO;
use super::rules::Told;
use super::settings::Settings;
use super::warning::Evidence;
use crate::index;
use crate::job::Job;
use crate::panel::Unit;
use lake::Result;
use lake::Session;

/// The findings of the kinds that count and the vetoes, of areas below the whole, in the table's
/// order.
///
/// # Errors
/// [`lake::Error::Query`], [`lake::Error::Delta`], [`lake::Error::Config`] where the index model
/// is wrong.
pub(super) fn tonight(job: &Job, settings: &Settings) -> Result<Vec<Told>> {
    let mut told = findings(job, settings)?;
    told.extend(vetoes(job, settings)?);
    let root = &job.register.root().code;
    told.retain(|t| t.area_code != *root && job.register.get(&t.area_code).is_some());
    Ok(told)
}

fn findings(job: &Job, settings: &Settings) -> Result<Vec<Told>> {
    if !job.lake.has(Derived::Findings) {
        return Ok(Vec::new());
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("findings", &job.lake.derived(Derived::Findings)?)?;
    let kinds: Vec<String> = settings.findings.kinds.iter().map(|k| format!("'{k}'")).collect();
    let batches = session.collect(&format!(
        "select area_code, domain, category, kind, method, period_start, period_end, observed, expected, lower, upper, p, q, detail from findings \
         where as_of = arrow_cast('{}', 'Timestamp(Microsecond, Some(\"UTC\"))') and kind in ({}) \
         order by area_code, domain, category, kind, method, period_start",
        job.as_of.instant.to_rfc3339(),
        kinds.join(", ")
    ))?;
    let mut told = Vec::new();
    for batch in &batches {
        let cells = Cells(batch);
        let [area, domain, category] =
            [cells.text("area_code")?, cells.text("domain")?, cells.text("category")?];
        let [kind, method, detail] =
            [cells.text("kind")?, cells.text("method")?, cells.text("detail")?];
        let [start, end] = [cells.day("period_start")?, cells.day("period_end")?];
        let [observed, expected, lower, upper] = [
            cells.figure("observed")?,
            cells.figure("expected")?,
            cells.figure("lower")?,
            cells.figure("upper")?,
        ];
        let [p, q] = [cells.figure("p")?, cells.figure("q")?];
        told.extend((0..batch.num_rows()).map(|row| Told {
            area_code: area.value(row).to_owned(),
            evidence: Evidence {
                told: job.as_of.day,
                domain: domain.value(row).to_owned(),
                category: category.value(row).to_owned(),
                kind: kind.value(row).to_owned(),
                method: method.value(row).to_owned(),
                period_start: day(&start, row),
                period_end: day(&end, row),
                observed: figure(&observed, row),
                expected: figure(&expected, row),
                lower: figure(&lower, row),
                upper: figure(&upper, row),
                p: figure(&p, row),
                q: figure(&q, row),
                detail: serde_json::from_str(detail.value(row)).unwrap_or_default(),
            },
        }));
    }
    Ok(told)
}

/// Caps of the index in the months that touch the period before the night.
fn vetoes(job: &Job, settings: &Settings) -> Result<Vec<Told>> {
    if !job.lake.has(Derived::Scores) {
        return Ok(Vec::new());
    }
    let model = index::read_model(job.workspace, index::MODEL)?;
    let labels: BTreeMap<&str, (&str, &str)> =
        model.veto.iter().map(|v| (v.id.as_str(), (v.domain.as_str(), v.label.as_str()))).collect();
    if labels.is_empty() {
        return Ok(Vec::new());
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("scores", &job.lake.derived(Derived::Scores)?)?;
    let last = job.as_of.day;
    let batches = session.collect(&format!(
        "select period, period_start, period_end, area_code, capped_by from scores where kind = 'index' and capped_by is not null \
         and period_end >= date '{}' and period_start <= date '{last}' and as_of <= arrow_cast('{}', 'Timestamp(Microsecond, Some(\"UTC\"))') \
         order by area_code, period_start, period",
        last - Days::new(u64::from(settings.levels.period_days)),
        job.as_of.instant.to_rfc3339(),
    ))?;
    let mut told = Vec::new();
    for batch in &batches {
        let cells = Cells(batch);
        let [period, area, by] =
            [cells.text("period")?, cells.text("area_code")?, cells.text("capped_by")?];
        let [start, end] = [cells.day("period_start")?, cells.day("period_end")?];
        for row in 0..batch.num_rows() {
            let (start, end) = (day(&start, row), day(&end, row));
            // The same events cap other stretches as well, where someone has scored them.
            if Unit::Month.period(start, end).name != period.value(row) {
                continue;
            }
            let Some((id, events)) = by.value(row).split_once(": ") else { continue };
            let Some((domain, label)) = labels.get(id) else { continue };
            let events: Vec<&str> = events.split(' ').collect();
            let detail = Map::from_iter([
                ("events".to_owned(), json!(events)),
                ("label".to_owned(), Value::from(*label)),
                ("period".to_owned(), Value::from(period.value(row))),
            ]);
            told.push(Told {
                area_code: area.value(row).to_owned(),
                evidence: Evidence {
                    told: last,
                    domain: (*domain).to_owned(),
                    category: id.to_owned(),
                    kind: VETO.to_owned(),
                    method: VETO.to_owned(),
                    period_start: start,
                    period_end: end.min(last),
                    observed: Some(events.len() as f64),
                    expected: None,
                    lower: None,
                    upper: None,
                    p: None,
                    q: None,
                    detail,
                },
            });
        }
    }
    Ok(told)
}
