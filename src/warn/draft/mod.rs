//! Facts become a letter: the words of `reports/letter/words.toml` around figures, each of which
//! stands in the annex too.

mod annex;
mod areas;
mod figures;
mod series;
mod standing;
mod tables;
#[cfg(test)]
pub(in crate::warn) mod tests;
mod words;

use chrono::{Days, NaiveDate};
use series::{Context, Series};
use words::Placeholders;
pub use words::{WORDS, Words};

use crate::detect::{Detail, FalseDiscoveryRate, Kind, days_told};
use crate::warn::facts::{Circumstance, Facts, Rise, Standing, county_word};
use crate::warn::settings::{Issuer, Recipient};
use crate::warn::warning::{Evidence, Level};
use render::letter::{Letter, Section};

/// Series in the text; the others stand in the annex alone.
const SERIES_IN_TEXT: usize = 6;
/// Characters of a blue letter's series, if the first finding leaves any: it has three pages at
/// most.
const BLUE_TEXT: usize = 130;
/// Names in a list.
const NAMES_IN_LIST: usize = 3;

/// The letter that states these facts. Number, day and code are left to
/// [`Documents`](crate::warn::Documents). A spike is called clear (明显) where its q is within the
/// false discovery rate.
pub fn in_words(
    facts: &Facts,
    issuer: &Issuer,
    ending: &str,
    words: &Words,
    rate: FalseDiscoveryRate,
) -> Letter {
    let writer = Writer::new(facts, issuer, words, rate);
    let signature = issuer.signature(&facts.county_name);
    Letter {
        issuer: signature.clone(),
        number: String::new(),
        title: writer.fill("title"),
        addressee: writer.addressee.clone(),
        opening: writer.fill("opening"),
        sections: writer.sections(),
        reply_by: Some(figures::day(facts.reply_by, facts.as_of)),
        we: issuer.we.clone(),
        contact: (!issuer.contact.is_empty()).then(|| issuer.contact.clone()),
        ending: (!ending.is_empty()).then(|| ending.to_owned()),
        signature,
        date: facts.as_of,
        copy_to: issuer.copy_to.iter().chain(&facts.copy_to).cloned().collect(),
        code: None,
        annex: Some(annex::annex(
            writer.fill("annex_title"),
            facts,
            &writer.series,
            writer.index.as_ref(),
            words,
        )),
    }
}

struct Writer<'a> {
    facts: &'a Facts,
    words: &'a Words,
    series: Vec<Series<'a>>,
    index: Option<standing::IndexText>,
    addressee: String,
    you: String,
    /// Who or what the letter is about: the area as it is addressed, or by its name where the letter
    /// goes to others.
    place: String,
    area: String,
    whole: String,
    we: &'a str,
}

impl<'a> Writer<'a> {
    fn new(
        facts: &'a Facts,
        issuer: &'a Issuer,
        words: &'a Words,
        rate: FalseDiscoveryRate,
    ) -> Writer<'a> {
        let whole = county_scope(&facts.county_name);
        let area = if facts.county_wide { whole.clone() } else { facts.area_name.clone() };
        let (addressee, you) = match (&facts.department, facts.recipient()) {
            (Some(department), _) => words.department(&department.addressee),
            (None, Recipient::County) => words.all_areas(),
            _ => words.address(&facts.area_name),
        };
        let place = match facts.recipient() {
            Recipient::Area => you.clone(),
            _ => area.clone(),
        };
        Writer {
            facts,
            words,
            place,
            area,
            series: series::series(&facts.risen, words, rate),
            index: facts
                .standing
                .as_ref()
                .filter(|s| is_of_the_days(s, facts))
                .map(|s| standing::index_text(s, words)),
            addressee,
            you,
            whole,
            we: &issuer.we,
        }
    }

    /// A template of the letter's own text.
    fn fill(&self, template: &str) -> String {
        self.fill_with_unit(template, None)
    }

    fn fill_with_unit(&self, template: &str, unit: Option<&str>) -> String {
        let facts = self.facts;
        let (known, day) =
            (|text: &str| Some(text.to_owned()), |date| Some(figures::day(date, facts.as_of)));
        let placeholders = Placeholders::from([
            ("area", known(&self.area)),
            ("place", known(&self.place)),
            ("since", self.since().and_then(day)),
            ("department", facts.department.as_ref().map(|_| "1".to_owned())),
            ("topic", known(&facts.topic_name)),
            ("kind", known(&facts.kind_name)),
            ("you", known(&self.you)),
            ("we", known(self.we)),
            ("what", Some(self.summary())),
            ("month", self.index.as_ref().map(|index| index.month.clone())),
            ("level", known(facts.level.label())),
            ("as_of", day(facts.as_of)),
            ("whole", known(&self.whole)),
            ("reply_by", day(facts.reply_by)),
            ("limit_by", day(facts.limit_by)),
            ("limit", day(facts.limit_by)),
            ("unit", unit.map(str::to_owned)),
        ]);
        self.words.fill(&facts.kind, template, &placeholders)
    }

    /// The first day of what rose in the county as a whole.
    fn since(&self) -> Option<NaiveDate> {
        let days = self.facts.risen.iter().map(|rise| &rise.evidence);
        let begun = days.filter(|e| self.facts.county_wide && !e.detail.is_over_years());
        begun.map(first_day).min()
    }

    /// What the opening says has happened.
    fn summary(&self) -> String {
        let groups: [(&str, Vec<&Series>); 4] = [
            ("vetoed", self.series.iter().filter(|s| s.has(Kind::Veto)).collect()),
            ("rising", self.series.iter().filter(|s| s.is_clear()).collect()),
            (
                "gathering",
                self.series.iter().filter(|s| !s.is_clear() && s.has(Kind::Cluster)).collect(),
            ),
            (
                "higher",
                self.series
                    .iter()
                    .filter(|s| !s.is_clear() && !s.has(Kind::Veto) && !s.has(Kind::Cluster))
                    .collect(),
            ),
        ];
        let said: Vec<String> = groups
            .iter()
            .filter(|(_, series)| !series.is_empty())
            .map(|(template, series)| {
                self.words.fill(
                    "",
                    template,
                    &Placeholders::from([("names", Some(self.names(series)))]),
                )
            })
            .collect();
        match said.is_empty() {
            true => self.words.fill(
                "",
                "steady",
                &Placeholders::from([("topic", Some(self.facts.topic_name.clone()))]),
            ),
            false => said.join("，"),
        }
    }

    fn names(&self, series: &[&Series]) -> String {
        let names: Vec<&str> = series.iter().take(NAMES_IN_LIST).map(|s| s.name.as_str()).collect();
        let names = names.join("、");
        if series.len() > NAMES_IN_LIST {
            self.words.fill("", "others", &Placeholders::from([("names", Some(names))]))
        } else {
            names
        }
    }

    fn sections(&self) -> Vec<Section> {
        let heading = |template: &str, paragraphs| Section {
            level: 1,
            heading: self.fill(template),
            paragraphs,
        };
        let mut sections = Vec::new();
        if let Some(earlier) = self.earlier() {
            sections.push(heading("earlier_heading", vec![earlier]));
        }
        sections.push(heading("situation_heading", self.situation()));
        let causes = self.causes();
        if !causes.is_empty() {
            sections.push(heading("causes_heading", causes));
        }
        sections.extend(self.advice());
        sections
    }

    fn earlier(&self) -> Option<String> {
        let earlier = self.facts.earlier.as_ref()?;
        let (known, day) =
            (|text: &str| Some(text.to_owned()), |date| Some(figures::day(date, self.facts.as_of)));
        let flag = |on: bool| on.then(|| "1".to_owned());
        let placeholders = Placeholders::from([
            ("issued", day(earlier.issued)),
            ("earlier_kind", known(&earlier.kind_name)),
            ("earlier_number", known(&earlier.number)),
            ("earlier_reply", day(earlier.reply_by)),
            ("answered", flag(earlier.answered)),
            ("persists", flag(earlier.persists)),
            ("as_of", day(self.facts.as_of)),
            ("we", known(self.we)),
            ("you", known(&self.you)),
        ]);
        Some(self.words.fill(&self.facts.kind, "earlier", &placeholders))
    }

    /// A paragraph a series, and one on the index.
    fn situation(&self) -> Vec<String> {
        let facts = self.facts;
        let context = Context {
            kind: &facts.kind,
            area: &self.area,
            place: &self.place,
            whole: &self.whole,
            written: facts.as_of,
        };
        let mut paragraphs: Vec<String> = Vec::new();
        let mut room = if facts.level == Level::Blue { BLUE_TEXT } else { usize::MAX };
        let mut whole = self.series.len() <= SERIES_IN_TEXT;
        for series in self.series.iter().take(SERIES_IN_TEXT) {
            let must = paragraphs.is_empty();
            let (paragraph, all) = series.paragraph(self.words, &context, room, must);
            room = room.saturating_sub(paragraph.chars().count());
            whole &= all;
            let paragraph = paragraph + &areas::sentence(series, self.words);
            paragraphs.extend((!paragraph.is_empty()).then_some(paragraph));
        }
        if !whole {
            paragraphs.push(self.fill("more"));
        }
        paragraphs.extend(self.circumstances());
        paragraphs.extend(match (&self.index, &facts.standing) {
            (Some(index), _) => {
                let said = index.sentence(&facts.kind, &self.place, &self.whole, self.words);
                Some(said + &self.despite_a_good_index())
            }
            (None, Some(_)) => None,
            // The index compares areas, and says nothing of all of them together.
            (None, None) if facts.county_wide => None,
            (None, None) => Some(self.fill("no_index")),
        });
        paragraphs
    }

    /// What is known to have lain on the days.
    fn circumstances(&self) -> Option<String> {
        let item = |c: &Circumstance| {
            let dates = figures::days(c.from, c.to, Some(self.facts.as_of));
            let placeholders =
                Placeholders::from([("what", Some(c.what.clone())), ("dates", Some(dates))]);
            self.words.fill("", "circumstance_item", &placeholders)
        };
        let items: Vec<String> = self.facts.circumstances.iter().map(item).collect();
        (!items.is_empty()).then(|| self.listed("circumstances", &items))
    }

    /// Why there is a warning though the index is good; nothing where it is not.
    fn despite_a_good_index(&self) -> String {
        if !self.facts.standing.as_ref().is_some_and(|s| s.good) {
            return String::new();
        }
        let unscored = |s: &&Series| {
            let its =
                |r: &&Rise| r.evidence.domain == s.domain && r.evidence.category == s.category;
            self.facts.risen.iter().filter(its).all(|r| r.unscored) && !s.has(Kind::Veto)
        };
        let names: Vec<&Series> = self.series.iter().filter(unscored).collect();
        let all = (names.len() == self.series.len()).then(|| "1".to_owned());
        let names = (!names.is_empty()).then(|| self.names(&names));
        let you = Some(self.you.clone());
        let placeholders = Placeholders::from([("all", all), ("names", names), ("you", you)]);
        self.words.fill("", "index_good", &placeholders)
    }

    /// Which categories stand out, and what took from the index.
    fn causes(&self) -> Vec<String> {
        let mut paragraphs = Vec::new();
        let items: Vec<String> = self
            .series
            .iter()
            .filter(|s| !s.category.is_empty())
            .filter_map(|s| self.excess_item(s))
            .take(NAMES_IN_LIST)
            .collect();
        if !items.is_empty() {
            paragraphs.push(self.listed("problem", &items));
        }
        let slow: Vec<&Series> =
            self.series.iter().filter(|s| s.has(Kind::Trend) || s.has(Kind::Change)).collect();
        if !slow.is_empty() && self.facts.level != Level::Blue {
            paragraphs.push(self.words.fill(
                "",
                "problem_slow",
                &Placeholders::from([("names", Some(self.names(&slow)))]),
            ));
        }
        let points = |delta: f64| Some(standing::points(delta));
        let item = |c: &crate::warn::facts::Cause| {
            self.words.fill(
                "",
                "cause_item",
                &Placeholders::from([
                    ("label", Some(c.label.clone())),
                    ("points", points(c.delta)),
                ]),
            )
        };
        let causes: Vec<String> = self.facts.causes.iter().map(item).collect();
        paragraphs.extend(match (&self.facts.standing, &self.index) {
            (Some(_), None) => None,
            (Some(_), _) if !causes.is_empty() => Some(self.causes_of_topic(&causes)),
            (Some(standing), _) if standing.month_on_month.is_some() => Some(self.fill("no_cause")),
            (None, _) if self.facts.county_wide => None,
            _ => Some(self.fill("cause_not_known")),
        });
        paragraphs
    }

    fn causes_of_topic(&self, causes: &[String]) -> String {
        let topic = Some(self.facts.topic_name.clone());
        let placeholders =
            Placeholders::from([("list", Some(causes.join("、"))), ("topic", topic)]);
        self.words.fill("", "cause", &placeholders)
    }

    /// A series that is clearly above what was to be expected, with by how much.
    fn excess_item(&self, series: &Series) -> Option<String> {
        let clear =
            series.findings.iter().find(|t| t.clear && !t.evidence.detail.is_over_years())?;
        let placeholders = Placeholders::from([
            ("name", Some(series.name.clone())),
            ("excess", Some(clear.excess.clone()?)),
        ]);
        Some(self.words.fill("", "problem_item", &placeholders))
    }

    fn listed(&self, template: &str, items: &[String]) -> String {
        self.words.fill("", template, &Placeholders::from([("list", Some(items.join("、")))]))
    }

    /// What is suggested, each with its unit and limit.
    fn advice(&self) -> Vec<Section> {
        let one =
            |paragraphs| Section { level: 1, heading: self.fill("advice_heading"), paragraphs };
        if self.facts.measures.is_empty() {
            return vec![one(vec![self.fill("no_advice")])];
        }
        let measure = |m: &crate::warn::settings::Measure| {
            let heading = format!("{}。", m.text.trim_end_matches('。'));
            Section {
                level: 2,
                heading,
                paragraphs: vec![self.fill_with_unit("limit", Some(m.unit.as_str()))],
            }
        };
        std::iter::once(one(vec![self.fill("advice")]))
            .chain(self.facts.measures.iter().map(measure))
            .collect()
    }
}

/// The first day of what rose: of weeks in a row that were too many, that of the first of them.
fn first_day(evidence: &Evidence) -> NaiveDate {
    let weeks = match &evidence.detail {
        Detail::Spike(spike) => spike.weeks_in_a_row as u64,
        _ => 0,
    };
    let first = evidence.period_end + Days::new(1) - Days::new(7 * weeks);
    first.min(evidence.period_start)
}

/// Whether the month of an index has some of the days of what rose.
fn is_of_the_days(standing: &Standing, facts: &Facts) -> bool {
    let Some(month) = figures::days_of_month(&standing.period) else { return true };
    let days =
        |r: &Rise| days_told(r.evidence.kind(), (r.evidence.period_start, r.evidence.period_end));
    facts.risen.iter().map(days).any(|(from, to)| from <= month.1 && month.0 <= to)
}

/// 全市 for a city, 全县 for a county, by the end of its name.
fn county_scope(county: &str) -> String {
    format!("全{}", county_word(county))
}
