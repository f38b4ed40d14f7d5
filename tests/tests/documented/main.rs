//! What the documents have people type, from their very text, where no other test runs it with what it is about.

mod card;
mod demo;
mod phone;
mod server;
mod service;
