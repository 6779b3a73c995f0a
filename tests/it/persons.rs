//! No person in the lake: marks of persons of every kind, in every column of every domain's files,
//! in file names, footers and notes of letters, are found in no byte of the workspace but the
//! departments' own files and the reports beside them, and in nothing that is printed.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use lake::schema::{DERIVED_COLUMNS, DOMAINS, Domain};
use rust_xlsxwriter::Workbook;

use crate::support::run;

/// Marks of persons, all made up: the region 999999 and the numbers 154… are nobody's.
const MARKS: [&str; 55] = [
    "夔翀",
    "夔翀桓",
    "诸葛翀桓",
    "阿卜杜·翀桓江",
    "Chonghuan Kui",
    "kuichonghuan",
    "夔　翀　桓",
    "老翀头家属",
    "夔某翀",
    "翀桓（女）",
    "999999195103151743",
    "99999919500101000X",
    "99999919500101000x",
    "９９９９９９１９５１０３１５１７４３",
    "999999 1951 0315 1743",
    "999999-19510315-1743",
    "999999195103151749",
    "999999510315174",
    "99999919510315174315400031676",
    "身份证999999195104220037",
    "15400031676",
    "154-0003-1676",
    "154 0003 1676",
    "+8615400031676",
    "008615400031676",
    "１５４０００３１６７６",
    "015400031676",
    "15400031676转801",
    "154.0003.1676",
    "一五四零零零三一六七六",
    "0937-3399887",
    "(0937)3399887",
    "09373399887",
    "33998871",
    "甘F9Q887",
    "甘f9q887",
    "甘F·9Q887",
    "甘FD99887",
    "chonghuan@example.com",
    "ｃｈｏｎｇ＠example.com",
    "wxid_ch0nghuan",
    "QQ339988712",
    "339988712",
    "weibo_chonghuan",
    "6217009999000003398",
    "6217 0099 9900 0003 398",
    "E33998871",
    "EA3399887",
    "H3399887100",
    "军字第3399887号",
    "629933998871",
    "翀桓路18号1单元101室",
    "铁人村3组翀桓家",
    "97.58133,39.82211",
    "863998870003391",
];

/// Columns behind those of the domain: of persons, and one that nothing maps.
const OTHERS: [&str; 2] = ["当事人", "简要情况"];

const AREAS: &str = "code,name,level,parent,population\n620981,玉门市,county,,\n620981100,玉门镇,township,620981,20000\n\
    620981101,赤金镇,township,620981,20000\n620981101201,铁人村,village,620981101,\n";

/// The columns of a domain's files: its own, less those that the engine fills in and the hash that
/// the persons make.
fn headers(domain: &Domain) -> Vec<&'static str> {
    let own = domain.columns().map(|column| column.name);
    own.filter(|name| !DERIVED_COLUMNS.contains(name) && *name != "party_hash")
        .chain(OTHERS)
        .collect()
}

/// A row without a mark in it.
fn good(headers: &[&str], id: &str) -> Vec<String> {
    let cell = |header: &&str| match *header {
        "event_id" => id,
        "occurred_at" => "2026-01-05 10:00",
        "recorded_at" => "2026-01-06 09:00",
        "area_code" => "赤金镇",
        "grid_code" => "G01",
        "category" => "其他",
        "persons" => "2",
        "当事人" => "夔翀桓",
        "简要情况" => "夔翀桓来信",
        _ => "",
    };
    headers.iter().map(|header| cell(header).to_owned()).collect()
}

/// Whether a mark can be what a column holds: a number in an amount is an amount.
fn is_possible(mark: &str, column: &str) -> bool {
    matches!(column, "amount" | "reach")
        && mark.len() < 11
        && mark.bytes().all(|b| b.is_ascii_digit())
}

/// Every mark in every column, a mark a row.
fn rows(headers: &[&str]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (m, mark) in MARKS.iter().enumerate() {
        for (c, column) in headers.iter().enumerate() {
            if !is_possible(mark, column) {
                let mut row = good(headers, &format!("LK-2026-{m:02}{c:02}"));
                row[c] = (*mark).to_owned();
                rows.push(row);
            }
        }
    }
    rows
}

fn quoted(cell: &String) -> String {
    format!("\"{cell}\"")
}

fn csv(headers: &[&str], rows: &[Vec<String>]) -> String {
    let header = headers.join(",");
    let lines = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","));
    std::iter::once(header).chain(lines).map(|line| line + "\n").collect()
}

fn write_xlsx(file: &Path, headers: &[&str], rows: &[Vec<String>]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("夔翀桓").unwrap();
    for (c, name) in headers.iter().enumerate() {
        sheet.write(0, c as u16, *name).unwrap();
    }
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            sheet.write(r as u32 + 1, c as u16, cell).unwrap();
        }
    }
    book.save(file).unwrap();
}

fn write_parquet(file: &Path, headers: &[&str], rows: &[Vec<String>]) {
    let columns = headers.iter().enumerate().map(|(c, name)| {
        let values = StringArray::from_iter_values(rows.iter().map(|row| &row[c]));
        (*name, Arc::new(values) as ArrayRef)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn mapping(domain: &Domain, headers: &[&str]) -> String {
    let own = headers.iter().filter(|name| !OTHERS.contains(name));
    let columns: String = own.map(|name| format!("{name} = \"{name}\"\n")).collect();
    let id = domain.id;
    format!(
        "domain = \"{id}\"\nfiles = [\"{id}_*\"]\n[columns]\n{columns}[persons]\ncolumns = [\"当事人\"]\n"
    )
}

/// A workspace whose inbox holds the marks.
fn workspace(root: &Path) -> PathBuf {
    let workspace = root.join("county");
    for folder in ["mappings", "inbox", "lake", "out"] {
        std::fs::create_dir_all(workspace.join(folder)).unwrap();
    }
    let write = |file: &str, text: &str| std::fs::write(workspace.join(file), text).unwrap();
    write("areas.csv", AREAS);
    write("pingan.toml", "name = \"玉门市\"\ncounty = \"620981\"\nparty_key = \"../party.key\"\n");
    for (d, domain) in DOMAINS.iter().enumerate() {
        let headers = headers(domain);
        write(&format!("mappings/{}.toml", domain.id), &mapping(domain, &headers));
        // A mark comes in a column of one domain as one kind of file, of the next as another.
        let third = |kind: usize| -> Vec<Vec<String>> {
            rows(&headers).into_iter().skip((kind + d) % 3).step_by(3).collect()
        };
        let file = |end: &str| workspace.join(format!("inbox/{}_2026.{end}", domain.id));
        std::fs::write(file("csv"), csv(&headers, &third(0))).unwrap();
        write_xlsx(&file("xlsx"), &headers, &third(1));
        write_parquet(&file("parquet"), &headers, &third(2));
    }
    let disputes = DOMAINS.iter().find(|domain| domain.id == "disputes").unwrap();
    let headers = headers(disputes);
    for (n, mark) in MARKS.iter().enumerate() {
        let text = csv(&headers, &[good(&headers, &format!("WJ-2026-{n:04}"))]);
        let blank = ",".repeat(headers.len() - 1);
        let footer = format!("填表人：{mark}{blank}\n\"{mark}\"{blank}\n");
        write(&format!("inbox/disputes_{mark}.csv"), &(text + &footer));
        // Without a header, and of no domain.
        write(&format!("inbox/{mark}.csv"), &format!("{mark},{mark},2026-01-05\n{mark},x,y\n"));
    }
    workspace
}

/// A mark as it could be found again: as written, and narrow in capitals without blanks.
fn needles() -> Vec<(String, &'static str)> {
    let mut needles = BTreeSet::new();
    for mark in MARKS {
        let kept: String = mark.chars().filter(|c| !c.is_whitespace()).collect();
        let narrow: String = kept
            .chars()
            .map(|c| match c {
                '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap(),
                c => c,
            })
            .collect();
        for needle in [mark.to_owned(), kept, narrow.to_uppercase(), narrow] {
            needles.insert((needle, mark));
        }
    }
    needles.into_iter().collect()
}

/// The marks that stand in a text.
fn found(text: &str) -> Vec<&'static str> {
    needles()
        .iter()
        .filter(|(needle, _)| text.contains(needle.as_str()))
        .map(|(_, mark)| *mark)
        .collect()
}

fn assert_none(text: &str, what: &str) {
    let marks = found(text);
    let line = text.lines().find(|line| !found(line).is_empty()).unwrap_or_default();
    assert!(marks.is_empty(), "{what}: {marks:?}\n{:.600}", line);
}

/// All text of a file: of Parquet that of its columns, of anything else its bytes.
fn text_of(file: &Path) -> String {
    if file.extension().is_none_or(|e| e != "parquet") {
        let bytes = std::fs::read(file).unwrap();
        return match file.extension().is_some_and(|e| e == "docx") {
            true => render::docx_text(&bytes).unwrap().join("\n"),
            false => String::from_utf8_lossy(&bytes).into_owned(),
        };
    }
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap())
        .unwrap()
        .build()
        .unwrap();
    let mut text = String::new();
    for batch in reader {
        for column in batch.unwrap().columns() {
            if *column.data_type() == DataType::Utf8 {
                let values = column.as_string::<i32>();
                (0..values.len()).filter(|&i| values.is_valid(i)).for_each(|i| {
                    text.push_str(values.value(i));
                    text.push('\n');
                });
            }
        }
    }
    text
}

/// Every file of the workspace but those of departments and the reports beside them.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.file_name().is_some_and(|n| n == "inbox") => {}
            true => all.extend(files(&path)),
            false => all.push(path),
        }
    }
    all
}

fn assert_clean(workspace: &Path) {
    for file in files(workspace) {
        assert_none(&file.to_string_lossy(), "the name of a file");
        assert_none(&text_of(&file), &file.display().to_string());
    }
}

fn say(workspace: &Path, args: &[&str]) -> String {
    let root = workspace.to_string_lossy();
    let output = run(&[&["-vv", "-w", &root], args].concat());
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.code().is_some_and(|code| code < 3), "{args:?}\n{said}");
    said
}

#[test]
fn nobody_is_found_in_the_lake_or_in_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let county = workspace(folder.path());
    // What a mapping is proposed of, before the night moves it.
    for domain in &DOMAINS {
        for end in ["csv", "xlsx", "parquet"] {
            let file = county.join(format!("inbox/{}_2026.{end}", domain.id));
            assert_none(&say(&county, &["mapping", &file.to_string_lossy()]), "mapping");
        }
    }
    for mark in MARKS {
        let file = county.join(format!("inbox/disputes_{mark}.csv"));
        assert_none(&say(&county, &["mapping", &file.to_string_lossy()]), "mapping of such a name");
    }
    let file = county.join("inbox/disputes_2026.csv");
    let told = say(&county, &["--as-of", "2026-01-31", "ingest", &file.to_string_lossy()]);
    assert_none(&told, "ingest");
    assert!(told.contains("汉3"), "shapes are shown: {told}");
    assert_none(&say(&county, &["nightly", "--date", "2026-01-31"]), "nightly");
    for args in [
        &["check"][..],
        &["query", "select * from rejected"],
        &["query", "select * from deliveries"],
        &["query", "select * from disputes"],
        &["explain", "赤金镇"],
        &["ingest"],
    ] {
        assert_none(&say(&county, args), &format!("{args:?}"));
    }
    assert_clean(&county);
    // Something landed, and something was refused, of every domain.
    let count = |sql: &str| say(&county, &["-q", "--format", "csv", "query", sql]);
    for domain in &DOMAINS {
        let landed = count(&format!("select count(*) > 300 from {}", domain.id));
        assert!(landed.contains("true"), "{}: {landed}", domain.id);
    }
    assert!(count("select count(*) > 3000 from rejected").contains("true"));
    // An id that the lake does not hold leads back to the department's row.
    let origin = say(&county, &["-q", "--format", "csv", "explain", "EA3399887"]);
    assert!(origin.contains("origin") && origin.contains("row "), "{origin}");
    // The reports beside departments' files have words of list columns, and no digits of cells.
    for report in std::fs::read_dir(county.join("inbox/done")).unwrap() {
        let path = report.unwrap().path();
        if path.to_string_lossy().ends_with(".report.txt") {
            let text = std::fs::read_to_string(&path).unwrap();
            let digits: Vec<&str> = found(&text)
                .into_iter()
                .filter(|mark| mark.chars().any(char::is_numeric))
                .collect();
            assert!(digits.is_empty(), "{}: {digits:?}", path.display());
        }
    }
}

#[test]
fn nobody_is_found_in_what_is_written_to_letters() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    run(&["-q", "demo", &county.to_string_lossy()]);
    let ids = say(&county, &["-q", "--format", "csv", "letters", "list"]);
    let id = ids.lines().nth(1).and_then(|line| line.split(',').next()).unwrap().to_owned();
    let act = |args: &[&str]| say(&county, &[&["letters"], args, &["--on", "2026-02-02"]].concat());
    for mark in MARKS {
        let refused = act(&["approve", &id, "--by", &format!("综治办{mark}")]);
        assert!(refused.contains("--by"), "{mark}: {refused}");
        assert_none(&refused, "approve");
    }
    act(&["approve", &id, "--by", "综治中心主任", "--note", "夔翀桓同意"]);
    act(&["issue", &id, "--by", "综治中心主任"]);
    act(&["receive", &id]);
    for mark in MARKS {
        let note = format!("{mark}已化解");
        assert_none(&act(&["feedback", &id, "--note", &note]), "feedback");
        let refused = act(&["feedback", &id, "--measures", &note]);
        assert_none(&refused, "measures");
        assert_none(&act(&["feedback", &id, "--figures", &format!("{mark}=1")]), "figures");
    }
    act(&["close", &id, "--note", "夔翀桓已办结"]);
    let shown = say(&county, &["-q", "letters", "show", &id, "--format", "json"]);
    assert_none(&shown, "show");
    assert!(shown.contains("***已化解") && shown.contains("***已办结"), "{shown}");
    assert_clean(&county);
}
