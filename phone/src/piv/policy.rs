//! What this card limits beyond the standard.

use crate::interface::Interface;

/// The maximum number of bytes that all objects may take together.
pub const OBJECTS_MAX: usize = 256 * 1024;

/// The longest hash that ECDSA is asked to sign: SHA-512.
pub(super) const HASH_MAX: usize = 64;

/// The intermediate retry value (SP 800-73-5 part 2, 3.2.1): with this many tries left or fewer, a PIN or PUK is not
/// compared any more over this interface, so that a stranger with a reader cannot block it.
pub(crate) fn intermediate_retry_value(interface: Interface) -> u8 {
    match interface {
        Interface::Contact => 0,
        Interface::Contactless => 1,
    }
}
