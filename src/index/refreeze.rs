//! Goalposts and priors estimated anew and what moves by it, and the model's file written with
//! goalposts that are final.

use super::goalposts::{Frozen, FrozenIndicator};
use super::inputs::{Inputs, with_grids};
use super::model::{GOALPOSTS, Indicator, Model};
use super::score::score;
use crate::job::Job;
use crate::panel::Period;
use crate::workspace::Workspace;
use lake::{Result, files};
use methods::index::decompose::Change;

/// Share of the distance between goalposts by which one has to move to be told of by `check`: five
/// points of a score.
const MOVED: f64 = 0.05;

/// A model frozen anew, beside what it was.
pub struct Refrozen {
    /// With the new goalposts, and the old ones as what was frozen earlier.
    pub model: Model,
    pub goalposts: Vec<GoalpostsChange>,
    pub period: Period,
    /// Code and index of the areas in that period, by the old goalposts and by the new; NaN where
    /// there is none.
    pub index: Vec<(String, Change<f64>)>,
}

/// Goalposts of one indicator.
pub struct GoalpostsChange {
    /// `domain.indicator`.
    pub node: String,
    pub label: String,
    /// `None` where it had or has none that are final.
    pub frozen: Change<Option<FrozenIndicator>>,
    /// Why it has none now.
    pub why: Option<String>,
    /// Whether it is scored by goalposts.
    pub by_goalposts: bool,
}

impl GoalpostsChange {
    /// Whether it had goalposts that no figure can be placed between.
    pub fn coincided(&self) -> bool {
        self.by_goalposts && self.frozen.before.as_ref().is_some_and(|f| !f.is_scale())
    }

    /// Whether a goalpost moves by more than chance corrections move it.
    pub fn moves(&self) -> bool {
        let Change { before: Some(before), after: Some(after) } = &self.frozen else {
            return false;
        };
        let least = MOVED * (before.high - before.low);
        before.is_scale()
            && ((after.low - before.low).abs() > least || (after.high - before.high).abs() > least)
    }
}

/// Estimates goalposts and priors of a model anew, on the reference months as they are known now
/// and by the register as it is now, and scores a period by the old and by the new. Nothing is
/// written.
///
/// # Errors
/// As [`super::run`].
pub fn refreeze(job: &Job, model: &Model, period: &Period) -> Result<Refrozen> {
    let bare = Model { frozen: None, ..model.clone() };
    let completed = Inputs::read(job, &bare, &[])?.complete(job, &bare);
    let frozen = completed.final_goalposts();
    let why = |node: &String| {
        let unfrozen = completed.unfrozen.iter().find(|(of, _)| of == node);
        unfrozen.map(|(_, why)| why.clone()).or_else(|| {
            let few = format!("its feed has not had {} months yet", model.reference.months);
            completed.provisional.contains(node).then_some(few)
        })
    };
    let entry = |frozen: Option<&Frozen>, node: &String| frozen?.indicator.get(node).cloned();
    let change = |(_, indicator, node): (_, &Indicator, String)| GoalpostsChange {
        label: indicator.label.clone(),
        frozen: Change::new(entry(model.frozen.as_ref(), &node), entry(Some(&frozen), &node)),
        why: why(&node),
        by_goalposts: indicator.normalise.as_ref().unwrap_or(&model.normalise).method == GOALPOSTS,
        node,
    };
    let goalposts = model.indicators().map(change).collect();
    let replaced = model.frozen.iter().filter(|before| before.indicator != frozen.indicator);
    let earlier = replaced.chain(&model.earlier).cloned().collect();
    let refrozen = with_goalposts(job.workspace, &Model { earlier, ..model.clone() }, &frozen)?;
    let (before, after) = (indices(job, model, period)?, indices(job, &bare, period)?);
    let index = before
        .into_iter()
        .zip(after)
        .map(|((code, before), (_, after))| (code, Change::new(before, after)))
        .collect();
    Ok(Refrozen { model: refrozen, goalposts, period: period.clone(), index })
}

/// Writes a model that was frozen anew into its file in the workspace.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write_refrozen(job: &Job, refrozen: &Refrozen) -> Result<()> {
    write_model(job.workspace, &refrozen.model)
}

/// The model as its file reads with these goalposts, and with what `model` says was frozen
/// earlier.
///
/// # Errors
/// [`lake::Error::Config`] where that text is no model.
pub fn with_goalposts(workspace: &Workspace, model: &Model, frozen: &Frozen) -> Result<Model> {
    let text = frozen.written_into(&model.text, &model.earlier);
    let read = Model::parse(&workspace.root.join(&model.file), &text)?;
    Ok(Model { file: model.file.clone(), ..read })
}

/// Writes the model's text into the workspace's own file.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write_model(workspace: &Workspace, model: &Model) -> Result<()> {
    files::replace(&workspace.root.join(&model.file), model.text.as_bytes())
}

/// Code and index of each area that lives in a period; NaN where there is none.
fn indices(job: &Job, model: &Model, period: &Period) -> Result<Vec<(String, f64)>> {
    with_grids(job, model, std::slice::from_ref(period), |recipe, units, grids| {
        let mut found = Vec::new();
        for (grid, caps) in grids {
            let scores = score(recipe, &recipe.measure(grid, units), caps).node;
            let index = scores.column(scores.ncols() - 1);
            let lives = |area: &usize| units.lives(*area, period);
            found.extend(
                (0..units.areas.len())
                    .filter(lives)
                    .map(|area| (units.areas[area].code.clone(), index[area])),
            );
        }
        Ok(found)
    })
}
