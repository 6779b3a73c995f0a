//! `areas.csv`: reading with the line of whatever is wrong, writing in one step.

use std::path::Path;

use chrono::NaiveDate;

use super::{Area, EXPOSURES, Exposure, Register};
use crate::error::{At, Error, Result};
use crate::files::{decoded, replace};

/// The order of the file: what was added later stands last.
const COLUMNS: [&str; 10 + EXPOSURES.len()] = [
    "code",
    "name",
    "level",
    "parent",
    EXPOSURES[0],
    EXPOSURES[1],
    EXPOSURES[2],
    EXPOSURES[3],
    "lon",
    "lat",
    "aliases",
    "valid_from",
    "valid_to",
    "successor",
    EXPOSURES[4],
    EXPOSURES[5],
    EXPOSURES[6],
    EXPOSURES[7],
    EXPOSURES[8],
    EXPOSURES[9],
];
const REQUIRED: usize = 4;

impl Register {
    /// Reads `areas.csv`: columns in any order, only `code,name,level,parent` required, aliases
    /// separated by `|`. UTF-8, or GBK as a Chinese spreadsheet saves it.
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be read; [`Error::Config`] with the line where it is no
    /// register (see [`Register::new`]), a column is missing or unknown, or a number is none.
    pub fn read(file: &Path) -> Result<Register> {
        let text = decoded(std::fs::read(file).at(file)?);
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| broken(file, &e))?.clone();
        let places = places(&header).map_err(|(what, fix)| Error::Config {
            file: file.to_path_buf(),
            line: Some(1),
            what,
            fix,
        })?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| broken(file, &e))?;
            let line = record.position().map(|p| p.line() as usize);
            let area = area(&record, &places).map_err(|(what, fix)| Error::Config {
                file: file.to_path_buf(),
                line,
                what,
                fix,
            })?;
            rows.push((line, area));
        }
        Register::build(rows, file, NaiveDate::MAX)
    }

    /// Writes `areas.csv` whole or not at all, in code order.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be written to.
    pub fn write(&self, file: &Path) -> Result<()> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
        let to_io = |e: csv::Error| std::io::Error::other(e);
        writer.write_record(COLUMNS).map_err(to_io).at(file)?;
        for a in self.areas() {
            let day = |day: Option<NaiveDate>| day.map_or(String::new(), |d| d.to_string());
            let cell = |column: &str| match column {
                "code" => a.code.clone(),
                "name" => a.name.clone(),
                "level" => a.level.clone(),
                "parent" => a.parent.clone().unwrap_or_default(),
                "lon" => number(a.lon),
                "lat" => number(a.lat),
                "aliases" => a.aliases.join("|"),
                "valid_from" => day(a.valid_from),
                "valid_to" => day(a.valid_to),
                "successor" => a.successor.clone().unwrap_or_default(),
                exposure => number(a.exposure.get(exposure)),
            };
            writer.write_record(COLUMNS.map(cell)).map_err(to_io).at(file)?;
        }
        let text =
            writer.into_inner().map_err(|e| std::io::Error::other(e.to_string())).at(file)?;
        replace(file, &text)
    }
}

fn broken(file: &Path, e: &csv::Error) -> Error {
    let line = e.position().map(|p| p.line() as usize);
    Error::Config {
        file: file.to_path_buf(),
        line,
        what: e.to_string(),
        fix: "give every row as many cells as the header".into(),
    }
}

/// What is wrong, and the fix.
type Wrong = (String, String);

/// Where each of [`COLUMNS`] stands in the header.
fn places(header: &csv::StringRecord) -> Result<[Option<usize>; COLUMNS.len()], Wrong> {
    if let Some(unknown) = header.iter().find(|h| !COLUMNS.contains(h)) {
        return Err((
            format!("there is no column {unknown:?}"),
            format!("remove it, or use one of {}", COLUMNS.join(",")),
        ));
    }
    let places = COLUMNS.map(|column| header.iter().position(|h| h == column));
    match (0..REQUIRED).find(|&i| places[i].is_none()) {
        Some(missing) => Err((
            format!("column {} is missing", COLUMNS[missing]),
            "add it: code,name,level,parent are required".into(),
        )),
        None => Ok(places),
    }
}

fn area(
    record: &csv::StringRecord,
    places: &[Option<usize>; COLUMNS.len()],
) -> Result<Area, Wrong> {
    let cell = |i: usize| places[i].and_then(|p| record.get(p)).filter(|c| !c.is_empty());
    let text = |i: usize| cell(i).unwrap_or_default().to_owned();
    for code in [cell(0), cell(3), cell(13)].into_iter().flatten() {
        if code.contains("E+") || code.contains("e+") {
            return Err((
                format!("code {code} has lost digits to a spreadsheet"),
                "format the columns of codes as text, and restore it".into(),
            ));
        }
    }
    let number = |i: usize, low: f64, high: f64| match cell(i).map(|c| (c, c.parse::<f64>())) {
        None => Ok(None),
        Some((_, Ok(value))) if (low..=high).contains(&value) => Ok(Some(value)),
        Some((cell, _)) => Err((
            format!("{} is {cell:?}, not a number that it can be", COLUMNS[i]),
            "correct it or leave it empty".to_owned(),
        )),
    };
    let day = |i: usize| match cell(i).map(|c| (c, date(c))) {
        None => Ok(None),
        Some((_, Some(day))) => Ok(Some(day)),
        Some((cell, None)) => Err((
            format!("{} is {cell:?}, not a day", COLUMNS[i]),
            "write it as 2025-06-30, or leave it empty".to_owned(),
        )),
    };
    let mut exposure = Exposure::default();
    for (i, column) in COLUMNS.iter().enumerate().filter(|(_, c)| EXPOSURES.contains(c)) {
        exposure.set(column, number(i, 0.0, f64::MAX)?);
    }
    Ok(Area {
        code: text(0),
        name: text(1),
        level: text(2),
        parent: cell(3).map(str::to_owned),
        exposure,
        lon: number(8, -180.0, 180.0)?,
        lat: number(9, -90.0, 90.0)?,
        aliases: text(10)
            .split('|')
            .map(str::trim)
            .filter(|a| !a.is_empty())
            .map(str::to_owned)
            .collect(),
        valid_from: day(11)?,
        valid_to: day(12)?,
        successor: cell(13).map(str::to_owned),
    })
}

/// A day as a register or a spreadsheet writes it.
fn date(cell: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(cell, format).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Register> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("areas.csv");
        std::fs::write(&file, bytes).unwrap();
        Register::read(&file)
    }

    fn refusal(text: &str) -> String {
        let message = read(text.as_bytes()).unwrap_err().to_string();
        message[message.find("areas.csv").unwrap()..].to_owned()
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("areas.csv");
        let text = "parent,aliases,lat,name,code,level,population,valid_from,valid_to,successor\n,,,甲县,1,county,,,,\n1,乙| 老乙,24.25,\"乙,镇\",101,township,1200,,2025-06-30,102\n1,,,丙镇,102,township,,2020/1/1,,\n";
        let register = read(text.as_bytes()).unwrap();
        assert_eq!(
            (register.areas()[1].exposure.get("population"), register.areas()[1].lat),
            (Some(1200.0), Some(24.25))
        );
        assert_eq!(register.areas()[1].aliases, ["乙", "老乙"]);
        assert_eq!(register.areas()[2].valid_from, "2020-01-01".parse().ok());
        register.write(&file).unwrap();
        assert_eq!(Register::read(&file).unwrap().areas(), register.areas());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_spreadsheet_s_encodings_are_read() {
        let text = "code,name,level,parent\n1,甲县,county,\n";
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap().root().name, "甲县");
        assert_eq!(read(&encoding_rs::GB18030.encode(text).0).unwrap().root().name, "甲县");
    }

    #[test]
    fn refusals_name_line_and_fix() {
        assert!(
            refusal("code,name,parent\n")
                .starts_with("areas.csv:1: column level is missing; add it")
        );
        assert!(
            refusal("code,name,level,parent,popluation\n")
                .starts_with("areas.csv:1: there is no column \"popluation\"")
        );
        let head = "code,name,level,parent,population,lon\n1,甲县,county,,,\n";
        assert!(
            refusal(&format!("{head}2,乙镇,township,1,many,\n"))
                .starts_with("areas.csv:3: population is \"many\"")
        );
        assert!(
            refusal(&format!("{head}2,乙镇,township,1,-1,\n"))
                .starts_with("areas.csv:3: population")
        );
        assert!(
            refusal(&format!("{head}2,乙镇,township,1,NaN,\n"))
                .starts_with("areas.csv:3: population")
        );
        assert!(
            refusal(&format!("{head}2,乙镇,township,1,,181\n")).starts_with("areas.csv:3: lon")
        );
        assert!(refusal(&format!("{head}2,乙镇,township,1\n")).starts_with("areas.csv:3: "));
        assert!(
            refusal(&format!("{head}6.20981E+11,乙镇,township,1,,\n"))
                .starts_with("areas.csv:3: code 6.20981E+11 has lost digits")
        );
        assert!(
            refusal(&format!("{head}2,乙镇,township,1,,\n3,丙镇,township,9,,\n"))
                .starts_with("areas.csv:4: parent 9 of 3")
        );
        assert!(
            refusal(&format!("{head}2,乙镇,township,1,,\n2,丙镇,township,1,,\n"))
                .starts_with("areas.csv:4: code 2 is given twice")
        );
        let dated = "code,name,level,parent,valid_to,successor\n1,甲县,county,,,\n";
        assert!(
            refusal(&format!("{dated}2,乙镇,township,1,last June,\n"))
                .starts_with("areas.csv:3: valid_to is \"last June\", not a day")
        );
        assert!(
            refusal(&format!("{dated}2,乙镇,township,1,2025/6/30,4\n"))
                .starts_with("areas.csv:3: successor 4 of 2")
        );
    }
}
