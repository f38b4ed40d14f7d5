//! PINs and PUKs that are given beforehand: in a file that an option names, in `NAME` of the environment, or in the file that
//! `NAME_FILE` there names. Each is judged by its form at once, before anything goes to a card.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use card_edge::piv::pin::PinError;
use card_edge::piv::{Pin, Puk};
use thiserror::Error;
use zeroize::Zeroizing;

/// The most bytes that are read of a secret's file: no PIN is as long.
const TEXT_MAX: u64 = 1024;
/// The fewest characters of a PUK. SP 800-73-5 (part 1, 5.1) says 8 bytes; tools also write 6 or 7, padded to 8.
const PUK_MIN: usize = 6;

/// A secret by its name in the environment, and by its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The variable that holds it.
    pub variable: &'static str,
    /// The variable that names a file which holds it.
    pub file_variable: &'static str,
    /// The option that names such a file.
    pub option: &'static str,
    /// What people call it.
    pub words: &'static str,
}

/// The PIN that the card has.
pub const PIN: Secret = Secret {
    variable: "TAPCARD_PIN",
    file_variable: "TAPCARD_PIN_FILE",
    option: "--pin-file",
    words: "PIN",
};

/// The PIN that it gets.
pub const NEW_PIN: Secret = Secret {
    variable: "TAPCARD_NEW_PIN",
    file_variable: "TAPCARD_NEW_PIN_FILE",
    option: "--new-pin-file",
    words: "new PIN",
};

/// The PUK.
pub const PUK: Secret = Secret {
    variable: "TAPCARD_PUK",
    file_variable: "TAPCARD_PUK_FILE",
    option: "--puk-file",
    words: "PUK",
};

/// Why a secret that was given cannot be used. Never carries the secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// Its file cannot be read.
    #[error("cannot read the {words} from {}: {source}", path.display())]
    File {
        /// What it was to hold.
        words: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Two variables give it.
    #[error("{0} and {1} are both set: set one of them")]
    Twice(&'static str, &'static str),
    /// It is not what a PIN or PUK can be.
    #[error("this cannot be the {words}: {reason}. Nothing was sent to the card")]
    Malformed {
        /// What it was given as.
        words: &'static str,
        /// Why.
        reason: FormError,
    },
    /// Nobody gave it, and nobody is there to be asked.
    #[error(
        "no {} was given: name a file with {}, set {} or {}, or run this in a terminal to be asked",
        .0.words, .0.option, .0.variable, .0.file_variable
    )]
    NotGiven(Secret),
}

/// What is wrong with the form of a PIN or PUK.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FormError {
    /// Of a PIN.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// Of a PUK.
    #[error("a PUK has 8 characters (some tools set 6 or 7)")]
    Puk,
}

/// A PIN by its digits.
///
/// # Errors
/// [`FormError::Pin`] where there are not 6 to 8, or others than digits.
pub fn read_pin(text: &[u8]) -> Result<Pin, FormError> {
    Ok(Pin::new(text)?)
}

/// A PUK by its characters.
///
/// # Errors
/// [`FormError::Puk`] where there are fewer than 6 or more than 8 bytes.
pub fn read_puk(text: &[u8]) -> Result<Puk, FormError> {
    if text.len() < PUK_MIN {
        return Err(FormError::Puk);
    }
    Puk::new(text).map_err(|_| FormError::Puk)
}

/// The PIN that is given, if one is.
///
/// # Errors
/// [`SecretError`] where it cannot be read or is not a PIN.
pub fn pin(secret: Secret, file: Option<&Path>) -> Result<Option<Pin>, SecretError> {
    given(secret, file)?
        .map(|text| read_pin(&text))
        .transpose()
        .map_err(|reason| malformed(secret, reason))
}

/// The PUK that is given, if one is.
///
/// # Errors
/// [`SecretError`] where it cannot be read or is not a PUK.
pub fn puk(secret: Secret, file: Option<&Path>) -> Result<Option<Puk>, SecretError> {
    given(secret, file)?
        .map(|text| read_puk(&text))
        .transpose()
        .map_err(|reason| malformed(secret, reason))
}

fn malformed(secret: Secret, reason: FormError) -> SecretError {
    SecretError::Malformed {
        words: secret.words,
        reason,
    }
}

fn given(secret: Secret, file: Option<&Path>) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
    from(
        secret,
        file,
        std::env::var_os(secret.variable),
        std::env::var_os(secret.file_variable),
    )
}

/// The option goes before the environment.
fn from(
    secret: Secret,
    option: Option<&Path>,
    variable: Option<OsString>,
    file_variable: Option<OsString>,
) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
    let variable = variable.map(|value| Zeroizing::new(value.into_encoded_bytes()));
    match (option, variable, file_variable) {
        (Some(path), _, _) => from_file(secret, path).map(Some),
        (None, Some(_), Some(_)) => Err(SecretError::Twice(secret.variable, secret.file_variable)),
        (None, Some(value), None) => Ok(Some(value)),
        (None, None, Some(path)) => from_file(secret, Path::new(&path)).map(Some),
        (None, None, None) => Ok(None),
    }
}

/// What a file holds. A line end at its end is not a part of it.
fn from_file(secret: Secret, path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    // Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
    let mut value = Zeroizing::new(Vec::with_capacity(2048));
    File::open(path)
        .and_then(|file| file.take(TEXT_MAX).read_to_end(&mut value))
        .map_err(|source| SecretError::File {
            words: secret.words,
            path: path.to_owned(),
            source,
        })?;
    for end in [b'\n', b'\r'] {
        if value.last() == Some(&end) {
            value.pop();
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_goes_before_the_environment_which_must_be_clear() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pin");
        std::fs::write(&file, "739154\r\n").unwrap();
        let value = |option: Option<&Path>, variable: Option<&str>, named: Option<&Path>| {
            from(
                PIN,
                option,
                variable.map(Into::into),
                named.map(|path| path.as_os_str().to_owned()),
            )
            .map(|value| value.map(|value| value.to_vec()))
        };
        let digits = Some(b"739154".to_vec());
        assert_eq!(value(Some(&file), Some("1"), None).unwrap(), digits);
        assert_eq!(value(None, Some("739154"), None).unwrap(), digits);
        assert_eq!(value(None, None, Some(&file)).unwrap(), digits);
        assert_eq!(value(None, None, None).unwrap(), None);
        assert!(matches!(
            value(None, Some("739154"), Some(&file)),
            Err(SecretError::Twice(..))
        ));
        assert!(matches!(
            value(Some(&folder.path().join("none")), None, None),
            Err(SecretError::File { .. })
        ));
    }

    #[test]
    fn pins_and_puks_are_judged_by_their_form() {
        for (text, error) in [
            ("12345", PinError::PinLength),
            ("123456789", PinError::PinLength),
            ("12345a", PinError::PinDigits),
        ] {
            assert_eq!(read_pin(text.as_bytes()).unwrap_err(), error.into());
        }
        for text in ["12345", "123456789", ""] {
            assert_eq!(read_puk(text.as_bytes()).unwrap_err(), FormError::Puk);
        }
        assert!(read_puk(b"a puk 8!").is_ok() && read_puk(b"123456").is_ok());
    }

    #[test]
    fn no_message_carries_a_secret() {
        let error = malformed(PIN, read_pin(b"987654321").unwrap_err());
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("987654321"), "{shown}");
        }
    }
}
