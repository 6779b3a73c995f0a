//! LibreOffice and poppler as eyes: a DOCX becomes pages of pixels and of placed text.
//!
//! They need `soffice`, `pdftoppm`, `pdftotext`, the fonts of reports/fonts/fetch.sh and a Python
//! with tests/it/letter/requirements.txt; `.ci/office` brings all of it.

use std::path::{Path, PathBuf};
use std::process::Command;

pub const MM: f64 = 72.0 / 25.4;
pub const DPI: f64 = 200.0;

/// Whether a test has what it needs. Says so where not, and fails where `PINGAN_TESTS=require`.
pub fn have(needed: &str, there: bool) -> bool {
    if !there {
        assert_ne!(
            std::env::var("PINGAN_TESTS").as_deref(),
            Ok("require"),
            "{needed} is required (.ci/office brings it)"
        );
        eprintln!("left out: {needed} is not here");
    }
    there
}

pub fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|o| o.status.success())
}

/// Where `.ci/office` lays things: `PINGAN_OFFICE`, else in the user's cache.
pub fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let cache = || {
        std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("pingan-office")
    };
    std::env::var_os("PINGAN_OFFICE").map_or_else(cache, PathBuf::from)
}

/// The Python that `.ci/office` lays there, which may be absent.
pub fn python() -> String {
    cache().join("venv/bin/python").to_string_lossy().into_owned()
}

/// Converts letters to PDF, all in one start of LibreOffice, whose profile is its own. `None` where
/// the machine cannot.
pub fn pdfs(letters: &[(String, Vec<u8>)]) -> Option<(tempfile::TempDir, Vec<PathBuf>)> {
    let programs =
        runs("soffice", &["--version"]) && runs("pdftoppm", &["-v"]) && runs("pdftotext", &["-v"]);
    let fonts = cache().join("fonts/fonts.conf");
    if !have("LibreOffice Writer with poppler-utils", programs)
        || !have("the fonts of reports/fonts/fetch.sh", fonts.exists())
    {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, kind: &str| folder.path().join(format!("{name}.{kind}"));
    for (name, bytes) in letters {
        std::fs::write(path(name, "docx"), bytes).unwrap();
    }
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.path().display()))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path())
        .args(letters.iter().map(|(name, _)| path(name, "docx")))
        .env("FONTCONFIG_FILE", fonts)
        .output()
        .unwrap();
    let pdfs: Vec<PathBuf> = letters.iter().map(|(name, _)| path(name, "pdf")).collect();
    assert!(pdfs.iter().all(|p| p.exists()), "{}", String::from_utf8_lossy(&done.stderr));
    Some((folder, pdfs))
}

/// A line of text and where it is, in millimetres from the upper left corner.
#[derive(Debug)]
pub struct TextLine {
    pub text: String,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// The lines of every page, from top to bottom.
pub fn text_lines(pdf: &Path) -> Vec<Vec<TextLine>> {
    let out = Command::new("pdftotext").args(["-bbox-layout"]).arg(pdf).arg("-").output().unwrap();
    let page = |page: &str| {
        let mut words: Vec<TextLine> = page.split("<word ").skip(1).map(word).collect();
        words.sort_by(|a, b| a.bottom.total_cmp(&b.bottom));
        let mut lines: Vec<TextLine> = Vec::new();
        for word in words {
            match lines.last_mut() {
                Some(line) if (line.top + line.bottom - word.top - word.bottom).abs() < 5.0 => {
                    line.text = if word.left < line.left {
                        word.text + &line.text
                    } else {
                        format!("{}{}", line.text, word.text)
                    };
                    (line.left, line.right) =
                        (line.left.min(word.left), line.right.max(word.right));
                    (line.top, line.bottom) =
                        (line.top.min(word.top), line.bottom.max(word.bottom));
                }
                _ => lines.push(word),
            }
        }
        lines
    };
    String::from_utf8(out.stdout).unwrap().split("<page ").skip(1).map(page).collect()
}

fn word(written: &str) -> TextLine {
    let of = |name: &str| {
        written
            .split(&format!("{name}=\""))
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / MM
    };
    let text = written.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
    TextLine { text, left: of("xMin"), right: of("xMax"), top: of("yMin"), bottom: of("yMax") }
}

/// A page of pixels.
pub struct Page {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

pub fn pages(pdf: &Path) -> Vec<Page> {
    let stem = pdf.with_extension("page");
    assert!(
        Command::new("pdftoppm")
            .args(["-r", &DPI.to_string()])
            .arg(pdf)
            .arg(&stem)
            .status()
            .unwrap()
            .success()
    );
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(pdf.parent().unwrap()).unwrap().map(|e| e.unwrap().path()).collect();
    let start = format!("{}-", stem.file_name().unwrap().to_string_lossy());
    files.retain(|f| {
        f.extension().is_some_and(|e| e == "ppm")
            && f.file_name().unwrap().to_string_lossy().starts_with(&start)
    });
    files.sort();
    files.iter().map(|f| page(&std::fs::read(f).unwrap())).collect()
}

/// Reads a P6 file: magic, width, height, depth, pixels.
fn page(bytes: &[u8]) -> Page {
    let mut header = bytes.split(u8::is_ascii_whitespace);
    let fields: Vec<&[u8]> = header.by_ref().take(4).collect();
    let number = |at: usize| std::str::from_utf8(fields[at]).unwrap().parse::<usize>().unwrap();
    let start = fields.iter().map(|f| f.len() + 1).sum::<usize>();
    Page { width: number(1), height: number(2), pixels: bytes[start..].to_vec() }
}

impl Page {
    /// Columns (mm) from the first to the last pixel of a kind, for every row that has one.
    pub fn rows(&self, kind: fn(&[u8]) -> bool) -> Vec<(f64, f64, f64)> {
        let mm = |pixels: usize| pixels as f64 * 25.4 / DPI;
        let row = |y: usize| {
            let row = &self.pixels[y * self.width * 3..(y + 1) * self.width * 3];
            let mut found =
                row.chunks_exact(3).enumerate().filter(|(_, p)| kind(p)).map(|(x, _)| x);
            let first = found.next()?;
            Some((mm(y), mm(first), mm(found.next_back().unwrap_or(first) + 1)))
        };
        (0..self.height).filter_map(row).collect()
    }
}

pub fn red(pixel: &[u8]) -> bool {
    pixel[0] > 180 && pixel[1] < 110 && pixel[2] < 110
}

pub fn dark(pixel: &[u8]) -> bool {
    pixel.iter().all(|c| *c < 140)
}

/// Rows that follow each other, as bands: top, bottom, left, right.
pub fn bands(rows: &[(f64, f64, f64)]) -> Vec<(f64, f64, f64, f64)> {
    let step = 25.4 / DPI;
    let mut bands: Vec<(f64, f64, f64, f64)> = Vec::new();
    for (y, left, right) in rows {
        match bands.last_mut() {
            Some(band) if y - band.1 < step * 0.5 => {
                *band = (band.0, y + step, band.2.min(*left), band.3.max(*right))
            }
            _ => bands.push((*y, y + step, *left, *right)),
        }
    }
    bands
}
