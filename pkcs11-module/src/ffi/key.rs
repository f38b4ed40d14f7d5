//! Key management functions (5.18).

use cryptoki_sys::*;

use super::entry::{entry, not_supported};
use super::{args, mechanism};
use crate::error::Error;

entry! {
    /// `C_GenerateKeyPair`
    fn C_GenerateKeyPair(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        public: CK_ATTRIBUTE_PTR,
        public_count: CK_ULONG,
        private: CK_ATTRIBUTE_PTR,
        private_count: CK_ULONG,
        public_key: CK_OBJECT_HANDLE_PTR,
        private_key: CK_OBJECT_HANDLE_PTR,
    ) |module| {
        args::not_null(public_key)?;
        args::not_null(private_key)?;
        // SAFETY: mechanism and templates are as the standard says.
        let (mechanism, public, private) = unsafe {
            (
                mechanism::read(mechanism)?,
                args::template(public, public_count)?,
                args::template(private, private_count)?,
            )
        };
        let mechanism = mechanism.ok_or(Error::Arguments("there is no mechanism"))?;
        let session = module.session(session)?;
        let (public, private) = session.generate_key_pair(mechanism, &public, &private)?;
        // SAFETY: both point to a handle by the standard.
        unsafe { args::put(public_key, public).and(args::put(private_key, private)) }
    }

    /// `C_DeriveKey`
    fn C_DeriveKey(
        session: CK_SESSION_HANDLE,
        mechanism: CK_MECHANISM_PTR,
        base_key: CK_OBJECT_HANDLE,
        template: CK_ATTRIBUTE_PTR,
        count: CK_ULONG,
        key: CK_OBJECT_HANDLE_PTR,
    ) |module| {
        args::not_null(key)?;
        // SAFETY: mechanism and template are as the standard says.
        let (mechanism, template) =
            unsafe { (mechanism::read(mechanism)?, args::template(template, count)?) };
        let mechanism = mechanism.ok_or(Error::Arguments("there is no mechanism"))?;
        let handle = module.session(session)?.derive_key(mechanism, base_key, &template)?;
        // SAFETY: `key` points to a handle by the standard.
        unsafe { args::put(key, handle) }
    }
}

not_supported! {
    fn C_GenerateKey(
        CK_SESSION_HANDLE,
        CK_MECHANISM_PTR,
        CK_ATTRIBUTE_PTR,
        CK_ULONG,
        CK_OBJECT_HANDLE_PTR,
    );
    fn C_WrapKey(
        CK_SESSION_HANDLE,
        CK_MECHANISM_PTR,
        CK_OBJECT_HANDLE,
        CK_OBJECT_HANDLE,
        CK_BYTE_PTR,
        CK_ULONG_PTR,
    );
    fn C_UnwrapKey(
        CK_SESSION_HANDLE,
        CK_MECHANISM_PTR,
        CK_OBJECT_HANDLE,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_ATTRIBUTE_PTR,
        CK_ULONG,
        CK_OBJECT_HANDLE_PTR,
    );
}
