//! Where relying parties find what they need, as certificates say it.
//!
//! An address is printed into every certificate and cannot be taken back: it names the issuer by its
//! [key](KeyId), so that it stays true when the server has other issuers.

use crate::key_id::KeyId;

/// A part of an issuer's certificates that has a CRL of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard(pub u32);

impl Shard {
    /// The shard of every certificate, as long as an issuer has one CRL.
    pub const SOLE: Self = Self(0);
}

/// Where the server answers relying parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingAddresses {
    base: String,
}

impl RelyingAddresses {
    /// The addresses below `base`: `http://NAME:PORT`, without a slash at its end.
    #[must_use]
    pub fn new(base: String) -> Self {
        Self { base }
    }

    /// The addresses of one issuer.
    #[must_use]
    pub fn of(&self, issuer: KeyId) -> IssuerAddresses {
        IssuerAddresses {
            base: self.base.clone(),
            issuer,
        }
    }
}

/// Where relying parties find what belongs to one issuer. Short: certificates live on a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerAddresses {
    base: String,
    issuer: KeyId,
}

impl IssuerAddresses {
    /// A CRL of the issuer.
    #[must_use]
    pub fn crl(&self, shard: Shard) -> String {
        format!("{}/crl/{}/{}.crl", self.base, self.issuer, shard.0)
    }

    /// The issuer's certificate.
    #[must_use]
    pub fn certificate(&self) -> String {
        format!("{}/ca/{}.cer", self.base, self.issuer)
    }

    /// The issuer's OCSP responder.
    #[must_use]
    pub fn ocsp(&self) -> String {
        format!("{}/ocsp/{}", self.base, self.issuer)
    }
}
