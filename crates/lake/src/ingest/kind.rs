//! What a file is, by its content and never by its name.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::archive;
use super::compound::Compound;
use crate::error::{At, Result};

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Parquet,
    /// Open XML.
    Xlsx,
    /// Open XML with binary parts.
    Xlsb,
    /// BIFF in a compound file, as `.xls` and `.et` are.
    Xls,
    Ods,
    Gzip,
    Text,
    /// Nothing that holds a table we read: what it is, and what to do.
    Other(&'static str, &'static str),
}

/// Bytes at a file's beginning that are looked at.
const HEAD: usize = 4096;

const EXCEL: &str = "open it in Excel or WPS and save it as .xlsx";
const LEDGER: &str = "ask for the table itself, as .xlsx or CSV";
const UNPACK: &str = "unpack it and put the files that it holds into the inbox";
const PASSWORD: &str = "open it with its password and save it without";
const EXPORT: &str = "export the table from it as .xlsx or CSV";

/// What files begin with, where they are nothing we read.
const MAGICS: [(&[u8], &str, &str); 29] = [
    (b"%PDF", "a PDF", LEDGER),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"BZh9", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"MSCF", "a cabinet archive", UNPACK),
    (b"PK\x05\x06", "a ZIP archive without files", LEDGER),
    (b"PK\x07\x08", "a part of a ZIP archive", UNPACK),
    (b"\x89PNG", "an image (PNG)", LEDGER),
    (b"\xff\xd8\xff", "an image (JPEG)", LEDGER),
    (b"GIF87a", "an image (GIF)", LEDGER),
    (b"GIF89a", "an image (GIF)", LEDGER),
    (b"II*\0", "an image (TIFF)", LEDGER),
    (b"MM\0*", "an image (TIFF)", LEDGER),
    (b"RIFF", "a picture, sound or film (RIFF)", LEDGER),
    (b"ID3", "a sound (MP3)", LEDGER),
    (b"SQLite format 3\0", "a SQLite database", EXPORT),
    (b"\0\x01\0\0Standard Jet DB", "an Access database (.mdb)", EXPORT),
    (b"\0\x01\0\0Standard ACE DB", "an Access database (.accdb)", EXPORT),
    (b"ARROW1\0\0", "an Arrow file (Feather)", "write it as Parquet or CSV"),
    (b"ORC", "an ORC file", "write it as Parquet or CSV"),
    (b"Obj\x01", "an Avro file", "write it as Parquet or CSV"),
    (b"{\\rtf", "a document (RTF)", LEDGER),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows", "copy the file that it points to"),
    (b"\x7fELF", "a program", LEDGER),
    (b"\x09\x08\x10\0", "a workbook of Excel 5 or older", EXCEL),
    (b"\x09\x04\x06\0", "a workbook of Excel 4 or older", EXCEL),
    (b"\x09\x02\x06\0", "a workbook of Excel 3 or older", EXCEL),
];

/// What the file is; none where it is empty.
pub(super) fn of(file: &Path) -> Result<Option<Kind>> {
    let mut head = Vec::with_capacity(HEAD);
    File::open(file).at(file)?.take(HEAD as u64).read_to_end(&mut head).at(file)?;
    Ok(match head.as_slice() {
        [] => None,
        [b'P', b'K', 3, 4, ..] => Some(packed(file)?),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(compound(file)?),
        head => Some(by_head(head)),
    })
}

/// What begins like this, where it is neither a ZIP archive nor a compound file.
pub(super) fn by_head(head: &[u8]) -> Kind {
    if let Some((_, what, fix)) = MAGICS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Kind::Other(what, fix);
    }
    match head {
        [b'P', b'A', b'R', b'1', ..] => Kind::Parquet,
        [b'P', b'A', b'R', b'E', ..] => {
            Kind::Other("an encrypted Parquet file", "write it again without encryption")
        }
        [0x1f, 0x8b, ..] => Kind::Gzip,
        [b'P', b'K', 3, 4, ..] => Kind::Other("a ZIP archive", UNPACK),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Kind::Other("an image (BMP)", LEDGER),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Kind::Other("a document of old Office", EXCEL),
        head if head.get(257..262) == Some(b"ustar") => Kind::Other("a TAR archive", UNPACK),
        head => marked_up(head),
    }
}

/// Text that is written in a language of marks, and no table of lines.
fn marked_up(head: &[u8]) -> Kind {
    // UTF-16 is looked at without its zeros.
    let text: String =
        head.iter().filter(|b| b.is_ascii() && **b != 0).map(|&b| b as char).collect();
    let text = text.trim_start().to_ascii_lowercase();
    let has = |part: &str| text.contains(part);
    if text.starts_with("mime-version:") || (has("content-type: multipart/") && has("boundary=")) {
        Kind::Other("a web archive (MHTML) or e-mail, whatever its name", EXCEL)
    } else if text.starts_with("{\"") || text.starts_with("[{") {
        Kind::Other("JSON", EXPORT)
    } else if !text.starts_with('<') {
        Kind::Text
    } else if has("urn:schemas-microsoft-com:office:spreadsheet") && !has("<html") {
        Kind::Other("an XML spreadsheet of 2003, whatever its name", EXCEL)
    } else if ["<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<style"]
        .iter()
        .any(|tag| has(tag))
    {
        Kind::Other("an HTML page, whatever its name", EXCEL)
    } else if text.starts_with("<?xml") || text.starts_with("<!--") {
        Kind::Other("an XML file", EXPORT)
    } else {
        Kind::Text
    }
}

/// What a ZIP archive holds.
fn packed(file: &Path) -> Result<Kind> {
    let mut archive = archive::opened(file)?;
    archive::few_entries(file, archive.len())?;
    let names: Vec<String> = archive
        .file_names()
        .filter_map(|name| name.ok())
        .map(|name| name.replace('\\', "/").to_ascii_lowercase())
        .collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let within = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    if has("mimetype") {
        return Ok(open_document(&mut archive));
    }
    Ok(if has("ofd.xml") {
        Kind::Other("a document (OFD)", LEDGER)
    } else if !has("[content_types].xml") {
        Kind::Other("a ZIP archive, whatever its name", UNPACK)
    } else if within("word/") {
        Kind::Other("a document of Word or WPS, whatever its name", LEDGER)
    } else if within("ppt/") {
        Kind::Other("slides of PowerPoint or WPS, whatever its name", LEDGER)
    } else if names.iter().any(|n| n.ends_with("workbook.bin")) {
        Kind::Xlsb
    } else {
        Kind::Xlsx
    })
}

fn open_document(archive: &mut ZipArchive<BufReader<File>>) -> Kind {
    let mut kind = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        let _ = entry.take(128).read_to_string(&mut kind);
    }
    match kind.trim() {
        "application/vnd.oasis.opendocument.spreadsheet" => Kind::Ods,
        kind if kind.starts_with("application/vnd.oasis.opendocument.") => {
            Kind::Other("an OpenDocument file without a table", LEDGER)
        }
        _ => Kind::Other("a ZIP archive, whatever its name", UNPACK),
    }
}

/// What a compound file of old Office holds, by the names in its directory.
fn compound(file: &Path) -> Result<Kind> {
    let bytes = archive::small(file)?;
    let read = Compound::read(&bytes);
    let has = |name: &str| read.as_ref().is_some_and(|read| read.has(name));
    Ok(if has("EncryptedPackage") {
        Kind::Other("a workbook with a password", PASSWORD)
    } else if has("Workbook") || has("Book") {
        Kind::Xls
    } else if has("WordDocument") {
        Kind::Other("a document of Word or WPS, whatever its name", LEDGER)
    } else if has("PowerPoint Document") {
        Kind::Other("slides of PowerPoint or WPS, whatever its name", LEDGER)
    } else {
        Kind::Other("a file of old Office without a workbook", EXCEL)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_say_what_a_file_is() {
        let wide = |text: &str| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        let what = |head: &[u8]| match by_head(head) {
            Kind::Other(what, _) => what.to_owned(),
            kind => format!("{kind:?}"),
        };
        let tar = [vec![b'x'; 257], b"ustar\x0000".to_vec()].concat();
        for (head, expected) in [
            (b"%PDF-1.7\n".to_vec(), "a PDF"),
            (b"PAR1\x15".to_vec(), "Parquet"),
            (b"PARE\x15".to_vec(), "encrypted Parquet"),
            (b"\x1f\x8b\x08".to_vec(), "Gzip"),
            (tar, "TAR"),
            (b"\n <HTML xmlns:x='urn:schemas-microsoft-com:office:excel'>".to_vec(), "HTML"),
            (b"\xef\xbb\xbf<table border=1>".to_vec(), "HTML"),
            (wide("<html><body>"), "HTML"),
            (b"<?xml version='1.0'?><html>".to_vec(), "HTML"),
            (
                b"<?xml version='1.0'?>\n<Workbook xmlns='urn:schemas-microsoft-com:office:\
                  spreadsheet'>"
                    .to_vec(),
                "2003",
            ),
            (b"<?xml version='1.0'?><rows>".to_vec(), "an XML file"),
            (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook".to_vec(), "MHTML"),
            (b"[{\"id\": 1}]".to_vec(), "JSON"),
            (b"BM\x36\0\0\0\0\0\0\0".to_vec(), "BMP"),
            ("编号,发生时间\n".as_bytes().to_vec(), "Text"),
            (b"BMW,2026-01-01,a\n".to_vec(), "Text"),
            (b"id,<b>\n".to_vec(), "Text"),
            (b"<5,a\n".to_vec(), "Text"),
            (wide("编号\t发生时间\n"), "Text"),
        ] {
            assert!(what(&head).contains(expected), "{expected}: {}", what(&head));
        }
    }
}
