//! What docs/interface.md says against what the code does: commands and options, columns of tables,
//! keys of files. Nothing here lists what there is: commands are read from `--help`, columns from
//! the schemas, keys from what a reader answers to a key it does not know.

mod commands;
mod json;
mod keys;
mod links;
mod methods;
mod page;
mod probe;
mod tables;
