//! Phones check in by a key of their own, and renew their certificates.

use std::time::Duration;

use rcgen::{KeyPair, SigningKey as _};
use serde::Serialize;
use serde_json::json;

use enroll_server_model::random::sha256_hex;
use enroll_server_model::{
    CertificateState, EventKind, PhoneState, RevocationReason, SeededPolicy, Slot,
};
use enroll_server_service::check_in::{self, Renewed, Told};
use enroll_server_service::enrollment::{Enrolled, SlotCertificate};
use enroll_server_service::error::{Error, Result};
use enroll_server_service::refusal::{Conflict, Invalid};
use enroll_server_service::revocation::revoke_certificate;
use enroll_server_service::suspension;
use enroll_server_store::phone;
use enrollment_protocol::check_in::{PATH, RENEWAL_PATH, Signed, signed_bytes};
use enrollment_protocol::{Der, Version};

use crate::client::{CLIENT, Phone, csr, ec_key};
use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both!(
    a_check_in_is_proved_by_the_phones_key_over_a_challenge_that_is_good_once,
    a_certificate_is_renewed_when_it_is_due_and_the_old_one_ends_once_the_new_one_is_on_the_card,
    a_decryption_key_may_stay_where_the_card_has_no_place_for_another,
    what_is_suspended_or_revoked_is_not_renewed_and_a_revoked_phone_is_told_to_empty_its_card,
    a_card_that_was_enrolled_again_checks_in_by_its_new_key_alone,
    what_hinders_a_renewal_is_noted_until_it_is_gone,
);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An enrolled phone, and what it has in its slots.
struct Enrollee {
    phone: Phone,
    id: String,
    certificates: Vec<SlotCertificate>,
}

impl Enrollee {
    async fn new(fixture: &Fixture) -> Self {
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let phone = Phone::new(SeededPolicy::Compact);
        let token = invited.token.reveal();
        let Enrolled {
            phone_id,
            certificates,
            ..
        } = phone.enroll(fixture.app(), token).await.unwrap();
        Self {
            phone,
            id: phone_id,
            certificates,
        }
    }

    fn of(&self, slot: Slot) -> String {
        let found = self.certificates.iter().find(|one| one.slot == slot);
        sha256_hex(&found.unwrap().der)
    }

    fn signed(&self, path: &str, message: &impl Serialize) -> Signed {
        signed_by(&self.phone.check_in, &self.id, path, message)
    }

    fn message(&self, challenge: &str) -> serde_json::Value {
        let certificates: Vec<_> = self
            .certificates
            .iter()
            .map(|one| json!({"slot": one.slot, "sha256": sha256_hex(&one.der)}))
            .collect();
        json!({"challenge": challenge, "version": "test 1", "keys": "software",
            "last_use": 1_782_864_000, "certificates": certificates})
    }

    async fn challenge(&self, fixture: &Fixture) -> String {
        check_in::challenge(fixture.app(), &self.id, CLIENT)
            .await
            .unwrap()
    }

    /// Checks in with what `change` makes of its message.
    async fn checks_in_saying(&self, fixture: &Fixture, more: serde_json::Value) -> Result<Told> {
        let mut message = self.message(&self.challenge(fixture).await);
        for (name, value) in more.as_object().unwrap() {
            message[name] = value.clone();
        }
        check_in::check_in(fixture.app(), self.signed(PATH, &message), CLIENT).await
    }

    async fn checks_in(&self, fixture: &Fixture) -> Told {
        self.checks_in_saying(fixture, json!({})).await.unwrap()
    }

    /// Asks for a new certificate.
    async fn renews(
        &self,
        fixture: &Fixture,
        slot: Slot,
        key: Option<&KeyPair>,
    ) -> Result<Renewed> {
        let mut request = json!({"slot": slot, "replaces": self.of(slot)});
        if let Some(key) = key {
            request["csr"] = json!(Der(csr(key)));
        }
        let challenge = self.challenge(fixture).await;
        let message = json!({"challenge": challenge, "requests": [request]});
        let signed = self.signed(RENEWAL_PATH, &message);
        check_in::renew_to_the_end(fixture.app(), signed, CLIENT).await
    }

    fn installs(&mut self, renewed: Renewed) {
        for new in renewed.certificates {
            self.certificates.retain(|old| old.slot != new.slot);
            self.certificates.push(new);
        }
    }

    async fn states(&self, fixture: &Fixture, slot: Slot) -> Vec<CertificateState> {
        let rows = fixture.certificates(&self.id).await;
        let of_slot = rows.iter().filter(|row| row.slot == Some(slot));
        of_slot.map(|row| row.state).collect()
    }
}

fn signed_by(key: &KeyPair, phone: &str, path: &str, message: &impl Serialize) -> Signed {
    let message = serde_json::to_string(message).unwrap();
    let signature = key.sign(&signed_bytes(path, &message)).unwrap();
    Signed {
        protocol: Version::CURRENT,
        phone: phone.to_owned(),
        message,
        signature: Der(signature),
    }
}

fn is_not_due(result: Result<Renewed>) -> bool {
    matches!(result, Err(Error::RequestInvalid(Invalid::NotDue(_))))
}

async fn a_check_in_is_proved_by_the_phones_key_over_a_challenge_that_is_good_once(
    fixture: Fixture,
) {
    let app = fixture.app();
    let one = Enrollee::new(&fixture).await;
    let challenge = one.challenge(&fixture).await;
    let signed = one.signed(PATH, &one.message(&challenge));
    // A challenge that was replaced, and a message for another address.
    let current = one.challenge(&fixture).await;
    let elsewhere = one.signed(RENEWAL_PATH, &one.message(&current));
    let by_another = signed_by(&ec_key(), &one.id, PATH, &one.message(&current));
    for refused in [signed, elsewhere, by_another] {
        let refused = check_in::check_in(app, refused, CLIENT).await.unwrap_err();
        assert!(matches!(refused, Error::CheckInRefused), "{refused}");
    }
    let good = one.signed(PATH, &one.message(&current));
    let told = check_in::check_in(app, good.clone(), CLIENT).await.unwrap();
    assert_eq!(told.state, PhoneState::Active);
    assert!(!told.wipe && told.renewals.is_empty());
    assert_eq!(told.next, DAY);
    let again = check_in::check_in(app, good, CLIENT).await.unwrap_err();
    assert!(matches!(again, Error::CheckInRefused), "{again}");
    // What the answer gave is good for the next message, for a while.
    let next = one.signed(PATH, &one.message(&told.challenge));
    let told = check_in::check_in(app, next, CLIENT).await.unwrap();
    let late = one.signed(PATH, &one.message(&told.challenge));
    fixture.wait(Duration::from_secs(301));
    let late = check_in::check_in(app, late, CLIENT).await.unwrap_err();
    assert!(matches!(late, Error::CheckInRefused), "{late}");

    let unknown = check_in::challenge(app, "nobody", CLIENT)
        .await
        .unwrap_err();
    assert!(matches!(unknown, Error::PhoneUnknown), "{unknown}");
    let row = phone::by_id(fixture.store.reader(), &one.id).await.unwrap();
    let said = row.unwrap().check_in;
    assert_eq!(said.app_version.as_deref(), Some("test 1"));
    assert_eq!(said.key_protection.as_deref(), Some("software"));
    assert!(said.last_seen.is_some() && said.last_use.is_some());
}

async fn a_certificate_is_renewed_when_it_is_due_and_the_old_one_ends_once_the_new_one_is_on_the_card(
    fixture: Fixture,
) {
    let mut one = Enrollee::new(&fixture).await;
    let slot = Slot::PivAuthentication;
    let key = ec_key();
    assert!(is_not_due(one.renews(&fixture, slot, Some(&key)).await));
    fixture.wait(DAY * 340);
    let told = one.checks_in(&fixture).await;
    assert_eq!(told.renewals.len(), 4);
    // Its PIN does not matter: the key must be new.
    assert!(is_not_due(one.renews(&fixture, slot, None).await));
    let first = one.renews(&fixture, slot, Some(&key)).await.unwrap();
    // The answer was lost: the same key gets the same certificate.
    let renewed = one.renews(&fixture, slot, Some(&key)).await.unwrap();
    assert_eq!(first.certificates[0].der, renewed.certificates[0].der);
    assert!(!renewed.issuers.is_empty());
    use CertificateState::{Issued, Revoked};
    assert_eq!(one.states(&fixture, slot).await, [Issued, Issued]);
    one.checks_in(&fixture).await;
    assert_eq!(one.states(&fixture, slot).await, [Issued, Issued]);
    one.installs(renewed);
    let told = one.checks_in(&fixture).await;
    assert_eq!(told.renewals.len(), 3);
    assert_eq!(one.states(&fixture, slot).await, [Issued, Revoked]);
    assert!(is_not_due(
        one.renews(&fixture, slot, Some(&ec_key())).await
    ));
    // A key that is another slot's, or was, is nobody's new key.
    let other = one.renews(&fixture, Slot::CardAuthentication, Some(&key));
    assert!(matches!(
        other.await,
        Err(Error::RequestInvalid(Invalid::KnownKey { .. }))
    ));
    let kinds = fixture.event_kinds().await;
    let issued = kinds
        .iter()
        .filter(|kind| **kind == EventKind::CertificateIssued);
    assert!(issued.count() >= 5);
}

async fn a_decryption_key_may_stay_where_the_card_has_no_place_for_another(fixture: Fixture) {
    let mut one = Enrollee::new(&fixture).await;
    let slot = Slot::KeyManagement;
    assert!(is_not_due(one.renews(&fixture, slot, None).await));
    fixture.wait(DAY * 340);
    let renewed = one.renews(&fixture, slot, None).await.unwrap();
    one.installs(renewed);
    one.checks_in(&fixture).await;
    // The earlier one is for the same key, and ends by itself.
    use CertificateState::Issued;
    assert_eq!(one.states(&fixture, slot).await, [Issued, Issued]);
    let rows = fixture.certificates(&one.id).await;
    let mut keys: Vec<_> = rows
        .iter()
        .filter(|row| row.slot == Some(slot))
        .map(|row| &row.key_hash)
        .collect();
    keys.dedup();
    assert_eq!(keys.len(), 1);
}

async fn what_is_suspended_or_revoked_is_not_renewed_and_a_revoked_phone_is_told_to_empty_its_card(
    fixture: Fixture,
) {
    let app = fixture.app();
    let one = Enrollee::new(&fixture).await;
    fixture.wait(DAY * 340);
    let key = ec_key();
    let slot = Slot::PivAuthentication;
    suspension::suspend_phone(app, &one.id, String::new(), &administrator())
        .await
        .unwrap();
    let told = one.checks_in(&fixture).await;
    assert_eq!(told.state, PhoneState::Suspended);
    assert!(told.renewals.is_empty() && !told.wipe);
    let refused = one.renews(&fixture, slot, Some(&key)).await.unwrap_err();
    assert!(
        matches!(refused, Error::Conflict(Conflict::PhoneSuspended)),
        "{refused}"
    );
    suspension::resume_phone(app, &one.id, &administrator())
        .await
        .unwrap();
    // A certificate that was revoked by itself does not come back.
    let rows = fixture.certificates(&one.id).await;
    let row = rows.iter().find(|row| row.slot == Some(slot)).unwrap();
    let reason = RevocationReason::Unspecified;
    revoke_certificate(app, &row.id, reason, &administrator())
        .await
        .unwrap();
    let told = one.checks_in(&fixture).await;
    assert!(told.renewals.len() == 3 && told.renewals.iter().all(|order| order.slot != slot));
    assert!(is_not_due(one.renews(&fixture, slot, Some(&key)).await));

    fixture.revoke(&one.id).await;
    let told = one.checks_in(&fixture).await;
    assert_eq!(told.state, PhoneState::Revoked);
    assert!(told.wipe && told.renewals.is_empty());
    let other = Slot::DigitalSignature;
    let refused = one.renews(&fixture, other, Some(&key)).await.unwrap_err();
    assert!(
        matches!(refused, Error::Conflict(Conflict::PhoneRevoked)),
        "{refused}"
    );
    for _ in 0..2 {
        let wiped = json!({"wiped": true, "certificates": []});
        let told = one.checks_in_saying(&fixture, wiped).await.unwrap();
        assert!(!told.wipe);
    }
    let kinds = fixture.event_kinds().await;
    let wiped = kinds.iter().filter(|kind| **kind == EventKind::PhoneWiped);
    assert_eq!(wiped.count(), 1);
}

async fn a_card_that_was_enrolled_again_checks_in_by_its_new_key_alone(fixture: Fixture) {
    let app = fixture.app();
    let mut one = Enrollee::new(&fixture).await;
    fixture.revoke(&one.id).await;
    let again = Phone {
        guid: one.phone.guid,
        ..Phone::new(SeededPolicy::Compact)
    };
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let enrolled = again.enroll(app, invited.token.reveal()).await.unwrap();
    assert_eq!(enrolled.phone_id, one.id);
    let refused = one.checks_in_saying(&fixture, json!({})).await.unwrap_err();
    assert!(matches!(refused, Error::CheckInRefused), "{refused}");
    one.phone = again;
    one.certificates = enrolled.certificates;
    let told = one.checks_in(&fixture).await;
    assert!(told.state == PhoneState::Active && !told.wipe);
}

async fn what_hinders_a_renewal_is_noted_until_it_is_gone(fixture: Fixture) {
    let one = Enrollee::new(&fixture).await;
    fixture.wait(DAY * 340);
    let problems = async || {
        let row = phone::by_id(fixture.store.reader(), &one.id).await.unwrap();
        row.unwrap().check_in.problems
    };
    let full = json!({"problems": [{"slot": "9D", "reason": "retired_slots_full"}]});
    for _ in 0..2 {
        one.checks_in_saying(&fixture, full.clone()).await.unwrap();
        // The next one is about to try again.
        one.checks_in(&fixture).await;
        assert!(problems().await.unwrap().contains("retired_slots_full"));
    }
    let kinds = fixture.event_kinds().await;
    let hindered = kinds
        .iter()
        .filter(|kind| **kind == EventKind::RenewalHindered);
    assert_eq!(hindered.count(), 1);
    one.checks_in_saying(&fixture, json!({"problems": []}))
        .await
        .unwrap();
    assert_eq!(problems().await, None);
}
