//! Persons as keyed hashes.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{At, Error, Result};
use crate::taxonomy::fold;

/// Turns what identifies persons into one keyed hash; the key lives outside the lake.
pub struct PartyHasher {
    key: [u8; 32],
    link_domains: bool,
}

impl PartyHasher {
    /// Opens the key at `path`, or makes one of random bytes there, readable by its owner alone.
    /// With `link_domains` the same parties get the same hash in every domain, else one for each.
    ///
    /// # Errors
    /// [`Error::Config`] where others may read the key or it is not 32 bytes long, [`Error::Io`]
    /// where it cannot be read or made.
    pub fn open(path: &Path, link_domains: bool) -> Result<PartyHasher> {
        if !path.exists() {
            create_key(path)?;
        }
        check_mode(path)?;
        let mut bytes = Vec::new();
        File::open(path).at(path)?.take(64).read_to_end(&mut bytes).at(path)?;
        let key = bytes.try_into().map_err(|b: Vec<u8>| {
            Error::config(
                path,
                format!("the key of the party hashes has {} bytes instead of 32", b.len()),
                "restore it from your backup; without it new events cannot be linked with old ones",
            )
        })?;
        Ok(PartyHasher { key, link_domains })
    }

    /// The hash that stands for these parties in this domain, 32 hex characters; none where every
    /// value is empty. Order, blanks, width and case do not matter, and several persons in one cell
    /// (、 , ; between them) are taken one by one.
    pub fn hash<'v>(&self, domain: &str, values: impl Iterator<Item = &'v str>) -> Option<String> {
        let mut parts: Vec<String> = values
            .flat_map(|v| v.split(['、', ',', '，', ';', '；']))
            .map(fold)
            .filter(|v| !v.is_empty())
            .collect();
        if parts.is_empty() {
            return None;
        }
        parts.sort_unstable();
        let mut text = if self.link_domains { String::new() } else { domain.to_owned() };
        for part in parts {
            text.push('\u{1f}');
            text.push_str(&part);
        }
        Some(self.keyed(&text))
    }

    /// A keyed hash of any text, 32 hex characters.
    pub fn keyed(&self, text: &str) -> String {
        blake3::keyed_hash(&self.key, text.as_bytes()).to_hex()[..32].to_owned()
    }
}

/// Written beside its place and linked there, so that two processes agree on one key and none sees
/// half of it.
fn create_key(path: &Path) -> Result<()> {
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).at(&draft)?;
    file.write_all(&rand::random::<[u8; 32]>()).at(&draft)?;
    file.sync_all().at(&draft)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).at(&draft)?;
    match linked {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e).at(path),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).at(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::config(
            path,
            format!("the key of the party hashes has mode {mode:o}: others may read it"),
            format!("chmod 600 {}", path.display()),
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_made_once_and_must_be_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("party.key");
        let one = PartyHasher::open(&path, false).unwrap();
        let two = PartyHasher::open(&path, false).unwrap();
        let linked = PartyHasher::open(&path, true).unwrap();
        let hash = |h: &PartyHasher, d: &str, v: &[&str]| h.hash(d, v.iter().copied());
        assert_eq!(
            hash(&one, "disputes", &["张三", "13800138000"]),
            hash(&two, "disputes", &[" 13800138000", "", "张 三"])
        );
        assert_eq!(
            hash(&one, "disputes", &["张三、李四"]),
            hash(&one, "disputes", &["李四", "张三"])
        );
        assert_ne!(hash(&one, "disputes", &["张三"]), hash(&one, "petitions", &["张三"]));
        assert_eq!(hash(&linked, "disputes", &["张三"]), hash(&linked, "petitions", &["张三"]));
        assert_eq!(hash(&one, "disputes", &["", " "]), None);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(
                PartyHasher::open(&path, false).is_err_and(|e| e.to_string().contains("chmod 600"))
            );
        }
    }
}
