//! What the last weeks of one series say: no rise, one that lasts up to now, or nothing.

use super::learned::{Learned, Model};
use methods::detect::house::{Judgement, LONGEST, Reported, Rise, Window};
use methods::detect::series::Answer;
use methods::stats::NegativeBinomial;

/// Standard deviations that a week must have above what is expected to be one of those in a row.
const HIGH: f64 = 1.0;

/// What can be said.
pub(super) enum Outcome {
    /// Nothing, and why; the last week's count, where it is known.
    Silent {
        observed: f64,
        reason: String,
    },
    /// No rise.
    Quiet,
    Rise(Lasting),
}

/// A rise up to the last week.
pub(super) struct Lasting {
    /// Of the last week.
    pub rise: Rise,
    /// Least p of the weeks in a row that tell of a rise.
    pub p: f64,
    pub p_at_least: f64,
    /// The last week by itself.
    pub last_week: Window,
    /// The last weeks, where few of them tell of a rise by themselves.
    pub recent: Option<Window>,
    /// Weeks in a row that were high, the last one included.
    pub weeks_in_a_row: usize,
    /// Weeks of history, where they are fewer than is asked for.
    pub short_history: Option<usize>,
}

/// The rise that the last weeks tell of, with what stands for it: it has lasted for as many weeks in
/// a row as its p is at most `keep`.
pub(super) fn lasting(
    learned: &Learned,
    model: &Model,
    late: &[Reported],
    keep: f64,
) -> Option<Lasting> {
    let windows = |back: usize| learned.windows(model, late, back);
    let kept = |rise: &Rise| rise.p <= keep;
    let week = |back: usize| {
        let windows = windows(back);
        learned.rise(&windows).zip(windows.first().copied())
    };
    let now = week(0)?;
    let before = (1..LONGEST).map_while(|back| week(back).filter(|(rise, _)| kept(rise)));
    let weeks: Vec<(Rise, Window)> = match kept(&now.0) {
        true => std::iter::once(now).chain(before).collect(),
        false => vec![now],
    };
    let (rise, last_week) = now;
    let least = |p: fn(&Rise) -> f64| weeks.iter().map(|(rise, _)| p(rise)).fold(1.0, f64::min);
    let high = |(_, week): &&(Rise, Window)| week.excess() >= HIGH * week.law.sd();
    Some(Lasting {
        rise,
        p: least(|rise| rise.p),
        p_at_least: least(|rise| rise.p_at_least),
        last_week,
        recent: learned.rise(learned.short(&windows(0))).filter(kept).map(|rise| rise.window),
        weeks_in_a_row: weeks.iter().take_while(high).count(),
        short_history: None,
    })
}

impl Outcome {
    /// Of a series without a model of its own: an explosion, or nothing that can be judged.
    pub fn new(judgement: Judgement) -> Outcome {
        let law = |mean: f64| NegativeBinomial::with_dispersion(mean, judgement.dispersion);
        let window = |points: usize, observed: f64, expected: f64| Window {
            points,
            observed,
            law: law(expected),
        };
        let Judgement { window: points, window_observed, window_expected, p, p_at_least, .. } =
            judgement;
        match judgement.answer {
            Answer::NotAssessable(reason) => {
                Outcome::Silent { observed: judgement.observed, reason }
            }
            Answer::Quiet => Outcome::Quiet,
            Answer::Alarm => Outcome::Rise(Lasting {
                rise: Rise {
                    window: window(points, window_observed, window_expected),
                    p,
                    p_at_least,
                },
                p,
                p_at_least,
                last_week: window(1, judgement.observed, judgement.expected),
                recent: None,
                weeks_in_a_row: judgement.in_a_row,
                short_history: judgement.short_history,
            }),
        }
    }
}
