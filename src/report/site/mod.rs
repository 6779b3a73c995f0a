//! The site: pages of the whole, every area, every domain and the letters, from the tables of the
//! month.

mod places;

use lake::error::Result;
use lake::schema::Domain;
use render::letter::Stroke;
use render::report::{Cell, Chart, Format, Series, Shape, Table};
use render::site::{Block, Gauge, Page};

use super::comparison::YEAR;
use super::inputs::{Inputs, Score};
use super::map::{colour, map};
use super::month::course;
use super::queries::{Queried, Query};
use super::tables;
use super::text::{Writer, month_name};
use super::words::Words;
use places::{Places, places};

/// Months of a course.
const COURSE: usize = 13;
/// The first page, and that of the letters.
const INDEX: &str = "index.html";
const LETTERS: &str = "letters.html";

fn area_path(code: &str) -> String {
    format!("areas/{code}.html")
}

fn domain_path(id: &str) -> String {
    format!("domains/{id}.html")
}

/// Where a letter's page lies within the site.
pub fn letter_path(id: &str) -> String {
    format!("letters/{id}.html")
}

/// The pages of a month. `letters` are those whose page is there.
///
/// # Errors
/// [`Error::Input`] where `areas.geojson` cannot be used, [`Error::Usage`] where a query cannot be
/// run.
pub fn pages(
    inputs: &Inputs,
    words: &Words,
    queries: &[Query],
    letters: &[String],
) -> Result<Vec<Page>> {
    let places = places(inputs)?;
    let site = Pages { inputs, writer: Writer { inputs, words }, letters, places };
    let queried = super::queries::run(inputs, queries)?.tables;
    let mut pages = vec![site.index()?];
    pages.extend((1..inputs.areas.len()).map(|at| site.area(at)));
    pages.extend(inputs.domains().map(|domain| site.domain(domain, &queried)));
    pages.push(site.letters());
    pages.extend(site.places.iter().map(|place| site.place(place)));
    Ok(pages)
}

struct Pages<'a> {
    inputs: &'a Inputs<'a>,
    writer: Writer<'a>,
    letters: &'a [String],
    places: Places<'a>,
}

/// A table of which no row leads anywhere.
fn plain(table: Table, query: String) -> Block {
    Block::Table { links: vec![None; table.rows.len()], table, query }
}

impl Pages<'_> {
    fn subtitle(&self) -> String {
        format!("{}　{}", month_name(self.inputs.month().start), self.writer.subtitle())
    }

    fn home(&self) -> Vec<(String, String)> {
        vec![("总览".to_owned(), INDEX.to_owned())]
    }

    /// A table whose rows are areas, by name, in the order of `areas`.
    fn of_areas(&self, table: Table, query: String) -> Block {
        let areas = &self.inputs.areas[1..];
        let link = |row: &Vec<Cell>| {
            let name = row.first().map(Cell::text);
            let area = areas.iter().find(|a| Some(&a.name) == name.as_ref());
            area.map(|a| area_path(&a.code))
        };
        Block::Table { links: table.rows.iter().map(link).collect(), table, query }
    }

    /// A table whose rows are domains, by label.
    fn of_domains(&self, table: Table, query: String) -> Block {
        let link = |row: &Vec<Cell>| {
            let label = row.first().map(Cell::text);
            let domain = self.inputs.domains().find(|d| Some(d.label) == label.as_deref());
            domain.map(|d| domain_path(d.id))
        };
        Block::Table { links: table.rows.iter().map(link).collect(), table, query }
    }

    fn index(&self) -> Result<Page> {
        let inputs = self.inputs;
        let mut blocks = vec![self.gauge(0)];
        blocks.extend(self.writer.overall().into_iter().map(Block::Paragraph));
        blocks.extend(course(inputs).map(Block::Chart));
        blocks.push(Block::Heading("乡镇（街道）".into()));
        blocks.push(Block::Map(map(inputs, &area_path)?));
        blocks.push(self.of_areas(tables::areas(inputs), self.scores_query("index")));
        blocks.push(self.of_areas(tables::profiles(inputs), self.month_scores_query()));
        blocks.push(Block::Heading("领域".into()));
        blocks.push(self.of_domains(tables::domains(inputs), self.events_query("domain")));
        blocks.push(plain(tables::two_up_two_down(inputs), String::new()));
        blocks.push(Block::Heading("突出风险".into()));
        blocks.extend(self.writer.risks().into_iter().map(Block::Paragraph));
        blocks.push(self.of_areas(tables::rises(inputs, None), self.findings_query()));
        blocks.push(plain(tables::moved(inputs), self.moved_query()));
        blocks.push(Block::Heading("工作提示".into()));
        blocks.push(Block::Paragraph(self.writer.letters()));
        blocks.push(self.of_letters(tables::letters(inputs, None)));
        blocks.push(Block::Heading("数据报送".into()));
        blocks.push(plain(
            tables::coverage(inputs),
            "select * from coverage order by domain, day".into(),
        ));
        Ok(Page {
            path: INDEX.into(),
            title: format!("{}平安指数", inputs.areas[0].name),
            subtitle: self.subtitle(),
            above: Vec::new(),
            blocks,
        })
    }

    fn gauge(&self, at: usize) -> Block {
        let now = self.inputs.score("index", at, 0);
        let band = now.and_then(|s| s.band.clone());
        let colour = band.as_deref().and_then(|b| colour(self.inputs, b));
        let mut notes = Vec::new();
        if let Some((low, high)) = now.and_then(|s| s.lower.zip(s.upper)) {
            notes.push(format!("90%区间{low:.1}至{high:.1}"));
        }
        if let Some((rank, (low, high))) =
            now.and_then(|s| s.rank.zip(s.rank_lower.zip(s.rank_upper)))
        {
            let of = self.inputs.areas.len() - 1;
            notes.push(format!("在{of}个乡镇（街道）中第{rank}位（区间{low}至{high}）"));
        }
        for (base, back) in [("比上月", 1), ("比上年同月", YEAR)] {
            let points = tables::points(now, self.inputs.score("index", at, back));
            notes.push(match points {
                Some(points) => format!("{base}{}分", Format::Difference.text(points)),
                None => format!("{base}：无可比结果"),
            });
        }
        notes.extend(now.and_then(|s| s.capped_by.clone()).map(|by| format!("一票否决封顶：{by}")));
        Block::Gauge(Gauge {
            name: format!("{}平安指数", self.inputs.areas[at].name),
            score: now.and_then(|s| s.score).map(|s| Format::Decimal(1).text(s)),
            band: band.unwrap_or_else(|| crate::index::INSUFFICIENT.to_owned()),
            colour,
            notes,
        })
    }

    fn area(&self, at: usize) -> Page {
        let inputs = self.inputs;
        let (code, name) = (&inputs.areas[at].code, &inputs.areas[at].name);
        let mut blocks = vec![self.gauge(at)];
        blocks.extend(self.course(at, "index", &format!("{name}平安指数")).map(Block::Chart));
        blocks.push(Block::Heading("各领域".into()));
        blocks.extend(self.profile(at).map(Block::Chart));
        blocks.push(self.of_domains(tables::domains_of(inputs, at), self.events_query("domain")));
        blocks.extend(self.places_of(code));
        let rises = tables::rises(inputs, Some(code));
        if !rises.rows.is_empty() {
            blocks.push(Block::Heading("异常上升".into()));
            blocks.push(plain(rises, self.findings_query()));
        }
        let letters = tables::letters(inputs, Some(code));
        if !letters.1.is_empty() {
            blocks.push(Block::Heading("工作提示".into()));
            blocks.push(self.of_letters(letters));
        }
        Page {
            path: area_path(code),
            title: name.clone(),
            subtitle: self.subtitle(),
            above: self.home(),
            blocks,
        }
    }

    /// Scores of the domains of an area as bars.
    fn profile(&self, at: usize) -> Option<Chart> {
        let scored = |domain: &Domain| {
            let score = self.inputs.score(domain.id, at, 0)?.score?;
            Some((domain.label.to_owned(), Some(score)))
        };
        let (labels, values): (Vec<String>, Vec<Option<f64>>) =
            self.inputs.domains().filter_map(scored).unzip();
        (labels.len() > 1).then(|| Chart {
            id: "领域得分".into(),
            title: format!("{}各领域得分", self.inputs.areas[at].name),
            unit: "分".into(),
            shape: Shape::Bars,
            labels,
            series: vec![Series { name: "得分".into(), values, stroke: Stroke::Solid }],
            alt: format!("{}各领域得分，数字见图中数据", self.inputs.areas[at].name),
        })
    }

    /// A node's course in an area.
    fn course(&self, at: usize, node: &str, name: &str) -> Option<Chart> {
        let score = |back| self.inputs.score(node, at, back).and_then(|s: &Score| s.score);
        self.chart(name, "分", (0..COURSE).rev().map(score).collect())
    }

    fn chart(&self, name: &str, unit: &str, values: Vec<Option<f64>>) -> Option<Chart> {
        if values.iter().flatten().count() < 2 {
            return None;
        }
        let last = self.inputs.months.len() - 1;
        let labels = (0..COURSE).rev().map(|back| self.inputs.months[last - back].name.clone());
        Some(Chart {
            id: name.to_owned(),
            title: format!("{name}近十三个月走势"),
            unit: unit.to_owned(),
            shape: Shape::Lines,
            labels: labels.collect(),
            series: vec![Series { name: name.to_owned(), values, stroke: Stroke::Solid }],
            alt: format!("{name}近十三个月走势，数字见图中数据"),
        })
    }

    fn domain(&self, domain: &'static Domain, queried: &[Queried]) -> Page {
        let inputs = self.inputs;
        let mut blocks = vec![Block::Paragraph(self.writer.domain(domain))];
        let counts = inputs.counts(domain.id, None, 0);
        let values = (0..COURSE).rev().map(|back| counts.then(back)).collect();
        blocks.extend(self.chart(&format!("{}件数", domain.label), "件", values).map(Block::Chart));
        blocks.push(plain(tables::categories(inputs, domain), self.events_query(domain.id)));
        blocks.push(Block::Heading("各乡镇（街道）".into()));
        blocks.push(self.of_areas(tables::areas_of(inputs, domain), self.events_query(domain.id)));
        let rates = tables::proportions(inputs, Some(domain));
        if !rates.rows.is_empty() {
            blocks.push(Block::Heading("比率".into()));
            blocks.push(plain(rates, self.scores_query(domain.id)));
        }
        let of = |q: &&Queried| q.query.domains.iter().any(|d| d.id == domain.id);
        let mut special = queried.iter().filter(of).filter(|q| !q.table.rows.is_empty()).peekable();
        if special.peek().is_some() {
            blocks.push(Block::Heading("专项统计".into()));
        }
        // These join the tables of the month.
        let command = format!("-- pingan query --month {}", inputs.month().name);
        let query = |q: &Queried| format!("{command}\n{}", q.query.sql);
        blocks.extend(special.map(|q| plain(q.table.clone(), query(q))));
        Page {
            path: domain_path(domain.id),
            title: domain.label.to_owned(),
            subtitle: self.subtitle(),
            above: self.home(),
            blocks,
        }
    }

    fn letters(&self) -> Page {
        let blocks = vec![
            Block::Paragraph(self.writer.letters()),
            self.of_letters(tables::letters(self.inputs, None)),
        ];
        Page {
            path: LETTERS.into(),
            title: "工作提示及落实情况".into(),
            subtitle: self.subtitle(),
            above: self.home(),
            blocks,
        }
    }

    /// The table of letters, each with its page, where that is there.
    fn of_letters(&self, of: (Table, Vec<String>)) -> Block {
        let (table, ids) = of;
        let link = |id: &String| self.letters.contains(id).then(|| letter_path(id));
        Block::Table {
            links: ids.iter().map(link).collect(),
            table,
            query: "select * from letters order by letter_id".into(),
        }
    }

    fn scores_query(&self, node: &str) -> String {
        format!(
            "select area_code, node, raw, score, score_lo, score_hi, rank, rank_lo, rank_hi, band\nfrom scores\n\
             where period = '{}' and (node = '{node}' or node like '{node}.%')\norder by rank",
            self.inputs.month().name
        )
    }

    fn month_scores_query(&self) -> String {
        let month = &self.inputs.month().name;
        format!(
            "select area_code, node, score\nfrom scores\nwhere period = '{month}' and node not like '%.%'"
        )
    }

    fn events_query(&self, domain: &str) -> String {
        match domain {
            "domain" => self.panel_query("", ""),
            id => self.panel_query(&format!(" and domain = '{id}'"), ""),
        }
    }

    /// The query of the month's events by area and category, with conditions before and after that
    /// of the days.
    fn panel_query(&self, before: &str, after: &str) -> String {
        let month = self.inputs.month();
        format!(
            "select domain, area_code, category, sum(num) as events\nfrom panel\n\
             where indicator = 'events'{before} and day between date '{}' and date '{}'{after}\n\
             group by domain, area_code, category",
            month.start, month.end
        )
    }

    fn findings_query(&self) -> String {
        let month = self.inputs.month();
        format!(
            "select * from findings\nwhere kind in ('spike', 'trend', 'change', 'cluster')\n\
             and as_of between timestamp '{}' and timestamp '{}'",
            month.start,
            month.end + chrono::Days::new(1)
        )
    }

    fn moved_query(&self) -> String {
        format!(
            "select node, sum(delta) as delta\nfrom contributions\nwhere period = '{}' and area_code = '{}'\n\
             group by node\norder by delta",
            self.inputs.month().name,
            self.inputs.areas[0].code
        )
    }
}
