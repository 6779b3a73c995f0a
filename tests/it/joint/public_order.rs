//! 社会治安: incidents, three kinds of them, and how many were solved.

use super::county::{COUNTY, County, assert_counts, assert_figures, assert_needed, blank, known};
use super::per_10_000_residents;

/// O0 lies before June, O7 in the other township.
const EVENTS: &str = "\
event_id occurred_at       area_code category          outcome
O0       2025-05-20T08:00  101       assault           solved
O1       2025-06-02T08:00  101       assault           solved
O2       2025-06-03T23:59  101       assault           unsolved
O3       2025-06-10T08:00  1         theft             solved
O4       2025-06-11T08:00  101       theft             unsolved
O5       2025-06-12T08:00  101       domestic_violence solved
O6       2025-06-20T08:00  101       disturbance       unsolved
O7       2025-06-21T08:00  2         theft             solved
";

#[test]
fn public_order_is_what_its_events_say() {
    let june = County::new().deliver("public_order", EVENTS).june();
    assert_counts(
        &june,
        "events          assault            2 0
         events          domestic_violence  1 0
         events          disturbance        1 0
         events          theft              2 0
         detection_rate  assault            1 2
         detection_rate  domestic_violence  1 1
         detection_rate  disturbance        0 1
         detection_rate  theft              1 2",
    );
    assert_figures(
        &june,
        "public_order",
        &[
            ("incidents", known(per_10_000_residents(6.0), 40.0)),
            ("assault", known(per_10_000_residents(2.0), 80.0)),
            ("theft", known(per_10_000_residents(2.0), 80.0)),
            ("domestic_violence", known(per_10_000_residents(1.0), 90.0)),
            ("detection_rate", known(3.0 / 6.0, 50.0)),
        ],
    );
}

#[test]
fn the_county_is_both_of_its_townships() {
    let june = County::new().deliver("public_order", EVENTS).june();
    let county = june.figures(COUNTY, "public_order");
    // Seven incidents among twice the residents.
    assert!(known(per_10_000_residents(7.0 / 2.0), 65.0).agrees_with(&county["incidents"]));
    assert!(known(4.0 / 7.0, 400.0 / 7.0).agrees_with(&county["detection_rate"]));
}

#[test]
fn an_incident_without_outcome_is_not_unsolved() {
    let june = County::new().deliver("public_order", &blank(EVENTS, &[("O2", "outcome")])).june();
    assert_eq!(june.count("detection_rate"), (3, 5));
    assert!(
        known(3.0 / 5.0, 60.0).agrees_with(&june.figures("1", "public_order")["detection_rate"])
    );
    assert_needed("public_order", EVENTS, &[("outcome", &["detection_rate"])]);
}
