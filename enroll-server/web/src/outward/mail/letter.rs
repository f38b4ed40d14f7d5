//! What a mail says, in the words of its reader's language: the same as text and as HTML, with nothing that is fetched or counted.

use askama::Template;

use enroll_server_service::holder_link::LASTS;
use enroll_server_service::outbox::mail::{Content, Message, PhoneNews};

use crate::words::{Text, Words};

/// What a mail says.
#[derive(Template)]
#[template(path = "mail.html")]
pub struct Letter {
    words: Words,
    /// Its subject.
    pub subject: Text,
    greeting: Text,
    before: Vec<Text>,
    link: Option<String>,
    after: Vec<Text>,
}

impl Letter {
    /// What a message of an organisation says.
    #[must_use]
    pub fn new(words: Words, organisation: &str, message: &Message) -> Self {
        let letter = |subject, before, link, after| Self {
            words,
            subject,
            greeting: words.mail_greeting(&message.name),
            before,
            link,
            after,
        };
        match &message.content {
            Content::Invitation {
                is_reminder,
                link,
                inviter,
                expires,
            } => {
                let expires = words.time_utc(words.date_time(expires.date_time()));
                let mut before = vec![
                    words.mail_invitation_what(inviter, organisation),
                    words.mail_invitation_do(),
                ];
                let subject = if *is_reminder {
                    before.insert(0, words.mail_reminder_what());
                    words.mail_reminder_subject(organisation)
                } else {
                    words.mail_invitation_subject(organisation)
                };
                let after = vec![
                    words.mail_invitation_until(&expires),
                    words.mail_invitation_fingerprint(),
                    words.mail_invitation_unexpected(inviter),
                ];
                letter(subject, before, Some(link.clone()), after)
            }
            Content::OwnPages { link } => letter(
                words.mail_own_pages_subject(organisation),
                vec![words.mail_own_pages_what()],
                Some(link.clone()),
                vec![
                    words.mail_own_pages_until(LASTS.as_secs() / 60),
                    words.mail_own_pages_unexpected(),
                ],
            ),
            Content::RequestRefused { note } => letter(
                words.mail_request_refused_subject(organisation),
                vec![
                    words.mail_request_refused_what(organisation),
                    words.mail_request_refused_why(note),
                ],
                None,
                vec![words.mail_request_refused_next(organisation)],
            ),
            Content::Phone { phone, news } => {
                let at = words.time_utc(words.date_time(message.created.date_time()));
                let (subject, what, next) = match news {
                    PhoneNews::Enrolled => (
                        words.mail_enrolled_subject(organisation),
                        words.mail_enrolled_what(phone, &at),
                        words.mail_enrolled_next(organisation),
                    ),
                    PhoneNews::Suspended => (
                        words.mail_suspended_subject(organisation),
                        words.mail_suspended_what(phone, &at),
                        words.mail_suspended_next(organisation),
                    ),
                    PhoneNews::Revoked => (
                        words.mail_revoked_subject(organisation),
                        words.mail_revoked_what(phone, &at),
                        words.mail_revoked_next(organisation),
                    ),
                    PhoneNews::Unblocked => (
                        words.mail_unblocked_subject(organisation),
                        words.mail_unblocked_what(phone, &at),
                        words.mail_unblocked_next(organisation),
                    ),
                };
                letter(subject, vec![what, next], None, Vec::new())
            }
        }
    }

    /// What an operator is sent who tries whether mail arrives.
    #[must_use]
    pub fn trial(words: Words) -> Self {
        Self {
            words,
            subject: words.mail_trial_subject(),
            greeting: words.mail_trial_text(),
            before: Vec::new(),
            link: None,
            after: Vec::new(),
        }
    }

    /// It as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let greeting = std::iter::once(self.greeting.as_ref());
        let before = self.before.iter().map(AsRef::as_ref);
        let after = self.after.iter().map(AsRef::as_ref);
        let all = greeting.chain(before).chain(self.link.as_deref());
        let all: Vec<&str> = all.chain(after).collect();
        format!("{}\n", all.join("\n\n"))
    }
}
