//! Whole files through the checker: the table of bad input, and what a good file must become.

#[path = "../../../../../tests/it/bad_input_cases.rs"]
mod bad_input_cases;
mod files;
mod formats;
mod identities;
mod laid_out;
mod parquets;
mod texts;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{AsArray, RecordBatch};

use self::bad_input_cases::{AREAS, MAPPING, Outcome, cases};
use super::*;

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Kept {
    batches: Vec<RecordBatch>,
    refusals: Vec<Refusal>,
    origins: Vec<Origin>,
}

impl Sink for Kept {
    fn accept(&mut self, batch: RecordBatch) -> Result<()> {
        assert!(batch.num_rows() <= BATCH);
        self.batches.push(batch);
        Ok(())
    }
    fn refuse(&mut self, refusals: &[Refusal]) -> Result<()> {
        self.refusals.extend_from_slice(refusals);
        Ok(())
    }
    fn trace(&mut self, origins: &[Origin]) -> Result<()> {
        self.origins.extend_from_slice(origins);
        Ok(())
    }
}

impl Kept {
    /// A column as text, nulls as "∅".
    fn column(&self, name: &str) -> Vec<String> {
        let text = |b: &RecordBatch| {
            let array = datafusion::arrow::compute::cast(
                b.column_by_name(name).unwrap(),
                &datafusion::arrow::datatypes::DataType::Utf8,
            );
            let array = array.unwrap();
            array.as_string::<i32>().iter().map(|v| v.unwrap_or("∅").to_owned()).collect::<Vec<_>>()
        };
        self.batches.iter().flat_map(text).collect()
    }
}

/// A folder with the register and the mapping, and all that ingest needs.
struct Bench {
    dir: tempfile::TempDir,
    register: Register,
    taxonomy: Taxonomy,
    hasher: PartyHasher,
    clock: DateTime<Utc>,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("areas.csv"), AREAS).unwrap();
        std::fs::create_dir(dir.path().join("mappings")).unwrap();
        std::fs::write(dir.path().join("mappings/disputes.toml"), MAPPING).unwrap();
        Bench {
            register: Register::read(&dir.path().join("areas.csv")).unwrap(),
            taxonomy: Taxonomy::parse(
                Path::new("taxonomy.toml"),
                include_str!("../../../../../models/taxonomy.toml"),
            )
            .unwrap(),
            hasher: PartyHasher::open(&dir.path().join("party.key"), false).unwrap(),
            clock: "2026-01-01T00:00:00Z".parse().unwrap(),
            dir,
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn read(&self, file: &Path, domain: Option<&str>) -> Result<(Tally, Kept)> {
        let mappings = choose(file, domain, None, &self.dir.path().join("mappings"))?;
        self.read_with(file, mappings[0].domain, &mappings[0])
    }

    fn read_with(
        &self,
        file: &Path,
        domain: &'static Domain,
        mapping: &Mapping,
    ) -> Result<(Tally, Kept)> {
        let intake = Intake {
            register: &self.register,
            taxonomy: &self.taxonomy,
            time_zone: chrono_tz::Asia::Shanghai,
            clock: self.clock,
            history: None,
            hasher: &self.hasher,
        };
        let mut kept = Kept::default();
        let id = batch_id(file, mapping, domain, None)?.id;
        let tally = read_file(file, Some(domain), mapping, &intake, &id, None, &mut kept)?;
        Ok((tally, kept))
    }
}

#[test]
fn bad_input_is_refused_with_its_reason_and_costs_nothing_else() {
    let bench = Bench::new();
    let all = cases();
    assert!(all.len() >= 40, "{} cases", all.len());
    let mut wrong = Vec::new();
    for case in all {
        let file = bench.put(case.file, &case.bytes);
        let became = bench.read(&file, None);
        std::fs::remove_file(&file).unwrap();
        if let Err(why) = judge(&case.outcome, became) {
            wrong.push(format!("{}: {why}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(outcome: &Outcome, became: Result<(Tally, Kept)>) -> std::result::Result<(), String> {
    match (outcome, became) {
        (Outcome::Error(part), Err(e)) if e.to_string().contains(part) => Ok(()),
        (Outcome::Error(part), Err(e)) => Err(format!("should say {part:?} but says {e}")),
        (Outcome::Error(part), Ok((tally, _))) => {
            Err(format!("should fail with {part:?}, but {tally:?}"))
        }
        (Outcome::Lands { .. }, Err(e)) => Err(format!("failed: {e}")),
        (Outcome::Lands { ids, refusals }, Ok((tally, kept))) => {
            let landed = kept.column("event_id");
            let fit = kept.refusals.len() == refusals.len()
                && kept
                    .refusals
                    .iter()
                    .zip(refusals)
                    .all(|(r, e)| r.row == e.0 && r.reason.contains(e.1) && r.whole_row == e.2);
            let rows = refusals.iter().filter(|r| r.2).count() as u64;
            let sums = tally.accepted == ids.len() as u64
                && tally.refused_rows == rows
                && tally.rows == tally.accepted + tally.refused_rows
                && tally.refused_cells == refusals.len() as u64 - rows;
            if landed == *ids && fit && sums {
                Ok(())
            } else {
                Err(format!("landed {landed:?}, {tally:?}, {:#?}", kept.refusals))
            }
        }
    }
}
