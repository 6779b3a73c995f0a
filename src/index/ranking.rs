//! The ranked table of a period, read back from `scores`.

use datafusion::arrow::array::RecordBatch;
use lake::areas::{Exposure, SIZES};
use lake::{Columns, Derived, Lake, Limits, Result, Session};
use methods::index::ranks::ranks;
use methods::index::typology::area_kinds;
use ndarray::{Array1, Array2};

use super::score_tables::table_of;

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

/// The areas of a period by rank, the whole first; areas without a score last; beside the period
/// before. `exposures` are those of an area, and `seed` is that of the kinds
/// ([`methods::index::typology`]).
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn ranking(
    lake: &Lake,
    limits: &Limits,
    model_file: &str,
    [period, before]: [&str; 2],
    exposures: &dyn Fn(&str) -> Exposure,
    seed: u64,
) -> Result<Vec<Place>> {
    let session = Session::new(lake, limits)?;
    session.register_table("scores", &lake.derived(table_of(Derived::Scores, model_file))?)?;
    session.register_table("areas", &lake.derived(Derived::Areas)?)?;
    let batches = session.collect(&format!(
        "with now as (select * from scores where period = '{period}' and kind = 'index'), \
         earlier as (select area_code, score from scores where period = '{before}' and kind = 'index'), \
         domains as (select area_code, node, score, row_number() over (partition by area_code order by score, node) as n \
                     from scores where period = '{period}' and kind = 'domain' and score is not null) \
         select now.area_code, coalesce(areas.name, now.area_code) as name, now.rank, now.rank_lo, now.rank_hi, now.score, now.score_lo, now.score_hi, \
                now.band, now.score - earlier.score as change, domains.node as worst, domains.score as worst_score, now.coverage, \
                areas.parent is null as whole \
         from now left join areas on areas.code = now.area_code left join earlier on earlier.area_code = now.area_code \
         left join domains on domains.area_code = now.area_code and domains.n = 1 \
         order by whole desc, now.score is null, now.rank, now.area_code"
    ))?;
    let read: Result<Vec<Vec<Place>>> = batches.iter().map(places).collect();
    let mut places = read?.concat();
    set_alike(&mut places, exposures, seed);
    Ok(places)
}

/// Sorts the ranked areas into kinds, and ranks each within its own.
///
/// Kinds are told by the columns of the register that at least half of the areas have; an area that
/// lacks one of these is of no kind.
fn set_alike(places: &mut [Place], exposures: &dyn Fn(&str) -> Exposure, seed: u64) {
    let competing: Vec<usize> = (0..places.len()).filter(|i| !places[*i].whole).collect();
    // k-means depends on the order of what it is given: by code, whatever the ranks are.
    let mut by_code = competing.clone();
    by_code.sort_by(|a, b| places[*a].area_code.cmp(&places[*b].area_code));
    let figure = |place: usize, column: &str| exposures(&places[place].area_code).get(column);
    let known = |column: &&str| {
        2 * by_code.iter().filter(|i| figure(**i, column).is_some()).count() >= by_code.len()
    };
    let columns: Vec<&str> = SIZES.into_iter().filter(known).collect();
    let has_all = |i: &usize| columns.iter().all(|column| figure(*i, column).is_some());
    let by_code: Vec<usize> = by_code.iter().copied().filter(has_all).collect();
    let exposures = Array2::from_shape_fn((by_code.len(), columns.len()), |(row, column)| {
        figure(by_code[row], columns[column]).unwrap_or(f64::NAN)
    });
    let Some(found) = area_kinds(exposures.view(), KINDS, seed) else { return };
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

/// The places of a batch of the query above.
fn places(batch: &RecordBatch) -> Result<Vec<Place>> {
    let columns = Columns::new(batch);
    let (area_code, name) = (columns.required_text("area_code")?, columns.required_text("name")?);
    let band = columns.required_text("band")?;
    let (rank, low, high) =
        (columns.whole("rank")?, columns.whole("rank_lo")?, columns.whole("rank_hi")?);
    let score = columns.float("score")?;
    let (score_lo, score_hi) = (columns.float("score_lo")?, columns.float("score_hi")?);
    let (change, coverage) = (columns.float("change")?, columns.float("coverage")?);
    let (worst, worst_score) = (columns.text("worst")?, columns.float("worst_score")?);
    let whole = columns.boolean("whole")?;
    let place = |row: usize| Place {
        area_code: area_code[row].clone(),
        name: name[row].clone(),
        rank: rank[row],
        rank_interval: low[row].zip(high[row]),
        score: score[row],
        score_interval: score_lo[row].zip(score_hi[row]),
        band: band[row].clone(),
        change: change[row],
        worst: worst[row].clone().zip(worst_score[row]),
        coverage: coverage[row].unwrap_or(0.0),
        alike: None,
        whole: whole[row].unwrap_or(false),
    };
    Ok((0..batch.num_rows()).map(place).collect())
}
