//! The process in which the module is: whether it may unload the module, its end, and the rights that it has beside its user's.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{finalize_at_exit, is_privileged, keep_loaded};
#[cfg(windows)]
pub use windows::{finalize_at_exit, is_privileged, keep_loaded};
