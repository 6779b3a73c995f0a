//! What each area has of a rise of the whole county, in the text and in the annex.

use std::collections::{BTreeMap, BTreeSet};

use super::figures;
use super::series::Series;
use super::tables::table;
use super::words::{Placeholders, Words};
use crate::warn::part::Part;
use render::letter::Table;

/// Areas named in the text, and rows of a table at most.
const AREAS_IN_TEXT: usize = 3;
const AREAS_IN_TABLE: usize = 40;
/// Series beside each other in a table.
const SERIES_IN_TABLE: usize = 2;

/// The parts of the first finding of a series that has any, those that rose most first.
fn parts<'a>(series: &'a Series) -> Vec<&'a Part> {
    let found = series.findings.iter().map(|f| &f.evidence.parts).find(|parts| !parts.is_empty());
    let mut parts: Vec<&Part> = found.into_iter().flatten().collect();
    parts.sort_by(|a, b| {
        b.excess().total_cmp(&a.excess()).then_with(|| a.area_code.cmp(&b.area_code))
    });
    parts
}

/// How many areas rose, and which most; nothing where the series is of one area.
pub(super) fn sentence(series: &Series, words: &Words) -> String {
    let parts = parts(series);
    if parts.is_empty() {
        return String::new();
    }
    let risen: Vec<&&Part> = parts.iter().filter(|p| p.has_risen()).collect();
    let unit = words.unit(series.domain);
    let item = |p: &&&Part| {
        let placeholders = Placeholders::from([
            ("name", Some(p.area_name.clone())),
            ("observed", Some(format!("{}{unit}", figures::count(p.observed)))),
            ("expected", Some(format!("{}{unit}", figures::decimal(p.expected)))),
        ]);
        words.fill("", "areas_item", &placeholders)
    };
    let list: Vec<String> = risen.iter().take(AREAS_IN_TEXT).map(item).collect();
    let placeholders = Placeholders::from([
        ("of", Some(parts.len().to_string())),
        ("risen", Some(risen.len().to_string())),
        ("list", Some(list.join("、")).filter(|list| !list.is_empty())),
    ]);
    words.fill("", "areas", &placeholders)
}

/// Every area's figures, two series beside each other: those areas first that rose most; of very
/// many the first, and the others together.
pub(super) fn tables(series: &[Series], words: &Words) -> Vec<Table> {
    let spread: Vec<(&Series, Vec<&Part>)> =
        series.iter().map(|s| (s, parts(s))).filter(|(_, parts)| !parts.is_empty()).collect();
    spread.chunks(SERIES_IN_TABLE).map(|together| areas_table(together, words)).collect()
}

fn areas_table(series: &[(&Series, Vec<&Part>)], words: &Words) -> Table {
    let mut header = vec!["乡镇（街道）".to_owned()];
    for (s, _) in series {
        let unit = words.unit(s.domain);
        header.extend([format!("{}（{unit}）", s.name), "正常水平".into(), "变化".into()]);
    }
    let figures = |of: &dyn Fn(&Part) -> bool| -> Vec<String> {
        let sums = series.iter().map(|(_, parts)| {
            let parts = parts.iter().filter(|p| of(p));
            parts.fold((0.0, 0.0), |(o, e), p| (o + p.observed, e + p.expected))
        });
        sums.flat_map(|(observed, expected)| cells(observed, expected)).collect()
    };
    let row = |name: String, of: &dyn Fn(&Part) -> bool| -> Vec<String> {
        std::iter::once(name).chain(figures(of)).collect()
    };
    let areas = by_excess(series);
    let (named, others) = areas.split_at(areas.len().min(AREAS_IN_TABLE));
    let mut rows: Vec<Vec<String>> = named
        .iter()
        .map(|area| row(area.area_name.clone(), &|p| p.area_code == area.area_code))
        .collect();
    if !others.is_empty() {
        let codes: BTreeSet<&str> = others.iter().map(|a| a.area_code.as_str()).collect();
        let name = format!("其余{}个", others.len());
        rows.push(row(name, &|p| codes.contains(p.area_code.as_str())));
    }
    rows.push(row("合计".into(), &|_| true));
    let share = 0.76 / (3 * series.len()) as f64;
    let widths: Vec<f64> = std::iter::once(0.24).chain((1..header.len()).map(|_| share)).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table("各乡镇（街道）情况", &header, &widths, rows)
}

/// The areas of some series, those first that rose most in all of them together.
fn by_excess<'a>(series: &[(&Series, Vec<&'a Part>)]) -> Vec<&'a Part> {
    let mut areas: BTreeMap<&str, (&Part, f64)> = BTreeMap::new();
    for part in series.iter().flat_map(|(_, parts)| parts.iter().copied()) {
        areas.entry(&part.area_code).or_insert((part, 0.0)).1 += part.excess();
    }
    let mut areas: Vec<(&Part, f64)> = areas.into_values().collect();
    areas.sort_by(|a, b| b.1.total_cmp(&a.1));
    areas.into_iter().map(|(part, _)| part).collect()
}

/// What came, what was expected, and by how much more that is.
fn cells(observed: f64, expected: f64) -> [String; 3] {
    let change = match expected < 0.05 {
        true => "—".to_owned(),
        false => format!(
            "{}{}",
            if observed < expected { "−" } else { "＋" },
            figures::percent(observed, expected)
        ),
    };
    [figures::count(observed), figures::decimal(expected), change]
}

#[cfg(test)]
mod tests {
    use super::super::in_words;
    use super::super::words::bundled;
    use crate::detect::FalseDiscoveryRate;
    use crate::detect::detail::{self, Detail};
    use crate::warn::facts::{Addressee, Facts, Rise, sample};
    use crate::warn::part::Part;
    use crate::warn::settings::Issuer;
    use crate::warn::warning::Evidence;
    use render::letter::Letter;

    fn part(area_name: &str, observed: f64, expected: f64) -> Part {
        let area_code = area_name.to_owned();
        Part { area_code, area_name: area_name.to_owned(), observed, expected }
    }

    fn wages(parts: Vec<Part>) -> Rise {
        let day = |text: &str| text.parse().unwrap();
        let sum = |of: fn(&Part) -> f64| parts.iter().map(of).sum();
        let spike = detail::Spike { rank: 1, of: 1, ..detail::spike(4) };
        let evidence = Evidence {
            night: day("2026-01-31"),
            domain: "disputes".into(),
            category: "wage_arrears".into(),
            method: "house".into(),
            period_start: day("2026-01-04"),
            period_end: day("2026-01-31"),
            observed: Some(sum(|p| p.observed)),
            expected: Some(sum(|p| p.expected)),
            lower: None,
            upper: None,
            p: Some(1e-6),
            q: Some(1e-4),
            detail: Detail::Spike(spike),
            parts,
        };
        Rise {
            domain_label: "矛盾纠纷".into(),
            label: "拖欠农民工工资".into(),
            evidence,
            timing: None,
            unscored: false,
        }
    }

    fn circular() -> Facts {
        let parts = vec![
            part("柳河镇", 9.0, 8.25),
            part("花海镇", 31.0, 14.5),
            part("小金湾东乡族乡", 4.0, 6.0),
            part("新市区街道", 22.0, 13.25),
        ];
        Facts {
            county_wide: true,
            copy_to: vec!["市人力资源和社会保障局".into()],
            risen: vec![wages(parts)],
            ..sample("620981")
        }
    }

    fn written(facts: &Facts) -> Letter {
        let issuer = Issuer {
            name: String::new(),
            we: "我中心".into(),
            contact: String::new(),
            copy_to: vec!["市委政法委".into()],
        };
        in_words(facts, &issuer, "此函。", &bundled(), FalseDiscoveryRate(0.1))
    }

    fn text(letter: &Letter) -> String {
        let sections = letter.sections.iter();
        let paragraphs = sections.flat_map(|s| s.paragraphs.iter().map(String::as_str));
        std::iter::once(letter.opening.as_str()).chain(paragraphs).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_circular_says_since_when_how_many_rose_and_what_each_has() {
        let letter = written(&circular());
        assert_eq!(letter.addressee, "各乡镇（街道）");
        assert_eq!(letter.title, "关于全市矛盾纠纷问题的工作提示函");
        assert_eq!(letter.copy_to, ["市委政法委", "市人力资源和社会保障局"]);
        let text = text(&letter);
        assert!(text.contains("1月4日以来，全市拖欠农民工工资纠纷明显上升"), "{text}");
        assert!(
            text.contains(
                "4个乡镇（街道）中3个高于正常水平，超出较多的是花海镇（31件，正常水平约14.5件）、\
                 新市区街道（22件，正常水平约13.2件）、柳河镇（9件，正常水平约8.2件）"
            ),
            "{text}"
        );
        assert!(text.contains("请各乡镇（街道）结合实际"), "{text}");
        assert!(!text.contains("指数") || text.contains("监测数据"), "no index of all: {text}");
        assert!(!text.contains("居第") && !text.contains("你镇"), "{text}");
        let tables = letter.annex.unwrap().tables;
        let captions: Vec<&str> = tables.iter().map(|t| t.caption.as_str()).collect();
        assert_eq!(captions, ["表1 上升情况", "表2 各乡镇（街道）情况", "表3 补充情况"]);
        let table = &tables[1];
        assert_eq!(table.rows[0], ["花海镇", "31", "14.5", "＋113.8%"]);
        assert_eq!(table.rows[3], ["小金湾东乡族乡", "4", "6.0", "−33.3%"]);
        // The parts sum to the whole, which the text states.
        assert_eq!(table.rows[4], ["合计", "66", "42.0", "＋57.1%"]);
        assert!(text.contains("共66件") && text.contains("正常水平约42件"), "{text}");
    }

    #[test]
    fn a_province_s_circular_names_the_first_and_the_others_together() {
        let parts = (0..90).map(|n| part(&format!("第{n}镇"), 20.0, 10.0)).collect();
        let letter = written(&Facts { risen: vec![wages(parts)], ..circular() });
        let tables = letter.annex.unwrap().tables;
        let table = tables.iter().find(|t| t.caption.contains("各乡镇")).unwrap();
        assert_eq!(table.rows.len(), 42);
        assert_eq!(table.rows[40], ["其余50个", "1000", "500.0", "＋100.0%"]);
        assert_eq!(table.rows[41], ["合计", "1800", "900.0", "＋100.0%"]);
    }

    #[test]
    fn a_department_s_letter_speaks_of_the_area_and_to_the_department() {
        let department = Addressee {
            id: "human_resources".into(),
            name: "人社局".into(),
            addressee: "市人力资源和社会保障局".into(),
        };
        let facts = Facts {
            county_wide: false,
            department: Some(department),
            copy_to: Vec::new(),
            risen: vec![wages(Vec::new())],
            ..sample("620981103")
        };
        let letter = written(&facts);
        assert_eq!(letter.addressee, "市人力资源和社会保障局");
        assert_eq!(letter.title, "关于花海镇矛盾纠纷问题的工作提示函");
        let text = text(&letter);
        assert!(text.contains("花海镇拖欠农民工工资纠纷明显上升"), "{text}");
        assert!(!text.contains("你镇"), "{text}");
        let facts = Facts { measures: vec![measure()], ..facts };
        let text = super::tests::text(&written(&facts));
        assert!(text.contains("请你单位按职责牵头，会同有关乡镇（街道），于"), "{text}");
    }

    fn measure() -> crate::warn::settings::Measure {
        crate::warn::settings::Measure {
            text: "开展大排查".into(), unit: "劳动监察大队".into()
        }
    }
}
