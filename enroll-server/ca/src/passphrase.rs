//! What the key files are encrypted under.

use std::io::ErrorKind;
use std::path::Path;

use data_encoding::BASE32_NOPAD;
use enroll_server_files::{FileError, SHORT, create_folder, read, write_new};
use enroll_server_model::random;
use zeroize::Zeroizing;

use crate::error::{CaError, Result};

/// Fewest characters of a passphrase, without spaces at its ends.
pub const SHORTEST: usize = 12;

/// A passphrase. Wipes itself and does not show itself.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// A passphrase that somebody chose.
    ///
    /// # Errors
    /// [`CaError::ShortPassphrase`] if it has fewer characters than [`SHORTEST`].
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self> {
        let text = text.into();
        match characters(&text) {
            found if found < SHORTEST => Err(CaError::ShortPassphrase {
                found,
                shortest: SHORTEST,
            }),
            _ => Ok(Self(text)),
        }
    }

    /// The passphrase in a file.
    ///
    /// # Errors
    /// If the file cannot be read; [`CaError::NoPassphrase`], [`CaError::ShortPassphraseFile`].
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read(path, SHORT).map_err(|error| match error.kind() {
            ErrorKind::NotFound => CaError::NoPassphrase {
                path: path.to_owned(),
            },
            _ => error.into(),
        })?;
        let not_text = |_| FileError::new(path, ErrorKind::InvalidData.into());
        let text = Zeroizing::new(String::from_utf8(bytes).map_err(not_text)?);
        let line = Zeroizing::new(text.trim_end().to_owned());
        match characters(&line) {
            found if found < SHORTEST => Err(CaError::ShortPassphraseFile {
                path: path.to_owned(),
                found,
                shortest: SHORTEST,
            }),
            _ => Ok(Self(line)),
        }
    }

    /// The passphrase in a file, which is made with a random one (160 bits) if it does not exist.
    ///
    /// # Errors
    /// As [`Passphrase::read`], and if the file cannot be written.
    pub fn read_or_create(path: &Path) -> Result<Self> {
        // A link to nowhere says where the passphrase is to be: none is made in its place.
        if path.symlink_metadata().is_ok() {
            return Self::read(path);
        }
        let bytes = Zeroizing::new(random::bytes::<20>()?);
        let text = Zeroizing::new(BASE32_NOPAD.encode(&*bytes));
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let line = Zeroizing::new(format!("{}\n", *text));
        write_new(path, line.as_bytes(), 0o600)?;
        Ok(Self(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

fn characters(text: &str) -> usize {
    text.trim().chars().count()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_passphrase_file_is_made_once_and_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets/passphrase");
        let first = Passphrase::read_or_create(&path).unwrap();
        let second = Passphrase::read_or_create(&path).unwrap();
        assert_eq!(*first.0, *second.0);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn without_its_file_the_error_says_what_to_do_and_none_is_made_in_place_of_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        let gone = Passphrase::read(&path).unwrap_err().to_string();
        std::os::unix::fs::symlink("/nowhere/passphrase", &path).unwrap();
        let dangling = Passphrase::read_or_create(&path).unwrap_err().to_string();
        for said in [gone, dangling] {
            assert!(said.contains("TAPCARD_CA_PASSPHRASE"), "{said}");
            assert!(said.contains("backup"), "{said}");
            assert!(!said.contains("os error"), "{said}");
        }
        assert!(path.is_symlink());
    }

    #[test]
    fn an_empty_or_short_passphrase_is_refused_wherever_it_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        for text in ["", "\n", "            ", "eleven char"] {
            fs::write(&path, text).unwrap();
            for refused in [Passphrase::read(&path), Passphrase::read_or_create(&path)] {
                let error = refused.unwrap_err();
                assert!(matches!(error, CaError::ShortPassphraseFile { .. }));
                let said = error.to_string();
                assert!(said.contains("backup"), "what to do: {said}");
                assert!(said.contains("at least 12"), "{said}");
            }
            let refused = Passphrase::new(text.to_owned());
            assert!(matches!(refused, Err(CaError::ShortPassphrase { .. })));
        }
        Passphrase::new("twelve chars".to_owned()).unwrap();
    }
}
