//! Firefox's profiles (profiles.ini).

use std::path::{Path, PathBuf};

use super::error::SetupError;
use super::files;
use super::surroundings::Surroundings;

/// The folders of the profiles that Firefox starts with.
///
/// # Errors
/// [`SetupError::NoProfile`] where Firefox was never started.
pub fn profiles(surroundings: &Surroundings) -> Result<Vec<PathBuf>, SetupError> {
    let folders = [
        surroundings.home.join(".mozilla/firefox"),
        surroundings.config.join("mozilla/firefox"),
    ];
    for folder in &folders {
        if let Some(text) = files::read(&folder.join("profiles.ini"))? {
            let profiles: Vec<PathBuf> = started(&text)
                .iter()
                .map(|path| folder.join(path))
                .filter(|path| path.is_dir())
                .collect();
            if !profiles.is_empty() {
                return Ok(profiles);
            }
        }
    }
    let [folder, _] = folders;
    Err(SetupError::NoProfile(folder))
}

/// The profiles that an installation starts with; without one the default profile, or the only one. Paths are relative to
/// the file's folder, or absolute.
fn started(text: &str) -> Vec<PathBuf> {
    let (mut of_installations, mut defaults, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let mut section = "";
    let mut path = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name;
            path = None;
            continue;
        }
        let is_profile = section.starts_with("Profile");
        match line.split_once('=') {
            Some(("Default", value)) if section.starts_with("Install") => {
                of_installations.push(PathBuf::from(value));
            }
            Some(("Path", value)) if is_profile => {
                path = Some(Path::new(value));
                all.push(PathBuf::from(value));
            }
            Some(("Default", "1")) if is_profile => defaults.extend(path.map(Path::to_owned)),
            _ => {}
        }
    }
    let mut profiles = [of_installations, defaults, all]
        .into_iter()
        .find(|list| !list.is_empty())
        .unwrap_or_default();
    profiles.sort();
    profiles.dedup();
    profiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_that_firefox_starts_with_is_found() {
        let text = "[Install4F96D1932A9F858E]\nDefault=abc.default-esr\nLocked=1\n\n[Profile1]\nName=default\n\
                    IsRelative=1\nPath=xyz.default\nDefault=1\n\n[Profile0]\nName=default-esr\nPath=abc.default-esr\n";
        assert_eq!(started(text), [Path::new("abc.default-esr")]);
        let (_, profiles) = text.split_at(text.find("[Profile1]").unwrap());
        assert_eq!(started(profiles), [Path::new("xyz.default")]);
        assert_eq!(started("[Profile0]\nPath=/a/b\n"), [Path::new("/a/b")]);
        assert!(started("[General]\nStartWithLastProfile=1\n").is_empty());
    }
}
