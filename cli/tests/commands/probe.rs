//! What the doctor says of each kind of card, and what it sends to find out.

use crate::card::{CONTACT, CONTACTLESS_CHIP, Card, NOW, codes, examine};
use crate::issuer::{Key, issue};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, Cipher, ObjectId};
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit};
use tapcard_cli::doctor::finding::{Finding, Severity};
use tapcard_cli::doctor::link::{CardDisposition, LinkError};
use tapcard_cli::doctor::piv::{ManagementKey, ObjectState, PinState, Validity};
use tapcard_cli::doctor::render;
use tapcard_cli::doctor::report::{Report, ServiceReport};
use time::Duration;

/// A card with a certificate in 9A that is valid for a year.
fn enrolled() -> Card {
    let mut card = Card::new();
    let der = issue(
        "Alice Example",
        Key::Rsa(2048),
        NOW - Duration::days(1),
        NOW + Duration::days(365),
    );
    card.certify(AsymmetricKey::PivAuthentication, &der);
    card
}

/// A card whose 9A has this key and is valid between two days from now.
fn dated(key: Key, from: i64, to: i64) -> Card {
    let mut card = Card::new();
    let (from, to) = (NOW + Duration::days(from), NOW + Duration::days(to));
    card.certify(
        AsymmetricKey::PivAuthentication,
        &issue("Alice Example", key, from, to),
    );
    card
}

fn text_of(card: &mut Card, atr: &[u8]) -> String {
    let (mut reader, _) = examine(card, atr);
    reader.cost.milliseconds = 2;
    let service = ServiceReport {
        reachable: true,
        readers: Vec::new(),
        findings: Vec::new(),
    };
    render::text(&Report::new(NOW, service, vec![reader]))
}

#[test]
fn a_phone_without_a_card_edge_gets_the_answer_that_windows_did_not_give() {
    let mut card = Card::without_card_edge();
    let (report, disposition) = examine(&mut card, &CONTACTLESS_CHIP);
    assert_eq!(codes(&report), ["no-card-edge"]);
    assert_eq!(report.findings[0].severity(), Severity::Problem);
    assert_eq!(disposition, CardDisposition::Leave);
    assert_eq!(
        card.wire.len(),
        2,
        "one SELECT for each card edge and nothing else"
    );

    let text = text_of(&mut Card::without_card_edge(), &CONTACTLESS_CHIP).replace("\n    ", " ");
    for words in [
        "emulates no PIV and no GIDS application",
        "PIV was answered with 6A82, GIDS with 6A82",
        "The ATR says nothing of applications",
        "\"Identity Device (NIST SP 800-73 [PIV])\"",
        "Keep the screen on",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn the_whole_text_reads_like_a_helpful_colleague() {
    for (mut card, atr, expected) in [
        (
            Card::without_card_edge(),
            &CONTACTLESS_CHIP[..],
            include_str!("without_card_edge.txt"),
        ),
        (enrolled(), &CONTACT, include_str!("enrolled.txt")),
    ] {
        assert_eq!(text_of(&mut card, atr), expected);
    }
}

#[test]
fn a_memory_card_is_not_even_asked() {
    let mut card = Card::without_card_edge();
    let (report, _) = examine(
        &mut card,
        &[
            0x3b, 0x8f, 0x80, 0x01, 0x80, 0x4f, 0x0c, 0xa0, 0x00, 0x00, 0x03, 0x06, 0x03, 0x00,
            0x01, 0x00, 0x00, 0x00, 0x00, 0x6a,
        ],
    );
    assert_eq!(codes(&report), ["memory-card"]);
    assert!(card.wire.is_empty());
}

#[test]
fn an_enrolled_card_is_well_and_described() {
    let mut card = enrolled();
    let (report, disposition) = examine(&mut card, &CONTACT);
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(disposition, CardDisposition::Leave);
    assert_eq!(report.summary, "A PIV card that belongs to Alice Example.");
    let piv = report.piv.unwrap();
    assert_eq!(piv.management_key, ManagementKey::Changed);
    assert_eq!(piv.pins[0].state, PinState::TriesLeft(5));
    let [certificate] = &piv.certificates[..] else {
        panic!("one certificate")
    };
    assert_eq!(certificate.key, "RSA-2048");
    assert_eq!(
        certificate.issuer_common_name.as_deref(),
        Some("Example Issuing CA")
    );
    assert_eq!(certificate.logon_names, ["alice@corp.example"]);
    assert_eq!(certificate.mail, ["alice@example.com"]);
    assert_eq!(
        (certificate.days_left, certificate.validity),
        (365, Validity::Valid)
    );

    let text = text_of(&mut enrolled(), &CONTACT);
    assert!(
        text.contains(
            "9A PIV Authentication: Alice Example, RSA-2048, issued by Example Issuing CA"
        )
    );
    assert!(text.contains("logon name alice@corp.example, mail alice@example.com"));
    assert!(text.contains("valid until 2027-11-24 (365 days)"));
    assert!(
        text.ends_with(
            "\nNothing is wrong here. Whether a certificate was revoked, its issuer knows.\n"
        ),
        "{text}"
    );
}

#[test]
fn no_pin_is_ever_sent_and_no_object_is_read_twice() {
    let mut card = enrolled();
    examine(&mut card, &CONTACT);
    let verify: Vec<_> = card.wire.iter().filter(|apdu| apdu[1] == 0x20).collect();
    assert_eq!(verify, [&[0x00, 0x20, 0x00, 0x80]]);
    let mut read: Vec<_> = card.wire.iter().filter(|apdu| apdu[1] == 0xCB).collect();
    let count = read.len();
    read.sort();
    read.dedup();
    assert_eq!(read.len(), count);
}

#[test]
fn a_default_management_key_of_either_kind_is_found_and_the_card_is_reset() {
    for (algorithm, expected) in [
        (Cipher::Aes192, ManagementKey::DefaultAes192),
        (Cipher::TripleDes, ManagementKey::DefaultTripleDes),
    ] {
        let mut card = enrolled();
        card.management_key = DEFAULT_CARD_MANAGEMENT_KEY;
        card.management_algorithm = Some(algorithm);
        let (report, disposition) = examine(&mut card, &CONTACT);
        assert_eq!(codes(&report), ["default-management-key"]);
        assert_eq!(report.piv.unwrap().management_key, expected);
        assert_eq!(disposition, CardDisposition::Reset);
    }
}

#[test]
fn a_card_that_lets_nobody_try_the_management_key_is_no_worse_for_it() {
    let mut card = enrolled();
    card.management_algorithm = None;
    let (report, disposition) = examine(&mut card, &CONTACT);
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(report.piv.unwrap().management_key, ManagementKey::Unknown);
    assert_eq!(disposition, CardDisposition::Leave);
}

#[test]
fn a_card_that_nobody_enrolled_is_told_so_without_a_pin_being_tried() {
    let (report, _) = examine(&mut Card::new(), &CONTACT);
    assert_eq!(codes(&report), ["never-enrolled"]);
    let text = text_of(&mut Card::new(), &CONTACT).replace("\n    ", " ");
    assert!(
        text.contains("cannot be tested without risking a try"),
        "{text}"
    );
}

#[test]
fn validity_is_judged_by_the_day() {
    for (from, to, expected, words) in [
        (-400, -1, "certificate-expired", "expired 1 day ago"),
        (-400, -35, "certificate-expired", "expired 35 days ago"),
        (-1, 29, "certificate-expires-soon", "expires in 29 days"),
        (-1, 1, "certificate-expires-soon", "expires tomorrow"),
        (3, 365, "certificate-not-yet-valid", "in 3 days"),
    ] {
        let mut card = dated(Key::P256, from, to);
        assert_eq!(codes(&examine(&mut card, &CONTACT).0), [expected]);
        let text = text_of(&mut card, &CONTACT).replace("\n    ", " ");
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(codes(&examine(&mut dated(Key::P256, -1, 31), &CONTACT).0).is_empty());
}

#[test]
fn warnings_alone_leave_the_card_healthy() {
    let text = text_of(&mut dated(Key::P256, -1, 29), &CONTACT);
    assert!(text.ends_with("\nNothing is wrong: 1 warning.\n"), "{text}");
}

#[test]
fn a_weak_key_is_named() {
    let mut card = dated(Key::Rsa(1024), -1, 365);
    assert_eq!(codes(&examine(&mut card, &CONTACT).0), ["key-too-weak"]);
}

#[test]
fn pins_that_run_out_are_told_apart() {
    for (pin, expected) in [
        (Status::TriesLeft(1), &["last-pin-try"][..]),
        (Status::TriesLeft(0), &["pin-blocked"]),
        (Status::AuthenticationMethodBlocked, &["pin-blocked"]),
        (Status::FunctionNotSupported, &["pin-state-unknown"]),
        (Status::Success, &[]),
    ] {
        let mut card = enrolled();
        card.pin = pin;
        assert_eq!(codes(&examine(&mut card, &CONTACT).0), expected, "{pin}");
    }
}

#[test]
fn a_pin_blocked_over_nfc_may_only_be_held_back() {
    let mut card = enrolled();
    card.pin = Status::AuthenticationMethodBlocked;
    let text = text_of(&mut card, &CONTACTLESS_CHIP)
        .replace("\n      ", " ")
        .replace("\n    ", " ");
    assert!(text.contains("may hold its last tries back"), "{text}");
    assert!(!text_of(&mut card, &CONTACT).contains("hold its last tries"));
}

#[test]
fn a_certificate_that_does_not_parse_is_a_finding_of_its_slot() {
    let mut card = enrolled();
    card.certify(AsymmetricKey::DigitalSignature, b"not DER at all");
    card.put(
        ObjectId::Certificate(AsymmetricKey::KeyManagement),
        vec![0x70, 0x82, 0xFF],
    );
    let (report, _) = examine(&mut card, &CONTACT);
    assert_eq!(
        codes(&report),
        ["certificate-unreadable", "certificate-unreadable"]
    );
    let keys: Vec<_> = report.findings.iter().map(Finding::key).collect();
    assert_eq!(
        keys,
        [
            Some(AsymmetricKey::DigitalSignature),
            Some(AsymmetricKey::KeyManagement)
        ]
    );
    assert_eq!(report.piv.unwrap().certificates.len(), 1);
}

#[test]
fn a_card_without_identity_is_found() {
    let mut card = enrolled();
    card.objects.remove(&ObjectId::Chuid.tag());
    assert_eq!(codes(&examine(&mut card, &CONTACT).0), ["chuid-missing"]);
    card.put(ObjectId::Chuid, vec![0x34, 0x01, 0x00]);
    let (report, _) = examine(&mut card, &CONTACT);
    assert_eq!(codes(&report), ["chuid-missing", "object-unreadable"]);
    let objects = report.piv.unwrap().objects;
    assert!(
        objects
            .iter()
            .any(|o| o.tag == "5FC102" && o.state == ObjectState::Unreadable)
    );
}

#[test]
fn retired_keys_are_looked_up_where_the_history_says() {
    let mut card = enrolled();
    let history = KeyHistory {
        on_card: 2,
        off_card: 0,
        url: None,
    };
    card.put(ObjectId::KeyHistory, history.encode().unwrap());
    let old = issue(
        "Alice Example",
        Key::Rsa(1024),
        NOW - Duration::days(900),
        NOW + Duration::days(30),
    );
    card.certify(AsymmetricKey::try_from(0x82).unwrap(), &old);
    let (report, _) = examine(&mut card, &CONTACT);
    assert_eq!(codes(&report), ["retired-certificate-missing"]);
    assert_eq!(report.findings[0].key(), AsymmetricKey::try_from(0x83).ok());
}

#[test]
fn other_slots_do_not_make_up_for_9a() {
    let mut card = Card::new();
    let der = issue(
        "Door",
        Key::P256,
        NOW - Duration::days(1),
        NOW + Duration::days(365),
    );
    card.certify(AsymmetricKey::CardAuthentication, &der);
    assert_eq!(
        codes(&examine(&mut card, &CONTACT).0),
        ["no-authentication-certificate"]
    );
}

#[test]
fn a_card_that_hides_its_certificates_over_nfc_is_not_taken_for_a_new_one() {
    let mut card = enrolled();
    card.strict = true;
    let (report, _) = examine(&mut card, &CONTACTLESS_CHIP);
    assert_eq!(codes(&report), ["certificates-protected"]);
}

#[test]
fn a_card_whose_only_certificate_is_broken_is_not_taken_for_a_new_one() {
    let mut card = Card::new();
    card.certify(AsymmetricKey::PivAuthentication, b"torn");
    assert_eq!(
        codes(&examine(&mut card, &CONTACT).0),
        ["certificate-unreadable"]
    );
}

#[test]
fn gids_is_told_from_piv() {
    let mut card = Card::without_card_edge();
    card.gids = Status::Success;
    let (report, _) = examine(&mut card, &CONTACT);
    assert_eq!(
        (codes(&report), report.summary.as_str()),
        (vec!["gids-only"], "A GIDS card.")
    );
    let mut card = enrolled();
    card.gids = Status::Success;
    assert_eq!(codes(&examine(&mut card, &CONTACT).0), ["both-card-edges"]);
}

#[test]
fn a_phone_that_leaves_at_any_moment_costs_nothing_but_the_rest() {
    let whole = {
        let mut card = enrolled();
        examine(&mut card, &CONTACTLESS_CHIP);
        card.wire.len()
    };
    for commands in 0..whole {
        let mut card = enrolled();
        card.leaves_after = commands;
        let (report, _) = examine(&mut card, &CONTACTLESS_CHIP);
        assert!(codes(&report).contains(&"card-removed"), "after {commands}");
        assert_eq!(usize::try_from(report.cost.commands).unwrap(), commands + 1);
    }
}

#[test]
fn names_on_a_card_cannot_drive_the_terminal() {
    let mut card = Card::new();
    let der = issue(
        "\u{1b}[2Jgone",
        Key::P256,
        NOW - Duration::days(1),
        NOW + Duration::days(365),
    );
    card.certify(AsymmetricKey::PivAuthentication, &der);
    let text = text_of(&mut card, &CONTACT);
    assert!(text.contains("gone") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn nonsense_from_a_card_is_a_finding() {
    let mut card = enrolled();
    card.piv = Ok(vec![0x61, 0x7F, 0x00]);
    let (report, _) = examine(&mut card, &CONTACT);
    assert_eq!(codes(&report), ["answer-malformed"]);
}

#[test]
fn a_card_that_is_neither_there_nor_not_is_no_piv_card() {
    struct Silent;
    impl Transmit for Silent {
        type Error = LinkError;
        fn transmit(&mut self, _: &[u8]) -> Result<ResponseBytes, LinkError> {
            Ok(vec![0x90].into())
        }
    }
    let (report, _) = examine(Silent, &CONTACTLESS_CHIP);
    assert_eq!(codes(&report), ["answer-malformed"]);
    assert!(report.card_edges.is_none() && report.piv.is_none());
}
