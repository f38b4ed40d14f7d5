//! Backup and restore: the data folder and, where it is SQLite, the database. A copy of SQLite's file alone is not a backup:
//! the latest changes are in the write-ahead log beside it.

mod authority;
mod copy;
mod database;
mod error;
mod make;
mod moment;
mod place;
mod report;
mod restore;
mod space;
mod swap;

pub use error::BackupError;
pub use make::backup;
pub use place::{DUMP, Installation, Secrets};
pub use report::{Kept, Restored, Step, Was};
pub use restore::restore;
pub use swap::check_settled;
pub(crate) use swap::{Settled, settle};
