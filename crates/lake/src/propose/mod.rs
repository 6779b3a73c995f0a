//! A mapping proposed from a file's header and values. Every guess carries its evidence; what is
//! not known is left to the reader.

mod columns;
mod sample;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use crate::areas::Register;
use crate::error::{Error, Result, parse_toml};
use crate::schema::{DERIVED_COLUMNS, DOMAINS, Domain};
use crate::taxonomy::{Taxonomy, fold};

use columns::ColumnSummary;

/// A mapping to be looked through and saved.
#[derive(Debug)]
pub struct Proposal {
    /// TOML with comments; a mapping that can be used where nothing is missing.
    pub text: String,
    /// Needed columns for which the file has no candidate.
    pub missing: Vec<&'static str>,
}

/// The headers departments use (`models/headers.toml`).
#[derive(Debug)]
pub struct HeaderWords {
    /// Our column → folded headers.
    columns: BTreeMap<String, Vec<String>>,
    persons: Vec<String>,
}

impl HeaderWords {
    /// Reads the table.
    ///
    /// # Errors
    /// [`Error::Config`] on bad TOML and on a column no domain has.
    pub fn parse(file: &Path, text: &str) -> Result<HeaderWords> {
        let mut columns: BTreeMap<String, Vec<String>> = parse_toml(file, text)?;
        let persons = columns.remove("persons_columns").unwrap_or_default();
        if let Some(name) = columns.keys().find(|n| {
            DERIVED_COLUMNS.contains(&n.as_str()) || DOMAINS.iter().all(|d| d.column(n).is_none())
        }) {
            return Err(Error::config(
                file,
                format!("{name} is no column of any domain"),
                "correct or remove it",
            ));
        }
        let folded = |words: Vec<String>| words.iter().map(|w| fold(w)).collect();
        Ok(HeaderWords {
            columns: columns.into_iter().map(|(k, w)| (k, folded(w))).collect(),
            persons: folded(persons),
        })
    }

    /// How well a header names our column: 1 exactly, less where it only contains one of the words,
    /// 0 not at all.
    fn names(&self, column: &str, header: &str) -> f64 {
        self.columns.get(column).map_or(0.0, |words| likeness(words, &fold(header)))
    }

    /// Where an exact header stands among a column's words: the first are the likeliest to mean it.
    fn place(&self, column: &str, header: &str) -> usize {
        let header = fold(header);
        self.columns
            .get(column)
            .and_then(|words| words.iter().position(|w| *w == header))
            .unwrap_or(0)
    }

    fn names_person(&self, header: &str) -> bool {
        // 当事人数 counts persons and names none.
        let header = fold(header);
        likeness(&self.persons, &header) > 0.0
            && !header.ends_with('数')
            && !header.ends_with("count")
    }

    fn known(&self, header: &str) -> bool {
        let header = fold(header);
        self.persons.contains(&header) || self.columns.values().any(|words| words.contains(&header))
    }
}

fn likeness(words: &[String], header: &str) -> f64 {
    if words.iter().any(|w| w == header) {
        return 1.0;
    }
    let within =
        |w: &&String| w.chars().count() > 1 && !w.is_ascii() && header.contains(w.as_str());
    words
        .iter()
        .filter(within)
        .map(|w| 0.4 + 0.4 * w.chars().count() as f64 / header.chars().count().max(1) as f64)
        .fold(0.0, f64::max)
}

/// Proposes a mapping for a file; the domain is the one given, or that the file's name or its
/// categories point to.
///
/// # Errors
/// [`Error::Input`] where the file cannot be read or has no header, [`Error::Usage`] where nothing
/// points to a domain.
pub fn propose(
    file: &Path,
    domain: Option<&'static Domain>,
    register: &Register,
    taxonomy: &Taxonomy,
    words: &HeaderWords,
) -> Result<Proposal> {
    let sample = sample::read_sample(file, words)?;
    let seen: Vec<ColumnSummary> = (0..sample.header.len())
        .map(|i| ColumnSummary::new(&sample, i, register, taxonomy, words))
        .collect();
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let (domain, why) = match domain {
        Some(domain) => (domain, "given".to_owned()),
        None => columns::domain(&name, &seen).ok_or_else(|| {
            let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
            Error::usage(
                format!("neither the name of {name} nor its values say which domain it is of"),
                format!("give --domain, one of {known}"),
            )
        })?,
    };
    let chosen = columns::choose(domain, &seen, words);
    Ok(write::proposal(&name, domain, &why, &sample, &seen, &chosen, taxonomy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Mapping;

    const AREAS: &str = "code,name,level,parent,population,households,vehicles,enterprises,lon,lat,aliases\n620981,玉门市,county,,,,,,,,\n\
        620981100,玉门镇,township,620981,,,,,,,\n620981101,赤金镇,township,620981,,,,,,,\n620981101202,光明村,village,620981101,,,,,,,\n";

    fn proposed(name: &str, text: &str, domain: Option<&str>) -> Result<Proposal> {
        let dir = tempfile::tempdir().unwrap();
        let (file, areas) = (dir.path().join(name), dir.path().join("areas.csv"));
        std::fs::write(&file, text).unwrap();
        std::fs::write(&areas, AREAS).unwrap();
        let taxonomy =
            Taxonomy::parse(Path::new("t"), include_str!("../../../../models/taxonomy.toml"))
                .unwrap();
        let words =
            HeaderWords::parse(Path::new("h"), include_str!("../../../../models/headers.toml"))
                .unwrap();
        propose(
            &file,
            domain.and_then(Domain::find),
            &Register::read(&areas).unwrap(),
            &taxonomy,
            &words,
        )
    }

    fn rows(n: usize, row: impl Fn(usize) -> String) -> String {
        (0..n).map(|i| row(i) + "\n").collect()
    }

    #[test]
    fn a_departments_file_is_understood() {
        let kinds = ["邻里", "拖欠工资", "水事纠纷"];
        let body = rows(30, |i| {
            let id = 20250300 + i;
            format!(
                "JF{id},2025年3月{}日,赤金镇,光明村,{},{},{}万,张{i},1380013{:04},自述",
                1 + i % 28,
                kinds[i % 3],
                1 + i % 4,
                1 + i % 9,
                i
            )
        });
        let text = format!(
            "矛盾纠纷排查台账,,,,,,,,,\n纠纷编号,发生日期,所属乡镇,村(社区),纠纷类型,涉及人数,涉案金额,当事人姓名,联系电话,简要情况\n{body}"
        );
        let proposal = proposed("矛盾纠纷2025.csv", &text, None).unwrap();
        assert!(proposal.missing.is_empty(), "{}", proposal.text);
        let mapping = Mapping::parse(Path::new("m.toml"), &proposal.text)
            .unwrap_or_else(|e| panic!("{e}\n{}", proposal.text));
        assert_eq!(mapping.domain.id, "disputes");
        assert!(mapping.is_for("矛盾纠纷2026.csv"));
        for (column, headers) in [
            ("event_id", vec!["纠纷编号"]),
            ("occurred_at", vec!["发生日期"]),
            ("area_code", vec!["所属乡镇", "村(社区)"]),
            ("category", vec!["纠纷类型"]),
            ("persons", vec!["涉及人数"]),
            ("amount", vec!["涉案金额"]),
        ] {
            assert_eq!(
                mapping.columns.get(column).map(Vec::as_slice),
                Some(headers.iter().map(|h| h.to_string()).collect::<Vec<_>>().as_slice()),
                "{column}"
            );
        }
        assert_eq!(mapping.persons, ["当事人姓名", "联系电话"]);
        assert!(proposal.text.contains("# \"水事纠纷\" = \"\""), "{}", proposal.text);
        assert!(!proposal.text.contains("1380013"), "{}", proposal.text);
    }

    #[test]
    fn values_speak_where_headers_do_not() {
        let body = rows(20, |i| {
            format!("K{i:04},2025-03-{:02},玉门镇,盗窃,11010519491231002X", 1 + i % 28)
        });
        let proposal =
            proposed("a.csv", &format!("c1,c2,c3,c4,c5\n{body}"), Some("public_order")).unwrap();
        let mapping = Mapping::parse(Path::new("m.toml"), &proposal.text).unwrap();
        assert_eq!(mapping.columns["event_id"], ["c1"]);
        assert_eq!(mapping.columns["occurred_at"], ["c2"]);
        assert_eq!(mapping.columns["area_code"], ["c3"]);
        assert_eq!(mapping.columns["category"], ["c4"]);
        assert_eq!(mapping.persons, ["c5"]);
    }

    #[test]
    fn without_ids_one_is_made_and_without_areas_it_says_so() {
        let body = rows(20, |i| format!("2025-03-{:02},赤金镇,噪音", 1 + i % 3));
        let proposal = proposed("requests.csv", &format!("日期,乡镇,类别\n{body}"), None).unwrap();
        assert!(proposal.missing.is_empty());
        let mapping = Mapping::parse(Path::new("m.toml"), &proposal.text).unwrap();
        assert_eq!(mapping.domain.id, "requests");
        assert_eq!(mapping.id.unwrap().columns, ["日期", "乡镇", "类别"]);

        let body = rows(20, |i| format!("A{i},2025-03-{:02},噪音", 1 + i % 3));
        let proposal =
            proposed("requests.csv", &format!("工单编号,日期,类别\n{body}"), None).unwrap();
        assert_eq!(proposal.missing, ["area_code"]);
        assert!(
            Mapping::parse(Path::new("m.toml"), &proposal.text)
                .is_err_and(|e| e.to_string().contains("area_code"))
        );
    }

    #[test]
    fn nothing_points_to_a_domain() {
        let message = proposed("x.csv", "a,b\n1,2\n3,4\n", None).unwrap_err().to_string();
        assert!(message.contains("--domain"), "{message}");
    }
}
