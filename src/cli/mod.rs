//! The command line: common options, one file a subcommand.

mod appraise;
mod backtest;
mod check;
mod completions;
mod context;
mod demo;
mod detect;
mod event;
mod explain;
mod findings;
mod freeze;
mod index;
mod ingest;
mod init;
mod lab;
mod letters;
mod mapping;
mod nightly;
mod query;
mod ranking;
mod report;
mod site;
mod steps;
mod synth;
mod table;
mod tonight;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lake::error::{At, Error};

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
    /// Memory that queries may use before they spill to disk, such as 512M or 2G
    #[arg(long, global = true, value_name = "SIZE")]
    pub memory: Option<String>,
    /// Threads; default all cores
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
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
#[command(
    name = "pingan",
    version,
    about = "平安指数: a weighted safety index for every township, from the events of ten domains"
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Init(init::InitArgs),
    Ingest(ingest::IngestArgs),
    Nightly(nightly::NightlyArgs),
    Index(index::IndexArgs),
    Explain(explain::ExplainArgs),
    Detect(detect::DetectArgs),
    Lab(lab::LabArgs),
    Letters(letters::LettersArgs),
    Query(query::QueryArgs),
    Check(check::CheckArgs),
    Completions(completions::CompletionsArgs),
    Mapping(mapping::MappingArgs),
    Report(report::ReportArgs),
    Backtest(backtest::BacktestArgs),
    Site(site::SiteArgs),
    Synth(synth::SynthArgs),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let Cli { common, command } = Cli::parse();
    log(&common);
    if let Some(threads) = common.threads {
        // Fails only where the pool is running already, which it is not.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    }
    let ended = match command {
        Command::Demo(args) => demo::run(&common, &args),
        Command::Init(args) => init::run(&common, &args),
        Command::Ingest(args) => ingest::run(&common, &args),
        Command::Nightly(args) => nightly::run(&common, &args),
        Command::Index(args) => index::run(&common, &args),
        Command::Explain(args) => explain::run(&common, &args),
        Command::Detect(args) => detect::run(&common, &args),
        Command::Lab(args) => lab::run(&common, &args),
        Command::Letters(args) => letters::run(&common, args),
        Command::Query(args) => query::run(&common, &args),
        Command::Check(args) => check::run(&common, &args),
        Command::Completions(args) => completions::run(&common, &args),
        Command::Mapping(args) => mapping::run(&common, &args),
        Command::Report(args) => report::run(&common, &args),
        Command::Backtest(args) => backtest::run(&common, &args),
        Command::Site(args) => site::run(&common, &args),
        Command::Synth(args) => synth::run(&common, &args),
    };
    match ended {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::Negative) => ExitCode::from(1),
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(e) => {
            // Nowhere is left to tell where standard error is closed as well.
            let _ = writeln!(std::io::stderr(), "error: {e}");
            ExitCode::from(2)
        }
    }
}

/// Logs on standard error: warnings, with `-v` what is done, with `-vv` everything.
fn log(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => "error",
        (_, 0) => "warn",
        (_, 1) => "warn,pingan=info",
        _ => "info,pingan=debug",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}

/// Prints on standard output; a reader that has gone is an error here, which `main` takes for the
/// end.
fn print(text: &str) -> pingan::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).at(Path::new("standard output"))
}
