//! Forecasts of single four-week stretches, each beside what came.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use methods::stats::crps;
use methods::verification::probability_integral;
use rayon::prelude::*;

use crate::detect::Settings;
use crate::detect::outlook::{Outlook, stretch};
use crate::detect::slow::settled;
use crate::detect::watch::{Key, Watched};

/// What forecasts: the house's model, and two that learn nothing.
pub const MODELS: [&str; 3] = ["house", "persistence", "last_year"];

/// An area and a domain, all categories together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    pub area: String,
    pub domain: String,
}

/// A forecast of one stretch by one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub mean: f64,
    /// Interval of the settings' level.
    pub lower: f64,
    pub upper: f64,
    /// (value, weight), weights of sum 1.
    nodes: Vec<(f64, f64)>,
}

/// What was said at an origin of one stretch of a series, by every model.
#[derive(Clone, Debug, PartialEq)]
pub struct StretchForecast {
    pub series: Series,
    /// 1 for the stretch after the origin.
    pub step: usize,
    /// First and last day.
    pub stretch: (NaiveDate, NaiveDate),
    pub by: [Distribution; MODELS.len()],
}

/// A forecast and what came.
#[derive(Clone, Debug)]
pub struct Case {
    pub forecast: StretchForecast,
    /// NaN where it is not known.
    pub observed: f64,
    /// Continuous ranked probability score of each model, in events.
    pub crps: [f64; MODELS.len()],
    /// Share of each model's distribution below what came, and up to it.
    pub shares: [(f64, f64); MODELS.len()],
}

impl Case {
    /// Whether it is known what came.
    pub fn is_known(&self) -> bool {
        !self.observed.is_nan()
    }
}

/// What can be said at an origin: stretches of which all models say something.
pub fn forecasts(watched: &Watched, settings: &Settings) -> Vec<StretchForecast> {
    let of_series = |(key, counts): &(&Key, Vec<f64>)| -> Option<Vec<StretchForecast>> {
        let outlook = Outlook::new(counts, settings, watched.weeks).ok()?;
        let fitted =
            [Some(&outlook.house), outlook.persistence.as_ref(), outlook.last_year.as_ref()];
        let mut by = fitted.map(|fitted| fitted.map(|f| outlook.ahead(f).into_iter()));
        let series = Series { area: key.area.clone(), domain: key.domain.clone() };
        let mut found = Vec::new();
        while let [Some(house), Some(persistence), Some(last_year)] =
            by.each_mut().map(|steps| steps.as_mut().and_then(Iterator::next))
        {
            let step = house.step;
            let by = [house, persistence, last_year].map(|ahead| Distribution {
                mean: ahead.mean,
                lower: ahead.lower,
                upper: ahead.upper,
                nodes: ahead.nodes,
            });
            let stretch = stretch(watched.weeks, step);
            found.push(StretchForecast { series: series.clone(), step, stretch, by });
        }
        Some(found)
    };
    let settled = settled(watched);
    let all_together = settled.par_iter().filter(|(key, _)| key.category.is_empty());
    all_together.filter_map(of_series).flatten().collect()
}

/// What came: events of each series by the first day of a stretch, of stretches that are known
/// whole.
pub fn outcomes(watched: &Watched) -> BTreeMap<(Series, NaiveDate), f64> {
    const WEEKS: usize = 4;
    let mut came = BTreeMap::new();
    for (key, counts) in settled(watched).iter().filter(|(key, _)| key.category.is_empty()) {
        let series = Series { area: key.area.clone(), domain: key.domain.clone() };
        let first = counts.len() % WEEKS;
        for (at, weeks) in counts[first..].chunks(WEEKS).enumerate() {
            let sum: f64 = weeks.iter().sum();
            if !sum.is_nan() {
                let start = watched.weeks.start(first + at * WEEKS);
                came.insert((series.clone(), start), sum);
            }
        }
    }
    came
}

/// Every forecast with what came; NaN where that is not known, or not yet.
pub fn with_outcomes(
    forecasts: Vec<StretchForecast>,
    came: &BTreeMap<(Series, NaiveDate), f64>,
) -> Vec<Case> {
    let case = |forecast: StretchForecast| {
        let stretch = (forecast.series.clone(), forecast.stretch.0);
        let observed = came.get(&stretch).copied().unwrap_or(f64::NAN);
        let crps = forecast.by.each_ref().map(|d| crps(&d.nodes, observed));
        let shares = forecast.by.each_ref().map(|d| probability_integral(&d.nodes, observed));
        Case { forecast, observed, crps, shares }
    };
    forecasts.into_par_iter().map(case).collect()
}
