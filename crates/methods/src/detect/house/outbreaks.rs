//! How a rise runs, and how much a past week is to be believed as usual.
//!
//! A rise of size k puts k standard deviations of one time point's count on top of it, spread over
//! the points from its beginning as [`PROFILE`] says. Each point of the past is given the chance
//! that no rise was under way there, from the likelihood of rises that began at it or shortly
//! before (the E-step of a two-component mixture); points count with that weight in the fit (the
//! M-step), so that past outbreaks, which come in successive points, lose weight together, and
//! single high points lose little.
//!
//! Before a season is known, only bursts beyond doubt are set aside.

/// Share of a rise's cases in the point it begins in and in the following ones: cases delayed by a
/// lognormal(0, ½²) number of weeks, as in Noufaily et al. (2013) An improved algorithm for
/// outbreak detection in multiple surveillance systems. Statistics in Medicine 32, 1206–1222.
pub const PROFILE: [f64; 4] = [0.5, 0.417, 0.069, 0.014];
/// Sizes a past rise may have had, equally likely.
const PAST_SIZES: [f64; 3] = [3.0, 5.0, 10.0];
/// Points of the profile that count when past rises are looked for: nearly all cases fall in them.
const PAST_POINTS: usize = 3;

/// Standard deviations beyond which a point is a burst beyond doubt.
const BEYOND_DOUBT: f64 = 8.0;
/// Standard deviations of a normal law to a median deviation.
const MAD: f64 = 1.4826;
/// Points on either side that a burst must stand out of.
const AROUND: usize = 4;

/// Weights of past points from their standardised residuals (NaN where missing); `rate` is the
/// chance that a rise begins in a point.
pub(super) fn weights(residuals: &[f64], rate: f64, weights: &mut [f64]) {
    // A burst beyond doubt says nothing of its neighbours, each of which speaks for itself.
    without_bursts(residuals, weights);
    let bursts: Vec<usize> = (0..residuals.len()).filter(|t| weights[*t] == 0.0).collect();
    let without: Vec<f64>;
    let residuals = if bursts.is_empty() {
        residuals
    } else {
        let blank = |(t, r): (usize, &f64)| if bursts.contains(&t) { f64::NAN } else { *r };
        without = residuals.iter().enumerate().map(blank).collect();
        &without
    };
    let shape = &PROFILE[..PAST_POINTS];
    let energy = 0.5 * shape.iter().map(|s| s * s).sum::<f64>();
    let sizes = PAST_SIZES.len() as f64;
    weights.fill(0.0);
    for begin in 0..residuals.len() {
        let along: f64 = residuals[begin..]
            .iter()
            .zip(shape)
            .filter(|(r, _)| !r.is_nan())
            .map(|(r, s)| r * s)
            .sum();
        // Less than this no size of rise explains better than none.
        if along < PAST_SIZES[0] * energy {
            continue;
        }
        let odds = rate
            * PAST_SIZES.iter().map(|k| (k * along - k * k * energy).exp()).sum::<f64>()
            / sizes;
        for (weight, share) in weights[begin..].iter_mut().zip([1.0, 1.0, 0.5]) {
            *weight += odds * share;
        }
    }
    for weight in weights.iter_mut() {
        *weight = 1.0 / (1.0 + *weight);
    }
    bursts.into_iter().for_each(|t| weights[t] = 0.0);
}

/// Weights of 0 for bursts beyond doubt, and of 1 for all others: points that stand out both of all
/// and of those around them, which a new level does not. A fit that began with such a point would
/// begin nowhere.
pub(super) fn without_bursts(residuals: &[f64], weights: &mut [f64]) {
    weights.fill(1.0);
    let highest = residuals.iter().copied().fold(f64::MIN, f64::max);
    let Some(usual) = median(residuals.iter().copied()) else { return };
    if highest - usual <= BEYOND_DOUBT {
        return;
    }
    let spread = median(residuals.iter().map(|r| (r - usual).abs())).unwrap_or(0.0);
    let limit = BEYOND_DOUBT * (MAD * spread).max(1.0);
    for (at, residual) in residuals.iter().enumerate().filter(|(_, r)| **r - usual > limit) {
        let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(residuals.len());
        if median(residuals[around].iter().copied()).is_some_and(|near| residual - near > limit) {
            weights[at] = 0.0;
        }
    }
}

/// The median of what is there; of an even number, the lower of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut known: Vec<f64> = values.filter(|v| !v.is_nan()).collect();
    let middle = known.len().checked_sub(1)? / 2;
    Some(*known.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(residuals: &[f64]) -> Vec<f64> {
        let mut w = vec![0.0; residuals.len()];
        weights(residuals, 0.01, &mut w);
        w
    }

    #[test]
    fn usual_points_keep_their_weight_and_rises_lose_it() {
        let w = of(&[0.3, -1.0, 0.5, 5.0, 4.0, 0.0, -0.2, f64::NAN, 0.1]);
        assert!(w[3] < 1e-3 && w[4] < 1e-3, "{w:?}");
        assert!(w[0] > 0.97 && w[6] > 0.75 && w[8] > 0.97, "{w:?}");
    }

    #[test]
    fn two_high_points_in_a_row_lose_more_than_two_apart() {
        let (together, apart) = (of(&[0.0, 2.5, 2.5, 0.0, 0.0]), of(&[0.0, 2.5, 0.0, 2.5, 0.0]));
        assert!(together[1] < 0.5 * apart[1], "{together:?} {apart:?}");
    }

    #[test]
    fn a_burst_beyond_doubt_is_set_aside_and_a_level_is_not() {
        let of = |residuals: &[f64]| {
            let mut w = vec![0.0; residuals.len()];
            without_bursts(residuals, &mut w);
            w
        };
        let mut burst: Vec<f64> = (0..60).map(|t| f64::from(t % 5) - 2.0).collect();
        burst[30] = 300.0;
        burst[31] = 40.0;
        let w = of(&burst);
        assert_eq!((w[30], w[31], w.iter().sum::<f64>()), (0.0, 0.0, 58.0));
        let level = burst.iter().enumerate().map(|(t, r)| r + (t / 45) as f64 * 50.0);
        let w = of(&level.collect::<Vec<_>>());
        assert_eq!((w[30], w[45], w[59]), (0.0, 1.0, 1.0), "{w:?}");
        assert_eq!(of(&[f64::NAN, 7.0])[1], 1.0);
    }

    #[test]
    fn extreme_points_give_a_weight_of_zero_and_no_nan() {
        assert_eq!(of(&[1e6, f64::INFINITY])[0], 0.0);
        assert!(of(&[]).is_empty());
    }
}
