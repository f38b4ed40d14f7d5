//! A card that nobody has enrolled: the defaults that PIV tools know.

use std::collections::BTreeMap;

use card_edge::piv::ccc::{self, CARD_IDENTIFIER_LENGTH};
use card_edge::piv::chuid::Chuid;
use card_edge::piv::discovery::{self, PinUsagePolicy};
use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK};
use card_edge::piv::{ManagementKey, ObjectId, Pin, Puk};
use uuid::Uuid;

use super::card_state::CardState;
use super::encoding::Bytes;
use super::error::StateError;
use super::pin_entry::PinEntry;
use super::reference_data::{HashError, ReferenceData};
use super::sealing::{self, OpeningKey};
use super::secure_messaging::ContactlessPolicy;

/// Tries of a new card's PIN.
pub const NEW_CARD_PIN_TRIES: u8 = 5;
/// Tries of a global PIN.
pub const GLOBAL_PIN_TRIES: u8 = 5;
/// Tries of a new card's PUK.
pub const NEW_CARD_PUK_TRIES: u8 = 3;

/// Serial numbers have eight decimal digits at most: some tools take more for negative.
const SERIAL_LIMIT: u32 = 100_000_000;

/// The CHUID's expiration date: the card itself does not age, its certificates do.
const EXPIRATION: [u8; 8] = *b"20491231";

impl CardState {
    /// A new card with an identity of its own and the default PIN, PUK and management key. It encrypts its keys.
    ///
    /// # Errors
    /// [`StateError`] where there is no randomness.
    pub fn new() -> Result<Self, StateError> {
        let chuid = Chuid {
            fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
            guid: Uuid::new_v4(),
            expiration: EXPIRATION,
            signature: Vec::new(),
        };
        let objects = [
            (ObjectId::Chuid, chuid.encode()?),
            (
                ObjectId::CardCapabilityContainer,
                ccc::encode(&card_identifier()?)?,
            ),
            (
                ObjectId::Discovery,
                discovery::encode(PinUsagePolicy::PIV_PIN_ONLY)?,
            ),
        ];
        let (sealing, opening) = sealing::pair()?;
        Ok(Self {
            serial: getrandom::u32()? % SERIAL_LIMIT,
            pin: Self::default_pin(NEW_CARD_PIN_TRIES, Some(&opening))?,
            puk: Self::default_puk(NEW_CARD_PUK_TRIES, Some(&opening))?,
            global_pin: None,
            management_key: ManagementKey::default_key(),
            objects: objects
                .into_iter()
                .map(|(object, content)| (object.tag(), Bytes(content)))
                .collect(),
            sealing: Some(sealing),
            keys: BTreeMap::new(),
            consent: BTreeMap::new(),
            secure_messaging: None,
            contactless: ContactlessPolicy::default(),
            pin_entry: PinEntry::default(),
            gids: None,
            enrollment: None,
            pending_enrollment: None,
            check_in: None,
            earlier_enrollments: Vec::new(),
        })
    }

    /// The default PIN with this many tries, and what decrypts the card's keys.
    ///
    /// # Errors
    /// [`HashError`] where it cannot be hashed.
    pub fn default_pin(
        tries: u8,
        opening: Option<&OpeningKey>,
    ) -> Result<ReferenceData, HashError> {
        let pin = Pin::new(DEFAULT_PIN.as_bytes()).map_err(|_| HashError)?;
        ReferenceData::new(pin.as_bytes(), tries, true, opening)
    }

    /// The default PUK with this many tries, and what decrypts the card's keys.
    ///
    /// # Errors
    /// [`HashError`] where it cannot be hashed.
    pub fn default_puk(
        tries: u8,
        opening: Option<&OpeningKey>,
    ) -> Result<ReferenceData, HashError> {
        let puk = Puk::new(DEFAULT_PUK.as_bytes()).map_err(|_| HashError)?;
        ReferenceData::new(puk.as_bytes(), tries, true, opening)
    }
}

/// F0 of the card capability container (GSC-IS 2.1, table 8-1): the GSC-RID, manufacturer FF, card type 02
/// (a file system card), then 14 bytes of card number, here random.
fn card_identifier() -> Result<[u8; CARD_IDENTIFIER_LENGTH], StateError> {
    let mut number = [0; 14];
    getrandom::fill(&mut number)?;
    let head = [0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02];
    let mut out = [0; CARD_IDENTIFIER_LENGTH];
    for (to, from) in out.iter_mut().zip(head.into_iter().chain(number)) {
        *to = from;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_card_has_an_identity_and_the_defaults() {
        let (one, other) = (CardState::new().unwrap(), CardState::new().unwrap());
        assert_ne!(one.guid(), other.guid());
        assert_eq!(one.guid().unwrap().get_version_num(), 4);
        assert!(one.pin.is_default && one.puk.is_default && one.management_key.is_default());
    }
}
