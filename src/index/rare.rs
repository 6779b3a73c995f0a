//! Goalposts and prior of a rare and grave indicator, which most areas have none of in most months:
//! deaths, serious violent crimes, collective visits (docs/method.md).

use super::model::{GOALPOSTS, Indicator, Model, Polarity, Shrink};
use methods::index::posterior::{IndicatorKind, Prior};
use methods::index::rare::rate_given_any;
use methods::index::shrink::{beta_binomial, marshall};

/// What Jeffreys' prior adds to a count: the rate of what never happened is not taken as zero.
const JEFFREYS: f64 = 0.5;

/// Months of an average area whose count is the end of the scale.
const MONTHS: f64 = 12.0;

/// What one area had in one reference month.
#[derive(Clone, Copy, Debug)]
pub struct AreaMonth {
    /// Place of the area among the units.
    pub area: usize,
    /// What was counted.
    pub y: f64,
    /// Exposure, or cases.
    pub n: f64,
}

/// The end of the scale of a rare indicator, and the prior of its shrinkage.
#[derive(Clone, Copy, Debug)]
pub struct Rare {
    /// The lower goalpost is zero: none is the best there is.
    pub high: f64,
    pub prior: Option<Prior>,
}

/// Goalpost and prior of an indicator of which more is worse and whose upper quantile is less than
/// one event in an average area's twelve months; `None` for any other.
pub fn rare(
    model: &Model,
    indicator: &Indicator,
    months: &[AreaMonth],
    upper_quantile: f64,
) -> Option<Rare> {
    let method = &indicator.normalise.as_ref().unwrap_or(&model.normalise).method;
    let all: f64 = months.iter().map(|m| m.n).sum();
    let average = all / months.len() as f64;
    if method != GOALPOSTS
        || indicator.polarity != Polarity::Worse
        || upper_quantile * average * MONTHS >= 1.0
    {
        return None;
    }
    let (y, n) = totals(months);
    let estimate = match indicator.kind {
        IndicatorKind::Rate | IndicatorKind::Ratio => marshall(&y, &n),
        IndicatorKind::Proportion => beta_binomial(&y, &n),
        IndicatorKind::Amount | IndicatorKind::Count => None,
    }?;
    let prior = Prior { mean: y.iter().sum::<f64>().max(JEFFREYS) / all, ..estimate }
        .with_strength_at_most(average * model.reference.months as f64);
    let high = rate_given_any(&prior, average * MONTHS, model.reference.high);
    let most = if indicator.kind == IndicatorKind::Proportion { 1.0 } else { f64::INFINITY };
    let prior = (indicator.shrink != Shrink::None).then_some(prior);
    high.is_finite().then_some(Rare { high: high.min(most), prior })
}

/// Counts and exposures of each area over all its months: from single months a crash with eight
/// deaths would look as if its township differed from the others.
fn totals(months: &[AreaMonth]) -> (Vec<f64>, Vec<f64>) {
    let areas = months.iter().map(|m| m.area + 1).max().unwrap_or(0);
    let (mut y, mut n) = (vec![0.0; areas], vec![0.0; areas]);
    for month in months {
        y[month.area] += month.y;
        n[month.area] += month.n;
    }
    (y, n)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use ndarray::Array2;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::index::goalposts::{Frozen, FrozenIndicator};
    use crate::index::{Draws, Grid, Recipe, ScoredAreas, Scores, intervals, score};
    use crate::panel::Unit;
    use lake::areas::{Area, Register};
    use methods::index::veto::Caps;

    /// Two indicators of one domain: crashes, which are common, and deaths.
    const MODEL: &str = "
        name = 'rare'
        level = 'township'
        reference = { months = 24, low = 0.05, high = 0.95 }
        coverage = { indicator = 0.5, index = 0.5 }
        [[band]]
        name = 'A'
        from = 0
        colour = '#000000'
        [[domain]]
        id = 'traffic'
        weight = 1
        [[domain.indicator]]
        id = 'crashes'
        label = 'crashes'
        measure = 'events'
        kind = 'rate'
        exposure = ['population']
        polarity = '-'
        weight = 6
        [[domain.indicator]]
        id = 'deaths'
        label = 'deaths'
        measure = 'deaths'
        kind = 'rate'
        exposure = ['population']
        polarity = '-'
        weight = 4
    ";

    fn model(text: &str) -> Model {
        Model::parse(Path::new("rare.toml"), text).unwrap()
    }

    fn deaths(model: &Model) -> &Indicator {
        model.indicators().map(|(_, indicator, _)| indicator).last().unwrap()
    }

    /// Residents of twenty townships, from 2,500 to 31,000, one of them of 5,000.
    fn residents() -> Vec<f64> {
        (0..20).map(|i| if i == 1 { 5_000.0 } else { 2_500.0 + 1_500.0 * f64::from(i) }).collect()
    }

    /// Two years of townships, with what `deaths` says of township and month.
    fn reference(deaths: impl Fn(usize, usize) -> f64) -> Vec<AreaMonth> {
        let month = |at: usize| {
            let (area, month) = (at % 20, at / 20);
            AreaMonth { area, y: deaths(area, month), n: residents()[area] / 12.0 }
        };
        (0..480).map(month).collect()
    }

    /// A model with goalposts of deaths from this reference; a crash in 250 residents a year is
    /// usual.
    fn with_goalposts(months: &[AreaMonth]) -> Model {
        let mut model = model(MODEL);
        let rare = rare(&model, deaths(&model), months, 0.0).unwrap();
        let dated = |high, prior| FrozenIndicator {
            from: "2023-01".into(),
            to: "2024-12".into(),
            low: 0.0,
            high,
            prior,
            exposure: None,
            areas: None,
        };
        let crashes = Prior { mean: 0.004, strength: 3_000.0 };
        model.frozen = Some(Frozen {
            as_of: "2025-01-31".into(),
            indicator: BTreeMap::from([
                ("traffic.crashes".to_owned(), dated(0.02, Some(crashes))),
                ("traffic.deaths".to_owned(), dated(rare.high, rare.prior)),
            ]),
        });
        model
    }

    /// Scores of the township of 5,000, after its county, with so many deaths; and how wide the
    /// interval of the township's index is.
    fn scored(model: &Model, unit: Unit, deaths: f64) -> (Scores, impl Fn() -> f64) {
        let area = |code: &str, level: &str, parent: Option<&str>| Area {
            code: code.into(),
            name: code.into(),
            level: level.into(),
            parent: parent.map(str::to_owned),
            ..Area::default()
        };
        let register =
            Register::new(vec![area("0", "county", None), area("1", "township", Some("0"))])
                .unwrap();
        let day = "2025-12-31".parse().unwrap();
        let period = unit.period(day, day);
        let years = if unit == Unit::Year { 1.0 } else { 1.0 / 12.0 };
        let (county, town) = (residents().iter().sum::<f64>() * years, 5_000.0 * years);
        let n = ndarray::array![[county, county], [town, town]];
        let crashes = [county, town].map(|n| (0.004 * n).round());
        let name = period.name.clone();
        let grid = Grid {
            period,
            num: ndarray::array![[crashes[0], deaths], [crashes[1], deaths]],
            exposure: n.clone(),
            n,
            coverage: Array2::ones((2, 2)),
            past: None,
        };
        let recipe = Recipe::new(model).unwrap();
        let units = ScoredAreas::new(model, &register);
        let (measured, caps) = (recipe.measure(&grid, &units), Caps::new(2, 2));
        let scores = score(&recipe, &measured, &caps);
        let width = move || {
            let (recipe, units) = (Recipe::new(model).unwrap(), ScoredAreas::new(model, &register));
            let draws = Draws::new(&recipe, 1).unwrap();
            let found = intervals(&recipe, &name, &measured, &units, &caps, &draws);
            found.high[[1, 1]] - found.low[[1, 1]]
        };
        (scores, width)
    }

    /// Histories of deaths: none ever, seven here and there, one crash with eight, one township
    /// alone.
    fn histories() -> [(&'static str, Vec<AreaMonth>); 4] {
        let one = |is: bool| if is { 1.0 } else { 0.0 };
        [
            ("none", reference(|_, _| 0.0)),
            ("seven", reference(|area, month| one(area % 3 == 0 && month == area))),
            ("a crash", reference(|area, month| 8.0 * one(area == 4 && month == 7))),
            ("a township", reference(|area, month| one(area == 9 && month % 2 == 0))),
        ]
    }

    #[test]
    fn a_township_of_5000_falls_from_none_to_one_to_eight_deaths() {
        for (history, months) in histories() {
            let model = with_goalposts(&months);
            for unit in [Unit::Month, Unit::Year] {
                let [none, one, eight] =
                    [0.0, 1.0, 8.0].map(|deaths| scored(&model, unit, deaths).0);
                let (town, domain, index) = (1, 0, 1);
                let fall = |of: &dyn Fn(&Scores) -> f64| {
                    assert!(
                        of(&none) > of(&one) && of(&one) > of(&eight),
                        "{history}, {unit:?}: {} {} {}",
                        of(&none),
                        of(&one),
                        of(&eight)
                    );
                };
                fall(&|s| s.leaf[[town, 1]]);
                fall(&|s| s.node[[town, domain]]);
                fall(&|s| s.node[[town, index]]);
                // None is good, one does not decide, eight do.
                assert!(none.leaf[[town, 1]] > 85.0, "{history}: {}", none.leaf[[town, 1]]);
                assert!(one.leaf[[town, 1]] > 30.0, "{history}: {}", one.leaf[[town, 1]]);
                assert!(eight.leaf[[town, 1]] < 55.0, "{history}: {}", eight.leaf[[town, 1]]);
            }
        }
    }

    #[test]
    fn seven_deaths_in_two_years_give_the_scores_of_the_method_page() {
        let [_, (_, seven), ..] = histories();
        let model = with_goalposts(&seven);
        for (unit, right) in [(Unit::Year, [94.0, 76.0, 0.0]), (Unit::Month, [93.0, 73.0, 0.0])] {
            let found = [0.0, 1.0, 8.0].map(|deaths| scored(&model, unit, deaths).0.leaf[[1, 1]]);
            assert_eq!(found.map(f64::round), right, "{found:?}");
        }
    }

    #[test]
    fn one_death_moves_the_index_by_less_than_its_interval() {
        for (history, months) in histories() {
            let model = with_goalposts(&months);
            for unit in [Unit::Month, Unit::Year] {
                let (none, (one, width)) = (scored(&model, unit, 0.0).0, scored(&model, unit, 1.0));
                let moved = none.node[[1, 1]] - one.node[[1, 1]];
                assert!(moved < width(), "{history}, {unit:?}: {moved} of {}", width());
            }
        }
    }

    #[test]
    fn more_is_never_better_and_none_is_the_best() {
        let mut rng = ChaCha8Rng::seed_from_u64(14);
        for seed in 0..60 {
            let (often, most) = (rng.random_range(0.0..0.05), rng.random_range(1..12));
            let happened: Vec<f64> = (0..480)
                .map(|_| {
                    if rng.random_bool(often) { f64::from(rng.random_range(1..=most)) } else { 0.0 }
                })
                .collect();
            let model = with_goalposts(&reference(|area, month| happened[20 * month + area]));
            for unit in [Unit::Month, Unit::Year] {
                let scores: Vec<f64> = (0..60)
                    .map(|deaths| scored(&model, unit, f64::from(deaths)).0.leaf[[1, 1]])
                    .collect();
                assert!(scores.windows(2).all(|s| s[1] <= s[0]), "seed {seed}: {scores:?}");
                assert!(scores[0] > scores[1] && scores[1] > scores[8], "seed {seed}: {scores:?}");
            }
        }
    }

    #[test]
    fn what_is_common_or_better_when_high_is_not_rare() {
        let months = reference(|area, month| f64::from(u32::from(area == month)));
        let common = model(MODEL);
        let average = months.iter().map(|m| m.n).sum::<f64>() / 480.0;
        let rare_at = |model: &Model, quantile| rare(model, deaths(model), &months, quantile);
        assert!(rare_at(&common, 0.99 / (12.0 * average)).is_some());
        assert!(rare_at(&common, 1.01 / (12.0 * average)).is_none());
        for (from, to) in [
            ("polarity = '-'", "polarity = '+'"),
            ("kind = 'rate'", "kind = 'amount'"),
            ("kind = 'rate'", "kind = 'count'"),
            ("weight = 4", "weight = 4\nnormalise = { method = 'deduct', points = 5.0 }"),
        ] {
            assert!(rare_at(&model(&MODEL.replace(from, to)), 0.0).is_none(), "{to}");
        }
        let plain = model(&MODEL.replace("weight = 4", "weight = 4\nshrink = 'none'"));
        assert!(rare_at(&plain, 0.0).unwrap().prior.is_none());
    }

    #[test]
    fn a_rare_proportion_is_scored_between_none_and_all_at_most() {
        let proportion = model(&MODEL.replace("kind = 'rate'", "kind = 'proportion'"));
        // Two cases a month, and one bad in all.
        let months: Vec<AreaMonth> = (0..240)
            .map(|at| AreaMonth { area: at % 10, y: f64::from(u32::from(at == 7)), n: 2.0 })
            .collect();
        let found = rare(&proportion, deaths(&proportion), &months, 0.0).unwrap();
        assert!((1.0 / 24.0..=1.0).contains(&found.high), "{found:?}");
        let few: Vec<AreaMonth> =
            months.iter().map(|m| AreaMonth { n: 0.05, y: 0.0, ..*m }).collect();
        assert_eq!(rare(&proportion, deaths(&proportion), &few, 0.0).unwrap().high, 1.0);
    }
}
