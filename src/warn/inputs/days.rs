//! On which days the cases of drafted letters fell, as they are known on the night.

use chrono::{Days, NaiveDate};
use datafusion::arrow::datatypes::Date32Type;

use crate::detect::{self, Detail, Kind};
use crate::job::Job;
use crate::panel::{self, Places, Rows, Wanted};
use crate::warn::facts::{Facts, Rise};
use crate::warn::timing::timing;
use lake::Result;
use lake::areas::Area;

/// Adds to the rises of letters on which of their days the cases fell. The panel is read once for
/// all of them, and only where there are any.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub(in crate::warn) fn add_timing(
    job: &Job,
    detection: &detect::Settings,
    letters: &mut [Facts],
) -> Result<()> {
    let mut series: Vec<Series> = letters
        .iter()
        .flat_map(|facts| facts.risen.iter().map(|rise| Series::new(&facts.area_code, rise)))
        .flatten()
        .collect();
    count(job, detection, &mut series)?;
    let mut counted = series.into_iter();
    for facts in letters {
        let area = facts.area_code.clone();
        for rise in facts.risen.iter_mut().filter(|r| Series::new(&area, r).is_some()) {
            let Some(series) = counted.next() else { return Ok(()) };
            let counts = series.delivered(job);
            rise.timing = timing(series.from, &counts, rise.evidence.expected);
        }
    }
    Ok(())
}

/// The daily cases of a rise.
struct Series {
    areas: Vec<String>,
    domain: String,
    category: String,
    from: NaiveDate,
    to: NaiveDate,
    counts: Vec<f64>,
}

impl Series {
    /// `None` for what is no count of days: a veto, and a trend over years.
    fn new(area: &str, rise: &Rise) -> Option<Series> {
        let evidence = &rise.evidence;
        let areas = match (&evidence.detail, evidence.kind()) {
            (Detail::Cluster(cluster), _) => cluster.areas.clone(),
            (detail, Kind::Spike | Kind::Trend | Kind::Change) if !detail.is_over_years() => {
                vec![area.to_owned()]
            }
            _ => return None,
        };
        Some(Series {
            areas,
            domain: evidence.domain.clone(),
            category: evidence.category.clone(),
            from: evidence.period_start,
            to: evidence.period_end,
            counts: vec![0.0; usize::try_from(evidence.days()).ok()?],
        })
    }

    /// Its cases, `None` for days that were not delivered.
    fn delivered(&self, job: &Job) -> Vec<Option<f64>> {
        let delivered = job.coverage.delivered(&self.domain, self.from, self.to);
        let day = |at: usize| self.from + Days::new(at as u64);
        let known = |(at, n): (usize, &f64)| delivered.contains(&day(at)).then_some(*n);
        self.counts.iter().enumerate().map(known).collect()
    }

    /// Adds a row that lies in these places of its county.
    fn add(&mut self, at: usize, n: f64) {
        if let Some(count) = self.counts.get_mut(at) {
            *count += n;
        }
    }
}

/// Counts all series in one pass over the panel's days that any of them has.
fn count(job: &Job, detection: &detect::Settings, series: &mut [Series]) -> Result<()> {
    if series.is_empty() {
        return Ok(());
    }
    let of_any = |code: &str| series.iter().any(|s| s.areas.iter().any(|area| area == code));
    let areas: Vec<&Area> = job.register.areas().iter().filter(|a| of_any(&a.code)).collect();
    let places = Places::new(job.register, &areas);
    let place = |code: &String| areas.iter().position(|a| a.code == *code);
    let places_of: Vec<Vec<usize>> =
        series.iter().map(|s| s.areas.iter().filter_map(place).collect()).collect();
    let mut indicators: Vec<String> = detection.watch.values().cloned().collect();
    indicators.dedup();
    let wanted = Wanted {
        indicators: Some(indicators),
        days: Some(series.iter().map(|s| (s.from, s.to)).collect()),
    };
    let columns = ["indicator", "category", "area_code", "day", "num", "source"];
    panel::read(job.lake, &wanted, &columns, &job.as_of, job.limits, |rows| {
        add(
            job,
            detection,
            &rows,
            &places,
            &mut series.iter_mut().zip(&places_of).collect::<Vec<_>>(),
        )
    })
}

/// Adds rows of the panel to the series that they are of. A total of a month is of no day.
fn add(
    job: &Job,
    detection: &detect::Settings,
    rows: &Rows,
    places: &Places,
    series: &mut [(&mut Series, &Vec<usize>)],
) -> Result<()> {
    let Some(watched) = detection.watch.get(&rows.domain) else { return Ok(()) };
    let mut series: Vec<_> = series.iter_mut().filter(|(s, _)| s.domain == rows.domain).collect();
    let feed = job.coverage.feeds.get(rows.domain.as_str());
    let is_total = |source: &str| feed.is_some_and(|f| f.totals().any(|name| name == source));
    let (categories, sources) = (rows.texts("category")?, rows.texts("source")?);
    let (above, days) = (places.above(rows.texts("area_code")?), rows.days("day")?);
    let counts = rows.counts("num")?;
    for (_, run) in rows.texts("indicator")?.runs().filter(|(name, _)| name == watched) {
        for row in run.filter(|row| !is_total(sources.value(*row))) {
            let category = categories.value(row);
            for (series, places) in &mut series {
                let its = series.category.is_empty() || series.category == category;
                let first = Date32Type::from_naive_date(series.from);
                let at = usize::try_from(days[row] - first);
                if let (true, Ok(at)) = (its, at)
                    && above(row).iter().any(|place| places.contains(place))
                {
                    series.add(at, counts[row] as f64);
                }
            }
        }
    }
    Ok(())
}
