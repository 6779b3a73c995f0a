//! Clusters: neighbouring areas and close days together, by the space-time permutation scan of each
//! domain.

use crate::error::from_flaw;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use ndarray::Array2;

use super::counts::watched_areas;
use super::detail::{self, Detail, known};
use super::finding::Finding;
use super::settings::Settings;
use super::watch::Key;
use crate::feeds::Coverage;
use crate::job::Job;
use lake::error::{At, Error, Result};
use methods::Flaw;
use methods::detect::neighbours::{Neighbours, Place, neighbours};
use methods::detect::scan::{Cluster, Outcome, Scan};

const METHOD: &str = "space_time_permutation";
/// Digitising noise of boundaries, km.
const TOLERANCE: f64 = 0.05;
/// Last days of which nothing is damped.
const FRESH_DAYS: usize = 7;
/// Standard deviations beyond which a day of an area is a burst beyond doubt, and the least
/// variance supposed.
const BEYOND_DOUBT: f64 = 8.0;
const LEAST_VARIANCE: f64 = 0.25;
/// A category is looked at by itself where it has so many times the cases of the least cluster.
const LEAST_TIMES: usize = 10;

/// Cases of a domain and category — empty for all together — by area and day.
type Daily = BTreeMap<(String, String), Array2<u32>>;

/// Clusters of every domain that last to the day `last`, from its events by area of the watched
/// level and day; notices on the neighbourhood.
///
/// # Errors
/// [`Error::Input`] where `areas.geojson` cannot be used.
pub fn clusters(
    job: &Job,
    settings: &Settings,
    daily: &Daily,
    last: NaiveDate,
) -> Result<(Vec<Finding>, Vec<String>)> {
    let (near, notices) = neighbourhood(job, settings)?;
    let root = &job.register.root().code;
    let findings =
        scanned(daily, &near, job.coverage, root, last, settings, job.seed).map_err(from_flaw)?;
    Ok((findings, notices))
}

/// The first day that is looked at on the night of `last`.
pub fn first(settings: &Settings, last: NaiveDate) -> NaiveDate {
    last - Days::new(settings.clusters.days as u64 - 1)
}

/// Clusters of every domain and category that last to the day `last`, from their events: the areas
/// of `near` × the days since [`first`].
///
/// # Errors
/// A [`Flaw`] where the settings make no scan.
pub fn scanned(
    daily: &Daily,
    near: &Neighbours,
    coverage: &Coverage,
    root: &str,
    last: NaiveDate,
    settings: &Settings,
    seed: u64,
) -> std::result::Result<Vec<Finding>, Flaw> {
    let first = first(settings, last);
    let scan = Scan::new(settings.clusters.scan.clone())?;
    let scans = daily.iter().filter(|of| worth_a_scan(of, settings)).count() as f64;
    // A hair's breadth above, so that rounding loses none that the recurrence interval keeps.
    let commonest = settings.clusters.scan.every_days / (settings.clusters.recurrence_days * scans)
        * (1.0 + 1e-9);
    let mut findings: Vec<Finding> = Vec::new();
    for ((domain, category), counts) in daily.iter().filter(|of| worth_a_scan(of, settings)) {
        // Late reports are late everywhere: they are in the margins, and no cluster.
        let delivered = coverage.delivered(domain, first, last);
        let usable: Vec<bool> = first
            .iter_days()
            .take(settings.clusters.days)
            .map(|d| delivered.contains(&d))
            .collect();
        let table = Table { counts, damped: damped(counts, &usable), usable: &usable, near, first };
        let key =
            Key { area: root.to_owned(), domain: domain.to_owned(), category: category.to_owned() };
        match scan.scan_up_to(table.damped.view(), &usable, near, seed, commonest)? {
            Outcome::NotAssessable(why) if category.is_empty() => {
                findings.push(Finding::not_assessable(&key, METHOD, (first, last), why))
            }
            Outcome::NotAssessable(_) => {}
            Outcome::Clusters(found) => findings.extend(
                found
                    .into_iter()
                    .map(|c| Cluster { recurrence_days: c.recurrence_days / scans, ..c })
                    .filter(|c| c.recurrence_days >= settings.clusters.recurrence_days)
                    .map(|c| table.finding(&c, &key)),
            ),
        }
    }
    Ok(without_repeats(&findings))
}

/// Of all categories together and one of them in the same area, the rarer: they are mostly the same
/// cases.
fn without_repeats(findings: &[Finding]) -> Vec<Finding> {
    let repeats = |f: &Finding, other: &Finding| {
        let rarer = other.p < f.p || (other.p == f.p && f.category.is_empty());
        f.category.is_empty() != other.category.is_empty() && rarer && overlap(f, other)
    };
    let told = |f: &&Finding| !findings.iter().any(|other| repeats(f, other));
    findings.iter().filter(told).cloned().collect()
}

/// Whether a category has cases enough to be looked at by itself; all together always are.
fn worth_a_scan(of: &(&(String, String), &Array2<u32>), settings: &Settings) -> bool {
    let least = (LEAST_TIMES * settings.clusters.scan.min_cases) as u64;
    of.0.1.is_empty() || of.1.iter().map(|n| u64::from(*n)).sum::<u64>() >= least
}

/// Whether two clusters of a domain have an area in common.
fn overlap(a: &Finding, b: &Finding) -> bool {
    match (&a.detail, &b.detail) {
        (Detail::Cluster(one), Detail::Cluster(other)) => {
            a.domain == b.domain && one.areas.iter().any(|area| other.areas.contains(area))
        }
        _ => false,
    }
}

/// The counts, with what burst beyond doubt more than a week ago set to what is usual in its area.
/// A storm of three weeks ago has been told. In the margins of the table it would raise what is
/// expected where it was, and lower it everywhere else: clusters of nothing, for as long as it is
/// in the table.
fn damped(counts: &Array2<u32>, usable: &[bool]) -> Array2<u32> {
    let mut damped = counts.clone();
    let before = usable.len().saturating_sub(FRESH_DAYS);
    for mut row in damped.rows_mut() {
        let mut known: Vec<f64> =
            row.iter().zip(usable).filter(|(_, u)| **u).map(|(n, _)| f64::from(*n)).collect();
        known.sort_unstable_by(f64::total_cmp);
        known.truncate(known.len() - known.len() / 20);
        let days = known.len().max(1) as f64;
        let mean = known.iter().sum::<f64>() / days;
        let variance = known.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / days;
        let limit = mean + BEYOND_DOUBT * variance.max(mean).max(LEAST_VARIANCE).sqrt();
        for n in row.iter_mut().take(before).filter(|n| f64::from(**n) > limit) {
            *n = mean.round() as u32;
        }
    }
    damped
}

/// What a domain's clusters were looked for in.
struct Table<'a> {
    counts: &'a Array2<u32>,
    damped: Array2<u32>,
    usable: &'a [bool],
    near: &'a Neighbours,
    first: NaiveDate,
}

impl Table<'_> {
    /// A cluster of the scan as a finding of the areas that have its excess, the one with most of
    /// it first; `whole` is the series of the whole county.
    fn finding(&self, c: &Cluster, whole: &Key) -> Finding {
        let areas = self.with_excess(c);
        let most = areas.first().map_or(c.centre, |a| a.area);
        let km = areas.iter().map(|a| self.near.km[[most, a.area]]).fold(0.0, f64::max);
        let detail = detail::Cluster {
            areas: areas.iter().filter_map(|a| self.near.codes.get(a.area)).cloned().collect(),
            area_names: None,
            km: known(if c.km.is_nan() { f64::NAN } else { km }),
            recurrence_days: known(c.recurrence_days),
            log_likelihood_ratio: known(c.log_likelihood_ratio),
            overdispersion: known(c.overdispersion),
            p_monte_carlo: known(c.p_monte_carlo),
        };
        let day = |day: usize| self.first + Days::new(day as u64);
        Finding {
            area_code: self.near.codes.get(most).cloned().unwrap_or_default(),
            observed: areas.iter().map(|a| a.observed).sum(),
            expected: areas.iter().map(|a| a.expected).sum(),
            p: c.p,
            ..Finding::new(whole, Detail::Cluster(detail), METHOD, (day(c.days.0), day(c.days.1)))
        }
    }

    /// The areas of the circle that have more than a standard deviation over what the margins let
    /// expect, most first; the one with most in any case.
    fn with_excess(&self, c: &Cluster) -> Vec<Excess> {
        let days = || (0..self.usable.len()).filter(|d| self.usable[*d]);
        let within = || days().filter(|d| (c.days.0..=c.days.1).contains(d));
        let sum = |counts: &Array2<u32>, area: usize, days: &mut dyn Iterator<Item = usize>| {
            days.map(|d| f64::from(counts[[area, d]])).sum::<f64>()
        };
        let (mut all, mut of_days) = (0.0, 0.0);
        for area in 0..self.damped.nrows() {
            all += sum(&self.damped, area, &mut days());
            of_days += sum(&self.damped, area, &mut within());
        }
        let excess = |area: &usize| Excess {
            area: *area,
            observed: sum(self.counts, *area, &mut within()),
            expected: sum(&self.damped, *area, &mut days()) * of_days / f64::max(all, 1.0),
        };
        let mut areas: Vec<Excess> = c.areas.iter().map(excess).collect();
        areas.sort_by(|a, b| b.more().total_cmp(&a.more()).then(a.area.cmp(&b.area)));
        let beyond = |e: &Excess| e.more() > (c.overdispersion.max(1.0) * e.expected).sqrt();
        let told = areas.iter().take_while(|e| e.more() >= 1.0 && beyond(e)).count().max(1);
        areas.truncate(told);
        areas
    }
}

/// An area of a cluster.
struct Excess {
    area: usize,
    observed: f64,
    expected: f64,
}

impl Excess {
    fn more(&self) -> f64 {
        self.observed - self.expected
    }
}

/// The areas of the watched level and which of them touch: by `areas.geojson`, else by their
/// points, else by what is above them.
fn neighbourhood(job: &Job, settings: &Settings) -> Result<(Neighbours, Vec<String>)> {
    let file = job.workspace.root.join("areas.geojson");
    let geojson =
        if file.is_file() { Some(std::fs::read_to_string(&file).at(&file)?) } else { None };
    let place = |a: &lake::areas::Area| Place {
        code: a.code.clone(),
        parent: a.parent.clone(),
        lon_lat: a.lon.zip(a.lat),
    };
    let places: Vec<Place> =
        watched_areas(job.register, settings, job.as_of.day).map(place).collect();
    let found = neighbours(&places, geojson.as_deref(), TOLERANCE)
        .map_err(|flaw| Error::input(&file, flaw.what, flaw.fix))?;
    Ok((found.value, found.notices))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::detect::DETECTORS;
    use crate::feeds::DomainFeed;
    use methods::detect::scan::ScanParams;

    const DAYS: usize = 200;
    const AREAS: usize = 12;

    /// Areas along a road, ten kilometres apart.
    fn road() -> Neighbours {
        let place = |i: usize| Place {
            code: i.to_string(),
            parent: None,
            lon_lat: Some((100.0 + 0.1 * i as f64, 30.0)),
        };
        neighbours(&(0..AREAS).map(place).collect::<Vec<_>>(), None, 0.0).unwrap().value
    }

    fn quiet(seed: u64) -> Array2<u32> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        Array2::from_shape_fn((AREAS, DAYS), |_| (0..4).map(|_| random.random_range(0..2)).sum())
    }

    fn told(counts: &Array2<u32>, seed: u64) -> Vec<Finding> {
        let (near, usable) = (road(), [true; DAYS]);
        let scan = Scan::new(ScanParams { overdispersion: true, ..ScanParams::default() }).unwrap();
        let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        let table =
            Table { counts, damped: damped(counts, &usable), usable: &usable, near: &near, first };
        let key = Key { area: "root".into(), domain: "traffic".into(), category: "crash".into() };
        let found = scan.scan_up_to(table.damped.view(), &usable, &near, seed, 0.001).unwrap();
        let Outcome::Clusters(found) = found else { panic!("{found:?}") };
        found.iter().map(|c| table.finding(c, &key)).collect()
    }

    #[test]
    fn a_cluster_is_found_in_the_areas_that_have_the_excess() {
        for seed in 0..5 {
            let mut counts = quiet(seed);
            // Two areas on either side of a quiet one, which is the middle of their circle.
            for area in [2, 3, 5, 6] {
                counts.row_mut(area).iter_mut().skip(DAYS - 6).for_each(|n| *n += 5);
            }
            let found = told(&counts, seed);
            assert_eq!(found.len(), 1, "{found:?}");
            let Detail::Cluster(detail) = &found[0].detail else { panic!() };
            let mut areas = detail.areas.clone();
            assert_eq!(areas[0], found[0].area_code);
            areas.sort_unstable();
            assert_eq!(areas, ["2", "3", "5", "6"]);
            let sum = |area: usize| counts.row(area).iter().skip(DAYS - 6).sum::<u32>();
            assert_eq!(
                found[0].observed,
                f64::from([2, 3, 5, 6].into_iter().map(sum).sum::<u32>())
            );
            assert_eq!((found[0].period.1 - found[0].period.0).num_days(), 5);
        }
    }

    #[test]
    fn a_storm_of_weeks_ago_makes_no_clusters_elsewhere_and_one_of_today_is_told() {
        for seed in 10..14 {
            let mut counts = quiet(seed);
            counts.slice_mut(ndarray::s![..4, DAYS - 20..DAYS - 18]).fill(300);
            assert!(told(&counts, seed).is_empty(), "{:?}", told(&counts, seed));
            counts.slice_mut(ndarray::s![..4, DAYS - 1..]).fill(300);
            let codes: Vec<String> = told(&counts, seed).into_iter().map(|f| f.area_code).collect();
            assert!(
                codes.len() == 1 && ["0", "1", "2", "3"].contains(&codes[0].as_str()),
                "{codes:?}"
            );
        }
    }

    /// What is told of domains with these counts on the night of the last day.
    fn found_in(domains: &[(&'static str, &Array2<u32>)], recurrence_days: f64) -> Vec<Finding> {
        let bundled = include_str!("../../models/detectors.toml");
        let mut settings = Settings::parse(Path::new(DETECTORS), bundled).unwrap();
        (settings.clusters.days, settings.clusters.recurrence_days) = (DAYS, recurrence_days);
        let last = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let feed =
            |domain: &'static str| DomainFeed::daily(domain, first(&settings, last), Vec::new());
        let coverage = Coverage { feeds: domains.iter().map(|(d, _)| (*d, feed(d))).collect() };
        let of = |(domain, counts): &(&str, &Array2<u32>)| {
            (((*domain).to_owned(), String::new()), (*counts).clone())
        };
        let daily: Daily = domains.iter().map(of).collect();
        scanned(&daily, &road(), &coverage, "root", last, &settings, 1).unwrap()
    }

    #[test]
    fn the_recurrence_interval_is_that_of_all_scans_of_a_night() {
        let (mut counts, still) = (quiet(1), quiet(2));
        counts.slice_mut(ndarray::s![3..5, DAYS - 6..]).iter_mut().for_each(|n| *n += 3);
        let days = |found: &[Finding]| match found {
            [Finding { detail: Detail::Cluster(c), .. }] => c.recurrence_days.unwrap(),
            _ => panic!("{found:?}"),
        };
        let four = [("disputes", &still), ("petitions", &still), ("requests", &still)];
        let four = [&[("traffic", &counts)], &four[..]].concat();
        let alone = days(&found_in(&four[..1], 30.0));
        let among = days(&found_in(&four, alone / 5.0));
        assert!((among * 4.0 / alone - 1.0).abs() < 1e-9, "{among} {alone}");
        assert_eq!(found_in(&four, alone / 3.0), []);
    }

    #[test]
    fn of_all_together_and_one_category_in_an_area_the_rarer_is_told() {
        let of = |category: &str, area: &str, p: f64| {
            let key =
                Key { area: "root".into(), domain: "traffic".into(), category: category.into() };
            let detail = detail::Cluster {
                areas: vec![area.to_owned()],
                area_names: None,
                km: None,
                recurrence_days: None,
                log_likelihood_ratio: None,
                overdispersion: None,
                p_monte_carlo: None,
            };
            let day = NaiveDate::default();
            Finding { p, ..Finding::new(&key, Detail::Cluster(detail), METHOD, (day, day)) }
        };
        let told = |findings: &[Finding]| {
            without_repeats(findings).iter().map(|f| (f.category.clone(), f.p)).collect::<Vec<_>>()
        };
        let (crash, drink) = (of("crash", "1", 1e-6), of("drink", "1", 1e-5));
        assert_eq!(told(&[of("", "1", 1e-9), crash.clone()]), [(String::new(), 1e-9)]);
        assert_eq!(told(&[of("", "1", 1e-5), crash.clone()]), [("crash".to_owned(), 1e-6)]);
        assert_eq!(told(&[of("", "2", 1e-5), crash, drink]).len(), 3);
    }
}
