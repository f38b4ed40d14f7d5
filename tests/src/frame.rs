//! The wire between vpcd (the virtual reader) and a card: each message is a length in two bytes, big-endian, and that
//! many bytes. A message of one byte from the reader is a control; any other is a command APDU.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::linux::net::TcpStreamExt;

/// A control that the reader sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Take the power away.
    PowerOff,
    /// Give power.
    PowerOn,
    /// Reset the card.
    Reset,
    /// Ask for the ATR: the only control that is answered.
    GetAtr,
}

impl Control {
    /// The control's byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::PowerOff => 0,
            Self::PowerOn => 1,
            Self::Reset => 2,
            Self::GetAtr => 4,
        }
    }
}

/// Whether a reader's message is a control rather than a command APDU.
pub fn is_control(message: &[u8]) -> bool {
    message.len() == 1
}

/// Reads one message.
///
/// vpcd sends length and payload apart and holds the payload back until the length is acknowledged, which Linux by
/// default does only after 40 ms: each part is acknowledged at once here.
pub fn read(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    read_part(stream, &mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    read_part(stream, &mut message)?;
    Ok(message)
}

fn read_part(stream: &mut TcpStream, part: &mut [u8]) -> io::Result<()> {
    // The kernel falls back to its default by and by, so it is told each time.
    stream.set_quickack(true)?;
    stream.read_exact(part)
}

/// Writes one message, in one piece.
pub fn write(stream: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(message);
    stream.write_all(&bytes)
}
