//! docs/first-week.md, as a centre would follow it: every command runs, and what the page says of
//! the days is so.

use std::path::Path;
use std::process::Command;

use crate::support::query;

/// The commands of the page, in order.
fn commands() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/first-week.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_week_goes_as_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_pingan"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    // What the night of each day leaves is asked on that day.
    let script = commands().replace(
        "pingan query \"select day, state",
        "pingan --format csv query \"select count(*) from findings where kind = 'spike' and domain = 'petitions'\" > day-two.csv\n\
         pingan --format csv query \"select count(*) from scores where node = 'public_order.incidents' and score is not null\" > blank.csv\n\
         pingan query \"select day, state",
    );
    let ran = Command::new("bash")
        .args(["-e", "-u", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));

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
