//! Learned weights as a model file.

use super::elements::{Element, Weighed};

/// Learned weights and where they come from.
pub struct Learned<'a> {
    /// One an element, in their order, summing to one.
    pub weights: &'a [f64],
    /// The last origin at which they were learned.
    pub origin: &'a str,
    /// What they are to foresee.
    pub target: &'a str,
    pub command: &'a str,
}

/// The text of a model with learned weights in the place of its own, in hundredths; all else stays
/// as it is, but for what was frozen: that is estimated anew. A comment says where they come from.
pub fn learned_model(text: &str, elements: &[Element], weighed: Weighed, by: &Learned) -> String {
    let mut written = format!(
        "# Weights learned by `{}` at the end of {} from what was known then, to rank areas by: {}.\n\
         # The night does not score by this file: it is there to be looked at, and to be backtested.\n\n",
        by.command, by.origin, by.target
    );
    let weight_of = |name: &str, is: fn(&str, &str) -> bool| -> f64 {
        let of = elements.iter().zip(by.weights).filter(|(e, _)| is(&e.name, name));
        of.map(|(_, weight)| weight).sum()
    };
    let of_domain: fn(&str, &str) -> bool =
        |element, domain| element == domain || element.split('.').next() == Some(domain);
    let (mut table, mut domain, mut id) = (String::new(), String::new(), String::new());
    for line in text.lines() {
        if line.starts_with("[frozen") || line.starts_with("[[earlier") {
            break;
        }
        if line.starts_with('[') {
            line.trim_end().clone_into(&mut table);
        }
        let key = line.split_once('=').map_or("", |(key, _)| key.trim());
        if key == "id" {
            let value = line.split('"').nth(1).unwrap_or_default();
            match table.as_str() {
                "[[domain]]" => value.clone_into(&mut domain),
                "[[domain.indicator]]" => id = format!("{domain}.{value}"),
                _ => {}
            }
        }
        let weight = match (key, table.as_str()) {
            ("weight", "[[domain]]") => Some(weight_of(&domain, of_domain)),
            ("weight", "[[domain.indicator]]") if weighed == Weighed::Indicators => {
                Some(weight_of(&id, |element, name| element == name))
            }
            _ => None,
        };
        match weight {
            Some(weight) => written += &format!("weight = {:.4}\n", 100.0 * weight),
            None => written += &format!("{line}\n"),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::elements::elements;
    use super::*;
    use crate::index::Model;

    #[test]
    fn the_file_is_a_model_with_the_learned_weights() {
        let text = include_str!("../../../models/index.toml");
        let model = Model::parse(Path::new("m"), text).unwrap();
        for weighed in [Weighed::Domains, Weighed::Indicators] {
            let all = elements(&model, weighed);
            let sum = (1..=all.len()).sum::<usize>() as f64;
            let weights: Vec<f64> = (1..=all.len()).map(|n| n as f64 / sum).collect();
            let by = Learned { weights: &weights, origin: "2025-12", target: "x", command: "y" };
            let written = learned_model(text, &all, weighed, &by);
            let learned = Model::parse(Path::new("m"), &written).unwrap();
            for (element, weight) in elements(&learned, weighed).iter().zip(&weights) {
                assert!((element.weight - weight).abs() < 1e-5, "{element:?}, {weight}");
            }
            assert_eq!(learned.veto.len(), model.veto.len());
        }
    }
}
