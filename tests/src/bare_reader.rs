//! A reader without a driver: speaks vpcd's side of the wire, so that a test can send a card what no PC/SC stack
//! would let through, and can pull the card between any two commands.

use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use crate::error::Doing;
use crate::frame::{self, Control};
use crate::wait::wait_for;
use crate::{Result, unexpected};

/// How long a card may take to come, and to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A slot that waits for a card.
#[derive(Debug)]
pub struct BareReader {
    listener: TcpListener,
}

impl BareReader {
    /// A slot on a port of its own.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn new() -> Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing(|| "listen for a card".to_owned())?;
        listener
            .set_nonblocking(true)
            .doing(|| "listen for a card".to_owned())?;
        Ok(Self { listener })
    }

    /// Where the card connects to.
    ///
    /// # Errors
    /// When the operating system does not tell.
    pub fn address(&self) -> Result<String> {
        let address = self.listener.local_addr();
        Ok(address
            .doing(|| "find the reader's port".to_owned())?
            .to_string())
    }

    /// Waits for a card and gives it power.
    ///
    /// # Errors
    /// When none comes, or it shows no ATR.
    pub fn wait_for_card(&self) -> Result<InsertedCard> {
        let link = wait_for("a card comes", PATIENCE, || Ok(self.listener.accept().ok()))?.0;
        link.set_nonblocking(false)
            .and_then(|()| link.set_read_timeout(Some(PATIENCE)))
            .and_then(|()| link.set_nodelay(true))
            .doing(|| "talk to the card".to_owned())?;
        let mut card = InsertedCard { link };
        card.control(Control::PowerOn)?;
        card.atr()?;
        Ok(card)
    }
}

/// A card with power; leaves the reader when dropped.
#[derive(Debug)]
pub struct InsertedCard {
    link: TcpStream,
}

impl InsertedCard {
    /// The card's ATR.
    ///
    /// # Errors
    /// When the card does not answer.
    pub fn atr(&mut self) -> Result<Vec<u8>> {
        self.control(Control::GetAtr)?;
        frame::read(&mut self.link).doing(|| "read the ATR".to_owned())
    }

    /// Resets the card.
    ///
    /// # Errors
    /// When the card is gone.
    pub fn reset(&mut self) -> Result {
        self.control(Control::Reset)
    }

    /// Takes the power away and gives it again.
    ///
    /// # Errors
    /// When the card is gone.
    pub fn power_cycle(&mut self) -> Result {
        self.control(Control::PowerOff)?;
        self.control(Control::PowerOn)
    }

    /// Sends bytes as they are and returns what comes back, status word included.
    ///
    /// # Errors
    /// When the card does not answer, or with less than a status word. Single bytes cannot be sent: on this wire
    /// they are controls.
    pub fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        if frame::is_control(command) {
            return Err(unexpected("a single byte is a control on vpcd's wire"));
        }
        frame::write(&mut self.link, command).doing(|| "send a command to the card".to_owned())?;
        let answer = frame::read(&mut self.link).doing(|| "read the card's answer".to_owned())?;
        if answer.len() < 2 {
            return Err(unexpected(format!(
                "the card answered with {answer:02X?}, no status word"
            )));
        }
        Ok(answer)
    }

    /// Sends a command and returns the status word alone.
    ///
    /// # Errors
    /// As [`InsertedCard::transmit`].
    pub fn status_of(&mut self, command: &[u8]) -> Result<u16> {
        match self.transmit(command)?.as_slice() {
            [.., sw1, sw2] => Ok(u16::from_be_bytes([*sw1, *sw2])),
            _ => Err(unexpected("no status word")),
        }
    }

    /// Takes the card away without a warning.
    pub fn pull(self) {
        let _ = self.link.shutdown(Shutdown::Both);
    }

    fn control(&mut self, control: Control) -> Result {
        frame::write(&mut self.link, &[control.byte()])
            .doing(|| format!("send {control:?} to the card"))
    }
}
