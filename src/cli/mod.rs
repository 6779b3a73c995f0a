//! The command line: common options, one file a subcommand.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// How a command ended; an `Err` is exit code 2.
pub enum Status {
    /// Exit 0.
    Done,
    /// Exit 1: done, and the answer is negative.
    Negative,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// Folder of the workspace
    #[arg(short, long, global = true, default_value = ".", value_name = "DIR")]
    pub workspace: PathBuf,
    /// What was known then: a date (its whole day) or an RFC 3339 timestamp; default now
    #[arg(long, global = true, value_name = "DATE|TIMESTAMP")]
    pub as_of: Option<String>,
    /// How tables are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Seed of everything random
    #[arg(long, global = true, default_value_t = 1)]
    pub seed: u64,
    /// Say less
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more (twice: everything)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Parser)]
#[command(name = "pingan", version, about = "平安指数: a weighted safety index for every township, from the events of ten domains")]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let _ = cli.common;
    match cli.command {}
}
