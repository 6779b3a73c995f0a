//! Warnings and letters from outside: drafted once, signed, followed, answered, closed; a ledger in
//! which any edit shows.

use lake::Derived;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use lake::{Lake, Limits, Session};
use pingan::warn::ledger::{Entry, NewStep, Step};
use render::{docx_replace, docx_text};
use serde_json::Value;

use crate::support::{contents, copy, pingan, run, stdout};

/// The night that drafts, in the sample.
pub const NIGHT: &str = "2026-01-31";
pub const CENTRE: &str = "综治中心主任";

/// A workspace of the sample after its last night, and its folder.
pub fn demo(folder: &Path) -> PathBuf {
    let county = folder.join("county");
    stdout(&["-q", "demo", &county.to_string_lossy()]);
    county
}

pub fn letters(county: &Path, args: &[&str]) -> std::process::Output {
    let county = county.to_string_lossy().into_owned();
    run(&[&["-w", &county, "letters"][..], args].concat())
}

/// A command on letters that must succeed.
pub fn done(county: &Path, args: &[&str]) -> String {
    let output = letters(county, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A command on letters that is refused: its message.
pub fn refused(county: &Path, args: &[&str]) -> String {
    let output = letters(county, args);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8(output.stderr).unwrap()
}

pub fn list(county: &Path) -> Vec<Value> {
    serde_json::from_str(&done(county, &["list", "--all", "--format", "json"])).unwrap()
}

pub fn status(county: &Path, id: &str) -> String {
    let all = list(county);
    all.iter()
        .find(|l| l["letter_id"] == id)
        .map(|l| l["status"].as_str().unwrap().to_owned())
        .unwrap()
}

pub fn nightly(county: &Path, date: &str) -> String {
    stdout(&["-w", &county.to_string_lossy(), "nightly", "--date", date])
}

pub fn document(county: &Path, id: &str) -> PathBuf {
    county.join("out/letters").join(format!("{id}.docx"))
}

fn text(county: &Path, id: &str) -> String {
    docx_text(&std::fs::read(document(county, id)).unwrap()).unwrap().join("\n")
}

/// Whether a letter's PDF says that it was made on some day.
fn made_on(county: &Path, id: &str, day: &str) -> bool {
    let pdf = std::fs::read(document(county, id).with_extension("pdf")).unwrap();
    pdf.starts_with(b"%PDF-")
        && String::from_utf8_lossy(&pdf).contains(&format!("CreateDate>{day}"))
}

#[test]
fn a_letter_is_drafted_once_and_followed_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let county = demo(folder.path());
    let drafts = list(&county);
    // Wages and neighbours rise in 620981103 and 620981105.
    let to = |area: &str| {
        drafts
            .iter()
            .filter(|l| l["letter_id"].as_str().unwrap().starts_with(&format!("{area}-disputes-")))
            .count()
    };
    assert_eq!((to("620981103"), to("620981105")), (1, 1), "{drafts:#?}");
    let rows = contents(&county);
    let documents = std::fs::read_dir(county.join("out/letters")).unwrap().count();
    // DOCX and HTML, and with the feature PDF.
    let kinds = if cfg!(feature = "pdf") { 3 } else { 2 };
    assert_eq!(documents, kinds * drafts.len());
    let again = nightly(&county, NIGHT);
    assert!(!again.contains("drafted"), "{again}");
    assert_eq!(list(&county), drafts);
    assert!(contents(&county) == rows, "the same night again changes nothing");

    let id = drafts
        .iter()
        .map(|l| l["letter_id"].as_str().unwrap())
        .find(|id| id.starts_with("620981105-disputes-"))
        .unwrap()
        .to_owned();
    let id = id.as_str();
    // Out of order, each refusal says what comes first.
    assert!(refused(&county, &["issue", id, "--by", CENTRE]).contains("not approved"));
    assert!(refused(&county, &["feedback", id, "--note", "已办"]).contains("letters issue"));
    assert!(refused(&county, &["close", id]).contains("--note"));
    assert!(refused(&county, &["approve", "nosuch", "--by", CENTRE]).contains("letters list"));
    assert!(refused(&county, &["approve", id, "--by", "13800138000"]).contains("--by"));
    assert!(
        refused(&county, &["approve", id, "--by", CENTRE, "--on", "2026-01-30"])
            .contains("before the step")
    );
    assert_eq!(letters(&county, &["approve", id]).status.code(), Some(2), "someone signs");
    assert_eq!(status(&county, id), "draft");

    if cfg!(feature = "pdf") {
        assert!(
            made_on(&county, id, NIGHT) && !made_on(&county, id, "2026-02-02"),
            "the PDF is a draft of that night"
        );
    }
    done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
    let again = letters(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
    assert!(again.status.success() && String::from_utf8_lossy(&again.stderr).contains("already"));
    assert!(
        refused(&county, &["approve", id, "--by", "县综治中心", "--on", "2026-02-02"])
            .contains("approved already"),
        "another office's approval of the same text is not dropped unseen"
    );
    let issued = done(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"]);
    assert!(issued.contains("玉门综治提〔2026〕1号"), "{issued}");
    if cfg!(feature = "pdf") {
        assert!(
            made_on(&county, id, "2026-02-02") && !made_on(&county, id, NIGHT),
            "the PDF is of the letter as issued"
        );
    }
    let text = text(&county, id);
    assert!(
        text.contains("玉门综治提〔2026〕1号")
            && text.contains("2026年2月2日")
            && !text.contains('×'),
        "{text}"
    );
    let shown: Value =
        serde_json::from_str(&done(&county, &["show", id, "--format", "json"])).unwrap();
    let code = shown["code"].as_str().unwrap().to_owned();
    assert!(text.contains(&code), "{code}: {text}");
    assert!(done(&county, &["verify", &code]).contains("genuine"));
    assert_eq!(letters(&county, &["verify", "0000-0000-0000-0000"]).status.code(), Some(1));
    done(&county, &["receive", id, "--on", "2026-02-03"]);
    done(&county, &["feedback", id, "--measures", "逐村排查", "--on", "2026-02-06"]);
    assert_eq!(status(&county, id), "measures");
    assert!(
        refused(
            &county,
            &["feedback", id, "--note", "张某 11010519491231002X 已化解", "--on", "2026-02-10"]
        )
        .contains("***")
    );
    assert!(
        refused(&county, &["feedback", id, "--figures", "排查", "--on", "2026-02-10"])
            .contains("NAME=NUMBER")
    );
    done(
        &county,
        &[
            "feedback",
            id,
            "--note",
            "已排查化解",
            "--figures",
            "排查=120,化解=115",
            "--on",
            "2026-02-10",
        ],
    );
    assert_eq!(status(&county, id), "feedback");
    // What was known then is what is shown then.
    assert!(
        done(&county, &["list", "--all", "--as-of", "2026-02-05", "--format", "csv"])
            .contains("received")
    );
    done(&county, &["close", id, "--note", "已办结", "--on", "2026-02-20"]);
    assert_eq!(status(&county, id), "closed");
    assert!(refused(&county, &["receive", id, "--on", "2026-02-21"]).contains("closed"));
    assert!(done(&county, &["verify"]).contains("holds"));
    assert_eq!(run(&["-w", &county.to_string_lossy(), "check"]).status.code(), Some(0));

    // The other was not even sent; a night that is earlier than the last leaves everything alone.
    let told = nightly(&county, "2026-01-15");
    assert!(told.contains("stay as they are"), "{told}");
    assert_eq!(list(&county).len(), drafts.len());
}

/// Each step as often as one likes; and what is another step, or refused, though it looks alike.
#[test]
fn the_same_step_again_adds_nothing_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let county = demo(folder.path());
    let all = list(&county);
    let id = all[0]["letter_id"].as_str().unwrap();
    let rows = || {
        let shown = done(&county, &["show", id, "--format", "json"]);
        serde_json::from_str::<Value>(&shown).unwrap()["steps"].as_array().unwrap().len()
    };
    let (day, by) = (["--on", "2026-02-02"], ["--by", CENTRE]);
    let with = |step: &[&'static str], more: &[&'static str]| [step, more].concat();
    let approve = with(&["approve"], &[by, day].concat());
    let issue = with(&["issue"], &[by, day].concat());
    let answer: &[&str] = &["feedback", "--note", "已排查", "--figures", "排查=12"];
    let answered = with(answer, &["--on", "2026-02-06"]);
    // The step, rows it adds, and what is refused after it or adds so many more.
    type Command = Vec<&'static str>;
    type Others = Vec<(Command, Option<usize>)>;
    let cases: [(Command, usize, Others); 9] = [
        (approve.clone(), 1, vec![(with(&["approve", "--by", "县综治中心"], &day), None)]),
        (with(&approve, &["--reply-by", "2026-02-27"]), 1, vec![(approve.clone(), Some(0))]),
        (with(&approve, &["--reply-by", "2026-02-28"]), 1, vec![]),
        (
            issue.clone(),
            2,
            vec![
                (with(&["issue", "--on", "2026-02-03"], &by), None),
                (with(&["issue", "--by", "县综治中心"], &day), None),
                (with(&issue, &["--note", "已签发"]), None),
                (with(&approve, &["--reply-by", "2026-03-01"]), None),
                (with(&approve, &["--reply-by", "2026-02-28"]), Some(0)),
            ],
        ),
        (
            vec!["receive", "--on", "2026-02-03"],
            1,
            vec![
                (vec!["receive"], Some(0)),
                (vec!["receive", "--on", "2026-02-04"], None),
                (vec!["receive", "--by", "综治办"], None),
            ],
        ),
        (
            vec!["feedback", "--measures", "逐村排查", "--on", "2026-02-05"],
            1,
            vec![(vec!["feedback", "--measures", "逐村排查"], Some(0))],
        ),
        (
            answered.clone(),
            1,
            vec![
                (answer.to_vec(), Some(0)),
                (with(&answered, &["--measures", "逐村排查"]), Some(1)),
                (with(answer, &["--on", "2026-02-07"]), Some(1)),
                (vec!["feedback", "--note", "已办结", "--on", "2026-02-08"], Some(1)),
                (with(answer, &["--on", "2026-02-09"]), Some(1)),
            ],
        ),
        (vec!["close", "--note", "已办结", "--on", "2026-02-10"], 1, vec![(vec!["close"], None)]),
        (issue, 0, vec![(vec!["feedback", "--note", "再办", "--on", "2026-02-11"], None)]),
    ];
    fn named<'a>(id: &'a str, step: &[&'a str]) -> Vec<&'a str> {
        [&step[..1], &[id], &step[1..]].concat()
    }
    for (step, adds, others) in cases {
        let before = rows();
        for _ in 0..3 {
            done(&county, &named(id, &step));
            assert_eq!(rows(), before + adds, "{step:?}");
        }
        for (other, adds) in others {
            let before = rows();
            let code = letters(&county, &named(id, &other)).status.code();
            let expected = if adds.is_some() { Some(0) } else { Some(2) };
            assert_eq!((code, rows() - before), (expected, adds.unwrap_or(0)), "{other:?}");
        }
    }
    assert!(done(&county, &["verify"]).contains("holds"));
}

#[test]
fn an_unanswered_letter_is_followed_by_the_next_kind() {
    let folder = tempfile::tempdir().unwrap();
    let county = demo(folder.path());
    let ids: Vec<String> =
        list(&county).iter().map(|l| l["letter_id"].as_str().unwrap().to_owned()).collect();
    let id = ids.iter().find(|id| id.starts_with("620981103-disputes-")).unwrap().as_str();
    done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
    done(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"]);
    let told = nightly(&county, "2026-02-26");
    assert!(told.contains("overdue by") && told.contains("督办函"), "{told}");
    let next = id.replace("-tishi", "-duban");
    assert_eq!(status(&county, &next), "draft");
    assert!(
        text(&county, &next).contains("玉门综治提〔2026〕1号"),
        "it names the letter before: {}",
        text(&county, &next)
    );
    assert!(nightly(&county, "2026-02-27").contains("overdue by"));
    assert_eq!(list(&county).len(), ids.len() + 1, "not a second one");
    // A letter that is approved late asks for its answer by another day, or is not issued.
    done(&county, &["approve", &next, "--by", CENTRE, "--on", "2026-03-30"]);
    assert!(
        refused(&county, &["issue", &next, "--by", CENTRE, "--on", "2026-03-30"])
            .contains("--reply-by")
    );
    done(
        &county,
        &["approve", &next, "--by", CENTRE, "--on", "2026-03-30", "--reply-by", "2026-04-09"],
    );
    done(&county, &["issue", &next, "--by", CENTRE, "--on", "2026-03-30"]);
    let text = text(&county, &next);
    assert!(text.contains("4月9日") && text.contains("玉门综治督〔2026〕1号"), "{text}");
    assert!(done(&county, &["verify"]).contains("holds"));
}

#[test]
fn a_draft_that_a_person_edited_keeps_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let county = demo(folder.path());
    let all = list(&county);
    let id = all[0]["letter_id"].as_str().unwrap();
    let (file, name) = (document(&county, id), all[0]["area"].as_str().unwrap());
    let draft = std::fs::read(&file).unwrap();
    let (person, _) = docx_replace(&draft, name, "11010519491231002X").unwrap();
    std::fs::write(&file, &person).unwrap();
    assert!(
        refused(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-01"]).contains("person")
    );
    let (edited, times) = docx_replace(&draft, name, "甲乙镇").unwrap();
    assert!(times > 0);
    std::fs::write(&file, &edited).unwrap();
    done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-01"]);
    // Changed again after the approval: not what was approved.
    let (removed, times) = docx_replace(&edited, "××××-××××-××××-××××", "").unwrap();
    assert!(times > 0);
    std::fs::write(&file, &removed).unwrap();
    assert!(
        refused(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"])
            .contains("changed after")
    );
    done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
    let told = refused(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"]);
    assert!(told.contains("××××-××××") && told.contains("write"), "{told}");
    assert_eq!(status(&county, id), "approved", "nothing was recorded");
    std::fs::write(&file, &edited).unwrap();
    done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
    done(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"]);
    let text = text(&county, id);
    assert!(
        text.contains("甲乙镇")
            && text.contains("〔2026〕1号")
            && text.contains("2026年2月2日")
            && !text.contains('×'),
        "{text}"
    );
    assert!(
        !file.with_extension("html").exists() && !file.with_extension("pdf").exists(),
        "neither page nor PDF tells the text of the draft"
    );
    assert!(done(&county, &["verify"]).contains("holds"));
    // A document that is gone is written again, but not one whose text was a person's.
    let other = all[1]["letter_id"].as_str().unwrap();
    std::fs::remove_file(document(&county, other)).unwrap();
    let list = letters(&county, &["list"]);
    assert!(list.status.success() && document(&county, other).exists());
    std::fs::remove_file(&file).unwrap();
    let told = letters(&county, &["list"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("backup") && !file.exists());
}

/// Every row of the ledger as it lies there.
fn ledger(lake: &Lake) -> RecordBatch {
    let session = Session::new(lake, &Limits::default()).unwrap();
    session.register_table("ledger", &lake.derived(Derived::Ledger).unwrap()).unwrap();
    let batches = session.collect("select * from ledger order by seq").unwrap();
    datafusion::arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
}

/// Puts other rows in their place, as someone with the files in hand can.
pub fn rewrite(county: &Path, change: impl Fn(&RecordBatch) -> RecordBatch) {
    rewrite_noting(county, change, |_| None);
}

/// The same, and the log of the ledger notes so many rows.
pub fn rewrite_noting(
    county: &Path,
    change: impl Fn(&RecordBatch) -> RecordBatch,
    noted: impl Fn(&RecordBatch) -> Option<usize>,
) {
    let lake = Lake::open(&county.join("lake"), &Limits::default()).unwrap();
    let changed = change(&ledger(&lake));
    let mut table = lake.derived(Derived::Ledger).unwrap();
    let schema = table.schema();
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|f| {
            datafusion::arrow::compute::cast(
                changed.column_by_name(f.name()).unwrap(),
                f.data_type(),
            )
            .unwrap()
        })
        .collect();
    let noted: Vec<(String, i64)> =
        noted(&changed).map(|rows| ("ledger".to_owned(), rows as i64)).into_iter().collect();
    table.replace(&RecordBatch::try_new(schema, columns).unwrap(), |_| true, &noted).unwrap();
}

pub fn texts(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = datafusion::arrow::compute::cast(
        batch.column_by_name(name).unwrap(),
        &datafusion::arrow::datatypes::DataType::Utf8,
    )
    .unwrap();
    let column = column.as_any().downcast_ref::<StringArray>().unwrap();
    column.iter().map(|t| t.unwrap().to_owned()).collect()
}

pub fn with_texts(batch: &RecordBatch, changed: &[(&str, Vec<String>)]) -> RecordBatch {
    let field = |f: &std::sync::Arc<datafusion::arrow::datatypes::Field>| match changed
        .iter()
        .find(|(name, _)| name == f.name())
    {
        Some((_, values)) => std::sync::Arc::new(StringArray::from(values.clone())) as ArrayRef,
        None => batch.column_by_name(f.name()).unwrap().clone(),
    };
    let columns: Vec<ArrayRef> = batch.schema().fields().iter().map(field).collect();
    let names = batch.schema().fields().iter().map(|f| f.name().clone()).collect::<Vec<String>>();
    RecordBatch::try_from_iter(names.into_iter().zip(columns)).unwrap()
}

/// The same rows with every hash computed anew.
pub fn hashed_anew(batch: &RecordBatch) -> RecordBatch {
    let [letters, actors, steps, notes] =
        ["letter_id", "actor", "step", "note"].map(|name| texts(batch, name));
    let at = datafusion::arrow::compute::cast(
        batch.column_by_name("at").unwrap(),
        &datafusion::arrow::datatypes::DataType::Int64,
    )
    .unwrap();
    let at = at.as_any().downcast_ref::<datafusion::arrow::array::Int64Array>().unwrap().clone();
    let mut chain: Vec<Entry> = Vec::new();
    for i in 0..batch.num_rows() {
        let step = NewStep {
            letter_id: letters[i].clone(),
            at: chrono::DateTime::from_timestamp_micros(at.value(i)).unwrap(),
            actor: actors[i].clone(),
            step: Step::find(&steps[i]).unwrap(),
            note: notes[i].clone(),
        };
        chain.push(Entry::after(chain.last(), &step));
    }
    let column =
        |of: fn(&Entry) -> &String| chain.iter().map(|e| of(e).clone()).collect::<Vec<String>>();
    with_texts(batch, &[("prev_hash", column(|e| &e.prev_hash)), ("hash", column(|e| &e.hash))])
}

#[test]
fn an_edit_of_the_ledger_shows() {
    let folder = tempfile::tempdir().unwrap();
    let county = demo(folder.path());
    let all = list(&county);
    let id = all[0]["letter_id"].as_str().unwrap();
    done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
    done(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"]);
    // Approval, issue, hashes of the documents.
    let last = all.len() + 3;
    let fresh = folder.path().join("fresh");
    copy(&county, &fresh);
    let told = |county: &Path| {
        let output = letters(county, &["verify"]);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    };

    // One byte of one row.
    rewrite(&county, |batch| {
        let mut notes = texts(batch, "note");
        notes[0] = notes[0].replacen('1', "2", 1);
        with_texts(batch, &[("note", notes)])
    });
    assert!(told(&county).contains("row 1 of the ledger: it was edited"), "{}", told(&county));
    assert_eq!(run(&["-w", &county.to_string_lossy(), "check"]).status.code(), Some(1));
    assert!(refused(&county, &["receive", id]).contains("row 1"), "nothing is appended to it");

    // One byte beside the rows: in what the file says of a column.
    std::fs::remove_dir_all(&county).unwrap();
    copy(&fresh, &county);
    let file = std::fs::read_dir(county.join("lake/ledger"))
        .unwrap()
        .map(|f| f.unwrap().path())
        .find(|f| f.is_file())
        .unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let created = bytes.windows(10).rposition(|w| w == b"parquet-rs").unwrap();
    bytes[created] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let name = file.file_name().unwrap().to_string_lossy();
    assert!(
        told(&county).contains(&format!("{name} is not as it was written")),
        "{}",
        told(&county)
    );
    assert!(refused(&county, &["receive", id]).contains(&*name), "nothing is appended to it");

    // The last row cut off.
    std::fs::remove_dir_all(&county).unwrap();
    copy(&fresh, &county);
    rewrite(&county, |batch| batch.slice(0, batch.num_rows() - 1));
    assert!(told(&county).contains(&format!("row {last} of the ledger")), "{}", told(&county));

    // The whole chain written anew, every hash right: the letter that went out bears another code.
    std::fs::remove_dir_all(&county).unwrap();
    copy(&fresh, &county);
    rewrite(&county, |batch| {
        let mut actors = texts(batch, "actor");
        actors[0] = "someone".into();
        hashed_anew(&with_texts(batch, &[("actor", actors)]))
    });
    let found = told(&county);
    assert!(found.contains("does not bear") && found.contains(id), "{found}");
}

#[test]
fn a_kill_leaves_no_letter_without_its_row_and_no_row_without_its_letter() {
    use rand::{RngExt, SeedableRng};
    let folder = tempfile::tempdir().unwrap();
    let fresh = demo(folder.path());
    // One domain is enough; the night again from where warnings and letters begin.
    let watched = include_str!("../../models/detectors.toml")
        .replace(" = \"events\"", " = \"nothing\"")
        .replace("disputes = \"nothing\"", "disputes = \"events\"");
    std::fs::write(fresh.join("models/detectors.toml"), watched).unwrap();
    for gone in ["lake/findings", "lake/warnings", "lake/ledger", "lake/letters", "out/letters"] {
        std::fs::remove_dir_all(fresh.join(gone)).unwrap();
    }
    std::fs::remove_file(fresh.join("out/ledger-head.txt")).unwrap();
    let whole = folder.path().join("whole");
    copy(&fresh, &whole);
    nightly(&whole, NIGHT);
    let (expected, papers) = (contents(&whole), documents(&whole));
    assert!(!papers.is_empty());
    let begun = std::time::Instant::now();
    let timed = folder.path().join("timed");
    copy(&fresh, &timed);
    nightly(&timed, NIGHT);
    let takes = begun.elapsed().as_secs_f64();
    assert!(contents(&timed) == expected && documents(&timed) == papers);

    let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(9);
    for moment in 0..10 {
        let killed = folder.path().join(format!("killed-{moment}"));
        copy(&fresh, &killed);
        let county = killed.to_string_lossy().into_owned();
        let mut command = pingan();
        command
            .args(["-q", "-w", &county, "nightly", "--date", NIGHT])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        // Mostly near the end, where warnings and letters are written.
        std::thread::sleep(std::time::Duration::from_secs_f64(
            takes * (1.0 - rng.random_range(0.0..0.6f64).powi(2)),
        ));
        let _ = child.kill();
        child.wait().unwrap();
        let known =
            if killed.join("lake/ledger").exists() { list_ids(&killed) } else { Vec::new() };
        for paper in documents(&killed).keys() {
            let id = paper.rsplit_once('.').unwrap().0;
            assert!(known.iter().any(|k| k == id), "moment {moment}: {paper} has no row");
        }
        nightly(&killed, NIGHT);
        let tables = contents(&killed);
        let differ =
            || tables.iter().filter(|line| !expected.contains(line)).take(2).collect::<Vec<_>>();
        assert!(tables == expected, "moment {moment}: the tables differ: {:?}", differ());
        assert!(documents(&killed) == papers, "moment {moment}: the documents differ");
        std::fs::remove_dir_all(&killed).unwrap();
    }
}

/// Letters with a row in the ledger, read from the table itself: the command would write what is
/// missing.
fn list_ids(county: &Path) -> Vec<String> {
    let lake = Lake::open(&county.join("lake"), &Limits::default()).unwrap();
    if lake.derived(Derived::Ledger).unwrap().files().unwrap().is_empty() {
        return Vec::new();
    }
    texts(&ledger(&lake), "letter_id")
}

/// Every document by name.
pub fn documents(county: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(county.join("out/letters")).into_iter().flatten().flatten();
    let whole = entries
        .map(|e| (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).unwrap()));
    whole.filter(|(name, _)| !name.starts_with('.')).collect()
}
