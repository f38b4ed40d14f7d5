//! Holders' own pages: their phones, what each can do, and what to do when one is lost. They come by a link and have no password.

pub mod add;
pub mod by_phone;
pub mod enter;
pub mod guard;
pub mod help;
pub mod lost;
pub mod phones;
pub mod request;
pub mod sign_in;
