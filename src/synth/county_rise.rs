//! A rise of one category in all townships.

use std::str::FromStr;

use chrono::NaiveDate;
use lake::schema::{DOMAINS, Domain};
use lake::{Error, Result};

use super::rates::RHYTHMS;

/// From a day on, a category's events come at `ratio` times the usual in every township.
#[derive(Clone, Debug)]
pub struct CountyRise {
    pub domain: &'static Domain,
    pub category: String,
    pub from: NaiveDate,
    /// Times the usual; above 1.
    pub ratio: f64,
}

impl FromStr for CountyRise {
    type Err = Error;

    /// Reads `disputes/wage_arrears@2026-01-01=1.5`.
    fn from_str(text: &str) -> Result<CountyRise> {
        let wrong = |what: String| Error::usage(what, "write DOMAIN/CATEGORY@DATE=RATIO");
        let (series, rest) = text
            .split_once('@')
            .ok_or_else(|| wrong(format!("\"{text}\" names no day on which it begins")))?;
        let (day, ratio) = rest
            .split_once('=')
            .ok_or_else(|| wrong(format!("\"{text}\" says not by how much it rises")))?;
        let (id, category) =
            series.split_once('/').ok_or_else(|| wrong(format!("\"{text}\" names no category")))?;
        let domain = Domain::find(id).ok_or_else(|| {
            let known: Vec<&str> = DOMAINS.iter().map(|d| d.id).collect();
            Error::usage(format!("there is no domain {id}"), format!("give {}", known.join(", ")))
        })?;
        let rhythm = RHYTHMS.iter().find(|r| r.id == id);
        if rhythm.is_none_or(|r| r.category(category).is_none()) {
            let known: Vec<&str> =
                rhythm.map_or(Vec::new(), |r| r.categories.iter().map(|c| c.code).collect());
            let fix = format!("give {}", known.join(", "));
            return Err(Error::usage(format!("{id} has no category {category}"), fix));
        }
        let ratio = ratio.parse().ok().filter(|ratio: &f64| ratio.is_finite() && *ratio > 1.0);
        Ok(CountyRise {
            domain,
            category: category.to_owned(),
            from: day.parse().map_err(|_| wrong(format!("\"{day}\" is no day")))?,
            ratio: ratio.ok_or_else(|| wrong(format!("\"{rest}\" is no rise")))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_read_and_what_is_wrong_is_named() {
        let rise: CountyRise = "disputes/wage_arrears@2026-01-01=1.5".parse().unwrap();
        assert_eq!(
            (rise.domain.id, rise.category.as_str(), rise.ratio),
            ("disputes", "wage_arrears", 1.5)
        );
        for (text, what) in [
            ("disputes/wage_arrears=1.5", "no day"),
            ("disputes/wage_arrears@2026-01-01", "by how much"),
            ("disputes@2026-01-01=1.5", "no category"),
            ("dispute/wage_arrears@2026-01-01=1.5", "no domain dispute"),
            ("disputes/wages@2026-01-01=1.5", "no category wages"),
            ("disputes/neighbour@January=1.5", "\"January\" is no day"),
            ("disputes/neighbour@2026-01-01=1", "no rise"),
            ("disputes/neighbour@2026-01-01=much", "no rise"),
        ] {
            let error = text.parse::<CountyRise>().unwrap_err().to_string();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
