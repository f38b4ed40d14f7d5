//! Objects that are changed, destroyed or copied by whom it is not for, through the C functions. What no session may do
//! is said to be prohibited; what another session could do, to be a matter of the session (PKCS#11 3.0, 5.6 and 5.7).

use std::ptr::null_mut;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;

use super::program::{Program, call, long};
use super::templates::{agreed_secret, object_of_9d, object_with};

/// The object identifier of the CHUID, 2.16.840.1.101.3.7.1.48.0, in DER.
const CHUID: [u8; 12] = [
    0x06, 0x0A, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07, 0x01, 0x30, 0x00,
];

/// Which object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Certificate,
    PublicKey,
    PrivateKey,
    Data,
    Profile,
    /// Of the session that may only read.
    Secret,
    /// There is no such object.
    Nothing,
}

/// What is done to it.
#[derive(Clone, Copy, Debug)]
enum Do {
    SetValue,
    SetLabel,
    SetNothing,
    Destroy,
    Copy,
}

use Do::*;
use On::*;

const RO: CK_FLAGS = 0;
const RW: CK_FLAGS = CKF_RW_SESSION;

/// The answers in each session.
type Answers = [(CK_FLAGS, CK_RV); 2];

/// What is answered to whom. The user is logged in, not the officer.
const CASES: &[(Do, On, Answers)] = &[
    (
        SetValue,
        Data,
        [(RO, CKR_SESSION_READ_ONLY), (RW, CKR_USER_NOT_LOGGED_IN)],
    ),
    (
        SetLabel,
        Data,
        [(RO, CKR_SESSION_READ_ONLY), (RW, CKR_ATTRIBUTE_READ_ONLY)],
    ),
    (
        SetNothing,
        Data,
        [(RO, CKR_SESSION_READ_ONLY), (RW, CKR_USER_NOT_LOGGED_IN)],
    ),
    (
        SetValue,
        Certificate,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        SetLabel,
        PublicKey,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        SetLabel,
        PrivateKey,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        SetLabel,
        Profile,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        SetLabel,
        Secret,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        SetValue,
        Nothing,
        [
            (RO, CKR_OBJECT_HANDLE_INVALID),
            (RW, CKR_OBJECT_HANDLE_INVALID),
        ],
    ),
    (
        Destroy,
        Data,
        [(RO, CKR_SESSION_READ_ONLY), (RW, CKR_USER_NOT_LOGGED_IN)],
    ),
    (
        Destroy,
        Certificate,
        [(RO, CKR_SESSION_READ_ONLY), (RW, CKR_USER_NOT_LOGGED_IN)],
    ),
    (
        Destroy,
        PublicKey,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Destroy,
        PrivateKey,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Destroy,
        Profile,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Destroy,
        Nothing,
        [
            (RO, CKR_OBJECT_HANDLE_INVALID),
            (RW, CKR_OBJECT_HANDLE_INVALID),
        ],
    ),
    (
        Copy,
        Data,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Copy,
        Certificate,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Copy,
        PrivateKey,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Copy,
        Secret,
        [(RO, CKR_ACTION_PROHIBITED), (RW, CKR_ACTION_PROHIBITED)],
    ),
    (
        Copy,
        Nothing,
        [
            (RO, CKR_OBJECT_HANDLE_INVALID),
            (RW, CKR_OBJECT_HANDLE_INVALID),
        ],
    ),
    // A session that may only read has what it made itself, and destroys it.
    (
        Destroy,
        Secret,
        [(RO, CKR_OK), (RW, CKR_OBJECT_HANDLE_INVALID)],
    ),
];

fn attribute(kind: CK_ATTRIBUTE_TYPE, value: &mut [u8]) -> CK_ATTRIBUTE {
    CK_ATTRIBUTE {
        type_: kind,
        pValue: value.as_mut_ptr().cast(),
        ulValueLen: long(value.len()),
    }
}

fn change(
    program: &Program,
    session: CK_SESSION_HANDLE,
    what: Do,
    object: CK_OBJECT_HANDLE,
) -> CK_RV {
    let mut value = *b"\x53\x02\x01\x02";
    let mut template = match what {
        SetValue => vec![attribute(CKA_VALUE, &mut value)],
        SetLabel => vec![attribute(CKA_LABEL, &mut value)],
        SetNothing | Destroy | Copy => Vec::new(),
    };
    let (list, length) = (template.as_mut_ptr(), long(template.len()));
    let mut made = 0;
    let made = &raw mut made;
    match what {
        SetValue | SetLabel | SetNothing => {
            call!(program, C_SetAttributeValue(session, object, list, length))
        }
        Destroy => call!(program, C_DestroyObject(session, object)),
        Copy => call!(program, C_CopyObject(session, object, list, length, made)),
    }
}

/// Whether the object says of itself that this can be done to it.
fn says_it_can(program: &Program, what: Do, object: CK_OBJECT_HANDLE) -> bool {
    let kind = match what {
        SetValue | SetLabel | SetNothing => CKA_MODIFIABLE,
        Destroy => CKA_DESTROYABLE,
        Copy => CKA_COPYABLE,
    };
    let mut flag = [0xFF_u8; 1];
    let mut attribute = attribute(kind, &mut flag);
    let list = &raw mut attribute;
    assert_eq!(
        call!(
            program,
            C_GetAttributeValue(program.session, object, list, 1)
        ),
        CKR_OK
    );
    flag == [CK_TRUE]
}

#[test]
fn what_no_session_may_do_is_prohibited_and_what_another_may_is_a_matter_of_the_session() {
    let program = Program::with_keys(&[(AsymmetricKey::KeyManagement, KeyAlgorithm::P256)]);
    let mut writing = 0;
    let opened = &raw mut writing;
    let flags = CKF_SERIAL_SESSION | RW;
    assert_eq!(
        call!(program, C_OpenSession(0, flags, null_mut(), None, opened)),
        CKR_OK
    );
    let class = |class: CK_ULONG| class.to_ne_bytes();
    let secret = agreed_secret(&program, program.session);
    let handle = |on| match on {
        Certificate => object_of_9d(&program, program.session, CKO_CERTIFICATE),
        PublicKey => object_of_9d(&program, program.session, CKO_PUBLIC_KEY),
        PrivateKey => object_of_9d(&program, program.session, CKO_PRIVATE_KEY),
        Data => object_with(
            &program,
            program.session,
            &[(CKA_CLASS, &class(CKO_DATA)), (CKA_OBJECT_ID, &CHUID)],
        ),
        Profile => object_with(
            &program,
            program.session,
            &[(CKA_CLASS, &class(CKO_PROFILE))],
        ),
        Secret => secret,
        Nothing => CK_ULONG::MAX,
    };
    let mut wrong = Vec::new();
    for (what, on, answers) in CASES {
        let object = handle(*on);
        if *on != Nothing {
            let can = says_it_can(&program, *what, object);
            let is_prohibited = answers.iter().any(|(_, rv)| *rv == CKR_ACTION_PROHIBITED);
            assert_eq!(can, !is_prohibited, "{what:?} {on:?}");
        }
        for (flags, expected) in answers {
            let session = if *flags == RW {
                writing
            } else {
                program.session
            };
            let rv = change(&program, session, *what, object);
            if rv != *expected {
                wrong.push(format!(
                    "{what:?} of {on:?} in a session with {flags}: 0x{rv:X} instead of 0x{expected:X}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(call!(program, C_CloseSession(writing)), CKR_OK);
    program.end();
}
