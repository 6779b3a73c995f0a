//! What a night found: the rows of `findings` as of it, and the vetoes that cap the index.

use std::collections::BTreeMap;

use super::parts::add_parts;
use crate::circumstances::{Circumstances, Days};
use crate::detect::detail::Veto;
use crate::detect::{self, Detail, Kind};
use crate::index::Model;
use crate::job::Job;
use crate::panel::Unit;
use crate::warn::part::Part;
use crate::warn::settings::Settings;
use crate::warn::severity::qualifies;
use crate::warn::spread::is_spread;
use crate::warn::warning::{Evidence, Found};
use lake::areas::Register;
use lake::{Columns, Derived, Error, Result, Session};
use methods::Flaw;

/// The findings of the kinds that count and the vetoes, of areas that live on the night, in the
/// table's order; without those that a circumstance sets aside. Those of the whole county are among
/// them where its areas have risen together.
///
/// # Errors
/// [`Error::Input`] where a row's detail cannot be read, [`Error::Query`], [`Error::Delta`].
pub(in crate::warn) fn found(
    job: &Job,
    settings: &Settings,
    detection: &detect::Settings,
    model: &Model,
    circumstances: &Circumstances,
) -> Result<Vec<Found>> {
    let mut found = findings(job, settings)?;
    found.retain(|f| !is_set_aside(&f.area_code, &f.evidence, circumstances, job.register));
    found.extend(vetoes(job, settings, model)?);
    found.retain(|f| lives(job, &f.area_code));
    let root = &job.register.root().code;
    let (whole, mut found): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|f| f.area_code == *root);
    found.extend(county_wide(job, settings, detection, circumstances, whole)?);
    Ok(found)
}

/// The rises of the whole that are ones of its areas together, with what each area has of them.
fn county_wide(
    job: &Job,
    settings: &Settings,
    detection: &detect::Settings,
    circumstances: &Circumstances,
    mut whole: Vec<Found>,
) -> Result<Vec<Found>> {
    whole.retain(|f| f.evidence.kind() != Kind::Veto && qualifies(&f.evidence, &settings.findings));
    let mut evidence: Vec<&mut Evidence> = whole.iter_mut().map(|f| &mut f.evidence).collect();
    add_parts(job, detection, &mut evidence)?;
    whole.retain(|Found { evidence: e, .. }| {
        // What is set aside in some areas must not be told to all of them.
        let counts = |part: &&Part| !is_set_aside(&part.area_code, e, circumstances, job.register);
        let parts: Vec<Part> = e.parts.iter().filter(counts).cloned().collect();
        let dispersion = e.detail.dispersion().unwrap_or(1.0);
        is_spread(&parts, dispersion, &settings.county, &settings.findings)
    });
    Ok(whole)
}

/// Whether a circumstance lies on the days that make a finding.
fn is_set_aside(
    area: &str,
    e: &Evidence,
    circumstances: &Circumstances,
    register: &Register,
) -> bool {
    let (from, to) = detect::days_judged((e.period_start, e.period_end));
    circumstances.setting_aside(register, Days { area, domain: &e.domain, from, to }).is_some()
}

/// Whether an area of the register lives on the night, and was not merged into another.
pub(in crate::warn) fn lives(job: &Job, code: &str) -> bool {
    let area = job.register.get(code);
    area.is_some_and(|a| a.lives_on(job.as_of.day)) && !job.register.is_merged(code)
}

fn findings(job: &Job, settings: &Settings) -> Result<Vec<Found>> {
    if !job.lake.has(Derived::Findings) {
        return Ok(Vec::new());
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("findings", &job.lake.derived(Derived::Findings)?)?;
    let kinds: Vec<String> =
        settings.findings.kinds.iter().map(|kind| format!("'{}'", kind.name())).collect();
    let batches = session.collect(&format!(
        "select area_code, domain, category, kind, method, period_start, period_end, observed, expected, lower, upper, p, q, detail from findings \
         where as_of = arrow_cast('{}', 'Timestamp(Microsecond, Some(\"UTC\"))') and kind in ({}) \
         order by area_code, domain, category, kind, method, period_start",
        job.as_of.instant.to_rfc3339(),
        kinds.join(", ")
    ))?;
    let mut found = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let text = |name: &str| columns.required_text(name);
        let (area, domain, category) = (text("area_code")?, text("domain")?, text("category")?);
        let (kind, method, detail) = (text("kind")?, text("method")?, text("detail")?);
        let (start, end) =
            (columns.required_day("period_start")?, columns.required_day("period_end")?);
        let figures = |name: &str| columns.float(name);
        let (observed, expected) = (figures("observed")?, figures("expected")?);
        let (lower, upper) = (figures("lower")?, figures("upper")?);
        let (p, q) = (figures("p")?, figures("q")?);
        for row in 0..batch.num_rows() {
            let unreadable = |flaw: Flaw| {
                let folder = job.workspace.lake().join("findings");
                let of = [job.as_of.day.to_string().as_str(), &area[row], &domain[row]].join(" ");
                let what = format!("row {of} {}: {}", category[row], flaw.what);
                Error::input(&folder, what, flaw.fix)
            };
            found.push(Found {
                area_code: area[row].clone(),
                evidence: Evidence {
                    night: job.as_of.day,
                    domain: domain[row].clone(),
                    category: category[row].clone(),
                    method: method[row].clone(),
                    period_start: start[row],
                    period_end: end[row],
                    observed: observed[row],
                    expected: expected[row],
                    lower: lower[row],
                    upper: upper[row],
                    p: p[row],
                    q: q[row],
                    detail: Detail::decode(&kind[row], &method[row], &detail[row])
                        .map_err(unreadable)?,
                    parts: Vec::new(),
                },
            });
        }
    }
    Ok(found)
}

/// Caps of the index in the months that touch the period before the night.
fn vetoes(job: &Job, settings: &Settings, model: &Model) -> Result<Vec<Found>> {
    if !job.lake.has(Derived::Scores) || model.veto.is_empty() {
        return Ok(Vec::new());
    }
    let vetoes: BTreeMap<&str, (&str, &str)> =
        model.veto.iter().map(|v| (v.id.as_str(), (v.domain.as_str(), v.label.as_str()))).collect();
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("scores", &job.lake.derived(Derived::Scores)?)?;
    let last = job.as_of.day;
    let batches = session.collect(&format!(
        "select period, period_start, period_end, area_code, capped_by from scores where kind = 'index' and capped_by is not null \
         and period_end >= date '{}' and period_start <= date '{last}' and as_of <= arrow_cast('{}', 'Timestamp(Microsecond, Some(\"UTC\"))') \
         order by area_code, period_start, period",
        last - chrono::Days::new(u64::from(settings.levels.period_days)),
        job.as_of.instant.to_rfc3339(),
    ))?;
    let mut found = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let [period, area, by] =
            ["period", "area_code", "capped_by"].map(|name| columns.required_text(name));
        let (period, area, by) = (period?, area?, by?);
        let (start, end) =
            (columns.required_day("period_start")?, columns.required_day("period_end")?);
        for row in 0..batch.num_rows() {
            // The same events cap other stretches as well, where someone has scored them.
            if Unit::Month.period(start[row], end[row]).name != period[row] {
                continue;
            }
            let Some((id, events)) = by[row].split_once(": ") else { continue };
            let Some((domain, label)) = vetoes.get(id) else { continue };
            let events: Vec<String> = events.split(' ').map(str::to_owned).collect();
            found.push(Found {
                area_code: area[row].clone(),
                evidence: Evidence {
                    night: last,
                    domain: (*domain).to_owned(),
                    category: id.to_owned(),
                    method: Kind::Veto.name().to_owned(),
                    period_start: start[row],
                    period_end: end[row].min(last),
                    observed: Some(events.len() as f64),
                    expected: None,
                    lower: None,
                    upper: None,
                    p: None,
                    q: None,
                    detail: Detail::Veto(Veto {
                        events,
                        label: (*label).to_owned(),
                        period: period[row].clone(),
                    }),
                    parts: Vec::new(),
                },
            });
        }
    }
    Ok(found)
}
