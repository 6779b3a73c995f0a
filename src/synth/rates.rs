//! How often what happens where: the intensity of domain × category × township × day.

use chrono::{Datelike, NaiveDate};
use rand_distr::Distribution;
use statrs::distribution::{ContinuousCDF, LogNormal};

use super::Span;
use super::county::{County, Township};
use super::courses::{self, Course};
use super::festival::{self, Season};
use super::streams::{lognormal, stream};

/// What a category's events come from.
#[derive(Clone, Copy, Debug)]
pub enum Basis {
    People,
    Vehicles,
    Enterprises,
}

/// How Spring Festival changes a category.
#[derive(Clone, Copy, Debug)]
pub enum Festival {
    /// Rests in the seven days.
    Rests,
    /// Goes on.
    Same,
    /// Rises by this share towards the eve, then rests.
    Rises(f64),
}

/// One category of a domain.
#[derive(Debug)]
pub struct Category {
    pub code: &'static str,
    /// Share of the domain's events.
    pub share: f64,
    pub basis: Basis,
    pub festival: Festival,
    /// Amplitude of its own annual wave and the day of the year of its peak; without, the domain's.
    pub wave: Option<(f64, f64)>,
}

/// One domain's rhythm.
#[derive(Debug)]
pub struct Rhythm {
    pub id: &'static str,
    /// Begins its event identifiers.
    pub prefix: &'static str,
    /// Share of all events.
    pub share: f64,
    /// Monday to Sunday.
    pub week: [f64; 7],
    /// Amplitude of the annual wave and the day of the year of its peak.
    pub wave: (f64, f64),
    /// Growth a year, as a share.
    pub trend: f64,
    /// Shape of the gamma day effect: the smaller, the more overdispersed.
    pub shape: f64,
    pub categories: &'static [Category],
}

const fn cat(code: &'static str, share: f64) -> Category {
    Category { code, share, basis: Basis::People, festival: Festival::Rests, wave: None }
}

impl Category {
    const fn basis(mut self, basis: Basis) -> Self {
        self.basis = basis;
        self
    }
    const fn at_festival(mut self, festival: Festival) -> Self {
        self.festival = festival;
        self
    }
    const fn wave(mut self, amplitude: f64, peak: f64) -> Self {
        self.wave = Some((amplitude, peak));
        self
    }
}

const ALWAYS: [f64; 7] = [0.95, 0.94, 0.95, 0.98, 1.08, 1.12, 0.98];
const OFFICE: [f64; 7] = [1.25, 1.18, 1.12, 1.1, 1.15, 0.7, 0.5];
const COURT: [f64; 7] = [1.45, 1.4, 1.35, 1.3, 1.3, 0.12, 0.08];

use Basis::{Enterprises, Vehicles};
use Festival::{Rises, Same};

/// The ten domains, in the order of `lake::schema::DOMAINS`.
pub static RHYTHMS: [Rhythm; 10] = [
    Rhythm {
        id: "public_order",
        prefix: "PO",
        share: 0.15,
        week: ALWAYS,
        wave: (0.15, 205.0),
        trend: -0.03,
        shape: 5.0,
        categories: &[
            cat("assault", 0.2),
            cat("theft", 0.27).wave(0.1, 300.0),
            cat("domestic_violence", 0.12).at_festival(Same),
            cat("disturbance", 0.2),
            cat("gambling", 0.08).wave(0.35, 20.0),
            cat("drugs", 0.01),
            cat("other", 0.12),
        ],
    },
    Rhythm {
        id: "fraud_crime",
        prefix: "FC",
        share: 0.03,
        week: ALWAYS,
        wave: (0.05, 330.0),
        trend: 0.04,
        shape: 4.0,
        categories: &[
            cat("serious_violent", 0.03),
            cat("telecom_fraud", 0.5),
            cat("fraud", 0.15),
            cat("theft_crime", 0.2),
            cat("illegal_fundraising", 0.03).basis(Enterprises),
            cat("other", 0.09),
        ],
    },
    Rhythm {
        id: "traffic",
        prefix: "TR",
        share: 0.12,
        week: ALWAYS,
        wave: (0.12, 270.0),
        trend: 0.02,
        shape: 4.0,
        categories: &[
            cat("crash", 0.3).basis(Vehicles),
            cat("fatal_crash", 0.004).basis(Vehicles).at_festival(Same),
            cat("drunk_driving", 0.09).basis(Vehicles).at_festival(Same),
            cat("violation", 0.55).basis(Vehicles),
            cat("other", 0.056).basis(Vehicles),
        ],
    },
    Rhythm {
        id: "public_safety",
        prefix: "PS",
        share: 0.02,
        week: ALWAYS,
        wave: (0.1, 60.0),
        trend: -0.02,
        shape: 4.0,
        categories: &[
            cat("fire", 0.45).at_festival(Same).wave(0.35, 45.0),
            cat("workplace", 0.18).basis(Enterprises),
            cat("disaster", 0.07).wave(0.7, 205.0),
            cat("campus", 0.08).wave(0.3, 120.0),
            cat("food", 0.08).wave(0.5, 200.0),
            cat("drowning", 0.015).wave(0.9, 205.0),
            cat("epidemic", 0.04).wave(0.5, 10.0),
            cat("other", 0.085),
        ],
    },
    Rhythm {
        id: "disputes",
        prefix: "DI",
        share: 0.12,
        week: OFFICE,
        wave: (0.08, 150.0),
        trend: 0.03,
        shape: 4.0,
        categories: &[
            cat("marriage_family", 0.18),
            cat("neighbour", 0.18),
            cat("housing_homestead", 0.06),
            cat("contract", 0.07),
            cat("business", 0.04).basis(Enterprises),
            cat("damages", 0.06),
            cat("land_forest", 0.07).wave(0.3, 110.0),
            cat("expropriation", 0.02),
            cat("environment", 0.02),
            cat("wage_arrears", 0.07).basis(Enterprises).at_festival(Rises(2.0)),
            cat("other_labour", 0.04).basis(Enterprises).at_festival(Rises(1.0)),
            cat("tourism", 0.005).wave(0.6, 200.0),
            cat("e_commerce", 0.01),
            cat("consumer", 0.03),
            cat("medical", 0.01),
            cat("road_accident", 0.06).basis(Vehicles),
            cat("property_management", 0.035),
            cat("other", 0.04),
        ],
    },
    Rhythm {
        id: "petitions",
        prefix: "PE",
        share: 0.04,
        week: OFFICE,
        wave: (0.05, 75.0),
        trend: -0.05,
        shape: 3.0,
        categories: &[
            cat("land", 0.22),
            cat("wages", 0.17).basis(Enterprises).at_festival(Rises(2.0)),
            cat("housing", 0.14),
            cat("law_related", 0.13),
            cat("environment", 0.06),
            cat("pensions", 0.1),
            cat("veterans", 0.04),
            cat("other", 0.14),
        ],
    },
    Rhythm {
        id: "litigation",
        prefix: "LI",
        share: 0.06,
        week: COURT,
        wave: (0.12, 170.0),
        trend: 0.05,
        shape: 5.0,
        categories: &[
            cat("private_lending", 0.28),
            cat("marriage_family", 0.2),
            cat("contract", 0.24),
            cat("labour", 0.07).basis(Enterprises),
            cat("tort", 0.09).basis(Vehicles),
            cat("property", 0.06),
            cat("administrative", 0.02),
            cat("other", 0.04),
        ],
    },
    Rhythm {
        id: "requests",
        prefix: "RE",
        share: 0.35,
        week: OFFICE,
        wave: (0.08, 190.0),
        trend: 0.06,
        shape: 4.0,
        categories: &[
            cat("noise", 0.14).wave(0.25, 200.0),
            cat("sanitation", 0.17),
            cat("street_lights", 0.07).wave(0.2, 350.0),
            cat("roads", 0.1),
            cat("utilities", 0.15).at_festival(Same).wave(0.5, 5.0),
            cat("parking", 0.11),
            cat("transport", 0.05),
            cat("animals", 0.04),
            cat("arcades", 0.05).wave(0.25, 190.0),
            cat("earthquake", 0.001),
            cat("natural_disaster", 0.009).wave(0.7, 205.0),
            cat("epidemic", 0.01),
            cat("building", 0.02),
            cat("social_security", 0.04),
            cat("other", 0.04),
        ],
    },
    Rhythm {
        id: "public_opinion",
        prefix: "OP",
        share: 0.03,
        week: ALWAYS,
        wave: (0.05, 190.0),
        trend: 0.05,
        shape: 2.5,
        categories: &[
            cat("livelihood", 0.42),
            cat("public_security", 0.12),
            cat("environment", 0.12),
            cat("education", 0.13),
            cat("official_conduct", 0.08),
            cat("rumour", 0.04),
            cat("other", 0.09),
        ],
    },
    Rhythm {
        id: "key_groups",
        prefix: "KG",
        share: 0.08,
        week: OFFICE,
        wave: (0.02, 150.0),
        trend: 0.02,
        shape: 8.0,
        categories: &[
            cat("visit", 0.8),
            cat("mental", 0.05).wave(0.3, 110.0),
            cat("minors", 0.05),
            cat("released", 0.03),
            cat("community_correction", 0.04),
            cat("drug_rehab", 0.01),
            cat("other", 0.02),
        ],
    },
];

impl Rhythm {
    /// Position of a category's code.
    pub fn category(&self, code: &str) -> Option<usize> {
        self.categories.iter().position(|c| c.code == code)
    }

    fn calm(&self, day: NaiveDate, years: f64) -> f64 {
        self.week[day.weekday().num_days_from_monday() as usize]
            * (1.0 + self.trend * years).max(0.1)
    }

    fn seasonal(&self, category: &Category, day: NaiveDate) -> f64 {
        let (amplitude, peak) = category.wave.unwrap_or(self.wave);
        let annual = 1.0
            + amplitude
                * (std::f64::consts::TAU * (f64::from(day.ordinal()) - peak) / 365.25).cos();
        annual * festive(category.festival, festival::season(day))
    }
}

fn festive(effect: Festival, season: Season) -> f64 {
    match (effect, season) {
        (Rises(by), Season::Before(x)) => 1.0 + by * x,
        (Same, _) | (_, Season::Ordinary | Season::Before(_)) => 1.0,
        (_, Season::Rest) => 0.3,
    }
}

/// Days in which a domain's feed delivers nothing, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    pub domain: usize,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// One domain's intensities over the span.
#[derive(Clone, Debug)]
pub struct Rates {
    pub domain: usize,
    /// Expected events, without the gamma day effect: `[category][day]` for a township of weight 1.
    profile: Vec<Vec<f64>>,
    /// `[township][category]`: share of the exposure times the township's effect.
    places: Vec<Vec<f64>>,
    /// Brings the sum over everything to the domain's number of events.
    scale: f64,
}

impl Rates {
    /// Intensities of domain number `domain`, which has `events` events; none on days of silence.
    pub fn new(
        domain: usize,
        events: f64,
        span: &Span,
        county: &County,
        silences: &[Silence],
    ) -> Rates {
        let rhythm = &RHYTHMS[domain];
        let reported = reported_by_end(&courses::COURSES[domain], span.days());
        let base: Vec<f64> = span
            .dates()
            .zip(&reported)
            .map(|(day, p)| {
                let silent =
                    silences.iter().any(|s| s.domain == domain && s.first <= day && day <= s.last);
                if silent { 0.0 } else { p * rhythm.calm(day, span.years_before(day)) }
            })
            .collect();
        let profile: Vec<Vec<f64>> = rhythm
            .categories
            .iter()
            .map(|c| {
                span.dates()
                    .zip(&base)
                    .map(|(day, b)| c.share * b * rhythm.seasonal(c, day))
                    .collect()
            })
            .collect();
        let places: Vec<Vec<f64>> =
            county.townships.iter().map(|t| place_weights(rhythm, t, county, span.seed)).collect();
        let sums: Vec<f64> = profile.iter().map(|days| days.iter().sum()).collect();
        let total: f64 =
            places.iter().map(|p| p.iter().zip(&sums).map(|(w, s)| w * s).sum::<f64>()).sum();
        Rates { domain, profile, places, scale: events / total }
    }

    /// Expected events of a category in a township on the day at position `day` of the span.
    pub fn expected(&self, category: usize, township: usize, day: usize) -> f64 {
        self.scale * self.places[township][category] * self.profile[category][day]
    }

    /// The same over all categories.
    pub fn expected_all(&self, township: usize, day: usize) -> f64 {
        (0..self.profile.len()).map(|c| self.expected(c, township, day)).sum()
    }

    /// Expected events of a category in a township over the whole span.
    pub fn expected_total(&self, category: usize, township: usize) -> f64 {
        self.scale * self.places[township][category] * self.profile[category].iter().sum::<f64>()
    }

    /// Expected events of each day in a township times its gamma day effect.
    pub fn lively_days(&self, township: usize, rng: &mut rand::rngs::ChaCha8Rng) -> Vec<f64> {
        let shape = RHYTHMS[self.domain].shape;
        let gamma = rand_distr::Gamma::new(shape, 1.0 / shape);
        let days = self.profile.first().map_or(0, Vec::len);
        (0..days)
            .map(|d| self.expected_all(township, d) * gamma.map_or(1.0, |g| g.sample(rng)))
            .collect()
    }
}

/// Chance that an event of each day is known by the end of the span: what is not is nowhere in the
/// files.
fn reported_by_end(course: &Course, days: usize) -> Vec<f64> {
    let Ok(delay) = LogNormal::new(course.delay_hours.ln(), course.delay_sd) else {
        return vec![1.0; days];
    };
    (0..days).map(|d| delay.cdf(((days - d) as f64 - 0.5) * 24.0)).collect()
}

fn place_weights(rhythm: &Rhythm, township: &Township, county: &County, seed: u64) -> Vec<f64> {
    let effect = lognormal(&mut stream(seed, &["effect", rhythm.id, &township.code]), 1.0, 0.25);
    let share = |part: u64, all: u64| part as f64 / all.max(1) as f64;
    let of = |basis| match basis {
        Basis::People => share(township.population, county.population),
        Basis::Vehicles => share(township.vehicles, county.vehicles),
        Basis::Enterprises => share(township.enterprises, county.enterprises),
    };
    rhythm.categories.iter().map(|c| effect * of(c.basis)).collect()
}
