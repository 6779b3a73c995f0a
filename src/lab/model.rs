//! A lab model: indicators, the tree above them, and the method of each step, in TOML
//! (docs/interface.md).
//!
//! ```toml
//! [[indicator]]            # one a column of the data, as COINr's iMeta
//! id = "Flights"
//! parent = "Physical"
//! denominator = "Population"
//!
//! [[aggregate]]
//! id = "Physical"
//!
//! [impute]
//! method = "group_mean"
//! group = "EurAsia_group"
//!
//! [normalise]
//! method = "min_max"
//! l = 0
//! u = 100
//!
//! [aggregation]            # "aggregate" is the name of the nodes
//! method = "arithmetic"
//! ```

use serde::Deserialize;

use crate::index::Method;
use methods::index::tree::{Node, Tree};
use methods::{Flaw, Params};

/// One column of the data and where it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub id: String,
    pub parent: String,
    #[serde(default = "one")]
    pub weight: f64,
    /// 1 where more is better, −1 where less is.
    #[serde(default = "better")]
    pub direction: i64,
    /// For `distance_to_target`.
    pub target: Option<f64>,
    /// For `goalposts`; both or none.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// The column to divide by.
    pub denominator: Option<String>,
    /// Another treatment or normalisation than the others'; `{ method = "none" }` for no treatment.
    pub treat: Option<Method>,
    pub normalise: Option<Method>,
}

/// One inner node of the tree; the top has no parent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    pub id: String,
    pub parent: Option<String>,
    #[serde(default = "one")]
    pub weight: f64,
}

/// Dividing by each indicator's denominator.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denominate {
    #[serde(default = "one")]
    pub scale: f64,
}

/// Estimating what is missing; `group` is the column of the groups.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impute {
    pub method: String,
    pub group: Option<String>,
}

/// Leaving out units with less than the share `least` of good values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    pub method: String,
    pub least: f64,
}

/// Making parents' scores; `level` gives each level its own method, from the indicators up, instead
/// of one for all.
#[derive(Clone, Debug, Deserialize)]
pub struct Aggregation {
    /// Share of the children's weight that must have a score, 0–1.
    #[serde(default)]
    pub least: f64,
    #[serde(default)]
    pub level: Vec<Method>,
    pub method: Option<String>,
    #[serde(flatten)]
    pub params: Params,
}

/// A whole model; a step that is not named is not taken, but for normalising and aggregating.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabModel {
    /// The column of the units' codes; the first one where not given.
    pub unit: Option<String>,
    /// In a panel, the column of the periods. Each is imputed and treated by itself, as in COINr;
    /// normalisation runs over all of them at once, so that scores can be compared.
    pub period: Option<String>,
    #[serde(default)]
    pub indicator: Vec<Indicator>,
    #[serde(default)]
    pub aggregate: Vec<Inner>,
    pub denominate: Option<Denominate>,
    pub impute: Option<Impute>,
    pub screen: Option<Screen>,
    pub treat: Option<Method>,
    pub normalise: Method,
    pub aggregation: Aggregation,
}

impl LabModel {
    /// Reads and checks a model.
    ///
    /// # Errors
    /// A [`Flaw`] that names the entry: TOML's own with its line, or a direction, goalposts, a step
    /// that cannot be used.
    pub fn parse(text: &str) -> Result<LabModel, Flaw> {
        let model: LabModel = toml::from_str(text).map_err(|e| {
            Flaw::new(format!("the model cannot be read: {e}"), "correct the entry shown")
        })?;
        model.check()?;
        Ok(model)
    }

    fn check(&self) -> Result<(), Flaw> {
        for indicator in &self.indicator {
            let flaw = |what: String, fix: &str| {
                Err(Flaw::new(format!("indicator \"{}\": {what}", indicator.id), fix))
            };
            if !matches!(indicator.direction, -1 | 1) {
                return flaw(
                    format!("direction is {}", indicator.direction),
                    "write 1 where more is better, -1 where less is",
                );
            }
            if indicator.low.is_some() != indicator.high.is_some() {
                return flaw(
                    "one goalpost without the other".to_owned(),
                    "give both low and high, or none",
                );
            }
            if self.denominate.is_none() && indicator.denominator.is_some() {
                return flaw(
                    "a denominator, but the model has no step [denominate]".to_owned(),
                    "add [denominate], or remove the denominator",
                );
            }
        }
        let share = |name: &str, least: f64| match least {
            0.0..=1.0 => Ok(()),
            _ => Err(Flaw::new(format!("[{name}]: least is {least}"), "write a share from 0 to 1")),
        };
        share("screen", self.screen.as_ref().map_or(0.0, |s| s.least))?;
        share("aggregation", self.aggregation.least)
    }

    /// The tree of the indicators and aggregates.
    ///
    /// # Errors
    /// Those of [`Tree::new`].
    pub fn tree(&self) -> Result<Tree, Flaw> {
        let leaf = |i: &Indicator| Node {
            id: i.id.clone(),
            parent: Some(i.parent.clone()),
            weight: i.weight,
        };
        let inner =
            |a: &Inner| Node { id: a.id.clone(), parent: a.parent.clone(), weight: a.weight };
        Tree::new(
            self.indicator.iter().map(leaf).collect(),
            self.aggregate.iter().map(inner).collect(),
        )
    }
}

fn one() -> f64 {
    1.0
}

fn better() -> i64 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &str = "[normalise]\nmethod = 'min_max'\n[aggregation]\nmethod = 'arithmetic'\n";

    fn refused(text: &str) -> String {
        LabModel::parse(&format!("{text}\n{STEPS}")).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            refused("[[indicator]]\nid = 'a'\nparent = 'top'\ndirection = 2")
                .contains("\"a\": direction is 2")
        );
        assert!(
            refused("[[indicator]]\nid = 'a'\nparent = 'top'\nlow = 2")
                .contains("\"a\": one goalpost")
        );
        assert!(
            refused("[[indicator]]\nid = 'a'\nparent = 'top'\ndenominator = 'n'")
                .contains("[denominate]")
        );
        assert!(refused("[[indicator]]\nid = 'a'\nparent = 'top'\nwieght = 2").contains("wieght"));
        assert!(refused("[screen]\nmethod = 'by_na'\nleast = 90").contains("least is 90"));
        assert!(refused("colour = 'red'").contains("colour"));
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let text =
            format!("[[indicator]]\nid = 'a'\nparent = 'top'\n[[aggregate]]\nid = 'top'\n{STEPS}");
        let model = LabModel::parse(&text).unwrap();
        assert_eq!(
            (model.indicator[0].weight, model.indicator[0].direction, model.aggregation.least),
            (1.0, 1, 0.0)
        );
        assert_eq!(model.tree().unwrap().height(), 1);
    }
}
