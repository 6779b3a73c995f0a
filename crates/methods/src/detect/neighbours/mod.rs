//! Which areas are neighbours, and how far apart they lie: from boundaries, else from coordinates,
//! else from the register.

mod boundaries;
mod great_circle;
mod shape;

use ndarray::Array2;

use crate::method::{Flaw, Noted};
pub use boundaries::{Rings, outlines};
use boundaries::{first_five, shapes};
use great_circle::great_circle;
use shape::Shape;

/// What the register says of where an area lies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Code, unique among the places.
    pub code: String,
    /// Code of the area above.
    pub parent: Option<String>,
    /// Degrees east and degrees north of a point within.
    pub lon_lat: Option<(f64, f64)>,
}

/// What neighbourhood was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Adjacent areas share a point of their boundaries; distances are between centroids.
    Boundaries,
    /// Adjacent areas are linked in the Gabriel graph of their points; distances are between the
    /// points.
    Points,
    /// Adjacent areas have the same parent; distances are unknown.
    Register,
}

/// Areas, their distances and which of them touch.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    /// Codes, in the order of the places; rows and columns of the matrices are in this order too.
    pub codes: Vec<String>,
    /// Great-circle distances in km; 0 on the diagonal, NaN where the place of one of the two is
    /// unknown.
    pub km: Array2<f64>,
    /// Whether two areas are neighbours: symmetric, never with oneself.
    pub adjacent: Array2<bool>,
    /// What `adjacent` was read from.
    pub source: Source,
}

impl Neighbours {
    /// Areas by growing distance from area `i`, which is in the first group; equally far ones come
    /// together. Where the place of `i` is unknown, the second group is its neighbours. Areas at an
    /// unknown distance are left out.
    pub fn rings(&self, i: usize) -> Vec<Vec<usize>> {
        let mut others: Vec<usize> =
            (0..self.codes.len()).filter(|j| *j != i && self.km[[i, *j]].is_finite()).collect();
        others.sort_by(|a, b| self.km[[i, *a]].total_cmp(&self.km[[i, *b]]));
        let mut rings = vec![vec![i]];
        rings.extend(
            others.chunk_by(|a, b| self.km[[i, *a]] == self.km[[i, *b]]).map(<[usize]>::to_vec),
        );
        if rings.len() == 1 {
            let touching: Vec<usize> =
                (0..self.codes.len()).filter(|j| self.adjacent[[i, *j]]).collect();
            rings.extend((!touching.is_empty()).then_some(touching));
        }
        rings
    }
}

/// The neighbours among `places`.
///
/// With `geojson` (the text of `areas.geojson`), two areas are adjacent where their boundaries come
/// within `tolerance_km` of each other in a point or along an edge ("queen" contiguity); 0.05 km
/// forgives the noise of digitising. An area without a boundary is placed by its coordinates and
/// touches none. Without `geojson`, areas are linked by the Gabriel graph of their coordinates: two
/// are adjacent where no third lies in the circle whose diameter they are (Gabriel, K. R. & Sokal,
/// R. R. (1969) A new statistical approach to geographic variation analysis, Systematic Zoology 18,
/// 259–278; spdep's `gabrielneigh`). Where fewer than two areas have coordinates, children of one
/// parent are adjacent.
///
/// # Errors
/// A [`Flaw`] where `geojson` cannot be read, is not in degrees, or no property of it holds the
/// codes, and where `tolerance_km` is no length.
pub fn neighbours(
    places: &[Place],
    geojson: Option<&str>,
    tolerance_km: f64,
) -> Result<Noted<Neighbours>, Flaw> {
    if !(tolerance_km.is_finite() && tolerance_km >= 0.0) {
        return Err(Flaw::new(
            format!("the tolerance is {tolerance_km} km"),
            "give a length of zero or more, 0.05 for fifty metres",
        ));
    }
    let codes: Vec<String> = places.iter().map(|p| p.code.clone()).collect();
    let (shapes, mut notices) = match geojson {
        Some(text) => shapes(text, &codes)?,
        None => (vec![None; places.len()], Vec::new()),
    };
    let points: Vec<Option<(f64, f64)>> =
        places.iter().zip(&shapes).map(|(p, s)| point(p, s.as_ref())).collect();
    let km = distances(&points);
    let (adjacent, source) = match (geojson, points.iter().flatten().count()) {
        (Some(_), _) => (touching(&shapes, tolerance_km), Source::Boundaries),
        (None, 2..) => (gabriel(&km), Source::Points),
        (None, _) => (siblings(places), Source::Register),
    };
    notices.extend(unplaced(&codes, &points, source));
    Ok(Noted { value: Neighbours { codes, km, adjacent, source }, notices })
}

/// Where an area lies: the centroid of its boundary, else its coordinates where they are on earth.
fn point(place: &Place, shape: Option<&Shape>) -> Option<(f64, f64)> {
    shape
        .and_then(Shape::centroid)
        .or(place.lon_lat.filter(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0))
}

fn unplaced(codes: &[String], points: &[Option<(f64, f64)>], source: Source) -> Option<String> {
    let lost: Vec<&str> =
        codes.iter().zip(points).filter(|(_, p)| p.is_none()).map(|(c, _)| c.as_str()).collect();
    match source {
        Source::Register => Some(
            "no boundaries and no coordinates: children of one parent are taken for neighbours"
                .to_owned(),
        ),
        _ if lost.is_empty() => None,
        _ => Some(format!(
            "{} areas have neither boundary nor coordinates and stand alone: {}",
            lost.len(),
            first_five(&lost)
        )),
    }
}

fn distances(points: &[Option<(f64, f64)>]) -> Array2<f64> {
    Array2::from_shape_fn((points.len(), points.len()), |(i, j)| match (points[i], points[j]) {
        _ if i == j => 0.0,
        // In one order, so that the matrix is symmetric to the last bit.
        (Some(a), Some(b)) => great_circle(if i < j { a } else { b }, if i < j { b } else { a }),
        _ => f64::NAN,
    })
}

fn symmetric(n: usize, linked: impl Fn(usize, usize) -> bool) -> Array2<bool> {
    let mut adjacent = Array2::from_elem((n, n), false);
    for i in 0..n {
        for j in 0..i {
            adjacent[[i, j]] = linked(i, j);
            adjacent[[j, i]] = adjacent[[i, j]];
        }
    }
    adjacent
}

fn touching(shapes: &[Option<Shape>], tolerance_km: f64) -> Array2<bool> {
    symmetric(shapes.len(), |i, j| match (&shapes[i], &shapes[j]) {
        (Some(a), Some(b)) => a.comes_within(b, tolerance_km),
        _ => false,
    })
}

fn gabriel(km: &Array2<f64>) -> Array2<bool> {
    let n = km.nrows();
    symmetric(n, |i, j| {
        let diameter = km[[i, j]].powi(2);
        let inside =
            |k: usize| k != i && k != j && km[[i, k]].powi(2) + km[[j, k]].powi(2) < diameter;
        diameter.is_finite() && !(0..n).any(inside)
    })
}

fn siblings(places: &[Place]) -> Array2<bool> {
    symmetric(places.len(), |i, j| {
        places[i].parent.is_some() && places[i].parent == places[j].parent
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(code: &str, parent: &str, lon_lat: Option<(f64, f64)>) -> Place {
        Place { code: code.into(), parent: Some(parent.into()), lon_lat }
    }

    fn linked(got: &Neighbours) -> Vec<(usize, usize)> {
        got.adjacent.indexed_iter().filter(|((i, j), a)| i < j && **a).map(|(at, _)| at).collect()
    }

    #[test]
    fn points_are_linked_unless_a_third_lies_between() {
        let at = |code, lon| place(code, "p", Some((lon, 23.0)));
        let got = neighbours(
            &[at("a", 120.0), at("b", 120.1), at("c", 120.25), place("d", "p", None)],
            None,
            0.05,
        )
        .unwrap();
        assert_eq!(linked(&got.value), [(0, 1), (1, 2)]);
        assert_eq!(got.value.source, Source::Points);
        assert_eq!(got.value.rings(0), [vec![0], vec![1], vec![2]]);
        assert_eq!(got.value.rings(3), [vec![3]]);
        assert!(
            got.notices[0].contains("1 areas") && got.notices[0].ends_with("alone: d"),
            "{:?}",
            got.notices
        );
        assert!(got.value.km[[0, 3]].is_nan() && got.value.km[[3, 3]] == 0.0);
    }

    #[test]
    fn equally_far_areas_come_together() {
        let at = |code, lon| place(code, "p", Some((lon, 0.0)));
        let got = neighbours(&[at("a", 0.0), at("b", 1.0), at("c", -1.0), at("d", 0.0)], None, 0.0)
            .unwrap()
            .value;
        assert_eq!(got.rings(0), [vec![0], vec![3], vec![1, 2]]);
    }

    #[test]
    fn without_places_children_of_one_parent_are_neighbours() {
        let places = [
            place("a", "p", None),
            place("b", "q", None),
            place("c", "p", Some((120.0, 23.0))),
            Place::default(),
            Place::default(),
        ];
        let got = neighbours(&places, None, 0.05).unwrap();
        assert_eq!((linked(&got.value), got.value.source), (vec![(0, 2)], Source::Register));
        assert_eq!(got.value.rings(0), [vec![0], vec![2]]);
        assert_eq!(got.notices.len(), 1);
    }

    #[test]
    fn nothing_and_places_not_on_earth_are_defined() {
        assert_eq!(neighbours(&[], None, 0.05).unwrap().value.codes, [""; 0]);
        let far = [place("a", "p", Some((f64::NAN, 1.0))), place("b", "p", Some((1e300, 1.0)))];
        assert_eq!(neighbours(&far, None, 0.05).unwrap().value.source, Source::Register);
        assert!(neighbours(&far, None, f64::NAN).unwrap_err().what.contains("tolerance"));
    }
}
