//! Figures of one period, areas × indicators: numerators, exposures or cases, and coverage
//! (docs/method.md).

use std::collections::HashMap;

use ndarray::{Array2, Zip};

use super::model::{Indicator, Model};
use crate::feeds::Coverage;
use crate::panel::{EVENTS, Period, Sums, UNKNOWN};
use lake::areas::{Area, Exposure, Exposures, Register};
use methods::index::posterior::IndicatorKind;

/// Days of a year, for rates per exposure and year.
pub const YEAR: f64 = 365.25;

/// The areas that are scored, and their whole beside them, by code.
pub struct Units<'a> {
    pub areas: Vec<&'a Area>,
    /// Whether an area is ranked; the whole is not.
    pub ranked: Vec<bool>,
}

impl<'a> Units<'a> {
    /// The areas of a model's level and the register's root.
    pub fn new(model: &Model, register: &'a Register) -> Units<'a> {
        let root = register.root();
        let mut areas: Vec<&Area> = register.at_level(&model.level).collect();
        if root.level != model.level {
            areas.push(root);
        }
        areas.sort_by(|a, b| a.code.cmp(&b.code));
        let ranked = areas.iter().map(|a| a.level == model.level).collect();
        Units { areas, ranked }
    }
}

/// One period's figures, each matrix areas × indicators in the model's order. NaN: not known.
#[derive(Clone, Debug)]
pub struct Grid {
    pub period: Period,
    /// What was counted; zero where nothing was counted on days that count.
    pub num: Array2<f64>,
    /// What `num` is held against: exposure-years, or cases. NaN where the figure is not
    /// assessable: the feed covered too little, the exposure is unknown, or there was no case.
    pub n: Array2<f64>,
    /// Exposure of the register, or cases.
    pub exposure: Array2<f64>,
    /// Share of the period that is known: of its days those that count, and of their events those
    /// that say what the indicator counts.
    pub coverage: Array2<f64>,
    /// Figures of earlier periods, where the model compares with them.
    pub past: Option<Past>,
}

/// Mean figures of earlier periods, areas × indicators; NaN where not known.
#[derive(Clone, Debug)]
pub struct Past {
    /// Mean over the same period in the three years before, of those that are known.
    pub three_years: Array2<f64>,
    /// The same period a year before (同比).
    pub last_year: Array2<f64>,
    /// The period before (环比).
    pub last_period: Array2<f64>,
}

/// The grids of the periods, in their order, from the window sums ([`crate::panel::window_sums`]).
pub fn grids(
    model: &Model,
    register: &Register,
    units: &Units,
    exposures: &Exposures,
    sums: &Sums,
    periods: &[Period],
    coverage: &Coverage,
) -> Vec<Grid> {
    let counted = counted(model, units, sums, periods);
    let stated = stated(model, units, sums, periods);
    let grid = |((period, counted), stated): ((&Period, [Array2<f64>; 2]), Array2<f64>)| {
        let known = in_force(register, exposures, units, period);
        grid(model, units, &known, period, coverage, counted, &stated)
    };
    periods.iter().zip(counted).zip(stated).map(grid).collect()
}

/// Numerators and denominators of the model's indicators in each period, categories chosen; zero
/// where nothing was counted.
fn counted(model: &Model, units: &Units, sums: &Sums, periods: &[Period]) -> Vec<[Array2<f64>; 2]> {
    let leaves: Vec<(&str, &Indicator)> =
        model.indicators().map(|(domain, indicator, _)| (domain.id.as_str(), indicator)).collect();
    let shape = (units.areas.len(), leaves.len());
    let mut counted = vec![[Array2::zeros(shape), Array2::zeros(shape)]; periods.len()];
    for ([domain, measure, category], [num, den]) in sums {
        for (leaf, (of_domain, indicator)) in leaves.iter().enumerate() {
            if of_domain != domain || indicator.measure != *measure || !indicator.chooses(category)
            {
                continue;
            }
            for (period, counted) in counted.iter_mut().enumerate() {
                counted[0].column_mut(leaf).scaled_add(indicator.unit, &num.row(period));
                counted[1].column_mut(leaf).scaled_add(1.0, &den.row(period));
            }
        }
    }
    counted
}

/// Of the events in each period, the share that say what an indicator counts.
fn stated(model: &Model, units: &Units, sums: &Sums, periods: &[Period]) -> Vec<Array2<f64>> {
    let shape = (units.areas.len(), model.indicators().count());
    let mut stated = vec![Array2::ones(shape); periods.len()];
    for (leaf, (domain, indicator, _)) in model.indicators().enumerate() {
        let summed = |measure: &str| summed(sums, &domain.id, measure, indicator);
        let Some([silent, exempt]) = summed(&format!("{}{UNKNOWN}", indicator.measure)) else {
            continue;
        };
        // A proportion is of the events that say it, whatever day they count on.
        let zero = || Array2::zeros(silent.dim());
        let known = match indicator.by_cases() {
            true => summed(&indicator.measure).map_or_else(zero, |[_, den]| den),
            false => summed(EVENTS).map_or_else(zero, |[events, _]| events) - &silent,
        };
        let mut shares = &known + &silent - &exempt;
        Zip::from(&mut shares).and(&known).for_each(|share, known| {
            *share = if *share > 0.0 { known / *share } else { 1.0 };
        });
        for (stated, shares) in stated.iter_mut().zip(shares.rows()) {
            stated.column_mut(leaf).assign(&shares);
        }
    }
    stated
}

/// Numerators and denominators of a measure over the categories that an indicator chooses, each
/// periods × areas; `None` where the panel has none.
fn summed(
    sums: &Sums,
    domain: &str,
    measure: &str,
    indicator: &Indicator,
) -> Option<[Array2<f64>; 2]> {
    sums.iter()
        .filter(|([of, name, category], _)| {
            of == domain && name == measure && indicator.chooses(category)
        })
        .map(|(_, sums)| sums.clone())
        .reduce(|[num, den], [more, against]| [num + more, den + against])
}

fn grid(
    model: &Model,
    units: &Units,
    known: &[Exposure],
    period: &Period,
    coverage: &Coverage,
    [mut num, den]: [Array2<f64>; 2],
    stated: &Array2<f64>,
) -> Grid {
    let shape = num.dim();
    let (mut n, mut held, mut covered) =
        (Array2::from_elem(shape, f64::NAN), den, Array2::zeros(shape));
    let mut days_of = HashMap::new();
    for (leaf, (domain, indicator, _)) in model.indicators().enumerate() {
        let days = *days_of
            .entry(&domain.id)
            .or_insert_with(|| coverage.days(&domain.id, period.start, period.end).len() as f64);
        let delivered = days / period.days() as f64;
        let column = exposure_column(
            indicator,
            known.iter().zip(&units.ranked).filter(|(_, ranked)| **ranked).map(|(e, _)| *e),
        );
        for (area, exposures) in known.iter().enumerate() {
            let at = [area, leaf];
            let share = delivered * stated[at];
            covered[at] = share;
            // Nothing counted on days that count, of events that say so, is a true zero; else it
            // is unknown.
            if share < model.coverage.indicator || share <= 0.0 {
                (num[at], held[at]) = (f64::NAN, f64::NAN);
            }
            let cases = held[at];
            held[at] = if indicator.by_cases() {
                cases
            } else {
                column.and_then(|c| exposures.get(c)).unwrap_or(f64::NAN)
            };
            let against = match indicator.kind {
                IndicatorKind::Count => 1.0,
                _ if indicator.by_cases() => cases,
                // What is not known is left out of numerator and exposure alike.
                _ => held[at] * days / YEAR * stated[at],
            };
            if against > 0.0 && num[at].is_finite() {
                n[at] = against;
            }
        }
    }
    Grid { period: period.clone(), num, n, exposure: held, coverage: covered, past: None }
}

/// Exposures of the units on a period's first day; those of the whole are the sums of the scored
/// areas', so that parts make the whole.
fn in_force(
    register: &Register,
    exposures: &Exposures,
    units: &Units,
    period: &Period,
) -> Vec<Exposure> {
    let mut known: Vec<Exposure> =
        units.areas.iter().map(|a| exposures.in_force(a, period.start)).collect();
    for row in (0..known.len()).filter(|row| !units.ranked[*row]) {
        let whole = &units.areas[row].code;
        let below = |other: &usize| {
            units.ranked[*other] && register.is_within(&units.areas[*other].code, whole)
        };
        let parts = || (0..known.len()).filter(below).map(|other| known[other]);
        known[row] = Exposure {
            population: parts().map(|e| e.population).sum(),
            households: parts().map(|e| e.households).sum(),
            vehicles: parts().map(|e| e.vehicles).sum(),
            enterprises: parts().map(|e| e.enterprises).sum(),
        };
    }
    known
}

/// The first exposure of an indicator that every scored area has.
pub fn exposure_column(
    indicator: &Indicator,
    scored: impl Iterator<Item = Exposure> + Clone,
) -> Option<&str> {
    indicator
        .exposure
        .iter()
        .map(String::as_str)
        .find(|name| scored.clone().all(|e| e.get(name).is_some_and(|x| x > 0.0)))
}

impl Indicator {
    /// Whether it counts events of this category.
    fn chooses(&self, category: &String) -> bool {
        self.categories.as_ref().is_none_or(|chosen| chosen.contains(category))
    }

    /// Whether it is held against another count rather than an exposure.
    pub fn by_cases(&self) -> bool {
        matches!(self.kind, IndicatorKind::Proportion | IndicatorKind::Ratio)
    }
}
