//! Pages refer to pages, and to headings, that are there.

use std::path::{Path, PathBuf};

use super::page::headings;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page of the repository's own.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            pages(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// Targets of `[text](target)`.
fn targets(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// A heading as links name it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut all = Vec::new();
    pages(root(), &mut all);
    assert!(all.len() > 10);
    let mut broken = Vec::new();
    for page in &all {
        let text = std::fs::read_to_string(page).expect("a page");
        for target in targets(&text).into_iter().filter(|t| !t.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => page.clone(),
                file => page.parent().expect("a folder").join(file),
            };
            let there = path.exists()
                && (heading.is_empty()
                    || std::fs::read_to_string(&path)
                        .is_ok_and(|text| headings(&text).iter().any(|h| anchor(h) == heading)));
            if !there {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_page_names_a_page_outside_the_repository() {
    let mut all = Vec::new();
    pages(root(), &mut all);
    for page in all {
        let text = std::fs::read_to_string(&page).expect("a page");
        for outside in ["METHOD", "DESIGN", "INTERFACE", "LETTER"].map(|name| format!("{name}.md"))
        {
            assert!(!text.contains(&outside), "{} names {outside}", page.display());
        }
    }
}
