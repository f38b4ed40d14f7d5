//! Tokens of the API.

pub mod list;
pub mod new;
pub mod revoke;
pub mod show;
mod state;
