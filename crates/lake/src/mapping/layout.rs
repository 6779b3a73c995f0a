//! How events lie in a sheet that is laid out for people.

/// What a mapping says of the sheet's rows. Where it says nothing a row is an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Of how many rows the header is; where nothing is said one, or two that only together have
    /// all the mapping names.
    pub header_rows: Option<usize>,
    /// Their columns whose blank cells take the value above.
    pub fill_down: Vec<String>,
    /// Words that begin the first row that is no data; nor is what follows it.
    pub stop_at: Vec<String>,
    /// Their column whose adjacent rows of one value are one event.
    pub group_by: Option<String>,
}

impl Layout {
    /// Their headers the layout names.
    pub fn headers(&self) -> impl Iterator<Item = &String> {
        self.fill_down.iter().chain(&self.group_by)
    }
}
