//! 重点群体服务: visits made of those due, incidents per visit, minors involved.

use super::county::{County, UNKNOWN, assert_counts, assert_figures, assert_needed, blank, known};
use super::per_10_000_residents;

/// K0 was planned in May for June, K4 is due in July, K6 has a limit and is no visit. A visit need
/// not say that it involved no minor.
const EVENTS: &str = "\
event_id occurred_at      area_code category due_at           resolved_at      outcome minors
K0       2025-05-31T08:00 101       visit    2025-06-02T17:00 2025-06-03T09:00 visited ·
K1       2025-06-02T08:00 101       visit    2025-06-10T17:00 2025-06-20T09:00 visited ·
K2       2025-06-03T08:00 101       visit    2025-06-11T17:00 ·                ·       ·
K3       2025-06-04T08:00 101       visit    2025-06-12T17:00 2025-06-12T09:00 visited ·
K4       2025-06-05T08:00 101       visit    2025-07-05T17:00 ·                ·       ·
K5       2025-06-10T08:00 101       minors   ·                ·                ·       2
K6       2025-06-11T08:00 101       mental   2025-06-20T17:00 ·                ·       0
K7       2025-06-12T08:00 101       released ·                ·                ·       1
";

#[test]
fn key_groups_are_what_their_visits_and_incidents_say() {
    let june = County::new().deliver("key_groups", EVENTS).june();
    assert_counts(
        &june,
        "events          visit     4 0
         events          minors    1 0
         events          mental    1 0
         events          released  1 0
         incidents       visit     0 4
         incidents       minors    1 0
         incidents       mental    1 0
         incidents       released  1 0
         minors          minors    2 0
         minors          released  1 0
         minors_unknown  visit     4 4
         coverage        visit     3 4
         coverage        mental    0 1",
    );
    assert_figures(
        &june,
        "key_groups",
        &[
            ("coverage", known(3.0 / 4.0, 75.0)),
            ("incidents", known(3.0 / 4.0 * 100.0, 25.0)),
            ("minors", known(per_10_000_residents(3.0), 70.0)),
        ],
    );
}

#[test]
fn an_incident_that_does_not_say_it_did_not_involve_no_minor() {
    // K1 was visited, as its outcome says; when, does not matter.
    let cells = [("K7", "minors"), ("K1", "resolved_at")];
    let june = County::new().deliver("key_groups", &blank(EVENTS, &cells)).june();
    assert_eq!(june.count("minors_unknown"), (5, 4));
    // Two of the three incidents say it.
    assert_figures(
        &june,
        "key_groups",
        &[
            ("coverage", known(3.0 / 4.0, 75.0)),
            ("incidents", known(3.0 / 4.0 * 100.0, 25.0)),
            ("minors", known(per_10_000_residents(2.0 / (2.0 / 3.0)), 70.0).covering(2.0 / 3.0)),
        ],
    );
    assert_needed(
        "key_groups",
        EVENTS,
        &[
            ("minors", &["minors"]),
            ("due_at", &["coverage"]),
            ("resolved_at", &[]),
            ("outcome", &[]),
        ],
    );
}

#[test]
fn incidents_without_visits_are_held_against_nothing() {
    let incidents: String = EVENTS
        .lines()
        .filter(|line| !line.contains(" visit "))
        .map(|line| format!("{line}\n"))
        .collect();
    let june = County::new().deliver("key_groups", &incidents).june();
    let figures = june.figures("1", "key_groups");
    assert!(
        UNKNOWN.agrees_with(&figures["incidents"]) && UNKNOWN.agrees_with(&figures["coverage"])
    );
}
