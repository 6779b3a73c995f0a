//! What `lab index` makes: a matrix for each step, and what the steps had to say.

use super::table::Stage;
use methods::index::treat::Treated;

/// Every stage of an index. A step the model does not take repeats the stage before it.
#[derive(Clone, Debug)]
pub struct Stages {
    pub raw: Stage,
    pub denominated: Stage,
    pub imputed: Stage,
    pub screened: Stage,
    pub treated: Stage,
    /// What the treatment did, one an indicator that was treated and a period.
    pub treatment: Vec<Treatment>,
    pub normalised: Stage,
    /// Indicators' scores, then the nodes', level by level to the index.
    pub aggregated: Stage,
    /// Ranks of every column of `aggregated`, 1 the best, within each period.
    pub ranks: Stage,
    /// What a step did otherwise than its formula says, with the column or node it is about.
    pub notices: Vec<String>,
}

/// What the treatment did to one indicator, in a panel in one period.
#[derive(Clone, Debug)]
pub struct Treatment {
    pub indicator: String,
    pub period: String,
    pub done: Treated,
}

impl Stages {
    /// Each matrix with the name of its file, in order.
    pub fn named(&self) -> [(&'static str, &Stage); 8] {
        [
            ("raw", &self.raw),
            ("denominated", &self.denominated),
            ("imputed", &self.imputed),
            ("screened", &self.screened),
            ("treated", &self.treated),
            ("normalised", &self.normalised),
            ("aggregated", &self.aggregated),
            ("ranks", &self.ranks),
        ]
    }
}
