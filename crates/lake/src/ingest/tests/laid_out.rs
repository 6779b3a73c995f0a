//! Tables as departments lay them out for people: units in headers, merged cells, headers of two
//! rows, totals and notes, a row for each person.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::*;

const HEADER: &str = "纠纷编号,发生时间,所属乡镇,纠纷类型,涉案金额（万元）,当事人";
const COLUMNS: &str = "[columns]\nevent_id = \"纠纷编号\"\noccurred_at = \"发生时间\"\narea_code = \"所属乡镇\"\n\
    category = \"纠纷类型\"\n";

/// Reads a file by a mapping of these keys above its columns, and these tables below.
fn read(name: &str, bytes: &[u8], keys: &str, tables: &str) -> Result<(Tally, Kept)> {
    let bench = Bench::new();
    let file = bench.put(name, bytes);
    let text = format!("domain = \"disputes\"\n{keys}\n{COLUMNS}{tables}");
    let mapping = Mapping::parse(Path::new("m.toml"), &text)?;
    bench.read_with(&file, mapping.domain, &mapping)
}

fn csv(header: &str, rows: &[&str]) -> Vec<u8> {
    format!("{header}\n{}\n", rows.join("\n")).into_bytes()
}

fn notices(tally: &Tally) -> String {
    tally.notices.join("\n")
}

#[test]
fn numbers_are_in_the_unit_of_cell_mapping_or_header() {
    let amount = |header: &str| format!("amount = \"{header}\"\n");
    for (header, cell, tables, yuan) in [
        ("涉案金额（万元）", "0.3", "", "3000.00"),
        ("涉案金额(千元)", "0.3", "", "300.00"),
        ("涉案金额（单位：万元）", "0.29", "", "2900.00"),
        ("涉案金额 单位:百万元", "1", "", "1000000.00"),
        ("涉案金额（元）", "0.3", "", "0.30"),
        ("涉案金额（万元）", "3000元", "", "3000.00"),
        ("涉案金额（万元）", "0.3", "[unit]\namount = \"千元\"\n", "300.00"),
        ("涉案金额", "0.3", "[unit]\namount = \"亿元\"\n", "30000000.00"),
        ("涉案金额", "0.3", "", "0.30"),
    ] {
        let text = csv(
            &HEADER.replace("涉案金额（万元）", header),
            &[&format!("A1,2025-03-01,赤金镇,邻里,{cell},某甲")],
        );
        let (tally, kept) = read("台账.csv", &text, "", &(amount(header) + tables)).unwrap();
        assert_eq!(kept.column("amount"), [yuan], "{header} {cell} {tables}");
        let said = notices(&tally).contains("as the header says");
        assert_eq!(said, tables.is_empty() && header.contains(['万', '千', '百']), "{header}");
    }
    let text =
        csv("纠纷编号,发生时间,所属乡镇,纠纷类型,金额（万美元）", &["A1,2025-03-01,赤金镇,邻里,1"]);
    let error = read("台账.csv", &text, "", &amount("金额（万美元）")).unwrap_err().to_string();
    assert!(error.contains("美元"), "{error}");
}

#[test]
fn a_number_of_a_workbook_takes_the_unit_exactly() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (i, header) in HEADER.split(',').enumerate() {
        sheet.write(0, i as u16, header).unwrap();
    }
    for (row, amount) in [0.3, 0.29, 1.1, 57.9].into_iter().enumerate() {
        let row = row as u32 + 1;
        for (i, text) in [&*format!("A{row}"), "2025-03-01", "赤金镇", "邻里"].iter().enumerate()
        {
            sheet.write(row, i as u16, *text).unwrap();
        }
        sheet.write(row, 4, amount).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let (_, kept) = read("台账.xlsx", &bytes, "", "amount = \"涉案金额（万元）\"\n").unwrap();
    assert_eq!(kept.column("amount"), ["3000.00", "2900.00", "11000.00", "579000.00"]);
}

#[test]
fn a_blank_cell_takes_the_value_above_where_the_mapping_says_so() {
    let rows = ["A1,2025-03-01,赤金镇,邻里,,", "A2,2025-03-02,,邻里,,", "A3,,玉门镇,邻里,,"];
    let text = csv(HEADER, &rows);
    let (tally, kept) = read("台账.csv", &text, "fill_down = \"所属乡镇\"", "").unwrap();
    assert_eq!(kept.column("area_code"), ["620981101", "620981101"]);
    // A date is not filled: nothing says so.
    assert_eq!((tally.accepted, tally.refused_rows), (2, 1));
    let (tally, _) = read("台账.csv", &text, "", "").unwrap();
    assert_eq!((tally.accepted, tally.refused_rows), (1, 2));
    let error = read("台账.csv", &text, "fill_down = [\"村\"]", "").unwrap_err().to_string();
    assert!(error.contains("no header with 村"), "{error}");
}

/// A sheet whose townships are merged over blocks of rows, from the second row on.
fn merged(blocks: &[(u32, u32, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (i, header) in HEADER.split(',').enumerate() {
        sheet.write(0, i as u16, header).unwrap();
    }
    let mut row = 1;
    for &(id, rows, town) in blocks {
        for n in 0..rows {
            sheet.write(row + n, 0, format!("A{id}-{n}")).unwrap();
            sheet.write(row + n, 1, "2025-03-01").unwrap();
            sheet.write(row + n, 3, "邻里").unwrap();
        }
        merge(sheet, (row, row + rows - 1), 2, town);
        row += rows;
    }
    book.save_to_buffer().unwrap()
}

fn merge(sheet: &mut Worksheet, rows: (u32, u32), column: u16, text: &str) {
    if rows.0 == rows.1 {
        sheet.write(rows.0, column, text).unwrap();
    } else {
        sheet.merge_range(rows.0, column, rows.1, column, text, &Format::new()).unwrap();
    }
}

#[test]
fn merged_cells_of_a_workbook_hold_for_all_their_rows() {
    for blocks in [
        vec![(1, 6, "赤金镇"), (2, 6, "玉门镇")],
        vec![(1, 1, "赤金镇"), (2, 3, "玉门镇"), (3, 1, "赤金镇")],
        vec![(1, 2, "玉门镇"), (2, 30, "赤金镇")],
        vec![(1, 25, "玉门镇"), (2, 2, "赤金镇")],
        vec![(1, 2, "玉门镇"), (2, 2, "玉门镇"), (3, 2, "赤金镇")],
    ] {
        let (tally, kept) = read("台账.xlsx", &merged(&blocks), "", "").unwrap();
        let code = |town: &str| if town == "赤金镇" { "620981101" } else { "620981100" };
        let towns = blocks.iter().flat_map(|&(_, n, town)| vec![code(town).to_owned(); n as usize]);
        assert_eq!(kept.column("area_code"), towns.collect::<Vec<_>>());
        assert_eq!(tally.refused_rows, 0, "{blocks:?}");
    }
    // A blank cell that is merged with none stays blank.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, text) in
        [HEADER, "A1,2025-03-01,赤金镇,邻里", "A2,2025-03-01,,邻里"].iter().enumerate()
    {
        for (i, cell) in text.split(',').enumerate() {
            sheet.write(row as u32, i as u16, cell).unwrap();
        }
    }
    let (tally, _) = read("台账.xlsx", &book.save_to_buffer().unwrap(), "", "").unwrap();
    assert_eq!((tally.accepted, tally.refused_rows), (1, 1));
}

const TWO_ROWS: &str = "[columns]\nevent_id = \"纠纷编号\"\noccurred_at = \"发生\"\nrecorded_at = \"时间/登记\"\n\
    area_code = [\"乡镇\", \"村\"]\ncategory = \"纠纷类型\"\n[persons]\ncolumns = [\"姓名\"]\n";

fn read_two_rows(name: &str, bytes: &[u8], keys: &str) -> Result<(Tally, Kept)> {
    let bench = Bench::new();
    let file = bench.put(name, bytes);
    let text = format!("domain = \"disputes\"\n{keys}\n{TWO_ROWS}");
    let mapping = Mapping::parse(Path::new("m.toml"), &text)?;
    bench.read_with(&file, mapping.domain, &mapping)
}

#[test]
fn a_header_of_two_rows_is_read() {
    let body = "1,A1,2025-03-02,2025-03-01,赤金镇,光明村,邻里,某甲,139\n";
    let headers = [
        "序号,纠纷编号,时间,,地点,,纠纷类型,当事人,\n,,登记,发生,乡镇,村,,姓名,电话\n",
        "序号,纠纷编号,时间,,地点,,纠纷类型,当事人\n,,登记,发生,乡镇,村,,姓名,电话\n",
        "矛盾纠纷台账,,,,,,,,\n序号,纠纷编号,时间,,地点,,纠纷类型,当事人,\n,,登记,发生,乡镇,村,,姓名,电话\n",
        "序号,纠纷编号,时间,,地点,,纠纷类型,当事人,\n序号,纠纷编号,登记,发生,乡镇,村,纠纷类型,姓名,电话\n",
        "序号,纠纷编号,时间,时间,地点,地点,纠纷类型,当事人,当事人\n,,登记,发生,乡镇,村,,姓名,电话\n",
    ];
    for (i, header) in headers.iter().enumerate() {
        let text = format!("{header}{body}");
        let (tally, kept) = read_two_rows("台账.csv", text.as_bytes(), "header_rows = 2").unwrap();
        assert_eq!(kept.column("area_code"), ["620981101202"], "{header}");
        assert_eq!(kept.column("day"), ["2025-03-01"], "{header}");
        assert!(tally.notices.is_empty());
        if i < 3 {
            let (tally, kept) = read_two_rows("台账.csv", text.as_bytes(), "").unwrap();
            assert_eq!(kept.column("day"), ["2025-03-01"], "{header}");
            assert!(notices(&tally).contains("header_rows = 2"), "{:?}", tally.notices);
        }
    }
    // A part that stands under two groups is none of them.
    let text = format!(
        "编号,纠纷编号,登记,,办结,,地点,,纠纷类型,当事人\n,,登记,发生,登记,发生,乡镇,村,,姓名\n{body}"
    );
    let error = read_two_rows("台账.csv", text.as_bytes(), "header_rows = 2").unwrap_err();
    assert!(error.to_string().contains("办结/登记"), "{error}");
    let error = read_two_rows("台账.csv", text.as_bytes(), "header_rows = 4").unwrap_err();
    assert!(error.to_string().starts_with("m.toml:2: "), "{error}");
}

#[test]
fn a_workbook_with_a_header_of_two_merged_rows_is_read() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new();
    sheet.merge_range(0, 0, 0, 6, "台账", &format).unwrap();
    for (column, text) in [(0, "纠纷编号"), (5, "纠纷类型")] {
        sheet.merge_range(1, column, 2, column, text, &format).unwrap();
    }
    sheet.merge_range(1, 1, 1, 2, "时间", &format).unwrap();
    sheet.merge_range(1, 3, 1, 4, "地点", &format).unwrap();
    sheet.write(1, 6, "姓名").unwrap();
    for (i, text) in ["登记", "发生", "乡镇", "村"].iter().enumerate() {
        sheet.write(2, i as u16 + 1, *text).unwrap();
    }
    for (i, text) in
        ["A1", "2025-03-02", "2025-03-01", "赤金镇", "光明村", "邻里", "某甲"].iter().enumerate()
    {
        sheet.write(3, i as u16, *text).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    for keys in ["", "header_rows = 2"] {
        let (tally, kept) = read_two_rows("台账.xlsx", &bytes, keys).unwrap();
        assert_eq!(kept.column("event_id"), ["A1"]);
        assert_eq!((tally.rows, tally.refused_rows), (1, 0));
    }
}

#[test]
fn totals_and_notes_below_the_table_are_no_events() {
    let one = "A1,2025-03-01,赤金镇,邻里,1,某甲";
    for below in [
        "合计,,,,1,",
        "合 计,,,,1,",
        "合计,,,,1",
        "注：本表一式两份,,,,,",
        "填报人：某甲  审核人：某乙  电话：13800138000,,,,,",
        "单位负责人：某甲,填表人：某乙,13800138000",
        ",,合计,,1,",
        "赤金镇小计,,,,1,",
        "经办人：某甲,,,,,",
    ] {
        let (tally, kept) = read("台账.csv", &csv(HEADER, &[one, below]), "", "").unwrap();
        assert!(kept.refusals.is_empty(), "{below}: {:?}", kept.refusals);
        assert_eq!((tally.rows, tally.accepted, tally.skipped), (2, 1, 1), "{below}");
        assert_eq!(tally.notices, ["1 row is a total or a note and no event (3)"], "{below}");
    }
    // What has a date and a place is an event, and what begins with no such word is refused.
    for (row, accepted) in [
        ("合计,2025-03-01,赤金镇,邻里,1,", 2),
        ("备注-7,2025-03-01,赤金镇,,1,", 1),
        ("A2,,,,,", 1),
        ("某甲,,,,,", 1),
    ] {
        let (tally, _) = read("台账.csv", &csv(HEADER, &[one, row]), "", "").unwrap();
        assert_eq!((tally.accepted, tally.refused_rows), (accepted, 2 - accepted), "{row}");
        assert_eq!(tally.skipped, 0, "{row}");
    }
}

#[test]
fn nothing_is_data_from_the_row_where_the_mapping_stops() {
    let rows = [
        "A1,2025-03-01,赤金镇,邻里,1,某甲",
        "以下为历史,,,,,",
        "A2,2025-03-01,赤金镇,邻里,1,某甲",
        "\"open,,",
        "x",
    ];
    let (tally, kept) =
        read("台账.csv", &csv(HEADER, &rows), "stop_at = [\"以下为\"]", "").unwrap();
    assert_eq!(kept.column("event_id"), ["A1"]);
    assert!(kept.refusals.is_empty(), "{:?}", kept.refusals);
    assert_eq!((tally.accepted, tally.skipped), (1, 4));
}

const PERSONS: &str = "[persons]\ncolumns = [\"当事人\"]\n";

#[test]
fn rows_of_the_persons_of_an_event_are_one_event() {
    let by = "group_by = \"纠纷编号\"";
    let each = [
        "A1,2025-03-01,赤金镇,邻里,1,某甲",
        "A1,2025-03-01,赤金镇,邻里,1,某乙",
        "A2,2025-03-02,玉门镇,邻里,2,某丙",
        "A2,2025-03-02,玉门镇,邻里,2,某丁",
        "A3,2025-03-03,玉门镇,邻里,2,某戊",
    ];
    let merged = [each[0], ",,,,,某乙", each[2], ",,,,,某丁", each[4]];
    let late =
        ["A1,2025-03-01,赤金镇,,1,某乙", "A1,2025-03-01,,邻里,1,某甲", each[2], each[3], each[4]];
    let together = [
        "A1,2025-03-01,赤金镇,邻里,1,某甲、某乙",
        "A2,2025-03-02,玉门镇,邻里,2,某丁、某丙",
        each[4],
    ];
    let bench = Bench::new();
    let read = |rows: &[&str], keys: &str| {
        let file = bench.put("台账.csv", &csv(HEADER, rows));
        let text = format!("domain = \"disputes\"\n{keys}\n{COLUMNS}{PERSONS}");
        let mapping = Mapping::parse(Path::new("m.toml"), &text).unwrap();
        bench.read_with(&file, mapping.domain, &mapping).unwrap()
    };
    let (_, one) = read(&together, "");
    for rows in [each, merged, late] {
        let (tally, kept) = read(&rows, by);
        assert_eq!((tally.rows, tally.accepted, tally.refused_rows), (3, 3, 0), "{rows:?}");
        assert_eq!(kept.column("party_hash"), one.column("party_hash"), "{rows:?}");
        assert_eq!(kept.column("area_code"), one.column("area_code"));
        assert_eq!(tally.notices, ["2 rows belong to the event of the row before"]);
    }
    let (tally, _) =
        read(&["A1,2025-03-01,赤金镇,邻里,1,某甲", "A1,2025-03-05,赤金镇,邻里,1,某乙"], by);
    assert!(notices(&tally).contains("differ in 发生时间"), "{:?}", tally.notices);
    // Without the key the repeats are said together, with what to do.
    let (tally, _) = read(&each, "");
    assert_eq!((tally.accepted, tally.refused_rows), (3, 2));
    assert_eq!(
        tally.notices,
        [
            "2 rows repeat an id of the file (3, 5); where a row is one person of an event, say `group_by = \"纠纷编号\"`"
        ]
    );
}

#[test]
fn merged_rows_of_a_workbook_are_one_event_too() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (i, header) in HEADER.split(',').enumerate() {
        sheet.write(0, i as u16, header).unwrap();
    }
    for (event, town) in ["赤金镇", "玉门镇"].iter().enumerate() {
        let row = event as u32 * 2 + 1;
        for (column, text) in
            [&*format!("A{event}"), "2025-03-01", town, "邻里", "1"].iter().enumerate()
        {
            merge(sheet, (row, row + 1), column as u16, text);
        }
        sheet.write(row, 5, format!("某{event}甲")).unwrap();
        sheet.write(row + 1, 5, format!("某{event}乙")).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let (tally, kept) = read("台账.xlsx", &bytes, "group_by = \"纠纷编号\"", PERSONS).unwrap();
    assert_eq!(kept.column("event_id"), ["A0", "A1"]);
    assert_eq!((tally.rows, tally.refused_rows), (2, 0));
    let (tally, _) = read("台账.xlsx", &bytes, "", PERSONS).unwrap();
    assert_eq!((tally.accepted, tally.refused_rows), (2, 2));
    assert!(notices(&tally).contains("group_by"), "{:?}", tally.notices);
}

#[test]
fn dates_are_read_in_the_format_that_the_mapping_says() {
    let day_first = "date_format = \"%d/%m/%Y\"";
    let month_first = "date_format = \"%m/%d/%Y\"";
    for (written, keys, became) in [
        ("05/01/2025", day_first, Some("2025-01-05")),
        ("05/01/2025", month_first, Some("2025-05-01")),
        ("5/1/2025 8:05", day_first, Some("2025-01-05")),
        ("05/01/2025 8:05 PM", day_first, Some("2025-01-05")),
        ("31/12/2024", day_first, Some("2024-12-31")),
        ("31/12/2024", month_first, None),
        ("2025-01-05", day_first, None),
        ("05/01/2025", "", None),
        ("05.01.25", "date_format = \"%d.%m.%y\"", Some("2025-01-05")),
        ("05.01.2025", "date_format = \"%d.%m.%y\"", None),
        ("05-Jan-2025", "date_format = \"%d-%b-%Y\"", Some("2025-01-05")),
        ("05/01/2025 20:05", "date_format = \"%d/%m/%Y %H:%M\"", Some("2025-01-05")),
    ] {
        let row = format!("A1,{written},赤金镇,邻里,1,某甲");
        let (_, kept) = read("台账.csv", &csv(HEADER, &[&row]), keys, "").unwrap();
        assert_eq!(kept.column("day").first().map(String::as_str), became, "{written} {keys}");
    }
    let row = "A1,05/01/2025,赤金镇,邻里,1,某甲";
    let table = "[date_format]\noccurred_at = \"%d/%m/%Y\"\n";
    let (_, kept) = read("台账.csv", &csv(HEADER, &[row]), "", table).unwrap();
    assert_eq!(kept.column("day"), ["2025-01-05"]);
}

#[test]
fn headers_are_the_same_whatever_cannot_be_seen() {
    for header in [
        "纠纷\u{200b}编号,发生\u{a0}时间,\u{feff}所属乡镇,纠纷类型\u{200e}",
        "纠纷 编号,发生\u{ad}时间,所\u{2060}属乡镇, 纠纷类型 ",
        "纠纷\u{3000}编号,发生时间\u{200d},所属乡镇\u{200f},纠纷\u{200c}类型",
    ] {
        let text = csv(header, &["A1,2025-03-01,赤金镇,邻里"]);
        let (tally, _) = read("台账.csv", &text, "", "").unwrap();
        assert_eq!(tally.accepted, 1, "{header:?}");
    }
}
