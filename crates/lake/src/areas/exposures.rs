//! Exposures that change over time: `exposures.csv`, beside the register.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::{Area, Register};
use crate::error::{Error, Result};

/// Columns of the register that are exposures: residents, households, registered motor vehicles,
/// enterprises, residents from elsewhere (流动人口), rented homes (出租屋), hotels (宾馆), grids, grid
/// workers, mediation rooms.
pub const EXPOSURES: [&str; 10] = [
    "population",
    "households",
    "vehicles",
    "enterprises",
    "floating_population",
    "rental_houses",
    "hotels",
    "grids",
    "grid_workers",
    "mediation_rooms",
];

/// The exposures that say how large an area is; the others say what it has.
pub const SIZES: [&str; 4] = [EXPOSURES[0], EXPOSURES[1], EXPOSURES[2], EXPOSURES[3]];

/// What an area's counts are divided by: a figure for each of [`EXPOSURES`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exposure {
    pub figures: [Option<f64>; EXPOSURES.len()],
}

impl Exposure {
    /// By the register's name of the column.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.figures[EXPOSURES.iter().position(|known| *known == name)?]
    }

    /// Sets a figure; what is no column of the register is left out.
    pub fn set(&mut self, name: &str, figure: Option<f64>) {
        if let Some(at) = EXPOSURES.iter().position(|known| *known == name) {
            self.figures[at] = figure;
        }
    }

    /// The exposure whose figures a function gives by their names.
    pub fn of(figure: impl Fn(&str) -> Option<f64>) -> Exposure {
        Exposure { figures: EXPOSURES.map(figure) }
    }
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

impl Exposures {
    /// Reads `exposures.csv` (`code,from` and any of [`EXPOSURES`]); where there is none, the
    /// register's figures hold always.
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
        let columns =
            format!("dates are 2025-01-01; columns: use one of code,from,{}", EXPOSURES.join(","));
        let mut reader = csv::Reader::from_path(file)
            .map_err(|e| wrong(None, e.to_string(), "make it a CSV in UTF-8 that can be read"))?;
        let header = reader.headers().map_err(|e| wrong(Some(1), e.to_string(), &columns))?.clone();
        let known = |h: &&str| *h == "code" || *h == "from" || EXPOSURES.contains(h);
        if let Some(unknown) = header.iter().find(|h| !known(h)) {
            return Err(wrong(Some(1), format!("there is no column {unknown:?}"), &columns));
        }
        for row in reader.records() {
            let row = row.map_err(|e| {
                let line = e.position().map(csv::Position::line);
                wrong(line, e.to_string(), &columns)
            })?;
            let line = row.position().map(csv::Position::line);
            let (code, change) =
                change(&header, &row).map_err(|what| wrong(line, what, &columns))?;
            if register.get(&code).is_none() {
                return Err(wrong(
                    line,
                    format!("code {code} is not in areas.csv"),
                    "correct it, or add the area",
                ));
            }
            exposures.changes.entry(code).or_default().push(change);
        }
        exposures.changes.values_mut().for_each(|rows| rows.sort_by_key(|(from, _)| *from));
        Ok(exposures)
    }

    /// Exposures of an area that are in force on a day: the row in force then, the register's own
    /// figure where that row is silent or none is, and those of the areas merged into it.
    pub fn in_force(&self, area: &Area, day: NaiveDate) -> Exposure {
        Exposure::of(|name| self.figure(area, day, name))
    }

    /// Whether an area ever has a figure above zero in a column of the register.
    pub fn ever(&self, area: &Area, column: &str) -> bool {
        let known = |e: &Exposure| e.get(column).is_some_and(|x| x > 0.0);
        known(&area.exposure) || self.rows(area).iter().any(|(_, e)| known(e))
    }

    fn figure(&self, area: &Area, day: NaiveDate, name: &str) -> Option<f64> {
        let (since, figure) = self.own_figure(area, day, name)?;
        let merged = self.merged.get(&area.code).map_or(&[][..], Vec::as_slice);
        let apart = merged.iter().filter(|m| since.is_none_or(|since| since <= m.life().1));
        let theirs = apart.filter_map(|m| self.own_figure(m, day.min(m.life().1), name));
        Some(figure + theirs.map(|(_, figure)| figure).sum::<f64>())
    }

    /// An area's own figure on a day, and since when, where a row says it.
    fn own_figure(
        &self,
        area: &Area,
        day: NaiveDate,
        name: &str,
    ) -> Option<(Option<NaiveDate>, f64)> {
        let row = self.rows(area).iter().rev().find(|(from, _)| *from <= day);
        let by_row = row.and_then(|(from, e)| Some((Some(*from), e.get(name)?)));
        by_row.or_else(|| Some((None, area.exposure.get(name)?)))
    }

    fn rows(&self, area: &Area) -> &[(NaiveDate, Exposure)] {
        self.changes.get(&area.code).map_or(&[], Vec::as_slice)
    }
}

/// The code of a row, since when it holds, and its figures; or what is wrong.
fn change(
    header: &csv::StringRecord,
    row: &csv::StringRecord,
) -> std::result::Result<(String, (NaiveDate, Exposure)), String> {
    let cell = |name: &str| {
        let at = header.iter().position(|h| h == name)?;
        row.get(at).map(str::trim).filter(|cell| !cell.is_empty())
    };
    let code = cell("code").ok_or("there is no code")?.to_owned();
    let from = cell("from").ok_or("there is no day in from")?;
    let from = from.parse().map_err(|_| format!("{from} is no day"))?;
    let mut exposure = Exposure::default();
    for name in EXPOSURES {
        if let Some(written) = cell(name) {
            let figure: f64 = written.parse().map_err(|_| format!("{written} is no number"))?;
            exposure.set(name, Some(figure));
        }
    }
    Ok((code, (from, exposure)))
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
            exposures.in_force(heir, d.parse().unwrap()).get("population")
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
        assert_eq!(on("2024-12-31").get("population"), Some(100.0));
        assert_eq!(
            (on("2025-05-31").get("population"), on("2025-05-31").get("vehicles")),
            (Some(110.0), Some(7.0))
        );
        assert_eq!(on("2025-06-01").get("population"), Some(120.0));
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
