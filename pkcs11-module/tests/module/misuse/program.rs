//! A C program that uses the module through its function list.

use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_pkcs11::ffi::{C_GetInterface, initialize};
use tapcard_pkcs11::settings::Settings;

use super::super::card::{USUAL, phone};
use super::super::reader::Reader;
use super::super::rig::PIN;
use super::story::Step::{self, *};
use super::story::{OK, SMALL};

macro_rules! call {
    ($program:expr, $name:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: every pointer is NULL or to a value of the caller that is as long as the length beside it says.
        unsafe { $program.list.$name.unwrap()($($argument),*) }
    };
}

pub(super) use call;

/// A process has one module, and these tests one process.
static TURN: Mutex<()> = Mutex::new(());

/// The five kinds of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Digest,
    Sign,
    Verify,
    Encrypt,
    Decrypt,
}

pub const KINDS: [Kind; 5] = [
    Kind::Digest,
    Kind::Sign,
    Kind::Verify,
    Kind::Encrypt,
    Kind::Decrypt,
];

const MESSAGE: &[u8] = b"a message";

/// A program with a session on the usual card.
pub struct Program {
    /// Its functions.
    pub list: CK_FUNCTION_LIST_3_0,
    /// Its session.
    pub session: CK_SESSION_HANDLE,
    /// The card's reader.
    pub reader: Reader,
    /// What 9A gives for the message.
    pub signature: Vec<u8>,
    ciphertext: Vec<u8>,
    _turn: MutexGuard<'static, ()>,
}

/// A length as C takes it.
pub fn long(length: usize) -> CK_ULONG {
    CK_ULONG::try_from(length).unwrap()
}

impl Program {
    /// Starts the program: the user is logged in.
    pub fn start() -> Self {
        let mut program = Self::with_keys(&USUAL);
        program.signature = program.result_of(Kind::Sign);
        program.ciphertext = program.result_of(Kind::Encrypt);
        program
    }

    /// Starts the program with a card that has these keys: the user is logged in.
    pub fn with_keys(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (card, _) = phone(keys);
        let reader = Reader::with(card);
        initialize(Arc::new(reader.clone()), Settings::default()).unwrap();
        let mut interface = null_mut();
        // SAFETY: `interface` is a variable for a pointer; NULL asks for the default.
        let rv = unsafe { C_GetInterface(null_mut(), null_mut(), &raw mut interface, 0) };
        assert_eq!(rv, CKR_OK);
        // SAFETY: the default interface is version 3.0's, and static.
        let list = unsafe { *(*interface).pFunctionList.cast::<CK_FUNCTION_LIST_3_0>() };
        let mut program = Self {
            list,
            session: 0,
            reader,
            signature: Vec::new(),
            ciphertext: Vec::new(),
            _turn: turn,
        };
        let session = &raw mut program.session;
        let flags = CKF_SERIAL_SESSION;
        assert_eq!(
            call!(program, C_OpenSession(0, flags, null_mut(), None, session)),
            OK
        );
        let mut pin = PIN.to_vec();
        let (pin, length) = (pin.as_mut_ptr(), long(pin.len()));
        assert_eq!(
            call!(program, C_Login(program.session, CKU_USER, pin, length)),
            OK
        );
        program
    }

    /// Ends the program.
    pub fn end(self) {
        let session = self.session;
        assert_eq!(call!(self, C_CloseSession(session)), OK);
        assert_eq!(call!(self, C_Finalize(null_mut())), OK);
    }

    /// What an operation of this kind gives for the message.
    pub fn result_of(&self, kind: Kind) -> Vec<u8> {
        assert_eq!(self.take(kind, Init, OK), OK);
        let mut result = [0; 512];
        let mut length = long(result.len());
        let output = (result.as_mut_ptr(), &raw mut length);
        assert_eq!(self.whole(kind, Some(MESSAGE), output), OK);
        result[..usize::try_from(length).unwrap()].to_vec()
    }

    /// The key of a kind: 9A signs and 9D decrypts, both RSA.
    fn key(&self, kind: Kind) -> CK_OBJECT_HANDLE {
        let (mut class, mut id) = match kind {
            Kind::Sign => (CKO_PRIVATE_KEY, 1_u8),
            Kind::Verify => (CKO_PUBLIC_KEY, 1),
            Kind::Decrypt => (CKO_PRIVATE_KEY, 3),
            Kind::Encrypt => (CKO_PUBLIC_KEY, 3),
            Kind::Digest => return 0,
        };
        let mut template = [
            CK_ATTRIBUTE {
                type_: CKA_CLASS,
                pValue: (&raw mut class).cast(),
                ulValueLen: long(size_of_val(&class)),
            },
            CK_ATTRIBUTE {
                type_: CKA_ID,
                pValue: (&raw mut id).cast(),
                ulValueLen: 1,
            },
        ];
        let (session, template) = (self.session, template.as_mut_ptr());
        let (mut key, mut count) = (0, 0);
        let (key, count) = (&raw mut key, &raw mut count);
        assert_eq!(call!(self, C_FindObjectsInit(session, template, 2)), OK);
        assert_eq!(call!(self, C_FindObjects(session, key, 1, count)), OK);
        assert_eq!(call!(self, C_FindObjectsFinal(session)), OK);
        // SAFETY: both point to variables of this function.
        let (key, count) = unsafe { (*key, *count) };
        assert_eq!(count, 1);
        key
    }

    /// The input of a kind.
    fn data(&self, kind: Kind) -> &[u8] {
        match kind {
            Kind::Digest | Kind::Sign | Kind::Verify | Kind::Encrypt => MESSAGE,
            Kind::Decrypt => &self.ciphertext,
        }
    }

    fn init(&self, kind: Kind, mechanism: *mut CK_MECHANISM) -> CK_RV {
        let (session, key) = (self.session, self.key(kind));
        match kind {
            Kind::Digest => call!(self, C_DigestInit(session, mechanism)),
            Kind::Sign => call!(self, C_SignInit(session, mechanism, key)),
            Kind::Verify => call!(self, C_VerifyInit(session, mechanism, key)),
            Kind::Encrypt => call!(self, C_EncryptInit(session, mechanism, key)),
            Kind::Decrypt => call!(self, C_DecryptInit(session, mechanism, key)),
        }
    }

    fn update(&self, kind: Kind, data: (CK_BYTE_PTR, CK_ULONG)) -> CK_RV {
        let (session, (data, length)) = (self.session, data);
        let mut output = [0; 512];
        let (out, mut count) = (output.as_mut_ptr(), long(output.len()));
        let count = &raw mut count;
        match kind {
            Kind::Digest => call!(self, C_DigestUpdate(session, data, length)),
            Kind::Sign => call!(self, C_SignUpdate(session, data, length)),
            Kind::Verify => call!(self, C_VerifyUpdate(session, data, length)),
            Kind::Encrypt => call!(self, C_EncryptUpdate(session, data, length, out, count)),
            Kind::Decrypt => call!(self, C_DecryptUpdate(session, data, length, out, count)),
        }
    }

    /// The one-shot function; `None` is a NULL pointer to data that have a length.
    fn whole(
        &self,
        kind: Kind,
        data: Option<&[u8]>,
        (out, count): (CK_BYTE_PTR, CK_ULONG_PTR),
    ) -> CK_RV {
        let session = self.session;
        let mut data = data.map(<[u8]>::to_vec);
        let (data, length) = match &mut data {
            Some(data) => (data.as_mut_ptr(), long(data.len())),
            None => (null_mut(), 9),
        };
        match kind {
            Kind::Digest => call!(self, C_Digest(session, data, length, out, count)),
            Kind::Sign => call!(self, C_Sign(session, data, length, out, count)),
            Kind::Encrypt => call!(self, C_Encrypt(session, data, length, out, count)),
            Kind::Decrypt => call!(self, C_Decrypt(session, data, length, out, count)),
            Kind::Verify => {
                let mut signature = self.signature.clone();
                let (signature, size) = (signature.as_mut_ptr(), long(signature.len()));
                call!(self, C_Verify(session, data, length, signature, size))
            }
        }
    }

    fn last(&self, kind: Kind, out: CK_BYTE_PTR, count: CK_ULONG_PTR) -> CK_RV {
        let session = self.session;
        match kind {
            Kind::Digest => call!(self, C_DigestFinal(session, out, count)),
            Kind::Sign => call!(self, C_SignFinal(session, out, count)),
            Kind::Encrypt => call!(self, C_EncryptFinal(session, out, count)),
            Kind::Decrypt => call!(self, C_DecryptFinal(session, out, count)),
            Kind::Verify if count.is_null() => {
                call!(self, C_VerifyFinal(session, null_mut(), 256))
            }
            Kind::Verify => {
                let mut signature = self.signature.clone();
                let (signature, size) = (signature.as_mut_ptr(), long(signature.len()));
                call!(self, C_VerifyFinal(session, signature, size))
            }
        }
    }

    /// Takes one step, which is expected to answer so.
    pub fn take(&self, kind: Kind, step: Step, expected: CK_RV) -> CK_RV {
        let mut mechanism = CK_MECHANISM {
            mechanism: match kind {
                Kind::Digest => CKM_SHA256,
                Kind::Sign | Kind::Verify => CKM_SHA256_RSA_PKCS,
                Kind::Encrypt | Kind::Decrypt => CKM_RSA_PKCS,
            },
            pParameter: null_mut(),
            ulParameterLen: 0,
        };
        let mut data = self.data(kind).to_vec();
        let data = (data.as_mut_ptr(), long(data.len()));
        let input = Some(self.data(kind));
        let mut result = [0; 512];
        let mut length = match step {
            WholeSmall | LastSmall => 3,
            _ => long(result.len()),
        };
        let (out, count) = (result.as_mut_ptr(), &raw mut length);
        let (session, cancelled) = (self.session, CKF_DIGEST | CKF_SIGN | CKF_VERIFY);
        let cancelled = cancelled | CKF_ENCRYPT | CKF_DECRYPT;
        let rv = match step {
            Init => self.init(kind, &raw mut mechanism),
            InitWithNull => self.init(kind, null_mut()),
            Cancel => call!(self, C_SessionCancel(session, cancelled)),
            Update => self.update(kind, data),
            BadUpdate => self.update(kind, (null_mut(), 9)),
            Whole | WholeSmall => self.whole(kind, input, (out, count)),
            WholeLength => self.whole(kind, input, (null_mut(), count)),
            WholeLengthBefore => self.whole(kind, None, (null_mut(), count)),
            BadWhole => self.whole(kind, None, (out, count)),
            Last | LastSmall => self.last(kind, out, count),
            LastLength => self.last(kind, null_mut(), count),
            BadLast => self.last(kind, out, null_mut()),
        };
        if rv == expected {
            self.check_output(kind, step, rv, &result, length);
        }
        rv
    }

    /// A result is whole and right, a length query gives a length that suffices, and a buffer that is too small is
    /// left alone.
    fn check_output(&self, kind: Kind, step: Step, rv: CK_RV, result: &[u8], length: CK_ULONG) {
        let needed = match kind {
            Kind::Digest => 32,
            Kind::Sign | Kind::Encrypt => 256,
            Kind::Decrypt => long(MESSAGE.len()),
            Kind::Verify => return,
        };
        match (step, rv) {
            (Whole | Last, CKR_OK) => {
                assert_eq!(length, needed, "{kind:?}");
                match kind {
                    Kind::Decrypt => assert!(result.starts_with(MESSAGE)),
                    Kind::Sign => assert!(result.starts_with(&self.signature)),
                    Kind::Digest | Kind::Encrypt | Kind::Verify => {}
                }
            }
            (WholeLength | WholeLengthBefore | LastLength, CKR_OK)
            | (WholeSmall | LastSmall, SMALL) => {
                assert!((needed..=256).contains(&length), "{kind:?}: {length}");
                assert!(result.iter().all(|byte| *byte == 0), "{kind:?}");
            }
            _ => {}
        }
    }
}
