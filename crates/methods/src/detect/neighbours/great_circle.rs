//! Distances on the earth, taken for a sphere.

/// Mean radius of the earth in km: IUGG's R₁ of the ellipsoid GRS 80.
pub(super) const EARTH_KM: f64 = 6371.0088;

/// Great-circle distance in km between points in degrees east and north, by the haversine formula.
pub(super) fn great_circle(a: (f64, f64), b: (f64, f64)) -> f64 {
    let half = |x: f64, y: f64| ((y - x).to_radians() / 2.0).sin().powi(2);
    let h = half(a.1, b.1) + a.1.to_radians().cos() * b.1.to_radians().cos() * half(a.0, b.0);
    2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() {
        assert!((great_circle((120.0, 23.0), (120.0, 24.0)) - EARTH_KM.to_radians()).abs() < 1e-9);
        assert!(
            (great_circle((0.0, 0.0), (180.0, 0.0)) - EARTH_KM * std::f64::consts::PI).abs() < 1e-9
        );
        // Beijing to Shanghai, 1067 km by any atlas.
        assert!((great_circle((116.4074, 39.9042), (121.4737, 31.2304)) - 1067.0).abs() < 1.0);
    }
}
