//! What the coming months bring: each domain's count in the next four-week stretches, with
//! intervals, beside persistence and last year's.

use chrono::{Days, NaiveDate};
use rayon::prelude::*;

use super::detail::{self, Detail, known};
use super::finding::Finding;
use super::settings::Settings;
use super::slow::{A_YEAR, MONTH, STALE, Settled, months, stopped};
use super::watch::{Key, Weeks};
use methods::Noted;
use methods::detect::forecast::{Figure, Forecast, Model, StepForecast};

const METHOD: &str = "forecast";

/// Forecasts of every area and domain, all categories together.
pub fn forecasts(settled: &[Settled], weeks: Weeks, settings: &Settings) -> Vec<Finding> {
    settled
        .par_iter()
        .filter(|(key, _)| key.category.is_empty())
        .flat_map_iter(|(key, counts)| forecast_of_series(key, counts, settings, weeks))
        .collect()
}

fn forecast_of_series(
    key: &Key,
    counts: &[f64],
    settings: &Settings,
    calendar: Weeks,
) -> Vec<Finding> {
    let unknown =
        |reason: String| vec![Finding::not_assessable(key, METHOD, stretch(calendar, 1), reason)];
    if let Some(reason) = stopped(counts, calendar) {
        return unknown(reason);
    }
    let months = months(counts, counts.len());
    // Stretches not wholly reported yet are foretold too, and not told.
    let late = months.iter().rev().take_while(|n| n.is_nan()).count();
    if late > STALE {
        return unknown(format!(
            "the feed has gaps: none of the last {late} stretches of four weeks is whole"
        ));
    }
    let reported = &months[..months.len() - late];
    let by = |model: Model| {
        let forecast = Forecast {
            model,
            freq: A_YEAR,
            horizon: settings.forecast.horizon + late,
            ..settings.forecast.clone()
        };
        forecast.fit(reported, Figure::Count)
    };
    match by(Model::House) {
        Err(flaw) => unknown(flaw.to_string()),
        Ok(Noted { value: house, notices }) => {
            let means = |model: Model| by(model).map_or(Vec::new(), |fitted| fitted.value.means());
            let (persistence, last_year) = (means(Model::Persistence), means(Model::LastYear));
            let one = |a: &StepForecast| {
                let at = |means: &[f64]| means.get(a.step - 1).copied().and_then(known);
                let detail = Detail::Forecast(detail::Forecast {
                    persistence: at(&persistence),
                    last_year: at(&last_year),
                    notices: notices.clone(),
                });
                let blank = Finding::new(key, detail, METHOD, stretch(calendar, a.step - late));
                Finding { expected: a.mean, lower: a.lower, upper: a.upper, ..blank }
            };
            house.predict_from(late + 1).iter().map(one).collect()
        }
    }
}

/// The four-week stretch that comes so many steps after the as-of day.
fn stretch(calendar: Weeks, step: usize) -> (NaiveDate, NaiveDate) {
    let days = 7 * MONTH as u64;
    let first = calendar.last + Days::new(days * (step as u64 - 1) + 1);
    (first, first + Days::new(days - 1))
}
