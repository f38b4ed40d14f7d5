//! What is done with a key pair: the byte in tag 80 of key files, of MANAGE SECURITY ENVIRONMENT and of GENERATE
//! ASYMMETRIC KEY PAIR. Its low half names the key's kind and size, its high half the padding.

use crate::piv::KeyAlgorithm;

/// The kinds of keys, by the low half of the byte. The specification has elliptic curves too (0A to 0E); they are not
/// here.
const ALGORITHMS: [(u8, KeyAlgorithm); 4] = [
    (0x06, KeyAlgorithm::Rsa1024),
    (0x07, KeyAlgorithm::Rsa2048),
    (0x08, KeyAlgorithm::Rsa3072),
    (0x09, KeyAlgorithm::Rsa4096),
];

/// Who pads, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// 0: nobody. Of a key without a use, as for its generation, or of a decryption that the host unpads.
    None,
    /// 1: the host, of a signature.
    SignatureByHost,
    /// 4: the card, RSAES-PKCS1-v1_5 (RFC 8017, 7.2).
    DecryptionPkcs1,
    /// 5: the card, RSASSA-PKCS1-v1_5 (RFC 8017, 8.2) around what the host gives: a DigestInfo.
    SignaturePkcs1,
    /// 8: the card, RSAES-OAEP (RFC 8017, 7.1).
    DecryptionOaep,
}

const PADDINGS: [(u8, Padding); 5] = [
    (0x00, Padding::None),
    (0x10, Padding::SignatureByHost),
    (0x40, Padding::DecryptionPkcs1),
    (0x50, Padding::SignaturePkcs1),
    (0x80, Padding::DecryptionOaep),
];

/// What is done with a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// The padding.
    pub padding: Padding,
    /// The key's kind and size.
    pub algorithm: KeyAlgorithm,
}

impl Mechanism {
    /// The mechanism of this byte, if this card edge has it.
    #[must_use]
    pub fn decode(byte: u8) -> Option<Self> {
        let (_, padding) = PADDINGS.iter().find(|(high, _)| *high == byte & 0xF0)?;
        let (_, algorithm) = ALGORITHMS.iter().find(|(low, _)| *low == byte & 0x0F)?;
        Some(Self {
            padding: *padding,
            algorithm: *algorithm,
        })
    }

    /// The byte; `None` for a kind of key that has none here.
    #[must_use]
    pub fn encode(self) -> Option<u8> {
        let (low, _) = ALGORITHMS.iter().find(|(_, of)| *of == self.algorithm)?;
        let (high, _) = PADDINGS.iter().find(|(_, of)| *of == self.padding)?;
        Some(high | low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_lead_back() {
        let known: Vec<u8> = (0..=u8::MAX)
            .filter(|byte| Mechanism::decode(*byte).is_some())
            .collect();
        assert_eq!(known.len(), 20);
        for byte in known {
            assert_eq!(Mechanism::decode(byte).unwrap().encode(), Some(byte));
        }
        let sign = Mechanism::decode(0x57).unwrap();
        assert_eq!(sign.padding, Padding::SignaturePkcs1);
        assert_eq!(sign.algorithm, KeyAlgorithm::Rsa2048);
        let curve = Mechanism {
            padding: Padding::None,
            algorithm: KeyAlgorithm::P256,
        };
        assert_eq!(curve.encode(), None);
    }
}
