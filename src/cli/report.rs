//! `pingan report`

use clap::{Args, Subcommand};
use pingan::Result;
use pingan::engine::report_month;
use pingan::report::{Document, Outcome};

use super::{Common, Status, print};

/// Reports for the centre to edit and send
#[derive(Args)]
pub struct ReportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The situation report of a month (平安稳定形势分析研判报告): DOCX, HTML and XLSX in out/reports
    Month {
        /// The month, such as 2026-01; it must be over
        month: String,
    },
}

pub fn run(common: &Common, args: &ReportArgs) -> Result<Status> {
    let What::Month { month } = &args.what;
    let context = common.open(None)?;
    for document in report_month(&context.workspace, &context.options, month)? {
        print(&format!("{}\n", document_line(&document)))?;
    }
    Ok(Status::Done)
}

/// Where a document lies, and what became of the one before.
pub fn document_line(document: &Document) -> String {
    let path = document.path.display();
    match &document.outcome {
        Outcome::New => path.to_string(),
        Outcome::Replaced => format!("{path} (in the place of the one before)"),
        Outcome::Same => format!("{path} (as before)"),
        Outcome::Beside(edited) => {
            format!("{path} (beside {}, which was edited)", edited.display())
        }
    }
}
