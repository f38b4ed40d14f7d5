//! The client itself, and how every method of it sends a command.

use super::error::ClientError;
use crate::apdu::{Command, Response};
use crate::status::Status;
use crate::transmit::{self, Transmit};

/// A PIV client over a way to the card.
#[derive(Debug)]
pub struct Client<T> {
    card: T,
}

impl<T: Transmit> Client<T> {
    /// A client over this way to the card.
    pub fn new(card: T) -> Self {
        Self { card }
    }

    /// The way to the card.
    pub fn card(&mut self) -> &mut T {
        &mut self.card
    }

    pub(super) fn exchange(
        &mut self,
        command: &Command,
    ) -> Result<Response, ClientError<T::Error>> {
        Ok(transmit::exchange(&mut self.card, command)?)
    }

    /// Sends a command that must succeed.
    pub(super) fn expect(&mut self, command: &Command) -> Result<Response, ClientError<T::Error>> {
        let response = self.exchange(command)?;
        match response.status {
            Status::Success => Ok(response),
            Status::SecurityStatusNotSatisfied => {
                Err(ClientError::NotAuthorised(command.instruction))
            }
            Status::AuthenticationMethodBlocked => Err(ClientError::Blocked),
            Status::TriesLeft(tries) => Err(ClientError::Wrong(tries)),
            other => Err(ClientError::Refused(command.instruction, other)),
        }
    }
}
