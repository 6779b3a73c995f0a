//! What the coming months bring: each domain's count in the next four-week stretches, with intervals, beside persistence and last year's.

use rayon::prelude::*;
use serde_json::{Map, json};

use chrono::Days;

use super::finding::{Finding, Kind};
use super::forecast::{Ahead, Figure, Forecast, Model};
use super::settings::Settings;
use super::slow::{A_YEAR, MONTH, months, series};
use super::watch::{Key, Watched, Weeks};

/// Forecasts of every area and domain, all categories together.
pub fn forecasts(watched: &Watched, settings: &Settings) -> Vec<Finding> {
    let all: Vec<(&Key, Vec<f64>)> = series(watched).into_iter().filter(|(key, _)| key.category.is_empty()).collect();
    all.par_iter().flat_map_iter(|(key, weeks)| of(key, weeks, settings, watched.weeks)).collect()
}

fn of(key: &Key, weeks: &[f64], settings: &Settings, calendar: Weeks) -> Vec<Finding> {
    let months = months(weeks, weeks.len());
    // Stretches not wholly reported yet are foretold too, and not told.
    let late = months.iter().rev().take_while(|n| n.is_nan()).count();
    let known = &months[..months.len() - late];
    let by = |model: Model| {
        let forecast = Forecast { model, freq: A_YEAR, horizon: settings.forecast.horizon + late, ..settings.forecast.clone() };
        forecast.fit(known, Figure::Count).map(|fitted| (fitted.value.predict().split_off(late), fitted.notices))
    };
    match by(Model::House) {
        Err(flaw) => {
            vec![finding(key, Kind::NotAssessable, calendar, 1, None, Map::from_iter([("reason".to_owned(), json!(flaw.to_string()))]))]
        }
        Ok((ahead, notices)) => {
            let (persistence, last_year) = (by(Model::Persistence).ok(), by(Model::LastYear).ok());
            let beside = |other: &Option<(Vec<Ahead>, Vec<String>)>, i: usize| other.as_ref().and_then(|(a, _)| a.get(i)).map(|a| a.mean);
            let one = |(i, a): (usize, &Ahead)| {
                let detail = Map::from_iter([
                    ("persistence".to_owned(), json!(beside(&persistence, i))),
                    ("last_year".to_owned(), json!(beside(&last_year, i))),
                    ("notices".to_owned(), json!(notices)),
                ]);
                finding(key, Kind::Forecast, calendar, a.step - late, Some(a), detail)
            };
            ahead.iter().enumerate().map(one).collect()
        }
    }
}

fn finding(key: &Key, kind: Kind, calendar: Weeks, step: usize, ahead: Option<&Ahead>, detail: Map<String, serde_json::Value>) -> Finding {
    let days = 7 * MONTH as u64;
    let first = calendar.last + Days::new(days * (step as u64 - 1) + 1);
    Finding {
        area_code: key.area.clone(),
        domain: key.domain.clone(),
        category: key.category.clone(),
        kind,
        method: "forecast",
        period: (first, first + Days::new(days - 1)),
        observed: f64::NAN,
        expected: ahead.map_or(f64::NAN, |a| a.mean),
        lower: ahead.map_or(f64::NAN, |a| a.lower),
        upper: ahead.map_or(f64::NAN, |a| a.upper),
        p: f64::NAN,
        q: f64::NAN,
        detail,
    }
}
