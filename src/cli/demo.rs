//! `pingan demo [DIR]`

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use include_dir::{Dir, include_dir};
use lake::error::{At, Error};
use pingan::Result;

use super::nightly::NightlyArgs;
use super::{Common, Status, nightly, print};

/// The bundled sample: a simulated county.
static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data-samples/yumen");
/// The sample's last day.
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();

/// Copy the bundled sample workspace and run its nightly job
#[derive(Args)]
pub struct DemoArgs {
    /// Folder to make
    #[arg(default_value = "pingan-demo")]
    dir: PathBuf,
}

pub fn run(common: &Common, args: &DemoArgs) -> Result<Status> {
    let dir = &args.dir;
    if dir.exists() {
        return Err(Error::usage(
            format!("{} is there already", dir.display()),
            "name another folder, or remove it",
        ));
    }
    copy(&SAMPLE, dir)?;
    for folder in ["lake", "out"] {
        std::fs::create_dir_all(dir.join(folder)).at(&dir.join(folder))?;
    }
    if !common.quiet {
        print(&format!(
            "{}: simulated events of 玉门市, made up by `pingan synth`; nothing in it happened\n\n",
            dir.display()
        ))?;
    }
    let common = Common { workspace: dir.clone(), ..common.clone() };
    let status = nightly::run(&common, &NightlyArgs { date: Some(LAST_DAY) })?;
    if !common.quiet {
        print(&format!(
            "\nLook further: pingan -w {} query \"select * from disputes limit 5\"\n",
            dir.display()
        ))?;
    }
    Ok(status)
}

fn copy(from: &Dir, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).at(to)?;
    for folder in from.dirs() {
        copy(folder, &to.join(folder.path().file_name().unwrap_or_default()))?;
    }
    for file in from.files() {
        let path = to.join(file.path().file_name().unwrap_or_default());
        std::fs::write(&path, file.contents()).at(&path)?;
    }
    Ok(())
}
