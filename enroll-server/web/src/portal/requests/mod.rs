//! What holders ask for: the list, what a request would change, and deciding about it.

pub mod decide;
pub mod difference;
pub mod list;
pub mod show;
