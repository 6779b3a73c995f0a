//! Simulated outbreaks whose delays shorten or lengthen on the way, with weekdays of occurrence and
//! of recording and with corrections. The settings of `Delay::default` were tried on these before
//! the real outbreak was looked at.

use super::nowcasts::{Judged, figures, judge, print};
use methods::detect::delay::{Delay, Increment, Nowcast, Triangle};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson};

/// How an outbreak runs and is reported.
#[derive(Clone, Copy, Debug)]
struct Outbreak {
    /// Cases a day between waves and at the peak of one.
    low: f64,
    high: f64,
    /// Squared coefficient of variation of a day's mean.
    scatter: f64,
    /// Mean delay in days at the beginning and at the end.
    delays: (f64, f64),
    /// What a weekend day brings and what it records, of a working day.
    weekend: (f64, f64),
    /// Share of cases withdrawn later.
    withdrawn: f64,
}

const DAYS: usize = 240;

/// Ledger and final counts. A wave rises and falls twice within the days, by bell curves.
fn simulate(outbreak: &Outbreak, seed: u64) -> (Vec<Increment>, Vec<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut ledger, mut counts) = (Vec::new(), vec![0.0; DAYS]);
    for (t, count) in counts.iter_mut().enumerate() {
        let bell = |at: f64, wide: f64| (-((t as f64 - at) / wide).powi(2) / 2.0).exp();
        let wave = bell(90.0, 16.0) + 0.6 * bell(180.0, 20.0);
        let weekday = if t % 7 > 4 { outbreak.weekend.0 } else { 1.0 };
        let mean = (outbreak.low + (outbreak.high - outbreak.low) * wave) * weekday;
        let shape = 1.0 / outbreak.scatter;
        let mean = Gamma::new(shape, mean / shape).unwrap().sample(&mut rng);
        let cases =
            if mean > 0.0 { Poisson::new(mean).unwrap().sample(&mut rng) as usize } else { 0 };
        let delay =
            outbreak.delays.0 + (outbreak.delays.1 - outbreak.delays.0) * t as f64 / DAYS as f64;
        for _ in 0..cases {
            let late = Gamma::new(1.5, delay / 1.5).unwrap().sample(&mut rng) as usize;
            let recorded = office(t + late, outbreak.weekend.1, &mut rng);
            ledger.push(Increment { day: t, recorded, num: 1.0 });
            *count += 1.0;
            if rng.random::<f64>() < outbreak.withdrawn {
                let after = 1 + Gamma::new(1.0, 4.0).unwrap().sample(&mut rng) as usize;
                ledger.push(Increment { day: t, recorded: recorded + after, num: -1.0 });
                *count -= 1.0;
            }
        }
    }
    (ledger, counts)
}

/// A weekend puts off what it does not record.
fn office(mut day: usize, open: f64, rng: &mut ChaCha8Rng) -> usize {
    while day % 7 > 4 && rng.random::<f64>() > open {
        day += 1;
    }
    day
}

fn outbreaks() -> Vec<(&'static str, Outbreak)> {
    let plain = Outbreak {
        low: 2.0,
        high: 200.0,
        scatter: 0.02,
        delays: (3.0, 3.0),
        weekend: (1.0, 1.0),
        withdrawn: 0.0,
    };
    vec![
        ("plain", plain),
        ("delays shorten", Outbreak { delays: (6.0, 2.0), ..plain }),
        ("delays lengthen", Outbreak { delays: (2.0, 6.0), ..plain }),
        ("weekends", Outbreak { weekend: (0.7, 0.3), ..plain }),
        ("withdrawals", Outbreak { withdrawn: 0.1, ..plain }),
        (
            "all of it",
            Outbreak {
                delays: (5.0, 2.5),
                weekend: (0.7, 0.3),
                withdrawn: 0.05,
                scatter: 0.06,
                ..plain
            },
        ),
        ("five a day", Outbreak { low: 5.0, high: 5.0, scatter: 0.1, ..plain }),
        ("one a day, weekends", Outbreak { low: 1.0, high: 1.0, weekend: (0.7, 0.3), ..plain }),
        (
            "a small wave",
            Outbreak { low: 0.5, high: 15.0, scatter: 0.1, delays: (5.0, 3.0), ..plain },
        ),
    ]
}

#[test]
fn nine_in_ten_intervals_hold_on_simulated_outbreaks() {
    let delay = Delay::default();
    let mut everything: Vec<Judged> = Vec::new();
    for (name, outbreak) in outbreaks() {
        let mut judged = Vec::new();
        for seed in 0..2 {
            let (ledger, counts) = simulate(&outbreak, seed);
            judged.extend(judge(&delay, &ledger, &counts, 25, (40, DAYS - 1), 20, 4));
        }
        let open: Vec<Judged> = judged.iter().filter(|j| j.lag <= 7).copied().collect();
        print(name, &figures(judged.iter()));
        let f = figures(open.iter());
        print("lags 0-7", &f);
        assert!((0.84..=0.97).contains(&f.randomised), "{name}");
        everything.extend(open);
    }
    let f = figures(everything.iter());
    print("all, lags 0-7", &f);
    assert!((0.86..=0.94).contains(&f.randomised));
    assert!(f.error[0] < f.error[1] && f.error[0] < f.error[2]);
}

#[test]
fn townships_of_three_cases_a_month_borrow_the_delays_of_all() {
    let sparse = Outbreak {
        low: 0.1,
        high: 0.1,
        scatter: 0.1,
        delays: (4.0, 4.0),
        weekend: (1.0, 1.0),
        withdrawn: 0.0,
    };
    let townships: Vec<(Vec<Increment>, Vec<f64>)> =
        (0..30).map(|seed| simulate(&sparse, 100 + seed)).collect();
    let (mut missing, mut expected, mut within, mut n) = (0.0, 0.0, 0.0, 0.0);
    for now in (60..DAYS - 30).step_by(9) {
        let triangles: Vec<Triangle> = townships
            .iter()
            .map(|(ledger, _)| Triangle::new(now + 1, 25, ledger.iter().copied()))
            .collect();
        assert!(
            now > 80 || Delay::default().fit(&triangles[..1]).is_err(),
            "one township alone says too little"
        );
        let fitted = Delay::default().fit(&triangles).unwrap();
        for (triangle, (_, counts)) in triangles.iter().zip(&townships) {
            for nowcast in fitted.predict(triangle, 0.9).unwrap() {
                let Nowcast::Known(day) = nowcast else { panic!("{nowcast:?}") };
                if now - day.at <= 7 {
                    missing += counts[day.at] - day.reported;
                    expected += day.expected - day.reported;
                    let (below, upto) =
                        (day.last.cdf(counts[day.at] - 1.0), day.last.cdf(counts[day.at]));
                    within += ((upto.min(0.95) - below.max(0.05)) / (upto - below).max(1e-12))
                        .clamp(0.0, 1.0);
                    n += 1.0;
                }
            }
        }
    }
    println!(
        "sparse: missing {missing}, expected {expected:.1}, randomised coverage {:.3} of {n}",
        within / n
    );
    assert!((expected / missing - 1.0).abs() < 0.25 && (0.86..=0.94).contains(&(within / n)));
}
