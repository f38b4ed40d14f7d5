//! The newest CRLs, as this server knows them.

use enroll_server_store::crl::PublishedCrl;

use crate::per_issuer::PerIssuer;

/// The newest CRL of each authority, as this server knows it.
#[derive(Debug, Default)]
pub struct CrlCache(pub(crate) PerIssuer<PublishedCrl>);
