//! The order of the house: no circle of files within a crate, and no file of `src/` that imports
//! from a room above its own.
//!
//! The files' `use` declarations and paths are read as text. What counts as a reference:
//!
//! - A path counts towards the file that defines the item it names. A parent module (`mod.rs`,
//!   `lib.rs`) is looked through: `super::Weeks` that `mod.rs` re-exports from `watch.rs` is a
//!   reference to `watch.rs`, and the re-export itself is none.
//! - An item that a parent defines itself counts towards the parent's file, and what a parent's own
//!   code names counts as its references.
//! - A parent whose own code names its children, as a list of methods by name does, may define the
//!   trait or the types that these children share: references from a child to an ancestor are left
//!   out of the circles, and so is nothing else.
//! - Tests (`#[cfg(test)]`, `tests.rs`, `tests/`) are no part of the house.
//!
//! Circles across crates are impossible: Cargo refuses them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms of `src/`, from the lowest up. A room may import from those before it; rooms of one
/// line lie beside each other and may not import from each other.
const ROOMS: [&[&str]; 11] = [
    &["error", "workspace"],
    &["frame", "runs", "notes"],
    &["panel", "circumstances"],
    &["feeds"],
    &["job"],
    &["index"],
    &["detect"],
    &["warn"],
    &["report", "backtest"],
    &["engine", "synth", "lab"],
    &["cli"],
];

/// One file: where it stands in the tree of modules, what it defines, and which paths it names.
struct Source {
    file: String,
    /// The crate's name, then the modules.
    module: Vec<String>,
    parent: bool,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    paths: Vec<Vec<String>>,
}

/// One leaf of a `use` declaration.
struct Import {
    path: Vec<String>,
    /// The name it has in the file; `*` for all of a module.
    name: String,
    exported: bool,
}

/// The files of a workspace by their module.
struct House {
    sources: Vec<Source>,
    by_module: BTreeMap<Vec<String>, usize>,
}

/// Comments, and what stands in quotes, blanked.
fn code(text: &str) -> String {
    let (chars, mut out) = (text.chars().collect::<Vec<char>>(), String::new());
    let starts = |at: usize, with: &str| {
        with.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c))
    };
    let mut at = 0;
    while at < chars.len() {
        let word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
        if starts(at, "//") {
            while at < chars.len() && chars[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "/*") {
            while at < chars.len() && !starts(at, "*/") {
                at += 1;
            }
            at += 2;
        } else if !word && (starts(at, "r\"") || starts(at, "r#") || starts(at, "br\"")) {
            let open =
                at + chars[at..].iter().take_while(|c| **c != '"' && !c.is_whitespace()).count();
            if chars.get(open) != Some(&'"') {
                // A raw identifier.
                at += 2;
                continue;
            }
            let hashes = chars[at..open].iter().filter(|c| **c == '#').count();
            let end = format!("\"{}", "#".repeat(hashes));
            at = open + 1;
            while at < chars.len() && !starts(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if chars[at] == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if chars[at] == '\''
            && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\''))
        {
            at += if chars.get(at + 1) == Some(&'\\') { 3 } else { 2 };
            while at < chars.len() && chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        out.push(' ');
    }
    out
}

/// Words, `::`, and single signs.
fn tokens(text: &str) -> Vec<String> {
    let (chars, mut tokens) = (code(text).chars().collect::<Vec<char>>(), Vec::new());
    let mut at = 0;
    while at < chars.len() {
        let word = chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        let length = if word > 0 {
            word
        } else if chars[at] == ':' && chars.get(at + 1) == Some(&':') {
            2
        } else {
            1
        };
        if !chars[at].is_whitespace() {
            tokens.push(chars[at..at + length].iter().collect());
        }
        at += length;
    }
    tokens
}

/// The place after the item that begins at `at`: after its `;`, or after the brace that closes it.
fn after_item(tokens: &[String], mut at: usize) -> usize {
    let mut depth = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The leaves of a `use` declaration from `at` on, and the place after it.
fn imports(
    tokens: &[String],
    mut at: usize,
    before: &[String],
    into: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t != "}") {
                    at = imports(tokens, at, &path, into);
                    at += usize::from(tokens.get(at).is_some_and(|t| t == ","));
                }
                return at + 1;
            }
            Some("::") => at += 1,
            Some("as") => {
                path.push(format!("as {}", tokens[at + 1]));
                at += 2;
            }
            Some("," | ";" | "}") | None => break,
            Some(word) => {
                path.push(word.to_owned());
                at += 1;
            }
        }
    }
    into.push(path);
    at
}

impl Import {
    fn new(mut path: Vec<String>, exported: bool) -> Import {
        let renamed = path.last().and_then(|l| l.strip_prefix("as ").map(str::to_owned));
        if renamed.is_some() {
            path.pop();
        }
        if path.last().is_some_and(|l| l == "self") {
            path.pop();
        }
        let name = renamed.or_else(|| path.last().cloned()).unwrap_or_default();
        Import { path, name, exported }
    }
}

impl Source {
    /// Reads a file of a crate; `inside` is its place below the crate's `src/`.
    fn new(file: &str, krate: &str, inside: &str, text: &str) -> Source {
        let mut module = vec![krate.to_owned()];
        module.extend(inside.trim_end_matches(".rs").split('/').map(str::to_owned));
        let parent = ["mod", "lib"].iter().any(|p| module.last().is_some_and(|m| m == p));
        if parent {
            module.pop();
        }
        let mut source = Source {
            file: file.to_owned(),
            module,
            parent,
            items: BTreeSet::new(),
            imports: Vec::new(),
            paths: Vec::new(),
        };
        source.read(&tokens(text));
        source
    }

    fn read(&mut self, tokens: &[String]) {
        const ITEMS: [&str; 8] =
            ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];
        let is = |at: usize, word: &str| tokens.get(at).is_some_and(|t| t == word);
        let (mut at, mut depth) = (0, 0);
        while at < tokens.len() {
            let token = tokens[at].as_str();
            if token == "#"
                && ["[", "cfg", "(", "test", ")", "]"]
                    .iter()
                    .enumerate()
                    .all(|(i, t)| is(at + 1 + i, t))
            {
                at = after_item(tokens, at + 7);
                continue;
            }
            // `use<'a>` is what a type captures.
            if token == "use" && !is(at + 1, "<") {
                let exported = at > 0 && (is(at - 1, "pub") || is(at - 1, ")"));
                let mut leaves = Vec::new();
                at = imports(tokens, at + 1, &[], &mut leaves);
                self.imports.extend(leaves.into_iter().map(|path| Import::new(path, exported)));
                continue;
            }
            match token {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ if depth == 0 && ITEMS.contains(&token) => {
                    self.items.extend(tokens.get(at + 1).cloned());
                }
                _ => {}
            }
            let mut path = Vec::new();
            while tokens
                .get(at)
                .is_some_and(|t| t.starts_with(|c: char| c.is_alphabetic() || c == '_'))
            {
                path.push(tokens[at].clone());
                at += 1;
                if !is(at, "::") {
                    break;
                }
                at += 1;
            }
            if path.len() > 1 {
                self.paths.push(path);
            } else if path.is_empty() {
                at += 1;
            }
        }
    }

    /// The room of a file of `src/`.
    fn room(&self) -> Option<&str> {
        (self.module[0] == "pingan").then(|| self.module.get(1).map(String::as_str)).flatten()
    }
}

impl House {
    /// Files by their path in the repository, with their text.
    fn new(files: &BTreeMap<String, String>) -> House {
        let mut sources = Vec::new();
        for (file, text) in files {
            let inside = file.strip_prefix("src/").map(|inside| ("pingan", inside));
            let of_crate = || file.strip_prefix("crates/")?.split_once("/src/");
            let Some((krate, inside)) = inside.or_else(of_crate) else { continue };
            let test = inside.ends_with("tests.rs") || inside.contains("tests/");
            if inside != "main.rs" && !test {
                sources.push(Source::new(file, krate, inside, text));
            }
        }
        let by_module = sources.iter().enumerate().map(|(i, s)| (s.module.clone(), i)).collect();
        House { sources, by_module }
    }

    /// A path that a file names, from the crate's root on; `None` where it leads out of the crate.
    fn absolute(&self, source: &Source, path: &[String], depth: usize) -> Option<Vec<String>> {
        let (first, mut rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => source.module[..1].to_vec(),
            "pingan" if source.room() == Some("cli") => source.module[..1].to_vec(),
            "self" => source.module.clone(),
            "super" => source.module[..source.module.len() - 1].to_vec(),
            name => {
                let child = [&source.module[..], &[name.to_owned()]].concat();
                if self.by_module.contains_key(&child) {
                    child
                } else {
                    let import =
                        source.imports.iter().find(|i| i.name == name && i.path != path)?;
                    self.absolute(source, &import.path, depth.checked_sub(1)?)?
                }
            }
        };
        while rest.first().is_some_and(|r| r == "super") {
            base.pop();
            rest = &rest[1..];
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The file that defines what an absolute path names; `None` for a parent module as a whole.
    fn defining(&self, path: &[String], depth: usize) -> Option<usize> {
        let known =
            (1..=path.len()).rev().find_map(|n| Some((n, *self.by_module.get(&path[..n])?)));
        let (length, at) = known?;
        let source = &self.sources[at];
        let Some(item) = path.get(length).filter(|i| *i != "*") else {
            return (!source.parent).then_some(at);
        };
        if source.items.contains(item) || depth == 0 {
            return Some(at);
        }
        let through = |import: &Import, path: &[String]| {
            let absolute = self.absolute(source, path, depth)?;
            (import.exported || source.parent)
                .then(|| self.defining(&absolute, depth - 1))
                .flatten()
        };
        if let Some(import) = source.imports.iter().find(|i| i.name == *item) {
            return through(import, &import.path);
        }
        let globs = source.imports.iter().filter(|i| i.name == "*" && i.exported);
        let found = globs.filter_map(|import| {
            let path = [&import.path[..import.path.len() - 1], std::slice::from_ref(item)].concat();
            let at = through(import, &path)?;
            self.sources[at].items.contains(item).then_some(at)
        });
        found.into_iter().next().or(Some(at))
    }

    /// The files that a file refers to, with a path that says why.
    fn references(&self, at: usize) -> BTreeMap<usize, String> {
        let source = &self.sources[at];
        let imports =
            source.imports.iter().filter(|i| !(i.exported && source.parent)).map(|i| &i.path);
        let mut references = BTreeMap::new();
        for path in imports.chain(&source.paths) {
            let target = self.absolute(source, path, 8).and_then(|path| self.defining(&path, 8));
            if let Some(target) = target.filter(|t| *t != at) {
                references.entry(target).or_insert_with(|| path.join("::"));
            }
        }
        references
    }

    /// Imports from a room that is not below the file's own.
    fn upward(&self) -> Vec<String> {
        let floor = |room: &str| ROOMS.iter().position(|rooms| rooms.contains(&room));
        let mut found = Vec::new();
        for (at, source) in self.sources.iter().enumerate() {
            let Some(room) = source.room() else { continue };
            let Some(own) = floor(room) else {
                found.push(format!("{}: {room} is no room of ROOMS", source.file));
                continue;
            };
            for (target, path) in self.references(at) {
                let target = &self.sources[target];
                let below =
                    target.room().is_none_or(|r| r == room || floor(r).is_some_and(|f| f < own));
                if !below {
                    found.push(format!("{} imports {path} from {}", source.file, target.file));
                }
            }
        }
        found
    }

    /// Circles: files that reach each other, each with one reference that keeps it in the circle.
    fn circles(&self) -> Vec<Vec<String>> {
        let ancestor =
            |of: &Source, other: &Source| other.parent && of.module.starts_with(&other.module);
        let edges: Vec<BTreeMap<usize, String>> = (0..self.sources.len())
            .map(|at| {
                let mut edges = self.references(at);
                edges.retain(|to, _| !ancestor(&self.sources[at], &self.sources[*to]));
                edges
            })
            .collect();
        let reached = |from: usize| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
            while let Some(at) = open.pop() {
                open.extend(edges[at].keys().filter(|to| seen.insert(**to)));
            }
            seen
        };
        let reach: Vec<BTreeSet<usize>> = (0..edges.len()).map(reached).collect();
        let (mut circles, mut placed) = (Vec::new(), BTreeSet::new());
        for at in (0..edges.len()).filter(|at| reach[*at].contains(at)) {
            let circle: Vec<usize> =
                reach[at].iter().copied().filter(|to| reach[*to].contains(&at)).collect();
            if placed.insert(circle[0]) {
                let line = |from: &usize| {
                    let inside = edges[*from].iter().filter(|(to, _)| circle.contains(to));
                    let names: Vec<String> = inside
                        .map(|(to, path)| format!("{} ({path})", self.sources[*to].file))
                        .collect();
                    format!("{} -> {}", self.sources[*from].file, names.join(", "))
                };
                circles.push(circle.iter().map(line).collect());
            }
        }
        circles
    }
}

/// The Rust files below a folder of the repository.
fn read(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(root, &path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
            into.insert(name.replace('\\', "/"), std::fs::read_to_string(&path).expect("UTF-8"));
        }
    }
}

fn house() -> House {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    read(root, &root.join("src"), &mut files);
    read(root, &root.join("crates"), &mut files);
    House::new(&files)
}

#[test]
fn no_file_imports_from_a_room_above_its_own() {
    let found = house().upward();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_files_refer_to_each_other_in_a_circle() {
    let circles = house().circles();
    let text: Vec<String> = circles.iter().map(|circle| circle.join("\n")).collect();
    assert!(circles.is_empty(), "{}", text.join("\n\n"));
}

#[test]
fn circles_and_upward_imports_are_found_through_re_exports_and_modules() {
    let files = [
        ("src/lib.rs", "pub mod index;\npub mod detect;"),
        (
            "src/index/mod.rs",
            "mod a;\nmod b;\nmod c;\npub use a::A;\npub use b::B;\npub trait T {}",
        ),
        ("src/index/a.rs", "use super::{B, T};\n// use super::c::C;\npub struct A(B);"),
        ("src/index/b.rs", "use super::c;\npub struct B(c::C);"),
        (
            "src/index/c.rs",
            "pub struct C;\nfn f() { let _ = \"crate::detect::D\"; crate::index::A::new(); }",
        ),
        (
            "src/detect/mod.rs",
            "mod d;\npub use d::D;\n#[cfg(test)]\nmod tests { use crate::warn::W; }",
        ),
        ("src/detect/d.rs", "use crate::index::A;\npub struct D(A);"),
        ("src/panel.rs", "use crate::detect::D as Found;"),
    ];
    let house = House::new(&files.map(|(file, text)| (file.to_owned(), text.to_owned())).into());
    assert_eq!(house.upward(), ["src/panel.rs imports crate::detect::D from src/detect/d.rs"]);
    let circles = house.circles();
    assert_eq!(circles.len(), 1, "{circles:?}");
    assert_eq!(
        circles[0],
        [
            "src/index/a.rs -> src/index/b.rs (super::B)",
            "src/index/b.rs -> src/index/c.rs (super::c)",
            "src/index/c.rs -> src/index/a.rs (crate::index::A::new)",
        ]
    );
}
