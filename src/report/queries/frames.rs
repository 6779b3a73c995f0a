//! The small tables that queries of the report may join: the months compared, code lists, limits,
//! areas.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{Date32Type, Field, Schema};
use lake::Session;
use lake::areas::{Area, EXPOSURES, Exposures};
use lake::error::Result;
use lake::schema::DOMAINS;

use crate::panel::Period;
use crate::report::comparison::{COMPARED, YEAR};
use crate::report::inputs::Inputs;

/// Registers them all.
///
/// # Errors
/// [`lake::Error::Config`] where the exposures are wrong.
pub fn register(session: &Session, inputs: &Inputs) -> Result<()> {
    period(session, inputs)?;
    spans(session, inputs)?;
    days(session, inputs)?;
    labels(session, inputs)?;
    townships(session, inputs)?;
    exposures(session, inputs)?;
    delivery(session, inputs)?;
    limit_tables(session, inputs)
}

fn texts(values: Vec<String>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

fn period(session: &Session, inputs: &Inputs) -> Result<()> {
    let month = inputs.month();
    let (before, year_ago) = (month.before(), month.years_before(1));
    let zone = inputs.job.workspace.time_zone();
    let noon = month.start.and_hms_opt(12, 0, 0).unwrap_or_default();
    let offset = zone.offset_from_utc_datetime(&noon).fix().local_minus_utc();
    let day = |d| Arc::new(Date32Array::from(vec![Date32Type::from_naive_date(d)])) as ArrayRef;
    let whole = |n: i64| Arc::new(Int64Array::from(vec![n])) as ArrayRef;
    let epoch = |d| whole(i64::from(Date32Type::from_naive_date(d)));
    let as_of = inputs.job.as_of.day;
    batch(
        session,
        "period",
        vec![
            ("month_start", day(month.start)),
            ("month_end", day(month.end)),
            ("before_start", day(before.start)),
            ("before_end", day(before.end)),
            ("year_ago_start", day(year_ago.start)),
            ("year_ago_end", day(year_ago.end)),
            ("as_of_day", day(as_of)),
            ("month_start_epoch_day", epoch(month.start)),
            ("month_end_epoch_day", epoch(month.end)),
            ("as_of_epoch_day", epoch(as_of)),
            ("offset_seconds", whole(i64::from(offset))),
        ],
    )
}

fn spans(session: &Session, inputs: &Inputs) -> Result<()> {
    let last = inputs.months.len() - 1;
    let day_of = |of: fn(&Period) -> NaiveDate| {
        let months = COMPARED.iter().map(|(back, _)| &inputs.months[last - back]);
        let days = months.map(|month| Date32Type::from_naive_date(of(month)));
        Arc::new(Date32Array::from_iter_values(days)) as ArrayRef
    };
    let labels = COMPARED.iter().map(|(_, label)| (*label).to_owned()).collect();
    batch(
        session,
        "spans",
        vec![
            ("n", Arc::new(Int64Array::from_iter_values(1..=3)) as ArrayRef),
            ("label", texts(labels)),
            ("first_day", day_of(|span| span.start)),
            ("last_day", day_of(|span| span.end)),
        ],
    )
}

fn days(session: &Session, inputs: &Inputs) -> Result<()> {
    let month = inputs.month();
    let days: Vec<NaiveDate> = month.start.iter_days().take_while(|d| *d <= month.end).collect();
    let weekdays = days.iter().map(|d| i64::from(d.weekday().number_from_monday()));
    let weekday = Arc::new(Int64Array::from_iter_values(weekdays)) as ArrayRef;
    let dates = days.iter().map(|d| Date32Type::from_naive_date(*d));
    let dates = Arc::new(Date32Array::from_iter_values(dates)) as ArrayRef;
    batch(session, "days", vec![("day", dates), ("weekday", weekday)])
}

/// Lists of codes that all domains share.
const SHARED: [&str; 8] =
    ["severity", "risk_sector", "channel", "grade", "resolved_level", "outcome", "unit", "form"];

fn labels(session: &Session, inputs: &Inputs) -> Result<()> {
    let mut labels: [Vec<String>; 4] = Default::default();
    let mut add = |list: &str, domain: &str, code: &str, label: &str| {
        for (column, text) in labels.iter_mut().zip([list, domain, code, label]) {
            column.push(text.to_owned());
        }
    };
    let taxonomy = inputs.sources.taxonomy;
    for domain in &DOMAINS {
        let codes = taxonomy.list("category", domain).into_iter().flat_map(|l| l.codes());
        codes.for_each(|(code, label)| add("category", domain.id, code, label));
    }
    for list in SHARED {
        let codes = taxonomy.list(list, &DOMAINS[0]).into_iter().flat_map(|l| l.codes());
        codes.for_each(|(code, label)| add(list, "", code, label));
    }
    let [list, domain, code, label] = labels.map(texts);
    batch(
        session,
        "labels",
        vec![("list", list), ("domain", domain), ("code", code), ("label", label)],
    )
}

/// Every area within one of the model's level that lives in the month, with the name of that one;
/// of a merged one its heir's.
fn townships(session: &Session, inputs: &Inputs) -> Result<()> {
    let (register, month) = (inputs.job.register, inputs.month());
    let above = |code: &str| {
        let mut area = register.get(code);
        while let Some(at) = area {
            if at.level == inputs.sources.model.level {
                let heir = register.heir(&at.code).unwrap_or(at);
                let lives = heir.days_within(month.start, month.end).is_some();
                return lives.then(|| heir.name.clone());
            }
            area = at.parent.as_deref().and_then(|parent| register.get(parent));
        }
        None
    };
    let areas = register.areas().iter();
    let (codes, names) = areas.filter_map(|a| Some((a.code.clone(), above(&a.code)?))).unzip();
    batch(session, "townships", vec![("code", texts(codes)), ("township", texts(names))])
}

/// The exposures of the areas that are scored, as they are in force on the month's first day.
fn exposures(session: &Session, inputs: &Inputs) -> Result<()> {
    let job = inputs.job;
    let known = Exposures::read(&job.workspace.exposures_file(), job.register)?;
    let areas: &[&Area] = &inputs.areas[1..];
    let first = |area: &Area| inputs.month().start.max(area.life().0);
    let in_force: Vec<_> = areas.iter().map(|a| known.in_force(a, first(a))).collect();
    let mut columns = vec![("township", texts(areas.iter().map(|a| a.name.clone()).collect()))];
    columns.extend(EXPOSURES.iter().map(|name| {
        let figures = in_force.iter().map(|e| e.get(name));
        (*name, Arc::new(Float64Array::from_iter(figures)) as ArrayRef)
    }));
    batch(session, "exposures", columns)
}

/// Of each domain and each month that is compared, whether anything was delivered and all of it,
/// and of each domain whether the month may be held against the other two: every day of both was
/// delivered.
fn delivery(session: &Session, inputs: &Inputs) -> Result<()> {
    let each = || {
        let months = COMPARED.iter().zip(1_i64..);
        DOMAINS.iter().flat_map(move |d| months.clone().map(move |((back, _), n)| (d, *back, n)))
    };
    let domains =
        |of: &mut dyn Iterator<Item = &'static str>| texts(of.map(str::to_owned).collect());
    let delivered = each().map(|(d, back, _)| inputs.delivered(d.id, back)).collect::<Vec<bool>>();
    let whole = each().map(|(d, back, _)| inputs.is_whole(d.id, back)).collect::<Vec<bool>>();
    batch(
        session,
        "delivery",
        vec![
            ("domain", domains(&mut each().map(|(d, ..)| d.id))),
            ("n", Arc::new(Int64Array::from_iter_values(each().map(|(.., n)| n))) as ArrayRef),
            ("delivered", Arc::new(BooleanArray::from(delivered)) as ArrayRef),
            ("whole", Arc::new(BooleanArray::from(whole)) as ArrayRef),
        ],
    )?;
    let with = |back: usize| {
        let whole = DOMAINS.iter().map(|d| inputs.both_whole(d.id, back)).collect::<Vec<bool>>();
        Arc::new(BooleanArray::from(whole)) as ArrayRef
    };
    batch(
        session,
        "comparable",
        vec![
            ("domain", domains(&mut DOMAINS.iter().map(|d| d.id))),
            ("with_before", with(1)),
            ("with_year_ago", with(YEAR)),
        ],
    )
}

fn limit_tables(session: &Session, inputs: &Inputs) -> Result<()> {
    let thresholds = &inputs.sources.thresholds;
    let one = |limit: f64| Arc::new(Float64Array::from(vec![limit])) as ArrayRef;
    let named = thresholds.named().into_iter().map(|(name, limit)| (name, one(limit)));
    batch(session, "limits", named.collect())?;
    let list = inputs.sources.taxonomy.list("grade", &DOMAINS[0]);
    let grades: Vec<(String, String)> = list
        .into_iter()
        .flat_map(|list| list.codes())
        .map(|(code, label)| (code.to_owned(), label.to_owned()))
        .collect();
    let days = grades.iter().map(|(code, _)| {
        *thresholds.grade_days.get(code).unwrap_or(&thresholds.limits.resolve_days)
    });
    let days = Arc::new(Float64Array::from_iter_values(days)) as ArrayRef;
    let (codes, labels) = grades.into_iter().unzip();
    batch(session, "grades", vec![("code", texts(codes)), ("label", texts(labels)), ("days", days)])
}

fn batch(session: &Session, name: &str, columns: Vec<(&str, ArrayRef)>) -> Result<()> {
    let fields: Vec<Field> =
        columns.iter().map(|(n, c)| Field::new(*n, c.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns.into_iter().map(|c| c.1).collect())?;
    session.register_batches(name, schema, vec![batch])
}
