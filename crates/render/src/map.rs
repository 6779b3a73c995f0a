//! A map of areas: their outlines, or where these are not known tiles in about their places. An area
//! without a figure is hatched, and every area says its name and figure, so that nothing rests on
//! colour alone. On a page it is SVG, in a document a group of shapes that an office program edits.

use serde::Serialize;

use crate::engine::escaped;
use crate::text::{number, width};

/// Areas by their band.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    pub title: String,
    /// What the picture shows, in words.
    pub alt: String,
    pub areas: Vec<MapArea>,
}

/// One area of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapArea {
    pub name: String,
    /// The page that it leads to, within the folder; empty where it leads nowhere.
    pub href: String,
    /// Its figure as written; `None` where there is none.
    pub figure: Option<String>,
    /// Its band.
    pub band: String,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// Degrees east and north.
    pub point: Option<(f64, f64)>,
    /// Its outline in degrees, empty where it is not known.
    pub rings: Vec<Vec<(f64, f64)>>,
}

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 8.0;
const SIZE: f64 = 13.0;
/// A tile with the space beside it.
const TILE: (f64, f64) = (116.0, 58.0);
const GAP: f64 = 6.0;
/// EMU of a unit of the picture: it is as wide as the text block.
const EMU: f64 = 5_580_000.0 / WIDTH;

/// Where areas lie in a picture.
struct Layout<'a> {
    wide: f64,
    height: f64,
    shapes: Vec<Shape<'a>>,
}

/// One area's place.
struct Shape<'a> {
    area: &'a MapArea,
    outline: Outline,
    /// Middle of its name, as high as the letters' foot.
    name: (f64, f64),
    size: f64,
}

enum Outline {
    /// Left and top.
    Tile(f64, f64),
    Rings(Vec<Vec<(f64, f64)>>),
}

impl Layout<'_> {
    fn new(map: &Map) -> Layout<'_> {
        match map.areas.iter().any(|a| !a.rings.is_empty()) {
            true => outlines(&map.areas),
            false => tiles(&map.areas),
        }
    }
}

/// The map as SVG; `up` leads from the page to the folder (`../`).
pub(crate) fn svg(map: &Map, up: &str) -> String {
    let layout = Layout::new(map);
    let (mut drawn, mut labels) = (String::new(), String::new());
    for shape in &layout.shapes {
        let area = shape.area;
        let name = text(shape.name.0, shape.name.1, shape.size, &area.name);
        match &shape.outline {
            Outline::Tile(x, y) => {
                let inner = format!(
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"{}\" fill-opacity=\".55\" stroke=\"#555\"/>{name}{}",
                    number(*x),
                    number(*y),
                    number(TILE.0),
                    number(TILE.1),
                    fill(area),
                    text(x + TILE.0 / 2.0, y + 44.0, SIZE, &figure(area)),
                );
                drawn += &linked(area, up, &inner);
            }
            Outline::Rings(rings) => {
                let path: String = rings.iter().map(|ring| path(ring)).collect();
                let inner = format!(
                    "<path d=\"{path}\" fill=\"{}\" fill-opacity=\".55\" fill-rule=\"evenodd\" stroke=\"#555\"/>",
                    fill(area)
                );
                drawn += &linked(area, up, &inner);
                labels += &name;
            }
        }
    }
    if !labels.is_empty() {
        drawn += &format!("<g aria-hidden=\"true\" pointer-events=\"none\">{labels}</g>");
    }
    format!(
        "<svg viewBox=\"0 0 {} {}\" width=\"100%\" role=\"group\" aria-label=\"{}\"><title>{}</title>\
         <defs><pattern id=\"none\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <rect width=\"6\" height=\"6\" fill=\"#fff\"/><rect width=\"2\" height=\"6\" fill=\"#999\"/></pattern></defs>{drawn}</svg>",
        number(layout.wide),
        number(layout.height),
        escaped(&map.alt),
        escaped(&map.title),
    )
}

fn path(ring: &[(f64, f64)]) -> String {
    let points: Vec<String> =
        ring.iter().map(|(x, y)| format!("{} {}", number(*x), number(*y))).collect();
    format!("M{}Z", points.join("L"))
}

/// The map as a document's template sees it: shapes in EMU.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MapValues<'a> {
    n: usize,
    title: &'a str,
    alt: &'a str,
    width: i64,
    height: i64,
    shapes: Vec<ShapeValues<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct ShapeValues<'a> {
    /// What it says: name, and of a tile figure and band.
    lines: Vec<String>,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    /// Rings of points from its own left and top; none of a tile.
    rings: Vec<Vec<(i64, i64)>>,
    /// `rrggbb`; none where there is no figure.
    colour: Option<&'a str>,
    /// Whether it is a name without an outline.
    label: bool,
}

impl<'a> MapValues<'a> {
    pub(crate) fn new(map: &'a Map, n: usize) -> MapValues<'a> {
        let layout = Layout::new(map);
        let emu = |of: f64| (of * EMU).round() as i64;
        let mut shapes = Vec::new();
        let mut labels = Vec::new();
        for Shape { area, outline, name, .. } in &layout.shapes {
            let colour = area.colour.as_deref().filter(|_| area.figure.is_some());
            let colour = colour.map(|colour| colour.trim_start_matches('#'));
            let shape = |lines, [x, y, width, height]: [f64; 4], rings, label| ShapeValues {
                lines,
                x: emu(x),
                y: emu(y),
                width: emu(width),
                height: emu(height),
                rings,
                colour,
                label,
            };
            match outline {
                Outline::Tile(x, y) => {
                    let lines = vec![area.name.clone(), figure(area)];
                    shapes.push(shape(lines, [*x, *y, TILE.0, TILE.1], Vec::new(), false));
                }
                Outline::Rings(rings) => {
                    let ((west, east), (north, south)) = extent(rings.iter().flatten());
                    let at = |(x, y): &(f64, f64)| (emu(x - west), emu(y - north));
                    let placed = rings.iter().map(|ring| ring.iter().map(at).collect()).collect();
                    let size = [west, north, east - west, south - north];
                    shapes.push(shape(Vec::new(), size, placed, false));
                    let (wide, high) = (width(&area.name, SIZE) + SIZE, 1.6 * SIZE);
                    let size = [name.0 - wide / 2.0, name.1 - high / 2.0, wide, high];
                    labels.push(shape(vec![area.name.clone()], size, Vec::new(), true));
                }
            }
        }
        shapes.append(&mut labels);
        MapValues {
            n,
            title: &map.title,
            alt: &map.alt,
            width: emu(layout.wide),
            height: emu(layout.height),
            shapes,
        }
    }
}

type Span = (f64, f64);

/// From where to where points go, first by their first coordinate.
fn extent<'a>(points: impl Iterator<Item = &'a (f64, f64)> + Clone) -> (Span, Span) {
    let span = |of: fn(&(f64, f64)) -> f64| {
        points.clone().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
    };
    (span(|p| p.0), span(|p| p.1))
}

fn fill(area: &MapArea) -> &str {
    match (&area.figure, &area.colour) {
        (Some(_), Some(colour)) => colour,
        _ => "url(#none)",
    }
}

/// Its figure and its band.
fn figure(area: &MapArea) -> String {
    format!("{} {}", area.figure.as_deref().unwrap_or("数据不足"), area.band)
}

fn label(area: &MapArea) -> String {
    escaped(&format!("{} {}", area.name, figure(area)))
}

/// A link with what it shows, and its name for who cannot see it.
fn linked(area: &MapArea, up: &str, drawn: &str) -> String {
    if area.href.is_empty() {
        return format!("<g><title>{}</title>{drawn}</g>", label(area));
    }
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

fn tiles(areas: &[MapArea]) -> Layout<'_> {
    let columns = columns(areas.len());
    let shape = |(place, at): (usize, usize)| {
        let area = &areas[at];
        let x = MARGIN + (place % columns) as f64 * (TILE.0 + GAP);
        let y = MARGIN + (place / columns) as f64 * (TILE.1 + GAP);
        let size = SIZE.min(SIZE * (TILE.0 - 8.0) / width(&area.name, SIZE).max(1.0));
        Shape { area, outline: Outline::Tile(x, y), name: (x + TILE.0 / 2.0, y + 24.0), size }
    };
    let rows = areas.len().div_ceil(columns);
    let span = |count: usize, tile: f64| 2.0 * MARGIN + count as f64 * (tile + GAP) - GAP;
    Layout {
        wide: span(columns.min(areas.len()), TILE.0),
        height: span(rows, TILE.1),
        shapes: grid(areas).into_iter().enumerate().map(shape).collect(),
    }
}

fn outlines<'a>(areas: &'a [MapArea]) -> Layout<'a> {
    let ((west, east), (south, north)) =
        extent(areas.iter().flat_map(|a| a.rings.iter().flatten()));
    // A degree of longitude is shorter the farther north.
    let shrink = ((south + north) / 2.0).to_radians().cos();
    let scale = (WIDTH - 2.0 * MARGIN) / ((east - west) * shrink).max(1e-9);
    let scale = scale.min(WIDTH / (north - south).max(1e-9));
    let place = |(lon, lat): &(f64, f64)| {
        (MARGIN + (lon - west) * shrink * scale, MARGIN + (north - lat) * scale)
    };
    let shape = |area: &'a MapArea| {
        let rings = &area.rings;
        let placed = rings.iter().map(|ring| ring.iter().map(place).collect()).collect();
        let name = place(&middle(rings));
        Shape { area, outline: Outline::Rings(placed), name, size: SIZE }
    };
    Layout {
        wide: WIDTH,
        height: (north - south) * scale + 2.0 * MARGIN,
        shapes: areas.iter().filter(|a| !a.rings.is_empty()).map(shape).collect(),
    }
}

/// The middle of the largest ring's extent.
fn middle(rings: &[Vec<(f64, f64)>]) -> (f64, f64) {
    let size = |ring: &&Vec<(f64, f64)>| {
        let ((west, east), (south, north)) = extent(ring.iter());
        (east - west) * (north - south)
    };
    let largest = rings.iter().max_by(|a, b| size(a).total_cmp(&size(b)));
    largest.map_or((0.0, 0.0), |ring| {
        let ((west, east), (south, north)) = extent(ring.iter());
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
    fn a_document_s_shapes_lie_within_the_picture_and_lead_nowhere() {
        let mut one = area("甲镇", Some("60.0"), (100.0, 40.0));
        one.rings = vec![vec![(100.0, 40.0), (101.0, 40.0), (101.0, 40.5), (100.0, 40.0)]];
        let two = MapArea { figure: None, href: String::new(), ..one.clone() };
        let map = Map { areas: vec![one, two], ..Map::default() };
        let values = MapValues::new(&map, 1);
        assert_eq!(values.shapes.iter().filter(|s| s.label).count(), 2);
        for shape in &values.shapes {
            assert!(shape.x >= 0 && shape.x + shape.width <= values.width, "{shape:?}");
            let inside = |p: &(i64, i64)| p.0 <= shape.width && p.1 <= shape.height;
            assert!(shape.rings.iter().flatten().all(inside), "{shape:?}");
        }
        assert_eq!((values.shapes[0].colour, values.shapes[1].colour), (Some("3a6ea5"), None));
        assert_eq!(svg(&map, "").matches("<a href").count(), 1);
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
