//! The examples of docs/enrollment-protocol.md are what these types read and write.

use std::fmt::Debug;

use enrollment_protocol::authority::Authority;
use enrollment_protocol::check_in::{
    self, Challenge, ChallengeRequest, CheckIn, CheckInAnswer, RenewalAnswer, RenewalRequest,
    Signed,
};
use enrollment_protocol::enrollment::{EnrollmentAnswer, EnrollmentRequest};
use enrollment_protocol::offer::{Offer, OfferRequest};
use enrollment_protocol::unblocking::{self, UnblockingAnswer, UnblockingRequest};
use enrollment_protocol::{Code, KeyAlgorithm, Refusal, limit};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../docs/enrollment-protocol.md");

/// The JSON examples of the document, in its order.
#[allow(
    clippy::unwrap_used,
    reason = "an example without an end is a fault of the document"
)]
fn examples() -> Vec<&'static str> {
    DOCUMENT
        .split("```json\n")
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

/// Reads an example and writes it again: the same members with the same values, none lost and none added.
#[allow(
    clippy::unwrap_used,
    reason = "an example that cannot be read fails the test"
)]
fn round_trip<T: Serialize + DeserializeOwned + Debug + PartialEq>(example: &str) -> T {
    let message: T = serde_json::from_str(example).unwrap();
    let written = serde_json::to_string(&message).unwrap();
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(&written), value(example));
    assert_eq!(serde_json::from_str::<T>(&written).unwrap(), message);
    message
}

#[test]
fn each_example_is_read_and_written_as_it_stands() {
    let [
        authority,
        offer_request,
        offer,
        request,
        answer,
        challenge_request,
        challenge,
        signed,
        said,
        told,
        renewal,
        renewed,
        unblocking,
        unblocked,
        refusal,
    ] = examples()[..]
    else {
        panic!("the document has {} examples", examples().len());
    };
    round_trip::<Authority>(authority);
    round_trip::<OfferRequest>(offer_request);
    let offer: Offer = round_trip(offer);
    let request: EnrollmentRequest = round_trip(request);
    let answer: EnrollmentAnswer = round_trip(answer);
    round_trip::<ChallengeRequest>(challenge_request);
    round_trip::<Challenge>(challenge);
    round_trip::<Signed>(signed);
    round_trip::<CheckIn>(said);
    round_trip::<CheckInAnswer>(told);
    round_trip::<RenewalRequest>(renewal);
    round_trip::<RenewalAnswer>(renewed);
    round_trip::<UnblockingRequest>(unblocking);
    round_trip::<UnblockingAnswer>(unblocked);
    let slots = |of: &mut dyn Iterator<Item = enrollment_protocol::Slot>| of.collect::<Vec<_>>();
    let offered = slots(&mut offer.slots.iter().map(|one| one.slot));
    assert_eq!(
        offered,
        slots(&mut request.requests.iter().map(|one| one.slot))
    );
    assert_eq!(
        offered,
        slots(&mut answer.certificates.iter().map(|one| one.slot))
    );
    assert!(request.invitation.token().is_ok());
    assert_eq!(round_trip::<Refusal>(refusal).error, Code::InvitationUsed);
}

#[test]
fn the_document_names_each_code_algorithm_limit_and_path() {
    for code in Code::known() {
        assert!(DOCUMENT.contains(&format!("| `{code}` |")), "{code}");
    }
    for algorithm in KeyAlgorithm::ALL {
        assert!(DOCUMENT.contains(&format!("`{algorithm}`")), "{algorithm}");
    }
    assert!(DOCUMENT.contains(&format!("at most {} KiB", limit::REQUEST_MAX / 1024)));
    assert!(DOCUMENT.contains(&format!("keeps {} characters", limit::PHONE_NAME_MAX)));
    for (method, path) in [
        ("GET", enrollment_protocol::authority::PATH),
        ("POST", enrollment_protocol::offer::PATH),
        ("POST", enrollment_protocol::enrollment::PATH),
        ("POST", check_in::CHALLENGE_PATH),
        ("POST", check_in::PATH),
        ("POST", check_in::RENEWAL_PATH),
        ("POST", unblocking::PATH),
    ] {
        assert!(
            DOCUMENT.contains(&format!("### `{method} {path}`")),
            "{path}"
        );
    }
}
