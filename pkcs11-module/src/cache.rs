//! The public objects of cards, kept on disk for the next program that meets the card.
//!
//! Of a card that announces their digest (docs/card-extensions.md) a file is named by the digest of what is in it, and is
//! nothing else than that: a torn file, one that somebody changed, and one of another card do not have the digest, and are as
//! if they were not there. Those of any other card are in [`crate::card::kept`]. So nothing is locked, and what
//! goes wrong here costs a read of the card.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use card_edge::piv::extensions::{Digest, INFLATED_MAX, PublicObjects};
use card_host::private_folder;
use card_host::user_folder::{Environment, UserFolder};
use data_encoding::HEXLOWER;

use crate::log;

/// The folder below the user's folder for caches.
const FOLDER: &str = "tapcard/public-objects";
/// The most files that are kept, the ones used last.
const FILES_MAX: usize = 64;

/// Where they are kept.
#[derive(Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// In this folder, which is made when it is needed.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
        }
    }

    /// In the user's folder for caches; without such a folder nothing is kept.
    #[must_use]
    pub fn of_user(environment: Environment<'_>) -> Self {
        Self {
            folder: UserFolder::Cache.of(environment, FOLDER),
        }
    }

    /// The objects that have this digest, if they are here.
    #[must_use]
    pub fn get(&self, digest: Digest) -> Option<PublicObjects> {
        let list = self.get_bytes(digest.0)?;
        let objects = PublicObjects::decode(&list).ok()?;
        (objects.digest() == Ok(digest)).then_some(objects)
    }

    /// Keeps objects that have this digest.
    pub fn put(&self, digest: Digest, objects: &PublicObjects) {
        if let Ok(list) = objects.encode() {
            self.put_bytes(digest.0, &list);
        }
    }

    /// Whether anything can be kept.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// The file of this name, if it is here.
    #[must_use]
    pub fn get_bytes(&self, file: [u8; 16]) -> Option<Vec<u8>> {
        read(&self.folder.as_deref()?.join(name(file))).ok()
    }

    /// Keeps a file under this name.
    pub fn put_bytes(&self, file: [u8; 16], content: &[u8]) {
        let Some(folder) = self.folder.as_deref() else {
            return;
        };
        match private_folder::write(folder, &name(file), content) {
            Ok(()) => prune(folder),
            Err(error) => log::note(|| format!("the card's public objects are not kept: {error}")),
        }
    }

    /// Keeps no file under this name.
    pub fn remove(&self, file: [u8; 16]) {
        if let Some(folder) = self.folder.as_deref() {
            drop(fs::remove_file(folder.join(name(file))));
        }
    }
}

fn name(file: [u8; 16]) -> String {
    HEXLOWER.encode(&file)
}

/// Whether a file of this name is one that this module makes, finished or not.
fn is_name(name: &str) -> bool {
    let (digest, random) = name.split_once('.').unwrap_or((name, ""));
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digest.len() == 32 && is_hex(digest) && is_hex(random)
}

/// What is in a file of ours. Its time says when it was used last.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = private_folder::open(path)?;
    // Where that fails, it is thrown away earlier than it should be.
    drop(file.set_modified(SystemTime::now()));
    let mut content = Vec::new();
    let most = u64::try_from(INFLATED_MAX).unwrap_or(u64::MAX);
    file.take(most + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// Removes what was used longest ago, unfinished files among it.
fn prune(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            is_name(entry.file_name().to_str()?).then_some(())?;
            let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((metadata.modified().ok()?, entry.path()))
        })
        .collect();
    let surplus = files.len().saturating_sub(FILES_MAX);
    files.sort();
    for (_, path) in files.into_iter().take(surplus) {
        drop(fs::remove_file(path));
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use card_edge::piv::ObjectId;
    use tempfile::TempDir;

    use super::*;

    fn objects(content: u8) -> (Digest, PublicObjects) {
        let objects = PublicObjects::new([(ObjectId::Chuid.tag(), vec![content; 300])]);
        (objects.digest().unwrap(), objects)
    }

    fn cache() -> (TempDir, PathBuf, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("caches/tapcard");
        (folder, inside.clone(), Cache::at(inside))
    }

    #[test]
    fn what_is_kept_is_found_by_its_digest_alone() {
        let (_folder, inside, cache) = cache();
        let (digest, objects) = objects(1);
        assert_eq!(cache.get(digest), None);
        cache.put(digest, &objects);
        assert_eq!(cache.get(digest), Some(objects.clone()));
        assert_eq!(cache.get(Digest([0; 16])), None);
        assert_eq!(fs::metadata(&inside).unwrap().mode() & 0o777, 0o700);
        let path = inside.join(name(digest.0));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 1);
    }

    #[test]
    fn a_torn_a_changed_and_a_strange_file_are_not_there_and_are_replaced() {
        let (folder, inside, cache) = cache();
        let (digest, objects) = objects(1);
        cache.put(digest, &objects);
        let path = inside.join(name(digest.0));
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[40] ^= 1;
        let (_, other) = self::objects(2);
        let other = other.encode().unwrap();
        for content in [&whole[..whole.len() - 1], b"", &changed, &other] {
            fs::write(&path, content).unwrap();
            assert_eq!(cache.get(digest), None);
            cache.put(digest, &objects);
            assert!(cache.get(digest).is_some());
        }
        // Others may write to it, or it is a link: nobody knows who did.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
        assert_eq!(cache.get(digest), None);
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, &whole).unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert_eq!(cache.get(digest), None);
        cache.put(digest, &objects);
        assert!(cache.get(digest).is_some());
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
    }

    #[test]
    fn nothing_is_kept_where_others_may_write_or_nobody_may() {
        let (digest, objects) = objects(1);
        let (_folder, inside, cache) = cache();
        fs::create_dir_all(&inside).unwrap();
        // Nothing is removed there either.
        for number in 0..=FILES_MAX {
            fs::write(inside.join(format!("{number:032x}")), "").unwrap();
        }
        fs::set_permissions(&inside, fs::Permissions::from_mode(0o777)).unwrap();
        cache.put(digest, &objects);
        assert_eq!(fs::read_dir(&inside).unwrap().count(), FILES_MAX + 1);
        // Neither where a folder above is one that others may change.
        let below = Cache::at(inside.join("not/there/yet"));
        below.put(digest, &objects);
        assert!(!inside.join("not").exists());
        for cache in [Cache::default(), Cache::at("/proc/no".into())] {
            cache.put(digest, &objects);
            assert_eq!(cache.get(digest), None);
        }
    }

    #[test]
    fn the_files_that_were_used_last_stay() {
        let (_folder, inside, cache) = cache();
        let used = objects(0);
        cache.put(used.0, &used.1);
        for number in 1..=FILES_MAX {
            let (digest, objects) = objects(u8::try_from(number).unwrap());
            assert!(cache.get(used.0).is_some());
            cache.put(digest, &objects);
        }
        assert_eq!(fs::read_dir(&inside).unwrap().count(), FILES_MAX);
        assert!(cache.get(used.0).is_some());
    }

    #[test]
    fn files_of_others_are_never_removed() {
        let (folder, inside, _) = cache();
        let full = folder.path().join("full");
        fs::create_dir_all(inside.parent().unwrap()).unwrap();
        fs::create_dir(&full).unwrap();
        for number in 0..2 * FILES_MAX {
            fs::write(full.join(format!("letter {number}")), "").unwrap();
        }
        // A user may keep the cache elsewhere.
        symlink(&full, &inside).unwrap();
        let (digest, objects) = objects(1);
        Cache::at(inside).put(digest, &objects);
        assert!(full.join(name(digest.0)).exists());
        assert_eq!(fs::read_dir(&full).unwrap().count(), 2 * FILES_MAX + 1);
    }

    #[test]
    fn the_folder_is_the_users() {
        let folder = |variables: &[(&str, &str)]| {
            let found = |name: &str| {
                let variable = variables.iter().find(|(known, _)| *known == name);
                variable.map(|(_, value)| OsString::from(value))
            };
            Cache::of_user(&found).folder
        };
        let home = ("HOME", "/home/alice");
        let in_home = Some("/home/alice/.cache/tapcard/public-objects".into());
        assert_eq!(folder(&[home]), in_home);
        assert_eq!(folder(&[home, ("XDG_CACHE_HOME", "caches")]), in_home);
        assert_eq!(
            folder(&[home, ("XDG_CACHE_HOME", "/caches")]),
            Some("/caches/tapcard/public-objects".into())
        );
        assert_eq!(folder(&[]), None);
    }
}
