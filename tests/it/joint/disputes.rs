//! 矛盾纠纷: how disputes that fell due were resolved, how those found ended.

use super::county::{County, assert_counts, assert_figures, assert_needed, blank, known};

/// D0 was found before June and fell due in it; D5 falls due after it; D6 has no limit.
const EVENTS: &str = "\
event_id occurred_at      area_code category     due_at           resolved_at      resolved_level outcome  turned_criminal
D0       2025-05-20T08:00 101       neighbour    2025-06-05T17:00 2025-06-01T09:00 village        mediated no
D1       2025-06-02T08:00 101       neighbour    2025-06-09T17:00 2025-06-08T09:00 grid           mediated no
D2       2025-06-03T08:00 101       neighbour    2025-06-10T17:00 2025-06-15T09:00 village        failed   no
D3       2025-06-04T08:00 101       wage_arrears 2025-06-11T17:00 ·                ·              ·        yes
D4       2025-06-05T08:00 101       wage_arrears 2025-06-12T17:00 2025-06-12T17:00 county         to_court no
D5       2025-06-25T08:00 101       contract     2025-07-09T17:00 ·                ·              ·        no
D6       2025-06-26T08:00 101       contract     ·                2025-06-27T09:00 grid           mediated no
";

#[test]
fn disputes_are_what_they_say() {
    let june = County::new().deliver("disputes", EVENTS).june();
    assert_counts(
        &june,
        "events             neighbour     2 0
         events             wage_arrears  2 0
         events             contract      2 0
         civil_to_criminal  neighbour     0 2
         civil_to_criminal  wage_arrears  1 2
         civil_to_criminal  contract      0 2
         mediation_success  neighbour     1 2
         mediation_success  wage_arrears  0 1
         mediation_success  contract      1 1
         lowest_level       neighbour     2 2
         lowest_level       wage_arrears  0 1
         lowest_level       contract      1 1
         resolution_rate    neighbour     3 3
         resolution_rate    wage_arrears  1 2
         overdue            neighbour     1 3
         overdue            wage_arrears  1 2",
    );
    assert_figures(
        &june,
        "disputes",
        &[
            ("resolution_rate", known(4.0 / 5.0, 80.0)),
            ("overdue", known(2.0 / 5.0, 60.0)),
            ("civil_to_criminal", known(1.0 / 6.0, 500.0 / 6.0)),
            ("mediation_success", known(2.0 / 4.0, 50.0)),
            ("lowest_level", known(3.0 / 4.0, 75.0)),
        ],
    );
}

#[test]
fn a_dispute_is_held_against_nothing_that_it_does_not_say() {
    let cells = [
        ("D0", "due_at"),
        ("D1", "resolved_level"),
        ("D1", "turned_criminal"),
        ("D2", "outcome"),
        ("D4", "resolved_at"),
    ];
    let june = County::new().deliver("disputes", &blank(EVENTS, &cells)).june();
    assert_eq!(june.count("civil_to_criminal_unknown"), (1, 0));
    assert_eq!(june.count("overdue_unknown"), (1, 0));
    assert_figures(
        &june,
        "disputes",
        &[
            // D4 ended, as its outcome says; when, is not known.
            ("resolution_rate", known(3.0 / 4.0, 75.0)),
            ("overdue", known(2.0 / 3.0, 100.0 / 3.0).covering(3.0 / 4.0)),
            ("civil_to_criminal", known(1.0 / 5.0, 80.0).covering(5.0 / 6.0)),
            ("mediation_success", known(2.0 / 3.0, 200.0 / 3.0)),
            ("lowest_level", known(2.0 / 3.0, 200.0 / 3.0)),
        ],
    );
}

#[test]
fn a_dispute_still_looked_into_is_open() {
    let open = EVENTS.replace("·                ·              ·        yes", "· · unsolved yes");
    let june = County::new().deliver("disputes", &open).june();
    assert_eq!([june.count("resolution_rate"), june.count("overdue")], [(4, 5), (2, 5)]);
    // It has not ended without success either.
    assert_eq!(june.count("mediation_success"), (2, 4));
}

#[test]
fn without_a_column_what_needs_it_is_not_known() {
    assert_needed(
        "disputes",
        EVENTS,
        &[
            ("due_at", &["resolution_rate", "overdue"]),
            // Outcomes still say which disputes ended, of which D3 is none.
            ("resolved_at", &["overdue"]),
            ("resolved_level", &["lowest_level"]),
            ("outcome", &["mediation_success"]),
            ("turned_criminal", &["civil_to_criminal"]),
        ],
    );
}
