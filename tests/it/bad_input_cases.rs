//! Bad input and what must become of it: one table, driven through the library
//! (src/lake/ingest/tests) and through the binary.

use std::io::Write;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampSecondArray,
};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::parquet::arrow::ArrowWriter;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

/// The register the cases need.
pub const AREAS: &str =
    "code,name,level,parent,population,households,vehicles,enterprises,lon,lat,aliases
620981,玉门市,county,,,,,,,,
620981100,玉门镇,township,620981,,,,,,,
620981101,赤金镇,township,620981,,,,,,,
620981100201,新民村,village,620981100,,,,,,,
620981101201,新民村,village,620981101,,,,,,,
620981101202,光明村,village,620981101,,,,,,,
";

/// The mapping the cases need, for files named `台账…`.
pub const MAPPING: &str = r#"domain = "disputes"
files = ["台账*"]
[columns]
event_id = "编号"
occurred_at = "发生时间"
recorded_at = "登记时间"
area_code = ["乡镇", "村"]
grid_code = "网格"
category = "类型"
severity = "等级"
persons = "人数"
amount = "金额"
channel = "渠道"
due_at = "截止"
turned_criminal = "刑转"
[persons]
columns = ["当事人"]
"#;

pub const HEADER: &str =
    "编号,发生时间,登记时间,乡镇,村,网格,类型,等级,人数,金额,渠道,截止,刑转,当事人,备注";

/// What must become of a file.
pub enum Outcome {
    /// These ids land; these refusals are recorded: row, part of the reason, whether the whole row
    /// is refused.
    Lands { ids: &'static [&'static str], refusals: Vec<(u64, &'static str, bool)> },
    /// Nothing is taken, and the message says this.
    Error(&'static str),
}

pub struct Case {
    pub name: String,
    /// The file's name; `台账…` is mapped by [`MAPPING`], `disputes…` has our own headers.
    pub file: &'static str,
    pub bytes: Vec<u8>,
    pub outcome: Outcome,
}

/// A good row with an id.
pub fn good(id: &str) -> Vec<String> {
    [
        id,
        "2025-03-01 08:05",
        "2025-03-02",
        "赤金镇",
        "光明村",
        "G-01",
        "邻里",
        "4",
        "2",
        "1.2万",
        "网格",
        "2025-04-01",
        "否",
        "张三",
        "备注",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn line(cells: &[String]) -> String {
    cells.join(",")
}

/// One bad cell in the second of three rows.
fn cell(column: usize, value: &str, whole_row: bool, reason: &'static str) -> Case {
    let mut bad = good("A2");
    bad[column] = value.to_owned();
    let text = [HEADER.to_owned(), line(&good("A1")), line(&bad), line(&good("A3"))].join("\n");
    let ids: &[&str] = if whole_row { &["A1", "A3"] } else { &["A1", "A2", "A3"] };
    let ids = if column == 0 { &["A1", "A3"] } else { ids };
    lands(
        &format!("cell {column} {value:.30}"),
        "台账.csv",
        text.into_bytes(),
        ids,
        vec![(3, reason, whole_row)],
    )
}

fn lands(
    name: &str,
    file: &'static str,
    bytes: Vec<u8>,
    ids: &'static [&'static str],
    refusals: Vec<(u64, &'static str, bool)>,
) -> Case {
    Case { name: name.to_owned(), file, bytes, outcome: Outcome::Lands { ids, refusals } }
}

fn error(name: &str, file: &'static str, bytes: Vec<u8>, message: &'static str) -> Case {
    Case { name: name.to_owned(), file, bytes, outcome: Outcome::Error(message) }
}

/// The header and rows A1, one raw line, A3.
fn around(raw: &[u8]) -> Vec<u8> {
    [
        format!("{HEADER}\n{}\n", line(&good("A1"))).as_bytes(),
        raw,
        format!("\n{}\n", line(&good("A3"))).as_bytes(),
    ]
    .concat()
}

pub fn cases() -> Vec<Case> {
    let mut all = bad_cells();
    all.extend(bad_lines());
    all.extend(bad_files());
    all.extend(workbooks());
    all.extend(parquets());
    all
}

fn bad_cells() -> Vec<Case> {
    let long: &'static str = Box::leak("x".repeat(129).into_boxed_str());
    vec![
        cell(0, "", true, "empty"),
        cell(0, "=CMD|' /C calc'!A0", true, "a formula, not a value"),
        cell(0, "\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"", true, "a formula, not a value"),
        cell(0, long, true, "longer than 128 bytes"),
        cell(0, "A\u{7}2", true, "control characters"),
        cell(0, "11010519491231002X", true, "looks like an identity number"),
        cell(0, "13800138000", true, "looks like an identity number"),
        cell(0, "甘F·12345", true, "looks like an identity number"),
        cell(0, "#N/A", true, "the Excel error #N/A"),
        cell(0, "A1", true, "duplicate id in the same file"),
        cell(1, "", true, "empty"),
        cell(1, "2025-02-30", true, "there is no 2025-02-30"),
        cell(1, "民國114年3月1日", true, "a year of the Republic"),
        cell(1, "114/3/1", true, "a year of the Republic"),
        cell(1, "3/1/2025", true, "day and month first"),
        cell(1, "昨天", true, "not a date"),
        cell(1, "1989-12-31", true, "before 1990"),
        cell(1, "2099-01-01", true, "in the future"),
        cell(1, "1700000000", true, "is no date"),
        cell(1, "2025-03-01 25:61", true, "there is no time"),
        cell(1, "1990-04-15 02:30", true, "does not exist"),
        cell(2, "2099-01-01", false, "in the future"),
        cell(2, "2025-02-01", false, "recorded a day or more before"),
        cell(3, "火星镇", true, "no such area"),
        cell(3, "玉门镇、赤金镇", true, "several areas"),
        cell(4, "不在册村", false, "no such area"),
        cell(5, "东街12号张三家", false, "neither a code nor a grid"),
        cell(5, "13800138000", false, "looks like an identity number"),
        cell(6, "", true, "empty"),
        cell(6, "外星纠纷", true, "no code of category"),
        cell(6, "=1+1", true, "a formula, not a value"),
        cell(7, "9", false, "no code of severity"),
        cell(8, "-3", false, "negative"),
        cell(8, "1.5", false, "not a whole number"),
        cell(8, "三", false, "not a number"),
        cell(8, "无", false, "not a number"),
        cell(8, "99999999999999999999", false, "too large"),
        cell(9, "-1", false, "negative"),
        cell(9, "约三万", false, "not an amount"),
        cell(9, "9999999999999999999", false, "too large"),
        cell(10, "飞鸽", false, "no code of channel"),
        cell(11, "2999-01-01", false, "due after 2099"),
        cell(12, "可能", false, "neither yes nor no"),
    ]
}

fn bad_lines() -> Vec<Case> {
    let a1_a3: &[&str] = &["A1", "A3"];
    let long = [b"A2,".as_slice(), &vec![b'x'; 3 << 20]].concat();
    let open = line(&good("A2")).replace("备注", "\"他说");
    let torn = line(&good("A2")).replace("备注", "\"他说\"不");
    let two_lines = line(&good("A2")).replace("备注", "\"第一行\n第二行\"");
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(
            String::from_utf8(around(line(&good("A2")).as_bytes()))
                .unwrap_or_default()
                .encode_utf16(),
        )
        .flat_map(u16::to_le_bytes)
        .collect();
    let all_three: &[&str] = &["A1", "A2", "A3"];
    let gbk_broken = {
        let mut bytes = gbk(&format!("{HEADER}\n{}\nA2,", line(&good("A1"))));
        bytes.extend(b"\xff\xff\n");
        bytes.extend(gbk(&line(&good("A3"))));
        bytes
    };
    vec![
        lands(
            "few fields",
            "台账.csv",
            around("A2,2025-03-01".as_bytes()),
            a1_a3,
            vec![(3, "2 fields where the header has 15", true)],
        ),
        lands(
            "many fields",
            "台账.csv",
            around(format!("{},多", line(&good("A2"))).as_bytes()),
            a1_a3,
            vec![(3, "16 fields where", true)],
        ),
        lands(
            "empty fields at the end",
            "台账.csv",
            around(format!("{},,,", line(&good("A2"))).as_bytes()),
            all_three,
            vec![],
        ),
        lands("zero byte", "台账.csv", around(b"A2,\0,x"), a1_a3, vec![(3, "a zero byte", true)]),
        lands(
            "not UTF-8",
            "台账.csv",
            around(b"A2,\xd3\xf1\xc3\xc5"),
            a1_a3,
            vec![(3, "bytes that are not UTF-8", true)],
        ),
        lands(
            "not GB18030",
            "台账.csv",
            gbk_broken,
            a1_a3,
            vec![(3, "bytes that are not gb18030", true)],
        ),
        lands(
            "long line",
            "台账.csv",
            around(&long),
            a1_a3,
            vec![(3, "a line longer than 1 MiB", true)],
        ),
        lands(
            "open quote",
            "台账.csv",
            around(open.as_bytes()),
            a1_a3,
            vec![(3, "a quote that is opened and never closed", true)],
        ),
        lands(
            "torn quote",
            "台账.csv",
            around(torn.as_bytes()),
            a1_a3,
            vec![(3, "a quote is closed in the middle", true)],
        ),
        lands("quoted line break", "台账.csv", around(two_lines.as_bytes()), all_three, vec![]),
        lands(
            "blank lines",
            "台账.csv",
            around(format!("\n\n,,,,\n{}\n", line(&good("A2"))).as_bytes()),
            all_three,
            vec![],
        ),
        lands("UTF-16", "台账.csv", utf16, all_three, vec![]),
        lands(
            "GB18030",
            "台账.csv",
            gbk(&String::from_utf8(around(line(&good("A2")).as_bytes())).unwrap_or_default()),
            all_three,
            vec![],
        ),
        lands(
            "title rows",
            "台账.csv",
            [b"\xef\xbb\xbf\xe5\x8f\xb0\xe8\xb4\xa6,,,\n\n".as_slice(), &around(b"")].concat(),
            a1_a3,
            vec![],
        ),
        lands(
            "tabs",
            "台账.txt",
            String::from_utf8(around(b"")).unwrap_or_default().replace(',', "\t").into_bytes(),
            a1_a3,
            vec![],
        ),
    ]
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).and_then(|()| gz.finish()).unwrap_or_default()
}

fn bad_files() -> Vec<Case> {
    let whole = around(line(&good("A2")).as_bytes());
    let mut many = whole.clone();
    (0..2_000).for_each(|i| many.extend(format!("{}\n", line(&good(&format!("B{i:x}")))).bytes()));
    let zipped = zip(&many);
    let ours =
        |rows: &str| format!("event_id,occurred_at,area_code,category,住址\n{rows}").into_bytes();
    let all_three: &[&str] = &["A1", "A2", "A3"];
    vec![
        error("empty file", "台账.csv", Vec::new(), "is empty"),
        lands("header alone", "台账.csv", HEADER.as_bytes().to_vec(), &[], vec![]),
        error(
            "missing column",
            "台账.csv",
            b"\xe7\xbc\x96\xe5\x8f\xb7,x\nA1,2\n".to_vec(),
            "no header with",
        ),
        error(
            "doubled column",
            "台账.csv",
            format!("{HEADER},编号\n").into_bytes(),
            "编号 more than once",
        ),
        error("nobody's file", "其他.csv", whole.clone(), "pingan mapping"),
        error("no domain", "events.csv", ours(""), "which domain"),
        lands(
            "our own names",
            "disputes-2025.csv",
            ours("A1,2025-03-01,620981101,neighbour,某街\n"),
            &["A1"],
            vec![],
        ),
        lands("gz", "台账.csv.gz", zip(&whole), all_three, vec![]),
        error(
            "gz cut off",
            "台账.csv.gz",
            zipped[..zipped.len() / 2].to_vec(),
            "damaged or cut off",
        ),
        error("gz in name only", "台账.csv.gz", whole.clone(), "not compressed"),
        error("text named parquet", "disputes.parquet", whole.clone(), "not Parquet"),
        error("text named xlsx", "台账.xlsx", whole.clone(), "not an Excel workbook"),
        error(
            "old workbook",
            "台账.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            "old Office",
        ),
        error("binary", "台账.csv", (0..=255).flat_map(|b: u8| [b, 0, 0]).collect(), "not text"),
    ]
}

fn workbook(fill: impl Fn(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap_or_default()
}

fn put(sheet: &mut Worksheet, row: u32, cells: &[String]) {
    for (c, text) in cells.iter().enumerate() {
        let _ = sheet.write_string(row, c as u16, text);
    }
}

fn header() -> Vec<String> {
    HEADER.split(',').map(str::to_owned).collect()
}

fn workbooks() -> Vec<Case> {
    let titled = workbook(|book| {
        let sheet = book.add_worksheet();
        let _ = sheet
            .set_name("玉门")
            .and_then(|s| s.merge_range(0, 0, 0, 9, "矛盾纠纷台账", &Format::new()));
        put(sheet, 2, &header());
        put(sheet, 3, &good("A1"));
        put(sheet, 4, &good("A2"));
        let _ = sheet.write_formula(4, 8, Formula::new("=NA()").set_result("#N/A"));
        put(sheet, 6, &good("A3"));
        let _ = sheet.write_number_with_format(
            6,
            1,
            45_717.336_805_555_6,
            &Format::new().set_num_format("yyyy-mm-dd hh:mm"),
        );
        let _ = sheet.write_number(6, 8, 3);
        let other = book.add_worksheet();
        let _ = other.write_string(0, 0, "说明");
    });
    let second_sheet = workbook(|book| {
        for (name, id) in [("一月", "A1"), ("二月", "A2")] {
            let sheet = book.add_worksheet();
            let _ = sheet.set_name(name);
            put(sheet, 0, &header());
            put(sheet, 1, &good(id));
        }
        if let Ok(sheet) = book.worksheet_from_index(1) {
            let _ = sheet.write_number(2, 0, 620_981_000_000_123_456_f64);
            put_rest(sheet, 2);
        }
    });
    vec![
        lands(
            "workbook",
            "台账.xlsx",
            titled.clone(),
            &["A1", "A2", "A3"],
            vec![(5, "Excel error #N/A", false)],
        ),
        lands(
            "two sheets",
            "台账.xlsx",
            second_sheet,
            &["A1", "A2"],
            vec![(3, "lost digits", true)],
        ),
        error(
            "workbook cut off",
            "台账.xlsx",
            titled[..titled.len() / 2].to_vec(),
            "cannot be read as a workbook",
        ),
        lands(
            "workbook named csv",
            "台账.csv",
            titled,
            &["A1", "A2", "A3"],
            vec![(5, "Excel error", false)],
        ),
    ]
}

fn put_rest(sheet: &mut Worksheet, row: u32) {
    for (c, text) in good("").iter().enumerate().skip(1) {
        let _ = sheet.write_string(row, c as u16, text);
    }
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let Ok(batch) =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
    else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if let Ok(mut writer) = ArrowWriter::try_new(&mut out, batch.schema(), None) {
        let _ = writer.write(&batch).and_then(|()| writer.close().map(drop));
    }
    out
}

fn parquets() -> Vec<Case> {
    let text = |values: [&str; 3]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let ids = || ("event_id", text(["A1", "A2", "A3"]));
    let area = || ("area_code", text(["620981101", "620981101", "620981101"]));
    let category = || ("category", text(["neighbour", "neighbour", "neighbour"]));
    // 2025-03-01T00:05:00Z, one beyond what microseconds can hold.
    let at = || -> ArrayRef {
        Arc::new(
            TimestampSecondArray::from(vec![1_740_787_500, i64::MAX / 2, 1_740_787_500])
                .with_timezone("UTC"),
        )
    };
    let good_at = || -> ArrayRef { Arc::new(TimestampSecondArray::from(vec![1_740_787_500; 3])) };
    let lists: ArrayRef =
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)]); 3]));
    let amounts: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.5), Some(f64::NAN), None]));
    let persons: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(-1), None]));
    let sound = parquet(vec![ids(), ("occurred_at", good_at()), area(), category()]);
    let all_three: &[&str] = &["A1", "A2", "A3"];
    vec![
        lands(
            "parquet beyond range",
            "disputes.parquet",
            parquet(vec![ids(), ("occurred_at", at()), area(), category()]),
            &["A1", "A3"],
            vec![(2, "out of range", true)],
        ),
        lands(
            "parquet numbers",
            "disputes.parquet",
            parquet(vec![
                ids(),
                ("occurred_at", good_at()),
                area(),
                category(),
                ("amount", amounts),
                ("persons", persons),
            ]),
            all_three,
            vec![(2, "negative", false), (2, "not an amount", false)],
        ),
        lands(
            "parquet list",
            "disputes.parquet",
            parquet(vec![
                ids(),
                ("occurred_at", good_at()),
                area(),
                category(),
                ("persons", lists),
            ]),
            all_three,
            vec![
                (1, "a list or structure", false),
                (2, "a list or structure", false),
                (3, "a list or structure", false),
            ],
        ),
        error(
            "parquet without area",
            "disputes.parquet",
            parquet(vec![ids(), ("occurred_at", good_at()), category()]),
            "pingan mapping",
        ),
        error(
            "parquet cut off",
            "disputes.parquet",
            sound[..sound.len() - 40].to_vec(),
            "cannot be read as Parquet",
        ),
    ]
}
