//! What is wrong in a workspace, and the fix.

use lake::Derived;
use std::path::Path;

use chrono::Utc;

use crate::detect::{self, DETECTORS, Settings};
use crate::error::from_template;
use crate::index::{MODEL, Model, check_level, check_vetoes, exposure_column, read_model};
use crate::panel::{Pipeline, Standing, check_sql, pending};
use crate::warn;
use crate::workspace::Workspace;
use lake::Error;
use lake::areas::{Exposure, Exposures, Register};
use lake::mapping::Mapping;
use lake::schema::{DOMAINS, Domain};
use lake::taxonomy::Taxonomy;
use lake::{AsOf, Lake, Limits};
use render::LetterTemplates;

/// One thing found.
#[derive(Debug)]
pub struct Remark {
    /// It must be mended; otherwise it is good to know.
    pub wrong: bool,
    /// What it is about: a file or a table.
    pub about: String,
    pub what: String,
    pub fix: String,
}

impl Remark {
    fn wrong(about: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Remark {
        Remark { wrong: true, about: about.into(), what: what.into(), fix: fix.into() }
    }

    fn note(about: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Remark {
        Remark { wrong: false, about: about.into(), what: what.into(), fix: fix.into() }
    }

    fn from_error(about: &str, error: &Error) -> Remark {
        match error {
            Error::Config { file, line, what, fix } => {
                let line = line.map_or(String::new(), |l| format!(":{l}"));
                Remark::wrong(format!("{}{line}", file.display()), what, fix)
            }
            Error::Usage { what, fix } => Remark::wrong(about, what, fix),
            Error::Input { file, what, fix } => {
                Remark::wrong(file.display().to_string(), what, fix)
            }
            other => Remark::wrong(about, other.to_string(), "see the message"),
        }
    }
}

/// Checks register, taxonomy, mappings, model, rules, templates, pipelines, panel, ledger and inbox
/// of a workspace.
pub fn check(workspace: &Workspace, limits: &Limits) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let register = note_error(&mut remarks, "areas.csv", Register::read(&workspace.areas_file()));
    let taxonomy = note_error(&mut remarks, "models/taxonomy.toml", workspace.taxonomy());
    let model = note_error(&mut remarks, MODEL, read_model(workspace, MODEL));
    if let (Some(register), Some(model)) = (&register, &model)
        && note_error(&mut remarks, "areas.csv", check_level(workspace, register, model)).is_some()
    {
        let changes = note_error(
            &mut remarks,
            "exposures.csv",
            Exposures::read(&workspace.exposures_file(), register),
        );
        remarks.extend(
            changes.map(|changes| exposures(register, &changes, model)).unwrap_or_default(),
        );
    }
    other_models(&mut remarks, workspace);
    note_error(
        &mut remarks,
        "reports",
        LetterTemplates::read(&workspace.reports()).and_then(|t| t.check()).map_err(from_template),
    );
    note_error(&mut remarks, warn::WARNINGS, warn::Settings::read(workspace));
    if let Some(settings) = note_error(&mut remarks, DETECTORS, Settings::read(workspace)) {
        if let Some(register) = &register {
            note_error(
                &mut remarks,
                DETECTORS,
                detect::check_level(workspace, register, &settings),
            );
        }
        remarks.extend(watched(workspace, &settings));
    }
    if let Some(taxonomy) = &taxonomy {
        mappings(&mut remarks, &workspace.mappings(), taxonomy);
    }
    if let Some(lake) = note_error(&mut remarks, "lake", Lake::open(&workspace.lake(), limits)) {
        pipelines(&mut remarks, workspace, &lake, limits);
        if let Some(model) = model.as_ref().filter(|m| !m.veto.is_empty()) {
            let now = AsOf::now(Utc::now(), workspace.time_zone());
            note_error(
                &mut remarks,
                MODEL,
                check_vetoes(model, &workspace.root.join(MODEL), &lake, &now, limits),
            );
        }
        let verdict =
            note_error(&mut remarks, "lake/ledger", warn::verify(workspace, &lake, limits))
                .unwrap_or_default();
        remarks.extend(verdict.wrong.into_iter().map(|what| {
            Remark::wrong("lake/ledger", what, "`pingan letters verify`; restore a backup")
        }));
    }
    remarks.extend(failed_files(&workspace.inbox().join("failed")));
    remarks
}

/// The value, or `None` after a remark on the error.
fn note_error<T>(remarks: &mut Vec<Remark>, about: &str, result: Result<T, Error>) -> Option<T> {
    result.map_err(|e| remarks.push(Remark::from_error(about, &e))).ok()
}

/// Rates whose exposure is unknown for a scored area.
fn exposures(register: &Register, changes: &Exposures, model: &Model) -> Vec<Remark> {
    let today = Utc::now().date_naive();
    let scored: Vec<Exposure> =
        register.at_level(&model.level).map(|a| changes.in_force(a, today)).collect();
    let mut missing: std::collections::BTreeMap<String, Vec<&str>> =
        std::collections::BTreeMap::new();
    for (domain, indicator, _) in model.indicators() {
        if !indicator.exposure.is_empty()
            && exposure_column(indicator, scored.iter().copied()).is_none()
        {
            missing
                .entry(indicator.exposure.join(" or "))
                .or_default()
                .extend([domain.id.as_str(), indicator.label.as_str()]);
        }
    }
    missing
        .into_iter()
        .map(|(exposure, rates)| {
            let rates = rates.chunks(2).map(|r| r.join(" ")).collect::<Vec<_>>().join(", ");
            let what = format!(
                "{exposure} is not known for every {}, so these rates are not assessable: {rates}",
                model.level
            );
            Remark::note("areas.csv", what, format!("fill in {exposure}"))
        })
        .collect()
}

/// Watched indicators that their domain's SQL does not yield.
fn watched(workspace: &Workspace, settings: &Settings) -> Vec<Remark> {
    let lacks = |(domain, indicator): (&String, &String)| {
        let pipeline = Pipeline::read(workspace, Domain::find(domain)?).ok()?;
        let line = settings.lines.get(domain).map_or(String::new(), |line| format!(":{line}"));
        let about = format!("{}{line}", workspace.root.join(DETECTORS).display());
        let what = format!(
            "[watch] {domain} = \"{indicator}\", which pipelines/{domain}.sql does not yield: the domain is not assessable"
        );
        let fix = format!(
            "watch an indicator that pipelines/{domain}.sql yields, such as events, or let it yield this one"
        );
        (!pipeline.names(indicator)).then(|| Remark::wrong(about, what, fix))
    };
    settings.watch.iter().filter_map(lacks).collect()
}

/// Models of the workspace beside the night's own.
fn other_models(remarks: &mut Vec<Remark>, workspace: &Workspace) {
    let Ok(entries) = std::fs::read_dir(workspace.root.join("models")) else { return };
    let mut names: Vec<String> =
        entries.flatten().map(|e| format!("models/{}", e.file_name().to_string_lossy())).collect();
    names.sort();
    for name in names.iter().filter(|n| {
        n.ends_with(".toml")
            && ![MODEL, DETECTORS, warn::WARNINGS, "models/taxonomy.toml", "models/headers.toml"]
                .contains(&n.as_str())
    }) {
        note_error(remarks, name, read_model(workspace, name));
    }
}

fn mappings(remarks: &mut Vec<Remark>, folder: &Path, taxonomy: &Taxonomy) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    for file in files {
        let about = file.display().to_string();
        if let Some(mapping) = note_error(remarks, &about, Mapping::load(&file)) {
            note_error(remarks, &about, mapping.check(taxonomy));
        }
    }
}

/// Every domain's SQL, and whether its panel is behind it.
fn pipelines(remarks: &mut Vec<Remark>, workspace: &Workspace, lake: &Lake, limits: &Limits) {
    for domain in &DOMAINS {
        let about = format!("pipelines/{}.sql", domain.id);
        let Some(pipeline) = note_error(remarks, &about, Pipeline::read(workspace, domain)) else {
            continue;
        };
        if note_error(remarks, &about, check_sql(lake, &pipeline, limits)).is_none()
            || !lake.has_events(domain)
        {
            continue;
        }
        let standing = lake
            .events(domain)
            .and_then(|events| pending(&lake.derived(Derived::Panel)?, &events, &pipeline));
        match note_error(remarks, &about, standing) {
            Some(Standing::OtherSql) => remarks.push(Remark::wrong(
                about,
                "the panel was built with another SQL",
                "run `pingan nightly`: it rebuilds this domain and no other",
            )),
            Some(Standing::Behind(_)) => {
                remarks.push(Remark::note(
                    about,
                    "events have come that are not yet in the panel",
                    "run `pingan nightly`",
                ));
            }
            _ => {}
        }
    }
}

fn failed_files(folder: &Path) -> Vec<Remark> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|n| !n.ends_with(".report.txt"));
    names.sort();
    names
        .into_iter()
        .map(|n| {
            Remark::wrong(
                format!("inbox/failed/{n}"),
                "could not be read",
                "read the report beside it, mend it, put it back into inbox/",
            )
        })
        .collect()
}
