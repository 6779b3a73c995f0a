//! Pages of what lies below the areas that are scored: each village and grid of the register that
//! has events in one of the months that are compared.

use std::collections::BTreeMap;

use lake::areas::Area;
use lake::error::Result;
use lake::{Columns, Session};
use render::report::{Cell, Format, Table};
use render::site::{Block, Page};

use super::{Pages, area_path, plain};
use crate::panel::EVENTS;
use crate::report::comparison::{COMPARED, NOT_DELIVERED};
use crate::report::inputs::Inputs;

/// Events of a place by domain and category, of each of the months.
type Counts = BTreeMap<(&'static str, String), [f64; COMPARED.len()]>;

/// A place with its events, all below it included.
pub struct Place<'a> {
    pub area: &'a Area,
    /// Position of the scored area it lies in.
    pub within: usize,
    /// The place it lies in, or the scored area; of a merged one its heir.
    parent: &'a str,
    counts: Counts,
}

/// The places that have events.
#[derive(Default)]
pub struct Places<'a> {
    by_code: BTreeMap<&'a str, Place<'a>>,
    /// Codes of those right below a place or a scored area.
    below: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Places<'a> {
    /// All of them, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Place<'a>> {
        self.by_code.values()
    }

    fn right_below(&self, code: &str) -> Vec<&Place<'a>> {
        self.below.get(code).into_iter().flatten().map(|code| &self.by_code[code]).collect()
    }
}

/// The places that have events.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn places<'a>(inputs: &Inputs<'a>) -> Result<Places<'a>> {
    let scored = inputs.areas.iter().enumerate().skip(1);
    let scored: BTreeMap<&str, usize> = scored.map(|(at, a)| (a.code.as_str(), at)).collect();
    let mut places: BTreeMap<&str, Place<'a>> = BTreeMap::new();
    for (code, key, counts) in events(inputs)? {
        let Some((within, above)) = below_scored(inputs, &scored, &code) else { continue };
        let scored = inputs.areas[within].code.as_str();
        for (at, area) in above.iter().copied().enumerate() {
            let parent = above.get(at + 1).map_or(scored, |a| a.code.as_str());
            let place = places.entry(&area.code).or_insert_with(|| Place {
                area,
                within,
                parent,
                counts: Counts::new(),
            });
            let sums = place.counts.entry(key.clone()).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
    }
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (code, place) in &places {
        below.entry(place.parent).or_default().push(code);
    }
    Ok(Places { by_code: places, below })
}

/// Position of the scored area that an area lies in, and the areas from it up to that one, which is
/// not among them; `None` of an area that lies in none.
fn below_scored<'a>(
    inputs: &Inputs<'a>,
    scored: &BTreeMap<&str, usize>,
    code: &str,
) -> Option<(usize, Vec<&'a Area>)> {
    let register = inputs.job.register;
    let mut above = Vec::new();
    let mut area = register.get(code)?;
    loop {
        // What was part of a merged area is part of its heir.
        let heir = register.heir(&area.code).unwrap_or(area);
        if let Some(at) = scored.get(heir.code.as_str()) {
            return Some((*at, above));
        }
        above.push(area);
        area = register.get(area.parent.as_deref()?)?;
    }
}

/// A finest area, domain and category, and its events of the months.
type Row = (String, (&'static str, String), [f64; COMPARED.len()]);

fn events(inputs: &Inputs) -> Result<Vec<Row>> {
    let session = Session::new(inputs.job.lake, inputs.job.limits)?;
    session.register_lake(inputs.job.lake, &inputs.job.as_of)?;
    let last = inputs.months.len() - 1;
    let within = |(back, _): (usize, &str)| {
        let month = &inputs.months[last - back];
        format!("day between date '{}' and date '{}'", month.start, month.end)
    };
    let [now, before, year_ago] = COMPARED.map(within);
    let batches = session.collect(&format!(
        "select area_code, domain, category, \
         cast(coalesce(sum(num) filter (where {now}), 0) as bigint) as now, \
         cast(coalesce(sum(num) filter (where {before}), 0) as bigint) as before, \
         cast(coalesce(sum(num) filter (where {year_ago}), 0) as bigint) as year_ago \
         from panel where indicator = '{EVENTS}' and ({now} or {before} or {year_ago}) \
         group by area_code, domain, category order by area_code, domain, category"
    ))?;
    let mut events = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let text = |name: &str| columns.required_text(name);
        let (areas, domains, categories) = (text("area_code")?, text("domain")?, text("category")?);
        let [now, before, year_ago] = ["now", "before", "year_ago"].map(|n| columns.whole(n));
        let (now, before, year_ago) = (now?, before?, year_ago?);
        for row in 0..batch.num_rows() {
            let counts = [&now, &before, &year_ago].map(|of| of[row].unwrap_or(0) as f64);
            let Some(domain) = lake::schema::Domain::find(&domains[row]) else { continue };
            if counts.iter().any(|n| *n != 0.0) {
                events.push((areas[row].clone(), (domain.id, categories[row].clone()), counts));
            }
        }
    }
    Ok(events)
}

impl Place<'_> {
    fn of_domain(&self, domain: &str) -> [f64; COMPARED.len()] {
        let of = self.counts.iter().filter(|((d, _), _)| *d == domain);
        of.fold([0.0; COMPARED.len()], |mut sums, (_, counts)| {
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
            sums
        })
    }
}

/// Counts of the months as cells; of a month that was not delivered that it was not.
fn cells(inputs: &Inputs, domain: &str, counts: [f64; COMPARED.len()]) -> Vec<Cell> {
    let cell = |((back, _), n): ((usize, &str), f64)| {
        let known = inputs.delivered(domain, back).then_some(n);
        Cell::number(known, Format::Count, NOT_DELIVERED)
    };
    COMPARED.into_iter().zip(counts).map(cell).collect()
}

fn header(first: &[&str]) -> Vec<String> {
    let months = COMPARED.iter().map(|(_, label)| label);
    first.iter().chain(months).map(|name| (*name).to_owned()).collect()
}

fn by_domain(inputs: &Inputs, place: &Place) -> Table {
    let row = |domain: &'static lake::schema::Domain| {
        let counts = cells(inputs, domain.id, place.of_domain(domain.id));
        std::iter::once(Cell::Text(domain.label.to_owned())).chain(counts).collect()
    };
    Table {
        id: "各领域".into(),
        title: format!("{}各领域件数", place.area.name),
        definition: "当月发生、截至统计时点已知的事件数；村（社区）和网格不评分。".into(),
        header: header(&["领域"]),
        rows: inputs.domains().map(row).collect(),
    }
}

fn by_category(inputs: &Inputs, place: &Place) -> Table {
    let row = |((domain, category), counts): (&(&'static str, String), &[f64; COMPARED.len()])| {
        let names = [inputs.label(domain, ""), inputs.label(domain, category)].map(Cell::Text);
        names.into_iter().chain(cells(inputs, domain, *counts)).collect()
    };
    Table {
        id: "各类型".into(),
        title: format!("{}各类型件数", place.area.name),
        definition: "三个月中有事件的类型，口径同上表。".into(),
        header: header(&["领域", "类型"]),
        rows: inputs
            .domains()
            .flat_map(|d| place.counts.iter().filter(move |((id, _), _)| *id == d.id))
            .map(row)
            .collect(),
    }
}

impl Pages<'_> {
    /// The places of an area that lie right below it, with their events by domain; `None` where it
    /// has none.
    pub(super) fn places_of(&self, code: &str) -> Option<Block> {
        let here = self.places.right_below(code);
        let domains: Vec<_> = self.inputs.domains().collect();
        let row = |place: &&Place| {
            let counts = domains.iter().map(|d| Cell::count(place.of_domain(d.id)[0]));
            std::iter::once(Cell::Text(place.area.name.clone())).chain(counts).collect()
        };
        let labels = domains.iter().map(|d| d.label.to_owned());
        let table = Table {
            id: "村社区".into(),
            title: "村（社区）、网格当月件数".into(),
            definition: "有事件的村（社区）、网格，口径同“十个领域”；只知乡镇的事件不在其中。"
                .into(),
            header: std::iter::once("区域".to_owned()).chain(labels).collect(),
            rows: here.iter().map(row).collect(),
        };
        let links = here.iter().map(|p| Some(area_path(&p.area.code))).collect();
        (!here.is_empty()).then(|| Block::Table { table, links, query: self.places_query(code) })
    }

    pub(super) fn place(&self, place: &Place) -> Page {
        let (inputs, code) = (self.inputs, &place.area.code);
        let query = self.places_query(code);
        let mut blocks = vec![
            plain(by_domain(inputs, place), query.clone()),
            plain(by_category(inputs, place), query),
        ];
        blocks.extend(self.places_of(code));
        let scored = inputs.areas[place.within];
        let mut above = self.home();
        above.push((scored.name.clone(), area_path(&scored.code)));
        let between = self.places.by_code.get(place.parent);
        above.extend(between.map(|p| (p.area.name.clone(), area_path(&p.area.code))));
        Page {
            path: area_path(code),
            title: place.area.name.clone(),
            subtitle: self.subtitle(),
            above,
            blocks,
        }
    }

    fn places_query(&self, code: &str) -> String {
        let mut codes = Vec::new();
        self.push_below(code, &mut codes);
        let listed: Vec<String> = codes.iter().map(|code| format!("'{code}'")).collect();
        self.panel_query("", &format!("\nand area_code in ({})", listed.join(", ")))
    }

    /// Appends the code of an area, and those of all below it.
    fn push_below<'c>(&'c self, code: &'c str, codes: &mut Vec<&'c str>) {
        codes.push(code);
        for child in self.inputs.job.register.children(code) {
            self.push_below(&child.code, codes);
        }
    }
}
