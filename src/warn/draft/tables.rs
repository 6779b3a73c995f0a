//! A table of the annex.

use render::letter::Table;

/// A table with its header and the shares of its width that the columns have.
pub(super) fn table(
    caption: &str,
    header: &[&str],
    widths: &[f64],
    rows: Vec<Vec<String>>,
) -> Table {
    Table {
        caption: caption.to_owned(),
        header: header.iter().map(|h| (*h).to_owned()).collect(),
        widths: widths.to_vec(),
        rows,
    }
}
