//! The whole virtual card under whatever commands come, with the secrets of a new card known to the caller.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

use aes::Aes192;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::client::Client;
use card_edge::piv::pin::DEFAULT_PIN;
use card_edge::piv::{Cipher, Pin, PinReference};
use card_edge::transmit::ResponseBytes;
use card_edge::{Response, Transmit};
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::Store;

/// Most commands of one input, so that one that repeats a slow command does not time out.
const COMMANDS_MAX: usize = 24;

/// The first byte chooses the interface (bit 0), and whether the PIN is verified (bit 1) and the management key
/// authenticated (bit 2) before what follows: commands, each after two bytes with its length.
pub fn card(data: &[u8]) {
    let [choice, script @ ..] = data else {
        return;
    };
    let folder = private_folder();
    for (name, content) in new_card() {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("a file in memory");
        // Whatever the umask is: a card that others may write is refused.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a file in memory");
    }
    let store = Store::open(folder.path()).expect("a card");
    let interface = match choice & 1 {
        0 => Interface::Contact,
        _ => Interface::Contactless,
    };
    let mut card = Wire(Card::new(store, Box::new(SoftwareKeyStore), interface));
    card.0.reset();

    let mut client = Client::new(&mut card);
    client.select().expect("a PIV card");
    if choice & 2 != 0 {
        let pin = Pin::new(DEFAULT_PIN.as_bytes()).expect("six digits");
        client
            .verify(PinReference::PivPin, &pin)
            .expect("the PIN of a new card");
    }
    if choice & 4 != 0 {
        authenticate(&mut client);
    }

    for command in commands(script).take(COMMANDS_MAX) {
        let answer = card.0.process(command);
        let response = Response::parse(&answer).expect("an answer has a status word");
        assert!(response.data.len() <= 65_536);
    }
    // Whatever came: it is still a card.
    card.0.reset();
    Client::new(&mut card).select().expect("still a PIV card");
    Store::open(folder.path()).expect("a state that can be read");
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

/// The files of a new card. It is made once: hashing its PIN and PUK takes longer than all that follows.
fn new_card() -> &'static [(OsString, Vec<u8>)] {
    static FILES: OnceLock<Vec<(OsString, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = private_folder();
        Store::open_or_create(folder.path()).expect("a new card");
        fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| {
                let entry = entry.expect("a file");
                (entry.file_name(), fs::read(entry.path()).expect("a file"))
            })
            .collect()
    })
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
fn commands(mut script: &[u8]) -> impl Iterator<Item = &[u8]> {
    core::iter::from_fn(move || {
        let ([high, low], rest) = script.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([*high & 0x03, *low])).min(rest.len());
        let (command, rest) = rest.split_at(length);
        script = rest;
        Some(command)
    })
    .filter(|command| {
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
