//! The same party in two domains: counted where the workspace lets it be, from files to findings;
//! and not where it does not.

use std::fmt::Write;
use std::path::Path;

use chrono::{Days, NaiveDate};

use crate::support::{query, run, stdout};

/// Sixty parties in disputes, every third of which petitions twelve days later.
fn county(root: &Path, link: bool) {
    let w = root.to_string_lossy().into_owned();
    stdout(&["-q", "init", &w, "--county", "620981"]);
    if link {
        let file = root.join("pingan.toml");
        let text = std::fs::read_to_string(&file)
            .unwrap()
            .replace("link_parties = false", "link_parties = true");
        std::fs::write(&file, text).unwrap();
    }
    let areas = root.join("areas.csv");
    let mut text = std::fs::read_to_string(&areas).unwrap();
    let of_county = text.lines().nth(1).unwrap().to_owned();
    let mut cells: Vec<String> = of_county.split(',').map(str::to_owned).collect();
    let population =
        text.lines().next().unwrap().split(',').position(|c| c == "population").unwrap();
    cells[population] = "150000".into();
    text = text.replace(&of_county, &cells.join(","));
    std::fs::write(&areas, text).unwrap();

    let first = NaiveDate::from_ymd_opt(2025, 12, 1).unwrap();
    let file = |domain: &str, category: &str, step: usize, later: u64| {
        let mut csv = String::from("编号,登记时间,发生时间,类型,乡镇,当事人\n");
        for i in (0..60).step_by(step) {
            let day = first + Days::new(i / 2 + later);
            writeln!(csv, "{domain}{i},{day} 10:00,{day} 09:00,{category},花海镇,当事人甲{i}")
                .unwrap();
        }
        std::fs::write(root.join(format!("inbox/{domain}.csv")), csv).unwrap();
        let mapping = format!(
            "domain = \"{domain}\"\nfiles = [\"{domain}.csv\"]\n\n[columns]\nevent_id = \"编号\"\nrecorded_at = \"登记时间\"\noccurred_at = \"发生时间\"\n\
             category = \"类型\"\narea_code = \"乡镇\"\n\n[persons]\ncolumns = [\"当事人\"]\n"
        );
        std::fs::write(root.join(format!("mappings/{domain}.toml")), mapping).unwrap();
    };
    file("disputes", "邻里", 1, 0);
    file("petitions", "其他", 3, 12);
    stdout(&["-q", "-w", &w, "ingest"]);
    // 1: nothing was found.
    let code = run(&["-q", "-w", &w, "--as-of", "2026-01-31", "detect", "--all"]).status.code();
    assert_eq!(code, Some(i32::from(!link)));
}

#[test]
fn parties_that_two_domains_share_are_counted_where_the_workspace_lets_them_be() {
    let folder = tempfile::tempdir().unwrap();
    let (linked, apart) = (folder.path().join("linked"), folder.path().join("apart"));
    let sql = "select domain, observed, expected, detail from findings where method = 'same_party'";
    county(&linked, true);
    let found = query(&linked, sql);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("petitions,20.0,0.008,"), "{found:?}");
    for said in [
        r#"""follows_domain"":""disputes"""#,
        r#"""after_days"":12"#,
        r#"""in_this_order"":20"#,
        r#"""parties_of_each"":[60,20]"#,
    ] {
        assert!(found[0].contains(said), "{said} in {found:?}");
    }
    let told = stdout(&["-w", &linked.to_string_lossy(), "--as-of", "2026-01-31", "nightly"]);
    assert!(told.contains("shares 20 parties with 矛盾纠纷") && !told.contains("甲"), "{told}");

    county(&apart, false);
    assert!(query(&apart, sql).is_empty());
    let hashes = |county: &Path| {
        query(
            county,
            "select count(*) from disputes d join petitions p on d.party_hash = p.party_hash",
        )
    };
    assert_eq!((hashes(&linked), hashes(&apart)), (vec!["20".to_owned()], vec!["0".to_owned()]));
}
