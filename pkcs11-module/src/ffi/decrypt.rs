//! Decryption functions (5.10).

use cryptoki_sys::*;

use super::entry::{entry, step};
use super::{args, mechanism};

entry! {
    /// `C_DecryptInit`; without a mechanism it ends an active operation (3.0).
    fn C_DecryptInit(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        key: CK_OBJECT_HANDLE,
    ) |module| {
        // SAFETY: the mechanism is as the standard says.
        let mechanism = unsafe { mechanism::read(mechanism) }?;
        module.session(session)?.decrypt_init(mechanism, key)
    }
}

step! {
    /// `C_Decrypt`
    fn C_Decrypt(
        session: CK_SESSION_HANDLE,
        encrypted: CK_BYTE_PTR,
        length: CK_ULONG,
        data: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module, CKF_DECRYPT| {
        // SAFETY: data and result are as the standard says.
        unsafe {
            let encrypted = args::input(encrypted, length, data)?;
            args::output(data, count, |buffer| {
                module.session(session)?.operations().decrypt.whole(encrypted, buffer)
            })
        }
    }

    /// `C_DecryptUpdate`: gathers what comes and gives nothing yet.
    fn C_DecryptUpdate(
        session: CK_SESSION_HANDLE,
        encrypted: CK_BYTE_PTR,
        length: CK_ULONG,
        _data: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module, CKF_DECRYPT| {
        args::not_null(count)?;
        // SAFETY: the input is as long as the caller says, by the standard.
        let encrypted = unsafe { args::bytes(encrypted, length) }?;
        module.session(session)?.operations().decrypt.feed(encrypted)?;
        // SAFETY: `count` points to a number by the standard.
        unsafe { args::put(count, 0) }
    }

    /// `C_DecryptFinal`
    fn C_DecryptFinal(session: CK_SESSION_HANDLE, data: CK_BYTE_PTR, count: CK_ULONG_PTR) |module, CKF_DECRYPT| {
        // SAFETY: the result's buffer and length are as the standard says.
        unsafe {
            args::output(data, count, |buffer| {
                module.session(session)?.operations().decrypt.last(buffer)
            })
        }
    }
}
