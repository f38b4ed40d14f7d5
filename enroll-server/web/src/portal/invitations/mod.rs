//! Invitations as administrators see them.

pub mod cancel;
mod guests;
pub mod import;
pub mod list;
pub mod mail;
pub mod new;
pub mod show;
pub mod status;
