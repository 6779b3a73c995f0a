//! A map of areas as SVG: their outlines, or where these are not known tiles in about their places.
//! An area without a figure is hatched, and every area says its name and figure, so that nothing
//! rests on colour alone.

use super::{Map, MapArea};
use crate::engine::escaped;
use crate::text::{number, width};

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 8.0;
const SIZE: f64 = 13.0;
/// A tile with the space beside it.
const TILE: (f64, f64) = (116.0, 58.0);
const GAP: f64 = 6.0;

/// The map; `up` leads from the page to the folder (`../`).
pub(super) fn svg(map: &Map, up: &str) -> String {
    let known = map.areas.iter().filter(|a| !a.rings.is_empty()).count();
    let ((wide, height), drawn) = match known {
        0 => tiles(&map.areas, up),
        _ => outlines(&map.areas, up),
    };
    format!(
        "<svg viewBox=\"0 0 {} {}\" width=\"100%\" role=\"group\" aria-label=\"{}\"><title>{}</title>\
         <defs><pattern id=\"none\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <rect width=\"6\" height=\"6\" fill=\"#fff\"/><rect width=\"2\" height=\"6\" fill=\"#999\"/></pattern></defs>{drawn}</svg>",
        number(wide),
        number(height),
        escaped(&map.alt),
        escaped(&map.title),
    )
}

fn fill(area: &MapArea) -> &str {
    match (&area.figure, &area.colour) {
        (Some(_), Some(colour)) => colour,
        _ => "url(#none)",
    }
}

fn label(area: &MapArea) -> String {
    let figure = area.figure.as_deref().unwrap_or("数据不足");
    escaped(&format!("{} {figure} {}", area.name, area.band))
}

/// A link with what it shows, and its name for who cannot see it.
fn linked(area: &MapArea, up: &str, drawn: &str) -> String {
    format!(
        "<a href=\"{up}{}\" aria-label=\"{label}\"><title>{label}</title>{drawn}</a>",
        escaped(&area.href),
        label = label(area),
    )
}

fn text(x: f64, y: f64, size: f64, content: &str) -> String {
    format!(
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\" fill=\"#111\" stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
        number(x),
        number(y),
        number(size),
        escaped(content)
    )
}

/// Places of tiles: rows from north to south, within a row from west to east; without places in
/// order.
fn grid(areas: &[MapArea]) -> Vec<usize> {
    let columns = columns(areas.len());
    let mut order: Vec<usize> = (0..areas.len()).collect();
    if areas.iter().all(|a| a.point.is_some()) {
        let at = |i: &usize| areas[*i].point.unwrap_or_default();
        order.sort_by(|a, b| at(b).1.total_cmp(&at(a).1));
        for row in order.chunks_mut(columns) {
            row.sort_by(|a, b| at(a).0.total_cmp(&at(b).0));
        }
    }
    order
}

fn columns(count: usize) -> usize {
    let most = ((WIDTH - 2.0 * MARGIN) / (TILE.0 + GAP)) as usize;
    ((count as f64).sqrt().ceil() as usize).clamp(1, most.max(1))
}

fn tiles(areas: &[MapArea], up: &str) -> ((f64, f64), String) {
    let columns = columns(areas.len());
    let mut drawn = String::new();
    for (place, at) in grid(areas).into_iter().enumerate() {
        let area = &areas[at];
        let x = MARGIN + (place % columns) as f64 * (TILE.0 + GAP);
        let y = MARGIN + (place / columns) as f64 * (TILE.1 + GAP);
        let size = SIZE.min(SIZE * (TILE.0 - 8.0) / width(&area.name, SIZE).max(1.0));
        let figure = area.figure.clone().unwrap_or_else(|| "数据不足".to_owned());
        let inner = format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"{}\" fill-opacity=\".55\" stroke=\"#555\"/>{}{}",
            number(x),
            number(y),
            number(TILE.0),
            number(TILE.1),
            fill(area),
            text(x + TILE.0 / 2.0, y + 24.0, size, &area.name),
            text(x + TILE.0 / 2.0, y + 44.0, SIZE, &format!("{figure} {}", area.band)),
        );
        drawn += &linked(area, up, &inner);
    }
    let rows = areas.len().div_ceil(columns);
    let span = |count: usize, tile: f64| 2.0 * MARGIN + count as f64 * (tile + GAP) - GAP;
    ((span(columns.min(areas.len()), TILE.0), span(rows, TILE.1)), drawn)
}

fn outlines(areas: &[MapArea], up: &str) -> ((f64, f64), String) {
    let points = || areas.iter().flat_map(|a| a.rings.iter().flatten());
    let span = |of: fn(&(f64, f64)) -> f64| {
        points().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
    };
    let ((west, east), (south, north)) = (span(|p| p.0), span(|p| p.1));
    // A degree of longitude is shorter the farther north.
    let shrink = ((south + north) / 2.0).to_radians().cos();
    let scale = (WIDTH - 2.0 * MARGIN) / ((east - west) * shrink).max(1e-9);
    let scale = scale.min(WIDTH / (north - south).max(1e-9));
    let place = |(lon, lat): &(f64, f64)| {
        (MARGIN + (lon - west) * shrink * scale, MARGIN + (north - lat) * scale)
    };
    let mut drawn = String::new();
    let mut labels = String::new();
    for area in areas.iter().filter(|a| !a.rings.is_empty()) {
        let ring = |ring: &Vec<(f64, f64)>| {
            let points: Vec<String> = ring
                .iter()
                .map(|p| {
                    let (x, y) = place(p);
                    format!("{} {}", number(x), number(y))
                })
                .collect();
            format!("M{}Z", points.join("L"))
        };
        let path: String = area.rings.iter().map(ring).collect();
        let inner = format!(
            "<path d=\"{path}\" fill=\"{}\" fill-opacity=\".55\" fill-rule=\"evenodd\" stroke=\"#555\"/>",
            fill(area)
        );
        drawn += &linked(area, up, &inner);
        let (x, y) = place(&middle(&area.rings));
        labels += &text(x, y, SIZE, &area.name);
    }
    (
        (WIDTH, (north - south) * scale + 2.0 * MARGIN),
        format!("{drawn}<g aria-hidden=\"true\" pointer-events=\"none\">{labels}</g>"),
    )
}

/// The middle of the largest ring's extent.
fn middle(rings: &[Vec<(f64, f64)>]) -> (f64, f64) {
    let extent = |ring: &&Vec<(f64, f64)>| {
        let span = |of: fn(&(f64, f64)) -> f64| {
            ring.iter().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
        };
        (span(|p| p.0), span(|p| p.1))
    };
    let size = |ring: &&Vec<(f64, f64)>| {
        let ((west, east), (south, north)) = extent(ring);
        (east - west) * (north - south)
    };
    let largest = rings.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
    largest.map_or((0.0, 0.0), |ring| {
        let ((west, east), (south, north)) = extent(&ring);
        ((west + east) / 2.0, (south + north) / 2.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(name: &str, figure: Option<&str>, point: (f64, f64)) -> MapArea {
        MapArea {
            name: name.into(),
            href: format!("areas/{name}.html"),
            figure: figure.map(str::to_owned),
            band: "蓝".into(),
            colour: Some("#3a6ea5".into()),
            point: Some(point),
            rings: Vec::new(),
        }
    }

    #[test]
    fn an_area_without_a_figure_looks_different_from_one_with_nought() {
        let map =
            |figure| Map { areas: vec![area("甲镇", figure, (100.0, 40.0))], ..Map::default() };
        let (none, nought) = (svg(&map(None), ""), svg(&map(Some("0.0")), ""));
        assert!(none.contains("fill=\"url(#none)\"") && none.contains("数据不足"));
        assert!(nought.contains("fill=\"#3a6ea5\"") && nought.contains("0.0"));
    }

    #[test]
    fn tiles_lie_as_the_areas_do() {
        let areas = [(100.0, 40.0), (101.0, 41.0), (100.0, 41.0), (101.0, 40.0)];
        let areas: Vec<MapArea> =
            areas.iter().enumerate().map(|(i, p)| area(&i.to_string(), None, *p)).collect();
        assert_eq!(grid(&areas), [2, 1, 0, 3]);
    }

    #[test]
    fn an_outline_is_drawn_within_the_picture() {
        let mut one = area("甲<镇", Some("60.0"), (100.0, 40.0));
        one.rings = vec![vec![(100.0, 40.0), (101.0, 40.0), (101.0, 40.5), (100.0, 40.0)]];
        let drawn = svg(&Map { areas: vec![one], ..Map::default() }, "../");
        assert!(
            drawn.contains("href=\"../areas/甲&lt;镇.html\"") && drawn.contains("M8 "),
            "{drawn}"
        );
    }
}
