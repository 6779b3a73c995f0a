//! The month: figures, tables and words of the situation report (平安稳定形势分析研判报告).
//!
//! `inputs` reads the lake, `comparison` holds figures against those before, `tables` make the
//! tables, `text` says what they show, `report` puts the parts in order, and `write` puts the
//! documents down. A figure is computed once: text, document, page and workbook take it from the
//! tables.

mod comparison;
mod editions;
mod findings;
mod inputs;
mod map;
mod month;
mod queries;
mod site;
mod tables;
mod text;
mod thresholds;
mod words;
mod write;

pub use editions::with_editions;
pub use inputs::{Inputs, Sources, is_scored};
pub use month::month;
pub use queries::{Needed, QUERIES, read_queries, session};
pub use site::{letter_path, pages};
pub use thresholds::{THRESHOLDS, Thresholds};
pub use words::{MONTH_WORDS, Words};
pub use write::{Document, Outcome, folder, is_written, write};
