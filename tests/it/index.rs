//! What holds of the index whatever the model and the panel.

use lake::areas::Register;
use lake::schema::DOMAINS;
use methods::index::veto::Caps;
use ndarray::{Array2, s};
use pingan::index::explain::{ScoredPeriod, Side, explain};
use pingan::index::{Draws, Grid, Intervals, Model, Recipe, ScoredAreas, Scores, intervals, score};
use pingan::panel::Unit;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::support::area;

/// Aggregations under which a better child never makes a worse parent; MPI and AMPI punish
/// unevenness, so that it may there.
const MONOTONE: [&str; 7] = [
    "method = 'arithmetic'",
    "method = 'geometric'",
    "method = 'harmonic'",
    "method = 'power', p = 0.4",
    "method = 'minimum'",
    OWA,
    "method = 'mean_min', alpha = 0.5, beta = 10",
];
const OWA: &str = "method = 'owa', weights = [3, 2, 1]";
const ALL: [&str; 9] = [
    MONOTONE[0],
    MONOTONE[1],
    MONOTONE[2],
    MONOTONE[3],
    MONOTONE[4],
    OWA,
    MONOTONE[6],
    "method = 'mpi'",
    "method = 'power', p = 3.0",
];

/// A random model of some domains, with goalposts and priors.
fn model(rng: &mut ChaCha8Rng, aggregations: &[&str]) -> Model {
    let pick =
        |rng: &mut ChaCha8Rng| aggregations[rng.random_range(0..aggregations.len())].to_owned();
    let mut text = format!(
        "name = 'random'\nlevel = 'township'\nreference = {{ months = 24, low = 0.05, high = 0.95 }}\ncoverage = {{ indicator = 0.5, index = 0.5 }}\n\
         aggregate = {{ indicators = {{ {} }}, domains = {{ {} }} }}\nuncertainty = {{ draws = 50, concentration = 200 }}\n\
         [[band]]\nname = 'A'\nfrom = 60\ncolour = '#000000'\n[[band]]\nname = 'B'\nfrom = 0\ncolour = '#000000'\n",
        pick(rng),
        pick(rng)
    );
    let mut frozen = "[frozen]\nas_of = '2025-01-01'\n[frozen.indicator]\n".to_owned();
    for domain in &DOMAINS[..rng.random_range(2..7)] {
        text +=
            &format!("[[domain]]\nid = '{}'\nweight = {}\n", domain.id, rng.random_range(1..20));
        for i in 0..rng.random_range(1..5) {
            let kind = ["rate", "proportion", "ratio", "amount"][rng.random_range(0..4)];
            let polarity = if rng.random_bool(0.5) { '+' } else { '-' };
            text += &format!(
                "[[domain.indicator]]\nid = 'i{i}'\nlabel = 'i{i}'\nmeasure = 'm{i}'\nkind = '{kind}'\nexposure = ['population']\n\
                 polarity = '{polarity}'\nweight = {}\n",
                rng.random_range(1..9)
            );
            let low = rng.random_range(0.0..0.3);
            frozen += &format!(
                "\"{}.i{i}\" = {{ from = '2023-01', to = '2024-12', low = {low}, high = {}, prior = {{ mean = {}, strength = {} }} }}\n",
                domain.id,
                low + rng.random_range(0.1..0.8),
                rng.random_range(0.1..0.9),
                rng.random_range(1.0..200.0)
            );
        }
    }
    Model::parse(std::path::Path::new("random.toml"), &(text + &frozen)).unwrap()
}

fn register(townships: usize) -> Register {
    let mut areas = vec![area("0", "county", None)];
    areas.extend((1..=townships).map(|i| area(&i.to_string(), "township", Some("0"))));
    Register::new(areas).unwrap()
}

/// A random period; some domains of some areas are missing.
fn grid(rng: &mut ChaCha8Rng, model: &Model, areas: usize, month: &str) -> Grid {
    let leaves = model.indicators().count();
    let day = format!("{month}-01").parse().unwrap();
    let n = Array2::from_shape_fn((areas, leaves), |_| f64::from(rng.random_range(1u32..400)));
    let mut num = n.mapv(|n| (n * 0.5 * rng.random_range(0.0..1.5f64)).round());
    let (mut held, mut start) = (n, 0);
    for domain in &model.domain {
        let range = start..start + domain.indicator.len();
        for area in (0..areas).filter(|_| rng.random_bool(0.1)).collect::<Vec<_>>() {
            held.slice_mut(s![area, range.clone()]).fill(f64::NAN);
            num.slice_mut(s![area, range.clone()]).fill(f64::NAN);
        }
        start = range.end;
    }
    let exposure = held.clone();
    let coverage = held.mapv(|n| if n.is_nan() { 0.0 } else { 1.0 });
    Grid {
        period: Unit::Month.period(day, chrono::NaiveDate::MAX),
        num,
        n: held,
        exposure,
        coverage,
        past: None,
    }
}

/// Random vetoes on nodes.
fn caps(rng: &mut ChaCha8Rng, areas: usize, nodes: usize) -> Caps {
    let mut caps = Caps::new(areas, nodes);
    for area in 0..areas {
        for node in (0..nodes).filter(|_| rng.random_bool(0.15)).collect::<Vec<_>>() {
            caps.add(area, node, rng.random_range(5.0..95.0), "rule: E1".into());
        }
    }
    caps
}

/// Everything of one random period.
struct Case {
    model: Model,
    register: Register,
    seed: u64,
}

impl Case {
    fn new(seed: u64, aggregations: &[&str]) -> (Case, ChaCha8Rng) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let model = model(&mut rng, aggregations);
        let register = register(rng.random_range(1..9));
        (Case { model, register, seed }, rng)
    }

    fn units(&self) -> ScoredAreas<'_> {
        ScoredAreas::new(&self.model, &self.register)
    }

    fn intervals(&self, recipe: &Recipe, grid: &Grid, caps: &Caps) -> Intervals {
        let (units, draws) = (self.units(), Draws::new(recipe, self.seed).unwrap());
        intervals(recipe, &grid.period.name, &recipe.measure(grid, &units), &units, caps, &draws)
    }
}

fn all(scores: &Scores) -> impl Iterator<Item = f64> + '_ {
    scores.leaf.iter().chain(&scores.node).chain(&scores.uncapped).copied()
}

#[test]
fn scores_stay_in_their_range_and_weights_sum_to_one() {
    for seed in 0..120 {
        let (case, mut rng) = Case::new(seed, &MONOTONE);
        let (units, recipe) = (case.units(), Recipe::new(&case.model).unwrap());
        let grid = grid(&mut rng, &case.model, units.areas.len(), "2025-03");
        let caps = caps(&mut rng, units.areas.len(), recipe.ranges.len() + 1);
        let scores = score(&recipe, &recipe.measure(&grid, &units), &caps);
        assert!(
            all(&scores).all(|s| s.is_nan() || (-1e-9..=100.0 + 1e-9).contains(&s)),
            "seed {seed}"
        );
        assert!(
            scores
                .node
                .iter()
                .zip(&scores.uncapped)
                .all(|(capped, free)| capped.is_nan() || *capped <= free + 1e-9),
            "seed {seed}"
        );
        assert!((recipe.domain_weights.sum() - 1.0).abs() < 1e-12);
        for range in &recipe.ranges {
            assert!((recipe.leaf_weights.slice(s![range.clone()]).sum() - 1.0).abs() < 1e-12);
        }
        let found = case.intervals(&recipe, &grid, &caps);
        let known = |at: [usize; 2]| !scores.node[at].is_nan();
        for at in (0..units.areas.len())
            .flat_map(|a| (0..=recipe.ranges.len()).map(move |n| [a, n]))
            .filter(|at| known(*at))
        {
            assert!(
                found.low[at] <= found.high[at] && found.high[at] <= 100.0 + 1e-9,
                "seed {seed}: {at:?}"
            );
        }
    }
}

#[test]
fn a_better_figure_never_makes_a_worse_score() {
    for seed in 200..320 {
        let (case, mut rng) = Case::new(seed, &MONOTONE);
        let (units, recipe) = (case.units(), Recipe::new(&case.model).unwrap());
        let mut grid = grid(&mut rng, &case.model, units.areas.len(), "2025-03");
        let none = Caps::new(units.areas.len(), recipe.ranges.len() + 1);
        let before = score(&recipe, &recipe.measure(&grid, &units), &none);
        let (area, leaf) =
            (rng.random_range(0..units.areas.len()), rng.random_range(0..recipe.leaves.len()));
        let step = recipe.leaves[leaf].polarity.direction() * rng.random_range(0.0..20.0);
        grid.num[[area, leaf]] =
            (grid.num[[area, leaf]] + step).clamp(0.0, grid.n[[area, leaf]].max(0.0));
        let after = score(&recipe, &recipe.measure(&grid, &units), &none);
        for (b, a) in all(&before).zip(all(&after)) {
            assert!(b.is_nan() && a.is_nan() || a >= b - 1e-9, "seed {seed}: {b} became {a}");
        }
    }
}

#[test]
fn the_parts_sum_to_the_change_under_every_aggregation_and_with_vetoes() {
    let mut compared = 0;
    for seed in 400..640 {
        let (case, mut rng) = Case::new(seed, &ALL);
        let (units, recipe) = (case.units(), Recipe::new(&case.model).unwrap());
        let areas = units.areas.len();
        let grids = ["2025-03", "2025-04"].map(|month| grid(&mut rng, &case.model, areas, month));
        let caps = [0, 1].map(|_| caps(&mut rng, areas, recipe.ranges.len() + 1));
        let scores = [0, 1].map(|i| score(&recipe, &recipe.measure(&grids[i], &units), &caps[i]));
        let scales = [0, 1].map(|i| recipe.measure(&grids[i], &units).scales);
        let scored = [0, 1].map(|i| ScoredPeriod {
            grid: &grids[i],
            scores: &scores[i],
            caps: &caps[i],
            scales: &scales[i],
        });
        let found = case.intervals(&recipe, &grids[1], &caps[1]);
        for area in 0..areas {
            // Against its own past, and against another area of the same period.
            let other = Side { scored: &scored[1], area: rng.random_range(0..areas) };
            for before in [Side { scored: &scored[0], area }, other] {
                let told =
                    explain(&recipe, &units, before, Side { scored: &scored[1], area }, &found)
                        .unwrap();
                let index = &told.nodes[0];
                if index.delta.is_nan() {
                    continue;
                }
                let parts: f64 =
                    told.nodes.iter().flat_map(|s| &s.parts).map(|(_, delta)| delta).sum();
                assert!(
                    (parts - index.delta).abs() < 1e-9,
                    "seed {seed}, area {area}: {parts} for {}",
                    index.delta
                );
                let domains: f64 =
                    told.nodes.iter().filter(|s| s.kind == "domain").map(|s| s.delta).sum();
                let own: f64 = index.parts.iter().map(|(_, delta)| delta).sum();
                assert!((domains + own - index.delta).abs() < 1e-9, "seed {seed}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn a_feed_that_is_missing_moves_no_other_areas_score() {
    for seed in 700..760 {
        let (case, mut rng) = Case::new(seed, &ALL);
        let (units, recipe) = (case.units(), Recipe::new(&case.model).unwrap());
        let mut grid = grid(&mut rng, &case.model, units.areas.len(), "2025-03");
        let none = Caps::new(units.areas.len(), recipe.ranges.len() + 1);
        let (before, drawn) = (
            score(&recipe, &recipe.measure(&grid, &units), &none),
            case.intervals(&recipe, &grid, &none),
        );
        let area = rng.random_range(0..units.areas.len());
        let range = recipe.ranges[rng.random_range(0..recipe.ranges.len())].clone();
        grid.n.slice_mut(s![area, range.clone()]).fill(f64::NAN);
        grid.num.slice_mut(s![area, range]).fill(f64::NAN);
        let (after, again) = (
            score(&recipe, &recipe.measure(&grid, &units), &none),
            case.intervals(&recipe, &grid, &none),
        );
        let same = |x: &Array2<f64>, y: &Array2<f64>| {
            (0..x.nrows()).filter(|row| *row != area).all(|row| {
                x.row(row).iter().zip(y.row(row)).all(|(a, b)| a.to_bits() == b.to_bits())
            })
        };
        assert!(same(&before.leaf, &after.leaf) && same(&before.node, &after.node), "seed {seed}");
        assert!(same(&drawn.low, &again.low) && same(&drawn.high, &again.high), "seed {seed}");
    }
}

#[test]
fn the_same_inputs_are_the_same_bytes_on_any_number_of_threads() {
    let (case, mut rng) = Case::new(800, &MONOTONE);
    let (units, recipe) = (case.units(), Recipe::new(&case.model).unwrap());
    let grid = grid(&mut rng, &case.model, units.areas.len(), "2025-03");
    let none = Caps::new(units.areas.len(), recipe.ranges.len() + 1);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| case.intervals(&recipe, &grid, &none));
        [found.low, found.high, found.rank_low, found.rank_high, found.bands]
            .map(|m| m.mapv(f64::to_bits))
    };
    assert_eq!(run(1), run(3));
}
