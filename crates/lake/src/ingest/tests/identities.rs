//! Ids and parties: one spelling each, none that a spreadsheet has spoilt, and nothing of a person.

use super::*;

const HEADER: &str =
    "编号,发生时间,登记时间,乡镇,村,网格,类型,等级,人数,金额,渠道,截止,刑转,当事人,备注";

fn rows(ids: &[&str], person: &str) -> String {
    let line = |(i, id): (usize, &&str)| {
        let day = 1 + i % 28;
        format!(
            "{id},2025-03-{day:02} 08:05,2025-03-{day:02} 09:00,赤金镇,光明村,G-01,邻里,4,2,,,,否,{person},\n"
        )
    };
    let lines: String = ids.iter().enumerate().map(line).collect();
    format!("{HEADER}\n{lines}")
}

fn read(bench: &Bench, text: &str) -> (Tally, Kept) {
    bench.read(&bench.put("台账.csv", text.as_bytes()), None).unwrap()
}

#[test]
fn numbers_that_a_spreadsheet_has_shortened_are_no_ids() {
    let bench = Bench::new();
    for ids in [
        ["2.02601E+14"; 4],
        ["2.02601e+14", "2.02602E+14", "1E+15", "9.99999E+17"],
        ["202601010000001000", "202601010000002000", "202601010000003000", "202601010000004000"],
        [
            "202601010000001000.0",
            "202601010000001000.0",
            "202601010000001000.0",
            "2026010100000010.0",
        ],
        [
            "'202601010000001000",
            "'202601010000002000",
            "'202601010000003000",
            "'202601010000004000",
        ],
        ["9.99999E+17", "2.02601E+14", "202601010000003000", "1.5E+16"],
    ] {
        let (tally, kept) = read(&bench, &rows(&ids, "甲某"));
        assert_eq!((tally.accepted, tally.refused_rows), (0, 4), "{ids:?}: {:?}", kept.refusals);
        assert!(kept.refusals[0].reason.contains("lost digits"), "{:?}", kept.refusals);
        assert!(tally.notices.iter().any(|n| n.contains("4 ids have lost digits")), "{tally:?}");
    }
    // Long numbers that end in noughts by chance are ids.
    let serials: Vec<String> = (1..=60).map(|n| format!("2026010100000{n:05}")).collect();
    let serials: Vec<&str> = serials.iter().map(String::as_str).collect();
    assert_eq!(read(&bench, &rows(&serials, "甲某")).0.accepted, 60);
}

#[test]
fn spoilt_numbers_of_persons_are_no_parties() {
    let bench = Bench::new();
    let hash = |person: &str| {
        let (tally, kept) = read(&bench, &rows(&["A1"], person));
        (kept.column("party_hash").remove(0), tally.notices)
    };
    for person in
        ["9.99999E+17", "9.99999e+17", "1.54E+10", "999999195001010000", "15400000000000000.0"]
    {
        let (party, notices) = hash(person);
        assert_eq!(party, "∅", "{person}");
        assert!(
            notices.iter().any(|n| n.contains("numbers of persons have lost digits")),
            "{notices:?}"
        );
    }
    assert_ne!(hash("99999919500101000X").0, "∅");
}

#[test]
fn an_id_and_a_person_are_the_same_however_a_spreadsheet_was_kept_off_them() {
    let bench = Bench::new();
    let of = |id: &str, person: &str| {
        let (_, kept) = read(&bench, &rows(&[id], person));
        (kept.column("event_id"), kept.column("party_hash"))
    };
    let plain = of("JF001", "甲某1");
    assert_eq!(plain.0, ["JF001"]);
    for (id, person) in [
        ("'JF001", "'甲某1"),
        ("\"=\"\"JF001\"\"\"", "\"=\"\"甲某1\"\"\""),
        ("\"\"\"JF001\"\"\"", "\"\"\"甲某1\"\"\""),
        ("\tJF001", "\t甲某1"),
        ("`JF001", "`甲某1"),
        ("ｊｆ００１", "甲某１"),
        ("jf001", " 甲某 1"),
        ("JF\u{200b}001", "甲某\u{200b}1"),
        ("‘JF001’", "“甲某1”"),
    ] {
        assert_eq!(of(id, person), plain, "{id} {person}");
    }
}

#[test]
fn numbers_of_cases_that_begin_with_a_region_and_a_day_are_ids() {
    let bench = Bench::new();
    type Number = fn(u32, u32) -> String;
    let forms: [Number; 6] = [
        |day, n| format!("620981-202501{day:02}-{n:04}"),
        |day, n| format!("620981202501{day:02}{n:04}"),
        |day, n| format!("620981101-2025-01-{day:02}-{n}"),
        |day, n| format!("620981101-2019-02-{day:02}-{n}"),
        |day, n| format!("62098101{day:02}{n:05}"),
        |day, n| format!("620981/2025/01{day:02}/{n:04}"),
    ];
    for form in forms {
        let ids: Vec<String> =
            (1..=28).flat_map(|day| (1..10).map(move |n| form(day, n))).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (tally, kept) = read(&bench, &rows(&ids, "甲某"));
        assert_eq!(tally.accepted, 252, "{}: {:?}", ids[0], kept.refusals.first());
    }
}

#[test]
fn other_ids_are_hashes_that_lead_back_to_their_row() {
    let bench = Bench::new();
    let ids = [
        "玉信〔2026〕12号",
        "13-8001-3800",
        "wxid_te0000",
        "E12345678",
        "JF2026010001",
        "张三与李四",
    ];
    let (_, kept) = read(&bench, &rows(&ids, "甲某"));
    let landed = kept.column("event_id");
    assert_eq!(landed.iter().filter(|id| id.starts_with("h-")).count(), 5, "{landed:?}");
    assert!(landed.contains(&"JF2026010001".to_owned()));
    let origins: Vec<u64> = kept.origins.iter().map(|origin| origin.row).collect();
    assert_eq!(origins, [2, 3, 4, 5, 7]);
    for (id, row) in ids.iter().zip(2..) {
        let kept_as = kept_id(id, "disputes", &bench.hasher);
        let origin = kept.origins.iter().find(|origin| origin.row == row);
        assert_eq!(origin.map_or("JF2026010001", |o| o.event_id.as_str()), kept_as, "{id}");
    }
}

#[test]
fn an_id_of_several_columns_has_versions_and_one_spelling() {
    let bench = Bench::new();
    let mapping = "domain = \"disputes\"\n[columns]\nevent_id = [\"乡镇\", \"日期\", \"编号\"]\noccurred_at = \"日期\"\n\
        recorded_at = \"登记\"\narea_code = \"乡镇\"\ncategory = \"类型\"\n";
    let mapping = Mapping::parse(Path::new("m.toml"), mapping).unwrap();
    let text = "编号,日期,登记,乡镇,类型\n1,2025-07-01,2025-07-01,赤金镇,邻里\n1,2025/7/1,2025-07-09,赤金镇,邻里\n\
        1.0,2025年7月1日,2025-07-19,赤金镇,邻里\n1,2025-07-02,2025-07-02,赤金镇,邻里\n1,2025-07-01,2025-07-01,玉门镇,邻里\n";
    let file = bench.put("r.csv", text.as_bytes());
    let (tally, kept) = bench.read_with(&file, mapping.domain, &mapping).unwrap();
    assert_eq!(tally.accepted, 5, "{:?}", kept.refusals);
    let ids = kept.column("event_id");
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 3, "{ids:?}");
    // A part that is missing makes no id.
    let file = bench
        .put("r.csv", "编号,日期,登记,乡镇,类型\n,2025-07-01,2025-07-01,赤金镇,邻里\n".as_bytes());
    assert_eq!(bench.read_with(&file, mapping.domain, &mapping).unwrap().0.refused_rows, 1);
}

#[test]
fn ids_are_made_of_parsed_values() {
    let bench = Bench::new();
    let mapping = "domain = \"disputes\"\n[columns]\noccurred_at = \"日期\"\narea_code = \"乡镇\"\ncategory = \"类型\"\n\
        [id]\nprefix = \"jf\"\ncolumns = [\"日期\", \"乡镇\", \"件号\"]\n";
    let mapping = Mapping::parse(Path::new("m.toml"), mapping).unwrap();
    let mut ids = std::collections::HashSet::new();
    for (day, number) in [
        ("2025-07-01", "3"),
        ("2025/7/1", "3.0"),
        ("2025年7月1日", "３"),
        ("2025.7.1", " 3"),
        ("2025-07-01 00:00:00", "'3"),
        ("2025-7-1", "\"3\""),
    ] {
        let text = format!("日期,乡镇,件号,类型\n{day},赤金镇,{number},邻里\n");
        let (_, kept) = bench
            .read_with(&bench.put("r.csv", text.as_bytes()), mapping.domain, &mapping)
            .unwrap();
        ids.extend(kept.column("event_id"));
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[test]
fn a_hash_that_a_file_brings_goes_through_the_key() {
    let bench = Bench::new();
    let text = |hash: &str| {
        format!(
            "event_id,occurred_at,area_code,category,party_hash\nA1,2025-03-01,620981101,neighbour,{hash}\n"
        )
    };
    let of = |hash: &str| {
        let file = bench.put("disputes.csv", text(hash).as_bytes());
        bench.read(&file, None).unwrap().1.column("party_hash").remove(0)
    };
    let md5 = "5f4dcc3b5aa765d61d8327deb882cf99";
    assert!(of(md5) != md5 && of(md5) == of(&md5.to_uppercase()) && of(md5).len() == 32);
    // Digits alone could be a person's number.
    assert_eq!(of("999999195103151743"), "∅");
}
