//! Every command, argument and option that `--help` tells of, and no other.

use std::collections::BTreeSet;

use super::page::{interface, names, rows, section, under};
use crate::support::stdout;

/// What the help of a command tells of.
struct Help {
    /// Subcommands, `help` below the top left out.
    commands: Vec<String>,
    /// `<DIR>`, `[FILES]...`.
    arguments: BTreeSet<String>,
    /// `--county …`.
    options: BTreeSet<String>,
}

fn help(path: &[String]) -> Help {
    let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
    args.push("--help");
    let text = stdout(&args);
    let block = |title: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| line.trim() != title).skip(1);
        let indented = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
        // What stands further to the right is a description.
        let entries = indented.filter(|line| line.len() - line.trim_start().len() <= 6);
        entries.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let first = |line: String| line.split_whitespace().next().unwrap_or_default().to_owned();
    let below_top = !path.is_empty();
    Help {
        commands: block("Commands:")
            .into_iter()
            .map(first)
            .filter(|name| !(below_top && name == "help"))
            .collect(),
        arguments: block("Arguments:").into_iter().map(first).collect(),
        options: block("Options:").iter().filter_map(|line| option(line)).collect(),
    }
}

/// `--county …` of `-c, --county <CODE>  Six-digit …`.
fn option(line: &str) -> Option<String> {
    let long = &line[line.find("--")?..];
    let (told, _) = long.split_once("  ").unwrap_or((long, ""));
    Some(plain(told))
}

/// An option with its value as `…`, `[…]` where it may be left out; what the value is called is no
/// matter. An argument as it is.
fn plain(option: &str) -> String {
    match option.trim_end_matches("...").split_once(' ') {
        Some((name, value)) if value.starts_with('[') => format!("{name} […]"),
        Some((name, _)) => format!("{name} …"),
        None if option.starts_with('-') => option.trim_end_matches("...").to_owned(),
        None => option.to_owned(),
    }
}

/// What the first cells of a command's rows name, `-w, --workspace` as the long one alone.
fn documented(cells: impl Iterator<Item = String>) -> BTreeSet<String> {
    cells
        .flat_map(|cell| names(&cell))
        .filter(|name| !name.starts_with('-') || name.starts_with("--"))
        .map(|name| plain(&name))
        .collect()
}

fn common(page: &str) -> BTreeSet<String> {
    documented(
        rows(&under(page, "Common options"), &["option"]).into_iter().map(|mut r| r.remove(0)),
    )
}

/// What the page says of a command's own arguments and options.
fn of_command(page: &str, path: &[String]) -> BTreeSet<String> {
    let heading = |path: &[String]| format!("`pingan {}`", path.join(" "));
    if let Some(lines) = section(page, &heading(path)) {
        let mut found = rows(&lines, &["argument"]);
        found.extend(rows(&lines, &["option"]));
        return documented(found.into_iter().map(|mut row| row.remove(0)));
    }
    // A subcommand without a section of its own stands in that of the command above.
    let (last, above) = path.split_last().expect("a command");
    let lines = under(page, &heading(above));
    let named = rows(&lines, &["command"])
        .iter()
        .any(|row| names(&row[0]) == [format!("pingan {}", path.join(" "))]);
    assert!(named, "docs/interface.md does not name pingan {}", path.join(" "));
    let of_this = |row: &Vec<String>| {
        row[1].split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == last)
    };
    let found = rows(&lines, &["argument", "of"]).into_iter().filter(of_this);
    documented(found.map(|mut row| row.remove(0)))
}

fn walk(page: &str, common: &BTreeSet<String>, path: &[String], seen: &mut usize) {
    let help = help(path);
    if !path.is_empty() {
        let own: BTreeSet<String> =
            help.options.difference(common).chain(&help.arguments).cloned().collect();
        if help.commands.is_empty() {
            assert_eq!(of_command(page, path), own, "pingan {}", path.join(" "));
        } else {
            under(page, &format!("`pingan {}`", path.join(" ")));
        }
        *seen += own.len();
    }
    for name in &help.commands {
        if name == "help" {
            under(page, "`pingan help`");
            continue;
        }
        walk(page, common, &[path, std::slice::from_ref(name)].concat(), seen);
    }
}

#[test]
fn every_command_and_option_of_the_help_stands_on_the_page() {
    let page = interface();
    let common = common(&page);
    let top = help(&[]);
    assert_eq!(top.options, common, "options of every command");
    let mut seen = 0;
    walk(&page, &common, &[], &mut seen);
    assert!(seen > 40, "only {seen} arguments and options were found in --help");
}
