//! The link to the reader is cut before and after every single APDU of what holders do. Afterwards the card works,
//! nothing is proved any more, no try is gone, and what was being written is the old or the new.

use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use card_edge::Transmit;
use card_edge::piv::client::{ClientError, PinStatus};
use card_edge::piv::extensions::{HashAlgorithm, Scheme, SignatureRequest};
use card_edge::piv::{
    AsymmetricKey, Client, KeyAlgorithm, ObjectId, Pin, PinReference, PublicKey, Puk,
};
use card_edge::transmit::ResponseBytes;
use rsa::BoxedUint;
use signature::hazmat::PrehashVerifier;
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::link::vpcd::{self, Stop};
use tapcard_phone::state::Store;
use tempfile::TempDir;

use crate::common::{folder, pin, prove_management_key};
use crate::vpcd::{Reader, listener};

/// Where the link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The card does not get this APDU any more.
    Before(usize),
    /// The card gets it; nobody takes its answer.
    After(usize),
}

/// The link was cut.
#[derive(Debug)]
struct Torn;

type Outcome<T = ()> = Result<T, ClientError<Torn>>;

/// A phone at the real link, and the reader's side of it.
struct Link {
    listener: TcpListener,
    reader: Option<Reader>,
    sent: usize,
    cut: Option<Cut>,
    stop: Stop,
    phone: Option<JoinHandle<()>>,
    /// Dropped after the phone has ended.
    folder: TempDir,
}

impl Link {
    fn new() -> Self {
        let (listener, address) = listener();
        let folder = folder();
        let store = Store::open_or_create(folder.path()).unwrap();
        let stop = Stop::default();
        let stopped = stop.clone();
        let phone = thread::spawn(move || {
            let interface = Interface::Contact;
            let mut card = Card::new(store, Box::new(SoftwareKeyStore), interface);
            vpcd::serve(&mut card, interface, None, &address, &stopped, |_| {});
        });
        Self {
            listener,
            reader: None,
            sent: 0,
            cut: None,
            stop,
            phone: Some(phone),
            folder,
        }
    }

    /// The reader has the card again, with the link to be cut there.
    fn connect(&mut self, cut: Option<Cut>) -> Client<&mut Self> {
        self.reader = None;
        let mut reader = Reader::accept(&self.listener);
        reader.send(&[1]);
        self.reader = Some(reader);
        (self.sent, self.cut) = (0, cut);
        Client::new(self)
    }
}

impl Transmit for Link {
    type Error = Torn;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Torn> {
        let now = self.sent;
        self.sent += 1;
        if self.cut == Some(Cut::Before(now)) {
            self.reader = None;
        }
        let reader = self.reader.as_mut().ok_or(Torn)?;
        reader.send(command);
        if self.cut == Some(Cut::After(now)) {
            self.reader = None;
            return Err(Torn);
        }
        Ok(reader.receive().into())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.stop.stop();
        self.reader = None;
        if let Some(phone) = self.phone.take()
            && !thread::panicking()
        {
            phone.join().unwrap();
        }
    }
}

/// What a holder or administrator does, and what must be true of it however often it was cut. It is done again and
/// again on one card; each time with another value.
trait Story {
    /// Exactly as many APDUs as it takes.
    const APDUS: usize;

    /// What must be on the card before.
    fn prepare(&mut self, _client: &mut Client<&mut Link>) {}

    /// Does it, up to the cut.
    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome;

    /// Looks at the card: what was written is the old or, where this may be, the new.
    fn check(&mut self, client: &mut Client<&mut Link>);
}

fn tear<S: Story>(mut story: S) {
    let mut link = Link::new();
    story.prepare(&mut link.connect(None));
    story.act(&mut link.connect(None)).unwrap();
    story.check(&mut link.connect(None));
    let cuts = (0..S::APDUS).flat_map(|apdu| [Cut::Before(apdu), Cut::After(apdu)]);
    for cut in cuts {
        story
            .act(&mut link.connect(Some(cut)))
            .expect_err("the link was cut");
        let mut client = link.connect(None);
        client.select().unwrap();
        // Nothing is proved, and nobody but the holder has used tries up.
        let status = client.pin_status(PinReference::PivPin).unwrap();
        assert_eq!(status, PinStatus::TriesLeft(5), "{cut:?}");
        assert!(matches!(
            client.put_data(ObjectId::PrintedInformation, &[1]),
            Err(ClientError::NotAuthorised(_))
        ));
        let store = Store::open(link.folder.path()).unwrap();
        assert_eq!(store.tries().unwrap().puk, 3, "{cut:?}");
        story.check(&mut link.connect(None));
        // Done again it comes to its end, in as many APDUs as ever.
        story.act(&mut link.connect(None)).unwrap();
        assert_eq!(link.sent, S::APDUS, "{cut:?}");
        story.check(&mut link.connect(None));
    }
}

fn make(client: &mut Client<&mut Link>, key: AsymmetricKey, algorithm: KeyAlgorithm) -> PublicKey {
    client.select().unwrap();
    prove_management_key(client).unwrap();
    client.generate(key, algorithm).unwrap()
}

/// Whether the key in 9E signs, and its signature is that of the public key which the card tells.
fn check_9e(client: &mut Client<&mut Link>) -> PublicKey {
    let metadata = client.metadata(AsymmetricKey::CardAuthentication).unwrap();
    let public = metadata.unwrap().public_key.unwrap();
    let PublicKey::Ecc { point, .. } = &public else {
        panic!("P-256")
    };
    let signature = client
        .apply_key(
            AsymmetricKey::CardAuthentication,
            KeyAlgorithm::P256,
            &[7; 32],
        )
        .unwrap();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    let signature = p256::ecdsa::Signature::from_der(&signature).unwrap();
    key.verify_prehash(&[7; 32], &signature).unwrap();
    public
}

struct Login;

impl Story for Login {
    const APDUS: usize = 2;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        client.verify(PinReference::PivPin, &pin("123456"))
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        assert!(
            client
                .apply_key(
                    AsymmetricKey::PivAuthentication,
                    KeyAlgorithm::P256,
                    &[7; 32]
                )
                .is_err(),
            "nothing is proved after the cut"
        );
    }
}

#[test]
fn a_login_is_cut() {
    tear(Login);
}

/// With the commands of the standard.
struct Signature {
    public: Option<PublicKey>,
    key: AsymmetricKey,
}

fn block() -> Vec<u8> {
    [&[0, 1], [0xFF; 221].as_slice(), &[0], &[9; 32]].concat()
}

impl Signature {
    fn is_right(&self, signature: &[u8]) {
        let Some(PublicKey::Rsa { modulus, exponent }) = &self.public else {
            panic!("RSA")
        };
        let key = rsa::PublicKey::new(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
        )
        .unwrap();
        let number = BoxedUint::from_be_slice(signature, 2048).unwrap();
        let opened = rsa::hazmat::rsa_encrypt(&key, &number).unwrap();
        assert_eq!(opened.to_be_bytes().to_vec(), block());
    }
}

impl Story for Signature {
    const APDUS: usize = 5;

    fn prepare(&mut self, client: &mut Client<&mut Link>) {
        self.public = Some(make(client, self.key, KeyAlgorithm::Rsa2048));
    }

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        client.verify(PinReference::PivPin, &pin("123456"))?;
        let signature = client.apply_key(self.key, KeyAlgorithm::Rsa2048, &block())?;
        self.is_right(&signature);
        Ok(())
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        let refused = client.apply_key(self.key, KeyAlgorithm::Rsa2048, &block());
        assert!(matches!(refused, Err(ClientError::NotAuthorised(_))));
        client.verify(PinReference::PivPin, &pin("123456")).unwrap();
        let signature = client
            .apply_key(self.key, KeyAlgorithm::Rsa2048, &block())
            .unwrap();
        self.is_right(&signature);
    }
}

#[test]
fn a_signature_is_cut() {
    for key in [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::DigitalSignature,
    ] {
        tear(Signature { public: None, key });
    }
}

struct SignatureInOneCommand;

impl Story for SignatureInOneCommand {
    const APDUS: usize = 3;

    fn prepare(&mut self, client: &mut Client<&mut Link>) {
        make(client, AsymmetricKey::DigitalSignature, KeyAlgorithm::P256);
    }

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        client.verify(PinReference::PivPin, &pin("123456"))?;
        let request = SignatureRequest {
            key: AsymmetricKey::DigitalSignature,
            scheme: Scheme::Ecdsa,
            hash_algorithm: HashAlgorithm::Sha256,
            hash: vec![7; 32],
            note: None,
        };
        client.sign(&request).map(drop)
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        client.verify(PinReference::PivPin, &pin("123456")).unwrap();
        client
            .apply_key(
                AsymmetricKey::DigitalSignature,
                KeyAlgorithm::P256,
                &[7; 32],
            )
            .unwrap();
    }
}

#[test]
fn a_signature_in_one_command_is_cut() {
    tear(SignatureInOneCommand);
}

/// A new key for 9E. It has the old one's place, or the old one still works.
#[derive(Default)]
struct Generation {
    public: Option<PublicKey>,
    made: Option<PublicKey>,
}

impl Story for Generation {
    const APDUS: usize = 4;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        prove_management_key(client)?;
        self.made = None;
        self.made = Some(client.generate(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256)?);
        Ok(())
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        let public = check_9e(client);
        if let Some(made) = &self.made {
            assert_eq!(public, *made, "what the card told is what it has");
        }
        self.public = Some(public);
    }
}

#[test]
fn a_key_generation_is_cut() {
    tear(Generation::default());
}

/// A certificate of several APDUs, each time another.
struct Certificate {
    old: u8,
    new: u8,
}

fn certificate(mark: u8) -> Vec<u8> {
    vec![mark; 1_200]
}

impl Story for Certificate {
    const APDUS: usize = 8;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        self.new = self.new.wrapping_add(1).max(1);
        client.select()?;
        prove_management_key(client)?;
        client.put_data(CERTIFICATE, &certificate(self.new))
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        let content = client.get_data(CERTIFICATE).unwrap().unwrap();
        let mark = content[0];
        assert!([self.old, self.new].contains(&mark));
        assert_eq!(*content, certificate(mark), "whole");
        self.old = mark;
    }
}

const CERTIFICATE: ObjectId = ObjectId::Certificate(AsymmetricKey::PivAuthentication);

#[test]
fn a_certificate_that_is_being_written_is_cut() {
    tear(Certificate { old: 0, new: 0 });
}

/// The PIN is changed, or unblocked by the PUK: afterwards it is the old or the new, and has all its tries.
struct PinChange {
    by_puk: bool,
    old: u32,
    new: u32,
}

fn digits(number: u32) -> Pin {
    pin(&number.to_string())
}

impl Story for PinChange {
    const APDUS: usize = 2;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        self.new = self.old + 1;
        client.select()?;
        if self.by_puk {
            client.reset_retry_counter(&Puk::new(b"12345678").unwrap(), &digits(self.new))
        } else {
            client.change_pin(&digits(self.old), &digits(self.new))
        }
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        if client
            .verify(PinReference::PivPin, &digits(self.new))
            .is_ok()
        {
            self.old = self.new;
        } else {
            client
                .verify(PinReference::PivPin, &digits(self.old))
                .unwrap();
        }
    }
}

#[test]
fn a_change_of_the_pin_is_cut() {
    for by_puk in [false, true] {
        tear(PinChange {
            by_puk,
            old: 123_456,
            new: 123_456,
        });
    }
}
