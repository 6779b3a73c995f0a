//! What can be wrong in a model file, by itself and held against the register, each with its fix.

use std::collections::HashSet;

use super::model::Model;
use super::score::Recipe;
use crate::workspace::Workspace;
use lake::Error;
use lake::areas::{EXPOSURES, Register};
use lake::schema::Domain;
use methods::index::posterior::IndicatorKind;

/// Whether the register has areas of the level that the model scores.
///
/// # Errors
/// [`Error::Config`] where it has none.
pub fn check_level(workspace: &Workspace, register: &Register, model: &Model) -> lake::Result<()> {
    if register.at_level(&model.level).next().is_some() {
        return Ok(());
    }
    Err(Error::config(
        &workspace.areas_file(),
        format!("no area is of level {}, which the model scores", model.level),
        format!(
            "the register has {}; change `level` in the model or the register",
            register.levels().join(", ")
        ),
    ))
}

impl Model {
    /// What is wrong in it and how to mend it.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let mut seen = HashSet::new();
        for domain in &self.domain {
            if Domain::find(&domain.id).is_none() {
                return Err((
                    format!("domain \"{}\" does not exist", domain.id),
                    "take one of the ten domains".into(),
                ));
            }
            positive(&domain.id, domain.weight)?;
            for indicator in &domain.indicator {
                let node = format!("{}.{}", domain.id, indicator.id);
                if !seen.insert(node.clone()) {
                    return Err((
                        format!("indicator \"{}\" stands twice in {}", indicator.id, domain.id),
                        "rename or remove one".into(),
                    ));
                }
                positive(&indicator.id, indicator.weight)?;
                if matches!(indicator.kind, IndicatorKind::Rate | IndicatorKind::Amount)
                    && indicator.exposure.is_empty()
                {
                    return Err((
                        format!("indicator \"{}\" of {} has no exposure", indicator.id, domain.id),
                        "add exposure = [\"population\"]".into(),
                    ));
                }
                if let Some(odd) =
                    indicator.exposure.iter().find(|e| !EXPOSURES.contains(&e.as_str()))
                {
                    return Err((
                        format!("exposure \"{odd}\" of {node} does not exist"),
                        format!("take one of {}", EXPOSURES.join(", ")),
                    ));
                }
            }
        }
        if self.domain.iter().all(|d| d.indicator.is_empty()) {
            return Err(("the model measures nothing".into(), "add a [[domain.indicator]]".into()));
        }
        let shares = [
            self.reference.low,
            self.reference.high,
            self.thresholds.indicator,
            self.thresholds.index,
        ];
        if shares.iter().any(|s| !(0.0..=1.0).contains(s))
            || self.reference.low >= self.reference.high
        {
            return Err((
                "quantiles and shares must lie between 0 and 1, low below high".into(),
                "correct [reference] or [coverage]".into(),
            ));
        }
        self.check_methods()?;
        if self.band.is_empty() {
            return Err((
                "the model has no bands".into(),
                "add a [[band]] with name, from and colour".into(),
            ));
        }
        Ok(())
    }

    fn check_methods(&self) -> Result<(), (String, String)> {
        Recipe::new(self).map_err(|flaw| (flaw.what, flaw.fix))?;
        if self.uncertainty.draws < 2
            || self.uncertainty.concentration.is_some_and(|c| c.is_nan() || c <= 0.0)
        {
            return Err((
                "[uncertainty] needs two draws or more and a concentration above zero".into(),
                "correct [uncertainty]".into(),
            ));
        }
        for veto in &self.veto {
            if Domain::find(&veto.domain).is_none() {
                return Err((
                    format!("veto \"{}\" watches \"{}\"", veto.id, veto.domain),
                    "take one of the ten domains".into(),
                ));
            }
            if veto.caps != "index" && !self.domain.iter().any(|d| d.id == veto.caps) {
                return Err((
                    format!("veto \"{}\" caps \"{}\"", veto.id, veto.caps),
                    "take index or a domain of the model".into(),
                ));
            }
            if !veto.at.is_finite() {
                return Err((
                    format!("veto \"{}\" caps at {}", veto.id, veto.at),
                    "give the highest score allowed".into(),
                ));
            }
        }
        Ok(())
    }
}

fn positive(name: &str, weight: f64) -> Result<(), (String, String)> {
    if weight.is_finite() && weight >= 0.0 {
        return Ok(());
    }
    Err((format!("weight of \"{name}\" is {weight}"), "weights are zero or more".into()))
}
