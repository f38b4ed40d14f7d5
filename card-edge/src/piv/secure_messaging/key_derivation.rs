//! Session keys and the authentication cryptogram (SP 800-73-5 part 2, 4.1.6 and 4.1.7).

use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use super::cipher::{Block, CipherError, Key};
use super::cipher_suite::CipherSuite;

/// What both sides know when they derive keys.
pub(super) struct Exchanged<'a> {
    pub(super) suite: CipherSuite,
    /// CBH: what the host says of persistent binding.
    pub(super) control: u8,
    /// IDsH: what the host calls itself.
    pub(super) host: &'a [u8; 8],
    /// QeH: the host's point `04 X Y`.
    pub(super) point: &'a [u8],
    /// NICC.
    pub(super) nonce: &'a [u8],
    /// CICC: the card verifiable certificate.
    pub(super) certificate: &'a [u8],
}

/// The session keys.
pub(super) struct SessionKeys {
    /// SKENC: encrypts commands and answers.
    pub(super) encryption: Key,
    /// SKMAC: authenticates commands.
    pub(super) command_mac: Key,
    /// SKRMAC: authenticates answers.
    pub(super) response_mac: Key,
}

/// CBICC: persistent binding is not used.
pub(super) const CONTROL: u8 = 0x00;

/// "KC_1_V"
const KEY_CONFIRMATION: &[u8] = b"KC_1_V";

impl Exchanged<'_> {
    /// IDsICC: the leftmost 8 bytes of the SHA-256 of the certificate.
    fn card(&self) -> [u8; 8] {
        let hash = Sha256::digest(self.certificate);
        let mut card = [0; 8];
        for (to, from) in card.iter_mut().zip(hash) {
            *to = from;
        }
        card
    }

    /// The coordinates X Y without the 04 before them.
    fn coordinates(&self) -> &[u8] {
        self.point.get(1..).unwrap_or_default()
    }

    /// OtherInfo (table 16).
    fn other_info(&self) -> Vec<u8> {
        let cipher = self.suite.cipher_identifier();
        let mut info = vec![0x04, cipher, cipher, cipher, cipher];
        let first_bytes = self.coordinates().get(..16).unwrap_or_default();
        for field in [
            self.host.as_slice(),
            &[self.control],
            first_bytes,
            &self.card(),
            self.nonce,
            &[CONTROL],
        ] {
            info.push(u8::try_from(field.len()).unwrap_or_default());
            info.extend_from_slice(field);
        }
        info
    }

    /// The session keys from the shared secret, and the cryptogram by which the card proves that it has them. The key
    /// that makes the cryptogram is gone afterwards.
    pub(super) fn derive(&self, secret: &[u8]) -> Result<(SessionKeys, Block), CipherError> {
        let length = self.suite.key_length();
        let material = concatenation(self.suite, secret, &self.other_info(), 4 * length);
        let mut keys = material
            .chunks(length)
            .map(|bytes| Key::new(self.suite, bytes));
        let mut next = || keys.next().ok_or(CipherError);
        let confirmation = next()?;
        let session = SessionKeys {
            command_mac: next()?,
            encryption: next()?,
            response_mac: next()?,
        };
        let cryptogram = confirmation.mac(&[
            KEY_CONFIRMATION,
            &self.card(),
            self.host,
            self.coordinates(),
        ])?;
        Ok((session, cryptogram))
    }
}

/// The concatenation key derivation function (SP 800-56A, 5.8.1): hashes of a counter, the secret and OtherInfo.
fn concatenation(
    suite: CipherSuite,
    secret: &[u8],
    other_info: &[u8],
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let mut material = Zeroizing::new(Vec::with_capacity(length + 48));
    let mut round: u32 = 1;
    while material.len() < length {
        let counter = round.to_be_bytes();
        let parts = [counter.as_slice(), secret, other_info];
        match suite {
            CipherSuite::Cs2 => material.extend_from_slice(&hash::<Sha256>(&parts)),
            CipherSuite::Cs7 => material.extend_from_slice(&hash::<Sha384>(&parts)),
        }
        round += 1;
    }
    material.truncate(length);
    material
}

fn hash<D: Digest>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    Zeroizing::new(hash.finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518, appendix C: the same function, with SHA-256 and another OtherInfo.
    #[test]
    fn the_key_derivation_function_is_that_of_the_rfcs_vector() {
        let secret = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49,
            110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let mut info = vec![0, 0, 0, 7];
        info.extend(b"A128GCM");
        info.extend([0, 0, 0, 5]);
        info.extend(b"Alice");
        info.extend([0, 0, 0, 3]);
        info.extend(b"Bob");
        info.extend([0, 0, 0, 128]);
        assert_eq!(
            *concatenation(CipherSuite::Cs2, &secret, &info, 16),
            [
                86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26
            ]
        );
    }

    #[test]
    fn other_info_is_laid_out_as_in_the_table() {
        for (suite, nonce, length) in [
            (CipherSuite::Cs2, &[0xBB; 16][..], 61),
            (CipherSuite::Cs7, &[0xBB; 24], 69),
        ] {
            let mut point = vec![0x04];
            point.extend((0..).take(suite.point_length() - 1));
            let info = Exchanged {
                suite,
                control: 0,
                host: &[0xAA; 8],
                point: &point,
                nonce,
                certificate: b"certificate",
            }
            .other_info();
            assert_eq!(info.len(), length);
            let id = suite.cipher_identifier();
            assert_eq!(info[..6], [4, id, id, id, id, 8]);
            assert_eq!(info[14..17], [1, 0, 0x10]);
            assert_eq!(info[17..33], (0..16).collect::<Vec<u8>>());
            assert_eq!(info[33], 8);
            assert_eq!(usize::from(info[42]), suite.nonce_length());
            assert_eq!(info[length - 2..], [1, 0]);
        }
    }
}
