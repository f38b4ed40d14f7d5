//! What is sent to others: takes what the service has for them, sends it, and says how that ended.

mod address;
mod mail;
mod sender;
mod webhook;
mod worker;

pub use mail::Mailer;
pub use sender::Outward;
pub use worker::run;
