//! What an alarm gains from the nowcast, on the dengue outbreak of Tainan, 2015: the day on which a
//! week's count is flagged with it, without it, and with final data known at once (issue 4,
//! done-when 4). A week may end on the as-of day or up to 13 days before: late reports can still
//! raise what an earlier night let pass.

use super::dengue::{MAX_DELAY, dengue, first};
use methods::detect::delay::{Delay, Estimate, FinalCount, Nowcast, Triangle};
use methods::stats::NegativeBinomial;

const ALPHA: f64 = 0.001;
const SIZE: f64 = 20.0;
const BACK: usize = 14;
/// First day on which delays can be assessed: 2 July.
const ASSESSED: usize = 182;

/// One night's weeks, the last first: as nowcast, where delays can be assessed, and as reported.
struct Night {
    now: usize,
    nowcast: Vec<FinalCount>,
    reported: Vec<f64>,
}

fn night(triangle: &Triangle) -> Night {
    let now = triangle.days() - 1;
    let reported: Vec<f64> =
        (0..BACK).map(|back| triangle.reported[now - back - 6..=now - back].iter().sum()).collect();
    let completed = Delay::default().fit(std::slice::from_ref(triangle)).ok().map(|fitted| {
        let known = |n: Nowcast| if let Nowcast::Known(day) = n { Some(day) } else { None };
        let days: Vec<Estimate> =
            fitted.predict(triangle, 0.9).unwrap().into_iter().filter_map(known).collect();
        (0..BACK)
            .map(|back| fitted.total(&days[days.len() - back - 7..days.len() - back]))
            .collect()
    });
    let nowcast =
        completed.unwrap_or_else(|| reported.iter().map(|n| FinalCount::complete(*n)).collect());
    Night { now, nowcast, reported }
}

/// One-sided p-value of a final count that is not yet known: the mean, over what it may become, of
/// the probability of as many or more.
fn p_value(week: &FinalCount, usual: &NegativeBinomial) -> f64 {
    let (added, removed) = (week.added.nodes(), week.removed.nodes());
    let mean = |a: f64| -> f64 {
        removed.iter().map(|(r, w)| w * usual.at_least((week.reported + a - r).max(0.0))).sum()
    };
    added.iter().map(|(a, w)| w * mean(*a)).sum()
}

#[test]
fn the_outbreak_is_flagged_no_later_than_with_final_data_and_the_delay() {
    let Some((ledger, counts)) = dengue() else { return };
    let nights: Vec<Night> = (150..300)
        .map(|now| night(&Triangle::new(now + 1, MAX_DELAY, ledger.iter().copied())))
        .collect();
    let week = |end: usize| counts[end - 6..=end].iter().sum::<f64>();
    let delay = |end: usize| {
        let of: Vec<f64> = ledger
            .iter()
            .filter(|i| (end - 6..=end).contains(&i.day))
            .map(|i| (i.recorded - i.day) as f64)
            .collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    let (mut gained, mut held, mut n) = (0.0, 0.0, 0.0);
    for expected in [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 400.0, 800.0] {
        let usual = NegativeBinomial::with_size(expected, SIZE);
        let day = |flag: &dyn Fn(&Night) -> bool| {
            nights.iter().find(|night| flag(night)).map(|night| night.now).unwrap()
        };
        let with = day(&|night| night.nowcast.iter().any(|w| p_value(w, &usual) < ALPHA));
        let without = day(&|night| night.reported.iter().any(|w| usual.at_least(*w) < ALPHA));
        let last = day(&|night| usual.at_least(week(night.now)) < ALPHA);
        let date = |t: usize| (first() + chrono::Days::new(t as u64)).format("%m-%d").to_string();
        println!(
            "a week of {expected:4} usual: final data {}, nowcast {}, reported alone {}; mean delay of that week {:.1} days",
            date(last),
            date(with),
            date(without),
            delay(last)
        );
        assert!(with <= without, "{expected}");
        // Before 20 reports there are no delays to be known, and nothing to gain.
        assert!(last < ASSESSED || with as f64 <= last as f64 + delay(last).ceil(), "{expected}");
        gained += without as f64 - with as f64;
        held += with as f64 - last as f64;
        n += 1.0;
    }
    println!(
        "the nowcast flags {:.1} days before reported counts alone, {:.1} days after final data",
        gained / n,
        held / n
    );
    assert!(gained > 0.0);
    let assessed = || nights.iter().filter(|night| night.now >= ASSESSED);
    let inside = assessed().filter(|night| {
        let (low, high) = night.nowcast[0].interval(0.9);
        (low..=high).contains(&week(night.now))
    });
    let share = inside.count() as f64 / assessed().count() as f64;
    println!("90 % intervals of the last week's total hold the final one on {share:.3} of days");
    assert!((0.8..=0.98).contains(&share), "{share}");
}
