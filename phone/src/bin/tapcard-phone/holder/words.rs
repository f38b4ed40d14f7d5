//! A request, and how it ended, in words.

use std::fmt;

use plain_text::Plain;
use tapcard_phone::consent::{Answer, End, Operation, Outcome, PinAnswer};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::KeyPlace;

/// What a host asks for, on one line.
pub struct Asked<'a> {
    /// With which key.
    pub key: KeyPlace,
    /// What.
    pub operation: Operation,
    /// Over which interface.
    pub interface: Interface,
    /// What the host says of itself.
    pub says: Option<&'a str>,
}

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, operation) = (self.key, operation(self.operation));
        let interface = interface(self.interface);
        write!(f, "{key} ({}): {operation} {interface}. ", key.name())?;
        says(f, self.says)
    }
}

/// A host's request for the PIN, on one line.
pub struct AskedForPin<'a> {
    /// Over which interface.
    pub interface: Interface,
    /// What the host says of itself.
    pub says: Option<&'a str>,
}

impl fmt::Display for AskedForPin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A host asks for the PIN {}. ", interface(self.interface))?;
        says(f, self.says)?;
        f.write_str(" Type it only where you are logging in yourself now.")
    }
}

fn says(f: &mut fmt::Formatter<'_>, says: Option<&str>) -> fmt::Result {
    match says {
        Some(text) => write!(
            f,
            "The host says it is \"{}\"; nothing proves that.",
            Plain(text)
        ),
        None => f.write_str("The host says nothing of itself."),
    }
}

/// How many tries are left.
pub fn tries(left: u8) -> String {
    match left {
        1 => "the last try".to_owned(),
        left => format!("{left} tries left"),
    }
}

/// The same as a sentence.
pub fn tries_are_left(left: u8) -> String {
    match left {
        1 => "1 try is left".to_owned(),
        left => format!("{left} tries are left"),
    }
}

/// What a key is asked to do.
pub fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Sign => "a signature",
        Operation::Decrypt => "a decryption",
        Operation::SignOrDecrypt => "a signature or a decryption",
        Operation::Agree => "a key agreement",
        Operation::Attest => "an attestation",
    }
}

/// Over which interface.
pub fn interface(interface: Interface) -> &'static str {
    match interface {
        Interface::Contact => "over contacts",
        Interface::Contactless => "over the air",
    }
}

/// How a request ended.
pub fn end(end: End) -> &'static str {
    match end {
        End::Use(Answer::Approved) => "It was allowed.",
        End::Use(Answer::Refused) | End::Pin(PinAnswer::Refused) => "It was refused.",
        End::Use(Answer::TimedOut) | End::Pin(PinAnswer::TimedOut) => {
            "Nobody answered in time: the host was refused."
        }
        End::Use(Answer::LinkLost) | End::Pin(PinAnswer::LinkLost) => {
            "The host does not wait for it any more."
        }
        End::Use(Answer::CardChanged) => {
            "The card was changed meanwhile: nothing was done with the key."
        }
        End::Pin(PinAnswer::CardChanged) => {
            "The card was changed meanwhile: the PIN was not compared."
        }
        End::Pin(PinAnswer::Verified) => PIN_VERIFIED,
        End::Pin(PinAnswer::Wrong(_)) => PIN_WRONG,
        End::Pin(PinAnswer::Blocked) => {
            "That is not the PIN, and it is blocked now: the PUK unblocks it."
        }
        End::Pin(PinAnswer::Failed) => {
            "The PIN could not be compared: the card's files cannot be used."
        }
    }
}

/// The PIN was right.
pub const PIN_VERIFIED: &str = "The PIN is right: the host is told so.";
/// It was wrong.
pub const PIN_WRONG: &str = "That is not the PIN.";

/// What became of a use.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused by its holder",
        Outcome::TimedOut => "nobody answered in time",
        Outcome::LinkLost => "the host was gone before an answer",
        Outcome::CardChanged => "the card was changed before an answer",
        Outcome::Forbidden => "no host may use this key",
        Outcome::Failed => "the key failed",
    }
}
