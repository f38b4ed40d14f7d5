//! The card's end of the protected channel, and whether the host at the other end is paired.

use card_edge::apdu::{Command, Response};
use card_edge::piv::secure_messaging::{CardChannel, ProtectionError};

/// The channel of a session. What the host proves through it ends with it.
pub(super) struct SecureChannel {
    channel: CardChannel,
    is_paired: bool,
}

impl SecureChannel {
    /// A channel whose host is not paired yet.
    pub(super) fn new(channel: CardChannel) -> Self {
        Self {
            channel,
            is_paired: false,
        }
    }

    /// Whether the host has given the pairing code.
    pub(super) fn is_paired(&self) -> bool {
        self.is_paired
    }

    /// The host has given the pairing code, or another.
    pub(super) fn set_paired(&mut self, is_paired: bool) {
        self.is_paired = is_paired;
    }

    /// Unwraps a command.
    pub(super) fn open(&mut self, command: &Command) -> Result<Command, ProtectionError> {
        self.channel.open(command)
    }

    /// Wraps an answer.
    pub(super) fn protect(&mut self, response: &Response) -> Result<Response, ProtectionError> {
        self.channel.protect(response)
    }
}
