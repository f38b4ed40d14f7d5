//! What the fuzz targets of the enrollment protocol do with their bytes. Two programs share it: the targets themselves,
//! and the test of `enrollment-protocol` that replays the corpus with the stable toolchain.

use std::fmt::Debug;

use enrollment_protocol::authority::Authority;
use enrollment_protocol::enrollment::{EnrollmentAnswer, EnrollmentRequest};
use enrollment_protocol::offer::{Offer, OfferRequest};
use enrollment_protocol::version;
use enrollment_protocol::{Invitation, Refusal, Token, TokenText};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A target: its name, which is also its corpus' folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target that needs `enrollment-protocol` alone.
pub const TARGETS: [Target; 2] = [
    ("enrollment_messages", messages),
    ("invitation", invitation),
];

/// The bodies of requests and answers.
pub fn messages(data: &[u8]) {
    message::<Authority>(data);
    message::<OfferRequest>(data);
    message::<Offer>(data);
    message::<EnrollmentRequest>(data);
    message::<EnrollmentAnswer>(data);
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(data) {
        survives(&refusal);
    }
}

fn message<T: Serialize + DeserializeOwned + Debug + PartialEq>(data: &[u8]) {
    if let Ok(message) = version::read::<T>(data) {
        survives(&message);
    }
}

fn survives<T: Serialize + DeserializeOwned + Debug + PartialEq>(message: &T) {
    let text = serde_json::to_vec(message).expect("what was read can be written");
    let again: T = serde_json::from_slice(&text).expect("we made it");
    assert_eq!(again, *message);
}

/// An invitation's link, and the token in it.
pub fn invitation(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(invitation) = text.parse::<Invitation>() {
        let token = invitation.token();
        assert!((26..=64).contains(&token.reveal().len()));
        let link =
            |token: &Token| Invitation::link(&invitation.server(), token, invitation.fingerprint());
        // Whatever the token is, the same is shown. A server may have any name, also one with the token in it.
        let another = Token::from_random(&[0xA5; 20]);
        let other: Invitation = link(&another).parse().expect("we made it");
        assert_eq!(format!("{invitation:?}"), format!("{other:?}"));
        let link = link(token);
        assert_eq!(link.parse(), Ok(invitation));
    }
    if let Ok(token) = TokenText::from(text.into_owned()).token() {
        assert_eq!(token.reveal().parse(), Ok(token));
    }
}
