//! The authorities of an installation: a root, one that issues, and whatever others come by rollover or import. Each has
//! its own key, of its own algorithm.

pub mod authority;
pub mod create;
pub mod folder;
pub mod set;
