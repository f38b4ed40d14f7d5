//! What SQLite alone needs: the file, who may read it, and what each connection is told first.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use enroll_server_files::{Access, FileError, check_access};

use sqlx::any::AnyConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, Connection as _};

use crate::error::{Result, StoreError};
use crate::pool::Preparation;

/// What a connection that writes is told before it is used.
pub(crate) const WRITES: Preparation = &[
    BUSY,
    "PRAGMA journal_mode = WAL",
    // A certificate or a revocation that was answered for must survive a power cut.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA query_only = OFF",
];

/// The same of one that reads what another writes.
pub(crate) const READS: Preparation =
    &[BUSY, "PRAGMA journal_mode = WAL", "PRAGMA query_only = ON"];

/// The same of one that reads a file as it is: nothing is set in it.
pub(crate) const READS_ALONE: Preparation = &[BUSY, "PRAGMA query_only = ON"];

/// For how long a connection waits for the lock of another process, in milliseconds.
const BUSY: &str = "PRAGMA busy_timeout = 600";

/// The file that a URL names; none for a database in memory.
pub(crate) fn file(url: &str) -> Result<Option<PathBuf>> {
    if url.starts_with("sqlite::memory:") {
        return Ok(None);
    }
    let options = SqliteConnectOptions::from_str(url)?;
    Ok(Some(options.get_filename().to_owned()))
}

/// A URL that says how the file is opened.
pub(crate) fn with_mode(url: &str, mode: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}mode={mode}")
}

/// Makes the file of a database that its owner alone can read, unless it is there; SQLite gives the files beside it the
/// same mode.
pub(crate) fn create_for_owner(path: &Path) -> Result<()> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(FileError::new(path, error).into()),
        Ok(_) => Ok(()),
    }
}

/// Makes sure that whoever runs this may use a database, and what is beside it: SQLite would only say that it cannot open it.
pub(crate) fn check_usable(path: &Path, access: Access) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = OsString::from(path);
        name.push(suffix);
        match check_access(Path::new(&name), access) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if suffix.is_empty() {
                    return Err(StoreError::NotThere(path.to_owned()));
                }
                // Whoever closes the last connection takes what is beside it away.
            }
            checked => checked?,
        }
    }
    Ok(())
}

/// The URL of a file, without what would mean something else in a URL.
pub(crate) fn url_of(file: &Path) -> String {
    let path = file.display().to_string();
    let path = path
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    format!("sqlite:{path}")
}

/// Copies a database into a new file, as of one moment.
pub(crate) async fn copy(url: &str, to: &Path) -> Result<()> {
    let from = file(url)?.ok_or_else(|| StoreError::UnknownDatabase(String::new()))?;
    check_usable(&from, Access::READ_OK)?;
    create_for_owner(to)?;
    let options: AnyConnectOptions = with_mode(url, "ro").parse()?;
    let mut connection = AnyConnection::connect_with(&options).await?;
    sqlx::query(BUSY).execute(&mut connection).await?;
    sqlx::query("VACUUM INTO $1")
        .bind(to.display().to_string())
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}
