//! What Argon2id costs wherever a PIN or PUK goes through it.

use argon2::Params;

/// Memory of one hash in KiB, and its passes: about two milliseconds, which every login pays twice, for the comparison and
/// for the key that opens the others. Against whoever has the card and not the file, the retry counter is all; what the hash
/// buys against whoever has the file, docs/phone.md says. Memory is what makes guessing dear where it is done by the thousand
/// at a time, so one pass over it is enough.
const MEMORY_KIB: u32 = 4096;
const PASSES: u32 = 1;
const LANES: u32 = 1;

/// The most memory in KiB, passes and lanes of a hash that is read: a file that was changed by hand must not make each
/// VERIFY cost gigabytes or minutes.
const MEMORY_KIB_MAX: u32 = 64 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 4;
/// The fewest bytes of salt.
pub(super) const SALT_MIN: usize = 8;

/// What a new hash costs.
pub(super) fn params() -> Result<Params, argon2::Error> {
    Params::new(MEMORY_KIB, PASSES, LANES, None)
}

/// Whether a hash may cost this.
pub(super) fn is_bearable(params: &Params) -> bool {
    params.m_cost() <= MEMORY_KIB_MAX
        && params.t_cost() <= PASSES_MAX
        && params.p_cost() <= LANES_MAX
}
