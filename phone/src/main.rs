//! The card: the PIV application, its key store and state, and the virtual phone tapcard-phone.

fn main() {}
