//! False positive rate and power of detection of the house detector, beside Farrington's and one
//! that knows the truth.
//!
//! `cargo bench --bench noufaily [-- REPLICATES [SEED [ROWS]]]`; only rows whose name holds ROWS
//! are run. The limit on p is set on other seeds than those reported.

mod detectors;
mod score;
mod simulation;

use std::time::Instant;

use detectors::{Farrington, House};
use methods::detect::house::{Fitted, HouseParams, Prior, pool};
use rayon::prelude::*;
use score::{Rates, Score};
use simulation::{SCENARIOS, Simulated, replicate};

/// The false positive rate at which all are compared.
const RATE: f64 = 0.005;
/// Seeds on which limits are set and strength is borrowed lie so far from those reported.
const APART: u64 = 1_000_000;

type Figures<'a> = Box<dyn Fn(usize, &Simulated) -> Vec<f64> + Sync + 'a>;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let replicates = numbers.first().copied().unwrap_or(100);
    let seed = numbers.get(1).copied().unwrap_or(1);
    let all = House::new(&HouseParams::default());
    let five = House::new(&HouseParams { b: Some(5), ..HouseParams::default() });
    let (all_priors, five_priors) =
        (priors(&all, replicates, seed), priors(&five, replicates, seed));
    let mut rows: Vec<(&str, Figures)> = vec![
        ("knowing, one week", Box::new(|_, s| detectors::knowing_one_week(s))),
        ("knowing, best of 1-2 weeks", Box::new(|_, s| detectors::knowing_best_window(s))),
        ("knowing, house's scan", Box::new(|_, s| detectors::knowing_scan(s))),
        ("house, all years", Box::new(|_, s| all.figures(s, &all.prior))),
        ("house, five years", Box::new(|_, s| five.figures(s, &five.prior))),
        ("house, all years, borrowing", Box::new(|i, s| all.figures(s, &all_priors[i]))),
        ("house, five years, borrowing", Box::new(|i, s| five.figures(s, &five_priors[i]))),
    ];
    match Farrington::new() {
        Some(farrington) => {
            rows.insert(0, ("farringtonFlexible", Box::new(move |_, s| farrington.figures(s))))
        }
        None => println!("farrington is not among the methods"),
    }
    if let Some(only) = std::env::args().nth(3) {
        rows.retain(|(name, _)| name.contains(&only));
    }
    println!(
        "{SCENARIOS} scenarios x {replicates} replicates, each with an outbreak of every size; seed {seed}"
    );
    println!(
        "{:29} {:>8} {:>15} {:>15} {:>15} {:>15}   {:^17} {:>7}",
        "", "limit p", "FPR", "POD k=3", "k=5", "k=10", "at FPR .005", "seconds"
    );
    for (name, figures) in &rows {
        let start = Instant::now();
        let (reported, other) =
            (run(figures, replicates, seed), run(figures, replicates, seed + APART));
        print(name, &reported, other.limit(RATE), start.elapsed().as_secs_f64());
        if *name == "farringtonFlexible" || name.starts_with("house") {
            print("    at p < .005", &reported, -RATE.ln(), f64::NAN);
        }
    }
}

/// One line of the table; the last three figures are those at the very rate, on the reported seeds
/// themselves.
fn print(name: &str, score: &Score, limit: f64, seconds: f64) {
    let rates = score.rates(limit);
    let errors = score.errors(&rates);
    let cell = |of: &dyn Fn(&Rates) -> f64| format!("{:.4} ± {:.4}", of(&rates), of(&errors));
    let detected: Vec<String> = (0..3).map(|k| cell(&|r| r.detected[k])).collect();
    let equal = score.rates(score.limit(RATE)).detected;
    println!(
        "{name:29} {:8.5} {:>15} {:>15} {:>15} {:>15}   {:.3} {:.3} {:.3} {seconds:7.1}",
        (-limit).exp(),
        cell(&|r| r.false_positives),
        detected[0],
        detected[1],
        detected[2],
        equal[0],
        equal[1],
        equal[2],
    );
}

/// What other replicates of each scenario suggest, as other townships would.
fn priors(house: &House, replicates: u64, seed: u64) -> Vec<Prior> {
    let of = |scenario: usize| {
        let fits: Vec<Fitted> = (0..replicates)
            .map(|r| house.learn(&replicate(scenario, seed + 2 * APART + r)[0]))
            .collect();
        pool(&fits.iter().collect::<Vec<_>>(), &house.prior)
    };
    (0..SCENARIOS).into_par_iter().map(of).collect()
}

/// All scenarios and replicates of a detector.
fn run(figures: &Figures, replicates: u64, seed: u64) -> Score {
    (0..SCENARIOS as u64 * replicates)
        .into_par_iter()
        .map(|i| {
            let (scenario, seed) = ((i % SCENARIOS as u64) as usize, seed + i / SCENARIOS as u64);
            let mut score = Score::default();
            for (size, series) in replicate(scenario, seed).iter().enumerate() {
                score.add(series, size, &figures(scenario, series));
            }
            score
        })
        .reduce(Score::default, Score::join)
}
