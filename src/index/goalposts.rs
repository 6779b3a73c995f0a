//! The `[frozen]` part of a model file: goalposts and priors, dated, as they were estimated.

use std::collections::BTreeMap;
use std::fmt::Write;

use methods::index::posterior::Prior;
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
    /// Column of the register that it was held against; none where it is held against cases, and
    /// where an older version froze it.
    #[serde(default)]
    pub exposure: Option<String>,
    /// Areas with a figure in the reference months; none where an older version froze it.
    #[serde(default)]
    pub areas: Option<usize>,
}

impl FrozenIndicator {
    /// Whether figures can be placed between the goalposts.
    pub fn is_scale(&self) -> bool {
        self.low < self.high
    }
}

/// Line that opens the part of a model file which the engine writes.
const MARK: &str = "# Estimated by the engine on the reference months named in each line, and kept, so that a new month never changes an old score.";

impl Frozen {
    /// The text of a model file with this as its frozen part, in place of the present one, and with
    /// what was frozen earlier, the latest first.
    pub fn written_into(&self, model: &str, earlier: &[Frozen]) -> String {
        let own = model.find(MARK).map_or(model, |at| &model[..at]);
        let mut text = format!("{}\n\n{}", own.trim_end(), self.to_toml());
        if !earlier.is_empty() {
            text += "\n# What was frozen earlier, the latest first; nothing is scored by it.\n";
        }
        for frozen in earlier {
            let _ = writeln!(text, "[[earlier]]\nas_of = \"{}\"\n", frozen.as_of);
            frozen.add_indicators(&mut text, "earlier");
        }
        text
    }

    fn to_toml(&self) -> String {
        let mut text = format!(
            "{MARK}\n# low, high: goalposts; prior: mean, and how much exposure (or how many cases) of \
             evidence it is worth; exposure: what it is held against; areas: how many had a figure.\n",
        );
        let _ = writeln!(text, "[frozen]\nas_of = \"{}\"\n", self.as_of);
        self.add_indicators(&mut text, "frozen");
        text
    }

    /// One line an indicator, under a table of this name.
    fn add_indicators(&self, text: &mut String, table: &str) {
        let _ = writeln!(text, "[{table}.indicator]");
        for (node, f) in &self.indicator {
            let prior = f.prior.map_or(String::new(), |p| {
                format!(", prior = {{ mean = {:?}, strength = {:?} }}", p.mean, p.strength)
            });
            let exposure =
                f.exposure.as_ref().map_or(String::new(), |e| format!(", exposure = \"{e}\""));
            let areas = f.areas.map_or(String::new(), |n| format!(", areas = {n}"));
            let _ = writeln!(
                text,
                "\"{node}\" = {{ from = \"{}\", to = \"{}\", low = {:?}, high = {:?}{prior}{exposure}{areas} }}",
                f.from, f.to, f.low, f.high
            );
        }
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
            exposure: Some("vehicles".into()),
            areas: Some(16),
        };
        let frozen = Frozen {
            as_of: "2026-01-31".into(),
            indicator: BTreeMap::from([("traffic.crashes".to_owned(), indicator)]),
        };
        #[derive(Deserialize)]
        struct File {
            frozen: Frozen,
            #[serde(default)]
            earlier: Vec<Frozen>,
        }
        let first: File = toml::from_str(&frozen.written_into("", &[])).unwrap();
        assert_eq!((&first.frozen, first.earlier.len()), (&frozen, 0));
        let before =
            ["2025-01-31", "2024-01-31"].map(|d| Frozen { as_of: d.into(), ..frozen.clone() });
        let text = frozen.written_into(&frozen.written_into("", &before[1..]), &before);
        let read: File = toml::from_str(&text).unwrap();
        assert_eq!((read.frozen, read.earlier.as_slice()), (frozen, &before[..]));
    }
}
