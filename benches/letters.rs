//! A night's letters for a province: one DOCX and one page for each of 1,400 townships, written to
//! disk; time and the process's peak memory.

use std::time::{Duration, Instant};

use render::letter::Letter;
use render::{LetterTemplates, docx_replace, docx_text};

/// The example of the tests, to the township of this number.
fn letter(example: &Letter, township: usize) -> Letter {
    let name = format!("第{township}镇");
    let mut letter = example.clone();
    letter.number = format!("玉综治函〔2026〕{township}号");
    for text in [&mut letter.title, &mut letter.addressee] {
        *text = text.replace("花海镇", &name);
    }
    if let Some(annex) = &mut letter.annex {
        annex.title = annex.title.replace("花海镇", &name);
    }
    letter
}

/// Peak resident memory in MiB, as Linux counts it.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().strip_suffix(" kB"))
        .and_then(|kb| kb.trim().parse::<f64>().ok())
        .unwrap_or(f64::NAN)
        / 1024.0
}

fn main() {
    let count = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(1400);
    let example: Letter =
        toml::from_str(include_str!("../tests/it/letter/letter.toml")).expect("letter");
    let folder = tempfile::tempdir().expect("folder");
    let before = peak();
    let start = Instant::now();
    let templates = LetterTemplates::read(folder.path()).expect("templates");
    let opened = start.elapsed();
    let (mut docx, mut html, mut disk, mut mended) =
        (Duration::ZERO, Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut bytes = 0;
    for township in 1..=count {
        let letter = letter(&example, township);
        let at = Instant::now();
        let document = templates.docx(&letter).expect("DOCX");
        docx += at.elapsed();
        let at = Instant::now();
        let page = templates.html(&letter).expect("page");
        html += at.elapsed();
        let at = Instant::now();
        std::fs::write(folder.path().join(format!("{township}.docx")), &document).expect("write");
        std::fs::write(folder.path().join(format!("{township}.html")), &page).expect("write");
        disk += at.elapsed();
        bytes += document.len() + page.len();
        let at = Instant::now();
        let (issued, found) =
            docx_replace(&document, "7f3a-91c2-5e08-b4d6", "0000-0000-0000-0000").expect("DOCX");
        assert_eq!(found, 1);
        assert!(
            docx_text(&issued).expect("DOCX").iter().any(|t| t.ends_with("0000-0000-0000-0000"))
        );
        mended += at.elapsed();
    }
    let whole = start.elapsed();
    println!(
        "{count} letters: {:.2} s, {:.1} MiB on disk",
        whole.as_secs_f64(),
        bytes as f64 / f64::from(1 << 20)
    );
    for (what, time) in [
        ("templates", opened),
        ("DOCX", docx),
        ("page", html),
        ("writing", disk),
        ("code put in and read back", mended),
    ] {
        println!("  {what}: {:.0} ms", time.as_secs_f64() * 1e3);
    }
    println!("peak memory {:.1} MiB, of which {before:.1} before the first letter", peak());
}
