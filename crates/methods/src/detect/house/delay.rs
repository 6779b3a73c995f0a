//! Counts of which part is still to be reported.

use super::negbin::Law;

/// What share of a point's final count has been reported so far, and how uncertain that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reported {
    /// Between 0 and 1.
    pub share: f64,
    /// Standard error of the share.
    pub error: f64,
}

impl Reported {
    /// All is known.
    pub const WHOLE: Reported = Reported { share: 1.0, error: 0.0 };

    /// The law of what has been reported of a count: thinned, and wider by what is not known of the
    /// share. A case of mean μ and variance φμ, kept with probability s, has mean sμ and variance
    /// sμ(1 + s(φ−1)); an error e of s adds e²μ².
    pub fn thin(self, law: Law) -> Law {
        let share = self.share.clamp(1e-6, 1.0);
        Law::new(
            law.mean * share,
            1.0 + share * (law.dispersion - 1.0) + self.error * self.error * law.mean / share,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_poisson_and_moves_towards_it() {
        assert_eq!(Reported::WHOLE.thin(Law::new(4.0, 3.0)), Law::new(4.0, 3.0));
        assert_eq!(
            Reported { share: 0.5, error: 0.0 }.thin(Law::new(4.0, 3.0)),
            Law::new(2.0, 2.0)
        );
        assert_eq!(Reported { share: 0.5, error: 0.1 }.thin(Law::new(4.0, 1.0)).dispersion, 1.08);
    }
}
