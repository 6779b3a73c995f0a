//! One simulated county as departments of different habits deliver it, each beside the control in
//! which every event comes on the night it was recorded. What happened is the same, so scores,
//! findings and letters should be.
//!
//! `cargo bench --bench field -- [--seeds 1,2] [--habits monthly,monthly+undated] [--months 4]
//! [--every 3] [--list] [--check]`. A habit is a name of `pingan synth --habit`, or several joined by `+`.
//! `--list` names what differs. With `--check`, exit 1 where an aim is missed.

mod compare;
mod replay;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pingan::synth::{Habit, Practice};

use compare::Cost;
use replay::{Outcome, Setting, replay};

type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// The habits of a centre's first year, and the nights until quiet that each may take.
const HABITS: [(&str, i64); 12] = [
    ("undated", 0),
    ("load-dated", 0),
    ("monthly", 0),
    ("monthly+undated", 0),
    ("cumulative+undated", 0),
    ("same-time", 0),
    ("second-department", 0),
    ("second-department+undated", 0),
    ("gap", 0),
    ("drills", 0),
    ("strays", 0),
    ("storm", 7),
];
/// Months of nights in which all rows come again each night.
const CUMULATIVE_MONTHS: u32 = 1;
const THREADS: usize = 2;

struct Arguments {
    seeds: Vec<u64>,
    habits: Vec<String>,
    months: u32,
    every: i64,
    list: bool,
    check: bool,
}

/// A run, and whether it is a control.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd)]
struct Task {
    seed: u64,
    months: u32,
    habits: String,
    control: bool,
}

fn main() {
    let met = arguments().and_then(|a| bench(&a).map(|met| met || !a.check));
    match met {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}

fn arguments() -> Done<Arguments> {
    let mut read = Arguments {
        seeds: vec![1, 2],
        habits: HABITS.iter().map(|h| h.0.to_owned()).collect(),
        months: 4,
        every: 3,
        list: false,
        check: false,
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{name} lacks its value"));
        match name.as_str() {
            "--seeds" => {
                read.seeds = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?
            }
            "--habits" => read.habits = value()?.split(',').map(str::to_owned).collect(),
            "--months" => read.months = value()?.parse()?,
            "--every" => read.every = value()?.parse::<i64>()?.max(1),
            "--list" => read.list = true,
            "--check" => read.check = true,
            // What cargo adds.
            "--bench" => {}
            other => return Err(format!("{other} is no argument of this bench").into()),
        }
    }
    for habits in &read.habits {
        practices(habits)?;
    }
    Ok(read)
}

fn practices(habits: &str) -> Done<Vec<Practice>> {
    Ok(habits.split('+').map(str::parse).collect::<Result<_, _>>()?)
}

/// Runs and prints everything; says whether all aims are met.
fn bench(arguments: &Arguments) -> Done<bool> {
    let mut tasks = Vec::new();
    for seed in &arguments.seeds {
        for habits in &arguments.habits {
            let practices = practices(habits)?;
            let has = |habit| practices.iter().any(|p| p.habit == habit);
            let months = if has(Habit::Cumulative) { CUMULATIVE_MONTHS } else { arguments.months };
            let task = Task { seed: *seed, months, habits: habits.clone(), control: false };
            tasks.push((task.control(&practices), task));
        }
    }
    let mut all: Vec<Task> = tasks.iter().flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    all.sort();
    all.dedup();
    let outcomes = run(&all, arguments.every)?;

    println!(
        "| habit | scores that differ | largest difference | scores only one has | findings beyond control (missed) | letters beyond control (missed) | nights until quiet | aims |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---|");
    let mut met = true;
    for habits in &arguments.habits {
        let of_habit = tasks.iter().filter(|(_, task)| task.habits == *habits);
        let costs = of_habit.map(|(control, task)| {
            Cost::new(&task.setting(arguments.every), &outcomes[task], &outcomes[control])
        });
        let cost = costs.fold(Cost::default(), Cost::with);
        if arguments.list {
            for (control, task) in tasks.iter().filter(|(_, task)| task.habits == *habits) {
                println!("\nseed {}, {habits}", task.seed);
                compare::list(&outcomes[task], &outcomes[control]);
            }
        }
        let loud = HABITS.iter().find(|h| h.0 == habits).map_or(0, |h| h.1);
        met &= cost.meets(loud);
        print(habits, &cost, cost.meets(loud));
    }
    let years: f64 = arguments.seeds.len() as f64 * f64::from(arguments.months) / 12.0;
    println!("\n{} seeds, {years:.2} simulated years a habit", arguments.seeds.len());
    Ok(met)
}

fn print(habits: &str, cost: &Cost, met: bool) {
    println!(
        "| {habits} | {} of {} | {:.2e} | {} | {} ({}) | {} ({}) | {} | {} |",
        cost.differ,
        cost.scores,
        cost.largest,
        cost.one_has,
        cost.beyond,
        cost.missed,
        cost.letters,
        cost.unwritten,
        cost.loud,
        if met { "met" } else { "missed" }
    );
    if cost.failed > 0 {
        println!("  {} files could not be read", cost.failed);
    }
}

impl Task {
    /// The control: of what happens in the county itself, the same happens there.
    fn control(&self, practices: &[Practice]) -> Task {
        let happens = practices.iter().filter(|p| p.habit == Habit::Storm);
        let habits: Vec<String> = happens.map(|p| p.habit.to_string()).collect();
        Task { habits: habits.join("+"), control: true, ..self.clone() }
    }

    fn setting(&self, every: i64) -> Setting {
        Setting { seed: self.seed, months: self.months, every }
    }
}

/// Runs every task, two at a time.
fn run(tasks: &[Task], every: i64) -> Done<BTreeMap<&Task, Outcome>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || -> Result<(), String> {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let began = std::time::Instant::now();
            let practices = if task.habits.is_empty() {
                Vec::new()
            } else {
                practices(&task.habits).map_err(|e| e.to_string())?
            };
            let outcome = replay(&task.setting(every), &practices, task.control)
                .map_err(|e| format!("{}: {e}", task.habits))?;
            let what = if task.control { "control" } else { "" };
            eprintln!(
                "seed {} {} {what}: {} nights, {:.0} s",
                task.seed,
                task.habits,
                outcome.findings.len(),
                began.elapsed().as_secs_f64()
            );
            if let Ok(mut done) = done.lock() {
                done.insert(task, outcome);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|t| t.join().unwrap_or_else(|_| Err("a run panicked".to_owned())))
    })?;
    Ok(done.into_inner().map_err(|e| e.to_string())?)
}
