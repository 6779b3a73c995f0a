//! One series that rose: its figures as they are written, and the sentences around them.

use chrono::{Days, NaiveDate};

use super::figures;
use super::words::{Placeholders, Words};
use crate::detect::{Detail, FalseDiscoveryRate, Kind};
use crate::warn::facts::Rise;
use crate::warn::timing::Timing;
use crate::warn::warning::Evidence;

/// Cases a week from which on weeks are held against what was expected.
const CASES_A_WEEK: f64 = 3.0;
/// Days of the year that the trend test adds up: thirteen times four weeks.
const YEAR: u64 = 364;

/// The findings on one series, in words.
pub(super) struct Series<'a> {
    pub name: String,
    pub domain: &'a str,
    pub category: &'a str,
    pub findings: Vec<FindingText<'a>>,
}

/// One finding, and its figures as they are written.
pub(super) struct FindingText<'a> {
    pub evidence: &'a Evidence,
    /// Whether its own test says that the rise is one.
    pub clear: bool,
    pub observed: Option<String>,
    pub expected: Option<String>,
    pub interval: Option<String>,
    /// More than expected, where that is above zero.
    pub excess: Option<String>,
    /// Against the weeks before, and the same weeks of last year, with the term 环比 or 同比.
    pub before: String,
    pub last_year: String,
    pub weeks: Option<String>,
    /// Weeks of history, where they are too few for more than an explosion.
    pub history: Option<String>,
    pub rank: Option<(String, String)>,
    pub levels: Option<(String, String)>,
    pub areas: Option<String>,
    /// When its cases fell.
    pub timing: Option<TimingText>,
}

/// When the cases of a finding fell, as it is written.
pub(super) enum TimingText {
    /// How many, where not all, from which day to which.
    Burst(Option<String>, NaiveDate, NaiveDate),
    Spread(String),
}

/// In which order the findings on one series are written.
const ORDER: [Kind; 5] = [Kind::Veto, Kind::Spike, Kind::Change, Kind::Trend, Kind::Cluster];

/// Findings by series: those that are clearly up first, then by what is beyond expectation; all
/// categories together after the categories. A spike is clear within `rate`.
pub(super) fn series<'a>(
    risen: &'a [Rise],
    words: &Words,
    rate: FalseDiscoveryRate,
) -> Vec<Series<'a>> {
    let mut found: Vec<Series> = Vec::new();
    for rise in risen {
        let evidence = &rise.evidence;
        let finding = FindingText {
            timing: rise.timing.as_ref().and_then(|t| timing_text(t, evidence, words)),
            ..finding_text(evidence, words, rate)
        };
        let same = |s: &&mut Series| {
            s.domain == evidence.domain
                && s.category == evidence.category
                && evidence.kind() != Kind::Veto
                && !s.has(Kind::Veto)
        };
        match found.iter_mut().find(same) {
            Some(series) => series.findings.push(finding),
            None => {
                let name = if evidence.kind() == Kind::Veto {
                    rise.label.clone()
                } else {
                    words.series(&evidence.domain, &evidence.category, &rise.label)
                };
                found.push(Series {
                    name,
                    domain: &evidence.domain,
                    category: &evidence.category,
                    findings: vec![finding],
                });
            }
        }
    }
    for series in &mut found {
        series.findings.sort_by_key(|t| {
            ORDER.iter().position(|kind| *kind == t.evidence.kind()).unwrap_or(ORDER.len())
        });
    }
    let order = |s: &Series| {
        let excess = s.findings.iter().filter_map(|t| excess(t.evidence)).fold(0.0, f64::max);
        (!s.has(Kind::Veto), !s.is_clear(), s.category.is_empty(), excess)
    };
    found.sort_by(|a, b| {
        let (a, b) = (order(a), order(b));
        (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)).then(b.3.total_cmp(&a.3))
    });
    found
}

impl Series<'_> {
    /// Whether one of its findings is of a kind.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.findings.iter().any(|t| t.evidence.kind() == kind)
    }

    /// Whether the test of one of its findings says that the rise is one.
    pub(super) fn is_clear(&self) -> bool {
        self.findings.iter().any(|t| t.clear)
    }

    /// What is said of it, as one paragraph of at most so many characters, and whether that is all;
    /// the first finding is said in any case where it `must` be.
    pub(super) fn paragraph(
        &self,
        words: &Words,
        context: &Context,
        room: usize,
        must: bool,
    ) -> (String, bool) {
        let mut said =
            if self.has(Kind::Veto) { String::new() } else { format!("{}：", self.name) };
        let mut findings = 0;
        for finding in &self.findings {
            let sentence = finding.sentence(&self.name, words, context);
            let fits = said.chars().count() + sentence.chars().count() <= room;
            if !(fits || (must && findings == 0)) {
                break;
            }
            said += &sentence;
            findings += 1;
        }
        let said = if findings == 0 { String::new() } else { said };
        (said, findings == self.findings.len())
    }
}

/// What sentences need beside the finding.
pub(super) struct Context<'a> {
    pub kind: &'a str,
    pub area: &'a str,
    /// The area as it is addressed, or by its name where the letter goes to others.
    pub place: &'a str,
    /// 全市 or 全县.
    pub whole: &'a str,
    pub written: NaiveDate,
}

impl FindingText<'_> {
    fn sentence(&self, name: &str, words: &Words, context: &Context) -> String {
        let day = |date| Some(figures::day(date, context.written));
        let known = |text: &str| Some(text.to_owned());
        let first = if self.evidence.detail.is_over_years() {
            year_from(self.evidence.period_end)
        } else {
            self.evidence.period_start
        };
        let placeholders = Placeholders::from([
            ("name", known(name)),
            ("area", known(context.area)),
            // The placeholder is called `you`; in a letter to others it is the area.
            ("you", known(context.place)),
            ("whole", known(context.whole)),
            ("from", day(first)),
            ("to", day(self.evidence.period_end)),
            ("observed", self.observed.clone()),
            ("expected", self.expected.clone()),
            ("interval", self.interval.clone()),
            ("clear", self.clear.then(|| "1".to_owned())),
            ("before", known(&self.before)),
            ("last_year", known(&self.last_year)),
            ("weeks", self.weeks.clone()),
            ("history", self.history.clone()),
            ("rank", self.rank.as_ref().map(|r| r.0.clone())),
            ("of", self.rank.as_ref().map(|r| r.1.clone())),
            ("level_before", self.levels.as_ref().map(|l| l.0.clone())),
            ("level_after", self.levels.as_ref().map(|l| l.1.clone())),
            ("areas", self.areas.clone()),
            ("timing", self.timing.as_ref().map(|t| t.written(Some(context.written), words))),
        ]);
        words.fill(context.kind, self.evidence.kind().name(), &placeholders)
    }
}

impl TimingText {
    /// In words; days have their year where it is not the one it is `written` in.
    pub(super) fn written(&self, written: Option<NaiveDate>, words: &Words) -> String {
        let (cases, from, to) = match self {
            TimingText::Spread(said) => return said.clone(),
            TimingText::Burst(cases, from, to) => (cases, *from, *to),
        };
        let days = (to - from).num_days() + 1;
        let placeholders = Placeholders::from([
            ("cases", cases.clone()),
            ("dates", Some(figures::days(from, to, written))),
            ("days", (days > 1).then(|| days.to_string())),
        ]);
        words.fill("", "burst", &placeholders)
    }
}

/// Writes when the cases of a finding fell. Weeks are held against what was expected, where that is
/// known.
fn timing_text(timing: &Timing, evidence: &Evidence, words: &Words) -> Option<TimingText> {
    let unit = words.unit(&evidence.domain);
    let within = |cases: f64| evidence.observed.is_none_or(|all| cases <= all);
    if let Some(burst) = timing.burst.as_ref().filter(|burst| within(burst.cases)) {
        let part = evidence.observed != Some(burst.cases);
        let cases = part.then(|| format!("{}{unit}", figures::count(burst.cases)));
        return Some(TimingText::Burst(cases, burst.from, burst.to));
    }
    // A cluster is told by its days already.
    if evidence.kind() == Kind::Cluster {
        return None;
    }
    // Of few cases a week says nothing.
    let enough = CASES_A_WEEK * timing.weeks as f64;
    let known = evidence.expected.and(evidence.observed);
    let weeks = timing.weeks >= 2 && known.is_some_and(|n| n >= enough);
    let (template, n, of) = match weeks {
        true => ("spread_weeks", timing.above, timing.weeks),
        false => ("spread_days", timing.with_cases, timing.days),
    };
    let placeholders =
        Placeholders::from([("n", Some(n.to_string())), ("of", Some(of.to_string()))]);
    (n > 0).then(|| TimingText::Spread(words.fill("", template, &placeholders)))
}

fn year_from(end: NaiveDate) -> NaiveDate {
    end - Days::new(YEAR - 1)
}

/// More than expected; `None` where either is not known or there is no more.
fn excess(evidence: &Evidence) -> Option<f64> {
    Some(evidence.observed? - evidence.expected?).filter(|x| *x > 0.0)
}

/// Writes the figures of a finding.
fn finding_text<'a>(
    evidence: &'a Evidence,
    words: &Words,
    rate: FalseDiscoveryRate,
) -> FindingText<'a> {
    let unit = words.unit(&evidence.domain);
    let counted = |x: f64| format!("{}{unit}", figures::count(x));
    let against = |then: Option<f64>, term: &str, than: &str| {
        compare(evidence.observed.zip(then), term, than, unit, words)
    };
    let blank = FindingText {
        evidence,
        clear: false,
        observed: evidence.observed.map(counted),
        expected: evidence.expected.map(counted),
        interval: evidence
            .lower
            .zip(evidence.upper)
            .map(|(low, high)| format!("{}至{}", figures::count(low), counted(high))),
        excess: excess(evidence).map(counted),
        before: String::new(),
        last_year: String::new(),
        weeks: None,
        history: None,
        rank: None,
        levels: None,
        areas: None,
        timing: None,
    };
    match &evidence.detail {
        Detail::Spike(spike) => {
            let earlier = match spike.weeks {
                0 => "此前".to_owned(),
                weeks => format!("此前{weeks}周"),
            };
            // Of the county as a whole there is one.
            let ranked = spike.rank >= 1 && spike.of >= spike.rank && spike.of > 1;
            FindingText {
                clear: rate.admits(evidence.q),
                before: against(spike.weeks_before, "环比", &earlier),
                last_year: against(spike.same_weeks_last_year, "同比", "上年同期"),
                weeks: Some(spike.weeks_in_a_row).filter(|n| *n >= 2).map(|n| n.to_string()),
                history: spike.short_history.map(|n| n.to_string()),
                rank: ranked.then(|| (spike.rank.to_string(), spike.of.to_string())),
                ..blank
            }
        }
        Detail::Trend(trend) => match trend.weeks {
            Some(weeks) => FindingText {
                clear: true,
                last_year: against(trend.same_weeks_last_year, "同比", "上年同期"),
                weeks: Some(weeks.to_string()),
                ..blank
            },
            None => FindingText {
                clear: true,
                last_year: against(evidence.expected, "同比", "上一年"),
                ..blank
            },
        },
        Detail::Change(change) => {
            let level = |level: f64| format!("{}{unit}", figures::decimal(level));
            let levels = change.level_before.zip(change.level_after);
            FindingText { clear: true, levels: levels.map(|(b, a)| (level(b), level(a))), ..blank }
        }
        Detail::Cluster(cluster) => FindingText {
            areas: cluster.area_names.as_ref().map(|names| names.join("、")),
            ..blank
        },
        _ => blank,
    }
}

/// A figure against an earlier one: in per cent, or in words where that is zero or not known.
fn compare(pair: Option<(f64, f64)>, term: &str, than: &str, unit: &str, words: &Words) -> String {
    let known = |text: String| Some(text);
    let mut placeholders = Placeholders::from([
        ("term", known(term.to_owned())),
        ("than", known(than.to_owned())),
        ("then", None),
        ("percent", None),
    ]);
    let Some((now, then)) = pair else { return words.fill("", "not_known", &placeholders) };
    placeholders.insert("then", known(format!("{}{unit}", figures::count(then))));
    // What is written as a zero cannot be divided by either.
    if then.abs() < 0.05 {
        return words.fill("", if now.abs() < 0.05 { "same" } else { "from_none" }, &placeholders);
    }
    placeholders.insert("percent", known(figures::percent(now, then)));
    let flat = figures::percent(now, then) == "0.0%";
    words.fill(
        "",
        if flat { "same" } else { ["down", "up"][usize::from(now > then)] },
        &placeholders,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warn::draft::words::bundled;

    #[test]
    fn nothing_is_divided_by_zero_and_what_is_missing_is_said() {
        let words = bundled();
        let said = |pair| compare(pair, "同比", "上年同期", "件", &words);
        assert_eq!(said(Some((19.0, 8.0))), "同比上升137.5%（上年同期8件）");
        assert_eq!(said(Some((4.0, 8.0))), "同比下降50.0%（上年同期8件）");
        assert_eq!(said(Some((8.0, 8.0))), "同比持平（上年同期8件）");
        assert_eq!(said(Some((8.0, 0.0))), "上年同期为0件");
        assert_eq!(said(Some((0.0, 0.0))), "同比持平（上年同期0件）");
        assert_eq!(said(None), "上年同期无可比数据");
    }
}
