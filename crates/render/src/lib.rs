//! The drawing kit: data in, text and documents out. It knows nothing of what the figures mean.

mod bar_chart;
mod docx;
mod engine;
mod files;
mod layout;
pub mod letter;
mod line_chart;
pub mod map;
#[cfg(feature = "pdf")]
mod pdf;
pub mod report;
mod samples;
pub mod site;
mod templates;
mod text;
mod title;
mod values;
mod waterfall;

pub use docx::{docx_replace, docx_text};
pub use engine::TemplateError;
#[cfg(feature = "pdf")]
pub use pdf::FontFolders;
pub use templates::LetterTemplates;
pub use values::PLACEHOLDERS;
pub use waterfall::{Waterfall, waterfall};
