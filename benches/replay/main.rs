//! The life of letters, replayed: a county whose truth is known, the last night of every month or
//! week, its letters answered or not by a fixed rule.
//!
//! `cargo bench --bench replay [-- [weekly] [FIRST-NIGHT] DIR…]`: new workspaces of `pingan synth`,
//! replayed where they lie; by default a copy of the bundled sample. Prints every letter with what was
//! injected, letters a township and month, precision, recall and lead, what became of the letters,
//! and whether one changed byte of the ledger is found.

mod life;
mod score;

use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use lake::areas::Register;
use lake::{AsOf, Lake, Limits};
use pingan::engine::{Options, ingest, nightly};
use pingan::warn::{Ledger, verify};
use pingan::workspace::Workspace;

use life::Town;
use score::{Sent, Truth};

/// Whole months before the first night: until then there is too little to compare with.
const MONTHS_BEFORE: u32 = 12;
/// Bytes of the ledger that are changed, one at a time.
const BYTES: usize = 40;

type Done<T> = Result<T, Box<dyn std::error::Error>>;

fn main() {
    let (mut begin, mut given, mut weekly) = (None, Vec::new(), false);
    for argument in std::env::args().skip(1).filter(|a| !a.starts_with("--")) {
        match argument.parse::<NaiveDate>() {
            Ok(day) => begin = Some(day),
            Err(_) if argument == "weekly" => weekly = true,
            Err(_) => given.push(PathBuf::from(argument)),
        }
    }
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/yumen");
    let replayed = match given.is_empty() {
        true => bundled(&sample, begin, weekly),
        false => given.iter().try_for_each(|root| replay(root, begin, weekly)),
    };
    if let Err(error) = replayed {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn bundled(sample: &Path, begin: Option<NaiveDate>, weekly: bool) -> Done<()> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("county");
    copy(sample, &root)?;
    replay(&root, begin, weekly)
}

fn replay(root: &Path, begin: Option<NaiveDate>, weekly: bool) -> Done<()> {
    for folder in ["lake", "out"] {
        std::fs::create_dir_all(root.join(folder))?;
    }
    let truth = Truth::read(&root.join("truth/incidents.csv"))?;
    let workspace = Workspace::open(root)?;
    let last = truth.last;
    let begin = begin.unwrap_or(truth.first + chrono::Months::new(MONTHS_BEFORE) - Days::new(1));
    ingest(&workspace, &options(&workspace, last), &[], None, None, None)?;
    let mut town = Town::new(&workspace);
    let nights = nights(begin, last, weekly);
    let mut sent: Vec<Sent> = Vec::new();
    let start = std::time::Instant::now();
    for night in &nights {
        town.live_until(*night)?;
        let done = nightly(&workspace, &options(&workspace, *night), &mut |_, _, _| {})?;
        let warned = done.warned.unwrap_or_default();
        for letter in &warned.drafted {
            town.hears(letter, *night);
            let letter = Sent::new(letter, *night);
            println!("{night} {}", letter.describe(&truth));
            sent.push(letter);
        }
        for (letter, effect) in &warned.evaluated {
            town.evaluated(&letter.letter_id, effect, *night);
        }
    }
    town.live_until(last + Days::new(1))?;
    let seconds = start.elapsed().as_secs_f64();

    let register = Register::read(&workspace.areas_file())?;
    let townships = register.at_level("township").count();
    println!("{}: {} nights up to {last}, {seconds:.0} s", workspace.config.name, nights.len());
    score::print(&sent, &truth, begin, townships, nights.len());
    town.print();
    ledger(&workspace)
}

/// The last day of every month; or every seventh day, the last night among them.
fn nights(begin: NaiveDate, last: NaiveDate, weekly: bool) -> Vec<NaiveDate> {
    let due = |day: &NaiveDate| match weekly {
        true => (last - *day).num_days() % 7 == 0,
        false => (*day + Days::new(1)).day() == 1,
    };
    begin.iter_days().take_while(|day| *day <= last).filter(due).collect()
}

fn options(workspace: &Workspace, day: NaiveDate) -> Options {
    let midnight = Utc.from_utc_datetime(&day.and_time(NaiveTime::MIN));
    Options {
        as_of: AsOf::end_of(day, workspace.time_zone()),
        clock: midnight,
        limits: Limits::default(),
        seed: 1,
    }
}

/// Verifies the ledger, then changes bytes of its files one at a time.
fn ledger(workspace: &Workspace) -> Done<()> {
    let limits = Limits::default();
    let open = || Lake::open(&workspace.lake(), &limits);
    let whole = verify(workspace, &open()?, &limits)?;
    println!(
        "ledger: {} rows of {} letters, {} things wrong",
        whole.entries.len(),
        whole.letters.len(),
        whole.wrong.len()
    );
    for wrong in &whole.wrong {
        println!("  {wrong}");
    }
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(workspace.lake().join("ledger"))?.flatten().map(|f| f.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "parquet"));
    files.sort();
    let (mut found, mut changed) = (0, 0);
    for n in (0..BYTES).filter(|_| !files.is_empty()) {
        let file = &files[n * files.len() / BYTES];
        let before = std::fs::read(file)?;
        let mut bytes = before.clone();
        // Within the pages: past the magic number, before the footer.
        let at = 4 + (n * 7919) % (bytes.len() / 2);
        bytes[at] ^= 1 << (n % 8);
        std::fs::write(file, &bytes)?;
        let caught = open()
            .and_then(|lake| verify(workspace, &lake, &limits))
            .map_or(true, |v| !v.wrong.is_empty());
        let refused = open().is_ok_and(|lake| Ledger::open(workspace, &lake, &limits).is_err());
        std::fs::write(file, &before)?;
        changed += 1;
        found += usize::from(caught && refused);
    }
    println!("one byte changed in a file of the ledger: found {found} times of {changed}");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let (entry, target) = (entry?, to);
        let target = target.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
