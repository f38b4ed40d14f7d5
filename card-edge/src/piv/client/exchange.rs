//! The client itself, and how every method of it sends a command.

use core::mem;

use super::error::{ChannelError, ClientError};
use crate::apdu::{Command, Response};
use crate::piv::secure_messaging::{HostChannel, may_be_protected};
use crate::status::Status;
use crate::transmit::{self, Transmit};

/// A PIV client over a way to the card.
#[derive(Debug)]
pub struct Client<T> {
    card: T,
    channel: Protection,
}

/// How commands go that may be protected.
#[derive(Debug)]
enum Protection {
    /// In clear: no channel was opened.
    None,
    Channel(HostChannel),
    /// Not at all: the caller counts on a channel that is gone.
    Lost(ChannelError),
}

impl<T: Transmit> Client<T> {
    /// A client over this way to the card.
    pub fn new(card: T) -> Self {
        Self {
            card,
            channel: Protection::None,
        }
    }

    /// The way to the card.
    pub fn card(&mut self) -> &mut T {
        &mut self.card
    }

    /// Sends every command that may be protected through this channel from now on. A caller that makes a client for each
    /// sequence of commands keeps the channel between them: see [`Self::take_channel`].
    pub fn use_channel(&mut self, channel: HostChannel) {
        self.channel = Protection::Channel(channel);
    }

    /// The channel, if there is one: an error has ended it. Commands go in clear again, after a loss too.
    pub fn take_channel(&mut self) -> Option<HostChannel> {
        match mem::replace(&mut self.channel, Protection::None) {
            Protection::Channel(channel) => Some(channel),
            Protection::None | Protection::Lost(_) => None,
        }
    }

    /// Whether there is a channel.
    #[must_use]
    pub fn has_channel(&self) -> bool {
        matches!(self.channel, Protection::Channel(_))
    }

    /// Sends a command, through the channel where there is one. Whatever fails in it ends it, and what may be protected is
    /// answered with that error from then on, until the caller opens another channel or takes this one away: nothing that
    /// was meant for the channel goes in clear.
    pub(super) fn exchange(
        &mut self,
        command: &Command,
    ) -> Result<Response, ClientError<T::Error>> {
        if !may_be_protected(command.instruction) {
            return self.exchange_in_clear(command);
        }
        // An error of the link, too, leaves it unknown what the card has counted.
        let lost = Protection::Lost(ChannelError::LinkFailed);
        let mut channel = match mem::replace(&mut self.channel, lost) {
            Protection::Channel(channel) => channel,
            Protection::None => {
                self.channel = Protection::None;
                return self.exchange_in_clear(command);
            }
            Protection::Lost(error) => {
                self.channel = Protection::Lost(error);
                return Err(error.into());
            }
        };
        match self.exchange_protected(&mut channel, command) {
            Ok(response) => {
                self.channel = Protection::Channel(channel);
                Ok(response)
            }
            Err(error) => {
                if let ClientError::Channel(error) = error {
                    self.channel = Protection::Lost(error);
                }
                Err(error)
            }
        }
    }

    fn exchange_protected(
        &mut self,
        channel: &mut HostChannel,
        command: &Command,
    ) -> Result<Response, ClientError<T::Error>> {
        let protected = channel.protect(command).map_err(ChannelError::from)?;
        let response = self.exchange_in_clear(&protected)?;
        if response.status != Status::Success {
            return Err(ChannelError::Lost(response.status).into());
        }
        Ok(channel.open(&response.data).map_err(ChannelError::from)?)
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
