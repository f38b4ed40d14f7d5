//! The OCSP responders, and answers given lately.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use enroll_server_ca::key_id::KeyId;
use enroll_server_ca::ocsp::responder::Responder;
use enroll_server_model::{SharedFile, Timestamp};

use crate::per_issuer::{Made, PerIssuer};

/// Most answers kept.
const MOST_ANSWERS: usize = 4096;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// DER of the OCSPResponse.
    pub der: SharedFile,
    /// When it was made; none for a refusal, which is not signed and not to be kept.
    pub made: Option<Timestamp>,
}

/// Which answer: the authority that was asked, and SHA-256 of the request.
pub(crate) type AnswerName = (KeyId, [u8; 32]);

/// Each authority's responder, and answers given lately.
#[derive(Debug, Default)]
pub struct OcspCache {
    pub(crate) responders: PerIssuer<Made<Responder>>,
    answers: RwLock<HashMap<AnswerName, CachedAnswer>>,
}

#[derive(Clone, Debug)]
pub(crate) struct CachedAnswer {
    pub(crate) epoch: i64,
    pub(crate) made: Timestamp,
    pub(crate) answer: Answer,
}

impl OcspCache {
    pub(crate) fn kept(&self, name: &AnswerName) -> Option<CachedAnswer> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        answers.get(name).cloned()
    }

    pub(crate) fn keep(&self, name: AnswerName, kept: CachedAnswer) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(name, kept);
    }
}
