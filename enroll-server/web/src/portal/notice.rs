//! What the next page says once, after something was done. It is kept with the session, without its words: those are
//! chosen when it is read.

use serde::{Deserialize, Serialize};

use crate::words::{Text, Words};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
pub enum Notice {
    /// An invitation was cancelled.
    InvitationCancelled {
        /// Who was invited.
        name: String,
    },
    /// A phone was revoked.
    PhoneRevoked {
        /// How many of its certificates were revoked with it.
        certificates: usize,
    },
    /// A certificate was revoked.
    CertificateRevoked,
}

impl Notice {
    /// The notice as it is kept.
    #[must_use]
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The notice that a text stands for; [`None`] for one of an earlier version of the server that cannot be read.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The notice in words.
    #[must_use]
    pub fn said(&self, words: Words) -> Text {
        match self {
            Self::InvitationCancelled { name } => words.cancel_done(name),
            Self::PhoneRevoked { certificates } => words.revoke_phone_done(*certificates),
            Self::CertificateRevoked => words.revoke_certificate_done(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_as_it_was_written() {
        let notice = Notice::PhoneRevoked { certificates: 4 };
        assert_eq!(Notice::read(&notice.written()), Some(notice));
        assert_eq!(Notice::read("The phone is revoked."), None);
    }
}
