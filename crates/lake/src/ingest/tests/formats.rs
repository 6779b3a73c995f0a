//! Which file has which format: read whatever its name, or refused by what it is.

use std::io::Write;

use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::bad_input_cases::{HEADER, good};
use super::*;

fn ten() -> Vec<Vec<String>> {
    let header = HEADER.split(',').map(str::to_owned).collect();
    let row = |n: usize| {
        let mut row = good(&format!("A{n}"));
        row[1] = format!("2025-03-{n:02} 08:05");
        row[2] = "2025-04-01".into();
        row
    };
    std::iter::once(header).chain((1..=10).map(row)).collect()
}

/// The days of the rows of [`ten`].
fn days() -> Vec<String> {
    (1..=10).map(|n| format!("2025-03-{n:02}")).collect()
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A compound file of old Office with one stream.
fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    // Streams below 4,096 bytes lie elsewhere.
    let mut stream = stream.to_vec();
    stream.resize(stream.len().max(4_096).next_multiple_of(512), 0);
    let sectors = (stream.len() / 512) as u32;
    let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    file.extend([0; 16]);
    for short in [0x3e_u16, 3, 0xfffe, 9, 6, 0, 0, 0] {
        file.extend(short.to_le_bytes());
    }
    // One sector of the table of sectors, the directory behind it.
    for long in [0_u32, 1, 1, 0, 4_096, 0xffff_fffe, 0, 0xffff_fffe, 0, 0] {
        file.extend(long.to_le_bytes());
    }
    file.resize(512, 0xff);
    let mut next = vec![0xffff_fffd_u32, 0xffff_fffe];
    next.extend((0..sectors).map(|n| if n + 1 == sectors { 0xffff_fffe } else { n + 3 }));
    file.extend(next.iter().flat_map(|n| n.to_le_bytes()));
    file.resize(1_024, 0xff);
    for (name, kind, child, start, size) in
        [("Root Entry", 5, 1, 0xffff_fffe, 0), (name, 2, u32::MAX, 2, stream.len() as u32)]
    {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut entry = wide.clone();
        entry.resize(64, 0);
        entry.extend((wide.len() as u16 + 2).to_le_bytes());
        entry.extend([kind, 1]);
        [u32::MAX, u32::MAX, child].iter().for_each(|id| entry.extend(id.to_le_bytes()));
        entry.resize(116, 0);
        entry.extend([start, size].iter().flat_map(|n: &u32| n.to_le_bytes()));
        entry.resize(128, 0);
        file.extend(entry);
    }
    file.resize(1_536, 0);
    file.extend(stream);
    file
}

/// A workbook as Excel 97 writes it; sheets by name, whether hidden, and rows.
fn biff(sheets: &[(&str, bool, &[Vec<String>])]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| -> Vec<u8> {
        [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
    };
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let begin = |kind: u16| {
        let fields = [0x600_u16, kind, 0, 0, 0, 0, 0, 0];
        record(0x809, &fields.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())
    };
    let sheet = |rows: &[Vec<String>]| -> Vec<u8> {
        let mut stream = begin(0x10);
        for (r, row) in rows.iter().enumerate() {
            for (c, text) in row.iter().enumerate() {
                let text_bytes = wide(text);
                let units = (text_bytes.len() / 2) as u16;
                let place = [r as u16, c as u16, 0, units];
                let place: Vec<u8> = place.iter().flat_map(|n| n.to_le_bytes()).collect();
                stream.extend(record(0x204, &[&place[..], &[1], &text_bytes].concat()));
            }
        }
        stream.extend(record(0x0a, &[]));
        stream
    };
    let bound = |name: &str, hidden: bool, place: u32| {
        let name = wide(name);
        let head = [&place.to_le_bytes()[..], &[u8::from(hidden), 0, (name.len() / 2) as u8, 1]];
        record(0x85, &[&head.concat()[..], &name].concat())
    };
    let size = |places: &[u32]| -> Vec<u8> {
        let mut globals = begin(5);
        for ((name, hidden, _), place) in sheets.iter().zip(places) {
            globals.extend(bound(name, *hidden, *place));
        }
        globals.extend(record(0x0a, &[]));
        globals
    };
    let bodies: Vec<Vec<u8>> = sheets.iter().map(|(_, _, rows)| sheet(rows)).collect();
    let mut place = size(&vec![0; sheets.len()]).len() as u32;
    let mut places = Vec::new();
    for body in &bodies {
        places.push(place);
        place += body.len() as u32;
    }
    compound("Workbook", &[size(&places), bodies.concat()].concat())
}

/// An OpenDocument workbook; sheets by name, whether hidden, and rows. Their times are dates.
fn ods(sheets: &[(&str, bool, &[Vec<String>])]) -> Vec<u8> {
    let cell = |text: &String| match text.get(10..11) {
        Some(" ") => {
            let date = text.replace(' ', "T");
            format!(
                "<table:table-cell office:value-type=\"date\" office:date-value=\"{date}:00\">\
                 <text:p>{text}</text:p></table:table-cell>"
            )
        }
        _ => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p>\
             </table:table-cell>"
        ),
    };
    let table = |(name, hidden, rows): &(&str, bool, &[Vec<String>])| {
        let rows: String = rows
            .iter()
            .map(|row| {
                let cells: String = row.iter().map(cell).collect();
                format!("<table:table-row>{cells}</table:table-row>")
            })
            .collect();
        let style = if *hidden { "away" } else { "shown" };
        format!(
            "<table:table table:name=\"{name}\" table:style-name=\"{style}\">{rows}</table:table>"
        )
    };
    let style = |name: &str, display: bool| {
        format!(
            "<style:style style:name=\"{name}\" style:family=\"table\">\
             <style:table-properties table:display=\"{display}\"/></style:style>"
        )
    };
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">\
         <office:automatic-styles>{}{}</office:automatic-styles>\
         <office:body><office:spreadsheet>{}</office:spreadsheet></office:body>\
         </office:document-content>",
        style("shown", true),
        style("away", false),
        sheets.iter().map(table).collect::<String>()
    );
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest xmlns:manifest=\"m\"/>"),
        ("content.xml", content.as_bytes()),
    ])
}

fn xlsx(fill: impl Fn(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

fn put(book: &mut Workbook, name: &str, rows: &[Vec<String>]) {
    let sheet = book.add_worksheet().set_name(name).unwrap();
    for (r, row) in rows.iter().enumerate() {
        sheet.write_row(r as u32, 0, row).unwrap();
    }
}

/// A part of an archive changed.
fn altered(archive: &[u8], change: impl Fn(&str, String) -> (String, String)) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut parts = Vec::new();
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        parts.push(change(&name, content));
    }
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
    zipped(&parts)
}

#[test]
fn workbooks_are_read_whatever_their_name() {
    let bench = Bench::new();
    let rows = ten();
    let sheets: &[(&str, bool, &[Vec<String>])] = &[("台账", false, &rows)];
    let books = [biff(sheets), ods(sheets), xlsx(|book| put(book, "台账", &rows))];
    for (n, book) in books.iter().enumerate() {
        for name in ["台账.xls", "台账.et", "台账.xlsx", "台账.ods", "台账.csv", "台账"]
        {
            let (tally, kept) = bench.read(&bench.put(name, book), None).unwrap();
            assert_eq!(tally.refused_rows + tally.refused_cells, 0, "{n} {name}");
            assert_eq!(kept.column("day"), days(), "{n} {name}");
        }
    }
}

#[test]
fn hidden_sheets_are_left_out_and_named() {
    let bench = Bench::new();
    let (rows, draft) = (ten(), ten()[..6].to_vec());
    let sheets: &[(&str, bool, &[Vec<String>])] =
        &[("草稿", true, &draft), ("台账", false, &rows), ("旧稿", true, &draft)];
    let hidden = xlsx(|book| {
        for (name, hidden, rows) in sheets {
            put(book, name, rows);
            if *hidden {
                book.worksheet_from_name(name).unwrap().set_hidden(true);
            } else {
                book.worksheet_from_name(name).unwrap().set_active(true);
            }
        }
    });
    for book in [biff(sheets), ods(sheets), hidden] {
        let (tally, kept) = bench.read(&bench.put("台账.xlsx", &book), None).unwrap();
        assert_eq!(kept.column("day"), days());
        for sheet in ["1", "3"] {
            let notice = format!("sheet {sheet} is hidden and was left out, 6 rows");
            assert!(tally.notices.contains(&notice), "{:?}", tally.notices);
        }
    }
    // A mapping that names a hidden sheet means it.
    let text = std::fs::read_to_string(bench.dir.path().join("mappings/disputes.toml")).unwrap();
    let text = format!("sheet = \"草稿\"\n{text}");
    let mapping = Mapping::parse(Path::new("m.toml"), &text).unwrap();
    let file = bench.put("台账.xls", &biff(sheets));
    let (tally, _) = bench.read_with(&file, mapping.domain, &mapping).unwrap();
    assert_eq!(tally.accepted, 5);
}

#[test]
fn formulas_without_values_are_counted_and_never_nought() {
    let bench = Bench::new();
    let rows = ten();
    let formulas = |result: &'static str| {
        xlsx(|book| {
            put(book, "台账", &rows);
            let sheet = book.worksheet_from_index(0).unwrap();
            for row in 1..=10 {
                let formula = Formula::new("=1+1").set_result(result);
                sheet.write_formula(row, 8, formula).unwrap();
            }
            // Prepared for rows to come.
            sheet.write_formula(11, 8, Formula::new("=2+2").set_result(result)).unwrap();
        })
    };
    for value in ["", "<v></v>", "<v/>"] {
        let empty = altered(&formulas("7"), |name, text| {
            (name.into(), text.replace("</f><v>7</v>", &format!("</f>{value}")))
        });
        let (tally, kept) = bench.read(&bench.put("台账.xlsx", &empty), None).unwrap();
        assert_eq!((tally.rows, tally.accepted, tally.refused_cells), (10, 10, 10));
        assert!(kept.refusals[0].reason.contains("value is not stored"), "{:?}", kept.refusals);
        assert_eq!(kept.column("persons"), ["∅"; 10]);
        let notice = "11 formulas have no stored value";
        assert!(tally.notices.iter().any(|n| n.contains(notice)), "{:?}", tally.notices);
    }
    let (tally, _) = bench.read(&bench.put("台账.xlsx", &formulas("0")), None).unwrap();
    assert!(tally.notices.iter().any(|n| n.contains("formulas hold 0")), "{:?}", tally.notices);
    let (tally, kept) = bench.read(&bench.put("台账.xlsx", &formulas("7")), None).unwrap();
    assert_eq!((tally.notices.len(), &*kept.column("persons")[0]), (0, "7"));
}

/// A workbook whose times are numbers.
fn timed(format: &str, first: f64) -> Vec<u8> {
    let rows = ten();
    let format = Format::new().set_num_format(format);
    xlsx(|book| {
        put(book, "台账", &rows);
        let sheet = book.worksheet_from_index(0).unwrap();
        for row in 1..=10 {
            let days = first + f64::from(row) + 485.0 / 1_440.0;
            sheet.write_number_with_format(row, 1, days, &format).unwrap();
        }
    })
}

#[test]
fn workbooks_of_other_writers() {
    let bench = Bench::new();
    // The day before 2025-03-01, counted from 1900 and from 1904.
    let (from_1900, from_1904) = (45_716.0, 44_254.0);
    let dated = timed("yyyy-mm-dd hh:mm", from_1900);
    let of_1904 = |book: &[u8]| {
        altered(book, |name, text| {
            (name.into(), text.replace("<workbookPr", "<workbookPr date1904=\"1\""))
        })
    };
    let strict = altered(&dated, |name, text| {
        let transitional = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        (name.into(), text.replace(transitional, "http://purl.oclc.org/ooxml/spreadsheetml/main"))
    });
    let backslashes = altered(&dated, |name, text| (name.replace('/', "\\"), text));
    let unplaced = altered(&dated, |name, text| {
        let mut bare = String::new();
        for part in text.split_inclusive('>') {
            let reference = part.find(" r=\"").filter(|_| name.contains("sheet1"));
            match reference {
                Some(at) if part.starts_with("<c ") || part.starts_with("<row ") => {
                    let end = at + 4 + part[at + 4..].find('"').unwrap();
                    bare.push_str(&part[..at]);
                    bare.push_str(&part[end + 1..]);
                }
                _ => bare.push_str(part),
            }
        }
        (name.into(), bare)
    });
    let prefixed = altered(&dated, |name, text| {
        if !name.contains("sheet1") && name != "xl/workbook.xml" {
            return (name.into(), text);
        }
        let text = text.replace("</", "\u{1}").replace('<', "<x:").replace('\u{1}', "</x:");
        (name.into(), text.replace("<x:?xml", "<?xml").replace("xmlns=", "xmlns:x="))
    });
    let iso = altered(&dated, |name, text| {
        let mut text = text;
        for n in 1..=10 {
            let at = text.find(&format!("<c r=\"B{}\"", n + 1)).filter(|_| name.contains("sheet1"));
            let Some(at) = at else { continue };
            let end = at + text[at..].find("</c>").unwrap();
            let cell = format!("<c r=\"B{}\" t=\"d\"><v>2025-03-{n:02}T08:05:00</v>", n + 1);
            text.replace_range(at..end, &cell);
        }
        (name.into(), text)
    });
    let chinese = altered(&dated, |name, text| {
        let text = text.replace("numFmtId=\"164\"", "numFmtId=\"31\"");
        (
            name.into(),
            text.replace(
                "<numFmts count=\"1\"><numFmt numFmtId=\"31\"",
                "<numFmts \
            count=\"1\"><numFmt numFmtId=\"170\"",
            ),
        )
    });
    for (what, book) in [
        ("dated", dated.clone()),
        ("strict", strict),
        ("backslashes", backslashes),
        ("cells without references", unplaced),
        ("prefixed", prefixed),
        ("ISO dates", iso),
        ("the Chinese format 31", chinese),
        ("1904", of_1904(&timed("yyyy-mm-dd hh:mm", from_1904))),
        ("1904 without format", of_1904(&timed("General", from_1904))),
        ("1900 without format", timed("General", from_1900)),
    ] {
        let (tally, kept) = bench.read(&bench.put("台账.xlsx", &book), None).expect(what);
        assert_eq!(kept.column("day"), days(), "{what}: {:?}", kept.refusals);
        assert_eq!(kept.column("occurred_at")[0], "2025-03-01T00:05:00Z", "{what}");
        let counted = tally.notices.iter().any(|n| n.contains("10 dates without date format"));
        assert_eq!(counted, what == "1904 without format", "{what}: {:?}", tally.notices);
    }
}

#[test]
fn what_is_no_table_is_refused_by_what_it_is() {
    let bench = Bench::new();
    let text = ten().iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\n");
    let csv = text.as_bytes();
    let gz = |bytes: &[u8]| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    };
    let mail = zipped(&[("a.csv", csv), ("b.csv", csv)]);
    for (name, bytes, what, fix) in [
        ("台账.xls", b"<html><table><tr><td>1</td></tr></table></html>".to_vec(), "HTML", "Excel"),
        ("台账.csv", b"\xef\xbb\xbf<TABLE><tr></tr></TABLE>".to_vec(), "HTML", ".xlsx"),
        (
            "台账.xls",
            b"<?xml version=\"1.0\"?><Workbook \
              xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>"
                .to_vec(),
            "XML spreadsheet of 2003",
            ".xlsx",
        ),
        ("台账.zip", mail.clone(), "ZIP archive", "unpack it"),
        ("台账.csv", mail, "ZIP archive", "unpack it"),
        (
            "台账.xlsx",
            zipped(&[("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>")]),
            "document of Word",
            "as .xlsx",
        ),
        (
            "台账.xlsx",
            zipped(&[("[Content_Types].xml", b"<a/>"), ("ppt/presentation.xml", b"<a/>")]),
            "slides",
            "as .xlsx",
        ),
        (
            "台账.ods",
            zipped(&[("mimetype", b"application/vnd.oasis.opendocument.text")]),
            "OpenDocument",
            "as .xlsx",
        ),
        ("台账.zip", zipped(&[("OFD.xml", b"<a/>")]), "OFD", "as .xlsx"),
        ("台账.wps", compound("WordDocument", b"x"), "document of Word or WPS", "as .xlsx"),
        ("台账.xlsx", compound("EncryptedPackage", b"x"), "password", "save it without"),
        ("台账.xls", compound("PowerPoint Document", b"x"), "slides", "as .xlsx"),
        ("台账.pdf", b"%PDF-1.7".to_vec(), "a PDF", "as .xlsx"),
        ("台账.rar", b"Rar!\x1a\x07\x01\x00".to_vec(), "RAR", "unpack it"),
        ("台账.xlsx", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), "7z", "unpack it"),
        ("台账.csv", b"\x89PNG\r\n\x1a\n".to_vec(), "image", "as .xlsx"),
        ("台账.csv", b"SQLite format 3\0".to_vec(), "SQLite", "export"),
        ("台账.mdb", b"\0\x01\0\0Standard Jet DB\0".to_vec(), "Access", "export"),
        ("台账.csv.gz", gz(&zipped(&[("a.csv", csv)])), "ZIP archive", "unpack it"),
        ("台账.csv.gz", gz(&xlsx(|book| put(book, "台账", &ten()))), "ZIP archive", "unpack it"),
        ("台账.csv.gz", gz(b"%PDF-1.7"), "a PDF", "as .xlsx"),
    ] {
        let file = bench.put(name, &bytes);
        let message = bench.read(&file, None).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains(what) && message.contains(fix), "{name} {what}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_flipped_bit_in_an_archive_lands_nowhere() {
    let bench = Bench::new();
    let rows = ten();
    let book = xlsx(|book| put(book, "台账", &rows));
    // Stored as it is, an altered value would be read as another without a word.
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&book)).unwrap();
    let mut stored = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for i in 0..zip.len() {
        let mut entry = zip.by_index(i).unwrap();
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        stored.start_file(entry.name().unwrap().into_owned(), options).unwrap();
        std::io::copy(&mut entry, &mut stored).unwrap();
    }
    let stored = stored.finish().unwrap().into_inner();
    assert!(bench.read(&bench.put("台账.xlsx", &stored), None).is_ok());
    let places = |what: &[u8]| stored.windows(what.len()).position(|w| w == what).unwrap();
    for place in [places(b"2025-03-04"), places(b"</sst>"), places(b"</sheetData>") + 12] {
        let mut flipped = stored.clone();
        flipped[place + 3] ^= 1;
        let error = bench.read(&bench.put("台账.xlsx", &flipped), None).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("cannot be read as a workbook"), "{error}");
    }
    for place in (book.len() / 8..book.len() / 2).step_by(book.len() / 12) {
        let mut flipped = book.clone();
        flipped[place] ^= 0x10;
        assert!(bench.read(&bench.put("台账.xlsx", &flipped), None).is_err(), "at {place}");
    }
}

#[test]
fn a_damaged_old_workbook_is_an_error_and_no_end() {
    let bench = Bench::new();
    let rows = ten();
    let book = biff(&[("台账", false, &rows)]);
    // Every byte of the container's tables, and many of the sheet's.
    for place in (24..1_536).chain((1_536..book.len()).step_by(7)) {
        let mut flipped = book.clone();
        flipped[place] ^= 0x80;
        match bench.read(&bench.put("台账.xls", &flipped), None) {
            Ok((tally, _)) => assert!(tally.rows <= 11, "at {place}"),
            Err(error) => assert!(matches!(error, Error::Input { .. }), "at {place}: {error}"),
        }
    }
    let small = biff(&[("台账", false, &rows[..1])]);
    assert_eq!(bench.read(&bench.put("台账.xls", &small), None).unwrap().0.rows, 0);
    for cut in [8, 100, 512, 1_100, 1_600, book.len() / 2] {
        assert!(bench.read(&bench.put("台账.xls", &book[..cut]), None).is_err(), "cut at {cut}");
    }
}
