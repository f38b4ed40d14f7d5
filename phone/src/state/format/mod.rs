//! The formats of the card's file. A card of an earlier format is taken over step by step; one of a later format is
//! refused and left as it is.

mod step_1_to_2;

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::card_state::CardState;
use super::counters::Counters;
use super::error::StateError;
use super::gids::Gids;

/// The earliest format of today's kind: `{ "format": 2, "card": { ... } }`, retry counters in a file of their own. Later ones
/// have members more ([`CardState::format`]).
const FIRST: u32 = 2;

/// The latest.
const LATEST: u32 = 8;

/// What a card's file holds.
pub(super) enum Content {
    /// A card of today's format.
    Current(CardState),
    /// A card of an earlier format, as it is in today's: it must be written before it is changed.
    Earlier(CardState, Counters),
}

#[derive(Serialize)]
struct FileOut<'a> {
    format: u32,
    card: &'a CardState,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIn<T> {
    #[serde(rename = "format")]
    _format: u32,
    card: T,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// Reads the file's bytes; `path` is for errors.
pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<Content, StateError> {
    let damaged = |reason: String| StateError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let malformed = |error: serde_json::Error| damaged(error.to_string());
    let FormatOnly { format } = serde_json::from_slice(bytes).map_err(malformed)?;
    match format {
        0 => Err(damaged("there is no format 0".to_owned())),
        1 => {
            let FileIn { card, .. } = serde_json::from_slice(bytes).map_err(malformed)?;
            let (card, counters) = step_1_to_2::step(card).map_err(damaged)?;
            card.check().map_err(damaged)?;
            Ok(Content::Earlier(card, counters))
        }
        FIRST..=LATEST => {
            let FileIn::<CardState> { card, .. } =
                serde_json::from_slice(bytes).map_err(malformed)?;
            card.check().map_err(damaged)?;
            Ok(Content::Current(card))
        }
        found => Err(StateError::NewerFormat {
            path: path.to_owned(),
            found,
            known: LATEST,
        }),
    }
}

/// The file's bytes.
pub(super) fn encode(path: &Path, card: &CardState) -> Result<Zeroizing<Vec<u8>>, StateError> {
    // Room for everything at once: a buffer that grows leaves copies behind that nobody wipes.
    let objects: usize = card.objects.values().map(|bytes| bytes.0.len() * 2).sum();
    let gids = card.gids.as_ref().map_or(0, Gids::written_size);
    let mut out = Zeroizing::new(Vec::with_capacity(64 * 1024 + objects + gids));
    let file = FileOut {
        format: card.format(),
        card,
    };
    serde_json::to_writer_pretty(&mut *out, &file).map_err(|error| StateError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(out)
}
