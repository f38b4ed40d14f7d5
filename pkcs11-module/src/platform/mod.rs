//! What differs between systems, and takes no unsafe code: files, locks on them, the terminal, the machine's name.

#[cfg(windows)]
mod owner;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
