//! The ledger at rest: read whole, verified, appended to; and what follows from it: the table
//! `letters`, which is what its steps add up to, and the note of its head.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Date32Type;

use super::entry::{Entry, NewStep};
use super::head::{HEAD, Head, ROWS, file, misfits, noted};
use super::state::{Broken, LetterState, apply, verify};
use crate::workspace::Workspace;
use lake::files::replace;
use lake::{AsOf, Columns, Derived, Lake, Limits, Session, Table};
use lake::{Error, Result};

/// Rows, and the letters that they add up to.
type Folded = (Vec<Entry>, BTreeMap<String, LetterState>);

/// The ledger and its letters.
pub struct Ledger<'a> {
    workspace: &'a Workspace,
    lake: &'a Lake,
    entries: Vec<Entry>,
    letters: BTreeMap<String, LetterState>,
}

impl<'a> Ledger<'a> {
    /// Opens the ledger; nothing is appended to one that does not hold, and nothing that was noted
    /// of it is written anew.
    ///
    /// # Errors
    /// [`Error::Usage`] where a row was edited, a file changed or gone, or rows are not there any
    /// more that were noted elsewhere; [`Error::Config`] where the file of the head is none.
    pub fn open(workspace: &'a Workspace, lake: &'a Lake, limits: &Limits) -> Result<Ledger<'a>> {
        let noted = noted(workspace, lake)?;
        let (entries, letters) = match lake.has(Derived::Ledger) {
            true => whole(lake, limits)?,
            false => Default::default(),
        };
        match misfits(&entries, &noted).into_iter().next() {
            Some(misfit) => Err(refused(misfit)),
            None => Ok(Ledger { workspace, lake, entries, letters }),
        }
    }

    /// The letters by id.
    pub fn letters(&self) -> &BTreeMap<String, LetterState> {
        &self.letters
    }

    /// The letters as their steps up to then had left them.
    pub fn as_of(&self, as_of: &AsOf) -> BTreeMap<String, LetterState> {
        let mut letters = BTreeMap::new();
        for entry in self.entries.iter().filter(|e| e.at <= as_of.instant) {
            // Every step was found to follow when the ledger was opened, and a letter's steps are
            // in order of time.
            let _ = apply(&mut letters, entry);
        }
        letters
    }

    /// The same in the order in which they were drafted.
    pub fn drafted_as_of(&self, as_of: &AsOf) -> Vec<LetterState> {
        let mut letters: Vec<LetterState> = self.as_of(as_of).into_values().collect();
        letters.sort_by(|a, b| (a.facts.as_of, &a.letter_id).cmp(&(b.facts.as_of, &b.letter_id)));
        letters
    }

    /// Every step, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last row; `None` where there is none.
    pub fn head(&self) -> Option<Head> {
        Head::of(&self.entries)
    }

    /// Rows and letters as steps would leave them; nothing is appended.
    ///
    /// # Errors
    /// [`Error::Usage`] where a step may not follow.
    pub fn with(&self, steps: &[NewStep]) -> Result<Folded> {
        let mut entries = self.entries.clone();
        for step in steps {
            entries.push(Entry::after(entries.last(), step));
        }
        let letters = verify(&entries).map_err(|Broken { what, .. }| {
            Error::usage(what, "`pingan letters show ID` tells a letter's steps")
        })?;
        Ok((entries, letters))
    }

    /// Appends steps in one commit, after each was found to be one that may follow.
    ///
    /// # Errors
    /// [`Error::Usage`] where a step may not follow; then none is appended.
    pub fn append(&mut self, steps: &[NewStep]) -> Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let (entries, letters) = self.with(steps)?;
        let batch = to_batch(entries.get(self.entries.len()..).unwrap_or_default())?;
        let mut table = self.lake.derived(Derived::Ledger)?;
        let mut appender = table.appender()?;
        appender.write(&batch)?;
        let written = appender.finish()?.sealed(&table)?;
        table.commit(written, &[], &[(ROWS.to_owned(), entries.len() as i64)])?;
        (self.entries, self.letters) = (entries, letters);
        Ok(())
    }

    /// Writes what follows from the rows, unless it is there already: the table `letters`, and the
    /// head in both places.
    ///
    /// # Errors
    /// [`Error::Delta`], [`Error::Io`].
    pub fn follow(&self) -> Result<()> {
        // Both tables are there after the first night, whether or not a letter was drafted.
        self.lake.derived(Derived::Ledger)?;
        let mut table = self.lake.derived(Derived::Letters)?;
        let Some(head) = self.head() else { return Ok(()) };
        self.write_letters(&mut table, &head)?;
        let (file, line) = (file(self.workspace), format!("{head}\n"));
        match std::fs::read_to_string(&file) {
            Ok(text) if text == line => Ok(()),
            _ => replace(&file, line.as_bytes()),
        }
    }

    /// Replaces the table `letters` by what the steps add up to.
    fn write_letters(&self, table: &mut Table, head: &Head) -> Result<()> {
        let now = [(ROWS, head.rows as i64), (HEAD, head.number())];
        let states = now.map(|(id, state)| Ok(table.transaction(id)? == Some(state)));
        if states.into_iter().collect::<Result<Vec<bool>>>()?.iter().all(|is| *is) {
            return Ok(());
        }
        let letters: Vec<&LetterState> = self.letters.values().collect();
        let text = |of: &dyn Fn(&LetterState) -> Option<String>| {
            Arc::new(StringArray::from_iter(letters.iter().map(|l| of(l)))) as ArrayRef
        };
        let day = |l: &&LetterState| Date32Type::from_naive_date(l.reply_by());
        let columns = vec![
            text(&|l| Some(l.letter_id.clone())),
            text(&|l| l.issued.as_ref().map(|i| i.number.clone())),
            text(&|l| Some(l.facts.kind.clone())),
            text(&|l| Some(l.warning_id.clone())),
            text(&|l| Some(l.facts.area_code.clone())),
            text(&|l| Some(l.facts.level.name().to_owned())),
            Arc::new(Date32Array::from_iter_values(letters.iter().map(day))),
            text(&|l| Some(l.status().to_owned())),
        ];
        table.replace(
            &RecordBatch::try_new(Derived::Letters.schema(), columns)?,
            |_| true,
            &now.map(|(id, state)| (id.to_owned(), state)),
        )?;
        Ok(())
    }
}

fn refused(what: String) -> Error {
    Error::usage(
        what,
        "`pingan letters verify` tells more; restore lake/ledger from a backup (docs/letters.md, The \
         ledger, tells what to do without one, and in a copy of a workspace that begins anew)",
    )
}

/// Rows and letters of a ledger that holds, and whose files are as they were written.
fn whole(lake: &Lake, limits: &Limits) -> Result<Folded> {
    let unreadable = |e: Error| refused(format!("the ledger cannot be read: {e}"));
    let changed = changed_files(lake).map_err(unreadable)?.into_iter().next().map(refused);
    let (entries, noted) = match read_rows(lake, limits) {
        Err(e) => return Err(changed.unwrap_or_else(|| unreadable(e))),
        Ok(read) => read,
    };
    // An edited row says more than that its file was changed.
    let letters = check_length(&entries, noted)
        .and_then(|()| verify(&entries))
        .map_err(|broken| refused(broken.to_string()))?;
    changed.map_or(Ok((entries, letters)), Err)
}

/// Files of the ledger that are not as they were written, in words. The chain of hashes finds what
/// was edited in a row; this finds a byte that was changed beside them.
pub(in crate::warn) fn changed_files(lake: &Lake) -> Result<Vec<String>> {
    let table = lake.derived(Derived::Ledger)?;
    let live: BTreeSet<PathBuf> = table.files()?.into_iter().map(|f| f.path).collect();
    let mut changed = Vec::new();
    for file in table.added_since(-1)?.iter().filter(|f| live.contains(&f.path)) {
        if !file.path.exists() {
            changed.push(format!("{} is gone", file.path.display()));
        } else if !file.is_whole()? {
            changed.push(format!("{} is not as it was written", file.path.display()));
        }
    }
    Ok(changed)
}

/// The rows as they lie there, and how many the last commit noted; nothing is judged.
pub(in crate::warn) fn read_rows(lake: &Lake, limits: &Limits) -> Result<(Vec<Entry>, i64)> {
    let table = lake.derived(Derived::Ledger)?;
    let session = Session::new(lake, limits)?;
    session.register_table("ledger", &table)?;
    let mut entries = Vec::new();
    for batch in session.collect("select * from ledger order by seq")? {
        let columns = Columns::new(&batch);
        let [letter, actor, step, note, before, hash] =
            ["letter_id", "actor", "step", "note", "prev_hash", "hash"]
                .map(|name| columns.required_text(name));
        let texts = letter?.into_iter().zip(actor?).zip(step?).zip(note?).zip(before?).zip(hash?);
        let times = columns.whole("seq")?.into_iter().zip(columns.instant("at")?);
        // A null is no row that was written: the chain of hashes finds it.
        entries.extend(times.zip(texts).map(
            |((seq, at), (((((letter_id, actor), step), note), prev_hash), hash))| Entry {
                seq: seq.unwrap_or_default(),
                at: at.unwrap_or_default(),
                letter_id,
                actor,
                step,
                note,
                prev_hash,
                hash,
            },
        ));
    }
    Ok((entries, table.transaction(ROWS)?.unwrap_or(0)))
}

/// Rows cut off at the end leave a chain that holds; the last commit noted how many there were.
pub(in crate::warn) fn check_length(entries: &[Entry], noted: i64) -> Result<(), Broken> {
    let there = entries.len() as i64;
    let what = format!("the ledger ends with row {there}, its log says {noted}");
    if there == noted { Ok(()) } else { Err(Broken { seq: there.min(noted) + 1, what }) }
}

fn to_batch(entries: &[Entry]) -> Result<RecordBatch> {
    let text = |of: fn(&Entry) -> &str| {
        Arc::new(StringArray::from_iter_values(entries.iter().map(of))) as ArrayRef
    };
    let at = TimestampMicrosecondArray::from_iter_values(
        entries.iter().map(|e| e.at.timestamp_micros()),
    )
    .with_timezone("UTC");
    let columns = vec![
        Arc::new(Int64Array::from_iter_values(entries.iter().map(|e| e.seq))) as ArrayRef,
        text(|e| &e.letter_id),
        Arc::new(at),
        text(|e| &e.actor),
        text(|e| &e.step),
        text(|e| &e.note),
        text(|e| &e.prev_hash),
        text(|e| &e.hash),
    ];
    Ok(RecordBatch::try_new(Derived::Ledger.schema(), columns)?)
}
