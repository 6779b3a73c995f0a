//! The boundary of one area: where its middle is, and whether it comes near another.

use super::great_circle::EARTH_KM;

/// Kilometres a degree of latitude.
const DEGREE: f64 = EARTH_KM * std::f64::consts::PI / 180.0;

/// Rings of one area, outer ones and holes alike, in degrees east and north.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    rings: Vec<Vec<(f64, f64)>>,
    /// West, south, east and north ends.
    bounds: Option<[f64; 4]>,
}

type Point = (f64, f64);

impl Shape {
    /// Takes further rings in.
    pub(super) fn extend(&mut self, rings: Vec<Vec<Point>>) {
        for (x, y) in rings.iter().flatten() {
            let [west, south, east, north] = self.bounds.unwrap_or([*x, *y, *x, *y]);
            self.bounds = Some([west.min(*x), south.min(*y), east.max(*x), north.max(*y)]);
        }
        self.rings.extend(rings.into_iter().filter(|r| !r.is_empty()));
    }

    /// Its rings.
    pub(super) fn into_rings(self) -> Vec<Vec<Point>> {
        self.rings
    }

    /// Centroid of the surface; of the corners, where there is no surface.
    pub(super) fn centroid(&self) -> Option<Point> {
        let origin = *self.rings.first()?.first()?;
        // Holes run against their outer ring (RFC 7946), and older files that do not are few: twice
        // the surface and its moments.
        let (mut surface, mut x, mut y) = (0.0, 0.0, 0.0);
        for (i, ring) in self.rings.iter().enumerate() {
            let (s, mx, my) = moments(ring, origin);
            let sign = if self.is_hole(i) { -s.signum() } else { s.signum() };
            surface += sign * s;
            x += sign * mx;
            y += sign * my;
        }
        if surface > 1e-12 {
            return Some((origin.0 + x / (3.0 * surface), origin.1 + y / (3.0 * surface)));
        }
        let n = self.rings.iter().flatten().count() as f64;
        let (x, y) =
            self.rings.iter().flatten().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
        Some((x, y))
    }

    /// Whether a ring lies within an odd number of the others, whichever way it runs.
    fn is_hole(&self, ring: usize) -> bool {
        let Some(at) = self.rings[ring].first() else { return false };
        self.rings
            .iter()
            .enumerate()
            .filter(|(i, other)| *i != ring && contains(other, *at))
            .count()
            % 2
            == 1
    }

    /// Whether the boundaries come within `km` of each other somewhere. On a plane about the middle
    /// of the two, which at the size of a township is the earth.
    pub(super) fn comes_within(&self, other: &Shape, km: f64) -> bool {
        let (Some(a), Some(b)) = (self.bounds, other.bounds) else { return false };
        let scale = (DEGREE * ((a[1] + a[3] + b[1] + b[3]) / 4.0).to_radians().cos(), DEGREE);
        // Rounding of coordinates must not part what is equal.
        let near = km + 1e-9;
        let (mine, others) = (self.edges_near(b, scale, near), other.edges_near(a, scale, near));
        mine.iter().any(|e| others.iter().any(|f| boxes_meet(e, f, near) && distance(e, f) <= near))
    }

    /// Edges, in km, that could come within `km` of what lies in `bounds`.
    fn edges_near(&self, bounds: [f64; 4], scale: Point, km: f64) -> Vec<[Point; 2]> {
        let flat = |(x, y): Point| (x * scale.0, y * scale.1);
        let corner = [flat((bounds[0], bounds[1])), flat((bounds[2], bounds[3]))];
        let edges = self.rings.iter().flat_map(|ring| {
            let next = ring.iter().skip(1).chain(ring.first());
            ring.iter().zip(next).map(|(a, b)| [flat(*a), flat(*b)])
        });
        edges.filter(|e| boxes_meet(e, &corner, km)).collect()
    }
}

/// Twice the signed surface of a ring and six times its moments, about `origin`, in degrees.
fn moments(ring: &[Point], origin: Point) -> (f64, f64, f64) {
    let from = |p: &Point| (p.0 - origin.0, p.1 - origin.1);
    let next = ring.iter().skip(1).chain(ring.first());
    ring.iter().zip(next).map(|(a, b)| (from(a), from(b))).fold(
        (0.0, 0.0, 0.0),
        |(s, x, y), (a, b)| {
            let cross = a.0 * b.1 - b.0 * a.1;
            (s + cross, x + (a.0 + b.0) * cross, y + (a.1 + b.1) * cross)
        },
    )
}

/// Whether a ray to the east crosses the ring an odd number of times.
fn contains(ring: &[Point], at: Point) -> bool {
    let next = ring.iter().skip(1).chain(ring.first());
    let crossings = ring.iter().zip(next).filter(|(a, b)| {
        (a.1 > at.1) != (b.1 > at.1) && at.0 < a.0 + (at.1 - a.1) / (b.1 - a.1) * (b.0 - a.0)
    });
    crossings.count() % 2 == 1
}

fn boxes_meet(e: &[Point; 2], f: &[Point; 2], km: f64) -> bool {
    let apart = |a: (f64, f64), b: (f64, f64)| {
        a.0.min(a.1) > b.0.max(b.1) + km || b.0.min(b.1) > a.0.max(a.1) + km
    };
    !apart((e[0].0, e[1].0), (f[0].0, f[1].0)) && !apart((e[0].1, e[1].1), (f[0].1, f[1].1))
}

/// Distance between two edges; 0 where they cross.
fn distance(e: &[Point; 2], f: &[Point; 2]) -> f64 {
    let side = |o: Point, a: Point, b: Point| (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0);
    let parted =
        |o: &[Point; 2], p: &[Point; 2]| side(o[0], o[1], p[0]) * side(o[0], o[1], p[1]) < 0.0;
    if parted(e, f) && parted(f, e) {
        return 0.0;
    }
    [to_edge(e[0], f), to_edge(e[1], f), to_edge(f[0], e), to_edge(f[1], e)]
        .into_iter()
        .fold(f64::INFINITY, f64::min)
}

fn to_edge(p: Point, [a, b]: &[Point; 2]) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    }

    fn shape(rings: Vec<Vec<Point>>) -> Shape {
        let mut shape = Shape::default();
        shape.extend(rings);
        shape
    }

    #[test]
    fn the_centroid_is_that_of_the_surface_whichever_way_rings_run() {
        let mut l = shape(vec![vec![
            (0.0, 0.0),
            (2.0, 0.0),
            (2.0, 1.0),
            (1.0, 1.0),
            (1.0, 2.0),
            (0.0, 2.0),
        ]]);
        let (x, y) = l.centroid().unwrap();
        assert!((x - 5.0 / 6.0).abs() < 1e-12 && (y - 5.0 / 6.0).abs() < 1e-12);
        l.rings[0].reverse();
        assert!((l.centroid().unwrap().0 - 5.0 / 6.0).abs() < 1e-12);
        // A square of 4 × 4 without its north-eastern square of 1 × 1.
        let holed = shape(vec![square(0.0, 0.0, 4.0), square(2.5, 2.5, 1.0)]);
        assert!((holed.centroid().unwrap().0 - (16.0 * 2.0 - 3.0) / 15.0).abs() < 1e-12);
        assert_eq!(shape(vec![vec![(1.0, 1.0), (3.0, 1.0)]]).centroid(), Some((2.0, 1.0)));
        assert_eq!(Shape::default().centroid(), None);
    }

    #[test]
    fn a_shared_edge_a_corner_and_a_crossing_touch_and_a_gap_does_up_to_the_tolerance() {
        let a = shape(vec![square(0.0, 0.0, 1.0)]);
        for (x, y) in [(1.0, 0.3), (1.0, 1.0), (0.5, 0.5), (-1.0, -1.0)] {
            assert!(a.comes_within(&shape(vec![square(x, y, 1.0)]), 0.0), "{x} {y}");
        }
        let gap = shape(vec![square(1.001, 0.0, 1.0)]);
        let km = 0.001 * DEGREE * 0.5_f64.to_radians().cos();
        assert!(
            !a.comes_within(&gap, km - 0.001)
                && a.comes_within(&gap, km + 0.001)
                && gap.comes_within(&a, km + 0.001)
        );
        assert!(!a.comes_within(&Shape::default(), 10.0));
    }
}
