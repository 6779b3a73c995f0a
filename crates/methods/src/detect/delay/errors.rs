//! How far off past nowcasts were: the scatter by age, as `estimate_uncertainty` of baselinenowcast
//! (Johnson and others, 2025) has it from retrospective nowcasts, here by moments and only as far
//! as what they foretold is known by now.

use super::unreported::Unreported;

/// Scatter at which a miss weighs half.
const USUAL_SHAPE: f64 = 20.0;
/// Misses' worth of belief in the scatter before any was seen.
const PRIOR: f64 = 8.0;
/// The same for how misses of neighbouring days go together, and what is believed of it.
const CORRELATION_PRIOR: (f64, f64) = (10.0, 0.3);

/// One past nowcast of what was still to come, held against what came since.
#[derive(Clone, Copy, Debug)]
pub struct NowcastError {
    /// As-of day and series of the nowcast.
    pub made: (usize, usize),
    pub age: usize,
    pub came: f64,
    /// Mean of what should have come since.
    pub mean: f64,
    pub scatter: f64,
    pub weight: f64,
}

impl NowcastError {
    /// A nowcast made with `standing`, of whose additions a share `due` should be known by now.
    pub fn new(
        made: (usize, usize),
        age: usize,
        unreported: &Unreported,
        due: f64,
        came: f64,
        weight: f64,
    ) -> NowcastError {
        NowcastError {
            made,
            age,
            came,
            mean: unreported.mean * due,
            scatter: unreported.scatter,
            weight,
        }
    }

    fn variance(&self, more: &[f64]) -> f64 {
        let more = more.get(self.age).copied().unwrap_or(0.0);
        self.mean + self.mean * self.mean * (self.scatter + more)
    }
}

/// By age: what the squared misses leave over the standing's own scatter, drawn to `prior` (one an
/// age). Neighbouring ages help each other.
pub fn scatter(misses: &[NowcastError], prior: &[f64]) -> Vec<f64> {
    let worth = PRIOR * USUAL_SHAPE * USUAL_SHAPE;
    let mut over: Vec<f64> = prior.iter().map(|p| worth * p).collect();
    let mut square = vec![worth; prior.len()];
    for miss in misses {
        let weight = miss.weight / (1.0 + miss.mean / USUAL_SHAPE).powi(2);
        let excess = weight
            * ((miss.came - miss.mean).powi(2) - miss.mean - miss.mean * miss.mean * miss.scatter);
        for (age, part) in [(miss.age.wrapping_sub(1), 0.5), (miss.age, 1.0), (miss.age + 1, 0.5)] {
            if age < prior.len() {
                over[age] += part * excess;
                square[age] += part * weight * miss.mean * miss.mean;
            }
        }
    }
    over.iter().zip(&square).map(|(o, s)| (o / s).clamp(0.0, 20.0)).collect()
}

/// Correlation of the misses of different days in one nowcast, by moments of the summed miss;
/// within 0 and 1.
pub fn correlation(misses: &[NowcastError], more: &[f64]) -> f64 {
    let (mut over, mut possible) = (CORRELATION_PRIOR.0 * CORRELATION_PRIOR.1, CORRELATION_PRIOR.0);
    for of_one in misses.chunk_by(|a, b| a.made == b.made) {
        let variance: f64 = of_one.iter().map(|m| m.variance(more)).sum();
        let all_alike: f64 =
            of_one.iter().map(|m| m.variance(more).sqrt()).sum::<f64>().powi(2) - variance;
        let miss: f64 = of_one.iter().map(|m| m.came - m.mean).sum();
        if variance > 0.0 && all_alike > 0.0 {
            let weight = of_one[0].weight;
            over += weight * ((miss * miss - variance) / all_alike).clamp(-2.0, 10.0);
            possible += weight;
        }
    }
    (over / possible).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misses(came: impl Fn(usize, usize) -> f64) -> Vec<NowcastError> {
        let each = |made: usize, age: usize| NowcastError {
            made: (made, 0),
            age,
            came: came(made, age),
            mean: 100.0,
            scatter: 0.01,
            weight: 1.0,
        };
        (0..40).flat_map(|made| (0..4).map(move |age| each(made, age))).collect()
    }

    #[test]
    fn misses_of_a_third_are_a_scatter_of_a_ninth() {
        let far = misses(|made, _| if made % 2 == 0 { 133.0 } else { 67.0 });
        let scatter = scatter(&far, &[0.1; 4]);
        assert!(scatter.iter().all(|s| (0.07..0.11).contains(s)), "{scatter:?}");
        assert!(correlation(&far, &scatter) > 0.8);
    }

    #[test]
    fn misses_no_larger_than_chance_leave_little_and_do_not_go_together() {
        let near = misses(|made, age| if (made + age) % 2 == 0 { 112.0 } else { 88.0 });
        let scatter = scatter(&near, &[0.05; 4]);
        assert!(scatter.iter().all(|s| *s < 0.015), "{scatter:?}");
        assert!(correlation(&near, &scatter) < 0.1);
        assert_eq!(super::scatter(&[], &[0.05]), [0.05]);
    }
}
