//! What can be wrong in `models/warnings.toml`.

mod bounds;
mod departments;
mod measures;

use std::collections::BTreeSet;

use bounds::{not_below, share, unique, whole};

use super::settings::{LetterKind, RISES, Settings, Topic};
use crate::detect::Kind;
use lake::mask;
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;
use methods::Flaw;

/// Everything that can be said without the taxonomy.
///
/// # Errors
/// The first [`Flaw`], with its key.
pub(super) fn check(settings: &Settings) -> Result<(), Flaw> {
    issuer(settings)?;
    findings(settings)?;
    levels(settings)?;
    spans(settings)?;
    kinds(&settings.kind)?;
    topics(&settings.topic)?;
    departments::check(&settings.department)?;
    measures::check(&settings.measure)
}

/// Whether the categories that topics name are there.
///
/// # Errors
/// A [`Flaw`] naming the topic and the category.
pub(super) fn check_categories(settings: &Settings, taxonomy: &Taxonomy) -> Result<(), Flaw> {
    for topic in &settings.topic {
        let lists: Vec<_> = topic
            .domains
            .iter()
            .filter_map(|d| Domain::find(d))
            .filter_map(|d| taxonomy.list("category", d))
            .collect();
        if let Some(unknown) = topic.categories.iter().find(|c| !lists.iter().any(|l| l.has(c))) {
            let near = lists
                .iter()
                .find_map(|l| l.nearest(unknown))
                .map_or(String::new(), |n| format!(", {n} is near"));
            return Err(Flaw::new(
                format!(
                    "[[topic]] {}: categories has \"{unknown}\", which none of its domains has",
                    topic.id
                ),
                format!("take a code of models/taxonomy.toml{near}"),
            ));
        }
    }
    departments::check_categories(settings, taxonomy)
}

fn issuer(settings: &Settings) -> Result<(), Flaw> {
    let issuer = &settings.issuer;
    let texts =
        [("name", &issuer.name), ("we", &issuer.we), ("contact", &issuer.contact)].into_iter();
    let copies = issuer.copy_to.iter().map(|c| ("copy_to", c));
    if let Some((key, _)) = texts.chain(copies).find(|(_, text)| mask::identifies(text)) {
        return Err(Flaw::new(
            format!("[issuer] {key} holds what looks like a person's number"),
            "give an office and its own telephone",
        ));
    }
    if issuer.we.trim().is_empty() {
        return Err(Flaw::new(
            "[issuer] we is empty",
            "write what the centre calls itself, such as 我中心",
        ));
    }
    Ok(())
}

fn findings(settings: &Settings) -> Result<(), Flaw> {
    let findings = &settings.findings;
    if findings.kinds.is_empty() {
        return Err(Flaw::new(
            "[findings] kinds is empty, so that nothing is ever warned of",
            format!("use {}", RISES.map(Kind::name).join(", ")),
        ));
    }
    not_below("[findings] least_excess", findings.least_excess, 0.0)?;
    not_below("[findings] least_ratio", findings.least_ratio, 1.0)?;
    whole("[findings] confirmed_weeks", findings.confirmed_weeks)?;
    share("[findings] confirmed_q", findings.confirmed_q)?;
    share("[county] least_share", settings.county.least_share)?;
    share("[county] alpha", settings.county.alpha)?;
    share("[county] confirmed_q", settings.county.confirmed_q)
}

fn levels(settings: &Settings) -> Result<(), Flaw> {
    let (levels, findings) = (&settings.levels, &settings.findings);
    not_below("[levels] large_ratio", levels.large_ratio, findings.least_ratio)?;
    not_below("[levels] large_excess", levels.large_excess, findings.least_excess)?;
    whole("[levels] period_days", levels.period_days)?;
    whole("[levels] persistence_days", levels.persistence_days)?;
    if levels.yellow_periods < 2 {
        return Err(Flaw::new(
            "[levels] yellow_periods is below 2, so that every warning is yellow",
            "give 2 or more",
        ));
    }
    if levels.orange_periods <= levels.yellow_periods {
        let what = format!(
            "[levels] orange_periods = {} comes no later than yellow_periods",
            levels.orange_periods
        );
        return Err(Flaw::new(what, format!("give {} or more", levels.yellow_periods + 1)));
    }
    if levels.orange_topics < 2 {
        return Err(Flaw::new(
            "[levels] orange_topics is below 2, so that every warning is orange",
            "give 2 or more",
        ));
    }
    Ok(())
}

fn spans(settings: &Settings) -> Result<(), Flaw> {
    whole("[quiet] close_after_days", settings.quiet.close_after_days)?;
    if settings.cap.letters == 0 {
        return Err(Flaw::new(
            "[cap] letters = 0 holds every letter back that is not red",
            "give 1 or more",
        ));
    }
    if !(1..=104).contains(&settings.evaluation.weeks) {
        return Err(Flaw::new(
            format!("[evaluation] weeks = {} is no stretch", settings.evaluation.weeks),
            "give 1 to 104",
        ));
    }
    if settings.attention.as_ref().is_some_and(|a| a.letters == 0) {
        return Err(Flaw::new(
            "[attention] letters = 0 lets every letter wait that is not red",
            "give 1 or more, or remove [attention]",
        ));
    }
    share("[evaluation] level", settings.evaluation.level)
}

fn kinds(kinds: &[LetterKind]) -> Result<(), Flaw> {
    if kinds.is_empty() {
        return Err(Flaw::new("no [[kind]] of letter is given", "keep at least one"));
    }
    unique("[[kind]]", kinds.iter().map(|k| k.id.as_str()))?;
    for kind in kinds {
        let at = |key: &str| format!("[[kind]] {}: {key}", kind.id);
        if kind.name.trim().is_empty() {
            return Err(Flaw::new(
                format!("{} is empty", at("name")),
                "write what the letter is called, such as 工作提示函",
            ));
        }
        if let Some(lacks) = ["{year}", "{n}"].iter().find(|p| !kind.number.contains(*p)) {
            let what = format!(
                "{} = \"{}\" lacks {lacks}, so that two letters would have one number",
                at("number"),
                kind.number
            );
            return Err(Flaw::new(what, "write it as in {county}综治提〔{year}〕{n}号"));
        }
        let rest = ["{county}", "{year}", "{n}"]
            .iter()
            .fold(kind.number.clone(), |text, p| text.replace(p, ""));
        if rest.contains(['{', '}']) {
            return Err(Flaw::new(
                format!("{} has an unknown placeholder", at("number")),
                "there are {county}, {year} and {n}",
            ));
        }
        if kind.to.is_empty() {
            let fix = "name area, county or department, or remove `to`: it goes to all then";
            return Err(Flaw::new(format!("{} is empty", at("to")), fix));
        }
        whole(&at("reply_days"), kind.reply_days)?;
        whole(&at("limit_days"), kind.limit_days)?;
    }
    let same = |a: &LetterKind, b: &LetterKind| a.number == b.number;
    if let Some((a, b)) = pairs(kinds).find(|(a, b)| same(a, b)) {
        let what = format!(
            "[[kind]] {} and {} have the same number, and each counts for itself",
            a.id, b.id
        );
        return Err(Flaw::new(what, "give each its own word, such as 提 and 督"));
    }
    Ok(())
}

fn topics(topics: &[Topic]) -> Result<(), Flaw> {
    if topics.is_empty() {
        return Err(Flaw::new(
            "no [[topic]] is given, so that nothing is ever warned of",
            "keep at least one",
        ));
    }
    unique("[[topic]]", topics.iter().map(|t| t.id.as_str()))?;
    for topic in topics {
        let at = |key: &str| format!("[[topic]] {}: {key}", topic.id);
        if topic.name.trim().is_empty() {
            return Err(Flaw::new(
                format!("{} is empty", at("name")),
                "write what officials call it",
            ));
        }
        if topic.domains.is_empty() {
            return Err(Flaw::new(
                format!("{} is empty", at("domains")),
                "name at least one domain",
            ));
        }
        if let Some(unknown) = topic.domains.iter().find(|d| Domain::find(d).is_none()) {
            return Err(Flaw::new(
                format!("{} has \"{unknown}\", which is no domain", at("domains")),
                "correct or remove it",
            ));
        }
        if let Some(empty) =
            topic.measures.iter().find(|m| m.text.trim().is_empty() || m.unit.trim().is_empty())
        {
            let what = format!(
                "{} lack text or unit: \"{}\" \"{}\"",
                at("measures"),
                empty.text,
                empty.unit
            );
            return Err(Flaw::new(what, "fill both in"));
        }
    }
    match pairs(topics).find(|(a, b)| overlap(a, b)) {
        Some((a, b)) => Err(Flaw::new(
            format!(
                "[[topic]] {} and {} overlap: the same findings would be warned of twice",
                a.id, b.id
            ),
            "give each its own domains, or its own categories of one domain",
        )),
        None => Ok(()),
    }
}

fn overlap(a: &Topic, b: &Topic) -> bool {
    let (of_a, of_b): (BTreeSet<&String>, BTreeSet<&String>) =
        (a.categories.iter().collect(), b.categories.iter().collect());
    a.domains.iter().any(|d| b.domains.contains(d))
        && (of_a.is_empty() || of_b.is_empty() || !of_a.is_disjoint(&of_b))
}

fn pairs<T>(all: &[T]) -> impl Iterator<Item = (&T, &T)> {
    all.iter().enumerate().flat_map(|(i, a)| all.iter().skip(i + 1).map(move |b| (a, b)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const BUNDLED: &str = include_str!("../../models/warnings.toml");

    fn message(from: &str, to: &str) -> String {
        assert!(BUNDLED.contains(from), "{from}");
        Settings::parse(Path::new("warnings.toml"), &BUNDLED.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_bundled_rules_hold() {
        let settings = Settings::parse(Path::new("warnings.toml"), BUNDLED).unwrap();
        let taxonomy =
            Taxonomy::parse(Path::new("taxonomy.toml"), include_str!("../../models/taxonomy.toml"))
                .unwrap();
        check_categories(&settings, &taxonomy).unwrap();
    }

    #[test]
    fn every_flaw_names_its_key_and_its_fix() {
        for (from, to, key, fix) in [
            ("contact = \"\"", "contact = \"13800138000\"", "[issuer] contact", "office"),
            ("\"cluster\"]", "\"forecast\"]", "[findings] kinds", "spike"),
            ("least_ratio = 1.3", "least_ratio = 0.5", "[findings] least_ratio", "1 or more"),
            ("confirmed_q = 0.01", "confirmed_q = 1.0", "[findings] confirmed_q", "between"),
            ("large_ratio = 2.0", "large_ratio = 1.1", "[levels] large_ratio", "1.3 or more"),
            ("orange_periods = 3", "orange_periods = 2", "orange_periods", "3 or more"),
            ("least_share = 0.6", "least_share = 1.5", "[county] least_share", "between"),
            ("#[attention]\n#letters = 5", "[attention]\nletters = 0", "[attention]", "1 or more"),
            ("to = [\"area\", \"department\"]", "to = []", "[[kind]] yuetan: to", "area"),
            ("name = \"以案释法\"", "name = \"大排查\"", "case_lessons", "its own words"),
            ("\"普法宣传\"", "\"普法,宣传\"", "law_talks", "leave them out"),
            ("name = \"领导包案\"", "name = \"\"", "leader_in_charge", "大排查"),
            ("id = \"patrols\"", "id = \"巡逻\"", "[[measure]]", "small letters"),
            ("id = \"housing\"", "id = \"traffic_police\"", "stands twice", "its own"),
            ("name = \"住建局\"", "name = \" \"", "[[department]] housing: name", "office"),
            ("name = \"住建局\"", "name = \"13800138000\"", "housing: name", "office"),
            ("{county}住房", "{town}住房", "housing: addressee", "{county}"),
            ("leads = [{ domain = \"traffic\" }]", "leads = []", "leads is empty", "domain"),
            ("{ domain = \"traffic\" }", "{ domain = \"trafic\" }", "trafic", "correct"),
            ("letters = 2", "letters = 0", "[cap] letters", "1 or more"),
            ("〔{year}〕{n}号", "〔{year}〕号", "[[kind]] tishi: number", "{n}"),
            ("综治督〔", "综治提〔", "same number", "its own word"),
            ("id = \"duban\"", "id = \"tishi\"", "stands twice", "its own"),
            ("reply_days = 15", "reply_days = 0", "[[kind]] tishi: reply_days", "1 to 3660"),
            ("domains = [\"petitions\"]", "domains = [\"petitons\"]", "petitons", "correct"),
            (
                "domains = [\"petitions\"]",
                "domains = [\"disputes\"]",
                "disputes and petitions overlap",
                "categories",
            ),
            ("id = \"petitions\"", "id = \"信访\"", "信访", "small letters"),
            ("unit = \"司法所\"", "unit = \"\"", "[[topic]] disputes: measures", "fill"),
        ] {
            let error = message(from, to);
            assert!(error.contains(key) && error.contains(fix), "{error}");
        }
    }

    #[test]
    fn topics_may_share_a_domain_by_categories() {
        let text = BUNDLED
            .replace(
                "domains = [\"disputes\"]",
                "domains = [\"disputes\"]\ncategories = [\"neighbour\"]",
            )
            .replace(
                "domains = [\"petitions\"]",
                "domains = [\"disputes\"]\ncategories = [\"wage_arrear\"]",
            );
        let settings = Settings::parse(Path::new("warnings.toml"), &text).unwrap();
        let taxonomy =
            Taxonomy::parse(Path::new("taxonomy.toml"), include_str!("../../models/taxonomy.toml"))
                .unwrap();
        let error = check_categories(&settings, &taxonomy).unwrap_err().to_string();
        assert!(error.contains("wage_arrear") && error.contains("petitions"), "{error}");
        let text = BUNDLED.replace("\"other_labour\"]", "\"other_labor\"]");
        let settings = Settings::parse(Path::new("warnings.toml"), &text).unwrap();
        let error = check_categories(&settings, &taxonomy).unwrap_err().to_string();
        assert!(error.contains("human_resources") && error.contains("other_labour"), "{error}");
    }
}
