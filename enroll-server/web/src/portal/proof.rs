//! The page that asks whoever is signed in to show again who they are, and keeps the form that they sent.

use askama::Template;
use axum::http::StatusCode;

use enroll_server_service::proof::Asked;

use super::page::{Answer, page_with};
use super::view::{FormErrors, Shell};
use crate::words::Words;

/// The field in which it is shown.
pub(super) const FIELD: &str = "proof";

#[derive(Template)]
#[template(path = "proof.html")]
struct ProofPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    path: &'a str,
    kept: &'a [(String, String)],
    is_code: bool,
    minutes: u64,
}

/// The page: `kept` are the fields of the form that was sent to `path`.
pub(super) fn page(
    shell: Shell,
    path: &str,
    kept: &[(String, String)],
    asked: Asked,
    is_refused: bool,
) -> Answer {
    let words = shell.words;
    let is_code = asked == Asked::Code;
    let mut errors = FormErrors::none();
    if is_refused && is_code {
        errors.add(FIELD, words.factor_code_wrong());
    } else if is_refused {
        errors.add(FIELD, words.proof_password_wrong());
    }
    let status = if is_refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page_with(
        status,
        &ProofPage {
            words,
            shell,
            errors,
            path,
            kept,
            is_code,
            minutes: enroll_server_service::proof::HOLDS.as_secs() / 60,
        },
    )
}
