//! Invitations as administrators see them.

pub mod cancel;
mod link_cookie;
pub mod list;
pub mod new;
pub mod show;
pub mod status;
