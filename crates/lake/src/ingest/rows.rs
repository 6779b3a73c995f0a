//! Rows that are laid out for people: blanks under a value, persons of one event in rows of their
//! own, totals and notes below the table.

use super::bind::Plan;
use super::cell::Cell;
use crate::mapping::Layout;

/// What totals and notes below a table begin with, blanks removed.
const NOTES: [&str; 38] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总数",
    "总和",
    "平均",
    "本页",
    "注:",
    "注：",
    "备注",
    "附注",
    "说明",
    "填表",
    "制表",
    "填报",
    "审核",
    "复核",
    "审批",
    "审签",
    "签发",
    "经办",
    "单位负责人",
    "负责人",
    "分管领导",
    "主管领导",
    "单位领导",
    "联系电话",
    "联系人",
    "联系方式",
    "报送",
    "统计人",
    "统计时间",
    "数据截至",
    "数据来源",
    "打印",
    "以下空白",
];
/// What a subtotal ends with: 赤金镇小计.
const TOTALS: [&str; 4] = ["合计", "总计", "小计", "共计"];

/// The word of a total that a row begins with.
pub(crate) fn total(cells: &[Cell]) -> Option<&'static str> {
    let beginning = beginning(cells)?;
    TOTALS.into_iter().find(|word| beginning.starts_with(word))
}

/// The first filled cell of a row, blanks removed, if it is a text.
fn beginning(cells: &[Cell]) -> Option<String> {
    match cells.iter().find(|cell| !cell.is_empty())? {
        Cell::Text(text) => Some(text.chars().filter(|c| !c.is_whitespace()).collect()),
        _ => None,
    }
}

/// Whether a row begins as totals and notes do.
pub(crate) fn begins_as_note(cells: &[Cell]) -> bool {
    beginning(cells).is_some_and(|text| {
        // 注 alone stands in a narrow column before its note.
        text == "注"
            || NOTES.iter().any(|word| text.starts_with(word))
            || TOTALS.iter().any(|word| text.ends_with(word))
    })
}

/// Whether a row is a total or a note below the table: it begins as one, and at most one of the
/// needed columns is filled. What has a date and a place is an event whatever it begins with.
pub(super) fn is_note(plan: &Plan, cells: &[Cell]) -> bool {
    let is_filled = |i: &usize| cells.get(*i).is_some_and(|cell| !cell.is_empty());
    let needed = plan.bindings.iter().filter(|binding| binding.needed);
    needed.filter(|binding| binding.at.iter().any(is_filled)).count() <= 1 && begins_as_note(cells)
}

/// Rows of one event.
pub(super) struct Group {
    /// Of the first row.
    pub number: u64,
    /// The first row's cells, blank ones filled from later rows.
    pub cells: Vec<Cell<'static>>,
    /// Cells about persons in later rows.
    pub persons: Vec<String>,
    pub rows: u64,
}

/// Makes events of the rows of a table, as its mapping lays them out.
pub(super) struct Shaper {
    stop_at: Vec<String>,
    stopped: bool,
    fill_down: Vec<usize>,
    above: Vec<Cell<'static>>,
    group_by: Option<usize>,
    persons: Vec<usize>,
    /// Columns that are taken, but for those of persons.
    taken: Vec<usize>,
    group: Option<Group>,
    /// Columns in which rows of one event differ.
    pub differing: Vec<usize>,
}

impl Shaper {
    /// None where every row is an event as it stands.
    pub fn new(layout: &Layout, plan: &Plan) -> Option<Shaper> {
        if *layout == (Layout { header_rows: layout.header_rows, ..Layout::default() }) {
            return None;
        }
        let bound = plan.bindings.iter().flat_map(|b| b.at.iter().copied());
        Some(Shaper {
            stop_at: layout.stop_at.iter().map(|w| w.split_whitespace().collect()).collect(),
            stopped: false,
            fill_down: plan.fill_down.clone(),
            above: vec![Cell::Empty; plan.names.len()],
            group_by: plan.group_by,
            persons: plan.persons.clone(),
            taken: bound
                .chain(plan.id.iter().copied())
                .filter(|i| !plan.persons.contains(i))
                .collect(),
            group: None,
            differing: Vec::new(),
        })
    }

    /// Whether the table has ended with this row or one before it.
    pub fn has_ended(&mut self, cells: &[Cell]) -> bool {
        let ends = |text: String| self.stop_at.iter().any(|word| text.starts_with(word.as_str()));
        self.stopped =
            self.stopped || !self.stop_at.is_empty() && beginning(cells).is_some_and(ends);
        self.stopped
    }

    /// Takes the next row; gives the event that is complete with it, or that was before it.
    pub fn next(&mut self, number: u64, cells: &[Cell]) -> Option<Group> {
        let mut cells: Vec<Cell<'static>> = cells.iter().map(|c| c.clone().into_owned()).collect();
        for &i in &self.fill_down {
            match cells[i].is_empty() {
                true => cells[i] = self.above[i].clone(),
                false => self.above[i] = cells[i].clone(),
            }
        }
        let row = Group { number, cells, persons: Vec::new(), rows: 1 };
        let Some(key) = self.group_by else { return Some(row) };
        match &self.group {
            Some(group) if row.cells[key].is_empty() || row.cells[key] == group.cells[key] => {
                self.join(row);
                None
            }
            _ => self.group.replace(row),
        }
    }

    /// The last event.
    pub fn last(&mut self) -> Option<Group> {
        self.group.take()
    }

    /// Adds a row to the event before it.
    fn join(&mut self, row: Group) {
        let Some(group) = &mut self.group else { return };
        group.rows += 1;
        for &i in &self.persons {
            let text = row.cells[i].to_text().into_owned();
            if text != group.cells[i].to_text() && !group.persons.contains(&text) {
                group.persons.push(text);
            }
        }
        for &i in &self.taken {
            if group.cells[i].is_empty() {
                group.cells[i] = row.cells[i].clone();
            } else if !row.cells[i].is_empty()
                && row.cells[i] != group.cells[i]
                && !self.differing.contains(&i)
            {
                self.differing.push(i);
            }
        }
    }
}

/// Rows by their numbers, for one sentence about them.
#[derive(Default)]
pub(super) struct Numbers {
    pub count: u64,
    first: Vec<String>,
}

impl Numbers {
    /// How many rows are named.
    const NAMED: usize = 10;

    pub fn add(&mut self, sheet: Option<u32>, number: u64) {
        self.count += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(sheet.map_or_else(|| number.to_string(), |s| format!("{s}!{number}")));
        }
    }

    /// What is to say of them, of one or of more, with their numbers: `2 rows repeat an id (7, 9)`.
    pub fn sentence(&self, one: &str, more: &str) -> String {
        let others = self.count - self.first.len() as u64;
        let others = if others > 0 { format!(" and {others} more") } else { String::new() };
        let subject = match self.count {
            1 => format!("1 row {one}"),
            n => format!("{n} rows {more}"),
        };
        format!("{subject} ({}{others})", self.first.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_notes_by_their_beginning() {
        for (text, is) in [
            ("合 计", true),
            ("总计：", true),
            ("注：本表由各镇报送", true),
            ("注", true),
            ("注销登记", false),
            ("填表人：某某", true),
            ("单位负责人（签字）", true),
            ("赤金镇小计", true),
            ("JF2026010001", false),
            ("玉门镇", false),
            ("说明：", true),
        ] {
            assert_eq!(begins_as_note(&[Cell::Empty, Cell::from_text(text)]), is, "{text}");
        }
        assert!(!begins_as_note(&[Cell::Int(1), Cell::from_text("合计")]));
    }

    #[test]
    fn rows_are_named_up_to_ten() {
        let mut numbers = Numbers::default();
        numbers.add(Some(2), 7);
        assert_eq!(numbers.sentence("is", "are"), "1 row is (2!7)");
        for n in 1..=11 {
            numbers.add(None, n);
        }
        let said = numbers.sentence("is", "are");
        assert!(said.starts_with("12 rows are (2!7, 1, ") && said.ends_with("9 and 2 more)"));
    }
}
