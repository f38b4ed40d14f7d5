//! One's own recovery codes. They are shown to whoever showed not long ago who they are.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use enroll_server_service::authenticator::{self as service, RecoveryCode};
use enroll_server_service::{App, proof};

use super::guard::SignedIn;
use super::notice::Notice;
use super::page::{Answer, page};
use super::view::{Section, Shell};
use crate::words::Words;

const PATH: &str = "/account/recovery-codes";

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct CodesPage {
    words: Words,
    shell: Shell,
    /// None for somebody who is asked first who they are.
    codes: Option<Vec<RecoveryCode>>,
}

/// `GET /account/recovery-codes`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let codes = service::recovery_codes(&app, signed_in.session()).await?;
    page(&CodesPage {
        words,
        shell: signed_in.shell(&app, words, Section::Account),
        codes: proof::holds(&app, signed_in.session()).then_some(codes),
    })
}

/// `POST /account/recovery-codes`: to the codes, for whoever has shown who they are.
pub async fn ask() -> Redirect {
    Redirect::to(PATH)
}

/// `POST /account/recovery-codes/new`: makes new ones.
pub async fn make(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    service::make_recovery_codes(&app, signed_in.session(), &signed_in.actor()).await?;
    signed_in.show_next(&Notice::RecoveryCodesMade);
    Ok(Redirect::to(PATH).into_response())
}
