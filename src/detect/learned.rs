//! The house model of every watched series, fitted once a night; series borrow strength within
//! their domain.

use std::collections::BTreeMap;

use super::settings::Settings;
use super::watch::{Key, Watched};
use methods::Flaw;
use methods::detect::house::{Design, Fitted, Reported, Rule, SharedModel};

/// Weeks of a year.
const WEEKS: usize = 52;

/// Models of all series that are watched.
pub struct Learned<'a> {
    pub watched: &'a Watched,
    pub rule: Rule,
    pub design: Design,
    /// Exposure: share of each week's days that were delivered, by domain.
    exposure: BTreeMap<&'a str, Vec<f64>>,
    pub series: Vec<Model<'a>>,
}

/// One series and its fitted model.
pub struct Model<'a> {
    pub key: &'a Key,
    /// Weeks that are missing are NaN.
    pub counts: Vec<f64>,
    /// `None` where its history is too short or empty.
    pub fitted: Option<Fitted>,
}

impl<'a> Learned<'a> {
    /// Fits the weeks before those that the house detector judges: each series first under a weak
    /// prior, then under the prior that the series of its category and of its domain suggest.
    ///
    /// # Errors
    /// A [`Flaw`] where the settings make no model.
    pub fn new(watched: &'a Watched, settings: &Settings) -> Result<Learned<'a>, Flaw> {
        let rule = settings.spikes.rule(WEEKS)?;
        let columns = settings.spikes.regressors(&watched.weeks.starts());
        let design = Design::new(watched.weeks.count, WEEKS, settings.spikes.harmonics, &columns)?;
        let exposure = watched
            .covered
            .iter()
            .map(|(d, covered)| (*d, covered.iter().map(|share| share.max(1e-9)).collect()))
            .collect();
        let mut learned = Learned { watched, rule, design, exposure, series: Vec::new() };
        for (domain, covered) in &watched.covered {
            let of_domain = watched.series.iter().filter(|(key, _)| key.domain == *domain);
            let models = of_domain
                .map(|(key, counts)| Model { key, counts: masked(counts, covered), fitted: None })
                .collect();
            let models = learned.domain(domain, models);
            learned.series.extend(models);
        }
        Ok(learned)
    }

    /// Design, exposure and reporting shares that the series of a domain have in common; `reported`
    /// is the share of its last weeks that is known.
    pub fn shared<'b>(&'b self, domain: &str, reported: &'b [Reported]) -> SharedModel<'b> {
        SharedModel {
            rule: &self.rule,
            design: &self.design,
            exposure: self.exposure.get(domain).map_or(&[], Vec::as_slice),
            reported,
            at: self.design.length().saturating_sub(1),
            a_year: WEEKS,
        }
    }

    fn domain(&self, domain: &str, mut models: Vec<Model<'a>>) -> Vec<Model<'a>> {
        let shared = self.shared(domain, &[]);
        models.sort_by_key(|model| model.key.category.as_str());
        let mut groups = Vec::new();
        for (at, model) in models.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .map(|before| (models[before].key.category.as_str(), groups[before]));
            groups.push(before.map_or(0, |(category, group): (&str, usize)| {
                group + usize::from(category != model.key.category)
            }));
        }
        let priors = shared.priors(&groups, |at| &models[at].counts);
        let mut fitted = Vec::with_capacity(models.len());
        for (of_category, prior) in
            models.chunk_by(|a, b| a.key.category == b.key.category).zip(&priors)
        {
            fitted.extend(
                shared.fit(&of_category.iter().map(|m| &m.counts).collect::<Vec<_>>(), prior),
            );
        }
        models.iter_mut().zip(fitted).for_each(|(model, fitted)| model.fitted = fitted);
        models
    }
}

/// A week of which fewer than four days count is missing.
fn masked(counts: &[f64], covered: &[f64]) -> Vec<f64> {
    counts.iter().zip(covered).map(|(n, share)| if *share > 0.5 { *n } else { f64::NAN }).collect()
}
