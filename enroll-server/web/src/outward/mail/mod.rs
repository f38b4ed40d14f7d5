//! Mail: its words, its form, and the way to the mail server.

mod letter;
mod mailer;

pub use mailer::Mailer;
