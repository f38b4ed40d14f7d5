//! The GIDS card and its model.

mod bytes;
mod command;
mod cryptography;
mod driver;
mod files;
mod keys;
mod model;
mod rules;
mod script;
mod setup;

pub use driver::play;
pub use script::script;
