//! What the tests share.

use std::path::Path;
use std::process::{Command, Output};

use lake::areas::{Area, Exposure};
use lake::{AsOf, Lake, Limits, Session};

#[path = "../../crates/methods/tests/it/shared_data.rs"]
mod shared_data;

pub use shared_data::shared;

/// The binary, ready to be given arguments.
pub fn pingan() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pingan"))
}

/// Runs it to the end.
pub fn run(args: &[&str]) -> Output {
    pingan().args(args).output().expect("pingan starts")
}

/// Standard output of a run that must succeed.
pub fn stdout(args: &[&str]) -> String {
    let output = run(args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pingan {args:?}: {:?}\n{error}", output.status.code());
    assert_eq!(error, "", "pingan {args:?} warned");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The blocks of code of a page of docs/ in one language, in order.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let page = std::fs::read_to_string(page).unwrap();
    let rest = page.split(&format!("```{language}\n")).skip(1).collect::<Vec<_>>();
    rest.iter().map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Standard output of a script that must succeed, in a folder, with `pingan` on its path.
pub fn script(folder: &Path, script: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_pingan")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let ran = Command::new("bash")
        .args(["-e", "-u", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    said
}

/// Rows of a query as CSV lines, without the header.
pub fn query(workspace: &Path, sql: &str) -> Vec<String> {
    let text = stdout(&["-w", &workspace.to_string_lossy(), "--format", "csv", "query", sql]);
    text.lines().skip(1).map(str::to_owned).collect()
}

/// An area of 20,000 residents, of whom nothing else is known.
pub fn area(code: &str, level: &str, parent: Option<&str>) -> Area {
    Area {
        code: code.into(),
        name: format!("N{code}"),
        level: level.into(),
        parent: parent.map(str::to_owned),
        exposure: Exposure::of(|name| (name == "population").then_some(20_000.0)),
        ..Area::default()
    }
}

/// Every row of every table of a lake as sorted lines, without the clock's columns of `runs`.
pub fn contents(workspace: &Path) -> Vec<String> {
    let limits = Limits::default();
    let lake = Lake::open(&workspace.join("lake"), &limits).expect("lake");
    let session = Session::new(&lake, &limits).expect("session");
    let far = AsOf::end_of("2099-12-31".parse().expect("date"), chrono_tz::Asia::Shanghai);
    session.register_lake(&lake, &far).expect("tables");
    let mut lines = Vec::new();
    let domains = lake::schema::DOMAINS.iter().map(|d| format!("{}__all", d.id));
    for table in domains.chain(
        [
            "areas", "panel", "coverage", "scores", "findings", "warnings", "ledger", "letters",
            "rejected", "runs",
        ]
        .map(str::to_owned),
    ) {
        let columns = if table == "runs" {
            "run_id, command, args, version, model_hash, seed, inputs, rows"
        } else {
            "*"
        };
        let Ok(batches) = session.collect(&format!("select {columns} from {table}")) else {
            continue;
        };
        let text = datafusion::arrow::util::pretty::pretty_format_batches(&batches)
            .expect("text")
            .to_string();
        lines.extend(
            text.lines().filter(|l| l.starts_with("| ")).map(|l| format!("{table}{}", squeezed(l))),
        );
    }
    lines.sort();
    lines
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copy");
        }
    }
}
