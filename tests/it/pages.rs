//! What the pages say against what the code does: commands and options, columns of tables and keys
//! of files in docs/interface.md, the walks in docs/design.md. Nothing here lists what there is:
//! commands are read from `--help`, columns from the schemas, keys from what a reader answers to a
//! key it does not know.

mod commands;
mod json;
mod keys;
mod links;
mod methods;
mod page;
mod probe;
mod tables;
mod walks;
