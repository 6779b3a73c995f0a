//! Every area's index of the last whole month, and what took from it.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::index::{DomainModel, Indicator, Model};
use crate::job::Job;
use crate::panel::{Period, Unit};
use crate::warn::facts::{Cause, LastMonth, Standing};
use lake::schema::Domain;
use lake::{Columns, Derived, Result, Session};

/// Points below which a cause is left out: it would be written as 0.0.
const LEAST: f64 = 0.05;

/// The rows of `scores` and `contributions` of the last month that is over on the job's day.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub(in crate::warn) fn last_month(job: &Job, model: &Model) -> Result<LastMonth> {
    let month = month_before(job.as_of.day);
    Ok(LastMonth { standings: standings(job, model, &month)?, causes: causes(job, model, &month)? })
}

/// The last calendar month that is over at the end of a day.
fn month_before(day: NaiveDate) -> Period {
    let tomorrow = day + Days::new(1);
    let end = tomorrow - Days::new(u64::from(tomorrow.day()));
    Unit::Month.period(end, end)
}

/// Every area's index of a month, beside that of the month before and of the year before.
fn standings(job: &Job, model: &Model, month: &Period) -> Result<BTreeMap<String, Standing>> {
    if !job.lake.has(Derived::Scores) {
        return Ok(BTreeMap::new());
    }
    let (before, year_before) = (month.before().name, month.years_before(1).name);
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("scores", &job.lake.derived(Derived::Scores)?)?;
    let batches = session.collect(&format!(
        "with indices as (select * from scores where kind = 'index' and node = 'index' and period in ('{0}', '{before}', '{year_before}')) \
         select now.area_code, now.band, now.score, now.score - before.score as month_on_month, now.score - earlier.score as year_on_year, \
                now.rank, now.rank_lo, now.rank_hi, (select count(rank) from indices where period = '{0}') as ranked \
         from indices as now \
         left join indices as before on before.area_code = now.area_code and before.period = '{before}' \
         left join indices as earlier on earlier.area_code = now.area_code and earlier.period = '{year_before}' \
         where now.period = '{0}' and now.score is not null and now.rank is not null",
        month.name
    ))?;
    let mut standings = BTreeMap::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let (areas, bands) = (columns.required_text("area_code")?, columns.text("band")?);
        let (scores, ranks) = (columns.float("score")?, columns.whole("rank")?);
        let (monthly, yearly) = (columns.float("month_on_month")?, columns.float("year_on_year")?);
        let (lowest, highest) = (columns.whole("rank_lo")?, columns.whole("rank_hi")?);
        let ranked = columns.whole("ranked")?;
        for (row, area) in areas.into_iter().enumerate() {
            let (Some(score), Some(rank)) = (scores[row], ranks[row]) else { continue };
            let standing = Standing {
                period: month.name.clone(),
                score,
                month_on_month: monthly[row],
                year_on_year: yearly[row],
                rank,
                rank_lo: lowest[row].unwrap_or(rank),
                rank_hi: highest[row].unwrap_or(rank),
                of: ranked[row].unwrap_or(rank),
                good: bands[row].as_deref().is_some_and(|band| is_good(model, band)),
                band: bands[row].clone(),
            };
            standings.insert(area, standing);
        }
    }
    Ok(standings)
}

/// Whether a band is of the better half of a model's.
fn is_good(model: &Model, band: &str) -> bool {
    let from = model.band.iter().find(|b| b.name == band).map(|b| b.from);
    let better = |from: f64| model.band.iter().filter(|b| b.from > from).count();
    from.is_some_and(|from| 2 * (better(from) + 1) <= model.band.len())
}

/// What took most from every area's index since the month before, largest first. A feed that fell
/// silent is not among it: nobody in the area can do anything about that.
fn causes(job: &Job, model: &Model, month: &Period) -> Result<BTreeMap<String, Vec<Cause>>> {
    if !job.lake.has(Derived::Contributions) {
        return Ok(BTreeMap::new());
    }
    let labels: BTreeMap<String, String> = model.indicators().map(label).collect();
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("contributions", &job.lake.derived(Derived::Contributions)?)?;
    let batches = session.collect(&format!(
        "select area_code, node, sum(delta) as total from contributions \
         where period = '{}' and against = '{}' and part not in ('missing', 'weights') \
         group by area_code, node having sum(delta) <= -{LEAST} order by area_code, total, node",
        month.name,
        month.before().name
    ))?;
    let mut causes: BTreeMap<String, Vec<Cause>> = BTreeMap::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let (areas, nodes) = (columns.required_text("area_code")?, columns.required_text("node")?);
        for ((area, node), delta) in areas.into_iter().zip(nodes).zip(columns.float("total")?) {
            let Some(delta) = delta else { continue };
            let label = labels.get(&node).cloned().unwrap_or_else(|| cap_label(&node));
            causes.entry(area).or_default().push(Cause { node, label, delta });
        }
    }
    Ok(causes)
}

/// An indicator's node, and what officials call it, with the way it must have moved to take from
/// the index.
fn label((domain, indicator, node): (&DomainModel, &Indicator, String)) -> (String, String) {
    let of = Domain::find(&domain.id).map_or(domain.id.as_str(), |d| d.label);
    let way = if indicator.polarity.direction() > 0.0 { "下降" } else { "上升" };
    (node, format!("{of}领域“{}”{way}", indicator.label))
}

/// The label of a domain or of the index itself, which have no figure of their own: what took from
/// them is a cap.
fn cap_label(node: &str) -> String {
    match Domain::find(node) {
        Some(domain) => format!("{}领域一票否决", domain.label),
        None => "一票否决".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_counts_once_its_last_day_is_over() {
        let of = |day: &str| month_before(day.parse().unwrap());
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
            (cap_label("traffic"), cap_label("index")),
            ("交通安全领域一票否决".to_owned(), "一票否决".to_owned())
        );
    }
}
