//! `pingan index`

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use lake::{Derived, Error};
use pingan::Result;
use pingan::engine::{MODEL, index};
use pingan::panel::Unit;

use super::ranking::{feeds, table};
use super::table::Rows;
use super::{Common, Format, Status, appraise, freeze, print};

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
    #[arg(long, value_enum, default_value_t = Span::Month)]
    period: Span,
    /// The model, relative to the workspace
    #[arg(long, value_name = "FILE", default_value = MODEL)]
    model: String,
    /// Judges the model on these periods instead: weights as they come to bear, correlations,
    /// alpha, what the ranking owes to each element
    #[arg(long, conflicts_with = "sensitivity")]
    audit: bool,
    /// Scores the last period under other weights, normalisations and aggregations instead, N rows
    /// of a sample (500 unless given): ranks, and which choice matters
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "500")]
    sensitivity: Option<usize>,
    /// Freezes the model's goalposts anew instead, by the register and the reference months as they
    /// are known now, writes them into its file, and says what moves
    #[arg(long, conflicts_with_all = ["audit", "sensitivity", "from", "to", "period"])]
    freeze: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Span {
    Year,
    Quarter,
    Month,
    /// The first ten days of a month, the second ten, the rest
    Xun,
    /// Monday to Sunday
    Week,
    Day,
    /// The 28 days that end on the last day
    #[value(name = "28d")]
    Trailing,
}

impl From<Span> for Unit {
    fn from(span: Span) -> Unit {
        match span {
            Span::Year => Unit::Year,
            Span::Quarter => Unit::Quarter,
            Span::Month => Unit::Month,
            Span::Xun => Unit::Xun,
            Span::Week => Unit::Week,
            Span::Day => Unit::Day,
            Span::Trailing => Unit::Trailing,
        }
    }
}

pub fn run(common: &Common, args: &IndexArgs) -> Result<Status> {
    let context = common.open(None)?;
    if args.freeze {
        return freeze::freeze(common, &context, &args.model);
    }
    let known = context.options.as_of.day;
    let last = args.to.unwrap_or(known);
    let first = args.from.unwrap_or(last);
    if first > last || last > known {
        let what = format!("{first} to {last} is no span up to the as-of day {known}");
        return Err(Error::usage(what, "give --from before --to, and --to not after --as-of"));
    }
    let unit = Unit::from(args.period);
    let periods = unit.periods(first, last);
    let period = periods[periods.len() - 1].clone();
    if args.audit {
        return appraise::audit(common, &context, &args.model, &periods);
    }
    if let Some(rows) = args.sensitivity {
        return appraise::sensitivity(common, &context, &args.model, &period, rows);
    }
    let before = unit.before(&period);
    let indexed = index(&context.workspace, &context.options, &args.model, &periods)?;
    if common.format != Format::Table {
        let headers = Derived::Scores.schema().fields().iter().map(|f| f.name().clone()).collect();
        Rows::from_batches(headers, &indexed.scores()?)?.print(common.format)?;
        return Ok(Status::Done);
    }
    let name = &context.workspace.config.name;
    print(&format!(
        "{name} 平安指数 {} ({} to {}, as of {known})\n",
        period.name, period.start, period.end
    ))?;
    table(&indexed.ranking()?, &before.name, false).print(Format::Table)?;
    for line in feeds(&indexed.coverage, &period) {
        print(&format!("{line}\n"))?;
    }
    Ok(Status::Done)
}
