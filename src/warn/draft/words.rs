//! `reports/letter/words.toml`: what a letter says, as templates that are held against what they
//! may name when they are read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, UndefinedBehavior};
use serde::Deserialize;

use crate::workspace::Workspace;
use lake::error::{At, Error, Result, parse_toml};

/// The file, within a workspace or bundled.
pub const WORDS: &str = "reports/letter/words.toml";
const BUNDLED: &str = include_str!("../../../reports/letter/words.toml");

/// What every template of a letter's own text may name.
const LETTER: &[&str] = &[
    "area",
    "topic",
    "kind",
    "you",
    "we",
    "what",
    "month",
    "level",
    "as_of",
    "whole",
    "reply_by",
    "limit_by",
    "limit",
    "unit",
    "place",
    "since",
    "department",
];
const EARLIER: &[&str] = &[
    "issued",
    "earlier_kind",
    "earlier_number",
    "earlier_reply",
    "answered",
    "persists",
    "as_of",
    "we",
    "you",
];
const RISE: &[&str] = &[
    "name",
    "area",
    "from",
    "to",
    "observed",
    "expected",
    "interval",
    "clear",
    "before",
    "last_year",
    "weeks",
    "history",
    "rank",
    "of",
    "whole",
    "level_before",
    "level_after",
    "areas",
    "timing",
    "you",
];
const INDEX: &[&str] = &[
    "month",
    "you",
    "whole",
    "score",
    "month_on_month",
    "year_on_year",
    "rank",
    "of",
    "ranks",
    "band",
];
const AGAINST: &[&str] = &["term", "than", "then", "percent"];

/// Every template by its name, and what it may name.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("title", LETTER),
    ("opening", LETTER),
    ("rising", &["names"]),
    ("higher", &["names"]),
    ("gathering", &["names"]),
    ("vetoed", &["names"]),
    ("others", &["names"]),
    ("steady", &["topic"]),
    ("earlier_heading", LETTER),
    ("earlier", EARLIER),
    ("situation_heading", LETTER),
    ("spike", RISE),
    ("trend", RISE),
    ("change", RISE),
    ("cluster", RISE),
    ("veto", RISE),
    ("areas", &["of", "risen", "list"]),
    ("areas_item", &["name", "observed", "expected"]),
    ("burst", &["cases", "dates", "days"]),
    ("spread_weeks", &["n", "of"]),
    ("spread_days", &["n", "of"]),
    ("more", LETTER),
    ("circumstances", &["list"]),
    ("circumstance_item", &["what", "dates"]),
    ("index", INDEX),
    ("index_good", &["all", "names", "you"]),
    ("no_index", LETTER),
    ("up", AGAINST),
    ("down", AGAINST),
    ("same", AGAINST),
    ("from_none", AGAINST),
    ("not_known", AGAINST),
    ("points_up", &["term", "points"]),
    ("points_down", &["term", "points"]),
    ("points_same", &["term", "points"]),
    ("causes_heading", LETTER),
    ("problem", &["list"]),
    ("problem_item", &["name", "excess"]),
    ("problem_slow", &["names"]),
    ("cause", &["list", "topic"]),
    ("cause_item", &["label", "points"]),
    ("no_cause", LETTER),
    ("cause_not_known", LETTER),
    ("advice_heading", LETTER),
    ("advice", LETTER),
    ("limit", LETTER),
    ("no_advice", LETTER),
    ("annex_title", LETTER),
    ("chart_weeks", &["name"]),
    ("chart_year", &["name"]),
];

/// What a template is filled with: a name and its figure or word as written, `None` where there is
/// none.
pub(super) type Placeholders<'a> = BTreeMap<&'a str, Option<String>>;

/// The words of letters.
pub struct Words {
    environment: Environment<'static>,
    place: Vec<Address>,
    others: Others,
    series: BTreeMap<String, SeriesNames>,
    findings: BTreeMap<String, String>,
    methods: BTreeMap<String, String>,
}

/// How an area is addressed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    ends: Vec<String>,
    to: String,
    you: String,
}

/// How all areas together, and a department in its letter, are addressed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Others {
    areas: String,
    department: String,
}

/// How a domain's series are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesNames {
    all: String,
    #[serde(default)]
    ending: String,
    /// Ends of labels that need no ending.
    #[serde(default)]
    unless: Vec<String>,
    other: String,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    words: BTreeMap<String, String>,
    #[serde(default)]
    kind: BTreeMap<String, BTreeMap<String, String>>,
    place: Vec<Address>,
    others: Others,
    series: BTreeMap<String, SeriesNames>,
    findings: BTreeMap<String, String>,
    methods: BTreeMap<String, String>,
}

impl Words {
    /// The workspace's words, or the bundled ones.
    ///
    /// # Errors
    /// [`Error::Config`] that names the template and the placeholder which is wrong, [`Error::Io`]
    /// where the file cannot be read.
    pub fn read(workspace: &Workspace) -> Result<Words> {
        let own = workspace.root.join(WORDS);
        if own.is_file() {
            let text = std::fs::read_to_string(&own).at(&own)?;
            return Words::parse(&own, &text);
        }
        Words::parse(&PathBuf::from(WORDS), BUNDLED)
    }

    /// Words from their text; `file` is for messages.
    ///
    /// # Errors
    /// As [`Words::read`].
    pub fn parse(file: &Path, text: &str) -> Result<Words> {
        let raw: Raw = parse_toml(file, text)?;
        let mut reader = Reader { file, text, environment: environment() };
        for (name, known) in TEMPLATES {
            let source = raw.words.get(*name).ok_or_else(|| {
                Error::config(
                    file,
                    format!("[words] lacks {name}"),
                    "add it, as the bundled file has it, or remove the file",
                )
            })?;
            reader.add("", name, source, known)?;
        }
        reader.all_known("[words]", raw.words.keys())?;
        for (kind, own) in &raw.kind {
            reader.all_known(&format!("[kind.{kind}]"), own.keys())?;
            for (name, known) in TEMPLATES {
                if let Some(source) = own.get(*name) {
                    reader.add(kind, name, source, known)?;
                }
            }
        }
        for (number, place) in raw.place.iter().enumerate() {
            reader.add("", &format!("place {number}"), &place.to, &["area"])?;
        }
        let Raw { place, others, series, findings, methods, .. } = raw;
        Ok(Words { environment: reader.environment, place, others, series, findings, methods })
    }

    /// A template of a kind of letter, or of all, filled.
    pub(super) fn fill(&self, kind: &str, name: &str, placeholders: &Placeholders) -> String {
        let template = self
            .environment
            .get_template(&key(kind, name))
            .or_else(|_| self.environment.get_template(&key("", name)));
        // Every template was filled when it was read; what fails nevertheless is to be seen by
        // whoever approves the draft.
        template
            .and_then(|t| t.render(values(placeholders)))
            .unwrap_or_else(|error| format!("〔{name}: {error}〕"))
    }

    /// How a department is addressed, and how within its letter.
    pub(super) fn department(&self, addressee: &str) -> (String, String) {
        (addressee.to_owned(), self.others.department.clone())
    }

    /// How all areas together are addressed, and how within their letter.
    pub(super) fn all_areas(&self) -> (String, String) {
        (self.others.areas.clone(), self.others.areas.clone())
    }

    /// To whom a letter to this area goes, and how it is addressed within it.
    pub(super) fn address(&self, area: &str) -> (String, String) {
        let fits = |(_, place): &(usize, &Address)| {
            place.ends.iter().any(|end| area.ends_with(end.as_str()))
        };
        match self.place.iter().enumerate().find(fits) {
            Some((number, place)) => (
                self.fill(
                    "",
                    &format!("place {number}"),
                    &Placeholders::from([("area", Some(area.to_owned()))]),
                ),
                place.you.clone(),
            ),
            None => (area.to_owned(), area.to_owned()),
        }
    }

    /// What a series is called: by its domain, its category (empty for all) and that one's label.
    pub(super) fn series(&self, domain: &str, category: &str, label: &str) -> String {
        match self.series.get(domain) {
            Some(naming) if category.is_empty() => naming.all.clone(),
            Some(naming) if category == "other" => naming.other.clone(),
            Some(naming)
                if naming.unless.iter().any(|end| label.ends_with(end.as_str()))
                    || label.ends_with(&naming.ending) =>
            {
                label.to_owned()
            }
            Some(naming) => format!("{label}{}", naming.ending),
            None => label.to_owned(),
        }
    }

    /// What a domain's events are counted in.
    pub(super) fn unit(&self, domain: &str) -> &str {
        self.series.get(domain).map_or("件", |naming| &naming.unit)
    }

    /// A kind of finding in plain words.
    pub(super) fn finding<'a>(&'a self, kind: &'a str) -> &'a str {
        self.findings.get(kind).map_or(kind, String::as_str)
    }

    /// A method in plain words.
    pub(super) fn method<'a>(&'a self, method: &'a str) -> &'a str {
        self.methods.get(method).map_or(method, String::as_str)
    }
}

fn values(placeholders: &Placeholders) -> Value {
    Value::from_pairs(
        placeholders
            .iter()
            .map(|(name, fact)| (*name, fact.as_deref().map_or(Value::from(()), Value::from))),
    )
}

fn key(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}

/// An engine without filters or functions: what stands in the file is words and conditions. A fact
/// that is none is written as nothing.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|out, _, value| match value.kind() {
        ValueKind::None | ValueKind::Undefined => Ok(()),
        _ => Ok(out.write_str(&value.to_string())?),
    });
    environment
}

struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
    environment: Environment<'static>,
}

impl Reader<'_> {
    /// Adds a template, and fills it once with all it may name and once with nothing.
    fn add(&mut self, kind: &str, name: &str, source: &str, known: &[&str]) -> Result<()> {
        let there_are = || format!("there are {}", known.join(", "));
        let key = key(kind, name);
        self.environment
            .add_template_owned(key.clone(), source.to_owned())
            .map_err(|e| self.wrong(name, source, &e.to_string(), there_are()))?;
        let template = self
            .environment
            .get_template(&key)
            .map_err(|e| self.wrong(name, source, &e.to_string(), there_are()))?;
        let mut unknown: Vec<String> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|n| !known.contains(&n.as_str()))
            .collect();
        unknown.sort();
        if !unknown.is_empty() {
            return Err(self.wrong(
                name,
                source,
                &format!("the placeholder {} is not known", unknown.join(", ")),
                there_are(),
            ));
        }
        for value in [Some("1".to_owned()), None] {
            let placeholders: Placeholders =
                known.iter().map(|name| (*name, value.clone())).collect();
            template
                .render(values(&placeholders))
                .map_err(|e| self.wrong(name, source, &e.to_string(), there_are()))?;
        }
        Ok(())
    }

    /// Whether every name of a table is that of a template.
    fn all_known<'a>(&self, table: &str, names: impl Iterator<Item = &'a String>) -> Result<()> {
        for name in names {
            if !TEMPLATES.iter().any(|(known, _)| known == name) {
                let all: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
                return Err(Error::config(
                    self.file,
                    format!("{table} {name} is not known"),
                    format!("there are {}", all.join(", ")),
                ));
            }
        }
        Ok(())
    }

    fn wrong(&self, name: &str, source: &str, what: &str, fix: String) -> Error {
        let line = self.text.lines().position(|line| line.contains(source)).map(|at| at + 1);
        Error::Config { file: self.file.to_path_buf(), line, what: format!("{name}: {what}"), fix }
    }
}

#[cfg(test)]
pub(in crate::warn) fn bundled() -> Words {
    Words::parse(Path::new(WORDS), BUNDLED).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(old: &str, new: &str) -> String {
        let changed = BUNDLED.replacen(old, new, 1);
        assert_ne!(changed, BUNDLED, "{old} is in the file");
        Words::parse(Path::new("words.toml"), &changed).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_placeholder_is_named_with_its_line_and_what_there_is() {
        let error = with("关于{{ area }}", "关于{{ aera }}");
        assert!(
            error.starts_with(
                "words.toml:7: title: the placeholder aera is not known; there are area, topic"
            ),
            "{error}"
        );
        let error = with("{% if answered %}已", "{% if replied %}已");
        assert!(error.contains("earlier: the placeholder replied"), "{error}");
        assert!(with("关于{{ area }}", "关于{{ area").contains("title: "), "not closed");
        assert!(with("关于{{ area }}", "关于{{ area|upper }}").contains("upper"), "no filters");
        assert!(
            with("关于{{ area }}", "关于{{ area - 1 }}").contains("title: "),
            "fails when filled"
        );
        assert!(with("higher = ", "hihger = ").contains("lacks higher"));
        assert!(
            with("[kind.duban]\n", "[kind.duban]\nopenning = \"\"\n")
                .contains("[kind.duban] openning is not known; there are title")
        );
        assert!(
            with("[kind.duban]\n", "[kind.duban]\ntitle = \"{{ list }}\"\n")
                .contains("the placeholder list")
        );
    }

    #[test]
    fn a_kind_says_its_own_and_otherwise_what_all_say() {
        let words = bundled();
        let none =
            |names: &[&'static str]| names.iter().map(|n| (*n, None)).collect::<Placeholders>();
        assert_eq!(words.fill("duban", "advice_heading", &none(LETTER)), "督办要求");
        assert_eq!(words.fill("tishi", "advice_heading", &none(LETTER)), "工作建议");
        assert_eq!(words.fill("duban", "causes_heading", &none(LETTER)), "突出问题及成因");
    }

    #[test]
    fn series_and_places_are_called_as_officials_do() {
        let words = bundled();
        let called = |domain, category, label| words.series(domain, category, label);
        assert_eq!(called("disputes", "wage_arrears", "拖欠农民工工资"), "拖欠农民工工资纠纷");
        assert_eq!(called("disputes", "other_labour", "其他劳动争议"), "其他劳动争议");
        assert_eq!(called("disputes", "other", "其他"), "其他矛盾纠纷");
        assert_eq!(called("disputes", "", "矛盾纠纷"), "矛盾纠纷总量");
        assert_eq!(called("fraud_crime", "theft_crime", "盗窃案"), "盗窃案");
        assert_eq!(called("traffic", "crash", "交通事故"), "交通事故");
        assert_eq!(called("key_groups", "minors", "未成年人事件"), "未成年人事件");
        assert_eq!(called("own", "x", "自定"), "自定");
        let place = |area| words.address(area);
        assert_eq!(place("花海镇"), ("花海镇党委、政府".to_owned(), "你镇".to_owned()));
        assert_eq!(
            place("新市区街道"),
            ("新市区街道党工委、办事处".to_owned(), "你街道".to_owned())
        );
        assert_eq!(place("小金湾东乡族乡").1, "你乡");
        assert_eq!(place("国营饮马农场"), ("国营饮马农场".to_owned(), "你单位".to_owned()));
    }

    #[test]
    fn a_workspace_s_own_words_win() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("pingan.toml"),
            "name = \"玉门市\"\ncounty = \"620981\"\n",
        )
        .unwrap();
        let workspace = Workspace::open(folder.path()).unwrap();
        assert!(Words::read(&workspace).is_ok());
        std::fs::create_dir_all(folder.path().join("reports/letter")).unwrap();
        std::fs::write(
            folder.path().join(WORDS),
            BUNDLED.replacen("{{ area }}", "{{ nowhere }}", 1),
        )
        .unwrap();
        let error = Words::read(&workspace).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("nowhere") && error.contains("words.toml:7"), "{error}");
    }

    #[test]
    fn every_domain_has_its_words() {
        let words = bundled();
        assert!(lake::schema::DOMAINS.iter().all(|d| words.series.contains_key(d.id)));
    }
}
