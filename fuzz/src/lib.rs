//! The bodies of the fuzz targets.
#![deny(unsafe_code)]

pub mod authority;
pub mod c_api;
pub mod card;
pub mod protocol;
pub mod targets;
pub mod token;
