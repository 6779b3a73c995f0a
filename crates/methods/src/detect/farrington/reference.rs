//! Which past observations a time point is held against: windows around the same time in earlier
//! years, and the season between them.

use chrono::{Datelike, NaiveDate};

use super::params::FarringtonParams;
use crate::detect::series::Series;

/// The observations that the regression is fitted on, the oldest first, and where the present time
/// point stands among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    pub y: Vec<f64>,
    /// Days, or time points where the series has no dates, since the first reference observation.
    pub time: Vec<f64>,
    /// Level of the season, from zero; levels without any observation are not counted.
    pub level: Vec<usize>,
    pub levels: usize,
    /// Logarithm of the exposure.
    pub offset: Option<Vec<f64>>,
    pub now_time: f64,
    pub now_level: usize,
    pub now_offset: f64,
}

/// The reference of time point `k`; the reason where there is none.
///
/// # Errors
/// How many time points the history is too short by, or what else is missing.
pub fn reference(
    series: &Series,
    k: usize,
    freq: usize,
    params: &FarringtonParams,
) -> Result<Reference, String> {
    let points = points(series, k, freq, params)?;
    let (start, season) = season(&points, params)?;
    let last = (k + 1).saturating_sub(params.excluded() + 1);
    let used: Vec<usize> = (start..last.max(start)).filter(|i| season[i - start] > 0).collect();
    let exposure = |i: usize| params.exposure(series).and_then(|o| o.get(i)).copied();
    let there = |i: &usize| {
        series.observed[*i].is_finite() && exposure(*i).is_none_or(|e| e > 0.0 && e.is_finite())
    };
    let kept: Vec<usize> = used.iter().copied().filter(there).collect();
    let Some((first_used, first_kept)) = used.first().zip(kept.first()) else {
        return Err(format!("none of {} reference observations is there", used.len()));
    };

    let mut index = vec![usize::MAX; params.no_periods + 1];
    let mut levels = 0;
    for i in &kept {
        let slot = &mut index[season[i - start]];
        if *slot == usize::MAX {
            *slot = levels;
            levels += 1;
        }
    }
    let now_level = index[params.no_periods];
    if now_level == usize::MAX {
        return Err("no observation is there in the windows of the same season".to_owned());
    }
    // The package counts the present time from the first observation that is there, the others from
    // the first that is asked for.
    let origin = if params.compat && series.dates.is_some() { *first_kept } else { *first_used };
    let offset = exposure(k)
        .is_some()
        .then(|| kept.iter().filter_map(|i| exposure(*i)).map(f64::ln).collect());
    Ok(Reference {
        y: kept.iter().map(|i| series.observed[*i]).collect(),
        time: kept.iter().map(|i| elapsed(series, *first_used, *i)).collect(),
        level: kept.iter().map(|i| index[season[i - start]]).collect(),
        levels,
        offset,
        now_time: elapsed(series, origin, k),
        now_level,
        now_offset: exposure(k).map_or(0.0, f64::ln),
    })
}

/// Days between two time points, or their number without dates.
fn elapsed(series: &Series, from: usize, to: usize) -> f64 {
    match &series.dates {
        Some(dates) => (dates[to] - dates[from]).num_days() as f64,
        None => to as f64 - from as f64,
    }
}

/// Positions of the present time point and of the same time one, two … b years ago.
fn points(
    series: &Series,
    k: usize,
    freq: usize,
    params: &FarringtonParams,
) -> Result<Vec<usize>, String> {
    // R leaves an index of zero out without a word, so that there the oldest window may lack its
    // first time point.
    let w = params.w - usize::from(params.compat && params.w > 0);
    match &series.dates {
        None => {
            let needed = freq.saturating_mul(params.b).saturating_add(w);
            if k < needed {
                return Err(too_short(needed - k));
            }
            Ok((0..=params.b).map(|year| k - year * freq).collect())
        }
        Some(dates) => {
            let mut points = vec![k];
            for year in 1..=params.b {
                points.push(same_time(dates, k, year, params.b, freq, w)?);
            }
            match points.last() {
                Some(oldest) if *oldest < w => Err(too_short(w - oldest)),
                _ => Ok(points),
            }
        }
    }
}

fn too_short(missing: usize) -> String {
    format!("the history is too short: {missing} observations are missing before its beginning")
}

/// The time point that begins closest to the same date `year` years ago, at most half a step away;
/// so weeks keep their weekday.
fn same_time(
    dates: &[NaiveDate],
    k: usize,
    year: usize,
    b: usize,
    freq: usize,
    w: usize,
) -> Result<usize, String> {
    let day = years_before(dates[k], year)
        .ok_or("the same date some years ago is beyond the calendar")?;
    let after = dates[..k].partition_point(|d| *d < day);
    let distance = |i: &usize| (dates[*i] - day).num_days().unsigned_abs();
    let closest = [after.checked_sub(1), (after < k).then_some(after)]
        .into_iter()
        .flatten()
        .min_by_key(distance);
    let near = |i: &usize| 2 * distance(i).saturating_mul(freq as u64) <= 366;
    closest.filter(near).ok_or_else(|| {
        let oldest = years_before(dates[k], b).unwrap_or(day);
        if day < dates[0] {
            let step = 365.25 / freq as f64;
            let days = (dates[0] - oldest).num_days() as f64;
            too_short(
                (days / if step < 15.0 { step.round().max(1.0) } else { step }).round() as usize
                    + w,
            )
        } else {
            format!("the series has no time point near {day}")
        }
    })
}

/// The same date some years ago; for 29 February the first of March, where there is none.
fn years_before(day: NaiveDate, years: usize) -> Option<NaiveDate> {
    let year = day.year().checked_sub(i32::try_from(years).ok()?)?;
    day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// First position that any level takes in, and the level of each from there to the present:
/// noPeriods in the windows, 1 … noPeriods − 1 between them, 0 for none.
fn season(points: &[usize], params: &FarringtonParams) -> Result<(usize, Vec<usize>), String> {
    let (w, p) = (params.w, params.no_periods);
    let (now, oldest) = (points[0], points[points.len() - 1]);
    let start = oldest.saturating_sub(w);
    let mut level = vec![0; now - start + 1];
    level[now.saturating_sub(w).max(start) - start..].fill(p);
    for years in points.windows(2) {
        let (later, point) = (years[0], years[1]);
        level[point.saturating_sub(w) - start..=(point + w).min(now) - start].fill(p);
        if p > 1 {
            let between =
                (later - point).checked_sub(2 * w + 1).ok_or("the windows of two years overlap")?;
            divide(&mut level, point + w + 1 - start, between, params);
        }
    }
    Ok((start, level))
}

/// Shares `between` time points from `from` on among the levels below the windows', the remainder
/// to the first ones.
fn divide(level: &mut [usize], from: usize, between: usize, params: &FarringtonParams) {
    let others = params.no_periods - 1;
    let mut at = from;
    for j in 1..=others {
        let length = between / others + usize::from(j <= between % others);
        match level.get_mut(at..at + length) {
            // R's `a:(a − 1)` counts backwards, so that an empty level takes two time points from
            // its neighbours.
            Some([]) if params.compat => level[at - 1..=at].fill(j),
            Some(part) => part.fill(j),
            None => {}
        }
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    fn weekly(n: usize) -> Series {
        let first = NaiveDate::from_ymd_opt(2004, 1, 5).unwrap();
        let dates = (0..n).map(|i| first + Days::new(7 * i as u64)).collect();
        Series {
            observed: (0..n).map(|i| i as f64).collect(),
            dates: Some(dates),
            freq: 52,
            ..Default::default()
        }
    }

    fn params(b: usize, w: usize, p: usize, past: usize) -> FarringtonParams {
        FarringtonParams {
            b,
            w,
            no_periods: p,
            past_weeks_not_included: Some(past),
            ..Default::default()
        }
    }

    #[test]
    fn windows_alone_without_dates() {
        let series = Series { dates: None, ..weekly(200) };
        let got = reference(&series, 150, 52, &params(2, 3, 1, 3)).unwrap();
        assert_eq!(got.y.len(), 14);
        assert_eq!((got.y[0], got.y[6], got.y[7], got.y[13]), (43.0, 49.0, 95.0, 101.0));
        assert_eq!((got.levels, got.now_time, got.time[13]), (1, 107.0, 58.0));
        // Fewer left out than the half-window: what remains of the present window is reference too.
        assert_eq!(
            reference(&series, 150, 52, &params(2, 3, 1, 1)).unwrap().y[14..],
            [147.0, 148.0]
        );
    }

    #[test]
    fn the_remainder_of_a_year_goes_to_the_first_blocks() {
        let got = season(&[104, 52], &params(1, 3, 10, 26)).unwrap();
        assert_eq!((got.0, got.1.len()), (49, 56));
        let count = |j: usize| got.1.iter().filter(|l| **l == j).count();
        assert_eq!((1..=10).map(count).collect::<Vec<_>>(), [5, 5, 5, 5, 5, 5, 5, 5, 5, 11]);
        let got = season(&[105, 52], &params(1, 3, 10, 26)).unwrap();
        assert_eq!(got.1.iter().filter(|l| **l == 1).count(), 6);
    }

    #[test]
    fn weeks_keep_their_weekday_and_months_their_month() {
        let series = weekly(300);
        let dates = series.dates.as_ref().unwrap();
        let got = points(&series, 280, 52, &params(5, 3, 1, 3)).unwrap();
        for (year, point) in got.iter().enumerate().skip(1) {
            let away = (dates[*point] - years_before(dates[280], year).unwrap()).num_days().abs();
            assert!(away <= 3, "{year}: {away}");
        }
        let ends = (0..72).map(|m| {
            NaiveDate::from_ymd_opt(2015 + (m + 1) / 12, (m + 1) as u32 % 12 + 1, 1).unwrap()
                - Days::new(1)
        });
        let monthly = Series {
            dates: Some(ends.collect()),
            observed: vec![1.0; 72],
            freq: 12,
            ..Default::default()
        };
        assert_eq!(points(&monthly, 61, 12, &params(5, 1, 1, 1)).unwrap(), [61, 49, 37, 25, 13, 1]);
    }

    #[test]
    fn a_short_history_says_by_how_much() {
        let dated = weekly(300);
        let plain = Series { dates: None, ..weekly(300) };
        assert!(
            reference(&plain, 262, 52, &params(5, 3, 1, 3))
                .unwrap_err()
                .contains(" 1 observations")
        );
        assert!(reference(&plain, 263, 52, &params(5, 3, 1, 3)).is_ok());
        assert!(
            reference(&plain, 0, 52, &params(5, 3, 1, 3))
                .unwrap_err()
                .contains(" 263 observations")
        );
        assert!(
            reference(&dated, 263, 52, &params(5, 3, 1, 3))
                .unwrap_err()
                .contains(" 1 observations")
        );
        assert!(
            reference(&dated, 200, 52, &params(5, 3, 1, 3))
                .unwrap_err()
                .contains(" 64 observations")
        );
        assert!(reference(&dated, 264, 52, &params(5, 3, 1, 3)).is_ok());
    }

    #[test]
    fn levels_without_time_points_are_left_out_where_the_package_takes_their_neighbours() {
        let series = Series { observed: vec![1.0; 80], freq: 12, ..Default::default() };
        let ours = params(3, 2, 11, 4);
        let levels = |params: &FarringtonParams| reference(&series, 60, 12, params).unwrap();
        assert_eq!(levels(&ours).levels, 8, "seven months between the windows, and the windows");
        assert_eq!(levels(&FarringtonParams { compat: true, ..ours.clone() }).levels, 8);
        assert_ne!(
            levels(&FarringtonParams { compat: true, ..ours.clone() }).level,
            levels(&ours).level
        );
    }

    #[test]
    fn the_time_axis_does_not_move_with_what_is_missing() {
        let mut series = weekly(300);
        let ours = params(4, 3, 1, 3);
        let whole = reference(&series, 280, 52, &ours).unwrap();
        series.observed[280 - 208 - 4..280 - 208 - 2].fill(f64::NAN);
        let part = reference(&series, 280, 52, &ours).unwrap();
        assert_eq!(
            (part.now_time, part.time[0]),
            (whole.now_time, whole.time[whole.y.len() - part.y.len()])
        );
        assert!(part.y.len() < whole.y.len());
        let package =
            reference(&series, 280, 52, &FarringtonParams { compat: true, ..ours }).unwrap();
        assert_eq!(package.now_time, whole.now_time - 7.0 * (whole.y.len() - part.y.len()) as f64);
    }

    #[test]
    fn what_is_missing_is_left_out() {
        let mut series = weekly(300);
        series.observed[10] = f64::NAN;
        series.offset = Some((0..300).map(|i| if i == 12 { 0.0 } else { 2.0 }).collect());
        let exposed = FarringtonParams { population_offset: Some(true), ..params(4, 3, 10, 26) };
        let all = reference(&weekly(300), 280, 52, &exposed).unwrap().y.len();
        series.observed[250] = f64::NAN;
        let got = reference(&series, 280, 52, &exposed).unwrap();
        assert_eq!(got.y.len(), all - 1, "10 and 12 lie before the oldest window");
        assert!(got.offset.unwrap().iter().all(|o| (o - 2.0_f64.ln()).abs() < 1e-15));
        series.observed.fill(f64::NAN);
        assert!(reference(&series, 280, 52, &exposed).unwrap_err().contains("none of"));
    }
}
