//! One time point of one series: assessable or not, abnormal or not, with what an official needs to
//! believe it.

use std::ops::Range;

use super::design::Design;
use super::fit::{CountSeries, Fitted, Settings, fit};
use super::prior::Prior;
use super::reported::Reported;
use super::scan::Scan;
use crate::detect::series::Answer;
use crate::stats::{CountTable, NegativeBinomial};

/// Points of a history too short for the rule from which an explosion can still be told; at least
/// half of them must have cases.
const SHORT_HISTORY: usize = 6;
/// How many times what so short a history lets expect an explosion is, at least,
const EXPLOSION: f64 = 4.0;
/// and the chance that it is none.
const BEYOND_DOUBT: f64 = 1e-5;

/// When a point is abnormal, and what may be asked of its past. A valid one comes from
/// [`super::HouseParams`].
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// A point is abnormal when its p is below.
    pub alpha: f64,
    /// Points looked at together, at most.
    pub windows: usize,
    /// Points before the judged one that the fit leaves out.
    pub left_out: usize,
    /// Points of history that the fit looks back on; `None`: all.
    pub look_back: Option<usize>,
    /// Fewer points of history cannot be judged from.
    pub least_points: usize,
    /// An abnormal point must have so many cases …
    pub min_cases: f64,
    /// … within so many last points, itself included.
    pub min_window: usize,
    /// Coverage of the interval of what is expected.
    pub interval: f64,
    pub settings: Settings,
}

/// What is said of one time point.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub at: usize,
    pub observed: f64,
    /// Expected count of the point, of what should have been reported by now; and its interval.
    pub expected: f64,
    pub lower: f64,
    pub upper: f64,
    /// One p for all windows (mid-p).
    pub p: f64,
    /// The chance of as much or more, which is never too small where counts are few.
    pub p_at_least: f64,
    pub answer: Answer,
    /// Points the rise has lasted, as the best of the windows has it; observed and expected within
    /// it.
    pub window: usize,
    pub window_observed: f64,
    pub window_expected: f64,
    /// Abnormal points in a row up to this one, counted among those that the fit left out.
    pub in_a_row: usize,
    /// Variance over mean of the point's count, with the uncertainty of what is expected.
    pub dispersion: f64,
    /// Points of history, where they are fewer than the rule asks for: an explosion that is told
    /// all the same.
    pub short_history: Option<usize>,
}

impl Judgement {
    /// Cases more than expected in the window.
    pub fn excess(&self) -> f64 {
        self.window_observed - self.window_expected
    }

    /// A point of which nothing can be said.
    pub fn not_assessable(at: usize, observed: f64, why: String) -> Judgement {
        let none = f64::NAN;
        Judgement {
            at,
            observed,
            expected: none,
            lower: none,
            upper: none,
            p: none,
            p_at_least: none,
            answer: Answer::NotAssessable(why),
            window: 0,
            window_observed: none,
            window_expected: none,
            in_a_row: 0,
            dispersion: none,
            short_history: None,
        }
    }
}

impl Rule {
    /// Points that a fit for the point `at` may use: those before the ones left out, as far back as
    /// is looked.
    pub fn span(&self, at: usize) -> Range<usize> {
        let end = at.saturating_sub(self.left_out);
        self.look_back.map_or(0, |n| end.saturating_sub(n))..end
    }

    /// Learns from the points before `at`.
    ///
    /// # Errors
    /// Why nothing can be learned, in words for the one who looks for an alarm.
    pub fn fit(
        &self,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        prior: &Prior,
    ) -> Result<Fitted, String> {
        let span = self.span(at);
        let known = span.clone().filter(|t| counts.at(*t).is_some()).count();
        if known < self.least_points {
            let missing = self.least_points - known;
            return Err(format!(
                "the history is too short: {known} of {} time points needed are known, {missing} are missing",
                self.least_points
            ));
        }
        fit(design, counts, span, prior, &self.settings)
            .ok_or_else(|| "the history cannot be fitted: no figure in it is usable".to_owned())
    }

    /// Learns and judges in one: what is said of the point `at`, from nothing later. `reported` is
    /// the share reported of this point, of the one before, and so on; points beyond it are whole.
    pub fn assess(
        &self,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        prior: &Prior,
        reported: &[Reported],
    ) -> Judgement {
        if_present(counts, at, |observed| match self.fit(design, counts, at, prior) {
            Ok(fitted) => self.judge_present(&fitted, design, counts, at, reported),
            Err(why) => self
                .explosion(design, counts, at, prior, reported)
                .unwrap_or_else(|| Judgement::not_assessable(at, observed, why)),
        })
    }

    /// The point `at`, which has a figure, where it is an explosion beyond doubt, of a history
    /// shorter than the rule asks for: that the season is not known cannot make four times as many.
    fn explosion(
        &self,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        prior: &Prior,
        reported: &[Reported],
    ) -> Option<Judgement> {
        let known = |span: &Range<usize>| -> Vec<f64> {
            span.clone().filter_map(|t| counts.at(t)).map(|(count, _)| count).collect()
        };
        // The points just before may be of the explosion: they are learned from only where there
        // would be too few without them.
        let (whole, all) = (self.span(at), self.span(at + self.left_out).start..at);
        let span = if known(&whole).len() < SHORT_HISTORY { all } else { whole };
        let history = known(&span);
        let with_cases = history.iter().filter(|count| **count > 0.0).count();
        if history.len() < SHORT_HISTORY || 2 * with_cases < history.len() {
            return None;
        }
        let alone = Settings { outbreak_rate: 0.0 };
        let fitted = fit(design, counts, span, prior, &alone)?;
        let judged = self.judge_present(&fitted, design, counts, at, reported);
        let times = judged.window_observed / judged.window_expected;
        let beyond = judged.answer == Answer::Alarm
            && times >= EXPLOSION
            && judged.observed >= EXPLOSION * judged.expected
            && judged.p_at_least < BEYOND_DOUBT;
        beyond.then_some(Judgement { short_history: Some(history.len()), ..judged })
    }

    /// Judges the point `at` by what was learned before it.
    pub fn judge(
        &self,
        fitted: &Fitted,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        reported: &[Reported],
    ) -> Judgement {
        if_present(counts, at, |_| self.judge_present(fitted, design, counts, at, reported))
    }

    /// Judges the point `at`, which has a figure.
    fn judge_present(
        &self,
        fitted: &Fitted,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        reported: &[Reported],
    ) -> Judgement {
        let observed = counts.observed[at];
        let (laws, before) = self.last_points(fitted, design, counts, at, reported);
        let Some(scan) = Scan::new(&laws, &before) else {
            return Judgement::not_assessable(
                at,
                observed,
                "the calendar of the model ends before this time point".to_owned(),
            );
        };
        let scanned = scan.judge(observed);
        let table = CountTable::new(laws[0]);
        let outside = 0.5 * (1.0 - self.interval);
        let abnormal = scanned.mid_p < self.alpha && self.enough(counts, at);
        Judgement {
            at,
            observed,
            expected: laws[0].mean(),
            lower: table.upper(1.0 - outside),
            upper: table.upper(outside),
            p: scanned.mid_p,
            p_at_least: scanned.p,
            answer: if abnormal { Answer::Alarm } else { Answer::Quiet },
            window: scanned.window,
            window_observed: observed + before[..scanned.window - 1].iter().sum::<f64>(),
            window_expected: laws[..scanned.window].iter().map(NegativeBinomial::mean).sum(),
            in_a_row: if abnormal {
                1 + self.alarms_before(fitted, design, counts, at, reported)
            } else {
                0
            },
            dispersion: laws[0].dispersion(),
            short_history: None,
        }
    }

    /// The count of the point `at` above which it is abnormal, given the counts before it; NaN
    /// where it cannot be judged.
    pub fn bound(
        &self,
        fitted: &Fitted,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        reported: &[Reported],
    ) -> f64 {
        let (laws, before) = self.last_points(fitted, design, counts, at, reported);
        Scan::new(&laws, &before).map_or(f64::NAN, |scan| scan.bound(self.alpha))
    }

    /// Laws of the point and of those before it that are looked at together, and the counts of the
    /// latter; up to the first that is missing.
    fn last_points(
        &self,
        fitted: &Fitted,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        reported: &[Reported],
    ) -> (Vec<NegativeBinomial>, Vec<f64>) {
        let points = (0..self.windows.min(at + 1)).map_while(|back| {
            let (count, log_exposure) = counts.at(at - back).filter(|_| at < design.length())?;
            let law = fitted.predictive(design.row(at - back), log_exposure);
            Some((reported.get(back).copied().unwrap_or(Reported::WHOLE).thin(law), count))
        });
        let (laws, mut before): (Vec<NegativeBinomial>, Vec<f64>) = points.unzip();
        before.drain(..before.len().min(1));
        (laws, before)
    }

    /// Whether there are cases enough to speak of, and one now.
    fn enough(&self, counts: &CountSeries, at: usize) -> bool {
        let last = (at + 1).saturating_sub(self.min_window)..=at;
        let cases: f64 = last.filter_map(|t| counts.at(t)).map(|(count, _)| count).sum();
        cases >= self.min_cases && counts.at(at).is_some_and(|(count, _)| count > 0.0)
    }

    /// Abnormal points in a row before this one.
    fn alarms_before(
        &self,
        fitted: &Fitted,
        design: &Design,
        counts: &CountSeries,
        at: usize,
        reported: &[Reported],
    ) -> usize {
        (1..=self.left_out.min(at))
            .take_while(|back| {
                let reported = reported.get(*back..).unwrap_or_default();
                let (laws, before) = self.last_points(fitted, design, counts, at - back, reported);
                let count = counts.at(at - back).map(|(count, _)| count);
                let p = Scan::new(&laws, &before)
                    .zip(count)
                    .map(|(scan, count)| scan.judge(count).mid_p);
                p.is_some_and(|p| p < self.alpha) && self.enough(counts, at - back)
            })
            .count()
    }
}

/// What `judge` says of the count of the point `at`, where there is a figure to be judged; else why
/// there is none.
fn if_present(counts: &CountSeries, at: usize, judge: impl FnOnce(f64) -> Judgement) -> Judgement {
    let observed = counts.observed.get(at).copied().unwrap_or(f64::NAN);
    let known = observed.is_finite() && observed >= 0.0;
    let why = match (known, counts.at(at)) {
        (true, Some(_)) => return judge(observed),
        (true, None) => "the exposure of this time point is missing or not positive",
        (false, _) => "the feed is missing: no count was delivered for this time point",
    };
    Judgement::not_assessable(at, observed, why.to_owned())
}
