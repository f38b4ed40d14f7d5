//! Random number generation functions (5.19): from the operating system, without the card.

use cryptoki_sys::*;

use super::args;
use super::entry::entry;

entry! {
    /// `C_SeedRandom`: the operating system needs no seed; it is accepted, since NSS gives one at each insertion.
    fn C_SeedRandom(session: CK_SESSION_HANDLE, seed: CK_BYTE_PTR, length: CK_ULONG) |module| {
        // SAFETY: the seed is as long as the caller says, by the standard.
        unsafe { args::bytes(seed, length) }?;
        module.session(session).map(drop)
    }

    /// `C_GenerateRandom`
    fn C_GenerateRandom(session: CK_SESSION_HANDLE, random: CK_BYTE_PTR, length: CK_ULONG) |module| {
        module.session(session)?;
        // SAFETY: the buffer is as long as the caller says, by the standard.
        let buffer = unsafe { args::buffer(random, length) }?;
        getrandom::fill_uninit(buffer)?;
        Ok(())
    }
}
