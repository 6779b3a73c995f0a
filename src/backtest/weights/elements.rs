//! What is weighed in a backtest: the domains of a model, or its indicators.

use crate::index::Model;

/// Which scores are weighed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weighed {
    Domains,
    /// All indicators side by side, whatever domain they are of.
    Indicators,
}

/// One that is weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The domain, or `domain.indicator`.
    pub name: String,
    /// Its share in the model's index where everything is known.
    pub weight: f64,
}

/// They, in the order of the scores.
pub fn elements(model: &Model, weighed: Weighed) -> Vec<Element> {
    let all: f64 = model.domain.iter().map(|d| d.weight).sum();
    match weighed {
        Weighed::Domains => model
            .domain
            .iter()
            .map(|d| Element { name: d.id.clone(), weight: d.weight / all })
            .collect(),
        Weighed::Indicators => model
            .indicators()
            .map(|(domain, indicator, name)| {
                let within: f64 = domain.indicator.iter().map(|i| i.weight).sum();
                let share = if within > 0.0 { indicator.weight / within } else { 0.0 };
                Element { name, weight: domain.weight / all * share }
            })
            .collect(),
    }
}
