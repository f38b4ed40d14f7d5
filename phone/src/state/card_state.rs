//! All that the card remembers but for its retry counters, which have a file of their own.

use std::collections::BTreeMap;

use card_edge::piv::chuid::Chuid;
use card_edge::piv::{AsymmetricKey, ManagementKey, ObjectId};
use card_edge::tlv::{Tag, VALUE_MAX};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check_in::CheckIn;
use super::encoding::{Bytes, by_key, by_place, by_tag, management_key};
use super::enrollment::{Enrollment, PendingEnrollment};
use super::gids::Gids;
use super::key::KeyRecord;
use super::pin_entry::PinEntry;
use super::reference_data::ReferenceData;
use super::sealing::SealingKey;
use super::secure_messaging::{ContactlessPolicy, SecureMessaging};
use crate::key_store::{Consent, KeyPlace};

/// All that the card remembers but for its retry counters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardState {
    /// A number that tools show, random.
    pub serial: u32,
    /// The PIV PIN (80).
    pub pin: ReferenceData,
    /// The PIN unblocking key (81).
    pub puk: ReferenceData,
    /// The global PIN (00), on a card that was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global_pin: Option<ReferenceData>,
    /// The card management key (9B).
    #[serde(with = "management_key")]
    pub management_key: ManagementKey,
    /// The content of each object, without the wrapping 53, 7E or 7F61; an absent object is not on the card.
    #[serde(with = "by_tag")]
    pub objects: BTreeMap<Tag, Bytes>,
    /// What encrypts the keys whose use needs the PIN, on a card that does that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealing: Option<SealingKey>,
    /// The keys.
    #[serde(with = "by_key")]
    pub keys: BTreeMap<AsymmetricKey, KeyRecord>,
    /// What the holder wants a use of the key in a place to need, whichever key that is, where it is more than the PIN.
    #[serde(with = "by_place", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<KeyPlace, Consent>,
    /// The key of secure messaging (04) and its certificate, once they were needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_messaging: Option<SecureMessaging>,
    /// What hosts may do over the contactless interface.
    #[serde(default, skip_serializing_if = "is_default")]
    pub contactless: ContactlessPolicy,
    /// Where the PIN can be typed that a host asks for.
    #[serde(default, skip_serializing_if = "is_at_host")]
    pub pin_entry: PinEntry,
    /// What the card has as a GIDS card, where its holder chose that in place of PIV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gids: Option<Gids>,
    /// Who enrolled it, if anyone has.
    pub enrollment: Option<Enrollment>,
    /// An enrollment that was begun and not finished.
    pub pending_enrollment: Option<PendingEnrollment>,
    /// What it checks in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in: Option<CheckIn>,
    /// Those that were begun before it by other invitations, the latest last: their keys may be certified already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_enrollments: Vec<PendingEnrollment>,
}

/// What a card of before would not know is not written where nobody has decided anything.
fn is_default(policy: &ContactlessPolicy) -> bool {
    *policy == ContactlessPolicy::default()
}

fn is_at_host(entry: &PinEntry) -> bool {
    *entry == PinEntry::Host
}

/// The most earlier enrollments that are kept.
const EARLIER_MAX: usize = 4;

impl CardState {
    /// What types alone do not hold of a card that was read: objects that the card knows and can give, and for an
    /// enrollment the keys that were offered certificates.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        for (tag, content) in &self.objects {
            if ObjectId::from_tag(*tag).is_none() {
                return Err(format!("there is no object {tag}"));
            }
            if content.0.len() > VALUE_MAX {
                return Err(format!("object {tag} has {} bytes", content.0.len()));
            }
        }
        if let Some(secure_messaging) = &self.secure_messaging {
            secure_messaging.check()?;
        }
        if let Some(gids) = &self.gids {
            gids.check()?;
        }
        self.check_sealing()?;
        for begun in self.begun_enrollments() {
            for (reference, record) in &begun.keys {
                if begun.offered.get(reference) != Some(&record.algorithm) {
                    return Err(format!(
                        "the enrollment has no place for its key {reference}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// The format that it is written in: the earliest that has all of it, so that programs that do not know what it has say that
    /// a newer one is needed.
    pub(super) fn format(&self) -> u32 {
        let mut begun = self.begun_enrollments();
        if self
            .check_in
            .as_ref()
            .is_some_and(|own| own.unblocking.is_some())
        {
            8
        } else if self.check_in.is_some() || begun.any(|begun| begun.check_in.is_some()) {
            7
        } else if self.pin_entry != PinEntry::Host {
            6
        } else if self.keys.values().any(|key| key.pin_policy.is_some()) {
            5
        } else if self.sealing.is_some() {
            4
        } else if self.has_what_format_2_lacks() {
            3
        } else {
            2
        }
    }

    /// Whether it has a member that is not written where there is nothing to say, which the first programs of format 2 took for
    /// damage.
    fn has_what_format_2_lacks(&self) -> bool {
        self.global_pin.is_some()
            || !self.consent.is_empty()
            || self.gids.is_some()
            || !self.earlier_enrollments.is_empty()
            || self.secure_messaging.is_some()
            || self.contactless != ContactlessPolicy::default()
    }

    /// The enrollments that were begun and not finished.
    pub fn begun_enrollments(&self) -> impl Iterator<Item = &PendingEnrollment> {
        self.pending_enrollment
            .iter()
            .chain(&self.earlier_enrollments)
    }

    /// Makes this the enrollment that goes on. One by another invitation is kept: its keys may be certified already.
    pub(crate) fn go_on_with(&mut self, pending: PendingEnrollment) {
        let is_other = |begun: &PendingEnrollment| begun.invitation != pending.invitation;
        self.earlier_enrollments.retain(is_other);
        let before = self.pending_enrollment.take().filter(is_other);
        self.earlier_enrollments.extend(before);
        let surplus = self.earlier_enrollments.len().saturating_sub(EARLIER_MAX);
        self.earlier_enrollments.drain(..surplus);
        self.pending_enrollment = Some(pending);
    }

    /// What the holder wants a use of the key in this place to need.
    #[must_use]
    pub fn consent_of(&self, key: impl Into<KeyPlace>) -> Consent {
        self.consent.get(&key.into()).copied().unwrap_or_default()
    }

    /// Sets what the holder wants a use of the key in this place to need.
    pub fn set_consent(&mut self, key: impl Into<KeyPlace>, consent: Consent) {
        let key = key.into();
        match consent {
            Consent::Pin => self.consent.remove(&key),
            Consent::ConfirmOnPhone | Consent::Never => self.consent.insert(key, consent),
        };
    }

    /// The content of an object, if it is on the card.
    #[must_use]
    pub fn object(&self, object: ObjectId) -> Option<&[u8]> {
        self.objects
            .get(&object.tag())
            .map(|bytes| bytes.0.as_slice())
    }

    /// The card's identity, as its CHUID gives it; `None` where that is missing or malformed.
    #[must_use]
    pub fn guid(&self) -> Option<Uuid> {
        Chuid::decode(self.object(ObjectId::Chuid)?)
            .ok()
            .map(|chuid| chuid.guid)
    }
}
