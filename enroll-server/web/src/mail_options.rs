//! How mail is sent: options, each also an environment variable.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lettre::message::Mailbox;
use zeroize::Zeroizing;

use crate::secret::{MAIL_PASSWORD, SecretError};

/// How the way to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MailTls {
    /// TLS from the first byte on.
    #[default]
    Implicit,
    /// TLS after the command STARTTLS, or nothing is sent.
    Starttls,
    /// Not at all: to a mail server on this machine alone.
    None,
}

/// How mail is sent.
#[derive(Clone, Default, Args)]
pub struct MailArguments {
    /// The mail server that mail is given to (SMTP), by the name in its certificate. Without it no mail is sent.
    #[arg(long, value_name = "HOST", env = "TAPCARD_MAIL_SERVER")]
    pub mail_server: Option<String>,

    /// Its port [default: 465 with --mail-tls=implicit, 587 with starttls, 25 with none].
    #[arg(long, value_name = "PORT", env = "TAPCARD_MAIL_PORT")]
    pub mail_port: Option<u16>,

    /// How the way there is protected: implicit (TLS from the first byte on), starttls (or nothing is sent), none (to this
    /// machine alone).
    #[arg(
        long,
        value_name = "WAY",
        env = "TAPCARD_MAIL_TLS",
        default_value = "implicit",
        hide_possible_values = true
    )]
    pub mail_tls: MailTls,

    /// Who signs in there; without it nobody does.
    #[arg(long, value_name = "NAME", env = "TAPCARD_MAIL_USER")]
    pub mail_user: Option<String>,

    /// A file with that user's password.
    #[arg(long, value_name = "FILE", env = "TAPCARD_MAIL_PASSWORD_FILE")]
    pub mail_password_file: Option<PathBuf>,

    /// From whom mail is: 'Example Ltd <smartcards@example.org>'.
    #[arg(long, value_name = "ADDRESS", env = "TAPCARD_MAIL_FROM", value_parser = mailbox)]
    pub mail_from: Option<Mailbox>,

    /// Who gets the answers [default: whom mail is from].
    #[arg(long, value_name = "ADDRESS", env = "TAPCARD_MAIL_REPLY_TO", value_parser = mailbox)]
    pub mail_reply_to: Option<Mailbox>,

    /// The password, once it was found.
    #[arg(skip)]
    pub mail_password: Option<Zeroizing<String>>,
}

/// Without the password.
impl fmt::Debug for MailArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailArguments")
            .field("mail_server", &self.mail_server)
            .finish_non_exhaustive()
    }
}

/// Why mail cannot be sent like this.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Nobody is named whom it is from.
    #[error(
        "mail is from nobody: name a sender with --mail-from (TAPCARD_MAIL_FROM), such as 'Example Ltd <smartcards@example.org>'"
    )]
    NoSender,
    /// There is no mail server.
    #[error("no mail server is set: name one with --mail-server (TAPCARD_MAIL_SERVER)")]
    NoServer,
    /// A user without a password, or a password without a user.
    #[error(
        "to sign in at the mail server takes a user and a password: --mail-user (TAPCARD_MAIL_USER), and {}",
        MAIL_PASSWORD.file
    )]
    Login,
    /// The mail would be read on the way.
    #[error(
        "{0} is not this machine, and mail has links that nobody may read on the way: use --mail-tls=implicit or --mail-tls=starttls"
    )]
    Plain(String),
    /// TLS cannot be set up.
    #[error("TLS to the mail server cannot be set up: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// How mail is sent, complete.
#[derive(Clone)]
pub struct MailSettings {
    /// The mail server.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub tls: MailTls,
    /// Who signs in there, and with which password.
    pub login: Option<(String, Zeroizing<String>)>,
    /// From whom mail is.
    pub from: Mailbox,
    /// Who gets the answers.
    pub reply_to: Option<Mailbox>,
}

impl MailArguments {
    /// Takes the password from where it is.
    ///
    /// # Errors
    /// If it is given twice, or its file cannot be used.
    pub fn find_password(&mut self, credentials: Option<&Path>) -> Result<(), SecretError> {
        let value = std::env::var_os(MAIL_PASSWORD.value)
            .map(|text| text.into_string().map(Zeroizing::new))
            .transpose()
            .map_err(|_| MAIL_PASSWORD.not_text(MAIL_PASSWORD.value))?;
        let file = self.mail_password_file.as_deref();
        self.mail_password = MAIL_PASSWORD.find(value, file, credentials)?;
        Ok(())
    }

    /// The settings; none where there is no mail server.
    ///
    /// # Errors
    /// If they are not complete, or mail would go over a network in clear.
    pub fn settings(&self) -> Result<Option<MailSettings>, MailError> {
        let Some(server) = self.mail_server.clone().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let from = self.mail_from.clone().ok_or(MailError::NoSender)?;
        let login = match (self.mail_user.clone(), self.mail_password.clone()) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(MailError::Login),
        };
        if self.mail_tls == MailTls::None && !is_loopback(&server) {
            return Err(MailError::Plain(server));
        }
        let usual = match self.mail_tls {
            MailTls::Implicit => 465,
            MailTls::Starttls => 587,
            MailTls::None => 25,
        };
        Ok(Some(MailSettings {
            server,
            port: self.mail_port.unwrap_or(usual),
            tls: self.mail_tls,
            login,
            from,
            reply_to: self.mail_reply_to.clone(),
        }))
    }
}

fn is_loopback(server: &str) -> bool {
    server == "localhost"
        || server
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| {
        "give a mail address, or a name and an address: 'Example Ltd <smartcards@example.org>'"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> MailArguments {
        MailArguments {
            mail_server: Some("mail.example.org".to_owned()),
            mail_from: Some("Example <smartcards@example.org>".parse().unwrap()),
            ..MailArguments::default()
        }
    }

    #[test]
    fn mail_is_sent_over_tls_unless_it_stays_on_this_machine() {
        assert!(MailArguments::default().settings().unwrap().is_none());
        let settings = complete().settings().unwrap().unwrap();
        assert_eq!((settings.port, settings.tls), (465, MailTls::Implicit));
        for (server, is_sent) in [
            ("mail.example.org", false),
            ("10.0.0.1", false),
            ("localhost.example.org", false),
            ("localhost", true),
            ("127.0.0.1", true),
            ("::1", true),
        ] {
            let plain = MailArguments {
                mail_server: Some(server.to_owned()),
                mail_tls: MailTls::None,
                ..complete()
            };
            assert_eq!(plain.settings().is_ok(), is_sent, "{server}");
        }
    }

    #[test]
    fn half_a_login_and_no_sender_are_refused() {
        let half = MailArguments {
            mail_user: Some("tapcard".to_owned()),
            ..complete()
        };
        assert!(matches!(half.settings(), Err(MailError::Login)));
        let whole = MailArguments {
            mail_password: Some(Zeroizing::new("hunter2".to_owned())),
            ..half
        };
        assert!(!format!("{whole:?}").contains("hunter2"));
        assert!(whole.settings().unwrap().is_some());
        let nobody = MailArguments {
            mail_from: None,
            ..complete()
        };
        assert!(matches!(nobody.settings(), Err(MailError::NoSender)));
    }
}
