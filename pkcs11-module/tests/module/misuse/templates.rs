//! Objects that cannot be made, through the C functions: whether the session or the template is said to be wrong.

use std::ptr::null_mut;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;

use super::program::{Program, call, long};

/// OBJECT IDENTIFIER prime256v1 in DER.
const P256: [u8; 10] = [0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];

/// What `CKA_TOKEN` is.
#[derive(Clone, Copy, Debug)]
enum Token {
    Missing,
    No,
    Yes,
    Odd,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
enum Make {
    KeyPair,
    Certificate,
    SecretKey,
    /// An object of no class.
    Nothing,
    /// By `C_DeriveKey`.
    Agreement,
    /// By `C_CopyObject`.
    Copy,
}

use Make::*;
use Token::*;

const RO: CK_FLAGS = 0;
const RW: CK_FLAGS = CKF_RW_SESSION;

/// The session and the attribute, and the answer. The user is logged in, not the officer.
const CASES: &[(Make, CK_FLAGS, Token, CK_RV)] = &[
    // A session that may only read makes objects of its own, of which a card makes no key pair.
    (KeyPair, RO, Missing, CKR_TEMPLATE_INCONSISTENT),
    (KeyPair, RO, No, CKR_TEMPLATE_INCONSISTENT),
    (KeyPair, RO, Yes, CKR_SESSION_READ_ONLY),
    (KeyPair, RO, Odd, CKR_ATTRIBUTE_VALUE_INVALID),
    (KeyPair, RW, Missing, CKR_TEMPLATE_INCONSISTENT),
    (KeyPair, RW, No, CKR_TEMPLATE_INCONSISTENT),
    (KeyPair, RW, Yes, CKR_USER_NOT_LOGGED_IN),
    (Certificate, RO, Missing, CKR_TEMPLATE_INCONSISTENT),
    (Certificate, RO, No, CKR_TEMPLATE_INCONSISTENT),
    (Certificate, RO, Yes, CKR_SESSION_READ_ONLY),
    (Certificate, RO, Odd, CKR_ATTRIBUTE_VALUE_INVALID),
    (Certificate, RW, No, CKR_TEMPLATE_INCONSISTENT),
    (Certificate, RW, Odd, CKR_ATTRIBUTE_VALUE_INVALID),
    (SecretKey, RO, No, CKR_TEMPLATE_INCONSISTENT),
    (SecretKey, RO, Yes, CKR_SESSION_READ_ONLY),
    (SecretKey, RW, No, CKR_TEMPLATE_INCONSISTENT),
    (SecretKey, RW, Yes, CKR_TEMPLATE_INCONSISTENT),
    (Nothing, RO, Yes, CKR_SESSION_READ_ONLY),
    (Nothing, RO, No, CKR_TEMPLATE_INCOMPLETE),
    (Nothing, RW, Yes, CKR_TEMPLATE_INCOMPLETE),
    (Agreement, RO, Missing, CKR_OK),
    (Agreement, RO, No, CKR_OK),
    (Agreement, RO, Yes, CKR_SESSION_READ_ONLY),
    (Agreement, RO, Odd, CKR_ATTRIBUTE_VALUE_INVALID),
    (Agreement, RW, No, CKR_OK),
    (Agreement, RW, Yes, CKR_TEMPLATE_INCONSISTENT),
    // Nothing of a card is copied, whatever the session may do.
    (Copy, RO, Yes, CKR_ACTION_PROHIBITED),
    (Copy, RO, No, CKR_ACTION_PROHIBITED),
    (Copy, RW, Yes, CKR_ACTION_PROHIBITED),
];

/// The attributes of a template, with their values.
struct Template(Vec<(CK_ATTRIBUTE_TYPE, Vec<u8>)>);

impl Template {
    fn of(attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])], token: Token) -> Self {
        let flag = match token {
            Missing => None,
            No => Some(CK_FALSE),
            Yes => Some(CK_TRUE),
            Odd => Some(7),
        };
        let given = attributes.iter();
        let given = given.map(|(attribute, value)| (*attribute, value.to_vec()));
        let flag = flag.map(|flag| (CKA_TOKEN, vec![flag]));
        Self(given.chain(flag).collect())
    }

    fn as_c(&mut self) -> Vec<CK_ATTRIBUTE> {
        let entries = self.0.iter_mut();
        entries
            .map(|(attribute, value)| CK_ATTRIBUTE {
                type_: *attribute,
                pValue: value.as_mut_ptr().cast(),
                ulValueLen: long(value.len()),
            })
            .collect()
    }
}

/// The object of this class of 9D.
pub(super) fn object_of_9d(
    program: &Program,
    session: CK_SESSION_HANDLE,
    class: CK_ULONG,
) -> CK_OBJECT_HANDLE {
    let attributes: [(_, &[u8]); 2] = [(CKA_CLASS, &class.to_ne_bytes()), (CKA_ID, &[3])];
    object_with(program, session, &attributes)
}

/// The one object that has these attributes.
pub(super) fn object_with(
    program: &Program,
    session: CK_SESSION_HANDLE,
    attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])],
) -> CK_OBJECT_HANDLE {
    let mut template = Template::of(attributes, Missing);
    let mut template = template.as_c();
    let (list, length) = (template.as_mut_ptr(), long(template.len()));
    let (mut object, mut count) = (0, 0);
    let (found, number) = (&raw mut object, &raw mut count);
    assert_eq!(
        call!(program, C_FindObjectsInit(session, list, length)),
        CKR_OK
    );
    assert_eq!(
        call!(program, C_FindObjects(session, found, 1, number)),
        CKR_OK
    );
    assert_eq!(call!(program, C_FindObjectsFinal(session)), CKR_OK);
    assert_eq!(count, 1, "{attributes:?}");
    object
}

fn mechanism(kind: CK_MECHANISM_TYPE) -> CK_MECHANISM {
    CK_MECHANISM {
        mechanism: kind,
        pParameter: null_mut(),
        ulParameterLen: 0,
    }
}

fn make(program: &Program, session: CK_SESSION_HANDLE, make: Make, token: Token) -> CK_RV {
    let class = |class: CK_ULONG| class.to_ne_bytes();
    let mut made = 0;
    let made = &raw mut made;
    match make {
        KeyPair => {
            let mut public = Template::of(&[(CKA_EC_PARAMS, &P256)], Missing);
            let mut private = Template::of(&[(CKA_ID, &[1])], token);
            let (mut public, mut private) = (public.as_c(), private.as_c());
            let (public, public_length) = (public.as_mut_ptr(), long(public.len()));
            let (private, private_length) = (private.as_mut_ptr(), long(private.len()));
            let mut mechanism = mechanism(CKM_EC_KEY_PAIR_GEN);
            let mut other = 0;
            call!(
                program,
                C_GenerateKeyPair(
                    session,
                    &raw mut mechanism,
                    public,
                    public_length,
                    private,
                    private_length,
                    made,
                    &raw mut other,
                )
            )
        }
        Agreement => agree(program, session, token, made),
        Copy => {
            let object = object_of_9d(program, session, CKO_PUBLIC_KEY);
            let mut template = Template::of(&[], token);
            let mut template = template.as_c();
            let (list, length) = (template.as_mut_ptr(), long(template.len()));
            call!(program, C_CopyObject(session, object, list, length, made))
        }
        Certificate | SecretKey | Nothing => {
            let mut template = match make {
                Certificate => Template::of(
                    &[
                        (CKA_CLASS, &class(CKO_CERTIFICATE)),
                        (CKA_VALUE, &[0x30, 0x00]),
                    ],
                    token,
                ),
                SecretKey => Template::of(
                    &[(CKA_CLASS, &class(CKO_SECRET_KEY)), (CKA_VALUE, &[1; 16])],
                    token,
                ),
                _ => Template::of(&[], token),
            };
            let mut template = template.as_c();
            let (list, length) = (template.as_mut_ptr(), long(template.len()));
            call!(program, C_CreateObject(session, list, length, made))
        }
    }
}

/// A secret that 9D agrees on with itself, by `C_DeriveKey`.
fn agree(
    program: &Program,
    session: CK_SESSION_HANDLE,
    token: Token,
    made: CK_OBJECT_HANDLE_PTR,
) -> CK_RV {
    let key = object_of_9d(program, session, CKO_PRIVATE_KEY);
    let mut point = point(program, session);
    let mut parameter = CK_ECDH1_DERIVE_PARAMS {
        kdf: CKD_NULL,
        ulSharedDataLen: 0,
        pSharedData: null_mut(),
        ulPublicDataLen: long(point.len()),
        pPublicData: point.as_mut_ptr(),
    };
    let mut mechanism = CK_MECHANISM {
        mechanism: CKM_ECDH1_DERIVE,
        pParameter: (&raw mut parameter).cast(),
        ulParameterLen: long(size_of_val(&parameter)),
    };
    let mut template = Template::of(&[], token);
    let mut template = template.as_c();
    let (list, length) = (template.as_mut_ptr(), long(template.len()));
    let mechanism = &raw mut mechanism;
    call!(
        program,
        C_DeriveKey(session, mechanism, key, list, length, made)
    )
}

/// An object of this session: a secret that 9D agrees on with itself.
pub(super) fn agreed_secret(program: &Program, session: CK_SESSION_HANDLE) -> CK_OBJECT_HANDLE {
    let mut made = 0;
    assert_eq!(agree(program, session, Missing, &raw mut made), CKR_OK);
    made
}

/// The public point of 9D, which agrees with itself too.
fn point(program: &Program, session: CK_SESSION_HANDLE) -> Vec<u8> {
    let key = object_of_9d(program, session, CKO_PUBLIC_KEY);
    let mut wrapped = [0_u8; 128];
    let mut attribute = CK_ATTRIBUTE {
        type_: CKA_EC_POINT,
        pValue: wrapped.as_mut_ptr().cast(),
        ulValueLen: long(wrapped.len()),
    };
    let list = &raw mut attribute;
    assert_eq!(
        call!(program, C_GetAttributeValue(session, key, list, 1)),
        CKR_OK
    );
    let length = usize::try_from(attribute.ulValueLen).unwrap();
    // An OCTET STRING of less than 128 bytes.
    wrapped[2..length].to_vec()
}

#[test]
fn the_session_is_named_where_it_may_not_and_the_template_where_the_card_cannot() {
    let program = Program::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)]);
    let mut writing = 0;
    let flags = CKF_SERIAL_SESSION | RW;
    let opened = &raw mut writing;
    assert_eq!(
        call!(program, C_OpenSession(0, flags, null_mut(), None, opened)),
        CKR_OK
    );
    let mut wrong = Vec::new();
    for (what, flags, token, expected) in CASES {
        let session = if *flags == RW {
            writing
        } else {
            program.session
        };
        let rv = make(&program, session, *what, *token);
        if rv != *expected {
            wrong.push(format!(
                "{what:?} in a session with {flags}, CKA_TOKEN {token:?}: 0x{rv:X} instead of 0x{expected:X}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(call!(program, C_CloseSession(writing)), CKR_OK);
    program.end();
}
