//! The card: which application answers, the PIV and the GIDS application, key stores, the state on disk, the links to a
//! reader, and the client of the enrollment protocol.
//!
//! The core ([`card`], [`application`], [`piv`], [`gids`], [`key_store`], [`consent`], [`state`]) takes bytes and gives bytes. It knows keys
//! only through the [`key_store::KeyStore`] trait and the way to a reader only as an [`interface::Interface`], so that
//! the same core runs behind another link with another key store.
#![forbid(unsafe_code)]

pub mod application;
pub mod card;
pub mod consent;
pub mod enrollment;
pub mod gids;
pub mod interface;
pub mod key_store;
mod key_use;
pub mod link;
mod open_keys;
mod padding;
pub mod piv;
pub mod present_pin;
mod refusal;
mod secret;
pub mod secure_messaging;
pub mod state;
pub mod x509;
