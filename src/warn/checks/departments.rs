//! What can be wrong with departments.

use super::bounds::{unique, whole};
use crate::warn::settings::{Department, Settings};
use lake::mask;
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;
use methods::Flaw;

/// Everything that can be said without the taxonomy.
///
/// # Errors
/// The first [`Flaw`], with its key.
pub(super) fn check(departments: &[Department]) -> Result<(), Flaw> {
    unique("[[department]]", departments.iter().map(|d| d.id.as_str()))?;
    for department in departments {
        let at = |key: &str| format!("[[department]] {}: {key}", department.id);
        texts(department, &at)?;
        if department.leads.is_empty() {
            let fix = "name a domain that it leads in, or remove the department";
            return Err(Flaw::new(format!("{} is empty", at("leads")), fix));
        }
        if let Some(lead) = department.leads.iter().find(|l| Domain::find(&l.domain).is_none()) {
            let what = format!("{} has \"{}\", which is no domain", at("leads"), lead.domain);
            return Err(Flaw::new(what, "correct or remove it"));
        }
        department.reply_days.map_or(Ok(()), |days| whole(&at("reply_days"), days))?;
    }
    Ok(())
}

fn texts(department: &Department, at: &dyn Fn(&str) -> String) -> Result<(), Flaw> {
    let texts = [("name", &department.name), ("addressee", &department.addressee)];
    if let Some((key, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
        let fix = "write the office, as in 人社局 and {county}人力资源和社会保障局";
        return Err(Flaw::new(format!("{} is empty", at(key)), fix));
    }
    if let Some((key, _)) = texts.iter().find(|(_, text)| mask::identifies(text)) {
        let what = format!("{} holds what looks like a person's number", at(key));
        return Err(Flaw::new(what, "give an office"));
    }
    let rest = department.addressee.replace("{county}", "");
    match rest.contains(['{', '}']) {
        true => Err(Flaw::new(
            format!("{} has an unknown placeholder", at("addressee")),
            "there is {county}, which is 市, 县, 区 or 旗",
        )),
        false => Ok(()),
    }
}

/// Whether the categories that departments lead in are there.
///
/// # Errors
/// A [`Flaw`] naming the department and the category.
pub(super) fn check_categories(settings: &Settings, taxonomy: &Taxonomy) -> Result<(), Flaw> {
    for department in &settings.department {
        for lead in &department.leads {
            let list = Domain::find(&lead.domain).and_then(|d| taxonomy.list("category", d));
            let unknown = |c: &&String| !list.is_some_and(|list| list.has(c));
            if let Some(unknown) = lead.categories.iter().find(unknown) {
                let near = list
                    .and_then(|list| list.nearest(unknown))
                    .map_or(String::new(), |near| format!(", {near} is near"));
                let what = format!(
                    "[[department]] {}: leads has the category \"{unknown}\", which {} has not",
                    department.id, lead.domain
                );
                return Err(Flaw::new(what, format!("take a code of models/taxonomy.toml{near}")));
            }
        }
    }
    Ok(())
}
