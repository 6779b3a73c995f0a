//! Merged cells of a sheet: what stands in the first holds for those below it.

use calamine::Dimensions;

use super::cell::Cell;

/// The cells of a sheet that are merged downwards within one column.
#[derive(Default)]
pub(super) struct Merged {
    /// By first row, from the end: those to come.
    ahead: Vec<Dimensions>,
    /// Those that rows are within, with what stands in their first cell.
    within: Vec<(Dimensions, Cell<'static>)>,
}

impl Merged {
    pub fn new(regions: Vec<Dimensions>) -> Merged {
        let down = |d: &Dimensions| d.start.1 == d.end.1 && d.start.0 < d.end.0;
        let mut ahead: Vec<Dimensions> = regions.into_iter().filter(down).collect();
        ahead.sort_unstable_by_key(|d| std::cmp::Reverse(d.start));
        Merged { ahead, within: Vec::new() }
    }

    /// Fills a row's blank cells that are merged with one above. Rows come in order, and what is
    /// merged within the header holds for no row below it.
    pub fn fill(&mut self, number: u64, cells: &mut [Cell<'_>]) {
        if self.ahead.is_empty() && self.within.is_empty() {
            return;
        }
        let row = number.saturating_sub(1);
        self.within.retain(|(region, _)| u64::from(region.end.0) >= row);
        while self.ahead.last().is_some_and(|region| u64::from(region.start.0) <= row) {
            let Some(region) = self.ahead.pop() else { break };
            let first = cells.get(region.start.1 as usize).filter(|cell| !cell.is_empty());
            // A region whose first row has passed was above the data, or has nothing to give.
            let is_new = self.within.iter().all(|(other, _)| other.start.1 != region.start.1);
            if u64::from(region.start.0) == row
                && is_new
                && let Some(cell) = first
            {
                self.within.push((region, cell.clone().into_owned()));
            }
        }
        for (region, value) in &self.within {
            if let Some(cell) = cells.get_mut(region.start.1 as usize).filter(|c| c.is_empty()) {
                *cell = value.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &'static str) -> Cell<'static> {
        Cell::from_text(t)
    }

    #[test]
    fn cells_merged_downwards_are_filled() {
        let region = |start, end| Dimensions { start, end };
        let mut merged = Merged::new(vec![
            region((4, 0), (5, 0)),
            region((0, 0), (1, 0)),
            region((2, 0), (3, 0)),
            region((2, 1), (2, 3)),
        ]);
        let mut column = Vec::new();
        for (number, cell) in [(3, "赤金镇"), (4, ""), (5, "玉门镇"), (6, ""), (7, "")] {
            let mut cells = vec![text(cell), text("")];
            merged.fill(number, &mut cells);
            column.push(cells[0].to_text().into_owned());
            assert!(cells[1].is_empty());
        }
        assert_eq!(column, ["赤金镇", "赤金镇", "玉门镇", "玉门镇", ""]);
    }
}
