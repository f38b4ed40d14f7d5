//! The function lists and interfaces (5.4.4 to 5.4.6): how a program finds everything else.

use core::ptr;

use cryptoki_sys::*;

use super::args;
use super::decrypt::*;
use super::digest::*;
use super::encrypt::*;
use super::entry::run;
use super::general::*;
use super::key::*;
use super::message::*;
use super::object::*;
use super::random::*;
use super::session::*;
use super::sign::*;
use super::slot::*;
use super::verify::*;
use crate::error::{Error, Result};

const VERSION_2_40: CK_VERSION = CK_VERSION {
    major: 2,
    minor: 40,
};
const VERSION_3_0: CK_VERSION = CK_VERSION { major: 3, minor: 0 };

/// The name of the standard interface, ending in NUL as C strings do.
const STANDARD: &[u8] = b"PKCS 11\0";

/// Fills a function list with the functions of the standard, and those that a newer version adds.
macro_rules! function_list {
    ($list:ident, $version:expr, [$($name:ident),* $(,)?]) => {
        $list {
            version: $version,
            C_Initialize: Some(C_Initialize),
            C_Finalize: Some(C_Finalize),
            C_GetInfo: Some(C_GetInfo),
            C_GetFunctionList: Some(C_GetFunctionList),
            C_GetSlotList: Some(C_GetSlotList),
            C_GetSlotInfo: Some(C_GetSlotInfo),
            C_GetTokenInfo: Some(C_GetTokenInfo),
            C_GetMechanismList: Some(C_GetMechanismList),
            C_GetMechanismInfo: Some(C_GetMechanismInfo),
            C_InitToken: Some(C_InitToken),
            C_InitPIN: Some(C_InitPIN),
            C_SetPIN: Some(C_SetPIN),
            C_OpenSession: Some(C_OpenSession),
            C_CloseSession: Some(C_CloseSession),
            C_CloseAllSessions: Some(C_CloseAllSessions),
            C_GetSessionInfo: Some(C_GetSessionInfo),
            C_GetOperationState: Some(C_GetOperationState),
            C_SetOperationState: Some(C_SetOperationState),
            C_Login: Some(C_Login),
            C_Logout: Some(C_Logout),
            C_CreateObject: Some(C_CreateObject),
            C_CopyObject: Some(C_CopyObject),
            C_DestroyObject: Some(C_DestroyObject),
            C_GetObjectSize: Some(C_GetObjectSize),
            C_GetAttributeValue: Some(C_GetAttributeValue),
            C_SetAttributeValue: Some(C_SetAttributeValue),
            C_FindObjectsInit: Some(C_FindObjectsInit),
            C_FindObjects: Some(C_FindObjects),
            C_FindObjectsFinal: Some(C_FindObjectsFinal),
            C_EncryptInit: Some(C_EncryptInit),
            C_Encrypt: Some(C_Encrypt),
            C_EncryptUpdate: Some(C_EncryptUpdate),
            C_EncryptFinal: Some(C_EncryptFinal),
            C_DecryptInit: Some(C_DecryptInit),
            C_Decrypt: Some(C_Decrypt),
            C_DecryptUpdate: Some(C_DecryptUpdate),
            C_DecryptFinal: Some(C_DecryptFinal),
            C_DigestInit: Some(C_DigestInit),
            C_Digest: Some(C_Digest),
            C_DigestUpdate: Some(C_DigestUpdate),
            C_DigestKey: Some(C_DigestKey),
            C_DigestFinal: Some(C_DigestFinal),
            C_SignInit: Some(C_SignInit),
            C_Sign: Some(C_Sign),
            C_SignUpdate: Some(C_SignUpdate),
            C_SignFinal: Some(C_SignFinal),
            C_SignRecoverInit: Some(C_SignRecoverInit),
            C_SignRecover: Some(C_SignRecover),
            C_VerifyInit: Some(C_VerifyInit),
            C_Verify: Some(C_Verify),
            C_VerifyUpdate: Some(C_VerifyUpdate),
            C_VerifyFinal: Some(C_VerifyFinal),
            C_VerifyRecoverInit: Some(C_VerifyRecoverInit),
            C_VerifyRecover: Some(C_VerifyRecover),
            C_DigestEncryptUpdate: Some(C_DigestEncryptUpdate),
            C_DecryptDigestUpdate: Some(C_DecryptDigestUpdate),
            C_SignEncryptUpdate: Some(C_SignEncryptUpdate),
            C_DecryptVerifyUpdate: Some(C_DecryptVerifyUpdate),
            C_GenerateKey: Some(C_GenerateKey),
            C_GenerateKeyPair: Some(C_GenerateKeyPair),
            C_WrapKey: Some(C_WrapKey),
            C_UnwrapKey: Some(C_UnwrapKey),
            C_DeriveKey: Some(C_DeriveKey),
            C_SeedRandom: Some(C_SeedRandom),
            C_GenerateRandom: Some(C_GenerateRandom),
            C_GetFunctionStatus: Some(C_GetFunctionStatus),
            C_CancelFunction: Some(C_CancelFunction),
            C_WaitForSlotEvent: Some(C_WaitForSlotEvent),
            $($name: Some($name),)*
        }
    };
}

/// A value that C programs read through a pointer to mutable memory, and must not write to.
#[repr(transparent)]
struct Shared<T>(T);

// SAFETY: the values below are never written to; the pointers in them point to others of them.
unsafe impl<T> Sync for Shared<T> {}

static LIST_2_40: Shared<CK_FUNCTION_LIST> =
    Shared(function_list!(CK_FUNCTION_LIST, VERSION_2_40, []));

static LIST_3_0: Shared<CK_FUNCTION_LIST_3_0> = Shared(function_list!(
    CK_FUNCTION_LIST_3_0,
    VERSION_3_0,
    [
        C_GetInterfaceList,
        C_GetInterface,
        C_LoginUser,
        C_SessionCancel,
        C_MessageEncryptInit,
        C_EncryptMessage,
        C_EncryptMessageBegin,
        C_EncryptMessageNext,
        C_MessageEncryptFinal,
        C_MessageDecryptInit,
        C_DecryptMessage,
        C_DecryptMessageBegin,
        C_DecryptMessageNext,
        C_MessageDecryptFinal,
        C_MessageSignInit,
        C_SignMessage,
        C_SignMessageBegin,
        C_SignMessageNext,
        C_MessageSignFinal,
        C_MessageVerifyInit,
        C_VerifyMessage,
        C_VerifyMessageBegin,
        C_VerifyMessageNext,
        C_MessageVerifyFinal,
    ]
));

const fn interface<T>(list: &'static Shared<T>) -> CK_INTERFACE {
    CK_INTERFACE {
        pInterfaceName: STANDARD.as_ptr().cast_mut(),
        pFunctionList: ptr::from_ref(&list.0).cast_mut().cast(),
        // A forked child starts afresh, which is less than CKF_INTERFACE_FORK_SAFE promises.
        flags: 0,
    }
}

/// The interfaces, the preferred one first.
static INTERFACES: Shared<[CK_INTERFACE; 2]> =
    Shared([interface(&LIST_3_0), interface(&LIST_2_40)]);

/// The version of each of [`INTERFACES`].
const VERSIONS: [CK_VERSION; 2] = [VERSION_3_0, VERSION_2_40];

/// `C_GetFunctionList`: the list of version 2.40, which every program knows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: *mut *mut CK_FUNCTION_LIST) -> CK_RV {
    run("C_GetFunctionList", || {
        // SAFETY: `list` points to a pointer by the standard.
        unsafe { args::put(list, ptr::from_ref(&LIST_2_40.0).cast_mut()) }
    })
}

/// `C_GetInterfaceList`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetInterfaceList(
    list: *mut CK_INTERFACE,
    count: *mut CK_ULONG,
) -> CK_RV {
    run("C_GetInterfaceList", || {
        // SAFETY: `count` and `list` are as the standard says.
        unsafe { args::put_list(&INTERFACES.0, list, count) }
    })
}

/// `C_GetInterface`: the standard interface in version 3.0 (also where the caller names none) or 2.40. Another name,
/// another version or flags that it cannot keep fail: no program gets a list that is shorter than it expects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetInterface(
    name: *mut CK_UTF8CHAR,
    version: *mut CK_VERSION,
    interface: *mut *mut CK_INTERFACE,
    flags: CK_FLAGS,
) -> CK_RV {
    run("C_GetInterface", || {
        args::not_null(interface)?;
        // SAFETY: `name` is NULL or a C string by the standard.
        unsafe { check_name(name) }?;
        let version = if version.is_null() {
            None
        } else {
            // SAFETY: not NULL, so a readable version by the standard.
            Some(unsafe { args::get(version) }?)
        };
        let matching = INTERFACES.0.iter().zip(VERSIONS).find(|(known, offered)| {
            version
                .is_none_or(|wanted| (wanted.major, wanted.minor) == (offered.major, offered.minor))
                && flags & !known.flags == 0
        });
        let (interface_found, _) = matching.ok_or(NO_INTERFACE)?;
        // SAFETY: `interface` points to a pointer by the standard.
        unsafe { args::put(interface, ptr::from_ref(interface_found).cast_mut()) }
    })
}

const NO_INTERFACE: Error = Error::Arguments("there is no such interface");

/// Whether this is the name of the standard interface, or none.
///
/// # Safety
/// `name` is NULL or points to bytes that end in NUL.
unsafe fn check_name(name: *const CK_UTF8CHAR) -> Result<()> {
    if name.is_null() {
        return Ok(());
    }
    for (index, expected) in STANDARD.iter().enumerate() {
        // SAFETY: all bytes before were those of STANDARD and not NUL, so the string goes on.
        if unsafe { name.add(index).read() } != *expected {
            return Err(NO_INTERFACE);
        }
    }
    Ok(())
}
