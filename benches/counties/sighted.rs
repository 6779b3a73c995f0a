//! What the oracle finds at each of some rates, so that it can be compared with a detector that has
//! the same share of false findings.

use pingan::synth::Simulated;

use super::night::Night;
use super::score::Score;

/// Rates up to which the oracle tells.
const RATES: [f64; 14] =
    [0.01, 0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.055, 0.06, 0.07, 0.08, 0.1, 0.15];

/// A score at each rate.
#[derive(Clone, Debug, Default)]
pub struct Sighted(Vec<Score>);

impl Sighted {
    /// Nothing seen yet.
    pub fn new(blank: &Score) -> Sighted {
        Sighted(vec![blank.clone(); RATES.len()])
    }

    /// Takes in one night.
    pub fn night(&mut self, county: &Simulated, night: &Night) {
        for (score, rate) in self.0.iter_mut().zip(RATES) {
            score.see(county, night, rate);
        }
    }

    /// Takes in another county's.
    pub fn join(&mut self, other: Sighted) {
        self.0.resize_with(RATES.len(), Score::default);
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| mine.join(other));
    }

    /// The highest rate at which no larger share of what is told is nothing, and the score there;
    /// where there is none, the lowest.
    pub fn at(&self, share: f64) -> (f64, &Score) {
        let within = |(_, score): &(f64, &Score)| score.share_of_nothing() <= share;
        let rates = || RATES.into_iter().zip(&self.0);
        rates().rfind(within).or_else(|| rates().next()).expect("a rate")
    }
}
