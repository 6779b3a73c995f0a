//! Pages that a leader opens from disk: one folder, no network.

mod templates;

use super::map::Map;
use super::report::{Chart, Table};

pub use templates::{SITE_PLACEHOLDERS, SiteTemplates};

/// A page of the site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Where it lies within the folder: `areas/620981101.html`.
    pub path: String,
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// Pages above it, from the first: what they are called, and where they lie in the folder.
    pub above: Vec<(String, String)>,
    pub blocks: Vec<Block>,
}

/// What a page consists of.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Heading(String),
    Paragraph(String),
    Gauge(Gauge),
    /// A table; of each row, where its first cell leads within the folder; and the query behind it.
    Table {
        table: Table,
        links: Vec<Option<String>>,
        query: String,
    },
    Chart(Chart),
    Map(Map),
}

/// The index in large figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gauge {
    pub name: String,
    /// As written; `None` where there is no score.
    pub score: Option<String>,
    pub band: String,
    /// `#rrggbb`; `None` where there is no score.
    pub colour: Option<String>,
    /// What stands below: interval, changes.
    pub notes: Vec<String>,
}
