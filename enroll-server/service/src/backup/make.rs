//! Making a backup, while the server runs or not.

use std::fs;
use std::path::{Path, PathBuf};

use enroll_server_ca::authorities::folder;
use enroll_server_files::{User, at, create_folder, finish_folder, make_folder, sync};
use enroll_server_model::Timestamp;
use enroll_server_store::Store;

use super::copy::{Copying, Hands, above, copy_at_rest, names, remove, size};
use super::error::{BackupError, Result};
use super::place::{
    DATABASE, Installation, SECRETS, Secrets, authority, check_apart, files_of, is_of, is_passing,
    with_suffix,
};
use super::report::Step;
use super::space::no_space;
use super::swap::check_settled;
use super::{authority as keys, database, moment};
use crate::lock::real;

/// Copies an installation into a new folder, while the server runs or not. The folder is there when all of it is; if it
/// fails, nothing is. Whoever calls it works as the owner of the data; the backup is made as the owner of its place.
///
/// # Errors
/// If the folder is not empty, lies in the data folder or around it, or a part cannot be copied.
pub async fn backup(
    from: &Installation,
    to: &Path,
    secrets: Secrets,
    now: Timestamp,
    mut done: impl FnMut(Step),
) -> Result<()> {
    check_settled(&from.data)?;
    if !folder::is_made(&from.data)? {
        return Err(BackupError::NoData(from.data.clone()));
    }
    let hands = Hands {
        from: User::of(&from.data)?,
        to: User::of(to)?,
    };
    let data = real(&from.data);
    let to = hands.to.work(|| {
        let to = real(to);
        check_apart(&to, &data)?;
        if !names(&to)?.is_empty() {
            return Err(BackupError::NotEmpty(to));
        }
        create_folder(above(&to))?;
        Ok(to)
    })?;
    let file = Store::file_of(&from.database)?.map(|file| real(&file));
    let part = with_suffix(&to, ".part");
    hands.to.work(|| remove(&part))?;
    let whole = Whole {
        data: &data,
        database: &from.database,
        file: file.as_deref(),
        secrets,
        now,
        hands,
    };
    let made = match whole.copy(&part, &mut done).await {
        Ok(()) => hands.to.work(|| {
            // A folder that was there is empty, and gives way.
            fs::rename(&part, &to).map_err(at(&to))?;
            Ok(sync(above(&to))?)
        }),
        failed => failed,
    };
    match made {
        Err(error) => {
            hands.to.work(|| remove(&part))?;
            Err(whole.explain(error, above(&to)))
        }
        Ok(()) => Ok(()),
    }
}

/// What is copied.
struct Whole<'a> {
    data: &'a Path,
    database: &'a str,
    file: Option<&'a Path>,
    secrets: Secrets,
    now: Timestamp,
    hands: Hands,
}

impl Whole<'_> {
    async fn copy(&self, part: &Path, done: &mut impl FnMut(Step)) -> Result<()> {
        let hands = self.hands;
        hands.to.work(|| {
            make_folder(part)?;
            moment::write(part, self.now)
        })?;
        // The folder first: what it knows of the newest CRL is then never ahead of the database.
        let left_out = |path: &Path| self.leaves_out(path);
        let mut copying = Copying::new(self.data, part, hands, &left_out);
        copying.contents(self.data, part, &mut |name| {
            done(Step::Copied(name.to_owned()));
        })?;
        for path in copying.not_there {
            done(Step::NotThere(path));
        }
        let damaged = hands.to.work(|| keys::damaged(&authority(part)))?;
        for name in damaged {
            done(Step::Damaged(authority(self.data).join(name)));
        }
        if let Some(file) = self.file {
            let events = self.copy_database(file, &part.join(DATABASE)).await?;
            done(Step::Database(events));
        } else {
            done(Step::DatabaseLeft);
        }
        hands.to.work(|| Ok(finish_folder(part, 0o700)?))
    }

    /// Copies the database; returns how many events it has. SQLite opens what it copies and the copy as one user: where they
    /// are of two, a copy beside the database goes between.
    async fn copy_database(&self, file: &Path, to: &Path) -> Result<i64> {
        if self.hands.from == self.hands.to {
            Store::copy_sqlite(self.database, to).await?;
            let checked = database::check(to).await?;
            sync(to)?;
            return Ok(checked.events);
        }
        let between = between(file);
        let remove_all = || files_of(&between).try_for_each(|file| remove(&file));
        remove_all()?;
        let copied = async {
            Store::copy_sqlite(self.database, &between).await?;
            let checked = database::check(&between).await?;
            copy_at_rest(&between, to, Some(0o600), self.hands)?;
            Ok(checked.events)
        };
        let copied = copied.await;
        remove_all()?;
        copied
    }

    fn leaves_out(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_left = self.secrets == Secrets::Left && path == self.data.join(SECRETS);
        let is_database = |file: &Path| is_of(file, path) || is_of(&between(file), path);
        is_left || is_passing(&name) || self.file.is_some_and(is_database)
    }

    /// Says how much space it takes, where that is what was wanting.
    fn explain(&self, error: BackupError, folder: &Path) -> BackupError {
        if !error.is_of_space() {
            return error;
        }
        let of_data: u64 = names(self.data)
            .unwrap_or_default()
            .iter()
            .map(|name| self.data.join(name))
            .filter(|path| !self.leaves_out(path))
            .map(|path| size(&path))
            .sum();
        let of_database: u64 = self
            .file
            .into_iter()
            .flat_map(files_of)
            .map(|file| size(&file))
            .sum();
        let needed = of_data + of_database;
        let explained = self.hands.to.work(|| Ok(no_space(folder, needed)));
        explained.unwrap_or_else(|error| error)
    }
}

/// Where a copy of a database is on its way to a backup that is another user's.
fn between(file: &Path) -> PathBuf {
    with_suffix(file, ".backup")
}
