//! The commands from outside, and properties of lake and panel that no unit test sees. One binary,
//! because each links the world.

mod appraise;
mod asof;
mod backtest;
mod bad_input;
mod bad_input_cases;
mod circular;
mod commands;
mod deliveries;
mod detect;
mod earlier_version;
mod event;
mod first_week;
mod histories;
mod inbox;
mod index;
mod ingest_again;
mod ingest_bombs;
mod joint;
mod kill;
mod lab;
mod lab_cases;
mod layering;
mod letter;
mod letters;
mod mappings;
mod month;
mod pages;
mod parity;
mod persons;
mod rare;
mod registers;
mod support;
mod tainan;
mod warned;
