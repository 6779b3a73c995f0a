//! 信访: what kind of visits there were, whether they were closed in time, whether people were
//! satisfied.

use super::county::{County, UNKNOWN, assert_counts, assert_figures, assert_needed, blank, known};
use super::per_10_000_residents;

/// P0 came before June and fell due in it; P5 falls due after it; P7 has no limit.
const EVENTS: &str = "\
event_id occurred_at      area_code category due_at           resolved_at      outcome satisfaction repeated collective beyond_level
P0       2025-05-20T08:00 101       land     2025-06-10T17:00 2025-06-09T10:00 closed  5            yes      yes        yes
P1       2025-06-02T08:00 101       land     2025-06-12T17:00 2025-06-12T16:59 closed  5            no       yes        no
P2       2025-06-03T08:00 101       land     2025-06-13T17:00 2025-06-13T17:01 closed  3            yes      no         no
P3       2025-06-04T08:00 101       wages    2025-06-14T17:00 ·                ·       ·            no       yes        yes
P4       2025-06-05T08:00 101       wages    2025-06-15T17:00 2025-06-15T17:00 closed  4            no       no         no
P5       2025-06-24T08:00 101       housing  2025-07-24T17:00 ·                ·       ·            yes      yes        no
P6       2025-06-25T08:00 2         housing  2025-06-28T17:00 ·                ·       ·            yes      yes        yes
P7       2025-06-26T08:00 101       housing  ·                ·                ·       ·            no       no         yes
";

#[test]
fn petitions_are_what_they_say() {
    let june = County::new().deliver("petitions", EVENTS).june();
    assert_counts(
        &june,
        "events          land     2 0
         events          wages    2 0
         events          housing  2 0
         first_visits    land     1 0
         first_visits    wages    2 0
         first_visits    housing  1 0
         repeated        land     1 2
         repeated        wages    0 2
         repeated        housing  1 2
         collective      land     1 0
         collective      wages    1 0
         collective      housing  1 0
         beyond_level    wages    1 0
         beyond_level    housing  1 0
         satisfied       land     1 2
         satisfied       wages    1 1
         closed_in_time  land     2 3
         closed_in_time  wages    1 2",
    );
    assert_figures(
        &june,
        "petitions",
        &[
            ("first_visits", known(per_10_000_residents(4.0), 60.0)),
            ("repeated", known(2.0 / 6.0, 100.0 - 200.0 / 6.0)),
            ("collective", known(per_10_000_residents(3.0), 70.0)),
            ("beyond_level", known(per_10_000_residents(2.0), 80.0)),
            ("closed_in_time", known(3.0 / 5.0, 60.0)),
            ("satisfied", known(2.0 / 3.0, 200.0 / 3.0)),
        ],
    );
}

#[test]
fn a_visit_that_does_not_say_it_is_neither_first_nor_repeated() {
    let cells = [
        ("P1", "repeated"),
        ("P1", "satisfaction"),
        ("P2", "due_at"),
        ("P3", "collective"),
        ("P4", "resolved_at"),
        ("P7", "beyond_level"),
    ];
    let june = County::new().deliver("petitions", &blank(EVENTS, &cells)).june();
    assert_eq!(
        ["first_visits", "repeated", "collective", "beyond_level", "closed_in_time"]
            .map(|i| june.count(&format!("{i}_unknown"))),
        [(1, 0); 5]
    );
    // Five of six visits say it, and stand for five sixths of the residents.
    let said = 5.0 / 6.0;
    assert_figures(
        &june,
        "petitions",
        &[
            ("first_visits", known(per_10_000_residents(3.0 / said), 64.0).covering(said)),
            ("repeated", known(2.0 / 5.0, 60.0).covering(said)),
            ("collective", known(per_10_000_residents(2.0 / said), 76.0).covering(said)),
            ("beyond_level", known(per_10_000_residents(1.0 / said), 88.0).covering(said)),
            // P0 and P1 in time, P3 open; P4 was closed, nobody knows when.
            ("closed_in_time", known(2.0 / 3.0, 200.0 / 3.0).covering(3.0 / 4.0)),
            ("satisfied", known(1.0 / 2.0, 50.0)),
        ],
    );
}

#[test]
fn what_most_visits_do_not_say_is_not_known() {
    let most = ["P1", "P2", "P3", "P4"].map(|event| (event, "repeated"));
    let figures = |cells: &[(&str, &str)]| {
        County::new().deliver("petitions", &blank(EVENTS, cells)).june().figures("1", "petitions")
    };
    let of_two = figures(&most);
    assert!(
        UNKNOWN.agrees_with(&of_two["first_visits"]) && UNKNOWN.agrees_with(&of_two["repeated"])
    );
    // Three of six are half of them, which is enough.
    let of_three = figures(&most[..3]);
    let half = known(per_10_000_residents(2.0 / 0.5), 60.0).covering(0.5);
    assert!(half.agrees_with(&of_three["first_visits"]), "{:?}", of_three["first_visits"]);
    assert!(known(1.0 / 3.0, 200.0 / 3.0).covering(0.5).agrees_with(&of_three["repeated"]));
}

#[test]
fn without_a_column_what_needs_it_is_not_known() {
    assert_needed(
        "petitions",
        EVENTS,
        &[
            ("repeated", &["first_visits", "repeated"]),
            ("collective", &["collective"]),
            ("beyond_level", &["beyond_level"]),
            ("satisfaction", &["satisfied"]),
            ("due_at", &["closed_in_time"]),
            ("resolved_at", &["closed_in_time"]),
            ("outcome", &[]),
        ],
    );
}
