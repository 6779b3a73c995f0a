//! New levels: from which week on there is more than the season and the level before let expect.

use std::collections::BTreeMap;

use rayon::prelude::*;
use statrs::distribution::{Continuous, Normal};

use super::detail::{Change, Detail, known};
use super::finding::Finding;
use super::learned::{Learned, Model};
use super::settings::{Changes, Settings};
use super::slow::{Settled, interrupted};
use super::tested::Tested;
use super::watch::{Key, Weeks};
use methods::detect::pelt::cost::{Cost, CostPoisson};
use methods::detect::pelt::partition::{Grid, pelt};

/// Weeks of a year.
const A_YEAR: f64 = 52.0;
/// What sums of costs may differ by for the order of their terms.
const ROUNDING: f64 = 1e-6;

/// Standard deviations above the level around it to which a week is cut off: a burst is no level.
const CLIP: f64 = 3.0;

/// A level that holds from a week to the end, and the one before it.
struct Step {
    /// First week of the level before, and of the new one.
    from: usize,
    since: usize,
    before: f64,
    after: f64,
    observed: f64,
    expected: f64,
    p: f64,
}

/// Whether the level of each series rose within the last weeks: PELT on the weeks held against
/// their season, with Poisson cost over the dispersion of the house model.
pub fn changes(learned: &Learned, settled: &[Settled], settings: &Settings) -> Vec<Tested> {
    let weeks = learned.watched.weeks;
    let settled: BTreeMap<&Key, &[f64]> =
        settled.iter().map(|(key, counts)| (*key, counts.as_slice())).collect();
    let one = |model: &Model| {
        let step = step(learned, model, settled.get(model.key)?, &settings.changes)?;
        let recent =
            step.since + settings.changes.recent + settings.changes.min_size >= weeks.count;
        let finding = (recent && step.after > step.before).then(|| finding(model, &step, weeks));
        Some(Tested { p: if finding.is_some() { step.p } else { 1.0 }, finding })
    };
    learned.series.par_iter().filter_map(one).collect()
}

/// The last cut of a series; one without is a step of p = 1 at its end. `None` where there is too
/// little to look at.
fn step(learned: &Learned, model: &Model, counts: &[f64], changes: &Changes) -> Option<Step> {
    let fitted = model.fitted.as_ref().filter(|_| !interrupted(learned.watched, model.key))?;
    let places: Vec<usize> = (0..counts.len()).filter(|w| !counts[*w].is_nan()).collect();
    let y: Vec<f64> = places.iter().map(|w| counts[*w]).collect();
    if y.len() < 2 * changes.min_size
        || y.iter().sum::<f64>() < changes.least * y.len() as f64 / A_YEAR
    {
        return None;
    }
    let season: Vec<f64> = places.iter().map(|w| fitted.season(learned.design.row(*w))).collect();
    let usual = without_bursts(&y, &season, fitted.dispersion, changes.min_size);
    let cost = CostPoisson::new(&usual, &season);
    let pen = 3.0 * (y.len() as f64).ln() * fitted.dispersion;
    let nothing =
        Step { from: 0, since: 0, before: 0.0, after: 0.0, observed: 0.0, expected: 0.0, p: 1.0 };
    let first = places.iter().position(|w| w + changes.recent + changes.min_size >= counts.len());
    if !first.is_some_and(|first| may_rise(&cost, y.len(), pen, changes.min_size, first)) {
        return Some(nothing);
    }
    let ends =
        pelt(&cost, y.len(), pen, Grid { min_size: changes.min_size, jump: 1, compat: false });
    let (n, cut) = (y.len(), ends.iter().rev().nth(1).copied().unwrap_or(y.len()));
    let from = ends.iter().rev().nth(2).copied().filter(|_| cut < n).unwrap_or(0);
    if cut == n {
        return Some(nothing);
    }
    let gain =
        (cost.error(from, n) - cost.error(from, cut) - cost.error(cut, n)) / fitted.dispersion;
    let before = cost.level(from, cut);
    Some(Step {
        from: places[from],
        since: places[cut],
        before,
        after: cost.level(cut, n),
        observed: y[cut..].iter().sum(),
        expected: before * season[cut..].iter().sum::<f64>(),
        p: chance(gain.max(0.0).sqrt(), n - from, changes),
    })
}

/// The weeks, each cut off where it stands far above the level around it, `reach` weeks to either
/// side: what fell in a week or two must not make a level of the weeks beside them. The level is
/// the median, and no less than the mean of all but the highest tenth, since the median of few
/// cases is zero.
fn without_bursts(y: &[f64], season: &[f64], dispersion: f64, reach: usize) -> Vec<f64> {
    let rates: Vec<f64> = y.iter().zip(season).map(|(n, s)| n / s).collect();
    let mut sorted = rates.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.truncate(sorted.len() - sorted.len() / 10);
    let least = sorted.iter().sum::<f64>() / sorted.len().max(1) as f64;
    let cut = |(at, (n, season)): (usize, (&f64, &f64))| {
        let mut around = rates[at.saturating_sub(reach)..(at + reach + 1).min(y.len())].to_vec();
        let middle = around.len() / 2;
        let median = *around.select_nth_unstable_by(middle, f64::total_cmp).1;
        let mean = median.max(least) * season;
        // One case more is never a burst.
        n.min(mean + (CLIP * (dispersion * mean).sqrt()).max(1.0))
    };
    y.iter().zip(season).enumerate().map(cut).collect()
}

/// Whether the cheapest segmentation of `n` values can have its last cut at `first` or later, and
/// rise there: the cut must spare more than the penalty against leaving it out. To ask costs a part
/// of what the segmentation costs, and few series pass.
fn may_rise(cost: &dyn Cost, n: usize, pen: f64, min_size: usize, first: usize) -> bool {
    let to_end: Vec<f64> = (0..n).map(|start| cost.error(start, n)).collect();
    (first.max(min_size)..=n.saturating_sub(min_size)).any(|cut| {
        let after = cost.level(cut, n);
        let spares = |start: usize| to_end[start] - cost.error(start, cut) - to_end[cut];
        (0..=cut - min_size)
            .any(|start| cost.level(start, cut) < after && spares(start) >= pen - ROUNDING)
    })
}

/// Chance that the largest signed root of a likelihood ratio, over cuts that leave `min_size`
/// points to `recent` + `min_size` after them, exceeds `b`.
///
/// James, B., James, K. L. and Siegmund, D. (1987) Tests for a change-point. Biometrika 74, 71–83:
/// φ(b) ((b − 1/b) ln r + 4/b) for both signs, r being the ratio of the odds of the latest cut to
/// those of the earliest; half of it for one. It errs to the safe side, by a factor of about two.
fn chance(b: f64, n: usize, changes: &Changes) -> f64 {
    if b <= 1.0 {
        return 1.0;
    }
    let least = changes.min_size as f64;
    let most = (changes.recent as f64 + least).min(n as f64 - least).max(least);
    let odds = |after: f64| (n as f64 - after) / after;
    let span = (odds(least) / odds(most)).ln().max(0.0);
    (0.5 * Normal::standard().pdf(b) * ((b - 1.0 / b) * span + 4.0 / b)).min(1.0)
}

fn finding(model: &Model, step: &Step, weeks: Weeks) -> Finding {
    let key = model.key;
    let detail = Change {
        level_before: known(step.before),
        level_after: known(step.after),
        level_before_from: weeks.start(step.from),
        weeks: weeks.count - step.since,
        dispersion: model.fitted.as_ref().and_then(|f| known(f.dispersion)),
    };
    let period = (weeks.start(step.since), weeks.last);
    Finding {
        observed: step.observed,
        expected: step.expected,
        p: step.p,
        ..Finding::new(key, Detail::Change(detail), "pelt", period)
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn the_chance_of_a_cut_is_that_of_simulated_walks() {
        let changes = Changes { min_size: 8, recent: 13, least: 0.0 };
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let n = 120;
        let largest = |rng: &mut ChaCha8Rng| {
            // Sums of twelve uniforms are normal enough.
            let x: Vec<f64> =
                (0..n).map(|_| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0).collect();
            let total: f64 = x.iter().sum();
            let at = |after: usize| {
                let sum: f64 = x[n - after..].iter().sum();
                let (a, b) = (after as f64, (n - after) as f64);
                (sum / a - (total - sum) / b) / (1.0 / a + 1.0 / b).sqrt()
            };
            (8..=21).map(at).fold(f64::MIN, f64::max)
        };
        let rounds = 4000;
        let beyond =
            (0..rounds).filter(|_| largest(&mut rng) > 2.5).count() as f64 / f64::from(rounds);
        let p = chance(2.5, n, &changes);
        // Cuts lie between whole weeks: the walk is looked at more rarely than the approximation
        // supposes.
        assert!(p >= beyond && p < 3.0 * beyond, "{p} {beyond}");
        assert_eq!(chance(0.3, n, &changes), 1.0);
    }

    #[test]
    fn a_burst_of_a_week_or_two_is_no_new_level_and_a_level_is_one() {
        let mut random = ChaCha8Rng::seed_from_u64(9);
        let changes = Changes { min_size: 8, recent: 13, least: 0.0 };
        let dispersion = 1.3;
        let cuts = |y: &[f64]| {
            let season = vec![1.0; y.len()];
            let usual = without_bursts(y, &season, dispersion, changes.min_size);
            let pen = 3.0 * (y.len() as f64).ln() * dispersion;
            let grid = Grid { min_size: changes.min_size, jump: 1, compat: false };
            pelt(&CostPoisson::new(&usual, &season), y.len(), pen, grid)
        };
        let mut levels = 0;
        for (round, mean) in (0..60).map(|round| (round, [2.0_f64, 10.0, 100.0][round % 3])) {
            let mut y: Vec<f64> = (0..150)
                .map(|_| (mean + mean.sqrt() * (random.random::<f64>() - 0.5) * 3.0).round())
                .collect();
            let quiet = y.clone();
            let (from, weeks) = (150 - 1 - round % 13, 1 + round % 2);
            y[from..(from + weeks).min(150)].fill(80.0 * mean);
            levels += usize::from(cuts(&y) != [150]);
            y = quiet;
            y[138..].iter_mut().for_each(|n| *n = 3.0 * *n + 1.0);
            let found = cuts(&y);
            assert!(found.len() == 2 && (136..=143).contains(&found[0]), "{round}: {found:?}");
        }
        // Where the weeks around it are high by chance, a burst of two among few cases can do it.
        assert!(levels <= 3, "{levels} of 60 bursts are taken for a level");
    }

    #[test]
    fn no_recent_rise_is_missed_by_asking_first_whether_there_may_be_one() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let (mut risen, mut passed) = (0, 0);
        for round in 0..300 {
            let (n, min_size) = (random.random_range(10..120), random.random_range(1..9));
            let cut = random.random_range(0..n);
            let high = 4 + round % 6;
            let y: Vec<f64> = (0..n)
                .map(|t| f64::from(random.random_range(0..if t >= cut { high } else { 4 })))
                .collect();
            let cost = CostPoisson::new(&y, &vec![1.0; n]);
            let (pen, first) = (1.5 * (n as f64).ln(), n - n / 4);
            let ends = pelt(&cost, n, pen, Grid { min_size, jump: 1, compat: false });
            let starts: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
            let last = starts.len() - 2;
            let rises = last > 0
                && starts[last] >= first
                && cost.level(starts[last], n) > cost.level(starts[last - 1], starts[last]);
            let may = may_rise(&cost, n, pen, min_size, first);
            assert!(may || !rises, "{round}: {ends:?} of {y:?}");
            risen += usize::from(rises);
            passed += usize::from(may);
        }
        assert!(risen > 10 && passed < 150, "{risen} {passed}");
    }
}
