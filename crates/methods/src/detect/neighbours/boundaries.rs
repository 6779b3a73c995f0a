//! `areas.geojson` → one shape an area (GeoJSON, RFC 7946).
//!
//! Every source names the property with the code its own way. It is found by what it holds: the
//! property whose values are codes of the register.

use std::collections::{BTreeMap, HashMap};

use geojson::{Feature, GeoJson, GeometryValue, JsonValue, feature};

use super::shape::Shape;
use crate::method::Flaw;

/// What the member `id` of a feature is called among its properties.
const ID: &str = "(feature id)";

/// A shape for each code that has one, with notices on what was left out. Features of one code are
/// one shape.
///
/// # Errors
/// A [`Flaw`] where the text is no feature collection, no property holds the codes, or coordinates
/// are not degrees.
pub(super) fn shapes(
    text: &str,
    codes: &[String],
) -> Result<(Vec<Option<Shape>>, Vec<String>), Flaw> {
    let features = features(text)?;
    let places: HashMap<&str, usize> =
        codes.iter().enumerate().map(|(i, c)| (c.as_str(), i)).collect();
    let key = code_property(&features, &places)?;
    let mut shapes: Vec<Option<Shape>> = vec![None; codes.len()];
    let mut foreign = 0;
    for feature in &features {
        match values(feature).find(|(k, _)| *k == key).and_then(|(_, v)| place_of(&v, &places)) {
            Some(place) => add(&mut shapes[place], feature, &codes[place])?,
            None => foreign += 1,
        }
    }
    Ok((shapes.clone(), notices(&shapes, codes, foreign, &key)))
}

/// Rings of one area, each a list of points in degrees east and north.
pub type Rings = Vec<Vec<(f64, f64)>>;

/// The rings of each code, outer ones and holes alike, in degrees east and north; none where the text
/// has no feature of it.
///
/// # Errors
/// A [`Flaw`] as of [`neighbours`](super::neighbours) where the text is no feature collection, no
/// property holds the codes, or coordinates are not degrees.
pub fn outlines(text: &str, codes: &[String]) -> Result<Vec<Rings>, Flaw> {
    let (shapes, _) = shapes(text, codes)?;
    Ok(shapes.into_iter().map(|s| s.map_or_else(Vec::new, Shape::into_rings)).collect())
}

fn features(text: &str) -> Result<Vec<Feature>, Flaw> {
    let fix = "give a GeoJSON FeatureCollection with one feature an area";
    match text.trim_start_matches('\u{feff}').parse::<GeoJson>() {
        Ok(GeoJson::FeatureCollection(collection)) => Ok(collection.features),
        Ok(GeoJson::Feature(_)) => Err(Flaw::new("the boundaries are a single feature", fix)),
        Ok(GeoJson::Geometry(_)) => {
            Err(Flaw::new("the boundaries are a bare geometry, without codes", fix))
        }
        Err(e) => Err(Flaw::new(format!("the boundaries are no GeoJSON: {e}"), fix)),
    }
}

/// Properties of a feature that could be a code, as text; its `id` among them.
fn values(feature: &Feature) -> impl Iterator<Item = (String, String)> {
    let id = feature.id.as_ref().map(|id| match id {
        feature::Id::String(s) => s.clone(),
        feature::Id::Number(n) => n.to_string(),
    });
    let properties = feature.properties.iter().flatten().filter_map(|(key, value)| match value {
        JsonValue::String(s) => Some((key.clone(), s.trim().to_owned())),
        // As JavaScript and pandas write whole numbers: 620981100.0.
        JsonValue::Number(n) => {
            Some((key.clone(), n.to_string().trim_end_matches(".0").to_owned()))
        }
        _ => None,
    });
    properties.chain(id.map(|id| (ID.to_owned(), id)))
}

/// The area of that code; or of the code without the zeros that pad it to the twelve digits of the
/// statistical divisions.
fn place_of(value: &str, places: &HashMap<&str, usize>) -> Option<usize> {
    let padded = || {
        let bare = value.trim_end_matches('0').len();
        (bare.max(1)..value.len())
            .rev()
            .filter_map(|end| value.get(..end))
            .find_map(|code| places.get(code))
    };
    if value.is_empty() { None } else { places.get(value).or_else(padded).copied() }
}

/// The property that holds most of the codes, those that are `code` by name first among equals.
fn code_property(features: &[Feature], places: &HashMap<&str, usize>) -> Result<String, Flaw> {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (key, value) in features.iter().flat_map(values) {
        found.entry(key).or_default().extend(place_of(&value, places));
    }
    let distinct = |mut at: Vec<usize>| {
        at.sort_unstable();
        at.dedup();
        at.len()
    };
    let rank = |key: &str| {
        usize::from(key.to_lowercase() == "code") * 2
            + usize::from(key.to_lowercase().contains("code"))
    };
    let best = found
        .into_iter()
        .map(|(key, at)| (distinct(at), rank(&key), key))
        .max_by_key(|(n, rank, _)| (*n, *rank));
    best.filter(|(n, ..)| *n > 0).map(|(.., key)| key).ok_or_else(|| {
        let seen = features.first().map(|f| {
            let seen: Vec<String> = values(f).map(|(k, v)| format!("{k} = {v}")).take(6).collect();
            seen.join(", ")
        });
        let wanted: Vec<&str> =
            places.iter().min_by_key(|(_, i)| **i).map(|(c, _)| *c).into_iter().collect();
        Flaw::new(
            format!(
                "no property of the boundaries holds codes of the register ({} …); the first feature has {}",
                first_five(&wanted),
                seen.unwrap_or_default()
            ),
            "give each feature a property \"code\" with the area's code as in areas.csv",
        )
    })
}

fn add(shape: &mut Option<Shape>, feature: &Feature, code: &str) -> Result<(), Flaw> {
    let mut rings = Vec::new();
    if let Some(geometry) = &feature.geometry {
        collect(&geometry.value, &mut rings);
    }
    if let Some((x, y)) =
        rings.iter().flatten().find(|(x, y)| !(x.abs() <= 180.0 && y.abs() <= 90.0))
    {
        return Err(Flaw::new(
            format!("the boundary of {code} has the point {x}, {y}, which is not in degrees"),
            "export the boundaries in longitude and latitude (WGS 84 or CGCS2000)",
        ));
    }
    if rings.iter().any(|r| !r.is_empty()) {
        shape.get_or_insert_default().extend(rings);
    }
    Ok(())
}

/// Rings of all polygons in a geometry; points and lines have none.
fn collect(value: &GeometryValue, rings: &mut Vec<Vec<(f64, f64)>>) {
    let mut polygon = |p: &geojson::PolygonType| {
        rings.extend(p.iter().map(|ring| {
            ring.iter()
                .filter_map(|at| Some((*at.as_slice().first()?, *at.as_slice().get(1)?)))
                .collect()
        }));
    };
    match value {
        GeometryValue::Polygon { coordinates } => polygon(coordinates),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().for_each(polygon),
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().for_each(|g| collect(&g.value, rings))
        }
        _ => {}
    }
}

fn notices(shapes: &[Option<Shape>], codes: &[String], foreign: usize, key: &str) -> Vec<String> {
    let lost: Vec<&str> =
        codes.iter().zip(shapes).filter(|(_, s)| s.is_none()).map(|(c, _)| c.as_str()).collect();
    let mut notices = Vec::new();
    if !lost.is_empty() {
        notices.push(format!(
            "{} areas have no boundary and touch none: {}",
            lost.len(),
            first_five(&lost)
        ));
    }
    if foreign > 0 {
        notices.push(format!(
            "{foreign} features are left out: their \"{key}\" is none of the areas' codes"
        ));
    }
    notices
}

/// The first five of some codes.
pub(super) fn first_five(codes: &[&str]) -> String {
    format!(
        "{}{}",
        codes[..codes.len().min(5)].join(", "),
        if codes.len() > 5 { ", …" } else { "" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A collection of unit squares side by side, each with its properties.
    fn squares(properties: &[&str]) -> String {
        let square = |(i, p): (usize, &&str)| {
            let (a, b) = (i, i + 1);
            format!(
                r#"{{"type":"Feature","properties":{p},"geometry":{{"type":"Polygon","coordinates":[[[{a},0],[{b},0],[{b},1],[{a},1],[{a},0]]]}}}}"#
            )
        };
        let features: Vec<String> = properties.iter().enumerate().map(square).collect();
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
    }

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|c| (*c).to_owned()).collect()
    }

    #[test]
    fn the_code_is_found_under_any_name_as_text_or_number_or_padded() {
        let text =
            squares(&[r#"{"n":7,"XZQDM":620981100.0}"#, r#"{"n":8,"XZQDM":"620981101000"}"#]);
        let (got, notices) =
            shapes(&text, &codes(&["620981100", "620981101", "620981102"])).unwrap();
        assert_eq!(got.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(notices, ["1 areas have no boundary and touch none: 620981102"]);
    }

    #[test]
    fn a_county_code_beside_it_does_not_win() {
        let text = squares(&[
            r#"{"county_code":"67000","code":"67000010"}"#,
            r#"{"county_code":"67000","code":"67000020"}"#,
            "{}",
        ]);
        let (got, notices) = shapes(&text, &codes(&["67000", "67000010", "67000020"])).unwrap();
        assert_eq!(got.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true]);
        assert!(
            notices[1].contains("1 features") && notices[1].contains("\"code\""),
            "{notices:?}"
        );
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_what_was_seen() {
        let flaw = |text: &str| shapes(text, &codes(&["1"])).err().unwrap().to_string();
        assert!(
            flaw(&squares(&[r#"{"name":"新營區"}"#]))
                .contains("the first feature has name = 新營區")
        );
        assert!(
            flaw("{").contains("no GeoJSON")
                && flaw(r#"{"type":"Point","coordinates":[1,2]}"#).contains("bare geometry")
        );
        assert!(flaw(r#"{"type":"FeatureCollection","features":[]}"#).contains("no property"));
        assert!(
            flaw(&squares(&[r#"{"code":1}"#]).replace("[0,0]", "[500000,2500000]"))
                .contains("not in degrees")
        );
    }

    #[test]
    fn points_null_geometries_and_short_positions_are_no_boundaries() {
        for geometry in [
            "null",
            r#"{"type":"Point","coordinates":[1,2]}"#,
            r#"{"type":"Polygon","coordinates":[]}"#,
        ] {
            let text = format!(
                r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"code":"1"}},"geometry":{geometry}}}]}}"#
            );
            assert_eq!(shapes(&text, &codes(&["1"])).unwrap().0, [None], "{geometry}");
        }
    }
}
