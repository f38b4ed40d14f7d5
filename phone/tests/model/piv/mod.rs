//! The PIV card and its model.

mod bytes;
mod command;
mod cryptography;
mod driver;
mod model;
mod rules;
mod script;
mod tables;

pub use driver::play;
pub use script::script;
