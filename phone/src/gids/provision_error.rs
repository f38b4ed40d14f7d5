//! Why a card cannot be made another one.

use card_edge::gids::file_system::FileError;
use thiserror::Error;

use crate::state::reference_data::HashError;
use crate::state::{SealingError, StateError};

/// Why the card cannot be a GIDS card, or a PIV card again.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// A file of a host cannot be read, so nothing can be added to it.
    #[error("a file of the GIDS card is not as hosts write it ({0})")]
    File(#[from] FileError),
    /// A blank card has nothing on it.
    #[error("the card has keys: it cannot be a blank GIDS card")]
    NotBlank,
    /// All places for keys are taken.
    #[error("the GIDS card has no place for another key")]
    Full,
    /// Going back would lose keys.
    #[error(
        "{0} of the card's keys are known to GIDS alone, and would be lost: delete their containers first"
    )]
    OwnKeys(usize),
    /// Something that a host has written would be lost.
    #[error(
        "hosts have written {} to the GIDS card, which would be lost: --forget-files lets go of it",
        files(*.0)
    )]
    HostFiles(usize),
    /// Nobody could give the PIN to a PIV card.
    #[error("the card's PIN is not one of PIV: change it to one of 6 to 8 digits first")]
    PinNotOfPiv,
    /// A key could not be decrypted.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<HashError> for ProvisionError {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

fn files(number: usize) -> String {
    match number {
        1 => "one file".to_owned(),
        _ => format!("{number} files"),
    }
}
