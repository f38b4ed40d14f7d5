//! Settings that are secrets. Each is a value of the environment, a file that an option or the environment names, or a
//! credential of systemd's; one of them, so that nobody is mistaken about which is in use.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use enroll_server_service::secret_file::{FileError, is_there, read_secret};

/// A setting that is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What it is, in words.
    pub words: &'static str,
    /// How its value is given.
    pub value: &'static str,
    /// How a file with it is given.
    pub file: &'static str,
    /// Its name among systemd's credentials.
    pub credential: &'static str,
}

/// The database's URL, which may have a password in it.
pub const DATABASE: Secret = Secret {
    words: "the database",
    value: "--database (TAPCARD_DATABASE)",
    file: "--database-file (TAPCARD_DATABASE_FILE)",
    credential: "tapcard.database",
};

/// What the authorities' keys are encrypted under.
pub const CA_PASSPHRASE: Secret = Secret {
    words: "the passphrase of the keys",
    value: "TAPCARD_CA_PASSPHRASE",
    file: "--ca-passphrase-file (TAPCARD_CA_PASSPHRASE_FILE)",
    credential: "tapcard.ca-passphrase",
};

/// What the server signs in with at the mail server.
pub const MAIL_PASSWORD: Secret = Secret {
    words: "the password of the mail server",
    value: "TAPCARD_MAIL_PASSWORD",
    file: "--mail-password-file (TAPCARD_MAIL_PASSWORD_FILE)",
    credential: "tapcard.mail-password",
};

/// Why a secret is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is given twice.
    #[error("{words} is given twice, by {first} and by {second}: leave one of them out")]
    Twice {
        /// What it is.
        words: &'static str,
        /// One way.
        first: String,
        /// The other.
        second: String,
    },
    /// Its file cannot be read, or others can read it too.
    #[error("{words} is to be read from a file: {source}")]
    File {
        /// What it is.
        words: &'static str,
        /// Why not.
        source: FileError,
    },
    /// Its file is empty.
    #[error("{}: the file is empty, and {words} should be in it", path.display())]
    Empty {
        /// What it is.
        words: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// It is not text.
    #[error("{place} is not UTF-8, and {words} must be text")]
    NotText {
        /// What it is.
        words: &'static str,
        /// Where it is.
        place: String,
    },
}

impl Secret {
    /// The secret, given as a value, by a file or as a credential in systemd's folder for this process
    /// ([`credentials_folder`]); none where nobody gives it.
    ///
    /// # Errors
    /// If it is given twice, or a file with it cannot be used.
    pub fn find(
        self,
        value: Option<Zeroizing<String>>,
        file: Option<&Path>,
        credentials: Option<&Path>,
    ) -> Result<Option<Zeroizing<String>>, SecretError> {
        let credential = self.credential(credentials)?;
        let ways = [
            value.is_some().then(|| self.value.to_owned()),
            file.is_some().then(|| self.file.to_owned()),
            credential
                .as_ref()
                .map(|path| format!("the credential {}", path.display())),
        ];
        let mut ways = ways.into_iter().flatten();
        if let (Some(first), Some(second)) = (ways.next(), ways.next()) {
            let words = self.words;
            return Err(SecretError::Twice {
                words,
                first,
                second,
            });
        }
        match file.or(credential.as_deref()) {
            Some(path) => self.read(path).map(Some),
            None => Ok(value),
        }
    }

    /// Its credential's file, if there is one.
    fn credential(self, folder: Option<&Path>) -> Result<Option<PathBuf>, SecretError> {
        let Some(folder) = folder else {
            return Ok(None);
        };
        let path = folder.join(self.credential);
        Ok(is_there(&path).map_err(self.failed())?.then_some(path))
    }

    /// What a file holds. The end of its line is not a part of it.
    fn read(self, path: &Path) -> Result<Zeroizing<String>, SecretError> {
        let bytes = read_secret(path).map_err(self.failed())?;
        let text = std::str::from_utf8(&bytes).map_err(|_| self.not_text(path.display()))?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            let (words, path) = (self.words, path.to_owned());
            return Err(SecretError::Empty { words, path });
        }
        Ok(Zeroizing::new(line.to_owned()))
    }

    /// That what a place has is not text.
    pub(crate) fn not_text(self, place: impl std::fmt::Display) -> SecretError {
        SecretError::NotText {
            words: self.words,
            place: place.to_string(),
        }
    }

    fn failed(self) -> impl FnOnce(FileError) -> SecretError {
        move |source| SecretError::File {
            words: self.words,
            source,
        }
    }
}

/// Where systemd has put the credentials of this process (systemd.exec(5), `LoadCredential=`), if it has.
#[must_use]
pub fn credentials_folder() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn write(path: &Path, bytes: &[u8]) {
        fs::write(path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_secret_is_what_its_file_has_without_the_end_of_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (bytes, text) in [
            (&b"a secret"[..], "a secret"),
            (b"a secret\n", "a secret"),
            (b"a secret\r\n", "a secret"),
            (b"a secret\n\n", "a secret\n"),
            (b" a secret ", " a secret "),
        ] {
            write(&path, bytes);
            let found = DATABASE.find(None, Some(&path), None).unwrap();
            assert_eq!(found.unwrap().as_str(), text);
        }
        for (bytes, why) in [
            (&b""[..], "the file is empty"),
            (b"\n", "the file is empty"),
            (b"\xff", "is not UTF-8"),
        ] {
            write(&path, bytes);
            let refused = DATABASE.find(None, Some(&path), None).unwrap_err();
            let said = refused.to_string();
            assert!(
                said.contains(why) && said.contains("the database"),
                "{said}"
            );
            assert!(said.contains(path.to_str().unwrap()), "{said}");
        }
        fs::remove_file(&path).unwrap();
        let refused = DATABASE.find(None, Some(&path), None).unwrap_err();
        assert!(refused.to_string().contains("No such file"), "{refused}");
    }

    #[test]
    fn a_secret_is_given_in_one_way() {
        let folder = tempfile::tempdir().unwrap();
        let (file, credentials) = (folder.path().join("file"), folder.path());
        write(&file, b"by file");
        let value = || Some(Zeroizing::new("by value".to_owned()));
        let find = |value, file, credentials| CA_PASSPHRASE.find(value, file, credentials);
        assert!(find(None, None, None).unwrap().is_none());
        assert!(find(None, None, Some(credentials)).unwrap().is_none());
        let found = find(value(), None, Some(credentials)).unwrap();
        assert_eq!(found.unwrap().as_str(), "by value");
        let said = |refused: Result<_, SecretError>| refused.unwrap_err().to_string();
        let twice = said(find(value(), Some(&file), None));
        assert!(twice.contains(CA_PASSPHRASE.value), "{twice}");
        assert!(twice.contains(CA_PASSPHRASE.file), "{twice}");
        write(&credentials.join(CA_PASSPHRASE.credential), b"by systemd\n");
        let found = find(None, None, Some(credentials)).unwrap();
        assert_eq!(found.unwrap().as_str(), "by systemd");
        for twice in [
            said(find(value(), None, Some(credentials))),
            said(find(None, Some(&file), Some(credentials))),
        ] {
            assert!(twice.contains("the credential "), "{twice}");
            assert!(!twice.contains("by value"), "{twice}");
        }
    }
}
