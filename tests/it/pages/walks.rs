//! The walks of docs/design.md lead through files that are there and have what the page names.

use std::path::{Path, PathBuf};

use super::page::{file, names, section};

/// One step: its number, and its text up to the next.
type Hop = (usize, String);

/// The numbered steps among some lines.
fn hops(lines: &[&str]) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    for line in lines {
        let numbered = line.split_once(". ").and_then(|(n, rest)| Some((n.parse().ok()?, rest)));
        match (numbered, hops.last_mut()) {
            (Some((number, text)), _) => hops.push((number, text.to_owned())),
            (None, Some((_, text))) => *text += &format!(" {}", line.trim()),
            (None, None) => {}
        }
    }
    hops
}

/// The file of a name, from the root of the repository or beside the step's own.
fn find(name: &str, own: &Path) -> Option<PathBuf> {
    let beside = own.parent().unwrap_or(own).join(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    [PathBuf::from(name), beside].into_iter().find(|path| root.join(path).exists())
}

/// Whether a file has the last part of a name as a word.
fn has(path: &Path, name: &str) -> bool {
    let word = name.rsplit("::").next().unwrap_or(name);
    let text = file(&path.to_string_lossy());
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word)
}

/// What is wrong with a step: a file that is not there, or that has not what is named after it.
fn wrong(text: &str) -> Vec<String> {
    let mut at = PathBuf::new();
    let mut wrong = Vec::new();
    for name in names(text) {
        let is_file = name.ends_with(".rs") || name.contains('/') && !name.contains(['<', ' ']);
        let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'));
        if is_file && name != "inbox/" && !name.starts_with("out/") {
            match find(&name, &at) {
                Some(path) => at = path,
                None => wrong.push(format!("there is no {name}")),
            }
        } else if is_name && at.extension().is_some_and(|e| e == "rs") && !has(&at, &name) {
            wrong.push(format!("{} has no {name}", at.display()));
        }
    }
    wrong
}

#[test]
fn every_step_of_the_walks_is_a_file_that_has_what_it_names() {
    let page = file("docs/design.md");
    let lines = section(&page, "Two walks").expect("the walks");
    let mut walks = lines.split(|line| line.starts_with("### ")).skip(1).map(hops);
    let (row, indicator) = (walks.next().expect("a walk"), walks.next().expect("another"));
    for walk in [row, indicator] {
        assert!(walk.len() > 10, "{walk:?}");
        for (place, (number, text)) in walk.iter().enumerate() {
            assert_eq!(*number, place + 1, "{text}");
            let wrong = wrong(text);
            assert!(wrong.is_empty(), "step {number}: {}", wrong.join(", "));
        }
    }
}
