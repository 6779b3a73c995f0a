//! What every watched series is usually like: the house model of each, strength borrowed within its domain. Once a night, for all that ask for it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::house::{Counts, Design, Fitted, Prior, Rule, pool_groups};
use super::settings::Settings;
use super::watch::{Key, Watched};
use crate::method::Flaw;

/// Weeks of a year.
const WEEKS: usize = 52;

/// Models of all series that are watched.
pub struct Learned<'a> {
    pub watched: &'a Watched,
    pub rule: Rule,
    pub design: Design,
    /// Share of each week that counts, by domain; what counts are held against.
    exposure: BTreeMap<&'a str, Vec<f64>>,
    pub series: Vec<Model<'a>>,
}

/// One series and what was learned of it.
pub struct Model<'a> {
    pub key: &'a Key,
    /// Weeks that are missing are NaN.
    pub counts: Vec<f64>,
    /// `None` where its history tells nothing.
    pub fitted: Option<Fitted>,
}

impl<'a> Learned<'a> {
    /// Learns from the weeks before those that the house detector judges: each series first with a weak prior, then with what the series of its
    /// category and of its domain suggest.
    ///
    /// # Errors
    /// A [`Flaw`] where the settings make no model.
    pub fn new(watched: &'a Watched, settings: &Settings) -> Result<Learned<'a>, Flaw> {
        let rule = settings.spikes.rule(WEEKS)?;
        let columns = settings.spikes.columns(&watched.weeks.starts());
        let design = Design::new(watched.weeks.count, WEEKS, settings.spikes.harmonics, &columns)?;
        let exposure = watched.covered.iter().map(|(d, covered)| (*d, covered.iter().map(|share| share.max(1e-9)).collect())).collect();
        let mut learned = Learned { watched, rule, design, exposure, series: Vec::new() };
        for (domain, covered) in &watched.covered {
            let of_domain = watched.series.iter().filter(|(key, _)| key.domain == *domain);
            let models = of_domain.map(|(key, counts)| Model { key, counts: masked(counts, covered), fitted: None }).collect();
            let models = learned.domain(models);
            learned.series.extend(models);
        }
        Ok(learned)
    }

    /// Counts of a series with what they are held against.
    pub fn counts<'b>(&'b self, model: &'b Model) -> Counts<'b> {
        Counts { observed: &model.counts, exposure: self.exposure.get(model.key.domain.as_str()).map(Vec::as_slice) }
    }

    fn domain(&self, mut models: Vec<Model<'a>>) -> Vec<Model<'a>> {
        let at = self.design.length().saturating_sub(1);
        let weak = Prior::weak(&self.design);
        let learn = |model: &Model, prior: &Prior| self.rule.learn(&self.design, &self.counts(model), at, prior).ok();
        let first: Vec<Option<Fitted>> = models.par_iter().map(|model| learn(model, &weak)).collect();
        let mut groups: BTreeMap<&str, Vec<&Fitted>> = BTreeMap::new();
        for (model, fitted) in models.iter().zip(&first) {
            groups.entry(&model.key.category).or_default().extend(fitted);
        }
        let priors = pool_groups(&groups.values().cloned().collect::<Vec<_>>(), &weak);
        let priors: BTreeMap<&str, Prior> = groups.into_keys().zip(priors).collect();
        let second = models.par_iter().map(|model| learn(model, priors.get(model.key.category.as_str()).unwrap_or(&weak))).collect();
        let second: Vec<Option<Fitted>> = second;
        models.iter_mut().zip(second).for_each(|(model, fitted)| model.fitted = fitted);
        models
    }
}

/// A week of which fewer than four days count is missing.
fn masked(counts: &[f64], covered: &[f64]) -> Vec<f64> {
    counts.iter().zip(covered).map(|(n, share)| if *share > 0.5 { *n } else { f64::NAN }).collect()
}
