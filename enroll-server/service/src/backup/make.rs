//! Making a backup, while the server runs or not.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use enroll_server_ca::authorities::folder;
use enroll_server_files::{at, create_folder, sync};
use enroll_server_model::Timestamp;
use enroll_server_store::Store;

use super::copy::{Copying, above, names, remove, size};
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
/// fails, nothing is.
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
    let (data, to) = (real(&from.data), real(to));
    check_apart(&to, &data)?;
    if !names(&to)?.is_empty() {
        return Err(BackupError::NotEmpty(to));
    }
    let file = Store::file_of(&from.database)?.map(|file| real(&file));
    let part = with_suffix(&to, ".part");
    remove(&part)?;
    let whole = Whole {
        data: &data,
        database: &from.database,
        file: file.as_deref(),
        secrets,
        now,
    };
    let made = match whole.copy(&part, &mut done).await {
        // A folder that was there is empty, and gives way.
        Ok(()) => fs::rename(&part, &to)
            .map_err(at(&to))
            .and_then(|()| sync(above(&to)))
            .map_err(BackupError::from),
        failed => failed,
    };
    match made {
        Err(error) => {
            remove(&part)?;
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
}

impl Whole<'_> {
    async fn copy(&self, part: &Path, done: &mut impl FnMut(Step)) -> Result<()> {
        create_folder(part)?;
        fs::set_permissions(part, Permissions::from_mode(0o700)).map_err(at(part))?;
        moment::write(part, self.now)?;
        // The folder first: what it knows of the newest CRL is then never ahead of the database.
        let left_out = |path: &Path| self.leaves_out(path);
        let mut copying = Copying::new(self.data, part, &left_out);
        copying.contents(self.data, part, &mut |name| {
            done(Step::Copied(name.to_owned()));
        })?;
        for path in copying.not_there {
            done(Step::NotThere(path));
        }
        for name in keys::damaged(&authority(part))? {
            done(Step::Damaged(authority(self.data).join(name)));
        }
        if self.file.is_some() {
            let copy = part.join(DATABASE);
            Store::copy_sqlite(self.database, &copy).await?;
            sync(&copy)?;
            done(Step::Database(database::check(&copy).await?.events));
        } else {
            done(Step::DatabaseLeft);
        }
        Ok(sync(part)?)
    }

    fn leaves_out(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_left = self.secrets == Secrets::Left && path == self.data.join(SECRETS);
        is_left || is_passing(&name) || self.file.is_some_and(|file| is_of(file, path))
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
        no_space(folder, of_data + of_database)
    }
}
