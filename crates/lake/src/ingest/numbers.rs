//! Numbers, money and yes or no as people write them.

use unicode_normalization::UnicodeNormalization;

use super::cell::{BadCell, Cell};
use crate::mapping::Unit;
use crate::schema::Kind;

/// More than ten thousand million yuan in one event are a slip of the pen, or a telephone.
const MOST_FEN: i128 = 1_000_000_000_000;

/// More persons, deaths or readers than this are a slip of the pen.
const MOST: i64 = 2_000_000_000;

/// A whole number that is not negative; one that brings no unit is in units of a power of ten.
pub(crate) fn whole(cell: &Cell, tens: u32) -> Result<i64, BadCell> {
    let fix = "write a whole number, as in 12";
    let n = match cell {
        Cell::Int(n) if tens == 0 => *n,
        Cell::Float(x) if tens == 0 && x.fract() == 0.0 && x.abs() < 9e15 => *x as i64,
        Cell::Error(e) => return Err(BadCell::new(e.clone(), "correct it in the source")),
        Cell::Float(x) if !x.is_finite() || tens == 0 => {
            return Err(BadCell::new("not a whole number", fix));
        }
        Cell::Text(_) | Cell::Decimal(..) | Cell::Int(_) | Cell::Float(_) => {
            let text = plain(&cell.to_text());
            let (n, scale) = with_unit(&text, Kind::Int, tens)
                .ok_or_else(|| BadCell::new("not a number", fix))?;
            let unit = 10_i128.pow(scale);
            if n % unit != 0 {
                return Err(BadCell::new("not a whole number", fix));
            }
            i64::try_from(n / unit)
                .map_err(|_| BadCell::new("too large to be true", "correct it in the source"))?
        }
        _ => return Err(BadCell::new("not a number", fix)),
    };
    match n {
        ..0 => Err(BadCell::new(
            "negative",
            "correct it in the source; leave the cell empty where the number is not known",
        )),
        n if n > MOST => Err(BadCell::new("too large to be true", "correct it in the source")),
        n => Ok(n),
    }
}

/// Money in hundredths (fen), not negative. 千, 万 and 亿 in the cell count; a number without them
/// is in units of a power of ten of yuan. ¥ says no unit. Halves of a fen are rounded up.
pub(crate) fn money(cell: &Cell, tens: u32) -> Result<i128, BadCell> {
    let fix = "write an amount in yuan, as in 12000 or 1.2万";
    let bad = || BadCell::new("not an amount", fix);
    let (n, scale) = match cell {
        Cell::Int(n) => tenfold(i128::from(*n), tens).zip(Some(0)),
        Cell::Float(x) if tens == 0 && (x * 100.0).fract() == 0.0 && x.abs() < 1e16 => {
            Some(((x * 100.0) as i128, 2))
        }
        // The shortest decimal that is this number: 0.29 in 万元 is 2900 and not 2899.99….
        Cell::Float(x) if x.abs() < 1e16 => {
            decimal(&format!("{x:.12}")).and_then(|(n, scale)| Some((tenfold(n, tens)?, scale)))
        }
        Cell::Decimal(n, scale) if *scale >= 0 => {
            tenfold(*n, tens).zip(Some(u32::from(scale.unsigned_abs())))
        }
        Cell::Text(t) => {
            let text = plain(t);
            let text = text
                .trim_start_matches("CNY")
                .trim_start_matches("RMB")
                .trim_start_matches(['¥', '￥']);
            with_unit(text, Kind::Money, tens)
        }
        Cell::Error(e) => return Err(BadCell::new(e.clone(), "correct it in the source")),
        _ => None,
    }
    .ok_or_else(bad)?;
    if n < 0 {
        return Err(BadCell::new(
            "negative",
            "correct it in the source; leave the cell empty where the amount is not known",
        ));
    }
    let fen = if scale <= 2 {
        n.checked_mul(10_i128.pow(2 - scale))
    } else {
        10_i128.checked_pow(scale - 2).map(|unit| n / unit + i128::from(n % unit >= unit / 2))
    };
    fen.filter(|f| *f <= MOST_FEN)
        .ok_or_else(|| BadCell::new("too large to be true", "correct it in the source"))
}

/// A decimal number, with the unit behind it or else that of a power of ten.
fn with_unit(text: &str, kind: Kind, tens: u32) -> Option<(i128, u32)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !"+-.,".contains(c));
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let tens = if unit.is_empty() { tens } else { Unit::find(unit, kind)?.tens };
    let (n, scale) = decimal(number)?;
    Some((tenfold(n, tens)?, scale))
}

fn tenfold(n: i128, tens: u32) -> Option<i128> {
    n.checked_mul(10_i128.checked_pow(tens)?)
}

/// Yes or no.
pub(crate) fn yes(cell: &Cell) -> Result<bool, BadCell> {
    if let Cell::Bool(b) = cell {
        return Ok(*b);
    }
    if let Cell::Error(e) = cell {
        return Err(BadCell::new(e.clone(), "correct it in the source"));
    }
    match plain(&cell.to_text()).to_ascii_lowercase().as_str() {
        "是" | "有" | "真" | "true" | "t" | "1" | "y" | "yes" | "√" | "✓" => Ok(true),
        "否" | "无" | "無" | "假" | "false" | "f" | "0" | "n" | "no" | "×" => Ok(false),
        _ => Err(BadCell::new("neither yes nor no", "write 是 or 否 (or true, false, 1, 0, Y, N)")),
    }
}

fn plain(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Unscaled value and number of decimals of a decimal number, perhaps with commas at thousands.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.len() == 1
        || (groups[0].len() <= 3
            && !groups[0].is_empty()
            && groups[1..].iter().all(|g| g.len() == 3));
    let digits: String = groups.concat() + part;
    let sound = grouped
        && !whole.is_empty()
        && !digits.is_empty()
        && digits.len() <= 28
        && digits.bytes().all(|b| b.is_ascii_digit());
    if !sound || (text.contains('.') && part.is_empty()) {
        return None;
    }
    let n: i128 = digits.parse().ok()?;
    Some((if negative { -n } else { n }, part.len() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Cell<'_> {
        Cell::Text(t.into())
    }

    #[test]
    fn whole_numbers() {
        for (t, n) in [("12", 12), ("1,234", 1234), ("１２", 12), ("3人", 3), ("2.0", 2), ("0", 0)]
        {
            assert_eq!(whole(&text(t), 0), Ok(n), "{t}");
        }
        for (t, reason) in [
            ("-1", "negative"),
            ("1.5", "not a whole number"),
            ("1,23", "not a number"),
            ("三", "not a number"),
            ("1e3", "not a number"),
            ("99999999999", "too large"),
            ("9999999999999999999999999999999", "not a number"),
            ("5.", "not a number"),
        ] {
            assert!(whole(&text(t), 0).unwrap_err().reason.contains(reason), "{t}");
        }
        assert!(whole(&Cell::Float(f64::NAN), 0).is_err());
        assert_eq!(whole(&Cell::Float(3.0), 0), Ok(3));
        assert!(whole(&Cell::Bool(true), 0).is_err());
    }

    #[test]
    fn money_in_fen() {
        for (t, fen) in [
            ("1.2万", 1_200_000),
            ("¥1,234.50", 123_450),
            ("￥３００元", 30_000),
            ("0.5亿元", 5_000_000_000),
            ("12万元", 12_000_000),
            ("0.005", 1),
            ("12.344", 1234),
        ] {
            assert_eq!(money(&text(t), 0), Ok(fen), "{t}");
        }
        for t in ["-5", "约3万", "1.234,56", "NaN", "1e400", "万", "99999999999999999999"] {
            assert!(money(&text(t), 0).is_err(), "{t}");
        }
        assert_eq!(money(&Cell::Float(0.1 + 0.2), 0), Ok(30));
        assert_eq!(money(&Cell::Decimal(12_345, 3), 0), Ok(1235));
        assert!(money(&Cell::Float(f64::INFINITY), 0).is_err());
    }

    #[test]
    fn a_unit_is_that_of_the_cell_or_else_the_one_given() {
        for (cell, tens, fen) in [
            (text("0.3"), 4, 300_000),
            (Cell::Float(0.3), 4, 300_000),
            (Cell::Float(0.29), 4, 290_000),
            (Cell::Float(1.1), 8, 11_000_000_000),
            (Cell::Float(0.1 + 0.2), 4, 300_000),
            (Cell::Float(1.005), 0, 101),
            (Cell::Float(3e-7), 4, 0),
            (Cell::Int(3), 4, 3_000_000),
            (Cell::Decimal(29, 2), 3, 29_000),
            (text("3000元"), 4, 300_000),
            (text("3千元"), 4, 300_000),
            (text("¥0.3"), 4, 300_000),
            (text("1.2百万"), 0, 120_000_000),
        ] {
            assert_eq!(money(&cell, tens), Ok(fen), "{cell:?} {tens}");
        }
        assert!(money(&text("3万人"), 0).is_err() && money(&Cell::Float(f64::NAN), 4).is_err());
        assert!(money(&Cell::Int(i64::MAX), 8).is_err());
        for (cell, tens, n) in
            [(text("0.3"), 4, 3_000), (Cell::Float(0.3), 4, 3_000), (text("12人"), 4, 12)]
        {
            assert_eq!(whole(&cell, tens), Ok(n), "{cell:?}");
        }
        assert_eq!(whole(&text("1.2万人"), 0), Ok(12_000));
        assert!(whole(&text("0.33333"), 4).is_err());
    }

    #[test]
    fn yes_and_no() {
        for t in ["是", "有", "TRUE", "1", "y", "√"] {
            assert_eq!(yes(&text(t)), Ok(true), "{t}");
        }
        for t in ["否", "无", "false", "0", "N"] {
            assert_eq!(yes(&text(t)), Ok(false), "{t}");
        }
        assert!(yes(&text("可能")).is_err());
        assert_eq!(yes(&Cell::Float(1.0)), Ok(true));
    }
}
