//! A request, and how it ended, in words.

use std::fmt;

use plain_text::Plain;
use tapcard_phone::consent::{Answer, Operation, Outcome};
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
        match self.says {
            Some(text) => write!(
                f,
                "The host says it is \"{}\"; nothing proves that.",
                Plain(text)
            ),
            None => f.write_str("The host says nothing of itself."),
        }
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
pub fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Approved => "It was allowed.",
        Answer::Refused => "It was refused.",
        Answer::TimedOut => "Nobody answered in time: the host was refused.",
        Answer::LinkLost => "The host does not wait for it any more.",
        Answer::CardChanged => "The card was changed meanwhile: nothing was done with the key.",
    }
}

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
