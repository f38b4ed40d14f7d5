//! Holders: the people whose phones are enrolled.

pub mod edit;
pub mod list;
pub mod remove;
pub mod show;
