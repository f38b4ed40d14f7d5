//! What programs read and change, a noun a file: the same read models as the pages', and the same acts.

pub(crate) mod certificate;
pub(crate) mod event;
pub(crate) mod invitation;
pub(crate) mod names;
pub(crate) mod person;
pub(crate) mod phone;
pub(crate) mod policy;
mod reason;
pub(crate) mod request;
mod suspension;
