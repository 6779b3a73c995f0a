//! Files and the mappings that are proposed for them.

mod ledgers;

use super::*;
use crate::mapping::Mapping;

const AREAS: &str = "code,name,level,parent,population,households,vehicles,enterprises,lon,lat,aliases\n620981,玉门市,county,,,,,,,,\n\
    620981100,玉门镇,township,620981,,,,,,,\n620981101,赤金镇,township,620981,,,,,,,\n620981101202,光明村,village,620981101,,,,,,,\n";

fn proposed(name: &str, text: &str, domain: Option<&str>) -> Result<Proposal> {
    let dir = tempfile::tempdir().unwrap();
    let (file, areas) = (dir.path().join(name), dir.path().join("areas.csv"));
    std::fs::write(&file, text).unwrap();
    std::fs::write(&areas, AREAS).unwrap();
    let taxonomy =
        Taxonomy::parse(Path::new("t"), include_str!("../../../../../models/taxonomy.toml"))
            .unwrap();
    let words =
        HeaderWords::parse(Path::new("h"), include_str!("../../../../../models/headers.toml"))
            .unwrap();
    propose(
        &file,
        domain.and_then(Domain::find),
        &Register::read(&areas).unwrap(),
        &taxonomy,
        &words,
    )
}

fn rows(n: usize, row: impl Fn(usize) -> String) -> String {
    (0..n).map(|i| row(i) + "\n").collect()
}

#[test]
fn a_departments_file_is_understood() {
    let kinds = ["邻里", "拖欠工资", "水事纠纷"];
    let body = rows(30, |i| {
        let id = 20250300 + i;
        format!(
            "JF{id},2025年3月{}日,赤金镇,光明村,{},{},{}万,张{i},1380013{:04},自述",
            1 + i % 28,
            kinds[i % 3],
            1 + i % 4,
            1 + i % 9,
            i
        )
    });
    let text = format!(
        "矛盾纠纷排查台账,,,,,,,,,\n纠纷编号,发生日期,所属乡镇,村(社区),纠纷类型,涉及人数,涉案金额,当事人姓名,联系电话,简要情况\n{body}"
    );
    let proposal = proposed("矛盾纠纷2025.csv", &text, None).unwrap();
    assert!(proposal.missing.is_empty(), "{}", proposal.text);
    let mapping = Mapping::parse(Path::new("m.toml"), &proposal.text)
        .unwrap_or_else(|e| panic!("{e}\n{}", proposal.text));
    assert_eq!(mapping.domain.id, "disputes");
    assert!(mapping.is_for("矛盾纠纷2026.csv"));
    for (column, headers) in [
        ("event_id", vec!["纠纷编号"]),
        ("occurred_at", vec!["发生日期"]),
        ("area_code", vec!["所属乡镇", "村(社区)"]),
        ("category", vec!["纠纷类型"]),
        ("persons", vec!["涉及人数"]),
        ("amount", vec!["涉案金额"]),
    ] {
        assert_eq!(
            mapping.columns.get(column).map(Vec::as_slice),
            Some(headers.iter().map(|h| h.to_string()).collect::<Vec<_>>().as_slice()),
            "{column}"
        );
    }
    assert_eq!(mapping.persons, ["当事人姓名", "联系电话"]);
    assert!(proposal.text.contains("# \"水事纠纷\" = \"\""), "{}", proposal.text);
    assert!(!proposal.text.contains("1380013"), "{}", proposal.text);
}

#[test]
fn values_speak_where_headers_do_not() {
    let body =
        rows(20, |i| format!("K{i:04},2025-03-{:02},玉门镇,盗窃,11010519491231002X", 1 + i % 28));
    let proposal =
        proposed("a.csv", &format!("c1,c2,c3,c4,c5\n{body}"), Some("public_order")).unwrap();
    let mapping = Mapping::parse(Path::new("m.toml"), &proposal.text).unwrap();
    assert_eq!(mapping.columns["event_id"], ["c1"]);
    assert_eq!(mapping.columns["occurred_at"], ["c2"]);
    assert_eq!(mapping.columns["area_code"], ["c3"]);
    assert_eq!(mapping.columns["category"], ["c4"]);
    assert_eq!(mapping.persons, ["c5"]);
}

#[test]
fn without_ids_one_is_made_and_without_areas_it_says_so() {
    let body = rows(20, |i| format!("2025-03-{:02},赤金镇,噪音", 1 + i % 3));
    let proposal = proposed("requests.csv", &format!("日期,乡镇,类别\n{body}"), None).unwrap();
    assert!(proposal.missing.is_empty());
    let mapping = Mapping::parse(Path::new("m.toml"), &proposal.text).unwrap();
    assert_eq!(mapping.domain.id, "requests");
    assert_eq!(mapping.id.unwrap().columns, ["日期", "乡镇", "类别"]);

    let body = rows(20, |i| format!("A{i},2025-03-{:02},噪音", 1 + i % 3));
    let proposal = proposed("requests.csv", &format!("工单编号,日期,类别\n{body}"), None).unwrap();
    assert_eq!(proposal.missing, ["area_code"]);
    assert!(
        Mapping::parse(Path::new("m.toml"), &proposal.text)
            .is_err_and(|e| e.to_string().contains("area_code"))
    );
}

#[test]
fn nothing_points_to_a_domain() {
    let message = proposed("x.csv", "a,b\n1,2\n3,4\n", None).unwrap_err().to_string();
    assert!(message.contains("--domain"), "{message}");
}
