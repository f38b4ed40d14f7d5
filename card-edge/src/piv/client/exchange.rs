//! The client itself, and how every method of it sends a command.

use super::error::{ChannelError, ClientError};
use crate::apdu::{Command, Response};
use crate::piv::secure_messaging::{HostChannel, may_be_protected};
use crate::status::Status;
use crate::transmit::{self, Transmit};

/// A PIV client over a way to the card.
#[derive(Debug)]
pub struct Client<T> {
    card: T,
    channel: Option<HostChannel>,
}

impl<T: Transmit> Client<T> {
    /// A client over this way to the card.
    pub fn new(card: T) -> Self {
        Self {
            card,
            channel: None,
        }
    }

    /// The way to the card.
    pub fn card(&mut self) -> &mut T {
        &mut self.card
    }

    /// Sends every command that may be protected through this channel from now on. A caller that makes a client for each
    /// sequence of commands keeps the channel between them: see [`Self::take_channel`].
    pub fn use_channel(&mut self, channel: HostChannel) {
        self.channel = Some(channel);
    }

    /// The channel, if there is one: an error has ended it. Commands go in clear again.
    pub fn take_channel(&mut self) -> Option<HostChannel> {
        self.channel.take()
    }

    /// Whether there is a channel.
    #[must_use]
    pub fn has_channel(&self) -> bool {
        self.channel.is_some()
    }

    /// Sends a command, through the channel where there is one. Whatever fails in it ends it: it is put back when all is
    /// well alone.
    pub(super) fn exchange(
        &mut self,
        command: &Command,
    ) -> Result<Response, ClientError<T::Error>> {
        if !may_be_protected(command.instruction) {
            return self.exchange_in_clear(command);
        }
        let Some(mut channel) = self.channel.take() else {
            return self.exchange_in_clear(command);
        };
        let protected = channel.protect(command).map_err(ChannelError::from)?;
        let response = self.exchange_in_clear(&protected)?;
        if response.status != Status::Success {
            return Err(ChannelError::Lost(response.status).into());
        }
        let response = channel.open(&response.data).map_err(ChannelError::from)?;
        self.channel = Some(channel);
        Ok(response)
    }

    /// Sends a command as it is.
    pub(super) fn exchange_in_clear(
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
