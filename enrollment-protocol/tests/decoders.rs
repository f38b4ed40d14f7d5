//! No bytes make a decoder panic, what the fuzz targets once found stays fixed, and what is written is read again.

#[path = "../../fuzz/src/protocol.rs"]
#[allow(clippy::expect_used, reason = "the bodies of fuzz targets assert")]
mod targets;

#[path = "../../fuzz/src/corpus.rs"]
#[allow(clippy::expect_used, reason = "a tree without its corpus is not whole")]
mod corpus;

use enrollment_protocol::enrollment::{EnrollmentRequest, Phone, SlotRequest};
use enrollment_protocol::{
    Code, Der, Fingerprint, Guid, Invitation, KeyAlgorithm, Slot, Token, TokenText, Version,
};
use proptest::prelude::*;

#[test]
fn the_corpus_is_replayed() {
    for (body, data) in corpus::seeds(&targets::TARGETS) {
        body(&data);
    }
}

fn token() -> impl Strategy<Value = Token> {
    any::<[u8; 20]>().prop_map(|bytes| Token::from_random(&bytes))
}

fn guid() -> impl Strategy<Value = Guid> {
    any::<[u8; 16]>().prop_map(Guid::from_bytes)
}

fn request() -> impl Strategy<Value = EnrollmentRequest> {
    let slot = prop::sample::select(Slot::ALL.to_vec());
    let csr = prop::collection::vec(any::<u8>(), 0..80).prop_map(Der);
    let requests = prop::collection::vec(
        (slot, csr).prop_map(|(slot, csr)| SlotRequest { slot, csr }),
        0..6,
    );
    (any::<String>(), any::<String>(), guid(), requests).prop_map(
        |(invitation, name, guid, requests)| EnrollmentRequest {
            protocol: Version::CURRENT,
            invitation: TokenText::from(invitation),
            phone: Phone { name, guid },
            requests,
            check_in: None,
        },
    )
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..400)) {
        for (_, target) in targets::TARGETS {
            target(&data);
        }
    }

    /// Bytes that begin as something real does get further than arbitrary ones.
    #[test]
    fn real_bytes_with_some_changed_never_panic(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let seeds = corpus::seeds(&targets::TARGETS);
        let (body, mut data) = seeds[seed.index(seeds.len())].clone();
        for (place, byte) in changes {
            let place = place.index(data.len());
            data[place] = byte;
        }
        body(&data);
    }

    #[test]
    fn a_request_survives(request in request()) {
        let text = serde_json::to_string(&request).unwrap();
        prop_assert_eq!(serde_json::from_str::<EnrollmentRequest>(&text).unwrap(), request);
    }

    #[test]
    fn a_link_is_read_as_it_was_made(token in token(), root in any::<[u8; 32]>(), port in 1u16..) {
        let server = format!("https://pki.example.org:{port}");
        let link = Invitation::link(&server, &token, Fingerprint(root));
        let invitation: Invitation = link.parse().unwrap();
        prop_assert_eq!(invitation.server(), server);
        prop_assert_eq!(invitation.token(), &token);
        prop_assert_eq!(invitation.fingerprint(), Fingerprint(root));
    }

    #[test]
    fn a_guid_survives_in_either_case(guid in guid()) {
        prop_assert_eq!(guid.to_string().parse(), Ok(guid));
        prop_assert_eq!(format!("{guid:X}").parse(), Ok(guid));
    }

    #[test]
    fn a_code_survives_known_or_not(word in "[a-z_]{0,24}") {
        let code = Code::from(word.clone());
        prop_assert_eq!(String::from(code), word);
    }
}

#[test]
fn every_known_word_is_read_as_it_is_written() {
    for code in Code::known() {
        assert!(
            !matches!(Code::from(code.to_string()), Code::Other(_)),
            "{code}"
        );
    }
    for algorithm in KeyAlgorithm::ALL {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
    for slot in Slot::ALL {
        assert_eq!(slot.to_string().parse(), Ok(slot));
    }
}
