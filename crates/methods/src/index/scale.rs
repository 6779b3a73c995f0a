//! A fitted normalisation: the function from a figure to its score.

/// A function from figures to scores, of which higher is safer.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// `slope · figure + at_zero`, within `[least, most]`.
    Line { at_zero: f64, slope: f64, least: f64, most: f64 },
    /// `slope · ln(1 + figure) + at_zero`, within 0 and 100.
    Logged { at_zero: f64, slope: f64 },
    /// (figure, score) by ascending figure; linear between them, constant beyond.
    Table(Vec<(f64, f64)>),
    /// No score: areas did not differ on the reference months, or there is nothing to compare with.
    None,
}

impl Scale {
    /// 0–100 between the goalposts; beyond them the end of the scale. `direction` +1: more is
    /// better, −1: more is worse.
    pub fn goalposts(low: f64, high: f64, direction: f64) -> Scale {
        if low.is_nan() || high.is_nan() || low >= high {
            return Scale::None;
        }
        let slope = 100.0 / (high - low) * direction;
        let zero_at = if direction > 0.0 { low } else { high };
        Scale::Line { at_zero: -slope * zero_at, slope, least: 0.0, most: 100.0 }
    }

    /// Goalposts after figure and goalposts are treated by ln(1 + x), for figures of several orders
    /// of magnitude. A figure of −1 or less has no score.
    pub fn logged_goalposts(low: f64, high: f64, direction: f64) -> Scale {
        match Scale::goalposts(low.ln_1p(), high.ln_1p(), direction) {
            Scale::Line { at_zero, slope, .. } => Scale::Logged { at_zero, slope },
            other => other,
        }
    }

    /// 100 less `points` for every unit of the figure, within 0 and 100.
    pub fn deduct(points: f64) -> Scale {
        Scale::Line { at_zero: 100.0, slope: -points, least: 0.0, most: 100.0 }
    }

    /// `at_par` where a figure equals its past, and `points` more or less for every per cent that
    /// it is better or worse, within 0 and 100. `per_past` is the weighted sum of 1 / past figure;
    /// where it is NaN or infinite there is no past to compare with, and no score.
    pub fn against_past(per_past: f64, at_par: f64, points: f64, direction: f64) -> Scale {
        if !per_past.is_finite() {
            return Scale::None;
        }
        let slope = 100.0 * points * direction;
        Scale::Line { at_zero: at_par - slope, slope: slope * per_past, least: 0.0, most: 100.0 }
    }

    /// The scale of a cross-section of areas: their figures with the scores these were given.
    pub fn from_cross_section(
        figures: impl Iterator<Item = f64>,
        scores: impl Iterator<Item = f64>,
    ) -> Scale {
        let mut points: Vec<(f64, f64)> =
            figures.zip(scores).filter(|(x, s)| !x.is_nan() && !s.is_nan()).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|a, b| a.0 == b.0);
        if points.is_empty() { Scale::None } else { Scale::Table(points) }
    }

    /// The score of a figure; NaN for a missing figure.
    #[inline]
    pub fn score(&self, figure: f64) -> f64 {
        match self {
            Scale::Line { at_zero, slope, least, most } => {
                clamped(slope * figure + at_zero, *least, *most)
            }
            Scale::Logged { at_zero, slope } if figure > -1.0 => {
                clamped(slope * figure.ln_1p() + at_zero, 0.0, 100.0)
            }
            Scale::Table(_) if figure.is_nan() => f64::NAN,
            Scale::Table(points) => interpolated(points, figure),
            Scale::Logged { .. } | Scale::None => f64::NAN,
        }
    }

    /// Replaces many figures by their scores.
    pub fn score_all(&self, figures: &mut [f64]) {
        match *self {
            // Nearly every figure of nearly every model.
            Scale::Line { at_zero, slope, least, most } => {
                figures
                    .iter_mut()
                    .for_each(|figure| *figure = clamped(slope * *figure + at_zero, least, most));
            }
            _ => figures.iter_mut().for_each(|figure| *figure = self.score(*figure)),
        }
    }
}

/// `clamp` without its panic, which would keep the compiler from vectorising a loop; NaN stays NaN.
#[inline]
fn clamped(score: f64, least: f64, most: f64) -> f64 {
    let score = if score < least { least } else { score };
    if score > most { most } else { score }
}

fn interpolated(points: &[(f64, f64)], figure: f64) -> f64 {
    let above = points.partition_point(|(x, _)| *x < figure);
    match (above.checked_sub(1).and_then(|i| points.get(i)), points.get(above)) {
        (Some((x0, s0)), Some((x1, s1))) => s0 + (s1 - s0) * (figure - x0) / (x1 - x0),
        (Some((_, score)), None) | (None, Some((_, score))) => *score,
        (None, None) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goalposts_span_the_scale_in_the_direction_asked_for() {
        let (better, worse) = (Scale::goalposts(2.0, 6.0, 1.0), Scale::goalposts(2.0, 6.0, -1.0));
        assert_eq!(
            [1.0, 2.0, 3.0, 6.0, 9.0].map(|x| better.score(x)),
            [0.0, 0.0, 25.0, 100.0, 100.0]
        );
        assert_eq!(
            [1.0, 2.0, 3.0, 6.0, 9.0].map(|x| worse.score(x)),
            [100.0, 100.0, 75.0, 0.0, 0.0]
        );
        assert!(better.score(f64::NAN).is_nan());
        assert_eq!(Scale::goalposts(1.0, 1.0, 1.0), Scale::None);
    }

    #[test]
    fn many_figures_are_scored_as_one() {
        let section = [(1.0, 100.0), (3.0, 0.0)];
        for scale in [
            Scale::goalposts(2.0, 6.0, -1.0),
            Scale::logged_goalposts(0.0, 99.0, -1.0),
            Scale::from_cross_section(
                section.iter().map(|(x, _)| *x),
                section.iter().map(|(_, s)| *s),
            ),
            Scale::None,
        ] {
            let mut many = [1.0, 2.0, 3.0, 6.0, 9.0, f64::NAN];
            let one_by_one = many.map(|x| scale.score(x));
            scale.score_all(&mut many);
            for (many, one) in many.iter().zip(one_by_one) {
                assert!(*many == one || many.is_nan() && one.is_nan(), "{scale:?}");
            }
        }
    }

    #[test]
    fn logged_goalposts_leave_room_between_the_lower_figures() {
        let scale = Scale::logged_goalposts(0.0, 99.0, -1.0);
        assert_eq!(
            [0.0, 9.0, 99.0, 400.0].map(|x| (scale.score(x) * 1e9).round() / 1e9),
            [100.0, 50.0, 0.0, 0.0]
        );
        assert!(scale.score(f64::NAN).is_nan() && scale.score(-1.0).is_nan());
        assert_eq!(Scale::logged_goalposts(3.0, 3.0, 1.0), Scale::None);
        let mut many = [9.0, f64::NAN];
        scale.score_all(&mut many);
        assert!(many[0] == scale.score(9.0) && many[1].is_nan());
    }

    #[test]
    fn a_tenth_worse_than_the_past_loses_ten_times_the_points() {
        let scale = Scale::against_past(1.0 / 40.0, 80.0, 0.5, -1.0);
        assert!(
            [(40.0, 80.0), (44.0, 75.0), (36.0, 85.0), (400.0, 0.0)].iter().all(|(x, s)| (scale
                .score(*x)
                - s)
                .abs()
                < 1e-9)
        );
        assert_eq!(Scale::against_past(f64::NAN, 80.0, 0.5, -1.0), Scale::None);
        assert_eq!(Scale::deduct(5.0).score(3.0), 85.0);
    }

    #[test]
    fn a_cross_section_is_interpolated_and_constant_beyond() {
        let scale = Scale::from_cross_section(
            [3.0, 1.0, f64::NAN, 2.0].into_iter(),
            [0.0, 100.0, f64::NAN, 90.0].into_iter(),
        );
        assert_eq!(
            [0.0, 1.0, 1.5, 2.0, 3.0, 9.0].map(|x| scale.score(x)),
            [100.0, 100.0, 95.0, 90.0, 0.0, 0.0]
        );
        assert!(scale.score(f64::NAN).is_nan());
    }
}
