//! Signing functions (5.13).

use cryptoki_sys::*;

use super::entry::{entry, not_supported, step};
use super::{args, mechanism};

entry! {
    /// `C_SignInit`; without a mechanism it ends an active operation (3.0).
    fn C_SignInit(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        key: CK_OBJECT_HANDLE,
    ) |module| {
        // SAFETY: the mechanism is as the standard says.
        let mechanism = unsafe { mechanism::read(mechanism) }?;
        module.session(session)?.sign_init(mechanism, key)
    }
}

step! {
    /// `C_Sign`
    fn C_Sign(
        session: CK_SESSION_HANDLE,
        data: CK_BYTE_PTR,
        length: CK_ULONG,
        signature: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module, CKF_SIGN| {
        // SAFETY: data and result are as the standard says.
        unsafe {
            let data = args::input(data, length, signature)?;
            args::output(signature, count, |buffer| {
                module.session(session)?.operations().sign.whole(data, buffer)
            })
        }
    }

    /// `C_SignUpdate`
    fn C_SignUpdate(session: CK_SESSION_HANDLE, data: CK_BYTE_PTR, length: CK_ULONG) |module, CKF_SIGN| {
        // SAFETY: the data are as long as the caller says, by the standard.
        let data = unsafe { args::bytes(data, length) }?;
        module.session(session)?.operations().sign.feed(data)
    }

    /// `C_SignFinal`
    fn C_SignFinal(session: CK_SESSION_HANDLE, signature: CK_BYTE_PTR, count: CK_ULONG_PTR) |module, CKF_SIGN| {
        // SAFETY: the result's buffer and length are as the standard says.
        unsafe {
            args::output(signature, count, |buffer| {
                module.session(session)?.operations().sign.last(buffer)
            })
        }
    }
}

not_supported! {
    fn C_SignRecoverInit(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
    fn C_SignRecover(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
}
