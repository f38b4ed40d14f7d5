//! Message-based encryption, decryption, signing and verification (5.9, 5.11, 5.14, 5.16): mechanisms of PIV keys
//! have none of it.

use cryptoki_sys::*;

use super::entry::not_supported;

not_supported! {
    fn C_MessageEncryptInit(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
    fn C_EncryptMessage(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
    );
    fn C_EncryptMessageBegin(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG);
    fn C_EncryptMessageNext(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
        CK_FLAGS,
    );
    fn C_MessageEncryptFinal(CK_SESSION_HANDLE);
    fn C_MessageDecryptInit(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
    fn C_DecryptMessage(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
    );
    fn C_DecryptMessageBegin(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG);
    fn C_DecryptMessageNext(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
        CK_FLAGS,
    );
    fn C_MessageDecryptFinal(CK_SESSION_HANDLE);
    fn C_MessageSignInit(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
    fn C_SignMessage(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
    );
    fn C_SignMessageBegin(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG);
    fn C_SignMessageNext(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
    );
    fn C_MessageSignFinal(CK_SESSION_HANDLE);
    fn C_MessageVerifyInit(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
    fn C_VerifyMessage(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
    );
    fn C_VerifyMessageBegin(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG);
    fn C_VerifyMessageNext(
        CK_SESSION_HANDLE,
        CK_VOID_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_BYTE_PTR,
        CK_ULONG,
    );
    fn C_MessageVerifyFinal(CK_SESSION_HANDLE);
}
