//! The drawing kit: data in, text out. It knows nothing of what the figures mean.

mod text;
mod waterfall;

pub use waterfall::{Waterfall, waterfall};
