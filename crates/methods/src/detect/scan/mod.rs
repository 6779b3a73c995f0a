//! Clusters in place and time: the space-time permutation scan statistic.
//!
//! Kulldorff, M., Heffernan, R., Hartman, J., Assunção, R. & Mostashari, F. (2005) A space-time
//! permutation scan statistic for disease outbreak detection, PLoS Medicine 2(3), e59. It needs
//! cases alone, no exposure: an area that always has more cases than others is no cluster, nor is a
//! day that has more everywhere; a cluster is more cases *here* in *these days* than the margins of
//! the table of areas × days let expect.
//!
//! A cylinder is a circle about an area (its nearest neighbours, up to half of all cases) by some
//! days. With c of all N cases within, and μ = cases of the circle × cases of the days / N, its
//! statistic is the log likelihood ratio c ln(c/μ) + (N−c) ln((N−c)/(N−μ)) where c > μ, else 0. Its
//! p is its rank among the largest statistics of tables in which the days have been permuted among
//! the cases.
//!
//! Cases are independent unless `overdispersion` is set: forty complaints of one gathering are one
//! case, or they are a cluster. Where one area has more than half of the cases, no circle holds it;
//! raise `max_share` then.

mod cylinders;
mod heterogeneity;
mod replicates;
mod search;
mod table;
mod tail;
#[cfg(test)]
mod tests;

use ndarray::ArrayView2;
use serde::Deserialize;

use super::neighbours::Neighbours;
use crate::method::{Flaw, Params};
use crate::params::parse;
use cylinders::circles;
use heterogeneity::Heterogeneity;
pub use search::log_likelihood_ratio;
use search::{Candidate, Search};
use table::Table;
use tail::Tail;

/// Ranks below which the tail of the permuted statistics gives the p: a rank among the first is
/// chance itself.
const FIRST_RANKS: usize = 10;

/// Which cylinders are looked at, and how p is found. SaTScan's names are understood too.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ScanParams {
    /// Longest cluster in days, SaTScan's `MaxTemporalSize`. The table must be twice as long.
    #[serde(alias = "MaxTemporalSize")]
    pub max_days: usize,
    /// Largest share of all cases in a circle, above 0 and at most 1;
    /// `MaxSpatialSizeInPopulationAtRisk` is in per cent.
    pub max_share: f64,
    /// Largest radius in km, `MaxSpatialSizeInDistanceFromCenter`; any, where it is not given.
    #[serde(alias = "MaxSpatialSizeInDistanceFromCenter")]
    pub max_km: Option<f64>,
    /// Least number of cases in a cluster, `MinimumCasesInHighRateClusters`.
    #[serde(alias = "MinimumCasesInHighRateClusters")]
    pub min_cases: usize,
    /// Only clusters that last to the end of the table; otherwise those that have ended too, which
    /// takes as many times longer as there are days.
    pub prospective: bool,
    /// Permuted tables, `MonteCarloReps`.
    #[serde(alias = "MonteCarloReps")]
    pub replicates: usize,
    /// Most clusters to report.
    pub most_clusters: usize,
    /// Whether areas vary by more than cases that come one by one, as the days before the windows
    /// show, and the statistic is divided by that. Off, cases are independent, as SaTScan has it.
    pub overdispersion: bool,
    /// Days from one scan to the next, for the recurrence interval.
    pub every_days: f64,
}

impl Default for ScanParams {
    fn default() -> Self {
        ScanParams {
            max_days: 28,
            max_share: 0.5,
            max_km: None,
            min_cases: 2,
            prospective: true,
            replicates: 999,
            most_clusters: 10,
            overdispersion: false,
            every_days: 1.0,
        }
    }
}

/// A cluster of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Area in the middle, as its row in the table.
    pub centre: usize,
    /// All areas of the circle, by distance from the centre.
    pub areas: Vec<usize>,
    /// Distance of the farthest area in km; NaN where distances are unknown.
    pub km: f64,
    /// First and last day, as columns of the table, both within.
    pub days: (usize, usize),
    pub observed: usize,
    /// Cases that the margins of the table let expect.
    pub expected: f64,
    /// Log likelihood ratio, divided by the overdispersion.
    pub log_likelihood_ratio: f64,
    /// Variance of the cylinder's count over that of cases that come one by one; 1 where they are
    /// taken to.
    pub overdispersion: f64,
    /// Share of tables, permuted and actual, whose largest statistic reaches this one's.
    pub p_monte_carlo: f64,
    /// The same from the tail of the permuted ones where fewer than nine of them reach the
    /// statistic, which can be smaller than their number allows; else the Monte Carlo one.
    pub p: f64,
    /// Days in which such a cluster is expected to be seen once by chance, `every_days` / p; NaN
    /// for a scan that looks back.
    pub recurrence_days: f64,
}

/// What a scan says.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Clusters that share no area, strongest first, however large their p; none where nowhere are
    /// more cases than expected.
    Clusters(Vec<Cluster>),
    /// Nothing can be said, and why.
    NotAssessable(String),
}

/// A scan whose parameters are checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    params: ScanParams,
}

impl Scan {
    /// A scan with these parameters.
    ///
    /// # Errors
    /// A [`Flaw`] that names the parameter which makes no sense.
    pub fn new(params: ScanParams) -> Result<Scan, Flaw> {
        let wrong = |name: &str, value: &dyn std::fmt::Display, fix: &str| {
            Err(Flaw::new(format!("{name} is {value}"), fix))
        };
        let p = &params;
        if p.max_days == 0 {
            return wrong(
                "max_days",
                &p.max_days,
                "give the longest cluster in days, 28 for four weeks",
            );
        }
        if !(p.max_share > 0.0 && p.max_share <= 1.0) {
            return wrong(
                "max_share",
                &p.max_share,
                "give a share above 0 and at most 1, 0.5 for half of the cases",
            );
        }
        if let Some(km) = p.max_km.filter(|km| km.is_nan() || *km < 0.0) {
            return wrong("max_km", &km, "give a radius of zero or more, or leave it out");
        }
        if p.min_cases == 0 {
            return wrong("min_cases", &p.min_cases, "give a number from 1");
        }
        if p.replicates < 9 {
            return wrong(
                "replicates",
                &p.replicates,
                "give a number from 9; 999 lets p go down to 0.001",
            );
        }
        if !(p.every_days > 0.0 && p.every_days.is_finite()) {
            return wrong(
                "every_days",
                &p.every_days,
                "give the days from one scan to the next, 1 for every night",
            );
        }
        Ok(Scan { params })
    }

    /// A scan with the parameters of a model file.
    ///
    /// # Errors
    /// As [`Scan::new`], and where a parameter is unknown.
    pub fn from_params(params: &Params) -> Result<Scan, Flaw> {
        Scan::new(parse("scan", params)?)
    }

    /// Clusters in `cases`, one row an area of `neighbours` and one column a day. A day that is not
    /// `usable`, since the feed was down, belongs to neither the table nor the permutations; it
    /// still counts in the length of a cluster. The answer depends on `seed`, not on the number of
    /// threads.
    ///
    /// # Errors
    /// A [`Flaw`] where table, days and neighbours do not fit.
    pub fn scan(
        &self,
        cases: ArrayView2<u32>,
        usable: &[bool],
        neighbours: &Neighbours,
        seed: u64,
    ) -> Result<Outcome, Flaw> {
        self.scan_up_to(cases, usable, neighbours, seed, 1.0)
    }

    /// The same, of the clusters that [`Scan::scan`] finds, those whose p is at most `most`, which
    /// takes far less where there are none: permuting stops as soon as the strongest cluster is
    /// certain to be commoner, after Besag, J. & Clifford, P. (1991) Sequential Monte Carlo
    /// p-values, Biometrika 78, 301–304. The figures of those that are told are the same.
    ///
    /// # Errors
    /// As [`Scan::scan`].
    pub fn scan_up_to(
        &self,
        cases: ArrayView2<u32>,
        usable: &[bool],
        neighbours: &Neighbours,
        seed: u64,
        most: f64,
    ) -> Result<Outcome, Flaw> {
        let p = &self.params;
        if (cases.nrows(), cases.ncols()) != (neighbours.codes.len(), usable.len()) {
            return Err(Flaw::new(
                format!(
                    "{} × {} counts for {} areas and {} days",
                    cases.nrows(),
                    cases.ncols(),
                    neighbours.codes.len(),
                    usable.len()
                ),
                "give one row an area and one column a day",
            ));
        }
        let table = match Table::new(cases, usable, p.max_days, p.prospective) {
            Ok(table) => table,
            Err(why) => return Ok(Outcome::NotAssessable(why)),
        };
        let circles = circles(&table, neighbours, p.max_share, p.max_km.unwrap_or(f64::INFINITY));
        let search = Search::new(&table, &circles, p.min_cases, &self.heterogeneity(cases, usable));
        let found = without_overlap(search.all(&table.observed()), p.most_clusters);
        let Some(strongest) = found.first().map(|c| c.statistic) else {
            return Ok(Outcome::Clusters(Vec::new()));
        };
        let stop = replicates::Stop { statistic: strongest, reached: self.too_many(most) };
        let Some(largest) = replicates::largest(&table, &search, p.replicates, seed, stop) else {
            return Ok(Outcome::Clusters(Vec::new()));
        };
        let clusters = found.into_iter().map(|c| self.cluster(c, &table, neighbours, &largest));
        Ok(Outcome::Clusters(clusters.filter(|c| c.p <= most).collect()))
    }

    /// So many permuted tables that reach a statistic make its p larger than `most`, whatever the
    /// others are; and it is then the Monte Carlo one.
    fn too_many(&self, most: f64) -> usize {
        let above =
            |reached: &usize| (reached + 1) as f64 / (self.params.replicates + 1) as f64 > most;
        (FIRST_RANKS - 1..=self.params.replicates).find(above).unwrap_or(usize::MAX)
    }

    /// How areas varied before the windows that are scanned, or everywhere where all of the table
    /// is.
    fn heterogeneity(&self, cases: ArrayView2<u32>, usable: &[bool]) -> Heterogeneity {
        if !self.params.overdispersion {
            return Heterogeneity::none();
        }
        let end = if self.params.prospective {
            usable.len() - self.params.max_days
        } else {
            usable.len()
        };
        let days: Vec<usize> = (0..end).filter(|d| usable[*d]).collect();
        Heterogeneity::estimate(cases, &days, self.params.max_days)
    }

    fn cluster(
        &self,
        found: Candidate,
        table: &Table,
        neighbours: &Neighbours,
        largest: &[f64],
    ) -> Cluster {
        let reached = largest.iter().filter(|l| **l >= found.statistic).count();
        let p_monte_carlo = (reached + 1) as f64 / (largest.len() + 1) as f64;
        let p_tail = || Tail::fit(largest).and_then(|tail| tail.upper(found.statistic));
        let rare = reached + 1 < FIRST_RANKS;
        let p = rare.then(p_tail).flatten().unwrap_or(p_monte_carlo);
        let distance = |a: &usize| neighbours.km[[found.centre, *a]];
        Cluster {
            centre: found.centre,
            km: found.areas.last().map_or(0.0, distance),
            areas: found.areas,
            days: table.days(found.window),
            observed: found.observed as usize,
            expected: found.expected,
            log_likelihood_ratio: found.statistic,
            overdispersion: found.overdispersion,
            p_monte_carlo,
            p,
            recurrence_days: if self.params.prospective {
                self.params.every_days / p
            } else {
                f64::NAN
            },
        }
    }
}

/// The strongest candidates of which no two share an area, SaTScan's "no geographical overlap".
fn without_overlap(mut found: Vec<Candidate>, most: usize) -> Vec<Candidate> {
    found.sort_by(|a, b| {
        b.statistic
            .total_cmp(&a.statistic)
            .then(a.areas.len().cmp(&b.areas.len()))
            .then(a.centre.cmp(&b.centre))
    });
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in found {
        if kept.len() == most {
            break;
        }
        if !kept.iter().any(|k| k.areas.iter().any(|a| candidate.areas.contains(a))) {
            kept.push(candidate);
        }
    }
    kept
}
