//! The `[frozen]` part of a model file: goalposts and priors, dated, as they were estimated.

use std::collections::BTreeMap;
use std::fmt::Write;

use methods::index::shrink::Prior;
use serde::{Deserialize, Serialize};

/// The `[frozen]` part of a model.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// As of when they were estimated.
    pub as_of: String,
    /// By node, `domain.indicator`.
    #[serde(default)]
    pub indicator: BTreeMap<String, FrozenIndicator>,
}

/// Goalposts and prior of one indicator.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenIndicator {
    /// First reference month.
    pub from: String,
    /// Last reference month.
    pub to: String,
    /// Lower goalpost, on the scale of the figure that is normalised.
    pub low: f64,
    /// Upper goalpost.
    pub high: f64,
    /// Prior of the shrinkage; none where the indicator is not shrunk.
    #[serde(default)]
    pub prior: Option<Prior>,
}

/// Line that opens the part of a model file which the engine writes.
const MARK: &str = "# Estimated by the engine on the reference months named in each line, and kept, so that a new month never changes an old score.";

impl Frozen {
    /// The text of a model file with this as its frozen part, in place of an earlier one.
    pub fn written_into(&self, model: &str) -> String {
        let own = model.find(MARK).map_or(model, |at| &model[..at]);
        format!("{}\n\n{}", own.trim_end(), self.to_toml())
    }

    fn to_toml(&self) -> String {
        let mut text = format!(
            "{MARK}\n# low, high: goalposts (equal: townships did not differ, so it is not scored); \
             prior: mean, and how much exposure (or how many cases) of evidence it is worth.\n",
        );
        let _ = writeln!(text, "[frozen]\nas_of = \"{}\"\n\n[frozen.indicator]", self.as_of);
        for (node, f) in &self.indicator {
            let prior = f.prior.map_or(String::new(), |p| {
                format!(", prior = {{ mean = {:?}, strength = {:?} }}", p.mean, p.strength)
            });
            let _ = writeln!(
                text,
                "\"{node}\" = {{ from = \"{}\", to = \"{}\", low = {:?}, high = {:?}{prior} }}",
                f.from, f.to, f.low, f.high
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frozen_reads_back_as_it_was() {
        let indicator = FrozenIndicator {
            from: "2023-01".into(),
            to: "2024-12".into(),
            low: 0.1 + 0.2,
            high: 1e-12,
            prior: Some(Prior { mean: 1.0 / 3.0, strength: f64::INFINITY }),
        };
        let frozen = Frozen {
            as_of: "2026-01-31".into(),
            indicator: BTreeMap::from([("traffic.crashes".to_owned(), indicator)]),
        };
        #[derive(Deserialize)]
        struct File {
            frozen: Frozen,
        }
        let read: File = toml::from_str(&frozen.to_toml()).unwrap();
        assert_eq!(read.frozen, frozen);
    }
}
