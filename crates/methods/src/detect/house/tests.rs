//! The detector as a whole, on simulated series whose truth is known.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

use super::*;
use crate::detect::calendar_regressors::Regressors;
use crate::detect::series::{Answer, Series};
use crate::method::Params;

/// Weekly counts of a mean and dispersion with a season.
fn counts(seed: u64, weeks: usize, mean: f64, dispersion: f64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let season = |t: usize| (0.4 * (std::f64::consts::TAU * t as f64 / 52.0).sin()).exp();
    let draw = |t: usize| {
        let mean = mean * season(t);
        let mean: f64 =
            Gamma::new(mean / (dispersion - 1.0), dispersion - 1.0).unwrap().sample(&mut rng);
        if mean > 0.0 { Poisson::new(mean).unwrap().sample(&mut rng) } else { 0.0 }
    };
    (0..weeks).map(draw).collect()
}

fn assess(
    observed: &[f64],
    exposure: Option<&[f64]>,
    at: usize,
    params: &HouseParams,
) -> Judgement {
    let design = Design::new(observed.len(), 52, params.harmonics, &Regressors::default()).unwrap();
    params.rule(52).unwrap().assess(
        &design,
        &CountSeries { observed, exposure },
        at,
        &Prior::weak(&design),
        &[],
    )
}

fn rows(observed: &[f64], params: &str) -> Vec<crate::detect::series::Row> {
    let params: Params = params.parse().unwrap();
    let series = Series { observed: observed.to_vec(), freq: 52, ..Series::default() };
    make(&params).unwrap().detect(&series, 0, observed.len()).unwrap().value
}

#[test]
fn p_is_calibrated_where_nothing_happens() {
    for (mean, dispersion) in [(0.3, 1.2), (3.0, 2.0), (40.0, 1.5)] {
        let ps: Vec<f64> = (0..60)
            .flat_map(|seed| {
                let series = counts(seed, 280, mean, dispersion);
                (0..4).map(move |i| assess(&series, None, 264 + 5 * i, &HouseParams::default()).p)
            })
            .collect();
        let below = |limit: f64| ps.iter().filter(|p| **p < limit).count() as f64 / ps.len() as f64;
        assert!((0.02..0.09).contains(&below(0.05)), "{mean}: {} below .05", below(0.05));
        assert!((0.1..0.3).contains(&below(0.2)), "{mean}: {} below .2", below(0.2));
    }
}

#[test]
fn nothing_later_is_used_and_the_same_comes_out_twice() {
    let series = counts(7, 300, 5.0, 1.5);
    let mut other = series.clone();
    other[281..].fill(500.0);
    let params = HouseParams::default();
    assert_eq!(assess(&series, None, 280, &params), assess(&other, None, 280, &params));
    assert_eq!(format!("{:?}", rows(&series, "")), format!("{:?}", rows(&series, "")));
    assert_eq!(
        format!("{:?}", rows(&series, "")[..=280].to_vec()),
        format!("{:?}", rows(&other, "")[..=280].to_vec())
    );
}

#[test]
fn a_rise_is_found_told_with_its_length_and_does_not_raise_later_expectations() {
    let mut series = counts(3, 320, 6.0, 1.3);
    let quiet = assess(&series, None, 310, &HouseParams::default());
    series[280..283].iter_mut().for_each(|n| *n += 15.0);
    let judged: Vec<Judgement> =
        (280..283).map(|t| assess(&series, None, t, &HouseParams::default())).collect();
    assert!(judged.iter().all(|j| j.answer == Answer::Alarm), "{judged:?}");
    assert_eq!(judged[2].in_a_row, 3);
    assert!(
        rows(&series, "")[280..]
            .iter()
            .all(|r| (r.answer == Answer::Alarm) == (r.observed > r.upper))
    );
    assert!(judged[1].window >= 2 && judged[1].excess() > 15.0, "{:?}", judged[1]);
    assert!(judged.iter().all(|j| j.lower <= j.expected && j.expected <= j.upper));
    let after = assess(&series, None, 310, &HouseParams::default());
    assert!(
        (after.expected / quiet.expected - 1.0).abs() < 0.03,
        "{} {}",
        after.expected,
        quiet.expected
    );
}

#[test]
fn exposure_is_divided_out_and_late_reports_are_expected() {
    let series = counts(5, 300, 8.0, 1.2);
    let exposure: Vec<f64> = (0..300).map(|t| if t < 200 { 1000.0 } else { 2000.0 }).collect();
    let grown: Vec<f64> = series.iter().zip(&exposure).map(|(y, e)| y * e / 1000.0).collect();
    let judged = assess(&grown, Some(&exposure), 290, &HouseParams::default());
    let plain = assess(&series, None, 290, &HouseParams::default());
    assert!(
        (judged.expected / (2.0 * plain.expected) - 1.0).abs() < 0.1,
        "{} {}",
        judged.expected,
        plain.expected
    );
    let design = Design::new(300, 52, 2, &Regressors::default()).unwrap();
    let whole = CountSeries { observed: &series, exposure: None };
    let rule = HouseParams::default().rule(52).unwrap();
    let late = rule.assess(
        &design,
        &whole,
        290,
        &Prior::weak(&design),
        &[Reported { share: 0.5, error: 0.05 }],
    );
    assert!((late.expected / plain.expected - 0.5).abs() < 1e-9 && late.p < plain.p);
}

#[test]
fn a_huge_week_is_told_and_does_not_blind_the_weeks_after_it() {
    let quiet = counts(11, 320, 100.0, 1.6);
    for (at, huge) in [(60, 8_000.0), (200, 8_000.0), (270, 8_000.0), (270, 1e6), (30, 8_000.0)] {
        let mut series = quiet.clone();
        series[at] += huge;
        let params = HouseParams { min_history: Some(13), ..HouseParams::default() };
        let own = assess(&series, None, at, &params);
        assert_eq!((own.answer, own.p < 1e-6), (Answer::Alarm, true), "{at} {huge}");
        for later in [at + 5, at + 20, at + 49] {
            let (with, without) =
                (assess(&series, None, later, &params), assess(&quiet, None, later, &params));
            assert!((with.expected / without.expected - 1.0).abs() < 0.15, "{with:?} {without:?}");
            assert_eq!(with.answer, Answer::Quiet, "{at} {later}: {with:?}");
            assert!(with.dispersion < 2.0 * without.dispersion, "{with:?} {without:?}");
            series[later] *= 3.0;
            assert_eq!(assess(&series, None, later, &params).answer, Answer::Alarm);
            series[later] = quiet[later];
        }
    }
}

#[test]
fn an_explosion_is_told_of_a_short_history_and_a_rise_is_not() {
    let params = HouseParams { min_history: Some(13), ..HouseParams::default() };
    let short = |j: &Judgement| matches!(&j.answer, Answer::NotAssessable(why) if why.contains("too short"));
    let mut found = 0;
    for seed in 0..20 {
        let mut series = counts(seed, 60, 12.0, 1.5);
        let at = 7 + seed as usize % 6;
        for times in [1.0, 2.0] {
            series[at] = 20.0 * times;
            assert!(short(&assess(&series, None, at, &params)), "{seed} {times}");
        }
        series[at] = 250.0;
        let told = assess(&series, None, at, &params);
        if told.answer == Answer::Alarm {
            found += 1;
            assert!(told.short_history.is_some_and(|weeks| (6..13).contains(&weeks)), "{told:?}");
        }
        // A feed that begins with a few strays has no history at all.
        series[..at].fill(0.0);
        series[at - 2] = 3.0;
        assert!(short(&assess(&series, None, at, &params)), "{seed}");
    }
    assert!(found >= 18, "{found} of 20");
}

#[test]
fn what_cannot_be_judged_says_why() {
    let mut series = counts(2, 120, 4.0, 1.5);
    series[100] = f64::NAN;
    let why = |observed: &[f64], exposure: Option<&[f64]>, at| match assess(
        observed,
        exposure,
        at,
        &HouseParams::default(),
    )
    .answer
    {
        Answer::NotAssessable(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(&series, None, 40).contains("15 are missing"), "{}", why(&series, None, 40));
    assert!(why(&series, None, 100).contains("feed is missing"));
    assert!(why(&series, Some(&[0.0; 120]), 110).contains("exposure"));
    assert_eq!(assess(&series, None, 101, &HouseParams::default()).window, 1);
    assert!(
        rows(&series, "")[..52]
            .iter()
            .all(|r| matches!(r.answer, Answer::NotAssessable(_)) && r.p.is_nan())
    );
}

#[test]
fn degenerate_series_are_defined() {
    for series in [
        vec![],
        vec![1.0],
        vec![0.0; 150],
        vec![7.0; 150],
        vec![f64::NAN; 150],
        vec![1e12; 150],
        vec![f64::INFINITY; 150],
    ] {
        for row in rows(&series, "") {
            let assessable = !matches!(row.answer, Answer::NotAssessable(_));
            assert_eq!(
                assessable,
                row.p.is_finite() && row.expected.is_finite() && row.upper.is_finite(),
                "{row:?}"
            );
            assert_ne!(row.answer, Answer::Alarm, "{row:?}");
        }
    }
    let mut zeros = vec![0.0; 150];
    zeros[149] = 4.0;
    let last = |series: &[f64], params| rows(series, params)[149].clone();
    assert_eq!(last(&zeros, "").answer, Answer::Quiet, "four cases are too few");
    assert_eq!(last(&zeros, "min_cases = 3").answer, Answer::Alarm);
    assert!(last(&zeros, "").p < 0.005);
}

#[test]
fn parameters_that_make_no_sense_are_named() {
    let flaw = |params: &str| {
        make(&params.parse().unwrap()).err().map(|f| f.to_string()).unwrap_or_default()
    };
    for (params, name) in [
        ("alpha = 0.0", "alpha"),
        ("windows = 5", "windows"),
        ("pastWeeksNotIncluded = 1", "pastWeeksNotIncluded"),
        ("b = 0", "b"),
        ("reported = [0.0]", "reported"),
        ("w = 3", "w"),
    ] {
        assert!(flaw(params).contains(name), "{params}: {}", flaw(params));
    }
    let undated = Series { observed: vec![1.0; 60], freq: 52, ..Series::default() };
    assert!(
        make(&"lunar = true".parse().unwrap())
            .unwrap()
            .detect(&undated, 0, 60)
            .unwrap_err()
            .what
            .contains("dates")
    );
}

#[test]
fn many_series_lend_each_other_their_season_and_dispersion() {
    let design = Design::new(156, 52, 1, &Regressors::default()).unwrap();
    let weak = Prior::weak(&design);
    let settings = Settings { outbreak_rate: 0.01 };
    let fits: Vec<Fitted> = (0..40)
        .map(|seed| {
            fit(
                &design,
                &CountSeries { observed: &counts(seed, 156, 2.0, 1.6), exposure: None },
                0..156,
                &weak,
                &settings,
            )
            .unwrap()
        })
        .collect();
    let prior = pool(&fits.iter().collect::<Vec<_>>(), &weak);
    assert!((prior.mean[3] - 0.4).abs() < 0.05 && prior.mean[2].abs() < 0.05, "{prior:?}");
    assert!(
        prior.sd[3] < 0.15 && (prior.dispersion - 1.6).abs() < 0.1 && prior.weight > 50.0,
        "{prior:?}"
    );
    let short = CountSeries { observed: &counts(99, 60, 2.0, 1.6), exposure: None };
    let error = |prior: &Prior| {
        (fit(&design, &short, 0..60, prior, &settings).unwrap().coefficients[3] - 0.4).abs()
    };
    assert!(error(&prior) < error(&weak));
    assert_eq!(pool(&[&fits[0]], &weak), weak);
}
