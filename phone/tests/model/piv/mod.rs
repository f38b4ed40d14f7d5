//! The PIV card and its model.

mod air;
mod bytes;
mod channel;
mod command;
mod cryptography;
mod driver;
mod host;
mod model;
mod pins;
mod rules;
mod script;
mod tables;

pub use driver::play;
pub use script::script;
