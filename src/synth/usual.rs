//! What ordinary events are drawn from: the yardstick of a detector is what one finds who knows it.

use chrono::NaiveDate;

use super::rates::{RHYTHMS, Rates};

/// Means and spread of a simulated county's ordinary events.
#[derive(Clone, Debug)]
pub struct Usual {
    /// First day of the span.
    from: NaiveDate,
    rates: Vec<Rates>,
    /// Ordinary events of each domain over those that its rates add up to.
    share: Vec<f64>,
}

impl Usual {
    /// Of a span that begins on a day, its domains' rates with what they add up to, and the
    /// ordinary events that were drawn of each domain.
    pub(super) fn new(
        from: NaiveDate,
        rates: Vec<Rates>,
        planned: &[f64],
        drawn: &[usize],
    ) -> Usual {
        let share = drawn.iter().zip(planned).map(|(drawn, all)| *drawn as f64 / all).collect();
        Usual { from, rates, share }
    }

    /// Expected events of a category in the township at a position, on a day of the span; 0 of what
    /// is not simulated.
    pub fn expected(&self, domain: &str, category: &str, township: usize, day: NaiveDate) -> f64 {
        let Some(rates) = self.rates.iter().find(|r| RHYTHMS[r.domain].id == domain) else {
            return 0.0;
        };
        let day = usize::try_from((day - self.from).num_days()).ok();
        match RHYTHMS[rates.domain].category(category).zip(day) {
            Some((category, day)) => {
                self.share[rates.domain] * rates.expected(category, township, day)
            }
            None => 0.0,
        }
    }

    /// Shape of the gamma effect that all categories of a domain share on one day in one township:
    /// a day's count of mean μ has the variance μ + μ²/shape.
    pub fn shape(domain: &str) -> f64 {
        RHYTHMS.iter().find(|r| r.id == domain).map_or(f64::INFINITY, |r| r.shape)
    }
}
