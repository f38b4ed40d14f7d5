//! Arguments of calls, made of the input: each is one that a program may give, right or wrong.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::card::CERTIFICATES;
use super::input::Input;
use super::memory::{Memory, long, read};

/// What a program knows from earlier calls.
#[derive(Default)]
pub struct Known {
    /// Sessions that were opened, closed ones among them.
    pub sessions: Vec<CK_SESSION_HANDLE>,
    /// Objects that were found or made.
    pub objects: Vec<CK_OBJECT_HANDLE>,
}

/// Most handles that a program remembers.
const KNOWN_MAX: usize = 64;

impl Known {
    /// A session was opened.
    pub fn add_session(&mut self, session: CK_SESSION_HANDLE) {
        if self.sessions.len() < KNOWN_MAX {
            self.sessions.push(session);
        }
    }

    /// An object was found.
    pub fn add_object(&mut self, object: CK_OBJECT_HANDLE) {
        if self.objects.len() < KNOWN_MAX && !self.objects.contains(&object) {
            self.objects.push(object);
        }
    }

    /// Mostly a session that there is or was.
    pub fn session(&self, input: &mut Input<'_>) -> CK_SESSION_HANDLE {
        handle(&self.sessions, input)
    }

    /// Mostly an object that there is or was.
    pub fn object(&self, input: &mut Input<'_>) -> CK_OBJECT_HANDLE {
        handle(&self.objects, input)
    }
}

fn handle(known: &[CK_ULONG], input: &mut Input<'_>) -> CK_ULONG {
    match input.byte() {
        0xFF => CK_ULONG::MAX,
        0xFE => input.long(),
        0xFD => 0,
        choice => match known.len() {
            0 => CK_ULONG::from(choice),
            // The first ones are the newest, so that a short input uses what it has just made.
            length => known[length - 1 - usize::from(choice) % length],
        },
    }
}

/// Mechanisms, those that the module does not have among them.
const MECHANISMS: &[CK_MECHANISM_TYPE] = &[
    CKM_RSA_PKCS,
    CKM_RSA_X_509,
    CKM_RSA_PKCS_PSS,
    CKM_RSA_PKCS_OAEP,
    CKM_SHA1_RSA_PKCS,
    CKM_SHA256_RSA_PKCS,
    CKM_SHA512_RSA_PKCS,
    CKM_SHA1_RSA_PKCS_PSS,
    CKM_SHA256_RSA_PKCS_PSS,
    CKM_SHA384_RSA_PKCS_PSS,
    CKM_ECDSA,
    CKM_ECDSA_SHA1,
    CKM_ECDSA_SHA256,
    CKM_ECDSA_SHA384,
    CKM_EDDSA,
    CKM_ECDH1_DERIVE,
    CKM_SHA_1,
    CKM_SHA224,
    CKM_SHA256,
    CKM_SHA384,
    CKM_SHA512,
    CKM_RSA_PKCS_KEY_PAIR_GEN,
    CKM_EC_KEY_PAIR_GEN,
    CKM_EC_EDWARDS_KEY_PAIR_GEN,
    CKM_AES_CBC,
    CKM_ECDH1_COFACTOR_DERIVE,
    CK_MECHANISM_TYPE::MAX,
];

const HASHES: &[CK_MECHANISM_TYPE] = &[
    CKM_SHA256,
    CKM_SHA_1,
    CKM_SHA224,
    CKM_SHA384,
    CKM_SHA512,
    CKM_RSA_PKCS,
    0,
];
const MASKS: &[CK_RSA_PKCS_MGF_TYPE] = &[
    CKG_MGF1_SHA256,
    CKG_MGF1_SHA1,
    CKG_MGF1_SHA224,
    CKG_MGF1_SHA384,
    CKG_MGF1_SHA512,
    0,
];
const DERIVATIONS: &[CK_EC_KDF_TYPE] =
    &[CKD_NULL, CKD_SHA1_KDF, CKD_SHA256_KDF, CKD_SHA512_KDF, 99];

/// The base point of P-256 in hexadecimal digits would be long: any point does that the card is asked about.
const POINT: [u8; 65] = {
    let mut point = [0x01; 65];
    point[0] = 0x04;
    point
};

/// A mechanism with a parameter; mostly the one that it takes.
pub fn mechanism(input: &mut Input<'_>, memory: &mut Memory) -> *mut CK_MECHANISM {
    let choice = input.byte();
    if choice == 0xFF {
        return null_mut();
    }
    let number = MECHANISMS[usize::from(choice) % MECHANISMS.len()];
    let (parameter, length) = match input.byte() {
        // The structure of another mechanism.
        0xFF => structure(input.one_of(MECHANISMS), input, memory),
        0xFE => {
            let bytes = input.part();
            (memory.bytes(&bytes).cast(), long(bytes.len()))
        }
        // A length without a parameter, and a parameter without a length.
        0xFD => (null_mut(), input.long()),
        0xFC => (memory.bytes(&[0]).cast(), 0),
        _ => structure(number, input, memory),
    };
    memory.value(CK_MECHANISM {
        mechanism: number,
        pParameter: parameter,
        ulParameterLen: length,
    })
}

/// What `C_SignInit` and its like are asked for.
pub fn mechanism_of(
    number: CK_MECHANISM_TYPE,
    input: &mut Input<'_>,
    memory: &mut Memory,
) -> *mut CK_MECHANISM {
    let (parameter, length) = structure(number, input, memory);
    memory.value(CK_MECHANISM {
        mechanism: number,
        pParameter: parameter,
        ulParameterLen: length,
    })
}

fn placed<T: Copy>(memory: &mut Memory, value: T) -> (CK_VOID_PTR, CK_ULONG) {
    (memory.value(value).cast(), long(size_of::<T>()))
}

/// The parameter that a mechanism takes.
fn structure(
    number: CK_MECHANISM_TYPE,
    input: &mut Input<'_>,
    memory: &mut Memory,
) -> (CK_VOID_PTR, CK_ULONG) {
    match number {
        CKM_RSA_PKCS_PSS
        | CKM_SHA1_RSA_PKCS_PSS
        | CKM_SHA256_RSA_PKCS_PSS
        | CKM_SHA384_RSA_PKCS_PSS => {
            let (hash, mask, salt) = match (number, input.byte()) {
                (_, 0x80..) => (
                    input.one_of(HASHES),
                    input.one_of(MASKS),
                    CK_ULONG::from(input.byte()),
                ),
                (CKM_SHA1_RSA_PKCS_PSS, _) => (CKM_SHA_1, CKG_MGF1_SHA1, 20),
                (CKM_SHA384_RSA_PKCS_PSS, _) => (CKM_SHA384, CKG_MGF1_SHA384, 48),
                _ => (CKM_SHA256, CKG_MGF1_SHA256, 32),
            };
            let salt = if salt == 0xFF { input.long() } else { salt };
            let pss = CK_RSA_PKCS_PSS_PARAMS {
                hashAlg: hash,
                mgf: mask,
                sLen: salt,
            };
            placed(memory, pss)
        }
        CKM_RSA_PKCS_OAEP => {
            let hash = input.below(HASHES.len());
            let label = input.part();
            let oaep = CK_RSA_PKCS_OAEP_PARAMS {
                hashAlg: HASHES[hash],
                mgf: MASKS[hash.min(MASKS.len() - 1)],
                source: input.one_of(&[CKZ_DATA_SPECIFIED, 0, 2]),
                pSourceData: pointer(&label, memory).cast(),
                ulSourceDataLen: long(label.len()),
            };
            placed(memory, oaep)
        }
        CKM_EDDSA => {
            let context = input.part();
            let eddsa = CK_EDDSA_PARAMS {
                phFlag: input.byte() & 1,
                ulContextDataLen: long(context.len()),
                pContextData: pointer(&context, memory),
            };
            if context.is_empty() {
                return (null_mut(), 0);
            }
            placed(memory, eddsa)
        }
        CKM_ECDH1_DERIVE | CKM_ECDH1_COFACTOR_DERIVE => {
            let point = match input.byte() {
                0 => POINT.to_vec(),
                1 => [&[0x04, 65][..], &POINT].concat(),
                2 => vec![9; 32],
                _ => input.part(),
            };
            let shared = input.part();
            let ecdh = CK_ECDH1_DERIVE_PARAMS {
                kdf: input.one_of(DERIVATIONS),
                ulSharedDataLen: long(shared.len()),
                pSharedData: pointer(&shared, memory),
                ulPublicDataLen: long(point.len()),
                pPublicData: pointer(&point, memory),
            };
            placed(memory, ecdh)
        }
        _ => (null_mut(), 0),
    }
}

/// Bytes, or NULL where there are none.
fn pointer(bytes: &[u8], memory: &mut Memory) -> *mut u8 {
    if bytes.is_empty() {
        null_mut()
    } else {
        memory.bytes(bytes)
    }
}

const ATTRIBUTES: &[CK_ATTRIBUTE_TYPE] = &[
    CKA_CLASS,
    CKA_TOKEN,
    CKA_PRIVATE,
    CKA_LABEL,
    CKA_APPLICATION,
    CKA_VALUE,
    CKA_OBJECT_ID,
    CKA_CERTIFICATE_TYPE,
    CKA_ISSUER,
    CKA_SERIAL_NUMBER,
    CKA_TRUSTED,
    CKA_CERTIFICATE_CATEGORY,
    CKA_CHECK_VALUE,
    CKA_KEY_TYPE,
    CKA_SUBJECT,
    CKA_ID,
    CKA_SENSITIVE,
    CKA_ENCRYPT,
    CKA_DECRYPT,
    CKA_SIGN,
    CKA_VERIFY,
    CKA_DERIVE,
    CKA_START_DATE,
    CKA_MODULUS,
    CKA_MODULUS_BITS,
    CKA_PUBLIC_EXPONENT,
    CKA_PUBLIC_KEY_INFO,
    CKA_VALUE_LEN,
    CKA_EXTRACTABLE,
    CKA_LOCAL,
    CKA_MODIFIABLE,
    CKA_COPYABLE,
    CKA_DESTROYABLE,
    CKA_EC_PARAMS,
    CKA_EC_POINT,
    CKA_ALWAYS_AUTHENTICATE,
    CKA_ALLOWED_MECHANISMS,
    CKA_UNIQUE_ID,
    CKA_PROFILE_ID,
    CKA_VENDOR_DEFINED,
];

const P256_NAME: &[u8] = &[6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];
const ED25519_NAME: &[u8] = &[6, 3, 0x2B, 0x65, 0x70];
/// The CHUID's.
const OBJECT_ID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x01, 0x30, 0x00];

/// A template to search with, or to make something of.
pub fn template(input: &mut Input<'_>, memory: &mut Memory) -> (*mut CK_ATTRIBUTE, CK_ULONG) {
    let count = match input.byte() {
        0xFF => return (null_mut(), input.long()),
        choice => usize::from(choice) % 9,
    };
    let attributes: Vec<CK_ATTRIBUTE> = (0..count).map(|_| attribute(input, memory)).collect();
    (memory.values(&attributes), long(count))
}

fn attribute(input: &mut Input<'_>, memory: &mut Memory) -> CK_ATTRIBUTE {
    let attribute = input.one_of(ATTRIBUTES);
    let value = match (attribute, input.byte()) {
        (_, 0xFF) => input.part(),
        (_, 0xFE) => {
            return CK_ATTRIBUTE {
                type_: attribute,
                pValue: null_mut(),
                ulValueLen: CK_ULONG::from(input.byte()),
            };
        }
        (_, 0xFD) => vec![0x30; 4096],
        (CKA_CLASS, choice) => CK_ULONG::from(choice % 10).to_ne_bytes().to_vec(),
        (CKA_KEY_TYPE | CKA_CERTIFICATE_TYPE, choice) => {
            let types = [CKK_RSA, CKK_EC, CKK_EC_EDWARDS, CKK_AES, CKK_GENERIC_SECRET];
            types[usize::from(choice) % types.len()]
                .to_ne_bytes()
                .to_vec()
        }
        (CKA_MODULUS_BITS | CKA_VALUE_LEN | CKA_CERTIFICATE_CATEGORY, choice) => {
            (CK_ULONG::from(choice) * 32).to_ne_bytes().to_vec()
        }
        (CKA_EC_PARAMS, 0..0x80) => P256_NAME.to_vec(),
        (CKA_EC_PARAMS, _) => ED25519_NAME.to_vec(),
        (CKA_ID, choice) => vec![choice % 26],
        (CKA_OBJECT_ID, choice) => {
            let mut name = OBJECT_ID.to_vec();
            if let Some(last) = name.last_mut() {
                *last = choice;
            }
            name
        }
        (CKA_VALUE, choice) => CERTIFICATES[usize::from(choice) % CERTIFICATES.len()].to_vec(),
        (CKA_PUBLIC_EXPONENT, _) => vec![1, 0, 1],
        (CKA_LABEL | CKA_APPLICATION, choice) => vec![choice; usize::from(choice % 40)],
        (_, choice) => vec![choice & 1],
    };
    CK_ATTRIBUTE {
        type_: attribute,
        pValue: pointer(&value, memory).cast(),
        ulValueLen: long(value.len()),
    }
}

/// A template to be filled: lengths are asked for, or there is room.
pub fn blank_template(input: &mut Input<'_>, memory: &mut Memory) -> (*mut CK_ATTRIBUTE, CK_ULONG) {
    let count = match input.byte() {
        0xFF => return (null_mut(), input.long()),
        0xFE => ATTRIBUTES.len(),
        choice => usize::from(choice) % 9,
    };
    let attributes: Vec<CK_ATTRIBUTE> = (0..count)
        .map(|index| {
            let type_ = if count == ATTRIBUTES.len() {
                ATTRIBUTES[index]
            } else {
                input.one_of(ATTRIBUTES)
            };
            let room = match input.byte() {
                0..0x80 => None,
                choice => Some(usize::from(choice - 0x80) * 32),
            };
            CK_ATTRIBUTE {
                type_,
                pValue: room.map_or(null_mut(), |room| memory.bytes(&vec![0xEE; room]).cast()),
                ulValueLen: room.map_or_else(|| CK_ULONG::from(input.byte()), long),
            }
        })
        .collect();
    (memory.values(&attributes), long(count))
}

/// What data a program has: a hash, a block, text, a lot, or nothing.
pub fn data(input: &mut Input<'_>, memory: &mut Memory) -> (*mut u8, CK_ULONG) {
    let bytes = match input.byte() {
        0xFF => return (null_mut(), input.long()),
        0xFE => return (null_mut(), 0),
        0xFD => vec![0x42; 70_000],
        0xFC => return (memory.bytes(&[1]), 0),
        choice @ 0..0x80 => {
            let lengths = [32, 20, 28, 48, 64, 128, 256, 245, 1, 96, 51, 8];
            vec![choice / 16; lengths[usize::from(choice) % lengths.len()]]
        }
        _ => input.part(),
    };
    (memory.bytes(&bytes), long(bytes.len()))
}

/// Where a result goes.
pub struct Room {
    /// The buffer.
    pub pointer: *mut u8,
    /// Its length, and that of the result.
    pub count: *mut CK_ULONG,
    given: CK_ULONG,
}

/// A buffer that is large enough, too small, or not there.
pub fn room(input: &mut Input<'_>, memory: &mut Memory) -> Room {
    let (length, given) = match input.byte() {
        0xFF => {
            return Room {
                pointer: memory.bytes(&[0; 512]),
                count: null_mut(),
                given: 0,
            };
        }
        // The length that a length query leaves there means nothing before.
        0xFE => (None, input.long()),
        0xFD => (Some(70_000), CK_ULONG::MAX),
        0xFC => (Some(0), 0),
        choice @ 0..0x80 => (Some(512), 512 - CK_ULONG::from(choice)),
        choice => (
            Some(usize::from(choice - 0x80)),
            CK_ULONG::from(choice - 0x80),
        ),
    };
    let length = length.map(|length: usize| length.min(usize::try_from(given).unwrap_or(length)));
    Room {
        pointer: length.map_or(null_mut(), |length| memory.bytes(&vec![0xEE; length])),
        count: memory.value(given),
        given,
    }
}

impl Room {
    /// What the standard says of the length (5.2), whatever was asked for.
    pub fn check(&self, rv: CK_RV) {
        if self.count.is_null() {
            assert_ne!(rv, CKR_OK);
            return;
        }
        // SAFETY: it comes from the memory of this call.
        let length = unsafe { read(self.count) };
        if rv == CKR_OK && !self.pointer.is_null() {
            assert!(length <= self.given, "{length} bytes for {}", self.given);
        }
        if rv == CKR_BUFFER_TOO_SMALL {
            assert!(
                !self.pointer.is_null() && length > self.given,
                "{length} bytes"
            );
        }
    }
}

/// A PIN, a management key, or what is neither.
pub fn pin(input: &mut Input<'_>, memory: &mut Memory) -> (*mut u8, CK_ULONG) {
    let pin: &[u8] = match input.byte() {
        0xFF => return (null_mut(), input.long()),
        0xFE => return (null_mut(), 0),
        0x00..0x60 => b"123456",
        0x60..0x80 => b"010203040506070801020304050607080102030405060708",
        0x80..0xA0 => b"654321",
        0xA0..0xB0 => b"12345678",
        0xB0..0xC0 => &[0xAB; 32],
        0xC0..0xD0 => b"secret",
        _ => &input.part(),
    };
    (memory.bytes(pin), long(pin.len()))
}
