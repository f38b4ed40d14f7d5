//! Phones check in by a key of their own, and renew their certificates.

use std::time::Duration;

use rcgen::{KeyPair, SigningKey as _};
use serde::Serialize;
use serde_json::json;

use enroll_server_model::random::sha256_hex;
use enroll_server_model::{
    CertificateState, EventKind, PhoneState, ProblemReason, RevocationReason, SeededPolicy, Slot,
};
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::admission::replace::replace;
use enroll_server_service::admission::replaced::{Departure, Replacing};
use enroll_server_service::check_in::{self, Renewed, Told};
use enroll_server_service::enrollment::{Enrolled, SlotCertificate};
use enroll_server_service::error::{Error, Result};
use enroll_server_service::refusal::Conflict;
use enroll_server_service::revocation::revoke_certificate;
use enroll_server_service::suspension;
use enroll_server_store::listing::{self, HolderFilter, HolderSort, Sorting, Span};
use enroll_server_store::{Kind, phone};
use enrollment_protocol::check_in::{PATH, RENEWAL_PATH, Signed, signed_bytes};
use enrollment_protocol::unblocking::UnblockingKey;
use enrollment_protocol::{Der, Version};

use crate::client::{CLIENT, Phone, csr, ec_key};
use crate::fixture::{Fixture, administrator};
use crate::on_both;
use crate::row::execute;

on_both!(
    a_check_in_is_proved_by_the_phones_key_over_a_challenge_that_is_good_once,
    whoever_asks_in_a_phones_name_does_not_keep_it_from_checking_in,
    a_certificate_is_renewed_when_it_is_due_and_the_old_one_ends_once_the_new_one_is_on_the_card,
    a_decryption_key_may_stay_where_the_card_has_no_place_for_another,
    what_is_suspended_or_revoked_is_not_renewed_and_a_revoked_phone_is_told_to_empty_its_card,
    a_phone_whose_place_another_took_is_told_to_empty_its_card,
    a_card_that_was_enrolled_again_checks_in_by_its_new_key_alone,
    what_hinders_a_renewal_is_noted_until_it_is_gone,
    a_slot_that_cannot_be_renewed_keeps_no_other_from_it,
    a_card_that_comes_back_long_after_its_end_is_invited_again,
    nothing_is_due_that_would_end_no_later_with_its_authority,
    a_compromised_key_is_never_certified_again,
    a_renewal_under_way_does_not_survive_that_the_card_is_enrolled_again,
);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An enrolled phone, and what it has in its slots.
pub struct Enrollee {
    pub phone: Phone,
    pub id: String,
    pub unblocking: Option<UnblockingKey>,
    certificates: Vec<SlotCertificate>,
}

impl Enrollee {
    pub async fn new(fixture: &Fixture) -> Self {
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let phone = Phone::new(SeededPolicy::Compact);
        let token = invited.token.reveal();
        let Enrolled {
            phone_id,
            certificates,
            unblocking,
            ..
        } = phone.enroll(fixture.app(), token).await.unwrap();
        Self {
            phone,
            id: phone_id,
            unblocking,
            certificates,
        }
    }

    /// Enrolls the same card with new keys; gives it as it was.
    pub async fn enroll_again(&mut self, fixture: &Fixture) -> Phone {
        let again = Phone {
            guid: self.phone.guid,
            ..Phone::new(SeededPolicy::Compact)
        };
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let token = invited.token.reveal();
        let enrolled = again.enroll(fixture.app(), token).await.unwrap();
        assert_eq!(enrolled.phone_id, self.id);
        self.unblocking = enrolled.unblocking;
        self.certificates = enrolled.certificates;
        std::mem::replace(&mut self.phone, again)
    }

    fn of(&self, slot: Slot) -> String {
        let found = self.certificates.iter().find(|one| one.slot == slot);
        sha256_hex(&found.unwrap().der)
    }

    pub fn signed(&self, path: &str, message: &impl Serialize) -> Signed {
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

    pub async fn challenge(&self, fixture: &Fixture) -> String {
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
        self.renews_all(fixture, &[(slot, key.map(csr))]).await
    }

    /// Asks for new certificates by these requests.
    async fn renews_all(
        &self,
        fixture: &Fixture,
        asked: &[(Slot, Option<Vec<u8>>)],
    ) -> Result<Renewed> {
        let requests: Vec<_> = asked
            .iter()
            .map(|(slot, csr)| {
                let mut request = json!({"slot": slot, "replaces": self.of(*slot)});
                if let Some(csr) = csr {
                    request["csr"] = json!(Der(csr.clone()));
                }
                request
            })
            .collect();
        let challenge = self.challenge(fixture).await;
        let message = json!({"challenge": challenge, "requests": requests});
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
    refused(&result.unwrap()) == [ProblemReason::NotDue]
}

/// Why there are no certificates.
fn refused(renewed: &Renewed) -> Vec<ProblemReason> {
    assert!(renewed.certificates.is_empty());
    renewed.problems.iter().map(|one| one.reason).collect()
}

async fn a_check_in_is_proved_by_the_phones_key_over_a_challenge_that_is_good_once(
    fixture: Fixture,
) {
    let app = fixture.app();
    let one = Enrollee::new(&fixture).await;
    let challenge = one.challenge(&fixture).await;
    let other = format!("{challenge}X");
    let signed = one.signed(PATH, &one.message(&other));
    // Another challenge, and a message for another address.
    let current = challenge;
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
    // Its holder was seen too.
    let (all, by_seen) = (HolderFilter::All, Sorting::falling(HolderSort::LastSeen));
    let rows = listing::holders(fixture.store.reader(), all, "", by_seen, Span::first(9)).await;
    assert_eq!(rows.unwrap()[0].last_seen, said.last_seen);
}

async fn whoever_asks_in_a_phones_name_does_not_keep_it_from_checking_in(fixture: Fixture) {
    let one = Enrollee::new(&fixture).await;
    let challenge = one.challenge(&fixture).await;
    // Somebody who knows its id asks again and again.
    for seconds in [0, 60, 85] {
        fixture.wait(Duration::from_secs(seconds));
        assert_eq!(one.challenge(&fixture).await, challenge);
    }
    // What has hardly any time left is not given to a phone.
    fixture.wait(Duration::from_secs(10));
    let next = one.challenge(&fixture).await;
    assert_ne!(next, challenge);
    let told = one.signed(PATH, &one.message(&next));
    let told = check_in::check_in(fixture.app(), told, CLIENT).await;
    assert_ne!(told.unwrap().challenge, next);
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
    assert_eq!(refused(&other.await.unwrap()), [ProblemReason::KeyRefused]);
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

async fn a_phone_whose_place_another_took_is_told_to_empty_its_card(fixture: Fixture) {
    let app = fixture.app();
    let one = Enrollee::new(&fixture).await;
    let old = Replacing {
        phone: one.id.clone(),
        departure: Departure::OnceReplaced,
    };
    let invited = replace(app, old, ByMail::No, &administrator())
        .await
        .unwrap();
    assert!(!one.checks_in(&fixture).await.wipe, "still in use");
    let new = Phone::new(SeededPolicy::Compact);
    new.enroll(app, invited.token.reveal()).await.unwrap();
    assert!(one.checks_in(&fixture).await.wipe);
}

async fn a_card_that_was_enrolled_again_checks_in_by_its_new_key_alone(fixture: Fixture) {
    let mut one = Enrollee::new(&fixture).await;
    fixture.revoke(&one.id).await;
    let before = one.enroll_again(&fixture).await;
    let again = std::mem::replace(&mut one.phone, before);
    let refused = one.checks_in_saying(&fixture, json!({})).await.unwrap_err();
    assert!(matches!(refused, Error::CheckInRefused), "{refused}");
    one.phone = again;
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

async fn a_slot_that_cannot_be_renewed_keeps_no_other_from_it(fixture: Fixture) {
    let mut one = Enrollee::new(&fixture).await;
    fixture.wait(DAY * 340);
    let first = ec_key();
    let slot = Slot::PivAuthentication;
    let renewed = one.renews(&fixture, slot, Some(&first)).await.unwrap();
    one.installs(renewed);
    one.checks_in(&fixture).await;
    let asked = [
        // A key that was certified, no request at all, one without its key's signature, and a good one.
        (Slot::KeyManagement, Some(csr(&first))),
        (Slot::PivAuthentication, Some(csr(&ec_key()))),
        (Slot::CardAuthentication, Some(b"no request".to_vec())),
        (Slot::DigitalSignature, Some(csr(&ec_key()))),
    ];
    let renewed = one.renews_all(&fixture, &asked).await.unwrap();
    let good: Vec<_> = renewed.certificates.iter().map(|one| one.slot).collect();
    assert_eq!(good, [Slot::DigitalSignature]);
    let problems: Vec<_> = renewed
        .problems
        .iter()
        .map(|one| (one.slot, one.reason))
        .collect();
    assert_eq!(
        problems,
        [
            (Slot::KeyManagement, ProblemReason::KeyRefused),
            (Slot::PivAuthentication, ProblemReason::NotDue),
            (Slot::CardAuthentication, ProblemReason::KeyRefused),
        ]
    );
    assert!(!renewed.issuers.is_empty());
}

async fn a_card_that_comes_back_long_after_its_end_is_invited_again(fixture: Fixture) {
    let one = Enrollee::new(&fixture).await;
    // It ended, and lay in a drawer.
    fixture.wait(DAY * (365 + 29));
    let told = one.checks_in(&fixture).await;
    assert_eq!((told.renewals.len(), told.problems.len()), (4, 0));
    fixture.wait(DAY * 2);
    for _ in 0..2 {
        let told = one.checks_in(&fixture).await;
        assert!(told.renewals.is_empty());
        assert_eq!(told.problems.len(), 4);
        let reasons = told.problems.iter().map(|one| one.reason);
        assert!(reasons.eq([ProblemReason::Ended; 4]));
    }
    let slot = Slot::PivAuthentication;
    let renewed = one.renews(&fixture, slot, Some(&ec_key())).await.unwrap();
    assert_eq!(refused(&renewed), [ProblemReason::Ended]);
    let row = phone::by_id(fixture.store.reader(), &one.id).await.unwrap();
    assert!(row.unwrap().check_in.problems.unwrap().contains("ended"));
    let kinds = fixture.event_kinds().await;
    let hindered = kinds
        .iter()
        .filter(|kind| **kind == EventKind::RenewalHindered);
    assert_eq!(hindered.count(), 1);
}

async fn nothing_is_due_that_would_end_no_later_with_its_authority(fixture: Fixture) {
    let authority = fixture.app().authorities.current().certificate().validity();
    let life = authority.length();
    // Certificates live as long as their authority, and no longer.
    fixture.wait(life - DAY * 200);
    let mut one = Enrollee::new(&fixture).await;
    fixture.wait(DAY * 190);
    let told = one.checks_in(&fixture).await;
    assert!(told.renewals.is_empty() && told.problems.is_empty());
    let slot = Slot::PivAuthentication;
    assert!(is_not_due(
        one.renews(&fixture, slot, Some(&ec_key())).await
    ));
    // One that was issued so near the end is not due from its birth.
    one = Enrollee::new(&fixture).await;
    assert!(one.checks_in(&fixture).await.renewals.is_empty());
}

async fn a_compromised_key_is_never_certified_again(fixture: Fixture) {
    let mut one = Enrollee::new(&fixture).await;
    let slot = Slot::KeyManagement;
    fixture.wait(DAY * 340);
    let renewed = one.renews(&fixture, slot, None).await.unwrap();
    one.installs(renewed);
    one.checks_in(&fixture).await;
    // The holder lost the key: whichever certificate an officer takes, none for it is good.
    let rows = fixture.certificates(&one.id).await;
    let rows: Vec<_> = rows.iter().filter(|row| row.slot == Some(slot)).collect();
    let reason = RevocationReason::KeyCompromise;
    revoke_certificate(fixture.app(), &rows[1].id, reason, &administrator())
        .await
        .unwrap();
    use CertificateState::Revoked;
    assert_eq!(one.states(&fixture, slot).await, [Revoked, Revoked]);
    // One that an earlier version of the server left.
    for statement in [
        "UPDATE certificates SET state = 'issued' WHERE id = $1",
        "DELETE FROM revocations WHERE serial = (SELECT serial FROM certificates WHERE id = $1)",
    ] {
        execute(&fixture.store, statement, &[&rows[0].id]).await;
    }
    fixture.wait(DAY * 340);
    let renewed = one.renews(&fixture, slot, None).await.unwrap();
    assert_eq!(refused(&renewed), [ProblemReason::KeyCompromised]);
    // A new key is as good as any.
    let renewed = one.renews(&fixture, slot, Some(&ec_key())).await.unwrap();
    assert!(renewed.problems.is_empty());
}

/// From now on each certificate that is put on record finds its card enrolled again before it is signed.
async fn enroll_cards_meanwhile(fixture: &Fixture) {
    let statements: &[&'static str] = match fixture.store.kind() {
        Kind::Sqlite => &["CREATE TRIGGER again AFTER INSERT ON certificates BEGIN \
              UPDATE phones SET check_in_key = X'00' WHERE id = NEW.phone_id; END"],
        Kind::Postgres => &[
            "CREATE FUNCTION enroll_again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             UPDATE phones SET check_in_key = '\\x00' WHERE id = NEW.phone_id; RETURN NEW; END $$",
            "CREATE TRIGGER again AFTER INSERT ON certificates FOR EACH ROW EXECUTE FUNCTION enroll_again()",
        ],
    };
    for statement in statements {
        execute(&fixture.store, statement, &[]).await;
    }
}

async fn a_renewal_under_way_does_not_survive_that_the_card_is_enrolled_again(fixture: Fixture) {
    let one = Enrollee::new(&fixture).await;
    fixture.wait(DAY * 340);
    let challenge = one.challenge(&fixture).await;
    enroll_cards_meanwhile(&fixture).await;
    let slot = Slot::PivAuthentication;
    let request = json!({"slot": slot, "replaces": one.of(slot), "csr": Der(csr(&ec_key()))});
    let message = json!({"challenge": challenge, "requests": [request]});
    let signed = one.signed(RENEWAL_PATH, &message);
    let refused = check_in::renew_to_the_end(fixture.app(), signed, CLIENT).await;
    assert!(matches!(refused, Err(Error::CheckInRefused)), "{refused:?}");
    use CertificateState::{Issued, Reserved};
    assert_eq!(one.states(&fixture, slot).await, [Reserved, Issued]);
}
