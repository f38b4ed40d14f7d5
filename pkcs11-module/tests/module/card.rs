//! Cards in memory: the virtual phone's, and one without any application that hosts look for.

use std::path::PathBuf;
use std::time::Duration;

use aes::Aes192;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use card_edge::Transmit;
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::extensions::Announcement;
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{
    AsymmetricKey, Cipher, Client, KeyAlgorithm, ObjectId, PublicKey, certificate,
};
use card_edge::transmit::ResponseBytes;
use tapcard_phone::card::Card;
use tapcard_phone::consent::{Holder, RefusedUse};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::Consent;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{PinEntry, StateError, Store};
use tapcard_pkcs11::pcsc::LinkError;

use super::certificate::issue_for;

/// Something that answers commands.
pub trait Answers: Send {
    /// Answers a command.
    fn answer(&mut self, command: &[u8]) -> Vec<u8>;
    /// Is without power from now on.
    fn reset(&mut self);
}

/// A card without any application that hosts look for.
pub struct Foreign;

impl Answers for Foreign {
    fn answer(&mut self, _: &[u8]) -> Vec<u8> {
        vec![0x6A, 0x82]
    }

    fn reset(&mut self) {}
}

/// The virtual phone's card, with a second application that another program may select.
pub struct Phone {
    card: Card,
    /// Whether it announces what it can beyond PIV; else it stands for any other card.
    announces: bool,
    /// What it does to its announcement.
    changes: fn(&mut Announcement),
    /// A command that begins so is answered with 6D00.
    refuses: Option<&'static [u8]>,
    other_application: bool,
    state: tempfile::TempDir,
}

impl Phone {
    /// The same phone, whose holder wants to be asked before each use of this key.
    pub fn asking(self, key: AsymmetricKey, holder: impl Holder + 'static) -> Self {
        let mut store = Store::open(self.state.path()).unwrap();
        store
            .update(|state| {
                state.set_consent(key, Consent::ConfirmOnPhone);
                Ok::<_, StateError>(())
            })
            .unwrap();
        Self {
            card: self.card.with_holder(Box::new(holder)),
            ..self
        }
    }
}

impl Phone {
    /// The same phone, whose holder can type the PIN there.
    pub fn typing(self, holder: impl Holder + 'static) -> Self {
        self.entry().set(PinEntry::Phone);
        let card = self.card.with_holder(Box::new(holder));
        Self { card, ..self }.announcing()
    }

    /// The same phone, which remembers what its holder refused for as long as any test takes.
    pub fn remembering_refusals(self) -> Self {
        let refused = RefusedUse::remembered_for(Duration::from_secs(600));
        Self {
            card: self.card.with_refused_use(refused),
            ..self
        }
    }

    /// Where its holder says where the PIN is typed.
    pub fn entry(&self) -> EntrySetting {
        EntrySetting(self.state.path().to_owned())
    }
}

/// Where the holder of a phone says where the PIN is typed, as long as the phone lives.
pub struct EntrySetting(PathBuf);

impl EntrySetting {
    /// There from now on.
    pub fn set(&self, entry: PinEntry) {
        let mut store = Store::open(&self.0).unwrap();
        store
            .update(|state| {
                state.pin_entry = entry;
                Ok::<_, StateError>(())
            })
            .unwrap();
    }
}

/// The identifier of the second application.
pub const OTHER_APPLICATION: &[u8] = &[0xD2, 0x76, 0x00, 0x01, 0x24, 0x01];

impl Answers for Phone {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let selects = command.get(..2) == Some(&[0x00, 0xA4]);
        if selects && command.get(5..11) == Some(OTHER_APPLICATION) {
            self.card.reset();
            self.other_application = true;
            return vec![0x90, 0x00];
        }
        if self.other_application && !selects {
            return vec![0x6D, 0x00];
        }
        self.other_application = false;
        if self
            .refuses
            .is_some_and(|refused| command.starts_with(refused))
        {
            return vec![0x6D, 0x00];
        }
        let answer = self.card.process(command).to_vec();
        if !selects {
            return answer;
        }
        with_announcement(&answer, |announcement| {
            (self.changes)(announcement);
            self.announces
        })
    }

    fn reset(&mut self) {
        self.other_application = false;
        self.card.reset();
    }
}

impl Phone {
    /// The phone as it is.
    pub fn announcing(self) -> Self {
        Self {
            announces: true,
            ..self
        }
    }
}

impl Phone {
    /// The phone, with another announcement than it has.
    pub fn announcing_with(self, changes: fn(&mut Announcement)) -> Self {
        Self {
            changes,
            ..self.announcing()
        }
    }

    /// The phone, announcing what it does not do: commands that begin so.
    pub fn announcing_without(self, refused: &'static [u8]) -> Self {
        Self {
            refuses: Some(refused),
            ..self.announcing()
        }
    }
}

/// The answer to SELECT with the announcement as `change` makes it; without one where that says so, as of a card that can no
/// more than PIV.
fn with_announcement(answer: &[u8], change: impl FnOnce(&mut Announcement) -> bool) -> Vec<u8> {
    let (data, status) = answer.split_at(answer.len() - 2);
    let Ok(template) = PropertyTemplate::decode(data) else {
        return answer.to_vec();
    };
    let url = Announcement::of(&template)
        .and_then(|mut announcement| change(&mut announcement).then(|| announcement.encode()));
    let changed = PropertyTemplate { url, ..template };
    [&changed.encode().unwrap()[..], status].concat()
}

struct Direct<'a>(&'a mut dyn Answers);

impl Transmit for Direct<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> core::result::Result<ResponseBytes, LinkError> {
        Ok(self.0.answer(command).into())
    }
}

/// A key on the card and its certificate.
#[derive(Clone)]
pub struct Issued {
    /// What the card gave when it made the key.
    pub key: PublicKey,
    /// The certificate.
    pub certificate: Vec<u8>,
}

/// The keys that most tests use.
pub const USUAL: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::Rsa2048),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];

/// Proves the management key of a new card.
fn administer(client: &mut Client<Direct<'_>>) {
    let challenge = client.management_challenge(Cipher::Aes192).unwrap();
    let mut block = aes::Block::try_from(challenge.as_slice()).unwrap();
    Aes192::new(&DEFAULT_CARD_MANAGEMENT_KEY.into()).encrypt_block(&mut block);
    client.management_response(Cipher::Aes192, &block).unwrap();
}

/// A new card with these keys, each with a certificate.
pub fn phone(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> (Phone, Vec<Issued>) {
    let (mut phone, issued) = phone_over_contacts(keys);
    phone.card.reset();
    (phone, issued)
}

/// The same, for a reader's field.
pub fn contactless_phone(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> (Phone, Vec<Issued>) {
    let (phone, issued) = phone_over_contacts(keys);
    let store = Store::open(phone.state.path()).unwrap();
    let card = Card::new(store, Box::new(SoftwareKeyStore), Interface::Contactless);
    let mut phone = Phone { card, ..phone };
    phone.card.reset();
    (phone, issued)
}

fn phone_over_contacts(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> (Phone, Vec<Issued>) {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open_or_create(state.path()).unwrap();
    let mut phone = Phone {
        card: Card::new(store, Box::new(SoftwareKeyStore), Interface::Contact),
        announces: false,
        changes: |_| {},
        refuses: None,
        other_application: false,
        state,
    };
    phone.card.reset();
    let issued = {
        let mut client = Client::new(Direct(&mut phone));
        client.select().unwrap();
        administer(&mut client);
        keys.iter()
            .map(|(reference, algorithm)| {
                let key = client.generate(*reference, *algorithm).unwrap();
                let der = issue_for("Alice Example", &key, *algorithm);
                let object = certificate::encode(&der).unwrap();
                client
                    .put_data(ObjectId::Certificate(*reference), &object)
                    .unwrap();
                Issued {
                    key,
                    certificate: der,
                }
            })
            .collect()
    };
    (phone, issued)
}

/// The GUID of the card as its CHUID has it, in hexadecimal digits.
pub fn guid(card: &mut dyn Answers) -> String {
    let mut client = Client::new(Direct(card));
    client.select().unwrap();
    let guid = client.chuid().unwrap().unwrap().guid;
    card.reset();
    guid.simple().to_string()
}

/// Gives a new card another management key.
pub fn set_management_key(card: &mut dyn Answers, cipher: Cipher, key: &[u8]) {
    let mut client = Client::new(Direct(card));
    client.select().unwrap();
    administer(&mut client);
    let length = u8::try_from(key.len()).unwrap();
    let mut command = vec![0x00, 0xFF, 0xFF, 0xFF, 3 + length];
    command.extend([cipher.identifier(), 0x9B, length]);
    command.extend(key);
    assert_eq!(card.answer(&command), [0x90, 0x00]);
    card.reset();
}

/// Writes an object of the card as its issuer would, without the module.
pub fn put_object(card: &mut dyn Answers, object: ObjectId, content: &[u8]) {
    let mut client = Client::new(Direct(card));
    client.select().unwrap();
    administer(&mut client);
    client.put_data(object, content).unwrap();
    card.reset();
}
