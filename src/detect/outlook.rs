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
use methods::detect::forecast::{Figure, Fitted, Forecast, Model, StepForecast};

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
    let outlook = match Outlook::new(counts, settings, calendar) {
        Err(reason) => {
            return vec![Finding::not_assessable(key, METHOD, stretch(calendar, 1), reason)];
        }
        Ok(outlook) => outlook,
    };
    let means = |fitted: &Option<Fitted>| fitted.as_ref().map_or(Vec::new(), Fitted::means);
    let (persistence, last_year) = (means(&outlook.persistence), means(&outlook.last_year));
    let one = |a: &StepForecast| {
        let at = |means: &[f64]| means.get(outlook.late + a.step - 1).copied().and_then(known);
        let detail = Detail::Forecast(detail::Forecast {
            persistence: at(&persistence),
            last_year: at(&last_year),
            notices: outlook.notices.clone(),
        });
        let blank = Finding::new(key, detail, METHOD, stretch(calendar, a.step));
        Finding { expected: a.mean, lower: a.lower, upper: a.upper, ..blank }
    };
    outlook.ahead(&outlook.house).iter().map(one).collect()
}

/// What a series' four-week stretches are expected to bring, by the house's model and by two that
/// learn nothing.
pub struct Outlook {
    /// Last stretches that are not wholly reported yet: they are foretold too, and not told.
    late: usize,
    pub house: Fitted,
    pub persistence: Option<Fitted>,
    /// Absent where the history is shorter than a year.
    pub last_year: Option<Fitted>,
    /// What the history is too short for.
    notices: Vec<String>,
}

impl Outlook {
    /// From settled weeks, oldest first.
    ///
    /// # Errors
    /// Why nothing can be said.
    pub fn new(counts: &[f64], settings: &Settings, calendar: Weeks) -> Result<Outlook, String> {
        if let Some(reason) = stopped(counts, calendar) {
            return Err(reason);
        }
        let months = months(counts, counts.len());
        let late = months.iter().rev().take_while(|n| n.is_nan()).count();
        if late > STALE {
            return Err(format!(
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
        let Noted { value: house, notices } = by(Model::House).map_err(|flaw| flaw.to_string())?;
        let other = |model: Model| by(model).ok().map(|fitted| fitted.value);
        let (persistence, last_year) = (other(Model::Persistence), other(Model::LastYear));
        Ok(Outlook { late, house, persistence, last_year, notices })
    }

    /// A model's forecasts of the stretches after the last day, 1 being the next.
    pub fn ahead(&self, model: &Fitted) -> Vec<StepForecast> {
        let from_last_day =
            |ahead: StepForecast| StepForecast { step: ahead.step - self.late, ..ahead };
        model.predict_from(self.late + 1).into_iter().map(from_last_day).collect()
    }
}

/// The four-week stretch that comes so many steps after the as-of day.
pub fn stretch(calendar: Weeks, step: usize) -> (NaiveDate, NaiveDate) {
    let days = 7 * MONTH as u64;
    let first = calendar.last + Days::new(days * (step as u64 - 1) + 1);
    (first, first + Days::new(days - 1))
}
