//! Whether a profile is sound: checked when it is loaded, so that it is refused then and not when it issues.

use std::sync::Arc;

use const_oid::db::{rfc5280, rfc5912};
use enroll_server_model::{Guid, IssuerRole, KeyAlgorithm, Timestamp};

use super::definition::{Definition, KeyUse, Profile, Revocation, SubjectRule};
use super::error::{Flaw, rule};
use crate::addresses::RelyingAddresses;
use crate::authorities::authority::{Authority, AuthorityKey};
use crate::authorities::create::{self, NewAuthority};
use crate::builder;
use crate::error::{CaError, Result};
use crate::facts::Facts;
use crate::key_type::table;
use crate::public_key::PublicKey;
use crate::signer::file::FileKey;
use crate::signer::sign::Signer;

/// Longest lifetime, in days: ten years, as long as an issuing authority lives.
const LONGEST_LIFETIME: u32 = 3650;
/// Limits of the limit on a certificate's bytes. No certificate is shorter than the first; the second is what a card can
/// hold with room to spare.
const LONGEST: std::ops::RangeInclusive<usize> = 512..=16 * 1024;

/// When trial certificates are made: at any time that all of their dates can be written.
const TRIAL: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// Lints a certificate of each kind that a profile allows, under throw-away keys.
pub struct Trial {
    issuer: Arc<Authority>,
    facts: Facts,
}

impl Trial {
    /// An authority that nobody trusts, and a subject that nobody knows.
    ///
    /// # Errors
    /// If no key can be generated.
    pub fn new() -> Result<Self> {
        let key = Signer::new(FileKey::generate(KeyAlgorithm::P256)?);
        let new = NewAuthority {
            organisation: "Example Organisation".to_owned(),
            name: "Example Organisation Issuing CA".to_owned(),
            not_before: TRIAL,
            not_after: Timestamp::from_seconds(i64::from(u32::MAX)),
        };
        let certificate = create::root(&new, &key)?;
        let addresses = RelyingAddresses::new("http://enroll.example.org:8080".to_owned());
        Ok(Self {
            issuer: Arc::new(Authority::new(
                String::new(),
                IssuerRole::Issuing,
                certificate,
                AuthorityKey::Resident(key),
                &addresses,
            )),
            facts: Facts {
                organisation: new.organisation,
                name: "Alexandra Example".to_owned(),
                email: "alexandra.example@example.org".to_owned(),
                upn: "alexandra.example@example.org".to_owned(),
                guid: Guid::from_bytes([0x11; 16]),
                host: "enroll.example.org".to_owned(),
            },
        })
    }

    /// Checks a profile: its rules, then a certificate for a key of each algorithm.
    ///
    /// # Errors
    /// The first flaw.
    pub fn check(&self, profile: &Arc<Profile>) -> std::result::Result<(), Flaw> {
        check_rules(&profile.definition)?;
        for algorithm in &profile.definition.algorithms {
            let key =
                PublicKey::from_spki(&table::of(*algorithm).sample()?).map_err(CaError::from)?;
            builder::prepare(&self.issuer, profile, &self.facts, &key, TRIAL)?;
        }
        Ok(())
    }
}

fn check_rules(definition: &Definition) -> std::result::Result<(), Flaw> {
    let Definition {
        algorithms,
        alternative_names,
        key_usage,
        extended_key_usage,
        ..
    } = definition;
    rule(
        !algorithms.is_empty(),
        "it must take keys of at least one algorithm",
    )?;
    rule(is_set(algorithms), "an algorithm is listed twice")?;
    rule(
        is_set(alternative_names),
        "an alternative name is listed twice",
    )?;
    rule(
        !key_usage.is_empty() && is_set(key_usage),
        "the key must have a use, and each use is listed once",
    )?;
    rule(
        !key_usage.contains(&KeyUse::Commit) || key_usage.contains(&KeyUse::Sign),
        "a key that commits must also sign",
    )?;
    rule(
        !extended_key_usage.is_empty() && is_set(extended_key_usage),
        "there must be an extended key usage, and each is listed once",
    )?;
    rule(
        !extended_key_usage.contains(&rfc5280::ANY_EXTENDED_KEY_USAGE),
        "the extended key usage must not be any",
    )?;
    rule(
        (1..=LONGEST_LIFETIME).contains(&definition.lifetime_days),
        "the lifetime must be between 1 and 3650 days",
    )?;
    let days_before = definition.renewal.days_before.unwrap_or(0);
    rule(
        days_before <= definition.lifetime_days / 2,
        "a certificate must not be renewed before half of its lifetime is over",
    )?;
    rule(
        LONGEST.contains(&definition.longest),
        "the longest certificate must have between 512 and 16384 bytes",
    )?;
    // Whoever signs OCSP answers cannot be asked about by OCSP, and nobody else may stay unasked about.
    let signs_ocsp = extended_key_usage.contains(&rfc5912::ID_KP_OCSP_SIGNING);
    rule(
        signs_ocsp == (definition.revocation == Revocation::NoCheck)
            && signs_ocsp == (definition.subject == SubjectRule::OcspResponder),
        "OCSP signing, the subject ocsp-responder and the revocation no-check belong together",
    )?;
    rule(
        !signs_ocsp || extended_key_usage.len() == 1,
        "a key that signs OCSP answers must have no other extended key usage",
    )?;
    let is_cards = matches!(definition.subject, SubjectRule::Person | SubjectRule::Card);
    rule(
        definition.slot.is_none() || is_cards,
        "a key on a card belongs to a person or to the card",
    )
}

fn is_set<T: PartialEq>(items: &[T]) -> bool {
    items
        .iter()
        .enumerate()
        .all(|(at, item)| !items.iter().skip(at + 1).any(|other| other == item))
}
