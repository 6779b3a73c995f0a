//! Data beside the repository: published results (`golden`) and public registers (`real`), which
//! are not part of it. Also a module of the tests of the whole package.

use std::path::{Path, PathBuf};

/// A file of `../shared`, seen from the root of the repository. Without it a test says so and is
/// left out, or fails where `PINGAN_TESTS=require`.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").exists())
        .expect("the repository holds Cargo.lock");
    let file = root.join("../shared").join(path);
    if file.exists() {
        return Some(file);
    }
    assert!(!required(), "{} is required", file.display());
    eprintln!("left out: {} is not there", file.display());
    None
}

/// Whether a test fails, rather than being left out, where what it needs is not there.
pub fn required() -> bool {
    std::env::var("PINGAN_TESTS").is_ok_and(|value| value == "require")
}
