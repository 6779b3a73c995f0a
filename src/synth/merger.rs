//! Two townships that become one: what the register says of it, and whose name is written.

use std::path::Path;

use chrono::NaiveDate;

use lake::areas::{Area, Exposure, Register};
use lake::error::{At, Error, Result};

use super::county::County;

/// The merger of the county's smallest township into its nearest neighbour.
pub struct Merger {
    /// Positions in the county's townships.
    pub merged: usize,
    pub heir: usize,
    /// First day on which only the heir is there.
    pub from: NaiveDate,
}

impl Merger {
    /// The merger on a day.
    ///
    /// # Errors
    /// [`Error::Usage`] where the county has one township.
    pub fn new(county: &County, from: NaiveDate) -> Result<Merger> {
        let all = &county.townships;
        let of = |i: &usize| &all[*i];
        let merged = (0..all.len()).min_by_key(|i| of(i).population).unwrap_or(0);
        let others = (0..all.len()).filter(|i| *i != merged);
        let far = |i: &usize| all[*i].distance(&all[merged]);
        let heir = others.min_by(|a, b| far(a).total_cmp(&far(b))).ok_or_else(|| {
            Error::usage(
                format!("{} has one township, which has nothing to merge with", county.name),
                "leave out --habit merger, or give another county",
            )
        })?;
        Ok(Merger { merged, heir, from })
    }

    /// The township under whose name events of another are written on a night.
    pub fn named(&self, township: usize, night: NaiveDate) -> usize {
        if township == self.merged && night >= self.from { self.heir } else { township }
    }

    /// The register of a county that always had the heir alone.
    ///
    /// # Errors
    /// [`Error::Config`] where it is no register.
    pub fn register_of_heir(&self, county: &County) -> Result<Register> {
        let [merged, heir] = [self.merged, self.heir].map(|i| county.townships[i].code.clone());
        let gone = county.register.areas().iter().find(|a| a.code == merged);
        let both = |here: Exposure| {
            let of = |name: &str| Some(here.get(name)? + gone?.exposure.get(name)?);
            Exposure::of(of)
        };
        let areas = county.register.areas().iter().filter(|a| a.code != merged).cloned();
        let areas = areas.map(|mut area: Area| {
            if area.code == heir {
                area.exposure = both(area.exposure);
            } else if area.parent.as_ref() == Some(&merged) {
                area.parent = Some(heir.clone());
            }
            area
        });
        Register::new(areas.collect())
    }

    /// Writes the register as it is from the merger on into `registers/DAY/areas.csv`: the
    /// county's, with the last day and the heir of the merged township.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn write_register(&self, county: &County, root: &Path) -> Result<()> {
        let [merged, heir] = [self.merged, self.heir].map(|i| county.townships[i].code.as_str());
        let before = self.from.pred_opt().unwrap_or(self.from).to_string();
        let (old, folder) = (root.join("areas.csv"), root.join("registers"));
        let folder = folder.join(self.from.to_string());
        std::fs::create_dir_all(&folder).at(&folder)?;
        let new = folder.join("areas.csv");
        let io = |e: csv::Error| std::io::Error::other(e);
        let mut reader = csv::Reader::from_path(&old).map_err(io).at(&old)?;
        let mut header = reader.headers().map_err(io).at(&old)?.clone();
        let code = header.iter().position(|h| h == "code").unwrap_or(0);
        let columns = ["valid_to", "successor"].map(|name| {
            header.iter().position(|h| h == name).unwrap_or_else(|| {
                header.push_field(name);
                header.len() - 1
            })
        });
        let mut writer = csv::Writer::from_path(&new).map_err(io).at(&new)?;
        writer.write_record(&header).map_err(io).at(&new)?;
        for row in reader.records() {
            let row = row.map_err(io).at(&old)?;
            let mut cells: Vec<&str> = row.iter().collect();
            cells.resize(header.len(), "");
            if cells[code] == merged {
                for (column, cell) in columns.iter().zip([before.as_str(), heir]) {
                    cells[*column] = cell;
                }
            }
            writer.write_record(&cells).map_err(io).at(&new)?;
        }
        writer.flush().at(&new)
    }
}
