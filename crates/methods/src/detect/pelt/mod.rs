//! Change points of the level of a series by penalised cost, for figures and for counts.
//!
//! The whole series up to the end asked for is cut at once; a change point is its first time point
//! at the new level. Parameters and grid are ruptures 1.1.10's `Pelt`; the Poisson and negative
//! binomial costs, with exposure, are our own.

pub mod cost;
pub mod partition;

use serde::Deserialize;

use super::detector::Detector;
use super::rates::{exposure, rates, without_rate};
use super::series::{Answer, Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use cost::{Cost, CostL2, CostNegativeBinomial, CostPoisson, neighbour_size};
use partition::{Grid, pelt};

/// Which cost a segment has.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Model {
    L2,
    Poisson,
    NegativeBinomial,
}

/// Parameters, named as in ruptures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Parameters {
    /// `l2` on figures (rates, where there is an exposure), `poisson` or `negative_binomial` on
    /// counts.
    model: Model,
    /// What a further segment costs. By default 3 ln n, the chief term of Zhang and Siegmund
    /// (2007), Biometrics 63, 22–32: in units of twice the log-likelihood for counts, and of the
    /// variance that neighbours show for `l2`.
    #[serde(alias = "penalty")]
    pen: Option<f64>,
    /// Time points in a segment at least, missing ones not counted.
    min_size: usize,
    /// Change points are sought at every `jump`-th time point, missing ones not counted. ruptures'
    /// own default is 5.
    jump: usize,
    /// Size of the negative binomial (variance μ + μ²/size); estimated from neighbours by default.
    size: Option<f64>,
    /// Prunes as ruptures does, which with `min_size` above 1 is not always the cheapest
    /// segmentation.
    compat: bool,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters { model: Model::L2, pen: None, min_size: 2, jump: 1, size: None, compat: false }
    }
}

/// The method from its parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter that is unknown or makes no sense.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let checked: Parameters = parse("pelt", params)?;
    let positive = |x: f64| x > 0.0 && x.is_finite();
    if checked.pen.is_some_and(|pen| !positive(pen)) {
        return Err(Flaw::new("pen is what a further segment costs", "take a figure above 0"));
    }
    if checked.min_size == 0 || checked.jump == 0 {
        return Err(Flaw::new("min_size and jump count time points", "take 1 or more"));
    }
    if checked.size.is_some_and(|size| !positive(size)) {
        return Err(Flaw::new("size is that of a negative binomial", "take a figure above 0"));
    }
    if checked.size.is_some() && checked.model != Model::NegativeBinomial {
        return Err(Flaw::new(
            "size says nothing to this model",
            "remove it, or take model \"negative_binomial\"",
        ));
    }
    Ok(Box::new(checked))
}

/// The time points that have a figure.
struct KnownPoints {
    at: Vec<usize>,
    rates: Vec<f64>,
    counts: Vec<f64>,
    exposures: Vec<f64>,
}

/// A series cut into segments, over the time points that have a figure.
struct Segmentation {
    ends: Vec<usize>,
    levels: Vec<f64>,
    pen: f64,
    size: f64,
}

impl Detector for Parameters {
    fn columns(&self) -> &'static [&'static str] {
        &["segment", "level", "pen", "size"]
    }

    fn takes_exposure(&self) -> bool {
        true
    }

    fn needs_counts(&self) -> bool {
        self.model != Model::L2
    }

    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let known = known_points(series, to);
        if self.model != Model::L2 && known.counts.iter().any(|y| *y < 0.0) {
            let what =
                format!("series \"{}\" has figures below zero, which are no counts", series.name);
            return Err(Flaw::new(what, "take model \"l2\""));
        }
        let needed = 2 * self.min_size;
        let rows = if known.at.len() < needed {
            let why = format!(
                "{needed} time points with a figure are needed, {} of {to} have one",
                known.at.len()
            );
            (from..to.min(series.observed.len()))
                .map(|at| row(series, at, Answer::NotAssessable(why.clone())))
                .collect()
        } else {
            self.rows(series, &known, from, to)
        };
        Ok(Noted::plain(rows))
    }
}

impl Parameters {
    fn segmentation(&self, known: &KnownPoints) -> Segmentation {
        let n = known.at.len();
        let estimated =
            || self.size.unwrap_or_else(|| neighbour_size(&known.counts, &known.exposures));
        let size = if self.model == Model::NegativeBinomial { estimated() } else { f64::NAN };
        let cost: Box<dyn Cost> = match self.model {
            Model::L2 => Box::new(CostL2::new(&known.rates)),
            Model::NegativeBinomial if size.is_finite() => {
                Box::new(CostNegativeBinomial::new(&known.counts, &known.exposures, size))
            }
            _ => Box::new(CostPoisson::new(&known.counts, &known.exposures)),
        };
        let unit = if self.model == Model::L2 { neighbour_variance(&known.rates) } else { 1.0 };
        let pen = self.pen.unwrap_or(3.0 * (n as f64).ln() * unit);
        let constant = known.rates.windows(2).all(|pair| pair[0] == pair[1]);
        let grid = Grid { min_size: self.min_size, jump: self.jump, compat: self.compat };
        let ends = if constant { vec![n] } else { pelt(cost.as_ref(), n, pen, grid) };
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let levels = starts.zip(&ends).map(|(start, end)| cost.level(start, *end)).collect();
        Segmentation { ends, levels, pen, size }
    }

    fn rows(&self, series: &Series, known: &KnownPoints, from: usize, to: usize) -> Vec<Row> {
        let segmentation = self.segmentation(known);
        let mut rows: Vec<Row> = (from..to.min(series.observed.len()))
            .map(|at| row(series, at, without_rate(series, at)))
            .collect();
        for (i, at) in known.at.iter().enumerate().filter(|(_, at)| **at >= from) {
            let segment = segmentation.ends.partition_point(|end| *end <= i);
            let level = segmentation.levels[segment];
            let changed = segment > 0 && segmentation.ends[segment - 1] == i;
            let rose = changed && level > segmentation.levels[segment - 1];
            let row = &mut rows[at - from];
            row.answer = if rose { Answer::Alarm } else { Answer::Quiet };
            row.expected = level * exposure(series, *at);
            row.own = vec![(segment + 1) as f64, level, segmentation.pen, segmentation.size];
        }
        rows
    }
}

fn known_points(series: &Series, to: usize) -> KnownPoints {
    let all = rates(series, to);
    let at: Vec<usize> = (0..all.len()).filter(|i| !all[*i].is_nan()).collect();
    KnownPoints {
        rates: at.iter().map(|i| all[*i]).collect(),
        counts: at.iter().map(|i| series.observed[*i]).collect(),
        exposures: at.iter().map(|i| exposure(series, *i)).collect(),
        at,
    }
}

fn row(series: &Series, at: usize, answer: Answer) -> Row {
    let none = f64::NAN;
    Row {
        at,
        observed: series.observed[at],
        expected: none,
        upper: none,
        p: none,
        answer,
        own: vec![none; 4],
    }
}

/// Variance about the level from differences of neighbours (von Neumann 1941), which a few changes
/// of level hardly touch.
fn neighbour_variance(x: &[f64]) -> f64 {
    let squares: f64 = x.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    squares / (2.0 * x.len().saturating_sub(1).max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(params: &str, observed: Vec<f64>, offset: Option<Vec<f64>>) -> Vec<Row> {
        let to = observed.len();
        let series = Series { observed, offset, freq: 12, ..Series::default() };
        make(&toml::from_str(params).unwrap()).unwrap().detect(&series, 0, to).unwrap().value
    }

    fn alarms(rows: &[Row]) -> Vec<usize> {
        rows.iter().filter(|row| row.answer == Answer::Alarm).map(|row| row.at).collect()
    }

    /// Counts about 4, from position 20 about 12, from 40 about 4 again.
    fn steps() -> Vec<f64> {
        (0..60)
            .map(|i| if (20..40).contains(&i) { 12.0 } else { 4.0 } + f64::from(i * 7919 % 5) - 2.0)
            .collect()
    }

    #[test]
    fn a_rise_is_an_alarm_at_its_first_time_point_and_a_fall_is_none() {
        for model in ["l2", "poisson", "negative_binomial"] {
            let rows = run(&format!("model = '{model}'"), steps(), None);
            assert_eq!(alarms(&rows), [20], "{model}");
            assert_eq!(
                (rows[19].own[0], rows[20].own[0], rows[59].own[0]),
                (1.0, 2.0, 3.0),
                "{model}"
            );
        }
    }

    #[test]
    fn a_missing_stretch_is_left_out_and_is_no_fall() {
        let mut observed = steps();
        observed[8..14].fill(f64::NAN);
        observed[20] = f64::NAN;
        let rows = run("model = 'poisson'", observed, None);
        assert_eq!(alarms(&rows), [21]);
        assert!(matches!(rows[8].answer, Answer::NotAssessable(_)) && rows[14].own[0] == 1.0);
    }

    #[test]
    fn counts_that_follow_their_exposure_do_not_change() {
        let offset: Vec<f64> = (0..60).map(|i| if i < 30 { 2.0 } else { 9.0 }).collect();
        let counts: Vec<f64> =
            offset.iter().enumerate().map(|(i, e)| 3.0 * e + (i % 3) as f64 - 1.0).collect();
        for model in ["poisson", "negative_binomial"] {
            assert_eq!(alarms(&run(&format!("model = '{model}'"), counts.clone(), None)), [30]);
            assert_eq!(
                run(&format!("model = '{model}'"), counts.clone(), Some(offset.clone()))[59].own[0],
                1.0
            );
        }
    }

    #[test]
    fn odd_series_and_parameters_are_answered() {
        for x in [vec![], vec![1.0; 3], vec![f64::NAN; 9]] {
            assert!(
                run("", x, None).iter().all(|row| matches!(row.answer, Answer::NotAssessable(_)))
            );
        }
        for x in [vec![0.0; 9], vec![1e99; 9]] {
            assert!(
                run("model = 'negative_binomial'", x, None)
                    .iter()
                    .all(|row| row.answer == Answer::Quiet)
            );
        }
        let below = Series { observed: vec![-1.0; 9], ..Series::default() };
        assert!(
            make(&toml::from_str("model = 'poisson'").unwrap())
                .unwrap()
                .detect(&below, 0, 9)
                .is_err()
        );
        for params in
            ["pen = 0.0", "min_size = 0", "jump = 0", "size = 2.0", "model = 'rbf'", "beta = 1"]
        {
            let flaw = make(&toml::from_str(params).unwrap()).err().unwrap();
            assert!(
                flaw.what.contains(params.split_once(" = ").unwrap().0)
                    || params.starts_with("model"),
                "{flaw}"
            );
        }
    }
}
