//! Which font file stands for each of the official names.

use std::path::{Path, PathBuf};

use ttf_parser::{Face, fonts_in_collection, name_id};
use typst::foundations::Bytes;
use typst::text::{Font, FontInfo};

use crate::engine::TemplateError;

/// A font that letters call for: its official name, the names under which offices have it, and
/// those of free fonts that stand in for it.
struct Role {
    name: &'static str,
    official: &'static [&'static str],
    free: &'static [&'static str],
}

/// Names as GB/T 9704-2012 gives them; the free ones are those of reports/fonts/README.md.
const ROLES: [Role; 5] = [
    Role {
        name: "仿宋_GB2312",
        official: &["仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong"],
        free: &["FandolFang R"],
    },
    Role {
        name: "方正小标宋简体",
        official: &[
            "方正小标宋简体",
            "FZXiaoBiaoSong-B05S",
            "方正小标宋_GBK",
            "FZXiaoBiaoSong-B05",
        ],
        free: &["Noto Serif SC Black"],
    },
    Role { name: "宋体", official: &["宋体", "SimSun"], free: &["Noto Serif SC"] },
    Role {
        name: "黑体",
        official: &["黑体", "SimHei"],
        free: &["Noto Sans S Chinese Regular", "Noto Sans SC"],
    },
    Role {
        name: "楷体_GB2312",
        official: &["楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi"],
        free: &["FandolKai"],
    },
];

/// Folders in which fonts are looked for.
#[derive(Clone, Debug)]
pub struct FontFolders {
    /// A centre's own, where official and free fonts count; what else lies there is taken for
    /// characters that the others lack.
    pub own: PathBuf,
    /// The system's, where official fonts count, at any depth.
    pub system: Vec<PathBuf>,
    /// Where `reports/fonts/fetch.sh` lays the free ones.
    pub free: PathBuf,
}

impl FontFolders {
    /// `fonts` in the folder `reports` of a workspace, the folders of Linux, Windows and macOS, and
    /// `PINGAN_FONTS` or else the folder that `reports/fonts/fetch.sh` fills unless told otherwise.
    pub fn new(workspace_reports_folder: &Path) -> FontFolders {
        let under = |variable: &str, path: &str| {
            std::env::var_os(variable).map(|root| PathBuf::from(root).join(path))
        };
        let fixed = [
            "/usr/share/fonts",
            "/usr/local/share/fonts",
            "/Library/Fonts",
            "/System/Library/Fonts",
        ]
        .map(PathBuf::from);
        let users = [
            under("HOME", ".local/share/fonts"),
            under("HOME", ".fonts"),
            under("HOME", "Library/Fonts"),
            under("WINDIR", "Fonts"),
            under("LOCALAPPDATA", "Microsoft/Windows/Fonts"),
        ];
        let cache = || {
            under("XDG_CACHE_HOME", "pingan-office/fonts")
                .or_else(|| under("HOME", ".cache/pingan-office/fonts"))
        };
        FontFolders {
            own: workspace_reports_folder.join("fonts"),
            system: fixed.into_iter().chain(users.into_iter().flatten()).collect(),
            free: under("PINGAN_FONTS", "").or_else(cache).unwrap_or_default(),
        }
    }
}

/// A font and the family by which templates call it.
pub(super) struct FontFace {
    pub(super) family: String,
    pub(super) font: Font,
}

impl FontFace {
    pub(super) fn info(&self) -> FontInfo {
        FontInfo { family: self.family.clone(), ..self.font.info().clone() }
    }
}

/// A face of a file, by every family name it has.
struct Candidate {
    file: PathBuf,
    face: u32,
    names: Vec<String>,
}

/// A font for every official name, and after them what else lies in the centre's own folder.
///
/// # Errors
/// A [`TemplateError`] naming the fonts that are nowhere and where they may be laid.
pub(super) fn fonts(folders: &FontFolders) -> Result<Vec<FontFace>, TemplateError> {
    let own = candidates(std::slice::from_ref(&folders.own));
    let (system, free) =
        (candidates(&folders.system), candidates(std::slice::from_ref(&folders.free)));
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for role in &ROLES {
        let chosen = named(&own, role.official)
            .or_else(|| named(&own, role.free))
            .or_else(|| named(&system, role.official))
            .or_else(|| named(&free, role.official))
            .or_else(|| named(&free, role.free));
        match chosen.and_then(read) {
            Some(font) => found.push(FontFace { family: role.name.to_owned(), font }),
            None => missing.push(format!(
                "{} (or {})",
                role.name,
                role.free.first().unwrap_or(&role.name)
            )),
        }
    }
    if !missing.is_empty() {
        let what = format!("no font file has {}", missing.join(", "));
        let fix = format!(
            "run reports/fonts/fetch.sh, which lays free fonts in {}, or lay fonts in {}",
            folders.free.display(),
            folders.own.display()
        );
        return Err(TemplateError::new(&folders.own.display().to_string(), what, fix));
    }
    found.extend(
        own.iter()
            .filter_map(read)
            .map(|font| FontFace { family: font.info().family.clone(), font }),
    );
    Ok(found)
}

/// The face that has the first of some names that any has.
fn named<'c>(candidates: &'c [Candidate], names: &[&str]) -> Option<&'c Candidate> {
    names.iter().find_map(|name| candidates.iter().find(|c| c.names.iter().any(|n| n == name)))
}

fn read(candidate: &Candidate) -> Option<Font> {
    Font::new(Bytes::new(std::fs::read(&candidate.file).ok()?), candidate.face)
}

/// Every face under some folders that a document may embed, in the order of their paths, so that
/// two of a name give the same one each time.
fn candidates(folders: &[PathBuf]) -> Vec<Candidate> {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| font_files(folder, 0, &mut files));
    files.into_iter().flat_map(|file| faces(&file)).collect()
}

/// Files at most eight folders deep: a link may lead round.
fn font_files(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        let kind = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        if path.is_dir() && depth < 8 {
            font_files(&path, depth + 1, files);
        } else if kind.is_some_and(|k| ["ttf", "otf", "ttc", "otc"].contains(&k.as_str())) {
            files.push(path);
        }
    }
}

fn faces(file: &Path) -> Vec<Candidate> {
    let Ok(bytes) = std::fs::read(file) else { return Vec::new() };
    let candidate = |face: u32| {
        let parsed = Face::parse(&bytes, face).ok()?;
        let allowed = parsed.is_subsetting_allowed() && parsed.is_outline_embedding_allowed();
        let family = |n: ttf_parser::name::Name| {
            (n.name_id == name_id::FAMILY).then(|| n.to_string()).flatten()
        };
        let names = parsed.names().into_iter().filter_map(family).collect();
        allowed.then(|| Candidate { file: file.to_path_buf(), face, names })
    };
    (0..fonts_in_collection(&bytes).unwrap_or(1)).filter_map(candidate).collect()
}
