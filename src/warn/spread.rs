//! How a rise of the whole county is spread over its areas: whether it is one of many of them, and
//! what each has of it.

use super::part::Part;
use super::settings::{County, Findings};
use methods::stats::NegativeBinomial;

/// An area's weekly counts of one series; NaN where it did not live or nothing is known.
pub struct AreaWeeks {
    pub area_code: String,
    pub area_name: String,
    pub counts: Vec<f64>,
}

/// Divides what was expected of the last `window` weeks of the whole among its areas as the `year`
/// weeks before were divided. Nothing where those had no cases, so that they divide nothing.
pub fn parts(areas: &[AreaWeeks], window: usize, year: usize, expected: f64) -> Vec<Part> {
    let sum = |counts: &[f64]| counts.iter().filter(|n| !n.is_nan()).sum::<f64>();
    let before = |area: &AreaWeeks| {
        let end = area.counts.len().saturating_sub(window);
        sum(&area.counts[end.saturating_sub(year)..end])
    };
    let whole: f64 = areas.iter().map(before).sum();
    if whole <= 0.0 {
        return Vec::new();
    }
    let part = |area: &AreaWeeks| Part {
        area_code: area.area_code.clone(),
        area_name: area.area_name.clone(),
        observed: sum(&area.counts[area.counts.len().saturating_sub(window)..]),
        expected: expected * before(area) / whole,
    };
    areas.iter().map(part).collect()
}

/// Whether a rise is one of the county as a whole: enough of its areas have risen, and without
/// those that rose most the others together have risen as much as a warning asks for, and by more
/// than chance. `dispersion` is variance over mean of a count.
pub fn is_spread(parts: &[Part], dispersion: f64, rule: &County, least: &Findings) -> bool {
    let concerned: Vec<&Part> =
        parts.iter().filter(|p| p.observed > 0.0 || p.expected > 0.0).collect();
    let risen = concerned.iter().filter(|p| p.has_risen()).count();
    if concerned.len() <= rule.without || (risen as f64) < rule.least_share * concerned.len() as f64
    {
        return false;
    }
    let mut by_excess = concerned;
    by_excess.sort_by(|a, b| b.excess().total_cmp(&a.excess()));
    let others = &by_excess[rule.without..];
    let sum = |of: fn(&Part) -> f64| others.iter().map(|p| of(p)).sum::<f64>();
    let (observed, expected) = (sum(|p| p.observed), sum(|p| p.expected));
    let chance = NegativeBinomial::with_dispersion(expected, dispersion).at_least(observed);
    observed >= least.least_ratio * expected
        && observed - expected >= least.least_excess
        && chance <= rule.alpha
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Findings {
        Findings {
            kinds: Vec::new(),
            least_excess: 3.0,
            least_ratio: 1.3,
            confirmed_weeks: 4,
            confirmed_q: 0.01,
        }
    }

    fn areas(counts: &[&[f64]]) -> Vec<AreaWeeks> {
        let area = |(i, counts): (usize, &&[f64])| AreaWeeks {
            area_code: i.to_string(),
            area_name: format!("第{i}镇"),
            counts: counts.to_vec(),
        };
        counts.iter().enumerate().map(area).collect()
    }

    /// Areas of which 20 cases were expected, with so many times as many.
    fn is_county_wide(ratios: &[f64]) -> bool {
        let parts: Vec<Part> = ratios.iter().map(|ratio| part(20.0 * ratio, 20.0)).collect();
        is_spread(&parts, 1.2, &County::default(), &findings())
    }

    fn part(observed: f64, expected: f64) -> Part {
        Part { area_code: String::new(), area_name: String::new(), observed, expected }
    }

    #[test]
    fn parts_add_up_to_the_whole_and_follow_the_year_before() {
        let areas = areas(&[
            &[f64::NAN, 2.0, 4.0, 9.0, 1.0],
            &[1.0, 1.0, 1.0, 3.0, f64::NAN],
            &[0.0, 0.0, 0.0, 5.0, 0.0],
        ]);
        let parts = parts(&areas, 2, 2, 18.0);
        let figures: Vec<(f64, f64)> = parts.iter().map(|p| (p.observed, p.expected)).collect();
        // The two weeks before the window hold 6, 2 and 0 cases.
        assert_eq!(figures, [(10.0, 13.5), (3.0, 4.5), (5.0, 0.0)]);
        assert_eq!(parts.iter().map(|p| p.expected).sum::<f64>(), 18.0);
        assert!(super::parts(&areas[2..], 2, 2, 18.0).is_empty(), "nothing to divide by");
    }

    #[test]
    fn a_rise_of_few_areas_is_not_one_of_the_county() {
        assert!(is_county_wide(&[1.5; 10]));
        assert!(is_county_wide(&[1.6, 1.2, 1.8, 0.9, 1.6, 1.7, 1.5, 1.3, 0.8, 2.0]));
        assert!(!is_county_wide(&[9.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), "two areas");
        assert!(!is_county_wide(&[9.0, 9.0, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1]), "the others hardly");
        assert!(!is_county_wide(&[3.0, 3.0, 3.0, 3.0, 0.9, 0.9, 0.9, 0.9]), "half of them");
        assert!(!is_county_wide(&[3.0, 3.0]), "too few areas to tell");
        // One or two cases in each of many areas are what chance brings.
        let mut few = vec![part(18.0, 2.6), part(17.0, 1.9)];
        few.extend(
            [(3.0, 0.6), (4.0, 1.9), (2.0, 0.3), (2.0, 2.5), (1.0, 0.2), (1.0, 0.5)]
                .map(|(o, e)| part(o, e)),
        );
        few.extend(
            [(1.0, 0.6), (1.0, 0.6), (1.0, 0.6), (0.0, 0.4), (2.0, 2.8), (1.0, 3.4)]
                .map(|(o, e)| part(o, e)),
        );
        assert!(!is_spread(&few, 1.0, &County::default(), &findings()));
        assert!(!is_county_wide(&[]));
    }
}
