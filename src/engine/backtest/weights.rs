//! Backtest of weights: each origin is opened as of its own end.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lake::areas::Exposures;
use lake::files::replace;
use lake::{AsOf, Error, Result};
use methods::backtest::Origin;

use super::super::open::{Opened, Options};
use super::super::report::month_named;
use super::{assumed_histories, folder, provenance};
use crate::backtest::weights::{
    self, Element, Failed, Judged, KnownTargets, LEARNED, Learned, Outcome, Place, Plan, Target,
    TargetFile, Weighed, read_weights,
};
use crate::backtest::{Control, Page};
use crate::index::{Goalposts, MODEL, Model, OriginScores, ScoredAreas, at_origin};
use crate::panel::{Period, Unit};
use crate::workspace::Workspace;

/// What a backtest of weights is asked.
#[derive(Clone, Debug)]
pub struct WeightsQuestion {
    /// The command line, for whoever repeats it.
    pub command: String,
    /// First and last month at whose ends something is predicted; the widest there is where absent.
    pub from: Option<String>,
    pub to: Option<String>,
    pub horizon: usize,
    pub embargo: usize,
    pub goalposts: Goalposts,
    pub weighed: Weighed,
    /// CSV of further sets of weights.
    pub weights: Option<PathBuf>,
}

/// What came of it.
pub struct WeightsBacktest {
    /// What the target is called.
    pub target: String,
    /// Domains of the target that are left out, and why.
    pub left_out: Vec<(String, &'static str)>,
    /// Domains of which times of recording are assumed (`--history`), not given.
    pub assumed: Vec<String>,
    pub origins: usize,
    pub common: usize,
    pub failed: Vec<Failed>,
    pub judged: Vec<Judged>,
    pub controls: Vec<Control>,
    /// What is to be known when reading it.
    pub remarks: Vec<String>,
    /// Where the results lie.
    pub folder: PathBuf,
}

/// Predicts at the end of each month from what was known then, and judges what was said by what
/// came, as known at the options' time. Nothing in the lake changes; results are written as tables
/// and a page.
///
/// # Errors
/// [`Error::Usage`] where there is too little history or a month is none; [`Error::Config`] where
/// model or target are wrong; [`Error::Input`] where the weights are.
pub fn backtest_weights(
    workspace: &Workspace,
    options: &Options,
    question: &WeightsQuestion,
    progress: &mut dyn FnMut(&str),
) -> Result<WeightsBacktest> {
    let opened = Opened::for_reading(workspace, options)?;
    let model = opened.model(MODEL)?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    let first = coverage.first_day().ok_or_else(Error::nothing_known)?;
    let elements = weights::elements(&model, question.weighed);
    let sets =
        question.weights.as_deref().map_or(Ok(Vec::new()), |p| read_weights(p, &elements))?;
    let plan = plan(question, first, options.as_of.day)?;
    let file = TargetFile::read(workspace)?;
    let target = Target::read(file, &opened.lake, &options.as_of, &options.limits)?;
    let units = ScoredAreas::new(&model, &opened.register);
    let ranked = units.areas.iter().zip(&units.ranked).filter(|(_, ranked)| **ranked);
    let areas: Vec<String> = ranked.map(|(area, _)| area.code.clone()).collect();

    let (mut scores, mut known, mut noisy) = (Vec::new(), Vec::new(), Vec::new());
    for (at, month) in plan.months.iter().enumerate() {
        progress(&month.name);
        let origin = AtOrigin { workspace, options, plan: &plan, at, areas: &areas };
        let (of_scores, of_target, of_noise) = origin.read(&target)?;
        scores.push(of_scores);
        known.push(of_target);
        noisy.push(of_noise);
    }
    let job = opened.job("backtest weights", "", &coverage, options.as_of);
    let exposures = Exposures::read(&workspace.exposures_file(), &opened.register)?;
    let place = Place::new(&job, &model, &exposures, &areas);
    let outcomes = weights::outcomes(&place, &options.as_of, &plan, &target);
    let put = |known: Vec<KnownTargets>| weights::origins(&plan, &areas, &scores, known, &outcomes);
    let (origins, noisy): (Vec<Origin>, Vec<Origin>) = (put(known), put(noisy));
    let outcome =
        weights::weights(&elements, &sets, &origins, &noisy, question.horizon, options.seed);
    let failed = weights::failed(&origins);
    if outcome.common == 0 {
        return Err(Error::usage(
            format!("of {} origins none could be judged for every candidate", origins.len()),
            "learned weights need six origins whose horizon is over: give more months with --from and --to",
        ));
    }
    let left_out = target.left_out(&coverage, &options.as_of);
    let folder = folder(workspace, "weights");
    weights::write(&folder, &elements, &areas, &origins, &outcome)?;
    write_learned(&folder, &model, &elements, &plan, &outcome, (question, target.label()))?;
    let months = plan.months.iter().map(|month| (month.name.clone(), month.end));
    provenance(&question.command, &[(MODEL, &model.hash)], &opened).write(
        &folder,
        &opened.lake,
        &months.collect::<Vec<_>>(),
    )?;
    let (rows, charts) = (weights::summaries(&outcome), weights::charts(&origins, &outcome));
    let mut found = WeightsBacktest {
        target: target.label().to_owned(),
        left_out: left_out.into_iter().map(|(id, why)| (id.to_owned(), why)).collect(),
        assumed: assumed_histories(&opened, options)?,
        origins: origins.len(),
        common: outcome.common,
        failed,
        judged: outcome.judged,
        controls: outcome.controls,
        remarks: Vec::new(),
        folder,
    };
    found.remarks = remarks(&found, question.horizon);
    let page = Page {
        title: "权重回测",
        date: options.as_of.day,
        command: &question.command,
        header: weights::SUMMARY,
        rows: &rows,
        remarks: &found.remarks,
        charts,
    };
    page.write(workspace, &found.folder)?;
    Ok(found)
}

/// Writes the model with the weights that were learned last, where some were.
fn write_learned(
    folder: &Path,
    model: &Model,
    elements: &[Element],
    plan: &Plan,
    outcome: &Outcome,
    (question, target): (&WeightsQuestion, &str),
) -> Result<()> {
    let learned = outcome.judged.iter().find(|judged| judged.name == LEARNED);
    let predictions = learned.iter().flat_map(|judged| judged.predictions.iter().enumerate());
    let last = predictions
        .filter_map(|(at, said)| Some((at, said.as_ref()?.weights.as_ref()?)))
        .next_back();
    let Some((at, weights)) = last else { return Ok(()) };
    let by = Learned {
        weights: &weights.to_vec(),
        origin: &plan.months[at].name,
        target,
        command: &question.command,
    };
    let text = weights::learned_model(&model.text, elements, question.weighed, &by);
    replace(&folder.join("learned.toml"), text.as_bytes())
}

/// The months at whose ends something is predicted: from the sixth of the history, before which
/// there is hardly a score, to the last whose horizon is over.
fn plan(question: &WeightsQuestion, first: NaiveDate, known: NaiveDate) -> Result<Plan> {
    const BEFORE_FIRST: usize = 5;
    let month = |text: &Option<String>| text.as_deref().map(month_named).transpose();
    let (from, to) = (month(&question.from)?, month(&question.to)?);
    let ahead = question.embargo.saturating_add(question.horizon);
    let all = Unit::Month.periods(first, NaiveDate::max(first, known));
    let whole = all.iter().filter(|m| Unit::Month.period(m.start, NaiveDate::MAX).end <= known);
    let whole: Vec<Period> = whole.cloned().collect();
    let over = whole.len().saturating_sub(ahead);
    let months: Vec<Period> = whole[..over]
        .iter()
        .enumerate()
        .filter(|(at, month)| match &from {
            Some(from) => month.start >= from.start,
            None => *at >= BEFORE_FIRST,
        })
        .map(|(_, month)| month.clone())
        .filter(|month| to.as_ref().is_none_or(|to| month.start <= to.start))
        .collect();
    if question.horizon == 0 || months.is_empty() {
        return Err(Error::usage(
            format!("no month of {first} to {known} has a horizon of {ahead} months that is over"),
            "give an earlier --from or --to, or a shorter --horizon of at least 1",
        ));
    }
    Ok(Plan {
        months,
        horizon: question.horizon,
        embargo: question.embargo,
        goalposts: question.goalposts,
        weighed: question.weighed,
    })
}

/// One origin, to be opened as of its end.
struct AtOrigin<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    plan: &'a Plan,
    at: usize,
    areas: &'a [String],
}

impl AtOrigin<'_> {
    /// The scores, and the target as it was known then, once with noise in the place of all that
    /// became known later.
    fn read(&self, target: &Target) -> Result<(OriginScores, KnownTargets, KnownTargets)> {
        let month = &self.plan.months[self.at];
        let as_of = AsOf::end_of(month.end, self.workspace.time_zone());
        let options = Options { as_of, ..self.options.clone() };
        let opened = Opened::for_reading(self.workspace, &options)?;
        let model = opened.model(MODEL)?;
        let coverage = opened.coverage(&model.level, &as_of)?;
        let job = opened.job("backtest weights", "", &coverage, as_of);
        let scores = at_origin(&job, &model, month, self.plan.goalposts)?;
        let exposures = Exposures::read(&self.workspace.exposures_file(), &opened.register)?;
        let place = Place::new(&job, &model, &exposures, self.areas);
        let known =
            |target: &Target| weights::known_targets(&place, &as_of, self.plan, self.at, target);
        Ok((scores, known(target), known(&target.with_noise_after(&as_of))))
    }
}

/// What is to be known when reading the result.
fn remarks(found: &WeightsBacktest, horizon: usize) -> Vec<String> {
    let WeightsBacktest { target, origins, common, .. } = found;
    let mut lines = vec![
        format!(
            "Target: {target}, over {horizon} months after each origin; {common} of {origins} origins are judged, \
             those at which every row says something"
        ),
        "p by Diebold and Mariano, adjusted for the number of rows (Holm)".to_owned(),
    ];
    let failed = found.failed.iter();
    lines.extend(failed.map(|failed| format!("Not judged: {}, {}", failed.month, failed.why)));
    let left_out = found.left_out.iter();
    lines.extend(left_out.map(|(id, why)| format!("Left out of the target: {id}, {why}")));
    lines.extend(super::common_remarks(&found.assumed, &found.controls));
    lines
}
