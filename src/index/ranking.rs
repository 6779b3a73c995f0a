//! The ranked table of a period, read back from `scores`.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use ndarray::{Array1, Array2};

use super::run::table_of;
use lake::Result;
use lake::{Lake, Limits, Session};
use methods::index::ranks::ranks;
use methods::index::typology::kinds;

/// One area's place in a period.
#[derive(Clone, Debug)]
pub struct Place {
    pub area_code: String,
    pub name: String,
    /// 1 is the safest; none for an area above the ranked level, or without a score.
    pub rank: Option<i64>,
    /// 90 % interval of the rank.
    pub rank_interval: Option<(i64, i64)>,
    pub score: Option<f64>,
    /// 90 % interval of the score.
    pub score_interval: Option<(f64, f64)>,
    pub band: String,
    /// Against the period before.
    pub change: Option<f64>,
    /// Domain with the lowest score, and that score.
    pub worst: Option<(String, f64)>,
    /// Share of the weighted days on which feeds delivered.
    pub coverage: f64,
    /// Beside areas of its own kind; none where exposures do not tell kinds apart.
    pub alike: Option<Alike>,
    exposures: [f64; 4],
    whole: bool,
}

/// An area's place among those of like kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    /// 0 is the kind of the smallest.
    pub kind: usize,
    /// 1 is the safest; none without a score.
    pub rank: Option<usize>,
    /// Areas of the kind.
    pub of: usize,
}

/// Kinds that areas are sorted into.
const KINDS: usize = 3;

/// The areas of a period by rank, the whole first; areas without a score last. `seed` is that of
/// the kinds ([`methods::index::typology`]).
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn ranking(
    lake: &Lake,
    limits: &Limits,
    model_file: &str,
    period: &str,
    before: &str,
    seed: u64,
) -> Result<Vec<Place>> {
    let session = Session::new(lake, limits)?;
    session.register_table("scores", &lake.derived(&table_of("scores", model_file))?)?;
    session.register_table("areas", &lake.derived("areas")?)?;
    let batches = session.collect(&format!(
        "with now as (select * from scores where period = '{period}' and kind = 'index'), \
         earlier as (select area_code, score from scores where period = '{before}' and kind = 'index'), \
         domains as (select area_code, node, score, row_number() over (partition by area_code order by score, node) as n \
                     from scores where period = '{period}' and kind = 'domain' and score is not null) \
         select now.area_code, coalesce(areas.name, now.area_code), now.rank, now.rank_lo, now.rank_hi, now.score, now.score_lo, now.score_hi, \
                now.band, now.score - earlier.score, domains.node, domains.score, now.coverage, \
                areas.population, areas.households, areas.vehicles, areas.enterprises, areas.parent is null as whole \
         from now left join areas on areas.code = now.area_code left join earlier on earlier.area_code = now.area_code \
         left join domains on domains.area_code = now.area_code and domains.n = 1 \
         order by whole desc, now.score is null, now.rank, now.area_code"
    ))?;
    let mut places = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            places.push(place(batch, row)?);
        }
    }
    set_alike(&mut places, seed);
    Ok(places)
}

/// Sorts the ranked areas into kinds, and ranks each within its own.
fn set_alike(places: &mut [Place], seed: u64) {
    let competing: Vec<usize> = (0..places.len()).filter(|i| !places[*i].whole).collect();
    // k-means depends on the order of what it is given: by code, whatever the ranks are.
    let mut by_code = competing.clone();
    by_code.sort_by(|a, b| places[*a].area_code.cmp(&places[*b].area_code));
    let exposures = Array2::from_shape_fn((by_code.len(), 4), |(row, column)| {
        places[by_code[row]].exposures[column]
    });
    let Some(found) = kinds(exposures.view(), KINDS, seed) else { return };
    for kind in 0..KINDS {
        let alike: Vec<usize> =
            by_code.iter().zip(&found).filter(|(_, k)| **k == kind).map(|(i, _)| *i).collect();
        let scores: Array1<f64> =
            alike.iter().map(|i| places[*i].score.unwrap_or(f64::NAN)).collect();
        for (i, rank) in alike.iter().zip(ranks(scores.view())) {
            places[*i].alike = Some(Alike {
                kind,
                rank: (!rank.is_nan()).then_some(rank as usize),
                of: alike.len(),
            });
        }
    }
}

fn place(batch: &RecordBatch, row: usize) -> Result<Place> {
    let text = |column: usize| -> Result<Option<String>> {
        let values = cast(batch.column(column), &DataType::Utf8)?;
        let values = values.as_string::<i32>();
        Ok((!values.is_null(row)).then(|| values.value(row).to_owned()))
    };
    let float = |column: usize| {
        let values = batch.column(column).as_primitive::<Float64Type>();
        (!values.is_null(row)).then(|| values.value(row))
    };
    let whole = |column: usize| {
        let values = batch.column(column).as_primitive::<Int64Type>();
        (!values.is_null(row)).then(|| values.value(row))
    };
    Ok(Place {
        area_code: text(0)?.unwrap_or_default(),
        name: text(1)?.unwrap_or_default(),
        rank: whole(2),
        rank_interval: whole(3).zip(whole(4)),
        score: float(5),
        score_interval: float(6).zip(float(7)),
        band: text(8)?.unwrap_or_default(),
        change: float(9),
        worst: text(10)?.zip(float(11)),
        coverage: float(12).unwrap_or(0.0),
        alike: None,
        exposures: [13, 14, 15, 16].map(|column| float(column).unwrap_or(f64::NAN)),
        whole: batch.column(17).as_boolean().value(row),
    })
}
