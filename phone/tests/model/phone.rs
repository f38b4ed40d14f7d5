//! The card under test, with its state in a folder of its own.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use card_edge::piv::Pin;
use tapcard_phone::card::Card;
use tapcard_phone::consent::{
    self, Answer, Link, PinAnswer, PinCheck, PinRequest, RefusedUse, Usage,
};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::key_store::{self, KeyPlace};
use tapcard_phone::state::{CardState, StateError, Store};
use tempfile::TempDir;

use crate::holder::{Operation, Policy, Request, Says};

/// The files of a card's folder, to begin with again.
pub struct Saved(Vec<(OsString, Vec<u8>)>);

/// Whoever is asked: what they answer, and what they were asked.
#[derive(Default)]
struct Holder {
    says: Says,
    asked: Vec<Request>,
    /// The digits of the PIN.
    pin: Vec<u8>,
}

/// The holder's end of the card.
struct Asked {
    holder: Arc<Mutex<Holder>>,
    folder: PathBuf,
}

impl consent::Holder for Asked {
    fn ask(&mut self, usage: &Usage, _link: &mut dyn Link) -> Answer {
        let mut holder = self.holder.lock().unwrap();
        holder.asked.push(Request {
            key: usage.key.to_string(),
            operation: match usage.operation {
                consent::Operation::Sign => Operation::Sign,
                consent::Operation::Decrypt => Operation::Decrypt,
                consent::Operation::SignOrDecrypt => Operation::SignOrDecrypt,
                consent::Operation::Agree => Operation::Agree,
                consent::Operation::Attest => panic!("nobody is asked for an attestation"),
            },
            contactless: usage.interface == Interface::Contactless,
        });
        match holder.says {
            Says::Yes | Says::YesMistyped => Answer::Approved,
            Says::No | Says::NoOnceMistyped => Answer::Refused,
            Says::Nothing => Answer::TimedOut,
            Says::LinkLost => Answer::LinkLost,
            Says::YesTooLate => {
                update(&self.folder, |state| state.serial ^= 1);
                Answer::Approved
            }
        }
    }

    fn pin_time(&self) -> Option<Duration> {
        Some(PIN_TIME)
    }

    fn ask_for_pin(&mut self, asked: &PinRequest, card: &mut dyn PinCheck) -> PinAnswer {
        let mut holder = self.holder.lock().unwrap();
        holder.asked.push(Request {
            key: "80".to_owned(),
            operation: Operation::TypePin(asked.tries, asked.was_wrong),
            contactless: asked.interface == Interface::Contactless,
        });
        let mut typed = holder.pin.clone();
        match holder.says {
            Says::Yes => {}
            Says::YesMistyped if asked.was_wrong => {}
            Says::NoOnceMistyped if asked.was_wrong => return PinAnswer::Refused,
            Says::YesMistyped | Says::NoOnceMistyped => typed[0] ^= 1,
            Says::No => return PinAnswer::Refused,
            Says::Nothing => return PinAnswer::TimedOut,
            Says::LinkLost => return PinAnswer::LinkLost,
            Says::YesTooLate => update(&self.folder, |state| state.serial ^= 1),
        }
        card.compare(&Pin::new(&typed).unwrap())
    }
}

/// Where the PIN is typed at the phone, and how long it is waited for.
pub const PIN_TIME: Duration = Duration::from_secs(30);

/// A phone: its card, and the folder that holds it.
pub struct Phone {
    card: Card,
    holder: Arc<Mutex<Holder>>,
    folder: TempDir,
}

impl Phone {
    /// A new card, which its holder or somebody else has changed so, behind one of the interfaces.
    pub fn new(contactless: bool, change: impl FnOnce(&mut CardState)) -> Self {
        let folder = folder();
        drop(Store::open_or_create(folder.path()).unwrap());
        Self::in_folder(folder, contactless, change)
    }

    /// The same with a card that was saved.
    pub fn again(saved: &Saved, contactless: bool, change: impl FnOnce(&mut CardState)) -> Self {
        let folder = folder();
        for (name, content) in &saved.0 {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        }
        Self::in_folder(folder, contactless, change)
    }

    fn in_folder(folder: TempDir, contactless: bool, change: impl FnOnce(&mut CardState)) -> Self {
        update(folder.path(), change);
        let holder = Arc::default();
        let card = open(folder.path(), contactless, &holder);
        Self {
            card,
            holder,
            folder,
        }
    }

    /// What is in the folder.
    pub fn save(&self) -> Saved {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name(), fs::read(entry.path()).unwrap())
        });
        Saved(files.collect())
    }

    /// The answer to a command, and its status word.
    pub fn transmit(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        let mut answer = self.card.process(apdu).to_vec();
        let status = answer.split_off(answer.len() - 2);
        (answer, u16::from_be_bytes([status[0], status[1]]))
    }

    /// The same, with what must be fetched of it.
    pub fn transmit_whole(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        let (mut whole, mut status) = self.transmit(apdu);
        while status & 0xFF00 == 0x6100 {
            let (rest, next) = self.transmit(&[0, 0xC0, 0, 0, 0]);
            whole.extend(rest);
            status = next;
        }
        (whole, status)
    }

    /// The link is cut, or the reader resets the card.
    pub fn reset(&mut self) {
        self.card.reset();
    }

    /// The power fails and comes back.
    pub fn restart(&mut self, contactless: bool) {
        self.card = open(self.folder.path(), contactless, &self.holder);
    }

    /// Another process changes the card.
    pub fn change_elsewhere(&self, change: impl FnOnce(&mut CardState)) {
        update(self.folder.path(), change);
    }

    /// What the holder answers from now on.
    pub fn set_answer(&self, says: Says) {
        self.holder.lock().unwrap().says = says;
    }

    /// The PIN that the holder knows.
    pub fn set_pin(&self, digits: &[u8]) {
        self.holder.lock().unwrap().pin = digits.to_vec();
    }

    /// What the holder was asked since the last time.
    pub fn take_asked(&self) -> Vec<Request> {
        std::mem::take(&mut self.holder.lock().unwrap().asked)
    }

    /// The holder decides for a key.
    pub fn decide(&self, key: &str, policy: Policy) {
        let key: KeyPlace = key.parse().unwrap();
        let consent = match policy {
            Policy::Pin => key_store::Consent::Pin,
            Policy::Confirm => key_store::Consent::ConfirmOnPhone,
            Policy::Never => key_store::Consent::Never,
        };
        self.change_elsewhere(|state| state.set_consent(key, consent));
    }

    /// What is on disk.
    pub fn state(&self) -> CardState {
        let store = Store::open(self.folder.path()).unwrap();
        store.state().clone()
    }
}

fn update(folder: &Path, change: impl FnOnce(&mut CardState)) {
    let mut store = Store::open(folder).unwrap();
    store
        .update(|state| {
            change(state);
            Ok::<_, StateError>(())
        })
        .unwrap();
}

/// Longer than any script: what was refused is forgotten by commands alone.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

fn open(folder: &Path, contactless: bool, holder: &Arc<Mutex<Holder>>) -> Card {
    let interface = if contactless {
        Interface::Contactless
    } else {
        Interface::Contact
    };
    let store = Store::open_or_create(folder).unwrap();
    let asked = Asked {
        holder: Arc::clone(holder),
        folder: folder.to_owned(),
    };
    Card::new(store, Box::new(SoftwareKeyStore), interface)
        .with_holder(Box::new(asked))
        .with_refused_use(RefusedUse::remembered_for(REMEMBERED))
}

/// In memory where there is one: each step that changes something syncs it to its disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(place)
        .unwrap()
}
