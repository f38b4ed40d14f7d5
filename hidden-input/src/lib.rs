//! Secrets typed at a terminal, which does not show them: PINs, passwords, invitations.
#![forbid(unsafe_code)]

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{ask, ask_while};
#[cfg(windows)]
pub use windows::ask;
