//! Putting a backup back. All of it is copied, checked and on the disk before anything of what is there is touched.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use enroll_server_ca::authorities::folder;
use enroll_server_ca::error::CaError;
use enroll_server_files::{
    User, create_folder, finish_folder, is_there as leads_somewhere, make_folder, sync,
};
use enroll_server_store::Store;

use super::copy::{Copying, Hands, above, copy_at_rest, names, remove, size};
use super::database::{self, Checked};
use super::error::{BackupError, Result};
use super::place::{
    DATABASE, DUMP, Installation, REPLACED, SECRETS, STAGED, authority, check_apart, files_of,
    is_lock, is_of, is_of_restore, is_there, unused, with_suffix,
};
use super::report::{Kept, Restored, Step};
use super::space::no_space;
use super::swap::{Settled, Swap, set_aside, settle, staged_database};
use super::{authority as keys, moment};
use crate::lock::{DataLock, real};
use crate::space::Space;

/// Puts a backup back. No server may be at work on it. What is in the data folder is kept, if `force` says that it may be
/// replaced; of a folder `authority/` of the same authority, the records of newer CRLs stay in force, and what the backup
/// does not have. If it fails, all is as it was. Whoever calls it works as the owner of the data; the backup is read as the
/// owner of its place.
///
/// # Errors
/// If it is not a backup, it lies in the data folder or around it, a server is at work, there is data already, or a part
/// cannot be copied.
pub async fn restore(
    from: &Path,
    to: &Installation,
    force: bool,
    mut done: impl FnMut(Step),
) -> Result<Restored> {
    let data = real(&to.data);
    let file = Store::file_of(&to.database)?.map(|file| real(&file));
    let hands = Hands {
        from: User::of(from)?,
        to: User::of(&data)?,
    };
    let (backup, has_passphrase) = hands.from.work(|| {
        let backup = real(from);
        check_backup(&backup, file.is_some())?;
        let has_passphrase = size(&passphrase(&backup)) > 0;
        Ok::<_, BackupError>((backup, has_passphrase))
    })?;
    check_apart(&backup, &data)?;
    if let Some(file) = &file {
        check_apart(file, &backup)?;
    }
    let is_new = !leads_somewhere(&data)?;
    create_folder(&data)?;
    let replacement = Replacement {
        hands,
        backup: &backup,
        has_passphrase,
        data: &data,
        file: file.as_deref(),
    };
    let restored = replacement.make(force, &mut done).await;
    if restored.is_err() && is_new {
        // Nothing is in it but the locks.
        for name in names(&data)?.iter().filter(|name| is_lock(name)) {
            remove(&data.join(name))?;
        }
        // Where something else is in it, it stays.
        let _ = fs::remove_dir(&data);
    }
    restored
}

fn check_backup(backup: &Path, has_database: bool) -> Result<()> {
    let missing = |missing| {
        Err(BackupError::NotABackup {
            path: backup.to_owned(),
            missing,
        })
    };
    if !folder::is_made(backup)? {
        return missing("folder authority/");
    }
    match folder::read_all(&authority(backup)) {
        Err(CaError::File(error)) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(error.into());
        }
        Err(_) => {
            return missing("certificates in authority/ that can be read (root.pem, issuing.pem)");
        }
        Ok(_) => {}
    }
    let is_of_sqlite = leads_somewhere(&backup.join(DATABASE))?;
    if has_database && !is_of_sqlite {
        return missing("database enroll-server.db");
    }
    if !has_database && is_of_sqlite {
        return Err(BackupError::OtherDatabase(backup.to_owned()));
    }
    Ok(())
}

/// A backup and what it takes the place of, by real paths.
struct Replacement<'a> {
    hands: Hands,
    backup: &'a Path,
    /// Whether the backup has the passphrase.
    has_passphrase: bool,
    data: &'a Path,
    file: Option<&'a Path>,
}

/// What is there already.
struct There {
    /// In the data folder, without the database.
    in_data: Vec<String>,
    /// The database and what is beside it.
    database: Vec<PathBuf>,
}

impl Replacement<'_> {
    async fn make(&self, force: bool, done: &mut impl FnMut(Step)) -> Result<Restored> {
        let _lock = DataLock::take(self.data, self.file)?;
        match settle(self.data, self.file)? {
            Settled::Nothing => {}
            Settled::Removed => done(Step::LeftOverRemoved),
            Settled::Completed => done(Step::InterruptedCompleted),
        }
        let there = self.there()?;
        let is_empty = there.in_data.is_empty() && there.database.is_empty();
        if !force && !is_empty {
            return Err(BackupError::DataThere(self.data.to_owned()));
        }
        // Others may be at work on the disk: it is not filled in vain.
        for (folder, needed) in self.needed()? {
            if Space::of(folder).is_ok_and(|space| space.available < needed) {
                return Err(no_space(folder, needed));
            }
        }
        let mut aside = Vec::new();
        let error = match self.replace(&there, &mut aside, done).await {
            Ok(restored) => return Ok(restored),
            Err(error) => error,
        };
        settle(self.data, self.file)?;
        for folder in aside {
            // Where something is in it, it stays.
            let _ = fs::remove_dir(folder);
        }
        let largest = self.needed()?.into_iter().max_by_key(|(_, needed)| *needed);
        Err(match largest {
            Some((folder, needed)) if error.is_of_space() => no_space(folder, needed),
            _ => error,
        })
    }

    fn there(&self) -> Result<There> {
        let mut in_data = names(self.data)?;
        in_data.retain(|name| !self.stays(name));
        let database = self.file.into_iter().flat_map(files_of);
        Ok(There {
            in_data,
            database: database.filter(|file| is_there(file)).collect(),
        })
    }

    /// Whether something in the data folder is neither replaced nor set aside as a whole.
    fn stays(&self, name: &str) -> bool {
        let path = self.data.join(name);
        is_lock(name)
            || is_of_restore(name)
            // The passphrase stays, unless the backup has one.
            || name == SECRETS && !self.has_passphrase
            || self.file.is_some_and(|file| is_of(file, &path) || file.starts_with(&path))
    }

    /// Whether something in the backup is not a part of the data folder.
    fn leaves_out(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.parent() == Some(self.backup)
            && (name == moment::FILE
                || name == DUMP
                || self.stays(&name)
                || files_of(&self.backup.join(DATABASE)).any(|file| file == path))
    }

    /// How many bytes are copied, and where to.
    fn needed(&self) -> Result<Vec<(&Path, u64)>> {
        let (in_data, of_database) = self.hands.from.work(|| {
            let in_data: u64 = names(self.backup)?
                .iter()
                .map(|name| self.backup.join(name))
                .filter(|path| !self.leaves_out(path))
                .map(|path| size(&path))
                .sum();
            let database = files_of(&self.backup.join(DATABASE));
            Ok::<_, BackupError>((in_data, database.map(|file| size(&file)).sum::<u64>()))
        })?;
        let Some(file) = self.file else {
            return Ok(vec![(self.data, in_data)]);
        };
        Ok(if above(file) == self.data {
            vec![(self.data, in_data + of_database)]
        } else {
            vec![(self.data, in_data), (above(file), of_database)]
        })
    }

    async fn replace(
        &self,
        there: &There,
        aside: &mut Vec<PathBuf>,
        done: &mut impl FnMut(Step),
    ) -> Result<Restored> {
        let staged = self.data.join(STAGED);
        let new = staged.join("new");
        make_folder(&staged)?;
        make_folder(&new)?;
        let mut steps = Vec::new();
        self.copy_folder(&new, &mut steps)?;
        let checked = match self.file {
            Some(file) => Some(self.copy_database(file, &mut steps).await?),
            None => {
                steps.push(Step::DatabaseLeft);
                None
            }
        };
        let mut swap = Swap::new(self.data);
        self.set_aside(there, aside, &mut swap)?;
        for name in names(&new)? {
            swap.add(&new.join(&name), self.data.join(&name));
        }
        if let Some(file) = self.file {
            let staged = staged_database(self.data, file);
            for (from, to) in files_of(&staged).zip(files_of(file)) {
                if is_there(&from) {
                    swap.add(&from, to);
                }
            }
        }
        finish_folder(&new, 0o700)?;
        swap.perform()?;
        let newer_list_kept = steps.iter().any(|step| {
            let why = match step {
                Step::Kept { why, .. } => Some(why),
                _ => None,
            };
            matches!(why, Some(Kept::Newer { .. }))
        });
        aside.drain(..).map(Step::SetAside).for_each(&mut *done);
        steps.into_iter().for_each(done);
        let passphrase = passphrase(self.data);
        let (made, lists) = self.hands.from.work(|| {
            let lists = keys::lists(&authority(self.backup));
            Ok::<_, BackupError>((moment::read(self.backup), lists))
        })?;
        Ok(Restored {
            made: made.or_else(|| checked.map(|checked| checked.latest.rfc3339())),
            lists,
            newer_list_kept,
            no_passphrase: (size(&passphrase) == 0).then_some(passphrase),
        })
    }

    fn copy_folder(&self, new: &Path, steps: &mut Vec<Step>) -> Result<()> {
        let left_out = |path: &Path| self.leaves_out(path);
        let mut copying = Copying::new(self.backup, new, self.hands, &left_out);
        copying.contents(self.backup, new, &mut |name| {
            steps.push(Step::Copied(name.to_owned()));
        })?;
        steps.extend(copying.not_there.into_iter().map(Step::NotThere));
        let (old, new) = (authority(self.data), authority(new));
        keys::keep(&old, &new, self.hands.to, &mut |step| steps.push(step))?;
        for name in keys::damaged(&new)? {
            steps.push(Step::Damaged(old.join(name)));
        }
        Ok(sync(&new)?)
    }

    async fn copy_database(&self, file: &Path, steps: &mut Vec<Step>) -> Result<Checked> {
        let source = self.backup.join(DATABASE);
        let staged = staged_database(self.data, file);
        let is_shared_memory = |file: &Path| file == with_suffix(&source, "-shm");
        for (from, to) in files_of(&source).zip(files_of(&staged)) {
            let is_there = self
                .hands
                .from
                .work(|| Ok::<_, BackupError>(leads_somewhere(&from)?))?;
            if is_there && !is_shared_memory(&from) {
                copy_at_rest(&from, &to, Some(0o600), self.hands)?;
            }
        }
        let checked = database::check(&staged).await;
        let checked = checked.map_err(|error| BackupError::Database {
            path: source,
            source: Box::new(error),
        })?;
        // The check may have made it; whoever opens the database makes it again.
        remove(&with_suffix(&staged, "-shm"))?;
        steps.push(Step::Database(checked.events));
        Ok(checked)
    }

    /// Makes folders for what is there, and has it moved into them.
    fn set_aside(&self, there: &There, aside: &mut Vec<PathBuf>, swap: &mut Swap) -> Result<()> {
        let beside_data = |file: &PathBuf| above(file) == self.data;
        let has_own_folder = !there.database.iter().any(beside_data);
        if let (Some(file), true) = (self.file, has_own_folder && !there.database.is_empty()) {
            let folder = unused(&with_suffix(file, ".replaced"));
            create_folder(&folder)?;
            aside.push(folder.clone());
            add(swap, &there.database, &folder);
        }
        let in_data = there.in_data.iter().map(|name| self.data.join(name));
        let of_database = there
            .database
            .iter()
            .filter(|file| beside_data(file))
            .cloned();
        // The database first: what is beside it is never without it.
        let all: Vec<PathBuf> = of_database.chain(in_data).collect();
        if !all.is_empty() {
            let beside = unused(&with_suffix(self.data, ".replaced"));
            let inside = unused(&self.data.join(REPLACED));
            let folder = set_aside(self.data, &beside, &inside)?;
            aside.push(folder.clone());
            add(swap, &all, &folder);
        }
        Ok(())
    }
}

/// Where the passphrase is in a data folder or a backup.
fn passphrase(folder: &Path) -> PathBuf {
    folder.join(SECRETS).join("passphrase")
}

/// Has files and folders moved into a folder.
fn add(swap: &mut Swap, paths: &[PathBuf], folder: &Path) {
    for path in paths {
        swap.add(path, folder.join(path.file_name().unwrap_or_default()));
    }
}
