//! The size of an Excel 97 workbook (BIFF), before a library holds it whole.

use super::compound::{long, short};

/// Rows and columns that a sheet of Excel 97 has.
const ROWS: u32 = 1 << 16;
const COLUMNS: u32 = 1 << 8;

/// Kinds of records.
const PASSWORD: u16 = 0x002f;
const BEGIN: u16 = 0x0809;
const DIMENSIONS: u16 = 0x0200;
const MANY_NUMBERS: u16 = 0x00bd;
/// Records of one cell: number, label, rich text, true or false, formula, short number, shared
/// text.
const CELLS: [u16; 7] = [0x0203, 0x0204, 0x00d6, 0x0205, 0x0006, 0x027e, 0x00fd];

/// The cells of the smallest rectangles that hold what stands in the sheets; none where a sheet is
/// larger than Excel 97 has any, so that the file is damaged.
pub(super) fn cells(stream: &[u8]) -> Option<u64> {
    let (mut all, mut sheet) = (0, Rectangle::default());
    let mut at = 0;
    while let (Some(kind), Some(size)) = (short(stream, at), short(stream, at + 2)) {
        let data = stream.get(at + 4..at + 4 + usize::from(size)).unwrap_or_default();
        at += 4 + usize::from(size);
        match kind {
            // What follows can be read with a password alone.
            PASSWORD => return Some(0),
            BEGIN => all += std::mem::take(&mut sheet).size(),
            DIMENSIONS => dimensions(data)?,
            MANY_NUMBERS => sheet.add(data, short(data, data.len().checked_sub(2)?)?)?,
            kind if CELLS.contains(&kind) => sheet.add(data, short(data, 2)?)?,
            _ => {}
        }
    }
    Some(all + sheet.size())
}

/// Whether a sheet's stated size is possible.
fn dimensions(data: &[u8]) -> Option<()> {
    let (first, last, right) = match data.len() {
        10 => (short(data, 0)?.into(), short(data, 2)?.into(), short(data, 6)?),
        _ => (long(data, 0)?, long(data, 4)?, short(data, 10)?),
    };
    // Some programs write a first column behind the last.
    let rows = last == 0 || (first <= last && last <= ROWS);
    let possible = rows && u32::from(right) <= COLUMNS;
    possible.then_some(())
}

/// What stands in a sheet: first and last row and column.
#[derive(Default)]
struct Rectangle(Option<[u16; 4]>);

impl Rectangle {
    /// Widens it by a record's cells, the last of which is in a column.
    fn add(&mut self, data: &[u8], to: u16) -> Option<()> {
        let (row, from) = (short(data, 0)?, short(data, 2)?);
        if u32::from(to.max(from)) >= COLUMNS {
            return None;
        }
        let [top, bottom, left, right] = self.0.unwrap_or([row, row, from, to]);
        self.0 = Some([top.min(row), bottom.max(row), left.min(from), right.max(to)]);
        Some(())
    }

    fn size(&self) -> u64 {
        self.0.map_or(0, |[top, bottom, left, right]| {
            (u64::from(bottom - top) + 1) * (u64::from(right.saturating_sub(left)) + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u16]) -> Vec<u8> {
        let size = (data.len() * 2) as u16;
        [kind, size].iter().chain(data).flat_map(|n| n.to_le_bytes()).collect()
    }

    #[test]
    fn sheets_have_the_size_of_what_stands_in_them() {
        let cell = |row: u16, column: u16| record(0x0203, &[row, column, 0, 0, 0, 0, 0]);
        let begin = record(BEGIN, &[0x600, 0x10]);
        let stated = |rows: [u16; 4], columns: [u16; 2]| {
            record(DIMENSIONS, &[&rows[..], &columns, &[0]].concat())
        };
        for (stream, size) in [
            (Vec::new(), Some(0)),
            (cell(3, 3), Some(1)),
            ([cell(0, 0), cell(9, 4)].concat(), Some(50)),
            ([cell(0, 0), begin.clone(), cell(0, 0), cell(0, 1)].concat(), Some(3)),
            ([cell(0, 0), cell(65_535, 255)].concat(), Some(16_777_216)),
            ([cell(0, 0), cell(0, 256)].concat(), None),
            (record(MANY_NUMBERS, &[5, 2, 0, 0, 0, 0, 0, 0, 3]), Some(2)),
            (record(MANY_NUMBERS, &[5, 2, 0, 0, 0, 999]), None),
            (stated([0, 0, 20, 0], [0, 13]), Some(0)),
            (stated([0, 0, 0, 1], [0, 256]), Some(0)),
            (stated([0, 0, 20, 8], [0, 13]), None),
            (stated([30, 0, 20, 0], [0, 13]), None),
            (stated([0, 0, 20, 0], [0, 8_205]), None),
            (stated([0, 0, 20, 0], [300, 13]), Some(0)),
            ([record(PASSWORD, &[0]), cell(0, 999)].concat(), Some(0)),
            (cell(0, 0)[..7].to_vec(), None),
        ] {
            assert_eq!(cells(&stream), size, "{stream:?}");
        }
    }
}
