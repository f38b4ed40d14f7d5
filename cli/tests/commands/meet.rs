//! `tapcard meet` on our own phone, which got another key for its channel, and on one that only claims to be it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which fail by it"
)]

use std::io;
use std::sync::Arc;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use card_edge::Transmit;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::Client;
use card_edge::piv::{
    AsymmetricKey, Cipher, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ObjectId, certificate,
};
use card_edge::transmit::ResponseBytes;
use card_host::{Identity, KnownCards};
use tapcard_cli::doctor::finding::Finding;
use tapcard_cli::doctor::link::LinkError;
use tapcard_cli::exit::Outcome;
use tapcard_cli::meet::{look, meet};
use tapcard_cli::pin::card;
use tapcard_cli::pin::error::PinError;
use tapcard_cli::pin::terminal::Terminal;
use tapcard_cli::pin::way::Way;
use tapcard_phone::interface::Interface;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::issuer;
use crate::phone::Phone;

/// Somebody who says yes or no.
struct Person {
    says_yes: bool,
    questions: Vec<String>,
}

impl Person {
    fn who(says_yes: bool) -> Self {
        Self {
            says_yes,
            questions: Vec::new(),
        }
    }
}

impl Terminal for Person {
    fn is_there(&self) -> bool {
        true
    }

    fn ask_secret(&mut self, _prompt: &str) -> io::Result<Zeroizing<String>> {
        panic!("no secret is needed");
    }

    fn confirm(&mut self, question: &str) -> io::Result<bool> {
        self.questions.push(question.to_owned());
        Ok(self.says_yes)
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        self.questions.push(words.to_owned());
        Ok(())
    }
}

/// A user's computer.
struct Computer {
    way: Way,
    _state: TempDir,
}

impl Computer {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        Self {
            way: Way {
                cards: Arc::new(KnownCards::at(state.path().join("cards"))),
                is_contactless: true,
            },
            _state: state,
        }
    }

    /// Whether a PIN would be sent to this card.
    fn trusts(&self, phone: &mut Phone) -> bool {
        phone.reset();
        match card::ask(&mut Client::new(phone), &self.way) {
            Ok(_) => true,
            Err(PinError::NotSent(Finding::CardNotProved(_))) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// `tapcard meet`: how it ended, and what it said.
    fn meet(&self, phone: &mut Phone, says_yes: bool, key: Option<&str>) -> (Outcome, String) {
        phone.reset();
        let shown = look(&mut Client::new(phone)).unwrap();
        let mut out = Vec::new();
        let mut person = Person::who(says_yes);
        let outcome = meet(&shown, &self.way.cards, &mut person, key, &mut out).unwrap();
        (outcome, String::from_utf8(out).unwrap())
    }
}

/// The key that the phone proves, as it shows it.
fn shown_by(phone: &mut Phone) -> String {
    phone.reset();
    let shown = look(&mut Client::new(phone)).unwrap();
    shown.key.unwrap().fingerprint().to_string()
}

fn administer(phone: &mut Phone, work: impl FnOnce(&mut Client<&mut Phone>)) {
    phone.reset();
    let mut client = Client::new(phone);
    client.select().unwrap();
    let challenge = client.management_challenge(Cipher::Aes192).unwrap();
    let cipher = aes::Aes192::new_from_slice(&DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
    let mut block = challenge.as_slice().try_into().unwrap();
    cipher.encrypt_block(&mut block);
    client.management_response(Cipher::Aes192, &block).unwrap();
    work(&mut client);
}

#[test]
fn a_phone_whose_first_p384_key_gave_it_another_key_is_met_again_by_what_it_shows() {
    let computer = Computer::new();
    let mut phone = Phone::new(Interface::Contactless);
    assert!(computer.trusts(&mut phone));
    let before = shown_by(&mut phone);
    administer(&mut phone, |client| {
        client
            .generate(AsymmetricKey::KeyManagement, KeyAlgorithm::P384)
            .unwrap();
    });
    assert!(!computer.trusts(&mut phone));
    let after = shown_by(&mut phone);
    assert_ne!(before, after);

    // Without a yes, or with other digits, nothing changes.
    for (says_yes, key) in [(false, None), (true, Some(before.as_str()))] {
        let (outcome, said) = computer.meet(&mut phone, says_yes, key);
        assert_eq!(outcome, Outcome::Wrong, "{said}");
        assert!(said.contains(&before) && said.contains(&after), "{said}");
        assert!(said.contains("type no PIN"), "{said}");
        assert!(!computer.trusts(&mut phone));
    }
    let (outcome, said) = computer.meet(&mut phone, false, Some(&after.to_lowercase()));
    assert_eq!(outcome, Outcome::Well, "{said}");
    assert!(computer.trusts(&mut phone));
    let (outcome, said) = computer.meet(&mut phone, false, None);
    assert_eq!(outcome, Outcome::Well, "{said}");
    // Nothing of it asks for a PIN, or sends one.
    assert!(phone.wire.iter().all(|apdu| apdu.len() == 4
        || apdu.get(1) != Some(&0x20)
        || apdu.first().is_some_and(|class| class & 0x0C == 0x0C)));
}

#[test]
fn somebody_elses_phone_with_the_same_number_is_not_met_by_the_digits_of_the_holders() {
    let computer = Computer::new();
    let mut phone = Phone::new(Interface::Contactless);
    assert!(computer.trusts(&mut phone));
    let mut client = Client::new(&mut phone);
    client.select().unwrap();
    let chuid = client.get_data(ObjectId::Chuid).unwrap().unwrap();
    let mut clone = Phone::new(Interface::Contactless);
    administer(&mut clone, |client| {
        client.put_data(ObjectId::Chuid, &chuid).unwrap();
    });
    assert!(!computer.trusts(&mut clone));
    let digits = shown_by(&mut phone);
    let (outcome, said) = computer.meet(&mut clone, true, Some(&digits));
    assert_eq!(outcome, Outcome::Wrong, "{said}");
    assert!(!computer.trusts(&mut clone) && computer.trusts(&mut phone));
}

#[test]
fn a_card_that_came_before_the_phone_is_found_out_by_the_digits() {
    let computer = Computer::new();
    let (mut other, mut phone) = (
        Phone::new(Interface::Contactless),
        Phone::new(Interface::Contactless),
    );
    let mut client = Client::new(&mut other);
    client.select().unwrap();
    let chuid = client.get_data(ObjectId::Chuid).unwrap().unwrap();
    administer(&mut phone, |client| {
        client.put_data(ObjectId::Chuid, &chuid).unwrap();
    });
    assert!(computer.trusts(&mut other));
    let digits = shown_by(&mut phone);
    let (outcome, said) = computer.meet(&mut other, true, Some(&digits));
    assert_eq!(outcome, Outcome::Wrong, "{said}");
    assert!(said.contains("type no PIN"), "{said}");
    // With the phone itself it is put right.
    let (outcome, said) = computer.meet(&mut phone, false, Some(&digits));
    assert_eq!(outcome, Outcome::Well, "{said}");
    assert!(computer.trusts(&mut phone) && !computer.trusts(&mut other));
}

#[test]
fn a_card_that_was_never_met_is_met_by_what_it_shows() {
    let computer = Computer::new();
    let mut phone = Phone::new(Interface::Contactless);
    let digits = shown_by(&mut phone);
    let (outcome, said) = computer.meet(&mut phone, true, None);
    assert_eq!(outcome, Outcome::Well, "{said}");
    assert!(said.contains("has not met it yet"), "{said}");
    let identity = look(&mut Client::new(&mut phone)).unwrap().identity;
    let file = computer.way.cards.path(Identity(identity)).unwrap();
    assert!(file.exists());
    assert_eq!(shown_by(&mut phone), digits);
}

/// A phone that gives another CHUID than its own, and signs with its own key.
struct Renamed {
    phone: Phone,
    own: [u8; 16],
    claimed: [u8; 16],
}

impl Transmit for Renamed {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let mut answer = self.phone.transmit(command)?;
        // GET DATA of the CHUID (5FC102).
        let is_chuid = command.get(1) == Some(&0xCB) && command.ends_with(&[0xC1, 0x02, 0x00]);
        let at = answer.windows(16).position(|part| part == self.own);
        if let (true, Some(at)) = (is_chuid, at) {
            answer.splice(at..at + 16, self.claimed);
        }
        Ok(answer)
    }
}

#[test]
fn a_card_whose_channel_key_is_certified_for_another_number_is_not_met() {
    let mut phone = Phone::new(Interface::Contactless);
    let own = look(&mut Client::new(&mut phone)).unwrap().identity;
    phone.reset();
    let claimed = [0x5A; 16];
    let mut renamed = Renamed {
        phone,
        own,
        claimed,
    };
    let shown = look(&mut Client::new(&mut renamed)).unwrap();
    assert_eq!(shown.identity, claimed);
    let computer = Computer::new();
    let digits = shown.key.unwrap().fingerprint().to_string();
    for expected in [None, Some(digits.as_str())] {
        let mut out = Vec::new();
        let mut person = Person::who(true);
        let outcome = meet(&shown, &computer.way.cards, &mut person, expected, &mut out);
        let said = String::from_utf8(out).unwrap();
        assert_eq!(outcome.unwrap(), Outcome::Wrong, "{said}");
        assert!(
            said.contains("the key 04 is that of another card"),
            "{said}"
        );
        assert!(said.contains("type no PIN"), "{said}");
        // Nobody is asked whether the digits are right.
        assert!(person.questions.is_empty());
        let file = computer.way.cards.path(Identity(claimed)).unwrap();
        assert!(!file.exists());
    }
}

#[test]
fn a_card_that_has_another_cards_certificate_is_not_met() {
    let other_uuid = "00112233-4455-6677-8899-aabbccddeeff";
    let (own_fasc_n, other_fasc_n) = (Chuid::NON_FEDERAL_FASC_N, [0xD1; 25]);
    for key in [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::CardAuthentication,
    ] {
        let computer = Computer::new();
        let mut phone = Phone::new(Interface::Contactless);
        let own = look(&mut Client::new(&mut phone)).unwrap().identity;
        let own_uuid = uuid::Uuid::from_bytes(own).to_string().to_uppercase();
        for (uuid, fasc_n, is_met) in [
            (Some(other_uuid), None, false),
            (None, Some(&other_fasc_n), false),
            (Some(own_uuid.as_str()), Some(&other_fasc_n), false),
            (Some(own_uuid.as_str()), Some(&own_fasc_n), true),
            (None, None, true),
        ] {
            let der = issuer::issue_for_card(uuid, fasc_n.map(<[u8; 25]>::as_slice));
            administer(&mut phone, |client| {
                let content = certificate::encode(&der).unwrap();
                client
                    .put_data(ObjectId::Certificate(key), &content)
                    .unwrap();
            });
            let (outcome, said) = computer.meet(&mut phone, true, None);
            let is_refused = said.contains(&format!("the key {key} is that of another card"));
            assert_eq!(outcome == Outcome::Well, is_met, "{key} {uuid:?}: {said}");
            assert_eq!(is_refused, !is_met, "{key} {uuid:?}: {said}");
        }
    }
}
