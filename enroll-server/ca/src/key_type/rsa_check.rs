//! Whether an RSA key is one that is known to be weak.

use crypto_bigint::{Gcd as _, Resize as _};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PublicKey as RsaPublicKey};

use super::error::KeyFlaw;

/// Rounds of Fermat's factorisation, as public authorities do.
const FERMAT_ROUNDS: usize = 110;

/// Primes below 752.
const SMALL_PRIMES_BELOW: u32 = 752;

/// The primes for which ROCA's fingerprint is checked: the moduli that Infineon's library made are, modulo each of
/// them, a power of 65537 (CVE-2017-15361; Nemec and others, "The Return of Coppersmith's Attack", 2017).
const ROCA_PRIMES: [u32; 17] = [
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
];

/// Checks an RSA key (PKCS#1 RSAPublicKey).
///
/// # Errors
/// The first flaw found.
pub(super) fn check(key: &[u8]) -> Result<(), KeyFlaw> {
    let key = RsaPublicKey::from_pkcs1_der(key).map_err(|_| KeyFlaw::MalformedRsa)?;
    if key.e() != &BoxedUint::from(65537u64) {
        return Err(KeyFlaw::Exponent);
    }
    let modulus = key.n_bytes();
    if let Some(prime) = small_primes().find(|prime| remainder(&modulus, *prime) == 0) {
        return Err(KeyFlaw::SmallFactor(prime));
    }
    if has_roca_fingerprint(&modulus) {
        return Err(KeyFlaw::Roca);
    }
    if has_close_factors(key.n().as_ref()) {
        return Err(KeyFlaw::CloseFactors);
    }
    if is_prime_power(key.n().as_ref()) {
        return Err(KeyFlaw::PrimePower);
    }
    Ok(())
}

fn small_primes() -> impl Iterator<Item = u32> {
    (2..SMALL_PRIMES_BELOW).filter(|n| {
        (2..*n)
            .take_while(|d| d * d <= *n)
            .all(|d| !n.is_multiple_of(d))
    })
}

/// The remainder of a big-endian number.
fn remainder(number: &[u8], divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let rest = number
        .iter()
        .fold(0u64, |rest, byte| (rest * 256 + u64::from(*byte)) % divisor);
    u32::try_from(rest).unwrap_or(0)
}

fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|prime| {
        let rest = remainder(modulus, *prime);
        let generator = 65537 % prime;
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * generator % prime;
            power == rest
        })
    })
}

/// Fermat: if n = (a - b)(a + b) with a small b, then a is just above the root of n, and a² - n is a square. Of a square
/// n, a is the root itself.
fn has_close_factors(n: &BoxedUint) -> bool {
    let width = n.bits_precision() + 64;
    let Ok(n) = BoxedUint::from_be_slice(&n.to_be_bytes(), width) else {
        return false;
    };
    let one = BoxedUint::one_with_precision(width);
    let mut a = n.floor_sqrt_vartime();
    if a.wrapping_mul(&a) == n {
        return true;
    }
    for _ in 0..FERMAT_ROUNDS {
        a = a.wrapping_add(&one);
        let difference = a.wrapping_mul(&a).wrapping_sub(&n);
        if difference.checked_sqrt_vartime().is_some() {
            return true;
        }
    }
    false
}

/// Whether n is a power of a prime p, the first power too. By Fermat's little theorem p then divides 2^n - 2; whatever else
/// has a factor in common with that is factored by it, and just as weak.
fn is_prime_power(n: &BoxedUint) -> bool {
    let Some(modulus) = n.to_odd().into_option() else {
        return false;
    };
    let two = BoxedUint::from(2u64).resize(n.bits_precision());
    let difference = two.pow_mod(n, &modulus).wrapping_sub(&two);
    modulus.gcd_vartime(&difference).get() != BoxedUint::one_with_precision(n.bits_precision())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remainder_is_that_of_the_whole_number() {
        assert_eq!(remainder(&[1, 0, 1], 65537), 0);
        assert_eq!(remainder(&[0xFF, 0xFF, 0xFF, 0xFF], 7), 0xFFFF_FFFFu32 % 7);
    }

    #[test]
    fn there_are_133_primes_below_752() {
        assert_eq!(small_primes().count(), 133);
        assert_eq!(small_primes().last(), Some(751));
    }

    #[test]
    fn factors_close_together_are_found() {
        // 2^61 - 1 is prime; so are 2305843009213693967 and 2305843009213693973 beside it.
        let product = |p: u64, q: u64| BoxedUint::from(u128::from(p) * u128::from(q));
        assert!(has_close_factors(&product(
            2_305_843_009_213_693_951,
            2_305_843_009_213_693_967
        )));
        assert!(!has_close_factors(&product(
            2_305_843_009_213_693_951,
            1_000_000_007
        )));
    }

    #[test]
    fn primes_and_their_powers_are_found() {
        let power = |p: u64, k: u32| BoxedUint::from(u128::from(p).pow(k));
        for (prime, exponent) in [(1_000_000_007, 1), (1_000_000_007, 3), (65_537, 5)] {
            assert!(
                is_prime_power(&power(prime, exponent)),
                "{prime}^{exponent}"
            );
        }
        assert!(!is_prime_power(&BoxedUint::from(
            1_000_000_007u64 * 1_000_000_009
        )));
    }

    #[test]
    fn a_power_of_65537_modulo_all_of_rocas_primes_is_found() {
        assert!(has_roca_fingerprint(&65537u32.to_be_bytes()));
        assert!(!has_roca_fingerprint(&65539u32.to_be_bytes()));
    }
}
