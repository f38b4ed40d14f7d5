//! Doing something with several at once: chosen in a list or read from a file, asked about on a page of its own, and done with
//! exactly what that page showed.

mod act;
mod choose;
mod confirm;
mod invited;
mod sent;

pub use choose::choose;
pub use confirm::{ask, carry_out};
pub use sent::Sent;
