//! What hosts keep in the files of a GIDS card: the logical file system of Windows' inbox minidriver. The card has no part
//! in it but where its keys come with it from PIV, and it must show them as a host would have written them.
//!
//! All numbers are little-endian, since they are the memory of a program.

pub mod certificate;
pub mod container_map;
pub mod freshness;
pub mod key_map;
pub mod layout;
pub mod master_file;

use thiserror::Error;

/// Why bytes are not what a host keeps in this file.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FileError {
    /// Another length than its records make.
    #[error("{0} bytes are not a whole number of records")]
    Length(usize),
    /// A version that is not known.
    #[error("version {0} is not known")]
    Version(u8),
    /// A name that is too long, or not text.
    #[error("a name is malformed")]
    Name,
    /// A certificate that is too long, or does not inflate to what it says.
    #[error("a certificate is malformed")]
    Certificate,
}
