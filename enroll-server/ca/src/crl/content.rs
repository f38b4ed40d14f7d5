//! What a CRL says.

use enroll_server_model::{RevocationReason, Timestamp};

/// A certificate on a CRL.
#[derive(Clone, Debug)]
pub struct RevokedCertificate {
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// What a CRL says.
#[derive(Clone, Debug)]
pub struct RevocationList {
    /// Its CRLNumber, which must be higher than those before.
    pub number: i64,
    /// When it was made.
    pub this_update: Timestamp,
    /// When there will be another at the latest.
    pub next_update: Timestamp,
    /// The address of its shard, where the issuer has more than one: the issuingDistributionPoint (section 5.2.5). A
    /// CRL without one speaks for every certificate of the issuer.
    pub shard: Option<String>,
    /// The certificates on it.
    pub revocations: Vec<RevokedCertificate>,
}
