//! Letters opened by LibreOffice, looked at, and measured against GB/T 9704-2012 (信函格式).

use std::path::{Path, PathBuf};

use render::letter::{Letter, Section, chinese_date};

use super::office::{
    MM, Page, TextLine, bands, dark, have, pages, pdfs, python, red, runs, text_lines,
};
use super::{bundled, example};

const CLOSING: &str = "，。、；：？！）》”";

fn docx(letter: &Letter) -> Vec<u8> {
    bundled().docx(letter).unwrap()
}

/// The letters that are measured: as it is, short, long, and to townships with rare characters.
pub fn letters() -> Vec<(String, Letter)> {
    let to = |name: &str, letter: &mut Letter| {
        letter.addressee = format!("{name}党委、政府");
        letter.title = letter.title.replace("花海镇", name);
    };
    let mut short = example();
    to("下乡", &mut short);
    (short.issuer, short.signature) = ("某县综治中心".into(), "某县综治中心".into());
    short.sections.truncate(2);
    (short.annex, short.contact, short.ending, short.code) = (None, None, None, None);
    short.copy_to.clear();
    let mut long = example();
    to("积石山保安族东乡族撒拉族自治县某某某某民族乡", &mut long);
    long.issuer = "积石山保安族东乡族撒拉族自治县社会治安综合治理中心".into();
    long.signature = long.issuer.clone();
    long.sections = long.sections.iter().cycle().take(long.sections.len() * 4).cloned().collect();
    let annex = long.annex.as_mut().unwrap();
    annex.title =
        format!("{}2026年1月平安指数主要指标", "积石山保安族东乡族撒拉族自治县某某某某民族乡");
    annex.tables[0].rows = annex.tables[0].rows.iter().cycle().take(60).cloned().collect();
    let mut all = vec![
        ("example".to_owned(), example()),
        ("short".to_owned(), short),
        ("long".to_owned(), long),
    ];
    for (at, name) in ["堽城镇", "鄠邑街道", "浬浦镇"].into_iter().enumerate() {
        let mut rare = example();
        to(name, &mut rare);
        rare.annex.as_mut().unwrap().title = format!("{name}2026年1月平安指数主要指标");
        all.push((format!("rare{at}"), rare));
    }
    all
}

fn near(what: &str, measured: f64, due: f64) {
    assert!((measured - due).abs() <= 1.0, "{what}: {measured:.2} mm where {due:.2} mm is due");
}

#[test]
fn the_layout_is_the_standards_within_a_millimetre() {
    let letters = letters();
    let files: Vec<(String, Vec<u8>)> =
        letters.iter().map(|(name, letter)| (name.clone(), docx(letter))).collect();
    let Some((_folder, pdfs)) = pdfs(&files) else { return };
    for ((name, letter), pdf) in letters.iter().zip(&pdfs) {
        measured(name, letter, pdf);
    }
}

/// Everything that is measured of a letter.
pub fn measured(name: &str, letter: &Letter, pdf: &Path) {
    let (pages, text) = (pages(pdf), text_lines(pdf));
    assert_eq!(pages.len(), text.len());
    let below = head(name, &pages[0]);
    assert!(
        pages[1..].iter().all(|p| p.rows(red).iter().all(|(y, ..)| *y > 37.0)),
        "{name}: mark and rules are the first page's"
    );
    beneath(name, &pages[0], below);
    let number = text[0].iter().find(|l| l.text.contains('〔')).unwrap();
    near(&format!("{name}: number's right"), number.right, 184.0);
    edges(name, &pages, &text);
    assert!(
        text[0].iter().all(|l| !l.text.contains('—') || l.text.contains("0937")),
        "{name}: no page number on page one"
    );
    let whole: String = text.iter().flatten().map(|l| l.text.as_str()).collect();
    assert!(letter.addressee.chars().all(|c| whole.contains(c)), "{name}");
    signed(name, letter, &text);
}

/// Mark and rules of the first page; answers where the first rules end.
fn head(name: &str, page: &Page) -> f64 {
    let reds = bands(&page.rows(red));
    let rules: Vec<_> = reds.iter().filter(|b| b.3 - b.2 > 165.0).collect();
    assert_eq!(rules.len(), 4, "{name}: {reds:?}");
    for rule in &rules {
        near(&format!("{name}: rule's left"), rule.2, 20.0);
        near(&format!("{name}: rule's right"), rule.3, 190.0);
    }
    let thick = |at: usize| rules[at].1 - rules[at].0;
    assert!(
        thick(0) > 1.5 * thick(1) && thick(3) > 1.5 * thick(2),
        "{name}: thick over thin, then thin over thick: {rules:?}"
    );
    near(&format!("{name}: lower rules from the paper's edge"), 297.0 - rules[3].1, 20.0);
    let mark: Vec<_> = reds.iter().filter(|b| b.1 < rules[0].0).collect();
    near(&format!("{name}: mark's upper edge"), mark[0].0, 30.0);
    near(&format!("{name}: rules below the mark"), rules[0].0 - mark.last().unwrap().1, 4.0);
    assert!(mark.iter().all(|b| b.2 > 27.0 && b.3 < 185.0), "{name}: {mark:?}");
    near(
        &format!("{name}: mark's middle"),
        mark.iter().map(|b| f64::midpoint(b.2, b.3)).fold(0.0, f64::max),
        106.0,
    );
    rules[1].1
}

/// The number 7/8 of a 3号 character below the rules, and the title two lines below it.
fn beneath(name: &str, page: &Page, rules: f64) {
    let rows: Vec<f64> = page.rows(dark).iter().map(|r| r.0).filter(|y| *y > rules).collect();
    near(&format!("{name}: number below the rules"), rows[0] - rules, 14.0 / MM);
    let gap = rows.windows(2).find(|w| w[1] - w[0] > 8.0).unwrap();
    near(&format!("{name}: title below the number"), gap[1] - gap[0], 2.0 * 28.95 / MM);
}

/// Height in mm below which a line is of small print.
const SMALL: f64 = 5.0;

/// Text block, line pitch and page number.
fn edges(name: &str, pages: &[Page], text: &[Vec<TextLine>]) {
    let body = |page: usize| {
        text[page].iter().filter(|l| l.top > 36.0 && l.bottom < 263.5).collect::<Vec<_>>()
    };
    let mut lefts = f64::INFINITY;
    let mut rights = 0.0_f64;
    for (at, page) in pages.iter().enumerate() {
        for (y, left, right) in page.rows(dark) {
            assert!(
                left > 27.0 && right < 184.0 + 6.0,
                "{name}: page {} is overflowed at {y:.1} mm: {left:.1}–{right:.1}",
                at + 1
            );
            let between = 263.0..266.5;
            assert!(
                !between.contains(&y),
                "{name}: page {}: something stands below the text block, at {y:.1} mm",
                at + 1
            );
        }
        for line in body(at) {
            lefts = lefts.min(line.left);
            // A closing mark may hang over the edge: LibreOffice 7.4 reads w:overflowPunct the
            // wrong way round.
            if !line.text.ends_with(|c| CLOSING.contains(c)) {
                rights = rights.max(line.right);
            }
        }
    }
    near(&format!("{name}: text block's left"), lefts, 28.0);
    near(&format!("{name}: text block's right"), rights, 184.0);
    for (at, page) in pages.iter().enumerate().skip(1) {
        // Ink of a line begins 9.6 pt (3.4 mm) below the line's upper edge: 0.8 × 28.95 less 0.85 ×
        // 16; that of small print 2.8 pt (1 mm): 0.8 × 13 less 0.85 × 9. A table begins with its
        // border.
        let (first, left, right) = page.rows(dark)[0];
        let small = body(at).first().is_some_and(|line| line.bottom - line.top < SMALL);
        let above = match (right - left > 150.0, small) {
            (true, _) => 0.0,
            (false, true) => 1.0,
            (false, false) => 3.4,
        };
        near(&format!("{name}: text block's upper edge on page {}", at + 1), first - above, 37.0);
        let number: Vec<f64> = page.rows(dark).iter().map(|r| r.0).filter(|y| *y > 263.0).collect();
        // The dashes lie amid the figures.
        near(&format!("{name}: page number"), (number[0] + number[number.len() - 1]) / 2.0, 269.0);
    }
    if pages.len() > 1 {
        pitch(name, &body(0));
    }
}

/// The distance of body lines: 28.95 pt, or what the signature's place made of it.
fn pitch(name: &str, lines: &[&TextLine]) {
    let mut steps: Vec<f64> = lines
        .windows(2)
        .map(|w| w[1].bottom - w[0].bottom)
        .filter(|s| *s > 8.0 && *s < 12.0)
        .collect();
    steps.sort_by(f64::total_cmp);
    let median = steps[steps.len() / 2] * MM;
    assert!((27.6..=29.05).contains(&median), "{name}: {median:.2} pt");
    if name == "example" {
        assert!((median - 28.95).abs() < 0.1, "{name}: {median:.2} pt");
    }
}

/// The page with the date has text of the letter above it.
fn signed(name: &str, letter: &Letter, text: &[Vec<TextLine>]) {
    let squeezed = |l: &TextLine| l.text.replace(' ', "");
    let date = chinese_date(letter.date);
    let page = text
        .iter()
        .find(|page| page.iter().any(|l| squeezed(l) == date))
        .unwrap_or_else(|| panic!("{name}: no date in {text:?}"));
    let at = page.iter().position(|l| squeezed(l) == date).unwrap();
    let above = page[..at].iter().filter(|l| {
        l.top > 36.0 && !squeezed(l).starts_with("附件") && squeezed(l) != letter.signature
    });
    assert!(above.count() > 0, "{name}: the signature stands alone on its page");
    assert_eq!(squeezed(&page[at - 1]), letter.signature, "{name}");
    let (date, signature) = (&page[at], &page[at - 1]);
    near(
        &format!("{name}: signature over date"),
        f64::midpoint(date.left, date.right),
        f64::midpoint(signature.left, signature.right),
    );
    assert!(signature.right < 185.0, "{name}");
}

/// Letters of ever more lines, every other one without copy-to and code.
pub fn of_lines() -> Vec<(String, Letter)> {
    let letter = |lines: usize| {
        let mut letter = example();
        letter.annex = None;
        if lines % 2 == 1 {
            letter.code = None;
            letter.copy_to.clear();
        }
        let paragraphs = (1..=lines).map(|n| format!("第{n}项情况已经核实。")).collect();
        letter.sections = vec![Section { level: 1, heading: "主要情况".into(), paragraphs }];
        letter
    };
    (2..=30).map(|n| (format!("lines{n:02}"), letter(n))).collect()
}

#[test]
fn a_signature_never_stands_alone_whatever_the_length() {
    let letters = of_lines();
    let files: Vec<(String, Vec<u8>)> =
        letters.iter().map(|(name, letter)| (name.clone(), docx(letter))).collect();
    let Some((_folder, pdfs)) = pdfs(&files) else { return };
    unlonely(&letters, &pdfs);
}

/// No signature alone on a page, no line on another, no page more than it takes.
pub fn unlonely(letters: &[(String, Letter)], pdfs: &[PathBuf]) {
    let mut lengths = Vec::new();
    for ((name, letter), pdf) in letters.iter().zip(pdfs) {
        let text = text_lines(pdf);
        signed(name, letter, &text);
        for line in text.iter().flat_map(|page| page.windows(2)) {
            assert!(
                line[1].bottom - line[0].bottom > 6.0,
                "{name}: one line lies on another: {line:?}"
            );
        }
        let last = text.last().unwrap();
        let copies = last.iter().position(|l| l.text.starts_with("抄送："));
        assert!(
            letter.copy_to.is_empty()
                || copies > Some(0)
                    && last.iter().any(|l| l.text.contains("核实") || l.text.contains("特此函告")),
            "{name}: {last:?}"
        );
        lengths.push(text.len());
    }
    // With and without copy-to, a page more only where there is more text, and none for the copy-to
    // alone.
    for offset in 0..2 {
        let lengths: Vec<usize> = lengths.iter().copied().skip(offset).step_by(2).collect();
        assert!(
            lengths.is_sorted() && lengths.first() == Some(&1) && lengths.last() >= Some(&2),
            "{lengths:?}"
        );
    }
}

#[test]
fn validators_find_nothing_wrong() {
    let python = python();
    if !have(
        "a Python with tests/it/letter/requirements.txt",
        runs(&python, &["-c", "import docx, openxml_audit"]),
    ) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, letter) in letters() {
        let path = folder.path().join(format!("{name}.docx"));
        std::fs::write(&path, docx(&letter)).unwrap();
        let path = path.to_str().unwrap();
        let audit = std::process::Command::new(&python)
            .args(["-m", "openxml_audit", path])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&audit.stdout);
        assert!(
            audit.status.success() && said.contains("Errors: 0"),
            "{name}: {said}{}",
            String::from_utf8_lossy(&audit.stderr)
        );
        let read = "import sys, docx; d = docx.Document(sys.argv[1]); print(d.core_properties.title); print(len(d.tables), len(d.paragraphs), d.sections[0].different_first_page_header_footer)";
        let read = std::process::Command::new(&python)
            .args(["-c", read, path])
            .env("PYTHONIOENCODING", "utf-8")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&read.stdout);
        assert!(
            said.starts_with(&letter.title) && said.trim_end().ends_with("True"),
            "{name}: {said}{}",
            String::from_utf8_lossy(&read.stderr)
        );
    }
}
