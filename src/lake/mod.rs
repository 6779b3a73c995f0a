//! Events at rest: schemas, ingest, tables, as-of views.

pub mod schema;
