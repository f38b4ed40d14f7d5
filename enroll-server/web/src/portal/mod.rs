//! The portal: pages made on the server, for those who work here and for people who hold an invitation.
//!
//! Handlers are thin: extract, call a service, render. [`crate::routes`] says who may see which page; [`guard`] enforces
//! it, and that forms come from our own pages; [`headers`] and [`problem`] surround everything.
//! Templates and assets are in `web/`; [`view`] holds the values that they show.

pub(crate) mod account;
pub mod address;
pub(crate) mod api_token;
pub mod assets;
pub(crate) mod audit;
pub(crate) mod authenticator;
pub(crate) mod certificate;
pub(crate) mod colleague;
mod day;
mod export;
mod form;
pub mod guard;
pub(crate) mod headers;
mod history;
pub(crate) mod holder;
pub(crate) mod invitation;
pub(crate) mod invitations;
mod label;
pub(crate) mod language;
mod link_cookie;
mod list;
pub(crate) mod me;
mod notice;
pub(crate) mod overview;
pub(crate) mod page;
pub(crate) mod passkey;
pub(crate) mod passkey_sign_in;
pub(crate) mod password_link;
pub(crate) mod pending_sign_in;
mod person_form;
pub(crate) mod phone;
pub mod problem;
mod proof;
pub(crate) mod proving;
pub(crate) mod recovery_codes;
pub(crate) mod requests;
pub(crate) mod revocation;
pub(crate) mod selection;
pub(crate) mod setup;
pub(crate) mod sign_in;
mod story;
pub(crate) mod suspension;
pub mod view;
pub(crate) mod webhook;
