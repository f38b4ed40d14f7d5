//! Certificates.

mod decoded;
pub mod files;
pub mod list;
pub mod revoke;
pub mod row;
pub mod show;
