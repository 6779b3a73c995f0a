//! A level that changed years or months ago: false alarms and power of the house detector, beside
//! Farrington's.

use methods::detect::method;
use methods::detect::series::{Answer, Series};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

const WEEKS: usize = 300;
/// Farrington's method as benches/noufaily sets it.
const FARRINGTON: &str = "b = 5\nw = 3\nnoPeriods = 10\nweightsThreshold = 2.58\npastWeeksNotIncluded = 26\npThresholdTrend = 1.0\nthresholdMethod = 'nbPlugin'\nalpha = 0.005";

/// Weeks of one mean, so many before the last of another, and a last one of a third.
#[derive(Clone, Copy)]
struct Course {
    before: f64,
    weeks: usize,
    after: f64,
    last: f64,
}

impl Course {
    fn counts(&self, seed: u64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mean = |week: usize| match WEEKS - 1 - week {
            0 => self.last,
            back if back <= self.weeks => self.after,
            _ => self.before,
        };
        (0..WEEKS).map(|week| Poisson::new(mean(week)).unwrap().sample(&mut random)).collect()
    }

    /// p of the last week of as many series as there are seeds, and whether it alarms.
    fn judged(&self, name: &str, params: &str, seeds: std::ops::Range<u64>) -> Vec<(f64, bool)> {
        let method = method(name, &params.parse().unwrap()).unwrap();
        let judge = |seed| {
            let observed = self.counts(seed);
            let times = vec![String::new(); WEEKS];
            let series = Series { observed, times, freq: 52, ..Series::default() };
            let row = &method.detect(&series, WEEKS - 1, WEEKS).unwrap().value[0];
            (row.p, row.answer == Answer::Alarm)
        };
        seeds.map(judge).collect()
    }
}

fn share(judged: &[(f64, bool)]) -> f64 {
    judged.iter().filter(|(_, alarm)| *alarm).count() as f64 / judged.len() as f64
}

/// The share whose p is below the limit at which `among` have as many false alarms as asked for.
fn share_at(judged: &[(f64, bool)], among: &[(f64, bool)], false_alarms: f64) -> f64 {
    let mut quiet: Vec<f64> = among.iter().map(|(p, _)| *p).collect();
    quiet.sort_unstable_by(f64::total_cmp);
    let limit = quiet[((false_alarms * quiet.len() as f64) as usize).min(quiet.len() - 1)];
    judged.iter().filter(|(p, _)| *p < limit).count() as f64 / judged.len() as f64
}

/// Rows of United4Surveillance's cases: the level rose from 5 to 20, or fell from 20 to 5. The last
/// week is as usual, or 2.2 and 3.4 times as high.
#[test]
fn a_level_that_changed_is_learned_and_an_outbreak_on_it_is_found() {
    let seeds = || 1_000..1_200;
    // What it finds without a change is the most that it can find after one: a single high week is
    // not what its windows are set for.
    let mut at_most = [(44.0, 1.0), (17.0, 1.0)];
    let steady = [(20.0, 0, 20.0, 44.0), (5.0, 0, 5.0, 17.0)];
    let rows = [150, 52, 26]
        .into_iter()
        .flat_map(|weeks| [(5.0, weeks, 20.0, 44.0), (20.0, weeks, 5.0, 17.0)]);
    println!(
        "before weeks after | house: false, found | Farrington: false, found | house at its false"
    );
    for (before, weeks, after, high) in steady.into_iter().chain(rows) {
        let quiet = Course { before, weeks, after, last: after };
        let outbreak = Course { last: high, ..quiet };
        let house = [quiet, outbreak].map(|course| course.judged("house", "", seeds()));
        let other =
            [quiet, outbreak].map(|course| course.judged("farrington", FARRINGTON, seeds()));
        let [false_alarms, found, their_false, their_found] =
            [&house[0], &house[1], &other[0], &other[1]].map(|judged| share(judged));
        let equal = share_at(&house[1], &house[0], their_false);
        println!(
            "{before:6} {weeks:5} {after:5} | {false_alarms:.3} {found:.3} | {their_false:.3} {their_found:.3} | {equal:.3}"
        );
        assert!(false_alarms <= 0.015, "{before} {weeks}: {false_alarms} false alarms");
        assert!(found >= if high == 44.0 { 0.78 } else { 0.66 }, "{before} {weeks}: {found} found");
        let most = at_most.iter_mut().find(|(of, _)| *of == high).unwrap();
        if weeks == 0 {
            most.1 = found;
        }
        // Two standard errors of a difference are allowed for.
        let least = f64::min(their_found, most.1) - 0.07;
        assert!(found >= least, "{before} {weeks}: {found} {their_found} {most:?}");
    }
}

#[test]
fn a_new_level_is_learned_within_a_quarter_and_is_news_until_then() {
    let at = |weeks, before, after| {
        share(&Course { before, weeks, after, last: after }.judged("house", "", 2_000..2_100))
    };
    assert!(at(3, 5.0, 20.0) > 0.95 && at(8, 5.0, 20.0) > 0.95, "a rise of weeks is a rise");
    assert!(at(18, 5.0, 20.0) < 0.03, "{}", at(18, 5.0, 20.0));
    let fallen = Course { before: 20.0, weeks: 13, after: 5.0, last: 17.0 };
    assert!(share(&fallen.judged("house", "", 2_000..2_100)) > 0.5);
}
