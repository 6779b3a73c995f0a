//! Two letters that try a template: one with everything there can be in it, one with the least.

use chrono::NaiveDate;

use super::letter::{Annex, Chart, Letter, Line, Section, Stroke, Table};

/// Everything that may be absent is there.
pub(super) fn full() -> Letter {
    let section = |level: u8| Section {
        level,
        heading: "标题。".into(),
        paragraphs: vec!["第一段。".into(), "第二段。".into()],
    };
    let table = Table {
        caption: "表1".into(),
        header: vec!["指标".into(), "本月".into()],
        widths: vec![2.0, 1.0],
        rows: vec![vec!["纠纷（件）".into(), "3".into()]],
    };
    let line = |stroke: Stroke| Line {
        name: "线".into(),
        values: vec![Some(1.0), None, Some(2.5)],
        stroke,
    };
    let chart = Chart {
        title: "图1".into(),
        unit: "件".into(),
        labels: vec!["1月".into(), "2月".into(), "3月".into()],
        lines: [Stroke::Solid, Stroke::Dashed, Stroke::Dotted].map(line).into(),
        alt: "折线图".into(),
    };
    Letter {
        number: "某函〔2026〕1号".into(),
        sections: (1..=4).map(section).collect(),
        reply_by: Some("1月10日".into()),
        contact: Some("某科".into()),
        ending: Some("此函。".into()),
        copy_to: vec!["甲局".into(), "乙局".into()],
        code: Some("0000".into()),
        annex: Some(Annex {
            title: "附表".into(),
            tables: vec![table],
            chart: Some(chart),
            notes: vec!["注。".into()],
        }),
        ..least()
    }
}

/// Everything that may be absent is absent.
pub(super) fn least() -> Letter {
    Letter {
        issuer: "某中心".into(),
        number: String::new(),
        title: "关于某事的函".into(),
        addressee: "某镇".into(),
        opening: "情况如下：".into(),
        sections: Vec::new(),
        reply_by: None,
        we: "我中心".into(),
        contact: None,
        ending: None,
        signature: "某中心".into(),
        date: NaiveDate::default(),
        copy_to: Vec::new(),
        code: None,
        annex: None,
    }
}
