//! Files of the enrollment service: there whole or not at all, for their owner alone, and worked on as whoever's they are.
//! Knows nothing of what is in them.

#![forbid(unsafe_code)]

mod access;
mod error;
mod left_root;
mod read;
mod user;
mod write;

pub use access::{Access, check_access, is_there};
pub use error::{FileError, at};
pub use read::{LONG, SHORT, read, read_from, read_secret};
pub use user::User;
pub use write::{
    create_folder, finish_folder, keep_private, make_folder, replace, sync, write_new,
};
