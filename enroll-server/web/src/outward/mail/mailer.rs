//! Gives mails to the mail server (SMTP, RFC 5321).

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use askama::Template as _;
use lettre::address::AddressError;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as Mail, Tokio1Executor};

use enroll_server_model::{Outcome, Timestamp};
use enroll_server_service::outbox::Report;
use enroll_server_service::outbox::mail::Message;

use super::letter::Letter;
use crate::mail_options::{MailError, MailSettings, MailTls};
use crate::words::Words;

/// For how long the mail server may be silent.
const SILENCE: Duration = Duration::from_secs(15);

/// Answers that are about whoever sends, and not about this mail: the operator can set them right (RFC 4954, section 6, and
/// RFC 5321, section 4.2.2), and those that may be (521, 553, 554: section 4.2.2, RFC 7504).
const OF_THE_SENDER: [u16; 10] = [500, 502, 504, 521, 530, 534, 535, 538, 553, 554];

/// The way to the mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    /// The name by which the server is known: what is behind the @ of a Message-ID.
    host: String,
}

/// Why a mail is not one.
#[derive(Debug, thiserror::Error)]
enum Malformed {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Mail(#[from] lettre::error::Error),
    #[error(transparent)]
    Html(#[from] askama::Error),
}

impl Mailer {
    /// As the settings say, for the server with this name.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(settings: MailSettings, host: &str) -> Result<Self, MailError> {
        let tls = || TlsParameters::new_rustls(settings.server.clone());
        let tls = match settings.tls {
            MailTls::Implicit => Tls::Wrapper(tls()?),
            MailTls::Starttls => Tls::Required(tls()?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.server)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(SILENCE))
            .hello_name(ClientId::Domain(host.to_owned()));
        if let Some((user, password)) = settings.login {
            builder = builder.credentials(Credentials::new(user, password.to_string()));
        }
        Ok(Self {
            transport: builder.build(),
            from: settings.from,
            reply_to: settings.reply_to,
            host: host.to_owned(),
        })
    }

    /// Sends a mail in the words of its reader's language, and says how that ended.
    pub async fn send(&self, words: Words, organisation: &str, message: &Message) -> Report {
        let letter = Letter::new(words, organisation, message);
        let (id, created) = (&message.id, message.created);
        let mail = self.mail(&letter, &message.recipient, &message.name, id, created);
        match mail {
            Ok(mail) => self.give(mail).await,
            // It will be no other at the next attempt.
            Err(error) => report(Outcome::Rejected, error),
        }
    }

    /// Sends somebody a mail that says nothing but that mail arrives.
    pub async fn try_to(&self, words: Words, recipient: &str, id: &str, now: Timestamp) -> Report {
        let mail = self.mail(&Letter::trial(words), recipient, "", id, now);
        match mail {
            Ok(mail) => self.give(mail).await,
            Err(error) => report(Outcome::Rejected, error),
        }
    }

    fn mail(
        &self,
        letter: &Letter,
        recipient: &str,
        name: &str,
        id: &str,
        created: Timestamp,
    ) -> Result<Mail, Malformed> {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        let seconds = u64::try_from(created.seconds()).unwrap_or_default();
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, recipient.parse()?))
            .subject(letter.subject.as_ref())
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .message_id(Some(format!("<{id}@{}>", self.host)));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        let parts = MultiPart::alternative_plain_html(letter.text(), letter.render()?);
        Ok(builder.multipart(parts)?)
    }

    async fn give(&self, mail: Mail) -> Report {
        match self.transport.send(mail).await {
            Ok(answer) => {
                let said: Vec<&str> = answer.message().collect();
                report(
                    Outcome::Taken,
                    format!("{} {}", answer.code(), said.join(" ")),
                )
            }
            Err(error) => {
                let status = error.status().map(u16::from);
                let outcome = match status {
                    Some(code) if error.is_permanent() && !OF_THE_SENDER.contains(&code) => {
                        Outcome::Rejected
                    }
                    Some(_) => Outcome::Refused,
                    None if error.is_timeout() => Outcome::TimedOut,
                    None => Outcome::Unreachable,
                };
                let cause = error.source().map(ToString::to_string);
                let said = match (status, cause) {
                    (Some(code), Some(cause)) => format!("{code} {cause}"),
                    (_, Some(cause)) => cause,
                    (_, None) => error.to_string(),
                };
                report(outcome, said)
            }
        }
    }
}

fn report(outcome: Outcome, answer: impl ToString) -> Report {
    let answer = answer.to_string();
    let words: Vec<&str> = answer
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    Report {
        outcome,
        answer: words.join(" "),
    }
}
