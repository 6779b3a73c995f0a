//! A workspace: one folder with its settings, register, inbox, lake and output; what it does not
//! override, the binary carries.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use lake::PartyHasher;
use lake::areas::Register;
use lake::error::{At, Error, Result, parse_toml};
use lake::files::replace;
use lake::mask;
use lake::taxonomy::Taxonomy;

static PIPELINES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");
static MODELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/models");

const TAXONOMY: &str = "models/taxonomy.toml";

/// `pingan.toml`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What officials call the county.
    pub name: String,
    /// GB/T 2260 code of the county, six digits (or a register's own root).
    pub county: String,
    /// IANA time zone in which days begin and times without zone are read.
    #[serde(default = "shanghai", with = "zone")]
    pub time_zone: chrono_tz::Tz,
    /// Whether a party has one hash in all domains, and not another in each.
    #[serde(default)]
    pub link_parties: bool,
    /// Where the key of the hashes of persons' marks lies, seen from the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_key: Option<PathBuf>,
    /// Titles and roles of the centre, under which steps of letters may be signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// What `create` writes above a setting.
const COMMENTS: [(&str, &str); 5] = [
    ("name", "What officials call the county."),
    ("county", "GB/T 2260 code of the county: the root of areas.csv."),
    ("time_zone", "IANA time zone in which days begin and times without zone are read."),
    (
        "link_parties",
        "true: a party has one hash in all domains, so that detect can count those who appear in several. Choose before the first file.",
    ),
    (
        "party_key",
        "The key of the hashes that stand for persons: outside the workspace, so that a copy of the lake is no copy of the key. Back it up; it cannot be changed later.",
    ),
];
/// What is not for a repository of code: files about persons, and the key of their hashes.
const IGNORED: &str = "*.key\n/inbox/\n/lake/\n/out/\n";
const FOLDERS: [&str; 4] = ["mappings", "inbox", "lake", "out"];

fn shanghai() -> chrono_tz::Tz {
    chrono_tz::Asia::Shanghai
}

/// A time zone as its name (the crate's own feature for this would have everything that uses it
/// compiled anew).
mod zone {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(|_| {
            D::Error::custom(format!("there is no time zone {name:?}, such as \"Asia/Shanghai\""))
        })
    }
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
        let config: Config = parse_toml(&file, &text)?;
        check_roles(&file, &config.roles)?;
        Ok(Workspace { root: root.to_path_buf(), config })
    }

    /// Makes a workspace at `root`, a folder that is empty or not there yet. `pingan.toml` comes
    /// last: without it, it is no workspace.
    ///
    /// # Errors
    /// [`Error::Usage`] where something is in the folder already, [`Error::Io`] where it cannot be
    /// written to.
    pub fn create(root: &Path, config: &Config, register: &Register) -> Result<Workspace> {
        std::fs::create_dir_all(root).at(root)?;
        if std::fs::read_dir(root).at(root)?.next().is_some() {
            return Err(Error::usage(
                format!("{} is not empty", root.display()),
                "name a new folder",
            ));
        }
        let workspace = Workspace { root: root.to_path_buf(), config: config.clone() };
        for folder in FOLDERS.map(|f| root.join(f)) {
            std::fs::create_dir(&folder).at(&folder)?;
        }
        register.write(&workspace.areas_file())?;
        replace(&root.join(".gitignore"), IGNORED.as_bytes())?;
        let file = root.join("pingan.toml");
        replace(&file, commented(&file, config)?.as_bytes())?;
        Ok(workspace)
    }

    /// Time zone of the workspace's days.
    pub fn time_zone(&self) -> chrono_tz::Tz {
        self.config.time_zone
    }

    /// `areas.csv`, the register.
    pub fn areas_file(&self) -> PathBuf {
        self.root.join("areas.csv")
    }

    /// `exposures.csv`: exposures that change over time; it may be absent.
    pub fn exposures_file(&self) -> PathBuf {
        self.root.join("exposures.csv")
    }

    /// Folder of the Delta tables.
    pub fn lake(&self) -> PathBuf {
        self.root.join("lake")
    }

    /// Folder where departments' files wait.
    pub fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }

    /// What turns persons' marks into hashes; its key is made where there is none.
    ///
    /// # Errors
    /// As [`PartyHasher::open`].
    pub fn party_hasher(&self) -> Result<PartyHasher> {
        PartyHasher::open(&self.party_key(), self.config.link_parties)
    }

    /// The same for a command that only reads: none where no key was ever made.
    ///
    /// # Errors
    /// As [`PartyHasher::open`].
    pub fn party_hasher_if_any(&self) -> Result<Option<PartyHasher>> {
        self.party_key().exists().then(|| self.party_hasher()).transpose()
    }

    /// Where the key of the hashes lies: as `party_key` in pingan.toml says, else `party.key`.
    pub fn party_key(&self) -> PathBuf {
        self.root.join(self.config.party_key.as_deref().unwrap_or(Path::new("party.key")))
    }

    /// Folder of the mapping files.
    pub fn mappings(&self) -> PathBuf {
        self.root.join("mappings")
    }

    /// Folder of the workspace's own templates of letters and reports; it may be absent.
    pub fn reports(&self) -> PathBuf {
        self.root.join("reports")
    }

    /// Text of `pipelines/…` or `models/…`: the workspace's own copy where it has one, else the
    /// bundled one. Also says where it was found, for messages.
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
            Error::usage(
                format!("there is no {relative}, neither in {} nor bundled", self.root.display()),
                "check the name",
            )
        })?;
        Ok((PathBuf::from(relative), text.to_owned()))
    }

    /// The code lists: the bundled `models/taxonomy.toml`, and before it what the workspace's own
    /// adds or says otherwise.
    ///
    /// # Errors
    /// [`Error::Config`] where the file is wrong.
    pub fn taxonomy(&self) -> Result<Taxonomy> {
        let (file, text) = self.text(TAXONOMY)?;
        let own = Taxonomy::parse(&file, &text)?;
        let bundled = MODELS.get_file("taxonomy.toml").and_then(|f| f.contents_utf8());
        Ok(own.with(Taxonomy::parse(Path::new(TAXONOMY), bundled.unwrap_or_default())?))
    }
}

/// Roles stand in the ledger of letters, where no person does.
fn check_roles(file: &Path, roles: &[String]) -> Result<()> {
    let wrong = |what| Err(Error::config(file, what, "write titles and roles, such as 值班主任"));
    if roles.iter().any(|role| role.trim().is_empty()) {
        return wrong("one of the roles is empty");
    }
    if roles.iter().any(|role| mask::identifies(role)) {
        return wrong("one of the roles holds what looks like a person's number");
    }
    Ok(())
}

fn commented(file: &Path, config: &Config) -> Result<String> {
    let plain = toml::to_string(config)
        .map_err(|e| Error::config(file, e.to_string(), "write it by hand"))?;
    let mut text = String::new();
    for line in plain.lines() {
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        if let Some((_, comment)) = COMMENTS.iter().find(|(k, _)| *k == key) {
            text += &format!("# {comment}\n");
        }
        text += &format!("{line}\n");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_create_makes_open_opens() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a/b");
        let config = Config {
            name: "玉门\"市\"".into(),
            county: "620981".into(),
            time_zone: shanghai(),
            link_parties: false,
            party_key: None,
            roles: Vec::new(),
        };
        let register = Register::new(lake::areas::divisions::county("620981").unwrap()).unwrap();
        Workspace::create(&root, &config, &register).unwrap();
        let opened = Workspace::open(&root).unwrap();
        assert_eq!((opened.config.name.as_str(), opened.time_zone()), ("玉门\"市\"", shanghai()));
        assert_eq!(Register::read(&opened.areas_file()).unwrap().areas(), register.areas());
        assert!(
            opened.inbox().is_dir()
                && opened.lake().is_dir()
                && opened.mappings().is_dir()
                && root.join("out").is_dir()
        );
        assert!(std::fs::read_to_string(root.join("pingan.toml")).unwrap().contains("# GB/T 2260"));

        let file = root.join("pingan.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        for (roles, wrong) in [
            ("[]", false),
            ("[\"值班主任\", \"驻村第一书记\"]", false),
            ("[\"\"]", true),
            ("[\"主任\", \" \"]", true),
            ("[\"主任13800138000\"]", true),
            ("[\"11010519491231002X\"]", true),
            ("\"主任\"", true),
        ] {
            std::fs::write(&file, format!("{text}roles = {roles}\n")).unwrap();
            assert_eq!(Workspace::open(&root).is_err(), wrong, "{roles}");
        }

        let again = Workspace::create(&root, &config, &register).unwrap_err();
        assert!(matches!(again, Error::Usage { .. }), "{again}");
    }
}
