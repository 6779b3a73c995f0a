//! The country's divisions, which the binary carries (data/divisions): one county's register.

use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;

use super::Area;
use crate::error::{At, Error, Result};

const BUNDLED: &str = "data/divisions/divisions.gz";
const DIVISIONS: &[u8] = include_bytes!("../../../../data/divisions/divisions.gz");
/// A level's letter, its name here, and the digits its codes add to those of the level above.
const LEVELS: [(u8, &str, usize); 5] = [
    (b'p', "province", 2),
    (b'c', "city", 2),
    (b'd', "county", 2),
    (b't', "township", 3),
    (b'v', "village", 3),
];
const COUNTY: usize = 2;

/// The code of each unit in turn.
#[derive(Default)]
struct Codes {
    path: String,
    /// For each level, the last unit's own digits.
    last: [u32; LEVELS.len()],
}

impl Codes {
    /// The code of the next unit of a level, `step` after the one before it.
    fn next(&mut self, level: usize, step: u32) -> &str {
        self.last[level] += step;
        self.last[level + 1..].fill(0);
        self.path.truncate(LEVELS[..level].iter().map(|l| l.2).sum());
        self.path += &format!("{:0width$}", self.last[level], width = LEVELS[level].2);
        &self.path
    }
}

fn lines() -> BufReader<GzDecoder<&'static [u8]>> {
    BufReader::with_capacity(1 << 16, GzDecoder::new(DIVISIONS))
}

/// Code and name of every province, city and county.
///
/// # Errors
/// Where the bundled file is damaged.
pub(super) fn down_to_counties() -> Result<Vec<(String, String)>> {
    let bundled = Path::new(BUNDLED);
    let (mut codes, mut found) = (Codes::default(), Vec::new());
    let (mut lines, mut line) = (lines(), String::new());
    while lines.read_line(&mut line).at(bundled)? > 0 {
        if let Some((level, step, name)) = unit(line.trim_end()).filter(|u| u.0 <= COUNTY) {
            found.push((codes.next(level, step).to_owned(), name.to_owned()));
        }
        line.clear();
    }
    Ok(found)
}

/// The county with this six-digit code, its townships and its villages, named as in the source; the
/// county has no parent, so that it is a register's root. A city without counties is its own, as
/// the source has it (东莞市 is 441900).
///
/// # Errors
/// [`Error::Usage`] where there is no such county, naming those of the same city.
pub fn county(code: &str) -> Result<Vec<Area>> {
    let mut found: Vec<Area> = Vec::new();
    let mut neighbours = Vec::new();
    let (bundled, mut codes) = (Path::new(BUNDLED), Codes::default());
    let (mut lines, mut line) = (lines(), String::new());
    while lines.read_line(&mut line).at(bundled)? > 0 {
        let (level, step, name) = unit(line.trim_end())
            .ok_or_else(|| Error::input(bundled, format!("cannot read {line:?}"), "rebuild it"))?;
        match (level <= COUNTY, found.is_empty()) {
            (true, false) => break,
            // Other counties' insides: most of the file.
            (false, true) => {
                line.clear();
                continue;
            }
            _ => {}
        }
        let path = codes.next(level, step);
        if level == COUNTY && path.get(..4) == code.get(..4) {
            neighbours.push(format!("{path} {name}"));
        }
        if !found.is_empty() || (level == COUNTY && path == code) {
            let parent = (level > COUNTY).then(|| path[..path.len() - LEVELS[level].2].to_owned());
            found.push(Area {
                code: path.to_owned(),
                name: name.to_owned(),
                level: LEVELS[level].1.into(),
                parent,
                ..Area::default()
            });
        }
        line.clear();
    }
    match (found.is_empty(), neighbours.is_empty()) {
        (false, _) => Ok(found),
        (true, false) => Err(Error::usage(
            format!("there is no county {code}"),
            format!("give one of {}", neighbours.join(", ")),
        )),
        (true, true) => Err(Error::usage(
            format!("there is no county {code}"),
            "give the six digits of GB/T 2260, such as 620981 for 玉门市",
        )),
    }
}

/// Level, step and name of one line; its format is at the head of data/divisions/build.py.
fn unit(line: &str) -> Option<(usize, u32, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (step, rest) = line.split_at(digits);
    let level = LEVELS.iter().position(|l| rest.as_bytes().first() == Some(&l.0))?;
    let step = if step.is_empty() { 1 } else { step.parse().ok()? };
    Some((level, step, &rest[1..]))
}

#[cfg(test)]
mod tests {
    use super::super::Register;
    use super::*;

    #[test]
    fn a_county_has_the_source_s_codes_and_names() {
        let register = Register::new(county("620981").unwrap()).unwrap();
        assert_eq!(
            (register.root().name.as_str(), register.at_level("township").count()),
            ("玉门市", 16)
        );
        assert_eq!(register.get("620981103").unwrap().name, "花海镇");
        assert_eq!(register.get("620981002008").unwrap().name, "农垦建司社区居委会");
        assert_eq!(register.get("620981102205").unwrap().parent.as_deref(), Some("620981102"));
        assert_eq!(register.levels(), ["county", "township", "village"]);
    }

    #[test]
    fn cities_without_counties_are_there() {
        for (code, name) in [
            ("441900", "东莞市"),
            ("442000", "中山市"),
            ("460400", "儋州市"),
            ("460321", "西沙群岛"),
            ("620201", "嘉峪关市"),
            ("659012", "白杨市"),
        ] {
            let areas = county(code).unwrap();
            assert_eq!((areas[0].name.as_str(), areas[0].code.as_str()), (name, code));
            assert!(areas.len() > 1 && Register::new(areas).is_ok(), "{code}");
        }
    }

    #[test]
    fn an_unknown_code_is_told_its_neighbours() {
        let message = county("620999").unwrap_err().to_string();
        assert!(
            message.starts_with("there is no county 620999; give one of 620902 肃州区, ")
                && message.contains("620981 玉门市"),
            "{message}"
        );
        assert!(county("620981103").unwrap_err().to_string().contains("620981 玉门市"));
        assert!(county("4419").unwrap_err().to_string().contains("441900 东莞市"));
        for code in ["", "99", "酒泉"] {
            assert!(county(code).unwrap_err().to_string().contains("six digits"), "{code}");
        }
    }
}
