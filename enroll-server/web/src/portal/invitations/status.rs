//! Where an invitation stands, in a sentence: the part of its pages that changes while somebody waits.

use askama::Template;

use enroll_server_model::{InvitationState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{self, Invitation};

use crate::portal::view::{Moment, Tag};
use crate::portal::words::{self, count};

struct EnrolledPhone {
    sentence: String,
    href: String,
}

/// Where an invitation stands. It is both part of a page and, for the script that waits, a page of its own.
#[derive(Template)]
#[template(path = "invitations/status.html")]
pub struct Status {
    state: &'static str,
    tag: Tag,
    explanation: String,
    page: String,
    phone: Option<EnrolledPhone>,
}

impl askama::filters::HtmlSafe for Status {}

impl Status {
    fn new(invitation: &Invitation, now: Timestamp, page: String, explanation: String) -> Self {
        let state = invitation.state_at(now);
        Self {
            state: match state {
                InvitationState::Pending => "open",
                other => other.as_str(),
            },
            tag: words::invitation_tag(state),
            explanation,
            page,
            phone: None,
        }
    }

    /// As administrators see it, with the phone that was enrolled.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn for_administrator(app: &App, invitation: &Invitation) -> Result<Self> {
        let now = app.clock.now();
        let at = |time: Option<Timestamp>| {
            time.map(|time| Moment::new(time.date_time(), now.date_time()).relative())
                .unwrap_or_default()
        };
        let explanation = match invitation.state_at(now) {
            InvitationState::Pending => "Waiting for the phone.".to_owned(),
            InvitationState::Used => "The phone is being enrolled.".to_owned(),
            InvitationState::Expired => {
                format!(
                    "Nobody used it in time: it expired {}.",
                    at(Some(invitation.expires))
                )
            }
            InvitationState::Cancelled => format!("Cancelled {}.", at(invitation.cancelled_at)),
        };
        let page = format!("/invitations/{}", invitation.id);
        let mut status = Self::new(invitation, now, page, explanation);
        if let Some(id) = &invitation.phone_id
            && let Some(phone) = query::enrolled_phone(app, id).await?
        {
            let certificates = query::certificates_of_phone(app, id).await?.len();
            let certificates = i64::try_from(certificates).unwrap_or(i64::MAX);
            status.phone = Some(EnrolledPhone {
                sentence: format!(
                    "{} was enrolled {} and has {}.",
                    phone.name,
                    at(invitation.used_at),
                    count(certificates, "certificate")
                ),
                href: format!("/phones/{id}"),
            });
        }
        Ok(status)
    }

    /// As its holder sees it.
    #[must_use]
    pub fn for_holder(invitation: &Invitation, now: Timestamp, page: String) -> Self {
        let explanation = match invitation.state_at(now) {
            InvitationState::Pending => "Waiting for your phone.",
            InvitationState::Used => {
                "Done: your phone has its certificates. Hold it to a reader and sign in."
            }
            InvitationState::Expired => "Nobody used this invitation in time.",
            InvitationState::Cancelled => "This invitation was cancelled.",
        };
        Self::new(invitation, now, page, explanation.to_owned())
    }
}
