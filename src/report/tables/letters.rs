//! The table of letters.

use render::report::{Cell, Table};

use super::cells::{header, text};
use crate::report::inputs::Inputs;
use crate::warn::ledger::LetterState;

/// Letters that were in hand in the month, of all areas or of one; and their ids.
pub fn letters(inputs: &Inputs, only: Option<&str>) -> (Table, Vec<String>) {
    let month = inputs.month();
    let day = inputs.job.as_of.day;
    let row = |l: &&LetterState| {
        let status = match l.status() {
            "draft" => "待审签",
            "approved" => "已审签",
            "issued" => "已印发",
            "received" => "已接收",
            "measures" => "已部署",
            "feedback" => "已反馈",
            "evaluated" => "已评估",
            _ => "已办结",
        };
        let number = l.issued.as_ref().map(|i| i.number.clone());
        vec![
            number.map_or(Cell::Absent("未编号"), text),
            text(l.facts.kind_name.clone()),
            text(l.facts.recipient_name().to_owned()),
            text(l.facts.topic_name.clone()),
            text(l.facts.as_of.format("%-m.%-d").to_string()),
            text(l.reply_by().format("%-m.%-d").to_string()),
            text(if l.overdue(day) { format!("{status}（逾期）") } else { status.to_owned() }),
        ]
    };
    let in_hand = |l: &&LetterState| {
        l.facts.as_of <= month.end
            && (l.facts.as_of >= month.start
                || l.is_open()
                || l.closed.is_some_and(|c| c.date_naive() >= month.start))
    };
    let letters: Vec<&LetterState> = inputs
        .letters
        .iter()
        .filter(in_hand)
        .filter(|l| only.is_none_or(|code| l.facts.area_code == code))
        .collect();
    let table = Table {
        id: "工作提示".into(),
        title: "工作提示及落实情况".into(),
        definition: "本月新拟、在办和办结的工作提示（督办）函。".into(),
        header: header(&["文号", "种类", "发往", "事项", "拟稿日", "反馈期限", "状态"]),
        rows: letters.iter().map(row).collect(),
    };
    (table, letters.iter().map(|l| l.letter_id.clone()).collect())
}
