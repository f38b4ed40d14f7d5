//! What every service works with.

use std::path::PathBuf;
use std::sync::Arc;

use enroll_server_ca::Authority;
use enroll_server_model::clock::Clock;
use enroll_server_model::random::Token;
use enroll_server_store::Store;
use enrollment_protocol::{Fingerprint, Invitation};

use crate::crl_cache::CrlCache;
use crate::error::Result;
use crate::ocsp_cache::OcspCache;
use crate::tls_credential::TlsCredential;

/// Where the server is reached, without slashes at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The host name or address in all links.
    pub host: String,
    /// Portal and API: `https://NAME:PORT`.
    pub portal: String,
    /// CRL, OCSP and certificates: `http://NAME:PORT`.
    pub relying: String,
}

/// The server's state, shared by all requests.
pub struct App {
    /// The database.
    pub store: Store,
    /// The root and the issuing authority.
    pub authority: Arc<Authority>,
    /// The issuing authority's id in the database.
    pub issuing_id: String,
    /// The root's id in the database.
    pub root_id: String,
    /// The organisation's name.
    pub organisation: String,
    /// Where the server is reached.
    pub addresses: Addresses,
    /// The data folder.
    pub data: PathBuf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The OCSP responder's certificate and recent answers.
    pub ocsp: OcspCache,
    /// The newest CRLs.
    pub crls: CrlCache,
    /// The certificate of the server's own HTTPS.
    pub tls: TlsCredential,
}

impl App {
    /// The link that an invited person opens: the token, and after the `#`, which browsers keep to themselves, the
    /// fingerprint of the root that the phone must find here.
    #[must_use]
    pub fn invitation_link(&self, token: &Token) -> String {
        let root = Fingerprint(self.authority.root.fingerprint);
        Invitation::link(&self.addresses.portal, token, root)
    }

    /// The link to set up the first administrator.
    #[must_use]
    pub fn setup_link(&self, token: &Token) -> String {
        format!("{}/setup/{}", self.addresses.portal, token.reveal())
    }
}

impl App {
    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.store.ping().await?)
    }

    /// Closes the database, after the work that is under way.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}
