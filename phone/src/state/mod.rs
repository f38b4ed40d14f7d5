//! What the card remembers, and how it is kept on disk so that no kill at any moment loses or corrupts it.
//!
//! [`CardState`] is all but the retry counters, one value; [`Store`] changes both atomically in a folder that several
//! processes share, [`Snapshot`] only looks. Nothing here knows APDUs.

mod card_state;
mod check_in;
mod counters;
pub mod encoding;
mod enrollment;
mod error;
mod file;
mod folder;
mod format;
mod gids;
mod hash_cost;
mod key;
mod new_card;
mod pin_entry;
pub mod reference_data;
mod sealed_keys;
mod sealing;
mod secure_messaging;
mod snapshot;
mod store;
mod use_line;
mod use_log;

pub use card_state::CardState;
pub use check_in::CheckIn;
pub use counters::Counter;
pub use enrollment::{Enrollment, PendingEnrollment};
pub use error::StateError;
pub use gids::{DATA_FILES_MAX, DataFile, Gids, GidsKey, KeyFile, OBJECTS_OF_FILE_MAX, Stage};
pub use key::{KeptHandle, KeyRecord, Origin};
pub use new_card::{GLOBAL_PIN_TRIES, NEW_CARD_PIN_TRIES, NEW_CARD_PUK_TRIES};
pub use pin_entry::PinEntry;
pub use sealing::{OpeningKey, SealedHandle, SealingError, SealingKey};
pub use secure_messaging::{ContactlessPolicy, SecureMessaging};
pub use snapshot::Snapshot;
pub use store::{Enrolling, Running, Store, Tries, Try};
pub use use_log::{LoggedUse, read as read_uses};
