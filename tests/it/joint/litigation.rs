//! 诉讼: filings, how they ended, how many were diverted.

use super::county::{County, assert_counts, assert_figures, assert_needed, blank, known};
use super::per_10_000_residents;

const EVENTS: &str = "\
event_id occurred_at      area_code category outcome diverted
L0       2025-05-20T08:00 101       contract settled no
L1       2025-06-02T08:00 101       contract settled yes
L2       2025-06-03T08:00 101       contract judged  no
L3       2025-06-04T08:00 101       labour   ·       yes
L4       2025-06-05T08:00 101       labour   dropped yes
L5       2025-06-06T08:00 101       tort     judged  no
L6       2025-06-07T08:00 101       tort     ·       no
";

#[test]
fn litigation_is_what_its_filings_say() {
    let june = County::new().deliver("litigation", EVENTS).june();
    assert_counts(
        &june,
        "events                contract  2 0
         events                labour    2 0
         events                tort      2 0
         settled_or_withdrawn  contract  1 2
         settled_or_withdrawn  labour    1 1
         settled_or_withdrawn  tort      0 1
         diverted              contract  1 2
         diverted              labour    2 2
         diverted              tort      0 2",
    );
    assert_figures(
        &june,
        "litigation",
        &[
            ("filings", known(per_10_000_residents(6.0), 40.0)),
            ("settled_or_withdrawn", known(2.0 / 4.0, 50.0)),
            ("diverted", known(3.0 / 6.0, 50.0)),
        ],
    );
}

#[test]
fn a_filing_that_does_not_say_it_is_not_undiverted() {
    let cells = [("L2", "diverted"), ("L5", "outcome")];
    let june = County::new().deliver("litigation", &blank(EVENTS, &cells)).june();
    assert_eq!(june.count("diverted_unknown"), (1, 0));
    assert_figures(
        &june,
        "litigation",
        &[
            ("filings", known(per_10_000_residents(6.0), 40.0)),
            ("settled_or_withdrawn", known(2.0 / 3.0, 200.0 / 3.0)),
            ("diverted", known(3.0 / 5.0, 60.0).covering(5.0 / 6.0)),
        ],
    );
    assert_needed(
        "litigation",
        EVENTS,
        &[("diverted", &["diverted"]), ("outcome", &["settled_or_withdrawn"])],
    );
}
