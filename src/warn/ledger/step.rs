//! The steps of a letter's life.

/// What can happen to a letter.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Step {
    /// The engine writes it.
    Draft,
    /// The centre agrees with its text.
    Approve,
    /// It gets its number and date and goes out.
    Issue,
    /// Hashes of the documents that went out; comes with the issue.
    Documents,
    /// The township has it.
    Receive,
    /// The township tells what it does.
    Measures,
    /// The township's answer.
    Feedback,
    /// The engine judges what the letter did.
    Evaluate,
    /// The end: of an evaluated letter, or of one that came to nothing.
    Close,
}

impl Step {
    /// All, in order.
    pub const ALL: [Step; 9] = [
        Step::Draft,
        Step::Approve,
        Step::Issue,
        Step::Documents,
        Step::Receive,
        Step::Measures,
        Step::Feedback,
        Step::Evaluate,
        Step::Close,
    ];

    /// The word in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Step::Draft => "draft",
            Step::Approve => "approve",
            Step::Issue => "issue",
            Step::Documents => "documents",
            Step::Receive => "receive",
            Step::Measures => "measures",
            Step::Feedback => "feedback",
            Step::Evaluate => "evaluate",
            Step::Close => "close",
        }
    }

    /// The step of that word.
    pub fn find(name: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|s| s.name() == name)
    }
}
