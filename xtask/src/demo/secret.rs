//! The demo's own password and PIN, new each time.

use std::fs::File;
use std::io::Read as _;

use crate::error::{Result, doing};

/// Letters that nobody mistakes for others.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What the people of the demo know. Shown on the screen, as the demo's user plays all of them.
pub struct Secrets {
    /// The administrator's password.
    pub password: String,
    /// The phone's PIN.
    pub pin: String,
}

impl Secrets {
    /// Chooses new ones.
    pub fn choose() -> Result<Self> {
        let letters = |bytes: [u8; 16]| {
            let pick = |byte: u8| {
                LETTERS
                    .get(usize::from(byte & 31))
                    .copied()
                    .map_or('x', char::from)
            };
            bytes.into_iter().map(pick).collect()
        };
        let digits = |bytes: [u8; 16]| {
            // 0 to 9 each once or more in 256 numbers: near enough to even for a PIN of a demo.
            bytes
                .into_iter()
                .take(6)
                .map(|byte| char::from(b'0' + byte % 10))
                .collect()
        };
        Ok(Self {
            password: letters(random()?),
            pin: digits(random()?),
        })
    }
}

fn random() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(doing("read random bytes"))?;
    Ok(bytes)
}
