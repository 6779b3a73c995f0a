//! The commands as a user types them.

use crate::support::{contents, pingan, query, run, stdout};

#[test]
fn the_demo_ranks_the_townships_of_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let county_text = county.to_string_lossy().into_owned();
    let printed = stdout(&["demo", &county_text]);
    assert!(printed.contains("玉门市 平安指数 2026-01"), "{printed}");
    assert!(printed.contains("花海镇"), "{printed}");
    assert_eq!(
        query(
            &county,
            "select count(distinct area_code) from scores where period = '2026-01' and rank is not null and node = 'index'"
        ),
        ["16"]
    );
    // Every untidy file landed, its bad rows told, none lost.
    assert!(
        std::fs::read_dir(county.join("inbox")).unwrap().flatten().all(|e| e.path().is_dir()),
        "the inbox is empty"
    );
    assert!(!county.join("inbox/failed").exists());
    // No person reaches the lake.
    let rows = contents(&county);
    // Figures may look like anything; what came from files may not.
    let told = rows.iter().filter(|r| {
        !["scores", "coverage", "findings", "runs", "panel"].iter().any(|t| r.starts_with(t))
    });
    let persons: Vec<&String> = told.filter(|r| has_identity_number(r)).take(3).collect();
    assert!(persons.is_empty(), "identity numbers are in the lake: {persons:?}");

    // The same night again changes nothing.
    stdout(&["-w", &county_text, "nightly", "--date", "2026-01-31"]);
    let again = contents(&county);
    let changed: Vec<_> = again.iter().zip(&rows).filter(|(a, b)| a != b).take(3).collect();
    assert!(again == rows, "{changed:#?}");

    // Scores: weights sum to one at each node, parts make the whole, ranks follow scores.
    let weights = query(
        &county,
        "select count(*) from (select sum(weight) as w from scores where kind = 'domain' and period = '2026-01' group by area_code) where abs(w - 1) > 1e-9",
    );
    assert_eq!(weights, ["0"]);
    let index = "select count(*) from (select area_code, sum(weight * score) as s from scores where kind = 'domain' and period = '2026-01' group by area_code) as d \
                 join scores as i on i.area_code = d.area_code and i.period = '2026-01' and i.kind = 'index' where abs(d.s - i.score) > 1e-9";
    assert_eq!(query(&county, index), ["0"]);
    assert_eq!(
        query(
            &county,
            "select count(*) from scores where score < 0 or score > 100 or score_lo > score_hi or rank_lo > rank_hi"
        ),
        ["0"]
    );
    assert_eq!(run(&["-w", &county_text, "check"]).status.code(), Some(0));
}

#[test]
fn explain_is_exact_and_every_shipped_model_scores_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let w = county.to_string_lossy().into_owned();
    stdout(&["-q", "demo", &w]);
    let as_of = ["-w", &w, "--as-of", "2026-01-31"];
    let args = |more: &[&'static str]| [&as_of[..], more].concat();

    // The parts that were kept sum to the change of the index.
    let sums = "with change as (select n.area_code, n.score - b.score as change from scores n join scores b on b.area_code = n.area_code and b.node = 'index' \
                and b.period = '2025-12' where n.node = 'index' and n.period = '2026-01'), parts as (select area_code, sum(delta) as delta from contributions \
                where period = '2026-01' group by area_code) select count(*), sum(case when abs(delta - change) < 1e-9 then 1 else 0 end) from change join parts using (area_code)";
    assert_eq!(query(&county, sums), ["17,17"]);

    let worst = query(
        &county,
        "select area_code from scores where period = '2026-01' and node = 'index' and rank is not null order by score limit 1",
    );
    let picture = folder.path().join("why.svg").to_string_lossy().into_owned();
    let told = stdout(&[&as_of[..], &["explain", &worst[0], "--picture", &picture]].concat());
    assert!(
        told.contains("What pulls it down") && told.contains("pingan query \"select * from"),
        "{told}"
    );
    assert!(!told.contains("NaN"), "{told}");
    assert!(std::fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    // The query that it prints runs.
    let printed = told
        .lines()
        .find_map(|l| l.trim().strip_prefix("pingan query \""))
        .unwrap()
        .trim_end_matches('"')
        .to_owned();
    stdout(&["-w", &w, "query", &printed]);
    let json: serde_json::Value = serde_json::from_str(&stdout(
        &[&as_of[..], &["--format", "json", "explain", &worst[0], "--against", "mean"]].concat(),
    ))
    .unwrap();
    let nodes = json["nodes"].as_array().unwrap();
    let parts: f64 = nodes
        .iter()
        .flat_map(|n| n["parts"].as_object().unwrap().values())
        .map(|p| p.as_f64().unwrap())
        .sum();
    assert!((parts - nodes[0]["delta"].as_f64().unwrap()).abs() < 1e-9);
    // Both sides are the scores of the table.
    let score = |area: &str| -> f64 {
        let sql = format!(
            "select score from scores where area_code = '{area}' and period = '2026-01' and node = 'index'"
        );
        query(&county, &sql)[0].parse().unwrap()
    };
    let told = |side: usize| nodes[0]["score"][side].as_f64().unwrap();
    assert!(
        (told(0) - score("620981")).abs() < 1e-9 && (told(1) - score(&worst[0])).abs() < 1e-9,
        "{}",
        nodes[0]
    );
    assert_eq!(run(&[&as_of[..], &["explain", "花海"]].concat()).status.code(), Some(0));
    assert_eq!(run(&[&as_of[..], &["explain", "no such place"]].concat()).status.code(), Some(2));

    // Trying another model spoils nothing of the night's own.
    let before = query(&county, "select * from scores order by period, area_code, kind, node");
    for model in ["ahp", "strict", "huizhou", "shenzhen", "dujiangyan", "zhucheng"] {
        let file = format!("models/{model}.toml");
        let printed = stdout(&[&as_of[..], &["index", "--model", &file]].concat());
        assert_eq!(
            printed.lines().filter(|l| l.contains(" of ") && l.contains('%')).count(),
            16,
            "{model}: {printed}"
        );
        let vetoed = query(
            &county,
            &format!(
                "select count(*) from scores_of_{model} where capped_by is not null and score > uncapped"
            ),
        );
        assert_eq!(vetoed, ["0"]);
    }
    assert_eq!(
        query(&county, "select * from scores order by period, area_code, kind, node"),
        before
    );
    stdout(&args(&["index", "--period", "xun", "--from", "2026-01-01"]));
    assert_eq!(
        query(
            &county,
            "select count(distinct period) from scores where period like '2026-01/xun%'"
        ),
        ["3"]
    );
    assert_eq!(run(&["-w", &w, "check"]).status.code(), Some(0));
}

fn has_identity_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let digits: Vec<u32> = word.chars().take(17).filter_map(|c| c.to_digit(10)).collect();
        word.len() == 18 && digits.len() == 17 && {
            let sum: u32 = digits.iter().zip(weights).map(|(d, w)| d * w).sum();
            word.chars().last().map(|c| c.to_ascii_uppercase())
                == "10X98765432".chars().nth((sum % 11) as usize)
        }
    })
}

#[test]
fn wrong_words_exit_with_two_and_a_closed_pipe_with_zero() {
    assert_eq!(run(&["nightly", "-w", "/nowhere"]).status.code(), Some(2));
    assert_eq!(run(&["dance"]).status.code(), Some(2));
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("c").to_string_lossy().into_owned();
    stdout(&["init", &county, "--county", "620981"]);
    assert_eq!(
        run(&["init", &county, "--county", "620981"]).status.code(),
        Some(2),
        "a folder in use is not taken"
    );
    assert_eq!(
        run(&["-w", &county, "nightly"]).status.code(),
        Some(1),
        "nothing delivered is a negative answer"
    );
    assert_eq!(
        run(&["-w", &county, "query", "drop table areas"]).status.code(),
        Some(2),
        "queries only read"
    );
    let mut child = pingan()
        .args(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_changed_pipeline_rebuilds_its_domain_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("c");
    let county_text = county.to_string_lossy().into_owned();
    stdout(&[
        "synth",
        &county_text,
        "--county",
        "620981",
        "--from",
        "2024-01-01",
        "--to",
        "2025-03-31",
        "--events",
        "3000",
    ]);
    stdout(&["-w", &county_text, "nightly", "--date", "2025-03-31"]);
    let others = "select sum(num), sum(den), count(*) from panel where domain <> 'traffic'";
    let before = query(&county, others);
    assert_eq!(query(&county, "select count(*) from panel where indicator = 'twice'"), ["0"]);
    let sql = include_str!("../../pipelines/traffic.sql").replace("'injured'", "'twice'");
    std::fs::create_dir_all(county.join("pipelines")).unwrap();
    std::fs::write(county.join("pipelines/traffic.sql"), &sql).unwrap();
    let checked = run(&["-w", &county_text, "check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&checked.stdout).contains("traffic"),
        "check says what must be rebuilt"
    );
    stdout(&["-w", &county_text, "nightly", "--date", "2025-03-31"]);
    assert_eq!(query(&county, others), before);
    assert_ne!(query(&county, "select count(*) from panel where indicator = 'twice'"), ["0"]);
    assert_eq!(
        query(&county, "select count(*) from panel where indicator = 'injured'"),
        query(&county, "select 0")
    );
    std::fs::write(county.join("pipelines/traffic.sql"), "select day from traffic").unwrap();
    let broken = run(&["-w", &county_text, "nightly", "--date", "2025-03-31"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("traffic.sql"));
}
