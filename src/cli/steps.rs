//! The steps of a long command: a bar on a terminal, and under `-v` what each step cost.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::Common;

/// Shows which step a command is at.
pub struct Steps {
    bar: ProgressBar,
    current: Option<(String, Instant, Option<f64>)>,
}

impl Steps {
    pub fn new(common: &Common) -> Steps {
        if common.quiet || common.verbose > 0 || !std::io::stderr().is_terminal() {
            return Steps { bar: ProgressBar::hidden(), current: None };
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Steps { bar: ProgressBar::new(1).with_style(style), current: None }
    }

    /// The command has come to this step.
    pub fn at(&mut self, step: usize, of: usize, what: &str) {
        self.log();
        self.bar.set_length(of as u64);
        self.bar.set_position(step as u64);
        self.bar.set_message(what.to_owned());
        self.current = Some((what.to_owned(), Instant::now(), cpu_seconds()));
    }

    /// The command is done.
    pub fn end(&mut self) {
        self.log();
        self.bar.finish_and_clear();
    }

    fn log(&mut self) {
        let Some((what, since, cpu)) = self.current.take() else { return };
        let wall = since.elapsed().as_secs_f64();
        match cpu.zip(cpu_seconds()) {
            Some((before, after)) => {
                tracing::info!("step {what} {wall:.3} s cpu {:.2} s", after - before)
            }
            None => tracing::info!("step {what} {wall:.3} s"),
        }
    }
}

/// CPU time of this process so far, where the system tells it (Linux counts in hundredths of a
/// second).
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
