//! The map of the areas by their band.

use lake::error::{At, Error, Result};
use methods::detect::neighbours::outlines;
use render::map::{Map, MapArea};
use render::report::Format;

use super::inputs::Inputs;
use super::text::month_name;

/// The map of the areas that are scored; `href` gives the page that an area leads to.
///
/// # Errors
/// [`Error::Input`] where `areas.geojson` cannot be used.
pub fn map(inputs: &Inputs, href: &dyn Fn(&str) -> String) -> Result<Map> {
    let file = inputs.job.workspace.root.join("areas.geojson");
    let codes: Vec<String> = inputs.areas[1..].iter().map(|a| a.code.clone()).collect();
    let mut rings = vec![Vec::new(); codes.len()];
    if file.is_file() {
        let text = std::fs::read_to_string(&file).at(&file)?;
        rings = outlines(&text, &codes).map_err(|flaw| Error::input(&file, flaw.what, flaw.fix))?;
    }
    let area = |(at, rings): (usize, Vec<Vec<(f64, f64)>>)| {
        let area = inputs.areas[at + 1];
        let now = inputs.score("index", at + 1, 0);
        let band = now.and_then(|s| s.band.clone()).unwrap_or_default();
        MapArea {
            name: area.name.clone(),
            href: href(&area.code),
            figure: now.and_then(|s| s.score).map(|s| Format::Decimal(1).text(s)),
            colour: colour(inputs, &band),
            band,
            point: area.lon.zip(area.lat),
            rings,
        }
    };
    let areas: Vec<MapArea> = rings.into_iter().enumerate().map(area).collect();
    let month = month_name(inputs.month().start);
    Ok(Map {
        title: format!("{month}各乡镇（街道）平安指数等级（无数据的画斜线）"),
        alt: format!("{month}各乡镇（街道）平安指数等级图，数字同表"),
        areas,
    })
}

/// The colour of a band of the model.
pub fn colour(inputs: &Inputs, band: &str) -> Option<String> {
    let bands = &inputs.sources.model.band;
    bands.iter().find(|b| b.name == band).map(|b| b.colour.clone())
}
