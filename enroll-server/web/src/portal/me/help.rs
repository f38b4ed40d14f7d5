//! What holders ask: about PIN and PUK, renewal, and another phone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use enroll_server_service::App;

use super::guard::Me;
use crate::portal::page::{Answer, page};
use crate::words::Words;

#[derive(Template)]
#[template(path = "me/help.html")]
struct HelpPage<'a> {
    words: Words,
    organisation: &'a str,
}

/// `GET /me/help`
pub async fn show(State(app): State<Arc<App>>, words: Words, _: Me) -> Answer {
    page(&HelpPage {
        words,
        organisation: &app.organisation,
    })
}
