//! The files of keys as a start finds them: for their owner alone, and encrypted as they are now.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use enroll_server_ca::authorities::folder::FOLDER as AUTHORITY;
use enroll_server_ca::error::CaError;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_files::{FileError, at, is_there, keep_private};

/// The folders of a data folder that have secrets in them.
const FOLDERS: [&str; 3] = [AUTHORITY, "secrets", "tls"];

/// Takes the rights of others away from the data folder and from what is secret in it. Blocks.
///
/// # Errors
/// If a file with a secret stays readable.
pub(crate) fn keep_all_private(data: &Path) -> Result<(), CaError> {
    let mut folders = vec![data.to_owned()];
    for name in FOLDERS {
        let folder = data.join(name);
        for path in files(&folder)? {
            // The root's key may be offline: a link that leads nowhere now.
            let is_offline = !path.exists();
            if !is_offline
                && (is_key(&path) || path.ends_with("secrets/passphrase"))
                && keep_private(&path)?
            {
                say_mended(&path);
            }
        }
        if is_there(&folder)? {
            folders.push(folder);
        }
    }
    for folder in folders {
        match keep_private(&folder) {
            Ok(false) => {}
            Ok(true) => say_mended(&folder),
            // It may be a volume of somebody else's; the files in it are for their owner alone.
            Err(error) => tracing::warn!(%error, "others on this machine can look into the folder"),
        }
    }
    Ok(())
}

fn say_mended(path: &Path) {
    tracing::warn!(
        path = %path.display(),
        "others on this machine could read it; it is for its owner alone from now on. If somebody may have read it, treat the keys as known to them"
    );
}

/// Encrypts the key files of earlier versions as they are now. What cannot be written is used as it is. Blocks.
pub(crate) fn encrypt_as_now(data: &Path, passphrase: &Passphrase) -> Result<(), CaError> {
    for folder in [AUTHORITY, "tls"] {
        for path in files(&data.join(folder))?.filter(|path| is_key(path) && path.exists()) {
            match FileKey::encrypt_as_now(&path, passphrase) {
                Ok(false) => {}
                Ok(true) => {
                    tracing::info!(path = %path.display(), "the key is encrypted with PBKDF2 now, so that openssl opens it");
                }
                // Where it matters, whoever needs the key says so.
                Err(error) => {
                    tracing::warn!(%error, "the key file stays as it is")
                }
            }
        }
    }
    Ok(())
}

fn is_key(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "key")
}

/// The files of a folder; none if it is not there.
fn files(folder: &Path) -> Result<impl Iterator<Item = PathBuf>, FileError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        entries => entries
            .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
            .map_err(at(folder))?,
    };
    Ok(entries.into_iter().map(|entry| entry.path()))
}
