//! Alarms: findings of single nights that something rose, and those that are one thing put together.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::incidents::Incident;
use crate::detect::{Detail, Finding, Kind};

/// Kinds that say that something rose.
pub const KINDS: [Kind; 4] = [Kind::Spike, Kind::Trend, Kind::Change, Kind::Cluster];
/// An alarm within so many days of another is of the same thing.
const SAME: i64 = 28;
/// Days after an incident in which its late reports are still news.
const AFTERMATH: u64 = 7;

/// A finding of one night that something rose.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    pub night: NaiveDate,
    pub kind: Kind,
    pub domain: String,
    /// Empty: all together.
    pub category: String,
    pub areas: BTreeSet<String>,
    pub period: (NaiveDate, NaiveDate),
    /// NaN where the kind is under no false discovery rate.
    pub q: f64,
}

/// Alarms of one thing, from the first night to the last.
#[derive(Clone, Debug)]
pub struct Episode {
    pub first: Alarm,
    pub last: NaiveDate,
    areas: BTreeSet<String>,
}

impl Alarm {
    /// `None` of a finding that says of nothing that it rose.
    pub fn new(finding: &Finding, night: NaiveDate) -> Option<Alarm> {
        if !KINDS.contains(&finding.kind()) {
            return None;
        }
        let areas = match &finding.detail {
            Detail::Cluster(cluster) => cluster.areas.iter().cloned().collect(),
            _ => BTreeSet::from([finding.area_code.clone()]),
        };
        Some(Alarm {
            night,
            kind: finding.kind(),
            domain: finding.domain.clone(),
            category: finding.category.clone(),
            areas,
            period: finding.period,
            q: finding.q,
        })
    }

    /// Whether it is within this false discovery rate.
    pub fn is_within(&self, rate: f64) -> bool {
        self.q.is_nan() || self.q <= rate
    }

    /// Whether it is of the whole.
    pub fn is_of_whole(&self, whole: &str) -> bool {
        self.areas.contains(whole)
    }

    /// Whether an incident explains it: the same domain; the same category, or one of them of all
    /// together; one of its areas, or the whole; and days that meet the incident's or those just
    /// after it.
    pub fn is_explained_by(&self, incident: &Incident, whole: &str) -> bool {
        let when =
            incident.from <= self.period.1 && self.period.0 <= incident.to + Days::new(AFTERMATH);
        let category = [&self.category, &incident.category];
        let what = self.domain == incident.domain
            && (category[0] == category[1] || category.iter().any(|c| c.is_empty()));
        let is_there = |area: &String| area == whole || self.areas.contains(area);
        when && what && (self.is_of_whole(whole) || incident.areas.iter().any(is_there))
    }

    /// Whether it points at the incident itself: at one of its areas, or at its category in the
    /// whole.
    pub fn points_at(&self, incident: &Incident, whole: &str) -> bool {
        let somewhere = !self.category.is_empty() || !self.is_of_whole(whole);
        self.night >= incident.from && somewhere && self.is_explained_by(incident, whole)
    }
}

/// Alarms in order of their nights, those that are one thing put together: of one kind, domain and
/// category, in an area of an earlier one, within four weeks.
pub fn episodes<'a>(alarms: impl Iterator<Item = &'a Alarm>) -> Vec<Episode> {
    let mut episodes: Vec<Episode> = Vec::new();
    for now in alarms {
        let same = |episode: &&mut Episode| {
            let first = &episode.first;
            (first.kind, &first.domain, &first.category) == (now.kind, &now.domain, &now.category)
                && (now.night - episode.last).num_days() <= SAME
                && !episode.areas.is_disjoint(&now.areas)
        };
        match episodes.iter_mut().find(same) {
            Some(episode) => {
                episode.last = now.night;
                episode.areas.extend(now.areas.iter().cloned());
            }
            None => episodes.push(Episode {
                first: now.clone(),
                last: now.night,
                areas: now.areas.clone(),
            }),
        }
    }
    episodes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn alarm(night: &str, area: &str, category: &str) -> Alarm {
        Alarm {
            night: day(night),
            kind: Kind::Spike,
            domain: "disputes".into(),
            category: category.into(),
            areas: BTreeSet::from([area.to_owned()]),
            period: (day(night) - Days::new(6), day(night)),
            q: 0.01,
        }
    }

    fn incident(areas: &[&str], category: &str) -> Incident {
        Incident {
            id: "1".into(),
            domain: "disputes".into(),
            category: category.into(),
            areas: areas.iter().map(|a| (*a).to_owned()).collect(),
            from: day("2025-03-01"),
            to: day("2025-03-10"),
        }
    }

    #[test]
    fn alarms_within_four_weeks_are_of_one_thing() {
        let nights = ["2025-03-01", "2025-03-08", "2025-04-05", "2025-05-10"];
        let all: Vec<Alarm> = nights.iter().map(|night| alarm(night, "a", "")).collect();
        let found = episodes(all.iter());
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].first.night, found[0].last), (day(nights[0]), day(nights[2])));
        let elsewhere = [alarm(nights[0], "a", ""), alarm(nights[1], "b", "")];
        assert_eq!(episodes(elsewhere.iter()).len(), 2);
    }

    #[test]
    fn an_incident_explains_what_meets_it_in_time_place_and_matter() {
        let wages = incident(&["a", "b"], "wage_arrears");
        let explained = |alarm: Alarm| alarm.is_explained_by(&wages, "0");
        assert!(explained(alarm("2025-03-05", "a", "wage_arrears")));
        assert!(explained(alarm("2025-03-05", "b", "")) && explained(alarm("2025-03-05", "0", "")));
        assert!(!explained(alarm("2025-03-05", "c", "wage_arrears")));
        assert!(!explained(alarm("2025-03-05", "a", "neighbour")));
        assert!(
            explained(alarm("2025-03-23", "a", "")) && !explained(alarm("2025-03-24", "a", ""))
        );
        assert!(!explained(alarm("2025-02-28", "a", "")));
        // Of the whole and of all categories together it points at nothing.
        assert!(!alarm("2025-03-05", "0", "").points_at(&wages, "0"));
        assert!(alarm("2025-03-05", "0", "wage_arrears").points_at(&wages, "0"));
        assert!(alarm("2025-03-05", "c", "").points_at(&incident(&["0"], ""), "0"));
    }
}
