//! Every key of every configuration file, and of no other.

use std::collections::BTreeSet;
use std::path::Path;

use lake::areas::{Exposures, Register};
use lake::error::parse_toml;
use lake::mapping::Mapping;
use lake::propose::HeaderWords;
use lake::schema::DOMAINS;
use lake::taxonomy::Taxonomy;
use pingan::circumstances::{CIRCUMSTANCES, Circumstances};
use pingan::detect;
use pingan::index::Model;
use pingan::lab::model::LabModel;
use pingan::warn;
use pingan::workspace::{Config, Workspace};
use pingan::{backtest, report};
use toml::{Table, Value};

use super::page::{file, headings, interface, names, rows, under};
use super::probe::{Read, keys};

/// A kind of configuration file: its section of the page, how it is read, and files of it that
/// come along.
struct Kind<'a> {
    heading: &'static str,
    read: Read<'a>,
    bundled: Vec<String>,
}

fn here() -> &'static Path {
    Path::new("f.toml")
}

/// Reads with `parse` and keeps only what is said.
macro_rules! reads {
    ($parse:expr) => {
        &|text: &str| $parse(text).map(|_| ()).map_err(|e| e.to_string())
    };
}

/// Texts of all files of a folder that end so.
fn files(folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let found = path.read_dir().expect("a folder").map(|f| f.expect("a file").file_name());
    let names = found.map(|name| name.to_string_lossy().into_owned());
    let mut found: Vec<String> = names.filter(|n| n.ends_with(".toml") && wanted(n)).collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} has no such file");
    found.iter().map(|name| file(&format!("{folder}/{name}"))).collect()
}

/// The example of a mapping that the page shows.
fn example(page: &str) -> String {
    let lines = under(page, "Mapping files");
    let code = lines.iter().skip_while(|l| **l != "```toml").skip(1);
    code.take_while(|l| **l != "```").map(|l| format!("{l}\n")).collect()
}

fn kinds(page: &str) -> Vec<Kind<'static>> {
    let not_a_model = ["detectors", "warnings", "taxonomy", "headers", "notes", "month", "target"]
        .map(|n| format!("{n}.toml"));
    let kind = |heading, read, bundled| Kind { heading, read, bundled };
    vec![
        kind(
            "`pingan.toml`",
            reads!(|text| parse_toml::<Config>(here(), text)),
            vec![file("data-samples/yumen/pingan.toml")],
        ),
        kind(
            "Mapping files",
            reads!(|text| Mapping::parse(here(), text)),
            [files("data-samples/yumen/mappings", |_| true), vec![example(page)]].concat(),
        ),
        kind(
            "The model file",
            reads!(|text| Model::parse(here(), text)),
            files("models", |name| !not_a_model.iter().any(|n| n == name)),
        ),
        kind(
            "`models/detectors.toml`",
            reads!(|text| detect::Settings::parse(here(), text)),
            vec![file("models/detectors.toml")],
        ),
        kind(
            "`models/warnings.toml`",
            reads!(|text| warn::Settings::parse(here(), text)),
            vec![file("models/warnings.toml")],
        ),
        kind(
            "`models/taxonomy.toml`",
            reads!(|text| Taxonomy::parse(here(), text)),
            vec![file("models/taxonomy.toml")],
        ),
        kind(
            "`models/headers.toml`",
            reads!(|text| HeaderWords::parse(here(), text)),
            vec![file("models/headers.toml")],
        ),
        kind(
            "`models/notes.toml`",
            reads!(|text| warn::Vocabulary::parse(here(), text)),
            vec![file("models/notes.toml")],
        ),
        kind(
            "`models/target.toml`",
            reads!(|text| backtest::weights::TargetFile::parse(here(), text)),
            vec![file("models/target.toml")],
        ),
        kind(
            "`models/month.toml`",
            reads!(|text| report::Thresholds::parse(here(), text)),
            vec![file("models/month.toml")],
        ),
        kind(
            "`reports/letter/words.toml`",
            reads!(|text| warn::Words::parse(here(), text)),
            vec![file("reports/letter/words.toml")],
        ),
        kind(
            "`reports/month/words.toml`",
            reads!(|text| report::Words::parse(here(), text)),
            vec![file("reports/month/words.toml")],
        ),
        kind("The lab model", reads!(LabModel::parse), vec![file("tests/parity/asem.toml")]),
    ]
}

/// Keys that a section's tables name, `COLUMN` and the like as `*`.
fn documented(page: &str, heading: &str) -> BTreeSet<String> {
    let any = |segment: &str| {
        let name = segment.trim_end_matches("[]");
        let placeholder = name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase());
        if placeholder { segment.replace(name, "*") } else { segment.to_owned() }
    };
    let key = |name: String| name.split('.').map(any).collect::<Vec<String>>().join(".");
    let cells = rows(&under(page, heading), &["key"]);
    cells.iter().flat_map(|row| names(&row[0])).map(key).collect()
}

/// Whether a key stands under one whose keys are free: `aggregation.least` under `aggregation.*`.
fn is_free(key: &str, known: &BTreeSet<String>) -> bool {
    let under = |free: &str| free.is_empty() || key.starts_with(&format!("{free}."));
    known.iter().filter_map(|k| k.strip_suffix('*')).any(|k| under(k.trim_end_matches('.')))
}

#[test]
fn every_key_of_every_file_stands_on_the_page() {
    let page = interface();
    let mut wrong = Vec::new();
    for Kind { heading, read, .. } in kinds(&page) {
        let (known, told) = (keys(read), documented(&page, heading));
        assert!(!known.is_empty() && !told.is_empty(), "{heading}");
        let free = |key: &String| {
            let beginning = key.strip_suffix('*').filter(|k| !k.is_empty());
            beginning.is_some_and(|k| told.iter().any(|t| t.starts_with(k)))
        };
        let missing = known.iter().filter(|key| !told.contains(*key) && !free(key));
        wrong.extend(missing.map(|key| format!("{heading} lacks {key}")));
        let odd = told.iter().filter(|key| !known.contains(*key) && !is_free(key, &known));
        wrong.extend(odd.map(|key| format!("{heading} has {key}, which no reader knows")));
    }
    assert!(wrong.is_empty(), "docs/interface.md: {wrong:#?}");
}

/// A path of keys, `[]` after those of lists.
type Keys = Vec<String>;

/// Paths of the keys of a text; parameters of a method are its own.
fn used(table: &Table, path: &[String], found: &mut BTreeSet<Keys>) {
    let is_method = table.get("method").is_some_and(Value::is_str);
    for (key, value) in table.iter().filter(|(key, _)| !is_method || *key == "method") {
        let at = |key: String| [path, &[key]].concat();
        match value {
            Value::Table(inner) => used(inner, &at(key.clone()), found),
            Value::Array(all) if all.iter().any(Value::is_table) => {
                let path = at(format!("{key}[]"));
                all.iter().filter_map(Value::as_table).for_each(|inner| used(inner, &path, found));
            }
            _ => {
                found.insert(at(key.clone()));
            }
        }
    }
}

/// Whether a path is one that a row speaks of, `*` standing for any key.
fn fits(row: &str, path: &Keys) -> bool {
    let row: Vec<&str> = row.split('.').collect();
    row.len() == path.len() && row.iter().zip(path).all(|(r, p)| *r == "*" || r == p)
}

#[test]
fn every_key_that_a_bundled_file_uses_stands_on_the_page() {
    let page = interface();
    for Kind { heading, bundled, read } in kinds(&page) {
        let told = documented(&page, heading);
        for text in bundled {
            read(&text).unwrap_or_else(|e| panic!("{heading}: {e}"));
            let mut found = BTreeSet::new();
            used(&text.parse().expect("TOML"), &[], &mut found);
            for path in found {
                // A page's `COLUMN` alone stands for columns, not for whatever is written.
                let column = DOMAINS.iter().any(|d| d.column(&path[0]).is_some());
                let row = |row: &&String| (*row != "*" || column) && fits(row, &path);
                assert!(told.iter().any(|t| row(&t)), "{heading} lacks {path:?}");
            }
        }
    }
}

#[test]
fn every_column_of_the_register_exposures_and_circumstances_stands_on_the_page() {
    let page = interface();
    let folder = tempfile::tempdir().unwrap();
    let (areas, exposures) = (folder.path().join("areas.csv"), folder.path().join("exposures.csv"));
    let told = |heading: &str| -> BTreeSet<String> {
        rows(&under(&page, heading), &["column"]).iter().flat_map(|row| names(&row[0])).collect()
    };
    std::fs::write(&areas, "code,name,level,parent,zz_unknown\n").unwrap();
    let message = Register::read(&areas).unwrap_err().to_string();
    let (_, list) = message.rsplit_once("use one of ").expect("the columns there are");
    let known: BTreeSet<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    assert_eq!(told("`areas.csv`"), known);

    std::fs::write(&areas, "code,name,level,parent\n1,甲县,county,\n").unwrap();
    std::fs::write(&exposures, "zz_unknown\n1\n").unwrap();
    let register = Register::read(&areas).unwrap();
    let message = Exposures::read(&exposures, &register).unwrap_err().to_string();
    let (_, list) = message.rsplit_once("use one of ").expect("the columns there are");
    let known: BTreeSet<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    assert_eq!(told("`exposures.csv`"), known);

    let settings = "name = \"甲县\"\ncounty = \"1\"\n";
    std::fs::write(folder.path().join("pingan.toml"), settings).unwrap();
    std::fs::write(folder.path().join(CIRCUMSTANCES), "zz_unknown\n1\n").unwrap();
    let workspace = Workspace::open(folder.path()).unwrap();
    let message = Circumstances::read(&workspace).unwrap_err().to_string();
    let (_, list) = message.rsplit_once("use ").expect("the columns there are");
    let known: BTreeSet<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    assert_eq!(told("`circumstances.csv`"), known);
}

/// How a file of words is read; the message of a refusal.
type ReadWords = fn(&str) -> Option<String>;

#[test]
fn every_template_of_words_stands_on_the_page_with_what_it_may_name() {
    let page = interface();
    let files: [(&str, ReadWords); 2] = [
        (warn::WORDS, |text| warn::Words::parse(here(), text).err().map(|e| e.to_string())),
        (report::MONTH_WORDS, |text| {
            report::Words::parse(here(), text).err().map(|e| e.to_string())
        }),
    ];
    for (path, refusal) in files {
        let told = rows(&under(&page, &format!("`{path}`")), &["templates", "may name"]);
        let bundled: Table = file(path).parse().expect("TOML");
        let templates = bundled["words"].as_table().expect("templates");
        let all: Vec<String> = told.iter().flat_map(|row| names(&row[0])).collect();
        assert_eq!(all.len(), templates.len(), "{path}");
        for name in templates.keys() {
            let row = told.iter().find(|row| names(&row[0]).contains(name));
            let row = row.unwrap_or_else(|| panic!("docs/interface.md lacks the template {name}"));
            let mut wrong = bundled.clone();
            wrong["words"][name.as_str()] = Value::String("{{ zz_unknown }}".to_owned());
            let text = toml::to_string(&wrong).expect("TOML");
            let message = refusal(&text).expect("a refusal");
            let (_, list) = message.rsplit_once("there are ").expect("the names there are");
            let known: BTreeSet<&str> = list.split(", ").filter(|n| *n != "none").collect();
            let may_name = names(&row[1]);
            let may_name: BTreeSet<&str> = may_name.iter().map(String::as_str).collect();
            assert_eq!(may_name, known, "{name}");
        }
    }
}

#[test]
fn every_query_of_the_report_stands_on_the_page_as_its_header_says() {
    let page = interface();
    let told = rows(&under(&page, "Tables of the report"), &["query", "domains"]);
    let queries = report::read_queries(Path::new("nowhere")).expect("the bundled queries");
    assert_eq!(told.len(), queries.len());
    for query in queries {
        let row = told.iter().find(|row| names(&row[0]) == [query.id.as_str()]);
        let row = row.unwrap_or_else(|| panic!("docs/interface.md lacks the query {}", query.id));
        let domains: Vec<&str> = query.domains.iter().map(|d| d.id).collect();
        assert_eq!(names(&row[1]), domains, "{}", query.id);
        assert_eq!(row[2], format!("{}：{}", query.title, query.definition), "{}", query.id);
        let column = |n: &report::Needed| format!("{}.{}", n.table, n.column);
        let needed: Vec<String> = query.needed().map(column).collect();
        assert_eq!(names(&row[3]), needed, "{}", query.id);
    }
}

#[test]
fn every_field_of_the_templates_of_letters_stands_on_their_page() {
    let page = file("docs/letter-templates.md");
    assert!(headings(&page).contains(&"Placeholders"));
    let told: Vec<String> = page.lines().filter(|l| l.starts_with('|')).flat_map(names).collect();
    for field in render::PLACEHOLDERS {
        assert!(told.iter().any(|t| t == field), "docs/letter-templates.md lacks {field}");
    }
}
