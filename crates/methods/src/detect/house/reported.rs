//! Counts of which a part is still to be reported.

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

    /// The distribution of what has been reported of a count: thinned, and wider by what is not
    /// known of the share. A case of mean μ and variance φμ, kept with probability s, has mean sμ
    /// and variance sμ(1 + s(φ−1)); an error e of s adds e²μ².
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

    #[test]
    fn what_is_reported_of_a_count_has_the_moments_of_thinning() {
        // Var = E[s]μ(1 + s(φ − 1)) + e²μ², with μ = 8, φ = 2.5, s = 0.6, e = 0.1.
        let last = NegativeBinomial::with_dispersion(8.0, 2.5);
        let known = Reported { share: 0.6, error: 0.1 }.thin(last);
        assert!((known.mean() - 4.8).abs() < 1e-12, "{known:?}");
        assert!((known.variance() - (4.8 * 1.9 + 0.01 * 64.0)).abs() < 1e-12, "{known:?}");
        // Thinned draw by draw it is the same distribution, where the share is certain.
        let exact = Reported { share: 0.6, error: 0.0 }.thin(last);
        let binomial = |n: u32, k: u32| -> f64 {
            (0..k).map(|i| f64::from(n - i) / f64::from(k - i)).product::<f64>()
                * 0.6_f64.powi(k as i32)
                * 0.4_f64.powi((n - k) as i32)
        };
        for k in [0, 1, 4, 9] {
            let summed: f64 = (k..400).map(|n| last.pmf(f64::from(n)) * binomial(n, k)).sum();
            assert!((exact.pmf(f64::from(k)) / summed - 1.0).abs() < 1e-10, "{k}: {summed}");
        }
    }
}
