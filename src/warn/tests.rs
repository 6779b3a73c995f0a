//! Rules and plan on nights made by hand and at random.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::facts::{Addressee, Facts, Rise, sample};
use super::ledger::{Entry, LetterState, NewStep, Step, apply};
use super::part::Part;
use super::plan::{Planned, Waits, plan};
use super::settings::{Attention, Receives, Recipient, Settings};
use super::update::{Update, update};
use super::warning::{Evidence, Found, Level, Warning};
use crate::detect::Kind;
use crate::detect::detail::{self, Detail};

/// The area of the whole county.
const ROOT: &str = "a0";

type Letters = BTreeMap<String, LetterState>;

/// The bundled rules, but that two weeks confirm.
fn settings() -> Settings {
    let text = include_str!("../../models/warnings.toml")
        .replace("confirmed_weeks = 4", "confirmed_weeks = 2");
    Settings::parse(Path::new("warnings.toml"), &text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A spike of one week, `observed` against 10 expected, that has lasted some weeks.
fn spike(area: &str, domain: &str, night: NaiveDate, observed: f64, weeks: usize) -> Found {
    let evidence = Evidence {
        night,
        domain: domain.into(),
        category: String::new(),
        method: "house".into(),
        period_start: night - Days::new(6),
        period_end: night,
        observed: Some(observed),
        expected: Some(10.0),
        lower: None,
        upper: None,
        p: Some(0.001),
        q: Some(0.05),
        detail: Detail::Spike(detail::spike(weeks)),
        parts: Vec::new(),
    };
    Found { area_code: area.into(), evidence }
}

fn veto(area: &str, night: NaiveDate, events: &[&str]) -> Found {
    let mut found = spike(area, "public_safety", night, 1.0, 0);
    found.evidence.category = "major_accident".into();
    found.evidence.period_start = night.with_day(1).unwrap();
    found.evidence.detail = Detail::Veto(detail::Veto {
        events: events.iter().map(|id| (*id).to_owned()).collect(),
        label: "重大事故".into(),
        period: "2026-01".into(),
    });
    found
}

/// Nights in order, without letters.
fn nights(nights: &[(&str, Vec<Found>)]) -> Update {
    let mut updated = Update::default();
    for (night, found) in nights {
        updated = update(&settings(), day(night), updated.warnings, found, &Letters::new());
    }
    updated
}

fn one(updated: &Update) -> &Warning {
    assert_eq!(updated.warnings.len(), 1, "{:#?}", updated.warnings);
    &updated.warnings[0]
}

/// A step of a letter on a day, as the ledger takes it.
fn take(letters: &mut Letters, id: &str, step_of: Step, note: String, on: NaiveDate) {
    let at: DateTime<Utc> = on.and_hms_opt(15, 0, 0).unwrap().and_utc();
    let entry = Entry::after(
        None,
        &NewStep { letter_id: id.into(), at, actor: "x".into(), step: step_of, note },
    );
    apply(letters, &entry).unwrap();
}

fn drafted(letters: &mut Letters, planned: &Planned, on: NaiveDate) -> String {
    let warning = planned.warning;
    let facts = Facts {
        kind: planned.kind.id.clone(),
        kind_name: planned.kind.name.clone(),
        topic: warning.topic.clone(),
        level: warning.level,
        since: warning.opened,
        as_of: on,
        reply_by: on + Days::new(planned.kind.reply_days.into()),
        department: planned.department.map(|d| Addressee {
            id: d.id.clone(),
            name: d.name.clone(),
            addressee: d.addressee.clone(),
        }),
        ..sample(&warning.area_code)
    };
    let id = planned.letter_id();
    take(letters, &id, Step::Draft, serde_json::to_string(&facts).unwrap(), on);
    id
}

fn issue(letters: &mut Letters, id: &str, on: NaiveDate) {
    take(letters, id, Step::Approve, r#"{"document":"","edited":false}"#.into(), on);
    take(letters, id, Step::Issue, format!(r#"{{"number":"1号","n":1,"date":"{on}"}}"#), on);
}

#[test]
fn an_unconfirmed_rise_opens_nothing_and_a_confirmed_one_is_blue() {
    let d = day("2026-01-31");
    let updated = nights(&[("2026-01-31", vec![spike("a", "disputes", d, 15.0, 1)])]);
    assert!(updated.warnings.is_empty() && updated.waiting == 1);
    let updated = nights(&[("2026-01-31", vec![spike("a", "disputes", d, 15.0, 2)])]);
    assert_eq!(
        (one(&updated).level, &updated.opened),
        (Level::Blue, &vec!["a-disputes-20260131".to_owned()])
    );
    // Too few cases, or too few times as many, are no rise at all.
    for observed in [12.9, 12.0, 10.0] {
        assert_eq!(
            nights(&[("2026-01-31", vec![spike("a", "disputes", d, observed, 9)])]),
            Update::default()
        );
    }
}

#[test]
fn a_new_level_joins_a_warning_and_opens_none() {
    let (d, next) = (day("2026-01-31"), day("2026-02-07"));
    let change = |night| {
        let mut found = spike("a", "disputes", night, 30.0, 9);
        found.evidence.detail = Detail::Change(detail::change());
        (found.evidence.p, found.evidence.q) = (None, None);
        found
    };
    let updated = nights(&[("2026-01-31", vec![change(d)])]);
    assert!(updated.warnings.is_empty() && updated.waiting == 1);
    let updated = nights(&[
        ("2026-01-31", vec![spike("a", "disputes", d, 15.0, 2)]),
        ("2026-02-07", vec![change(next)]),
    ]);
    assert_eq!(
        one(&updated).evidence.iter().map(Evidence::kind).collect::<Vec<_>>(),
        [Kind::Spike, Kind::Change]
    );
}

#[test]
fn a_large_rise_is_yellow_two_periods_are_yellow_and_three_are_orange() {
    let (one_, two, three) = (day("2026-01-31"), day("2026-02-28"), day("2026-03-31"));
    let small = |d| vec![spike("a", "disputes", d, 15.0, 2)];
    assert_eq!(
        one(&nights(&[("2026-01-31", vec![spike("a", "disputes", one_, 20.0, 2)])])).level,
        Level::Yellow
    );
    let updated = nights(&[("2026-01-31", small(one_)), ("2026-02-28", small(two))]);
    assert_eq!((one(&updated).level, updated.raised.len()), (Level::Yellow, 1));
    let updated = nights(&[
        ("2026-01-31", small(one_)),
        ("2026-02-28", small(two)),
        ("2026-03-31", small(three)),
    ]);
    assert_eq!(one(&updated).level, Level::Orange);
    // A night between does not make a period, nor does a gap.
    let updated = nights(&[("2026-01-31", small(one_)), ("2026-02-07", small(day("2026-02-07")))]);
    assert_eq!(one(&updated).level, Level::Blue);
    let updated = nights(&[("2026-01-31", small(one_)), ("2026-03-28", small(day("2026-03-28")))]);
    assert_eq!((one(&updated).level, updated.warnings.len()), (Level::Blue, 1));
    // What looks at years is found every night of the same years.
    let mut slow = spike("a", "disputes", one_, 30.0, 2);
    slow.evidence.period_start = day("2023-01-31");
    let again = |night: &str| Found {
        evidence: Evidence { night: day(night), ..slow.evidence.clone() },
        ..slow.clone()
    };
    let updated = nights(&[
        ("2026-01-31", vec![again("2026-01-31")]),
        ("2026-02-28", vec![again("2026-02-28")]),
        ("2026-03-31", vec![again("2026-03-31")]),
    ]);
    assert_eq!(one(&updated).level, Level::Yellow);
    // A new level of three months counts for the periods whose weeks are a rise by themselves.
    let level = |recent_weeks: Option<usize>| {
        let months = |night: &'static str| {
            let mut found = spike("a", "disputes", day(night), 30.0, 2);
            let change = detail::Change { recent_weeks, ..detail::change() };
            (found.evidence.detail, found.evidence.q) = (Detail::Change(change), Some(0.001));
            found.evidence.period_start = day(night) - Days::new(83);
            (night, vec![found])
        };
        one(&nights(&["2026-01-31", "2026-02-28", "2026-03-31"].map(months))).level
    };
    assert_eq!((level(None), level(Some(2))), (Level::Yellow, Level::Orange));
}

#[test]
fn several_topics_of_one_area_are_orange() {
    let d = day("2026-01-31");
    let found = ["disputes", "petitions", "litigation"]
        .map(|domain| spike("a", domain, d, 15.0, 2))
        .to_vec();
    let updated = nights(&[("2026-01-31", found.clone())]);
    assert!(
        updated.warnings.len() == 3 && updated.warnings.iter().all(|w| w.level == Level::Orange)
    );
    let updated = nights(&[("2026-01-31", found[..2].to_vec())]);
    assert!(updated.warnings.iter().all(|w| w.level == Level::Blue));
}

#[test]
fn a_veto_is_red_and_news_once() {
    let night = |n: &str, events: &[&str]| (day(n), vec![veto("a", day(n), events)]);
    let (_, first) = night("2026-01-31", &["E1"]);
    let updated = nights(&[("2026-01-31", first.clone())]);
    assert_eq!((one(&updated).level, one(&updated).topic.as_str()), (Level::Red, "public_safety"));
    let updated =
        nights(&[("2026-01-31", first.clone()), ("2026-02-01", night("2026-02-01", &["E1"]).1)]);
    assert_eq!(one(&updated).last_night(), day("2026-01-31"));
    let updated =
        nights(&[("2026-01-31", first), ("2026-02-01", night("2026-02-01", &["E1", "E2"]).1)]);
    assert_eq!(one(&updated).last_night(), day("2026-02-01"));
}

#[test]
fn quiet_closes_and_holds_down_what_is_not_more_serious() {
    let d = day("2026-01-31");
    let rise = |n: &str, observed: f64| vec![spike("a", "disputes", day(n), observed, 2)];
    let first = vec![spike("a", "disputes", d, 15.0, 2)];
    assert_eq!(one(&nights(&[("2026-01-31", first.clone()), ("2026-03-27", vec![])])).closed, None);
    let updated = nights(&[("2026-01-31", first.clone()), ("2026-03-28", vec![])]);
    assert_eq!((one(&updated).closed, updated.closed.len()), (Some(day("2026-03-28")), 1));
    let soon = nights(&[
        ("2026-01-31", first.clone()),
        ("2026-03-28", vec![]),
        ("2026-04-10", rise("2026-04-10", 15.0)),
    ]);
    assert_eq!((soon.warnings.len(), soon.waiting), (1, 1));
    let larger = nights(&[
        ("2026-01-31", first.clone()),
        ("2026-03-28", vec![]),
        ("2026-04-10", rise("2026-04-10", 40.0)),
    ]);
    assert_eq!(larger.warnings.len(), 2);
    let later = nights(&[
        ("2026-01-31", first),
        ("2026-03-28", vec![]),
        ("2026-04-25", rise("2026-04-25", 15.0)),
    ]);
    assert_eq!(later.warnings.len(), 2);
}

#[test]
fn a_letter_is_drafted_once_and_followed_by_the_next_kind() {
    let settings = settings();
    let d = day("2026-01-31");
    let found = vec![spike("a", "disputes", d, 15.0, 2)];
    let updated = update(&settings, d, Vec::new(), &found, &Letters::new());
    let mut letters = Letters::new();
    let none = Letters::new();
    let first = plan(&settings, ROOT, d, &updated.warnings, &none).drafts;
    assert_eq!((first.len(), first[0].kind.id.as_str()), (1, "tishi"));
    let id = drafted(&mut letters, &first[0], d);
    assert!(
        plan(&settings, ROOT, d, &updated.warnings, &letters).drafts.is_empty(),
        "never a second draft"
    );
    issue(&mut letters, &id, day("2026-02-02"));
    assert!(
        plan(&settings, ROOT, day("2026-02-15"), &updated.warnings, &letters).overdue.is_empty(),
        "the last day is in time"
    );
    // Not answered by then.
    let late = plan(&settings, ROOT, day("2026-02-16"), &updated.warnings, &letters);
    assert_eq!(
        (late.overdue[0].days, late.overdue[0].next.map(|k| k.id.as_str())),
        (1, Some("duban"))
    );
    assert_eq!(late.drafts[0].kind.id, "duban");
    let earlier = late.drafts[0].earlier.clone().unwrap();
    assert!(
        !earlier.answered
            && !earlier.persists
            && earlier.letter_id == id
            && earlier.number == "1号"
    );
    // Answered: only a rise that goes on after the letter calls for the next, and it is red.
    take(&mut letters, &id, Step::Receive, "{}".into(), day("2026-02-03"));
    take(&mut letters, &id, Step::Feedback, r#"{"note":"已办"}"#.into(), day("2026-02-10"));
    assert!(
        plan(&settings, ROOT, day("2026-02-16"), &updated.warnings, &letters).drafts.is_empty()
    );
    let on = day("2026-03-02");
    let still = update(
        &settings,
        on,
        updated.warnings.clone(),
        &[spike("a", "disputes", on, 15.0, 2)],
        &letters,
    );
    assert_eq!(one(&still).level, Level::Red);
    let next = plan(&settings, ROOT, on, &still.warnings, &letters).drafts;
    assert!(
        next[0].kind.id == "duban"
            && next[0].earlier.as_ref().is_some_and(|e| e.answered && e.persists)
    );
    // The day before, the four weeks after the letter were not over.
    let on = day("2026-03-01");
    assert_eq!(
        one(&update(
            &settings,
            on,
            updated.warnings.clone(),
            &[spike("a", "disputes", on, 15.0, 2)],
            &letters
        ))
        .level,
        Level::Yellow
    );
    // An open letter keeps its warning open; when it is closed, quiet ends it.
    let quiet = day("2026-06-30");
    assert_eq!(
        one(&update(&settings, quiet, updated.warnings.clone(), &[], &letters)).closed,
        None
    );
    take(&mut letters, &id, Step::Close, "{}".into(), day("2026-06-01"));
    assert_eq!(
        one(&update(&settings, quiet, updated.warnings.clone(), &[], &letters)).closed,
        Some(quiet)
    );
}

#[test]
fn the_cap_holds_back_all_but_red_and_what_is_never_sent_is_withdrawn() {
    let mut settings = settings();
    settings.levels.orange_topics = 9;
    let d = day("2026-01-31");
    let mut found = ["disputes", "petitions", "litigation"]
        .map(|domain| spike("a", domain, d, 15.0, 2))
        .to_vec();
    found[2].evidence.observed = Some(30.0);
    found.push(veto("a", d, &["E1"]));
    let warnings = update(&settings, d, Vec::new(), &found, &Letters::new()).warnings;
    let mut letters = Letters::new();
    let none = Letters::new();
    let planned = plan(&settings, ROOT, d, &warnings, &none);
    let topics =
        |of: &[Planned]| of.iter().map(|p| p.warning.topic.clone()).collect::<Vec<String>>();
    assert_eq!(topics(&planned.drafts), ["public_safety", "litigation"]);
    assert_eq!(
        planned.waiting.iter().map(|(p, why)| (p.warning.topic.as_str(), *why)).collect::<Vec<_>>(),
        [("disputes", Waits::Cap), ("petitions", Waits::Cap)]
    );
    for p in &planned.drafts {
        drafted(&mut letters, p, d);
    }
    assert!(plan(&settings, ROOT, d, &warnings, &letters).drafts.is_empty());
    // The next month has room again.
    assert_eq!(
        topics(&plan(&settings, ROOT, day("2026-02-01"), &warnings, &letters).drafts),
        ["disputes", "petitions"]
    );
    settings.levels.letters_from = Level::Orange;
    assert!(plan(&settings, ROOT, day("2026-02-01"), &warnings, &letters).drafts.is_empty());
    let ended = update(&settings, day("2026-06-30"), warnings, &[], &letters).warnings;
    assert_eq!(plan(&settings, ROOT, day("2026-06-30"), &ended, &letters).withdrawn.len(), 2);
}

fn with_category(mut found: Found, category: &str) -> Found {
    found.evidence.category = category.to_owned();
    found
}

#[test]
fn a_rise_of_the_county_is_one_circular_letter_and_no_letter_to_each_area() {
    let (settings, d) = (settings(), day("2026-01-31"));
    let wages = |area: &str, observed: f64| {
        with_category(spike(area, "disputes", d, observed, 2), "wage_arrears")
    };
    let mut found = vec![
        wages(ROOT, 15.0),
        wages("a1", 16.0),
        // Far beyond the county's rise, by half: a letter of its own.
        wages("a2", 60.0),
        // Of a category that has not risen in the county.
        with_category(spike("a3", "disputes", d, 16.0, 2), "neighbour"),
        // All categories together: the county's categories are among them.
        spike("a4", "disputes", d, 16.0, 2),
        // Of another topic.
        spike("a5", "petitions", d, 16.0, 2),
    ];
    let warnings = update(&settings, d, Vec::new(), &found, &Letters::new()).warnings;
    let none = Letters::new();
    let planned = plan(&settings, ROOT, d, &warnings, &none);
    let areas = |of: &[Planned]| {
        let mut areas: Vec<String> = of.iter().map(|p| p.warning.area_code.clone()).collect();
        areas.sort();
        areas
    };
    assert_eq!(areas(&planned.drafts), ["a0", "a2", "a3", "a5"]);
    let circular = planned.drafts.iter().find(|p| p.warning.area_code == ROOT).unwrap();
    assert_eq!((circular.to, circular.kind.id.as_str()), (Recipient::County, "tishi"));
    assert!(planned.waiting.iter().all(|(_, why)| *why == Waits::Circular));
    let waiting: Vec<Planned> = planned.waiting.into_iter().map(|(p, _)| p).collect();
    assert_eq!(areas(&waiting), ["a1", "a4"]);
    // Without the county's rise every area gets its own.
    found.remove(0);
    let warnings = update(&settings, d, Vec::new(), &found, &none).warnings;
    assert_eq!(plan(&settings, ROOT, d, &warnings, &none).drafts.len(), 5);
    // A circular is followed by a second letter, and by no talk with all areas at once.
    let kinds = |to| [settings.first_kind(to), settings.next_kind("duban", to)];
    let ids = |to| kinds(to).map(|kind| kind.map(|k| k.id.as_str()));
    assert_eq!(ids(Recipient::County), [Some("tishi"), None]);
    assert_eq!(ids(Recipient::Area), [Some("tishi"), Some("yuetan")]);
}

#[test]
fn a_rise_of_the_county_asks_for_a_smaller_p_than_one_of_an_area() {
    let (settings, d) = (settings(), day("2026-01-31"));
    let opened = |q: f64, parts: bool| {
        let mut found = spike(ROOT, "disputes", d, 15.0, 1);
        found.evidence.q = Some(q);
        let part = Part {
            area_code: "a1".into(),
            area_name: "甲镇".into(),
            observed: 15.0,
            expected: 10.0,
        };
        found.evidence.parts = if parts { vec![part] } else { Vec::new() };
        !update(&settings, d, Vec::new(), &[found], &Letters::new()).opened.is_empty()
    };
    assert!(opened(0.005, false) && !opened(0.02, false));
    assert!(opened(0.0005, true) && !opened(0.005, true));
}

#[test]
fn a_department_gets_a_letter_beside_the_area_s_or_in_its_place() {
    let (mut settings, d) = (settings(), day("2026-01-31"));
    let found = [
        with_category(spike("a1", "disputes", d, 15.0, 2), "wage_arrears"),
        spike("a2", "traffic", d, 15.0, 2),
    ];
    let warnings = update(&settings, d, Vec::new(), &found, &Letters::new()).warnings;
    let none = Letters::new();
    let sent = |settings: &Settings| {
        let plan = plan(settings, ROOT, d, &warnings, &none);
        let mut sent: Vec<String> = plan.drafts.iter().map(Planned::letter_id).collect();
        sent.sort();
        sent.iter().map(|id| id.replace("-20260131-tishi", "")).collect::<Vec<_>>()
    };
    assert_eq!(sent(&settings), ["a1-disputes", "a2-traffic"], "copies are no letters");
    settings.department[0].receives = Receives::Letter;
    settings.department[2].receives = Receives::LetterAlone;
    assert_eq!(
        sent(&settings),
        ["a1-disputes", "a1-disputes-human_resources", "a2-traffic-traffic_police"]
    );
    // Each recipient's letters follow each other by themselves.
    let mut letters = Letters::new();
    for planned in &plan(&settings, ROOT, d, &warnings, &none).drafts {
        let id = drafted(&mut letters, planned, d);
        issue(&mut letters, &id, d);
    }
    let area = "a1-disputes-20260131-tishi";
    take(&mut letters, area, Step::Receive, "{}".into(), d);
    take(&mut letters, area, Step::Feedback, r#"{"note":""}"#.into(), d);
    let late = plan(&settings, ROOT, day("2026-02-20"), &warnings, &letters);
    let overdue: Vec<&str> = late.overdue.iter().map(|o| o.letter.letter_id.as_str()).collect();
    assert_eq!(
        overdue,
        ["a1-disputes-20260131-tishi-human_resources", "a2-traffic-20260131-tishi-traffic_police"]
    );
    let next: Vec<String> = late.drafts.iter().map(Planned::letter_id).collect();
    assert_eq!(
        next,
        ["a1-disputes-20260131-duban-human_resources", "a2-traffic-20260131-duban-traffic_police"]
    );
}

#[test]
fn a_draft_is_written_anew_when_more_has_risen_until_it_is_approved() {
    let (settings, first, then) = (settings(), day("2026-01-10"), day("2026-01-17"));
    let rise = |category: &str, night: NaiveDate| {
        with_category(spike("a1", "disputes", night, 15.0, 2), category)
    };
    let none = Letters::new();
    let warnings =
        update(&settings, first, Vec::new(), &[rise("neighbour", first)], &none).warnings;
    let mut letters = Letters::new();
    let plan_of = |on: NaiveDate, warnings: &[Warning], letters: &Letters| {
        let plan = plan(&settings, ROOT, on, warnings, letters);
        (plan.drafts.len(), plan.redrafts.iter().map(Planned::letter_id).collect::<Vec<_>>())
    };
    let draft = |letters: &mut Letters, warnings: &[Warning], on: NaiveDate| {
        let risen = warnings[0].latest().map(|e| Rise {
            domain_label: String::new(),
            label: String::new(),
            evidence: e.clone(),
            timing: None,
            unscored: false,
        });
        let facts =
            Facts { since: warnings[0].opened, as_of: on, risen: risen.collect(), ..sample("a1") };
        let id = "a1-disputes-20260110-tishi";
        take(letters, id, Step::Draft, serde_json::to_string(&facts).unwrap(), on);
    };
    assert_eq!(plan_of(first, &warnings, &letters), (1, Vec::new()));
    draft(&mut letters, &warnings, first);
    assert_eq!(plan_of(first, &warnings, &letters), (0, Vec::new()));
    let found = [rise("neighbour", then), rise("wage_arrears", then)];
    let warnings = update(&settings, then, warnings, &found, &letters).warnings;
    let anew = vec!["a1-disputes-20260110-tishi".to_owned()];
    assert_eq!(plan_of(then, &warnings, &letters), (0, anew));
    let mut approved = letters.clone();
    let approval = r#"{"document":"x","edited":false}"#.to_owned();
    take(&mut approved, "a1-disputes-20260110-tishi", Step::Approve, approval, then);
    assert_eq!(plan_of(then, &warnings, &approved), (0, Vec::new()));
    // Written anew it is the same letter, and says all of it.
    draft(&mut letters, &warnings, then);
    assert_eq!(plan_of(then, &warnings, &letters), (0, Vec::new()));
    assert_eq!(letters.len(), 1);
    assert_eq!(letters["a1-disputes-20260110-tishi"].facts.risen.len(), 2);
}

#[test]
fn attention_drafts_the_strongest_and_lets_nothing_red_wait() {
    let (mut settings, d) = (settings(), day("2026-01-31"));
    settings.attention = Some(Attention { letters: 2 });
    let mut found: Vec<Found> = [("a1", 14.0), ("a2", 19.0), ("a3", 17.0), ("a4", 16.0)]
        .map(|(area, observed)| spike(area, "disputes", d, observed, 2))
        .to_vec();
    found.push(veto("a5", d, &["E1"]));
    let warnings = update(&settings, d, Vec::new(), &found, &Letters::new()).warnings;
    let mut letters = Letters::new();
    let none = Letters::new();
    let planned = plan(&settings, ROOT, d, &warnings, &none);
    let areas =
        |of: Vec<&Planned>| of.iter().map(|p| p.warning.area_code.clone()).collect::<Vec<String>>();
    // The red one counts, though it would not have waited.
    assert_eq!(areas(planned.drafts.iter().collect()), ["a5", "a2"]);
    let waiting = planned.waiting.iter().filter(|(_, why)| *why == Waits::Attention);
    assert_eq!(areas(waiting.map(|(p, _)| p).collect()), ["a3", "a4", "a1"]);
    for p in &planned.drafts {
        drafted(&mut letters, p, d);
    }
    assert!(plan(&settings, ROOT, d, &warnings, &letters).drafts.is_empty(), "the month is full");
    let next = plan(&settings, ROOT, day("2026-02-01"), &warnings, &letters);
    assert_eq!(areas(next.drafts.iter().collect()), ["a3", "a4"]);
}

/// What is found in three areas and four domains on a night at random.
fn found_at_random(rng: &mut ChaCha8Rng, night: NaiveDate) -> Vec<Found> {
    let domains = ["disputes", "petitions", "litigation", "traffic"];
    let one = |rng: &mut ChaCha8Rng| {
        let (area, domain) =
            (format!("a{}", rng.random_range(0..3)), domains[rng.random_range(0..4)]);
        spike(&area, domain, night, f64::from(rng.random_range(8..60)), rng.random_range(0..4))
    };
    (0..rng.random_range(0..6)).map(|_| one(rng)).collect()
}

/// What people do with the letters of a night: one thing to all of which it is possible.
fn act_at_random(rng: &mut ChaCha8Rng, letters: &mut Letters, on: NaiveDate) {
    let act = rng.random_range(0..8);
    let ids: Vec<String> =
        letters.values().filter(|l| l.closed.is_none()).map(|l| l.letter_id.clone()).collect();
    for id in &ids {
        let letter = &letters[id];
        match act {
            0 | 1 if letter.issued.is_none() => issue(letters, id, on),
            2 if letter.issued.is_some() && letter.received.is_none() => {
                take(letters, id, Step::Receive, "{}".into(), on)
            }
            3 if letter.received.is_some() => {
                take(letters, id, Step::Feedback, r#"{"note":""}"#.into(), on)
            }
            4 => take(letters, id, Step::Close, "{}".into(), on),
            _ => {}
        }
    }
}

#[test]
fn whatever_the_nights_bring_the_rules_hold() {
    let mut settings = settings();
    settings.department[2].receives = Receives::LetterAlone;
    let (mut reached, mut drafts) = (BTreeSet::new(), 0);
    for seed in 0..150 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut today, mut warnings, mut letters) =
            (day("2023-01-31"), Vec::new(), Letters::new());
        for _ in 0..25 {
            today = today + Days::new(rng.random_range(1..40));
            let found = found_at_random(&mut rng, today);
            let updated = update(&settings, today, warnings.clone(), &found, &letters);
            let again = update(&settings, today, updated.warnings.clone(), &found, &letters);
            assert_eq!(again.warnings, updated.warnings, "the same night again changes nothing");
            assert!(again.opened.is_empty() && again.raised.is_empty() && again.closed.is_empty());
            for w in &warnings {
                let now = updated.warnings.iter().find(|n| n.id == w.id).unwrap();
                assert!(
                    now.level >= w.level && (w.closed.is_none() || w == now),
                    "levels only rise, what is closed stays so"
                );
            }
            let open: Vec<_> = updated
                .warnings
                .iter()
                .filter(|w| w.closed.is_none())
                .map(|w| (&w.area_code, &w.topic))
                .collect();
            assert_eq!(
                open.len(),
                open.iter().collect::<BTreeSet<_>>().len(),
                "one open warning per area and topic"
            );
            reached.extend(updated.warnings.iter().map(|w| w.level));

            let planned = plan(&settings, ROOT, today, &updated.warnings, &letters);
            let mut of_area: BTreeMap<&str, usize> = BTreeMap::new();
            let mut made = letters.clone();
            for p in &planned.drafts {
                assert!(!letters.contains_key(&p.letter_id()), "never a second draft");
                if p.warning.level != Level::Red {
                    let recipient = p.department.map_or(&p.warning.area_code, |d| &d.id);
                    *of_area.entry(recipient).or_default() += 1;
                }
                drafted(&mut made, p, today);
            }
            drafts += planned.drafts.len();
            assert_eq!(made.len(), letters.len() + planned.drafts.len());
            assert!(of_area.values().all(|n| *n <= settings.cap.letters));
            assert!(
                plan(&settings, ROOT, today, &updated.warnings, &made).drafts.is_empty(),
                "the same night again drafts nothing"
            );
            act_at_random(&mut rng, &mut made, today);
            (warnings, letters) = (updated.warnings, made);
        }
    }
    assert!(
        reached.len() == 4 && drafts > 500,
        "the nights reach far enough: {reached:?}, {drafts} drafts"
    );
}
