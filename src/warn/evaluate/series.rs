//! The weekly counts of a letter's series in every township, as they are known now.

use lake::Derived;
use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type};

use crate::detect::{self, Kind};
use crate::job::Job;
use crate::panel::{self, Places, Wanted};
use crate::warn::facts::Facts;
use lake::Result;
use lake::Session;
use lake::areas::Area;

/// Weeks read before the letter's night at most: as many as detection looks at.
const MOST_WEEKS: usize = 261;

/// Counts of one letter's series, week by week.
pub(super) struct Courses {
    pub codes: Vec<String>,
    /// One row an area; NaN where a feed did not deliver the whole week.
    pub counts: Vec<Vec<f64>>,
    /// Place of the letter's area; `None` where it is not of the watched level.
    pub treated: Option<usize>,
    /// Areas without a warning on the same topic from the letter to the end of the weeks judged.
    pub eligible: Vec<bool>,
    /// Weeks up to the letter's night.
    pub night: usize,
}

/// Domains and categories that rose; a domain as a whole only where none of its categories did. A
/// veto is no series.
pub(super) fn of(facts: &Facts) -> Vec<(String, String)> {
    let rises = || facts.risen.iter().map(|r| &r.evidence).filter(|e| e.kind() != Kind::Veto);
    let named: BTreeSet<&str> =
        rises().filter(|e| !e.category.is_empty()).map(|e| e.domain.as_str()).collect();
    let series = rises().filter(|e| !e.category.is_empty() || !named.contains(e.domain.as_str()));
    let series: BTreeSet<(String, String)> =
        series.map(|e| (e.domain.clone(), e.category.clone())).collect();
    series.into_iter().collect()
}

/// Whether more of these days is still to be reported.
pub(super) fn is_late(job: &Job, domain: &str, from: NaiveDate, to: NaiveDate) -> bool {
    job.coverage.delivered(domain, from, to).len() > job.coverage.days(domain, from, to).len()
}

/// Counts of the weeks that end on the letter's weekday, up to `to`.
///
/// # Errors
/// [`lake::Error::Config`], [`lake::Error::Delta`], [`lake::Error::Query`].
pub(super) fn read(
    job: &Job,
    facts: &Facts,
    series: &[(String, String)],
    to: NaiveDate,
) -> Result<Courses> {
    let settings = detect::Settings::read(job.workspace)?;
    let domains: BTreeSet<&str> = series.iter().map(|(domain, _)| domain.as_str()).collect();
    let start = domains
        .iter()
        .filter_map(|d| job.coverage.feeds.get(d))
        .map(|(first, _)| *first)
        .max()
        .unwrap_or(facts.as_of);
    let night = (((facts.as_of - start).num_days().max(0) / 7) as usize).min(MOST_WEEKS);
    let first = facts.as_of - Days::new(7 * night as u64) + Days::new(1);
    let weeks = ((to - first).num_days() + 1).max(0) as usize / 7;
    let areas: Vec<&Area> = job.register.at_level(&settings.level).collect();
    let codes: Vec<String> = areas.iter().map(|a| a.code.clone()).collect();
    let places = Places::of(job.register, &areas);

    let known = known(job, &domains, first, weeks);
    let mut counts: Vec<Vec<f64>> = codes
        .iter()
        .map(|_| known.iter().map(|k| if *k { 0.0 } else { f64::NAN }).collect())
        .collect();
    let since = Date32Type::from_naive_date(first);
    let indicator = |domain: &str| settings.watch.get(domain).map_or("events", String::as_str);
    let indicators: BTreeSet<&str> = domains.iter().map(|domain| indicator(domain)).collect();
    let wanted = Wanted {
        indicators: Some(indicators.into_iter().map(str::to_owned).collect()),
        days: Some(vec![(first, to)]),
    };
    panel::read(
        job.lake,
        &wanted,
        &["indicator", "category", "area_code", "day", "num"],
        &job.as_of,
        job.limits,
        |rows| {
            let (categories, above) =
                (rows.texts("category")?, places.above(rows.texts("area_code")?));
            let (days, n) = (rows.days("day")?, rows.counts("num")?);
            let of_series: Vec<bool> = categories
                .values
                .iter()
                .map(|category| is_of(series, &rows.domain, category.unwrap_or("")))
                .collect();
            for (_, run) in rows
                .texts("indicator")?
                .runs()
                .filter(|(of_run, _)| *of_run == indicator(&rows.domain))
            {
                for row in run.filter(|row| of_series[categories.keys[*row] as usize]) {
                    let week = usize::try_from((days[row] - since) / 7).ok();
                    for place in above(row) {
                        if let Some(count) =
                            week.and_then(|week| counts.get_mut(*place)?.get_mut(week))
                        {
                            *count += n[row] as f64;
                        }
                    }
                }
            }
            Ok(())
        },
    )?;
    let warned = warned(job, facts, to)?;
    let eligible = codes.iter().map(|code| !warned.contains(code)).collect();
    Ok(Courses {
        treated: codes.iter().position(|code| *code == facts.area_code),
        counts,
        eligible,
        night,
        codes,
    })
}

/// Whether a category of a domain is among the series; one without a category is all of a domain.
fn is_of(series: &[(String, String)], domain: &str, category: &str) -> bool {
    series.iter().any(|(of_domain, of)| of_domain == domain && (of.is_empty() || of == category))
}

/// Which weeks every domain's feed covers wholly.
fn known(job: &Job, domains: &BTreeSet<&str>, first: NaiveDate, weeks: usize) -> Vec<bool> {
    let Some(last) = (7 * weeks as u64).checked_sub(1).map(|days| first + Days::new(days)) else {
        return Vec::new();
    };
    let mut known = vec![true; weeks];
    for domain in domains {
        let mut days = vec![0; weeks];
        for day in job.coverage.days(domain, first, last) {
            if let Some(n) = usize::try_from((day - first).num_days() / 7)
                .ok()
                .and_then(|week| days.get_mut(week))
            {
                *n += 1;
            }
        }
        known.iter_mut().zip(days).for_each(|(known, n)| *known &= n == 7);
    }
    known
}

/// Areas that had a warning on the letter's topic open at some time between its night and `to`:
/// what they did may be a letter's doing too.
fn warned(job: &Job, facts: &Facts, to: NaiveDate) -> Result<BTreeSet<String>> {
    if !job.lake.has(Derived::Warnings) {
        return Ok(BTreeSet::new());
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("warnings", &job.lake.derived(Derived::Warnings)?)?;
    let batches = session.collect(&format!(
        "select distinct area_code from warnings where topic = '{}' and cast(opened_at as date) <= date '{to}' \
         and (closed_at is null or cast(closed_at as date) >= date '{}')",
        facts.topic.replace('\'', "''"),
        facts.as_of
    ))?;
    let mut areas = BTreeSet::new();
    for batch in &batches {
        let column = cast(batch.column(0), &DataType::Utf8)?;
        areas.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    Ok(areas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_counts_as_a_whole_only_where_no_category_rose() {
        let facts = crate::warn::draft::tests::facts_of(&[
            ("disputes", "", "spike"),
            ("disputes", "neighbour", "trend"),
            ("traffic", "", "spike"),
            ("petitions", "大事", "veto"),
        ]);
        let series = of(&facts);
        assert_eq!(
            series,
            [
                ("disputes".to_owned(), "neighbour".to_owned()),
                ("traffic".to_owned(), String::new())
            ]
        );
    }
}
