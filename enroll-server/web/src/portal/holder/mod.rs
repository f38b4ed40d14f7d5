//! Holders: the people whose phones are enrolled.

pub mod edit;
pub mod let_go;
pub mod list;
pub mod remove;
pub mod show;
pub mod suspend;
