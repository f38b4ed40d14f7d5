//! The key establishment: one-pass Diffie-Hellman with the card's static key, "OPACITY with zero key management"
//! (SP 800-73-5 part 2, 4.1).
//!
//! ```text
//! host -> card   00 87 suite 04   7C { 81 { CBH 00, IDsH (8 bytes), QeH (04 X Y) }, 82 }
//! card -> host                    7C { 82 { CBICC 00, NICC (16 or 24 bytes), cryptogram (16 bytes), CICC } }
//! ```
//!
//! The card proves that it has the key of its certificate. The host proves nothing: whoever is in reach can open a
//! channel, and no recording of one can be read afterwards, unless the card's key becomes known.

use subtle::ConstantTimeEq;
use thiserror::Error;

use super::certificate::{CardVerifiableCertificate, SignatureAlgorithm, Subject};
use super::channel::{CardChannel, HostChannel};
use super::cipher::BLOCK;
use super::cipher_suite::CipherSuite;
use super::key_derivation::{CONTROL, Exchanged};
use super::protected::ProtectionError;
use crate::tlv::TlvError;

/// IDsH of a host that has no name.
pub const NAMELESS: [u8; 8] = [0; 8];

/// Why no channel came about.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyEstablishmentError {
    /// A message has a wrong length, another control byte, or a point in another form.
    #[error("the message of the key establishment is malformed")]
    Message,
    /// The card's certificate cannot be read.
    #[error("the card's certificate is malformed: {0}")]
    Certificate(TlvError),
    /// The card's certificate is not a card's, or its curve or signature is not that of the suite.
    #[error("the card's certificate is not one of a card for this cipher suite")]
    OtherCertificate,
    /// The card did not prove that it has the key of its certificate.
    #[error("the card has not proved that it has the key of its certificate")]
    NotProved,
}

impl From<ProtectionError> for KeyEstablishmentError {
    fn from(_: ProtectionError) -> Self {
        Self::Message
    }
}

/// What the host sends: the value of 81.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostMessage {
    suite: CipherSuite,
    control: u8,
    host: [u8; 8],
    point: Vec<u8>,
}

impl HostMessage {
    /// A message with a point of the suite's curve, that of a key which is used once.
    ///
    /// # Errors
    /// [`KeyEstablishmentError::Message`] where the point has another length or form.
    pub fn new(
        suite: CipherSuite,
        host: [u8; 8],
        point: &[u8],
    ) -> Result<Self, KeyEstablishmentError> {
        if point.len() != suite.point_length() || point.first() != Some(&0x04) {
            return Err(KeyEstablishmentError::Message);
        }
        Ok(Self {
            suite,
            control: CONTROL,
            host,
            point: point.to_vec(),
        })
    }

    /// The point, `04 X Y`. Whether it is on the curve is not known.
    #[must_use]
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// The value of 81.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [&[self.control], self.host.as_slice(), &self.point].concat()
    }

    /// Reads the value of 81. A host that could do persistent binding says so in the lower half of its control byte, and
    /// learns from the card's that it is not done (C2).
    ///
    /// # Errors
    /// [`KeyEstablishmentError::Message`].
    pub fn decode(suite: CipherSuite, value: &[u8]) -> Result<Self, KeyEstablishmentError> {
        let message = KeyEstablishmentError::Message;
        let (control, rest) = value.split_first().ok_or(message)?;
        let (host, point) = rest.split_first_chunk::<8>().ok_or(message)?;
        if control & 0xF0 != CONTROL {
            return Err(message);
        }
        Ok(Self {
            control: *control,
            ..Self::new(suite, *host, point)?
        })
    }

    fn exchanged<'a>(&'a self, nonce: &'a [u8], certificate: &'a [u8]) -> Exchanged<'a> {
        Exchanged {
            suite: self.suite,
            control: self.control,
            host: &self.host,
            point: &self.point,
            nonce,
            certificate,
        }
    }

    /// The card's half (C6 to C11): the value of 82, and the channel. `secret` is the X coordinate of what the card's
    /// key and the host's point agree on, `certificate` the card's, and `nonce` is random and as long as the suite has it.
    ///
    /// # Errors
    /// [`KeyEstablishmentError::Message`] where the nonce has another length.
    pub fn answer(
        &self,
        secret: &[u8],
        nonce: &[u8],
        certificate: &[u8],
    ) -> Result<(Vec<u8>, CardChannel), KeyEstablishmentError> {
        if nonce.len() != self.suite.nonce_length() {
            return Err(KeyEstablishmentError::Message);
        }
        let derived = self.exchanged(nonce, certificate).derive(secret);
        let (keys, cryptogram) = derived.map_err(ProtectionError::from)?;
        let value = [&[CONTROL], nonce, &cryptogram, certificate].concat();
        Ok((value, CardChannel::new(keys)))
    }
}

/// What the card answers: the value of 82.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardMessage {
    nonce: Vec<u8>,
    cryptogram: [u8; BLOCK],
    certificate: CardVerifiableCertificate,
}

impl CardMessage {
    /// Reads the value of 82.
    ///
    /// # Errors
    /// [`KeyEstablishmentError`] where it is malformed, or the certificate is not a card's or does not fit the suite.
    pub fn decode(suite: CipherSuite, value: &[u8]) -> Result<Self, KeyEstablishmentError> {
        let message = KeyEstablishmentError::Message;
        let (control, rest) = value.split_first().ok_or(message)?;
        let (nonce, rest) = rest.split_at_checked(suite.nonce_length()).ok_or(message)?;
        let (cryptogram, certificate) = rest.split_first_chunk::<BLOCK>().ok_or(message)?;
        if *control != CONTROL {
            return Err(message);
        }
        let certificate = CardVerifiableCertificate::decode(certificate)
            .map_err(KeyEstablishmentError::Certificate)?;
        let is_a_cards = matches!(certificate.body.subject, Subject::Card(_));
        if !is_a_cards
            || certificate.body.curve != suite.curve()
            || certificate.algorithm != SignatureAlgorithm::of(suite)
        {
            return Err(KeyEstablishmentError::OtherCertificate);
        }
        Ok(Self {
            nonce: nonce.to_vec(),
            cryptogram: *cryptogram,
            certificate,
        })
    }

    /// The card's certificate. Whether it is to be trusted is the host's to decide: by its signature, or because it has
    /// seen it before.
    #[must_use]
    pub fn certificate(&self) -> &CardVerifiableCertificate {
        &self.certificate
    }

    /// The host's half (H10 to H13): the channel, once the card has proved its key. `secret` is the X coordinate of what
    /// the host's key and the point of the certificate agree on.
    ///
    /// # Errors
    /// [`KeyEstablishmentError::NotProved`].
    pub fn confirm(
        &self,
        sent: &HostMessage,
        secret: &[u8],
    ) -> Result<HostChannel, KeyEstablishmentError> {
        let derived = sent
            .exchanged(&self.nonce, self.certificate.as_bytes())
            .derive(secret);
        let (keys, cryptogram) = derived.map_err(ProtectionError::from)?;
        if cryptogram.ct_eq(&self.cryptogram).into() {
            Ok(HostChannel::new(keys))
        } else {
            Err(KeyEstablishmentError::NotProved)
        }
    }
}
