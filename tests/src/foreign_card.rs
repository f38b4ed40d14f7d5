//! A phone that is not enrolled, at a reader: its ATR looks like a chip card's, and no application is on it.

use std::net::{Shutdown, TcpStream};
use std::thread::{self, JoinHandle};

use crate::Result;
use crate::error::Doing;
use crate::frame::{self, Control};

/// What PC/SC shows for an Android phone without a card edge.
pub const ATR: [u8; 15] = [
    0x3B, 0x8A, 0x80, 0x01, 0x00, 0x31, 0xC1, 0x73, 0xC8, 0x40, 0x00, 0x00, 0x90, 0x00, 0x90,
];

/// ISO/IEC 7816-4: file or application not found.
const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
/// ISO/IEC 7816-4: instruction not supported.
const INSTRUCTION_NOT_SUPPORTED: [u8; 2] = [0x6D, 0x00];
/// The instruction byte of SELECT.
const SELECT: u8 = 0xA4;

/// A card in the reader for as long as this value lives.
#[derive(Debug)]
pub struct ForeignCard {
    link: TcpStream,
    card: Option<JoinHandle<()>>,
}

impl ForeignCard {
    /// Puts the card into the reader (or on the wire) at `address`.
    ///
    /// # Errors
    /// When nothing waits for a card there.
    pub fn insert(address: &str) -> Result<Self> {
        let connected = TcpStream::connect(address).and_then(|link| {
            link.set_nodelay(true)?;
            Ok((link.try_clone()?, link))
        });
        let (link, mut stream) =
            connected.doing(|| format!("put a card into the reader at {address}"))?;
        let card = thread::spawn(move || {
            while let Ok(message) = frame::read(&mut stream) {
                let Some(answer) = answer(&message) else {
                    continue;
                };
                if frame::write(&mut stream, answer).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            link,
            card: Some(card),
        })
    }
}

impl Drop for ForeignCard {
    fn drop(&mut self) {
        let _ = self.link.shutdown(Shutdown::Both);
        if let Some(card) = self.card.take() {
            let _ = card.join();
        }
    }
}

fn answer(message: &[u8]) -> Option<&'static [u8]> {
    match message {
        [control] if *control == Control::GetAtr.byte() => Some(&ATR),
        [_] => None,
        [_, SELECT, ..] => Some(&NOT_FOUND),
        _ => Some(&INSTRUCTION_NOT_SUPPORTED),
    }
}
