//! Functions of the standard that a PIV card has nothing for: each is in its list and says so, before and after `C_Initialize`.

use std::ptr::null_mut;

use cryptoki_sys::*;
use tapcard_pkcs11::ffi::C_GetFunctionList;

use super::library::{Library, call};

/// Calls functions of a list with these arguments, and gives their names and answers.
macro_rules! answers {
    ($list:expr, [$($name:ident($($argument:expr),* $(,)?)),* $(,)?]) => {
        [$(
            // SAFETY: every pointer is NULL, or to a buffer that is as long as the number beside it says.
            (stringify!($name), unsafe { $list.$name.unwrap()($($argument),*) })
        ),*]
    };
}

/// The functions of 2.40 that are not offered; `list` is of any version.
macro_rules! of_2_40 {
    ($list:expr, $buffer:expr, $length:expr) => {
        answers!(
            $list,
            [
                C_InitToken(0, $buffer, 8, $buffer),
                C_InitPIN(1, $buffer, 8),
                C_GetOperationState(1, $buffer, $length),
                C_SetOperationState(1, $buffer, 8, 1, 1),
                C_DigestKey(1, 1),
                C_SignRecoverInit(1, null_mut(), 1),
                C_SignRecover(1, $buffer, 8, $buffer, $length),
                C_VerifyRecoverInit(1, null_mut(), 1),
                C_VerifyRecover(1, $buffer, 8, $buffer, $length),
                C_DigestEncryptUpdate(1, $buffer, 8, $buffer, $length),
                C_DecryptDigestUpdate(1, $buffer, 8, $buffer, $length),
                C_SignEncryptUpdate(1, $buffer, 8, $buffer, $length),
                C_DecryptVerifyUpdate(1, $buffer, 8, $buffer, $length),
                C_GenerateKey(1, null_mut(), null_mut(), 0, null_mut()),
                C_WrapKey(1, null_mut(), 1, 1, $buffer, $length),
                C_UnwrapKey(1, null_mut(), 1, $buffer, 8, null_mut(), 0, null_mut()),
            ]
        )
    };
}

/// Those that 3.0 adds.
macro_rules! of_3_0 {
    ($list:expr, $buffer:expr, $length:expr) => {
        answers!(
            $list,
            [
                C_MessageEncryptInit(1, null_mut(), 1),
                C_EncryptMessage(1, null_mut(), 0, $buffer, 8, $buffer, 8, $buffer, $length),
                C_EncryptMessageBegin(1, null_mut(), 0, $buffer, 8),
                C_EncryptMessageNext(1, null_mut(), 0, $buffer, 8, $buffer, $length, 0),
                C_MessageEncryptFinal(1),
                C_MessageDecryptInit(1, null_mut(), 1),
                C_DecryptMessage(1, null_mut(), 0, $buffer, 8, $buffer, 8, $buffer, $length),
                C_DecryptMessageBegin(1, null_mut(), 0, $buffer, 8),
                C_DecryptMessageNext(1, null_mut(), 0, $buffer, 8, $buffer, $length, 0),
                C_MessageDecryptFinal(1),
                C_MessageSignInit(1, null_mut(), 1),
                C_SignMessage(1, null_mut(), 0, $buffer, 8, $buffer, $length),
                C_SignMessageBegin(1, null_mut(), 0),
                C_SignMessageNext(1, null_mut(), 0, $buffer, 8, $buffer, $length),
                C_MessageSignFinal(1),
                C_MessageVerifyInit(1, null_mut(), 1),
                C_VerifyMessage(1, null_mut(), 0, $buffer, 8, $buffer, 8),
                C_VerifyMessageBegin(1, null_mut(), 0),
                C_VerifyMessageNext(1, null_mut(), 0, $buffer, 8, $buffer, 8),
                C_MessageVerifyFinal(1),
            ]
        )
    };
}

#[test]
fn every_function_that_is_not_offered_says_so_and_touches_nothing() {
    let library = Library::load();
    let mut list = null_mut();
    // SAFETY: `list` is a variable for a pointer; what it gets is static.
    let list_2_40 = unsafe {
        assert_eq!(C_GetFunctionList(&raw mut list), CKR_OK);
        *list
    };
    let mut bytes = [7; 8];
    let mut length = 8;
    let (buffer, size) = (bytes.as_mut_ptr(), &raw mut length);
    for expected in [CKR_CRYPTOKI_NOT_INITIALIZED, CKR_FUNCTION_NOT_SUPPORTED] {
        let answers = [
            &of_2_40!(list_2_40, buffer, size)[..],
            &of_2_40!(library.list, buffer, size),
            &of_3_0!(library.list, buffer, size),
        ]
        .concat();
        for (name, answer) in answers {
            assert_eq!(answer, expected, "{name}");
        }
        // Functions that no version has any more (5.20).
        let old = answers!(list_2_40, [C_GetFunctionStatus(1), C_CancelFunction(1)]);
        let is_there = expected == CKR_FUNCTION_NOT_SUPPORTED;
        let expected = if is_there {
            CKR_FUNCTION_NOT_PARALLEL
        } else {
            expected
        };
        for (name, answer) in old {
            assert_eq!(answer, expected, "{name}");
        }
        if !is_there {
            assert_eq!(call!(library, C_Initialize(null_mut())), CKR_OK);
        }
    }
    assert_eq!((bytes, length), ([7; 8], 8));
}
