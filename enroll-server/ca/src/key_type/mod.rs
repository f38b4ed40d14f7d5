//! The types of keys that are certified and that authorities have. All that differs between them is here: a file a
//! family, and one [table](table).

mod ec;
pub mod error;
pub(crate) mod operations;
mod rsa;
mod rsa_check;
pub(crate) mod table;
