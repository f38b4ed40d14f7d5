//! The newest CRLs, as this server knows them.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use enroll_server_store::crl::PublishedCrl;

/// The newest CRL of each issuer, as this server knows it. Making one holds the lock, so that it is made once.
#[derive(Debug, Default)]
pub struct CrlCache(pub(crate) Mutex<HashMap<String, Arc<PublishedCrl>>>);
