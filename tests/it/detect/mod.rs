//! Detection from the command and the lake: on histories whose end is known, and on Tainan.

mod commands;
mod feeds;
mod follows;
mod future;
mod same_party;
mod tainan_nights;
