//! One night of the house detector over 400, 4,000 and 40,000 townships × 20 series, weekly, five
//! years: time, memory, and how they grow.
//!
//! `cargo bench --bench night [-- TOWNSHIPS…]`. Series are simulated: ten feeds of two types, most
//! of 0 to 5 cases a week, one in a thousand with a rise in its last two weeks. They go through
//! what `detect` does with them: strength borrowed within a feed, every last week judged, one false
//! discovery rate over all. Two threads.

use std::time::Instant;

use chrono::{Days, NaiveDate};
use methods::detect::fdr::benjamini_hochberg;
use methods::detect::house::{Design, HouseParams, Judgement, Prior, Reported, Rule, SharedModel};
use methods::detect::series::Answer;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, LogNormal, Poisson};
use rayon::prelude::*;

/// Weeks of five years, the last one judged.
const WEEKS: usize = 261;
const FEEDS: usize = 10;
const TYPES: usize = 2;
/// Series that are in memory at a time.
const CHUNK: usize = 4096;
/// One series in so many rises.
const RISING: u64 = 1000;
/// Share of what is told that may be chance.
const Q: f64 = 0.1;
/// Variance over mean of the counts of every series.
const DISPERSION: f64 = 1.4;

/// What a night took and what it found.
struct Night {
    series: usize,
    cpu: f64,
    wall: f64,
    /// Series told, and how many of these were made to rise; how many were.
    told: usize,
    right: usize,
    rising: usize,
}

/// The two models of a night.
struct Model {
    rule: Rule,
    design: Design,
    exposure: Vec<f64>,
    reported: [Reported; 2],
}

impl Model {
    fn new() -> Model {
        let params = HouseParams { lunar: true, ..HouseParams::default() };
        let first = NaiveDate::from_ymd_opt(2021, 1, 4).expect("a Monday");
        let starts: Vec<NaiveDate> =
            (0..WEEKS as u64).map(|week| first + Days::new(7 * week)).collect();
        Model {
            rule: params.rule(52).expect("the parameters hold"),
            design: Design::new(WEEKS, 52, params.harmonics, &params.regressors(&starts))
                .expect("a weekly calendar"),
            exposure: vec![1.0; WEEKS],
            reported: [0.85, 0.98].map(|share| Reported { share, error: 0.02 }),
        }
    }

    fn together(&self) -> SharedModel<'_> {
        SharedModel {
            rule: &self.rule,
            design: &self.design,
            exposure: &self.exposure,
            reported: &self.reported,
            at: WEEKS - 1,
            a_year: 52,
        }
    }
}

/// The series of a feed at a position, and whether it rises: a mean of its own about 1.3 a week, a
/// trend, a season, and late reports of the last weeks.
fn series(feed: usize, position: usize) -> (Vec<f64>, bool) {
    let mut rng = ChaCha8Rng::seed_from_u64((feed as u64) << 32 | position as u64);
    let usual: f64 = LogNormal::new(0.3, 0.9).expect("the deviation is positive").sample(&mut rng);
    let trend = rng.random_range(-0.05..0.05);
    let rises = rng.random_range(0..RISING) == 0;
    let mean = |week: usize| {
        let years = week as f64 / 52.0;
        let season = 0.3 * (std::f64::consts::TAU * years).sin();
        let rise = if rises && week + 2 >= WEEKS { 5.0 * (DISPERSION * usual).sqrt() } else { 0.0 };
        let known = [0.85, 0.98].get(WEEKS - 1 - week).copied().unwrap_or(1.0);
        known * (usual * (trend * years + season).exp() + rise)
    };
    ((0..WEEKS).map(|week| count(&mut rng, mean(week))).collect(), rises)
}

/// A negative binomial count as a Poisson one with a gamma mean.
fn count(rng: &mut ChaCha8Rng, mean: f64) -> f64 {
    let mean = Gamma::new(mean / (DISPERSION - 1.0), DISPERSION - 1.0)
        .expect("shape and scale are positive")
        .sample(rng);
    if mean > 0.0 { Poisson::new(mean).expect("the mean is positive").sample(rng) } else { 0.0 }
}

/// Each series learned with what all suggest, and its last week judged.
fn judged(together: &SharedModel, counts: &[Vec<f64>], prior: &Prior) -> Vec<Judgement> {
    let fitted = together.fit(counts, prior);
    counts
        .par_iter()
        .zip(&fitted)
        .map(|(counts, fitted)| together.judge(counts, fitted.as_ref()))
        .collect()
}

/// A night over so many townships; the simulation's own time is not counted.
fn night(townships: usize, model: &Model) -> Night {
    let (together, of_feed) = (model.together(), townships * TYPES);
    let (mut p, mut alarms, mut rising) = (Vec::new(), Vec::new(), 0);
    let (mut cpu, mut wall) = (0.0, 0.0);
    let mut timed = |work: &mut dyn FnMut()| {
        let (processor, clock) = (processor(), Instant::now());
        work();
        cpu += self::processor() - processor;
        wall += clock.elapsed().as_secs_f64();
    };
    for feed in 0..FEEDS {
        let mut prior: Option<Prior> = None;
        // Those that strength is borrowed from are simulated under the clock, which adds a little.
        timed(&mut || {
            prior = together.priors(&vec![0; of_feed], |position| series(feed, position).0).pop()
        });
        let Some(prior) = prior else { continue };
        for from in (0..of_feed).step_by(CHUNK) {
            let chunk: Vec<(Vec<f64>, bool)> = (from..(from + CHUNK).min(of_feed))
                .into_par_iter()
                .map(|i| series(feed, i))
                .collect();
            let (counts, rises): (Vec<Vec<f64>>, Vec<bool>) = chunk.into_iter().unzip();
            timed(&mut || {
                for (judged, rises) in judged(&together, &counts, &prior).into_iter().zip(&rises) {
                    if judged.answer == Answer::Alarm {
                        alarms.push((p.len(), *rises));
                    }
                    p.push(judged.p);
                }
            });
            rising += rises.iter().filter(|rises| **rises).count();
        }
    }
    let mut q = Vec::new();
    timed(&mut || q = benjamini_hochberg(&p));
    let told: Vec<bool> =
        alarms.into_iter().filter(|(at, _)| q[*at] <= Q).map(|(_, rises)| rises).collect();
    let right = told.iter().filter(|rises| **rises).count();
    Night { series: p.len(), cpu, wall, told: told.len(), right, rising }
}

/// Seconds that all threads have spent on processors so far; NaN where the system does not tell.
fn processor() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = |task: std::fs::DirEntry| {
        std::fs::read_to_string(task.path().join("schedstat"))
            .ok()?
            .split(' ')
            .next()?
            .parse::<f64>()
            .ok()
    };
    let sum: f64 = tasks.filter_map(spent).sum();
    if sum > 0.0 { sum * 1e-9 } else { f64::NAN }
}

/// Most memory that the process has held so far, in MiB; NaN where the system does not tell.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("no pool yet");
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![400, 4_000, 40_000];
    }
    sizes.sort_unstable();
    let model = Model::new();
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>10} {:>9} {:>8} {:>22}",
        "townships",
        "series",
        "CPU s",
        "wall s",
        "µs/series",
        "peak MiB",
        "exponent",
        "told (right) of rising"
    );
    let mut before: Option<Night> = None;
    for townships in sizes {
        let night = night(townships, &model);
        let grown = before.map_or(f64::NAN, |b| {
            (night.cpu / b.cpu).ln() / (night.series as f64 / b.series as f64).ln()
        });
        println!(
            "{townships:9} {:9} {:9.2} {:9.2} {:10.1} {:9.0} {grown:8.2} {:>22}",
            night.series,
            night.cpu,
            night.wall,
            1e6 * night.cpu / night.series as f64,
            peak(),
            format!("{} ({}) of {}", night.told, night.right, night.rising),
        );
        before = Some(night);
    }
}
