//! Circles about each area, growing by its nearest neighbours.

use super::super::neighbours::Neighbours;
use super::table::Table;

/// The growing circles about one area.
pub(super) struct Circles {
    /// Area in the middle.
    pub centre: usize,
    /// All areas within the largest circle, by distance.
    pub areas: Vec<usize>,
    /// Each circle; those that would hold the same cases as the one before are left out.
    pub steps: Vec<Step>,
}

/// What a circle has more than the one before.
pub(super) struct Step {
    /// Areas with cases that join.
    pub joining: Vec<usize>,
    /// How many of [`Circles::areas`] are within.
    pub reach: usize,
    /// Cases within, over all days,
    pub cases: u32,
    /// and the mean of its areas' cases, each area weighted by its cases.
    pub concentration: f64,
}

/// The circles about every area that hold at most `max_share` of the cases and reach at most
/// `max_km` far. Areas equally far from the centre join together. Where distances are unknown, the
/// neighbours of an area are one circle about it, whatever `max_km` is.
pub(super) fn circles(
    table: &Table,
    neighbours: &Neighbours,
    max_share: f64,
    max_km: f64,
) -> Vec<Circles> {
    let most = max_share * f64::from(table.total);
    (0..neighbours.codes.len())
        .map(|centre| circles_about(centre, table, neighbours, most, max_km))
        .filter(|c| !c.steps.is_empty())
        .collect()
}

fn circles_about(
    centre: usize,
    table: &Table,
    neighbours: &Neighbours,
    most: f64,
    max_km: f64,
) -> Circles {
    let mut circles = Circles { centre, areas: Vec::new(), steps: Vec::new() };
    let (mut cases, mut squares) = (0, 0.0);
    for ring in neighbours.rings(centre) {
        let more: u32 = ring.iter().map(|a| table.by_area[*a]).sum();
        if f64::from(cases + more) > most || neighbours.km[[centre, ring[0]]] > max_km {
            break;
        }
        cases += more;
        squares += ring.iter().map(|a| f64::from(table.by_area[*a]).powi(2)).sum::<f64>();
        circles.areas.extend(&ring);
        if more > 0 {
            let joining = ring.into_iter().filter(|a| table.by_area[*a] > 0).collect();
            circles.steps.push(Step {
                joining,
                reach: circles.areas.len(),
                cases,
                concentration: squares / f64::from(cases),
            });
        }
    }
    circles
}
