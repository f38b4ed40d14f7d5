//! Phones that were enrolled.

pub mod list;
pub mod rename;
pub mod replace;
pub mod revoke;
pub mod row;
mod said;
pub mod show;
pub mod suspend;
pub mod unblocking;
