//! Message digesting functions (5.12).

use cryptoki_sys::*;

use super::entry::{entry, not_supported, step};
use super::{args, mechanism};

entry! {
    /// `C_DigestInit`
    fn C_DigestInit(session: CK_SESSION_HANDLE, mechanism: CK_MECHANISM_PTR) |module| {
        // SAFETY: the mechanism is as the standard says.
        let mechanism = unsafe { mechanism::read(mechanism) }?;
        module.session(session)?.digest_init(mechanism)
    }
}

step! {
    /// `C_Digest`
    fn C_Digest(
        session: CK_SESSION_HANDLE,
        data: CK_BYTE_PTR,
        length: CK_ULONG,
        digest: CK_BYTE_PTR,
        count: CK_ULONG_PTR,
    ) |module, CKF_DIGEST| {
        // SAFETY: data and result are as the standard says.
        unsafe {
            let data = args::input(data, length, digest)?;
            args::output(digest, count, |buffer| {
                module.session(session)?.operations().digest.whole(data, buffer)
            })
        }
    }

    /// `C_DigestUpdate`
    fn C_DigestUpdate(session: CK_SESSION_HANDLE, data: CK_BYTE_PTR, length: CK_ULONG) |module, CKF_DIGEST| {
        // SAFETY: the data are as long as the caller says, by the standard.
        let data = unsafe { args::bytes(data, length) }?;
        module.session(session)?.operations().digest.feed(data)
    }

    /// `C_DigestFinal`
    fn C_DigestFinal(session: CK_SESSION_HANDLE, digest: CK_BYTE_PTR, count: CK_ULONG_PTR) |module, CKF_DIGEST| {
        // SAFETY: the result's buffer and length are as the standard says.
        unsafe {
            args::output(digest, count, |buffer| {
                module.session(session)?.operations().digest.last(buffer)
            })
        }
    }
}

not_supported! {
    fn C_DigestKey(CK_SESSION_HANDLE, CK_OBJECT_HANDLE);
    fn C_DigestEncryptUpdate(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
    fn C_DecryptDigestUpdate(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
    fn C_SignEncryptUpdate(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
    fn C_DecryptVerifyUpdate(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
}
