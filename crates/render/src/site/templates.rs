//! The templates of the site that a workspace uses: its own where it has some, else those that come
//! along.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::{Block, Gauge, Page};
use crate::engine::{TemplateError, add, environment, fill};
use crate::files::{Files, overlaid};
use crate::line_chart::PAGE_FONTS;
use crate::map::svg as map_svg;
use crate::report::{Cell, chart_svg};

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../reports/site");

/// Folder within `reports`, the page, and what pages share.
const FOLDER: &str = "site";
const PAGE: &str = "page.html";
const SHARED: [&str; 2] = ["style.css", "site.js"];

/// Every name the template of a page may use.
pub const SITE_PLACEHOLDERS: &[&str] = &["title", "subtitle", "above", "blocks", "up", "site"];

/// Templates of the site, read once and filled any number of times. Each file under `site/` in the
/// folder `reports` of a workspace wins over the bundled file of that name.
pub struct SiteTemplates {
    environment: Environment<'static>,
    files: Files,
    reports: PathBuf,
}

#[derive(Serialize)]
struct Values<'a> {
    site: &'a str,
    title: &'a str,
    subtitle: &'a str,
    above: Vec<Above<'a>>,
    /// From the page to the folder.
    up: &'a str,
    blocks: Vec<BlockValues<'a>>,
}

#[derive(Serialize)]
struct Above<'a> {
    name: &'a str,
    href: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum BlockValues<'a> {
    Heading {
        text: &'a str,
    },
    Paragraph {
        text: &'a str,
    },
    Gauge {
        name: &'a str,
        score: Option<&'a str>,
        band: &'a str,
        colour: Option<&'a str>,
        notes: &'a [String],
    },
    Table {
        n: usize,
        title: &'a str,
        definition: &'a str,
        /// Lines of the query: what is written by a template has none.
        query: Vec<&'a str>,
        header: &'a [String],
        rows: Vec<RowValues<'a>>,
    },
    Picture {
        title: &'a str,
        svg: Value,
        labels: &'a [String],
        series: Vec<SeriesValues<'a>>,
    },
}

#[derive(Serialize)]
struct RowValues<'a> {
    href: Option<&'a str>,
    cells: Vec<CellValues>,
}

#[derive(Serialize)]
struct CellValues {
    text: String,
    kind: &'static str,
    /// What it is sorted by.
    value: Option<f64>,
    ground: Option<&'static str>,
}

#[derive(Serialize)]
struct SeriesValues<'a> {
    name: &'a str,
    values: Vec<String>,
}

impl SiteTemplates {
    /// The templates of the workspace whose folder `reports` this is; it need not be there.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file, and the placeholder in it that is not known.
    pub fn read(workspace_reports_folder: &Path) -> Result<SiteTemplates, TemplateError> {
        let reports = workspace_reports_folder.to_path_buf();
        let files = overlaid(&BUNDLED, &reports.join(FOLDER))?;
        let mut environment = environment();
        for name in [PAGE].iter().chain(&SHARED) {
            let missing =
                || TemplateError::new(name, "it is missing", "take it from the bundled folder");
            let content = files.get(*name).ok_or_else(missing)?;
            let text = std::str::from_utf8(content).map_err(|e| {
                TemplateError::new(name, format!("it is not UTF-8: {e}"), "save it as UTF-8")
            })?;
            if *name == PAGE {
                add(&mut environment, PAGE, text, SITE_PLACEHOLDERS)?;
            }
        }
        Ok(SiteTemplates { environment, files, reports })
    }

    /// Files that pages share, by their path in the folder.
    pub fn shared(&self) -> impl Iterator<Item = (&'static str, &[u8])> + '_ {
        SHARED.into_iter().filter_map(|name| Some((name, self.files.get(name)?.as_slice())))
    }

    /// A page as HTML; `site` is what the whole is called.
    ///
    /// # Errors
    /// A [`TemplateError`] naming the file and the placeholder in it that the page does not have.
    pub fn page(&self, site: &str, page: &Page) -> Result<String, TemplateError> {
        let up = "../".repeat(page.path.matches('/').count());
        let mut tables = 0;
        let block = |block| block_values(block, &up, &mut tables);
        let values = Values {
            site,
            title: &page.title,
            subtitle: &page.subtitle,
            above: page.above.iter().map(|(name, href)| Above { name, href }).collect(),
            up: &up,
            blocks: page.blocks.iter().map(block).collect(),
        };
        fill(&self.environment, PAGE, &Value::from(Serde(&values)), SITE_PLACEHOLDERS).map_err(
            |e| {
                let own = self.reports.join(FOLDER).join(PAGE);
                let part = if own.is_file() {
                    own.display().to_string()
                } else {
                    format!("reports/{FOLDER}/{PAGE}")
                };
                TemplateError { part, ..e }
            },
        )
    }
}

fn block_values<'a>(block: &'a Block, up: &str, tables: &mut usize) -> BlockValues<'a> {
    match block {
        Block::Heading(text) => BlockValues::Heading { text },
        Block::Paragraph(text) => BlockValues::Paragraph { text },
        Block::Gauge(Gauge { name, score, band, colour, notes }) => BlockValues::Gauge {
            name,
            score: score.as_deref(),
            band,
            colour: colour.as_deref(),
            notes,
        },
        Block::Table { table, links, query } => {
            *tables += 1;
            let rows = table.rows.iter().enumerate().map(|(at, row)| RowValues {
                href: links.get(at).and_then(|l| l.as_deref()),
                cells: row.iter().map(cell).collect(),
            });
            BlockValues::Table {
                n: *tables,
                title: &table.title,
                definition: &table.definition,
                query: query.lines().collect(),
                header: &table.header,
                rows: rows.collect(),
            }
        }
        Block::Chart(chart) => {
            let series = chart.series.iter().map(|s| SeriesValues {
                name: &s.name,
                values: (0..chart.labels.len())
                    .map(|at| {
                        s.values
                            .get(at)
                            .copied()
                            .flatten()
                            .map_or("—".to_owned(), |v| format!("{v:.1}"))
                    })
                    .collect(),
            });
            BlockValues::Picture {
                title: &chart.title,
                svg: Value::from_safe_string(chart_svg(chart, PAGE_FONTS)),
                labels: &chart.labels,
                series: series.collect(),
            }
        }
        Block::Map(map) => BlockValues::Picture {
            title: &map.title,
            svg: Value::from_safe_string(map_svg(map, up)),
            labels: &[],
            series: Vec::new(),
        },
    }
}

fn cell(cell: &Cell) -> CellValues {
    let (kind, value) = match cell {
        Cell::Text(_) => ("text", None),
        Cell::Number(value, _) | Cell::Shaded(value, ..) => ("number", Some(*value)),
        Cell::Absent(_) => ("absent", None),
    };
    CellValues { text: cell.text(), kind, value, ground: cell.ground() }
}
