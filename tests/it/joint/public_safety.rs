//! 公共安全: fires, accidents per enterprise, the dead.

use super::county::{County, assert_counts, assert_figures, assert_needed, blank, known};
use super::{per_10_000_enterprises, per_10_000_residents};

/// An epidemic is neither fire nor accident.
const EVENTS: &str = "\
event_id occurred_at       area_code category  persons deaths
S0       2025-05-20T08:00  101       fire      ·       1
S1       2025-06-02T08:00  101       fire      4       0
S2       2025-06-03T08:00  101       fire      ·       0
S3       2025-06-04T08:00  101       workplace 3       2
S4       2025-06-05T08:00  101       drowning  1       1
S5       2025-06-06T08:00  101       campus    ·       0
S6       2025-06-07T08:00  101       epidemic  7       0
";

#[test]
fn public_safety_is_what_its_events_say() {
    let june = County::new().deliver("public_safety", EVENTS).june();
    assert_counts(
        &june,
        "events   fire       2 0
         events   workplace  1 0
         events   drowning   1 0
         events   campus     1 0
         events   epidemic   1 0
         persons  fire       5 0
         persons  workplace  3 0
         persons  drowning   1 0
         persons  campus     1 0
         persons  epidemic   7 0
         deaths   workplace  2 0
         deaths   drowning   1 0",
    );
    assert_figures(
        &june,
        "public_safety",
        &[
            ("fires", known(per_10_000_residents(2.0), 80.0)),
            ("accidents", known(per_10_000_enterprises(3.0), 70.0)),
            ("deaths", known(per_10_000_residents(3.0), 70.0)),
        ],
    );
}

#[test]
fn an_event_that_does_not_say_it_did_not_kill_nobody() {
    let june = County::new()
        .deliver("public_safety", &blank(EVENTS, &[("S4", "deaths"), ("S5", "deaths")]))
        .june();
    assert_eq!(june.count("deaths_unknown"), (2, 0));
    // Four of six say it.
    let deaths = june.figures("1", "public_safety")["deaths"];
    assert!(
        known(per_10_000_residents(2.0 / (4.0 / 6.0)), 70.0)
            .covering(4.0 / 6.0)
            .agrees_with(&deaths),
        "{deaths:?}"
    );
    assert_needed("public_safety", EVENTS, &[("deaths", &["deaths"]), ("persons", &[])]);
}
