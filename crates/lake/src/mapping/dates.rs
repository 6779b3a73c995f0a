//! How dates are written where they do not begin with the year.

use std::collections::BTreeMap;

use chrono::format::{Item, Numeric, StrftimeItems};

/// Formats of a file's dates, in the notation of strftime.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateFormats {
    /// Of every column that has none of its own.
    pub every: Option<String>,
    /// Our column → its format.
    pub columns: BTreeMap<String, String>,
}

impl DateFormats {
    /// The format of one of our columns.
    pub fn find(&self, column: &str) -> Option<&str> {
        self.columns.get(column).or(self.every.as_ref()).map(String::as_str)
    }

    /// All formats with the name of what they are for.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let every = self.every.iter().map(|format| ("date_format", format.as_str()));
        every.chain(self.columns.iter().map(|(column, format)| (column.as_str(), format.as_str())))
    }
}

/// Whether a format is understood and names day, month and year.
pub(super) fn names_a_day(format: &str) -> bool {
    use chrono::format::Fixed::{LongMonthName, ShortMonthName};
    let items: Vec<Item> = StrftimeItems::new(format).collect();
    let has = |which: &dyn Fn(&Item) -> bool| items.iter().any(which);
    let numeric = |item: &Item, numbers: &[Numeric]| matches!(item, Item::Numeric(n, _) if numbers.contains(n));
    !has(&|item| matches!(item, Item::Error))
        && has(&|item| numeric(item, &[Numeric::Day]))
        && has(&|item| {
            numeric(item, &[Numeric::Month])
                || matches!(item, Item::Fixed(ShortMonthName | LongMonthName))
        })
        && has(&|item| numeric(item, &[Numeric::Year, Numeric::YearMod100]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_name_a_day() {
        for (format, good) in [
            ("%d/%m/%Y", true),
            ("%m/%d/%y %H:%M", true),
            ("%d-%b-%Y", true),
            ("%F", true),
            ("%d/%m", false),
            ("%Y年%m月", false),
            ("dd/mm/yyyy", false),
            ("%Q/%d/%m/%Y", false),
            ("", false),
        ] {
            assert_eq!(names_a_day(format), good, "{format}");
        }
    }
}
