use super::*;
use crate::circumstances::{CIRCUMSTANCES, Circumstances, Days};

const AREAS: &str = "code,name,level,parent,aliases,valid_to,successor\n\
    620981,玉门市,county,,,,\n\
    620981101,赤金镇,township,620981,旧赤金|赤金公社,,\n\
    620981102,花海镇,township,620981,,,\n\
    620981103,柳河镇,township,620981,,2025-06-30,620981102\n\
    620981101001,东村,village,620981101,,,\n\
    620981102001,东村,village,620981102,,,\n";
const HEADER: &str = "from,to,areas,domains,what,effect\n";

fn workspace() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let settings = "name = \"玉门市\"\ncounty = \"620981\"\n";
    std::fs::write(folder.path().join("pingan.toml"), settings).unwrap();
    std::fs::write(folder.path().join("areas.csv"), AREAS).unwrap();
    let workspace = Workspace::open(folder.path()).unwrap();
    (folder, workspace)
}

fn read_bytes(bytes: &[u8]) -> Result<Circumstances> {
    let (_folder, workspace) = workspace();
    std::fs::write(workspace.root.join(CIRCUMSTANCES), bytes).unwrap();
    Circumstances::read(&workspace)
}

fn read_rows(rows: &str) -> Vec<Circumstance> {
    read_bytes(format!("{HEADER}{rows}").as_bytes()).unwrap().0
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_file_is_read_in_the_order_of_its_days() {
    let read = read_rows(
        "2025-11-01,2026-01-31,,矛盾纠纷、petitions,百日攻坚专项行动,note\n\
         2025/7/12,2025/7/14,赤金镇；620981102,public_safety,台风“海葵”,不计\n,,,,,\n\
         2025-11-01,,旧赤金,,第七次全国人口普查,注明\n",
    );
    assert_eq!(read.len(), 3);
    assert_eq!(
        read[0],
        Circumstance {
            from: day("2025-07-12"),
            to: day("2025-07-14"),
            areas: vec!["620981101".into(), "620981102".into()],
            domains: vec!["public_safety"],
            what: "台风“海葵”".into(),
            effect: Effect::SetAside,
        }
    );
    // Without an end it is one day.
    assert_eq!((read[1].from, read[1].to), (day("2025-11-01"), day("2025-11-01")));
    assert_eq!((&read[1].areas, read[1].effect), (&vec!["620981101".to_owned()], Effect::Note));
    assert_eq!(read[2].domains, ["disputes", "petitions"]);
}

#[test]
fn it_is_read_as_spreadsheets_save_it_and_columns_stand_in_any_order() {
    let text = format!("{HEADER}2025-07-12,,,,暴雨,note\n");
    let plain = read_bytes(text.as_bytes()).unwrap().0;
    let marked = read_bytes(format!("\u{feff}{text}").as_bytes()).unwrap().0;
    let (gbk, ..) = encoding_rs::GB18030.encode(&text);
    let lines = text.replace('\n', "\r\n");
    assert!(plain.len() == 1 && marked == plain);
    assert_eq!(read_bytes(&gbk).unwrap().0, plain);
    assert_eq!(read_bytes(lines.as_bytes()).unwrap().0, plain);
    assert_eq!(read_bytes("effect,what,from\nnote,暴雨,2025-07-12\n".as_bytes()).unwrap().0, plain);
    assert!(read_bytes(HEADER.as_bytes()).unwrap().0.is_empty());
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_its_fix() {
    let good = "2025-07-12,2025-07-14,赤金镇,disputes,台风“海葵”,note\n";
    let cases = [
        ("2025-07-12,,赤金乡,,暴雨,note", "name 1 of areas is no area of areas.csv; give codes"),
        ("2025-07-12,,赤金镇、无,,暴雨,note", "name 2 of areas is no area"),
        ("2025-07-12,,东村,,暴雨,note", "name 1 of areas is of several areas; give the code"),
        ("2025-07-12,,,weather,暴雨,note", "name 1 of domains is no domain; give ids or labels"),
        ("2025-07-12,,,disputes;矛盾,暴雨,note", "name 2 of domains is no domain"),
        ("2025-07-14,2025-07-12,,,暴雨,note", "from, 2025-07-14, is after to, 2025-07-12"),
        (",2025-07-12,,,暴雨,note", "from is empty; give the first day"),
        ("12.7.2025,,,,暴雨,note", "from is no day; write it as 2025-07-12"),
        ("2025-07-12,2025-02-30,,,暴雨,note", "to is no day"),
        ("2025-07-12,,,,,note", "what is empty"),
        ("2025-07-12,,,,暴雨,", "effect is none; give note (注明) or set aside (不计)"),
        ("2025-07-12,,,,暴雨,ignore", "effect is none"),
        ("2025-07-12,,,,张伟专项行动,note", "what holds words that could name a person: ***专项"),
        ("2025-07-12,,,,台风“张伟13800138000”,note", "what holds a person's number"),
        ("2025-07-12,,,,台风“wxid9”,note", "what holds words that could name a person"),
        ("2025-07-12,,,,暴雨甘F12345,note", "what holds a person's number"),
        ("2025-07-12,,,,暴雨,note,x", "the row has 7 cells, the header 6"),
        ("2025-07-14,,,,暴雨", "the row has 5 cells, the header 6"),
    ];
    for (row, said) in cases {
        let error = read_bytes(format!("{HEADER}{good}{row}\n").as_bytes()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("circumstances.csv:3: ") && error.contains(said), "{row}: {error}");
        assert!(!error.contains("张伟") && !error.contains("12345"), "{error}");
    }
    let long = "暴雨".repeat(16);
    let error = read_bytes(format!("{HEADER}2025-07-12,,,,{long},note\n").as_bytes());
    assert!(error.unwrap_err().to_string().contains(":2: what has 32 characters"));
    let again = "2025/7/12,2025-07-14,620981101,矛盾纠纷,台风“海葵”,注明\n";
    let error = read_bytes(format!("{HEADER}{good}{again}").as_bytes()).unwrap_err().to_string();
    assert!(error.contains("circumstances.csv:3: the row repeats that of line 2"), "{error}");
}

#[test]
fn a_header_that_is_none_is_refused() {
    for (header, said) in [
        ("from,to,areas,domains,what,effects", ":1: the header's cell 6 is no column; use from,to"),
        ("from,to,areas,domains,what", ":1: column effect is missing"),
        ("to,what,effect", ":1: column from is missing"),
        ("from,effect", ":1: column what is missing"),
        ("from,from,what,effect", ":1: column from is there twice"),
        ("", ":1: column from is missing"),
    ] {
        let error = read_bytes(format!("{header}\n").as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{header}: {error}");
    }
}

#[test]
fn an_area_covers_those_below_it_and_an_heir_those_it_took_in() {
    let (_folder, workspace) = workspace();
    let register = Register::read(&workspace.areas_file()).unwrap();
    let covers = |row: &str, area: &str, domain: &str| {
        let read = Circumstances(read_rows(&format!("{row}\n")));
        let days = Days { area, domain, from: day("2025-07-14"), to: day("2025-07-20") };
        read.setting_aside(&register, days).is_some()
    };
    let of_areas = |areas: &str, area: &str| {
        covers(&format!("2025-07-12,2025-07-14,{areas},,暴雨,不计"), area, "disputes")
    };
    assert!(of_areas("", "620981") && of_areas("", "620981101") && of_areas("玉门市", "620981101"));
    assert!(of_areas("赤金镇", "620981101") && of_areas("赤金镇", "620981101001"));
    assert!(!of_areas("赤金镇", "620981102") && !of_areas("赤金镇", "620981"));
    assert!(of_areas("柳河镇", "620981102") && !of_areas("柳河镇", "620981101"));
    let row = "2025-07-12,2025-07-14,,disputes,暴雨,不计";
    assert!(covers(row, "620981101", "disputes") && !covers(row, "620981101", "traffic"));
    assert!(!covers("2025-07-12,2025-07-13,,,暴雨,不计", "620981101", "disputes"));
    assert!(!covers("2025-07-21,2025-07-22,,,暴雨,不计", "620981101", "disputes"));
    assert!(!covers("2025-07-14,,,,暴雨,注明", "620981101", "disputes"));
}

#[test]
fn without_a_file_nothing_is_read() {
    let (_folder, workspace) = workspace();
    std::fs::remove_file(workspace.areas_file()).unwrap();
    assert!(Circumstances::read(&workspace).unwrap().0.is_empty());
}
