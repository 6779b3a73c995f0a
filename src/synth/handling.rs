//! How a case was handled: who had it, in which form, whether it came back, where it went next.
//!
//! Drawn from streams of their own, so that nothing else that is simulated depends on it.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use lake::schema::{Column, DERIVED_COLUMNS, Domain, HANDLING};

use super::streams::{choose, stream};
use super::version::{Handling, Minute, Version};

/// Domains of which it is simulated how events were handled.
const HANDLED: [&str; 3] = ["disputes", "petitions", "requests"];

/// Columns of a domain that are simulated.
pub fn columns(domain: &'static Domain) -> impl Iterator<Item = &'static Column> {
    let handled = HANDLED.contains(&domain.id);
    let says = move |c: &&Column| handled || HANDLING.iter().all(|h| h.name != c.name);
    domain.columns().filter(says).filter(|c| !DERIVED_COLUMNS.contains(&c.name))
}

/// Share of cases of which nobody wrote down the unit.
const UNASSIGNED: f64 = 0.03;
/// Share of closed requests of which nothing came.
const UNSOLVED: f64 = 0.06;
const RELAPSED: f64 = 0.04;

/// Fills in how an event was handled, in all its versions.
pub fn handle(domain: &str, versions: &mut [Version]) {
    if !HANDLED.contains(&domain) {
        return;
    }
    for version in versions {
        // Each version draws the same: what one says the next says too, unless it ended between.
        let rng = &mut stream(version.occurred as u64, &[&version.event_id(), "handling"]);
        version.handling = match domain {
            "disputes" => dispute(rng, version),
            "petitions" => petition(rng, version),
            "requests" => {
                let failed = rng.random_bool(UNSOLVED) && version.outcome.is_some();
                version.outcome = if failed { Some("failed") } else { version.outcome };
                request(rng, version)
            }
            _ => Handling::default(),
        };
    }
}

fn dispute(rng: &mut ChaCha8Rng, v: &Version) -> Handling {
    let unit = match v.category_code() {
        "wage_arrears" | "other_labour" => "human_resources",
        "housing_homestead" | "land_forest" | "expropriation" => "natural_resources",
        "property_management" => "housing",
        "medical" => "health",
        "road_accident" => "traffic_police",
        "consumer" | "e_commerce" | "business" => "market",
        "environment" => "environment",
        "marriage_family" | "neighbour" => "township",
        _ => "justice",
    };
    let mut handling = common(rng, v, unit);
    let on_site = rng.random_bool(0.45);
    handling.on_site =
        v.outcome.filter(|_| v.channel == Some("police")).map(|o| on_site && o == "mediated");
    next_steps(rng, v, &mut handling);
    handling
}

/// Where a dispute went that was not settled.
fn next_steps(rng: &mut ChaCha8Rng, v: &Version, handling: &mut Handling) {
    let first = after(rng, v);
    let (sued, reconsidered, petitioned) =
        (rng.random_bool(0.4), rng.random_bool(0.35), rng.random_bool(0.25));
    let next = |taken: bool, minutes| first.filter(|_| taken).map(|at| at + minutes);
    match (v.outcome, v.category_code()) {
        (Some("failed" | "to_court"), "wage_arrears" | "other_labour") => {
            handling.arbitrated = first;
            handling.sued = next(sued, 1);
        }
        (Some("failed" | "to_court"), "land_forest" | "expropriation" | "housing_homestead") => {
            handling.adjudicated = first;
            handling.reconsidered = next(reconsidered, 1);
            handling.petitioned = next(petitioned, 2);
        }
        (Some("to_court"), _) => handling.sued = first,
        (Some("failed"), _) => handling.petitioned = next(petitioned, 0),
        _ => {}
    }
}

fn petition(rng: &mut ChaCha8Rng, v: &Version) -> Handling {
    let unit = match v.category_code() {
        "land" => "natural_resources",
        "wages" | "pensions" => "human_resources",
        "housing" => "housing",
        "law_related" => "court",
        "environment" => "environment",
        "veterans" => "civil_affairs",
        _ => "township",
    };
    let mut handling = common(rng, v, unit);
    let letter = rng.random_bool(0.15);
    handling.form = match v.channel {
        Some("window") if letter && !v.collective => Some("letter"),
        Some("window") => Some("visit"),
        Some("online") => Some("online"),
        Some("hotline") => Some("phone"),
        _ => None,
    };
    handling
}

fn request(rng: &mut ChaCha8Rng, v: &Version) -> Handling {
    let unit = match v.category_code() {
        "noise" | "sanitation" | "arcades" | "animals" => "urban_management",
        "street_lights" | "utilities" => "utilities",
        "roads" | "transport" => "transport",
        "parking" => "traffic_police",
        "building" => "housing",
        "social_security" => "human_resources",
        "epidemic" => "health",
        "earthquake" | "natural_disaster" => "emergency",
        _ => "township",
    };
    let mut handling = common(rng, v, unit);
    let form = choose(rng, &[("immediate", 0.55), ("timed", 0.35), ("joint", 0.1)]);
    handling.form = form.filter(|_| v.channel == Some("enterprise_code"));
    handling
}

/// What all three have.
fn common(rng: &mut ChaCha8Rng, v: &Version, unit: &'static str) -> Handling {
    let until_accepted = v.accepted.map_or(1, |a| (a - v.occurred).max(1));
    let reported = v.occurred + rng.random_range(0..until_accepted);
    let unit = (!rng.random_bool(UNASSIGNED)).then_some(unit);
    let (reassigned, extended) = (rng.random_bool(0.06), rng.random_bool(0.08));
    let (revisited, relapsed) = (after(rng, v), rng.random_bool(RELAPSED));
    let revisited = revisited.filter(|_| v.satisfaction.is_some());
    Handling {
        reported: Some(reported),
        unit,
        reassigned: Some(reassigned),
        extended: v.due.map(|_| extended),
        revisited,
        relapsed: revisited.map(|_| relapsed),
        ..Handling::default()
    }
}

/// A time between the end of a case and the version that first told it, which comes five minutes
/// later at the earliest.
fn after(rng: &mut ChaCha8Rng, v: &Version) -> Option<Minute> {
    let minutes = rng.random_range(1..=3);
    v.resolved.map(|at| at + minutes)
}
