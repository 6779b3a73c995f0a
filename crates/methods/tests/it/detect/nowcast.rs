//! The reporting delay of a real outbreak: dengue in Tainan, 2015, onset against report dates
//! (issue 4, done-when 4). No setting was chosen on these dates: those of `Delay::default` were set
//! beforehand and tried on the simulated outbreaks of `nowcast_simulated.rs`.

use super::dengue::{MAX_DELAY, dengue, first};
use super::nowcasts::{Judged, figures, judge, print};
use chrono::NaiveDate;
use methods::detect::delay::{Delay, Increment, Triangle};

fn position(month: u32, day: u32) -> usize {
    (NaiveDate::from_ymd_opt(2015, month, day).unwrap() - first()).num_days() as usize
}

/// Rise, peak and fall by the final counts: the peak is where their week reaches four fifths of its
/// largest.
fn phase(counts: &[f64], now: usize) -> usize {
    let week =
        |t: usize| counts[t.saturating_sub(3)..(t + 4).min(counts.len())].iter().sum::<f64>();
    let most = (0..counts.len()).map(week).fold(0.0, f64::max);
    let high: Vec<usize> = (0..counts.len()).filter(|t| week(*t) >= 0.8 * most).collect();
    usize::from(now >= high[0]) + usize::from(now > high[high.len() - 1])
}

#[test]
fn nine_in_ten_intervals_hold_the_final_count() {
    let Some((ledger, counts)) = dengue() else { return };
    let judged =
        judge(&Delay::default(), &ledger, &counts, MAX_DELAY, (position(6, 15), 365), 20, 1);
    let some = |name: &str, keep: &dyn Fn(&&Judged) -> bool| {
        let figures = figures(judged.iter().filter(keep).collect::<Vec<&Judged>>().into_iter());
        print(name, &figures);
        figures
    };
    let all = some("lags 0-20", &|_| true);
    for lag in 0..=20 {
        some(&format!("lag {lag}"), &|j| j.lag == lag);
    }
    for (i, name) in ["rise", "peak", "fall"].iter().enumerate() {
        some(name, &|j| phase(&counts, j.now) == i);
        some(&format!("{name}, lags 0-7"), &|j| phase(&counts, j.now) == i && j.lag <= 7);
    }
    let open = some("lags 0-7", &|j| j.lag <= 7);
    println!("first as-of {}", judged[0].now);
    assert!((0.85..=0.95).contains(&all.coverage) && (0.85..=0.95).contains(&all.randomised));
    assert!((0.85..=0.95).contains(&open.coverage) && (0.85..=0.95).contains(&open.randomised));
    assert!(open.error[0] < open.error[1] && open.error[0] < open.error[2]);
}

#[test]
fn what_is_recorded_after_the_as_of_day_changes_nothing() {
    let Some((ledger, _)) = dengue() else { return };
    for now in [position(8, 10), position(9, 12), position(11, 1)] {
        let nowcasts = |shift: usize| {
            let shifted = ledger.iter().map(|i| {
                if i.recorded > now {
                    Increment {
                        recorded: i.recorded + shift,
                        num: i.num * (1 + shift) as f64,
                        ..*i
                    }
                } else {
                    *i
                }
            });
            let triangle = Triangle::new(now + 1, MAX_DELAY, shifted);
            Delay::default()
                .fit(std::slice::from_ref(&triangle))
                .unwrap()
                .predict(&triangle, 0.9)
                .unwrap()
        };
        assert_eq!(nowcasts(0), nowcasts(9));
        // The future is there to be seen, and a day later it is.
        assert!(ledger.iter().any(|i| i.recorded > now && i.day <= now));
    }
}
