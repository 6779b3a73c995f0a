//! Expected figures of the coming months: a level that forgets, a season drawn to none, and a trend
//! that fades.

/// Months' worth of belief in the long average before the first month is seen.
const LEVEL_PRIOR: f64 = 0.5;
/// Cases a year added to either side of the comparison of two years, so that few cases show no
/// trend.
const GROWTH_PRIOR: f64 = 12.0;
/// Largest monthly growth on the log scale that a trend is believed to have.
const MOST_GROWTH: f64 = 0.06;
/// Scatter of months about their season: what one month of many cases is worth is bounded by
/// 1/scatter cases.
const SCATTER: f64 = 0.05;

/// A candidate model of the mean; several are tried and weighted by the score of their hindcasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// What a month's evidence keeps of its weight a month later (ω of Harvey, A. C. & Fernandes,
    /// C. (1989) Time series models for count or qualitative observations, Journal of Business and
    /// Economic Statistics 7, 407–417); 0 is persistence, 1 the long average.
    pub discount: f64,
    /// Cases' worth of belief that a calendar month is like the others; `None` for no season.
    pub season: Option<f64>,
    /// What growth keeps from month to month (Gardner and McKenzie 1985); `None` for no trend.
    pub damping: Option<f64>,
}

/// The candidates: with and without season (where there is a year or two to know it from), with and
/// without trend.
pub fn candidates(season: bool, trend: bool) -> Vec<Candidate> {
    let seasons: &[Option<f64>] = if season { &[None, Some(3.0), Some(30.0)] } else { &[None] };
    let dampings: &[Option<f64>] = if trend { &[None, Some(0.9)] } else { &[None] };
    let each = |discount: f64| {
        let of_season = move |season: Option<f64>| {
            dampings.iter().map(move |damping| Candidate { discount, season, damping: *damping })
        };
        seasons.iter().flat_map(move |season| of_season(*season))
    };
    [0.0, 0.3, 0.6, 0.8, 0.92, 0.99].into_iter().flat_map(each).collect()
}

/// What every candidate expects of the `horizon` steps after the last of `values`, one row a
/// candidate; missing values are passed over. `freq` steps make a year.
pub fn expect(
    values: &[f64],
    freq: usize,
    candidates: &[Candidate],
    horizon: usize,
) -> Vec<Vec<f64>> {
    let (average, flat, growing) =
        (mean(values.iter()), vec![1.0; freq.max(1)], growth(values, freq));
    let mut seasons: Vec<(f64, Vec<f64>)> = Vec::new();
    for strength in candidates.iter().filter_map(|c| c.season) {
        if seasons.iter().all(|(known, _)| *known != strength) {
            seasons.push((strength, season(values, freq, strength)));
        }
    }
    let factors = |c: &Candidate| {
        seasons.iter().find(|(known, _)| Some(*known) == c.season).map_or(&flat, |(_, f)| f)
    };
    candidates
        .iter()
        .map(|c| {
            ahead(
                values,
                c,
                average,
                factors(c),
                if c.damping.is_some() { growing } else { 0.0 },
                horizon,
            )
        })
        .collect()
}

/// The filter of one candidate: cases and months, both forgotten at one rate, are its level.
fn ahead(
    values: &[f64],
    candidate: &Candidate,
    average: f64,
    factors: &[f64],
    growth: f64,
    horizon: usize,
) -> Vec<f64> {
    let (keep, grow) = (candidate.discount, growth.exp());
    let (mut cases, mut months) = (average * LEVEL_PRIOR, LEVEL_PRIOR);
    for (t, value) in values.iter().enumerate() {
        if value.is_nan() {
            // Without evidence the level stays where it was and grows.
            cases *= grow;
        } else {
            cases = keep * grow * cases + value;
            months = keep * months + factors[t % factors.len()];
        }
    }
    let level = if months > 0.0 { cases / months } else { average };
    let damping = candidate.damping.unwrap_or(0.0);
    let mut kept = 0.0;
    (1..=horizon)
        .map(|h| {
            kept += damping.powi(h as i32);
            (level * (growth * kept).exp() * factors[(values.len() + h - 1) % factors.len()])
                .clamp(0.0, 1e15)
        })
        .collect()
}

/// What each month of the year brings of an average one, drawn to 1 as if `strength` cases had
/// shown no season; average 1.
pub fn season(values: &[f64], freq: usize, strength: f64) -> Vec<f64> {
    let freq = freq.max(1);
    let (mut seen, mut expected) = (vec![strength; freq], vec![strength; freq]);
    for (t, value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
        let around = &values[t.saturating_sub(freq / 2)..(t + freq / 2 + 1).min(values.len())];
        let level = mean(around.iter());
        if around.iter().filter(|v| !v.is_nan()).count() > freq / 2 && level > 0.0 {
            let information = 1.0 / (1.0 + level * SCATTER);
            seen[t % freq] += information * value;
            expected[t % freq] += information * level;
        }
    }
    let mut factors: Vec<f64> =
        seen.iter().zip(&expected).map(|(s, e)| (s / e).max(0.01)).collect();
    let average = mean(factors.iter());
    factors.iter_mut().for_each(|f| *f /= average);
    factors
}

/// Monthly growth on the log scale between the last year and the one before; 0 where either has
/// less than half its months.
pub fn growth(values: &[f64], freq: usize) -> f64 {
    let end = values.len();
    let year = |back: usize| {
        &values[end.saturating_sub(back * freq)..end.saturating_sub((back - 1) * freq)]
    };
    let known = |of: &[f64]| of.iter().filter(|v| !v.is_nan()).count();
    let (last, before) = (year(1), year(2));
    if known(last) * 2 < freq || known(before) * 2 < freq || known(last) < 2 {
        return 0.0;
    }
    let prior = GROWTH_PRIOR / freq as f64;
    let growth = ((mean(last.iter()) + prior) / (mean(before.iter()) + prior)).ln() / freq as f64;
    if growth.is_finite() { growth.clamp(-MOST_GROWTH, MOST_GROWTH) } else { 0.0 }
}

/// Mean of the values there are; 0 where there are none.
fn mean<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    let (sum, n) = values.filter(|v| !v.is_nan()).fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_is_found_and_weak_evidence_is_not_believed() {
        let wave = |high: f64| {
            (0..60).map(|t| if t % 12 == 7 { high } else { high / 5.0 }).collect::<Vec<f64>>()
        };
        let many = season(&wave(500.0), 12, 10.0);
        assert!(many[7] > 3.0 && many[0] < 0.9, "{many:?}");
        let few = season(&wave(0.5), 12, 10.0);
        assert!(few[7] < 1.3, "{few:?}");
        assert_eq!(season(&[f64::NAN; 5], 12, 10.0), [1.0; 12]);
    }

    #[test]
    fn persistence_and_average_are_the_ends() {
        let values = [10.0, 20.0, 60.0];
        let at = |discount| {
            expect(&values, 12, &[Candidate { discount, season: None, damping: None }], 2)[0][1]
        };
        assert!(
            (at(0.0) - 60.0).abs() < 1e-9 && (at(1.0) - 30.0).abs() < 1e-9,
            "{} {}",
            at(0.0),
            at(1.0)
        );
    }

    #[test]
    fn a_trend_fades() {
        let values: Vec<f64> = (0..36).map(|t| 100.0 * 1.03_f64.powi(t)).collect();
        assert!((growth(&values, 12) - 1.03_f64.ln()).abs() < 0.003);
        let ahead = &expect(
            &values,
            12,
            &[Candidate { discount: 0.5, season: None, damping: Some(0.9) }],
            3,
        )[0];
        assert!(ahead[0] > values[35] && ahead[1] / ahead[0] > ahead[2] / ahead[1], "{ahead:?}");
        assert_eq!(growth(&values[..13], 12), 0.0);
    }
}
