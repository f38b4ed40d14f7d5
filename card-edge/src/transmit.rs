//! The host's way to a card, and the exchange of one command over it.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::apdu::{ApduError, Command, Instruction, Response, SHORT_DATA_MAX};
use crate::secret;
use crate::status::Status;

/// The maximum number of bytes that a host gathers by GET RESPONSE for one command: a card that never ends is cut off here.
pub const RESPONSE_MAX: usize = 65_536;
/// The maximum number of GET RESPONSE commands for one command: each costs a round trip, and a card that gives single
/// bytes would otherwise hold a host for a quarter of an hour.
pub const RESPONSE_PARTS_MAX: u32 = 1_024;

/// The bytes of a response APDU. They may hold a secret: they are wiped when dropped.
pub type ResponseBytes = Zeroizing<Vec<u8>>;

/// A way to send one command APDU and to receive its response APDU. Implemented over PC/SC by
/// `pkcs11-module` and `cli`, and by tests over a card in memory.
pub trait Transmit {
    /// What can go wrong on the way.
    type Error;

    /// Sends the bytes of one command APDU; gives the bytes of the response APDU, status word last.
    ///
    /// # Errors
    /// Where the card or reader could not be reached. A status word other than 9000 is not an error here.
    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error>;
}

impl<T: Transmit + ?Sized> Transmit for &mut T {
    type Error = T::Error;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error> {
        (**self).transmit(command)
    }
}

/// A way to a card that speaks T=0 (ISO/IEC 7816-3, 12.2). Such a card is sent either data or the length that is expected,
/// never both: it answers 61xx to a command with data, and gives its response to GET RESPONSE. Readers pass short commands
/// on to it as they come, so whoever is connected by T=0 sends through this.
#[derive(Debug)]
pub struct T0<T>(T);

/// Bytes of CLA, INS, P1 and P2.
const HEADER: usize = 4;

impl<T> T0<T> {
    /// This way to a card that speaks T=0.
    pub fn new(card: T) -> Self {
        Self(card)
    }

    /// The way to the card, as it is.
    pub fn card(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Transmit> Transmit for T0<T> {
    type Error = T::Error;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error> {
        match command.get(HEADER..) {
            // Neither data nor Le: P3 is there nevertheless.
            Some([]) => {
                let command = Zeroizing::new([command, &[0]].concat());
                self.0.transmit(&command)
            }
            Some([length, rest @ ..]) if *length > 0 && rest.len() == usize::from(*length) + 1 => {
                let without_expected = command.split_last().map_or(command, |(_, before)| before);
                self.0.transmit(without_expected)
            }
            Some(_) | None => self.0.transmit(command),
        }
    }
}

/// Why an exchange gave no response.
#[derive(Debug, Error)]
pub enum ExchangeError<E> {
    /// The way to the card failed.
    #[error("the card could not be reached: {0}")]
    Transmit(E),
    /// Command or response was not an APDU.
    #[error(transparent)]
    Apdu(#[from] ApduError),
    /// The card offered more than [`RESPONSE_MAX`] bytes, in more than [`RESPONSE_PARTS_MAX`] parts, or none at all
    /// again and again.
    #[error("the card's response does not end")]
    Endless,
}

/// Sends `command`, as a chain where its data does not fit one short APDU, and gathers the whole
/// response (61xx and 6Cxx are followed: ISO/IEC 7816-4, 5.3.3 and 5.6).
///
/// A status word other than 9000 inside the chain ends it: the response is then that one.
///
/// # Errors
/// [`ExchangeError`] where no response came. Status words are not errors here.
pub fn exchange<T: Transmit>(
    card: &mut T,
    command: &Command,
) -> Result<Response, ExchangeError<T::Error>> {
    let last = if command.extended || command.data.len() <= SHORT_DATA_MAX {
        command.clone()
    } else {
        let mut segments = command.data.chunks(SHORT_DATA_MAX);
        let last = segments.next_back().unwrap_or_default();
        for segment in segments {
            let mut part = command.clone().with_data(segment).expecting_nothing();
            part.class.chained = true;
            let response = send(card, &part)?;
            if response.status != Status::Success {
                return Ok(response);
            }
        }
        command.clone().with_data(last)
    };
    let mut response = send_with_right_length(card, last)?;
    let mut parts = 0;
    while let Status::BytesAvailable(count) = response.status {
        let mut next = Command::new(Instruction::GetResponse, 0, 0);
        next.expected = Some(length_or_256(count));
        let part = send_with_right_length(card, next)?;
        parts += 1;
        let stalled = part.data.is_empty() && matches!(part.status, Status::BytesAvailable(_));
        if stalled
            || parts > RESPONSE_PARTS_MAX
            || response.data.len() + part.data.len() > RESPONSE_MAX
        {
            return Err(ExchangeError::Endless);
        }
        secret::append(&mut response.data, &part.data);
        response.status = part.status;
    }
    Ok(response)
}

/// Sends a command whose data fits one short APDU, and gathers the first part of the response alone, 256 bytes at most: the
/// status tells whether there is more.
///
/// # Errors
/// [`ExchangeError`] where no response came. Status words are not errors here.
pub fn exchange_first<T: Transmit>(
    card: &mut T,
    command: &Command,
) -> Result<Response, ExchangeError<T::Error>> {
    let response = send_with_right_length(card, command.clone())?;
    match response.status {
        // By T=0 there is no data before GET RESPONSE.
        Status::BytesAvailable(count) if response.data.is_empty() => {
            let mut next = Command::new(Instruction::GetResponse, 0, 0);
            next.expected = Some(length_or_256(count));
            send_with_right_length(card, next)
        }
        _ => Ok(response),
    }
}

/// Sends a command, and once more where the card says by 6Cxx which length it would rather be asked for.
fn send_with_right_length<T: Transmit>(
    card: &mut T,
    command: Command,
) -> Result<Response, ExchangeError<T::Error>> {
    let response = send(card, &command)?;
    let Status::WrongExpectedLength(length) = response.status else {
        return Ok(response);
    };
    let expected = Some(length_or_256(length));
    send(
        card,
        &Command {
            expected,
            ..command
        },
    )
}

/// The length that a byte of a status word or a short Le stands for.
fn length_or_256(byte: u8) -> u32 {
    if byte == 0 { 256 } else { u32::from(byte) }
}

fn send<T: Transmit>(card: &mut T, command: &Command) -> Result<Response, ExchangeError<T::Error>> {
    let bytes = card
        .transmit(&command.encode()?)
        .map_err(ExchangeError::Transmit)?;
    Ok(Response::parse(&bytes)?)
}
