//! Which finding is explained by which injected incident.
//!
//! Same domain; the incident's category, or all together; one of its townships, or the county; and
//! a period that overlaps the incident's days and the week after, in which late reports still come.
//! A cluster is explained where its circle holds one of the townships. An outage explains nothing:
//! it is to be reported as missing.

use chrono::{Days, NaiveDate};
use pingan::detect::watch::Key;
use pingan::detect::{Detail, Finding, Kind};
use pingan::synth::{Simulated, Truth};

/// Days after an incident in which its late reports are still news.
const AFTERMATH: u64 = 7;

/// A finding as it is held against the truth.
#[derive(Clone, Debug)]
pub struct Claim {
    pub kind: Kind,
    pub domain: String,
    pub category: String,
    pub areas: Vec<String>,
    pub period: (NaiveDate, NaiveDate),
}

/// Why something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Incident,
    Nothing,
}

impl Claim {
    pub fn new(finding: &Finding) -> Claim {
        let areas = match &finding.detail {
            Detail::Cluster(cluster) => cluster.areas.clone(),
            _ => vec![finding.area_code.clone()],
        };
        Claim {
            kind: finding.kind(),
            domain: finding.domain.clone(),
            category: finding.category.clone(),
            areas,
            period: finding.period,
        }
    }

    /// Of a series.
    pub fn of_series(key: &Key, kind: Kind, period: (NaiveDate, NaiveDate)) -> Claim {
        Claim {
            kind,
            domain: key.domain.clone(),
            category: key.category.clone(),
            areas: vec![key.area.clone()],
            period,
        }
    }

    /// Whether an incident explains it.
    pub fn explained_by(&self, incident: &Truth, root: &str) -> bool {
        let when =
            incident.start <= self.period.1 && self.period.0 <= incident.end + Days::new(AFTERMATH);
        let what = incident.domain == self.domain
            && (self.category.is_empty() || self.category == incident.category);
        incident.kind != "outage"
            && when
            && what
            && self.areas.iter().any(|a| a == root || incident.areas.contains(a))
    }

    /// Whether it points at the incident itself: at its township, or at its category in the county.
    pub fn points_at(&self, incident: &Truth, root: &str) -> bool {
        let somewhere = !self.category.is_empty() || self.areas.iter().all(|a| a != root);
        somewhere && self.explained_by(incident, root)
    }

    /// Why it was found.
    pub fn why(&self, county: &Simulated) -> Why {
        let root = &county.register.root().code;
        match county.incidents.iter().any(|i| self.explained_by(i, root)) {
            true => Why::Incident,
            false => Why::Nothing,
        }
    }
}
