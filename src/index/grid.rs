//! Figures of one period, areas × indicators: numerators, exposures or cases, and coverage
//! (docs/method.md).

use std::collections::HashMap;

use ndarray::{Array1, Array2, ArrayView1, Zip};

use super::model::{Indicator, Model};
use crate::feeds::Coverage;
use crate::panel::{EVENTS, Period, Sums, UNKNOWN};
use lake::areas::{Area, Exposure, Exposures, Register};
use methods::index::posterior::IndicatorKind;

/// Days of a year, for rates per exposure and year.
pub const YEAR: f64 = 365.25;

/// The areas that are scored, the units of the index, and their whole beside them, by code.
pub struct ScoredAreas<'a> {
    pub areas: Vec<&'a Area>,
    /// Whether an area is ranked; the whole is not.
    pub ranked: Vec<bool>,
}

impl<'a> ScoredAreas<'a> {
    /// The areas of a model's level, whenever they live, and the register's root.
    pub fn new(model: &Model, register: &'a Register) -> ScoredAreas<'a> {
        let root = register.root();
        let mut areas: Vec<&Area> = register.at_level(&model.level).collect();
        if root.level != model.level {
            areas.push(root);
        }
        areas.sort_by(|a, b| a.code.cmp(&b.code));
        let ranked = areas.iter().map(|a| a.level == model.level).collect();
        ScoredAreas { areas, ranked }
    }

    /// Whether an area lives on any day of a period.
    pub fn lives(&self, area: usize, period: &Period) -> bool {
        self.areas[area].days_within(period.start, period.end).is_some()
    }

    /// Place of the whole; `None` where it is ranked itself.
    fn whole(&self) -> Option<usize> {
        self.ranked.iter().position(|ranked| !ranked)
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
    /// Share of the period that is known: of the days on which the area lives those that count,
    /// and of their events those that say what the indicator counts. Zero where it does not live.
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
    units: &ScoredAreas,
    exposures: &Exposures,
    sums: &Sums,
    periods: &[Period],
    coverage: &Coverage,
) -> Vec<Grid> {
    let columns = exposure_columns(model, units, exposures);
    let known: Vec<Vec<Exposure>> =
        periods.iter().map(|period| in_force(exposures, units, period)).collect();
    let lacking = Lacking::new(model, units, periods, &known, &columns);
    let counted = counted(model, units, sums, &lacking);
    let stated = stated(model, units, sums, &lacking);
    let grid = |(at, (counted, stated)): (usize, ([Array2<f64>; 2], Array2<f64>))| {
        let held = HeldAgainst { columns: &columns, known: &known[at] };
        grid(model, units, &held, &periods[at], coverage, counted, &stated)
    };
    counted.into_iter().zip(stated).enumerate().map(grid).collect()
}

/// The areas that lack the exposure of a rate: the whole's rate counts them neither above nor
/// below the line.
struct Lacking {
    whole: Option<usize>,
    /// Of each period and indicator.
    areas: Vec<Vec<Vec<usize>>>,
}

impl Lacking {
    fn new(
        model: &Model,
        units: &ScoredAreas,
        periods: &[Period],
        known: &[Vec<Exposure>],
        columns: &[Option<&str>],
    ) -> Lacking {
        let lack = |(period, known): (&Period, &Vec<Exposure>)| {
            let of_leaf = |(_, indicator, _): (_, &Indicator, _), column: &Option<&str>| {
                if indicator.by_cases() || indicator.kind == IndicatorKind::Count {
                    return Vec::new();
                }
                let lacks = |area: &usize| {
                    units.ranked[*area]
                        && units.lives(*area, period)
                        && !column.and_then(|c| known[*area].get(c)).is_some_and(|x| x > 0.0)
                };
                (0..units.areas.len()).filter(lacks).collect()
            };
            model.indicators().zip(columns).map(|(leaf, column)| of_leaf(leaf, column)).collect()
        };
        Lacking { whole: units.whole(), areas: periods.iter().zip(known).map(lack).collect() }
    }

    /// Sums of one period over each area, those of the whole without the areas that lack exposure.
    fn without(&self, period: usize, leaf: usize, sums: ArrayView1<f64>) -> Array1<f64> {
        let mut sums = sums.to_owned();
        if let Some(whole) = self.whole {
            let theirs: f64 = self.areas[period][leaf].iter().map(|area| sums[*area]).sum();
            sums[whole] -= theirs;
        }
        sums
    }
}

/// Numerators and denominators of the model's indicators in each period, categories chosen; zero
/// where nothing was counted.
fn counted(
    model: &Model,
    units: &ScoredAreas,
    sums: &Sums,
    lacking: &Lacking,
) -> Vec<[Array2<f64>; 2]> {
    let leaves: Vec<(&str, &Indicator)> =
        model.indicators().map(|(domain, indicator, _)| (domain.id.as_str(), indicator)).collect();
    let shape = (units.areas.len(), leaves.len());
    let mut counted = vec![[Array2::zeros(shape), Array2::zeros(shape)]; lacking.areas.len()];
    for ([domain, measure, category], [num, den]) in sums {
        for (leaf, (of_domain, indicator)) in leaves.iter().enumerate() {
            if of_domain != domain || indicator.measure != *measure || !indicator.chooses(category)
            {
                continue;
            }
            for (period, counted) in counted.iter_mut().enumerate() {
                let row = |sums: &Array2<f64>| lacking.without(period, leaf, sums.row(period));
                counted[0].column_mut(leaf).scaled_add(indicator.unit, &row(num));
                counted[1].column_mut(leaf).scaled_add(1.0, &row(den));
            }
        }
    }
    counted
}

/// Of the events in each period, the share that say what an indicator counts.
fn stated(model: &Model, units: &ScoredAreas, sums: &Sums, lacking: &Lacking) -> Vec<Array2<f64>> {
    let shape = (units.areas.len(), model.indicators().count());
    let mut stated = vec![Array2::ones(shape); lacking.areas.len()];
    for (leaf, (domain, indicator, _)) in model.indicators().enumerate() {
        let of_whole = |mut sums: Array2<f64>| {
            for (period, mut row) in sums.rows_mut().into_iter().enumerate() {
                let of_all = lacking.without(period, leaf, row.view());
                row.assign(&of_all);
            }
            sums
        };
        let summed =
            |measure: &str| Some(summed(sums, &domain.id, measure, indicator)?.map(of_whole));
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

/// What the counts of a period are held against.
struct HeldAgainst<'a> {
    /// Of each indicator.
    columns: &'a [Option<&'a str>],
    /// Of each area.
    known: &'a [Exposure],
}

fn grid(
    model: &Model,
    units: &ScoredAreas,
    against: &HeldAgainst,
    period: &Period,
    coverage: &Coverage,
    [mut num, den]: [Array2<f64>; 2],
    stated: &Array2<f64>,
) -> Grid {
    let unknown = || Array2::from_elem(num.dim(), f64::NAN);
    let (mut n, mut exposure, mut covered) = (unknown(), unknown(), Array2::zeros(num.dim()));
    let mut days_of = HashMap::new();
    for (leaf, (domain, indicator, _)) in model.indicators().enumerate() {
        let column = against.columns[leaf];
        for (area, exposures) in against.known.iter().enumerate() {
            let at = [area, leaf];
            let Some(life) = units.areas[area].days_within(period.start, period.end) else {
                num[at] = f64::NAN;
                continue;
            };
            let days = *days_of
                .entry((&domain.id, life))
                .or_insert_with(|| coverage.days(&domain.id, life.0, life.1).len() as f64);
            let delivered = days / ((life.1 - life.0).num_days() + 1) as f64;
            let share = delivered * stated[at];
            covered[at] = share;
            let mut cases = den[at];
            // Nothing counted on days that count, of events that say so, is a true zero; else it
            // is unknown.
            if share < model.thresholds.indicator || share <= 0.0 {
                (num[at], cases) = (f64::NAN, f64::NAN);
            }
            exposure[at] = if indicator.by_cases() {
                cases
            } else {
                column.and_then(|c| exposures.get(c)).unwrap_or(f64::NAN)
            };
            let size = match indicator.kind {
                IndicatorKind::Count => 1.0,
                _ if indicator.by_cases() => cases,
                // What is not known is left out of numerator and exposure alike.
                _ => exposure[at] * days / YEAR * stated[at],
            };
            if size > 0.0 && num[at].is_finite() {
                n[at] = size;
            }
        }
    }
    Grid { period: period.clone(), num, n, exposure, coverage: covered, past: None }
}

/// Exposures of the units on the first day of a period on which they live; those of the whole are
/// the sums of those that the scored areas have, each for its share of the period's days, so that
/// parts make the whole.
fn in_force(exposures: &Exposures, units: &ScoredAreas, period: &Period) -> Vec<Exposure> {
    let life = |area: &Area| area.days_within(period.start, period.end);
    let figures = |area: &&Area| {
        life(area).map_or_else(Exposure::default, |days| exposures.in_force(area, days.0))
    };
    let mut known: Vec<Exposure> = units.areas.iter().map(figures).collect();
    let Some(whole) = units.whole() else { return known };
    let share = |area: &Area| {
        life(area).map_or(0.0, |(first, last)| {
            ((last - first).num_days() + 1) as f64 / period.days() as f64
        })
    };
    let sum = |column: &str| {
        let parts = (0..known.len()).filter(|area| units.ranked[*area]);
        let known =
            parts.filter_map(|area| Some(known[area].get(column)? * share(units.areas[area])));
        known.reduce(|sum, part| sum + part)
    };
    known[whole] = Exposure::of(sum);
    known
}

/// The column of the register that each indicator is held against, the same in every period: the
/// one its goalposts were frozen on; else that which most scored areas have at any time, of equals
/// the one the model names first. `None` where no area has any, and for an indicator without.
pub fn exposure_columns<'m>(
    model: &'m Model,
    units: &ScoredAreas,
    exposures: &Exposures,
) -> Vec<Option<&'m str>> {
    let frozen =
        |node: &str| model.frozen.as_ref().and_then(|f| f.indicator.get(node)?.exposure.as_deref());
    let column = |(_, indicator, node): (_, &'m Indicator, String)| {
        let chosen = frozen(&node).filter(|c| indicator.exposure.iter().any(|e| e == c));
        chosen.or_else(|| known_to_most(indicator, units, exposures))
    };
    model.indicators().map(column).collect()
}

/// Of an indicator's exposures the one that most scored areas have at any time.
fn known_to_most<'m>(
    indicator: &'m Indicator,
    units: &ScoredAreas,
    exposures: &Exposures,
) -> Option<&'m str> {
    let with = |column: &str| {
        let ranked = units.areas.iter().zip(&units.ranked).filter(|(_, ranked)| **ranked);
        ranked.filter(|(area, _)| exposures.ever(area, column)).count()
    };
    let known = indicator.exposure.iter().map(|column| (with(column), column.as_str()));
    let most = known.reduce(|best, next| if next.0 > best.0 { next } else { best });
    most.filter(|(areas, _)| *areas > 0).map(|(_, column)| column)
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
