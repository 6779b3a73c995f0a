//! The monthly report, and the site.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lake::error::At;
use lake::files::replace;
use lake::{Error, Result};
use render::site::SiteTemplates;

use super::open::{Opened, Options};
use super::refreeze::last_whole_month;
use crate::error::from_template;
use crate::index::MODEL;
use crate::job::Job;
use crate::panel::{Period, Unit};
use crate::report::{self, Document, Inputs, Sources, Words};
use crate::warn;
use crate::workspace::Workspace;

/// Writes the report of a month (`2026-01`), as of the options' time.
///
/// # Errors
/// [`Error::Usage`] where the text is no month, the month is not over, or it has not been scored;
/// [`Error::Config`] where words, queries or templates are wrong.
pub fn report_month(
    workspace: &Workspace,
    options: &Options,
    month: &str,
) -> Result<Vec<Document>> {
    let known = options.as_of.day;
    let first = format!("{month}-01").parse::<NaiveDate>().ok();
    let month = first
        .map(|day| Unit::Month.period(day, NaiveDate::MAX))
        .filter(|period| period.name == month)
        .ok_or_else(|| Error::usage(format!("{month} is no month"), "write it like 2026-01"))?;
    if month.end > known {
        return Err(Error::usage(
            format!("{} is not over on {known}", month.name),
            format!("give a month up to {}", Unit::Month.period(known, known).before().name),
        ));
    }
    let opened = Opened::for_reading(workspace, options)?;
    let model = opened.model(MODEL)?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    let job = opened.job("report", &month.name, &coverage, options.as_of);
    let sources =
        Sources { model: &model, taxonomy: opened.taxonomy()?, rules: opened.warning_rules()? };
    write(&job, &sources, &month)
}

/// Makes and writes the report of a month.
pub(super) fn write(job: &Job, sources: &Sources, month: &Period) -> Result<Vec<Document>> {
    let words = Words::read(job.workspace)?;
    let queries = report::read_queries(&job.workspace.root)?;
    let inputs = Inputs::read(job, sources, month)?;
    let issuer = sources.rules.issuer.signature(&inputs.areas[0].name);
    let report = report::month(&inputs, &words, &queries, &issuer)?;
    let months = [month.name.as_str(), &month.before().name];
    let report = report::with_editions(&report::folder(job.workspace), months, &words, report)?;
    report::write(job.workspace, &month.name, &report)
}

/// The files of a site.
const MARK: &str = ".pingan-site";

/// Writes the site of the last month that is over into a folder, in the place of the one that was
/// there; returns its first page.
///
/// # Errors
/// [`Error::Usage`] where the folder holds something else or the month has no scores, and as
/// [`report_month`].
pub fn site(workspace: &Workspace, options: &Options, folder: &Path) -> Result<PathBuf> {
    let strange = folder.is_dir() && !folder.join(MARK).is_file();
    if strange && std::fs::read_dir(folder).at(folder)?.next().is_some() {
        return Err(Error::usage(
            format!("{} holds something other than a site", folder.display()),
            "give an empty folder, or one that `pingan site` made",
        ));
    }
    let month = last_whole_month(options);
    let opened = Opened::for_reading(workspace, options)?;
    let model = opened.model(MODEL)?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    let job = opened.job("site", &month.name, &coverage, options.as_of);
    let rules = opened.warning_rules()?;
    let sources = Sources { model: &model, taxonomy: opened.taxonomy()?, rules };
    let inputs = Inputs::read(&job, &sources, &month)?;
    let letters = warn::folder(workspace);
    let has_page = |id: &String| letters.join(format!("{id}.html")).is_file();
    let ids: Vec<String> =
        inputs.letters.iter().map(|l| l.letter_id.clone()).filter(has_page).collect();
    let words = Words::read(workspace)?;
    let pages = report::pages(&inputs, &words, &report::read_queries(&workspace.root)?, &ids)?;
    let templates = SiteTemplates::read(&workspace.reports()).map_err(from_template)?;
    let mut files: Vec<(String, Vec<u8>)> = vec![(MARK.to_owned(), Vec::new())];
    files.extend(templates.shared().map(|(name, content)| (name.to_owned(), content.to_vec())));
    let name = format!("{}平安建设", inputs.areas[0].name);
    for page in &pages {
        let html = templates.page(&name, page).map_err(from_template)?;
        files.push((page.path.clone(), html.into_bytes()));
    }
    for id in &ids {
        let file = letters.join(format!("{id}.html"));
        files.push((report::letter_path(id), std::fs::read(&file).at(&file)?));
    }
    // A reader sees the old site until the new one is whole.
    let beside = folder.with_extension("new");
    if beside.is_dir() {
        std::fs::remove_dir_all(&beside).at(&beside)?;
    }
    for (path, content) in files {
        replace(&beside.join(path), &content)?;
    }
    if folder.is_dir() {
        std::fs::remove_dir_all(folder).at(folder)?;
    }
    std::fs::rename(&beside, folder).at(folder)?;
    Ok(folder.join("index.html"))
}
