//! Letters as PDF/A: what they say, what they are made of, and how they lie on paper.
//!
//! They need the fonts of reports/fonts/fetch.sh, and poppler-utils to look at the pages;
//! `.ci/office` brings both.

use std::path::{Path, PathBuf};
use std::process::Command;

use render::letter::{Letter, chinese_date};
use render::{FontFolders, LetterTemplates, TemplateError};

use super::layout::{letters, measured, of_lines, unlonely};
use super::office::{cache, have, runs};
use super::{bundled, example};

/// The fonts of reports/fonts/fetch.sh and no others, so that a test sees the same pages on every
/// machine.
fn free() -> Option<FontFolders> {
    let free = cache().join("fonts");
    let there =
        have("the fonts of reports/fonts/fetch.sh", free.join("FandolFang-Regular.otf").exists());
    there.then(|| FontFolders { own: PathBuf::new(), system: Vec::new(), free })
}

fn try_pdf(templates: &LetterTemplates, letter: &Letter) -> Result<Vec<u8>, TemplateError> {
    templates.pdf(letter, &chinese_date(letter.date), letter.date)
}

/// Letters as files, where the machine has what it takes.
fn written(letters: &[(String, Letter)]) -> Option<(tempfile::TempDir, Vec<PathBuf>)> {
    let folders = free()?;
    if !have(
        "poppler-utils",
        runs("pdftoppm", &["-v"]) && runs("pdftotext", &["-v"]) && runs("pdffonts", &["-v"]),
    ) {
        return None;
    }
    let templates = bundled().with_fonts(folders);
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, letter): &(String, Letter)| {
        let path = folder.path().join(format!("{name}.pdf"));
        std::fs::write(&path, try_pdf(&templates, letter).unwrap()).unwrap();
        path
    };
    let paths = letters.iter().map(write).collect();
    Some((folder, paths))
}

fn said(program: &str, arguments: &[&str], pdf: &Path) -> String {
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .arg(pdf)
        .args((program == "pdftotext").then_some("-"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_layout_is_the_standards_within_a_millimetre() {
    let letters = letters();
    let Some((_folder, pdfs)) = written(&letters) else { return };
    for ((name, letter), pdf) in letters.iter().zip(&pdfs) {
        measured(name, letter, pdf);
    }
}

#[test]
fn a_signature_never_stands_alone_whatever_the_length() {
    let letters = of_lines();
    let Some((_folder, pdfs)) = written(&letters) else { return };
    unlonely(&letters, &pdfs);
}

#[test]
fn it_says_what_the_letter_says() {
    let letter = example();
    let Some((_folder, pdfs)) = written(&[("example".to_owned(), letter.clone())]) else { return };
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let text = squeezed(&said("pdftotext", &["-layout"], &pdfs[0]));
    let annex = letter.annex.as_ref().unwrap();
    let chart = annex.chart.as_ref().unwrap();
    let head = [
        &letter.issuer,
        &letter.number,
        &letter.title,
        &letter.addressee,
        &letter.opening,
        &letter.signature,
        &annex.title,
    ];
    let of_annex = annex.tables[0]
        .rows
        .iter()
        .flatten()
        .chain(&annex.tables[0].header)
        .chain(&annex.notes)
        .chain([&chart.title]);
    // Only as many labels as there is room for are written, and always the last.
    let of_chart = chart.labels.last().into_iter().chain(chart.lines.iter().map(|line| &line.name));
    let sections = letter.sections.iter().flat_map(|s| s.paragraphs.iter().chain([&s.heading]));
    for due in head
        .into_iter()
        .chain(sections)
        .chain(of_annex)
        .chain(of_chart)
        .chain(&letter.copy_to)
        .chain(&letter.code)
        .chain(&letter.contact)
    {
        assert!(text.contains(&squeezed(due)), "{due}: {text}");
    }
    for due in [
        "一、主要情况（一）指数位次下降。",
        "请于2月10日前将落实情况书面反馈我中心。",
        "2026年2月3日",
        "附件：花海镇",
        "—2—",
    ] {
        assert!(text.contains(due), "{due}: {text}");
    }
    assert!(!text.contains("—1—"), "no page number on page one");
}

#[test]
fn it_is_an_archives_and_the_same_each_time() {
    let letters = ["once", "again"].map(|name| (name.to_owned(), example()));
    let Some((_folder, pdfs)) = written(&letters) else { return };
    assert!(
        std::fs::read(&pdfs[0]).unwrap() == std::fs::read(&pdfs[1]).unwrap(),
        "the same letter gives the same bytes"
    );
    let meta = said("pdfinfo", &["-meta"], &pdfs[0]);
    assert!(
        meta.contains("<pdfaid:part>2</pdfaid:part>")
            && meta.contains("<pdfaid:conformance>B</pdfaid:conformance>"),
        "{meta}"
    );
    assert!(meta.contains(&example().title) && meta.contains("2026-02-03"), "{meta}");
    let info = said("pdfinfo", &[], &pdfs[0]);
    assert!(info.contains("Pages:           3") && info.contains("A4"), "{info}");
    let fonts = said("pdffonts", &[], &pdfs[0]);
    let rows: Vec<Vec<&str>> =
        fonts.lines().skip(2).map(|line| line.split_whitespace().rev().collect()).collect();
    // From the right: object number and generation, then whether it has a map to Unicode, is a
    // subset, is embedded.
    assert!(rows.len() >= 5 && rows.iter().all(|r| r[2..5] == ["yes"; 3]), "{fonts}");
}

#[test]
fn text_cannot_break_it() {
    let mut letter = example();
    letter.opening =
        "#panic() *a* _b_ $x$ ] } \" \\ <l> @r // `c` = /* 、\u{0}\u{b}\u{fffe}{{ title }}".into();
    letter.addressee = "#let x = [甲*镇]".into();
    letter.annex.as_mut().unwrap().tables[0].rows[0][0] = "$]#*_".into();
    let Some((_folder, pdfs)) = written(&[("odd".to_owned(), letter)]) else { return };
    let text = said("pdftotext", &["-layout"], &pdfs[0]);
    let text: String = text.split_whitespace().collect();
    for due in ["#panic()*a*_b_$x$]}\"\\<l>@r//`c`=/*、{{title}}", "#letx=[甲*镇]：", "$]#*_"] {
        assert!(text.contains(due), "{due}: {text}");
    }
}

#[test]
fn missing_fonts_are_named_and_never_drawn_as_boxes() {
    let nowhere = tempfile::tempdir().unwrap();
    let folders = FontFolders {
        own: nowhere.path().join("own"),
        system: Vec::new(),
        free: nowhere.path().to_path_buf(),
    };
    let error = try_pdf(&bundled().with_fonts(folders), &example()).unwrap_err().to_string();
    for due in [
        "仿宋_GB2312 (or FandolFang R)",
        "方正小标宋简体",
        "宋体",
        "黑体",
        "楷体_GB2312",
        "reports/fonts/fetch.sh",
    ] {
        assert!(error.contains(due), "{due}: {error}");
    }
    let Some(folders) = free() else { return };
    let mut letter = example();
    letter.opening = "经研判\u{1f004}：".into();
    let error = try_pdf(&bundled().with_fonts(folders), &letter).unwrap_err().to_string();
    assert!(
        error.contains('\u{1f004}') && error.contains("reports/fonts of the workspace"),
        "{error}"
    );
}

#[test]
fn a_centres_own_template_wins_and_its_mistakes_are_named() {
    let Some(folders) = free() else { return };
    let reports = tempfile::tempdir().unwrap();
    let own = reports.path().join("letter/letter.typ");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    std::fs::write(&own, "#set text(font: \"宋体\")\n#json(\"letter.json\").titel\n").unwrap();
    let templates = LetterTemplates::read(reports.path()).unwrap().with_fonts(folders);
    let error = try_pdf(&templates, &example()).unwrap_err();
    assert!(
        error.part == own.display().to_string()
            && error.line == Some(2)
            && error.what.contains("titel"),
        "{error}"
    );
    assert_eq!(templates.check().unwrap_err(), error);
}
