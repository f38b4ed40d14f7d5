//! A reader with a PIN pad: what a login without a PIN does there, what it answers, and which readers have none.

mod offered;
mod typed;
mod waiting;

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::operation::state::OutputBuffer;
use tapcard_pkcs11::pcsc::LinkError;
use tapcard_pkcs11::pcsc::pin_pad::{Control, GET_FEATURES};
use tapcard_pkcs11::settings::Settings;

use super::card::phone;
use super::reader::{Controls, Reader};
use super::rig::Rig;

const ECC: [(AsymmetricKey, KeyAlgorithm); 2] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
];
const VERIFY_AT_READER: u32 = 0x4233_0006;
const PROPERTIES: u32 = 0x4233_000A;
/// What a common driver tells: VERIFY, MODIFY, the properties.
const FEATURES: [u8; 18] = [
    0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x07, 4, 0x42, 0x33, 0x00, 0x07, 0x0A, 4, 0x42, 0x33, 0x00,
    0x0A,
];
/// What comes before the command: 30 seconds, ASCII, a block of 8 bytes, 6 to 8 digits, the key, the reader's own message.
const STRUCTURE: [u8; 19] = [
    30, 30, 0x82, 8, 0, 8, 6, 2, 0xFF, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0,
];
const HEADER: [u8; 5] = [0x00, 0x20, 0x00, 0x80, 8];
/// VERIFY without data.
const ASKS: [u8; 4] = [0x00, 0x20, 0x00, 0x80];
const VERIFIED: [u8; 2] = [0x90, 0x00];
const ALL_TRIES: [u8; 2] = [0x63, 0xC5];
const TRIES: &str = "VERIFY, tries";
const LOG_OUT: &str = "VERIFY, log out";
const SOON: Duration = Duration::from_secs(20);

/// What who stands at the reader does, or the reader.
#[derive(Clone, Debug)]
enum Act {
    Types(&'static str),
    /// The reader answers this, and the card hears nothing.
    Says(&'static [u8]),
    /// The driver fails, and the card heard nothing.
    Fails(pcsc::Error),
    /// The PIN is typed and sent, and the answer is lost: the driver fails, or gives this instead.
    Loses(&'static str, Option<&'static [u8]>),
    /// The card is taken out.
    Leaves,
    /// The PIN is typed when the test says so.
    TypesLate(&'static str, Arc<Gate>),
}

const RIGHT: Act = Act::Types("123456");
const WRONG: Act = Act::Types("999999");

/// Something that one waits for.
#[derive(Debug, Default)]
struct Gate(Mutex<(bool, bool)>, Condvar);

impl Gate {
    /// Waits until it is open, and says that somebody waits.
    fn pass(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = true;
        self.1.notify_all();
        while !state.1 {
            let (now, time) = self.1.wait_timeout(state, SOON).unwrap();
            assert!(!time.timed_out());
            state = now;
        }
    }

    fn wait_for_somebody(&self) {
        let mut state = self.0.lock().unwrap();
        while !state.0 {
            let (now, time) = self.1.wait_timeout(state, SOON).unwrap();
            assert!(!time.timed_out());
            state = now;
        }
    }

    fn open(&self) {
        self.0.lock().unwrap().1 = true;
        self.1.notify_all();
    }
}

/// A PIN pad, and who types there.
struct PinPad {
    features: Result<Vec<u8>, pcsc::Error>,
    acts: Mutex<Vec<Act>>,
}

impl PinPad {
    fn new(acts: &[Act]) -> Arc<Self> {
        Self::telling(Ok(FEATURES.to_vec()), acts)
    }

    fn telling(features: Result<Vec<u8>, pcsc::Error>, acts: &[Act]) -> Arc<Self> {
        Arc::new(Self {
            features,
            acts: Mutex::new(acts.iter().rev().cloned().collect()),
        })
    }

    /// What was not asked for.
    fn left(&self) -> usize {
        self.acts.lock().unwrap().len()
    }
}

/// VERIFY as the pad sends it.
fn sent(reader: &Reader, input: &[u8], digits: &str) -> Vec<u8> {
    assert_eq!(input[..19], STRUCTURE);
    let mut command = input[19..].to_vec();
    assert_eq!(command[..5], HEADER);
    assert_eq!(command[5..], [0xFF; 8]);
    command[5..5 + digits.len()].copy_from_slice(digits.as_bytes());
    reader.ask(&command)
}

impl Controls for PinPad {
    fn control(&self, reader: &Reader, request: &Control) -> Result<Vec<u8>, LinkError> {
        match request.code {
            GET_FEATURES => return self.features.clone().map_err(LinkError::from),
            PROPERTIES => return Ok(vec![0x10, 0x02, 0x07, 0x00]),
            code => assert_eq!(code, VERIFY_AT_READER),
        }
        let act = self.acts.lock().unwrap().pop().unwrap();
        match act {
            Act::Types(digits) => Ok(sent(reader, &request.input, digits)),
            Act::Says(answer) => Ok(answer.to_vec()),
            Act::Fails(error) => Err(LinkError::Failed(error)),
            Act::Loses(digits, instead) => {
                sent(reader, &request.input, digits);
                match instead {
                    Some(answer) => Ok(answer.to_vec()),
                    None => Err(LinkError::Failed(pcsc::Error::NotTransacted)),
                }
            }
            Act::Leaves => {
                reader.leave_now();
                Err(LinkError::Failed(pcsc::Error::NotTransacted))
            }
            Act::TypesLate(digits, gate) => {
                gate.pass();
                Ok(sent(reader, &request.input, digits))
            }
        }
    }
}

fn rig(pin_pad: &Arc<PinPad>) -> Rig {
    Rig::with_reader(Reader::with(phone(&ECC).0).with_pin_pad(pin_pad.clone()))
}

fn with_settings(reader: &Reader, settings: Settings) -> Rig {
    Rig {
        module: Module::new(Arc::new(reader.clone()), settings),
        ..Rig::with_reader(reader.clone())
    }
}

fn flags(rig: &Rig) -> CK_FLAGS {
    rig.module.token_info(0).unwrap().flags & CKF_PROTECTED_AUTHENTICATION_PATH
}

fn login(rig: &Rig, session: CK_SESSION_HANDLE) -> Result<(), Error> {
    rig.at(session).login(CKU_USER, None)
}

fn state(rig: &Rig, session: CK_SESSION_HANDLE) -> CK_STATE {
    rig.at(session).info().state
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, id: u8) -> Result<(), Error> {
    let key = rig.private_key(session, id);
    let ecdsa = Mechanism::Ecdsa(Ecdsa { hash: None });
    let session = rig.at(session);
    session.sign_init(Some(ecdsa), key)?;
    let mut operations = session.operations();
    let signed = operations.sign.whole(&[5; 32], OutputBuffer::Bytes(64));
    signed.map(drop)
}
