//! What made each area's index differ from that of the period before, as rows of `contributions`.

use crate::error::{from_flaw, from_frame};
use polars::prelude::*;
use rayon::prelude::*;

use super::explain::{ScoredPeriod, Side, tree};
use super::grid::ScoredAreas;
use super::score::Recipe;
use lake::Result;
use methods::Flaw;
use methods::index::decompose;

/// The parts of every area's change between two scored periods: `period, against, area_code, node,
/// part, delta`. An area without a score in either has no rows.
///
/// # Errors
/// [`lake::Error::Frame`]; [`lake::Error::Usage`] where the tree cannot be decomposed.
pub fn rows(
    recipe: &Recipe,
    units: &ScoredAreas,
    before: &ScoredPeriod,
    after: &ScoredPeriod,
) -> Result<DataFrame> {
    let (mut areas, mut nodes, mut names, mut deltas) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let parts = |area| parts(recipe, Side { scored: before, area }, Side { scored: after, area });
    let found: Vec<_> = (0..units.areas.len())
        .into_par_iter()
        .map(parts)
        .collect::<Result<_, Flaw>>()
        .map_err(from_flaw)?;
    for (area, parts) in units.areas.iter().zip(found) {
        for part in parts {
            areas.push(area.code.as_str());
            nodes.push(part.node);
            names.push(part.name);
            deltas.push(part.delta);
        }
    }
    let height = areas.len();
    DataFrame::new(
        height,
        vec![
            Column::new("period".into(), vec![after.grid.period.name.as_str(); height]),
            Column::new("against".into(), vec![before.grid.period.name.as_str(); height]),
            Column::new("area_code".into(), areas),
            Column::new("node".into(), nodes),
            Column::new("part".into(), names),
            Column::new("delta".into(), deltas),
        ],
    )
    .map_err(from_frame)
}

fn parts(recipe: &Recipe, before: Side, after: Side) -> Result<Vec<decompose::Part>, Flaw> {
    let mut explained = decompose::decompose_tree(&tree(recipe, before, after))?;
    Ok(explained.pop().map_or(Vec::new(), |root| root.parts))
}
