//! Hits among the first k.

/// Of the k units with the largest predictions, the share that are among the k with the largest
/// observed values. Of units tied at the border each belongs in part, so that no order of the units
/// decides. NaN where there are fewer than k units, or k is 0.
pub fn hit_rate(predicted: &[f64], observed: &[f64], k: usize) -> f64 {
    if k == 0 || predicted.len() < k {
        return f64::NAN;
    }
    let (first, largest) = (among_largest(predicted, k), among_largest(observed, k));
    first.iter().zip(&largest).map(|(p, o)| p * o).sum::<f64>() / k as f64
}

/// How much of each unit is among the k largest.
fn among_largest(values: &[f64], k: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let border = sorted[k - 1];
    let above = values.iter().filter(|v| **v > border).count();
    let tied = values.iter().filter(|v| **v == border).count();
    let share = (k - above) as f64 / tied as f64;
    let part = |v: &f64| match *v {
        v if v > border => 1.0,
        v if v == border => share,
        _ => 0.0,
    };
    values.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_first_in_both_is_a_hit() {
        assert_eq!(hit_rate(&[9.0, 8.0, 1.0, 2.0], &[5.0, 0.0, 7.0, 0.0], 2), 0.5);
        assert!(hit_rate(&[1.0], &[1.0], 2).is_nan());
    }

    #[test]
    fn ties_at_the_border_count_in_part() {
        // Three of the observed share the second place.
        let hits = hit_rate(&[9.0, 8.0, 1.0, 2.0], &[5.0, 3.0, 3.0, 3.0], 2);
        assert!((hits - (1.0 + 1.0 / 3.0) / 2.0).abs() < 1e-15);
    }
}
