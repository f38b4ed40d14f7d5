//! What the fuzz targets of the module's C API do with their bytes. Two programs share it: the targets themselves, and the
//! test of `pkcs11-module` that replays the corpus with the stable toolchain.
//!
//! Both are a C program that calls the module through its function lists, with a reader and a card in memory behind it.
//! [`program`] is the program that calls anything at all, [`hostile`] the card that answers anything at all.
#![allow(
    unsafe_code,
    reason = "the targets are the C program that calls the module"
)]

mod arguments;
mod card;
mod hostile;
mod input;
mod library;
mod memory;
mod program;
mod reader;
mod task;

pub use hostile::hostile_card;
pub use program::any_calls;

/// A target: its name, which is also its corpus' folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target that calls the C API.
pub const TARGETS: [Target; 2] = [("capi", any_calls), ("hostile_card", hostile_card)];
