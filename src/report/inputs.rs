//! What the report reads: sums of the panel, scores, parts of the index's change, findings,
//! letters.

use std::collections::BTreeMap;

use chrono::Months;
use lake::areas::Area;
use lake::schema::{DOMAINS, Domain};
use lake::taxonomy::Taxonomy;
use lake::{AsOf, Columns, Derived, Error, Result, Session, quoted};

use super::comparison::{Counts, Proportion, YEAR};
use super::findings::{self, Found};
use super::thresholds::Thresholds;
use crate::circumstances::{Circumstance, Circumstances, Days};
use crate::detect::days_told;
use crate::index::{MODEL, Model, ScoredAreas, read_scores};
use crate::job::Job;
use crate::panel::{CountedDays, EVENTS, Period, Sums, Unit, window_sums};
use crate::warn::ledger::LetterState;
use crate::warn::settings::{MeasureCode, RISES};
use crate::warn::{self, Ledger};

/// Months that are read, the month itself last: three years back for the mean of three years.
const MONTHS: usize = 37;

/// What a report is made from, beside the lake.
pub struct Sources<'a> {
    pub model: &'a Model,
    pub taxonomy: &'a Taxonomy,
    pub rules: &'a warn::Settings,
    pub thresholds: Thresholds,
    /// Each domain's indicator that detection watches and forecasts.
    pub watch: BTreeMap<String, String>,
}

/// What lay on the days of rises that were found.
fn circumstances(job: &Job, found: &[Found]) -> Result<Vec<Circumstance>> {
    let all = Circumstances::read(job.workspace)?;
    let mut of_rises: Vec<&Circumstance> = Vec::new();
    for rise in found.iter().filter(|f| RISES.contains(&f.kind)) {
        let (from, to) = days_told(rise.kind, (rise.from, rise.to));
        let days = Days { area: &rise.area_code, domain: &rise.domain, from, to };
        of_rises.extend(all.of(job.register, days));
    }
    of_rises.sort_by_key(|c| (c.from, c.to, &c.what));
    of_rises.dedup();
    Ok(of_rises.into_iter().cloned().collect())
}

/// A score with what stands beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    pub score: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub rank: Option<i64>,
    pub rank_lower: Option<i64>,
    pub rank_upper: Option<i64>,
    pub band: Option<String>,
    pub capped_by: Option<String>,
}

/// All that the tables rest on.
pub struct Inputs<'a> {
    pub job: &'a Job<'a>,
    pub sources: &'a Sources<'a>,
    /// The whole first, then the areas of the model's level that live in the month, by code.
    pub areas: Vec<&'a Area>,
    /// Months in a row, the reported one last.
    pub months: Vec<Period>,
    pub days: Vec<f64>,
    /// Of each domain, whether every day of each month was delivered, and whether any was.
    pub whole: BTreeMap<&'static str, Vec<bool>>,
    delivered: BTreeMap<&'static str, Vec<bool>>,
    sums: Sums,
    /// Sums of the month before and of a year before as they were known when those months were as
    /// old as this one is: cases take time to be resolved.
    of_like_age: BTreeMap<usize, Sums>,
    /// Scores by period, area and node.
    scores: BTreeMap<(String, String, String), Score>,
    /// Parts of the whole's change against the month before, by node, largest loss first.
    pub moved: Vec<(String, f64)>,
    pub found: Vec<Found>,
    /// Circumstances of the days of the rises among them.
    pub circumstances: Vec<Circumstance>,
    pub forecasts: Vec<Found>,
    /// What the month before expected of this one, with what came, where all of it was delivered.
    pub expected: Vec<(Found, Option<f64>)>,
    /// The whole's index of months in a row, the month itself last.
    pub course: Vec<f64>,
    pub letters: Vec<LetterState>,
    /// The measures that are counted.
    pub measures: Vec<MeasureCode>,
}

impl<'a> Inputs<'a> {
    /// Reads all that a month's report needs, as of the job's time.
    ///
    /// # Errors
    /// [`Error::Usage`] where the month has not been scored, [`Error::Delta`], [`Error::Query`].
    pub fn read(job: &'a Job<'a>, sources: &'a Sources<'a>, month: &Period) -> Result<Inputs<'a>> {
        let months = months_up_to(month);
        let units = ScoredAreas::new(sources.model, job.register);
        let lives = |at: &usize| units.lives(*at, month);
        let mut areas: Vec<&Area> =
            (0..units.areas.len()).filter(lives).map(|at| units.areas[at]).collect();
        areas.sort_by_key(|a| (a.level == sources.model.level, &a.code));
        let scores = scores(job, &months[MONTHS - 13..])?;
        if scores.keys().all(|(period, ..)| *period != month.name) {
            return Err(Error::usage(
                format!("{} has no scores yet", month.name),
                "run `pingan nightly`, or `pingan index` for the month",
            ));
        }
        let (found, forecasts) = findings::read(job, month)?;
        Ok(Inputs {
            job,
            sources,
            moved: moved(job, month, &areas)?,
            expected: expected(job, &sources.watch, &month.before(), areas[0])?,
            course: course(job, areas[0], month)?,
            days: months.iter().map(|m| m.days() as f64).collect(),
            whole: by_month(job, &months, &|days, of| days == of),
            delivered: by_month(job, &months, &|days, _| days > 0),
            sums: sums(job, &areas, &months, &job.as_of)?,
            of_like_age: of_like_age(job, &areas, &months)?,
            areas,
            months,
            scores,
            circumstances: circumstances(job, &found)?,
            found,
            forecasts,
            letters: letters(job)?,
            measures: warn::Settings::read(job.workspace)?.measure,
        })
    }

    /// The reported month.
    pub fn month(&self) -> &Period {
        &self.months[self.months.len() - 1]
    }

    /// Domains that delivered something in the month, in the order of reports.
    pub fn domains(&self) -> impl Iterator<Item = &'static Domain> + '_ {
        DOMAINS.iter().filter(|d| self.delivered[d.id].last() == Some(&true))
    }

    /// Whether anything of a domain was delivered of the month so many months back.
    pub fn delivered(&self, domain: &str, back: usize) -> bool {
        let delivered = &self.delivered[domain];
        delivered[delivered.len() - 1 - back]
    }

    /// Whether every day of a domain was delivered of the month so many months back.
    pub fn is_whole(&self, domain: &str, back: usize) -> bool {
        let whole = &self.whole[domain];
        whole[whole.len() - 1 - back]
    }

    /// Domains that did not.
    pub fn not_delivered(&self) -> impl Iterator<Item = &'static Domain> + '_ {
        DOMAINS.iter().filter(|d| self.delivered[d.id].last() != Some(&true))
    }

    /// Monthly counts of a domain's events in an area, of one category or of all.
    pub fn counts(&self, domain: &str, category: Option<&str>, area: usize) -> Counts<'_> {
        let of = |key: &&[String; 3]| {
            key[0] == domain && key[1] == EVENTS && category.is_none_or(|c| key[2] == c)
        };
        let matrices: Vec<_> = self.sums.keys().filter(of).map(|key| &self.sums[key][0]).collect();
        let count = |at: usize| matrices.iter().map(|m| m[(at, area)]).sum::<f64>();
        let delivered = &self.delivered[domain];
        Counts {
            months: (0..self.months.len()).map(|at| delivered[at].then(|| count(at))).collect(),
            whole: &self.whole[domain],
            days: &self.days,
            growing: self.grows(domain),
        }
    }

    /// Whether more of the month of a domain is still to come: days do not count yet.
    pub fn grows(&self, domain: &str) -> bool {
        let month = self.month();
        let days = self.job.coverage.days(domain, month.start, month.end).len() as i64;
        self.whole[domain].last() == Some(&true) && days < month.days()
    }

    /// A proportion of a domain in an area: the month's, or that of one or twelve months back as it
    /// was known when that month was as old. `None` where the month was not delivered, or was not
    /// known then.
    pub fn proportion(
        &self,
        domain: &str,
        measure: &str,
        categories: Option<&[String]>,
        area: usize,
        back: usize,
    ) -> Option<Proportion> {
        let at = self.months.len().checked_sub(1 + back)?;
        if !self.delivered[domain][at] {
            return None;
        }
        let (sums, at) = match back {
            0 => (&self.sums, at),
            back => (self.of_like_age.get(&back)?, 0),
        };
        let of = |key: &&[String; 3]| {
            key[0] == domain && key[1] == measure && categories.is_none_or(|c| c.contains(&key[2]))
        };
        let mut sum = Proportion { num: 0.0, den: 0.0 };
        for key in sums.keys().filter(of) {
            let [num, den] = &sums[key];
            sum.num += num[(at, area)];
            sum.den += den[(at, area)];
        }
        Some(sum)
    }

    /// Whether every day of a domain was delivered in the month and in one so many months back.
    pub fn both_whole(&self, domain: &str, back: usize) -> bool {
        self.is_whole(domain, 0) && self.is_whole(domain, back)
    }

    /// Categories of a domain that have an event in the month, the month before or a year before,
    /// in the order of the code list.
    pub fn categories(&self, domain: &'static Domain) -> Vec<(String, String)> {
        let last = self.months.len() - 1;
        let seen = |code: &str| {
            [0, 1, 12].iter().any(|back| {
                let key = [domain.id, EVENTS, code].map(str::to_owned);
                self.sums.get(&key).is_some_and(|[num, _]| num[(last - back, 0)] != 0.0)
            })
        };
        let list = self.sources.taxonomy.list("category", domain);
        let codes = list.into_iter().flat_map(|list| list.codes());
        codes.filter(|(c, _)| seen(c)).map(|(c, l)| (c.to_owned(), l.to_owned())).collect()
    }

    /// The label of a category; of the domain for all together.
    pub fn label(&self, domain: &str, category: &str) -> String {
        let label = match category {
            "" => Domain::find(domain).map(|domain| domain.label),
            code => self.sources.taxonomy.category(domain, code),
        };
        label.unwrap_or(if category.is_empty() { domain } else { category }).to_owned()
    }

    /// An area's name.
    pub fn name(&self, code: &str) -> String {
        self.job.register.get(code).map_or(code, |a| a.name.as_str()).to_owned()
    }

    /// A node's score in an area, so many months back.
    pub fn score(&self, node: &str, area: usize, back: usize) -> Option<&Score> {
        let period = &self.months[self.months.len() - 1 - back].name;
        self.scores.get(&(period.clone(), self.areas[area].code.clone(), node.to_owned()))
    }

    /// What officials call a node of the index.
    pub fn node_label(&self, node: &str) -> String {
        match node.split_once('.') {
            None if node == "index" => "平安指数".to_owned(),
            None => Domain::find(node).map_or(node, |d| d.label).to_owned(),
            Some((domain, _)) => {
                let leaf = self.sources.model.indicators().find(|(_, _, of)| of == node);
                let label = leaf.map_or(node.to_owned(), |(_, i, _)| i.label.clone());
                format!("{}·{label}", Domain::find(domain).map_or(domain, |d| d.label))
            }
        }
    }
}

/// Sums of the panel over all days of months, as of a time.
fn sums(job: &Job, areas: &[&Area], months: &[Period], as_of: &AsOf) -> Result<Sums> {
    let every_day =
        |period: &Period| period.start.iter_days().take_while(|day| *day <= period.end).collect();
    let all: CountedDays =
        DOMAINS.iter().map(|d| (d.id, months.iter().map(every_day).collect())).collect();
    window_sums(job.lake, job.register, areas, months, &all, as_of, job.limits)
}

/// Sums of the month before and of a year before, each as it was known when that month was as old.
fn of_like_age(job: &Job, areas: &[&Area], months: &[Period]) -> Result<BTreeMap<usize, Sums>> {
    let sums = |back: usize| {
        let then = &months[months.len() - 1 - back];
        let day = (job.as_of.day - Months::new(back as u32)).max(then.end);
        let as_of = AsOf::end_of(day, job.workspace.time_zone());
        Ok((back, sums(job, areas, std::slice::from_ref(then), &as_of)?))
    };
    [1, YEAR].into_iter().map(sums).collect()
}

/// Of each domain and month, what holds of its days that were delivered and of all its days.
fn by_month(
    job: &Job,
    months: &[Period],
    holds: &dyn Fn(i64, i64) -> bool,
) -> BTreeMap<&'static str, Vec<bool>> {
    let delivered = |domain: &str, month: &Period| match job.coverage.feeds.get(domain) {
        Some(feed) if feed.is_totals() => job.coverage.days(domain, month.start, month.end),
        _ => job.coverage.delivered(domain, month.start, month.end),
    };
    let of = |domain: &'static Domain| {
        let month = |m: &Period| holds(delivered(domain.id, m).len() as i64, m.days());
        (domain.id, months.iter().map(month).collect())
    };
    DOMAINS.iter().map(of).collect()
}

/// The months up to one.
fn months_up_to(month: &Period) -> Vec<Period> {
    let mut months = vec![month.clone()];
    for _ in 1..MONTHS {
        months.push(Unit::Month.before(&months[months.len() - 1]));
    }
    months.reverse();
    months
}

/// Whether a month has scores as of the job's time: one before the first event has none, and a night
/// that is run again after later ones finds theirs.
///
/// # Errors
/// [`Error::Delta`], [`Error::Query`].
pub fn is_scored(job: &Job, month: &Period) -> Result<bool> {
    if !job.lake.has(Derived::Scores) {
        return Ok(false);
    }
    let months = &months_up_to(month)[MONTHS - 13..];
    let (mut scored, mut later) = (false, false);
    for batch in &read_scores(job.lake, job.limits, MODEL, months)? {
        let columns = Columns::new(batch);
        scored |= columns.required_text("period")?.contains(&month.name);
        later |= columns.instant("as_of")?.iter().flatten().any(|at| *at > job.as_of.instant);
    }
    Ok(scored && !later)
}

type Scores = BTreeMap<(String, String, String), Score>;

fn scores(job: &Job, months: &[Period]) -> Result<Scores> {
    let mut scores = Scores::new();
    if !job.lake.has(Derived::Scores) {
        return Ok(scores);
    }
    for batch in &read_scores(job.lake, job.limits, MODEL, months)? {
        let columns = Columns::new(batch);
        let text = |name: &str| columns.required_text(name);
        let (period, area, node) = (text("period")?, text("area_code")?, text("node")?);
        let (score, lower, upper) =
            (columns.float("score")?, columns.float("score_lo")?, columns.float("score_hi")?);
        let (rank, rank_lower, rank_upper) =
            (columns.whole("rank")?, columns.whole("rank_lo")?, columns.whole("rank_hi")?);
        let (band, capped_by) = (columns.text("band")?, columns.text("capped_by")?);
        let as_of = columns.instant("as_of")?;
        for row in 0..batch.num_rows() {
            if as_of[row].is_some_and(|at| at > job.as_of.instant) {
                return Err(Error::usage(
                    format!("{} was scored later than {}", period[row], job.as_of.day),
                    "leave --as-of out, or `pingan index --as-of` scores it as of then",
                ));
            }
            let key = (period[row].clone(), area[row].clone(), node[row].clone());
            let read = Score {
                score: score[row],
                lower: lower[row],
                upper: upper[row],
                rank: rank[row],
                rank_lower: rank_lower[row],
                rank_upper: rank_upper[row],
                band: band[row].clone(),
                capped_by: capped_by[row].clone(),
            };
            scores.insert(key, read);
        }
    }
    Ok(scores)
}

fn moved(job: &Job, month: &Period, areas: &[&Area]) -> Result<Vec<(String, f64)>> {
    let Some(whole) = areas.first().filter(|_| job.lake.has(Derived::Contributions)) else {
        return Ok(Vec::new());
    };
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("contributions", &job.lake.derived(Derived::Contributions)?)?;
    let batches = session.collect(&format!(
        "select node, sum(delta) as delta from contributions where period = '{}' and area_code = '{}' \
         group by node order by delta, node",
        month.name, whole.code
    ))?;
    let mut moved = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let deltas = columns.float("delta")?;
        let nodes = columns.required_text("node")?.into_iter();
        moved.extend(nodes.zip(deltas).filter_map(|(node, delta)| Some((node, delta?))));
    }
    Ok(moved)
}

/// What a month's last night expected of the stretch after it, with what was counted in it of the
/// indicator that is watched.
fn expected(
    job: &Job,
    watch: &BTreeMap<String, String>,
    before: &Period,
    whole: &Area,
) -> Result<Vec<(Found, Option<f64>)>> {
    let mut expected = findings::expected_of_next(job, before)?;
    expected.retain(|f| f.to <= job.as_of.day);
    let stretch = |f: &Found| Period { name: String::new(), start: f.from, end: f.to };
    let mut stretches: Vec<Period> = expected.iter().map(stretch).collect();
    stretches.sort_by_key(|s| (s.start, s.end));
    stretches.dedup();
    if stretches.is_empty() {
        return Ok(Vec::new());
    }
    let sums = sums(job, &[whole], &stretches, &job.as_of)?;
    let counted = |f: &Found| {
        let at = stretches.iter().position(|s| *s == stretch(f))?;
        let days = job.coverage.delivered(&f.domain, f.from, f.to).len() as i64;
        let indicator = watch.get(&f.domain)?;
        let of = sums.iter().filter(|(key, _)| key[0] == f.domain && key[1] == *indicator);
        (days == stretches[at].days()).then(|| of.map(|(_, [num, _])| num[(at, 0)]).sum())
    };
    let observed: Vec<Option<f64>> = expected.iter().map(counted).collect();
    Ok(expected.into_iter().zip(observed).collect())
}

/// Scores of the whole's index, month by month without a gap, up to a month.
fn course(job: &Job, whole: &Area, month: &Period) -> Result<Vec<f64>> {
    if !job.lake.has(Derived::Scores) {
        return Ok(Vec::new());
    }
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("scores", &job.lake.derived(Derived::Scores)?)?;
    let batches = session.collect(&format!(
        "select period, score from scores where node = 'index' and area_code = '{}' \
         and score is not null",
        quoted(&whole.code)
    ))?;
    let mut scores = BTreeMap::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let periods = columns.required_text("period")?.into_iter();
        scores.extend(periods.zip(columns.float("score")?.into_iter().flatten()));
    }
    let mut course = Vec::new();
    let mut at = month.clone();
    while let Some(score) = scores.get(&at.name) {
        course.push(*score);
        at = Unit::Month.before(&at);
    }
    course.reverse();
    Ok(course)
}

/// The letters as of the job's time, in order of their drafts.
fn letters(job: &Job) -> Result<Vec<LetterState>> {
    Ok(Ledger::open(job.workspace, job.lake, job.limits)?.drafted_as_of(&job.as_of))
}
