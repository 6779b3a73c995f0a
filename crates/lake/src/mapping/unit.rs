//! Units that numbers are written in: 万元, 千元, 万人.

use unicode_normalization::UnicodeNormalization;

use crate::schema::Kind;

/// A unit: a power of ten of what the lake counts in, yuan or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    pub tens: u32,
}

/// What a header says of the unit of its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderUnit {
    /// Nothing, or ones.
    None,
    /// A unit, as written.
    Known(Unit, String),
    /// Money that is no multiple of yuan.
    Foreign(String),
}

const MULTIPLES: [(&str, u32); 12] = [
    ("千万", 7),
    ("百万", 6),
    ("十万", 5),
    ("亿", 8),
    ("億", 8),
    ("万", 4),
    ("萬", 4),
    ("千", 3),
    ("仟", 3),
    ("百", 2),
    ("佰", 2),
    ("", 0),
];
const YUAN: [&str; 3] = ["元", "圆", "圓"];
const COUNTED: [&str; 16] = [
    "人次", "人", "名", "件次", "件", "起", "次", "户", "个", "宗", "例", "辆", "条", "批", "头",
    "只",
];
const FOREIGN: [&str; 6] = ["美元", "港元", "欧元", "日元", "美金", "外币"];

impl Unit {
    /// The unit of that name for a column of amounts or of counts.
    pub fn find(name: &str, kind: Kind) -> Option<Unit> {
        let name = plain(name);
        let ones: &[&str] = if kind == Kind::Money { &YUAN } else { &COUNTED };
        let name =
            name.trim_start_matches("人民币").trim_start_matches("rmb").trim_start_matches("cny");
        let many = ones.iter().find_map(|one| name.strip_suffix(one)).unwrap_or(name);
        // 元 is a unit; nothing at all is none.
        let tens = MULTIPLES.iter().find(|(word, _)| *word == many && !name.is_empty())?.1;
        Some(Unit { tens })
    }

    /// What a header says: 金额（万元）, 金额(单位:千元), 金额万元.
    pub fn in_header(header: &str, kind: Kind) -> HeaderUnit {
        let header = plain(header);
        let mut pieces = bracketed(&header);
        if let Some((_, unit)) = header.rsplit_once("单位:") {
            pieces.push(unit);
        }
        if kind == Kind::Money {
            if let Some(foreign) = FOREIGN.iter().find(|word| header.contains(*word)) {
                return HeaderUnit::Foreign((*foreign).into());
            }
            pieces.extend(unit_at_end(&header));
        }
        let unit = pieces.into_iter().find_map(|piece| Some((Unit::find(piece, kind)?, piece)));
        match unit {
            Some((unit, piece)) if unit.tens > 0 => HeaderUnit::Known(unit, piece.to_owned()),
            _ => HeaderUnit::None,
        }
    }
}

fn plain(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// What stands in brackets, piece by piece.
fn bracketed(header: &str) -> Vec<&str> {
    header
        .split(['(', '[', '【', '〔'])
        .skip(1)
        .filter_map(|part| part.find([')', ']', '】', '〕']).map(|end| &part[..end]))
        .flat_map(|part| part.split([':', ',', ';', '、', '。', '/']))
        .collect()
}

/// 万元 at the end of 涉案金额万元.
fn unit_at_end(header: &str) -> Option<&str> {
    let many = YUAN.iter().find_map(|one| header.strip_suffix(one))?;
    let word = MULTIPLES.iter().map(|(word, _)| *word).find(|word| many.ends_with(word))?;
    (!word.is_empty()).then(|| &header[many.len() - word.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_their_unit() {
        for (header, kind, tens) in [
            ("涉案金额（万元）", Kind::Money, 4),
            ("涉案金额(千元)", Kind::Money, 3),
            ("涉案金额（单位：万元）", Kind::Money, 4),
            ("损失 [百万元]", Kind::Money, 6),
            ("欠薪金额 单位:亿元", Kind::Money, 8),
            ("标的额（人民币万元，含利息）", Kind::Money, 4),
            ("涉案金额万元", Kind::Money, 4),
            ("金额【万】", Kind::Money, 4),
            ("阅读量（万次）", Kind::Int, 4),
            ("人数(百人)", Kind::Int, 2),
        ] {
            let HeaderUnit::Known(unit, _) = Unit::in_header(header, kind) else {
                panic!("{header}")
            };
            assert_eq!(unit.tens, tens, "{header}");
        }
        for header in
            ["涉案金额", "涉案金额（元）", "金额(含税)", "万元以上案件的金额", "涉及人数（人）"]
        {
            assert_eq!(Unit::in_header(header, Kind::Money), HeaderUnit::None, "{header}");
        }
        assert_eq!(Unit::in_header("人数（万元）", Kind::Int), HeaderUnit::None);
        assert_eq!(
            Unit::in_header("金额（万美元）", Kind::Money),
            HeaderUnit::Foreign("美元".into())
        );
    }

    #[test]
    fn units_by_name() {
        for (name, kind, tens) in [
            ("元", Kind::Money, Some(0)),
            ("万元", Kind::Money, Some(4)),
            ("萬元", Kind::Money, Some(4)),
            ("亿", Kind::Money, Some(8)),
            ("万人次", Kind::Int, Some(4)),
            ("万人", Kind::Money, None),
            ("", Kind::Money, None),
            ("美元", Kind::Money, None),
        ] {
            assert_eq!(Unit::find(name, kind).map(|unit| unit.tens), tens, "{name}");
        }
    }
}
