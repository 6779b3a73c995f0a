//! A centre's own template, as an office program leaves it, and what is said of a wrong one.

use std::path::Path;

use render::{LetterTemplates, TemplateError, docx_text};

use super::office::{have, python, runs};
use super::{example, packed, parts};
use crate::support::{run, stdout};

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
const TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/></Types>";

const GRID: &str = "<w:tblGrid><w:gridCol w:w=\"2000\"/><w:gridCol w:w=\"2000\"/></w:tblGrid>";

/// A paragraph whose text the office program has cut into these runs.
fn p(runs: &[&str]) -> String {
    let runs: String = runs
        .iter()
        .map(|r| format!("<w:r><w:rPr><w:rFonts w:hint=\"eastAsia\"/></w:rPr><w:t>{r}</w:t>\n</w:r><w:proofErr w:type=\"spellEnd\"/>\n"))
        .collect();
    format!("<w:p w:rsidR=\"00A1\"><w:pPr><w:jc w:val=\"left\"/></w:pPr>{runs}</w:p>")
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|c| {
            format!("<w:tc><w:tcPr><w:tcW w:w=\"2000\" w:type=\"dxa\"/></w:tcPr>{}</w:tc>", p(&[c]))
        })
        .collect();
    format!("<w:tr>{cells}</w:tr>")
}

fn own(body: &str, header: &str) -> Vec<u8> {
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let section = "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId1\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/></w:sectPr>";
    packed(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", relation("officeDocument", "word/document.xml").as_bytes()),
        ("word/_rels/document.xml.rels", relation("header", "header1.xml").as_bytes()),
        ("word/header1.xml", format!("<w:hdr {W}>{}</w:hdr>", p(&[header])).as_bytes()),
        (
            "word/document.xml",
            format!("<w:document {W}><w:body>{body}{section}</w:body></w:document>").as_bytes(),
        ),
        ("word/media/seal.png", &b"\x89PNG\x00{{"[..]),
    ])
}

/// The templates of a workspace with this file in `reports`.
fn with(file: &str, content: &[u8]) -> (tempfile::TempDir, Result<LetterTemplates, TemplateError>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
    let templates = LetterTemplates::read(folder.path());
    (folder, templates)
}

fn body() -> String {
    let sections = [
        p(&["{%p for s in ", "sections %}"]),
        p(&["{{ s.number }}{", "{ s.heading }", "}"]),
        p(&["{%p for x in s.paragraphs %}"]),
        p(&["{{ x }}"]),
    ];
    let table = [
        row(&["指标", "本月"]),
        row(&["{%tr for r in annex.tables[0].rows %}", ""]),
        row(&["{{ r[0] }}", "{{ r[1] }}"]),
        row(&["{%tr endfor %}", ""]),
    ];
    let head = [p(&["关于", "{{", " title ", "}}"]), p(&["{{ addressee }}："])].concat();
    let ends = [
        p(&["{%p endfor %}"]),
        p(&["{%p endfor %}"]),
        p(&["{%p if code == “none” %}"]),
        p(&["未签发"]),
        p(&["{%p endif %}"]),
    ]
    .concat();
    [
        head,
        sections.concat(),
        ends,
        format!("<w:tbl>{GRID}{}</w:tbl>", table.concat()),
        p(&["{{ signature }}"]),
    ]
    .concat()
}

#[test]
fn a_centres_own_template_is_filled_with_the_same_placeholders() {
    let (_folder, templates) =
        with("letter.docx", &own(&(body() + &p(&["{{ chart_drawing }}"])), "{{ issuer }}"));
    let templates = templates.unwrap();
    let letter = example();
    let filled = templates.docx(&letter).unwrap();
    assert_eq!(filled, templates.docx(&letter).unwrap());
    let filled = parts(&filled);
    let document = &filled["word/document.xml"];
    assert!(filled["word/header1.xml"].contains(&letter.issuer));
    assert!(!document.contains("{{") && !document.contains("{%") && !document.contains("未签发"));
    for section in &letter.sections {
        assert!(
            document.contains(&section.heading)
                && section.paragraphs.iter().all(|p| document.contains(p.as_str()))
        );
    }
    let rows = &letter.annex.as_ref().unwrap().tables[0].rows;
    assert_eq!(document.matches("<w:tr>").count(), rows.len() + 1);
    assert!(
        rows.iter().all(|r| document.contains(&r[0]) && document.contains(&format!(">{}<", r[1])))
    );
    assert!(
        filled.contains_key("word/charts/letter-chart.xml")
            && filled["[Content_Types].xml"].contains("letter-chart.xml")
    );
    assert_eq!(filled["word/_rels/document.xml.rels"].matches("<Relationship ").count(), 2);
    assert_eq!(filled["word/media/seal.png"], String::from_utf8_lossy(b"\x89PNG\x00{{"));

    let mut without = letter;
    without.annex.as_mut().unwrap().chart = None;
    let filled = parts(&templates.docx(&without).unwrap());
    assert!(
        !filled.contains_key("word/charts/letter-chart.xml")
            && !filled["word/document.xml"].contains("w:drawing")
    );
}

#[test]
fn a_wrong_placeholder_is_named_with_its_part() {
    let said = |body: &str, header: &str| {
        let (folder, templates) = with("letter.docx", &own(body, header));
        let error = templates.and_then(|t| t.docx(&example())).unwrap_err();
        assert!(
            error.part.starts_with(&*folder.path().join("letter.docx").to_string_lossy())
                && error.line.is_none(),
            "{error}"
        );
        error.to_string()
    };
    let error = said(&p(&["{{ ti", "tel }}"]), "");
    assert!(
        error.contains("letter.docx (word/document.xml): ")
            && error.contains("titel")
            && error.contains("title_lines"),
        "{error}"
    );
    let error = said("", "{{ isuer }}");
    assert!(error.contains("(word/header1.xml): ") && error.contains("isuer"), "{error}");
    let error = said("", "{{ chart_drawing }}");
    assert!(error.contains("(word/header1.xml): ") && error.contains("text only"), "{error}");
    let error = said(&p(&["{{ annex.titel }}"]), "");
    assert!(error.contains("{{ annex.titel }}") && error.contains("{% if annex %}"), "{error}");
    let error = said(&p(&["{{ title"]), "");
    assert!(error.contains("{{ title") && error.contains("not closed"), "{error}");
    let error = said(&[p(&["{% for s in sections %}"]), p(&["{{ s.heading }}"])].concat(), "");
    assert!(error.contains("(word/document.xml): "), "{error}");
    let torn = format!("{}<w:tbl>{}</w:tbl>", p(&["{% if not code %}"]), row(&["{% endif %}"]));
    let error = said(&torn, "");
    assert!(error.contains("{%p"), "{error}");
    let error = said(&p(&["{{ sections }}"]), "");
    assert!(error.contains("{{ sections }}") && error.contains("loop"), "{error}");
    let (_folder, templates) = with("letter.docx", b"no zip");
    assert!(templates.err().unwrap().to_string().contains(".docx"));
}

#[test]
fn a_file_of_the_folder_wins_and_is_named_with_its_line() {
    let page = "<p>{{ title }}</p>\n<p>{{ signature }}</p>\n";
    let (folder, templates) = with("letter/letter.html", page.as_bytes());
    let letter = example();
    assert_eq!(
        templates.unwrap().html(&letter).unwrap(),
        format!("<p>{}</p>\n<p>{}</p>", letter.title, letter.signature)
    );
    // What an editor or a file manager leaves beside it is no part of a letter.
    for stray in ["docx/word/.~lock.document.xml#", "docx/word/document.xml~", "docx/Thumbs.db"] {
        let path = folder.path().join("letter").join(stray);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    let filled = parts(&LetterTemplates::read(folder.path()).unwrap().docx(&letter).unwrap());
    assert_eq!(filled, parts(&super::bundled().docx(&letter).unwrap()));

    for (file, content, due) in [
        ("letter/letter.html", "<p>\n{{ tilte }}</p>", ":2: the placeholder tilte is not known"),
        (
            "letter/docx/word/header-first.xml",
            "<w:hdr>\n{% if code %}\n{{ code.nothing }}{% endif %}</w:hdr>",
            ":3: {{ code.nothing }}",
        ),
    ] {
        let (folder, templates) = with(file, content.as_bytes());
        let error = templates.and_then(|t| t.check()).unwrap_err();
        let place = folder.path().join(file);
        assert!(error.to_string().starts_with(&format!("{}{due}", place.display())), "{error}");
    }
}

#[test]
fn check_finds_a_wrong_template_before_a_letter_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let w = county.to_string_lossy().into_owned();
    stdout(&["init", &w, "--county", "620981"]);
    let check = || run(&["-w", &w, "check"]);
    let before = String::from_utf8(check().stdout).unwrap();
    assert!(!before.contains("reports"), "{before}");
    std::fs::create_dir(county.join("reports")).unwrap();
    // It would fail for letters without an annex only.
    std::fs::write(
        county.join("reports").join(Path::new("letter.docx")),
        own(&p(&["{{ annex.title }}"]), ""),
    )
    .unwrap();
    let checked = check();
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("reports/letter.docx (word/document.xml): {{ annex.title }}"), "{said}");
}

#[test]
fn docxtpl_reads_the_same_template_alike() {
    let python = python();
    if !have(
        "a Python with tests/it/letter/requirements.txt",
        runs(&python, &["-c", "import docxtpl"]),
    ) {
        return;
    }
    let (folder, templates) = with("letter.docx", &own(&body(), "{{ issuer }}"));
    let letter = example();
    let mut context = serde_json::to_value(&letter).unwrap();
    let numbers = ["一、", "（一）", "（二）", "二、", "三、", "（一）", "（二）", "（三）"];
    for (section, number) in context["sections"].as_array_mut().unwrap().iter_mut().zip(numbers) {
        section["number"] = number.into();
    }
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("context.json"), context.to_string()).unwrap();
    let script = "import sys, json, docxtpl; t = docxtpl.DocxTemplate(sys.argv[1]); t.render(json.load(open(sys.argv[2], encoding=\"utf-8\")), autoescape=True); t.save(sys.argv[3])";
    let done = std::process::Command::new(&python)
        .args(["-c", script, &path("letter.docx"), &path("context.json"), &path("theirs.docx")])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let theirs = docx_text(&std::fs::read(path("theirs.docx")).unwrap()).unwrap();
    assert_eq!(docx_text(&templates.unwrap().docx(&letter).unwrap()).unwrap(), theirs);
}
