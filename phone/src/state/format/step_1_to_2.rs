//! Format 1 kept the tries left with PIN and PUK; format 2 keeps them in a file of their own.
//!
//! What format 1 writes as format 2 does is read by today's types. Where one of them changes, its former self moves here.

use std::collections::BTreeMap;

use card_edge::piv::{AsymmetricKey, ManagementKey};
use card_edge::tlv::Tag;
use serde::Deserialize;

use crate::state::card_state::CardState;
use crate::state::counters::Counters;
use crate::state::encoding::{Bytes, by_key, by_tag, management_key};
use crate::state::enrollment::{Enrollment, PendingEnrollment};
use crate::state::key::KeyRecord;
use crate::state::pin_entry::PinEntry;
use crate::state::reference_data::ReferenceData;
use crate::state::secure_messaging::ContactlessPolicy;

/// A card of format 1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Card {
    serial: u32,
    pin: ReferenceDataWithTries,
    puk: ReferenceDataWithTries,
    #[serde(with = "management_key")]
    management_key: ManagementKey,
    #[serde(with = "by_tag")]
    objects: BTreeMap<Tag, Bytes>,
    #[serde(with = "by_key")]
    keys: BTreeMap<AsymmetricKey, KeyRecord>,
    enrollment: Option<Enrollment>,
    pending_enrollment: Option<PendingEnrollment>,
}

/// A PIN or PUK with its tries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReferenceDataWithTries {
    hash: String,
    limit: u8,
    remaining: u8,
    is_default: bool,
}

impl ReferenceDataWithTries {
    fn split(self) -> Result<(ReferenceData, u8), String> {
        if self.remaining > self.limit {
            return Err(format!(
                "{} tries are left of {}",
                self.remaining, self.limit
            ));
        }
        let data = ReferenceData::from_hash(self.hash, self.limit, self.is_default)
            .map_err(|error| error.to_string())?;
        Ok((data, self.remaining))
    }
}

/// The same card in format 2, and its counters; or what of it cannot be.
pub(super) fn step(card: Card) -> Result<(CardState, Counters), String> {
    let ((pin, pin_left), (puk, puk_left)) = (card.pin.split()?, card.puk.split()?);
    let counters = Counters::new((&pin, pin_left), (&puk, puk_left));
    let card = CardState {
        secure_messaging: None,
        contactless: ContactlessPolicy::default(),
        pin_entry: PinEntry::default(),
        serial: card.serial,
        pin,
        puk,
        global_pin: None,
        management_key: card.management_key,
        objects: card.objects,
        sealing: None,
        keys: card.keys,
        consent: BTreeMap::new(),
        gids: None,
        enrollment: card.enrollment,
        pending_enrollment: card.pending_enrollment,
        check_in: None,
        earlier_enrollments: Vec::new(),
    };
    Ok((card, counters))
}
