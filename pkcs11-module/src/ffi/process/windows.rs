//! Windows: a library that ends with its process must wait for nothing, and rights come with the user.

/// Nothing: when the system tells a library of the end, its threads are gone, and a card that was connected is the smart card
/// service's to reset.
pub fn finalize_at_exit() {}

/// Never: a program does not have rights of somebody else than the user that it runs as, or was allowed to be raised to.
pub fn is_privileged() -> bool {
    false
}
