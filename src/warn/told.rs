//! What a night told: the rows of `findings` as of it, and the vetoes that cap the index.

use lake::Derived;
use std::collections::BTreeMap;

use chrono::Days;

use super::columns::{Cells, day, figure};
use super::rules::Told;
use super::settings::Settings;
use super::warning::Evidence;
use crate::detect::detail::Veto;
use crate::detect::{Detail, Kind};
use crate::index;
use crate::job::Job;
use crate::panel::Unit;
use lake::Session;
use lake::{Error, Result};
use methods::Flaw;

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
    let kinds: Vec<String> =
        settings.findings.kinds.iter().map(|k| format!("'{}'", k.name())).collect();
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
        for row in 0..batch.num_rows() {
            let decoded = Detail::decode(kind.value(row), method.value(row), detail.value(row));
            let unreadable = |flaw: Flaw| {
                let row = [area.value(row), domain.value(row), category.value(row)].join(" ");
                let folder = job.workspace.lake().join("findings");
                let what = format!("row {} {}: {}", job.as_of.day, row.trim_end(), flaw.what);
                Error::input(&folder, what, flaw.fix)
            };
            told.push(Told {
                area_code: area.value(row).to_owned(),
                evidence: Evidence {
                    told: job.as_of.day,
                    domain: domain.value(row).to_owned(),
                    category: category.value(row).to_owned(),
                    method: method.value(row).to_owned(),
                    period_start: day(&start, row),
                    period_end: day(&end, row),
                    observed: figure(&observed, row),
                    expected: figure(&expected, row),
                    lower: figure(&lower, row),
                    upper: figure(&upper, row),
                    p: figure(&p, row),
                    q: figure(&q, row),
                    detail: decoded.map_err(unreadable)?,
                },
            });
        }
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
            let events: Vec<String> = events.split(' ').map(str::to_owned).collect();
            told.push(Told {
                area_code: area.value(row).to_owned(),
                evidence: Evidence {
                    told: last,
                    domain: (*domain).to_owned(),
                    category: id.to_owned(),
                    method: Kind::Veto.name().to_owned(),
                    period_start: start,
                    period_end: end.min(last),
                    observed: Some(events.len() as f64),
                    expected: None,
                    lower: None,
                    upper: None,
                    p: None,
                    q: None,
                    detail: Detail::Veto(Veto {
                        events,
                        label: (*label).to_owned(),
                        period: period.value(row).to_owned(),
                    }),
                },
            });
        }
    }
    Ok(told)
}
