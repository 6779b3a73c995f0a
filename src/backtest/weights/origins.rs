//! Rolling origins: at the end of each month, what was known then; and what came after it.

use lake::AsOf;
use methods::backtest::Origin;
use methods::stats::descriptive::mean;
use ndarray::{Array1, Array2};

use super::elements::Weighed;
use super::target::{Place, Target};
use crate::index::{Goalposts, OriginScores};
use crate::panel::Period;

/// How origins roll.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Months at whose ends something is predicted, in a row.
    pub months: Vec<Period>,
    /// Months over which the target is counted.
    pub horizon: usize,
    /// Months between an origin and its horizon.
    pub embargo: usize,
    pub goalposts: Goalposts,
    pub weighed: Weighed,
}

impl Plan {
    /// The months of the target of an origin's month.
    pub fn horizon_of(&self, month: &Period) -> Vec<Period> {
        let mut months = vec![month.next_month()];
        while months.len() < self.embargo + self.horizon {
            months.push(months[months.len() - 1].next_month());
        }
        months.split_off(self.embargo)
    }

    /// As many months as the horizon has, that end with an origin's.
    fn last_of(&self, month: &Period) -> Vec<Period> {
        let mut months = vec![month.clone()];
        while months.len() < self.horizon {
            months.insert(0, months[0].before());
        }
        months
    }
}

/// An origin at which nothing could be judged, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    pub month: String,
    pub why: &'static str,
}

/// What one origin knew of the target.
#[derive(Clone, Debug)]
pub struct KnownTargets {
    last: Array1<f64>,
    seasonal: Array1<f64>,
    /// Of each month of the plan up to the origin's, the target over its horizon; `None` where that
    /// was not over.
    of_earlier: Vec<Option<Array1<f64>>>,
}

/// The target as it was known at the end of a month of the plan, then.
pub fn known_targets(
    place: &Place,
    as_of: &AsOf,
    plan: &Plan,
    at: usize,
    target: &Target,
) -> KnownTargets {
    let month = &plan.months[at];
    let counted = target.counted(place, as_of);
    let over = |months: &Vec<Period>| months.last().is_some_and(|m| m.end <= month.end);
    let of_earlier = plan.months[..=at]
        .iter()
        .map(|earlier| Some(plan.horizon_of(earlier)).filter(over).map(|m| counted.values(&m)))
        .collect();
    let years: Vec<Array1<f64>> = (1..=YEARS)
        .map(|years| {
            let months = plan.horizon_of(month);
            counted.values(&months.iter().map(|m| m.years_before(years)).collect::<Vec<Period>>())
        })
        .collect();
    let of_area = |area: usize| years.iter().map(|year| year[area]).collect::<Array1<f64>>();
    KnownTargets {
        last: counted.values(&plan.last_of(month)),
        seasonal: (0..place.areas.len()).map(|area| mean(of_area(area).view())).collect(),
        of_earlier,
    }
}

/// Years of the seasonal mean.
const YEARS: u32 = 3;

/// The origins in order, from what each knew and from what came, as known at the end.
pub fn origins(
    plan: &Plan,
    areas: &[String],
    scores: &[OriginScores],
    known: Vec<KnownTargets>,
    outcomes: &[Array1<f64>],
) -> Vec<Origin> {
    let origin = |(at, known): (usize, KnownTargets)| {
        let of = &scores[at];
        let rows: Vec<Option<usize>> =
            areas.iter().map(|code| of.areas.binary_search(code).ok()).collect();
        let spread = |scores: &Array2<f64>| {
            Array2::from_shape_fn((areas.len(), scores.ncols()), |(area, column)| {
                rows[area].map_or(f64::NAN, |row| scores[[row, column]])
            })
        };
        let earlier = known.of_earlier.into_iter().enumerate();
        Origin {
            name: plan.months[at].name.clone(),
            scores: spread(match plan.weighed {
                Weighed::Domains => &of.domains,
                Weighed::Indicators => &of.indicators,
            }),
            indicators: spread(&of.indicators),
            known: earlier.filter_map(|(at, target)| Some((at, target?))).collect(),
            last: known.last,
            seasonal: known.seasonal,
            outcome: outcomes[at].clone(),
        }
    };
    known.into_iter().enumerate().map(origin).collect()
}

/// The origins at which nothing could be judged.
pub fn failed(origins: &[Origin]) -> Vec<Failed> {
    let why = |origin: &Origin| match () {
        () if origin.outcome.iter().all(|x| x.is_nan()) => Some("what came is not known"),
        () if origin.scores.iter().all(|x| x.is_nan()) => Some("there was no score"),
        () => None,
    };
    let failed = |origin: &Origin| Some(Failed { month: origin.name.clone(), why: why(origin)? });
    origins.iter().filter_map(failed).collect()
}

/// The target that came after each month of the plan, as known at the end.
pub fn outcomes(place: &Place, as_of: &AsOf, plan: &Plan, target: &Target) -> Vec<Array1<f64>> {
    let counted = target.counted(place, as_of);
    let outcome = |month: &Period| {
        let months = plan.horizon_of(month);
        match months.iter().all(|m| m.end <= as_of.day) {
            true => counted.values(&months),
            false => Array1::from_elem(place.areas.len(), f64::NAN),
        }
    };
    plan.months.iter().map(outcome).collect()
}
