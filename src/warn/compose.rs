//! A planned letter, the names of what it is about and the last month's index → the facts that the
//! letter states.

use chrono::{Days, NaiveDate};

use super::departments::leading;
use super::facts::{Addressee, Cause, Facts, LastMonth, Rise, county_word};
use super::plan::Planned;
use super::settings::{Department, Receives, Recipient, Settings, Topic};
use super::warning::{Evidence, Warning};
use crate::detect::{Detail, Kind};
use lake::areas::Register;
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;
use methods::calendar::working_day;

/// Causes of a change of the index that a letter states at most.
const CAUSES: usize = 3;

/// What officials call the county, its areas and its categories.
pub(super) struct Names<'a> {
    pub county: &'a str,
    pub register: &'a Register,
    /// The level of areas that is watched.
    pub level: &'a str,
    pub taxonomy: &'a Taxonomy,
}

/// The facts of one letter, drafted on the night of `night`.
pub(super) fn compose(
    planned: &Planned,
    settings: &Settings,
    names: &Names,
    month: &LastMonth,
    night: NaiveDate,
) -> Facts {
    let Planned { warning, to, department, kind, earlier } = planned;
    let code = &warning.area_code;
    let reply_days = department.and_then(|d| d.reply_days).unwrap_or(kind.reply_days);
    let topic = settings.topic.iter().find(|t| t.id == warning.topic);
    Facts {
        kind: kind.id.clone(),
        kind_name: kind.name.clone(),
        county_name: names.county.to_owned(),
        area_code: code.clone(),
        area_name: names.area(code),
        topic: warning.topic.clone(),
        topic_name: topic.map_or(&warning.topic, |t| &t.name).clone(),
        level: warning.level,
        since: warning.opened,
        as_of: night,
        reply_by: working_day(night + Days::new(reply_days.into())),
        limit_by: working_day(night + Days::new(kind.limit_days.into())),
        risen: warning.latest().map(|evidence| names.rise(evidence)).collect(),
        circumstances: Vec::new(),
        standing: month.standings.get(code).cloned(),
        causes: topic.map_or(Vec::new(), |t| causes(month, warning, t)),
        measures: topic.map_or(Vec::new(), |t| t.measures.clone()),
        earlier: earlier.clone(),
        recipients: match to {
            Recipient::County => names.all_areas(night),
            _ => Vec::new(),
        },
        county_wide: *to == Recipient::County || warning.area_code == names.register.root().code,
        department: department.map(|d| Addressee {
            id: d.id.clone(),
            name: d.name.clone(),
            addressee: names.addressee(d),
        }),
        copy_to: copies(planned, settings, names),
    }
}

/// Departments that get a copy of a letter: those that lead in what it is about, have no letter of
/// their own, and are not the ones it goes to.
fn copies(planned: &Planned, settings: &Settings, names: &Names) -> Vec<String> {
    let leading = leading(settings, planned.warning);
    leading.filter(|d| d.receives == Receives::Copy).map(|d| names.addressee(d)).collect()
}

/// What took from the index within a topic, largest first; a cap of the whole index is of the topic
/// whose veto it is.
fn causes(month: &LastMonth, warning: &Warning, topic: &Topic) -> Vec<Cause> {
    let vetoed = warning.latest().any(|e| e.kind() == Kind::Veto);
    let of_topic = |cause: &&Cause| {
        let domain = cause.node.split_once('.').map_or(cause.node.as_str(), |(domain, _)| domain);
        topic.domains.iter().any(|d| d == domain) || (vetoed && Domain::find(domain).is_none())
    };
    let all = month.causes.get(&warning.area_code).map_or(&[][..], Vec::as_slice);
    all.iter().filter(of_topic).take(CAUSES).cloned().collect()
}

impl Names<'_> {
    /// Names of all areas of the watched level that live on a day.
    fn all_areas(&self, day: NaiveDate) -> Vec<String> {
        let areas = self.register.at_level(self.level).filter(|area| area.lives_on(day));
        areas.map(|area| area.name.clone()).collect()
    }

    /// How a letter addresses a department: `{county}` in it is 市, 县, 区 or 旗.
    fn addressee(&self, department: &Department) -> String {
        department.addressee.replace("{county}", county_word(self.county))
    }

    /// An area's name, or its code where the register no longer has it.
    fn area(&self, code: &str) -> String {
        self.register.get(code).map_or(code, |area| &area.name).to_owned()
    }

    /// Evidence with the labels of its domain and category, and with the names of its areas.
    fn rise(&self, evidence: &Evidence) -> Rise {
        let domain = Domain::find(&evidence.domain);
        let domain_label = domain.map_or(evidence.domain.as_str(), |d| d.label);
        let category = domain
            .and_then(|d| self.taxonomy.list("category", d))
            .and_then(|list| list.label(&evidence.category));
        let label = match &evidence.detail {
            _ if evidence.category.is_empty() => domain_label,
            // A veto's category is its id; its evidence brings what officials call it.
            Detail::Veto(veto) => &veto.label,
            _ => category.unwrap_or(&evidence.category),
        };
        let mut named = evidence.clone();
        // A cluster lists codes, which no one reads.
        if let Detail::Cluster(cluster) = &mut named.detail {
            cluster.area_names = Some(cluster.areas.iter().map(|code| self.area(code)).collect());
        }
        Rise {
            domain_label: domain_label.to_owned(),
            label: label.to_owned(),
            evidence: named,
            timing: None,
            unscored: false,
        }
    }
}
