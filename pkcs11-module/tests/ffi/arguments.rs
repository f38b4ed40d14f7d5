//! Arguments that are wrong: NULL pointers, handles of nothing, odd parameters, functions that are not there.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::library::{Library, call};

#[test]
fn null_pointers_are_bad_arguments() {
    let library = Library::initialized();
    let results = [
        call!(library, C_GetInfo(null_mut())),
        call!(library, C_GetSlotList(CK_FALSE, null_mut(), null_mut())),
        call!(library, C_GetSlotInfo(0, null_mut())),
        call!(library, C_GetTokenInfo(0, null_mut())),
        call!(library, C_GetMechanismList(0, null_mut(), null_mut())),
        call!(library, C_GetMechanismInfo(0, CKM_RSA_PKCS, null_mut())),
        call!(
            library,
            C_WaitForSlotEvent(CKF_DONT_BLOCK, null_mut(), null_mut())
        ),
        call!(library, C_GetSessionInfo(1, null_mut())),
        call!(library, C_SetPIN(1, null_mut(), 6, null_mut(), 6)),
        call!(library, C_GetAttributeValue(1, 1, null_mut(), 1)),
        call!(library, C_CreateObject(1, null_mut(), 0, null_mut())),
        call!(library, C_CreateObject(1, null_mut(), 1, null_mut())),
        call!(library, C_SetAttributeValue(1, 1, null_mut(), 1)),
        call!(
            library,
            C_GenerateKeyPair(
                1,
                null_mut(),
                null_mut(),
                0,
                null_mut(),
                0,
                null_mut(),
                null_mut()
            )
        ),
        call!(library, C_FindObjectsInit(1, null_mut(), 1)),
        call!(library, C_FindObjects(1, null_mut(), 1, null_mut())),
        call!(library, C_GetObjectSize(1, 1, null_mut())),
        call!(library, C_Digest(1, null_mut(), 1, null_mut(), null_mut())),
        call!(library, C_Digest(1, null_mut(), 0, null_mut(), null_mut())),
        call!(library, C_DigestUpdate(1, null_mut(), 1)),
        call!(library, C_DigestFinal(1, null_mut(), null_mut())),
        call!(library, C_Sign(1, null_mut(), 1, null_mut(), null_mut())),
        call!(library, C_SignUpdate(1, null_mut(), CK_ULONG::MAX)),
        call!(library, C_SignFinal(1, null_mut(), null_mut())),
        call!(library, C_Verify(1, null_mut(), 1, null_mut(), 1)),
        call!(library, C_VerifyFinal(1, null_mut(), 1)),
        call!(library, C_Encrypt(1, null_mut(), 1, null_mut(), null_mut())),
        call!(
            library,
            C_DecryptUpdate(1, null_mut(), 1, null_mut(), null_mut())
        ),
        call!(library, C_DecryptFinal(1, null_mut(), null_mut())),
        call!(
            library,
            C_DeriveKey(1, null_mut(), 1, null_mut(), 0, null_mut())
        ),
    ];
    for (index, result) in results.into_iter().enumerate() {
        assert_eq!(result, CKR_ARGUMENTS_BAD, "call {index}");
    }
    let random = call!(library, C_GenerateRandom(1, null_mut(), 1));
    assert_eq!(random, CKR_SESSION_HANDLE_INVALID);
}

#[test]
fn wrong_sessions_are_told_whatever_is_asked_of_them() {
    let library = Library::initialized();
    let mut bytes = [0; 32];
    let mut length = 32;
    let mut handle = 0;
    let buffer = bytes.as_mut_ptr();
    let mut mechanism = CK_MECHANISM {
        mechanism: CKM_SHA256,
        pParameter: null_mut(),
        ulParameterLen: 0,
    };
    let digest = &raw mut mechanism;
    let mut info = CK_SESSION_INFO::default();
    for session in [0, 1, CK_SESSION_HANDLE::MAX] {
        let results = [
            call!(library, C_CloseSession(session)),
            call!(library, C_GetSessionInfo(session, &raw mut info)),
            call!(library, C_Login(session, CKU_USER, buffer, 6)),
            call!(
                library,
                C_LoginUser(session, CKU_USER, buffer, 6, null_mut(), 0)
            ),
            call!(library, C_Logout(session)),
            call!(library, C_SessionCancel(session, CKF_SIGN)),
            call!(library, C_FindObjectsInit(session, null_mut(), 0)),
            call!(
                library,
                C_FindObjects(session, &raw mut handle, 1, &raw mut length)
            ),
            call!(library, C_FindObjectsFinal(session)),
            call!(library, C_DestroyObject(session, 1)),
            call!(library, C_DigestInit(session, digest)),
            call!(
                library,
                C_Digest(session, buffer, 1, buffer, &raw mut length)
            ),
            call!(library, C_SignInit(session, digest, 1)),
            call!(library, C_Sign(session, buffer, 1, buffer, &raw mut length)),
            call!(library, C_VerifyInit(session, digest, 1)),
            call!(library, C_EncryptInit(session, digest, 1)),
            call!(library, C_DecryptInit(session, digest, 1)),
            call!(library, C_GenerateRandom(session, buffer, 32)),
            call!(library, C_SeedRandom(session, buffer, 32)),
        ];
        for (index, result) in results.into_iter().enumerate() {
            assert_eq!(result, CKR_SESSION_HANDLE_INVALID, "call {index}");
        }
    }
    assert_eq!(call!(library, C_CloseAllSessions(9)), CKR_SLOT_ID_INVALID);
}

#[test]
fn a_digest_takes_no_parameter() {
    let library = Library::initialized();
    let mut parameter = [0_u8; 4];
    for (mechanism, length, expected) in [
        (CKM_SHA256, 4, CKR_MECHANISM_PARAM_INVALID),
        (CKM_SHA_1, 1, CKR_MECHANISM_PARAM_INVALID),
        (CKM_SHA256, 0, CKR_SESSION_HANDLE_INVALID),
    ] {
        let mut mechanism = CK_MECHANISM {
            mechanism,
            pParameter: parameter.as_mut_ptr().cast(),
            ulParameterLen: length,
        };
        let result = call!(library, C_DigestInit(1, &raw mut mechanism));
        assert_eq!(result, expected);
    }
}

#[test]
fn ed25519_takes_no_context_and_no_hash() {
    let library = Library::initialized();
    let mut context = [0_u8; 4];
    let length = size_of::<CK_EDDSA_PARAMS>() as CK_ULONG;
    let refused = CKR_MECHANISM_PARAM_INVALID;
    for (hashed, context_length, length, expected) in [
        (CK_FALSE, 0, 0, CKR_SESSION_HANDLE_INVALID),
        (CK_FALSE, 0, length, CKR_SESSION_HANDLE_INVALID),
        (CK_TRUE, 0, length, refused),
        (CK_FALSE, 4, length, refused),
        (CK_FALSE, 0, length - 1, refused),
    ] {
        let mut parameter = CK_EDDSA_PARAMS {
            phFlag: hashed,
            ulContextDataLen: context_length,
            pContextData: context.as_mut_ptr(),
        };
        let mut mechanism = CK_MECHANISM {
            mechanism: CKM_EDDSA,
            pParameter: (&raw mut parameter).cast(),
            ulParameterLen: length,
        };
        let result = call!(library, C_SignInit(1, &raw mut mechanism, 1));
        assert_eq!(result, expected);
    }
}

#[test]
fn mechanisms_with_odd_parameters_are_refused() {
    let library = Library::initialized();
    let init = |mechanism, parameter: *mut CK_RSA_PKCS_PSS_PARAMS, length| {
        let mut mechanism = CK_MECHANISM {
            mechanism,
            pParameter: parameter.cast(),
            ulParameterLen: length,
        };
        call!(library, C_SignInit(1, &raw mut mechanism, 1))
    };
    let mut pss = CK_RSA_PKCS_PSS_PARAMS {
        hashAlg: CKM_SHA256,
        mgf: CKG_MGF1_SHA256,
        sLen: 32,
    };
    let length = size_of::<CK_RSA_PKCS_PSS_PARAMS>() as CK_ULONG;
    assert_eq!(
        init(CKM_RSA_PKCS_PSS, &raw mut pss, length),
        CKR_SESSION_HANDLE_INVALID
    );
    for (pointer, length) in [
        (null_mut(), 0),
        (null_mut(), length),
        (&raw mut pss, length - 1),
        (&raw mut pss, CK_ULONG::MAX),
    ] {
        assert_eq!(
            init(CKM_RSA_PKCS_PSS, pointer, length),
            CKR_MECHANISM_PARAM_INVALID
        );
    }
    assert_eq!(init(CKM_AES_CBC, null_mut(), 0), CKR_MECHANISM_INVALID);
    pss.hashAlg = CKM_SHA_1;
    assert_eq!(
        init(CKM_SHA256_RSA_PKCS_PSS, &raw mut pss, length),
        CKR_MECHANISM_PARAM_INVALID
    );
}

#[test]
fn what_is_not_offered_says_so() {
    let library = Library::initialized();
    assert_eq!(
        call!(library, C_InitToken(0, null_mut(), 0, null_mut())),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(
            library,
            C_GenerateKey(1, null_mut(), null_mut(), 0, null_mut())
        ),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(library, C_InitPIN(1, null_mut(), 0)),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(library, C_MessageSignInit(1, null_mut(), 1)),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(library, C_GetFunctionStatus(1)),
        CKR_FUNCTION_NOT_PARALLEL
    );
}
