//! Secrets that are given beforehand: `NAME` in the environment holds one, `NAME_FILE` names a file that does. Where the one
//! is asked for, so is the other.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// The most bytes of a secret that is given in a file: no PIN and no link is as long.
const TEXT_MAX: u64 = 8 * 1024;

/// Why a secret that was given is not there.
#[derive(Debug, Error)]
pub enum GivenSecretError {
    /// Its file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is given twice.
    #[error("{0} and {0}_FILE are both set: set one of them")]
    Twice(&'static str),
}

/// The secret that is given as `name`, if one is. A line end at its end is not a part of it.
pub(super) fn from_environment(
    name: &'static str,
) -> Result<Option<Zeroizing<Vec<u8>>>, GivenSecretError> {
    let file = std::env::var_os(format!("{name}_FILE"));
    match (std::env::var_os(name), file) {
        (Some(_), Some(_)) => Err(GivenSecretError::Twice(name)),
        (Some(value), None) => Ok(Some(Zeroizing::new(OsString::into_encoded_bytes(value)))),
        (None, Some(path)) => {
            let mut value = from_file(Path::new(&path))?;
            for end in [b'\n', b'\r'] {
                if value.last() == Some(&end) {
                    value.pop();
                }
            }
            Ok(Some(value))
        }
        (None, None) => Ok(None),
    }
}

/// What a file holds, up to the most that a secret can be; what is longer cannot be one.
pub(super) fn from_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, GivenSecretError> {
    File::open(path)
        .and_then(all_of)
        .map_err(|source| GivenSecretError::File {
            path: path.to_owned(),
            source,
        })
}

/// The same of another source.
pub(super) fn all_of(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
    let mut value = Zeroizing::new(Vec::with_capacity(8 * 1024 + 1));
    source.take(TEXT_MAX).read_to_end(&mut value)?;
    Ok(value)
}
