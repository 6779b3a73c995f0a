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

use chrono::NaiveDate;
use pingan::synth::{Habit, Practice};

use compare::Cost;
use replay::{Outcome, Setting, replay};

type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// The habits of a centre's first year, and the nights until quiet that each may take.
const HABITS: [(&str, i64); 13] = [
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
    ("merger", 0),
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
    /// Goalposts that were frozen on half a domain, or on areas that have become one, are frozen
    /// anew at the end; the control's too, so that both rest on the same months.
    freeze_anew: bool,
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

/// A habit's run and its control's, and what came of both.
struct Pair<'a> {
    begins: NaiveDate,
    setting: Setting,
    habit: &'a Result<Outcome, String>,
    control: &'a Result<Outcome, String>,
}

/// Runs and prints everything; says whether all aims are met.
fn bench(arguments: &Arguments) -> Done<bool> {
    let mut tasks = Vec::new();
    for habits in &arguments.habits {
        let practices = practices(habits)?;
        let has = |habit| practices.iter().any(|p| p.habit == habit);
        let months = if has(Habit::Cumulative) { CUMULATIVE_MONTHS } else { arguments.months };
        for seed in &arguments.seeds {
            let task = Task {
                seed: *seed,
                months,
                habits: habits.clone(),
                control: false,
                freeze_anew: has(Habit::SecondDepartment) || has(Habit::Merger),
            };
            tasks.push((task.control(&practices), task));
        }
    }
    let mut all: Vec<Task> = tasks.iter().flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
    all.sort();
    all.dedup();
    let outcomes = run(&all, arguments.every)?;
    let pair = |(control, task): &(Task, Task)| Pair {
        begins: task.begins(arguments.every),
        setting: task.setting(arguments.every),
        habit: &outcomes[task],
        control: &outcomes[control],
    };

    println!(
        "| habit | scores that differ | largest difference | scores only one has | findings beyond control (missed) | letters beyond control (missed) | nights until quiet | rows refused | aims |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---|");
    let mut met = true;
    for habits in &arguments.habits {
        let pairs: Vec<Pair> = tasks.iter().filter(|t| t.1.habits == *habits).map(pair).collect();
        met &= row(habits, &pairs);
    }
    for (task, pair) in tasks.iter().map(|t| (&t.1, pair(t))) {
        match (pair.habit, pair.control) {
            (Ok(Outcome { failed, why: Some(why), .. }), _) => {
                println!("\n{}: {failed} files could not be read, the first: {why}", task.named());
            }
            (Err(why), _) | (_, Err(why)) => println!("\n{} stopped: {why}", task.named()),
            (Ok(habit), Ok(control)) if arguments.list => {
                println!("\n{}", task.named());
                compare::list(pair.begins, habit, control);
            }
            _ => {}
        }
    }
    let years: f64 = arguments.seeds.len() as f64 * f64::from(arguments.months) / 12.0;
    println!("\n{} seeds, {years:.2} simulated years a habit", arguments.seeds.len());
    Ok(met)
}

/// Prints a habit's row, all seeds together; says whether its aims are met.
fn row(habits: &str, pairs: &[Pair]) -> bool {
    let cost = |pair: &Pair| match (pair.habit, pair.control) {
        (Ok(habit), Ok(control)) => Some(Cost::new(&pair.setting, pair.begins, habit, control)),
        _ => None,
    };
    let Some(costs) = pairs.iter().map(cost).collect::<Option<Vec<Cost>>>() else {
        println!("| {habits} | stopped | | | | | | | missed |");
        return false;
    };
    let cost = costs.into_iter().fold(Cost::default(), Cost::with);
    let loud = HABITS.iter().find(|h| h.0 == habits).map_or(0, |h| h.1);
    print(habits, &cost, cost.meets(loud));
    cost.meets(loud)
}

fn print(habits: &str, cost: &Cost, met: bool) {
    println!(
        "| {habits} | {} of {} | {:.2e} | {} | {} ({}) | {} ({}) | {} | {} | {} |",
        cost.differ,
        cost.scores,
        cost.largest,
        cost.one_has,
        cost.beyond,
        cost.missed,
        cost.letters,
        cost.unwritten,
        cost.loud,
        cost.refused,
        if met { "met" } else { "missed" }
    );
}

impl Task {
    fn named(&self) -> String {
        format!("seed {}, {}", self.seed, self.habits)
    }

    /// The control: of what happens in the county itself, the same happens there.
    fn control(&self, practices: &[Practice]) -> Task {
        let happens = practices.iter().filter(|p| matches!(p.habit, Habit::Storm | Habit::Merger));
        let habits: Vec<String> = happens.map(|p| p.habit.to_string()).collect();
        Task { habits: habits.join("+"), control: true, ..self.clone() }
    }

    fn run(&self, every: i64) -> Done<Outcome> {
        let practices = if self.habits.is_empty() { Vec::new() } else { practices(&self.habits)? };
        replay(&self.setting(every), &practices, self.control, self.freeze_anew)
    }

    /// The night on which the first of the habits begins.
    fn begins(&self, every: i64) -> NaiveDate {
        let practices = practices(&self.habits).unwrap_or_default();
        let nights = practices.iter().map(|p| self.setting(every).begins(p.habit));
        nights.min().unwrap_or_default()
    }

    fn setting(&self, every: i64) -> Setting {
        Setting { seed: self.seed, months: self.months, every }
    }
}

/// Runs every task, two at a time; the reason where one stops.
fn run(tasks: &[Task], every: i64) -> Done<BTreeMap<&Task, Result<Outcome, String>>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let began = std::time::Instant::now();
            let outcome = task.run(every).map_err(|e| e.to_string());
            let (seconds, control) = (began.elapsed().as_secs_f64(), ["", "control"]);
            let control = control[usize::from(task.control)];
            eprintln!("seed {} {} {control}: {seconds:.0} s", task.seed, task.habits);
            if let Ok(mut done) = done.lock() {
                done.insert(task, outcome);
            }
        }
    };
    std::thread::scope(|scope| {
        (0..THREADS).for_each(|_| {
            scope.spawn(work);
        });
    });
    Ok(done.into_inner().map_err(|e| e.to_string())?)
}
