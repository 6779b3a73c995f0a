//! Sentences of the report: what the tables show, in the words of `words.toml`.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use lake::schema::Domain;
use render::report::Format;

use super::comparison::{Counts, Direction, YEAR};
use super::inputs::Inputs;
use super::tables::{is_rise, letters as letters_of, points};
use super::words::Words;
use crate::circumstances::{Circumstance, Effect};
use crate::warn::ledger::Begun;
use crate::warn::settings::MeasureCode;

/// Names that a list in a sentence has at most.
const LISTED: usize = 3;
/// Points of the index below which a factor is not named.
const LEAST_POINTS: f64 = 0.1;

/// What a count of a domain is counted in.
fn unit(domain: &str) -> String {
    match domain {
        "public_order" | "fraud_crime" | "traffic" | "public_safety" => "起",
        "key_groups" => "人次",
        _ => "件",
    }
    .to_owned()
}

fn whole(n: f64) -> String {
    Format::Count.text(n)
}

fn one_decimal(x: f64) -> String {
    Format::Decimal(1).text(x)
}

/// `2026年1月`.
pub fn month_name(day: NaiveDate) -> String {
    format!("{}年{}月", day.year(), day.month())
}

/// `上升4.5%`, `下降4.5%`, `持平`.
fn change(size: f64) -> String {
    match Format::Change.text(size.abs()).trim_start_matches('+') {
        "0.0%" => "持平".to_owned(),
        text if size > 0.0 => format!("上升{text}"),
        text => format!("下降{text}"),
    }
}

/// What the report says, part by part.
pub struct Writer<'a> {
    pub inputs: &'a Inputs<'a>,
    pub words: &'a Words,
}

impl Writer<'_> {
    fn fill(&self, name: &str, given: &[(&str, Option<String>)]) -> String {
        self.words.fill(name, given)
    }

    fn month(&self) -> Option<String> {
        Some(month_name(self.inputs.month().start))
    }

    fn county(&self) -> Option<String> {
        Some(self.inputs.areas[0].name.clone())
    }

    /// Domains of which the last days may still grow.
    pub fn provisional(&self) -> Vec<&'static str> {
        let growing = |d: &&Domain| self.inputs.grows(d.id);
        self.inputs.domains().filter(growing).map(|d| d.label).collect()
    }

    pub fn title(&self) -> String {
        self.fill("title", &[("county", self.county()), ("month", self.month())])
    }

    pub fn subtitle(&self) -> String {
        let provisional = (!self.provisional().is_empty()).then(|| "1".to_owned());
        let as_of = Some(render::letter::chinese_date(self.inputs.job.as_of.day));
        self.fill("subtitle", &[("provisional", provisional), ("as_of", as_of)])
    }

    pub fn heading(&self, part: &str) -> String {
        self.fill(&format!("{part}_heading"), &[])
    }

    /// The index, its bands, what was delivered, what clearly changed.
    pub fn overall(&self) -> Vec<String> {
        let mut said = vec![self.index()];
        let capped = self.inputs.score("index", 0, 0).is_some_and(|s| s.capped_by.is_some());
        if capped {
            said[0] += &self.fill("capped", &[]);
        }
        said.extend(self.bands());
        said.push(self.delivery());
        for (base, back) in [("上月", 1), ("上年同月", YEAR)] {
            said.extend(self.clear_changes(base, back));
        }
        let provisional = self.provisional();
        if !provisional.is_empty() {
            said.push(self.fill("provisional", &[("names", Some(provisional.join("、")))]));
        }
        said
    }

    fn index(&self) -> String {
        let (month, county) = (("month", self.month()), ("county", self.county()));
        let now = self.inputs.score("index", 0, 0);
        let Some((score, read)) = now.and_then(|s| Some((s.score?, s))) else {
            return self.fill("no_index", &[month, county]);
        };
        let against = |base: &str, back| {
            let points = points(now, self.inputs.score("index", 0, back));
            let told =
                points.map(|p| match Format::Difference.text(p.abs()).trim_start_matches('+') {
                    "0.0" => "变动0.0".to_owned(),
                    text if p > 0.0 => format!("上升{text}"),
                    text => format!("下降{text}"),
                });
            Some(self.fill("points", &[("base", Some(base.to_owned())), ("points", told)]))
        };
        let interval = read.lower.zip(read.upper).map(|(l, h)| format!("{l:.1}至{h:.1}"));
        self.fill(
            "index",
            &[
                month,
                county,
                ("score", Some(one_decimal(score))),
                ("interval", interval),
                ("band", read.band.clone()),
                ("before", against("环比", 1)),
                ("year_ago", against("同比", YEAR)),
            ],
        )
    }

    fn bands(&self) -> Option<String> {
        let areas = 1..self.inputs.areas.len();
        let band = |at: usize| self.inputs.score("index", at, 0).and_then(|s| s.band.clone());
        let bands: Vec<String> = areas.clone().filter_map(band).collect();
        let named = self.inputs.sources.model.band.iter().map(|b| b.name.as_str());
        let list: Vec<String> = named
            .chain(std::iter::once(crate::index::INSUFFICIENT))
            .filter_map(|name| {
                let n = bands.iter().filter(|b| *b == name).count();
                (n > 0).then(|| format!("“{name}”{n}个"))
            })
            .collect();
        let of = Some(areas.len().to_string());
        (!list.is_empty())
            .then(|| self.fill("bands", &[("of", of), ("list", Some(list.join("，")))]))
    }

    fn delivery(&self) -> String {
        let labels = |domains: Vec<&'static str>| Some(domains.join("、"));
        let here: Vec<&str> = self.inputs.domains().map(|d| d.label).collect();
        let mut said =
            self.fill("delivered", &[("n", Some(here.len().to_string())), ("names", labels(here))]);
        let absent: Vec<&str> = self.inputs.not_delivered().map(|d| d.label).collect();
        if !absent.is_empty() {
            said += &self.fill("not_delivered", &[("names", labels(absent))]);
        }
        let part = |d: &&Domain| self.inputs.whole[d.id].last() != Some(&true);
        let part: Vec<&str> = self.inputs.domains().filter(part).map(|d| d.label).collect();
        if !part.is_empty() {
            said += &self.fill("not_whole", &[("names", labels(part))]);
        }
        said
    }

    /// Domains whose count clearly rose or fell against a base; `None` where none is comparable.
    fn clear_changes(&self, base: &str, back: usize) -> Option<String> {
        let changes: Vec<(&Domain, super::comparison::Difference)> = self
            .inputs
            .domains()
            .filter_map(|d| Some((d, self.inputs.counts(d.id, None, 0).against(back)?)))
            .filter(|(_, change)| change.p.is_some())
            .collect();
        if changes.is_empty() {
            return None;
        }
        let base = ("base", Some(base.to_owned()));
        let clear = |direction: Direction| {
            let named = changes.iter().filter(|(_, c)| c.clear() && c.direction() == direction);
            named
                .map(|(d, c)| format!("{}（{}）", d.label, change(c.size)))
                .collect::<Vec<String>>()
        };
        let mut said = String::new();
        for (words, direction) in [("clear_up", Direction::Up), ("clear_down", Direction::Down)] {
            let names = clear(direction);
            if !names.is_empty() {
                said += &self.fill(words, &[base.clone(), ("names", Some(names.join("、")))]);
            }
        }
        let of = Some(changes.len().to_string());
        Some(if said.is_empty() { self.fill("nothing_clear", &[base, ("of", of)]) } else { said })
    }

    /// A domain's count, and its largest categories.
    pub fn domain(&self, domain: &'static Domain) -> String {
        let counts = self.inputs.counts(domain.id, None, 0);
        let Some(n) = counts.now().filter(|n| *n > 0.0) else {
            return self.fill("domain_none", &[("month", self.month())]);
        };
        let told = |back| counts.against(back).map(|d| change(d.size));
        let tested = counts.against(YEAR).filter(|d| d.p.is_some());
        let clear = tested.map(|d| match (d.clear(), d.direction()) {
            (true, Direction::Up) => "明显上升".to_owned(),
            (true, _) => "明显下降".to_owned(),
            (false, _) => "变化不明显".to_owned(),
        });
        let mut said = self.fill(
            "domain",
            &[
                ("month", self.month()),
                ("count", Some(whole(n))),
                ("unit", Some(unit(domain.id))),
                ("daily", counts.daily().map(one_decimal)),
                ("month_on_month", told(1)),
                ("before", counts.then(1).map(whole)),
                ("year_on_year", told(YEAR)),
                ("year_ago", counts.then(YEAR).map(whole)),
                ("clear", clear),
                ("mean", counts.three_years().map(one_decimal)),
            ],
        );
        said += &self.largest(domain, n);
        said
    }

    fn largest(&self, domain: &'static Domain, all: f64) -> String {
        let count = |code: &str| -> Option<f64> {
            let counts: Counts = self.inputs.counts(domain.id, Some(code), 0);
            counts.now().filter(|n| *n > 0.0)
        };
        let categories = self.inputs.categories(domain).into_iter();
        let mut counted: Vec<(String, f64)> =
            categories.filter_map(|(code, label)| Some((label, count(&code)?))).collect();
        // One category alone says what the domain says.
        if counted.len() < 2 {
            return String::new();
        }
        counted.sort_by(|a, b| b.1.total_cmp(&a.1));
        let item = |(name, n): &(String, f64)| {
            let share = Some(Format::Percent.text(n / all));
            let (name, n) = (Some(name.clone()), Some(whole(*n)));
            self.fill(
                "largest_item",
                &[("name", name), ("count", n), ("unit", Some(unit(domain.id))), ("share", share)],
            )
        };
        let list: Vec<String> = counted.iter().take(LISTED).map(item).collect();
        self.fill("largest", &[("list", Some(list.join("、")))])
    }

    /// The areas with the highest and the lowest index.
    pub fn areas(&self) -> Vec<String> {
        let score = |at: usize| self.inputs.score("index", at, 0);
        let mut ranked: Vec<usize> = (1..self.inputs.areas.len())
            .filter(|at| score(*at).is_some_and(|s| s.rank.is_some()))
            .collect();
        ranked.sort_by_key(|at| score(*at).and_then(|s| s.rank));
        if ranked.is_empty() {
            return vec![self.fill("no_scores", &[])];
        }
        let item = |at: &usize| {
            let read = score(*at);
            let ranks =
                read.and_then(|s| s.rank_lower.zip(s.rank_upper)).map(|(l, h)| format!("{l}至{h}"));
            let points = read.and_then(|s| s.score).map(one_decimal);
            let name = Some(self.inputs.areas[*at].name.clone());
            self.fill("area_item", &[("name", name), ("score", points), ("ranks", ranks)])
        };
        let list = |places: &[usize]| {
            let items: Vec<String> = places.iter().map(item).collect();
            Some(items.join("、"))
        };
        // Of few areas, none is both.
        let listed = LISTED.min(ranked.len() / 2).max(1);
        let mut said = vec![self.fill("highest", &[("list", list(&ranked[..listed]))])];
        if ranked.len() > 1 {
            let lowest: Vec<usize> = ranked.iter().rev().take(listed).copied().collect();
            said.push(self.fill("lowest", &[("list", list(&lowest))]));
        }
        said
    }

    /// What rose, and what lowered the index.
    pub fn risks(&self) -> Vec<String> {
        let rises: Vec<_> = self.inputs.found.iter().filter(is_rise).collect();
        let mut areas: Vec<&str> = rises.iter().map(|f| f.area_code.as_str()).collect();
        areas.sort_unstable();
        areas.dedup();
        areas.retain(|code| *code != self.inputs.areas[0].code);
        let detected = !self.inputs.found.is_empty() || !self.inputs.forecasts.is_empty();
        let found = match (rises.is_empty(), detected) {
            (false, _) => {
                let (n, areas) = (Some(rises.len().to_string()), Some(areas.len().to_string()));
                self.fill("found", &[("n", n), ("areas", areas)])
            }
            (true, true) => self.fill("none_found", &[]),
            (true, false) => self.fill("not_detected", &[]),
        };
        let mut said = vec![found];
        said.extend(self.circumstances());
        if self.inputs.score("index", 0, 1).is_some_and(|s| s.score.is_some()) {
            let lowered = self.inputs.moved.iter().filter(|(_, delta)| *delta <= -LEAST_POINTS);
            let item = |(node, delta): &(String, f64)| {
                let (label, points) =
                    (self.inputs.node_label(node), Format::Difference.text(*delta));
                self.fill("cause_item", &[("label", Some(label)), ("points", Some(points))])
            };
            let list: Vec<String> = lowered.take(LISTED).map(item).collect();
            said.push(match list.is_empty() {
                true => self.fill("no_causes", &[]),
                false => self.fill("causes", &[("list", Some(list.join("、")))]),
            });
        }
        said
    }

    /// What lay on the days of the rises; `None` where nothing is known to.
    fn circumstances(&self) -> Option<String> {
        let item = |c: &Circumstance| {
            let day = |day: NaiveDate| day.format("%-m.%-d").to_string();
            let days = if c.from == c.to {
                day(c.from)
            } else {
                format!("{}至{}", day(c.from), day(c.to))
            };
            let aside = (c.effect == Effect::SetAside).then(|| "1".to_owned());
            let given = [("what", Some(c.what.clone())), ("days", Some(days)), ("aside", aside)];
            self.fill("circumstance_item", &given)
        };
        let list: Vec<String> = self.inputs.circumstances.iter().map(item).collect();
        let list = (!list.is_empty()).then(|| list.join("、"))?;
        Some(self.fill("circumstances", &[("list", Some(list))]))
    }

    /// What is expected.
    pub fn outlook(&self) -> String {
        let whole = &self.inputs.areas[0].code;
        let of_whole = self.inputs.forecasts.iter().filter(|f| f.area_code == *whole);
        let spans: Vec<(NaiveDate, NaiveDate)> = of_whole.map(|f| (f.from, f.to)).collect();
        let from = spans.iter().map(|s| s.0).min().map(render::letter::chinese_date);
        let to = spans.iter().map(|s| s.1).max().map(render::letter::chinese_date);
        match from {
            None => self.fill("no_outlook", &[]),
            from => self.fill("outlook", &[("from", from), ("to", to)]),
        }
    }

    /// What became of letters.
    pub fn letters(&self) -> String {
        let (month, day) = (self.inputs.month(), self.inputs.job.as_of.day);
        let within = |d: NaiveDate| d >= month.start && d <= month.end;
        let letters = &self.inputs.letters;
        let zone = self.inputs.job.workspace.time_zone();
        let drafted = letters.iter().filter(|l| within(l.facts.as_of)).count();
        let issued =
            letters.iter().filter(|l| l.issued.as_ref().is_some_and(|i| within(i.date))).count();
        let answered = letters
            .iter()
            .flat_map(|l| &l.answers)
            .filter(|(at, _)| within(at.with_timezone(&zone).date_naive()))
            .count();
        let open = letters.iter().filter(|l| l.is_open()).count();
        let overdue = letters.iter().filter(|l| l.overdue(day)).count();
        if letters_of(self.inputs, None).1.is_empty() {
            return self.fill("no_letters", &[]);
        }
        let n = |n: usize| Some(n.to_string());
        let as_of = Some(render::letter::chinese_date(day));
        self.fill(
            "letters",
            &[
                ("drafted", n(drafted)),
                ("issued", n(issued)),
                ("answered", n(answered)),
                ("as_of", as_of),
                ("open", n(open)),
                ("overdue", n(overdue)),
                ("measures", self.measures_begun()),
            ],
        )
    }

    /// Measures that were told of in the month, with how often; `None` where there are none.
    fn measures_begun(&self) -> Option<String> {
        let month = self.inputs.month();
        let zone = self.inputs.job.workspace.time_zone();
        let told = |at: DateTime<Utc>| {
            let day = at.with_timezone(&zone).date_naive();
            day >= month.start && day <= month.end
        };
        let begun = self.inputs.letters.iter().flat_map(|l| &l.measures);
        let begun: Vec<&Begun> =
            begun.filter(|(at, _)| told(*at)).map(|(_, begun)| begun).collect();
        let counted = |measure: &MeasureCode| {
            let mut with =
                begun.iter().filter_map(|b| b.measures.get(&measure.id)).copied().peekable();
            with.peek()?;
            let number: u64 = with.flatten().sum();
            Some(match number {
                0 => measure.name.clone(),
                number => format!("{}{number}次", measure.name),
            })
        };
        let list: Vec<String> = self.inputs.measures.iter().filter_map(counted).collect();
        (!list.is_empty()).then(|| list.join("、"))
    }

    /// What is to be done: the measures of the month's letters, topic by topic.
    pub fn advice(&self) -> Vec<String> {
        let month = self.inputs.month();
        let mut topics: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
        let letters = self.inputs.letters.iter();
        for facts in
            letters.map(|l| &l.facts).filter(|f| f.as_of >= month.start && f.as_of <= month.end)
        {
            let at = topics.iter().position(|t| t.0 == facts.topic_name).unwrap_or_else(|| {
                topics.push((&facts.topic_name, Vec::new(), Vec::new()));
                topics.len() - 1
            });
            let (_, areas, measures) = &mut topics[at];
            if !areas.contains(&facts.area_name.as_str()) {
                areas.push(&facts.area_name);
            }
            for measure in &facts.measures {
                if !measures.contains(&measure.text.as_str()) {
                    measures.push(&measure.text);
                }
            }
        }
        if topics.is_empty() {
            return vec![self.fill("no_advice", &[])];
        }
        let told = |(topic, areas, measures): &(&str, Vec<&str>, Vec<&str>)| {
            let given = [
                ("areas", Some(areas.join("、"))),
                ("topic", Some((*topic).to_owned())),
                (
                    "measures",
                    Some(
                        measures
                            .iter()
                            .map(|m| m.trim_end_matches('。'))
                            .collect::<Vec<_>>()
                            .join("；"),
                    ),
                ),
            ];
            self.fill("advice", &given)
        };
        topics.iter().map(told).collect()
    }

    pub fn annex(&self) -> String {
        self.fill("annex", &[("level", Some(super::comparison::CLEAR.to_string()))])
    }
}
