//! The keys a reader of TOML knows, found from what it answers to one it does not know: serde's
//! "unknown field `x`, expected one of `a`, `b`".

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::page::names;

/// A key that no file has.
pub const UNKNOWN: &str = "zz_unknown";
/// Tables within tables that no file goes beyond.
const DEEPEST: usize = 4;

/// Reads a text; says what is wrong with it.
pub type Read<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// What is found at a place of a file.
enum Found {
    /// A table of these keys.
    Keys(Vec<String>),
    /// A table of any keys.
    Any,
    /// A method by its name, with parameters of its own.
    Method,
    /// A value.
    Leaf,
}

/// Paths of every key: `clusters.scan.max_days`, `band[].name`, `watch.*` for any key, and
/// `normalise.method` for a method by its name.
pub fn keys(read: Read) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    descend(read, &[], &mut found);
    found
}

/// Names of what a message says it expected instead of the unknown key; `None` where it does not
/// speak of that.
pub fn expected(message: &str) -> Option<Vec<String>> {
    let (_, after) = message.split_once(&format!("unknown field `{UNKNOWN}`"))?;
    Some(names(after))
}

/// One step of a path: a key, and whether its value is a list of tables.
type Step = (String, bool);

fn descend(read: Read, path: &[Step], keys: &mut BTreeSet<String>) {
    match at(read, path) {
        Found::Keys(names) => {
            for name in names {
                let step = |list| [path, &[(name.clone(), list)]].concat();
                // A list in the place of a table is taken for its values in order: not tried first.
                let of_table =
                    |list| matches!(at(read, &step(list)), Found::Keys(_) | Found::Method);
                descend(read, &step(!of_table(false) && of_table(true)), keys);
            }
        }
        Found::Any => {
            let below = |steps: usize| [path, &vec![(UNKNOWN.to_owned(), false); steps]].concat();
            if (1..=DEEPEST).all(|steps| matches!(at(read, &below(steps)), Found::Any)) {
                // Whatever stands here is taken: parameters that are read elsewhere.
                keys.insert(told(&below(1)));
            } else {
                descend(read, &below(1), keys);
            }
        }
        Found::Method => {
            keys.insert(format!("{}.method", told(path)));
        }
        Found::Leaf => {
            keys.insert(told(path));
        }
    }
}

/// What a table with nothing but an unknown key is answered with at a place. What is missing
/// beside it would only be told later.
fn at(read: Read, path: &[Step]) -> Found {
    let Some(message) = answer(read, path, Value::Integer(1)) else { return Found::Any };
    let says = |what: &str| message.contains(what);
    if let Some(names) = expected(&message) {
        Found::Keys(names)
    } else if says("missing field `method`") {
        Found::Method
    } else if says("invalid type: map") || says("unknown variant") {
        Found::Leaf
    } else if says(": expected ") {
        // A type with words of its own for what it expects: is it the table's, or its value's?
        let of_text = answer(read, path, Value::String("text".to_owned()));
        if of_text.is_some_and(|m| m == message) { Found::Leaf } else { Found::Any }
    } else {
        Found::Any
    }
}

/// What is said of an unknown key of this value at a place.
fn answer(read: Read, path: &[Step], value: Value) -> Option<String> {
    let probe = Value::Table(Table::from_iter([(UNKNOWN.to_owned(), value)]));
    let wrap = |inner: Value, (key, list): &Step| {
        let inner = if *list { Value::Array(vec![inner]) } else { inner };
        Value::Table(Table::from_iter([(key.clone(), inner)]))
    };
    let text = toml::to_string(&path.iter().rev().fold(probe, wrap)).expect("TOML");
    read(&text).err()
}

fn told(path: &[Step]) -> String {
    let step = |(key, list): &Step| {
        let key = if key == UNKNOWN { "*" } else { key };
        format!("{key}{}", if *list { "[]" } else { "" })
    };
    path.iter().map(step).collect::<Vec<String>>().join(".")
}
