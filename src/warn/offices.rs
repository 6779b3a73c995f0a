//! Who may sign a step of a letter: offices and roles, never persons.

use super::settings::Settings;
use crate::notes::Vocabulary;
use crate::workspace::Workspace;
use lake::error::{Error, Result};

/// Offices and roles that the workspace itself names: the centre, `roles` of `pingan.toml`, and the
/// departments of `models/warnings.toml`.
pub fn offices(workspace: &Workspace, settings: &Settings) -> Vec<String> {
    let issuer = &settings.issuer;
    let centre = [issuer.signature(&workspace.config.name), issuer.we.clone()];
    let departments = settings.department.iter().map(|d| d.name.clone());
    centre.into_iter().chain(workspace.config.roles.iter().cloned()).chain(departments).collect()
}

/// Whether a step may be signed by an office: one of the workspace's own, alone or with words of
/// `models/notes.toml` and names of areas, or one that is made of these.
///
/// # Errors
/// [`Error::Usage`] with the offices there are.
pub fn check(by: &str, offices: &[String], vocabulary: &Vocabulary) -> Result<()> {
    if by.trim().is_empty() {
        return Err(Error::usage("--by is empty", "name an office or a role"));
    }
    let known = vocabulary.with(offices.iter().map(String::as_str));
    if known.is_plain(by) {
        return Ok(());
    }
    Err(Error::usage(
        format!("--by holds words that could name a person: {}", known.masked(by)),
        format!(
            "take {}, or an office or role made of names of areas and words of models/notes.toml; \
             further roles go into pingan.toml as roles = [\"…\"]",
            offices.join(", ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::notes::NOTES;

    #[test]
    fn offices_sign_and_persons_do_not() {
        let words = include_str!("../../models/notes.toml");
        let vocabulary = Vocabulary::parse(Path::new(NOTES), words).unwrap();
        let offices = ["玉门市社会治安综合治理中心", "我中心", "驻村第一书记", "Duty officer"]
            .map(str::to_owned);
        for by in [
            "玉门市社会治安综合治理中心",
            "我中心",
            "驻村第一书记",
            "Duty officer",
            "县综治中心",
            "综治中心主任",
            "玉门市社会治安综合治理中心副主任",
            "派出所所长",
        ] {
            assert!(check(by, &offices, &vocabulary).is_ok(), "{by}");
        }
        for by in ["", "  ", "张伟", "张伟主任", "Duty officer Smith", "驻村第一书记李雷", "ouyang"]
        {
            let refusal = check(by, &offices, &vocabulary).unwrap_err().to_string();
            assert!(refusal.contains("--by"), "{refusal}");
            assert!(by.trim().is_empty() || refusal.contains("驻村第一书记"), "{refusal}");
            assert!(!refusal.contains("伟") && !refusal.contains("Smith"), "{refusal}");
        }
    }
}
