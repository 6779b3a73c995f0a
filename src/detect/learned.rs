//! The house model of every watched series, fitted twice a night; series borrow strength within
//! their domain.

use std::collections::BTreeMap;

use super::settings::Settings;
use super::watch::{Key, Watched};
use methods::Flaw;
use methods::detect::house::{
    Design, Fitted, LONGEST, Prior, Reported, Rise, Rule, SharedModel, Window, rise,
};

/// Weeks of a year.
const WEEKS: usize = 52;
/// A window may take so many parts of the history.
const PARTS: usize = 3;

/// Models of all series that are watched.
pub struct Learned<'a> {
    pub watched: &'a Watched,
    pub rule: Rule,
    pub design: Design,
    /// Exposure: share of each week's days that were delivered, by domain.
    exposure: BTreeMap<&'a str, Vec<f64>>,
    pub series: Vec<Model<'a>>,
}

/// One series and its fitted models.
pub struct Model<'a> {
    pub key: &'a Key,
    /// Weeks that are missing are NaN.
    pub counts: Vec<f64>,
    /// Of all weeks but those of the short windows, which a level that fell some weeks ago must not
    /// hide; `None` where the history is too short or empty.
    pub recent: Option<Fitted>,
    /// Of all weeks but those of the longest window, so that no rise is taken for what is usual.
    pub earlier: Option<Earlier>,
}

/// What was learned from before the longest window.
pub struct Earlier {
    /// Weeks of that window.
    pub longest: usize,
    pub fitted: Fitted,
}

impl Model<'_> {
    /// Takes in how much the Spring Festival of its category varies from year to year.
    fn set_festival_sd(&mut self, sd: f64) {
        let earlier = self.earlier.as_mut().map(|earlier| &mut earlier.fitted);
        self.recent.iter_mut().chain(earlier).for_each(|fitted| fitted.festival_sd = sd);
    }

    /// Weeks of the window up to which the last weeks are judged by `recent`, and the longer by
    /// `earlier`.
    fn split(&self, rule: &Rule) -> (usize, usize) {
        let longest = self.earlier.as_ref().map_or(0, |earlier| earlier.longest);
        (rule.windows, longest.max(rule.windows))
    }
}

impl<'a> Learned<'a> {
    /// Fits the weeks before those that are judged: each series first under a weak prior, then
    /// under the prior that the series of its category and of its domain suggest.
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
        let mut series = watched.delivered();
        series.sort_by_key(|(key, _)| (&key.domain, &key.category));
        let mut models: Vec<Model> = series
            .into_iter()
            .map(|(key, counts)| Model { key, counts, recent: None, earlier: None })
            .collect();
        for models in models.chunk_by_mut(|a, b| a.key.domain == b.key.domain) {
            learned.domain(models);
        }
        learned.series = models;
        Ok(learned)
    }

    /// Design, exposure and reporting shares that the series of a domain have in common; `reported`
    /// is the share of its last weeks that is known.
    pub fn shared<'b>(&'b self, domain: &str, reported: &'b [Reported]) -> SharedModel<'b> {
        self.under(&self.rule, domain, reported)
    }

    /// The rise that some windows tell of, if there is one.
    pub fn rise(&self, windows: &[Window]) -> Option<Rise> {
        rise(windows, self.rule.min_cases)
    }

    /// Those of some windows that are judged by what all weeks before them say.
    pub fn short<'b>(&self, windows: &'b [Window]) -> &'b [Window] {
        &windows[..windows.len().min(self.rule.windows)]
    }

    /// The windows that end so many weeks before the last one: none of them where that week is
    /// missing, and none that begins before the longest one does.
    pub fn windows(&self, model: &Model, reported: &[Reported], back: usize) -> Vec<Window> {
        let ends = self.design.length().checked_sub(back + 1);
        let present = ends.and_then(|at| model.counts.get(at)).is_some_and(|n| !n.is_nan());
        let Some(recent) = model.recent.as_ref().filter(|_| present) else { return Vec::new() };
        let shared = self.shared(&model.key.domain, reported);
        let (short, longest) = model.split(&self.rule);
        let mut windows = shared.windows(&model.counts, recent, back, 1..=short);
        if let Some(earlier) = model.earlier.as_ref().filter(|_| short + back < longest) {
            let lengths = short + 1..=longest - back;
            windows.extend(shared.windows(&model.counts, &earlier.fitted, back, lengths));
        }
        windows
    }

    fn under<'b>(
        &'b self,
        rule: &'b Rule,
        domain: &str,
        reported: &'b [Reported],
    ) -> SharedModel<'b> {
        SharedModel {
            rule,
            design: &self.design,
            exposure: self.exposure.get(domain).map_or(&[], Vec::as_slice),
            reported,
            at: self.design.length().saturating_sub(1),
            a_year: WEEKS,
        }
    }

    /// Fits the models of a domain, which are in order of their categories.
    fn domain(&self, models: &mut [Model<'a>]) {
        let Some(domain) = models.first().map(|model| model.key.domain.as_str()) else { return };
        let longest = self.longest(domain);
        let before = Rule { left_out: longest - 1, ..self.rule.clone() };
        let long = self.under(&before, domain, &[]);
        let priors = long.priors(&categories(models), |at| &models[at].counts);
        let of_category = models.chunk_by_mut(|a, b| a.key.category == b.key.category);
        for (models, prior) in of_category.zip(&priors) {
            let fit = |shared: &SharedModel, prior: &Prior| {
                shared.fit(&models.iter().map(|m| &m.counts).collect::<Vec<_>>(), prior)
            };
            let recent = fit(&self.shared(domain, &[]), prior);
            let earlier = if longest > self.rule.windows { fit(&long, prior) } else { Vec::new() };
            models.iter_mut().zip(recent).for_each(|(model, fitted)| model.recent = fitted);
            for (model, fitted) in models.iter_mut().zip(earlier) {
                model.earlier = fitted.map(|fitted| Earlier { longest, fitted });
            }
            let of_category = models.iter().map(|m| (m.counts.as_slice(), m.recent.as_ref()));
            let festival_sd = self.shared(domain, &[]).festival_sd(of_category);
            models.iter_mut().for_each(|model| model.set_festival_sd(festival_sd));
        }
    }

    /// Weeks of the longest window of a domain: a young one has more history than window.
    fn longest(&self, domain: &str) -> usize {
        let known = self.watched.known_weeks(domain).filter(|known| *known).count();
        (known / PARTS).clamp(self.rule.windows, LONGEST)
    }
}

/// The number of each model's category, of models in order of their categories.
fn categories(models: &[Model]) -> Vec<usize> {
    let groups = models.chunk_by(|a, b| a.key.category == b.key.category).enumerate();
    groups.flat_map(|(group, models)| vec![group; models.len()]).collect()
}
