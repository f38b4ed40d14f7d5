//! The certificate and key of HTTPS as the listener takes them.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use enroll_server_model::Validity;

/// The certificate and key of HTTPS, renewed while the server runs.
#[derive(Clone, Debug, Default)]
pub struct TlsCredential(Arc<RwLock<Option<Current>>>);

#[derive(Clone, Debug)]
struct Current {
    certified: Arc<CertifiedKey>,
    validity: Validity,
}

impl ResolvesServerCert for TlsCredential {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|current| current.certified.clone())
    }
}

impl TlsCredential {
    /// From when until when the certificate in use is valid; none if there is none yet.
    pub(crate) fn validity(&self) -> Option<Validity> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|current| current.validity)
    }

    /// Takes another certificate into use.
    pub(crate) fn replace(&self, certified: Arc<CertifiedKey>, validity: Validity) {
        let current = Current {
            certified,
            validity,
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(current);
    }
}
