//! The enrollment protocol.

/// The version that is spoken here.
pub const PROTOCOL: u64 = 1;
