//! A look at a card that changes nothing and needs no right to: no file is made, locked or taken over.

use std::path::Path;

use super::card_state::CardState;
use super::error::StateError;
use super::folder;
use super::format::Content;
use super::store::{Tries, read, read_counters};

/// A card as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// All but its tries.
    pub state: CardState,
    /// The tries left.
    pub tries: Tries,
}

impl Snapshot {
    /// Reads the card in `folder`.
    ///
    /// # Errors
    /// [`StateError::NoCard`] where there never was one, [`StateError::CardIsGone`] where its file is gone, and others
    /// where a file cannot be read or is damaged.
    pub fn read(folder: &Path) -> Result<Self, StateError> {
        if folder::is_without_card(folder)? {
            return Err(StateError::NoCard(folder.to_owned()));
        }
        folder::check(folder)?;
        let (state, counters) = match read(folder)? {
            Some((Content::Current(state), _)) => {
                let counters = read_counters(folder, &state)?;
                (state, counters)
            }
            Some((Content::Earlier(state, counters), _)) => (state, counters),
            None => return Err(folder::card_is_gone(folder)?),
        };
        let tries = Tries::of(&counters, &state);
        Ok(Self { state, tries })
    }
}
