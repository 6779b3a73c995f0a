//! What a letter's files are made of.

use render::{docx_replace, docx_text};

use super::{bundled, example, parts};

#[test]
fn a_letter_says_everything_once_and_in_order() {
    let letter = example();
    let docx = bundled().docx(&letter).unwrap();
    assert_eq!(docx, bundled().docx(&letter).unwrap(), "the same letter gives the same bytes");
    let texts = docx_text(&docx).unwrap();
    let annex = letter.annex.as_ref().unwrap();
    let numbers = ["一、", "（一）", "（二）", "二、", "三、", "（一）", "（二）", "（三）"];
    let sections = letter.sections.iter().zip(numbers).flat_map(|(section, number)| {
        let heading = format!("{number}{}", section.heading);
        // Below level one the first paragraph follows its heading on the same line.
        match (section.level, section.paragraphs.as_slice()) {
            (2.., [first, rest @ ..]) => {
                [vec![format!("{heading}{first}")], rest.to_vec()].concat()
            }
            (_, paragraphs) => [vec![heading], paragraphs.to_vec()].concat(),
        }
    });
    let head = [&letter.issuer, &letter.number].map(String::clone).into_iter();
    let opening = [
        "关于花海镇劳务纠纷、邻里纠纷\n明显上升问题的工作提示函".into(),
        format!("{}：", letter.addressee),
        letter.opening.clone(),
    ];
    let closing = [
        "请于2月10日前将落实情况书面反馈我中心。".into(),
        format!("联系人：{}", letter.contact.as_ref().unwrap()),
        "特此函告。".into(),
        format!("附件：{}", annex.title),
        letter.signature.clone(),
        "2026年2月3日".into(),
        "附件".into(),
        annex.title.clone(),
        annex.tables[0].caption.clone(),
    ];
    let cells =
        [&annex.tables[0].header].into_iter().chain(&annex.tables[0].rows).flatten().cloned();
    let end = [
        annex.chart.as_ref().unwrap().title.clone(),
        annex.notes[0].clone(),
        "抄送：市委政法委，市人力资源和社会保障局，市司法局，市公安局。".into(),
        format!("核验码：{}", letter.code.as_ref().unwrap()),
    ];
    let footers =
        texts.iter().filter(|t| t.contains('—') && t.trim_matches(['—', ' ']).is_empty()).count();
    assert_eq!(footers, 2, "the page numbers of odd and even pages, without the figure: {texts:?}");
    let due: Vec<String> =
        head.chain(opening).chain(sections).chain(closing).chain(cells).chain(end).collect();
    assert_eq!(texts[..texts.len() - 2], due);
    // The chart holds the figures themselves, not a picture of them.
    let chart = &parts(&docx)["word/charts/chart1.xml"];
    for line in &annex.chart.as_ref().unwrap().lines {
        let points: String = line
            .values
            .iter()
            .enumerate()
            .map(|(i, v)| format!("<c:pt idx=\"{i}\"><c:v>{:?}</c:v></c:pt>", v.unwrap()))
            .collect();
        assert!(chart.contains(&points), "{}: {points}", line.name);
    }
}

#[test]
fn parts_are_declared_referred_to_and_whole() {
    let docx = bundled().docx(&example()).unwrap();
    let parts = parts(&docx);
    for (name, content) in &parts {
        assert!(!content.contains("{{") && !content.contains("{%"), "{name}");
        let declared = parts["[Content_Types].xml"].contains(&format!("PartName=\"/{name}\""));
        assert!(
            declared || name == "[Content_Types].xml" || name.ends_with(".rels"),
            "{name} has no type"
        );
    }
    let relations = &parts["word/_rels/document.xml.rels"];
    for target in relations.split("Target=\"").skip(1).map(|t| t.split('"').next().unwrap()) {
        assert!(parts.contains_key(&format!("word/{target}")), "{target}");
    }
    let document = &parts["word/document.xml"];
    for id in document.split("r:id=\"").skip(1).map(|t| t.split('"').next().unwrap()) {
        assert!(relations.contains(&format!("Id=\"{id}\"")), "{id}");
    }
    assert!(
        document.contains("<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"),
        "a header row is repeated on every page"
    );
    assert!(
        document.contains(&format!("descr=\"{}\"", example().annex.unwrap().chart.unwrap().alt)),
        "the chart is told in words"
    );
    let styles = &parts["word/styles.xml"];
    assert!(!styles.contains("<w:b/>") && !document.contains("<w:b/>"), "no added bold");
}

#[test]
fn an_annex_or_chart_that_is_not_there_leaves_no_part_behind() {
    let mut letter = example();
    letter.annex = None;
    let parts = parts(&bundled().docx(&letter).unwrap());
    assert!(!parts.keys().any(|k| k.contains("chart")));
    assert!(
        !parts["[Content_Types].xml"].contains("chart")
            && !parts["word/_rels/document.xml.rels"].contains("chart")
    );
}

#[test]
fn text_cannot_break_a_letter() {
    let mut letter = example();
    letter.opening = "a\u{0}\u{b}<w:t>&amp;]]>\u{fffe}“”\n={{ title }}".into();
    letter.title = "关于<某>&“甲”镇{% if %}的函".into();
    let docx = bundled().docx(&letter).unwrap();
    assert!(
        docx_text(&docx).unwrap().contains(&"a <w:t>&amp;]]>“” ={{ title }}".to_owned()),
        "values are text, never templates"
    );
    assert!(parts(&docx).values().all(|p| !p.contains('\u{0}') && !p.contains('\u{b}')));
    let page = bundled().html(&letter).unwrap();
    assert!(
        page.contains("a &lt;w:t&gt;&amp;amp;]]&gt;“” ={{ title }}")
            && page.contains("<title>关于&lt;某&gt;&amp;“甲”镇{% if %}的函</title>")
    );
}

#[test]
fn number_and_code_are_put_into_a_finished_letter() {
    let mut letter = example();
    (letter.number, letter.code) = ("玉综治函〔2026〕待编号".into(), Some("待签发".into()));
    let draft = bundled().docx(&letter).unwrap();
    let (numbered, found) = docx_replace(&draft, "待编号", "15号").unwrap();
    let (coded, codes) = docx_replace(&numbered, "待签发", "7f3a-91c2-5e08-b4d6").unwrap();
    assert_eq!((found, codes), (1, 1));
    assert_eq!(
        docx_text(&coded).unwrap(),
        docx_text(&bundled().docx(&example()).unwrap()).unwrap()
    );
}

#[test]
fn the_page_needs_nothing_else_and_says_the_same() {
    let letter = example();
    let page = bundled().html(&letter).unwrap();
    assert_eq!(page, bundled().html(&letter).unwrap(), "the same letter gives the same bytes");
    for outside in ["http://", "https://", "src=", "<link", "@import", "url("] {
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
    }
    let rows = &letter.annex.as_ref().unwrap().tables[0].rows;
    let head = [&letter.issuer, &letter.number, &letter.opening, &letter.signature];
    for text in
        letter.sections.iter().flat_map(|s| &s.paragraphs).chain(rows.iter().flatten()).chain(head)
    {
        assert!(page.contains(text.as_str()), "{text}");
    }
    assert!(page.contains("<svg") && page.contains("width=device-width"));
}
