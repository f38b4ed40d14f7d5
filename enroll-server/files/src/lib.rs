//! Files of the enrollment service: there whole or not at all, for their owner alone, and of the owner whose folder they
//! are in. Knows nothing of what is in them.

#![forbid(unsafe_code)]

mod access;
mod error;
mod owner;
mod write;

pub use access::{Access, check_access, is_there};
pub use error::{FileError, at};
pub use owner::{Owner, hand_over, hand_over_at};
pub use write::{
    create_folder, finish_folder, keep_private, make_folder, replace, sync, write_new,
};
