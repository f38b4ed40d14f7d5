//! The OCSP responder, and answers given lately.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use enroll_server_ca::ocsp::Responder;
use enroll_server_model::Timestamp;

/// Most answers kept.
const MOST_ANSWERS: usize = 4096;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// DER of the OCSPResponse.
    pub der: Vec<u8>,
    /// When it was made; none for a refusal, which is not signed and not to be kept.
    pub made: Option<Timestamp>,
}

/// The responder's certificate, and answers given lately.
#[derive(Debug, Default)]
pub struct OcspCache {
    pub(crate) responder: Mutex<Option<Arc<Responder>>>,
    answers: RwLock<HashMap<[u8; 32], Kept>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) epoch: i64,
    pub(crate) made: Timestamp,
    pub(crate) answer: Answer,
}

impl OcspCache {
    pub(crate) fn kept(&self, name: &[u8; 32]) -> Option<Kept> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        answers.get(name).cloned()
    }

    pub(crate) fn keep(&self, name: [u8; 32], kept: Kept) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(name, kept);
    }
}
