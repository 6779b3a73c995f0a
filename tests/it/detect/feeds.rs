//! Domains of which nothing is known are not quiet ones.

use chrono::{Days, TimeDelta};
use lake::schema::Domain;
use lake::{AsOf, Lake, Limits};
use pingan::detect::{DETECTORS, Detected, Finding, Kind};
use pingan::engine::check;
use pingan::engine::detect;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::histories::{FIRST, Version, ZONE, append, history, options, workspace};

fn reasons<'a>(night: &'a Detected, domain: &str, method: &str) -> Vec<&'a str> {
    let of = |f: &&Finding| {
        f.kind() == Kind::NotAssessable
            && f.domain == domain
            && f.method == method
            && f.category.is_empty()
    };
    night.findings.iter().filter(of).filter_map(Finding::reason).collect()
}

#[test]
fn what_never_came_and_what_has_stopped_is_not_assessable() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(&folder.path().join("w"));
    let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let known = |versions: Vec<Version>, days: i64| -> Vec<Version> {
        let end = FIRST.and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::days(days);
        versions
            .into_iter()
            .filter(|v| v.occurred < end)
            .map(|v| Version { recorded: v.occurred, withdrawn: false, ..v })
            .collect()
    };
    let append = |domain: &str, versions: &[Version]| {
        append(&lake, Domain::find(domain).unwrap(), versions, "b")
    };
    append("disputes", &known(history(&mut rng, 4000, 900), 900));
    append("petitions", &known(history(&mut rng, 4000, 900), 700));
    let text = include_str!("../../../models/detectors.toml")
        .replace("traffic = \"events\"", "traffic = \"none_such\"");
    std::fs::create_dir_all(workspace.root.join("models")).unwrap();
    std::fs::write(workspace.root.join(DETECTORS), &text).unwrap();
    append("traffic", &known(history(&mut rng, 1000, 900), 900));

    let as_of = AsOf::end_of(FIRST + Days::new(890), ZONE);
    let (night, _) = detect(&workspace, &options(as_of)).unwrap();
    assert_eq!(
        reasons(&night, "litigation", "coverage"),
        ["never delivered: no event of the domain is known"]
    );
    assert!(
        reasons(&night, "traffic", "coverage")[0].contains("no none_such of the last 261 weeks"),
        "{:?}",
        reasons(&night, "traffic", "coverage")
    );
    let foretold =
        |domain: &str| night.of_kind(Kind::Forecast).filter(|f| f.domain == domain).count();
    assert_eq!((foretold("disputes"), foretold("petitions")), (9, 0));
    let stopped = reasons(&night, "petitions", "forecast");
    // The last whole week before the 700th day, weeks ending as the 890th does.
    let since = (FIRST + Days::new(694)).to_string();
    assert!(
        stopped.len() == 3
            && stopped.iter().all(|r| r.contains("has stopped") && r.ends_with(&since)),
        "{stopped:?} {since}"
    );
    assert!(
        night.findings.iter().all(|f| f.domain != "petitions" || f.kind() == Kind::NotAssessable),
        "{:?}",
        night.findings
    );

    let line = 1 + text.lines().position(|l| l.starts_with("traffic")).unwrap();
    let remarks = check(&workspace, &options(as_of));
    let wrong: Vec<_> =
        remarks.iter().filter(|r| r.about.ends_with(&format!("detectors.toml:{line}"))).collect();
    assert!(
        wrong.len() == 1
            && wrong[0].wrong
            && wrong[0].what.contains("none_such")
            && wrong[0].fix.contains("traffic.sql"),
        "{remarks:#?}"
    );
}
