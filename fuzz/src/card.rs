//! The whole virtual card under whatever commands come, with the secrets of a new card known to the caller.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use aes::Aes192;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use card_edge::gids;
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::client::Client;
use card_edge::piv::pin::DEFAULT_PIN;
use card_edge::piv::secure_messaging::{CipherSuite, PairingCode};
use card_edge::piv::{AsymmetricKey, Cipher, KeyAlgorithm, ObjectId, Pin, PinReference};
use card_edge::transmit::ResponseBytes;
use card_edge::{Response, Transmit};
use des::TdesEde3;
use tapcard_phone::card::Card;
use tapcard_phone::consent::{Answer, Holder, Link, PinAnswer, PinCheck, PinRequest, Usage};
use tapcard_phone::gids::provision;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::KeyPolicy;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::secure_messaging;
use tapcard_phone::state::{ContactlessPolicy, KeyRecord, PinEntry, StateError, Store};

use channel::{Form, Host, HostKey};

// By its path: a test of `cli` takes this file in under another name.
#[path = "channel.rs"]
mod channel;

/// Most commands of one input, so that one that repeats a slow command does not time out.
const COMMANDS_MAX: usize = 24;

/// 9000.
const SUCCESS: [u8; 2] = [0x90, 0x00];

/// The first byte chooses the interface (bit 0), whether the PIN is verified (bit 1) and the management key
/// authenticated (bit 2) where the card allows that, and the contactless policy (bits 3 and 4; with both the PIN is typed at the
/// phone); whether the host opens a
/// channel of secure messaging before that (bit 5), gives the pairing code in it (bit 6), and of which suite (bit 7).
///
/// What follows are commands, each after two bytes with its length, whose highest bits are a [`Form`].
pub fn card(data: &[u8]) {
    answered_inside(data);
}

/// The same; returns how many commands were answered through a channel.
pub fn answered_inside(data: &[u8]) -> usize {
    let [choice, script @ ..] = data else {
        return 0;
    };
    let folder = private_folder();
    let interface = match choice & 1 {
        0 => Interface::Contact,
        _ => Interface::Contactless,
    };
    let policy = match choice >> 3 & 3 {
        1 => ContactlessPolicy::Strict,
        2 => ContactlessPolicy::StrictWithoutPairing,
        _ => ContactlessPolicy::ContactLike,
    };
    let has_channel = choice & 0x20 != 0;
    let is_paired = has_channel && policy.is_strict() && choice & 0x40 != 0;
    let suite = match choice & 0x80 {
        0 => CipherSuite::Cs2,
        _ => CipherSuite::Cs7,
    };
    let mut store = copy_of(piv_files(suite, policy), folder.path());
    if choice >> 3 & 3 == 3 {
        store
            .update(|state| {
                state.pin_entry = PinEntry::Phone;
                Ok::<_, StateError>(())
            })
            .expect("a card in memory");
    }
    let pairing_code = store.state().object(ObjectId::PairingCodeReferenceData);
    let pairing_code = pairing_code.expect("a card with secure messaging").to_vec();
    let card = Card::new(store, Box::new(SoftwareKeyStore), interface);
    let mut card = Wire(card.with_holder(Box::new(Typist::default())));
    card.0.reset();

    let mut client = Client::new(&mut card);
    client.select().expect("a PIV card");
    if has_channel {
        client
            .open_channel(suite, HostKey::of(suite), |_| true)
            .expect("a channel");
    }
    if is_paired {
        let code = PairingCode::decode(&pairing_code).expect("the card's own");
        assert!(client.pair(&code).expect("a channel of a strict card"));
    }
    let is_strict = interface == Interface::Contactless && policy.is_strict();
    let needs_pairing = policy == ContactlessPolicy::Strict;
    let is_virtual_contact = has_channel && (is_paired || !needs_pairing);
    if choice & 2 != 0 && (!is_strict || is_virtual_contact) {
        let pin = Pin::new(DEFAULT_PIN.as_bytes()).expect("six digits");
        client
            .verify(PinReference::PivPin, &pin)
            .expect("the PIN of a new card");
    }
    if choice & 4 != 0 && !is_strict {
        authenticate(&mut client);
    }

    let mut host = Host::after(&mut client);
    for (form, command) in commands(script).take(COMMANDS_MAX) {
        host.send(&mut card, form, command);
    }
    // Whatever came: it is still a card.
    card.0.reset();
    Client::new(&mut card).select().expect("still a PIV card");
    Store::open(folder.path()).expect("a state that can be read");
    host.inside
}

/// A holder who types the PIN, mistypes it, and refuses, in turns.
#[derive(Default)]
struct Typist {
    asked: u8,
}

impl Holder for Typist {
    fn ask(&mut self, _: &Usage, _: &mut dyn Link) -> Answer {
        Answer::Approved
    }

    fn pin_time(&self) -> Option<Duration> {
        Some(Duration::from_secs(30))
    }

    fn ask_for_pin(&mut self, _: &PinRequest, card: &mut dyn PinCheck) -> PinAnswer {
        self.asked = self.asked.wrapping_add(1);
        let typed = match self.asked % 3 {
            1 => DEFAULT_PIN.as_bytes(),
            2 => b"999999",
            _ => return PinAnswer::Refused,
        };
        card.compare(&Pin::new(typed).expect("six digits"))
    }
}

/// The same as a GIDS card, with an RSA key in 9A; bit 2 is the administrator's key, and with bit 3 the card is blank.
pub fn gids_card(data: &[u8]) {
    let [choice, script @ ..] = data else {
        return;
    };
    let folder = private_folder();
    let store = if choice & 8 == 0 {
        copy_of(gids_files(), folder.path())
    } else {
        let mut store = copy_of(new_card(), folder.path());
        store
            .update(provision::provision_blank)
            .expect("a card without keys");
        store
    };
    let interface = match choice & 1 {
        0 => Interface::Contact,
        _ => Interface::Contactless,
    };
    let mut card = Card::new(store, Box::new(SoftwareKeyStore), interface);
    card.reset();
    let mut select = vec![0x00, 0xA4, 0x04, 0x00, 0x0B];
    select.extend(gids::AID);
    assert!(card.process(&select).ends_with(&SUCCESS));
    if choice & 2 != 0 {
        let verify = [&[0x00, 0x20, 0x00, 0x80, 0x06], DEFAULT_PIN.as_bytes()].concat();
        assert_eq!(*card.process(&verify), SUCCESS);
    }
    if choice & 12 == 4 {
        prove_administrator(&mut card);
    }
    for (_, command) in commands(script).take(COMMANDS_MAX) {
        // Each makes an RSA key.
        if command.get(1) == Some(&0x47) {
            continue;
        }
        let answer = card.process(command);
        let response = Response::parse(&answer).expect("an answer has a status word");
        assert!(response.data.len() <= 65_536);
    }
    // Whatever came: it is still a card.
    card.reset();
    assert!(card.process(&select).ends_with(&SUCCESS));
    Store::open(folder.path()).expect("a state that can be read");
}

fn prove_administrator(card: &mut Card) {
    let choose = [0x00, 0x22, 0x81, 0xA4, 0x03, 0x83, 0x01, 0x80];
    assert_eq!(*card.process(&choose), SUCCESS);
    let challenge = card.process(&[0x00, 0x87, 0x00, 0x00, 0x04, 0x7C, 0x02, 0x81, 0x00, 0x00]);
    let challenge = challenge.get(4..12).expect("a challenge");
    let mut block = Array::try_from(challenge).expect("a block");
    TdesEde3::new(&Array::from(DEFAULT_CARD_MANAGEMENT_KEY)).encrypt_block(&mut block);
    let head = [0x00, 0x87, 0x00, 0x00, 0x0C, 0x7C, 0x0A, 0x82, 0x08];
    let respond = [&head[..], &block].concat();
    assert_eq!(*card.process(&respond), SUCCESS);
}

fn authenticate(client: &mut Client<&mut Wire>) {
    let challenge = client
        .management_challenge(Cipher::Aes192)
        .expect("a challenge");
    let mut block = Array::try_from(&challenge[..]).expect("a block");
    Aes192::new(&Array::from(DEFAULT_CARD_MANAGEMENT_KEY)).encrypt_block(&mut block);
    client
        .management_response(Cipher::Aes192, &block)
        .expect("the key of a new card");
}

/// Names and contents of a card's files.
type Files = Vec<(OsString, Vec<u8>)>;

/// A card of these files.
fn copy_of(files: &Files, folder: &Path) -> Store {
    for (name, content) in files {
        let path = folder.join(name);
        fs::write(&path, content).expect("a file in memory");
        // Whatever the umask is: a card that others may write is refused.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a file in memory");
    }
    Store::open(folder).expect("a card")
}

/// The files of a new card, after this was done with it.
fn made(make: impl FnOnce(&mut Store)) -> Files {
    let folder = private_folder();
    make(&mut Store::open_or_create(folder.path()).expect("a new card"));
    fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| {
            let entry = entry.expect("a file");
            (entry.file_name(), fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

/// The files of a new card. It is made once: hashing its PIN and PUK takes longer than all that follows.
fn new_card() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| made(|_| {}))
}

/// The same under this policy, with a key for secure messaging of this suite and three others on its curve: making them
/// takes as long.
fn piv_files(suite: CipherSuite, policy: ContactlessPolicy) -> &'static Files {
    static FILES: [[OnceLock<Files>; 3]; 2] = [const { [const { OnceLock::new() }; 3] }; 2];
    let [of_cs2, of_cs7] = &FILES;
    let [contact_like, strict, without_pairing] = match suite {
        CipherSuite::Cs2 => of_cs2,
        CipherSuite::Cs7 => of_cs7,
    };
    let files = match policy {
        ContactlessPolicy::ContactLike => contact_like,
        ContactlessPolicy::Strict => strict,
        ContactlessPolicy::StrictWithoutPairing => without_pairing,
    };
    files.get_or_init(|| {
        made(|store| {
            secure_messaging::make(store, &SoftwareKeyStore, suite).expect("a key");
            let keys = [
                AsymmetricKey::PivAuthentication,
                AsymmetricKey::DigitalSignature,
                AsymmetricKey::KeyManagement,
            ]
            .map(|slot| (slot, new_key(slot, suite.curve().algorithm())));
            store
                .update(|state| {
                    state.contactless = policy;
                    state.keys.extend(keys);
                    state.seal_keys(&SoftwareKeyStore).map_err(StateError::from)
                })
                .expect("a decision");
        })
    })
}

/// The same of a GIDS card with an RSA key.
fn gids_files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        made(|store| {
            let slot = AsymmetricKey::PivAuthentication;
            let record = new_key(slot, KeyAlgorithm::Rsa2048);
            store
                .update(|state| {
                    // A card as new has an administrator's key that is known.
                    provision::provision(state)?;
                    state.keys.insert(slot, record);
                    provision::provision(state)
                })
                .expect("a GIDS card");
        })
    })
}

fn new_key(slot: AsymmetricKey, algorithm: KeyAlgorithm) -> KeyRecord {
    KeyRecord::generate(&SoftwareKeyStore, algorithm, KeyPolicy::of(slot)).expect("a key")
}

/// A folder for its owner alone, whatever the umask is: a card in another is refused.
fn private_folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(memory())
        .expect("a folder")
}

/// A folder in memory where there is one: each input makes a card, and each card is synced to its disk.
fn memory() -> &'static Path {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        shared
    } else {
        Path::new("/tmp")
    }
}

/// The commands, without those that make an RSA key: these take seconds and teach nothing.
fn commands(mut script: &[u8]) -> impl Iterator<Item = (Form, &[u8])> {
    core::iter::from_fn(move || {
        let ([high, low], rest) = script.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([*high & 0x03, *low])).min(rest.len());
        let (command, rest) = rest.split_at(length);
        script = rest;
        Some((Form::from(*high), command))
    })
    .filter(|(_, command)| {
        !matches!(
            command,
            [_, 0x47, _, _, .., 0x80, 0x01, 0x05 | 0x07]
                | [_, 0x47, _, _, .., 0x80, 0x01, 0x05 | 0x07, _]
        )
    })
}

struct Wire(Card);

impl Transmit for Wire {
    type Error = core::convert::Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Self::Error> {
        Ok(self.0.process(command))
    }
}
