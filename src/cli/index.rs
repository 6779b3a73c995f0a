//! `pingan index`

use chrono::{Days, NaiveDate};
use clap::{Args, ValueEnum};
use pingan::Result;
use pingan::error::Error;
use pingan::index::ranking;
use pingan::lake::Lake;
use pingan::nightly::index;
use pingan::panel::Period;

use super::ranking::{feeds, table};
use super::table::Rows;
use super::{Common, Format, Status, print};

/// Scores, bands and intervals of the areas, period by period
#[derive(Args)]
pub struct IndexArgs {
    /// A day of the first period; default the last
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day; default the as-of day. A period still running then ends there
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
    /// Calendar years
    Year,
    /// The 28 days that end on the last day
    #[value(name = "28d")]
    Trailing,
}

pub fn run(common: &Common, args: &IndexArgs) -> Result<Status> {
    let context = common.open(None)?;
    let known = context.options.as_of.day;
    let last = args.to.unwrap_or(known);
    let first = args.from.unwrap_or(last);
    if first > last || last > known {
        let what = format!("{first} to {last} is no span up to the as-of day {known}");
        return Err(Error::usage(what, "give --from before --to, and --to not after --as-of"));
    }
    let (periods, before) = match args.period {
        Unit::Month => (Period::months(first, last), Period::month(Period::month(last, last).start - Days::new(1), last)),
        Unit::Year => (years(first, last), Period::year(Period::year(last, last).start - Days::new(1), last)),
        Unit::Trailing => (vec![Period::trailing(last)], Period::trailing(last - Days::new(28))),
    };
    let period = periods[periods.len() - 1].clone();
    let (batch, coverage) = index(&context.workspace, &context.options, &args.model, periods)?;
    if common.format != Format::Table {
        let headers = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
        Rows::from_batches(headers, &[batch])?.print(common.format)?;
        return Ok(Status::Done);
    }
    let lake = Lake::open(&context.workspace.lake(), &context.options.limits)?;
    let places = ranking(&lake, &context.options.limits, &period.name, &before.name)?;
    let name = &context.workspace.config.name;
    print(&format!("{name} 平安指数 {} ({} to {}, as of {known})\n", period.name, period.start, period.end))?;
    table(&places, &before.name, false).print(Format::Table)?;
    for line in feeds(&coverage, &period) {
        print(&format!("{line}\n"))?;
    }
    Ok(Status::Done)
}

fn years(first: NaiveDate, last: NaiveDate) -> Vec<Period> {
    let mut years = vec![Period::year(first, last)];
    while years[years.len() - 1].end < last {
        years.push(Period::year(years[years.len() - 1].end + Days::new(1), last));
    }
    years
}
