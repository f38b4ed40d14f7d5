//! Cards that answer nonsense: every call ends, and the module lives on.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::session::Access;

use super::card::{Answers, Phone, phone};
use super::reader::Reader;
use super::rig::{PIN, Rig};

/// A card whose answers are broken now and then.
struct Broken {
    card: Phone,
    random: u64,
}

impl Broken {
    fn next(&mut self, below: usize) -> usize {
        // Knuth's MMIX generator: the same nonsense each time.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap() % below.max(1)
    }
}

impl Answers for Broken {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let mut answer = self.card.answer(command);
        let position = self.next(answer.len());
        match self.next(12) {
            0 => answer.truncate(position),
            1 => answer[position] ^= 1 << self.next(8),
            2 => answer.insert(position, 0xFF),
            3 => answer = vec![0x61, 0x00],
            4 => answer.clear(),
            _ => {}
        }
        answer
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

/// More commands than any call has to send, with each repeated as often as the module repeats one.
const COMMANDS_MAX: usize = 500;

/// What a call gives, which has to end within [`COMMANDS_MAX`] commands.
fn ends<R>(reader: &Reader, call: impl FnOnce() -> R) -> R {
    reader.sent();
    let result = call();
    let sent = reader.sent().len();
    assert!(sent <= COMMANDS_MAX, "{sent} commands");
    result
}

#[test]
fn nonsense_from_a_card_ends_every_call_with_an_answer() {
    let keys = [(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)];
    let (card, _) = phone(&keys);
    let reader = Reader::with(Broken { card, random: 1 });
    for _ in 0..200 {
        let rig = Rig::with_reader(reader.clone());
        let module = &rig.module;
        let opened = ends(&reader, || module.open_session(0, Access::ReadOnly));
        let Ok(handle) = opened else {
            continue;
        };
        let session = rig.at(handle);
        drop(ends(&reader, || rig.find(handle, &[])));
        if ends(&reader, || session.login(CKU_USER, Some(PIN))).is_ok() {
            for key in ends(&reader, || rig.find(handle, &[])).unwrap_or_default() {
                let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
                if ends(&reader, || session.sign_init(Some(ecdsa), key)).is_ok() {
                    let sign = || {
                        let mut operations = session.operations();
                        operations.sign.whole(&[1; 32], OutputBuffer::Bytes(64))
                    };
                    drop(ends(&reader, sign));
                }
            }
        }
        ends(&reader, || module.finalize());
    }
}
