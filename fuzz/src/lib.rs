//! The bodies of the fuzz targets.
#![forbid(unsafe_code)]

pub mod authority;
pub mod card;
pub mod protocol;
pub mod targets;
pub mod token;
