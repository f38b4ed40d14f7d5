//! Why the state could not be read or changed.

use std::path::PathBuf;

use card_edge::tlv::TlvError;
use thiserror::Error;

use super::reference_data::HashError;
use super::sealing::SealingError;

/// Why the state could not be read or changed.
#[derive(Debug, Error)]
pub enum StateError {
    /// A file or folder could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what this program writes. It is left as it is.
    #[error(
        "the card's state in {} is damaged ({reason}); it is left as it is: restore it from a copy, or use another folder for a new card", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A change would have left a card that cannot be read. It is not made.
    #[error("the change was not made, it does not fit the card ({reason}): run it again")]
    Inconsistent {
        /// What is wrong with it.
        reason: String,
    },
    /// The file is of a later version of this program. It is left as it is.
    #[error(
        "the card's state in {} has format {found}, this program knows up to {known}: use a newer tapcard-phone", path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The latest that is known.
        known: u32,
    },
    /// No card is in the folder.
    #[error("there is no card in {}: `tapcard-phone run`, `enroll` or `card-edge` makes one", .0.display())]
    NoCard(PathBuf),
    /// There was a card in the folder, and its file is gone. Nothing is made in its place.
    #[error(
        "there was a card in {}: {trace} is there, and card.json is not; nothing was made in its place: restore card.json from a copy, or use another folder for a new card", folder.display()
    )]
    CardIsGone {
        /// The folder.
        folder: PathBuf,
        /// The file that tells.
        trace: &'static str,
    },
    /// Others than the owner could change the card.
    #[error(
        "others may write {}: they could change the card; it must be yours and writable by you alone (chmod go-w)", .0.display()
    )]
    OthersMayWrite(PathBuf),
    /// A link, a pipe or something else stands where a file must be.
    #[error("{} is not a file: links are not followed", .0.display())]
    NotAFile(PathBuf),
    /// Another process has the card in a reader.
    #[error("the card in {} is in a reader: a `tapcard-phone run` has it, end that first", .0.display())]
    Running(PathBuf),
    /// Another process is enrolling this card.
    #[error("another enrollment of the card in {} is running: wait for it to end", .0.display())]
    Enrolling(PathBuf),
    /// Another process has changed the card since what was proved was proved to it.
    #[error("another program has changed the card in {} meanwhile", .0.display())]
    ChangedMeanwhile(PathBuf),
    /// The system's random number generator failed.
    #[error("the system's random number generator failed: {0}")]
    Random(#[from] getrandom::Error),
    /// A PIN or PUK could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A key could not be encrypted or decrypted.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// An object could not be encoded.
    #[error("an object cannot be encoded: {0}")]
    Tlv(#[from] TlvError),
}

/// For `map_err`: what was tried, and on which file or folder.
pub(super) fn io(
    action: &'static str,
    path: &std::path::Path,
) -> impl FnOnce(std::io::Error) -> StateError {
    move |source| StateError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
