//! Who somebody is, as a program says it.

use serde::Deserialize;
use utoipa::ToSchema;

use enroll_server_service::error::{Error, Result};
use enroll_server_service::person::{SharedMail, SystemAccount};
use enroll_server_service::refusal::{Field, FieldFlaw};

use crate::words::Words;

/// The names of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The name, as certificates have it.
    #[schema(example = "Alice Example")]
    pub name: String,
    /// The mail address.
    #[schema(example = "alice@example.org")]
    pub email: String,
    /// The user principal name; what stands before its `@` is the account that hosts know.
    #[schema(example = "alice@example.org")]
    pub upn: String,
    /// The tag of the language in which they are written to; it stays as it is without it.
    language: Option<String>,
    /// Whether it is meant that the account is one that systems have for themselves, such as root.
    #[serde(default)]
    system_account: bool,
    /// Whether it is meant that another person has the same mail address.
    #[serde(default)]
    shared_mail: bool,
}

/// Whether the account may be a system's.
#[must_use]
pub fn system_account(is_meant: bool) -> SystemAccount {
    if is_meant {
        SystemAccount::Accept
    } else {
        SystemAccount::Refuse
    }
}

/// Whether the mail address may be another person's too.
#[must_use]
pub fn shared_mail(is_meant: bool) -> SharedMail {
    if is_meant {
        SharedMail::Accept
    } else {
        SharedMail::Refuse
    }
}

/// The language with this tag.
///
/// # Errors
/// [`Error::InvalidField`] if the server has no words in it.
pub fn language(tag: &str) -> Result<String> {
    let found = Words::of(tag).map(|words| words.language().to_owned());
    found.ok_or(Error::InvalidField {
        field: Field::Language,
        flaw: FieldFlaw::NoLanguage,
    })
}

impl Names {
    /// The language in which they are written to, if it is to be another.
    ///
    /// # Errors
    /// As [`language`].
    pub fn language(&self) -> Result<Option<String>> {
        self.language.as_deref().map(language).transpose()
    }

    /// Whether the account may be a system's.
    #[must_use]
    pub fn system_account(&self) -> SystemAccount {
        system_account(self.system_account)
    }

    /// Whether the mail address may be another person's too.
    #[must_use]
    pub fn shared_mail(&self) -> SharedMail {
        shared_mail(self.shared_mail)
    }
}
