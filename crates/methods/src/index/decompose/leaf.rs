//! An indicator's own change, shared out over what its score is made of.

use super::shapley::shapley;

/// The part of each named player in `value(all) − value(none)`, by [`shapley`]; player 0 is the
/// lowest bit of a coalition.
pub fn leaf_parts(players: &[&str], value: impl Fn(u32) -> f64) -> Vec<(String, f64)> {
    players.iter().map(|name| (*name).to_owned()).zip(shapley(players.len(), value)).collect()
}

/// What the score of an indicator is made of at one time. `P` is whatever the prior is, `G`
/// whatever the goalposts are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading<P, G> {
    /// Numerator over the window: a count or an amount.
    pub num: f64,
    /// What it is divided by.
    pub exposure: f64,
    pub prior: P,
    pub goalposts: G,
}

/// An indicator's change over `counts`, `exposure`, `prior` and `goalposts`; its score is
/// `score(figure(num, exposure, prior), goalposts)`. What did not change gets exactly 0; all are
/// NaN where the score before or after is missing.
pub fn indicator_parts<P, G>(
    before: &Reading<P, G>,
    after: &Reading<P, G>,
    figure: impl Fn(f64, f64, &P) -> f64,
    score: impl Fn(f64, &G) -> f64,
) -> Vec<(String, f64)> {
    leaf_parts(&["counts", "exposure", "prior", "goalposts"], |coalition| {
        let of = |player: u32| if coalition >> player & 1 == 1 { after } else { before };
        score(figure(of(0).num, of(1).exposure, &of(2).prior), &of(3).goalposts)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(num: f64, exposure: f64, (mean, strength): &(f64, f64)) -> f64 {
        (mean * strength + num) / (strength + exposure)
    }

    fn score(figure: f64, (low, high): &(f64, f64)) -> f64 {
        100.0 * (1.0 - ((figure - low) / (high - low)).clamp(0.0, 1.0))
    }

    #[test]
    fn counts_and_exposure_share_the_change_and_what_stays_has_none() {
        let before =
            Reading { num: 20.0, exposure: 1000.0, prior: (0.02, 500.0), goalposts: (0.0, 0.05) };
        let after = Reading { num: 30.0, exposure: 1100.0, ..before };
        let parts = indicator_parts(&before, &after, figure, score);
        let change = score(figure(30.0, 1100.0, &after.prior), &after.goalposts)
            - score(figure(20.0, 1000.0, &before.prior), &before.goalposts);
        assert!((parts.iter().map(|(_, p)| p).sum::<f64>() - change).abs() < 1e-12);
        assert!(
            parts[0].1 < 0.0 && parts[1].1 > 0.0,
            "more events lower the score, more exposure raises it: {parts:?}"
        );
        assert_eq!(
            (parts[2].clone(), parts[3].clone()),
            (("prior".to_owned(), 0.0), ("goalposts".to_owned(), 0.0))
        );
    }

    #[test]
    fn an_indicator_that_arrived_has_no_parts() {
        let before = Reading {
            num: f64::NAN,
            exposure: 1000.0,
            prior: (0.02, 500.0),
            goalposts: (0.0, 0.05),
        };
        let after = Reading { num: 30.0, ..before };
        // `clamp` keeps NaN.
        assert!(
            indicator_parts(&before, &after, figure, score).iter().all(|(_, part)| part.is_nan())
        );
    }
}
