//! The JSON API over HTTPS: the enrollment protocol (`docs/enrollment-protocol.md`) what sshd asks, and what
//! administrators' programs ask.

pub(crate) mod authority;
pub(crate) mod check_in;
pub(crate) mod enrollment;
pub(crate) mod failure;
pub(crate) mod guard;
pub(crate) mod policies;
pub(crate) mod ssh;
