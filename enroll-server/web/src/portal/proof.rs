//! The page that asks whoever is signed in to show again who they are, and keeps the form that they sent.

use askama::Template;
use axum::http::StatusCode;

use enroll_server_service::proof::{self as service, Asked, Proof};

use super::page::{Answer, page_with};
use super::view::{FormErrors, Shell};
use crate::words::Words;

/// The field in which a password or a code is shown.
const TYPED: &str = "proof";
/// The field in which a passkey is shown.
const PASSKEY: &str = "proof-passkey";
/// The fields in which something is shown.
pub(super) const FIELDS: [&str; 2] = [TYPED, PASSKEY];

/// Why what was shown is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not right.
    Wrong,
    /// There may be a copy of the passkey.
    Copied,
}

/// What the fields of a form show, if they show something.
pub(super) fn shown(fields: Vec<(String, String)>) -> Option<Proof> {
    let (name, shown) = fields.into_iter().next()?;
    Some(if name == PASSKEY {
        Proof::Passkey(shown)
    } else {
        Proof::Typed(shown)
    })
}

#[derive(Template)]
#[template(path = "proof.html")]
struct ProofPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    path: &'a str,
    kept: &'a [(String, String)],
    is_code: bool,
    passkeys: bool,
    minutes: u64,
}

/// The page: `kept` are the fields of the form that was sent to `path`.
pub(super) fn page(
    shell: Shell,
    path: &str,
    kept: &[(String, String)],
    asked: Asked,
    refusal: Option<Refusal>,
) -> Answer {
    let words = shell.words;
    let mut errors = FormErrors::none();
    match (refusal, asked) {
        (None, _) => {}
        (Some(Refusal::Copied), _) => errors.add("", words.passkey_copied()),
        (Some(Refusal::Wrong), Asked::Password) => {
            errors.add(TYPED, words.proof_password_wrong());
        }
        (Some(Refusal::Wrong), Asked::Code) => errors.add(TYPED, words.factor_code_wrong()),
        (Some(Refusal::Wrong), Asked::PasskeyOrCode) => {
            errors.add("", words.proof_factor_wrong());
        }
    }
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page_with(
        status,
        &ProofPage {
            words,
            shell,
            errors,
            path,
            kept,
            is_code: asked != Asked::Password,
            passkeys: asked == Asked::PasskeyOrCode,
            minutes: service::HOLDS.as_secs() / 60,
        },
    )
}
