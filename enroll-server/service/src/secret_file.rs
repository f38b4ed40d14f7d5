//! Files with secrets that the operator has put somewhere, for the settings that name them.

pub use enroll_server_files::{FileError, is_there, read_secret};
