//! The bodies of the fuzz targets.
#![forbid(unsafe_code)]

pub mod card;
pub mod protocol;
pub mod targets;
