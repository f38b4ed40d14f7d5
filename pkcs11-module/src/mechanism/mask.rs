//! The mask generation function of PSS and OAEP.

use zeroize::Zeroizing;

use crate::hash::Hash;

/// XORs MGF1 of `seed` onto `target` (RFC 8017, B.2.1).
pub fn apply(target: &mut [u8], seed: &[u8], hash: Hash) {
    for (counter, chunk) in (0_u32..).zip(target.chunks_mut(hash.length())) {
        let mask: Zeroizing<Vec<u8>> = hash.of(&[seed, &counter.to_be_bytes()]);
        for (byte, mask) in chunk.iter_mut().zip(mask.iter()) {
            *byte ^= mask;
        }
    }
}
