//! 群众诉求: whether requests come again, are closed in time and in the grid, and satisfy.

use super::county::{County, assert_counts, assert_figures, assert_needed, blank, known};

/// R0 was made before June and fell due in it; R5 has no limit.
const EVENTS: &str = "\
event_id occurred_at      area_code category due_at           resolved_at      resolved_level outcome satisfaction repeated
R0       2025-05-28T08:00 101       noise    2025-06-02T17:00 2025-06-01T09:00 grid           closed  5            yes
R1       2025-06-02T08:00 101       noise    2025-06-05T17:00 2025-06-05T17:00 township       closed  4            yes
R2       2025-06-03T08:00 101       noise    2025-06-06T17:00 2025-06-08T09:00 grid           closed  ·            no
R3       2025-06-04T08:00 101       roads    2025-06-07T17:00 ·                ·              ·       ·            no
R4       2025-06-05T08:00 101       roads    2025-06-08T17:00 2025-06-06T09:00 grid           closed  3            no
R5       2025-06-06T08:00 101       parking  ·                2025-06-07T09:00 county         closed  5            yes
";

#[test]
fn requests_are_what_they_say() {
    let june = County::new().deliver("requests", EVENTS).june();
    assert_counts(
        &june,
        "events          noise    2 0
         events          roads    2 0
         events          parking  1 0
         repeated        noise    1 2
         repeated        roads    0 2
         repeated        parking  1 1
         satisfied       noise    1 1
         satisfied       roads    0 1
         satisfied       parking  1 1
         closed_in_grid  noise    1 2
         closed_in_grid  roads    1 1
         closed_in_grid  parking  0 1
         closed_in_time  noise    2 3
         closed_in_time  roads    1 2",
    );
    assert_figures(
        &june,
        "requests",
        &[
            ("repeated", known(2.0 / 5.0, 60.0)),
            ("closed_in_time", known(3.0 / 5.0, 60.0)),
            ("satisfied", known(2.0 / 3.0, 200.0 / 3.0)),
            ("closed_in_grid", known(2.0 / 4.0, 50.0)),
        ],
    );
}

#[test]
fn a_request_is_held_against_nothing_that_it_does_not_say() {
    let cells = [
        ("R0", "resolved_at"),
        ("R1", "satisfaction"),
        ("R2", "repeated"),
        ("R4", "resolved_level"),
    ];
    let june = County::new().deliver("requests", &blank(EVENTS, &cells)).june();
    assert_eq!(["repeated_unknown", "closed_in_time_unknown"].map(|i| june.count(i)), [(1, 0); 2]);
    assert_figures(
        &june,
        "requests",
        &[
            ("repeated", known(2.0 / 4.0, 50.0).covering(4.0 / 5.0)),
            ("closed_in_time", known(2.0 / 4.0, 50.0).covering(4.0 / 5.0)),
            ("satisfied", known(1.0 / 2.0, 50.0)),
            ("closed_in_grid", known(1.0 / 3.0, 100.0 / 3.0)),
        ],
    );
}

#[test]
fn without_a_column_what_needs_it_is_not_known() {
    assert_needed(
        "requests",
        EVENTS,
        &[
            ("repeated", &["repeated"]),
            ("satisfaction", &["satisfied"]),
            ("resolved_level", &["closed_in_grid"]),
            ("due_at", &["closed_in_time"]),
            ("resolved_at", &["closed_in_time"]),
            ("outcome", &[]),
        ],
    );
}
