//! As whom a command works on an installation.

use std::path::Path;

use enroll_server_files::User;
use enroll_server_store::Store;

use crate::start_error::StartError;

/// Whether what follows is root's once more where it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// Never.
    None,
    /// A backup is in a folder that may be root's.
    ForBackup,
}

/// Has root work as the owner of the data, or of the database where that alone is somebody else's, in this thread and in
/// those that it starts. Whoever owns a folder can put links in the way of what is done there, and have root do it elsewhere.
///
/// To be called before there is another thread.
///
/// # Errors
/// If it cannot be seen whose they are, or the operating system does not let root become that user.
pub fn work_as_owner(data: &Path, database: &str, way_back: WayBack) -> Result<(), StartError> {
    let mut user = User::of(data)?;
    if user.is_root()
        // Whoever opens the database says what is wrong with its address.
        && let Ok(Some(file)) = Store::file_of(database)
    {
        user = User::of(&file)?;
    }
    match way_back {
        WayBack::None => user.begin_for_good()?,
        WayBack::ForBackup => user.begin()?,
    }
    Ok(())
}
