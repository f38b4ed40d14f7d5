//! The bytes of each command, by what the model knows is right.

use super::channel::code_object;
use super::command::{Asked, Command, MANAGEMENT_KEYS, PairingValue, padded};
use super::cryptography::{CHALLENGE, Direction, HASH, SCALAR, block_length, crypt, point};
use super::driver::Driver;
use super::host::establish;
use super::tables::{P256, PAIRING_CODE, content};
use crate::apdu::{Apdu, element, tag_bytes, template};

impl Driver {
    /// The bytes, by what the model knows is right.
    pub fn apdu(&self, command: &Command) -> Apdu {
        let value = |reference, value| self.model.value(reference, value).to_vec();
        let authenticate = |p1, p2, fields: &[(u32, &[u8])]| {
            Apdu::new([0x00, 0x87, p1, p2], template(fields), true)
        };
        match *command {
            Command::Select(length) => {
                let identifier = [0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0];
                Apdu::new([0, 0xA4, 4, 0], identifier[..length].to_vec(), true)
            }
            Command::SelectUnknown => Apdu::new([0, 0xA4, 4, 0], vec![0xA0, 0, 0, 0, 1], true),
            Command::Verify(reference, presented) => {
                Apdu::new([0, 0x20, 0, reference], value(reference, presented), false)
            }
            Command::VerifyMalformed(reference, data) => {
                Apdu::new([0, 0x20, 0, reference], data.to_vec(), false)
            }
            Command::VerifyAtPhone(data) => {
                let note = element(0x0C, b"ssh");
                let data = data.map_or(note, <[u8]>::to_vec);
                Apdu::new([0, 0x20, 1, 0x80], data, false)
            }
            Command::VerifyStatus(reference) => Apdu::new([0, 0x20, 0, reference], vec![], false),
            Command::LogOut(reference) => Apdu::new([0, 0x20, 0xFF, reference], vec![], false),
            Command::Change(reference, old, new) => {
                let data = [value(reference, old), value(reference, new)].concat();
                Apdu::new([0, 0x24, 0, reference], data, false)
            }
            Command::Unblock(reference, puk, new) => {
                let data = [value(0x81, puk), value(0x80, new)].concat();
                Apdu::new([0, 0x2C, 0, reference], data, false)
            }
            Command::Challenge(cipher) => authenticate(cipher, 0x9B, &[(0x81, &[])]),
            Command::Witness(cipher) => authenticate(cipher, 0x9B, &[(0x80, &[])]),
            Command::Response(cipher, right) => {
                let response = self.crypt(cipher, right, Direction::Encrypt);
                authenticate(cipher, 0x9B, &[(0x82, &response)])
            }
            Command::Mutual(cipher, right) => {
                let witness = self.crypt(cipher, right, Direction::Decrypt);
                let challenge = &CHALLENGE[..block_length(cipher)];
                authenticate(
                    cipher,
                    0x9B,
                    &[(0x80, &witness), (0x81, challenge), (0x82, &[])],
                )
            }
            Command::Sign(algorithm, key, length) => {
                authenticate(algorithm, key, &[(0x82, &[]), (0x81, &HASH[..length])])
            }
            Command::Agree(algorithm, key, peer) => {
                authenticate(algorithm, key, &[(0x82, &[]), (0x85, &point(peer))])
            }
            Command::SignAtOnce(key, scheme, length) => {
                let fields = [
                    element(0x84, &[key]),
                    element(0x80, &[scheme, 1]),
                    element(0x90, &HASH[..length]),
                ];
                Apdu::new([0, 0x2A, 0x9E, 0x9A], fields.concat(), true)
            }
            Command::Generate(key, algorithm, asked) => {
                let control = [element(0x80, &[algorithm]), policies(asked)].concat();
                Apdu::new([0, 0x47, 0, key], element(0xAC, &control), true)
            }
            Command::Import(key, asked) => {
                let data = [element(0x06, &SCALAR), policies(asked)].concat();
                Apdu::new([0, 0xFE, P256, key], data, false)
            }
            Command::Move(from, to) => Apdu::new([0, 0xF6, to, from], vec![], false),
            Command::Metadata(reference) => Apdu::new([0, 0xF7, 0, reference], vec![], true),
            Command::GetData(tag) => Apdu::new([0, 0xCB, 0x3F, 0xFF], name(tag), true),
            Command::PutData(0x7E, length) => {
                let data = element(0x7E, &content(length));
                Apdu::new([0, 0xDB, 0x3F, 0xFF], data, false)
            }
            Command::PutData(tag, length) => {
                let data = [name(tag), element(0x53, &content(length))].concat();
                Apdu::new([0, 0xDB, 0x3F, 0xFF], data, false)
            }
            Command::PutPairingCode(digits) => {
                let content = match digits {
                    [] => Vec::new(),
                    digits => code_object(digits),
                };
                let data = [name(PAIRING_CODE), element(0x53, &content)].concat();
                Apdu::new([0, 0xDB, 0x3F, 0xFF], data, false)
            }
            Command::Establish(suite, how) => establish(suite, how),
            Command::GenerateChannelKey(suite) => {
                let data = element(0xAC, &element(0x80, &[suite]));
                Apdu::new([0, 0x47, 0, 0x04], data, true)
            }
            Command::Pair(value) => {
                let code = self.model.pairing_code().unwrap_or(*b"31415926");
                let mut wrong = code;
                wrong[7] ^= 1;
                let (p1, data) = match value {
                    PairingValue::Right => (0x00, code.to_vec()),
                    PairingValue::Wrong => (0x00, wrong.to_vec()),
                    PairingValue::NoDigits => (0x00, b"1234567\xFF".to_vec()),
                    PairingValue::Short => (0x00, b"1234567".to_vec()),
                    PairingValue::Nothing => (0x00, vec![]),
                    PairingValue::Forgotten => (0xFF, vec![]),
                };
                Apdu::new([0, 0x20, p1, 0x98], data, false)
            }
            Command::SetRetries(pin, puk) => Apdu::new([0, 0xFA, pin, puk], vec![], false),
            Command::Reset => Apdu::new([0, 0xFB, 0, 0], vec![], false),
            Command::SetManagementKey(index) => {
                let (cipher, key) = MANAGEMENT_KEYS[index];
                let data = [&[cipher, 0x9B, key.len() as u8], key].concat();
                Apdu::new([0, 0xFF, 0xFF, 0xFF], data, false)
            }
            Command::GetResponse => Apdu::new([0, 0xC0, 0, 0], vec![], true),
            Command::OtherClass => Apdu::new([0x80, 0xCA, 0, 0], vec![], true),
            Command::ChainedVerify => {
                Apdu::new([0x10, 0x20, 0, 0x80], padded(b"123456").to_vec(), false)
            }
            // What it would be, were it one.
            Command::Malformed => Apdu::new([0, 0xA4, 4, 0], vec![], false),
        }
    }

    /// The challenge of the card under the management key, or something else.
    fn crypt(&self, cipher: u8, right: bool, direction: Direction) -> Vec<u8> {
        let length = block_length(cipher);
        let mut block: Vec<u8> = self
            .challenge
            .iter()
            .copied()
            .cycle()
            .take(length)
            .collect();
        let (own, key) = self.model.management_key();
        if own == cipher || (own == 0x0A && cipher == 0x03) {
            block = crypt(cipher, key, &block, direction);
        }
        if !right {
            block[0] ^= 1;
        }
        block
    }
}

fn policies(asked: Asked) -> Vec<u8> {
    let field = |tag, policy: Option<u8>| policy.map(|policy| element(tag, &[policy]));
    [field(0xAA, asked.pin), field(0xAB, asked.touch)]
        .into_iter()
        .flatten()
        .flatten()
        .collect()
}

fn name(tag: u32) -> Vec<u8> {
    element(0x5C, &tag_bytes(tag))
}
