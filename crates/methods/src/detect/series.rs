//! A series of counts on a regular calendar, and what a method says of each of its time points.

use chrono::NaiveDate;

/// One series, every vector as long as `times`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub name: String,
    /// Labels of the time points, as they were given.
    pub times: Vec<String>,
    /// First days of the time points, where the labels are dates.
    pub dates: Option<Vec<NaiveDate>>,
    /// Counts (or other figures); NaN where the feed did not deliver, which is never zero.
    pub observed: Vec<f64>,
    /// What a count is held against: population, or another exposure; positive, not its logarithm.
    pub offset: Option<Vec<f64>>,
    /// Time points a year: 52, 12, 365 …
    pub freq: usize,
}

/// The answer to "is this time point abnormal?".
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Alarm,
    /// Nothing abnormal was seen, though it could have been.
    Quiet,
    /// Nothing can be said, and why: a history too short (and by how much), a feed missing, an
    /// exposure missing.
    NotAssessable(String),
}

/// What a method says of one time point. A figure that the method does not have is NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// 0-based position in the series.
    pub at: usize,
    pub observed: f64,
    pub expected: f64,
    /// The bound above which a figure is abnormal.
    pub upper: f64,
    pub p: f64,
    pub answer: Answer,
    /// Values of [`super::Detector::columns`].
    pub own: Vec<f64>,
}
