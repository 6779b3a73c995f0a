//! What a finding says beyond its figures, one type a kind. The JSON in `findings.detail`, in
//! `warnings.findings` and in the ledger's notes is its serialisation, with keys in alphabetical
//! order. A figure that is not known is `None`, and null there.

use chrono::NaiveDate;
use methods::Flaw;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Method of the finding that counts parties two domains share.
pub(super) const SAME_PARTY: &str = "same_party";

/// The sort of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// More than expected in the last weeks.
    Spike,
    /// A rise over more weeks, which grows.
    Trend,
    /// From a week on, another level.
    Change,
    /// Neighbouring areas and close days together.
    Cluster,
    /// One series follows another.
    Association,
    /// What is to be expected of the coming months.
    Forecast,
    /// Nothing can be said, with the reason.
    NotAssessable,
    /// A cap of the index by events: evidence of a warning, never a row of `findings`.
    Veto,
}

impl Kind {
    /// All, in the order in which findings of one series are sorted.
    pub const ALL: [Kind; 8] = [
        Kind::Spike,
        Kind::Trend,
        Kind::Change,
        Kind::Cluster,
        Kind::Association,
        Kind::Forecast,
        Kind::NotAssessable,
        Kind::Veto,
    ];

    /// The word in tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Spike => "spike",
            Kind::Trend => "trend",
            Kind::Change => "change",
            Kind::Cluster => "cluster",
            Kind::Association => "association",
            Kind::Forecast => "forecast",
            Kind::NotAssessable => "not_assessable",
            Kind::Veto => "veto",
        }
    }

    /// The kind of that word.
    pub fn find(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What an official needs to believe a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    Spike(Spike),
    Trend(Trend),
    Change(Change),
    Cluster(Cluster),
    LaggedCorrelation(LaggedCorrelation),
    SharedParties(SharedParties),
    Forecast(Forecast),
    NotAssessable(NotAssessable),
    Veto(Veto),
}

/// Of more than expected in the last weeks.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spike {
    /// Weeks of the window in which the rise is strongest.
    pub weeks: usize,
    /// Weeks in a row that were abnormal, the last one included.
    pub weeks_in_a_row: usize,
    /// Place by p among areas of the level, in the same domain and category; 1 is the most
    /// abnormal, 0 is no place.
    pub rank: usize,
    /// Areas ranked.
    pub of: usize,
    /// First and last day of the weeks that the expectation was learned from.
    pub reference_from: NaiveDate,
    pub reference_to: NaiveDate,
    /// Share of each of the window's weeks that is reported by now, the last week first.
    pub share_reported: Vec<Option<f64>>,
    /// Counts of the last eight weeks; `None` where the feed did not deliver.
    pub last_eight_weeks: Vec<Option<f64>>,
    /// Count of as many weeks before the window, and of the window a year before.
    #[serde(deserialize_with = "present")]
    pub weeks_before: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub same_weeks_last_year: Option<f64>,
    /// Variance over mean of a week's count.
    #[serde(deserialize_with = "present")]
    pub dispersion: Option<f64>,
    /// Chance of as much or more.
    #[serde(deserialize_with = "present")]
    pub p_at_least: Option<f64>,
    /// Observed, expected, lower and upper of the last week.
    pub last_week: [Option<f64>; 4],
    /// Weeks of history, where they are fewer than is asked for: an explosion told all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_history: Option<usize>,
}

/// Of a rise that grows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Trend {
    /// Kendall's tau and the normal deviate of his test, of what the weeks have beyond what is
    /// expected of them.
    #[serde(deserialize_with = "present")]
    pub tau: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub z: Option<f64>,
    /// Sen's slope: events more, in four weeks, a year.
    #[serde(deserialize_with = "present")]
    pub slope_a_year: Option<f64>,
    /// Sums of four weeks, the latest last; `None` where a week is missing.
    pub four_weeks: Vec<Option<f64>>,
    /// What the finding's `expected` is.
    pub expected_is: String,
    /// Weeks since it began; absent of a trend over years, as earlier versions looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<usize>,
    /// Count of these weeks a year before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_weeks_last_year: Option<f64>,
    /// Variance over mean of a week's count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispersion: Option<f64>,
    /// Weeks of the last ones, at most as many as a spike has, that by themselves tell of a rise:
    /// it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recent_weeks: Option<usize>,
}

/// Of a new level.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Change {
    /// Events a week of an average season, before and after.
    #[serde(deserialize_with = "present")]
    pub level_before: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub level_after: Option<f64>,
    /// First day of the level before.
    pub level_before_from: NaiveDate,
    /// Weeks since the new level began.
    pub weeks: usize,
    /// Variance over mean of a week's count.
    #[serde(deserialize_with = "present")]
    pub dispersion: Option<f64>,
    /// Weeks of the last ones, at most as many as a spike has, that by themselves tell of a rise:
    /// it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recent_weeks: Option<usize>,
}

/// Of neighbouring areas and close days together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cluster {
    /// Codes of the areas that have the excess, the one with most first.
    pub areas: Vec<String>,
    /// Names of the areas: in the facts of letters alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_names: Option<Vec<String>>,
    /// Distance of the farthest of them from the first.
    #[serde(deserialize_with = "present")]
    pub km: Option<f64>,
    /// Days in which such a cluster is expected once by chance, in all scans of a night.
    #[serde(deserialize_with = "present")]
    pub recurrence_days: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub log_likelihood_ratio: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub overdispersion: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub p_monte_carlo: Option<f64>,
}

/// Of a series that follows another.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LaggedCorrelation {
    pub follows_domain: String,
    pub follows_category: String,
    pub after_weeks: usize,
    /// Spearman's correlation at that lag, over so many weeks.
    #[serde(deserialize_with = "present")]
    pub rho: Option<f64>,
    pub weeks: usize,
    /// Permutations that p rests on.
    pub permutations: usize,
    /// Correlation at each lag from 0 weeks.
    pub rho_by_lag: Vec<Option<f64>>,
}

/// Of parties that appear in two domains.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SharedParties {
    pub follows_domain: String,
    /// Days between the two appearances, at the median.
    pub after_days: i32,
    /// Parties that appeared in `follows_domain` first.
    pub in_this_order: usize,
    /// Parties of `follows_domain`, and of the finding's domain.
    pub parties_of_each: [usize; 2],
    /// How many times as many as chance would bring.
    #[serde(deserialize_with = "present")]
    pub lift: Option<f64>,
}

/// Of what is to be expected.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Forecast {
    /// The last stretch as it was, and the same stretch a year before.
    #[serde(deserialize_with = "present")]
    pub persistence: Option<f64>,
    #[serde(deserialize_with = "present")]
    pub last_year: Option<f64>,
    pub notices: Vec<String>,
}

/// Why nothing can be said.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NotAssessable {
    pub reason: String,
    /// What coverage says of the feed in those days; absent where it says nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feed: Vec<String>,
}

/// Of a cap of the index.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Veto {
    /// Ids of the events that cap.
    pub events: Vec<String>,
    /// What officials call the veto.
    pub label: String,
    /// The month that is capped, such as `2026-01`.
    pub period: String,
}

impl Detail {
    /// Variance over mean of a week's count, where the method knows it.
    pub fn dispersion(&self) -> Option<f64> {
        match self {
            Detail::Spike(spike) => spike.dispersion,
            Detail::Change(change) => change.dispersion,
            Detail::Trend(trend) => trend.dispersion,
            _ => None,
        }
    }

    /// Whether it is a trend over years, as earlier versions looked for: its period is what was
    /// looked at, its count that of the last year.
    pub fn is_over_years(&self) -> bool {
        matches!(self, Detail::Trend(Trend { weeks: None, .. }))
    }

    /// Of a rise over more weeks than a spike has, those of the last ones that by themselves tell of
    /// a rise.
    pub fn recent_weeks(&self) -> Option<usize> {
        match self {
            Detail::Trend(trend) => trend.recent_weeks,
            Detail::Change(change) => change.recent_weeks,
            _ => None,
        }
    }

    /// The kind it belongs to.
    pub fn kind(&self) -> Kind {
        match self {
            Detail::Spike(_) => Kind::Spike,
            Detail::Trend(_) => Kind::Trend,
            Detail::Change(_) => Kind::Change,
            Detail::Cluster(_) => Kind::Cluster,
            Detail::LaggedCorrelation(_) | Detail::SharedParties(_) => Kind::Association,
            Detail::Forecast(_) => Kind::Forecast,
            Detail::NotAssessable(_) => Kind::NotAssessable,
            Detail::Veto(_) => Kind::Veto,
        }
    }

    /// The detail of a row: its columns `kind` and `method` say which type the JSON is of.
    ///
    /// # Errors
    /// A [`Flaw`] where there is no such kind, or the JSON is not of its type.
    pub fn decode(kind: &str, method: &str, json: &str) -> Result<Detail, Flaw> {
        let value = serde_json::from_str(json)
            .map_err(|e| Flaw::new(format!("detail is no JSON: {e}"), RESTORE))?;
        Detail::from_json(kind, method, value)
    }

    /// The same from JSON that is parsed already.
    ///
    /// # Errors
    /// As [`Detail::decode`].
    pub fn from_json(kind: &str, method: &str, value: Value) -> Result<Detail, Flaw> {
        fn read<T: DeserializeOwned>(kind: &str, value: Value) -> Result<T, Flaw> {
            serde_json::from_value(value).map_err(|e| {
                Flaw::new(format!("detail of the {kind} cannot be read: {e}"), RESTORE)
            })
        }
        let unknown = || Flaw::new(format!("there is no kind of finding \"{kind}\""), RESTORE);
        Ok(match Kind::find(kind).ok_or_else(unknown)? {
            Kind::Spike => Detail::Spike(read(kind, value)?),
            Kind::Trend => Detail::Trend(read(kind, value)?),
            Kind::Change => Detail::Change(read(kind, value)?),
            Kind::Cluster => Detail::Cluster(read(kind, value)?),
            Kind::Association if method == SAME_PARTY => Detail::SharedParties(read(kind, value)?),
            Kind::Association => Detail::LaggedCorrelation(read(kind, value)?),
            Kind::Forecast => Detail::Forecast(read(kind, value)?),
            Kind::NotAssessable => Detail::NotAssessable(read(kind, value)?),
            Kind::Veto => Detail::Veto(read(kind, value)?),
        })
    }

    /// The JSON of the tables.
    pub fn to_json(&self) -> Value {
        let json = match self {
            Detail::Spike(of) => serde_json::to_value(of),
            Detail::Trend(of) => serde_json::to_value(of),
            Detail::Change(of) => serde_json::to_value(of),
            Detail::Cluster(of) => serde_json::to_value(of),
            Detail::LaggedCorrelation(of) => serde_json::to_value(of),
            Detail::SharedParties(of) => serde_json::to_value(of),
            Detail::Forecast(of) => serde_json::to_value(of),
            Detail::NotAssessable(of) => serde_json::to_value(of),
            Detail::Veto(of) => serde_json::to_value(of),
        };
        // Structs of texts, days and numbers always have a JSON.
        json.unwrap_or_default()
    }
}

/// What to do about a detail that cannot be read.
const RESTORE: &str = "run the night again, or restore the table from a backup";

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// A figure, `None` where it is not finite.
pub(super) fn known(figure: f64) -> Option<f64> {
    Some(figure).filter(|x| x.is_finite())
}

/// Each of some figures.
pub(super) fn each_known(figures: &[f64]) -> Vec<Option<f64>> {
    figures.iter().map(|x| known(*x)).collect()
}

/// A value that may be null, but whose key must be there: serde takes a missing key for null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Option::deserialize(deserializer)
}

/// A spike of so many weeks in a row of which nothing else is known, for tests.
#[cfg(test)]
pub(crate) fn spike(weeks_in_a_row: usize) -> Spike {
    Spike {
        weeks: 1,
        weeks_in_a_row,
        rank: 0,
        of: 0,
        reference_from: NaiveDate::default(),
        reference_to: NaiveDate::default(),
        share_reported: Vec::new(),
        last_eight_weeks: Vec::new(),
        weeks_before: None,
        same_weeks_last_year: None,
        dispersion: None,
        p_at_least: None,
        last_week: [None; 4],
        short_history: None,
    }
}

/// A new level, the figures of which are not known, for tests.
#[cfg(test)]
pub(crate) fn change() -> Change {
    Change {
        level_before: None,
        level_after: None,
        level_before_from: NaiveDate::default(),
        weeks: 1,
        dispersion: None,
        recent_weeks: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Details as version 0.1 of the engine wrote them, by kind and method.
    const WRITTEN: [(&str, &str, &str); 9] = [
        (
            "spike",
            "house",
            r#"{"dispersion":1.25,"last_eight_weeks":[2.0,null,3.0,1.0,4.0,4.0,5.0,6.0],"last_week":[6.0,1.5,0.0,4.0],"of":16,"p_at_least":0.001,"rank":1,"reference_from":"2021-02-01","reference_to":"2026-01-04","same_weeks_last_year":null,"share_reported":[0.9,1.0],"weeks":2,"weeks_before":9.0,"weeks_in_a_row":3}"#,
        ),
        (
            "trend",
            "seasonal_mann_kendall",
            r#"{"expected_is":"the year before","four_weeks":[8.0,null,9.0],"slope_a_year":2.5,"tau":0.4,"z":3.1}"#,
        ),
        (
            "change",
            "pelt",
            r#"{"dispersion":1.1,"level_after":4.5,"level_before":2.0,"level_before_from":"2023-05-01","weeks":11}"#,
        ),
        (
            "cluster",
            "space_time_permutation",
            r#"{"areas":["620981103","620981104"],"km":null,"log_likelihood_ratio":9.5,"overdispersion":1.0,"p_monte_carlo":0.001,"recurrence_days":1000.0}"#,
        ),
        (
            "cluster",
            "space_time_permutation",
            r#"{"area_names":["花海镇"],"areas":["620981103"],"km":3.5,"log_likelihood_ratio":9.5,"overdispersion":1.0,"p_monte_carlo":0.001,"recurrence_days":1000.0}"#,
        ),
        (
            "association",
            "lagged_rank_correlation",
            r#"{"after_weeks":3,"follows_category":"wage_arrears","follows_domain":"disputes","permutations":999,"rho":0.4,"rho_by_lag":[0.1,null,0.4],"weeks":150}"#,
        ),
        (
            "association",
            "same_party",
            r#"{"after_days":20,"follows_domain":"disputes","in_this_order":12,"lift":4.5,"parties_of_each":[40,30]}"#,
        ),
        ("forecast", "forecast", r#"{"last_year":12.0,"notices":[],"persistence":null}"#),
        ("not_assessable", "house", r#"{"feed":["nothing arrived"],"reason":"too short"}"#),
    ];

    #[test]
    fn what_was_written_before_is_read_and_written_the_same() {
        for (kind, method, json) in WRITTEN {
            let detail = Detail::decode(kind, method, json).unwrap();
            assert_eq!(
                (detail.kind().name(), detail.to_json().to_string()),
                (kind, json.to_owned())
            );
        }
    }

    #[test]
    fn a_missing_or_unknown_word_is_an_error_that_names_it() {
        for (kind, method, json) in WRITTEN {
            let whole: serde_json::Map<String, Value> = serde_json::from_str(json).unwrap();
            for key in whole.keys().filter(|k| !["feed", "area_names"].contains(&k.as_str())) {
                let mut without = whole.clone();
                without.remove(key);
                let error = Detail::from_json(kind, method, without.into()).unwrap_err();
                assert!(error.what.contains(kind) && error.what.contains(key), "{error}");
            }
        }
        assert!(Detail::decode("spiek", "house", "{}").unwrap_err().what.contains("\"spiek\""));
    }

    #[test]
    fn figures_that_are_not_finite_are_null() {
        let forecast =
            Forecast { persistence: known(f64::NAN), last_year: known(1.0), notices: Vec::new() };
        let json = Detail::Forecast(forecast).to_json().to_string();
        assert_eq!(json, r#"{"last_year":1.0,"notices":[],"persistence":null}"#);
        assert_eq!(each_known(&[f64::INFINITY, 2.0]), [None, Some(2.0)]);
    }
}
