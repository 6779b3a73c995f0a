//! Cases by area and usable day, and the windows of days that a cluster may last.

use ndarray::ArrayView2;

/// A case table without its unusable days. Only the columns that some window covers are kept apart;
/// the days before them are known by their total.
pub(super) struct Table {
    /// Cases of each area, over all usable days.
    pub by_area: Vec<u32>,
    /// Cases of each kept column, oldest first.
    pub by_column: Vec<u32>,
    /// Cases over all.
    pub total: u32,
    /// For each kept column as a window's first, the ends (last column + 1) of the windows that
    /// begin there.
    pub ends: Vec<std::ops::RangeInclusive<usize>>,
    /// Day of each kept column.
    day: Vec<usize>,
    /// Cases of each area and kept column, row by row.
    counts: Vec<u32>,
}

impl Table {
    /// The table of the usable days, or why nothing can be said.
    pub(super) fn new(
        cases: ArrayView2<u32>,
        usable: &[bool],
        max_days: usize,
        prospective: bool,
    ) -> Result<Table, String> {
        let days: Vec<usize> = (0..usable.len()).filter(|d| usable[*d]).collect();
        let wanted = max_days.saturating_mul(2);
        if days.len() < wanted {
            let missing = usable.len() - days.len();
            return Err(format!(
                "{} usable days of {wanted} needed ({missing} days of the feed are missing)",
                days.len()
            ));
        }
        let first = if prospective { usable.len() - max_days } else { 0 };
        let day: Vec<usize> = days.iter().copied().filter(|d| *d >= first).collect();
        if day.is_empty() {
            return Err(format!("the feed is missing on all of the last {max_days} days"));
        }
        let total = days
            .iter()
            .map(|d| cases.column(*d).iter().map(|c| u64::from(*c)).sum::<u64>())
            .sum::<u64>();
        let total = u32::try_from(total)
            .map_err(|_| format!("{total} cases are more than a scan can permute"))?;
        let by_area =
            cases.rows().into_iter().map(|row| days.iter().map(|d| row[*d]).sum()).collect();
        let by_column = day.iter().map(|d| cases.column(*d).sum()).collect();
        let counts = cases
            .rows()
            .into_iter()
            .flat_map(|row| day.iter().map(|d| row[*d]).collect::<Vec<u32>>())
            .collect();
        Ok(Table {
            by_area,
            by_column,
            total,
            ends: ends(&day, max_days, prospective),
            day,
            counts,
        })
    }

    /// Number of kept columns.
    pub(super) fn columns(&self) -> usize {
        self.day.len()
    }

    /// The counts as they were, row by row.
    pub(super) fn observed(&self) -> Vec<u32> {
        self.counts.clone()
    }

    /// First and last day of a window of columns.
    pub(super) fn days(&self, window: (usize, usize)) -> (usize, usize) {
        (self.day[window.0], self.day[window.1 - 1])
    }
}

/// The windows of at most `max_days` days: all that reach the last column, or all there are.
fn ends(day: &[usize], max_days: usize, prospective: bool) -> Vec<std::ops::RangeInclusive<usize>> {
    let last = |s: usize| day.partition_point(|d| *d < day[s] + max_days);
    (0..day.len())
        .map(|s| if prospective { day.len()..=day.len() } else { s + 1..=last(s) })
        .collect()
}
