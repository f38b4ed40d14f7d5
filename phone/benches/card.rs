//! What the card itself costs for each command: beside a millisecond where no private key is used, no PIN compared and
//! no state synced, and beside the crypto library's own operation where a private key is. It prints ratios and judges
//! nothing by the clock.
//!
//! Card and library are measured in turns of a fraction of a millisecond, in many rounds, so that other work on the machine
//! leaves both of them turns that it does not disturb. Arguments choose rows by a part of their names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on has failed"
)]

use std::fs::Permissions;
use std::hint::black_box;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use card_edge::Transmit;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::Request;
use card_edge::piv::extensions::{HashAlgorithm, Scheme, SignatureRequest};
use card_edge::piv::pin::DEFAULT_PIN;
use card_edge::piv::{
    AsymmetricKey, Cipher, Client, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ObjectId, Pin,
    PinReference,
};
use card_edge::transmit::ResponseBytes;
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use rsa::BoxedUint;
use signature::Signer;
use signature::hazmat::RandomizedPrehashSigner;
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::Store;
use tempfile::TempDir;

/// For a command that uses no private key, compares no PIN and syncs no state.
const LIMIT: Duration = Duration::from_millis(1);
/// How long a turn takes at least, and how long the rounds of a row take together.
const TURN: Duration = Duration::from_micros(200);
const ROW: Duration = Duration::from_secs(3);
/// Of what takes longer there are as many rounds.
const ROUNDS_MIN: usize = 400;
/// A certificate as servers issue it.
const CERTIFICATE_LENGTH: usize = 1_500;

struct Wire(Card);

impl Transmit for Wire {
    type Error = core::convert::Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error> {
        Ok(self.0.process(command))
    }
}

fn folder(within: &Path) -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(within)
        .unwrap()
}

/// A card with a key of this kind in 9E and 9D, a certificate, everything proved.
fn card(folder: &Path, algorithm: KeyAlgorithm) -> Wire {
    let store = Store::open_or_create(folder).unwrap();
    let mut card = Wire(Card::new(
        store,
        Box::new(SoftwareKeyStore),
        Interface::Contact,
    ));
    let mut client = Client::new(&mut card);
    client.select().unwrap();
    let challenge = client.management_challenge(Cipher::Aes192).unwrap();
    let mut block = challenge.as_slice().try_into().unwrap();
    let cipher = aes::Aes192::new_from_slice(&DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
    cipher.encrypt_block(&mut block);
    client.management_response(Cipher::Aes192, &block).unwrap();
    if algorithm != KeyAlgorithm::X25519 {
        client
            .generate(AsymmetricKey::CardAuthentication, algorithm)
            .unwrap();
    }
    client
        .generate(AsymmetricKey::KeyManagement, algorithm)
        .unwrap();
    let certificate = ObjectId::Certificate(AsymmetricKey::CardAuthentication);
    client
        .put_data(certificate, &[0xA5; CERTIFICATE_LENGTH])
        .unwrap();
    let pin = Pin::new(DEFAULT_PIN.as_bytes()).unwrap();
    client.verify(PinReference::PivPin, &pin).unwrap();
    card
}

/// The commands of which the card's own cost is all there is.
fn commands(table: &Table, folder: &Path) {
    let mut wire = card(folder, KeyAlgorithm::P256);
    let mut measure = |name, act: &mut dyn FnMut(&mut Client<&mut Wire>)| {
        table.beside_limit(name, &mut || act(&mut Client::new(&mut wire)));
    };
    measure("SELECT", &mut |client| {
        black_box(client.select().unwrap());
    });
    measure("GET DATA, CHUID", &mut |client| {
        black_box(client.get_data(ObjectId::Chuid).unwrap());
    });
    measure("GET DATA, certificate of 1,500 bytes", &mut |client| {
        let certificate = ObjectId::Certificate(AsymmetricKey::CardAuthentication);
        black_box(client.get_data(certificate).unwrap());
    });
    measure("GET DATA, all public objects", &mut |client| {
        black_box(client.public_objects().unwrap());
    });
    measure("VERIFY without data", &mut |client| {
        black_box(client.pin_status(PinReference::PivPin).unwrap());
    });
    measure("GENERAL AUTHENTICATE, challenge of 9B", &mut |client| {
        black_box(client.management_challenge(Cipher::Aes192).unwrap());
    });
    measure("GET METADATA", &mut |client| {
        black_box(client.metadata(AsymmetricKey::CardAuthentication).unwrap());
    });
    measure("a command that is refused", &mut |client| {
        black_box(
            client
                .put_data(ObjectId::Discovery, &[1])
                .expect_err("the card's own"),
        );
    });
}

/// What the library's own operation on such a key is.
type Operation = Box<dyn FnMut()>;

/// What makes the key for it.
type Maker = Box<dyn Fn() -> Operation>;

fn rsa_operation(bits: usize) -> Maker {
    Box::new(move || with_rsa_key(bits))
}

fn with_rsa_key(bits: usize) -> Operation {
    let key = rsa::PrivateKey::new(&mut SysRng, bits).unwrap();
    let number = BoxedUint::from_be_slice(&block(bits), u32::try_from(bits).unwrap()).unwrap();
    Box::new(move || {
        let result = rsa::hazmat::rsa_decrypt_and_check(&key, Some(&mut SysRng), &number);
        black_box(result.unwrap());
    })
}

/// A padded block as long as the modulus.
fn block(bits: usize) -> Vec<u8> {
    let mut block = vec![0xFF; bits / 8];
    block.splice(..2, [0, 1]);
    block
}

macro_rules! ecdsa {
    ($curve:ident) => {{
        Box::new(|| {
            let key = $curve::ecdsa::SigningKey::from($curve::SecretKey::generate());
            Box::new(move || {
                let signature: $curve::ecdsa::DerSignature =
                    key.sign_prehash_with_rng(&mut SysRng, &[7; 32]).unwrap();
                black_box(signature);
            }) as Operation
        }) as Maker
    }};
}

macro_rules! ecdh {
    ($curve:ident) => {{
        Box::new(|| {
            let key = $curve::SecretKey::generate();
            let peer = $curve::SecretKey::generate().public_key().to_sec1_bytes();
            Box::new(move || {
                let peer = $curve::PublicKey::from_sec1_bytes(&peer).unwrap();
                black_box(key.diffie_hellman(&peer));
            }) as Operation
        }) as Maker
    }};
}

fn ed25519() -> Operation {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    Box::new(move || {
        black_box(key.sign(&[7; 32]));
    })
}

fn x25519() -> Operation {
    let key = x25519_dalek::StaticSecret::from([7; 32]);
    let peer = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from([9; 32]));
    Box::new(move || {
        black_box(key.diffie_hellman(&peer));
    })
}

fn use_of(key: AsymmetricKey, algorithm: KeyAlgorithm, request: &Request) -> Vec<Vec<u8>> {
    let mut command = Command::new(
        Instruction::GeneralAuthenticate,
        algorithm.identifier(),
        key.to_u8(),
    );
    command.data = request.encode().unwrap();
    command.extended = true;
    command.expected = Some(65_536);
    vec![command.encode().unwrap().to_vec()]
}

fn sign_at_once(scheme: Scheme) -> Vec<Vec<u8>> {
    let request = SignatureRequest {
        key: AsymmetricKey::CardAuthentication,
        scheme,
        hash_algorithm: HashAlgorithm::Sha256,
        hash: vec![7; 32],
        note: None,
    };
    let mut command = Command::new(card_edge::piv::extensions::SIGN, 0x9E, 0x9A)
        .with_data(request.encode().unwrap());
    command.extended = true;
    command.expected = Some(65_536);
    vec![command.encode().unwrap().to_vec()]
}

/// The uses of keys, each beside the library's own operation.
fn keys(table: &Table) {
    use AsymmetricKey::{CardAuthentication, KeyManagement};
    use KeyAlgorithm::{Ed25519, P256, P384, Rsa2048, Rsa3072, Rsa4096, X25519};
    let sign = |data: Vec<u8>| Request::InternalAuthenticate(data.into());
    let p256 = p256::SecretKey::generate().public_key().to_sec1_bytes();
    let p384 = p384::SecretKey::generate().public_key().to_sec1_bytes();
    let rsa = |algorithm, bits| use_of(CardAuthentication, algorithm, &sign(block(bits)));
    let hash = |algorithm| use_of(CardAuthentication, algorithm, &sign(vec![7; 32]));
    let agree = |algorithm, point: &[u8]| {
        use_of(
            KeyManagement,
            algorithm,
            &Request::KeyAgreement(point.to_vec()),
        )
    };
    let peer = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from([9; 32]));
    let uses: Vec<(&'static str, KeyAlgorithm, Vec<Vec<u8>>, Maker)> = vec![
        ("RSA-2048", Rsa2048, rsa(Rsa2048, 2048), rsa_operation(2048)),
        (
            "RSA-2048, PKCS#1 in one command",
            Rsa2048,
            sign_at_once(Scheme::Pkcs1),
            rsa_operation(2048),
        ),
        ("RSA-3072", Rsa3072, rsa(Rsa3072, 3072), rsa_operation(3072)),
        ("RSA-4096", Rsa4096, rsa(Rsa4096, 4096), rsa_operation(4096)),
        ("P-256, signature", P256, hash(P256), ecdsa!(p256)),
        (
            "P-256, signature in one command",
            P256,
            sign_at_once(Scheme::Ecdsa),
            ecdsa!(p256),
        ),
        ("P-384, signature", P384, hash(P384), ecdsa!(p384)),
        (
            "Ed25519, signature",
            Ed25519,
            hash(Ed25519),
            Box::new(ed25519),
        ),
        ("P-256, agreement", P256, agree(P256, &p256), ecdh!(p256)),
        ("P-384, agreement", P384, agree(P384, &p384), ecdh!(p384)),
        (
            "X25519, agreement",
            X25519,
            agree(X25519, peer.as_bytes()),
            Box::new(x25519),
        ),
    ];
    for (name, algorithm, apdus, library) in uses {
        if !table.wants(name) {
            continue;
        }
        let folder = folder(memory());
        let mut wire = card(folder.path(), algorithm);
        let mut card = || {
            for apdu in &apdus {
                let answer = wire.0.process(apdu);
                assert!(answer.ends_with(&[0x90, 0x00]));
            }
        };
        table.beside_library(name, &mut card, &mut library());
    }
}

/// A folder in memory where there is one: a disk is not what is measured.
fn memory() -> &'static Path {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        shared
    } else {
        Path::new("/tmp")
    }
}

/// How often something is done in one turn.
fn count_of_turn(act: &mut dyn FnMut()) -> u32 {
    let mut count = 1;
    while turn(act, count) < TURN {
        count *= 2;
    }
    count
}

/// How long it takes to do it so often.
fn turn(act: &mut dyn FnMut(), count: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        act();
    }
    start.elapsed()
}

/// Does it for as long as a row takes.
fn rounds<T>(mut round: impl FnMut() -> T) -> Vec<T> {
    let start = Instant::now();
    let mut results = Vec::new();
    while results.len() < ROUNDS_MIN || start.elapsed() < ROW {
        results.push(round());
    }
    results
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    *values.get(values.len() / 2).unwrap()
}

fn fastest(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

fn microseconds(turn: Duration, count: u32) -> f64 {
    turn.as_secs_f64() * 1e6 / f64::from(count)
}

/// The table that is printed, row by row.
struct Table {
    /// What the rows' names have in them; none for all.
    wanted: Vec<String>,
}

impl Table {
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part))
    }

    fn beside_limit(&self, name: &str, card: &mut dyn FnMut()) {
        if !self.wants(name) {
            return;
        }
        let count = count_of_turn(card);
        let card = median(rounds(|| microseconds(turn(card, count), count)));
        let limit = LIMIT.as_secs_f64() * 1e6;
        let ratio = card / limit;
        println!("| {name} | {card:.1} | limit {limit:.1} | {ratio:.2} |");
    }

    /// Each by its fastest turn, which is the one that nothing disturbed: with many short turns there is one in every run,
    /// and the figures of two runs are the same.
    fn beside_library(&self, name: &str, card: &mut dyn FnMut(), library: &mut dyn FnMut()) {
        let (card_count, library_count) = (count_of_turn(card), count_of_turn(library));
        let rounds = rounds(|| {
            (
                microseconds(turn(card, card_count), card_count),
                microseconds(turn(library, library_count), library_count),
            )
        });
        let (card, library): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
        let (card, library) = (fastest(card), fastest(library));
        let ratio = card / library;
        println!("| {name} | {card:.1} | {library:.1} | {ratio:.2} |");
    }
}

fn main() {
    // Cargo gives --bench to every benchmark.
    let wanted = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let table = Table {
        wanted: wanted.collect(),
    };
    println!("| command | card, µs | limit or library, µs | ratio |\n|---|---|---|---|");
    let card_folder = folder(memory());
    commands(&table, card_folder.path());
    keys(&table);
}
