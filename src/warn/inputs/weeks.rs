//! The weekly counts of a letter's series in every area, as they are known now.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use datafusion::arrow::datatypes::Date32Type;

use crate::detect;
use crate::job::Job;
use crate::panel::{self, Places, Wanted};
use crate::warn::evaluate::{Due, WeeklyCounts};
use lake::Result;
use lake::areas::Area;

/// Weeks read before the letter's night at most: as many as detection looks at.
const MOST_WEEKS: usize = 261;

/// Counts of the weeks that end on the letter's weekday, up to the end of what is judged.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub(in crate::warn) fn weekly_counts(
    job: &Job,
    detection: &detect::Settings,
    due: &Due,
) -> Result<WeeklyCounts> {
    let (series, last_day) = (&due.series, due.to);
    let domains: BTreeSet<&str> = series.iter().map(|(domain, _)| domain.as_str()).collect();
    let night_of_letter = due.facts.as_of;
    let start = domains
        .iter()
        .filter_map(|d| job.coverage.feeds.get(d))
        .map(|feed| feed.first)
        .max()
        .unwrap_or(night_of_letter);
    let night = (((night_of_letter - start).num_days().max(0) / 7) as usize).min(MOST_WEEKS);
    let first = night_of_letter - Days::new(7 * night as u64) + Days::new(1);
    let weeks = ((last_day - first).num_days() + 1).max(0) as usize / 7;
    // An area is held against those that lived through all the weeks.
    let lived =
        |a: &&Area| a.lives_on(last_day) && (a.lives_on(first) || a.code == due.facts.area_code);
    let areas: Vec<&Area> = job.register.at_level(&detection.level).filter(lived).collect();
    let codes: Vec<String> = areas.iter().map(|a| a.code.clone()).collect();
    let places = Places::new(job.register, &areas);

    let known = known_weeks(job, &domains, first, weeks);
    let zeros: Vec<f64> = known.iter().map(|k| if *k { 0.0 } else { f64::NAN }).collect();
    let mut counts = vec![zeros; codes.len()];
    let since = Date32Type::from_naive_date(first);
    let indicator = |domain: &str| detection.watch.get(domain).map_or("events", String::as_str);
    let indicators: BTreeSet<&str> = domains.iter().map(|domain| indicator(domain)).collect();
    let wanted = Wanted {
        indicators: Some(indicators.into_iter().map(str::to_owned).collect()),
        days: Some(vec![(first, last_day)]),
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
    for (area, counts) in areas.iter().zip(&mut counts) {
        for (week, count) in counts.iter_mut().enumerate() {
            if !area.lives_on(first + Days::new(7 * week as u64)) {
                *count = f64::NAN;
            }
        }
    }
    let treated = codes.iter().position(|code| *code == due.facts.area_code);
    Ok(WeeklyCounts { codes, counts, treated, night })
}

/// Whether a category of a domain is among the series; one without a category is all of a domain.
fn is_of(series: &[(String, String)], domain: &str, category: &str) -> bool {
    series.iter().any(|(of_domain, of)| of_domain == domain && (of.is_empty() || of == category))
}

/// Which weeks every domain's feed covers wholly.
fn known_weeks(job: &Job, domains: &BTreeSet<&str>, first: NaiveDate, weeks: usize) -> Vec<bool> {
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
