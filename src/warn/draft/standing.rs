//! The index as a letter writes it.

use super::figures;
use super::words::{Placeholders, Words};
use crate::warn::facts::Standing;

/// The index's figures as they are written.
pub(super) struct IndexText {
    pub month: String,
    pub score: String,
    /// In points, or in words where there is nothing to compare with.
    pub month_on_month: String,
    pub year_on_year: String,
    pub rank: String,
    pub of: String,
    /// The ends of the rank's interval, where it is more than one place.
    pub ranks: Option<String>,
    pub band: Option<String>,
}

/// Writes the figures of a standing.
pub(super) fn index_text(standing: &Standing, words: &Words) -> IndexText {
    IndexText {
        month: figures::month(&standing.period),
        score: figures::decimal(standing.score),
        month_on_month: moved(standing.month_on_month, "环比", "上月", words),
        year_on_year: moved(standing.year_on_year, "同比", "上年同期", words),
        rank: standing.rank.to_string(),
        of: standing.of.to_string(),
        ranks: (standing.rank_lo != standing.rank_hi)
            .then(|| format!("第{}至第{}位", standing.rank_lo, standing.rank_hi)),
        band: standing.band.clone(),
    }
}

/// By how many points the index moved.
fn moved(delta: Option<f64>, term: &str, than: &str, words: &Words) -> String {
    let Some(delta) = delta else {
        let placeholders = Placeholders::from([
            ("term", Some(term.to_owned())),
            ("than", Some(than.to_owned())),
            ("then", None),
            ("percent", None),
        ]);
        return words.fill("", "not_known", &placeholders);
    };
    let points = figures::decimal(delta.abs());
    let template = if points == "0.0" {
        "points_same"
    } else {
        ["points_down", "points_up"][usize::from(delta > 0.0)]
    };
    words.fill(
        "",
        template,
        &Placeholders::from([("term", Some(term.to_owned())), ("points", Some(points))]),
    )
}

impl IndexText {
    /// All of it in one line, for the annex.
    pub(super) fn in_short(&self) -> String {
        let IndexText { month, score, month_on_month, year_on_year, rank, of, .. } = self;
        let ranks = self.ranks.as_ref().map_or(String::new(), |r| format!("（90%区间为{r}）"));
        let band = self.band.as_ref().map_or(String::new(), |band| format!("，等级“{band}”"));
        format!(
            "{month}{score}分，{month_on_month}，{year_on_year}，{of}个乡镇（街道）中第{rank}位{ranks}{band}"
        )
    }

    pub(super) fn sentence(&self, kind: &str, you: &str, whole: &str, words: &Words) -> String {
        let known = |text: &str| Some(text.to_owned());
        let placeholders = Placeholders::from([
            ("month", known(&self.month)),
            ("you", known(you)),
            ("whole", known(whole)),
            ("score", known(&self.score)),
            ("month_on_month", known(&self.month_on_month)),
            ("year_on_year", known(&self.year_on_year)),
            ("rank", known(&self.rank)),
            ("of", known(&self.of)),
            ("ranks", self.ranks.clone()),
            ("band", self.band.clone()),
        ]);
        words.fill(kind, "index", &placeholders)
    }
}

/// Points of a part of the index's change, with a true minus sign.
pub(super) fn points(delta: f64) -> String {
    let written = figures::decimal(delta);
    written.strip_prefix('-').map_or(written.clone(), |digits| format!("−{digits}"))
}
