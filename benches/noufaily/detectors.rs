//! The detectors that are compared, each as a figure a week: −ln p.

use methods::detect::calendar_regressors::Regressors;
use methods::detect::house::{CountSeries, Design, Fitted, HouseParams, Prior, Rule, Scan};
use methods::detect::series::Series;
use methods::detect::{Detector, method};
use methods::stats::{CountTable, NegativeBinomial};

use crate::score::figures;
use crate::simulation::{CURRENT, Simulated, WEEKS};

/// Distributions of a week and the three before, and the counts of the latter, as one who knows the
/// truth has them.
fn known(series: &Simulated, week: usize) -> (Vec<NegativeBinomial>, Vec<f64>) {
    let counts =
        |week: usize| NegativeBinomial::with_dispersion(series.mean[week], series.dispersion);
    (
        (0..4).map(|back| counts(week - back)).collect(),
        (1..4).map(|back| series.counts[week - back]).collect(),
    )
}

/// The truth is known; one week.
pub fn knowing_one_week(series: &Simulated) -> Vec<f64> {
    figures(series, |week| {
        -CountTable::new(known(series, week).0[0]).at_least(series.counts[week]).ln()
    })
}

/// The truth is known; the least p of the windows of one and two weeks.
pub fn knowing_best_window(series: &Simulated) -> Vec<f64> {
    figures(series, |week| {
        let (laws, before) = known(series, week);
        let one = CountTable::new(laws[0]).at_least(series.counts[week]);
        let two = CountTable::new(NegativeBinomial::sum(&laws[..2]))
            .at_least(series.counts[week] + before[0]);
        -one.min(two).ln()
    })
}

/// The truth is known; the house's statistic.
pub fn knowing_scan(series: &Simulated) -> Vec<f64> {
    figures(series, |week| {
        let (laws, before) = known(series, week);
        -Scan::new(&laws, &before).expect("there are laws").judge(series.counts[week]).mid_p.ln()
    })
}

/// The house detector on a weekly calendar.
pub struct House {
    rule: Rule,
    design: Design,
    /// What it believes without borrowing.
    pub prior: Prior,
}

impl House {
    pub fn new(params: &HouseParams) -> House {
        let design = Design::new(WEEKS, 52, params.harmonics, &Regressors::default())
            .expect("a weekly calendar");
        House {
            rule: params.rule(52).expect("the parameters are valid"),
            prior: Prior::weak(&design),
            design,
        }
    }

    /// What it learns of a series before the first current week.
    pub fn learn(&self, series: &Simulated) -> Fitted {
        let counts = CountSeries { observed: &series.counts, exposure: None };
        self.rule.fit(&self.design, &counts, CURRENT, &self.prior).expect("there is a history")
    }

    /// Every current week, learned and judged anew.
    pub fn figures(&self, series: &Simulated, prior: &Prior) -> Vec<f64> {
        let counts = CountSeries { observed: &series.counts, exposure: None };
        figures(series, |week| -self.rule.assess(&self.design, &counts, week, prior, &[]).p.ln())
    }
}

/// Farrington's method as docs/method.md sets it.
pub struct Farrington(Box<dyn Detector>);

impl Farrington {
    /// `None` where the method is not there.
    pub fn new() -> Option<Farrington> {
        let params = "b = 5\nw = 3\nnoPeriods = 10\nweightsThreshold = 2.58\npastWeeksNotIncluded = 26\npThresholdTrend = 1.0\nthresholdMethod = 'nbPlugin'\nalpha = 0.005";
        method("farrington", &params.parse().ok()?).ok().map(Farrington)
    }

    /// Every current week, judged by the method's own p.
    pub fn figures(&self, series: &Simulated) -> Vec<f64> {
        let weeks = Series {
            observed: series.counts.clone(),
            times: vec![String::new(); WEEKS],
            freq: 52,
            ..Series::default()
        };
        let rows = self.0.detect(&weeks, CURRENT, WEEKS).expect("a weekly series").value;
        figures(series, |week| {
            if rows[week - CURRENT].p.is_nan() {
                f64::NEG_INFINITY
            } else {
                -rows[week - CURRENT].p.ln()
            }
        })
    }
}
