//! Search for a whole number.

/// Step beyond which whole numbers are no longer told apart.
const LARGEST_STEP: f64 = 1e15;

/// Smallest whole number, negative ones too, for which `holds`, which once true stays true: a
/// bracket is widened by `step` about `guess`, then halved. The guess itself where it is not
/// finite.
pub fn smallest_whole(guess: f64, step: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if !(guess.is_finite() && step.is_finite()) {
        return guess;
    }
    let mut step = step.ceil().max(1.0);
    let (mut low, mut high) = (guess - step, guess);
    while holds(low) && step < LARGEST_STEP {
        (high, step) = (low, 2.0 * step);
        low -= step;
    }
    while !holds(high) && step < LARGEST_STEP {
        (low, step) = (high, 2.0 * step);
        high += step;
    }
    while high - low > 1.0 {
        let middle = ((low + high) / 2.0).floor();
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_is_found_from_any_guess() {
        for first in [-900.0, -1.0, 0.0, 1.0, 77.0, 1e9] {
            for guess in [-1000.0, 0.0, first - 1.0, first, first + 1.0, 5e8] {
                for step in [0.0, 1.0, 13.7] {
                    assert_eq!(smallest_whole(guess, step, |y| y >= first), first, "{guess}");
                }
            }
        }
        assert!(smallest_whole(0.0, 1.0, |_| false) > LARGEST_STEP);
        assert!(smallest_whole(f64::INFINITY, 1.0, |_| true).is_infinite());
    }
}
