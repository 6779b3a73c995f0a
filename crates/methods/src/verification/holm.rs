//! p adjusted for the number of tests.

/// Holm's adjusted p (1979, Scand. J. Statist. 6, 65–70), in the order of `p`: R's
/// `p.adjust(method = "holm")`. A missing p stays missing and is no test.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|at| !p[*at].is_nan()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![f64::NAN; p.len()];
    let mut least = 0.0_f64;
    for (place, at) in order.iter().enumerate() {
        least = least.max(((order.len() - place) as f64 * p[*at]).min(1.0));
        adjusted[*at] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_counts_for_all() {
        let adjusted = holm(&[0.01, f64::NAN, 0.04, 0.03]);
        assert_eq!((adjusted[0], adjusted[2], adjusted[3]), (0.03, 0.06, 0.06));
        assert!(adjusted[1].is_nan());
    }
}
