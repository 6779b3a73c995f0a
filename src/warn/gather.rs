//! What a letter states, looked up once: names, the index of the last whole month and what moved
//! it, measures and deadlines.

use lake::Derived;
use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};

use super::facts::{Cause, Earlier, Facts, Rise, Standing};
use super::settings::{LetterKind, Settings};
use super::warning::{Evidence, Warning};
use crate::detect::Detail;
use crate::index::{self, MODEL};
use crate::job::Job;
use crate::panel::{Period, Unit};
use lake::Result;
use lake::Session;
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;
use methods::calendar::working_day;

/// Parts of a change of the index that are told at most.
const CAUSES: usize = 5;
/// Points below which a part is not worth telling: it would be written as 0.0.
const LEAST: f64 = 0.05;

/// What a letter is to be about.
pub(super) struct Subject<'a> {
    pub warning: &'a Warning,
    pub kind: &'a LetterKind,
    /// The letter that it follows, where it is not the first.
    pub earlier: Option<Earlier>,
}

/// What all letters of a night are looked up in.
pub(super) struct Sources {
    taxonomy: Taxonomy,
    standings: BTreeMap<String, Standing>,
    causes: BTreeMap<String, Vec<Cause>>,
}

impl Sources {
    /// Reads taxonomy, model, and the last whole month's rows of `scores` and `contributions`.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where taxonomy or model is wrong, [`lake::Error::Delta`],
    /// [`lake::Error::Query`].
    pub(super) fn read(job: &Job) -> Result<Sources> {
        let taxonomy = job.workspace.taxonomy()?;
        let month = last_month(job.as_of.day);
        Ok(Sources { taxonomy, standings: standings(job, &month)?, causes: causes(job, &month)? })
    }

    /// The facts of one letter.
    pub(super) fn facts(&self, job: &Job, settings: &Settings, subject: &Subject) -> Facts {
        let Subject { warning, kind, earlier } = subject;
        let (code, today) = (&warning.area_code, job.as_of.day);
        let topic = settings.topic.iter().find(|t| t.id == warning.topic);
        Facts {
            kind: kind.id.clone(),
            kind_name: kind.name.clone(),
            county_name: job.workspace.config.name.clone(),
            area_code: code.clone(),
            area_name: name(job, code),
            topic: warning.topic.clone(),
            topic_name: topic.map_or(&warning.topic, |t| &t.name).clone(),
            level: warning.level,
            since: warning.opened,
            as_of: today,
            reply_by: working_day(today + Days::new(kind.reply_days.into())),
            limit_by: working_day(today + Days::new(kind.limit_days.into())),
            risen: warning.latest().map(|e| self.rise(job, e)).collect(),
            standing: self.standings.get(code).cloned(),
            causes: self.causes.get(code).cloned().unwrap_or_default(),
            measures: topic.map_or(Vec::new(), |t| t.measures.clone()),
            earlier: earlier.clone(),
        }
    }

    fn rise(&self, job: &Job, evidence: &Evidence) -> Rise {
        let domain = Domain::find(&evidence.domain);
        let domain_label = domain.map_or(evidence.domain.as_str(), |d| d.label);
        let known = domain
            .and_then(|d| self.taxonomy.list("category", d))
            .and_then(|list| list.label(&evidence.category));
        let label = match &evidence.detail {
            _ if evidence.category.is_empty() => domain_label,
            // A veto's category is its id; its evidence brings what officials call it.
            Detail::Veto(veto) => &veto.label,
            _ => known.unwrap_or(&evidence.category),
        };
        let mut evidence = evidence.clone();
        // A cluster lists codes, which no one reads.
        if let Detail::Cluster(cluster) = &mut evidence.detail {
            cluster.area_names = Some(cluster.areas.iter().map(|code| name(job, code)).collect());
        }
        Rise { domain_label: domain_label.to_owned(), label: label.to_owned(), evidence }
    }
}

/// An area's name, or its code where the register no longer has it.
fn name(job: &Job, code: &str) -> String {
    job.register.get(code).map_or(code, |area| &area.name).to_owned()
}

/// The last calendar month that is over at the end of a day.
fn last_month(day: NaiveDate) -> Period {
    let tomorrow = day + Days::new(1);
    let end = tomorrow - Days::new(u64::from(tomorrow.day()));
    Unit::Month.period(end, end)
}

/// Every area's index of a month, beside that of the month before and of the year before.
fn standings(job: &Job, month: &Period) -> Result<BTreeMap<String, Standing>> {
    if !job.lake.has(Derived::Scores) {
        return Ok(BTreeMap::new());
    }
    let (before, year_before) = (month.before().name, month.years_before(1).name);
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("scores", &job.lake.derived(Derived::Scores)?)?;
    let batches = session.collect(&format!(
        "with indices as (select * from scores where kind = 'index' and node = 'index' and period in ('{0}', '{before}', '{year_before}')) \
         select now.area_code, now.band, now.score, now.score - before.score, now.score - earlier.score, now.rank, now.rank_lo, now.rank_hi, \
                (select count(rank) from indices where period = '{0}') \
         from indices as now \
         left join indices as before on before.area_code = now.area_code and before.period = '{before}' \
         left join indices as earlier on earlier.area_code = now.area_code and earlier.period = '{year_before}' \
         where now.period = '{0}' and now.score is not null and now.rank is not null",
        month.name
    ))?;
    let mut standings = BTreeMap::new();
    for batch in &batches {
        let (areas, bands) = (texts(batch, 0)?, texts(batch, 1)?);
        for row in 0..batch.num_rows() {
            let (float, whole) =
                (|column| float(batch, column, row), |column| whole(batch, column, row));
            let (Some(area), Some(score), Some(rank)) = (text(&areas, row), float(2), whole(5))
            else {
                continue;
            };
            let standing = Standing {
                period: month.name.clone(),
                score,
                month_on_month: float(3),
                year_on_year: float(4),
                rank,
                rank_lo: whole(6).unwrap_or(rank),
                rank_hi: whole(7).unwrap_or(rank),
                of: whole(8).unwrap_or(rank),
                band: text(&bands, row),
            };
            standings.insert(area, standing);
        }
    }
    Ok(standings)
}

/// What took most from every area's index since the month before, largest first. A feed that fell
/// silent is not among it: nobody in the area can do anything about that.
fn causes(job: &Job, month: &Period) -> Result<BTreeMap<String, Vec<Cause>>> {
    if !job.lake.has(Derived::Contributions) {
        return Ok(BTreeMap::new());
    }
    let labels = labels(job)?;
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("contributions", &job.lake.derived(Derived::Contributions)?)?;
    let batches = session.collect(&format!(
        "select area_code, node, sum(delta) as taken from contributions \
         where period = '{}' and against = '{}' and part not in ('missing', 'weights') \
         group by area_code, node having sum(delta) <= -{LEAST} order by area_code, taken, node",
        month.name,
        month.before().name
    ))?;
    let mut causes: BTreeMap<String, Vec<Cause>> = BTreeMap::new();
    for batch in &batches {
        let (areas, nodes) = (texts(batch, 0)?, texts(batch, 1)?);
        for row in 0..batch.num_rows() {
            let (Some(area), Some(node), Some(delta)) =
                (text(&areas, row), text(&nodes, row), float(batch, 2, row))
            else {
                continue;
            };
            let of_area = causes.entry(area).or_default();
            if of_area.len() < CAUSES {
                let label = labels.get(&node).cloned().unwrap_or_else(|| capped(&node));
                of_area.push(Cause { node, label, delta });
            }
        }
    }
    Ok(causes)
}

/// What officials call each indicator's node, with the way it must have moved to take from the
/// index.
fn labels(job: &Job) -> Result<BTreeMap<String, String>> {
    let model = index::read_model(job.workspace, MODEL)?;
    let label = |(domain, indicator, node): (&index::DomainModel, &index::Indicator, String)| {
        let of = Domain::find(&domain.id).map_or(domain.id.as_str(), |d| d.label);
        let way = if indicator.polarity.direction() > 0.0 { "下降" } else { "上升" };
        (node, format!("{of}领域“{}”{way}", indicator.label))
    };
    Ok(model.indicators().map(label).collect())
}

/// A domain, or the index itself, has no figure of its own: what took from it is its cap.
fn capped(node: &str) -> String {
    match Domain::find(node) {
        Some(domain) => format!("{}领域一票否决", domain.label),
        None => "一票否决".to_owned(),
    }
}

fn texts(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8)?)
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    let values = column.as_string_opt::<i32>()?;
    (!values.is_null(row)).then(|| values.value(row).to_owned())
}

fn float(batch: &RecordBatch, column: usize, row: usize) -> Option<f64> {
    let values = batch.column(column).as_primitive_opt::<Float64Type>()?;
    (!values.is_null(row)).then(|| values.value(row)).filter(|x| x.is_finite())
}

fn whole(batch: &RecordBatch, column: usize, row: usize) -> Option<i64> {
    let values = batch.column(column).as_primitive_opt::<Int64Type>()?;
    (!values.is_null(row)).then(|| values.value(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_counts_once_its_last_day_is_over() {
        let of = |day: &str| last_month(day.parse().unwrap());
        assert_eq!(of("2026-01-31").name, "2026-01");
        assert_eq!(of("2026-01-30").name, "2025-12");
        let december = of("2026-01-30");
        assert_eq!(
            (december.start.to_string(), december.end.to_string()),
            ("2025-12-01".to_owned(), "2025-12-31".to_owned())
        );
    }

    #[test]
    fn a_cap_is_named() {
        assert_eq!(
            (capped("traffic"), capped("index")),
            ("交通安全领域一票否决".to_owned(), "一票否决".to_owned())
        );
    }
}
