//! Every column of every table, in its order, with its type and whether it may be null.

use datafusion::arrow::datatypes::{DataType, Schema};
use lake::Derived;
use lake::schema::{COMMON, DOMAINS, STEPS};

use super::page::{interface, names, rows, under};

/// A column as the page and as the code has it: name, type, whether it may be null.
type Column = (String, &'static str, bool);

/// The page's word for a type.
fn word(kind: &DataType) -> &'static str {
    match kind {
        DataType::Utf8 => "text",
        DataType::Int64 => "whole",
        DataType::Float64 => "number",
        DataType::Decimal128(18, 2) => "money",
        DataType::Boolean => "flag",
        DataType::Timestamp(..) => "instant",
        DataType::Date32 => "day",
        other => panic!("docs/interface.md has no word for {other}"),
    }
}

fn columns(schema: &Schema) -> Vec<Column> {
    let column = |f: &datafusion::arrow::datatypes::FieldRef| {
        (f.name().clone(), word(f.data_type()), f.is_nullable())
    };
    schema.fields().iter().map(column).collect()
}

/// A row of the page, whose type and null cells stand at these places.
fn documented(row: &[String], kind: usize, null: usize) -> Column {
    let words = ["text", "whole", "number", "money", "flag", "instant", "day"];
    let name = names(&row[0]).remove(0);
    let of = words.into_iter().find(|w| *w == row[kind]);
    let kind = of.unwrap_or_else(|| panic!("{name} is of type {}, which is none", row[kind]));
    (name, kind, row[null] != "never")
}

#[test]
fn every_column_of_the_domains_stands_on_the_page() {
    let page = interface();
    let events = under(&page, "Events");
    let mut common: Vec<Column> = rows(&events, &["column", "type", "null"])
        .iter()
        .map(|row| documented(row, 1, 2))
        .collect();
    let delivery = common.split_off(COMMON.len());
    let own = rows(&events, &["column", "of", "type", "null"]);
    for domain in &DOMAINS {
        let own = own.iter().filter(|row| names(&row[1]).iter().any(|d| d == domain.id));
        let is_step = |row: &&Vec<String>| STEPS.iter().any(|s| names(&row[0]) == [s.name]);
        let (steps, own): (Vec<_>, Vec<_>) = own.partition(is_step);
        let mut found = common.clone();
        found.extend(own.into_iter().map(|row| documented(row, 2, 3)));
        found.extend(delivery.clone());
        found.extend(steps.into_iter().map(|row| documented(row, 2, 3)));
        assert_eq!(found, columns(&domain.schema()), "{}", domain.id);
    }
    for row in own {
        let known = |d: &String| DOMAINS.iter().any(|domain| domain.id == d);
        assert!(names(&row[1]).iter().all(known), "{row:?} names what is no domain");
    }
}

#[test]
fn every_column_of_the_derived_tables_stands_on_the_page() {
    let page = interface();
    for table in Derived::ALL {
        let name = table.name();
        let section = under(&page, &format!("`{name}`"));
        let found = rows(&section, &["column", "type", "null"]);
        let found: Vec<Column> = found.iter().map(|row| documented(row, 1, 2)).collect();
        assert_eq!(found, columns(&table.schema()), "{name}");
    }
}
