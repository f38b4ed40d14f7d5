//! The answer to reset, taken apart (ISO/IEC 7816-3, 8.2; PC/SC part 3, 3.1.3.2.3 for contactless cards).

use thiserror::Error;

/// Why bytes are not an ATR.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AtrError {
    /// TS is neither 3B nor 3F.
    #[error("an ATR begins with 3B or 3F")]
    InitialCharacter,
    /// The bytes end before the interface or historical bytes that T0 and TDi announce.
    #[error("the ATR ends too early")]
    Truncated,
    /// TCK does not make the exclusive-or of T0 to TCK zero.
    #[error("the ATR's check byte is wrong")]
    CheckByte,
    /// Bytes after the end, or more than 33 of them in all.
    #[error("the ATR is too long")]
    TooLong,
}

/// An ATR in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atr {
    /// All bytes, TS to TCK.
    pub bytes: Vec<u8>,
    /// The transmission protocols T that the card offers, in the order of the TDi bytes; T=0 where none is named.
    pub protocols: Vec<u8>,
    /// The historical bytes, 0 to 15 of them.
    pub historical: Vec<u8>,
}

/// What the historical bytes of a contactless ATR are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contactless<'a> {
    /// 4F: an initial access data object of a memory card: RID and card name; no APDU application behind it.
    Memory(&'a [u8]),
    /// The historical bytes of an ISO/IEC 14443-4 card's ATS (type A) or its application data (type B).
    Processor(&'a [u8]),
}

impl Atr {
    /// Takes an ATR apart.
    ///
    /// # Errors
    /// [`AtrError`] where the bytes do not follow ISO/IEC 7816-3.
    pub fn parse(bytes: &[u8]) -> Result<Self, AtrError> {
        let (&initial, after) = bytes.split_first().ok_or(AtrError::Truncated)?;
        if !matches!(initial, 0x3B | 0x3F) {
            return Err(AtrError::InitialCharacter);
        }
        if bytes.len() > 33 {
            return Err(AtrError::TooLong);
        }
        let (&format, mut rest) = after.split_first().ok_or(AtrError::Truncated)?;
        let mut protocols = Vec::new();
        let mut indicator = Some(format);
        while let Some(y) = indicator.take() {
            let count = (y >> 4).count_ones() as usize;
            let (interface, after) = rest.split_at_checked(count).ok_or(AtrError::Truncated)?;
            rest = after;
            if y & 0x80 != 0 {
                let td = *interface.last().ok_or(AtrError::Truncated)?;
                protocols.push(td & 0x0F);
                indicator = Some(td);
            }
        }
        let (historical, rest) = rest
            .split_at_checked(usize::from(format & 0x0F))
            .ok_or(AtrError::Truncated)?;
        let needs_check = protocols.iter().any(|protocol| *protocol != 0);
        match (needs_check, rest) {
            (false, []) => {}
            (true, [_]) => {
                if after.iter().fold(0, |sum, byte| sum ^ byte) != 0 {
                    return Err(AtrError::CheckByte);
                }
            }
            (true, []) => return Err(AtrError::Truncated),
            _ => return Err(AtrError::TooLong),
        }
        if protocols.is_empty() {
            protocols.push(0);
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            protocols,
            historical: historical.to_vec(),
        })
    }

    /// What PC/SC says of a contactless card in the form `3B 8n 80 01 ...`; `None` for any other form.
    ///
    /// A reader makes this ATR itself from the card's ATS: it tells which chip or operating system
    /// answered, never which applications are on it.
    #[must_use]
    pub fn contactless(&self) -> Option<Contactless<'_>> {
        match self.bytes.as_slice() {
            [0x3B, format, 0x80, 0x01, ..] if format >> 4 == 8 => {
                Some(match self.historical.as_slice() {
                    [0x80, 0x4F, rest @ ..] => Contactless::Memory(rest),
                    historical => Contactless::Processor(historical),
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_looks_like_a_contactless_processor_card() {
        let bytes = [
            0x3b, 0x8a, 0x80, 0x01, 0x00, 0x31, 0xc1, 0x73, 0xc8, 0x40, 0x00, 0x00, 0x90, 0x00,
            0x90,
        ];
        let atr = Atr::parse(&bytes).unwrap();
        assert_eq!(atr.protocols, [0, 1]);
        assert_eq!(
            atr.contactless(),
            Some(Contactless::Processor(&bytes[4..14]))
        );
    }

    #[test]
    fn a_phone_without_historical_bytes() {
        let atr = Atr::parse(&[0x3b, 0x80, 0x80, 0x01, 0x01]).unwrap();
        assert_eq!(atr.contactless(), Some(Contactless::Processor(&[])));
    }

    #[test]
    fn a_memory_card_is_told_apart() {
        // Mifare Classic 1K, PC/SC part 3 supplement.
        let bytes = [
            0x3b, 0x8f, 0x80, 0x01, 0x80, 0x4f, 0x0c, 0xa0, 0x00, 0x00, 0x03, 0x06, 0x03, 0x00,
            0x01, 0x00, 0x00, 0x00, 0x00, 0x6a,
        ];
        assert!(matches!(
            Atr::parse(&bytes).unwrap().contactless(),
            Some(Contactless::Memory(_))
        ));
    }

    #[test]
    fn a_wrong_check_byte_and_torn_bytes_are_errors() {
        assert_eq!(
            Atr::parse(&[0x3b, 0x80, 0x80, 0x01, 0x02]),
            Err(AtrError::CheckByte)
        );
        assert_eq!(Atr::parse(&[0x3b, 0x8a, 0x80]), Err(AtrError::Truncated));
        assert_eq!(Atr::parse(&[0x3c, 0x00]), Err(AtrError::InitialCharacter));
        assert_eq!(Atr::parse(&[0x3b, 0x00, 0x00]), Err(AtrError::TooLong));
    }
}
