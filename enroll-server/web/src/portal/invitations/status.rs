//! Where an invitation stands, in a sentence: the part of its pages that changes while somebody waits.

use askama::Template;

use crate::portal::label;
use crate::portal::view::{Moment, Tag};
use crate::words::{Text, Words};
use enroll_server_model::{InvitationState, Timestamp};
use enroll_server_service::query::{self, Invitation};

struct EnrolledPhone {
    sentence: Text,
    href: String,
}

/// Where an invitation stands. It is both part of a page and, for the script that waits, a page of its own.
#[derive(Template)]
#[template(path = "invitations/status.html")]
pub struct Status {
    words: Words,
    state: &'static str,
    tag: Tag,
    explanation: Text,
    page: String,
    phone: Option<EnrolledPhone>,
}

impl askama::filters::HtmlSafe for Status {}

impl Status {
    fn new(
        words: Words,
        invitation: &Invitation,
        now: Timestamp,
        page: String,
        explanation: Text,
    ) -> Self {
        let state = invitation.state_at(now);
        Self {
            words,
            state: state.as_str(),
            tag: label::invitation_tag(words, state),
            explanation,
            page,
            phone: None,
        }
    }

    /// As administrators see it, with the phone that was enrolled.
    #[must_use]
    pub fn for_administrator(
        words: Words,
        invitation: &Invitation,
        phone: Option<&query::EnrolledPhone>,
        now: Timestamp,
    ) -> Self {
        let at = |time: Option<Timestamp>| Moment::new(words, time.unwrap_or(now), now).relative();
        let explanation = match invitation.state_at(now) {
            InvitationState::Pending => words.invitation_waiting(),
            InvitationState::Used => words.invitation_enrolling(),
            InvitationState::Expired => words.invitation_lapsed(at(Some(invitation.expires))),
            InvitationState::Cancelled => {
                words.invitation_cancelled_at(at(invitation.cancelled_at))
            }
        };
        let page = format!("/invitations/{}", invitation.id);
        Self {
            phone: phone.map(|phone| EnrolledPhone {
                sentence: words.invitation_enrolled(
                    &phone.name,
                    at(invitation.used_at),
                    phone.certificates,
                ),
                href: format!("/phones/{}", phone.id),
            }),
            ..Self::new(words, invitation, now, page, explanation)
        }
    }

    /// As its holder sees it.
    #[must_use]
    pub fn for_holder(words: Words, invitation: &Invitation, now: Timestamp, page: String) -> Self {
        let explanation = match invitation.state_at(now) {
            InvitationState::Pending => words.holder_waiting(),
            InvitationState::Used => words.holder_done(),
            InvitationState::Expired => words.holder_expired(),
            InvitationState::Cancelled => words.holder_cancelled(),
        };
        Self::new(words, invitation, now, page, explanation)
    }
}
