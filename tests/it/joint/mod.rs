//! The joint between a domain's SQL and its figures: events written by hand, delivered to a county
//! of two townships, and what June 2025 comes to.
//!
//! Each file is one domain: what its events come to in the panel and in the scores, then what
//! becomes of that where a cell is blank and where a column is missing. Figures are the bundled
//! model's, with goalposts from nothing to ten a month for what is held against an exposure and
//! from 0 to 1 for shares, so that a score can be read off: three events of ten make 70.

mod county;
mod disputes;
mod fraud_crime;
mod key_groups;
mod litigation;
mod measures;
mod petitions;
mod public_opinion;
mod public_order;
mod public_safety;
mod requests;
mod traffic;

/// Days of June, as a share of a year.
pub const JUNE: f64 = 30.0 / 365.25;
/// Residents of each township, times the share of the year.
pub const RESIDENT_YEARS: f64 = 20_000.0 * JUNE;
/// Vehicles of each township, likewise.
pub const VEHICLE_YEARS: f64 = 8_000.0 * JUNE;
/// Enterprises of each township, likewise.
pub const ENTERPRISE_YEARS: f64 = 400.0 * JUNE;

/// Per 10,000 residents and year.
pub fn per_10_000_residents(n: f64) -> f64 {
    n / RESIDENT_YEARS * 10_000.0
}

/// Per 10,000 vehicles and year.
pub fn per_10_000_vehicles(n: f64) -> f64 {
    n / VEHICLE_YEARS * 10_000.0
}

/// Per 10,000 enterprises and year.
pub fn per_10_000_enterprises(n: f64) -> f64 {
    n / ENTERPRISE_YEARS * 10_000.0
}
