//! Every method by its name, with its parameters and columns.

use std::collections::BTreeSet;
use std::path::Path;

use methods::detect;
use methods::index::{aggregate, impute, normalise, screen, treat, weigh};
use methods::{Flaw, Params};
use pingan::index::{self, Model};
use toml::{Table, Value};

use super::page::{file, interface, names, rows, under};
use super::probe::{UNKNOWN, expected};

/// Parameters with one that no method has.
fn odd() -> Params {
    Params::from_iter([(UNKNOWN.to_owned(), Value::Integer(1))])
}

/// The parameters a method takes, by its refusal of an unknown one.
fn parameters<T>(made: Result<T, Flaw>) -> Vec<String> {
    let message = made.err().map(|flaw| flaw.to_string()).expect("an unknown parameter is refused");
    match expected(&message) {
        Some(known) => known,
        None => {
            assert!(message.contains(UNKNOWN), "{message}");
            Vec::new()
        }
    }
}

/// Holds the rows of a section against methods with their parameters.
fn compare(heading: &str, known: &[(String, Vec<String>)]) {
    let page = interface();
    let told = rows(&under(&page, heading), &["method", "parameters"]);
    let listed: BTreeSet<String> = told.iter().flat_map(|row| names(&row[0])).collect();
    let all: BTreeSet<String> = known.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(listed, all, "{heading}");
    for (name, parameters) in known {
        let row = told.iter().find(|row| names(&row[0]).contains(name)).expect("a row");
        let (told, missing) = (names(&row[1]), |p: &&String| !names(&row[1]).contains(p));
        let missing: Vec<&String> = parameters.iter().filter(missing).collect();
        assert!(
            missing.is_empty(),
            "docs/interface.md, {heading}, {name}: {missing:?} of {told:?}"
        );
    }
}

#[test]
fn every_weighting_aggregation_and_treatment_stands_on_the_page() {
    let named = |name: &&str| (*name).to_owned();
    let weightings =
        weigh::METHODS.iter().map(|(name, make)| (named(name), parameters(make(&odd()))));
    compare("Weightings", &weightings.collect::<Vec<_>>());
    let aggregations =
        aggregate::METHODS.iter().map(|(name, make)| (named(name), parameters(make(&odd()))));
    compare("Aggregations", &aggregations.collect::<Vec<_>>());
    let treatments =
        treat::METHODS.iter().map(|(name, make)| (named(name), parameters(make(&odd()))));
    compare("Treatments", &treatments.collect::<Vec<_>>());
    let page = interface();
    let told: Vec<String> = under(&page, "The lab model").iter().flat_map(|l| names(l)).collect();
    let others = impute::METHODS.iter().map(|(name, _)| *name);
    for name in others.chain(screen::METHODS.iter().map(|(name, _)| *name)) {
        assert!(told.iter().any(|t| t == name), "docs/interface.md, The lab model, lacks {name}");
    }
}

/// Names of the normalisations that bundled models use.
fn used(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            let method = table.get("normalise").and_then(|n| n.get("method"));
            found.extend(method.and_then(Value::as_str).map(str::to_owned));
            table.values().for_each(|inner| used(inner, found));
        }
        Value::Array(all) => all.iter().for_each(|inner| used(inner, found)),
        _ => {}
    }
}

#[test]
fn every_normalisation_of_models_and_of_the_lab_stands_on_the_page() {
    let mut of_models = BTreeSet::from(["goalposts".to_owned()]);
    for entry in Path::new(env!("CARGO_MANIFEST_DIR")).join("models").read_dir().unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        used(&Value::Table(file(&format!("models/{name}")).parse().unwrap()), &mut of_models);
    }
    let mut known: Vec<(String, Vec<String>)> = normalise::METHODS
        .iter()
        .map(|(name, make)| ((*name).to_owned(), parameters(make(&odd()))))
        .collect();
    let mut model: Table = file(index::MODEL).parse().unwrap();
    for name in of_models {
        let chosen = [("method", Value::from(name.as_str())), (UNKNOWN, Value::from(1))];
        let chosen = chosen.map(|(key, value)| (key.to_owned(), value));
        model.insert("normalise".to_owned(), Value::Table(Table::from_iter(chosen)));
        let text = toml::to_string(&model).unwrap();
        let message = Model::parse(Path::new("m.toml"), &text).unwrap_err().to_string();
        let more = expected(&message).unwrap_or_default();
        match known.iter_mut().find(|(n, _)| *n == name) {
            Some((_, parameters)) => parameters.extend(more),
            None => known.push((name, more)),
        }
    }
    assert!(known.iter().any(|(name, _)| !normalise::METHODS.iter().any(|(n, _)| n == name)));
    compare("Normalisations", &known);
}

#[test]
fn every_method_of_lab_series_stands_on_the_page_with_its_columns_and_parameters() {
    let page = interface();
    let told = rows(&under(&page, "Methods of `lab series`"), &["method", "own columns"]);
    for (name, make) in detect::METHODS {
        let columns = make(&Params::new()).unwrap_or_else(|flaw| panic!("{name}: {flaw}"));
        let row = told.iter().find(|row| names(&row[0]).iter().any(|n| n == name));
        let row = row.unwrap_or_else(|| panic!("docs/interface.md lacks the method {name}"));
        assert_eq!(names(&row[1]), columns.columns(), "{name}");
    }
    let known = detect::METHODS.iter().map(|(name, make)| {
        let mut parameters = parameters(make(&odd()));
        // A rule of all methods, which the page states once.
        parameters.retain(|p| p != "freq");
        ((*name).to_owned(), parameters)
    });
    compare("Parameters of `lab series`", &known.collect::<Vec<_>>());
}
