//! Counts of which part is still to be reported.

use crate::stats::NegativeBinomial;

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

    /// The distribution of what has been reported of a count: thinned, and wider by what is not known of the
    /// share. A case of mean μ and variance φμ, kept with probability s, has mean sμ and variance
    /// sμ(1 + s(φ−1)); an error e of s adds e²μ².
    pub fn thin(self, last: NegativeBinomial) -> NegativeBinomial {
        let share = self.share.clamp(1e-6, 1.0);
        NegativeBinomial::with_dispersion(
            last.mean() * share,
            1.0 + share * (last.dispersion() - 1.0) + self.error * self.error * last.mean() / share,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_poisson_and_moves_towards_it() {
        assert_eq!(
            Reported::WHOLE.thin(NegativeBinomial::with_dispersion(4.0, 3.0)),
            NegativeBinomial::with_dispersion(4.0, 3.0)
        );
        assert_eq!(
            Reported { share: 0.5, error: 0.0 }.thin(NegativeBinomial::with_dispersion(4.0, 3.0)),
            NegativeBinomial::with_dispersion(2.0, 2.0)
        );
        assert_eq!(
            Reported { share: 0.5, error: 0.1 }
                .thin(NegativeBinomial::with_dispersion(4.0, 1.0))
                .dispersion(),
            1.08
        );
    }
}
