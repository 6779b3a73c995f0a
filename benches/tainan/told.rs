//! Findings as the lake has them.

use lake::Derived;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use lake::areas::Register;
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;
use lake::{Lake, Limits, Session};
use pingan::detect::Detail;
use pingan::{Error, Result};

/// Kinds that tell of something abnormal.
pub const NEWS: [&str; 4] = ["spike", "trend", "change", "cluster"];

/// One finding of one night.
#[derive(Clone, Debug)]
pub struct Told {
    pub night: NaiveDate,
    pub area: String,
    pub domain: String,
    pub category: String,
    pub kind: String,
    pub observed: f64,
    pub expected: f64,
    /// Areas of a cluster; the area itself otherwise.
    pub areas: Vec<String>,
}

/// Names of codes.
pub struct Names {
    pub register: Register,
    pub taxonomy: Taxonomy,
}

impl Names {
    pub fn area<'a>(&'a self, code: &'a str) -> &'a str {
        self.register.get(code).map_or(code, |a| a.name.as_str())
    }

    /// A category's name; of all together, the domain's.
    pub fn series(&self, domain: &str, category: &str) -> String {
        let Some(of) = Domain::find(domain) else { return domain.to_owned() };
        match category {
            "" => format!("{domain}, all"),
            code => self
                .taxonomy
                .list("category", of)
                .and_then(|list| list.label(code))
                .unwrap_or(code)
                .to_owned(),
        }
    }
}

/// Nights of which the lake has findings.
pub fn nights(lake: &Lake, limits: &Limits) -> Result<BTreeSet<NaiveDate>> {
    let mut nights = BTreeSet::new();
    for batch in query(
        lake,
        limits,
        "select distinct cast(cast(as_of as date) as varchar) as night from findings",
    )? {
        nights.extend(
            text(&batch, 0)?
                .as_string::<i32>()
                .iter()
                .flatten()
                .filter_map(|night| night.parse::<NaiveDate>().ok()),
        );
    }
    Ok(nights)
}

/// The findings that tell of something, night by night. The as-of time is the end of a night in
/// Taipei, which is still the same day in UTC.
pub fn read(lake: &Lake, limits: &Limits) -> Result<Vec<Told>> {
    let kinds = NEWS.map(|k| format!("'{k}'")).join(", ");
    let sql = format!(
        "select cast(cast(as_of as date) as varchar) as night, area_code, domain, category, kind, \
         detail, observed, expected, method from findings where kind in ({kinds}) order by night, domain, category, area_code"
    );
    let mut found = Vec::new();
    for batch in query(lake, limits, &sql)? {
        let texts: Vec<ArrayRef> = (0..6).map(|c| text(&batch, c)).collect::<Result<_>>()?;
        let methods = text(&batch, 8)?;
        for row in 0..batch.num_rows() {
            let text = |column: usize| texts[column].as_string::<i32>().value(row).to_owned();
            let day = |column: usize| text(column).parse::<NaiveDate>().unwrap_or_default();
            let figure = |column: usize| {
                let values = batch.column(column).as_primitive::<Float64Type>();
                if values.is_null(row) { f64::NAN } else { values.value(row) }
            };
            let method = methods.as_string::<i32>().value(row);
            let detail = Detail::decode(&text(4), method, &text(5))
                .map_err(|flaw| Error::usage(flaw.what, flaw.fix))?;
            let areas = match detail {
                Detail::Cluster(cluster) => cluster.areas,
                _ => vec![text(1)],
            };
            found.push(Told {
                night: day(0),
                areas,
                area: text(1),
                domain: text(2),
                category: text(3),
                kind: text(4),
                observed: figure(6),
                expected: figure(7),
            });
        }
    }
    Ok(found)
}

fn query(lake: &Lake, limits: &Limits, sql: &str) -> Result<Vec<RecordBatch>> {
    let session = Session::new(lake, limits)?;
    session.register_table("findings", &lake.derived(Derived::Findings)?)?;
    session.collect(sql)
}

/// A column as text.
pub fn text(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8)?)
}

/// Leaves out what is told of all categories together where one of them was told the same: a domain
/// of one category is one series.
pub fn once(found: Vec<Told>) -> Vec<Told> {
    let same = |all: &Told, one: &Told| {
        !one.category.is_empty()
            && (one.night, &one.kind, &one.domain, &one.area)
                == (all.night, &all.kind, &all.domain, &all.area)
            && one.observed == all.observed
    };
    let (all, of_one): (Vec<Told>, Vec<Told>) =
        found.into_iter().partition(|t| t.category.is_empty());
    let news: Vec<Told> =
        all.into_iter().filter(|t| !of_one.iter().any(|one| same(t, one))).collect();
    let mut told = [of_one, news].concat();
    told.sort_by_key(|t| t.night);
    told
}
