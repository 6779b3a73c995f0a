//! Nowcasts run as of each day of an outbreak, and how often their intervals hold the final count.

use methods::detect::delay::baseline::chain_ladder;
use methods::detect::delay::{Delay, FinalCount, Increment, Nowcast, Triangle};

/// Level of every interval here.
pub const LEVEL: f64 = 0.9;

/// One nowcast of one day beside what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// As-of day; not every test asks for it.
    #[allow(dead_code)]
    pub now: usize,
    pub lag: usize,
    pub last: f64,
    pub reported: f64,
    pub mean: f64,
    pub interval: (f64, f64),
    /// Probability integral transform of a discrete distribution: P(< last) and P(≤ last).
    pub pit: (f64, f64),
    pub ladder: (f64, f64),
    pub ladder_mean: f64,
}

/// Judges the nowcasts of `delay` as of every `step`th day of `from..to`, lags `0..=lags`. `counts`
/// are the final ones.
pub fn judge(
    delay: &Delay,
    ledger: &[Increment],
    counts: &[f64],
    max_delay: usize,
    (from, to): (usize, usize),
    lags: usize,
    step: usize,
) -> Vec<Judged> {
    let mut all = Vec::new();
    for now in (from..to).step_by(step) {
        let triangle = Triangle::new(now + 1, max_delay, ledger.iter().copied());
        let Ok(fitted) = delay.fit(std::slice::from_ref(&triangle)) else { continue };
        let ladder = chain_ladder(&triangle, 28).unwrap_or_default();
        for (i, nowcast) in fitted.predict(&triangle, LEVEL).unwrap().into_iter().enumerate() {
            let Nowcast::Known(day) = nowcast else { continue };
            let lag = now - day.at;
            if lag <= lags {
                let last = counts[day.at];
                let plain = ladder.get(i).copied().unwrap_or(FinalCount::complete(day.reported));
                all.push(Judged {
                    now,
                    lag,
                    last,
                    reported: day.reported,
                    mean: day.expected,
                    interval: (day.lower, day.upper),
                    pit: (day.last.cdf(last - 1.0), day.last.cdf(last)),
                    ladder: plain.interval(LEVEL),
                    ladder_mean: plain.mean(),
                });
            }
        }
    }
    all
}

/// Figures of a set of nowcasts.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub n: usize,
    pub coverage: f64,
    /// Coverage by the randomised transform, which is the level itself for a right distribution
    /// even where it is on few numbers.
    pub randomised: f64,
    pub width: f64,
    /// Mean absolute error over mean final count: nowcast, chain ladder, no correction.
    pub error: [f64; 3],
    /// Coverage of the plain chain ladder and of no correction.
    pub others: [f64; 2],
}

pub fn figures<'a>(of: impl Iterator<Item = &'a Judged> + Clone) -> Figures {
    let n = of.clone().count();
    let mean = |f: &dyn Fn(&Judged) -> f64| of.clone().map(f).sum::<f64>() / n.max(1) as f64;
    let within = |x: f64, (low, high): (f64, f64)| f64::from(u8::from((low..=high).contains(&x)));
    let out = (1.0 - LEVEL) / 2.0;
    let share = |j: &Judged| {
        let (a, b) = j.pit;
        if b - a < 1e-12 {
            within(a, (out, 1.0 - out))
        } else {
            ((b.min(1.0 - out) - a.max(out)) / (b - a)).clamp(0.0, 1.0)
        }
    };
    let size = mean(&|j| j.last).max(1e-9);
    Figures {
        n,
        coverage: mean(&|j| within(j.last, j.interval)),
        randomised: mean(&share),
        width: mean(&|j| j.interval.1 - j.interval.0),
        error: [
            mean(&|j| (j.mean - j.last).abs()) / size,
            mean(&|j| (j.ladder_mean - j.last).abs()) / size,
            mean(&|j| (j.reported - j.last).abs()) / size,
        ],
        others: [
            mean(&|j| within(j.last, j.ladder)),
            mean(&|j| within(j.last, (j.reported, j.reported))),
        ],
    }
}

pub fn print(name: &str, f: &Figures) {
    println!(
        "{name:>22} n {:5}  cover {:.3} (randomised {:.3})  width {:6.1}  | ladder {:.3} none {:.3} | error {:.3} ladder {:.3} none {:.3}",
        f.n,
        f.coverage,
        f.randomised,
        f.width,
        f.others[0],
        f.others[1],
        f.error[0],
        f.error[1],
        f.error[2]
    );
}
