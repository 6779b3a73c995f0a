//! docs/first-week.md, as a centre would follow it: every command runs, and what the page says of
//! the days is so.

use crate::support::{blocks, query, script};

#[test]
fn the_first_week_goes_as_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    // What the night of each day leaves is asked on that day.
    let commands = blocks("first-week.md", "sh").join("\n").replace(
        "pingan query \"select day, state",
        "pingan --format csv query \"select count(*) from findings where kind = 'spike' and domain = 'petitions'\" > day-two.csv\n\
         pingan --format csv query \"select count(*) from scores where node = 'public_order.incidents' and score is not null\" > blank.csv\n\
         pingan query \"select day, state",
    );
    let said = script(folder.path(), &commands);

    let county = folder.path().join("county");
    let asked = |file: &str| std::fs::read_to_string(county.join(file)).unwrap();
    assert!(said.contains("Not scored, population of no area is known"), "{said}");
    assert!(asked("blank.csv").ends_with("\n0\n"), "no rate without populations");
    assert!(asked("day-two.csv").ends_with("\n0\n"), "no spike of what comes in batches");
    assert!(said.contains("not_due"), "{said}");
    // The rates of all months are there once the populations are.
    let rates = "select count(distinct period) from scores where node = 'public_order.incidents' \
                 and length(period) = 7 and score is not null and period <= '2026-01'";
    assert_eq!(query(&county, rates), ["37"]);
    // January of the monthly department counts whole, and nothing of it is late or missing.
    let january = "select count(*) from coverage where domain = 'petitions' \
                   and day between date '2026-01-01' and date '2026-01-31'";
    assert_eq!(query(&county, january), ["0"]);
    let assumed = "select distinct recorded_basis from public_order";
    assert_eq!(query(&folder.path().join("replay"), assumed), ["assumed"]);
}
