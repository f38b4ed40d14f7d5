//! What the addresses in certificates are made of.

pub use enroll_server_ca::addresses::Shard;
pub use enroll_server_ca::authorities::authority::Authority;
pub use enroll_server_ca::key_id::KeyId;
