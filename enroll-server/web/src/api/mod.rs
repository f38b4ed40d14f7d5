//! JSON over HTTPS: the enrollment protocol of phones (`docs/enrollment-protocol.md`), what sshd asks, and the API for
//! programs of the organisation (`docs/api.md`), whose resources are in [`resources`].

pub(crate) mod authority;
pub(crate) mod body;
pub(crate) mod check_in;
pub(crate) mod denied;
pub mod document;
pub(crate) mod enrollment;
pub(crate) mod failure;
pub(crate) mod guard;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod resources;
pub(crate) mod schema;
pub(crate) mod ssh;
