//! The ways between the card and a reader.

mod answer_to_reset;
pub mod nfc_model;
pub mod vpcd;
mod waiting_reader;

pub use answer_to_reset::answer_to_reset;
