//! Makes Rust of the catalogue of words in `web/words`: each message becomes a method of `Words` with its variables as
//! typed parameters. So a page that asks for a message which is not there, or gives it other variables, does not
//! compile, and the compiler reports a message that nothing uses.

mod catalogue;
mod code;
mod folder;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use catalogue::Catalogue;
use folder::sorted;

/// The tag of English.
const ENGLISH: &str = "en";

fn main() {
    if let Err(mistake) = run() {
        println!("cargo::error={mistake}");
    }
}

fn run() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../../web/words");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rustc-env=ENROLL_SERVER_BUILT={}", built()?);
    let mut languages = Vec::new();
    for folder in sorted(&root)? {
        languages.push(Catalogue::read(&folder)?);
    }
    // English is the language for everybody whose own is not here, and first.
    languages.sort_by_key(|language| language.tag != ENGLISH);
    let (first, others) = languages
        .split_first()
        .filter(|(first, _)| first.tag == ENGLISH)
        .ok_or_else(|| format!("{}: no English", root.display()))?;
    for other in others {
        other.check_against(first)?;
    }
    let target = PathBuf::from(variable("OUT_DIR")?).join("messages.rs");
    std::fs::write(&target, code::written(&languages))
        .map_err(|error| format!("{}: {error}", target.display()))
}

/// When the program is built, in seconds since 1970: now, or as whoever wants the same program twice says
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
fn built() -> Result<u64, String> {
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    if let Ok(seconds) = std::env::var("SOURCE_DATE_EPOCH") {
        return seconds
            .parse()
            .map_err(|error| format!("SOURCE_DATE_EPOCH: {error}"));
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(since.map_err(|error| error.to_string())?.as_secs())
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}"))
}
