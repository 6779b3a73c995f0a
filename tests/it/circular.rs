//! A rise of the whole county from outside: one circular letter with every township's part, and no
//! letter to each township.

use std::path::Path;

use render::docx_text;
use serde_json::Value;

use crate::support::{run, stdout};

const NIGHT: &str = "2026-01-31";
const CIRCULAR: &str = "620981-disputes-20260131-tishi";

/// A county without incidents but that wages' and neighbours' disputes treble in all townships from
/// 1 January 2026 on, after the night of its last day.
fn county(folder: &Path) -> String {
    let county = folder.join("county").to_string_lossy().into_owned();
    let rise = |category: &str| format!("disputes/{category}@2026-01-01=3");
    let (wages, neighbours) = (rise("wage_arrears"), rise("neighbour"));
    let args =
        ["-q", "synth", &county, "--county", "620981", "--from", "2023-10-01", "--to", NIGHT];
    let more = ["--events", "60000", "--inbox-from", NIGHT, "--without-incidents"];
    stdout(&[&args[..], &more[..], &["--rise", &wages, "--rise", &neighbours]].concat());
    stdout(&["-q", "-w", &county, "nightly", "--date", NIGHT]);
    county
}

fn query(county: &str, sql: &str) -> Vec<Value> {
    serde_json::from_str(&stdout(&["-w", county, "--format", "json", "query", sql])).unwrap()
}

fn facts(county: &str) -> Value {
    let sql = format!("select note from ledger where letter_id = '{CIRCULAR}'");
    serde_json::from_str(query(county, &sql)[0]["note"].as_str().unwrap()).unwrap()
}

#[test]
fn a_rise_of_all_townships_is_one_circular_with_the_part_of_each() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let letters = query(&county, "select letter_id from letters where letter_id like '%disputes%'");
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0]["letter_id"], CIRCULAR);

    let facts = facts(&county);
    let risen = facts["risen"].as_array().unwrap();
    let mut categories: Vec<&str> =
        risen.iter().filter_map(|r| r["evidence"]["category"].as_str()).collect();
    categories.sort_unstable();
    categories.dedup();
    assert!(["neighbour", "wage_arrears"].iter().all(|c| categories.contains(c)), "{categories:?}");
    for rise in risen {
        let evidence = &rise["evidence"];
        let parts = evidence["parts"].as_array().unwrap();
        assert_eq!(parts.len(), 16);
        let sum = |key: &str| parts.iter().filter_map(|p| p[key].as_f64()).sum::<f64>();
        let whole = |key: &str| evidence[key].as_f64().unwrap();
        assert_eq!(sum("observed"), whole("observed"), "{evidence}");
        assert!((sum("expected") - whole("expected")).abs() < 1e-6, "{evidence}");
    }
    // Every township's figure is that of the events themselves.
    let wages = risen
        .iter()
        .map(|r| &r["evidence"])
        .find(|e| e["category"] == "wage_arrears" && e["kind"] == "spike")
        .unwrap();
    let events = query(
        &county,
        &format!(
            "select substr(area_code, 1, 9) as town, count(*) as n from disputes where category = 'wage_arrears' \
             and day between date {} and date {} group by 1",
            wages["period_start"].to_string().replace('"', "'"),
            wages["period_end"].to_string().replace('"', "'")
        ),
    );
    for part in wages["parts"].as_array().unwrap() {
        let n = events
            .iter()
            .find(|e| e["town"] == part["area_code"])
            .map_or(0, |e| e["n"].as_i64().unwrap());
        assert_eq!(part["observed"].as_f64().unwrap(), n as f64, "{part}");
    }

    let file = Path::new(&county).join("out/letters").join(format!("{CIRCULAR}.docx"));
    let text = docx_text(&std::fs::read(file).unwrap()).unwrap().join("\n");
    for expected in ["各乡镇（街道）：", "以来，全市", "明显上升", "抄送：市人力资源和社会保障局。"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    answers(&county);
}

/// A circular is signed by who may, and answered when every township has answered.
fn answers(county: &str) {
    let rules = include_str!("../../models/warnings.toml");
    let signed =
        rules.replacen("reply_days = 15", "signers = [\"综治中心主任\"]\nreply_days = 15", 1);
    std::fs::create_dir_all(Path::new(county).join("models")).unwrap();
    std::fs::write(Path::new(county).join("models/warnings.toml"), signed).unwrap();
    let letters = |args: &[&str]| {
        let output = run(&[&["-w", county, "letters"][..], args, &["--on", "2026-02-02"]].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let refused = |args: &[&str], why: &str| {
        let (code, text) = letters(args);
        assert!(code == Some(2) && text.contains(why), "{args:?}: {text}");
        text
    };
    let done = |args: &[&str]| {
        let (code, text) = letters(args);
        assert_eq!(code, Some(0), "{args:?}: {text}");
        text
    };
    refused(&["approve", CIRCULAR, "--by", "我中心"], "it is signed by 综治中心主任");
    for step in ["approve", "issue"] {
        done(&[step, CIRCULAR, "--by", "综治中心主任"]);
    }
    done(&["receive", CIRCULAR]);
    refused(&["feedback", CIRCULAR, "--note", "已排查"], "--from");
    let stranger =
        refused(&["feedback", CIRCULAR, "--from", "张三丰", "--note", "已排查"], "--from");
    assert!(!stranger.contains("张三丰"), "{stranger}");
    refused(&["feedback", CIRCULAR, "--from", "花海镇", "--measures", "大排查=多"], "whole number");
    let unknown = ["feedback", CIRCULAR, "--from", "花海镇", "--measures", "张三丰谈话=3"];
    let unknown = refused(&unknown, "no measure");
    assert!(!unknown.contains("张三丰") && unknown.contains("法治宣讲"), "{unknown}");
    let answer = ["--note", "已排查", "--measures", "排查=120,法治宣讲"];
    let text = done(&[&["feedback", CIRCULAR, "--from", "花海镇"], &answer[..]].concat());
    let waited_for = text.lines().find(|l| l.starts_with("not answered by")).unwrap();
    assert!(!waited_for.contains("花海镇") && waited_for.contains("赤金镇"), "{waited_for}");

    let night = stdout(&["-w", county, "nightly", "--date", "2026-02-28"]);
    let overdue = night.lines().find(|l| l.contains("overdue")).unwrap();
    assert!(overdue.contains("not answered by") && !overdue.contains("花海镇"), "{overdue}");
    let measures = stdout(&["-w", county, "--format", "csv", "letters", "measures"]);
    assert!(measures.contains("\n大排查,1,120,0,"), "{measures}");
    assert!(measures.contains("\n法治宣讲,1,0,0,"), "{measures}");

    // With the last of them it is answered, and no more overdue.
    let names = waited_for.trim_start_matches("not answered by ").split(", ");
    for name in names {
        let output = run(&[
            "-w",
            county,
            "letters",
            "feedback",
            CIRCULAR,
            "--from",
            name,
            "--note",
            "已排查",
        ]);
        assert!(output.status.success(), "{name}");
    }
    let list = stdout(&["-w", county, "--format", "json", "letters", "list"]);
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let circular = list.iter().find(|l| l["letter_id"] == CIRCULAR).unwrap();
    assert_eq!((&circular["status"], &circular["overdue"]), (&"feedback".into(), &Value::Null));
}
