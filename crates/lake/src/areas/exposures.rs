//! Exposures that change over time: `exposures.csv`, beside the register.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::{Area, Register};
use crate::error::{Error, Result};

/// What an area's counts are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    pub population: Option<f64>,
    pub households: Option<f64>,
    pub vehicles: Option<f64>,
    pub enterprises: Option<f64>,
}

impl Exposure {
    /// By the register's name of the column.
    pub fn get(&self, name: &str) -> Option<f64> {
        match name {
            "population" => self.population,
            "households" => self.households,
            "vehicles" => self.vehicles,
            "enterprises" => self.enterprises,
            _ => None,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    from: NaiveDate,
    population: Option<f64>,
    households: Option<f64>,
    vehicles: Option<f64>,
    enterprises: Option<f64>,
}

/// Exposures of all areas over time; the register's own figures hold before and where there is no
/// row.
///
/// An area that others were merged into has their exposures beside its own, at all times, each as
/// it was on its last day at the latest. A row of the heir that begins after that day is of both.
#[derive(Clone, Debug, Default)]
pub struct Exposures {
    changes: BTreeMap<String, Vec<(NaiveDate, Exposure)>>,
    /// By code of the heir.
    merged: BTreeMap<String, Vec<Area>>,
}

/// Columns of the register that are exposures.
pub const EXPOSURES: [&str; 4] = ["population", "households", "vehicles", "enterprises"];

impl Exposures {
    /// Reads `exposures.csv` (`code,from,population,households,vehicles,enterprises`); where there
    /// is none, the register's figures hold always.
    ///
    /// # Errors
    /// [`Error::Config`] with the line for a code outside the register, a bad date, a bad number or
    /// an unknown column.
    pub fn read(file: &Path, register: &Register) -> Result<Exposures> {
        let merged = register.areas().iter().filter(|a| !register.is_merged(&a.code)).map(|heir| {
            let merged = register.merged_into(&heir.code);
            (heir.code.clone(), merged.into_iter().cloned().collect())
        });
        let merged = merged.filter(|(_, merged): &(_, Vec<Area>)| !merged.is_empty()).collect();
        let mut exposures = Exposures { changes: BTreeMap::new(), merged };
        if !file.is_file() {
            return Ok(exposures);
        }
        let wrong = |line: Option<u64>, what: String, fix: &str| Error::Config {
            file: file.to_path_buf(),
            line: line.map(|l| l as usize),
            what,
            fix: fix.into(),
        };
        let mut reader = csv::Reader::from_path(file)
            .map_err(|e| wrong(None, e.to_string(), "make it a CSV in UTF-8 that can be read"))?;
        for row in reader.deserialize::<Row>() {
            let row = row.map_err(|e| {
                let line = e.position().map(csv::Position::line);
                wrong(line, e.to_string(), "columns are code,from,population,households,vehicles,enterprises; dates are 2025-01-01")
            })?;
            if register.get(&row.code).is_none() {
                return Err(wrong(
                    None,
                    format!("code {} is not in areas.csv", row.code),
                    "correct it, or add the area",
                ));
            }
            let Row { code, from, population, households, vehicles, enterprises } = row;
            let exposure = Exposure { population, households, vehicles, enterprises };
            exposures.changes.entry(code).or_default().push((from, exposure));
        }
        exposures.changes.values_mut().for_each(|rows| rows.sort_by_key(|(from, _)| *from));
        Ok(exposures)
    }

    /// Exposures of an area that are in force on a day: the row in force then, the register's own
    /// figure where that row is silent or none is, and those of the areas merged into it.
    pub fn in_force(&self, area: &Area, day: NaiveDate) -> Exposure {
        Exposure {
            population: self.figure(area, day, |e| e.population),
            households: self.figure(area, day, |e| e.households),
            vehicles: self.figure(area, day, |e| e.vehicles),
            enterprises: self.figure(area, day, |e| e.enterprises),
        }
    }

    /// Whether an area ever has a figure above zero in a column of the register.
    pub fn ever(&self, area: &Area, column: &str) -> bool {
        let known = |e: &Exposure| e.get(column).is_some_and(|x| x > 0.0);
        known(&own(area)) || self.rows(area).iter().any(|(_, e)| known(e))
    }

    fn figure(
        &self,
        area: &Area,
        day: NaiveDate,
        of: impl Fn(&Exposure) -> Option<f64> + Copy,
    ) -> Option<f64> {
        let (since, figure) = self.own_figure(area, day, of)?;
        let merged = self.merged.get(&area.code).map_or(&[][..], Vec::as_slice);
        let apart = merged.iter().filter(|m| since.is_none_or(|since| since <= m.life().1));
        let theirs = apart.filter_map(|m| self.own_figure(m, day.min(m.life().1), of));
        Some(figure + theirs.map(|(_, figure)| figure).sum::<f64>())
    }

    /// An area's own figure on a day, and since when, where a row says it.
    fn own_figure(
        &self,
        area: &Area,
        day: NaiveDate,
        of: impl Fn(&Exposure) -> Option<f64>,
    ) -> Option<(Option<NaiveDate>, f64)> {
        let row = self.rows(area).iter().rev().find(|(from, _)| *from <= day);
        let by_row = row.and_then(|(from, e)| Some((Some(*from), of(e)?)));
        by_row.or_else(|| Some((None, of(&own(area))?)))
    }

    fn rows(&self, area: &Area) -> &[(NaiveDate, Exposure)] {
        self.changes.get(&area.code).map_or(&[], Vec::as_slice)
    }
}

/// The register's own figures of an area.
fn own(area: &Area) -> Exposure {
    let Area { population, households, vehicles, enterprises, .. } = *area;
    Exposure { population, households, vehicles, enterprises }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_heir_has_the_exposures_of_both_at_all_times() {
        let folder = tempfile::tempdir().unwrap();
        let (areas, file) = (folder.path().join("areas.csv"), folder.path().join("exposures.csv"));
        std::fs::write(
            &areas,
            "code,name,level,parent,population,valid_to,successor\n1,甲县,county,,,,\n\
             11,乙镇,township,1,100,,\n12,丙镇,township,1,40,2025-06-30,11\n\
             13,丁镇,township,1,,2025-06-30,11\n",
        )
        .unwrap();
        let at = |register: Register, d: &str| {
            let exposures = Exposures::read(&file, &register).unwrap();
            let heir = register.get("11").unwrap();
            exposures.in_force(heir, d.parse().unwrap()).population
        };
        let register = || Register::read(&areas).unwrap();
        let before = register().as_of("2025-06-30".parse().unwrap()).unwrap();
        assert_eq!(at(before, "2025-06-30"), Some(100.0));
        for day in ["2024-01-01", "2025-06-30", "2025-07-01", "2026-01-01"] {
            assert_eq!(at(register(), day), Some(140.0), "{day}");
        }
        // A census of the two apart, then one of the township they have become.
        std::fs::write(
            &file,
            "code,from,population,households,vehicles,enterprises\n\
             11,2025-01-01,110,,,\n12,2025-01-01,50,,,\n12,2025-09-01,9,,,\n11,2026-01-01,155,,,\n",
        )
        .unwrap();
        assert_eq!(at(register(), "2024-12-31"), Some(140.0));
        assert_eq!(at(register(), "2025-10-01"), Some(160.0));
        assert_eq!(at(register(), "2026-01-01"), Some(155.0));
    }

    #[test]
    fn the_row_in_force_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (areas, file) = (folder.path().join("areas.csv"), folder.path().join("exposures.csv"));
        std::fs::write(
            &areas,
            "code,name,level,parent,population\n1,甲县,county,,\n11,乙镇,township,1,100\n",
        )
        .unwrap();
        let register = Register::read(&areas).unwrap();
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        std::fs::write(&file, "code,from,population,households,vehicles,enterprises\n11,2025-06-01,120,,,\n11,2025-01-01,110,,7,\n")
            .unwrap();
        let exposures = Exposures::read(&file, &register).unwrap();
        let on = |d: &str| exposures.in_force(register.get("11").unwrap(), day(d));
        assert_eq!(on("2024-12-31").population, Some(100.0));
        assert_eq!(
            (on("2025-05-31").population, on("2025-05-31").vehicles),
            (Some(110.0), Some(7.0))
        );
        assert_eq!(on("2025-06-01").population, Some(120.0));
        std::fs::write(
            &file,
            "code,from,population,households,vehicles,enterprises\n12,2025-06-01,120,,,\n",
        )
        .unwrap();
        assert!(
            Exposures::read(&file, &register)
                .unwrap_err()
                .to_string()
                .contains("12 is not in areas.csv")
        );
    }
}
