//! Files that unpack to more than a computer holds, each beside a good file, with 1 GiB of address
//! space above what the program maps without them: the bomb ends in `failed/` with a reason, the
//! good file lands.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bad_input_cases::{AREAS, HEADER, MAPPING, good};
use crate::support::{pingan, query};

const GIB_IN_KIB: u64 = 1 << 20;

/// What one bomb may take.
const LONGEST: Duration = Duration::from_secs(20);

struct Bomb {
    name: String,
    content: Vec<u8>,
    /// What its report says; none where it is a file that lands after all.
    reason: Option<&'static str>,
}

fn bomb(name: &str, content: Vec<u8>, reason: &'static str) -> Bomb {
    Bomb { name: name.to_owned(), content, reason: Some(reason) }
}

fn csv(ids: &[&str]) -> Vec<u8> {
    let rows = ids.iter().map(|id| good(id).join(",") + "\n").collect::<String>();
    format!("{HEADER}\n{rows}").into_bytes()
}

/// Bytes again and again, until there are so many.
fn repeat(out: &mut impl Write, bytes: &[u8], size: u64) {
    let block = bytes.repeat((1 << 20) / bytes.len());
    let mut left = size / block.len() as u64;
    while left > 0 {
        out.write_all(&block).unwrap();
        left -= 1;
    }
}

fn zipped(fill: impl FnOnce(&mut dyn FnMut(&str, &mut dyn FnMut(&mut dyn Write)))) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_level(Some(1)).large_file(true);
    fill(&mut |name, write| {
        zip.start_file(name, options).unwrap();
        write(&mut zip);
    });
    zip.finish().unwrap().into_inner()
}

/// A workbook with so many sheets, all in one part, and what stands in it and among its texts.
fn workbook(
    sheets: usize,
    content: &mut dyn FnMut(&mut dyn Write),
    strings: &mut dyn FnMut(&mut dyn Write),
) -> Vec<u8> {
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let text = |text: String| move |out: &mut dyn Write| out.write_all(text.as_bytes()).unwrap();
    let sheet = |n: usize| format!("<sheet name=\"s{n}\" sheetId=\"{n}\" r:id=\"rId1\"/>");
    let listed: String = (1..=sheets).map(sheet).collect();
    zipped(|part| {
        part("[Content_Types].xml", &mut text("<Types/>".into()));
        part(
            "_rels/.rels",
            &mut text(format!(
                "<Relationships><Relationship Id=\"rId1\" Type=\"{relation}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            )),
        );
        part(
            "xl/_rels/workbook.xml.rels",
            &mut text(format!(
                "<Relationships><Relationship Id=\"rId1\" Type=\"{relation}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            )),
        );
        part(
            "xl/workbook.xml",
            &mut text(format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relation}\"><sheets>{listed}</sheets>\
                 </workbook>"
            )),
        );
        part("xl/worksheets/sheet1.xml", &mut |out| {
            out.write_all(format!("<worksheet xmlns=\"{main}\"><sheetData>").as_bytes()).unwrap();
            content(out);
            out.write_all(b"</sheetData></worksheet>").unwrap();
        });
        part("xl/sharedStrings.xml", &mut |out| {
            out.write_all(format!("<sst xmlns=\"{main}\">").as_bytes()).unwrap();
            strings(out);
            out.write_all(b"</sst>").unwrap();
        });
    })
}

fn gz(fill: impl FnOnce(&mut GzEncoder<Vec<u8>>)) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    fill(&mut gz);
    gz.finish().unwrap()
}

/// Good events, with a text beside each that is held once in the file.
fn parquet(rows: usize, text: usize) -> Vec<u8> {
    let texts = StringArray::from(vec!["x".repeat(text)]);
    let long = DictionaryArray::new(Int32Array::from(vec![0; rows]), Arc::new(texts));
    let same = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value; rows])) };
    let ids: Vec<String> = (0..rows).map(|n| format!("P{n}")).collect();
    let batch = RecordBatch::try_from_iter([
        ("event_id", Arc::new(StringArray::from(ids)) as ArrayRef),
        ("occurred_at", same("2025-03-01")),
        ("area_code", same("620981101")),
        ("category", same("neighbour")),
        ("remarks", Arc::new(long)),
    ])
    .unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()))
        .set_dictionary_page_size_limit(usize::MAX)
        .set_statistics_enabled(datafusion::parquet::file::properties::EnabledStatistics::None)
        .build();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

/// An OpenDocument workbook of one cell that is repeated.
fn repeated_cells() -> Vec<u8> {
    let content = "<office:document-content><office:body><office:spreadsheet>\
        <table:table table:name=\"s\"><table:table-row table:number-rows-repeated=\"60000\">\
        <table:table-cell table:number-columns-repeated=\"1000\" office:value-type=\"float\" \
        office:value=\"1\"/></table:table-row></table:table></office:spreadsheet></office:body>\
        </office:document-content>";
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    zipped(|part| {
        for (name, text) in [
            ("mimetype", kind),
            ("META-INF/manifest.xml", "<manifest:manifest/>"),
            ("content.xml", content),
        ] {
            part(name, &mut |out| out.write_all(text.as_bytes()).unwrap());
        }
    })
}

fn packed() -> Vec<Bomb> {
    let mut nothing = |_: &mut dyn Write| {};
    let blanks = workbook(1, &mut |mut out| repeat(&mut out, b" ", 1_280 << 20), &mut nothing);
    let mut numbered = |out: &mut dyn Write| {
        let mut out = std::io::BufWriter::new(out);
        (0..6_000_000).for_each(|n| write!(out, "<si><t>{n}</t></si>").unwrap());
    };
    let strings = workbook(1, &mut |_| {}, &mut numbered);
    let entries = zipped(|part| {
        part("[Content_Types].xml", &mut |out| out.write_all(b"<Types/>").unwrap());
        (0..20_000).for_each(|n| part(&format!("xl/worksheets/sheet{n}.xml"), &mut |_| {}));
    });
    let tight = "unpacks to more than 100 times";
    vec![
        bomb("台账blanks.xlsx", blanks, "a text of more than 8 MiB"),
        bomb("台账strings.xlsx", strings, "texts that take more than"),
        bomb("台账sheets.xlsx", workbook(100_000, &mut |_| {}, &mut nothing), "100000 sheets"),
        bomb("台账entries.xlsx", entries, "an archive of 20001 files"),
        bomb("台账repeated.ods", repeated_cells(), "60000000 cells"),
        bomb("台账lines.csv.gz", gz(|out| repeat(out, b"\n", 300 << 20)), tight),
        bomb("台账rows.csv.gz", gz(|out| repeat(out, b"A1,,,,,,,,\n", 300 << 20)), tight),
        bomb("台账one line.csv.gz", gz(|out| repeat(out, b"x", 1_280 << 20)), tight),
        bomb("disputes-text.parquet", parquet(1, 600 << 20), "MiB in one row group"),
    ]
}

fn plain() -> Vec<Bomb> {
    let again = |before: Vec<u8>, line: &str, times: usize| -> Vec<u8> {
        [before, line.repeat(times).into_bytes()].concat()
    };
    let place = |text: &str| good("T1").join(",").replace("赤金镇", text) + "\n";
    let lands = |name: &str, content| Bomb { name: name.to_owned(), content, reason: None };
    vec![
        bomb("台账lines.csv", again(csv(&[]), "\n", 3 << 20), "blank lines one after the other"),
        bomb(&format!("{}.csv", "x".repeat(251)), csv(&[]), "no mapping is for this file"),
        lands(&format!("台账{}.csv", "x".repeat(245)), csv(&["L1"])),
        lands("台账quotes.csv", again(csv(&["Q1"]), "x\",\"z\n", 20_000)),
        lands("台账open.csv", again(csv(&["Q2"]), "\"x\",\"z\n", 20_000)),
        lands("台账places.csv", again(csv(&["T0"]), &place(&"玉门镇".repeat(3_400)), 50)),
        lands("disputes-texts.parquet", parquet(8_192, 1 << 20)),
    ]
}

fn workspace(folder: &Path) {
    std::fs::create_dir_all(folder.join("mappings")).unwrap();
    std::fs::write(folder.join("areas.csv"), AREAS).unwrap();
    std::fs::write(folder.join("mappings/disputes.toml"), MAPPING).unwrap();
    std::fs::write(folder.join("pingan.toml"), "name = \"玉门市\"\ncounty = \"620981\"\n").unwrap();
    std::fs::create_dir(folder.join("inbox")).unwrap();
}

fn arguments(folder: &Path) -> [String; 5] {
    let folder = folder.to_string_lossy().into_owned();
    ["-w".into(), folder, "--as-of".into(), "2026-01-01T00:00:00Z".into(), "ingest".into()]
}

/// What the program maps when it ingests a good file, in KiB.
fn usual(folder: &Path) -> u64 {
    std::fs::write(folder.join("inbox/台账.csv"), csv(&["usual"])).unwrap();
    let mut running = pingan().args(arguments(folder)).spawn().unwrap();
    let status = format!("/proc/{}/status", running.id());
    let mut peak = 0;
    while running.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
        let size = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(size.unwrap_or(0));
    }
    assert!(peak > 0);
    peak
}

fn judge(folder: &Path, most: u64, n: usize, bomb: &Bomb) -> Result<(), String> {
    let inbox = folder.join("inbox");
    std::fs::write(inbox.join(&bomb.name), &bomb.content).unwrap();
    let (good_file, good_id) = (format!("台账 good {n}.csv"), format!("G{n}"));
    std::fs::write(inbox.join(&good_file), csv(&[&good_id])).unwrap();
    let limited = "ulimit -v $0; exec \"$@\"";
    let program = pingan().get_program().to_owned();
    let started = Instant::now();
    let ended = Command::new("sh")
        .args(["-c", limited, &most.to_string()])
        .arg(program)
        .args(arguments(folder))
        .output()
        .unwrap();
    let took = started.elapsed();
    let said = format!(
        "{:?} after {took:?}: {}{}",
        ended.status,
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
    if took > LONGEST {
        return Err(format!("took too long: {said}"));
    }
    if !inbox.join("done").join(&good_file).exists() {
        return Err(format!("the good file is not in done/: {said}"));
    }
    let id = format!("select event_id from disputes__all where event_id = '{good_id}'");
    if query(folder, &id) != [good_id] {
        return Err(format!("the good file did not land: {said}"));
    }
    let to = inbox.join(if bomb.reason.is_some() { "failed" } else { "done" });
    if !to.join(&bomb.name).exists() {
        return Err(format!("is not in {}: {said}", to.display()));
    }
    let reports = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
    let mut reports = reports.filter(|path| path.to_string_lossy().ends_with(".report.txt"));
    match bomb.reason {
        Some(reason)
            if !reports.any(|file| std::fs::read_to_string(file).unwrap().contains(reason)) =>
        {
            Err(format!("no report says {reason:?}: {said}"))
        }
        _ => Ok(()),
    }
}

#[test]
fn bombs_end_in_failed_and_good_files_land() {
    let folder = tempfile::tempdir().unwrap();
    workspace(folder.path());
    let most = usual(folder.path()) + GIB_IN_KIB;
    let bombs = packed().into_iter().chain(plain());
    let wrong: Vec<String> = bombs
        .enumerate()
        .filter_map(|(n, bomb)| {
            let why = judge(folder.path(), most, n, &bomb).err()?;
            let _ = std::fs::remove_file(folder.path().join("inbox").join(&bomb.name));
            Some(format!("{:.40}: {why}", bomb.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
