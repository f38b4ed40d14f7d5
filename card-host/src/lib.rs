//! The host's side of a card, for whatever sends PINs to one: the cards that this user has met ([`known_cards`]), and the way
//! of a PIN to a card ([`pin_route`]).
//!
//! Called by `pkcs11-module` and `cli`, so that both send a PIN by one rule, but that `cli` meets no card over contacts; calls `card-edge` for every command. Knows no
//! reader: whoever calls has the way to the card.
#![forbid(unsafe_code)]

mod host_key;
pub mod identity;
pub mod known_cards;
pub mod pin_route;
pub mod private_folder;
mod proof;
pub mod selection;
pub mod user_folder;

pub use host_key::HostKey;
pub use identity::Identity;
pub use known_cards::{CardKey, KnownCards, Meeting};
pub use pin_route::{PinRoute, RouteError, SendError, Source};
pub use proof::{Proved, proved_key};
pub use selection::{Selected, is_over_contacts, select};
