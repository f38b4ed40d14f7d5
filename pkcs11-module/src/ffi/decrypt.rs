//! Decryption functions (5.10).

use cryptoki_sys::*;

use super::{args, entry};

entry! {
    /// `C_DecryptInit`; without a mechanism it ends an active operation (3.0).
    fn C_DecryptInit(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        key: CK_OBJECT_HANDLE,
    ) |module| {
        // SAFETY: the mechanism is as the standard says.
        let mechanism = unsafe { args::mechanism(mechanism) }?;
        module.decrypt_init(session, mechanism, key)
    }

    /// `C_Decrypt`
    fn C_Decrypt(
        session: CK_SESSION_HANDLE,
        encrypted: CK_BYTE_PTR,
        length: CK_ULONG,
        data: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module| {
        // SAFETY: data and result are as the standard says.
        unsafe {
            let encrypted = args::bytes(encrypted, length)?;
            args::answer(data, count, |room| module.decrypt(session, Some(encrypted), room))
        }
    }

    /// `C_DecryptUpdate`: gathers what comes and gives nothing yet.
    fn C_DecryptUpdate(
        session: CK_SESSION_HANDLE,
        encrypted: CK_BYTE_PTR,
        length: CK_ULONG,
        _data: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module| {
        args::not_null(count)?;
        // SAFETY: the input is as long as the caller says, by the standard.
        let encrypted = unsafe { args::bytes(encrypted, length) }?;
        module.decrypt_update(session, encrypted)?;
        // SAFETY: `count` points to a number by the standard.
        unsafe { args::put(count, 0) }
    }

    /// `C_DecryptFinal`
    fn C_DecryptFinal(session: CK_SESSION_HANDLE, data: CK_BYTE_PTR, count: CK_ULONG_PTR) |module| {
        // SAFETY: the result's place is as the standard says.
        unsafe { args::answer(data, count, |room| module.decrypt(session, None, room)) }
    }
}
