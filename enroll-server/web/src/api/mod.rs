//! The JSON API over HTTPS: the enrollment protocol (`docs/enrollment-protocol.md`) and what sshd asks.

pub(crate) mod authority;
pub(crate) mod enrollment;
pub(crate) mod failure;
pub(crate) mod ssh;
