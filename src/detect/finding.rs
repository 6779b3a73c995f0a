//! What detection found, as rows of the table `findings`.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Date32Type, SchemaRef};

use super::detail::{Detail, Kind, NotAssessable};
use super::watch::Key;
use lake::AsOf;
use lake::Result;

/// One thing found. A figure that the method does not have is NaN, and null in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub area_code: String,
    pub domain: String,
    /// Empty for all categories together.
    pub category: String,
    pub method: &'static str,
    /// First and last day it is about.
    pub period: (NaiveDate, NaiveDate),
    /// Count over the period, as known on the night.
    pub observed: f64,
    /// What was expected over the period.
    pub expected: f64,
    /// Ends of the interval of what was to be expected.
    pub lower: f64,
    pub upper: f64,
    pub p: f64,
    /// Adjusted for all that was looked at on the same night.
    pub q: f64,
    /// The finding's kind, and what else an official needs to believe it.
    pub detail: Detail,
}

impl Finding {
    /// A finding of a series, its figures still unknown.
    pub fn new(
        key: &Key,
        detail: Detail,
        method: &'static str,
        period: (NaiveDate, NaiveDate),
    ) -> Finding {
        let unknown = f64::NAN;
        Finding {
            area_code: key.area.clone(),
            domain: key.domain.clone(),
            category: key.category.clone(),
            method,
            period,
            observed: unknown,
            expected: unknown,
            lower: unknown,
            upper: unknown,
            p: unknown,
            q: unknown,
            detail,
        }
    }

    /// That nothing can be said of a series, and why.
    pub fn not_assessable(
        key: &Key,
        method: &'static str,
        period: (NaiveDate, NaiveDate),
        reason: impl Into<String>,
    ) -> Finding {
        let detail = NotAssessable { reason: reason.into(), feed: Vec::new() };
        Finding::new(key, Detail::NotAssessable(detail), method, period)
    }

    /// The sort of thing that was found.
    pub fn kind(&self) -> Kind {
        self.detail.kind()
    }

    /// Why nothing can be said, where that is what was found.
    pub fn reason(&self) -> Option<&str> {
        match &self.detail {
            Detail::NotAssessable(NotAssessable { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    /// Observed beyond expected; NaN where either is not known.
    pub fn excess(&self) -> f64 {
        self.observed - self.expected
    }
}

/// Rows of the table, in order of area, domain, category, kind, method and first day.
///
/// # Errors
/// [`lake::Error::Arrow`].
pub fn to_batch(
    findings: &[Finding],
    as_of: &AsOf,
    run_id: &str,
    schema: SchemaRef,
) -> Result<RecordBatch> {
    let mut rows: Vec<&Finding> = findings.iter().collect();
    rows.sort_by_key(|f| (&f.area_code, &f.domain, &f.category, f.kind(), f.method, f.period));
    let text = |of: fn(&Finding) -> &str| {
        Arc::new(StringArray::from_iter_values(rows.iter().map(|f| of(f)))) as ArrayRef
    };
    let figure = |of: fn(&Finding) -> f64| {
        let known = |f: &&Finding| Some(of(f)).filter(|x| x.is_finite());
        Arc::new(Float64Array::from_iter(rows.iter().map(known))) as ArrayRef
    };
    let day = |of: fn(&Finding) -> NaiveDate| {
        Arc::new(Date32Array::from_iter_values(
            rows.iter().map(|f| Date32Type::from_naive_date(of(f))),
        )) as ArrayRef
    };
    let instant =
        TimestampMicrosecondArray::from(vec![as_of.instant.timestamp_micros(); rows.len()])
            .with_timezone("UTC");
    let columns = vec![
        Arc::new(instant) as ArrayRef,
        text(|f| &f.area_code),
        text(|f| &f.domain),
        text(|f| &f.category),
        text(|f| f.kind().name()),
        text(|f| f.method),
        day(|f| f.period.0),
        day(|f| f.period.1),
        figure(|f| f.observed),
        figure(|f| f.expected),
        figure(|f| f.lower),
        figure(|f| f.upper),
        figure(Finding::excess),
        figure(|f| f.p),
        figure(|f| f.q),
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|f| f.detail.to_json().to_string()),
        )),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|_| run_id))),
    ];
    Ok(RecordBatch::try_new(schema, columns)?)
}
