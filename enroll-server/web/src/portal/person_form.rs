//! The part of a form that says who somebody is.

use serde::Deserialize;

use enroll_server_service::error::Error;
use enroll_server_service::person::{self, SharedMail, SystemAccount};
use enroll_server_service::refusal::FieldFlaw;

use super::view::FormErrors;
use crate::words::Words;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PersonForm {
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The mail address.
    #[serde(default)]
    pub email: String,
    /// The user principal name.
    #[serde(default)]
    pub upn: String,
    /// The tag of the language in which they are written to.
    #[serde(default)]
    pub language: String,
    /// `yes` where it is meant that the account is a system's.
    #[serde(default)]
    pub system_account: String,
    /// `yes` where it is meant that another holder has the same mail address.
    #[serde(default)]
    pub shared_mail: String,
}

/// What is asked once more before it is done.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// Whether the account is meant.
    pub account: Option<AccountQuestion>,
    /// Whether the mail address is meant.
    pub mail: Option<MailQuestion>,
}

/// Asks whether it is meant that two holders have one mail address.
#[derive(Clone, Debug)]
pub struct MailQuestion {
    /// The mail address.
    pub email: String,
    /// Whether it was answered with yes.
    pub confirmed: bool,
}

/// Asks whether it is meant that somebody's account is a system's.
#[derive(Clone, Debug)]
pub struct AccountQuestion {
    /// The account.
    pub username: String,
    /// Whether it was answered with yes.
    pub confirmed: bool,
}

impl PersonForm {
    /// The language in which they are written to: that of whoever fills the form in, where the form does not say it.
    #[must_use]
    pub fn language(&self, own: Words) -> Words {
        Words::of(&self.language).unwrap_or(own)
    }

    /// Whether the account may be a system's.
    #[must_use]
    pub fn accepted(&self) -> SystemAccount {
        if self.system_account == "yes" {
            SystemAccount::Accept
        } else {
            SystemAccount::Refuse
        }
    }

    /// Whether the mail address may be another holder's too.
    #[must_use]
    pub fn accepted_mail(&self) -> SharedMail {
        if self.shared_mail == "yes" {
            SharedMail::Accept
        } else {
            SharedMail::Refuse
        }
    }

    /// The questions that the service asked or that were answered before.
    #[must_use]
    pub fn questions(&self, refused: Option<&Error>) -> Questions {
        let confirmed = self.accepted_mail() == SharedMail::Accept;
        let is_asked = matches!(
            refused,
            Some(Error::InvalidField {
                flaw: FieldFlaw::MailShared { .. },
                ..
            })
        );
        Questions {
            account: self.question(refused),
            mail: (is_asked || confirmed).then(|| MailQuestion {
                email: self.email.trim().to_owned(),
                confirmed,
            }),
        }
    }

    /// Everything that is wrong with the person at once, so that nobody sends the form three times.
    #[must_use]
    pub fn mistakes(&self, words: Words) -> FormErrors {
        let mut errors = FormErrors::none();
        errors.add_refused(words, person::person_name(&self.name).err());
        errors.add_refused(words, person::mail_address(&self.email).err());
        errors.add_refused(words, person::account_name(&self.upn).err());
        errors
    }

    /// The question about the account, where the service asked it or it was answered before.
    fn question(&self, refused: Option<&Error>) -> Option<AccountQuestion> {
        let confirmed = self.accepted() == SystemAccount::Accept;
        let username = match refused {
            Some(Error::InvalidField {
                flaw: FieldFlaw::SystemAccount { username },
                ..
            }) => username.clone(),
            _ if confirmed => person::account_name(&self.upn)
                .ok()?
                .split('@')
                .next()?
                .to_owned(),
            _ => return None,
        };
        Some(AccountQuestion {
            username,
            confirmed,
        })
    }
}
