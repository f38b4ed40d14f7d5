//! The PKCS#11 module libtapcard_pkcs11: any PIV card in a PC/SC reader as a PKCS#11 token.
//!
//! A call goes `ffi` -> [`module`], [`slot`] and [`session`] -> [`operation`] -> [`token`] -> [`card`] (sequences of
//! commands) -> `card_edge::piv::client` -> [`pcsc`], and straight back. Only `ffi`, `secret_memory`, and `thread` and `platform` where they speak to
//! the system, have unsafe code; `ffi` checks every pointer, catches every panic and calls the safe function behind.

pub mod announce;
pub mod ber;
pub mod cache;
pub mod card;
pub mod config;
pub mod end;
pub mod error;
pub mod ffi;
pub mod hash;
pub mod log;
pub mod logins;
pub mod management_key;
pub mod mechanism;
pub mod module;
pub mod note;
pub mod object;
pub mod operation;
pub mod pcsc;
pub mod pin;
pub mod platform;
pub mod public_key;
pub mod remembered;
pub mod secret_memory;
pub mod session;
pub mod settings;
pub mod slot;
pub mod tap;
pub mod thread;
pub mod token;
