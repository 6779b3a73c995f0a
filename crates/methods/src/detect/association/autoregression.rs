//! The memory of a series, and the series without it.

/// Coefficients of the autoregression of `x` (mean zero, NaN where unknown) whose order has the
/// least AIC, at most 10 log₁₀ n as in R's `ar`: Yule and Walker's equations by Levinson and
/// Durbin's recursion, with autocovariances over the pairs that are known. Empty where `x` has no
/// memory.
pub(super) fn coefficients(x: &[f64]) -> Vec<f64> {
    let n = x.iter().filter(|v| v.is_finite()).count();
    let most = ((10.0 * (n as f64).log10()) as usize).min(n / 4);
    let gamma: Vec<f64> = (0..=most).map(|lag| autocovariance(x, lag)).collect();
    let (mut phi, mut variance) = (Vec::new(), gamma.first().copied().unwrap_or(0.0));
    if variance <= 0.0 || variance.is_nan() {
        return phi;
    }
    let aic = |variance: f64, order: usize| n as f64 * variance.ln() + 2.0 * order as f64;
    let (mut best, mut least) = (phi.clone(), aic(variance, 0));
    for order in 1..=most {
        let explained: f64 = phi.iter().enumerate().map(|(i, f)| f * gamma[order - 1 - i]).sum();
        let reflection = (gamma[order] - explained) / variance;
        // With gaps the autocovariances need not be those of any process; the recursion ends where
        // they are not.
        if reflection.abs() >= 1.0 || reflection.is_nan() {
            break;
        }
        let turned: Vec<f64> =
            phi.iter().zip(phi.iter().rev()).map(|(f, r)| f - reflection * r).collect();
        phi = turned;
        phi.push(reflection);
        variance *= 1.0 - reflection * reflection;
        if aic(variance, order) < least {
            (best, least) = (phi.clone(), aic(variance, order));
        }
    }
    best
}

/// What of each value its predecessors do not foretell; NaN where one of them is unknown.
pub(super) fn filtered(x: &[f64], phi: &[f64]) -> Vec<f64> {
    let at = |t: usize| match t.checked_sub(phi.len()) {
        Some(from) => {
            x[t] - phi.iter().zip(x[from..t].iter().rev()).map(|(f, v)| f * v).sum::<f64>()
        }
        None => f64::NAN,
    };
    (0..x.len()).map(at).collect()
}

/// Mean product of the values `lag` steps apart, over the pairs that are known, shrunk by the share
/// of pairs as the usual estimate is.
fn autocovariance(x: &[f64], lag: usize) -> f64 {
    let products =
        || x.iter().zip(x.iter().skip(lag)).map(|(a, b)| a * b).filter(|p| p.is_finite());
    let pairs = products().count();
    if pairs == 0 {
        0.0
    } else {
        products().sum::<f64>() / pairs as f64 * (x.len() - lag) as f64 / x.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recursion_of_order_one_is_its_first_autocorrelation() {
        let x = [1.0, 2.0, 1.5, -0.5, -2.0, -1.0, 0.5, 1.0, -1.0, -1.5];
        let r = autocovariance(&x, 1) / autocovariance(&x, 0);
        let by_hand =
            x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / x.iter().map(|v| v * v).sum::<f64>();
        assert!((r - by_hand).abs() < 1e-15);
        let phi = coefficients(&x);
        assert!(phi.len() <= 2 && (phi.len() != 1 || phi[0] == r), "{phi:?}");
    }

    #[test]
    fn a_process_of_order_two_is_recognised_and_undone_with_gaps_kept() {
        // A fixed sequence without memory, made by a linear congruence.
        let mut state = 12345_u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64 - 0.5
        };
        let mut x = vec![0.0, 0.0];
        for t in 2..4000 {
            let next = 0.5 * x[t - 1] + 0.3 * x[t - 2] + noise();
            x.push(next);
        }
        x[100] = f64::NAN;
        let phi = coefficients(&x);
        assert!((phi[0] - 0.5).abs() < 0.05 && (phi[1] - 0.3).abs() < 0.05, "{phi:?}");
        let e = filtered(&x, &phi);
        assert!(
            (100..=100 + phi.len()).all(|t| e[t].is_nan())
                && e[99].is_finite()
                && e[101 + phi.len()].is_finite()
        );
        let rest: Vec<f64> = e[101 + phi.len()..].to_vec();
        assert!((autocovariance(&rest, 1) / autocovariance(&rest, 0)).abs() < 0.03);
    }

    #[test]
    fn nothing_has_no_memory() {
        for x in [&[][..], &[f64::NAN; 9], &[0.0; 9], &[1.0]] {
            assert!(coefficients(x).is_empty());
            assert_eq!(filtered(x, &[]).len(), x.len());
        }
    }
}
