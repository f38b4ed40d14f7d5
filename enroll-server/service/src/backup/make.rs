//! Making a backup, while the server runs or not.

use std::fs;
use std::path::Path;

use enroll_server_ca::authorities::folder;
use enroll_server_files::{at, create_folder, finish_folder, make_folder, sync};
use enroll_server_model::Timestamp;
use enroll_server_store::Store;

use super::copy::{Copying, above, names, remove, size};
use super::error::{BackupError, Result};
use super::handing::Handing;
use super::place::{
    DATABASE, Installation, SECRETS, Secrets, authority, check_apart, files_of, is_of, is_passing,
    is_there, with_suffix,
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
    let given = Store::file_of(&from.database)?;
    let file = given.as_deref().map(real);
    create_folder(above(&to))?;
    let handing = Handing::new(&from.data, above(&to))?;
    let of_database = match &given {
        Some(file) => handing_of(file, above(&to))?,
        None => handing,
    };
    let part = with_suffix(&to, ".part");
    remove(&part)?;
    let whole = Whole {
        data: &data,
        database: &from.database,
        file: file.as_deref(),
        secrets,
        now,
        handing,
        of_database,
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

/// Whose the copy of a database becomes: its path may be a link too.
fn handing_of(file: &Path, to: &Path) -> Result<Handing> {
    let file = std::path::absolute(file).map_err(at(file))?;
    Ok(Handing::new(above(&file), to)?.inside(&file))
}

/// What is copied.
struct Whole<'a> {
    data: &'a Path,
    database: &'a str,
    file: Option<&'a Path>,
    secrets: Secrets,
    now: Timestamp,
    handing: Handing,
    of_database: Handing,
}

impl Whole<'_> {
    async fn copy(&self, part: &Path, done: &mut impl FnMut(Step)) -> Result<()> {
        make_folder(part)?;
        moment::write(part, self.now)?;
        let owner = self.handing.to();
        if let Some(owner) = owner {
            owner.give_at(&part.join(moment::FILE))?;
        }
        // The folder first: what it knows of the newest CRL is then never ahead of the database.
        let left_out = |path: &Path| self.leaves_out(path);
        let mut copying = Copying::new(self.data, part, self.handing, &left_out);
        copying.contents(self.data, part, &mut |name| {
            done(Step::Copied(name.to_owned()));
        })?;
        for path in copying.not_there {
            done(Step::NotThere(path));
        }
        for name in keys::damaged(&authority(part))? {
            done(Step::Damaged(authority(self.data).join(name)));
        }
        if let Some(file) = self.file {
            let copy = part.join(DATABASE);
            Store::copy_sqlite(self.database, &copy).await?;
            let checked = database::check(&copy).await?;
            let source = fs::metadata(file).map_err(at(file))?;
            if let (_, Some(owner)) = self.of_database.of(&source) {
                for made in files_of(&copy).filter(|file| is_there(file)) {
                    owner.give_at(&made)?;
                }
            }
            sync(&copy)?;
            done(Step::Database(checked.events));
        } else {
            done(Step::DatabaseLeft);
        }
        Ok(finish_folder(part, 0o700, owner.as_ref())?)
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
