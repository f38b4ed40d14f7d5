//! Phones that were enrolled.

pub mod list;
pub mod revoke;
pub mod row;
pub mod show;
pub mod suspend;
