//! A workspace: one folder with its settings, register, inbox, lake and output; what it does not override, the binary carries.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use crate::error::{At, Error, Result, parse_toml};

static PIPELINES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");
static MODELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/models");

/// `pingan.toml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What officials call the county.
    pub name: String,
    /// GB/T 2260 code of the county, six digits (or a register's own root).
    pub county: String,
    /// IANA time zone in which days begin and times without zone are read.
    #[serde(default = "shanghai")]
    pub time_zone: chrono_tz::Tz,
}

fn shanghai() -> chrono_tz::Tz {
    chrono_tz::Asia::Shanghai
}

/// An opened workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub root: PathBuf,
    pub config: Config,
}

impl Workspace {
    /// Opens the workspace at `root`.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no `pingan.toml`, [`Error::Config`] where it is wrong.
    pub fn open(root: &Path) -> Result<Workspace> {
        let file = root.join("pingan.toml");
        if !file.is_file() {
            return Err(Error::usage(
                format!("{} is not a workspace: it has no pingan.toml", root.display()),
                "name one with -w DIR, or make one with `pingan init DIR --county CODE` or `pingan demo`",
            ));
        }
        let text = std::fs::read_to_string(&file).at(&file)?;
        Ok(Workspace { root: root.to_path_buf(), config: parse_toml(&file, &text)? })
    }

    /// Time zone of the workspace's days.
    pub fn time_zone(&self) -> chrono_tz::Tz {
        self.config.time_zone
    }

    /// `areas.csv`, the register.
    pub fn areas_file(&self) -> PathBuf {
        self.root.join("areas.csv")
    }

    /// Folder of the Delta tables.
    pub fn lake(&self) -> PathBuf {
        self.root.join("lake")
    }

    /// Folder where departments' files wait.
    pub fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }

    /// Folder of the mapping files.
    pub fn mappings(&self) -> PathBuf {
        self.root.join("mappings")
    }

    /// Text of `pipelines/…` or `models/…`: the workspace's own copy where it has one, else the bundled one.
    /// Also says where it was found, for messages.
    ///
    /// # Errors
    /// [`Error::Io`] where the own copy cannot be read, [`Error::Usage`] where neither exists.
    pub fn text(&self, relative: &str) -> Result<(PathBuf, String)> {
        let own = self.root.join(relative);
        if own.is_file() {
            let text = std::fs::read_to_string(&own).at(&own)?;
            return Ok((own, text));
        }
        let bundled = match relative.split_once('/') {
            Some(("pipelines", file)) => PIPELINES.get_file(file),
            Some(("models", file)) => MODELS.get_file(file),
            _ => None,
        };
        let text = bundled.and_then(|f| f.contents_utf8()).ok_or_else(|| {
            Error::usage(format!("there is no {relative}, neither in {} nor bundled", self.root.display()), "check the name")
        })?;
        Ok((PathBuf::from(relative), text.to_owned()))
    }
}
