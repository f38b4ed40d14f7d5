//! The card before a script: blank, as the phone makes it, or with keys that PIV has too.

use std::sync::LazyLock;

use card_edge::gids::FileId;
use card_edge::piv::{Cipher, ManagementKey};
use tapcard_phone::gids::provision;
use tapcard_phone::state::GidsKey;

use super::command::ADMINISTRATOR_KEYS;
use super::cryptography::{MODULUS, cbc_encrypt};
use super::files::{
    ADMINISTRATOR_FILE, Content, File, Key, NewFile, NewKind, Rules, USES, Use, name_of, of_piv,
    standard,
};
use crate::apdu::{Apdu, element, template};
use crate::phone::{Phone, Saved};
use crate::word::SUCCESS;

/// What a card is before a script.
#[derive(Clone, Copy, Debug)]
pub enum Made {
    Blank,
    ByThePhone,
    /// With RSA keys in 9A, 9C and 9D of PIV, and one that a host has made.
    WithKeys,
}

const PIV_KEYS: [u8; 3] = [0x9A, 0x9C, 0x9D];
/// The key of a host, in the next container.
const OWN_KEY: u8 = 0x84;

/// A card with keys, and what the keys are: making them takes longer than many scripts.
static WITH_KEYS: LazyLock<(Saved, Vec<Vec<u8>>)> = LazyLock::new(|| {
    let mut phone = Phone::new(false, |_| ());
    let mut moduli = Vec::new();
    let identifier = vec![0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0];
    send(&mut phone, [0, 0xA4, 4, 0], identifier, true);
    let pin = b"123456\xFF\xFF".to_vec();
    send(&mut phone, [0, 0x20, 0, 0x80], pin, false);
    let challenge = template(&[(0x81, &[])]);
    let challenge = send(&mut phone, [0, 0x87, 0x03, 0x9B], challenge, true);
    let response = cbc_encrypt(&ADMINISTRATOR_KEYS[0], &challenge[4..]);
    let response = template(&[(0x82, &response)]);
    send(&mut phone, [0, 0x87, 0x03, 0x9B], response, false);
    for key in PIV_KEYS {
        let kind = element(0xAC, &element(0x80, &[0x07]));
        let public = send(&mut phone, [0, 0x47, 0, key], kind, true);
        moduli.push(modulus(&public));
    }
    // Nobody knows the administrator's key of such a card, so it gets the one that is known.
    let mut phone = Phone::again(&phone.save(), false, |state| {
        let opening = state.pin.opening_key(b"123456\xFF\xFF").unwrap();
        state.unseal_keys(opening.as_ref()).unwrap();
        provision::provision(state).unwrap();
        let key = ManagementKey::new(Cipher::TripleDes, &ADMINISTRATOR_KEYS[0]).unwrap();
        let files = &mut state.gids.as_mut().unwrap().key_files;
        let file = files.get_mut(&FileId(ADMINISTRATOR_FILE)).unwrap();
        file.key = Some(GidsKey::Administrator(key));
    });
    let identifier = vec![0xA0, 0, 0, 3, 0x97, 0x42, 0x54, 0x46, 0x59];
    send(&mut phone, [0, 0xA4, 4, 0], identifier, true);
    send(&mut phone, [0, 0x20, 0, 0x80], b"123456".to_vec(), false);
    let file = own_file().template();
    send(&mut phone, [0, 0xE0, 0, 0], file, false);
    let kind = [element(0x80, &[0x07]), element(0x83, &[OWN_KEY])];
    let kind = element(0xAC, &kind.concat());
    let public = send(&mut phone, [0, 0x47, 0, 0], kind, true);
    moduli.push(modulus(&public));
    (phone.save(), moduli)
});

/// A file for a key that is used in every way.
pub fn own_file() -> NewFile {
    NewFile {
        id: 0xB000 | u16::from(OWN_KEY),
        kind: NewKind::KeyPair(USES.to_vec()),
        rules: Rules::new(0x8F, &[0x10, 0x10, 0x10, 0x00]),
    }
}

/// Sends a command, which must be answered with 9000, in parts maybe.
fn send(phone: &mut Phone, header: [u8; 4], data: Vec<u8>, answers: bool) -> Vec<u8> {
    let (out, status) = phone.transmit_whole(&Apdu::new(header, data, answers).bytes());
    assert_eq!(status, SUCCESS);
    out
}

/// The modulus in the template of a public key.
fn modulus(public: &[u8]) -> Vec<u8> {
    let end = public.len() - 5;
    public[end - MODULUS..end].to_vec()
}

/// The card that a script begins with.
pub fn phone(made: Made, contactless: bool) -> Phone {
    match made {
        Made::Blank => Phone::new(contactless, |state| {
            provision::provision_blank(state).unwrap();
        }),
        Made::ByThePhone => Phone::new(contactless, |state| provision::provision(state).unwrap()),
        Made::WithKeys => Phone::again(&WITH_KEYS.0, contactless, |_| ()),
    }
}

/// Its files. What the phone has written to them is random in part, and taken as it is.
pub fn files(made: Made, phone: &Phone) -> Vec<File> {
    if let Made::Blank = made {
        return Vec::new();
    }
    let written = phone.state().gids.unwrap().data_files;
    let mut files = standard();
    for file in &mut files {
        match &mut file.content {
            Content::Objects(objects) => {
                for (tag, content) in &written[&FileId(file.made.id)].objects {
                    objects.insert(tag.value().try_into().unwrap(), content.0.clone());
                }
            }
            Content::Administrator(key) => *key = Some(ADMINISTRATOR_KEYS[0]),
            Content::Pair(_) => unreachable!("is not standard"),
        }
    }
    if let Made::WithKeys = made {
        const SIGNS: [Use; 2] = [(true, 0x17), (true, 0x57)];
        const DECRYPTS: [Use; 3] = [(false, 0x07), (false, 0x87), (false, 0x47)];
        let mut pairs = WITH_KEYS.1.iter().map(|modulus| Key {
            modulus: modulus.clone(),
            asks_each_time: false,
            name: name_of(OWN_KEY),
        });
        for (number, (key, mut pair)) in (0..).zip(PIV_KEYS.into_iter().zip(&mut pairs)) {
            pair.asks_each_time = key == 0x9C;
            pair.name = format!("{key:02X}");
            let uses = match key {
                0x9A => [&SIGNS[..], &DECRYPTS].concat(),
                0x9C => SIGNS.to_vec(),
                _ => DECRYPTS.to_vec(),
            };
            files.push(of_piv(number, &uses, pair));
        }
        let content = Content::Pair(pairs.next());
        let made = own_file();
        files.push(File { made, content });
    }
    files
}
