//! `pingan lab`: single methods on plain files, without a workspace.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use lake::error::{At, Error, parse_toml};
use lake::files;
use methods::index::weigh::Bootstrap;
use methods::index::weigh::ahp::Priority;
use methods::{Flaw, Params};
use pingan::Result;
use pingan::lab::series::{Columns, Task};
use pingan::lab::table::Table;
use pingan::lab::weights::Weighing;
use pingan::lab::{ahp, index, model, series, weights};
use serde::Serialize;

use super::{Common, Status, print};

/// Single methods on plain CSV files, without a workspace
#[derive(Args)]
pub struct LabArgs {
    #[command(subcommand)]
    method: Method,
}

#[derive(Subcommand)]
enum Method {
    Index(IndexArgs),
    Series(SeriesArgs),
    Weights(WeightsArgs),
    Ahp(AhpArgs),
}

/// A composite indicator from a table of units × indicators: every stage as a CSV
#[derive(Args)]
struct IndexArgs {
    /// Units × indicators
    data: PathBuf,
    /// The recipe, TOML
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Folder for the stages: raw, denominated, imputed, screened, treated, normalised, aggregated,
    /// ranks
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// A detector over series of counts: expected figure, bound, p and answer for every time point
#[derive(Args)]
struct SeriesArgs {
    /// One line a time point; several series in one file are told apart by --series
    data: PathBuf,
    #[arg(long, value_parser = detectors())]
    method: String,
    /// Parameters of the method under their published names, and freq, TOML
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Column of the figures [default: the only one left]
    #[arg(long, value_name = "COL")]
    value: Option<String>,
    /// Column of the time points [default: the first not named otherwise]
    #[arg(long, value_name = "COL")]
    time: Option<String>,
    /// Column that names the series
    #[arg(long, value_name = "COL")]
    series: Option<String>,
    /// Column of the exposure that a figure is held against, such as population
    #[arg(long, value_name = "COL")]
    offset: Option<String>,
    /// First time point to judge, counted from 1
    #[arg(long, value_name = "N")]
    from: Option<usize>,
    /// Last time point to judge
    #[arg(long, value_name = "N")]
    to: Option<usize>,
    #[arg(long, value_name = "CSV")]
    out: PathBuf,
}

/// Names of the detectors.
fn detectors() -> PossibleValuesParser {
    PossibleValuesParser::new(methods::detect::METHODS.iter().map(|(name, _)| *name))
}

/// Weights of indicators from their figures, with bootstrap intervals
#[derive(Args)]
struct WeightsArgs {
    /// Units × indicators, the first column naming the unit
    data: PathBuf,
    /// equal, entropy, critic, merec, cilos, idocriw, pca, std, variance, gini, lopcow
    #[arg(long)]
    method: String,
    /// Parameters of the method, TOML
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Indicators that are worse when high, separated by commas
    #[arg(long, value_name = "COL,…", value_delimiter = ',')]
    worse: Vec<String>,
    #[arg(long, value_name = "CSV")]
    out: PathBuf,
}

/// Weights from pairwise judgements, with their consistency
#[derive(Args)]
struct AhpArgs {
    /// A square table: how many times as important the row is as the column, 3 or 1/3
    judgements: PathBuf,
    /// How priorities are found
    #[arg(long, value_enum, default_value_t = By::Eigenvector)]
    by: By,
    #[arg(long, value_name = "CSV")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// The principal eigenvector (Saaty)
    Eigenvector,
    /// The geometric mean of each row
    Geometric,
    /// The mean of the columns, each over its sum
    Mean,
}

pub fn run(common: &Common, args: &LabArgs) -> Result<Status> {
    match &args.method {
        Method::Index(args) => run_index(args),
        Method::Series(args) => run_series(args),
        Method::Weights(args) => run_weights(common, args),
        Method::Ahp(args) => run_ahp(args),
    }
}

fn run_index(args: &IndexArgs) -> Result<Status> {
    let table = Table::read(File::open(&args.data).at(&args.data)?)
        .map_err(|flaw| in_file(&args.data, flaw))?;
    let text = std::fs::read_to_string(&args.model).at(&args.model)?;
    let model = model::LabModel::parse(&text)
        .map_err(|flaw| Error::config(&args.model, flaw.what, flaw.fix))?;
    let stages = index::run(&table, &model).map_err(|flaw| in_file(&args.data, flaw))?;
    std::fs::create_dir_all(&args.out).at(&args.out)?;
    for (name, stage) in stages.named() {
        let path = args.out.join(format!("{name}.csv"));
        let mut bytes = Vec::new();
        stage.write(&mut bytes).map_err(|e| Error::Io { path: path.clone(), source: e.into() })?;
        files::replace(&path, &bytes)?;
    }
    notices(&stages.notices);
    let units = stages.aggregated.units.len();
    print(&format!(
        "{units} units, {} indicators: eight stages in {}\n",
        model.indicator.len(),
        args.out.display()
    ))?;
    Ok(Status::Done)
}

fn run_series(args: &SeriesArgs) -> Result<Status> {
    let table = Table::read(File::open(&args.data).at(&args.data)?)
        .map_err(|flaw| in_file(&args.data, flaw))?;
    let params = params(args.params.as_deref())?;
    let columns = Columns {
        value: args.value.clone(),
        time: args.time.clone(),
        series: args.series.clone(),
        offset: args.offset.clone(),
    };
    let task = Task {
        method: &args.method,
        params: &params,
        columns: &columns,
        from: args.from,
        to: args.to,
    };
    let found = series::run(&table, &task).map_err(|flaw| in_file(&args.data, flaw))?;
    let mut bytes = Vec::new();
    found
        .value
        .write(&mut bytes)
        .map_err(|e| Error::Io { path: args.out.clone(), source: e.into() })?;
    files::replace(&args.out, &bytes)?;
    notices(&found.notices);
    let (alarms, judged, not) = found.value.counts();
    print(&format!(
        "{alarms} alarms in {judged} time points judged, {not} not assessable: {}\n",
        args.out.display()
    ))?;
    Ok(if judged == 0 { Status::Negative } else { Status::Done })
}

fn run_weights(common: &Common, args: &WeightsArgs) -> Result<Status> {
    let params = params(args.params.as_deref())?;
    let bootstrap = Bootstrap { seed: common.seed, ..Bootstrap::default() };
    let by =
        Weighing { method: &args.method, params: &params, worse_when_high: &args.worse, bootstrap };
    let found = weights::weights(&std::fs::read(&args.data).at(&args.data)?, &by)
        .map_err(|flaw| in_file(&args.data, flaw))?;
    write_rows(&args.out, &found.value)?;
    notices(&found.notices);
    Ok(Status::Done)
}

fn run_ahp(args: &AhpArgs) -> Result<Status> {
    let by = match args.by {
        By::Eigenvector => Priority::Eigenvector,
        By::Geometric => Priority::Geometric,
        By::Mean => Priority::Mean,
    };
    let bytes = std::fs::read(&args.judgements).at(&args.judgements)?;
    let judged = ahp::ahp(&bytes, by).map_err(|flaw| in_file(&args.judgements, flaw))?;
    write_rows(&args.out, &judged.value.rows)?;
    notices(&judged.notices);
    print(&format!("consistency ratio {:.4}\n", judged.value.ratio))?;
    Ok(Status::Done)
}

/// A method's parameters from a file; none without one.
fn params(file: Option<&Path>) -> Result<Params> {
    match file {
        Some(file) => parse_toml(file, &std::fs::read_to_string(file).at(file)?),
        None => Ok(Params::new()),
    }
}

fn in_file(file: &Path, flaw: Flaw) -> Error {
    Error::input(file, flaw.what, flaw.fix)
}

fn write_rows<T: Serialize>(path: &Path, rows: &[T]) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |source: csv::Error| Error::Io { path: path.to_path_buf(), source: source.into() };
    for row in rows {
        writer.serialize(row).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| Error::Io { path: path.to_path_buf(), source: e.into_error() })?;
    files::replace(path, &bytes)
}

/// What a method did otherwise than its formula says, on standard error.
fn notices(notices: &[String]) {
    for notice in notices {
        tracing::warn!("{notice}");
    }
}
