//! The districts of Tainan: which touch, and where they lie.

use std::path::Path;

use methods::detect::neighbours::{Neighbours, Place, Source, neighbours};

use crate::shared_data::shared;

/// Districts with their names, read from the boundaries.
fn districts(file: &Path) -> (Neighbours, Vec<String>) {
    let text = std::fs::read_to_string(file).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let property = |name: &str| -> Vec<String> {
        parsed["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["properties"][name].as_str().unwrap().to_owned())
            .collect()
    };
    let places: Vec<Place> =
        property("code").into_iter().map(|code| Place { code, ..Place::default() }).collect();
    let got = neighbours(&places, Some(&text), 0.05).unwrap();
    assert_eq!(got.notices, [""; 0]);
    (got.value, property("name"))
}

#[test]
fn districts_that_touch_on_the_map_are_neighbours() {
    let Some(file) = shared("real/tainan/tainan_districts.geojson") else { return };
    let (got, names) = districts(&file);
    assert_eq!((got.codes.len(), got.source), (37, Source::Boundaries));
    let at = |name: &str| names.iter().position(|n| n == name).unwrap();
    let touch = |a: &str, b: &str| got.adjacent[[at(a), at(b)]];
    for (a, b) in [
        ("中西區", "北區"),
        ("中西區", "東區"),
        ("中西區", "南區"),
        ("中西區", "安平區"),
        ("東區", "永康區"),
        ("東區", "仁德區"),
        ("北區", "永康區"),
        ("北區", "安南區"),
        ("新營區", "鹽水區"),
        ("新營區", "後壁區"),
        ("新營區", "柳營區"),
        ("玉井區", "南化區"),
        ("白河區", "東山區"),
    ] {
        assert!(touch(a, b) && touch(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("中西區", "永康區"),
        ("新營區", "東區"),
        ("北門區", "白河區"),
        ("安平區", "東區"),
        ("龍崎區", "仁德區"),
        ("七股區", "麻豆區"),
    ] {
        assert!(!touch(a, b), "{a} {b}");
    }
    assert!(got.adjacent.rows().into_iter().all(|row| row.iter().any(|a| *a)));
    let km = got.km[[at("中西區"), at("新營區")]];
    assert!((35.0..38.0).contains(&km), "{km}");
}

#[test]
fn centroids_are_those_the_source_gives() {
    let Some(file) = shared("real/tainan/tainan_districts.geojson") else { return };
    let text = std::fs::read_to_string(&file).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let given = |f: &serde_json::Value| Place {
        code: f["properties"]["code"].as_str().unwrap().to_owned(),
        parent: None,
        lon_lat: Some((
            f["properties"]["cx"].as_f64().unwrap(),
            f["properties"]["cy"].as_f64().unwrap(),
        )),
    };
    let places: Vec<Place> = parsed["features"].as_array().unwrap().iter().map(given).collect();
    let (points, (boundaries, _)) =
        (neighbours(&places, None, 0.05).unwrap().value, districts(&file));
    assert_eq!(points.source, Source::Points);
    let worst =
        points.km.iter().zip(&boundaries.km).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 3.0, "{worst} km");
    // Most neighbours by points are neighbours by boundaries too.
    let both =
        points.adjacent.iter().zip(&boundaries.adjacent).filter(|(a, b)| **a && **b).count() as f64;
    let share = both / points.adjacent.iter().filter(|a| **a).count() as f64;
    assert!(share > 0.7, "{share}");
}
