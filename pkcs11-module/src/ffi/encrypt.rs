//! Encryption functions (5.8).

use cryptoki_sys::*;

use super::entry::{entry, step};
use super::{args, mechanism};

entry! {
    /// `C_EncryptInit`; without a mechanism it ends an active operation (3.0).
    fn C_EncryptInit(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        key: CK_OBJECT_HANDLE,
    ) |module| {
        // SAFETY: the mechanism is as the standard says.
        let mechanism = unsafe { mechanism::read(mechanism) }?;
        module.session(session)?.encrypt_init(mechanism, key)
    }
}

step! {
    /// `C_Encrypt`
    fn C_Encrypt(
        session: CK_SESSION_HANDLE,
        data: CK_BYTE_PTR,
        length: CK_ULONG,
        encrypted: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module, CKF_ENCRYPT| {
        // SAFETY: data and result are as the standard says.
        unsafe {
            let data = args::input(data, length, encrypted)?;
            args::output(encrypted, count, |buffer| {
                module.session(session)?.operations().encrypt.whole(data, buffer)
            })
        }
    }

    /// `C_EncryptUpdate`: gathers what comes and gives nothing yet.
    fn C_EncryptUpdate(
        session: CK_SESSION_HANDLE,
        data: CK_BYTE_PTR,
        length: CK_ULONG,
        _encrypted: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module, CKF_ENCRYPT| {
        args::not_null(count)?;
        // SAFETY: the input is as long as the caller says, by the standard.
        let data = unsafe { args::bytes(data, length) }?;
        module.session(session)?.operations().encrypt.feed(data)?;
        // SAFETY: `count` points to a number by the standard.
        unsafe { args::put(count, 0) }
    }

    /// `C_EncryptFinal`
    fn C_EncryptFinal(session: CK_SESSION_HANDLE, encrypted: CK_BYTE_PTR, count: CK_ULONG_PTR) |module, CKF_ENCRYPT| {
        // SAFETY: the result's buffer and length are as the standard says.
        unsafe {
            args::output(encrypted, count, |buffer| {
                module.session(session)?.operations().encrypt.last(buffer)
            })
        }
    }
}
