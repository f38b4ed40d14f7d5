//! A server behind the [`Http`] trait that gives the answers of a script.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use der::Decode;
use enrollment_protocol::authority::{self, Authority};
use enrollment_protocol::enrollment::{self, EnrollmentAnswer, EnrollmentRequest, SlotCertificate};
use enrollment_protocol::offer::{self, Offer, OfferRequest};
use enrollment_protocol::unblocking::UnblockingKey;
use enrollment_protocol::{Code, Fingerprint, Invitation, Refusal, Token, Version};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::request::CertReq;
use zeroize::Zeroizing;

use super::fixture::{self, HIERARCHY, certificate};
use crate::enrollment::http::{Http, HttpError, HttpRequest, HttpResponse, Trust};

/// What the server does with a request.
pub enum Does {
    /// What a server should.
    Answers,
    /// Issues the certificates, but each for the key of another slot.
    AnswersForOtherKeys,
    /// Offers something else.
    Offers(fn(&mut Offer)),
    /// Issues something else, for these keys.
    Issues(fn(&mut EnrollmentAnswer, &[SubjectPublicKeyInfoOwned])),
    /// As it should, but only this number of bytes of the answer come, and they look whole to HTTP.
    AnswersCutAfter(usize),
    /// As it should, but the answer is lost.
    LosesTheAnswer,
    /// Refuses.
    Refuses(u16, Code),
    /// Refuses, and names the seconds to wait.
    RefusesFor(u64),
    /// Answers with this status and body.
    Says(u16, &'static str),
    /// There is no answer.
    Fails(HttpError),
}

/// A request as it came.
pub struct Received {
    /// The address.
    pub address: String,
    /// Whether the server had to prove that it is the root's.
    pub trusts_root: bool,
    /// The body of a POST.
    pub body: Option<Vec<u8>>,
}

/// The server.
pub struct ScriptedServer {
    script: RefCell<VecDeque<Does>>,
    received: RefCell<Vec<Received>>,
}

impl ScriptedServer {
    /// A server that does this, request by request, and has nothing to do with further ones.
    pub fn that(script: impl IntoIterator<Item = Does>) -> Self {
        Self {
            script: RefCell::new(script.into_iter().collect()),
            received: RefCell::default(),
        }
    }

    /// An invitation to it.
    pub fn invitation() -> Invitation {
        invitation_naming(Fingerprint::of(&HIERARCHY.root_certificate.0))
    }

    /// What came, in order. Every step of the script must have been used.
    pub fn received(self) -> Vec<Received> {
        assert!(self.script.into_inner().is_empty(), "steps are left");
        self.received.into_inner()
    }
}

/// Another invitation to it.
pub fn another_invitation(number: u8) -> Invitation {
    invitation_with(number, Fingerprint::of(&HIERARCHY.root_certificate.0))
}

/// An invitation to the server under this root.
pub fn invitation_naming(root: Fingerprint) -> Invitation {
    invitation_with(255, root)
}

fn invitation_with(token: u8, root: Fingerprint) -> Invitation {
    let token = Token::from_random(&[token; 20]);
    let link = Invitation::link("https://enroll.example", &token, root);
    link.parse().unwrap()
}

/// The keys that an enrollment request asks certificates for.
pub fn keys_of(received: &Received) -> Vec<SubjectPublicKeyInfoOwned> {
    let body = received.body.as_deref().unwrap();
    let request: EnrollmentRequest = serde_json::from_slice(body).unwrap();
    let keys = request.requests.iter().map(|request| {
        let request = CertReq::from_der(&request.csr.0).unwrap();
        request.info.public_key
    });
    keys.collect()
}

/// What the server keeps for the day when the holder has forgotten the PIN.
pub const UNBLOCKING_KEY: [u8; 32] = [0x42; 32];

/// What a server should answer.
fn answer(
    received: &Received,
    keys: impl Fn(&Received) -> Vec<SubjectPublicKeyInfoOwned>,
) -> Vec<u8> {
    let path = received.address.strip_prefix("https://enroll.example");
    let json = match path.unwrap() {
        authority::PATH => serde_json::to_vec(&Authority {
            protocol: Version::CURRENT,
            root: HIERARCHY.root_certificate.clone(),
            issuing: HIERARCHY.issuing_certificate.clone(),
        }),
        offer::PATH => {
            let body = received.body.as_deref().unwrap();
            let request: OfferRequest = serde_json::from_slice(body).unwrap();
            assert!(request.invitation.token().is_ok());
            serde_json::to_vec(&fixture::offer())
        }
        enrollment::PATH => serde_json::to_vec(&EnrollmentAnswer {
            protocol: Version::CURRENT,
            phone: "phone".to_owned(),
            certificates: fixture::OFFERED
                .into_iter()
                .zip(keys(received))
                .map(|(slot, key)| SlotCertificate {
                    slot,
                    certificate: certificate(key),
                })
                .collect(),
            issuers: HIERARCHY.issuers(),
            notice: None,
            unblocking: Some(UnblockingKey::new(Zeroizing::new(UNBLOCKING_KEY))),
        }),
        other => panic!("{other} is not an address of the protocol"),
    };
    json.unwrap()
}

/// The keys of a request, each in the slot of the other.
fn swapped(received: &Received) -> Vec<SubjectPublicKeyInfoOwned> {
    keys_of(received).into_iter().rev().collect()
}

fn refusal(status: u16, code: Code, retry_after: Option<u64>) -> HttpResponse {
    let refusal = Refusal {
        error: code,
        message: "what the server says".to_owned(),
    };
    HttpResponse {
        status,
        retry_after,
        body: serde_json::to_vec(&refusal).unwrap(),
    }
}

fn success(body: Vec<u8>) -> HttpResponse {
    HttpResponse {
        status: 200,
        retry_after: None,
        body,
    }
}

impl Http for ScriptedServer {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        let received = Received {
            address: request.address.to_owned(),
            trusts_root: match request.trust {
                Trust::Nobody => false,
                Trust::Root(root) => {
                    assert_eq!(root, HIERARCHY.root_certificate.0);
                    true
                }
            },
            body: request.body.as_deref().cloned(),
        };
        let step = self.script.borrow_mut().pop_front();
        let response = match step.expect("a request that the script does not foresee") {
            Does::Answers => Ok(success(answer(&received, keys_of))),
            Does::AnswersForOtherKeys => Ok(success(answer(&received, swapped))),
            Does::Offers(tamper) => {
                let mut offer = fixture::offer();
                tamper(&mut offer);
                Ok(success(serde_json::to_vec(&offer).unwrap()))
            }
            Does::Issues(tamper) => {
                let body = answer(&received, keys_of);
                let mut answer = serde_json::from_slice(&body).unwrap();
                tamper(&mut answer, &keys_of(&received));
                Ok(success(serde_json::to_vec(&answer).unwrap()))
            }
            Does::AnswersCutAfter(length) => {
                let mut body = answer(&received, keys_of);
                body.truncate(length);
                Ok(success(body))
            }
            Does::LosesTheAnswer => {
                answer(&received, keys_of);
                Err(HttpError::Unreachable("the connection broke".to_owned()))
            }
            Does::Refuses(status, code) => Ok(refusal(status, code, None)),
            Does::RefusesFor(seconds) => Ok(refusal(429, Code::RateLimited, Some(seconds))),
            Does::Says(status, text) => Ok(HttpResponse {
                status,
                ..success(text.into())
            }),
            Does::Fails(error) => Err(error),
        };
        self.received.borrow_mut().push(received);
        response
    }

    fn wait(&self, _: Duration) {}
}
