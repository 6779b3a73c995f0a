//! The change of an indicator's score, by what the score is made of.

use super::shapley::shapley;

/// The part of each named player in `value(all) − value(none)`, by [`shapley`]; `value` is given
/// the coalition of players in their new state, player 0 being its lowest bit.
pub fn indicator_parts(players: &[&str], value: impl Fn(u32) -> f64) -> Vec<(String, f64)> {
    players.iter().map(|name| (*name).to_owned()).zip(shapley(players.len(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numerator and exposure of a rate on a scale from 0 to 0.05, of which less is better.
    fn parts(before: (f64, f64), after: (f64, f64)) -> (f64, Vec<(String, f64)>) {
        let score =
            |num: f64, exposure: f64| 100.0 * (1.0 - (num / exposure / 0.05).clamp(0.0, 1.0));
        let parts = indicator_parts(&["counts", "exposure"], |coalition| {
            let num = if coalition & 1 == 1 { after.0 } else { before.0 };
            score(num, if coalition & 2 == 2 { after.1 } else { before.1 })
        });
        (score(after.0, after.1) - score(before.0, before.1), parts)
    }

    #[test]
    fn counts_and_exposure_share_the_change() {
        let (change, both) = parts((20.0, 1000.0), (30.0, 1100.0));
        assert_eq!((both[0].0.as_str(), both[1].0.as_str()), ("counts", "exposure"));
        // The mean over both orders, by hand: exposure 1000 or 1100 while the count changes, the
        // count 20 or 30 while exposure changes.
        let counts = -1000.0 * (10.0 / 1000.0 + 10.0 / 1100.0);
        let exposure = 1000.0 * (20.0 + 30.0) * (1.0 / 1000.0 - 1.0 / 1100.0);
        assert!((both[0].1 - counts).abs() < 1e-12 && (both[1].1 - exposure).abs() < 1e-12);
        assert!((counts + exposure - change).abs() < 1e-12);
        assert_eq!(parts((20.0, 1000.0), (30.0, 1000.0)).1[1].1, 0.0);
    }

    #[test]
    fn the_parts_of_a_missing_figure_are_nan() {
        assert!(parts((f64::NAN, 1000.0), (30.0, 1000.0)).1.iter().all(|(_, p)| p.is_nan()));
    }
}
