//! `pingan index`

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use pingan::Result;
use pingan::error::Error;
use pingan::nightly::index;
use pingan::panel::Period;

use super::table::Rows;
use super::{Common, Status};

/// Scores, bands and intervals of the areas, period by period
#[derive(Args)]
pub struct IndexArgs {
    /// First day; default the first day of the last month
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day; default the as-of day
    #[arg(long)]
    to: Option<NaiveDate>,
    /// What is scored as one
    #[arg(long, value_enum, default_value_t = Unit::Month)]
    period: Unit,
    /// The model, relative to the workspace
    #[arg(long, value_name = "FILE", default_value = pingan::nightly::MODEL)]
    model: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Unit {
    /// Calendar months
    Month,
    /// The 28 days that end on the last day
    #[value(name = "28d")]
    Trailing,
}

pub fn run(common: &Common, args: &IndexArgs) -> Result<Status> {
    let context = common.open(None)?;
    let last = args.to.unwrap_or(context.options.as_of.day);
    let first = args.from.unwrap_or_else(|| Period::month(last, last).start);
    if first > last || last > context.options.as_of.day {
        let what = format!("{first} to {last} is no span up to the as-of day {}", context.options.as_of.day);
        return Err(Error::usage(what, "give --from before --to, and --to not after --as-of"));
    }
    let periods = match args.period {
        Unit::Month => Period::months(first, last),
        Unit::Trailing => vec![Period::trailing(last)],
    };
    let batch = index(&context.workspace, &context.options, &args.model, periods)?;
    let headers = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
    Rows::from_batches(headers, &[batch])?.print(common.format)?;
    Ok(Status::Done)
}
