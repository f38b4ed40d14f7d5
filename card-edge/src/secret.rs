//! Secrets whose length is not known before they are whole.

use zeroize::Zeroizing;

/// Appends to a secret. A vector that grows by itself frees the memory that it had with the secret still in it; here it
/// is wiped.
pub fn append(secret: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let length = secret.len() + more.len();
    if length > secret.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(length.max(2 * secret.capacity())));
        grown.extend_from_slice(secret);
        *secret = grown;
    }
    secret.extend_from_slice(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_stands_behind_what_was_there() {
        let mut secret = Zeroizing::new(Vec::new());
        let mut expected = Vec::new();
        for part in [&[][..], &[1], &[2; 7], &[3; 300], &[4]] {
            append(&mut secret, part);
            expected.extend_from_slice(part);
            assert_eq!(*secret, expected);
        }
    }

    #[test]
    fn memory_grows_by_doubling_and_is_kept_while_it_is_enough() {
        let mut secret = Zeroizing::new(Vec::with_capacity(100));
        append(&mut secret, &[1; 100]);
        let first = secret.as_ptr();
        assert_eq!(secret.capacity(), 100);
        append(&mut secret, &[2]);
        assert_ne!(secret.as_ptr(), first);
        let second = secret.as_ptr();
        append(&mut secret, &[3; 99]);
        assert_eq!((secret.as_ptr(), secret.len()), (second, 200));
    }
}
