//! Events at rest: schemas, ingest, tables, as-of views.

pub mod ingest;
pub mod mapping;
pub mod mask;
pub mod propose;
pub mod schema;
pub mod taxonomy;
