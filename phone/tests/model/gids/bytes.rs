//! The bytes of each command, by what the model knows is right.

use super::command::{ADMINISTRATOR_KEYS, Command, Cryptogram, Response};
use super::cryptography::{block, cbc_encrypt, encrypt_oaep, encrypt_pkcs1, given, raise};
use super::driver::{Driver, HOST_CHALLENGE};
use super::files::{APPLICATION, Content};
use super::model::Choice;
use super::rules::content;
use crate::apdu::{Apdu, element, tag_bytes, template};

impl Driver {
    pub fn apdu(&self, command: &Command) -> Apdu {
        let of_file = |instruction, id: u16, data, answers| {
            let [p1, p2] = id.to_be_bytes();
            Apdu::new([0, instruction, p1, p2], data, answers)
        };
        let choose = |mechanism, key| [element(0x80, &[mechanism]), element(0x84, &[key])].concat();
        match command {
            Command::Select(length, p2) => {
                let identifier = [0xA0, 0, 0, 3, 0x97, 0x42, 0x54, 0x46, 0x59, 2, 1];
                Apdu::new([0, 0xA4, 4, *p2], identifier[..*length].to_vec(), true)
            }
            Command::SelectUnknown => {
                Apdu::new([0, 0xA4, 4, 0], vec![0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0], true)
            }
            Command::SelectFile(id, p2) => {
                Apdu::new([0, 0xA4, 0, *p2], id.to_be_bytes().to_vec(), true)
            }
            Command::Verify(value) => {
                Apdu::new([0, 0x20, 0, 0x80], self.model.value(*value), false)
            }
            Command::VerifyStatus => Apdu::new([0, 0x20, 0, 0x80], vec![], false),
            Command::VerifyOther => Apdu::new([0, 0x20, 0, 0x81], vec![], false),
            Command::Forget => Apdu::new([0, 0x20, 0, 0x82], vec![], false),
            Command::Change(old, new) => {
                let data = [self.model.value(*old).as_slice(), new].concat();
                Apdu::new([0, 0x24, 0, 0x80], data, false)
            }
            Command::FirstPin(new) => Apdu::new([0, 0x24, 1, 0x80], new.to_vec(), false),
            Command::Unblock(new) => Apdu::new([0, 0x2C, 2, 0x80], new.to_vec(), false),
            Command::Get(id, tag) => {
                let list = element(0x5C, &tag_bytes((*tag).into()));
                of_file(0xCB, *id, list, true)
            }
            Command::GetAll(id) => of_file(0xCB, *id, element(0x5C, &[]), true),
            Command::GetPublicKey(key) => {
                let fields = [element(0x84, &[*key]), element(0xA5, &[0x7F, 0x49, 0x80])];
                of_file(0xCB, APPLICATION, element(0x70, &fields.concat()), true)
            }
            Command::Put(id, tag, length) => {
                of_file(0xDB, *id, element((*tag).into(), &content(*length)), false)
            }
            Command::PutAdministratorKey(key, index) => {
                let value = element(0x87, &ADMINISTRATOR_KEYS[*index]);
                self.put_key(*key, &[value, element(0x88, &[0xB0, 0x73, 0xDC])].concat())
            }
            Command::PutKeyPair(key) => {
                let fields = [(0x83, &[2][..]), (0x84, &[0]), (0x87, given())];
                let value = fields.map(|(tag, value)| element(tag, value));
                self.put_key(*key, &value.concat())
            }
            Command::ChooseSignature(mechanism, key) => {
                Apdu::new([0, 0x22, 0x41, 0xB6], choose(*mechanism, *key), false)
            }
            Command::ChooseDecryption(mechanism, key) => {
                Apdu::new([0, 0x22, 0x41, 0xB8], choose(*mechanism, *key), false)
            }
            Command::ChooseAdministrator(p1, key) => {
                Apdu::new([0, 0x22, *p1, 0xA4], element(0x83, &[*key]), false)
            }
            Command::ChooseNothing => Apdu::new([0, 0x22, 0xF3, 0x01], vec![], false),
            Command::StoreChoice => Apdu::new([0, 0x22, 0xF2, 0x01], vec![], false),
            Command::Sign(message) => Apdu::new([0, 0x2A, 0x9E, 0x9A], message.bytes(), true),
            Command::Decrypt(cryptogram) => {
                Apdu::new([0, 0x2A, 0x80, 0x86], self.cryptogram(*cryptogram), true)
            }
            Command::Generate(mechanism, key) => {
                let fields = [element(0x80, &[*mechanism]), element(0x83, &[*key])];
                Apdu::new([0, 0x47, 0, 0], element(0xAC, &fields.concat()), true)
            }
            Command::Challenge => Apdu::new([0, 0x87, 0, 0], template(&[(0x81, &[])]), true),
            Command::MutualChallenge => {
                let data = template(&[(0x81, &HOST_CHALLENGE)]);
                Apdu::new([0, 0x87, 0, 0], data, true)
            }
            Command::Respond(response) => {
                let data = template(&[(0x82, &self.response(*response))]);
                Apdu::new([0, 0x87, 0, 0], data, true)
            }
            Command::Create(file) => Apdu::new([0, 0xE0, 0, 0], file.template(), false),
            Command::Activate => Apdu::new([0, 0x44, 0, 0], vec![], false),
            Command::Delete(id) => {
                let data = id.map(|id| id.to_be_bytes().to_vec());
                Apdu::new([0, 0xE4, 0, 0], data.unwrap_or_default(), false)
            }
            Command::Garbled(instruction) => {
                let (p1, p2) = match instruction {
                    0x22 => (0x41, 0xB6),
                    0xCB | 0xDB => (0x3F, 0xFF),
                    _ => (0, 0),
                };
                Apdu::new([0, *instruction, p1, p2], vec![0x5C], false)
            }
            Command::UnknownInstruction => Apdu::new([0, 0xB0, 0, 0], vec![], true),
            Command::GetResponse => Apdu::new([0, 0xC0, 0, 0], vec![], true),
            Command::OtherClass => Apdu::new([0x80, 0xCA, 0, 0], vec![], true),
            Command::ChainedVerify => Apdu::new([0x10, 0x20, 0, 0x80], b"123456".to_vec(), false),
            // What it would be, were it one.
            Command::Malformed => Apdu::new([0, 0xA4, 4, 0], vec![], false),
        }
    }

    fn put_key(&self, key: u8, value: &[u8]) -> Apdu {
        let fields = [element(0x84, &[key]), element(0xA5, value)];
        let data = element(0x70, &fields.concat());
        Apdu::new([0, 0xDB, 0x3F, 0xFF], data, false)
    }

    /// For the key that was chosen; something as long where there is none.
    fn cryptogram(&self, cryptogram: Cryptogram) -> Vec<u8> {
        let chosen = match self.model.session.choice {
            Some(Choice::Decrypt(mechanism, key)) => {
                let file = self.model.key_file(key).ok();
                file.map(|file| (mechanism, &file.content))
            }
            _ => None,
        };
        let Some((mechanism, Content::Pair(Some(key)))) = chosen else {
            return vec![0x01; 256];
        };
        let padded = || match mechanism {
            0x87 => encrypt_oaep(&key.modulus),
            _ => encrypt_pkcs1(&key.modulus),
        };
        match cryptogram {
            Cryptogram::Padded => padded(),
            Cryptogram::AfterIndicator => [&[0], padded().as_slice()].concat(),
            Cryptogram::Unpadded => raise(&key.modulus, &block(&content(40))),
            Cryptogram::Short => vec![0x01; 255],
            Cryptogram::Torn => vec![0x01; 4],
        }
    }

    /// The answer to the card's challenge under the administrator's key, where there is one.
    fn response(&self, response: Response) -> Vec<u8> {
        let key = self.model.administrator_key().unwrap_or([7; 24]);
        match response {
            Response::External => cbc_encrypt(&key, &self.challenge),
            Response::Mutual => {
                let fill = [1, 2, 3, 4, 5, 6, 7, 0x80];
                let both = [self.challenge.as_slice(), &HOST_CHALLENGE, &fill];
                cbc_encrypt(&key, &both.concat())
            }
            Response::Wrong => vec![0x33; 8],
        }
    }
}
