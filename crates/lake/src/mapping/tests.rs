//! Mappings read and refused.

use super::*;
use crate::taxonomy::Taxonomy;

const GOOD: &str = "domain = \"disputes\"\nfiles = [\"矛盾纠纷*.csv\"]\n[columns]\nevent_id = \"编号\"\noccurred_at = [\"日期\", \"时间\"]\n\
    area_code = [\"乡镇\", \"村\"]\ncategory = \"类型\"\n[words.category]\n\"闹\" = \"neighbour\"\n[constant]\nchannel = \"grid\"\n";

fn taxonomy() -> Taxonomy {
    Taxonomy::parse(Path::new("taxonomy.toml"), include_str!("../../../../models/taxonomy.toml"))
        .unwrap()
}

fn refused(text: &str) -> String {
    match Mapping::parse(Path::new("m.toml"), text).and_then(|m| m.check(&taxonomy())) {
        Ok(()) => panic!("accepted: {text}"),
        Err(e) => e.to_string(),
    }
}

#[test]
fn a_good_one_is_read() {
    let m = Mapping::parse(Path::new("m.toml"), GOOD).unwrap();
    m.check(&taxonomy()).unwrap();
    assert_eq!(m.columns["area_code"], ["乡镇", "村"]);
    assert_eq!(m.headers().len(), 6);
    assert!(m.is_for("矛盾纠纷2025.csv") && !m.is_for("信访.csv"));
}

#[test]
fn lies_are_named_with_their_line() {
    for (from, to, line, message) in [
        ("domain = \"disputes\"", "domain = \"dispute\"", 1, "there is no domain"),
        ("category = \"类型\"", "categori = \"类型\"", 7, "no column categori"),
        ("category = \"类型\"", "day = \"类型\"", 7, "fills in day itself"),
        ("category = \"类型\"", "severity = \"类型\"", 3, "nothing says what category is"),
        ("event_id = \"编号\"", "grid_code = \"编号\"", 3, "nothing says what event_id is"),
        ("\"neighbour\"", "\"neighbours\"", 9, "no code of category"),
        ("channel = \"grid\"", "channel = \"grids\"", 11, "no code of channel"),
        ("[words.category]", "[words.amount]", 8, "amount is not coded"),
        ("channel = \"grid\"", "category = \"other\"", 7, "both columns and constant"),
        ("channel = \"grid\"", "event_id = \"1\"", 4, "the same for all rows"),
        ("[\"日期\", \"时间\"]", "[\"日期\", \"时间\", \"秒\"]", 5, "names 3 headers"),
        ("category = \"类型\"", "category = []", 7, "names 0 headers"),
        ("files =", "file =", 2, "unknown field"),
        ("category = \"类型\"", "category = 3", 7, "expected a header"),
    ] {
        let message_was = refused(&GOOD.replace(from, to));
        assert!(message_was.contains(message), "{to}: {message_was}");
        assert!(
            message_was.starts_with(&format!("m.toml:{line}: ")),
            "{to} should be at line {line}: {message_was}"
        );
    }
    assert!(
        refused(&format!("{GOOD}[id]\nprefix = \"a\"\ncolumns = [\"编号\"]\n"))
            .contains("[id] makes one too")
    );
}

#[test]
fn how_rows_and_cells_are_written() {
    let keys = "header_rows = 2\nfill_down = [\"乡镇\"]\nstop_at = \"合计\"\ngroup_by = \"编号\"\n\
                date_format = \"%d/%m/%Y\"\n";
    let text =
        GOOD.replace("[columns]", &format!("{keys}[columns]")) + "[unit]\namount = \"万元\"\n";
    let m = Mapping::parse(Path::new("m.toml"), &text).unwrap();
    assert_eq!(m.layout.header_rows, Some(2));
    assert_eq!((m.layout.fill_down.len(), m.layout.stop_at.len()), (1, 1));
    assert_eq!(m.layout.group_by.as_deref(), Some("编号"));
    assert_eq!(m.date_format.find("recorded_at"), Some("%d/%m/%Y"));
    assert_eq!(m.unit["amount"].tens, 4);
    let four = GOOD.replace("\"编号\"", "[\"镇\", \"年\", \"月\", \"号\"]");
    assert_eq!(Mapping::parse(Path::new("m.toml"), &four).unwrap().columns["event_id"].len(), 4);
    for (key, message) in [
        ("header_rows = 0", "neither 1, 2 nor 3"),
        ("header_rows = \"two\"", "invalid type"),
        ("fill_down = [\"\"]", "empty word"),
        ("stop_at = [\" \"]", "empty word"),
        ("group_by = \"\"", "group_by names no column"),
        ("date_format = \"dd/mm/yyyy\"", "does not name day, month and year"),
        ("date_format = 3", "expected a format"),
        ("units = 3", "unknown field"),
    ] {
        let said = refused(&GOOD.replace("[columns]", &format!("{key}\n[columns]")));
        assert!(said.contains(message) && said.starts_with("m.toml:3: "), "{key}: {said}");
    }
    for (table, message) in [
        ("[unit]\namount = \"美元\"\n", "is no unit of amount"),
        ("[unit]\nseverity = \"万\"\n", "is no unit of severity"),
        ("[unit]\nmoney = \"万元\"\n", "is no unit of money"),
        ("[date_format]\ncategory = \"%d/%m/%Y\"\n", "category is no date"),
    ] {
        let said = refused(&(GOOD.to_owned() + table));
        assert!(said.contains(message), "{table}: {said}");
    }
}
