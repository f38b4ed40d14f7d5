//! Invitations as administrators see them.

pub mod cancel;
pub mod list;
pub mod new;
pub mod show;
pub mod status;
