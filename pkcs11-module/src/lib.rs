//! The PKCS#11 module libtapcard_pkcs11: any PIV card in a PC/SC reader as a PKCS#11 token.
//!
//! A call goes `ffi` -> [`module`] and [`session`] -> [`token`] -> [`card`] (sequences of commands) ->
//! `card_edge::piv::client` -> [`reader`] (PC/SC), and straight back. Only `ffi` has unsafe code; it checks
//! every pointer, catches every panic and calls the safe function behind.

pub mod card;
pub mod error;
pub mod ffi;
pub mod hash;
pub mod log;
pub mod mechanism;
pub mod module;
pub mod object;
pub mod operation;
pub mod padding;
pub mod pin;
pub mod public_key;
pub mod reader;
pub mod session;
pub mod slot;
pub mod token;
