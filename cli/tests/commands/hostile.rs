//! A card may answer anything: every command ends, and says something.

use std::convert::identity;
use std::sync::Arc;

use card_edge::piv::AsymmetricKey;
use card_edge::piv::client::Client;
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit};
use proptest::prelude::*;
use tapcard_cli::doctor::link::LinkError;
use tapcard_cli::doctor::render;
use tapcard_cli::doctor::report::{Report, ServiceReport};
use tapcard_cli::doctor::{atr, json};
use tapcard_cli::list::report::{Listing, ReaderListing, ReaderState};
use tapcard_cli::pin::way::Way;
use tapcard_cli::{list, pin};
use time::Duration;

use crate::card::{CONTACT, CONTACTLESS_CHIP, Card, NOW, examine};
use crate::issuer::{Key, issue};

/// A card that answers every command with the next of these, round and round.
struct Hostile {
    answers: Vec<Vec<u8>>,
    next: usize,
}

impl Transmit for Hostile {
    type Error = LinkError;

    fn transmit(&mut self, _: &[u8]) -> Result<ResponseBytes, LinkError> {
        let answer = self.answers.get(self.next % self.answers.len());
        self.next += 1;
        answer.cloned().map(Into::into).ok_or(LinkError::Removed)
    }
}

/// The report in both forms.
fn shown(card: impl Transmit<Error = LinkError>, answer_to_reset: &[u8]) -> String {
    let (reader, _) = examine(card, answer_to_reset);
    let service = ServiceReport {
        reachable: true,
        readers: Vec::new(),
        findings: Vec::new(),
    };
    let report = Report::new(NOW, service, vec![reader]);
    let json = json::encode(&report).map_or_else(|error| error.to_string(), identity);
    render::text(&report) + &json
}

#[test]
fn a_name_that_is_an_escape_sequence_is_shown_escaped() {
    let name = "Alice\u{1b}[2J\r\nPUK 1\u{202e}";
    let end = NOW + Duration::days(365);
    let der = issue(name, Key::P256, NOW - Duration::days(1), end);
    let mut card = Card::new();
    card.certify(AsymmetricKey::PivAuthentication, &der);
    let (mut reader, _) = examine(&mut card, &CONTACT);
    reader.name = "reader\u{1b}]0;x\u{7}".to_owned();
    let service = ServiceReport {
        reachable: true,
        readers: Vec::new(),
        findings: Vec::new(),
    };
    let text = render::text(&Report::new(NOW, service, vec![reader]));
    let shown = "Alice\\u{1b}[2J\\u{d}\\u{a}PUK 1\\u{202e}";
    assert!(text.contains(shown), "{text:?}");
    assert!(text.contains("reader\\u{1b}]0;x\\u{7}"), "{text:?}");
    assert!(!text.contains(obeyed), "{text:?}");
    let json = shown_as_list(&mut card) + &self::shown(&mut card, &CONTACT);
    assert!(json.contains("Alice\\u{1b}[2J") && json.contains("PUK 1\\u202e"));
    assert!(!json.contains(obeyed), "{json:?}");
}

/// Whether a terminal would do more with it than show it.
fn obeyed(c: char) -> bool {
    c == '\u{202e}' || c.is_control() && c != '\n'
}

/// The list of the cards in both forms.
fn shown_as_list(card: impl Transmit<Error = LinkError>) -> String {
    let name = "A Reader 00 00".to_owned();
    let mut reader = ReaderListing::without_card(name, ReaderState::NotPiv);
    list::card::read(card, NOW, &mut reader);
    let listing = Listing::new(NOW, vec![reader], Vec::new());
    let json = list::render::json(&listing).map_or_else(|error| error.to_string(), identity);
    list::render::text(&listing) + &json
}

proptest! {
    #[test]
    fn whatever_a_card_answers_every_question_ends(
        answers in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..60), prop_oneof![
                Just(0x9000_u16),
                Just(Status::NotFound.to_u16()),
                0x6100_u16..=0x61FF,
                any::<u16>(),
            ]),
            1..12,
        ),
    ) {
        let answers = answers
            .into_iter()
            .map(|(mut data, status)| {
                data.extend(status.to_be_bytes());
                data
            })
            .collect();
        let mut card = Hostile { answers, next: 0 };
        let text = shown(&mut card, &CONTACTLESS_CHIP) + &shown_as_list(&mut card);
        prop_assert!(!text.contains(obeyed));
        // It has said what it says of its PINs, or why not.
        for is_contactless in [false, true] {
            let way = Way { cards: Arc::default(), is_contactless };
            let _ = pin::card::ask(&mut Client::new(&mut card), &way);
        }
    }

    #[test]
    fn a_certificate_with_some_bytes_changed_is_described_or_said_to_be_broken(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let end = NOW + Duration::days(365);
        let mut der = issue("Alice Example", Key::P256, NOW - Duration::days(1), end);
        for (position, byte) in changes {
            let position = position.index(der.len());
            der[position] = byte;
        }
        let mut card = Card::new();
        card.certify(AsymmetricKey::PivAuthentication, &der);
        prop_assert!(shown(&mut card, &CONTACT).contains("9A"));
    }

    #[test]
    fn any_bytes_are_explained_as_an_atr(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert!(!atr::explain(&bytes).tells.is_empty());
    }
}
