//! Webhooks: addresses that are told of events.

pub mod edit;
mod form;
pub mod list;
pub mod remove;
pub mod show;
