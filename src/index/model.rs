//! The model file: the whole recipe of an index, checked once.

use std::path::Path;

use serde::Deserialize;

use methods::index::posterior::IndicatorKind;

use super::goalposts::Frozen;
use crate::workspace::Workspace;
use lake::error::{Error, Result, parse_toml};
use methods::Params;

/// The model the night scores by, relative to the workspace.
pub const MODEL: &str = "models/index.toml";

/// The default normalisation: goalposts frozen from the reference months.
pub const GOALPOSTS: &str = "goalposts";

/// `models/index.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub name: String,
    /// Level of the areas that are scored and ranked.
    pub level: String,
    pub reference: Reference,
    #[serde(rename = "coverage")]
    pub thresholds: Thresholds,
    /// How figures become scores; an indicator's own choice wins.
    #[serde(default = "goalposts")]
    pub normalise: Method,
    /// How the domains are weighed: `given` at the domains, `equal`, or `ahp` from judgements in
    /// their order.
    #[serde(default = "given")]
    pub weigh: Method,
    #[serde(default)]
    pub aggregate: Aggregations,
    #[serde(default)]
    pub uncertainty: Uncertainty,
    /// Bands, from the safest down.
    pub band: Vec<Band>,
    pub domain: Vec<DomainModel>,
    /// Rules of 一票否决.
    #[serde(default)]
    pub veto: Vec<Veto>,
    /// Goalposts and priors; absent until the first night.
    #[serde(default)]
    pub frozen: Option<Frozen>,
    /// What was frozen earlier, the latest first; nothing is scored by it.
    #[serde(default)]
    pub earlier: Vec<Frozen>,
    /// The file it was read from, relative to the workspace.
    #[serde(skip)]
    pub file: String,
    /// The text it was read from.
    #[serde(skip)]
    pub text: String,
    /// Hash of the text.
    #[serde(skip)]
    pub hash: String,
}

/// Where goalposts and priors come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Months of a feed, from its first full one.
    pub months: usize,
    /// Quantile that is the lower goalpost.
    pub low: f64,
    /// Quantile that is the upper goalpost.
    pub high: f64,
}

/// What must be there for a score to be given, as shares.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Of a period's days, and of its events that say what the indicator needs.
    pub indicator: f64,
    /// Of the weights, for the index.
    pub index: f64,
}

/// A method by its name, and its parameters: `{ method = "power", p = 0.5 }`.
#[derive(Clone, Debug, Deserialize)]
pub struct Method {
    pub method: String,
    #[serde(flatten)]
    pub params: Params,
}

impl Method {
    fn plain(name: &str) -> Method {
        Method { method: name.to_owned(), params: Params::new() }
    }
}

/// How scores are joined up the tree; [`methods::index::aggregate::METHODS`] is the list.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aggregations {
    /// Indicators to their domain.
    pub indicators: Method,
    /// Domains to the index.
    pub domains: Method,
}

impl Default for Aggregations {
    fn default() -> Self {
        Aggregations {
            indicators: Method::plain("arithmetic"),
            domains: Method::plain("arithmetic"),
        }
    }
}

/// What the intervals stand on.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uncertainty {
    /// Monte Carlo draws.
    pub draws: usize,
    /// How firmly the weights are held: a weight w varies by w(1 − w)/(concentration + 1); absent,
    /// it does not vary.
    pub concentration: Option<f64>,
}

impl Default for Uncertainty {
    fn default() -> Self {
        Uncertainty { draws: 400, concentration: None }
    }
}

/// 一票否决: where an event of a domain fulfils the condition, the score is capped for the period.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Veto {
    pub id: String,
    /// What officials call it.
    pub label: String,
    pub domain: String,
    /// SQL condition on the domain's events.
    #[serde(rename = "where")]
    pub condition: String,
    /// `index`, or the domain whose score is capped.
    pub caps: String,
    /// Highest score allowed.
    pub at: f64,
}

/// A band of the index.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub name: String,
    /// Lowest index in it.
    pub from: f64,
    /// For tables and pages, `#rrggbb`.
    pub colour: String,
}

/// A domain's share in the index.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainModel {
    pub id: String,
    pub weight: f64,
    pub indicator: Vec<Indicator>,
}

/// One measured figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub id: String,
    /// What officials call it.
    pub label: String,
    /// What is counted, as the panel's column `indicator` names it.
    pub measure: String,
    /// Only these categories; all where absent.
    #[serde(default)]
    pub categories: Option<Vec<String>>,
    pub kind: IndicatorKind,
    /// Columns of the register: the frozen one, else the one that most areas have is used.
    #[serde(default)]
    pub exposure: Vec<String>,
    /// What the figure is told per.
    #[serde(default = "one")]
    pub per: f64,
    /// What one unit of the panel's figure is worth (fen → yuan: 0.01).
    #[serde(default = "one")]
    pub unit: f64,
    pub polarity: Polarity,
    pub weight: f64,
    /// `none` turns shrinkage off.
    #[serde(default)]
    pub shrink: Shrink,
    #[serde(default)]
    pub normalise: Option<Method>,
}

fn goalposts() -> Method {
    Method::plain(GOALPOSTS)
}

fn given() -> Method {
    Method::plain("given")
}

fn one() -> f64 {
    1.0
}

/// Whether more is better.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Polarity {
    #[serde(rename = "+")]
    Better,
    #[serde(rename = "-")]
    Worse,
}

impl Polarity {
    /// +1 where more is better, −1 where more is worse.
    pub fn direction(self) -> f64 {
        if self == Polarity::Better { 1.0 } else { -1.0 }
    }
}

/// Treatment of small numbers (docs/method.md).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Shrink {
    /// Marshall's empirical Bayes for rates and ratios, beta-binomial for proportions.
    #[default]
    EmpiricalBayes,
    None,
}

impl Model {
    /// Reads a model of the workspace, or the bundled one; `relative` is its file in the workspace.
    ///
    /// # Errors
    /// [`Error::Config`] where it is wrong.
    pub fn read(workspace: &Workspace, relative: &str) -> Result<Model> {
        let (file, text) = workspace.text(relative)?;
        Ok(Model { file: relative.to_owned(), ..Model::parse(&file, &text)? })
    }

    /// Reads and checks a model's text.
    ///
    /// # Errors
    /// [`Error::Config`] naming the file, the line or the entry, and the fix.
    pub fn parse(file: &Path, text: &str) -> Result<Model> {
        let mut model: Model = parse_toml(file, text)?;
        model.text = text.to_owned();
        model.hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        model.check().map_err(|(what, fix)| {
            let line = what.split('"').nth(1).and_then(|name| line_of(text, name));
            Error::Config { file: file.to_path_buf(), line, what, fix }
        })?;
        model.band.sort_by(|a, b| b.from.total_cmp(&a.from));
        Ok(model)
    }

    /// All indicators with their domain and the name of their node, `domain.indicator`.
    pub fn indicators(&self) -> impl Iterator<Item = (&DomainModel, &Indicator, String)> {
        self.domain
            .iter()
            .flat_map(|d| d.indicator.iter().map(move |i| (d, i, format!("{}.{}", d.id, i.id))))
    }

    /// The band of an index.
    pub fn band_of(&self, score: f64) -> Option<&Band> {
        self.band.iter().find(|b| score >= b.from)
    }
}

/// Line on which `id = "name"`, `exposure = [… "name" …]` or the like stands.
fn line_of(text: &str, name: &str) -> Option<usize> {
    text.lines().position(|l| l.contains(&format!("\"{name}\""))).map(|i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = include_str!("../../models/index.toml");

    #[test]
    fn the_default_weighs_ten_domains_to_a_hundred() {
        let model = Model::parse(Path::new("index.toml"), DEFAULT).unwrap();
        assert_eq!(model.domain.len(), 10);
        assert_eq!(model.domain.iter().map(|d| d.weight).sum::<f64>(), 100.0);
        assert!(
            model.indicators().all(|(d, i, _)| !(d.id == "disputes" && i.measure == "events")),
            "found disputes are never scored"
        );
        assert_eq!(model.band_of(60.0).unwrap().name, "蓝");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let wrong = DEFAULT
            .replace("exposure = [\"enterprises\", \"population\"]", "exposure = [\"shops\"]");
        let message = Model::parse(Path::new("index.toml"), &wrong).unwrap_err().to_string();
        assert!(message.contains("index.toml:") && message.contains("shops"), "{message}");
        let wrong = DEFAULT.replace("per = 10000", "pre = 10000");
        let message = Model::parse(Path::new("index.toml"), &wrong).unwrap_err().to_string();
        assert!(message.contains("index.toml:") && message.contains("pre"), "{message}");
    }
}
