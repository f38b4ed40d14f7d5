//! The host's side of the PIV card application: one method for each command (SP 800-73-5 part 2, 3).
//!
//! The client keeps no state of the card but its end of a protected channel: what is selected, verified or cached is its
//! caller's to know.
//! It sends nothing that it was not asked for.

mod administration;
mod data;
mod error;
mod exchange;
mod extensions;
mod key;
mod metadata;
mod pin;
mod secure_channel;

pub use error::{ChannelError, ClientError};
pub use exchange::Client;
pub use pin::PinStatus;
pub use secure_channel::EphemeralKey;
