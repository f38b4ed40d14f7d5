//! A program that does with a card what programs do: lists, logs in, signs, decrypts, writes.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::card::CERTIFICATES;
use super::library::{Library, call};
use super::memory::{Memory, long, read};

/// The program.
pub struct Program {
    library: Library,
    session: CK_SESSION_HANDLE,
    calls: std::cell::Cell<usize>,
}

/// Most objects that it looks at.
const OBJECTS_MAX: usize = 64;
/// The longest attribute that it takes.
const ATTRIBUTE_MAX: CK_ULONG = 4 * 1024 * 1024;

const PIN: &[u8] = b"123456";
const MANAGEMENT_KEY: &[u8] = b"010203040506070801020304050607080102030405060708";
/// The CHUID's.
const OBJECT_ID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x01, 0x30, 0x00];
/// The name of P-256.
const P256_NAME: &[u8] = &[6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];

const READ: &[CK_ATTRIBUTE_TYPE] = &[
    CKA_CLASS,
    CKA_ID,
    CKA_LABEL,
    CKA_VALUE,
    CKA_SUBJECT,
    CKA_ISSUER,
    CKA_SERIAL_NUMBER,
    CKA_KEY_TYPE,
    CKA_MODULUS,
    CKA_PUBLIC_EXPONENT,
    CKA_EC_PARAMS,
    CKA_EC_POINT,
    CKA_PUBLIC_KEY_INFO,
    CKA_START_DATE,
    CKA_END_DATE,
    CKA_OBJECT_ID,
    CKA_ALWAYS_AUTHENTICATE,
];

macro_rules! make {
    ($program:expr, $name:ident($($argument:expr),* $(,)?)) => {{
        $program.calls.set($program.calls.get() + 1);
        call!($program.library, $name($($argument),*))
    }};
}

impl Program {
    /// A program without a session.
    pub fn new(library: Library) -> Self {
        Self {
            library,
            session: 0,
            calls: std::cell::Cell::new(0),
        }
    }

    /// How many calls it has made.
    pub fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Does one thing. Whatever comes of it, the next one can be done.
    pub fn run(&mut self, task: u8) {
        if self.session == 0 {
            self.open();
        }
        let (kind, id) = (task & 0x0F, 1 + (task >> 4) % 6);
        match kind {
            0 => self.list_slots(),
            1 | 2 => self.list_objects(),
            3 if task >= 0x80 => self.log_in_typed(),
            3 => self.log_in(CKU_USER, PIN),
            4 => self.log_in(CKU_SO, MANAGEMENT_KEY),
            5 => self.log_in(CKU_USER, b"654321"),
            6 => {
                make!(self, C_Logout(self.session));
            }
            7 | 8 => self.sign(id),
            9 => self.decrypt(id),
            10 => self.derive(id),
            11 => self.write(id),
            12 => self.generate(id),
            13 => self.change_pin(),
            14 => {
                self.log_in(CKU_USER, PIN);
                self.sign(id);
                make!(self, C_Logout(self.session));
            }
            _ => {
                make!(self, C_CloseSession(self.session));
                self.session = 0;
            }
        }
    }

    fn open(&mut self) {
        let mut memory = Memory::default();
        let place = memory.value::<CK_SESSION_HANDLE>(0);
        let flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
        if make!(self, C_OpenSession(0, flags, null_mut(), None, place)) == CKR_OK {
            // SAFETY: it is in the memory of this function.
            self.session = unsafe { read(place) };
        }
    }

    fn list_slots(&self) {
        let mut memory = Memory::default();
        let list = memory.values(&[0; 4]);
        let count = memory.value::<CK_ULONG>(4);
        assert_eq!(make!(self, C_GetSlotList(CK_TRUE, list, count)), CKR_OK);
        let info = memory.value(CK_SLOT_INFO::default());
        assert_eq!(make!(self, C_GetSlotInfo(0, info)), CKR_OK);
        let info = memory.value(CK_TOKEN_INFO::default());
        make!(self, C_GetTokenInfo(0, info));
        let info = memory.value(CK_SESSION_INFO::default());
        make!(self, C_GetSessionInfo(self.session, info));
        let slot = memory.value::<CK_SLOT_ID>(0);
        make!(self, C_WaitForSlotEvent(CKF_DONT_BLOCK, slot, null_mut()));
    }

    fn find(&self, template: &[(CK_ATTRIBUTE_TYPE, &[u8])]) -> Vec<CK_OBJECT_HANDLE> {
        let mut memory = Memory::default();
        let (template, length) = template_of(template, &mut memory);
        let list = memory.values(&[0; OBJECTS_MAX]);
        let count = memory.value::<CK_ULONG>(0);
        if make!(self, C_FindObjectsInit(self.session, template, length)) != CKR_OK {
            return Vec::new();
        }
        let rv = make!(
            self,
            C_FindObjects(self.session, list, long(OBJECTS_MAX), count)
        );
        make!(self, C_FindObjectsFinal(self.session));
        if rv != CKR_OK {
            return Vec::new();
        }
        // SAFETY: both are in the memory of this function, and the call has filled that many.
        let found = usize::try_from(unsafe { read(count) }).expect("it fits");
        (0..found)
            .map(|index| unsafe {
                // SAFETY: as above.
                read(list.add(index))
            })
            .collect()
    }

    fn list_objects(&self) {
        let classes = [None, Some(CKO_DATA)];
        for class in classes.map(|class| class.map(CK_ULONG::to_ne_bytes)) {
            let template: &[(_, &[u8])] = match &class {
                Some(class) => &[(CKA_CLASS, class)],
                None => &[],
            };
            for object in self.find(template) {
                self.read(object);
            }
        }
    }

    /// Reads all attributes: the lengths first, then the values.
    fn read(&self, object: CK_OBJECT_HANDLE) {
        let mut memory = Memory::default();
        let blank = |type_| CK_ATTRIBUTE {
            type_,
            pValue: null_mut(),
            ulValueLen: 0,
        };
        let template: Vec<CK_ATTRIBUTE> = READ.iter().copied().map(blank).collect();
        let place = memory.values(&template);
        let count = long(READ.len());
        make!(
            self,
            C_GetAttributeValue(self.session, object, place, count)
        );
        for index in 0..READ.len() {
            // SAFETY: there are as many.
            let (at, mut attribute) = unsafe { (place.add(index), read(place.add(index))) };
            if attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION {
                attribute.ulValueLen = 0;
            } else {
                assert!(attribute.ulValueLen <= ATTRIBUTE_MAX);
                let length = usize::try_from(attribute.ulValueLen).expect("it fits");
                attribute.pValue = memory.bytes(&vec![0xEE; length]).cast();
            }
            // SAFETY: as above.
            unsafe { at.write_unaligned(attribute) };
        }
        make!(
            self,
            C_GetAttributeValue(self.session, object, place, count)
        );
    }

    fn log_in(&self, user: CK_USER_TYPE, pin: &[u8]) {
        let mut memory = Memory::default();
        let place = memory.bytes(pin);
        make!(self, C_Login(self.session, user, place, long(pin.len())));
    }

    /// The PIN is typed at the reader, where that has a PIN pad.
    fn log_in_typed(&self) {
        make!(self, C_Login(self.session, CKU_USER, null_mut(), 0));
    }

    fn private_key(&self, id: u8) -> Option<CK_OBJECT_HANDLE> {
        let class = CKO_PRIVATE_KEY.to_ne_bytes();
        self.find(&[(CKA_CLASS, &class), (CKA_ID, &[id])])
            .first()
            .copied()
    }

    /// Signs with whatever the key takes.
    fn sign(&self, id: u8) {
        let Some(key) = self.private_key(id) else {
            return;
        };
        for (mechanism, hash) in [
            (CKM_SHA256_RSA_PKCS, 8),
            (CKM_RSA_PKCS, 51),
            (CKM_ECDSA, 32),
            (CKM_EDDSA, 8),
        ] {
            let mut memory = Memory::default();
            let mechanism = bare(mechanism, &mut memory);
            if make!(self, C_SignInit(self.session, mechanism, key)) != CKR_OK {
                continue;
            }
            let data = memory.bytes(&vec![0x20; hash]);
            let signature = memory.bytes(&[0; 512]);
            let count = memory.value::<CK_ULONG>(512);
            let rv = make!(
                self,
                C_Sign(self.session, data, long(hash), signature, count)
            );
            // SAFETY: it is in the memory of this function.
            assert!(rv != CKR_OK || unsafe { read(count) } <= 512);
        }
    }

    fn decrypt(&self, id: u8) {
        let Some(key) = self.private_key(id) else {
            return;
        };
        let mut memory = Memory::default();
        let mechanism = bare(CKM_RSA_PKCS, &mut memory);
        if make!(self, C_DecryptInit(self.session, mechanism, key)) != CKR_OK {
            return;
        }
        let data = memory.bytes(&[0x20; 256]);
        let message = memory.bytes(&[0; 256]);
        let count = memory.value::<CK_ULONG>(256);
        make!(self, C_Decrypt(self.session, data, 256, message, count));
    }

    fn derive(&self, id: u8) {
        let Some(key) = self.private_key(id) else {
            return;
        };
        for point in [&[&[4_u8][..], &[1; 64]].concat()[..], &[9; 32]] {
            let mut memory = Memory::default();
            let parameter = CK_ECDH1_DERIVE_PARAMS {
                kdf: CKD_NULL,
                ulSharedDataLen: 0,
                pSharedData: null_mut(),
                ulPublicDataLen: long(point.len()),
                pPublicData: memory.bytes(point),
            };
            let parameter = memory.value(parameter).cast();
            let mechanism = memory.value(CK_MECHANISM {
                mechanism: CKM_ECDH1_DERIVE,
                pParameter: parameter,
                ulParameterLen: long(size_of::<CK_ECDH1_DERIVE_PARAMS>()),
            });
            let place = memory.value::<CK_OBJECT_HANDLE>(0);
            let rv = make!(
                self,
                C_DeriveKey(self.session, mechanism, key, null_mut(), 0, place)
            );
            if rv == CKR_OK {
                // SAFETY: it is in the memory of this function.
                let secret = unsafe { read(place) };
                self.read(secret);
                make!(self, C_DestroyObject(self.session, secret));
            }
        }
    }

    fn write(&self, id: u8) {
        let (certificate, data) = (CKO_CERTIFICATE.to_ne_bytes(), CKO_DATA.to_ne_bytes());
        let chosen = usize::from(id) % CERTIFICATES.len();
        for template in [
            &[
                (CKA_CLASS, &certificate[..]),
                (CKA_TOKEN, &[CK_TRUE]),
                (CKA_ID, &[id]),
                (CKA_VALUE, CERTIFICATES[chosen]),
            ],
            &[
                (CKA_CLASS, &data[..]),
                (CKA_TOKEN, &[CK_TRUE]),
                (CKA_OBJECT_ID, OBJECT_ID),
                (CKA_VALUE, &[0x30, 1, id]),
            ],
        ] {
            let mut memory = Memory::default();
            let (template, count) = template_of(template, &mut memory);
            let place = memory.value::<CK_OBJECT_HANDLE>(0);
            let rv = make!(self, C_CreateObject(self.session, template, count, place));
            if rv == CKR_OK && id == 1 {
                // SAFETY: it is in the memory of this function.
                let made = unsafe { read(place) };
                make!(self, C_DestroyObject(self.session, made));
            }
        }
    }

    fn generate(&self, id: u8) {
        let mut memory = Memory::default();
        let (public, public_count) =
            template_of(&[(CKA_EC_PARAMS, P256_NAME), (CKA_ID, &[id])], &mut memory);
        let (private, private_count) =
            template_of(&[(CKA_TOKEN, &[CK_TRUE]), (CKA_ID, &[id])], &mut memory);
        let mechanism = bare(CKM_EC_KEY_PAIR_GEN, &mut memory);
        let keys = memory.values::<CK_OBJECT_HANDLE>(&[0, 0]);
        // SAFETY: there is room for two.
        let other = unsafe { keys.add(1) };
        make!(
            self,
            C_GenerateKeyPair(
                self.session,
                mechanism,
                public,
                public_count,
                private,
                private_count,
                keys,
                other,
            )
        );
    }

    /// There and back.
    fn change_pin(&self) {
        for (old, new) in [(PIN, &b"111111"[..]), (b"111111", PIN)] {
            let mut memory = Memory::default();
            let (old_place, new_place) = (memory.bytes(old), memory.bytes(new));
            make!(
                self,
                C_SetPIN(
                    self.session,
                    old_place,
                    long(old.len()),
                    new_place,
                    long(new.len())
                )
            );
        }
    }
}

fn template_of(
    attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])],
    memory: &mut Memory,
) -> (*mut CK_ATTRIBUTE, CK_ULONG) {
    let attributes: Vec<CK_ATTRIBUTE> = attributes
        .iter()
        .map(|(type_, value)| CK_ATTRIBUTE {
            type_: *type_,
            pValue: memory.bytes(value).cast(),
            ulValueLen: long(value.len()),
        })
        .collect();
    (memory.values(&attributes), long(attributes.len()))
}

/// A mechanism without a parameter.
fn bare(mechanism: CK_MECHANISM_TYPE, memory: &mut Memory) -> *mut CK_MECHANISM {
    memory.value(CK_MECHANISM {
        mechanism,
        pParameter: null_mut(),
        ulParameterLen: 0,
    })
}
