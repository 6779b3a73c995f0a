//! Probability integral transform: whether distributions that were forecast are those that what
//! came is drawn from.

/// Share of a distribution below what came, and up to it. `nodes` are (value, weight), values
/// ascending, weights of sum 1.
pub fn probability_integral(nodes: &[(f64, f64)], observed: f64) -> (f64, f64) {
    let up_to = |holds: &dyn Fn(f64) -> bool| -> f64 {
        nodes.iter().filter(|(value, _)| holds(*value)).map(|(_, weight)| weight).sum()
    };
    (up_to(&|value| value < observed).min(1.0), up_to(&|value| value <= observed).min(1.0))
}

/// Heights of the bins of the histogram for counts, which are 1 each where the forecasts are
/// calibrated: what came is spread evenly between the share below it and the share up to it.
///
/// Czado, C., Gneiting, T. and Held, L. (2009) Predictive model assessment for count data,
/// Biometrics 65, 1254–1261: not randomised.
pub fn pit_histogram(shares: &[(f64, f64)], bins: usize) -> Vec<f64> {
    let mean_up_to = |u: f64| {
        let of = |(below, up_to): &(f64, f64)| match () {
            () if u >= 1.0 => 1.0,
            () if u <= *below => 0.0,
            () if u >= *up_to => 1.0,
            () => (u - below) / (up_to - below),
        };
        shares.iter().map(of).sum::<f64>() / shares.len() as f64
    };
    let edge = |bin: usize| mean_up_to(bin as f64 / bins as f64);
    (0..bins).map(|bin| (edge(bin + 1) - edge(bin)) * bins as f64).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, Poisson};
    use statrs::distribution::Discrete;

    use super::*;

    fn poisson(mean: f64) -> Vec<(f64, f64)> {
        let law = statrs::distribution::Poisson::new(mean).unwrap();
        (0..60).map(|n| (n as f64, law.pmf(n))).collect()
    }

    #[test]
    fn what_is_drawn_from_the_forecast_lies_evenly() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let draws: Vec<f64> =
            Poisson::new(4.0).unwrap().sample_iter(&mut rng).take(20_000).collect();
        let heights = |mean: f64| {
            let nodes = poisson(mean);
            let shares: Vec<_> = draws.iter().map(|y| probability_integral(&nodes, *y)).collect();
            pit_histogram(&shares, 10)
        };
        assert!(heights(4.0).iter().all(|h| (h - 1.0).abs() < 0.05), "{:?}", heights(4.0));
        // Too low a forecast: what came lies above.
        let low = heights(3.0);
        assert!(low[9] > 1.8 && low[0] < 0.6, "{low:?}");
        assert!((low.iter().sum::<f64>() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn shares_below_and_up_to() {
        let nodes = [(1.0, 0.25), (2.0, 0.5), (4.0, 0.25)];
        assert_eq!(probability_integral(&nodes, 2.0), (0.25, 0.75));
        assert_eq!(probability_integral(&nodes, 3.0), (0.75, 0.75));
        assert_eq!(probability_integral(&nodes, 9.0), (1.0, 1.0));
        assert_eq!(pit_histogram(&[(0.75, 0.75)], 4), [0.0, 0.0, 0.0, 4.0]);
        assert_eq!(pit_histogram(&[(1.0, 1.0), (0.0, 0.0)], 2), [1.0, 1.0]);
    }
}
