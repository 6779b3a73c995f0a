use super::*;

fn feed_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 3, 1).unwrap()
}

fn feed(total: Vec<f64>) -> Feed {
    let first = feed_day();
    let by_area = (0..4)
        .map(|a| total.iter().map(|n| (n / 4.0 + f64::from(a) * 0.1).floor()).collect())
        .collect();
    Feed { first, total, by_area, reported: Vec::new() }
}

fn noisy(days: usize, mean: f64) -> Vec<f64> {
    (0..days)
        .map(|d| (mean * (1.0 + 0.3 * ((d * 7919 % 101) as f64 / 50.0 - 1.0))).round())
        .collect()
}

fn days(gaps: &[Gap], state: State) -> usize {
    gaps.iter().filter(|g| g.state == state).count()
}

#[test]
fn an_outage_of_a_busy_feed_is_missing_from_its_first_day() {
    let mut total = noisy(300, 60.0);
    total[250..253].fill(0.0);
    let gaps = assess(&feed(total));
    assert_eq!(days(&gaps, State::Missing), 3);
    assert_eq!(gaps.len(), 3);
}

#[test]
fn a_quiet_feed_may_be_silent_for_days_but_not_for_months() {
    let mut total: Vec<f64> = (0..400).map(|d| if d * 7919 % 10 < 4 { 1.0 } else { 0.0 }).collect();
    assert_eq!(assess(&feed(total.clone())), vec![]);
    total[300..].fill(0.0);
    let gaps = assess(&feed(total));
    assert!(days(&gaps, State::Missing) >= 100, "{}", gaps.len());
}

#[test]
fn a_feed_that_thins_everywhere_is_partial_and_one_area_alone_is_not() {
    let mut total = noisy(400, 60.0);
    for n in &mut total[300..350] {
        *n = (*n / 5.0).round();
    }
    let gaps = assess(&feed(total));
    // A poor day or two just before may be taken with them.
    let partial: Vec<&Gap> = gaps.iter().filter(|g| g.state == State::Partial).collect();
    assert!((50..=52).contains(&partial.len()), "{}", partial.len());
    assert!((300..350).all(|d| partial.iter().any(|g| (g.day - feed_day()).num_days() == d)));

    let mut one = feed(noisy(400, 60.0));
    for d in 300..350 {
        one.total[d] *= 0.35;
        for a in 0..4 {
            one.by_area[a][d] = if a == 0 { one.by_area[a][d] } else { one.by_area[a][d] * 0.2 };
        }
    }
    one.by_area[0].iter_mut().for_each(|n| *n *= 4.0);
    assert_eq!(assess(&one), vec![]);
}

#[test]
fn the_last_days_are_late_where_recording_takes_long_and_not_thinned() {
    let whole = noisy(400, 60.0);
    let mut slow = feed(whole.clone());
    slow.reported = vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.85];
    for (age, share) in slow.reported.clone().into_iter().enumerate() {
        slow.total[399 - age] = (share * whole[399 - age]).round();
        slow.by_area
            .iter_mut()
            .for_each(|counts| counts[399 - age] = (share * counts[399 - age]).round());
    }
    let gaps = assess(&slow);
    assert_eq!((days(&gaps, State::Late), gaps.len()), (7, 7), "{gaps:?}");
    // That nothing at all has come for four days is an outage even so.
    slow.total[396..].fill(0.0);
    slow.by_area.iter_mut().for_each(|counts| counts[396..].fill(0.0));
    let gaps = assess(&slow);
    assert_eq!((days(&gaps, State::Missing), days(&gaps, State::Late)), (4, 3), "{gaps:?}");
}

#[test]
fn an_outbreak_that_ends_is_not_a_feed_that_thins() {
    let mut total = noisy(230, 60.0);
    total.extend((0..45).map(|d| (60.0 * (-f64::from(d) / 20.0).exp()).round()));
    let gaps = assess(&feed(total));
    assert_eq!(days(&gaps, State::Partial), 0, "{gaps:?}");
}

#[test]
fn what_comes_later_does_not_reopen_an_old_day() {
    let mut total = noisy(400, 60.0);
    total[250..260].fill(0.0);
    let before: Vec<Gap> = assess(&feed(total[..300].to_vec()));
    total.truncate(350);
    total.extend(noisy(50, 5.0));
    let after: Vec<Gap> = assess(&feed(total))
        .into_iter()
        .filter(|g| g.day < before[0].day + Days::new(50))
        .collect();
    assert_eq!(before, after);
}

#[test]
fn a_weekly_rhythm_is_not_an_outage() {
    let total: Vec<f64> = (0..300).map(|d| if d % 7 < 5 { 12.0 } else { 0.0 }).collect();
    assert_eq!(assess(&feed(total)), vec![]);
}

#[test]
fn a_backlog_says_nothing_about_delay() {
    assert_eq!(usual_shares(&VecDeque::from(vec![5.0, 3.0, 1.0, 1.0]), 10.0), [0.5, 0.8]);
    assert_eq!(usual_shares(&VecDeque::from(vec![1.0]), 10.0), [0.0; 0]);
}
