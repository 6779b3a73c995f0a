//! Tainan night by night: what is known to have happened is found, in the districts where it happened, and a feed that fails raises nothing else
//! (issue 4, done-when 5). The whole replay is `benches/tainan`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{NaiveDate, Utc};
use pingan::detect::{Finding, Kind};
use pingan::lake::{AsOf, Limits};
use pingan::nightly::{Options, detect};
use pingan::workspace::Workspace;

use crate::support::{query, shared};

/// A workspace whose lake holds everything there is.
struct Tainan {
    _folder: tempfile::TempDir,
    root: PathBuf,
    workspace: Workspace,
}

impl Tainan {
    fn new(data: &Path) -> Tainan {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tainan");
        let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tainan/run");
        let ran = Command::new(run).arg(&root).arg(data).arg("--at-once").env("PINGAN", env!("CARGO_BIN_EXE_pingan")).output().unwrap();
        assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let workspace = Workspace::open(&root).unwrap();
        Tainan { _folder: folder, root, workspace }
    }

    /// What is found as of a night.
    fn night(&self, day: &str) -> Vec<Finding> {
        let as_of = AsOf::end_of(day.parse().unwrap(), self.workspace.time_zone());
        detect(&self.workspace, &Options { as_of, clock: Utc::now(), limits: Limits::default(), seed: 1 }).unwrap().findings
    }

    /// Districts that by then had counted `least` and more of a category since `from`, and three times as many as in equally many of the eight weeks before.
    fn hit(&self, domain: &str, category: &str, from: &str, night: &str, least: usize) -> BTreeSet<String> {
        let (first, last): (NaiveDate, NaiveDate) = (from.parse().unwrap(), night.parse().unwrap());
        let days = (last - first).num_days() + 1;
        let sql = format!(
            "select area_code from panel where domain = '{domain}' and indicator = 'events' and category = '{category}' and area_code <> '67000' \
             and recorded_day <= date '{night}' and day between date '{from}' - interval '56 days' and date '{night}' group by area_code \
             having sum(case when day >= date '{from}' then num else 0 end) >= \
             greatest({least}, 3.0 * {days} / 56 * sum(case when day < date '{from}' then num else 0 end))"
        );
        query(&self.root, &sql).into_iter().collect()
    }
}

/// Districts in which a category is told to have risen.
fn risen(found: &[Finding], domain: &str, category: &str) -> BTreeSet<String> {
    let of = |f: &&Finding| f.kind == Kind::Spike && f.domain == domain && f.category == category && f.area_code != "67000";
    found.iter().filter(of).map(|f| f.area_code.clone()).collect()
}

#[test]
fn what_is_known_to_have_happened_in_tainan_is_found_where_it_happened() {
    let Some(data) = shared("real/tainan") else { return };
    let tainan = Tainan::new(&data);
    for (name, domain, category, from, night) in [
        ("dengue", "public_safety", "epidemic", "2015-07-01", "2015-07-31"),
        ("earthquake", "requests", "earthquake", "2016-02-06", "2016-02-07"),
        ("typhoon Meranti", "requests", "utilities", "2016-09-14", "2016-09-16"),
        ("typhoon Megi", "requests", "utilities", "2016-09-27", "2016-09-29"),
        ("flood", "requests", "natural_disaster", "2018-08-23", "2018-08-25"),
        ("flood", "requests", "street_lights", "2018-08-23", "2018-08-31"),
        ("flood", "requests", "roads", "2018-08-23", "2018-08-31"),
    ] {
        let told = risen(&tainan.night(night), domain, category);
        let (hit, touched) = (tainan.hit(domain, category, from, night, 10), tainan.hit(domain, category, from, night, 5));
        assert!(!hit.is_empty(), "{name}: no district has ten cases");
        assert!(hit.is_subset(&told), "{name}, {category}: hit {hit:?}, told {told:?}");
        assert!(told.is_subset(&touched), "{name}, {category}: told {told:?}, touched {touched:?}");
    }
}
