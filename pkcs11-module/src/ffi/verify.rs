//! Functions for verifying signatures (5.15).

use cryptoki_sys::*;

use super::entry::{entry, not_supported, step};
use super::{args, mechanism};

entry! {
    /// `C_VerifyInit`; without a mechanism it ends an active operation (3.0).
    fn C_VerifyInit(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        key: CK_OBJECT_HANDLE,
    ) |module| {
        // SAFETY: the mechanism is as the standard says.
        let mechanism = unsafe { mechanism::read(mechanism) }?;
        module.session(session)?.verify_init(mechanism, key)
    }
}

step! {
    /// `C_Verify`
    fn C_Verify(
        session: CK_SESSION_HANDLE,
        data: CK_BYTE_PTR,
        length: CK_ULONG,
        signature: CK_BYTE_PTR,
        signature_length: CK_ULONG,
    ) |module, CKF_VERIFY| {
        // SAFETY: data and signature are as long as the caller says, by the standard.
        let (data, signature) = unsafe {
            (args::bytes(data, length)?, args::bytes(signature, signature_length)?)
        };
        module.session(session)?.operations().verify.whole(data, signature)
    }

    /// `C_VerifyUpdate`
    fn C_VerifyUpdate(session: CK_SESSION_HANDLE, data: CK_BYTE_PTR, length: CK_ULONG) |module, CKF_VERIFY| {
        // SAFETY: the data are as long as the caller says, by the standard.
        let data = unsafe { args::bytes(data, length) }?;
        module.session(session)?.operations().verify.feed(data)
    }

    /// `C_VerifyFinal`
    fn C_VerifyFinal(session: CK_SESSION_HANDLE, signature: CK_BYTE_PTR, length: CK_ULONG) |module, CKF_VERIFY| {
        // SAFETY: the signature is as long as the caller says, by the standard.
        let signature = unsafe { args::bytes(signature, length) }?;
        module.session(session)?.operations().verify.last(signature)
    }
}

not_supported! {
    fn C_VerifyRecoverInit(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
    fn C_VerifyRecover(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
}
