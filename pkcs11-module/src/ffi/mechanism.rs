//! Mechanisms from C: their parameters read as the standard lays them out for each type.

use cryptoki_sys::*;

use super::args;
use crate::error::{Error, Result};
use crate::log;
use crate::mechanism::parameter::{EcdhParameter, EddsaParameter, OaepParameter, Parameter};
use crate::mechanism::{self, Mechanism};

/// Most bytes of what a parameter points to.
const PART_MAX: usize = 65_536;

/// The mechanism that a caller asks for; `None` for NULL.
///
/// # Safety
/// `pointer` is NULL or points to a mechanism whose parameter is as the standard says for its type.
///
/// # Errors
/// [`Error::Mechanism`] where it is not known, [`Error::MechanismParameter`], [`Error::Arguments`].
pub unsafe fn read(pointer: *const CK_MECHANISM) -> Result<Option<Mechanism>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, so a readable mechanism by the caller's promise.
    let raw = unsafe { args::get(pointer) }?;
    let mechanism = Mechanism::read(raw.mechanism, &RawParameter { raw: &raw })?;
    log::note(|| {
        mechanism::find(raw.mechanism).map_or_else(|_| String::new(), |row| row.name.into())
    });
    Ok(Some(mechanism))
}

/// The parameter of a mechanism that a caller has promised to be as the standard says for its type: [`read`] alone
/// makes one, and a mechanism asks it for the structure of its own type alone.
struct RawParameter<'a> {
    raw: &'a CK_MECHANISM,
}

impl RawParameter<'_> {
    /// # Safety
    /// The parameter is NULL or has `ulParameterLen` readable bytes, and is a `T` where that is its length.
    unsafe fn structure<T: Copy>(&self) -> Result<T> {
        let length = args::length(self.raw.ulParameterLen).ok();
        if self.raw.pParameter.is_null() || length != Some(size_of::<T>()) {
            return Err(Error::MechanismParameter);
        }
        // SAFETY: not NULL, long enough, and a `T` by the caller's promise.
        unsafe { args::get(self.raw.pParameter.cast::<T>()) }
    }
}

/// What a parameter points to.
///
/// # Safety
/// As [`args::bytes`].
unsafe fn part(pointer: *const CK_BYTE, count: CK_ULONG) -> Result<Vec<u8>> {
    if args::length(count).map_or(true, |count| count > PART_MAX) {
        return Err(Error::MechanismParameter);
    }
    // SAFETY: the caller's promise is that of `bytes`.
    unsafe { args::bytes(pointer, count) }
        .map(<[u8]>::to_vec)
        .map_err(|_| Error::MechanismParameter)
}

impl Parameter for RawParameter<'_> {
    fn none(&self) -> Result<()> {
        if self.raw.ulParameterLen == 0 {
            Ok(())
        } else {
            Err(Error::MechanismParameter)
        }
    }

    fn pss(&self) -> Result<CK_RSA_PKCS_PSS_PARAMS> {
        // SAFETY: the promise to `read`.
        unsafe { self.structure() }
    }

    fn oaep(&self) -> Result<OaepParameter> {
        // SAFETY: the promise to `read`.
        let oaep: CK_RSA_PKCS_OAEP_PARAMS = unsafe { self.structure() }?;
        Ok(OaepParameter {
            hash: oaep.hashAlg,
            mask_generation: oaep.mgf,
            source: oaep.source,
            // SAFETY: the label is as long as the parameter says, by the promise to `read`.
            label: unsafe { part(oaep.pSourceData.cast(), oaep.ulSourceDataLen) }?,
        })
    }

    fn eddsa(&self) -> Result<Option<EddsaParameter>> {
        if self.none().is_ok() {
            return Ok(None);
        }
        // SAFETY: the promise to `read`.
        let eddsa: CK_EDDSA_PARAMS = unsafe { self.structure() }?;
        Ok(Some(EddsaParameter {
            is_hashed: eddsa.phFlag != CK_FALSE,
            has_context: eddsa.ulContextDataLen != 0,
        }))
    }

    fn ecdh(&self) -> Result<EcdhParameter> {
        // SAFETY: the promise to `read`.
        let ecdh: CK_ECDH1_DERIVE_PARAMS = unsafe { self.structure() }?;
        Ok(EcdhParameter {
            derivation: ecdh.kdf,
            // SAFETY: the data is as long as the parameter says, by the promise to `read`.
            shared_data: unsafe { part(ecdh.pSharedData, ecdh.ulSharedDataLen) }?,
            // SAFETY: the point is as long as the parameter says, by the promise to `read`.
            public_data: unsafe { part(ecdh.pPublicData, ecdh.ulPublicDataLen) }?,
        })
    }
}
