//! The monthly report: its seven parts and the annex, in order.

use lake::Result;
use lake::schema::Domain;
use render::letter::Stroke;
use render::report::{Block, Chart, Report, Section, Series, Shape, Table};

use super::inputs::Inputs;
use super::map::map;
use super::queries::{Part, Queried, Query, run};
use super::tables;
use super::text::{Writer, month_name};
use super::words::Words;

/// Months of the whole's course in a chart.
const COURSE: usize = 13;

/// The report of a month.
///
/// # Errors
/// [`lake::Error::Usage`] where a query of a table cannot be run.
pub fn month(inputs: &Inputs, words: &Words, queries: &[Query], issuer: &str) -> Result<Report> {
    let writer = Writer { inputs, words };
    let answers = run(inputs, queries)?;
    let of = |part: Part| -> Vec<Block> {
        let here = answers.tables.iter().filter(|q| q.query.part == part);
        here.filter_map(|q| filled(q.table.clone())).collect()
    };
    let mut sections = vec![overall(&writer)];
    sections.extend(domains(&writer, &answers.tables));
    sections.push(areas(&writer)?);
    sections.push(risks(&writer, of(Part::Risks)));
    sections.push(section(&writer, "outlook", |w| {
        let mut blocks = paragraphs([w.outlook()]);
        blocks.extend(filled(tables::outlook(inputs)));
        blocks.extend(filled(tables::outlook_review(inputs)));
        blocks
    }));
    sections.push(section(&writer, "letters", |w| {
        let mut blocks = paragraphs([w.letters()]);
        blocks.extend(filled(tables::letters(inputs, None).0));
        blocks
    }));
    sections.push(section(&writer, "advice", |w| paragraphs(w.advice())));
    sections.push(section(&writer, "annex", |w| {
        let mut blocks = paragraphs([w.annex()]);
        blocks.push(Block::Table(tables::coverage(inputs)));
        blocks.extend(filled(tables::proportions(inputs, None)));
        blocks.extend(of(Part::Annex));
        blocks.extend(filled(tables::not_collected(&answers.not_collected)));
        blocks
    }));
    Ok(Report {
        issuer: issuer.to_owned(),
        title: writer.title(),
        subtitle: writer.subtitle(),
        date: inputs.job.as_of.day,
        sections,
    })
}

fn section(writer: &Writer, part: &str, blocks: impl Fn(&Writer) -> Vec<Block>) -> Section {
    Section { level: 1, heading: writer.heading(part), blocks: blocks(writer) }
}

fn paragraphs(texts: impl IntoIterator<Item = String>) -> Vec<Block> {
    texts.into_iter().map(Block::Paragraph).collect()
}

/// A table that has rows.
fn filled(table: Table) -> Option<Block> {
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn overall(writer: &Writer) -> Section {
    section(writer, "overall", |w| {
        let mut blocks = paragraphs(w.overall());
        blocks.push(Block::Table(tables::overview(w.inputs)));
        blocks.push(Block::Table(tables::domains(w.inputs)));
        blocks.extend(course(w.inputs).map(Block::Chart));
        blocks.push(Block::Table(tables::two_up_two_down(w.inputs)));
        blocks
    })
}

/// The whole's index of the last months, beside that of a year before.
pub fn course(inputs: &Inputs) -> Option<Chart> {
    let score = |back: usize| inputs.score("index", 0, back).and_then(|s| s.score);
    let values: Vec<Option<f64>> = (0..COURSE).rev().map(score).collect();
    if values.iter().flatten().count() < 2 {
        return None;
    }
    let last = inputs.months.len() - 1;
    let labels = (0..COURSE).rev().map(|back| inputs.months[last - back].name.clone());
    let name = &inputs.areas[0].name;
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let (low, high) = (
        known.iter().copied().fold(f64::MAX, f64::min),
        known.iter().copied().fold(f64::MIN, f64::max),
    );
    Some(Chart {
        id: "指数走势".into(),
        title: format!("{name}平安指数近十三个月走势"),
        unit: "分".into(),
        shape: Shape::Lines,
        labels: labels.collect(),
        series: vec![Series { name: format!("{name}平安指数"), values, stroke: Stroke::Solid }],
        alt: format!("{name}平安指数近十三个月在{low:.1}分至{high:.1}分之间"),
    })
}

/// A heading for all, then one for each domain that delivered, with the tables of its own, and one
/// for tables of several.
fn domains(writer: &Writer, queried: &[Queried]) -> Vec<Section> {
    let here = |of: &dyn Fn(&Query) -> bool| -> Vec<Block> {
        let wanted = |q: &&Queried| q.query.part == Part::Domains && of(&q.query);
        queried.iter().filter(wanted).filter_map(|q| filled(q.table.clone())).collect()
    };
    let section = |domain: &'static Domain| {
        let mut blocks = paragraphs([writer.domain(domain)]);
        let table = tables::categories(writer.inputs, domain);
        // One row is what all together are.
        if table.rows.len() > 1 {
            blocks.push(Block::Table(table));
        }
        if domain.id == "disputes" {
            blocks.push(Block::Table(tables::categories_by_month(writer.inputs, domain)));
        }
        blocks.extend(here(&|query| matches!(query.domains[..], [one] if one.id == domain.id)));
        Section { level: 2, heading: domain.label.to_owned(), blocks }
    };
    let heading = Section { level: 1, heading: writer.heading("domains"), blocks: Vec::new() };
    let mut sections = vec![heading];
    sections.extend(writer.inputs.domains().map(section));
    let of_several = here(&|query| query.domains.len() > 1);
    if !of_several.is_empty() {
        sections.push(Section { level: 2, heading: "跨领域统计".into(), blocks: of_several });
    }
    sections
}

fn areas(writer: &Writer) -> Result<Section> {
    /// Areas and points of their outlines above which a map is no picture of a document.
    const MOST_AREAS: usize = 60;
    const MOST_POINTS: usize = 20_000;
    let inputs = writer.inputs;
    let map = map(inputs, &|_| String::new())?;
    let points: usize = map.areas.iter().flat_map(|a| &a.rings).map(Vec::len).sum();
    let shown = (2..=MOST_AREAS).contains(&map.areas.len()) && points <= MOST_POINTS;
    Ok(section(writer, "areas", |w| {
        let mut blocks = paragraphs(w.areas());
        blocks.push(Block::Table(tables::areas(inputs)));
        blocks.extend(shown.then(|| Block::Map(map.clone())));
        blocks.extend(ranking(inputs).map(Block::Chart));
        blocks.push(Block::Table(tables::profiles(inputs)));
        blocks.push(Block::Table(tables::course(inputs)));
        blocks.push(Block::Table(tables::areas_by_domain(inputs)));
        blocks
    }))
}

/// Bars of every area's index, the highest uppermost.
fn ranking(inputs: &Inputs) -> Option<Chart> {
    /// More bars than this are no picture.
    const MOST_BARS: usize = 40;
    let score = |at: usize| inputs.score("index", at, 0).and_then(|s| s.score);
    let mut scored: Vec<(String, f64)> = (1..inputs.areas.len())
        .filter_map(|at| Some((inputs.areas[at].name.clone(), score(at)?)))
        .collect();
    if scored.len() < 2 || scored.len() > MOST_BARS {
        return None;
    }
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    let month = month_name(inputs.month().start);
    let alt = format!(
        "{month}平安指数最高为{}{:.1}分，最低为{}{:.1}分",
        scored[0].0,
        scored[0].1,
        scored[scored.len() - 1].0,
        scored[scored.len() - 1].1
    );
    let (labels, values): (Vec<String>, Vec<Option<f64>>) =
        scored.into_iter().map(|(name, score)| (name, Some(score))).unzip();
    Some(Chart {
        id: "乡镇指数".into(),
        title: format!("{month}各乡镇（街道）平安指数"),
        unit: "分".into(),
        shape: Shape::Bars,
        labels,
        series: vec![Series { name: "平安指数".into(), values, stroke: Stroke::Solid }],
        alt,
    })
}

fn risks(writer: &Writer, queried: Vec<Block>) -> Section {
    let inputs = writer.inputs;
    section(writer, "risks", |w| {
        let mut blocks = paragraphs(w.risks());
        blocks.extend(filled(tables::rises(inputs, None)));
        blocks.extend(filled(tables::moved(inputs)));
        blocks.extend(filled(tables::associations(inputs)));
        blocks.extend(strengths(inputs).map(Block::Chart));
        blocks.extend(queried.clone());
        blocks
    })
}

/// Bars of how strongly numbers follow one another.
fn strengths(inputs: &Inputs) -> Option<Chart> {
    let pairs: Vec<(String, f64)> = tables::correlations(inputs);
    let strongest = pairs.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let alt = format!("先后关联最强的是{}，相关系数{:.2}", strongest.0, strongest.1);
    let (labels, values): (Vec<String>, Vec<Option<f64>>) =
        pairs.iter().map(|(pair, rho)| (pair.clone(), Some(*rho))).unzip();
    Some(Chart {
        id: "关联强度".into(),
        title: "领域之间先后关联的强度".into(),
        unit: "相关系数".into(),
        shape: Shape::Bars,
        labels,
        series: vec![Series { name: "相关系数".into(), values, stroke: Stroke::Solid }],
        alt,
    })
}
