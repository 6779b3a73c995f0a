//! 网络舆情: stories, their reach, and whether they were answered in time.

use super::county::{County, Figure, assert_counts, assert_figures, assert_needed, blank, known};
use super::{RESIDENT_YEARS, per_10_000_residents};

/// N0 came up before June and fell due in it; N4 needs no answer.
const EVENTS: &str = "\
event_id occurred_at      area_code category    due_at           resolved_at      outcome  reach
N0       2025-05-20T08:00 101       environment 2025-06-03T17:00 2025-06-02T09:00 answered 900
N1       2025-06-05T08:00 101       environment 2025-06-08T17:00 2025-06-08T17:00 answered 5000
N2       2025-06-06T08:00 101       rumour      2025-06-09T17:00 2025-06-12T09:00 answered 12000
N3       2025-06-07T08:00 101       rumour      2025-06-10T17:00 ·                ·        3000
N4       2025-06-08T08:00 101       education   ·                ·                ·        0
";

/// Readers per resident and year; from nothing to 99, on the scale of ln(1 + readers).
fn reach(readers: f64) -> Figure {
    let raw = readers / RESIDENT_YEARS;
    known(raw, 100.0 * (1.0 - (1.0 + raw).ln() / 100.0_f64.ln()))
}

#[test]
fn public_opinion_is_what_its_stories_say() {
    let june = County::new().deliver("public_opinion", EVENTS).june();
    assert_counts(
        &june,
        "events            environment  1     0
         events            rumour       2     0
         events            education    1     0
         reach             environment  5000  0
         reach             rumour       15000 0
         answered_in_time  environment  2     2
         answered_in_time  rumour       0     2",
    );
    assert_figures(
        &june,
        "public_opinion",
        &[
            ("stories", known(per_10_000_residents(4.0), 60.0)),
            ("reach", reach(20_000.0)),
            ("answered_in_time", known(2.0 / 4.0, 50.0)),
        ],
    );
}

#[test]
fn a_story_whose_reach_is_not_known_did_not_reach_nobody() {
    let cells = [("N2", "reach"), ("N1", "resolved_at")];
    let june = County::new().deliver("public_opinion", &blank(EVENTS, &cells)).june();
    assert_eq!(["reach_unknown", "answered_in_time_unknown"].map(|i| june.count(i)), [(1, 0); 2]);
    assert_figures(
        &june,
        "public_opinion",
        &[
            ("stories", known(per_10_000_residents(4.0), 60.0)),
            ("reach", reach(8_000.0 / 0.75).covering(0.75)),
            ("answered_in_time", known(1.0 / 3.0, 100.0 / 3.0).covering(0.75)),
        ],
    );
    assert_needed(
        "public_opinion",
        EVENTS,
        &[
            ("reach", &["reach"]),
            ("due_at", &["answered_in_time"]),
            ("resolved_at", &["answered_in_time"]),
            ("outcome", &[]),
        ],
    );
}
