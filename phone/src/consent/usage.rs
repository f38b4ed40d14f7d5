//! One use of a key by a host, and what became of it.

use serde::{Deserialize, Serialize};

use crate::interface::Interface;
use crate::key_store::KeyPlace;

/// What a key is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A signature.
    Sign,
    /// A decryption.
    Decrypt,
    /// Raw RSA of a block that the host has made: what it is for, the card cannot know.
    SignOrDecrypt,
    /// Key agreement, with which hosts decrypt.
    Agree,
    /// The statement of the card's key F9 about another key.
    Attest,
}

/// What a host asks for, as the holder is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// With which key.
    pub key: KeyPlace,
    /// What.
    pub operation: Operation,
    /// Over which interface.
    pub interface: Interface,
    /// What the host says of itself. Nothing proves it: it decides nothing, and is shown as what it says.
    pub says: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The key was used.
    Done,
    /// The holder refused.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// The reader was gone, or had reset the card, before the holder answered.
    LinkLost,
    /// The card was changed while the holder was asked: the request was for what was there before.
    CardChanged,
    /// No host may use this key.
    Forbidden,
    /// The key did not do it.
    Failed,
}
