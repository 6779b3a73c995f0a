//! The county simulated: its register with made-up exposures, and its townships as the simulation
//! walks them.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use lake::areas::{Area, Exposure, Register};
use lake::{Error, Result};

use super::streams::{lognormal, stream};

/// Where simulated townships are strewn about: the country's geodetic origin, so that nobody takes
/// the positions for surveyed.
const CENTRE: (f64, f64) = (108.92, 34.53);

/// A village as the simulation needs it.
pub struct Village {
    pub code: String,
    pub name: String,
    pub population: u64,
}

/// A township as the simulation needs it.
pub struct Township {
    pub code: String,
    pub name: String,
    pub population: u64,
    pub vehicles: u64,
    pub enterprises: u64,
    pub villages: Vec<Village>,
    households: u64,
    lon: f64,
    lat: f64,
}

/// The simulated county.
pub struct County {
    pub name: String,
    pub register: Register,
    pub townships: Vec<Township>,
    pub population: u64,
    pub vehicles: u64,
    pub enterprises: u64,
}

impl County {
    /// Gives the areas of a county populations, households, vehicles, enterprises and positions.
    ///
    /// # Errors
    /// [`Error::Usage`] where the county has no townships; [`Error::Config`] where the areas are no
    /// register.
    pub fn simulate(mut areas: Vec<Area>, seed: u64) -> Result<County> {
        areas.sort_by(|a, b| a.code.cmp(&b.code));
        let Some(root) = areas.iter().find(|a| a.parent.is_none()) else {
            return Err(Error::usage(
                "the county is not in the register of divisions",
                "give the six-digit code of a county",
            ));
        };
        let name = root.name.clone();
        let townships: Vec<Township> = areas
            .iter()
            .filter(|a| a.level == "township")
            .map(|a| township(a, &areas, seed))
            .collect();
        if townships.is_empty() {
            return Err(Error::usage(
                format!("{name} has no townships"),
                "give the six-digit code of a county",
            ));
        }
        for area in &mut areas {
            fill(area, &townships);
        }
        let sum = |f: fn(&Township) -> u64| townships.iter().map(f).sum();
        let (population, vehicles, enterprises) =
            (sum(|t| t.population), sum(|t| t.vehicles), sum(|t| t.enterprises));
        Ok(County {
            name,
            register: Register::new(areas)?,
            townships,
            population,
            vehicles,
            enterprises,
        })
    }
}

impl Township {
    /// Distance in degrees of latitude, near enough to order neighbours.
    pub fn distance(&self, other: &Township) -> f64 {
        let east = (self.lon - other.lon) * self.lat.to_radians().cos();
        east.hypot(self.lat - other.lat)
    }
}

fn township(area: &Area, areas: &[Area], seed: u64) -> Township {
    let mut rng = stream(seed, &["exposures", &area.code]);
    let urban = area.name.ends_with("街道");
    // A street is a town's quarter, a township 乡 is thinly settled, and a farm or park 农场, 园区
    // has few residents.
    let median = if urban {
        24_000.0
    } else if area.name.ends_with('镇') {
        11_000.0
    } else {
        5_000.0
    };
    let population = lognormal(&mut rng, median, 0.4).round().max(300.0);
    let households = (population / rng.random_range(2.5..3.3)).round();
    let vehicles = (population * lognormal(&mut rng, if urban { 0.3 } else { 0.22 }, 0.15)).round();
    let enterprises =
        (population * lognormal(&mut rng, if urban { 0.035 } else { 0.016 }, 0.3)).round().max(1.0);
    let (turn, far) = (
        rng.random_range(0.0..std::f64::consts::TAU),
        if urban { 0.04 } else { 0.45 } * rng.random::<f64>().sqrt(),
    );
    let villages = villages(area, areas, population as u64, &mut rng);
    Township {
        code: area.code.clone(),
        name: area.name.clone(),
        population: population as u64,
        households: households as u64,
        vehicles: vehicles as u64,
        enterprises: enterprises as u64,
        villages,
        lon: ((CENTRE.0 + far * turn.cos()) * 1e4).round() / 1e4,
        lat: ((CENTRE.1 + far * turn.sin()) * 1e4).round() / 1e4,
    }
}

/// The township's villages with the residents shared out among them, none lost.
fn villages(
    township: &Area,
    areas: &[Area],
    population: u64,
    rng: &mut ChaCha8Rng,
) -> Vec<Village> {
    let below: Vec<&Area> = areas
        .iter()
        .filter(|a| a.level == "village" && a.parent.as_ref() == Some(&township.code))
        .collect();
    let weights: Vec<f64> = below.iter().map(|_| lognormal(rng, 1.0, 0.4)).collect();
    let (mut left, mut weight_left) = (population, weights.iter().sum::<f64>());
    let mut villages = Vec::new();
    for (area, weight) in below.iter().zip(weights) {
        let here = ((left as f64 * weight / weight_left).round() as u64).min(left);
        left -= here;
        weight_left = (weight_left - weight).max(f64::MIN_POSITIVE);
        villages.push(Village {
            code: area.code.clone(),
            name: area.name.clone(),
            population: here,
        });
    }
    villages
}

/// Grids of a village.
const GRIDS: usize = 4;

/// The exposures of a township.
fn exposure(t: &Township) -> Exposure {
    let grids = (GRIDS * t.villages.len()) as u64;
    Exposure::of(|name| {
        let figure = match name {
            "population" => t.population,
            "households" => t.households,
            "vehicles" => t.vehicles,
            "enterprises" => t.enterprises,
            "floating_population" => t.population / 12,
            "rental_houses" => t.households / 15,
            "hotels" => t.enterprises / 30,
            "grids" | "grid_workers" => grids,
            "mediation_rooms" => t.villages.len() as u64 + 1,
            _ => return None,
        };
        Some(figure as f64)
    })
}

fn fill(area: &mut Area, townships: &[Township]) {
    if area.parent.is_none() {
        let sum = |name: &str| townships.iter().map(|t| exposure(t).get(name)).sum();
        area.exposure = Exposure::of(sum);
    } else if let Some(t) = townships.iter().find(|t| t.code == area.code) {
        area.exposure = exposure(t);
        (area.lon, area.lat) = (Some(t.lon), Some(t.lat));
    } else if let Some(v) = townships.iter().flat_map(|t| &t.villages).find(|v| v.code == area.code)
    {
        area.exposure.set("population", Some(v.population as f64));
    }
}
