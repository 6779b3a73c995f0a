//! Forecast 趋势研判: the next one to three months of a count or of an index, with intervals.
//!
//! Candidates (how fast the level forgets, season or not, trend or not) make hindcasts one to three
//! months ahead over the past and are scored by them. The forecast is the mixture of the candidates
//! weighted by that score, each about its mean with the scatter of its own past errors. Persistence
//! and last year's same month are models beside it, with intervals of the same making. Described in
//! docs/method.md.

pub mod means;
mod params;
pub mod predictive;

use means::{Candidate, candidates, expect};
pub use params::{Forecast, Model};
pub use predictive::Figure;
use predictive::{Predictive, scatter};

use crate::method::{Flaw, Noted};

/// Known months below which there is no forecast.
const LEAST: usize = 4;
/// Months before the first origin that forecasts are scored at.
const WARM_UP: usize = 3;
/// Log score that a season or a trend has to gain over a candidate without.
const HANDICAP: f64 = 3.0;
/// Weight, of the best candidate's, below which one is left out.
const TRACE: f64 = 0.01;

/// A forecast that has learned from a history.
#[derive(Clone, Debug)]
pub struct Fitted {
    level: f64,
    /// Per step ahead, the distributions and their weights.
    steps: Vec<Vec<(Predictive, f64)>>,
}

/// One month to come.
#[derive(Clone, Debug, PartialEq)]
pub struct StepForecast {
    /// 1 for the next.
    pub step: usize,
    pub mean: f64,
    /// Interval of the level asked for.
    pub lower: f64,
    pub upper: f64,
    /// The whole distribution as (value, weight), values ascending, weights of sum 1.
    pub nodes: Vec<(f64, f64)>,
}

/// Hindcasts of one candidate, by step ahead: (mean, observed).
type Hindcasts = Vec<Vec<(f64, f64)>>;

impl Forecast {
    /// Learns from a history, oldest first, NaN where a month is missing. The notices say what the
    /// history is too short for.
    ///
    /// # Errors
    /// A [`Flaw`] where fewer than four months are known, one is not a number of its kind (a count
    /// below zero, an index beyond 0 to 100), or the model needs what the history does not have:
    /// not assessable.
    pub fn fit(&self, values: &[f64], figure: Figure) -> Result<Noted<Fitted>, Flaw> {
        check(values, figure)?;
        let (method, notices) = self.method(values)?;
        let hindcasts = self.hindcasts(values, &method);
        let weights = weights(&hindcasts, &method, figure);
        let ahead = self.expect(values, &method);
        let step = |h: usize| {
            let spread =
                |i: usize| Predictive::new(figure, ahead[i][h], scatter(figure, &hindcasts[i][h]));
            (0..ahead.len())
                .filter(|i| weights[*i] > 0.0)
                .map(|i| (spread(i), weights[i]))
                .collect()
        };
        Ok(Noted {
            value: Fitted { level: self.level, steps: (0..self.horizon).map(step).collect() },
            notices,
        })
    }

    /// The method that the history is long enough for, and notices of what it is too short for.
    fn method(&self, values: &[f64]) -> Result<(Method, Vec<String>), Flaw> {
        let (freq, n) = (self.freq, values.len());
        let lacking = |need: usize, what: &str| {
            format!("{what} needs {need} steps of history, {} more than there are", need - n)
        };
        match self.model {
            Model::Persistence => Ok((Method::Persistence, Vec::new())),
            Model::LastYear if n > freq => Ok((Method::LastYear, Vec::new())),
            Model::LastYear => Err(Flaw::new(
                format!("not assessable: {}", lacking(freq + 1, "last year's same month")),
                "take persistence",
            )),
            Model::House if freq == 1 || n >= 2 * freq => {
                Ok((Method::House(candidates(freq > 1, true)), Vec::new()))
            }
            Model::House => {
                let notice = format!(
                    "{}: the forecast is the level alone",
                    lacking(2 * freq, "season and trend")
                );
                Ok((Method::House(candidates(false, false)), vec![notice]))
            }
        }
    }

    /// Hindcasts from past origins, each from the months before it, one entry a candidate. The
    /// first part of a history is only learned from.
    fn hindcasts(&self, values: &[f64], method: &Method) -> Vec<Hindcasts> {
        let n = values.len();
        let warm = if matches!(method, Method::LastYear) {
            self.freq
        } else {
            WARM_UP.max((n / 3).min(2 * self.freq))
        };
        let mut hindcasts: Vec<Hindcasts> =
            vec![vec![Vec::new(); self.horizon]; method.candidates()];
        for origin in n.saturating_sub(self.origins).max(warm)..n {
            for (misses, ahead) in hindcasts.iter_mut().zip(self.expect(&values[..origin], method))
            {
                for ((of_step, mean), observed) in
                    misses.iter_mut().zip(ahead).zip(&values[origin..])
                {
                    if !observed.is_nan() {
                        of_step.push((mean, *observed));
                    }
                }
            }
        }
        hindcasts
    }

    /// Expected figures of the steps to come, one row a candidate.
    fn expect(&self, values: &[f64], method: &Method) -> Vec<Vec<f64>> {
        match method {
            Method::House(candidates) => expect(values, self.freq, candidates, self.horizon),
            Method::Persistence => vec![vec![last_known(values, values.len()); self.horizon]],
            Method::LastYear => {
                vec![
                    (0..self.horizon)
                        .map(|h| {
                            last_known(
                                values,
                                (values.len() + h % self.freq + 1).saturating_sub(self.freq),
                            )
                        })
                        .collect(),
                ]
            }
        }
    }
}

/// How the expected figures are made.
enum Method {
    House(Vec<Candidate>),
    Persistence,
    LastYear,
}

impl Method {
    fn candidates(&self) -> usize {
        if let Method::House(candidates) = self { candidates.len() } else { 1 }
    }

    /// What a candidate's season and trend must gain in log score before they count as much as
    /// having none.
    fn handicap(&self, candidate: usize) -> f64 {
        let Method::House(candidates) = self else { return 0.0 };
        candidates.get(candidate).map_or(0.0, |c| {
            HANDICAP
                * (f64::from(u8::from(c.season.is_some()))
                    + f64::from(u8::from(c.damping.is_some())))
        })
    }
}

impl Fitted {
    /// What is expected of the steps to come, nearest first: the means alone, at a small part of
    /// the cost of the distributions.
    pub fn means(&self) -> Vec<f64> {
        self.steps
            .iter()
            .map(|mixed| mixed.iter().map(|(spread, share)| share * spread.mean()).sum())
            .collect()
    }

    /// The steps to come, nearest first.
    pub fn predict(&self) -> Vec<StepForecast> {
        self.predict_from(1)
    }

    /// The steps to come from the `first` on, counted from 1.
    pub fn predict_from(&self, first: usize) -> Vec<StepForecast> {
        let ahead = |(i, mixed): (usize, &Vec<(Predictive, f64)>)| {
            let mut nodes: Vec<(f64, f64)> = mixed
                .iter()
                .flat_map(|(spread, share)| {
                    spread.nodes().into_iter().map(move |(x, w)| (x, w * share))
                })
                .collect();
            nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
            nodes.dedup_by(|b, a| a.0 == b.0 && (a.1 += b.1, true).1);
            let total: f64 = nodes.iter().map(|(_, w)| w).sum();
            nodes.iter_mut().for_each(|(_, w)| *w /= total);
            let out = (1.0 - self.level) / 2.0;
            let mean = nodes.iter().map(|(x, w)| x * w).sum();
            StepForecast {
                step: i + 1,
                mean,
                lower: quantile(&nodes, out),
                upper: quantile(&nodes, 1.0 - out),
                nodes,
            }
        };
        self.steps.iter().enumerate().skip(first.saturating_sub(1)).map(ahead).collect()
    }
}

/// The value known before position `end`, or the latest known before that; never quite zero, since
/// one quiet month does not make the next one certain.
fn last_known(values: &[f64], end: usize) -> f64 {
    let known = || values.iter().filter(|v| !v.is_nan());
    let average = known().sum::<f64>() / known().count().max(1) as f64;
    let last = values.iter().take(end).rev().find(|v| !v.is_nan()).copied();
    last.unwrap_or(average).max(0.5 * average.min(1.0))
}

/// Weights by the log score of the hindcasts, a step counting as a part of its origin, and by
/// how much a candidate supposes.
fn weights(hindcasts: &[Hindcasts], method: &Method, figure: Figure) -> Vec<f64> {
    if hindcasts.len() == 1 {
        return vec![1.0];
    }
    let score = |misses: &Hindcasts| {
        let of_step = |pairs: &Vec<(f64, f64)>| {
            let scatter = scatter(figure, pairs);
            pairs
                .iter()
                .map(|(mean, observed)| {
                    Predictive::new(figure, *mean, scatter).log_score(*observed)
                })
                .sum::<f64>()
        };
        misses.iter().map(of_step).sum::<f64>() / misses.len().max(1) as f64
    };
    let scores: Vec<f64> = hindcasts
        .iter()
        .enumerate()
        .map(|(i, misses)| score(misses) - method.handicap(i))
        .collect();
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raw: Vec<f64> = scores
        .iter()
        .map(|s| (s - best).exp())
        .map(|w| if w.is_finite() { w } else { 0.0 })
        .collect();
    let kept: Vec<f64> = raw.iter().map(|w| if *w >= TRACE { *w } else { 0.0 }).collect();
    let total: f64 = kept.iter().sum();
    kept.iter().map(|w| if total > 0.0 { w / total } else { 1.0 / kept.len() as f64 }).collect()
}

/// Smallest value whose weights, with those below it, reach `p`.
fn quantile(nodes: &[(f64, f64)], p: f64) -> f64 {
    let mut below = 0.0;
    let reached = nodes.iter().find(|(_, w)| {
        below += w;
        below >= p - 1e-12
    });
    reached.or(nodes.last()).map_or(f64::NAN, |(x, _)| *x)
}

fn check(values: &[f64], figure: Figure) -> Result<(), Flaw> {
    let top = if figure == Figure::Index { 100.0 } else { 1e12 };
    if let Some((at, value)) =
        values.iter().enumerate().find(|(_, v)| !v.is_nan() && !(0.0..=top).contains(*v))
    {
        return Err(Flaw::new(
            format!("the value {value} at position {} is not between 0 and {top}", at + 1),
            "correct it, or leave it empty",
        ));
    }
    let known = values.iter().filter(|v| !v.is_nan()).count();
    if known < LEAST {
        let lacking = LEAST - known;
        return Err(Flaw::new(
            format!(
                "not assessable: {known} months are known, {lacking} fewer than a forecast needs"
            ),
            "wait",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(n: usize) -> Vec<f64> {
        (0..n)
            .map(|t| {
                [40.0, 20.0, 30.0, 35.0, 38.0, 45.0, 60.0, 70.0, 50.0, 44.0, 41.0, 39.0][t % 12]
                    + (t * 7 % 5) as f64
            })
            .collect()
    }

    fn ahead(model: Model, values: &[f64], figure: Figure) -> Vec<StepForecast> {
        Forecast { model, ..Forecast::default() }.fit(values, figure).unwrap().value.predict()
    }

    #[test]
    fn a_season_is_foretold() {
        let next = ahead(Model::House, &months(66), Figure::Count);
        assert!(
            next[0].mean > 55.0 && next[0].lower < 60.0 && next[0].upper > 60.0,
            "{:?}",
            next[0].mean
        );
        assert!(
            (ahead(Model::Persistence, &months(66), Figure::Count)[2].mean / 45.0 - 1.0).abs()
                < 0.1
        );
        assert!(
            (ahead(Model::LastYear, &months(66), Figure::Count)[1].mean / 74.0 - 1.0).abs() < 0.1
        );
    }

    #[test]
    fn a_short_history_falls_back_and_says_so() {
        let short = Forecast::default().fit(&months(10), Figure::Count).unwrap();
        assert!(short.notices[0].contains("14 more"), "{:?}", short.notices);
        assert!(
            Forecast::default()
                .fit(&months(3), Figure::Count)
                .unwrap_err()
                .what
                .contains("not assessable")
        );
        let last = Forecast { model: Model::LastYear, ..Forecast::default() };
        assert!(last.fit(&months(12), Figure::Count).unwrap_err().what.contains("1 more"));
    }

    #[test]
    fn odd_histories_are_defined() {
        let mut gaps = months(40);
        gaps[30..40].fill(f64::NAN);
        for values in [vec![0.0; 30], vec![1e11; 30], gaps, vec![5.0; 4]] {
            for model in [Model::House, Model::Persistence] {
                for next in ahead(model, &values, Figure::Count) {
                    assert!(
                        next.mean.is_finite() && next.lower <= next.upper && next.lower >= 0.0,
                        "{values:?}"
                    );
                }
            }
        }
        assert!(
            ahead(Model::House, &[99.5; 30], Figure::Index)
                .iter()
                .all(|a| a.upper <= 100.0 && a.lower > 90.0)
        );
        assert!(Forecast::default().fit(&[101.0; 30], Figure::Index).is_err());
        assert!(Forecast::default().fit(&[f64::INFINITY; 30], Figure::Count).is_err());
    }
}
