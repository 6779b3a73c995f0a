//! 交通安全: crashes, the injured and the dead, per vehicle.

use super::county::{County, assert_counts, assert_figures, assert_needed, blank, known};
use super::{per_10_000_residents, per_10_000_vehicles};

/// T5 and T6 are violations: nobody need say that they hurt nobody.
const EVENTS: &str = "\
event_id occurred_at       area_code category      injured deaths
T0       2025-05-20T08:00  101       crash         4       1
T1       2025-06-02T08:00  101       crash         2       0
T2       2025-06-03T08:00  101       crash         3       0
T3       2025-06-04T08:00  101       fatal_crash   0       2
T4       2025-06-05T08:00  101       drunk_driving 0       0
T5       2025-06-06T08:00  101       violation     ·       ·
T6       2025-06-07T08:00  101       violation     ·       ·
T7       2025-06-08T08:00  101       other         1       1
";

#[test]
fn traffic_is_what_its_events_say() {
    let june = County::new().deliver("traffic", EVENTS).june();
    assert_counts(
        &june,
        "events           crash          2 0
         events           fatal_crash    1 0
         events           drunk_driving  1 0
         events           violation      2 0
         events           other          1 0
         injured          crash          5 0
         injured          other          1 0
         deaths           fatal_crash    2 0
         deaths           other          1 0
         injured_unknown  violation      2 2
         deaths_unknown   violation      2 2",
    );
    assert_figures(
        &june,
        "traffic",
        &[
            ("crashes", known(per_10_000_vehicles(4.0), 60.0)),
            ("injured", known(per_10_000_vehicles(6.0), 40.0)),
            ("deaths", known(per_10_000_vehicles(3.0), 70.0)),
        ],
    );
}

#[test]
fn a_crash_that_does_not_say_it_did_not_hurt_nobody() {
    let cells = [("T2", "injured"), ("T7", "deaths")];
    let june = County::new().deliver("traffic", &blank(EVENTS, &cells)).june();
    assert_eq!(june.count("injured_unknown"), (3, 2));
    // Four of the five that must say it do.
    assert_figures(
        &june,
        "traffic",
        &[
            ("crashes", known(per_10_000_vehicles(4.0), 60.0)),
            ("injured", known(per_10_000_vehicles(3.0 / 0.8), 62.5).covering(0.8)),
            ("deaths", known(per_10_000_vehicles(2.0 / 0.8), 75.0).covering(0.8)),
        ],
    );
    assert_needed("traffic", EVENTS, &[("injured", &["injured"]), ("deaths", &["deaths"])]);
}

#[test]
fn a_month_of_violations_hurt_nobody() {
    let violations: String = EVENTS
        .lines()
        .filter(|line| ["event_id", "T0", "T5", "T6"].iter().any(|id| line.starts_with(id)))
        .map(|line| format!("{line}\n"))
        .collect();
    let june = County::new().deliver("traffic", &violations).june();
    let none = known(0.0, 100.0);
    assert_figures(&june, "traffic", &[("crashes", none), ("injured", none), ("deaths", none)]);
}

#[test]
fn residents_stand_in_where_a_township_does_not_know_its_vehicles() {
    let areas = "\
code,name,level,parent,population,households,vehicles,enterprises
0,County,county,,40000,,,
1,First,township,0,20000,,8000,
101,Village,village,1,20000,,8000,
2,Second,township,0,20000,,,
";
    let june = County::with(&[("areas.csv", areas)]).deliver("traffic", EVENTS).june();
    let crashes = june.figures("1", "traffic")["crashes"];
    // Ten a month of 8,000 vehicles are 25 of 20,000 residents.
    assert!(known(per_10_000_residents(4.0), 84.0).agrees_with(&crashes), "{crashes:?}");
}
