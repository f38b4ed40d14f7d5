//! `GET /api/v1/authority`: whose certificates these are.

use serde::{Deserialize, Serialize};

use crate::der::Der;
use crate::version::Version;

/// The server's authority. Fetched without trust: nothing in it counts until the root has the invitation's
/// fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// [`Version::CURRENT`].
    pub protocol: Version,
    /// The root authority's certificate.
    pub root: Der,
    /// The issuing authority's certificate.
    pub issuing: Der,
}

/// The path of the authority.
pub const PATH: &str = "/api/v1/authority";
