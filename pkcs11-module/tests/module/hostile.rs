//! Cards that answer nonsense: every call ends, and the module lives on.

use std::time::{Duration, Instant};

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

#[test]
fn nonsense_from_a_card_ends_every_call_with_an_answer() {
    let keys = [(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)];
    let (card, _) = phone(&keys);
    let reader = Reader::with(Broken { card, random: 1 });
    let begun = Instant::now();
    for _ in 0..200 {
        let rig = Rig::with_reader(reader.clone());
        let module = &rig.module;
        let Ok(session) = module.open_session(0, Access::ReadOnly) else {
            continue;
        };
        drop(rig.find(session, &[]));
        if module
            .session(session)
            .unwrap()
            .login(CKU_USER, Some(PIN))
            .is_ok()
        {
            for key in rig.find(session, &[]).unwrap_or_default() {
                let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
                if module
                    .session(session)
                    .unwrap()
                    .sign_init(Some(ecdsa), key)
                    .is_ok()
                {
                    drop(
                        module
                            .session(session)
                            .unwrap()
                            .operations()
                            .sign
                            .whole(&[1; 32], OutputBuffer::Bytes(64)),
                    );
                }
            }
        }
        module.finalize();
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
}
