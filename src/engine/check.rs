//! What is wrong in a workspace, and the fix.

use lake::Derived;
use std::collections::BTreeMap;
use std::path::Path;

use chrono::{NaiveDate, Utc};

use super::letters::judge;
use super::mapping::{HEADERS, read_header_words};
use super::open::{Opened, Options};
use super::refreeze::last_whole_month;
use super::remark::Remark;
use super::silent::silences;
use crate::backtest::weights::{TARGET, TargetFile, check_target};
use crate::circumstances::{CIRCUMSTANCES, Circumstances};
use crate::detect::{self, DETECTORS, Settings};
use crate::error::from_template;
use crate::feeds::Coverage;
use crate::index::{self, MODEL, Model, ScoredAreas, check_level, check_vetoes, exposure_columns};
use crate::panel::{Pipeline, Standing, check_sql, pending};
use crate::report::{MONTH_WORDS, QUERIES, THRESHOLDS, Thresholds, Words, read_queries};
use crate::warn;
use crate::workspace::Workspace;
use lake::Error;
use lake::areas::{Area, Exposures, Register};
use lake::mapping::{Mapping, Rhythm, common_name, read_folder};
use lake::schema::{DOMAINS, Domain};
use lake::taxonomy::Taxonomy;
use lake::{AsOf, Lake, Limits, label};
use render::LetterTemplates;
use render::report::ReportTemplates;

/// Checks register, taxonomy, mappings, model, rules, templates, pipelines, panel, ledger and inbox
/// of a workspace.
pub fn check(workspace: &Workspace, options: &Options) -> Vec<Remark> {
    let (mut remarks, limits) = (Vec::new(), &options.limits);
    let read = Register::read(&workspace.areas_file()).and_then(|r| r.as_of(options.as_of.day));
    let register = note_error(&mut remarks, "areas.csv", read);
    let taxonomy = note_error(&mut remarks, "models/taxonomy.toml", workspace.taxonomy());
    note_error(&mut remarks, HEADERS, read_header_words(workspace));
    let model = note_error(&mut remarks, MODEL, Model::read(workspace, MODEL));
    if let (Some(register), Some(model)) = (&register, &model)
        && note_error(&mut remarks, "areas.csv", check_level(workspace, register, model)).is_some()
    {
        let changes = note_error(
            &mut remarks,
            "exposures.csv",
            Exposures::read(&workspace.exposures_file(), register),
        );
        remarks.extend(
            changes
                .map(|changes| exposures(register, &changes, model, options.as_of.day))
                .unwrap_or_default(),
        );
        let delivered = delivered(workspace, model, options);
        let delivered = note_error(&mut remarks, "lake", delivered);
        remarks.extend(delivered.unwrap_or_default());
    }
    other_models(&mut remarks, workspace);
    note_error(
        &mut remarks,
        "reports",
        LetterTemplates::read(&workspace.reports()).and_then(|t| t.check()).map_err(from_template),
    );
    note_error(
        &mut remarks,
        "reports/month",
        ReportTemplates::read(&workspace.reports()).map_err(from_template),
    );
    note_error(&mut remarks, CIRCUMSTANCES, Circumstances::read(workspace));
    note_error(&mut remarks, warn::NOTES, warn::Vocabulary::listed(workspace));
    note_error(&mut remarks, warn::WORDS, warn::Words::read(workspace));
    note_error(&mut remarks, MONTH_WORDS, Words::read(workspace));
    note_error(&mut remarks, QUERIES, read_queries(&workspace.root));
    let thresholds = workspace.taxonomy().and_then(|codes| Thresholds::read(workspace, &codes));
    note_error(&mut remarks, THRESHOLDS, thresholds);
    let target = note_error(&mut remarks, TARGET, TargetFile::read(workspace));
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
        let now = AsOf::now(Utc::now(), workspace.time_zone());
        if let Some(model) = model.as_ref().filter(|m| !m.veto.is_empty()) {
            note_error(
                &mut remarks,
                MODEL,
                check_vetoes(model, &workspace.root.join(MODEL), &lake, &now, limits),
            );
        }
        if let Some(target) = &target {
            note_error(&mut remarks, TARGET, check_target(target, &lake, &now, limits));
        }
        let verdict = note_error(&mut remarks, "lake/ledger", judge(workspace, limits))
            .map(|(verdict, _)| verdict)
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

/// Rates that are not assessable in areas whose exposure is not known on a day.
fn exposures(
    register: &Register,
    changes: &Exposures,
    model: &Model,
    day: NaiveDate,
) -> Vec<Remark> {
    let units = ScoredAreas::new(model, register);
    let living = |area: &&Area| area.level == model.level && area.lives_on(day);
    let scored: Vec<&Area> = units.areas.iter().copied().filter(living).collect();
    // By exposure and the areas that lack it.
    let mut missing: BTreeMap<(String, Vec<&str>), Vec<String>> = BTreeMap::new();
    let columns = exposure_columns(model, &units, changes);
    for ((domain, indicator, _), column) in model.indicators().zip(columns) {
        let lacks = |area: &&&Area| {
            let figure = column.and_then(|c| changes.in_force(area, day).get(c));
            !figure.is_some_and(|x| x > 0.0)
        };
        let lack: Vec<&str> = scored.iter().filter(lacks).map(|a| a.name.as_str()).collect();
        if !indicator.exposure.is_empty() && !lack.is_empty() {
            let exposure = column.map_or_else(|| indicator.exposure.join(" or "), str::to_owned);
            let rates = missing.entry((exposure, lack)).or_default();
            rates.push(format!("{} {}", domain.id, indicator.label));
        }
    }
    let remark = |((exposure, lack), rates): ((String, Vec<&str>), Vec<String>)| {
        let rates = rates.join(", ");
        let what = if lack.len() == scored.len() {
            format!(
                "{exposure} is not known for any {}, so these rates are not assessable: {rates}",
                model.level
            )
        } else {
            format!(
                "{exposure} of {} is not known or zero, so these rates of theirs are not assessable, and the whole's are without them: {rates}",
                lack.join(", ")
            )
        };
        Remark::note("areas.csv", what, format!("fill in {exposure}, where there is any"))
    };
    missing.into_iter().map(remark).collect()
}

/// What the feeds say: what comes no more, which sources are late, and which goalposts were frozen
/// on too little of it.
fn delivered(
    workspace: &Workspace,
    model: &Model,
    options: &Options,
) -> Result<Vec<Remark>, Error> {
    let opened = Opened::for_reading(workspace, options)?;
    if !opened.lake.has(Derived::Panel) {
        return Ok(Vec::new());
    }
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    let mut remarks = silences(&opened, &model.level, &coverage)?;
    remarks.extend(sources(&coverage, options.as_of.day));
    remarks.extend(goalposts(&opened, model, &coverage)?);
    Ok(remarks)
}

/// Sources of which a delivery is overdue, and those that deliver otherwise than their mapping
/// says.
fn sources(coverage: &Coverage, today: NaiveDate) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (domain, feed) in &coverage.feeds {
        for (name, source) in &feed.sources {
            let (stated, observed) = (source.deliveries.stated, source.deliveries.observed());
            if let Some(since) = source.overdue_since(today).filter(|_| !source.has_ended(today)) {
                let rhythm = match (stated.or(observed), source.schedule) {
                    (Some(rhythm), _) => rhythm.name(),
                    (None, None) => Rhythm::Daily.name(),
                    (None, Some(_)) => "no rhythm known yet",
                };
                let last = source.deliveries.advancing.last();
                let last = last.map_or(String::new(), |d| format!(", last delivery {}", d.day));
                remarks.push(Remark::note(
                    *domain,
                    format!("source {name} ({rhythm}{last}): a delivery is overdue since {since}"),
                    "ask who delivers it; what has not come does not count, and is no zero",
                ));
            }
            if let (Some(stated), Some(observed)) = (stated, observed)
                && stated != Rhythm::Irregular
                && stated != observed
            {
                let (stated, observed) = (stated.name(), observed.name());
                remarks.push(Remark::note(
                    *domain,
                    format!(
                        "source {name}: its mapping says rhythm = \"{stated}\", its last deliveries \
                         came {observed}"
                    ),
                    format!("give rhythm = \"{observed}\", or leave it out: it is learned"),
                ));
            }
        }
    }
    remarks
}

/// What is frozen on too little, and what would be frozen otherwise now.
fn goalposts(opened: &Opened, model: &Model, coverage: &Coverage) -> Result<Vec<Remark>, Error> {
    const FREEZE: &str = "`pingan index --freeze` freezes anew and says what moves";
    let options = opened.options;
    if coverage.feeds.is_empty() || model.frozen.is_none() {
        return Ok(Vec::new());
    }
    let job = opened.job("check", "", coverage, options.as_of);
    let found = index::refreeze(&job, model, &last_whole_month(options))?;
    let mut remarks = Vec::new();
    let coinciding: Vec<&str> =
        found.goalposts.iter().filter(|g| g.coincided()).map(|g| g.node.as_str()).collect();
    if !coinciding.is_empty() {
        let what = format!(
            "goalposts that coincide were frozen, so these are never scored: {}",
            coinciding.join(", ")
        );
        remarks.push(Remark::wrong(MODEL, what, FREEZE));
    }
    let mut unscored: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in &found.goalposts {
        let (node, frozen) = (&change.node, &change.frozen);
        if let (None, Some(why)) = (&frozen.before, &change.why) {
            unscored.entry(why).or_default().push(node);
        }
        let areas = |f: &Option<index::FrozenIndicator>| f.as_ref().and_then(|f| f.areas);
        let more = areas(&frozen.before).zip(areas(&frozen.after)).filter(|(b, a)| b < a);
        if let Some((before, after)) = more {
            let what =
                format!("goalposts of {node} rest on {before} areas; {after} have figures now");
            remarks.push(Remark::note(MODEL, what, FREEZE));
        }
    }
    remarks.extend(unscored.into_iter().map(|(why, nodes)| {
        let what = format!("not scored, {why}: {}", nodes.join(", "));
        Remark::note(MODEL, what, "nothing is to be done where that is as it should be")
    }));
    let moving: Vec<String> = found
        .goalposts
        .iter()
        .filter(|g| g.moves())
        .filter_map(|g| {
            let (b, a) = (g.frozen.before.as_ref()?, g.frozen.after.as_ref()?);
            Some(format!("{} {:.4}–{:.4}, now {:.4}–{:.4}", g.node, b.low, b.high, a.low, a.high))
        })
        .collect();
    if !moving.is_empty() {
        let what = format!(
            "register, exposures or reference months have changed since goalposts were frozen: {}",
            moving.join("; ")
        );
        remarks.push(Remark::note(MODEL, what, FREEZE));
    }
    Ok(remarks)
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
            && ![
                MODEL,
                DETECTORS,
                THRESHOLDS,
                TARGET,
                warn::WARNINGS,
                warn::NOTES,
                "models/taxonomy.toml",
                HEADERS,
            ]
            .contains(&n.as_str())
    }) {
        note_error(remarks, name, Model::read(workspace, name));
    }
}

/// Mappings that are wrong, and pairs that claim the same file.
fn mappings(remarks: &mut Vec<Remark>, folder: &Path, taxonomy: &Taxonomy) {
    let Some(read) = note_error(remarks, "mappings", read_folder(folder)) else { return };
    let mut whole: Vec<Mapping> = Vec::new();
    for mapping in read {
        match mapping {
            Ok(mapping) => {
                let about = mapping.file.display().to_string();
                note_error(remarks, &about, mapping.check(taxonomy));
                whole.push(mapping);
            }
            Err(broken) => {
                let about = broken.file.display().to_string();
                remarks.push(Remark::from_error(&about, &broken.error));
            }
        }
    }
    whole.retain(|mapping| !mapping.also);
    for (number, first) in whole.iter().enumerate() {
        remarks.extend(whole[number + 1..].iter().filter_map(|second| both_for(first, second)));
    }
}

/// Two mappings that are for a file of the same name.
fn both_for(first: &Mapping, second: &Mapping) -> Option<Remark> {
    let common = |a: &String| second.files.iter().find_map(|b| common_name(a, b));
    let name = first.files.iter().find_map(common)?;
    let such = if name.is_empty() { "any".to_owned() } else { format!("files such as {name}") };
    let (first, second) = (first.file.display(), second.file.display());
    Some(Remark::wrong(
        first.to_string(),
        format!("{first} and {second} are both for {such}"),
        "narrow `files` in one of them, or, where the file feeds both, say `also = true` in one",
    ))
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
                format!("inbox/failed/{}", label(&n, &[])),
                "could not be read",
                "read the report beside it, mend it, put it back into inbox/",
            )
        })
        .collect()
}
