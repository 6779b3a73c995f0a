//! Parameters under the names of R's `farringtonFlexible`, and what makes no sense of them.

use serde::Deserialize;

use crate::detect::series::Series;
use crate::method::Flaw;

/// How the bound is made from the fitted mean.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum ThresholdMethod {
    /// Normal on a scale of less skewness, its variance by the delta method (Farrington et al.,
    /// 1996).
    #[default]
    #[serde(rename = "delta")]
    Delta,
    /// Quantile of the negative binomial with the fitted mean (Noufaily et al., 2013).
    #[serde(rename = "nbPlugin")]
    NbPlugin,
    /// The same with the mean's own upper limit instead (Salmon et al., 2016).
    #[serde(rename = "muan")]
    Muan,
}

/// The power under which counts are taken as normal, for [`ThresholdMethod::Delta`].
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum PowerTransformation {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "1/2")]
    Half,
    #[default]
    #[serde(rename = "2/3")]
    TwoThirds,
}

/// Parameters of the method; those not given are the package's own defaults.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct FarringtonParams {
    /// Years looked back on.
    pub b: usize,
    /// Time points on either side of the same time in each of those years.
    pub w: usize,
    /// Whether past outbreaks lose weight.
    pub reweight: bool,
    /// Anscombe residual above which an observation is taken for part of an outbreak.
    pub weights_threshold: f64,
    /// One-sided level of the bound.
    pub alpha: f64,
    /// Whether a trend over time is tried.
    pub trend: bool,
    /// p-value below which a trend is kept; 1 keeps any that passes the other conditions.
    pub p_threshold_trend: f64,
    /// Least number of cases, and the number of time points up to the present one in which they
    /// must have been seen.
    pub limit54: (f64, usize),
    pub powertrans: PowerTransformation,
    /// Whether counts are held against the series' exposure; where it has one, if not given.
    pub population_offset: Option<bool>,
    /// Levels of the season: one for the windows, the others between them. 1: the windows alone are
    /// the reference.
    pub no_periods: usize,
    /// Time points before the present one that are not used either; `w` if not given.
    pub past_weeks_not_included: Option<usize>,
    pub threshold_method: ThresholdMethod,
    /// Whether to follow the package where it departs from its own papers.
    pub compat: bool,
    /// Time points a year; the series' own if not given.
    pub freq: Option<usize>,
}

impl Default for FarringtonParams {
    fn default() -> Self {
        FarringtonParams {
            b: 5,
            w: 3,
            reweight: true,
            weights_threshold: 2.58,
            alpha: 0.05,
            trend: true,
            p_threshold_trend: 0.05,
            limit54: (5.0, 4),
            powertrans: PowerTransformation::TwoThirds,
            population_offset: None,
            no_periods: 1,
            past_weeks_not_included: None,
            threshold_method: ThresholdMethod::Delta,
            compat: false,
            freq: None,
        }
    }
}

impl FarringtonParams {
    /// The exposure that counts of the series are held against.
    pub fn exposure<'s>(&self, series: &'s Series) -> Option<&'s [f64]> {
        series.offset.as_deref().filter(|_| self.population_offset != Some(false))
    }

    /// The same, where they make sense.
    ///
    /// # Errors
    /// A [`Flaw`] that names the first parameter that does not.
    pub fn checked(self) -> Result<Self, Flaw> {
        let flaw = |name: &str, value: String, fix: &str| {
            Err(Flaw::new(format!("{name} = {value} makes no sense"), fix))
        };
        let most = 1_000_000;
        if self.b == 0 || self.b > most {
            return flaw("b", self.b.to_string(), "look back on at least one year");
        }
        if self.w > most {
            return flaw("w", self.w.to_string(), "take a smaller half-window");
        }
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return flaw(
                "alpha",
                self.alpha.to_string(),
                "take a level between 0 and 1, both excluded",
            );
        }
        if self.weights_threshold.is_nan() || self.weights_threshold <= 0.0 {
            return flaw(
                "weightsThreshold",
                self.weights_threshold.to_string(),
                "take a positive residual, such as 2.58",
            );
        }
        if !(0.0..=1.0).contains(&self.p_threshold_trend) {
            return flaw(
                "pThresholdTrend",
                self.p_threshold_trend.to_string(),
                "take a p-value between 0 and 1",
            );
        }
        if self.limit54.0.is_nan() || self.limit54.0 < 0.0 || self.limit54.1 == 0 {
            return flaw(
                "limit54",
                format!("[{}, {}]", self.limit54.0, self.limit54.1),
                "take cases of 0 or more in at least one time point",
            );
        }
        if self.no_periods == 0 || self.no_periods > most {
            return flaw(
                "noPeriods",
                self.no_periods.to_string(),
                "take 1 for windows alone, or 10",
            );
        }
        if self.past_weeks_not_included.is_some_and(|p| p > most) {
            return flaw(
                "pastWeeksNotIncluded",
                "so many".to_owned(),
                "leave out fewer time points",
            );
        }
        if self.freq == Some(0) {
            return flaw(
                "freq",
                "0".to_owned(),
                "say how many time points a year has: 52, 12 or 365",
            );
        }
        Ok(self)
    }

    /// Time points a year, checked against the windows.
    ///
    /// # Errors
    /// A [`Flaw`] where the series has no frequency, or the windows do not fit into a year.
    pub fn frequency(&self, of_series: usize) -> Result<usize, Flaw> {
        let freq = self.freq.unwrap_or(of_series);
        if freq == 0 {
            return Err(Flaw::new(
                "freq is not known of this series",
                "say how many time points a year has: 52, 12 or 365",
            ));
        }
        let (w, window) = (self.w, 2 * self.w + 1);
        if w >= freq || (self.no_periods > 1 && window > freq) {
            return Err(Flaw::new(
                format!("w = {w} makes windows that overlap in a year of {freq} time points"),
                "take a smaller w",
            ));
        }
        if self.no_periods > freq {
            let what = format!(
                "noPeriods = {} divides a year of {freq} time points into more parts than it has",
                self.no_periods
            );
            return Err(Flaw::new(what, "take fewer"));
        }
        Ok(freq)
    }

    /// Time points before the present one that are not used.
    pub fn excluded(&self) -> usize {
        self.past_weeks_not_included.unwrap_or(self.w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::parse;

    #[test]
    fn names_are_the_packages() {
        let text = "b = 4\nw = 2\nnoPeriods = 10\nweightsThreshold = 2.58\npastWeeksNotIncluded = 26\npThresholdTrend = 1\nlimit54 = [5, 4]\n\
                    thresholdMethod = 'nbPlugin'\nalpha = 0.1\ntrend = false\nreweight = true\npopulationOffset = true\npowertrans = '1/2'\n\
                    compat = true\nfreq = 12";
        let params: FarringtonParams = parse("farrington", &toml::from_str(text).unwrap()).unwrap();
        assert_eq!(
            (params.b, params.no_periods, params.excluded(), params.freq),
            (4, 10, 26, Some(12))
        );
        assert_eq!(
            (params.threshold_method, params.powertrans),
            (ThresholdMethod::NbPlugin, PowerTransformation::Half)
        );
        assert!(
            parse::<FarringtonParams>("farrington", &toml::from_str("periods = 10").unwrap())
                .is_err()
        );
        assert_eq!(FarringtonParams::default().excluded(), 3);
    }

    #[test]
    fn a_parameter_without_sense_is_named() {
        for (text, name) in [
            ("b = 0", "b = 0"),
            ("alpha = 1.0", "alpha"),
            ("alpha = nan", "alpha"),
            ("weightsThreshold = -1.0", "weightsThreshold"),
            ("pThresholdTrend = 2.0", "pThresholdTrend"),
            ("limit54 = [5, 0]", "limit54"),
            ("noPeriods = 0", "noPeriods"),
            ("freq = 0", "freq"),
        ] {
            let params: FarringtonParams = toml::from_str(text).unwrap();
            assert!(params.checked().unwrap_err().what.contains(name), "{text}");
        }
        let params = FarringtonParams { w: 6, no_periods: 5, ..Default::default() };
        assert!(params.frequency(12).unwrap_err().what.contains("w = 6"));
        assert!(params.frequency(0).unwrap_err().what.contains("freq"));
        assert_eq!(params.frequency(52), Ok(52));
    }
}
