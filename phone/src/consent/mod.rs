//! The holder's consent to the use of a key by a host: what is asked, whom, and how the answer comes.
//!
//! A key whose place asks for it ([`crate::key_store::Consent`]) is used only after the holder has agreed to that one use.
//! The key store holds a key to that; here is how the holder is reached. [`Desk`] is where a request waits: whoever shows
//! it to the holder, on a terminal, by a socket or on a phone's screen, finds it there and leaves the answer. A PIN that is
//! typed at the phone comes the same way.

mod desk;
mod holder;
mod refused_use;
mod usage;

pub use desk::{Change, Desk, End, Question, Reply, Request, RequestId};
pub use holder::{AlwaysThere, Answer, Holder, Link, Nobody, PinAnswer, PinCheck, PinRequest};
pub use refused_use::RefusedUse;
pub use usage::{Operation, Outcome, Usage};
