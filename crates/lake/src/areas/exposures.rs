//! Exposures that change over time: `exposures.csv`, beside the register.

use std::collections::HashMap;
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
#[derive(Clone, Debug, Default)]
pub struct Exposures {
    changes: HashMap<String, Vec<(NaiveDate, Exposure)>>,
}

impl Exposures {
    /// Reads `exposures.csv` (`code,from,population,households,vehicles,enterprises`); where there
    /// is none, the register's figures hold always.
    ///
    /// # Errors
    /// [`Error::Config`] with the line for a code outside the register, a bad date, a bad number or
    /// an unknown column.
    pub fn read(file: &Path, register: &Register) -> Result<Exposures> {
        let mut exposures = Exposures::default();
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
    /// figure where that row is silent or none is.
    pub fn in_force(&self, area: &Area, day: NaiveDate) -> Exposure {
        let rows = self.changes.get(&area.code).map_or(&[][..], Vec::as_slice);
        let row =
            rows.iter().rev().find(|(from, _)| *from <= day).map(|(_, e)| *e).unwrap_or_default();
        Exposure {
            population: row.population.or(area.population),
            households: row.households.or(area.households),
            vehicles: row.vehicles.or(area.vehicles),
            enterprises: row.enterprises.or(area.enterprises),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
