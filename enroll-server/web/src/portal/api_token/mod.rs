//! Tokens of the API, and the page about the API.

pub mod document;
pub mod list;
pub mod new;
pub mod revoke;
mod schema;
pub mod show;
mod state;
