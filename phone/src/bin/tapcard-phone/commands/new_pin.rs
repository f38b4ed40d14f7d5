//! Which PINs a holder may choose. The card takes any: tools test cards with 123456.

use thiserror::Error;

/// Why a PIN is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "this PIN is among the first that everybody tries (the PIN of every new card, digits that are all the same, or digits in a row): choose another"
)]
pub struct WeakPin;

/// Refuses digits that are all the same or run up or down, from 9 on to 0 too. The PIN of every new card is one of them.
pub(super) fn refuse_weak(digits: &[u8]) -> Result<(), WeakPin> {
    let mut steps = digits.windows(2).map(|pair| match pair {
        [one, next] => next.wrapping_sub(*one).wrapping_add(10) % 10,
        _ => 0,
    });
    let Some(first @ (0 | 1 | 9)) = steps.next() else {
        return Ok(());
    };
    if steps.all(|step| step == first) {
        Err(WeakPin)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use card_edge::piv::pin::DEFAULT_PIN;

    use super::*;

    #[test]
    fn what_everybody_tries_is_refused() {
        for pin in [
            DEFAULT_PIN,
            "000000",
            "99999999",
            "234567",
            "12345678",
            "654321",
            "87654321",
            "789012",
            "321098",
        ] {
            assert_eq!(refuse_weak(pin.as_bytes()), Err(WeakPin), "{pin}");
        }
        for pin in [
            "739154", "123457", "112233", "123321", "135791", "654320", "000001",
        ] {
            assert_eq!(refuse_weak(pin.as_bytes()), Ok(()), "{pin}");
        }
    }
}
